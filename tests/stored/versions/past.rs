//! A day in which everything that is ever stored gets stored: golden files are made of it.

use cuewire::delivery::outbox::CardName;
use cuewire::model::fingerprint::{Fingerprint, Subject};
use cuewire::model::history::Pointed;
use cuewire::model::scope::Scope;
use cuewire::model::time::Millis;
use cuewire::views::protocol::{CardAction, Reply, Request};
use serde::{Deserialize, Serialize};

use crate::browser::{Browser, Records, Stored, status, wait};

/// The storage of a browser when a day was over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The version of its records.
    pub version: u32,
    /// The wall clock then.
    pub at: Millis,
    /// All of it.
    #[serde(flatten)]
    pub stored: Stored,
}

/// The settings that apply at the end: three cards for each queue and hour.
const SETTINGS: &str = r#","cardsPerQueueHour":3"#;

const SECOND: Millis = Millis::from_secs(1);

/// Lives through a day that ends with a wait which the server asked for.
pub fn day() -> Browser {
    let gate = r#","serviceAddress":"https://gate.example","cardsPerQueueHour":3"#;
    let mut browser = Browser::start(Stored::set_up(gate));
    // A service that fails: its card goes nowhere else.
    browser.answers.push_back(status(503));
    browser.plea("i-gate", "Gate");
    save(&mut browser, &format!(r#"{SETTINGS},"clientSecret":"hush""#));
    browser.pass(SECOND);

    save(&mut browser, &format!(r#"{SETTINGS},"dryRun":true"#));
    browser.plea("i-dry", "Sales");
    save(&mut browser, SETTINGS);
    browser.pass(SECOND);

    browser.answers.extend([status(404), status(503)]);
    browser.plea("i-refused", "Sales");
    browser.plea("i-dropped", "Sales");
    let dropped =
        CardName::new(Fingerprint::of("https://acme.cxone.com"), "trigger-i-dropped-negative-sentiment-1".to_owned());
    done(&mut browser, Request::Cards { action: CardAction::Drop, card: Some(dropped) });
    browser.pass(SECOND);

    for interaction in ["i-1", "i-2", "i-3", "i-beyond"] {
        browser.plea(interaction, "Billing");
    }
    let retail = Some(Scope::Queue("Retail".to_owned()));
    done(&mut browser, Request::Pause { scope: retail, minutes: None, note: Some("until Monday".to_owned()) });
    let rule = Some(Scope::Rule("long-wait".to_owned()));
    done(&mut browser, Request::Pause { scope: rule, minutes: Some(60), note: None });
    browser.plea("i-snoozed", "Retail");
    done(&mut browser, Request::Pause { scope: None, minutes: Some(5), note: None });
    done(&mut browser, Request::Resume { scope: None });
    browser.pass(SECOND);
    browser.drop_stream(1006);
    browser.pass(Millis::from_secs(15));

    // Two records are damaged: of a card under way, and of an interaction that fired.
    browser.answers.push_back(status(503));
    browser.plea("i-damaged", "Sales");
    for (prefix, of) in [("card/", "i-damaged"), ("fired/", "i-1")] {
        let key = browser.stored.keys(&format!("{prefix}{}", subject(of))).remove(0);
        browser.stored.journal.get_mut(&key).expect("it is stored").pop();
    }
    browser.restart();
    browser.pass(SECOND);

    // The server takes twenty, fails for one whose interaction ends, then asks to wait; one comes after that.
    for number in 0..CHATS {
        browser.plea(&format!("i-chat-{number}"), &format!("Chat {}", number / 3));
        browser.pass(Millis(100));
    }
    browser.answers.extend([status(503), wait(429, 20)]);
    browser.plea("i-ended", "Care");
    browser.hear(r#"{"id":"i-ended","type":"disposition"}"#);
    browser.plea("i-limited", "Care");
    browser.plea("i-last", "Care");
    browser.pass(Millis::from_secs(8));
    browser
}

/// Cards taken before the server asked to wait.
pub const CHATS: usize = 20;

/// Lives through an hour that ends with everything stopped: a person paused it, and sign-in was rejected before.
pub fn stopped() -> Browser {
    let mut browser = Browser::start(Stored::set_up(SETTINGS));
    browser.answers.extend([status(401), status(401)]);
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_secs(5));
    done(&mut browser, Request::Pause { scope: None, minutes: Some(5), note: Some("fire drill".to_owned()) });
    browser
}

/// Lives through a minute that ends with a card which waits, and is counted.
pub fn counted() -> Browser {
    let mut browser = Browser::start(Stored::set_up(SETTINGS));
    browser.answers.extend([status(201), status(503)]);
    browser.plea("i-1", "Billing");
    browser.plea("i-2", "Billing");
    browser.pass(Millis(1_000));
    browser
}

/// Lives through a minute in which a person handled a card that no server took, and one that was delivered.
pub fn handled() -> Browser {
    let mut browser = Browser::start(Stored::set_up(r#","yourName":"Ada","cardsPerQueueHour":3"#));
    browser.answers.extend([status(503), status(201)]);
    for (interaction, note) in [("i-1", Some("called back")), ("i-2", None)] {
        browser.plea(interaction, "Billing");
        browser.pass(SECOND);
        let entry = browser.pipeline().status().cards[0].entry;
        let (interaction, rule) = (interaction.to_owned(), "negative-sentiment".to_owned());
        let trigger = Pointed { entry, interaction, rule };
        done(&mut browser, Request::Handle { trigger, note: note.map(str::to_owned) });
    }
    browser.pass(SECOND);
    browser
}

/// Lives through a minute in which one card speaks for a queue in trouble.
pub fn grouped() -> Browser {
    let rules = r#","rules":{"version":1,"rules":[{"id":"busy","name":"Busy",
        "when":{"compare":{"field":"queueWaiting","operator":"atLeast","value":1}}}]}"#;
    let mut browser = Browser::start(Stored::set_up(rules));
    for interaction in ["i-1", "i-2"] {
        waits(&mut browser, interaction);
    }
    browser.pass(SECOND);
    browser
}

/// Somebody waits in a queue.
pub fn waits(browser: &mut Browser, interaction: &str) {
    browser.hear(&format!(r#"{{"id":"{interaction}","type":"waiting","routing":{{"queueName":"Care"}}}}"#));
}

/// Interactions that share a bucket fire, one after another: most are lines of it, the newest has a record of its own.
pub fn packed() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    for interaction in neighbours().take(PACKED) {
        browser.plea(&interaction, "Billing");
        browser.pass(SECOND);
    }
    browser
}

/// How many those are.
pub const PACKED: usize = 7;

/// Interactions whose digests begin with the same byte.
pub fn neighbours() -> impl Iterator<Item = String> {
    let ids = (0..).map(|number| format!("i-{number}"));
    ids.filter(|id| Fingerprint::of(id).bytes()[0] == 0xa7)
}

/// How the journal names the connection of most of a day.
pub fn connection() -> Fingerprint {
    Fingerprint::of("https://acme.cxone.com")
}

/// How the journal names an interaction of it.
pub fn subject(interaction: &str) -> String {
    Subject::of(connection(), interaction).to_string()
}

fn save(browser: &mut Browser, fields: &str) {
    let text = format!(r#"{{"organization":"acme","clientId":"supervisor"{fields}}}"#);
    done(browser, Request::Save { text, check_only: false });
}

fn done(browser: &mut Browser, request: Request) {
    assert_eq!(browser.ask(request), Reply::Done);
}
