//! The address of the interaction stream.

use percent_encoding::utf8_percent_encode;

use super::SEGMENT;
use crate::model::address::Base;
use crate::model::http::Secret;

/// The stream's address, with the token in its query: browsers let no header be set on a socket.
pub fn url(base: &Base, token: &Secret) -> Secret {
    let token = utf8_percent_encode(&token.0, SEGMENT);
    Secret(format!("{}/api/v2/interactions/stream?access_token={token}", base.ws()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_one_query_value_whatever_is_in_it() {
        let base = Base::parse("https://gate.example/cx", false).unwrap();
        assert_eq!(
            url(&base, &Secret("a+b/c=&d#e%~._-".to_owned())).0,
            "wss://gate.example/cx/api/v2/interactions/stream?access_token=a%2Bb%2Fc%3D%26d%23e%25~._-"
        );
    }
}
