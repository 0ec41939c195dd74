//! Commands of a person.

mod answers;
mod handled;
mod orders;
mod rules;

use crate::model::sorted::SortedSet;

pub(super) use self::answers::Awaiting;
use self::orders::Clearing;
pub(super) use self::orders::Order;
use self::rules::read_rules;
use super::{Counters, Effects, Phase, Pipeline, profile, turn};
use crate::api::entry::Known;
use crate::delivery::outbox::{CardName, Entry};
use crate::delivery::pauses::Pause;
use crate::journal::turn::Turn;
use crate::journal::{Batch, Journal, Meta, history_key};
use crate::link::probe::{Probe, Trial};
use crate::link::session::is_about_tokens;
use crate::model::address::host_of;
use crate::model::diagnosis::Diagnosis;
use crate::model::history;
use crate::model::history::{End, GapCause};
use crate::model::http::Secret;
use crate::model::json;
use crate::model::scope::Scope;
use crate::model::time::Millis;
use crate::pipeline::effect::{CommandId, Effect};
use crate::settings;
use crate::settings::{FieldError, Settings, Way};
use crate::views::log::PAGE_LIMIT;
use crate::views::protocol::{CardAction, Cleared, Reply, Request};

/// A note is for people; this much of it is kept, in characters.
const NOTE_LIMIT: usize = 200;

impl Pipeline {
    pub(super) fn command(
        &mut self,
        id: CommandId,
        request: Request,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        let reply = match request {
            Request::Status => Reply::Status(self.status()),
            Request::Dashboard => Reply::Dashboard(self.dashboard(wall)),
            Request::Settings => Reply::Settings(self.settings_view()),
            Request::Log { before, limit } => {
                let (before, limit) = (before.map(history_key), limit.min(PAGE_LIMIT));
                effects.push(Effect::ReadHistory { id, before, limit });
                return;
            }
            _ if self.phase == Phase::Starting => Reply::NotReady,
            // Not before: a page that goes on from the rules that ship would replace those that are saved.
            Request::Rules => Reply::Rules(self.rules_view()),
            Request::Save { text, check_only: true } => match self.check(&text) {
                Err(errors) => Reply::Rejected(errors),
                Ok(_) => Reply::Done,
            },
            // Whether the stored secret is this client's shows once every order before this one is carried out.
            Request::Save { text, check_only: false } => match profile::read(&text, self.loopback_allowed) {
                Err(errors) => Reply::Rejected(errors),
                Ok(parsed) => return self.order(id, Order::Save(Box::new(parsed)), effects),
            },
            Request::SaveRules { text, check_only } => match read_rules(text.as_deref()) {
                Err(errors) => Reply::RulesRejected(errors),
                Ok(_) if check_only => Reply::Done,
                Ok(rules) => return self.order(id, Order::Rules(rules), effects),
            },
            Request::Pause { .. }
            | Request::Resume { .. }
            | Request::Cards { .. }
            | Request::Handle { .. }
            | Request::Unhandle { .. }
                if !self.has_journal() =>
            {
                Reply::Unusable
            }
            Request::Handle { trigger, note } => {
                return self.durably(id, effects, |own, effects| own.mark_handled(trigger, note, now, wall, effects));
            }
            Request::Unhandle { entry } => {
                return self.durably(id, effects, |own, _| own.unmark_handled(entry, now, wall));
            }
            Request::Pause { scope, minutes, note } => {
                return self.durably(id, effects, |own, _| own.pause(scope, minutes, note, now, wall));
            }
            Request::Resume { scope } => {
                return self.durably(id, effects, |own, _| {
                    let over = own.pauses.end(scope.as_ref(), &mut own.journal);
                    own.resumed(over, wall);
                });
            }
            Request::Cards { action, card } => {
                return self.durably(id, effects, |own, effects| {
                    own.cards(action, card.as_ref(), now, wall, effects);
                });
            }
            Request::Clear => {
                self.clear(id, now, wall, effects);
                return;
            }
            Request::SignIn => match &self.profile {
                Some(profile) => {
                    let (settings, secret) = (profile.settings.clone(), profile.secret.clone());
                    self.diagnoses.clear(is_failed_sign_in);
                    let trial = Trial { is_sign_in: true, ..Trial::new(settings, secret) };
                    self.try_out(trial, now, wall, effects);
                    Reply::Done
                }
                None => Reply::Unusable,
            },
            Request::Test { text, interaction } => match self.test(&text, interaction, now, wall, effects) {
                Ok(()) => Reply::Done,
                Err(errors) => Reply::Rejected(errors),
            },
        };
        effects.push(Effect::Reply(id, Box::new(reply)));
    }

    /// Does what a person asks for, and answers once it would outlive the worker.
    fn durably(&mut self, id: CommandId, effects: &mut Effects, act: impl FnOnce(&mut Pipeline, &mut Effects)) {
        let revision = self.journal.revision();
        act(self, effects);
        let changed = self.journal.revision() != revision;
        let batch = if changed { self.journal.newest() } else { Batch::default() };
        self.answer_with(id, batch, Reply::Done, effects);
    }

    /// Parses settings; a secret must come with them, or the stored one be of the same client at the same address.
    fn check(&self, text: &str) -> Result<settings::Parsed, Vec<FieldError>> {
        let parsed = profile::read(text, self.loopback_allowed)?;
        match self.lacks_secret(&parsed) {
            Some(error) => Err(vec![error]),
            None => Ok(parsed),
        }
    }

    /// The error of settings that bring no secret where none is stored, or where a person entered the stored secret for
    /// another client or another address.
    pub(super) fn lacks_secret(&self, parsed: &settings::Parsed) -> Option<FieldError> {
        let code = match self.stored_profile() {
            _ if parsed.secret.is_some() || !parsed.settings.needs_secret() => return None,
            Some(stored) if stored.settings.is_same_client(&parsed.settings) => return None,
            Some(_) => "secretAgain",
            None => "required",
        };
        let field = parsed.settings.secret_field().to_owned();
        Some(FieldError { field, code: code.to_owned(), values: Vec::new(), line: None })
    }

    /// Starts a connection test, in place of one that is under way. The status shows its steps.
    fn test(
        &mut self,
        text: &str,
        interaction: Option<String>,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) -> Result<(), Vec<FieldError>> {
        let parsed = self.check(text)?;
        let stored = || self.profile.as_ref().map(|profile| profile.secret.clone());
        let secret = if parsed.settings.needs_secret() { parsed.secret.or_else(stored) } else { None };
        let lent = self.lend(&parsed.settings, now);
        let trial = Trial { interaction, lent, ..Trial::new(parsed.settings, secret.unwrap_or_default()) };
        self.try_out(trial, now, wall, effects);
        Ok(())
    }

    /// The sign-in of the same person whose token still works: nobody should sign in twice to test.
    fn lend(&self, settings: &Settings, now: Millis) -> Option<Known> {
        let profile = self.profile.as_ref().filter(|_| settings.way() == Way::Nice)?;
        profile.settings.is_same_client(settings).then(|| self.session.lend(now)).flatten()
    }

    fn try_out(&mut self, trial: Trial, now: Millis, wall: Millis, effects: &mut Effects) {
        let trial = Trial { grounds: self.grounds.clone(), ..trial };
        self.session.hide_tested(trial.secret.clone());
        let turn = turn!(self, now, wall, effects);
        if let Some(probe) = self.probe.take() {
            probe.cancel(turn);
        }
        self.probe = Some(Probe::start(trial, &mut self.session, turn));
    }

    /// Stored settings come into force. What holds dispatch up is tried again; the stream stays unless it leads elsewhere.
    pub(super) fn adopt(&mut self, parsed: settings::Parsed, now: Millis, wall: Millis, effects: &mut Effects) {
        let before = self.profile.take();
        let kept = before.as_ref().map(|profile| profile.secret.clone()).unwrap_or_default();
        let secret = match parsed.settings.needs_secret() {
            true => parsed.secret.unwrap_or_else(|| kept.clone()),
            false => Secret::default(),
        };
        let same_client =
            before.as_ref().is_some_and(|old| old.settings.is_same_client(&parsed.settings) && kept == secret);
        if before.as_ref().is_some_and(|old| old.settings.dry_run) && !parsed.settings.dry_run {
            self.dispatch.memory.end_dry_run();
        }
        let changed = changed_fields(before.as_ref().map(|old| &old.settings), &parsed.settings);
        self.journal.log(&history::Entry::Settings { at: wall, changed });
        let settings = match before.as_ref().filter(|_| same_client) {
            Some(old) => parsed.settings.connected_as(&old.settings),
            None => parsed.settings,
        };
        self.use_profile(settings, secret);
        self.ask_offsets(effects);
        self.adopted = true;
        let turn = turn!(self, now, wall, effects);
        turn.diagnoses.clear(|wrong| {
            matches!(
                wrong,
                Diagnosis::SettingsUnreadable { .. }
                    | Diagnosis::SecretMissing
                    | Diagnosis::AccessKeyMissing
                    | Diagnosis::StorageLost
            ) || !same_client && is_about_tokens(wrong)
        });
        self.session.reset(same_client, turn);
        self.take_sign_in(now, wall, effects);
        let turn = turn!(self, now, wall, effects);
        self.dispatch.resume(turn);
        if same_client {
            self.stream.retry(now);
            self.polling.retry(now);
        } else {
            self.stream.stop(turn);
            if self.polling.stop(turn) {
                self.stream.miss(wall, GapCause::Person);
            }
            self.polling.begin_anew();
            turn.diagnoses.clear(|wrong| matches!(wrong, Diagnosis::EventsNotUnderstood { .. }));
            self.frames = Default::default();
        }
    }

    /// The browser allows an origin that it refused before. What waits for it is tried now.
    pub(super) fn permitted(&mut self, origin: &str, now: Millis, wall: Millis, effects: &mut Effects) {
        let is_missed =
            |wrong: &Diagnosis| matches!(wrong, Diagnosis::PermissionMissing { host } if *host == host_of(origin));
        let is_own = self.profile.as_ref().is_some_and(|profile| profile.settings.base().origin() == origin);
        if self.profile.is_none() || !is_own && self.diagnoses.about(is_missed).is_none() {
            return;
        }
        let turn = turn!(self, now, wall, effects);
        turn.diagnoses.clear(|wrong| matches!(wrong, Diagnosis::PermissionMissing { .. }));
        self.session.retry_now();
        self.dispatch.permitted(turn);
        self.stream.retry(now);
        self.polling.retry(now);
    }

    fn pause(&mut self, scope: Option<Scope>, minutes: Option<u32>, note: Option<String>, now: Millis, wall: Millis) {
        let span = minutes.map(|minutes| Millis::from_mins(u64::from(minutes)));
        let note = note.map(kept_note);
        let until = span.map(|span| wall.plus(span));
        self.journal.log(&history::Entry::Paused { at: wall, scope: scope.clone(), until, note: note.clone() });
        self.pauses.begin(Pause { scope, until: span.map(|span| now.plus(span)), note }, &mut self.journal);
    }

    /// Goes on after pauses that are over.
    pub(super) fn resumed(&mut self, over: Vec<Pause>, wall: Millis) {
        for Pause { scope, .. } in over {
            self.dispatch.memory.end_dry_run();
            self.journal.log(&history::Entry::Resumed { at: wall, scope });
        }
    }

    fn cards(&mut self, action: CardAction, card: Option<&CardName>, now: Millis, wall: Millis, effects: &mut Effects) {
        let turn = turn!(self, now, wall, effects);
        let chosen = |entry: &Entry| card.is_none_or(|name| entry.is_named(name));
        match action {
            CardAction::TryAgain => {
                let settings = self.profile.as_ref().map(|profile| &profile.settings).or(self.incomplete.as_ref());
                let ttl = settings.map_or(Millis::from_mins(10), |settings| settings.ttl);
                for sequence in self.dispatch.outbox.sequences() {
                    self.dispatch.outbox.edit(sequence, |entry| {
                        if chosen(entry) && entry.sending().is_none() && !entry.is_leaving() {
                            entry.take_back(now, ttl, turn.journal);
                            // An expired card had freed its interaction; from here on this card is the one.
                            self.dispatch.memory.free(entry.subject(), &entry.card().occurrence(), false);
                        }
                    });
                }
                self.dispatch.resume(turn);
                self.session.reset(true, turn);
                self.stream.retry(now);
                self.polling.retry(now);
            }
            CardAction::Drop => {
                for sequence in self.dispatch.outbox.sequences() {
                    let Some(mut entry) = self.dispatch.outbox.take(sequence) else { continue };
                    // Without a name only what is given up goes: nobody means to drop what is on its way.
                    let meant = chosen(&entry) && (card.is_some() || !entry.is_open());
                    if meant && !entry.is_leaving() {
                        if let Some(sending) = entry.sending() {
                            self.dispatch.outbox.flights.give_up(sending.id);
                            turn.effects.abort(sending.id);
                        }
                        entry.close(End::Dropped, &mut self.dispatch.memory, turn);
                    }
                    self.dispatch.outbox.put(entry);
                }
                turn.diagnoses.clear(|wrong| matches!(wrong, Diagnosis::CardRefused { .. } | Diagnosis::CardExpired));
            }
        }
    }

    fn clear(&mut self, id: CommandId, now: Millis, wall: Millis, effects: &mut Effects) {
        self.give_up_recall(effects);
        let cleared = Cleared {
            cards: self.dispatch.outbox.iter().count() as u32,
            remembered: self.dispatch.memory.len() as u32,
        };
        for request in self.dispatch.outbox.clear() {
            effects.push(Effect::Abort(request));
        }
        if self.phase != Phase::Running {
            // Whatever it is that cannot be read, it goes.
            self.journal = Journal::new(Meta { clock: now, ..Meta::default() }, true);
            self.phase = Phase::Running;
        }
        let batch = self.journal.clear();
        let turn = turn!(self, now, wall, effects);
        self.stream.stop(turn);
        self.polling.stop(turn);
        self.session.reset(false, turn);
        turn.effects.store_token(None);
        turn.diagnoses.clear(|_| true);
        self.dispatch = Default::default();
        self.stream = Default::default();
        self.polling = Default::default();
        self.pauses = Default::default();
        self.handled = Default::default();
        self.grouped = Default::default();
        self.counters = Counters::since(wall, &self.journal.meta);
        self.metrics = Default::default();
        self.spent = Default::default();
        self.frames = Default::default();
        self.trouble.end_all();
        self.notify_unread = false;
        self.queues = Default::default();
        self.recorder.clear();
        self.evaluator.clear();
        self.tried = Default::default();
        self.recent.clear();
        self.incomplete = None;
        let before = self.profile.take();
        self.order(id, Order::Clear(before, Clearing { batch, cleared }), effects);
    }
}

fn kept_note(note: String) -> String {
    note.chars().take(NOTE_LIMIT).collect()
}

/// Whether the last try to sign in failed: the next one begins without it.
fn is_failed_sign_in(wrong: &Diagnosis) -> bool {
    matches!(
        wrong,
        Diagnosis::SignInRefused { .. }
            | Diagnosis::SignInDenied { .. }
            | Diagnosis::SignInClosed { .. }
            | Diagnosis::SignInMixedUp
    )
}

/// The names of the fields in which two settings differ.
fn changed_fields(old: Option<&Settings>, new: &Settings) -> Vec<String> {
    let fields = |settings: &Settings| json::read(&settings.to_json()).unwrap_or_default();
    let new: serde_json::Map<String, serde_json::Value> = fields(new);
    let old: serde_json::Map<String, serde_json::Value> = old.map(fields).unwrap_or_default();
    let names: SortedSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}
