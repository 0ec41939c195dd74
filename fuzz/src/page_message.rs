//! A message from a page, and what it is answered.

use cuewire::model::json;
use cuewire::pipeline::effect::{CommandId, Effect};
use cuewire::pipeline::input::Input;
use cuewire::views::protocol::{Reply, Request};

use crate::rig::{Rig, SECRET};
use crate::timed;

/// Checks one input: a message as JSON.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(request) = timed("reading a message", || json::read::<Request>(text)) else { return };
    let written = json::write(&request);
    assert_eq!(json::read::<Request>(&written).as_ref(), Some(&request), "{written}");

    for mut rig in [Rig::new(), Rig::started(), triggered()] {
        rig.commit();
        rig.host.effects.clear();
        rig.feed(Input::Command(CommandId(7), request.clone()));
        rig.commit(); // A command that must outlive the worker is answered once it is durable.
        answered_once(&rig.host.effects);
        if rig.host.effects.iter().any(|effect| matches!(effect, Effect::ReadHistory { .. })) {
            rig.host.effects.clear();
            let entry = r#"{"kind":"started","at":1}"#;
            let read = [("0000000000000002", "damaged"), ("0000000000000001", entry)];
            let read = read.map(|(key, text)| (key.to_owned(), text.to_owned()));
            rig.feed(Input::HistoryRead(CommandId(7), Ok(read.into())));
            answered_once(&rig.host.effects);
        }
        if rig.host.effects.iter().any(|effect| matches!(effect, Effect::StoreSettings { .. })) {
            rig.host.effects.clear();
            rig.feed(Input::SettingsStored(CommandId(7), Err("no room".to_owned())));
            answered_once(&rig.host.effects);
        }
    }
}

/// With a card on its way.
fn triggered() -> Rig {
    let mut rig = Rig::started();
    rig.run_until_streaming();
    rig.frame(br#"{"id":"i-1","sentiment":{"score":-0.9},"routing":{"queueName":"Billing"}}"#);
    rig
}

fn answered_once(effects: &[Effect]) {
    let answers = effects.iter().filter(|effect| match effect {
        Effect::Reply(id, reply) => {
            assert_eq!(*id, CommandId(7));
            reply_is_plain(reply);
            true
        }
        // Answered once they are stored, or read.
        Effect::StoreSettings { id, .. } | Effect::ReadHistory { id, .. } => *id == CommandId(7),
        _ => false,
    });
    assert_eq!(answers.count(), 1);
}

/// A page can read a reply, and the secret is not in it.
pub fn reply_is_plain(reply: &Reply) {
    let written = json::write(reply);
    assert!(json::read::<Reply>(&written).is_some_and(|again| again == *reply), "{written:.2000}");
    // A page hears back the name of a field or the place in a rule that the page sent itself, whatever is in that.
    let shown = match reply {
        Reply::Rejected(errors) => (errors.iter().filter(|error| error.code != "notRules"))
            .map(|error| format!("{} {:?};", error.code, error.values))
            .collect(),
        Reply::RulesRejected(errors) => {
            errors.iter().map(|error| format!("{} {:?};", error.code, error.values)).collect()
        }
        _ => written,
    };
    assert!(!shown.contains(SECRET), "{shown:.2000}");
}
