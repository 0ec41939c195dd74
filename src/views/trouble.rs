//! How long trouble lasts, and what follows: its weight, and one notification.
//!
//! | trouble | at first | danger and notification | ends |
//! | --- | --- | --- | --- |
//! | permission, secret or access key missing, sign-in due, settings unreadable, journal newer | danger | at once: only a person can end it | the person did |
//! | credentials or access key rejected, token or discovery unusable, a scope that the token lacks | danger | 2 min | a token that is complete |
//! | dispatch held: scope missing | danger | 2 min | a card goes through, or a person resumes |
//! | dispatch held: sign-in rejected | danger | 2 min | the same, or the next try finds no card left |
//! | storage full or failing, outbox full | danger | 2 min | a commit succeeds; there is room again |
//! | token unavailable, discovery failing, unreachable | attention | 2 min | a token |
//! | stream refused | attention | 2 min | the stream is open for 10 s |
//! | server failing, intercepted | attention | 2 min | a card goes through, or none was tried for 2 min |
//! | frames not understood | attention | 2 min | half of the recent frames, or the last ten, are events |
//! | stream dropped, stream silent | attention | 5 min from the first to the latest | the stream is open for 10 s |
//! | rate limited | attention | 5 min with no card taken | the wait is over |
//! | card expired | attention | 5 min from the first to the latest | a card goes through, and none expired for 1 min |
//! | card refused | attention | as card expired, with no card taken between | a card goes through, and none was refused for 1 min |
//! | interaction forbidden | attention | as card refused | a card goes through |
//! | records set aside, journal lost | attention | never, because nothing is left to mend | the next worker |
//! | a sign-in that a person asked for failed | danger | never, because the person sits before the window | somebody signs in |
//! | recording failing | attention | never, because no card depends on it | a piece is stored |
//! | digital contacts forbidden or refused | attention | never, because a tenant need not have them | they are answered |
//! | reads behind | attention | never, because all other messages are in time | the backlog has been read |
//! | worker restarted | calm | never | the next worker |
//!
//! Trouble that comes back within 30 s (5 min for trouble of single cards) goes on as the same spell. Otherwise a stream
//! that opens for seconds, or a worker that restarts, would end every spell. Spells are persisted with the vitals, and
//! only as one begins, changes or ends.

use crate::api::entry::Checked;
use crate::model::diagnosis::{Active, Diagnoses, Diagnosis, Tone};
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::views::protocol::Notice;

/// Trouble that heals by itself mostly does so within this time.
const LASTING: Millis = Millis::from_mins(2);

/// The same for what also happens while most goes well.
const RECURRING: Millis = Millis::from_mins(5);

/// Trouble of single cards is no longer shown once a card went through and none had that trouble for this long.
const FADED: Millis = Millis::from_mins(1);

/// Trouble is over once it has stayed away for this long.
const LULL: Millis = Millis::from_secs(30);

/// A new worker finds the trouble of the one before within this time: five failures in a row take a while.
const FIRST_TRIES: Millis = Millis::from_secs(90);

/// The time that a diagnosis may last before it is danger and sends a notification; `None` where it never does.
fn patience(diagnosis: &Diagnosis) -> Option<Millis> {
    match diagnosis {
        Diagnosis::ReadForbidden { what } | Diagnosis::ReadRefused { what, .. } if *what == Checked::Digital.name() => None,
        Diagnosis::PermissionMissing { .. }
        | Diagnosis::SecretMissing
        | Diagnosis::AccessKeyMissing
        | Diagnosis::SignInSoon { .. }
        | Diagnosis::SignInDue
        | Diagnosis::SettingsUnreadable { .. }
        | Diagnosis::StorageNewer { .. } => Some(Millis::ZERO),
        Diagnosis::StreamDropped { .. }
        | Diagnosis::StreamSilent { .. }
        | Diagnosis::RateLimited { .. }
        | Diagnosis::CardRefused { .. }
        | Diagnosis::CardExpired
        | Diagnosis::ScopeMissing { interaction: Some(_), paused: false, .. } => Some(RECURRING),
        Diagnosis::StorageDamaged { .. }
        | Diagnosis::StorageIncomplete { .. }
        | Diagnosis::TriggersUnsaved { .. }
        | Diagnosis::StorageLost
        | Diagnosis::RecordingFailing
        | Diagnosis::ReadBehind { .. }
        // A test shows it, and the person sits before the test.
        | Diagnosis::ReadFailing { .. }
        // The person sits before the window.
        | Diagnosis::SignInRefused { .. }
        | Diagnosis::SignInDenied { .. }
        | Diagnosis::SignInClosed { .. }
        | Diagnosis::SignInMixedUp
        | Diagnosis::WorkerRestarted { .. } => None,
        Diagnosis::CredentialsRejected { .. }
        | Diagnosis::AccessKeyRefused { .. }
        | Diagnosis::DiscoveryFailing { .. }
        | Diagnosis::DiscoveryUnusable { .. }
        | Diagnosis::HostNotVouched { .. }
        | Diagnosis::TenantUnknown { .. }
        | Diagnosis::ReadForbidden { .. }
        | Diagnosis::ReadRefused { .. }
        | Diagnosis::ReadStale { .. }
        | Diagnosis::TokenUnavailable { .. }
        | Diagnosis::TokenUnusable { .. }
        | Diagnosis::ScopeMissing { .. }
        | Diagnosis::SignInRejected
        | Diagnosis::ServerFailing { .. }
        | Diagnosis::Intercepted { .. }
        | Diagnosis::StreamRefused
        | Diagnosis::EventsNotUnderstood { .. }
        | Diagnosis::Unreachable { .. }
        | Diagnosis::StorageFull
        | Diagnosis::StorageFailing { .. }
        | Diagnosis::StorageSlow { .. }
        | Diagnosis::EngineRestarted { .. }
        | Diagnosis::OutboxFull => Some(LASTING),
    }
}

/// Whether a diagnosis lasts from the first time to the latest. Every other lasts until now.
fn happens(diagnosis: &Diagnosis) -> bool {
    is_about_one_card(diagnosis)
        || matches!(diagnosis, Diagnosis::StreamDropped { .. } | Diagnosis::StreamSilent { .. })
}

/// Whether a diagnosis is about a single card.
fn is_about_one_card(diagnosis: &Diagnosis) -> bool {
    matches!(
        diagnosis,
        Diagnosis::CardExpired
            | Diagnosis::CardRefused { .. }
            | Diagnosis::ScopeMissing { interaction: Some(_), paused: false, .. }
    )
}

/// Whether a card that goes through refutes the trouble. A card in time does not make up for one that expired.
fn is_refuted_by_a_delivery(code: &str) -> bool {
    matches!(code, "rateLimited" | "cardRefused" | "serverFailing" | "intercepted" | "scopeMissing" | "signInRejected")
}

/// Whether trouble goes on while a person has paused everything and nothing is tried.
fn lasts_while_paused(diagnosis: &Diagnosis) -> bool {
    matches!(
        diagnosis,
        Diagnosis::StorageFull
            | Diagnosis::StorageFailing { .. }
            | Diagnosis::StorageSlow { .. }
            | Diagnosis::EngineRestarted { .. }
            | Diagnosis::StorageNewer { .. }
            | Diagnosis::SecretMissing
            | Diagnosis::AccessKeyMissing
            | Diagnosis::SignInSoon { .. }
            | Diagnosis::SignInDue
            | Diagnosis::SettingsUnreadable { .. }
    )
}

/// The spell that a diagnosis belongs to. A token endpoint that fails in turns in several ways is one trouble: no token.
fn spell_of(code: &str) -> &str {
    match code {
        "tokenUnavailable"
        | "tokenUnusable"
        | "unreachable"
        | "credentialsRejected"
        | "accessKeyRefused"
        | "discoveryFailing"
        | "discoveryUnusable"
        | "hostNotVouched"
        | "tenantUnknown" => "token",
        // Once told that a sign-in is due soon, a person need not be told again that it is due.
        "signInSoon" | "signInDue" => "signIn",
        code => code,
    }
}

/// A spell: one kind of trouble, from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
struct Spell {
    code: String,
    since: Millis,
    /// The latest time that the trouble happened.
    latest: Millis,
    /// A card has gone through since then.
    relieved: bool,
    /// A notification was shown.
    told: bool,
    /// The trouble lasted when it was last weighed. A pause makes it no younger, whatever worker weighs it then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lasted: bool,
    /// Since when the trouble has stayed away.
    #[serde(default)]
    gone: Option<Millis>,
}

impl Spell {
    fn new(code: &str, now: Millis) -> Spell {
        Spell {
            code: code.to_owned(),
            since: now,
            latest: now,
            relieved: false,
            told: false,
            lasted: false,
            gone: None,
        }
    }

    /// When the spell's notification goes, where the trouble has stayed away.
    fn quiet_at(&self) -> Option<Millis> {
        self.gone.map(|gone| gone.plus(LULL))
    }

    /// When the spell is over, where the trouble has stayed away. Trouble that comes back before sends nothing.
    fn over_at(&self) -> Option<Millis> {
        let recurs = matches!(&*self.code, "cardExpired" | "cardRefused" | "scopeMissing");
        self.gone.map(|gone| gone.plus(if recurs { RECURRING } else { LULL }))
    }
}

/// The spells of trouble, and which one the notification on screen is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
pub struct Trouble {
    spells: Vec<Spell>,
    shown: Option<String>,
    #[serde(skip)]
    changed: bool,
    #[serde(skip)]
    deadline: Option<Millis>,
}

impl Trouble {
    /// Goes on with what an earlier worker left. A new worker needs some tries to find the same trouble.
    pub fn resume(stored: Trouble, now: Millis) -> Trouble {
        let spells = stored.spells.into_iter().map(|spell| Spell {
            since: spell.since.min(now),
            latest: spell.latest.min(now),
            gone: Some(spell.gone.unwrap_or(now.plus(FIRST_TRIES)).min(now.plus(FIRST_TRIES))),
            ..spell
        });
        Trouble { spells: spells.collect(), shown: stored.shown, changed: true, ..Trouble::default() }
    }

    /// Whether nothing is wrong, so that nothing needs to be persisted.
    pub fn is_empty(&self) -> bool {
        self.spells.is_empty() && self.shown.is_none()
    }

    /// A card went through.
    pub fn relieve(&mut self, now: Millis) {
        for spell in &mut self.spells {
            self.changed |= !spell.relieved;
            spell.relieved = true;
            if is_refuted_by_a_delivery(&spell.code) {
                spell.since = now;
                spell.told = false;
            }
        }
    }

    /// Everything is cleared.
    pub fn end_all(&mut self) {
        self.changed |= !self.spells.is_empty();
        self.spells.clear();
    }

    /// Weighs what is wrong by how long it has lasted, and ends what is over. Says whether that is to be persisted.
    pub fn weigh(&mut self, diagnoses: &mut Diagnoses, paused: bool, now: Millis, wall: Millis) -> bool {
        for spell in self.spells.iter().filter(|spell| spell.relieved && spell.latest.plus(FADED) <= now) {
            diagnoses.clear(|wrong| is_about_one_card(wrong) && spell_of(wrong.code()) == spell.code);
        }
        for spell in &mut self.spells {
            if spell.gone.is_none() && !diagnoses.iter().any(|active| spell_of(active.diagnosis.code()) == spell.code) {
                spell.gone = Some(now);
                self.changed = true;
            }
        }
        self.deadline = None;
        for active in diagnoses.iter_mut() {
            let happened = std::mem::take(&mut active.fresh);
            if let Some(patience) = patience(&active.diagnosis) {
                let idle = paused && !lasts_while_paused(&active.diagnosis);
                self.weigh_one(active, happened, patience, idle, now);
                let lasted_for =
                    self.since(spell_of(active.diagnosis.code())).map_or(Millis::ZERO, |since| now.since(since));
                active.since = wall.since(lasted_for);
            }
        }
        let before = self.spells.len();
        self.spells.retain(|spell| spell.over_at().is_none_or(|over| over > now));
        self.changed |= self.spells.len() != before;
        let quiet = self.shown_spell().and_then(Spell::quiet_at).filter(|at| *at > now);
        self.deadline = self.spells.iter().filter_map(Spell::over_at).chain(quiet).chain(self.deadline).min();
        std::mem::take(&mut self.changed)
    }

    fn weigh_one(&mut self, active: &mut Active, happened: bool, patience: Millis, idle: bool, now: Millis) {
        let code = spell_of(active.diagnosis.code());
        let index = self.spells.iter().position(|spell| spell.code == code).unwrap_or_else(|| {
            self.changed = true;
            self.spells.push(Spell::new(code, now));
            self.spells.len() - 1
        });
        let spell = &mut self.spells[index];
        let happens = happens(&active.diagnosis);
        self.changed |= spell.gone.take().is_some();
        if happened && happens {
            self.changed |= spell.latest != now || spell.relieved;
            spell.latest = now;
            spell.relieved = false;
        }
        if idle && !spell.lasted {
            spell.since = now;
        }
        let at = spell.since.plus(patience);
        let lasted = at <= if happens { spell.latest } else { now };
        self.changed |= lasted != active.lasted || lasted != spell.lasted;
        (active.lasted, spell.lasted) = (lasted, lasted);
        active.tone = if active.lasted { Tone::Danger } else { active.diagnosis.tone() };
        let due = if happens {
            (spell.relieved && is_about_one_card(&active.diagnosis)).then(|| spell.latest.plus(FADED))
        } else {
            (!idle && !active.lasted).then_some(at)
        };
        self.deadline = self.deadline.into_iter().chain(due).min();
    }

    /// Tells a person once about each spell that has lasted, and takes the notification back when the spell is over. Says
    /// whether that is to be persisted.
    pub fn tell(&mut self, wanted: bool, diagnoses: &Diagnoses, now: Millis, notices: &mut Vec<Notice>) -> bool {
        let before = self.shown.clone();
        let lasts = self.shown_spell().is_some_and(|spell| spell.told && spell.quiet_at().is_none_or(|at| at > now));
        if before.is_some() && !(wanted && lasts) {
            self.shown = None;
            notices.push(Notice::TroubleOver);
        }
        if !wanted {
            self.spells.iter_mut().for_each(|spell| spell.told = false);
            return self.shown != before;
        }
        let mut news: Option<&Active> = None;
        for active in diagnoses.iter().filter(|active| active.lasted) {
            let spell = self.spells.iter_mut().find(|spell| spell.code == spell_of(active.diagnosis.code()));
            if spell.is_some_and(|spell| !std::mem::replace(&mut spell.told, true)) {
                news = Some(active); // Several at once send one notification, about the newest.
            }
        }
        if let Some(diagnosis) = news.map(Active::view) {
            self.shown = Some(spell_of(&diagnosis.code).to_owned());
            notices.push(Notice::Trouble { diagnosis });
        }
        news.is_some() || self.shown != before
    }

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.deadline
    }

    fn shown_spell(&self) -> Option<&Spell> {
        self.spells.iter().find(|spell| Some(&spell.code) == self.shown.as_ref())
    }

    fn since(&self, code: &str) -> Option<Millis> {
        self.spells.iter().find(|spell| spell.code == code).map(|spell| spell.since)
    }
}
