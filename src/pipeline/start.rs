//! Taking up what an earlier worker left.

mod keys;
mod recall;

use super::vitals::Vitals;
use super::{Phase, Pipeline, Profile, profile, turn};
use crate::delivery::destination::Destination;
use crate::delivery::memory::{self, StoredFired};
use crate::delivery::outbox::StoredCard;
use crate::delivery::pauses::PAUSES_KEY;
use crate::journal::turn::Turn;
use crate::journal::{
    ASIDE_PREFIX, CARD_PREFIX, COUNT_LIMIT, FIRED_PREFIX, GROUPS_PREFIX, HANDLED_PREFIX, HOLD_PREFIX, Journal,
    META_KEY, Meta, OLD_SPENT_BY_OTHERS_KEY, OLD_SPENT_KEY, OPEN_KEY, OpenCards, RecordFault, SPENT_PREFIX,
    TRACKS_PREFIX, decode,
};
use crate::link::session::stored_tenant;
use crate::model::ask::Store;
use crate::model::diagnosis::Diagnosis;
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::http::Secret;
use crate::model::json;
use crate::model::random::Random;
use crate::model::random::backoff;
use crate::model::time::Millis;
use crate::pipeline::effect::Effects;
use crate::pipeline::input::Start;
use crate::rules::Track;
use crate::settings::{self, Way};

/// Damaged records kept for whoever wants to look into them; beyond, the oldest go.
const ASIDE_LIMIT: usize = 50;

use self::keys::{Fired, card_of, fired_of};
pub(super) use self::keys::{subject_of, tracks_key};
pub(super) use self::recall::{Recall, Standstill, Unjudged};

/// The result of reading the journal.
#[derive(Debug, Default)]
struct Findings {
    damaged: u32,
    newer: Option<u32>,
    lost_cards: Vec<LostCard>,
    /// The count of the newest batch.
    counted: Option<OpenCards>,
    /// Card records found open.
    open: u32,
    aside: Vec<String>,
    /// There was a journal, and it is empty.
    lost: bool,
}

/// A card's record that is damaged: its rule is free to fire again, under the same `cardId`.
#[derive(Debug)]
struct LostCard {
    key: String,
    text: String,
    subject: Subject,
    occurrence: String,
}

impl Pipeline {
    /// Whether the journal is read, but perhaps not yet what fired.
    pub(super) fn has_journal(&self) -> bool {
        matches!(self.phase, Phase::Recalling { .. } | Phase::Running)
    }

    /// Starts, or starts again, with what is stored. Nothing of an earlier life of this value stays but its clock, its
    /// ids, what people wait for, what was heard and not judged, and a token of the same settings.
    pub(super) fn start(&mut self, wall: Millis, start: Start, effects: &mut Effects) {
        let attempt = match self.phase {
            Phase::Halted { attempt, .. } => attempt,
            _ => 0,
        };
        let mut before = std::mem::take(self);
        let vitals: Option<Vitals> = start.vitals.as_deref().and_then(json::read);
        *self = Pipeline {
            clock: before.clock,
            ids: before.ids,
            pages: before.pages,
            orders: before.orders,
            unjudged: before.unjudged,
            local_offset: start.local_offset,
            grounds: before.grounds,
            random: Random::new(start.seed),
            loopback_allowed: start.loopback_allowed,
            ..Pipeline::default()
        };
        let served = before.profile.as_ref().map(|profile| (profile.settings.clone(), profile.secret.clone()));
        // How long it remembers decides what the journal's records mean.
        match before.profile.filter(|_| before.adopted) {
            Some(profile) => self.use_profile(profile.settings, profile.secret),
            None => {
                self.take_settings(start.settings.as_deref(), start.secret, start.token.as_deref(), wall);
            }
        }
        // A request for a token may be under way: of two that renew, one would end the other's sign-in.
        let serves = self.profile.as_ref().map(|profile| (&profile.settings, &profile.secret));
        let goes_on = before.session.has_begun() && served.as_ref().map(|(what, secret)| (what, secret)) == serves;
        if goes_on {
            before.diagnoses.clear(|wrong| !matches!(wrong, Diagnosis::SignInSoon { .. }));
            (self.session, self.diagnoses) = (before.session, before.diagnoses);
        } else {
            before.session.give_up(effects);
        }
        let records = match start.journal {
            Ok(records) => records,
            Err(why) => {
                let now = self.clock.read(wall);
                let retry_at = now.plus(backoff::delay(attempt, &mut self.random));
                self.phase = Phase::Halted { retry_at: Some(retry_at), attempt: attempt.saturating_add(1) };
                self.take_vitals(vitals.as_ref(), now, wall);
                self.diagnoses.raise(wall, Diagnosis::StorageFailing { why });
                return;
            }
        };
        let lost = records.is_empty() && start.marker;
        let mut findings = self.read_journal(records, start.marker, wall);
        findings.lost = lost;
        let now = self.clock.read(wall);
        if let Some(version) = findings.newer {
            self.phase = Phase::Halted { retry_at: None, attempt: 0 };
            self.take_vitals(vitals.as_ref(), now, wall);
            self.diagnoses.raise(wall, Diagnosis::StorageNewer { version });
            return;
        }
        self.phase = if start.fired_later { Phase::Recalling { attempt } } else { Phase::Running };
        self.evaluator.set_offset("", self.local_offset);
        self.evaluator.resume(now);
        if start.fired_later {
            self.begin_recall(findings, now, effects);
        } else {
            self.take_findings(findings, now, wall);
        }
        if let (Some(token), Some(profile), false) = (&start.token, &self.profile, goes_on) {
            self.session.restore(token, &profile.settings, now);
        }
        self.ask_offsets(effects);
        self.take_vitals(vitals.as_ref(), now, wall);
        self.resume_hearing(vitals.is_some_and(|vitals| vitals.alive_at != Millis::ZERO), wall);
        if self.phase == Phase::Running {
            self.raise_hold(now, wall, effects);
        }
    }

    fn raise_hold(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        let settings = self.profile.as_ref().map(|profile| &profile.settings);
        self.dispatch.raise_hold(settings, turn!(self, now, wall, effects));
    }

    /// All of the journal is read: what follows from what was found.
    fn take_findings(&mut self, findings: Findings, now: Millis, wall: Millis) {
        for lost in findings.lost_cards {
            // The batch that sets a damaged card aside writes that its rule may fire once more.
            self.journal.next_group();
            self.set_aside(&lost.key, lost.text, wall);
            self.journal.delete(lost.key);
            self.dispatch.memory.lose(lost.subject, &lost.occurrence, now, &mut self.journal);
        }
        let excess = findings.aside.len().saturating_sub(ASIDE_LIMIT);
        for key in findings.aside.into_iter().take(excess) {
            self.journal.delete(key);
        }
        if findings.damaged > 0 {
            self.diagnoses.raise(wall, Diagnosis::StorageDamaged { records: findings.damaged });
        }
        if findings.lost {
            self.diagnoses.raise(wall, Diagnosis::StorageLost);
        }
        if let Some(counted) = findings.counted {
            // A damaged record may have been an open card's.
            let cards = counted.stored.saturating_sub(findings.open.saturating_add(findings.damaged));
            if cards > 0 {
                self.diagnoses.raise(wall, Diagnosis::StorageIncomplete { cards });
            }
            if counted.unsaved > 0 {
                self.diagnoses.raise(wall, Diagnosis::TriggersUnsaved { triggers: counted.unsaved });
            }
        }
    }

    fn read_journal(&mut self, records: Vec<(String, String)>, marked: bool, wall: Millis) -> Findings {
        let mut findings = Findings::default();
        let meta = records.iter().find(|(key, _)| key == META_KEY).map(|(_, text)| decode::<Meta>(text));
        let meta_is_whole = meta.as_ref().is_none_or(|meta| meta.as_ref().is_ok_and(Meta::is_plausible));
        let meta = match meta {
            Some(Err(RecordFault::Newer(version))) => {
                findings.newer = Some(version);
                return findings;
            }
            Some(Ok(meta)) if meta_is_whole => meta,
            Some(_) => Meta::after_damage(wall),
            None => Meta::default(),
        };
        self.clock.resume_from(meta.clock);
        if meta.clock == Millis::ZERO {
            self.clock.resume_from(newest_instant(&records));
        }
        self.journal = Journal::new(meta, marked);
        self.read_records(records, meta_is_whole, wall, &mut findings);
        findings
    }

    fn read_records(
        &mut self,
        records: Vec<(String, String)>,
        meta_is_whole: bool,
        wall: Millis,
        findings: &mut Findings,
    ) {
        let now = self.clock.read(wall);
        for (key, text) in records {
            self.journal.next_group();
            if key.starts_with(ASIDE_PREFIX) {
                findings.aside.push(key);
                continue;
            }
            let whole = key != META_KEY || meta_is_whole;
            let taken = if whole { self.take_record(&key, &text, now, findings) } else { Err(RecordFault::Damaged) };
            match taken {
                Ok(()) => {}
                Err(RecordFault::Newer(version)) => findings.newer = Some(version),
                Err(RecordFault::Damaged) => {
                    findings.damaged += 1;
                    if let Some((subject, occurrence)) = card_of(&key) {
                        findings.lost_cards.push(LostCard { key, text, subject, occurrence });
                        continue;
                    }
                    self.set_aside(&key, text.clone(), wall);
                    // The key says that the rule fired.
                    match fired_of(&key) {
                        Some(Fired::Of(subject)) => {
                            self.dispatch.memory.restore_unknown(subject, now, &mut self.journal);
                            continue;
                        }
                        Some(Fired::Old(interaction)) => {
                            let subject = Subject::anywhere(interaction);
                            self.dispatch.memory.restore_unknown(subject, now, &mut self.journal);
                        }
                        Some(Fired::Many(place)) => {
                            self.journal.delete(key);
                            self.dispatch.memory.salvage_bucket(place, &text, now, &mut self.journal);
                            continue;
                        }
                        None => {}
                    }
                    if let Some(service) = key.strip_prefix(HOLD_PREFIX) {
                        self.dispatch.restore(Destination::after_damage(service, now));
                    }
                    // The record about the journal is in every batch anyway.
                    if key != META_KEY {
                        self.journal.delete(key);
                    }
                }
            }
        }
    }

    fn set_aside(&mut self, key: &str, text: String, wall: Millis) {
        self.journal.put_text(Store::Journal, format!("{ASIDE_PREFIX}{}-{key}", wall.0), text);
    }

    fn take_record(&mut self, key: &str, text: &str, now: Millis, findings: &mut Findings) -> Result<(), RecordFault> {
        if key.starts_with(CARD_PREFIX) {
            let stored: StoredCard = decode(text)?;
            let is_old = stored.old_key() == key;
            if stored.key() != key && !is_old || !stored.is_plausible() {
                return Err(RecordFault::Damaged);
            }
            if stored.is_open() {
                findings.open += 1;
                self.journal.restore_open(key);
            }
            let (subject, occurrence, freed) = (stored.subject(), stored.occurrence(), stored.is_unreached());
            self.dispatch.memory.restore_card(subject, &occurrence, freed, stored.accepted_at(), now);
            let sequence = self.dispatch.outbox.restore(stored, now);
            if is_old {
                self.dispatch.outbox.keep_old(sequence);
            }
            self.journal.meta.sequence = self.journal.meta.sequence.max(sequence);
        } else if key.starts_with(FIRED_PREFIX) {
            let memory = &mut self.dispatch.memory;
            match fired_of(key).ok_or(RecordFault::Damaged)? {
                Fired::Of(subject) => memory.restore(subject, &decode(text)?, now),
                Fired::Old(interaction) => memory.restore_old(interaction, &decode(text)?, now),
                Fired::Many(place) => memory.restore_bucket(place, text, now)?,
            }
        } else if key.starts_with(TRACKS_PREFIX) {
            let tracks: Vec<Track> = decode(text)?;
            let subject = subject_of(key).ok_or(RecordFault::Damaged)?;
            self.queues.restore(subject, tracks.iter().find_map(Track::held));
            self.evaluator.restore(subject, tracks, now);
        } else if let Some(connection) = key.strip_prefix(GROUPS_PREFIX) {
            let groups = decode(text)?;
            self.grouped.restore(Fingerprint::parse(connection).ok_or(RecordFault::Damaged)?, groups, now);
        } else if let Some(subject) = key.strip_prefix(HANDLED_PREFIX) {
            let marked = decode(text)?;
            self.handled.restore(Subject::parse(subject).ok_or(RecordFault::Damaged)?, marked, now);
        } else if let Some(service) = key.strip_prefix(HOLD_PREFIX) {
            self.dispatch.restore(Destination::restore(service, decode(text)?, now));
        } else if key == OPEN_KEY {
            findings.counted = Some(decode(text)?);
        } else if key == PAUSES_KEY {
            self.pauses = decode(text)?;
        } else if let Some(connection) = key.strip_prefix(SPENT_PREFIX) {
            let stored = decode(text)?;
            let connection = Fingerprint::parse(connection).ok_or(RecordFault::Damaged)?;
            self.spent.restore(connection, stored, now);
        } else if key == OLD_SPENT_KEY {
            self.spent.restore_old_queues(decode(text)?, now);
        } else if key == OLD_SPENT_BY_OTHERS_KEY {
            self.spent.restore_old_others(decode(text)?, now);
        } // Else it is the record about the journal, or what a newer version may add.
        Ok(())
    }

    fn take_settings(&mut self, settings: Option<&str>, secret: Option<String>, token: Option<&str>, wall: Millis) {
        let Some(text) = settings else { return };
        // The tenant's name is in every key: known late, it would end every hold that the journal keeps.
        let of_tenant = |mut parsed: settings::Parsed| {
            if let Some(tenant) = token.and_then(|token| stored_tenant(token, &parsed.settings)) {
                parsed.settings = parsed.settings.of_tenant(&tenant);
            }
            parsed
        };
        match profile::read(text, self.loopback_allowed).map(of_tenant) {
            Ok(parsed) => match secret.filter(|secret| !secret.is_empty()) {
                _ if !parsed.settings.needs_secret() => self.use_profile(parsed.settings, Secret::default()),
                Some(secret) => self.use_profile(parsed.settings, Secret(secret)),
                None => {
                    let lacks = match parsed.settings.way() {
                        Way::AccessKey => Diagnosis::AccessKeyMissing,
                        Way::Stream | Way::Nice => Diagnosis::SecretMissing,
                    };
                    self.diagnoses.raise(wall, lacks);
                    self.incomplete = Some(parsed.settings);
                }
            },
            Err(errors) => {
                self.notify_unread = profile::asks_for_notifications(text);
                let field = errors.into_iter().next().map(|error| error.field).unwrap_or_default();
                self.diagnoses.raise(wall, Diagnosis::SettingsUnreadable { field });
            }
        }
    }

    /// Uses settings from now on.
    pub(super) fn use_profile(&mut self, settings: settings::Settings, secret: Secret) {
        self.dispatch.memory.remember_for(settings.remember);
        self.handled.remember_for(settings.remember);
        self.dispatch.serve(settings.base().connection());
        self.session.serve(&settings);
        self.session.hide_secret(secret.clone());
        self.incomplete = None;
        let keep = settings.keep_recording;
        self.keep_recording(keep);
        let mut profile = Profile::new(settings, secret);
        self.queues.adopt(profile.connection);
        self.evaluator.adopt(profile.connection, profile.rules());
        profile.needs = profile::needs_of(&self.evaluator);
        self.watch_fields(keep);
        self.profile = Some(Box::new(profile));
    }
}

/// The newest instant that is certain to have been when it was written: all others are told from there, whatever the
/// clock showed then.
fn newest_instant(records: &[(String, String)]) -> Millis {
    let instant = |(key, text): &(String, String)| {
        if key.starts_with(CARD_PREFIX) {
            decode::<StoredCard>(text).ok().map(|stored| stored.accepted_at())
        } else if key.starts_with(FIRED_PREFIX) {
            decode::<StoredFired>(text).ok().map(|stored| stored.seen).or_else(|| memory::newest_of(text))
        } else {
            None
        }
    };
    records.iter().filter_map(instant).filter(|instant| instant.0 < COUNT_LIMIT).max().unwrap_or_default()
}

#[cfg(test)]
#[path = "start/tests.rs"]
mod tests;
