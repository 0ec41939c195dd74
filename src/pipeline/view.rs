//! The pipeline, as pages and the toolbar show it.

use super::start::Standstill;
use super::{Effects, Pipeline};
use crate::delivery::outbox::{CardState, CardView, Entry};
use crate::link::probe::Probe;
use crate::model::diagnosis::Tone;
use crate::model::event::Rejection;
use crate::model::time::Millis;
use crate::pipeline::effect::Effect;
use crate::rules::{LONG_WAIT, NEGATIVE_SENTIMENT};
use crate::settings::SettingsView;
use crate::views::dashboard::{Dashboard, Histogram, Side};
use crate::views::protocol::Badge;
use crate::views::status::{Count, Counted, RuleView, State, Status};

/// The newest given-up cards that the dashboard shows.
const GIVEN_UP_SHOWN: usize = 500;

/// The newest handled triggers that the dashboard shows.
const HANDLED_SHOWN: usize = 200;

impl Pipeline {
    /// The state in a glance.
    pub fn status(&self) -> Status {
        let outbox = &self.dispatch.outbox;
        let diagnoses = self.diagnoses.all();
        Status {
            state: self.state(),
            organization: self
                .profile
                .as_ref()
                .map(|profile| profile.settings.base().host().to_owned())
                .unwrap_or_default(),
            streaming_since: self.stream.open_since(),
            heard_at: self.stream.heard_wall(),
            events: self.counters.events,
            rejected: (Rejection::ALL.iter().zip(self.counters.rejected))
                .filter(|(_, count)| *count > 0)
                .map(|(rejection, count)| Count { name: rejection.name().to_owned(), count })
                .collect(),
            counted: Counted {
                since: self.counters.since,
                triggers: self.journal.meta.triggers.saturating_sub(self.counters.triggers_before),
                delivered: self.journal.meta.delivered.saturating_sub(self.counters.delivered_before),
            },
            triggers: self.journal.meta.triggers,
            delivered: self.journal.meta.delivered,
            waiting: outbox.open() as u32,
            given_up: outbox.given_up() as u32,
            in_flight: outbox.flights.len() as u32,
            not_durable: outbox.accepting() as u32,
            rules: self.evaluator.rules().map(|rule| RuleView::from(&**rule)).collect(),
            log_entries: self.journal.meta.history_entries(),
            suppressed: self.counters.suppressed,
            dry_run: self.profile.as_ref().is_some_and(|profile| profile.settings.dry_run),
            diagnosis: self.diagnoses.newest().filter(|diagnosis| diagnosis.tone != Tone::Calm),
            diagnoses,
            cards: self.recent_cards(),
            test: self.probe.as_ref().map(Probe::steps),
            gaps: self.stream.gaps().collect(),
            polls: self.polling.views(|instant| self.clock.to_wall(instant)),
            recording: self.recording_view(),
        }
    }

    /// Everything the dashboard shows.
    pub fn dashboard(&self, wall: Millis) -> Dashboard {
        let settings = self.settings_view();
        let threshold = |field| settings.number(field).unwrap_or_default();
        let in_force = self.profile.as_ref().is_none_or(|profile| profile.settings.rules.is_none());
        let outbox = &self.dispatch.outbox;
        let skipped = outbox.given_up().saturating_sub(GIVEN_UP_SHOWN);
        let given_up = outbox.iter().filter(|entry| !entry.is_open() && !entry.is_leaving()).skip(skipped);
        let shown = outbox.iter().filter(|entry| entry.is_open()).chain(given_up);
        Dashboard {
            at: wall,
            status: self.status(),
            outbox: shown.map(|entry| self.card_view(entry)).collect(),
            handled: self.handled.views(HANDLED_SHOWN),
            pauses: self.pauses.views(|instant| self.clock.to_wall(instant)),
            figures: self.metrics.figures(wall),
            sentiment: Histogram {
                rule: NEGATIVE_SENTIMENT.to_owned(),
                threshold: threshold("sentimentThreshold"),
                in_force,
                due: Side::Below,
                bins: self.metrics.sentiment(),
            },
            wait: Histogram {
                rule: LONG_WAIT.to_owned(),
                threshold: threshold("queueWaitThresholdSeconds"),
                in_force,
                due: Side::Above,
                bins: self.metrics.wait(),
            },
        }
    }

    /// The current settings, or the defaults.
    pub(super) fn settings_view(&self) -> SettingsView {
        match (&self.profile, &self.incomplete) {
            (Some(profile), _) => profile.settings.view(true),
            (None, Some(settings)) => settings.view(false),
            (None, None) => SettingsView::default(),
        }
    }

    /// Keeps what people see outside the pages true: the weight of what is wrong, the badge, the notifications.
    pub(super) fn show_trouble(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        let before = effects.len();
        let paused = self.pauses.everything().is_some();
        let weighed = self.trouble.weigh(&mut self.diagnoses, paused, now, wall);
        self.show_badge(now, effects);
        let wanted = self.wants_notifications();
        if wanted {
            if let Some(notice) = self.alerts.due(now) {
                effects.push(Effect::Notify(notice));
            }
        } else {
            self.alerts.silence();
        }
        let mut notices = Vec::new();
        let told = self.trouble.tell(wanted, &self.diagnoses, now, &mut notices);
        for notice in notices {
            effects.push(Effect::Notify(notice));
        }
        self.pages.news |= effects.len() != before || weighed;
        if weighed || told {
            // A worker that is killed now must neither begin the spell again nor tell of it again.
            effects.push(Effect::KeepAlive { vitals: self.vitals(wall) });
        }
    }

    fn wants_notifications(&self) -> bool {
        match (&self.profile, &self.incomplete) {
            (Some(profile), _) => profile.settings.notify,
            (None, Some(settings)) => settings.notify,
            (None, None) => self.notify_unread,
        }
    }

    /// Keeps the badge on the toolbar button true.
    fn show_badge(&mut self, now: Millis, effects: &mut Effects) {
        let waiting = self.dispatch.outbox.open();
        let tone = self.diagnoses.tone();
        let text = match (self.state(), tone) {
            (State::NotSetUp, Tone::Calm) => String::new(),
            (_, Tone::Danger) => "!".to_owned(),
            (State::Paused { .. }, _) => "II".to_owned(),
            (_, _) if waiting > 999 => "999+".to_owned(),
            (_, _) if waiting > 0 => waiting.to_string(),
            (State::Reconnecting { .. }, _) => "…".to_owned(),
            _ => String::new(),
        };
        if let Some(badge) = self.toolbar.change(Badge { text, tone }, now) {
            effects.push(Effect::ShowBadge(badge));
        }
    }

    fn state(&self) -> State {
        if self.profile.is_none() && self.diagnoses.tone() != Tone::Danger {
            return State::NotSetUp;
        }
        if let Standstill::Until(until) = self.standstill() {
            return State::Paused { until: until.map(|until| self.clock.to_wall(until)) };
        }
        if self.diagnoses.tone() == Tone::Danger {
            return State::NeedsAttention;
        }
        if self.stream.is_open() {
            return State::Streaming;
        }
        if self.stream.is_off() && self.polling.is_watching(self.clock.latest()) {
            return State::Watching;
        }
        let retries = [self.stream.retry_at(), self.session.retry_at(), self.polling_retry_at()];
        match retries.into_iter().flatten().max().filter(|at| *at > self.clock.latest()) {
            Some(at) => State::Reconnecting { at: self.clock.to_wall(at) },
            None => State::Connecting,
        }
    }

    /// Where a stream is wanted, the state is the stream's.
    fn polling_retry_at(&self) -> Option<Millis> {
        self.polling.retry_at().filter(|_| self.stream.is_off())
    }

    fn card_view(&self, entry: &Entry) -> CardView {
        entry.view(|instant| self.clock.to_wall(instant))
    }

    /// The newest cards; one that has left the outbox was delivered or dropped.
    fn recent_cards(&self) -> Vec<CardView> {
        let newest = self.recent.iter().map(|recent| {
            let name = recent.name();
            let entry = self.dispatch.outbox.iter().find(|entry| entry.is_named(&name));
            match entry {
                Some(entry) => CardView { handled: recent.handled.clone(), ..self.card_view(entry) },
                None if recent.state == CardState::Accepting => {
                    CardView { state: CardState::Delivered, ..recent.clone() }
                }
                None => recent.clone(),
            }
        });
        newest.collect()
    }
}
