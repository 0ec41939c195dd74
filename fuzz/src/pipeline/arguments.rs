//! The meaning of a step's arguments.

use cuewire::delivery::outbox::CardName;
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::http::{Answer, Failure, Outcome};
use cuewire::model::scope::Scope;
use cuewire::views::protocol::{CardAction, Request};

use super::TOKEN;
use crate::rig::SECRET;

fn answer(status: u16, body: String) -> Outcome {
    Outcome::Answer(Answer { status, body, ..Answer::default() })
}

/// An answer of the token endpoint.
pub fn token_outcome(kind: u8, number: u64) -> Outcome {
    let token = format!("{TOKEN}-{number}");
    let granted = |rest: &str| answer(200, format!(r#"{{"access_token":"{token}"{rest}}}"#));
    match kind % 12 {
        0 => granted(r#","expires_in":3600,"scope":"interactions:read agentassist:write""#),
        1 => granted(""),
        2 => granted(r#","expires_in":0"#),
        3 => granted(r#","expires_in":31,"scope":"interactions:read""#),
        4 => granted(r#","expires_in":1e308,"token_type":"mac""#),
        5 => answer(401, format!(r#"{{"error":"invalid_client","client_secret":"{SECRET}"}}"#)),
        6 => answer(400, format!("no such client: {SECRET}")),
        7 => answer(429, String::new()),
        8 => answer(503, "later".repeat(400)),
        9 => Outcome::Redirected,
        10 => Outcome::Failed(Failure::NotPermitted),
        _ => Outcome::Failed(Failure::Network),
    }
}

/// The answer to a card, and the wait that the server asks for.
pub fn card_outcome(kind: u8, wait: u8) -> Outcome {
    const STATUSES: [u16; 16] = [201, 429, 503, 401, 403, 409, 400, 404, 408, 200, 500, 302, 0, 999, 204, 429];
    const WAITS: [Option<&str>; 8] = [
        None,
        Some("0"),
        Some("1"),
        Some("60"),
        Some("99999999999999999999"),
        Some("soon"),
        Some("Tue, 17 Feb 2026 10:00:00 GMT"),
        Some("Tue, 17 Feb 2026 09:30:00 GMT"),
    ];
    match kind & 0x1f {
        kind @ 0..16 => Outcome::Answer(Answer {
            status: STATUSES[usize::from(kind)],
            retry_after: WAITS[usize::from(wait) % WAITS.len()].map(str::to_owned),
            date: (wait & 8 != 0).then(|| "Tue, 17 Feb 2026 09:30:00 GMT".to_owned()),
            content_type: (wait & 16 != 0).then(|| "text/html; charset=utf-8".to_owned()),
            body: format!("refused; authorization: Bearer {TOKEN}-1"),
        }),
        16 => Outcome::Redirected,
        17 => Outcome::Failed(Failure::NotPermitted),
        18 => Outcome::Failed(Failure::Aborted),
        19 => Outcome::Failed(Failure::Unsendable),
        _ => Outcome::Failed(Failure::Network),
    }
}

/// A message of the stream about one of the interactions.
pub fn frame(kind: u8, number: u8) -> String {
    let id = format!("i-{number}");
    let queue = ["Billing", "Sales", "", "Ärger*"][usize::from(number) % 4];
    match kind % 10 {
        0 => format!(
            r#"{{"id":"{id}","sentiment":{{"score":-0.9,"confidence":0.8}},"routing":{{"queueName":"{queue}"}}}}"#
        ),
        1 => format!(r#"{{"id":"{id}","routing":{{"queueWaitTimeMs":130000,"queueName":"{queue}"}}}}"#),
        2 => format!(r#"{{"id":"{id}","sentiment":{{"score":-1}},"routing":{{"queueWaitTimeMs":1e308}}}}"#),
        3 => format!(r#"{{"id":"{id}","type":"disposition"}}"#),
        4 => format!(r#"{{"id":"{id}","type":"connect","routing":{{"queueName":"{queue}"}}}}"#),
        5 => format!(r#"{{"id":"{id}/../..","sentiment":{{"score":-0.51}}}}"#),
        6 => format!(r#"{{"id":"{}","sentiment":{{"score":-0.6}}}}"#, "é".repeat(usize::from(number) * 2 + 1)),
        7 => format!(r#"{{"id":"{id}","routing":{{"queueName":"{id}{queue}"}}}}"#),
        8 => r#"{"id":"..","sentiment":{"score":-0.9}}"#.to_owned(),
        _ => format!(r#"{{"id":"{id}","sentiment":{{"score":7}}"#),
    }
}

/// The request of a page.
pub fn request(kind: u8, detail: u8) -> Request {
    let save = |fields: &str| Request::Save {
        text: format!(r#"{{"organization":"acme","clientId":"client"{fields}}}"#),
        check_only: false,
    };
    let card = |number: u8| {
        let base = ["https://acme.cxone.com", "https://gate.example:8443/cx"][usize::from(number) % 2];
        let name = CardName::new(Fingerprint::of(base), format!("trigger-i-{number}-negative-sentiment-1"));
        Some(name).filter(|_| number < 10)
    };
    let scope = [None, Some(Scope::Queue("Billing".to_owned())), Some(Scope::Rule("long-wait".to_owned()))];
    let scope = scope[usize::from(detail) % 3].clone();
    match kind % 12 {
        0 => Request::Status,
        1 => Request::Dashboard,
        2 => Request::Settings,
        3 => save(match detail % 12 {
            0 => "",
            1 => r#","clientSecret":"hush/Hush+hush=1""#,
            2 => r#","serviceAddress":"https://gate.example:8443/cx""#,
            3 => r#","dryRun":true"#,
            4 => r#","oncePer":"rule","notify":true"#,
            5 => r#","maxTries":2,"endAtDisposition":true"#,
            6 => r#","cardTtlMinutes":0.2,"rememberHours":0.02"#,
            7 => r#","cardsPerQueueHour":1,"cardsPerInteraction":1"#,
            8 => r#","quietHoursFrom":"09:00","quietHoursTo":"10:00","keepSecret":"session""#,
            9 => r#","cardContent":"{queue}{interaction}{reason}{score}{wait}","historyEntries":100,"historyDays":1"#,
            10 => r#","clientId":"other","keepSecret":"session","clientSecret":"hush/Hush+hush=1""#,
            _ => r#","includeQueues":["*"],"excludeQueues":"Sales","minimumConfidence":0.5"#,
        }),
        4 => Request::Save { text: "{".to_owned(), check_only: !detail.is_multiple_of(2) },
        5 => {
            Request::Pause { scope, minutes: [None, Some(1), Some(u32::MAX)][usize::from(detail / 3) % 3], note: None }
        }
        6 => Request::Resume { scope },
        7 => Request::Cards { action: CardAction::TryAgain, card: card(detail) },
        8 => Request::Cards { action: CardAction::Drop, card: card(detail) },
        9 => Request::Clear,
        10 => Request::Test {
            text: r#"{"organization":"acme","clientId":"client","clientSecret":"hush/Hush+hush=1"}"#.to_owned(),
            interaction: [None, Some("i-test".to_owned()), Some("..".to_owned())][usize::from(detail) % 3].clone(),
        },
        _ => Request::Save { text: r#"{"organization":"acme","clientId":"c"}"#.to_owned(), check_only: true },
    }
}
