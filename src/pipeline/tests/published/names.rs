//! One conversation has one name, whichever list of it fails: a case that names no contact is a contact too.

use super::*;

/// A customer who waits in a chat: as a contact, and as a case that names no contact.
struct Chat {
    worker: Worker,
    contact: String,
    case: String,
}

impl Chat {
    fn waiting() -> Chat {
        let worker = Worker::watching();
        let began = iso8601(worker.host.wall.since(Millis::from_mins(5)));
        let contact = format!(
            r#"{{"contactId":1503,"skillId":8,"mediaTypeId":9,"stateName":"InQueue","contactStartDate":"{began}"}}"#
        );
        let case = format!(
            r#"{{"id":"c503","contactId":null,"routingQueueId":"q","statusUpdatedAt":"{began}",
            "createdAt":"{began}"}}"#
        );
        Chat { worker, contact, case }
    }

    /// The service says what a contact's medium is called, to whoever asks for that, and no number.
    fn by_name() -> Chat {
        let mut chat = Chat::waiting();
        chat.contact = chat.contact.replace(r#""mediaTypeId":9"#, r#""mediaTypeName":"Digital""#);
        chat
    }

    /// Five minutes in which the list of cases has this status.
    fn goes_on(&mut self, status: u16) -> Vec<String> {
        let end = self.worker.host.wall.plus(Millis::from_mins(5));
        while self.worker.host.wall < end {
            self.worker.wait_for_a_poll();
            if self.worker.host.polls[0].1.url.contains("/dfo/3.0/contacts?") && status != 200 {
                self.worker.answer(status, "");
            } else {
                let says_name = self.worker.host.polls[0].1.url.contains("mediaTypeName");
                let by_name = r#""mediaTypeName":"Digital","#;
                let contact = if says_name { self.contact.clone() } else { self.contact.replace(by_name, "") };
                self.worker.serve_one("", &contact, &self.case);
            }
            while let Some((id, changes)) = self.worker.host.commits.pop() {
                self.worker.host.stored.apply(changes);
                self.worker.feed(Input::Committed(id));
            }
        }
        self.told()
    }

    fn told(&self) -> Vec<String> {
        self.worker.cards().into_iter().map(|(_, interaction)| interaction).collect()
    }
}

#[test]
fn a_list_of_cases_that_fails_first_gives_no_conversation_a_second_name() {
    for failing in [503, 429, 0] {
        let mut chat = Chat::waiting();
        assert_eq!(chat.goes_on(failing), [] as [String; 0], "its name is not known yet");
        assert_eq!(chat.goes_on(200), ["digital-c503"], "after {failing}");
    }
}

#[test]
fn a_conversation_whose_medium_is_told_by_name_alone_has_the_one_name_of_its_case() {
    let mut chat = Chat::by_name();
    assert_eq!(chat.goes_on(503), [] as [String; 0], "its name is not known yet");
    assert_eq!(chat.goes_on(200), ["digital-c503"]);
}

#[test]
fn where_nobody_may_read_cases_a_conversation_has_the_name_of_its_contact_and_keeps_it() {
    let mut chat = Chat::waiting();
    assert_eq!(chat.goes_on(403), ["1503"]);
    assert_eq!(chat.goes_on(200), ["1503"], "although cases may be read now");
    chat.worker.start(r#"{"organization":"acme","clientId":"c"}"#);
    assert!(chat.goes_on(200).iter().all(|name| name == "1503"), "the next worker knows of that");
    let later = iso8601(chat.worker.host.wall);
    chat.case += &format!(
        r#",{{"id":"c504","contactId":null,"routingQueueId":"q","statusUpdatedAt":"{later}","createdAt":"{later}"}}"#
    );
    chat.contact += &format!(
        r#",{{"contactId":1504,"skillId":8,"mediaTypeId":9,"stateName":"InQueue","contactStartDate":"{later}"}}"#
    );
    let told = chat.goes_on(200);
    assert!(
        told.contains(&"digital-c504".to_owned()) && !told.contains(&"1504".to_owned()),
        "what began later: {told:?}"
    );
}

#[test]
fn a_conversation_that_was_told_as_a_case_stays_one_when_cases_are_refused_later() {
    let mut chat = Chat::waiting();
    assert_eq!(chat.goes_on(200), ["digital-c503"]);
    assert_eq!(chat.goes_on(403), ["digital-c503"]);
    chat.worker.start(r#"{"organization":"acme","clientId":"c"}"#);
    assert!(chat.goes_on(403).iter().all(|name| name == "digital-c503"), "nor by the next worker");
}
