//! The two documents that say where everything is.

use axum::http::Method;
use axum::response::Response;
use serde_json::json;

use super::{Call, json_answer, problem};
use crate::published::people::TENANT;
use crate::published::switches::Switch;

/// `/.well-known/openid-configuration`.
pub fn open_id(call: &Call<'_>) -> Response {
    if call.parts.method != Method::GET {
        return problem(405, "invalid_request", "discovery is read with GET");
    }
    let issuer = format!("{}/issuer", call.origin());
    json_answer(
        200,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth/authorize"),
            "token_endpoint": format!("{issuer}/auth/token"),
            "userinfo_endpoint": format!("{issuer}/auth/userinfo"),
            "jwks_uri": format!("{issuer}/auth/jwks"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "end_session_endpoint": format!("{issuer}/auth/authorize/logout"),
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "display_values_supported": ["page", "popup"],
            "claim_types_supported": ["normal"],
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

/// `/.well-known/cxone-configuration?tenantId=…`: the hosts of a tenant.
pub fn configuration(call: &Call<'_>) -> Response {
    let Some(tenant) = call.query.one("tenantId") else {
        return problem(400, "invalid_request", "tenantId is missing");
    };
    if !tenant.eq_ignore_ascii_case(TENANT) {
        let status = if call.switches.is(Switch::UnknownTenant, "404") { 404 } else { 400 };
        return problem(status, "not_found", "no tenant has this tenantId");
    }
    let origin = call.origin();
    let api = if call.world.faults.wrong_api(call.now) { "nowhere" } else { "api" };
    let mut body = json!({
        "private": false,
        "domain": "niceincontact.com",
        "uhDomain": "nice-incontact.com",
        "ui_endpoint": format!("{origin}/uh"),
        "auth_endpoint": format!("{origin}/uh"),
        "api_endpoint": format!("{origin}/{api}"),
    });
    if call.switches.is(Switch::ConfigurationFields, "all") {
        body["area"] = "na1".into();
        body["cluster"] = "B32".into();
        body["acdDomain"] = "nice-incontact.com".into();
        body["tenantId"] = TENANT.into();
    }
    json_answer(200, &body)
}

/// The issuer's keys. There are none: nothing that this server signs is worth a check.
pub fn keys() -> Response {
    json_answer(200, &json!({ "keys": [] }))
}
