//! How events move the contacts of a tenant.

use super::*;

const S: At = SECOND as At;

fn tenant() -> Tenant {
    Tenant::new(&["billing".to_owned(), "sales".to_owned()], 2)
}

fn happen(tenant: &mut Tenant, json: &str, at: At) -> Contact {
    let number = tenant.event(&Seen::read(json.as_bytes()).expect("an event"), at);
    tenant.contact(number).expect("a contact").clone()
}

#[test]
fn a_contact_waits_gets_an_agent_and_ends() {
    let mut tenant = tenant();
    let queued = r#"{"id":"a","type":"waiting","routing":{"queueName":"sales","queueWaitTimeMs":30000}}"#;
    let contact = happen(&mut tenant, queued, 40 * S);
    assert!(contact.waits() && contact.media == Media::Phone);
    assert_eq!(tenant.earliest(1), Some(10 * S));
    let contact = happen(&mut tenant, r#"{"id":"a","type":"connect"}"#, 50 * S);
    assert_eq!((contact.agent, contact.agent_since, contact.queued), (Some(0), Some(50 * S), None));
    assert_eq!((tenant.agents()[0].load, tenant.earliest(1)), (1, None));
    let contact = happen(&mut tenant, r#"{"id":"a","type":"disposition"}"#, 60 * S);
    assert_eq!((contact.ended, tenant.agents()[0].load), (Some(60 * S), 0));
    let again = happen(&mut tenant, r#"{"id":"a","type":"connect"}"#, 70 * S);
    assert_ne!(again.number, contact.number, "an id that comes back is another contact");
}

#[test]
fn a_wait_that_only_goes_on_changes_nothing() {
    let mut tenant = tenant();
    let waits =
        |ms| format!(r#"{{"id":"a","type":"waiting","routing":{{"queueName":"sales","queueWaitTimeMs":{ms}}}}}"#);
    happen(&mut tenant, &waits(0), 10 * S);
    let later = happen(&mut tenant, &waits(20_000), 30 * S);
    assert_eq!((later.changed, tenant.skills()[1].changed), (10 * S, 10 * S));
}

#[test]
fn a_transfer_goes_to_another_agent_and_stays_with_its_media() {
    let mut tenant = tenant();
    happen(&mut tenant, r#"{"id":"a","type":"connect","routing":{"queueName":"billing"}}"#, 0);
    let moved = happen(&mut tenant, r#"{"id":"a","type":"transfer","routing":{"queueName":"sales"}}"#, S);
    assert_eq!((moved.agent, moved.skill, moved.media), (Some(1), 0, Media::Digital));
    assert!(moved.transferred);
    assert_eq!(tenant.change_agents(1.0, 2 * S), [1]);
    assert_eq!(tenant.contact(1).and_then(|contact| contact.agent), Some(0));
    assert_eq!(tenant.vanish(1.0, 3 * S), [1]);
    assert!(tenant.agents().iter().all(|agent| agent.load == 0));
}

#[test]
fn only_digital_contacts_have_messages_with_labels() {
    let mut tenant = tenant();
    let unhappy = |id: &str, queue: &str| {
        format!(
            r#"{{"id":"{id}","type":"sentiment","sentiment":{{"score":-0.9}},"routing":{{"queueName":"{queue}"}}}}"#
        )
    };
    let digital = happen(&mut tenant, &unhappy("a", "billing"), 0);
    assert_eq!(digital.inbound().next().and_then(|message| message.label), Some(Label::Negative));
    assert!(happen(&mut tenant, &unhappy("b", "sales"), 0).messages.is_empty());
}

#[test]
fn what_ended_long_ago_is_forgotten() {
    let mut tenant = tenant();
    happen(&mut tenant, r#"{"id":"a","type":"disposition"}"#, 0);
    happen(&mut tenant, r#"{"id":"b","type":"connect"}"#, 400 * S);
    assert_eq!(tenant.contacts().map(|contact| contact.key.as_str()).collect::<Vec<_>>(), ["b"]);
}
