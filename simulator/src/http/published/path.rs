//! Which endpoint a raw path is. Paths stand in for NICE's hosts, so that one port serves all.

use axum::http::Method;
use axum::response::Response;
use serde_json::json;

use super::{
    Call, Refusal, acd, agents, authorize, contacts, digital, discovery, json_answer, messages, problem, skills, token,
    user_hub,
};
use crate::faults::Target;
use crate::published::switches::Switch;
use crate::service::requests::Step;

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
        /// The request was made of the API host.
        on_api: bool,
    },
    /// The user hub's refresh.
    HubRefresh,
    /// Who a token belongs to.
    WhoAmI,
    /// `/api/inContactAPI/services/v{version}.0/…`
    Acd {
        /// The version, if it is a number.
        version: Option<u32>,
        /// The endpoint that is asked.
        what: Acd,
    },
    /// `/api-de/dfo/3.0/…`; whether the API host was asked.
    Digital {
        /// The request was made of the API host.
        on_api: bool,
        /// The endpoint that is asked.
        what: Digital,
    },
    /// Anything else.
    Unknown,
}

/// An endpoint of the API host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acd {
    /// `server-time`
    ServerTime,
    /// `skills/activity`, or of one skill.
    Skills(Option<String>),
    /// `contacts/active`
    Contacts,
    /// `contact-state-descriptions`
    ContactStates,
    /// `agents`
    Agents,
    /// `agents/states`
    AgentStates,
    /// `activesupervisors`
    Supervisors,
    /// `agents/messages`
    Messages,
    /// `agents/{id}/messages`
    ReadBack(String),
    /// `agents/messages/{id}`
    TakeBack(String),
    /// `interactions/{id}/signal`
    Signal(String),
    /// Anything else.
    Unknown,
}

impl Acd {
    fn of(path: &str) -> Self {
        match path.split('/').collect::<Vec<_>>()[..] {
            ["server-time"] => Self::ServerTime,
            ["skills", "activity"] => Self::Skills(None),
            ["skills", id, "activity"] => Self::Skills(Some(id.to_owned())),
            ["contacts", "active"] => Self::Contacts,
            ["contact-state-descriptions"] => Self::ContactStates,
            ["agents"] => Self::Agents,
            ["agents", "states"] => Self::AgentStates,
            ["activesupervisors"] => Self::Supervisors,
            ["agents", "messages"] => Self::Messages,
            ["agents", "messages", id] => Self::TakeBack(id.to_owned()),
            ["agents", id, "messages"] => Self::ReadBack(id.to_owned()),
            ["interactions", id, "signal"] => Self::Signal(id.to_owned()),
            _ => Self::Unknown,
        }
    }

    fn answer(&self, call: &Call<'_>, version: Option<u32>) -> Result<Response, Refusal> {
        let person = acd::enter(call, version)?;
        let method = match self {
            Self::Messages | Self::Signal(_) => Method::POST,
            Self::TakeBack(_) => Method::DELETE,
            _ => Method::GET,
        };
        if call.parts.method != method {
            return Err(acd::refuse(call, 405, "Method not allowed"));
        }
        match self {
            Self::Messages => messages::send(call, person),
            Self::ReadBack(agent) => messages::read_back(call, person, agent),
            Self::TakeBack(id) => messages::take_back(call, person, id),
            Self::Signal(contact) => messages::signal(call, person, contact),
            Self::ServerTime => Ok(acd::server_time(call)),
            Self::Skills(one) => skills::activity(call, person, one.as_deref()),
            Self::Contacts => contacts::active(call, person),
            Self::ContactStates => Ok(contacts::states(call)),
            Self::Agents => agents::agents(call, person),
            Self::AgentStates => agents::states(call, person),
            Self::Supervisors => Ok(json_answer(200, &json!({ "supervisorStatuslist": [] }))),
            Self::Unknown => Err(acd::refuse(call, 404, "Not found")),
        }
    }
}

/// An endpoint of the digital service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digital {
    /// `contacts`
    Cases,
    /// `contacts/{id}`
    Case(String),
    /// `contacts/{id}/messages`
    Messages(String),
    /// `messages?contactNumber=…`
    Search,
    /// Anything else.
    Unknown,
}

impl Digital {
    fn of(path: &str) -> Self {
        match path.split('/').collect::<Vec<_>>()[..] {
            ["contacts"] => Self::Cases,
            ["contacts", id] => Self::Case(id.to_owned()),
            ["contacts", id, "messages"] => Self::Messages(id.to_owned()),
            ["messages"] => Self::Search,
            _ => Self::Unknown,
        }
    }

    fn answer(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        if call.parts.method != Method::GET {
            return Err(digital::refuse(call, 405, "Method not allowed"));
        }
        match self {
            Self::Cases => digital::cases(call),
            Self::Case(id) => digital::case(call, id),
            Self::Messages(id) => digital::messages(call, id),
            Self::Search => digital::messages(call, call.query.one("contactNumber").unwrap_or_default()),
            Self::Unknown => Err(digital::refuse(call, 404, "Not found")),
        }
    }
}

/// Cuts a head off a path, whatever the case of its letters.
fn behind<'a>(path: &'a str, head: &str) -> Option<&'a str> {
    path.get(..head.len()).filter(|start| start.eq_ignore_ascii_case(head)).map(|_| &path[head.len()..])
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
        if let Some(rest) = behind(&lower, "/api/incontactapi/services/v") {
            let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let version = version.strip_suffix(".0").and_then(|number| number.parse().ok());
            return Self::Acd { version, what: Acd::of(rest) };
        }
        for (head, on_api) in [("/api-de/dfo/3.0/", false), ("/api/dfo/3.0/", true)] {
            if let Some(rest) = behind(path, head) {
                return Self::Digital { on_api, what: Digital::of(rest) };
            }
        }
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
            Self::Acd { what: Acd::Messages, .. } => Step::Card,
            Self::Acd { what: Acd::ReadBack(_) | Acd::TakeBack(_), .. } => Step::ReadBack,
            Self::Acd { what: Acd::Signal(_), .. } => Step::Signal,
            Self::Acd { .. } | Self::Digital { .. } => Step::Poll,
            Self::Unknown => Step::Other,
        }
    }

    /// Its name where requests are counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OpenId | Self::Configuration | Self::Keys => "discovery",
            Self::Authorize | Self::SignIn | Self::SignOut => "sign-in",
            Self::Token | Self::AccessKey { .. } | Self::HubRefresh | Self::WhoAmI | Self::UserInfo => "token",
            Self::Acd { what, .. } => match what {
                Acd::ServerTime => "server-time",
                Acd::Skills(_) => "skills",
                Acd::Contacts => "contacts",
                Acd::ContactStates => "contact-states",
                Acd::Agents => "agents",
                Acd::AgentStates => "agent-states",
                Acd::Supervisors => "supervisors",
                Acd::Messages => "agent-messages",
                Acd::ReadBack(_) => "read-back",
                Acd::TakeBack(_) => "undo",
                Acd::Signal(_) => "signal",
                Acd::Unknown => "other",
            },
            Self::Digital { what, .. } => match what {
                Digital::Cases | Digital::Case(_) => "digital",
                Digital::Messages(_) | Digital::Search => "digital-messages",
                Digital::Unknown => "other",
            },
            Self::Unknown => "other",
        }
    }

    /// The target of the faults that hit the endpoint.
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::OpenId | Self::Configuration | Self::Keys => Some(Target::Discovery),
            Self::Authorize | Self::SignIn | Self::SignOut => Some(Target::SignIn),
            Self::Token | Self::AccessKey { .. } | Self::HubRefresh | Self::WhoAmI | Self::UserInfo => {
                Some(Target::Token)
            }
            Self::Acd { what, .. } => Some(match what {
                Acd::ServerTime => Target::ServerTime,
                Acd::Skills(_) => Target::Skills,
                Acd::Contacts | Acd::ContactStates => Target::Contacts,
                Acd::Agents | Acd::AgentStates | Acd::Supervisors => Target::Agents,
                Acd::Messages => Target::Cards,
                Acd::ReadBack(_) => Target::ReadBack,
                Acd::TakeBack(_) => Target::Undo,
                Acd::Signal(_) => Target::Signal,
                Acd::Unknown => Target::All,
            }),
            Self::Digital { what, .. } => Some(match what {
                Digital::Messages(_) | Digital::Search => Target::DigitalMessages,
                _ => Target::Digital,
            }),
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
            Self::Acd { version, what } => {
                let answer = what.answer(call, *version).unwrap_or_else(|refusal| *refusal);
                acd::finish(call, answer)
            }
            Self::Digital { on_api: true, .. } if call.switches.is(Switch::DigitalOnApi, "no") => {
                *digital::refuse(call, 404, "Not found")
            }
            Self::Digital { what, .. } => what.answer(call).unwrap_or_else(|refusal| *refusal),
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
        let skills = |path: &str| Route::of(path) == Route::Acd { version: Some(31), what: Acd::Skills(None) };
        assert!(skills("/api/inContactAPI/services/v31.0/skills/activity"));
        assert!(skills("/api/InContactApi/Services/V31.0/Skills/Activity"));
        assert_eq!(Route::of("/api-de/dfo/3.0/contacts").target(), Some(Target::Digital));
        assert_eq!(Route::of("/api-de/dfo/3.0/contacts/7/messages").target(), Some(Target::DigitalMessages));
    }
}
