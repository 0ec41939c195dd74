//! Signing in with an access key at the user hub, for which no client need be registered.

use serde::Serialize;

use crate::api::contract::token;
use crate::api::{Client, Grant, Scopes, TokenFault};
use crate::model::address::Base;
use crate::model::http::{HttpRequest, Method};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessKey<'a> {
    access_key_id: &'a str,
    access_key_secret: &'a str,
}

/// Asks for a token. Any host of the service serves any tenant.
pub fn request(base: &Base, client: Client<'_>) -> HttpRequest {
    let key = AccessKey { access_key_id: client.id, access_key_secret: &client.secret.0 };
    HttpRequest {
        method: Method::Post,
        url: format!("{}/authentication/v1/token/access-key", base.http()),
        headers: vec![("Content-Type", "application/json".to_owned()), ("Accept", "application/json".to_owned())],
        body: serde_json::to_string(&key).unwrap_or_default(),
    }
}

/// Reads the answer. Its scopes say nothing: permissions are those of the person.
///
/// # Errors
///
/// Says why the answer cannot be used; nothing of the answer is in it.
pub fn parse(body: &str) -> Result<Grant, TokenFault> {
    token::parse(body).map(|grant| Grant { scopes: Scopes::Unsaid, ..grant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Secret;
    use crate::model::time::Millis;

    #[test]
    fn an_access_key_travels_in_the_body_alone() {
        let base = Base::parse("https://cxone.example", false).unwrap();
        let secret = Secret("s====".to_owned());
        let request = request(&base, Client { id: "key", secret: &secret });
        assert_eq!(request.url, "https://cxone.example/authentication/v1/token/access-key");
        assert_eq!(request.body, r#"{"accessKeyId":"key","accessKeySecret":"s===="}"#);
    }

    #[test]
    fn a_lifetime_may_be_a_number_or_its_text_and_scopes_say_nothing() {
        for lifetime in ["3600", "\"3600\""] {
            let body =
                format!(r#"{{"access_token":"t","token_type":"Bearer","expires_in":{lifetime},"scope":"openid"}}"#);
            let grant = parse(&body).unwrap();
            assert_eq!((grant.good_for, grant.scopes), (Millis::from_secs(3_600), Scopes::Unsaid));
        }
    }
}
