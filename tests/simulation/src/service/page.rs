//! What something between worker and service answers.

use cuewire::model::http::Answer;

/// The page of a proxy or a hotel.
pub fn page() -> Answer {
    Answer {
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        body: "<!DOCTYPE html><html><title>Sign in</title></html>".to_owned(),
        ..Answer::default()
    }
}
