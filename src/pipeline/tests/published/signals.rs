//! Signals to scripts of contacts: after a card that was taken, once, and never again.

use super::cards::{Fate, Tenant};
use super::*;

const SIGNALS: &str = r#"{"organization":"acme","clientId":"c","signalScript":true}"#;

fn signalling(agents: &[(u64, u64)], fates: &[Fate]) -> Tenant {
    let mut tenant = Tenant::new(agents, fates);
    tenant.settings = SIGNALS;
    tenant.worker.start(SIGNALS);
    tenant
}

/// The status of the signal as the log has it, of the only card.
fn logged(tenant: &Tenant) -> Option<u64> {
    let entries = tenant.worker.host.stored.history.values().rev();
    let mut triggers = entries.filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    triggers.find(|entry| entry["kind"] == "trigger").and_then(|entry| entry["signal"].as_u64())
}

#[test]
fn the_contact_of_a_card_that_was_taken_is_signalled_once_and_only_where_settings_say_so() {
    let mut tenant = signalling(&[(5, 39)], &[Fate::Taken]);
    tenant.run_for(400);
    let [(url, _)] = tenant.signals.as_slice() else { panic!("one signal: {:?}", tenant.signals) };
    assert!(url.starts_with("https://api.example/inContactAPI/services/v31.0/interactions/501/signal?p1=cuewire&p2="));
    assert_eq!((tenant.readers().len(), logged(&tenant)), (1, Some(202)));
    let mut silent = Tenant::new(&[(5, 39)], &[Fate::Taken]);
    silent.run_for(400);
    assert_eq!((silent.readers().len(), silent.signals.len(), logged(&silent)), (1, 0, None));
}

#[test]
fn no_signal_follows_a_card_that_was_found_or_refused() {
    for fate in [Fate::AnswerLost, Fate::StoredWith503, Fate::Refused] {
        let mut tenant = signalling(&[(5, 39)], &[fate]);
        tenant.run_for(400);
        assert_eq!((tenant.signals.len(), logged(&tenant)), (0, None), "{fate:?}");
    }
}

#[test]
fn a_signal_that_fails_is_not_repeated_and_the_log_says_what_answered_it() {
    for status in [0, 401, 403, 404, 429, 503] {
        let mut tenant = signalling(&[(5, 39)], &[Fate::Taken]);
        tenant.signal_answer = status;
        tenant.run_for(400);
        assert_eq!((tenant.signals.len(), logged(&tenant)), (1, Some(u64::from(status))), "{status}");
        let status = tenant.worker.runner.pipeline().status();
        assert_eq!((status.delivered, status.diagnoses.len()), (1, 0), "the card is delivered, and nothing is wrong");
    }
}

#[test]
fn a_signal_goes_out_only_once_its_card_has_durably_left() {
    let mut tenant = signalling(&[(5, 39)], &[Fate::Taken]);
    while tenant.inbox.is_empty() {
        tenant.step();
    }
    let is_signal =
        |tenant: &Tenant| tenant.worker.host.polls.iter().any(|(_, request)| request.url.contains("signal?"));
    let has_card = |tenant: &Tenant| tenant.worker.host.stored.journal.keys().any(|key| key.starts_with("card/"));
    while has_card(&tenant) {
        assert!(!is_signal(&tenant));
        tenant.step();
    }
    assert!(is_signal(&tenant), "the commit was heard of in the same step");
}

#[test]
fn a_worker_killed_at_any_step_signals_once_at_most() {
    let (mut sent, mut lost) = (0, 0);
    for fate in [Fate::Taken, Fate::AnswerLost, Fate::Lost] {
        for arrives in [false, true] {
            for at in 0..32 {
                let mut tenant = signalling(&[(20, 39), (50, 40)], &[fate, Fate::Taken]);
                tenant.run_for(18);
                (0..at).for_each(|_| tenant.step());
                tenant.kill(arrives);
                tenant.run_for(150);
                assert_eq!(tenant.readers().len(), 1, "{fate:?}, {arrives}, killed at {at}: {:?}", tenant.inbox);
                assert!(tenant.signals.len() <= 1, "{fate:?}, {arrives}, killed at {at}: {:?}", tenant.signals);
                sent += tenant.signals.len();
                lost += 1 - tenant.signals.len();
            }
        }
    }
    assert!(sent > 20 && lost > 20, "{sent} sent, {lost} lost");
}

#[test]
fn a_signal_is_paid_from_the_budget_of_polls() {
    let spent = |settings: &'static str| -> u64 {
        let mut tenant = Tenant::new(&[(5, 39)], &[Fate::Taken]);
        tenant.settings = settings;
        tenant.worker.start(settings);
        tenant.run_for(60);
        let spending = crate::model::json::write(&tenant.worker.runner.pipeline().polling.spending());
        let spending: serde_json::Value = serde_json::from_str(&spending).expect("it is JSON");
        let acd = spending.as_array().into_iter().flatten().find(|purse| purse["of"] == "acd").expect("it was spent");
        acd["until"].as_array().into_iter().flatten().filter_map(|group| group[1].as_u64()).sum()
    };
    assert_eq!(spent(SIGNALS), spent(ACME) + 1);
}

#[test]
fn signals_of_a_burst_leave_polls_half_of_the_budget_and_end_with_their_cards() {
    let mut tenant = signalling(&[(5, 39)], &[Fate::Taken]);
    tenant.others = 5;
    tenant.run_for(120);
    let at: Vec<u64> = tenant.signals.iter().map(|(_, at)| *at).collect();
    assert_eq!((tenant.readers().len(), at.len()), (6, 6));
    assert!(at.windows(2).all(|two| two[1] - two[0] >= 4), "{at:?}");
    let mut brief = Tenant::new(&[(5, 39)], &[Fate::Taken]);
    brief.settings = r#"{"organization":"acme","clientId":"c","signalScript":true,"cardTtlMinutes":0.5}"#;
    brief.worker.start(brief.settings);
    brief.others = 5;
    brief.run_for(120);
    assert_eq!(brief.readers().len(), 6);
    assert!((3..6).contains(&brief.signals.len()), "the cards live for 15 s more: {:?}", brief.signals);
    assert!(brief.signals.iter().all(|(_, at)| *at < 30), "{:?}", brief.signals);
}
