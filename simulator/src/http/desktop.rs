//! The agent desktop: a few files, compiled in, so that the binary is all there is.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;

use crate::world::World;

const FILES: [(&str, &str, &str); 15] = [
    ("/", "text/html; charset=utf-8", include_str!("../../../www/index.html")),
    ("/look.css", "text/css; charset=utf-8", include_str!("../../../www/look.css")),
    ("/bar.css", "text/css; charset=utf-8", include_str!("../../../www/bar.css")),
    ("/floor.css", "text/css; charset=utf-8", include_str!("../../../www/floor.css")),
    ("/card.css", "text/css; charset=utf-8", include_str!("../../../www/card.css")),
    ("/faults.css", "text/css; charset=utf-8", include_str!("../../../www/faults.css")),
    ("/inbox.css", "text/css; charset=utf-8", include_str!("../../../www/inbox.css")),
    ("/sign-in.css", "text/css; charset=utf-8", include_str!("../../../www/sign-in.css")),
    ("/desktop.js", "text/javascript; charset=utf-8", include_str!("../../../www/desktop.js")),
    ("/lib/dom.js", "text/javascript; charset=utf-8", include_str!("../../../www/lib/dom.js")),
    ("/lib/format.js", "text/javascript; charset=utf-8", include_str!("../../../www/lib/format.js")),
    ("/lib/floor.js", "text/javascript; charset=utf-8", include_str!("../../../www/lib/floor.js")),
    ("/lib/inbox.js", "text/javascript; charset=utf-8", include_str!("../../../www/lib/inbox.js")),
    ("/lib/faults.js", "text/javascript; charset=utf-8", include_str!("../../../www/lib/faults.js")),
    ("/favicon.svg", "image/svg+xml", include_str!("../../../www/favicon.svg")),
];

/// Own files only, and the control endpoints of the same origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files' addresses.
pub fn routes() -> Router<Arc<World>> {
    FILES.iter().fold(Router::new(), |router, (path, kind, text)| router.route(path, get(move || file(kind, text))))
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    let answer = Response::builder()
        .header("content-type", kind)
        .header("content-security-policy", POLICY)
        .header("cache-control", "no-cache")
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer")
        .body(Body::from(text));
    answer.unwrap_or_else(|_| Response::new(Body::empty()))
}
