//! The end of the faults, and what must be true soon after.

use cuewire::shell::ports::Guard;

use crate::tally::Check;
use crate::world::World;
use crate::world::card::{Card, Form};
use crate::world::event::Event;
use crate::world::interaction::Interaction;
use crate::world::utterance::Utterance;
use crate::world::wish::Wish;
use crate::world::worker::State;

/// Once faults stop, every card is settled so long after the end of its time to live, at the latest.
pub const SETTLED_WITHIN: u64 = 150_000;

/// Once faults stop, the stream is open within this, at the latest: credentials that were refused are tried again after
/// up to 7.5 min, and an alarm may be what starts the worker.
pub const STREAMING_WITHIN: u64 = 10 * 60_000;

/// The longest silence that is believed, for a socket that nobody knows is dead.
pub const SILENCE: u64 = 15 * 60_000;

/// A card that comes due after everything has settled is delivered within this, and one that is due beside it …
pub const DELIVERED_WITHIN: u64 = 60_000;

/// … so much later: the slowest pace at which a server is asked that refused again and again.
pub const SLOWEST_PACE: u64 = 40_000;

impl World {
    /// All faults stop.
    pub(crate) fn heals(&mut self) {
        self.trace.line(|| "== faults stop".to_owned());
        self.healed_at = Some(self.now);
        self.awake();
        self.statuses.clear();
        self.storage.capacity = None;
        self.storage.unreadable_until = 0;
        self.down_until = 0;
        self.forbidden_until = 0;
        self.end_troubles();
        for server in &mut self.servers {
            server.limited_until = 0;
            server.unauthorized_until = 0;
        }
        if self.storage.ours.is_some() {
            self.end_worker();
            self.storage.become_ours();
            self.ledger.newer_copy = None;
            self.after(100, Event::Wake);
        }
        self.after(1_000, Event::Looks);
    }

    /// Has everything settled?
    pub(crate) fn looks(&mut self) {
        let Some(healed) = self.healed_at else { return };
        let since = self.now - healed;
        let helped = self.actions.len();
        self.help();
        let helped = self.actions.len() > helped;
        if let Some((card_of, at)) = self.ledger.probe {
            return self.look_at_probe(card_of, at);
        }
        let open = self.ledger.cards.iter().filter(|card| card.form == Some(Form::Open)).count();
        let unanswered = self.worker.unanswered.len() + self.worker.mailbox.len();
        let settled = open == 0
            && self.ledger.must.is_empty()
            && unanswered == 0
            && !self.ledger.awaiting
            && !self.any_rule_paused();
        let streaming = (self.worker.socket.map(|at| &self.sockets[at]))
            .is_some_and(|socket| socket.opened && socket.served && !socket.half_open);
        let half_open = self.sockets.iter().any(|socket| socket.half_open);
        let settle_by = self.plan.setup.ttl + SETTLED_WITHIN;
        let stream_by = STREAMING_WITHIN + self.ledger.token_wait + if half_open { SILENCE } else { 0 };
        if settled {
            self.ledger.settled_at = since;
        }
        if since > self.ledger.settled_at + settle_by {
            let dead = self.worker.state == State::Dead;
            let (must, writing) = (self.ledger.must.clone(), self.ledger.awaiting);
            return self.fail(Check::Settles, || {
                format!(
                    "{open} cards open, {unanswered} commands unanswered, {must:?} unwritten after {since} ms; writing: {writing}; dead: {dead}"
                )
            });
        }
        if streaming {
            self.ledger.streamed_at = since;
        }
        if since > self.ledger.streamed_at + stream_by {
            return self.fail(Check::Resumes, || format!("no stream after {since} ms"));
        }
        if !settled || !streaming || helped {
            let pause = (since / 4).clamp(500, 15_000);
            return self.after(pause, Event::Looks);
        }
        self.tally.checks[Check::Settles as usize] += 1;
        self.tally.checks[Check::Resumes as usize] += 1;
        self.tally.longest_settling = self.tally.longest_settling.max(since);
        // Printing all there is costs more than the rest of a short schedule: one in sixteen does.
        if self.trace.hash().is_multiple_of(16) {
            self.look_at_secrets();
        }
        self.begin_probe();
    }

    /// The acts of a person once faults are over: those that only a person can do.
    fn help(&mut self) {
        let Some((current, _)) = self.storage.settings.as_ref() else {
            return self.save_again(0);
        };
        let current = *current;
        if self.storage.device_secret.is_none() && self.storage.session_secret.is_none() {
            return self.save_again(current);
        }
        if self.worker.state != State::Alive {
            // Nothing is due while it is paused, so nothing brings it back but a person who looks.
            if self.worker.state == State::Dead && self.worker.guard == Guard::None && self.worker.alarm.is_none() {
                let stored = self.storage.journal.get("pauses");
                let paused = self.ledger.paused || stored.is_some_and(|text| text.contains("\"scope\":null"));
                self.check(Check::Resumes, paused, || "dead, and nothing is due, though nobody paused it".to_owned());
                self.act_in(1, Wish::Look);
            }
            return;
        }
        let status = self.worker.runner.pipeline().status();
        if matches!(status.state, cuewire::views::status::State::Paused { .. }) {
            self.act_in(1, Wish::Resume(None));
        }
        if self.any_rule_paused() && self.now >= self.ledger.help_at {
            self.ledger.help_at = self.now + 20_000;
            for rule in (0..2).filter(|rule| self.ledger.pausing[*rule].maybe).collect::<Vec<_>>() {
                self.act_in(1, Wish::Resume(Some(rule)));
            }
        }
    }

    /// Settings that are gone are saved again, and once more should that have failed.
    fn save_again(&mut self, setup: usize) {
        if self.now >= self.ledger.help_at {
            self.ledger.help_at = self.now + 20_000;
            self.act_in(1, Wish::Save(setup));
        }
    }

    /// One more interaction that is certainly due a card.
    fn begin_probe(&mut self) {
        let Some(setup) = self.worker.setup.map(|setup| self.setups[setup].clone()) else {
            self.finished = true;
            return;
        };
        let number = self.interactions.len();
        let mut interaction = Interaction::new(900 + number, setup.host, true, &mut self.dice);
        interaction.host = setup.host;
        self.interactions.push(interaction);
        let plea = Utterance::plea(number, &self.interactions[number].id, &setup, &mut self.dice);
        let silent = setup.dry_run || setup.quiet.is_some() || setup.per_queue.is_some();
        if silent || plea.fulfils(plea.queue, &setup) == [false; 2] {
            self.finished = true;
            return;
        }
        self.ledger.probe = Some((number, self.now));
        self.say(setup.host, plea);
        self.after(400, Event::Looks);
    }

    fn look_at_probe(&mut self, interaction: usize, at: u64) {
        let host = self.interactions[interaction].host;
        if self.worker.setup.is_some_and(|setup| self.setups[setup].host != host) {
            // Settings that a person saved meanwhile name another service.
            self.ledger.probe = None;
            return self.after(500, Event::Looks);
        }
        let taken = |world: &World| {
            let of_probe = |card: usize| world.ledger.cards[card].interaction == interaction;
            world.servers[host].taken.iter().any(|(card, _)| of_probe(*card))
        };
        let perceived = self.perceived();
        let held = self.ledger.holds.iter().any(|hold| hold.host == host && hold.until > perceived);
        let held = held || self.waits_longer();
        // The worker that heard the order may have died of it.
        let unheard = self.interactions[interaction].due_at == [0; 2]
            && !self.ledger.cards.iter().any(|card| card.interaction == interaction && card.fired);
        // A token that the server says is worth nothing is asked for again after up to 45 s; a shorter life may end
        // first. And a hold tries a card after up to 5 min.
        let brief = self.plan.setup.ttl < DELIVERED_WITHIN + self.hold_of(host) && !unheard;
        // One for another organisation waits until its time is over, or its settings are back.
        // A card that is stuck stays open until its time to live ends.
        let here = |card: &Card| card.form == Some(Form::Open) && card.host == host;
        let cards = self.ledger.cards.iter().enumerate();
        let open = cards.filter(|(at, card)| here(card) && self.trouble_of(*at, host).is_none()).count();
        let gone = (taken(self) || brief) && open == 0;
        let late_by = DELIVERED_WITHIN
            + self.hold_of(host)
            + SLOWEST_PACE * open.saturating_sub(usize::from(!taken(self))) as u64;
        // A crowd that comes due beside it is open while it goes, and ever fewer are. Their time counts from the card
        // that was taken last.
        let at = if self.plan.crowd > 0 { at.max(self.time.taken_at[host]) } else { at };
        if gone || held {
            self.tally.checks[Check::Recovers as usize] += u64::from(gone);
            self.finished = true;
        } else if unheard && self.now <= at + DELIVERED_WITHIN {
            // Or it was said into a socket that was just being replaced.
            let Some(setup) = self.worker.setup.map(|setup| self.setups[setup].clone()) else { return };
            let plea = Utterance::plea(interaction, &self.interactions[interaction].id, &setup, &mut self.dice);
            self.say(host, plea);
            self.after(3_000, Event::Looks);
        } else if self.now > at + late_by {
            self.fail(Check::Recovers, || "a card that came due after the faults was not delivered".to_owned());
        } else {
            self.after(700, Event::Looks);
        }
    }
}
