//! Which endpoint a raw path is. Paths stand in for NICE's hosts, so that one port serves all.

use axum::response::Response;

use super::{Call, authorize, discovery, problem, token, user_hub};
use crate::faults::Target;
use crate::requests::Step;

/// An endpoint of the published service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/issuer/.well-known/openid-configuration`
    OpenId,
    /// `/issuer/.well-known/cxone-configuration`
    Configuration,
    /// `/issuer/auth/jwks`
    Keys,
    /// `/issuer/auth/authorize`
    Authorize,
    /// Where the sign-in page posts to.
    SignIn,
    /// `/issuer/auth/authorize/logout`
    SignOut,
    /// `/issuer/auth/token`
    Token,
    /// `/issuer/auth/userinfo`
    UserInfo,
    /// The user hub's sign-in with an access key; whether the API host was asked.
    AccessKey {
        /// It was.
        on_api: bool,
    },
    /// The user hub's refresh.
    HubRefresh,
    /// Who a token belongs to.
    WhoAmI,
    /// Anything else.
    Unknown,
}

impl Route {
    /// Reads a path. Letters of the API host and the hub are the same in upper and lower case.
    pub fn of(path: &str) -> Self {
        match path {
            "/issuer/.well-known/openid-configuration" => return Self::OpenId,
            "/issuer/.well-known/cxone-configuration" => return Self::Configuration,
            "/issuer/auth/jwks" => return Self::Keys,
            "/issuer/auth/authorize" => return Self::Authorize,
            "/issuer/auth/sign-in" => return Self::SignIn,
            "/issuer/auth/authorize/logout" => return Self::SignOut,
            "/issuer/auth/token" => return Self::Token,
            "/issuer/auth/userinfo" => return Self::UserInfo,
            _ => {}
        }
        let lower = path.to_ascii_lowercase();
        match lower.as_str() {
            "/uh/authentication/v1/token/access-key" => Self::AccessKey { on_api: false },
            "/api/authentication/v1/token/access-key" => Self::AccessKey { on_api: true },
            "/uh/public/user/refresh" => Self::HubRefresh,
            "/api/incontactauthorizationserver/token/whoami" => Self::WhoAmI,
            path if path.starts_with("/uh/") && path.ends_with("/public/user/refresh") => Self::HubRefresh,
            _ => Self::Unknown,
        }
    }

    /// How the log calls a request of it.
    pub fn step(&self) -> Step {
        match self {
            Self::OpenId | Self::Configuration | Self::Keys => Step::Discovery,
            Self::Authorize | Self::SignIn | Self::SignOut => Step::SignIn,
            Self::Token | Self::AccessKey { .. } | Self::HubRefresh | Self::WhoAmI | Self::UserInfo => Step::Token,
            Self::Unknown => Step::Other,
        }
    }

    /// What a fault has to hit to hit it.
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::OpenId | Self::Configuration | Self::Keys => Some(Target::Discovery),
            Self::Authorize | Self::SignIn | Self::SignOut => Some(Target::SignIn),
            Self::Token | Self::AccessKey { .. } | Self::HubRefresh | Self::WhoAmI | Self::UserInfo => {
                Some(Target::Token)
            }
            Self::Unknown => None,
        }
    }

    /// Answers a request of it.
    pub fn answer(&self, call: &Call<'_>) -> Response {
        match self {
            Self::OpenId => discovery::open_id(call),
            Self::Configuration => discovery::configuration(call),
            Self::Keys => discovery::keys(),
            Self::Authorize => authorize::page(call),
            Self::SignIn => authorize::sign_in(call),
            Self::SignOut => authorize::sign_out(call),
            Self::Token => token::answer(call),
            Self::UserInfo => token::user_info(call),
            Self::AccessKey { on_api } => user_hub::access_key(call, *on_api),
            Self::HubRefresh => user_hub::refresh(call),
            Self::WhoAmI => user_hub::who_am_i(call),
            Self::Unknown => problem(404, "not_found", "there is nothing at this address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_exact_and_the_hosts_are_not() {
        assert_eq!(Route::of("/issuer/auth/token"), Route::Token);
        assert_eq!(Route::of("/issuer/auth/Token"), Route::Unknown);
        assert_eq!(Route::of("/UH/Authentication/v1/token/access-key"), Route::AccessKey { on_api: false });
        assert_eq!(Route::of("/uh/authentication/v1/public/user/refresh"), Route::HubRefresh);
        assert_eq!(Route::of("/oauth/token"), Route::Unknown);
    }
}
