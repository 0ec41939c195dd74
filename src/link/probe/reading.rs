//! How a step of a connection test ends.

use super::{Awaited, Probe};
use crate::api::entry::Checked;
use crate::api::{self, Access, Meaning, Outgoing};
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::link::steps::TestStepState;
use crate::model::address::host_of;
use crate::model::ask::RequestId;
use crate::model::card::Card;
use crate::model::card::reader::Reader;
use crate::model::diagnosis::{Diagnoses, Diagnosis, DiagnosisView};
use crate::model::http::Outcome;

impl Probe {
    pub(super) fn try_card(&mut self, turn: &mut Turn<'_>) {
        let (Some(interaction), Some(token)) = (&self.trial.interaction, &self.token) else {
            self.skip(turn);
            return;
        };
        let settings = &self.trial.settings;
        let card = Card {
            card_id: format!("test-{interaction}-{}", turn.wall.0),
            kind: settings.card_kind,
            title: settings.card_title.clone(),
            content: "Cuewire test card: no action required".to_owned(),
            interaction: interaction.clone(),
            rule: "connection-test".to_owned(),
            episode: 1,
            reason: "Connection test".to_owned(),
            queue: None,
            timestamp: turn.wall,
        };
        let access = Access { base: settings.base(), hosts: self.hosts.as_ref(), token };
        let left = settings.ttl;
        let reader = self.known_agent().and_then(|agent| agent.parse().ok()).map(Reader::Agent);
        let outgoing = Outgoing { card: &card, reader, until: turn.wall.plus(left), left };
        match api::of(settings.base()).card_request(&access, &outgoing) {
            Some(request) => {
                let id = RequestId::Probe(turn.next_id());
                if api::of(settings.base()).has_readers() {
                    turn.effects.poll(id, request); // A poll reads the whole answer.
                } else {
                    turn.effects.post_card(id, request);
                }
                self.waits_for = Some(Awaited::Card(id));
            }
            None => self.fail(Diagnosis::CardRefused { status: 0, excerpt: String::new() }, turn),
        }
    }

    pub(super) fn take_check(&mut self, number: usize, outcome: &Outcome, session: &Session, turn: &mut Turn<'_>) {
        let service = api::of(self.trial.settings.base());
        let Some(check) = service.checks().get(number) else { return };
        let meaning = service.meaning(outcome);
        match self.trouble(meaning, outcome, session, turn) {
            None => {
                self.pass(turn);
                self.try_check(number + 1, turn);
            }
            // Other answers tell the time, too; whether the service takes the token is seen in the next step.
            Some(Diagnosis::ScopeMissing { .. } | Diagnosis::CardRefused { .. }) if check.what == Checked::Time => {
                self.skip(turn);
                self.try_check(number + 1, turn);
            }
            Some(trouble) => {
                let (what, status) = (check.what.name(), outcome.status());
                let diagnosis = match trouble {
                    Diagnosis::ScopeMissing { .. } => Diagnosis::ReadForbidden { what },
                    Diagnosis::CardRefused { .. } | Diagnosis::SignInRejected => {
                        Diagnosis::ReadRefused { what, status, excerpt: session.excerpt(outcome.body()) }
                    }
                    Diagnosis::ServerFailing { .. } | Diagnosis::RateLimited { .. } => {
                        Diagnosis::ReadFailing { what, status }
                    }
                    other => other,
                };
                self.fail(diagnosis, turn);
            }
        }
    }

    pub(super) fn take_card(&mut self, outcome: &Outcome, session: &Session, turn: &mut Turn<'_>) {
        let meaning = api::of(self.trial.settings.base()).card_meaning(outcome);
        match self.trouble(meaning, outcome, session, turn) {
            None => self.pass(turn),
            Some(diagnosis) => self.fail(diagnosis, turn),
        }
    }

    /// The fault of an answer.
    fn trouble(&self, meaning: Meaning, outcome: &Outcome, session: &Session, turn: &Turn<'_>) -> Option<Diagnosis> {
        let (base, status) = (self.trial.settings.base(), outcome.status());
        let api = self.hosts.as_ref().map(|hosts| host_of(&hosts.api));
        let (service, host) = (api::of(base), || api.unwrap_or(base.host()).to_owned());
        Some(match meaning {
            Meaning::Done | Meaning::Known => return None,
            Meaning::Page | Meaning::Redirect => Diagnosis::Intercepted { host: host() },
            Meaning::Limited => Diagnosis::RateLimited { until: turn.wall.plus(outcome.wait(turn.wall)) },
            Meaning::Unauthorized => Diagnosis::SignInRejected,
            Meaning::Forbidden => {
                let (scope, interaction) = (service.card_scope().to_owned(), self.trial.interaction.clone());
                Diagnosis::ScopeMissing { scope, interaction, paused: false }
            }
            Meaning::Failing | Meaning::Unreachable => Diagnosis::ServerFailing { status },
            Meaning::BadRequest | Meaning::Refused | Meaning::Unsendable => {
                Diagnosis::CardRefused { status, excerpt: session.excerpt(outcome.body()) }
            }
            Meaning::NotPermitted => Diagnosis::PermissionMissing { host: host() },
        })
    }

    pub(super) fn pass(&mut self, turn: &Turn<'_>) {
        // One step may take several requests: the window, and then its code.
        self.end(TestStepState::Passed, None, turn);
        self.next(turn);
    }

    pub(super) fn skip(&mut self, turn: &Turn<'_>) {
        if let Some(step) = self.steps.get_mut(self.at) {
            step.state = TestStepState::Skipped;
        }
        self.next(turn);
    }

    pub(super) fn fail(&mut self, diagnosis: Diagnosis, turn: &Turn<'_>) {
        self.failure = (self.trial.is_sign_in && self.token.is_none()).then(|| diagnosis.clone());
        let mut one = Diagnoses::default();
        one.raise(turn.wall, diagnosis);
        self.end(TestStepState::Failed, one.newest(), turn);
    }

    pub(super) fn end(&mut self, state: TestStepState, diagnosis: Option<DiagnosisView>, turn: &Turn<'_>) {
        let at = self.at.min(self.steps.len() - 1);
        let step = &mut self.steps[at];
        step.state = state;
        step.took_ms = Some(turn.now.since(self.since).0 as u32);
        step.diagnosis = diagnosis;
    }

    fn next(&mut self, turn: &Turn<'_>) {
        (self.since, self.asked_at) = (turn.now, turn.now);
        self.at += 1;
        self.run_step();
    }
}
