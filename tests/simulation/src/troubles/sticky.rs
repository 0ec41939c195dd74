//! Troubles that stay: with an interaction, a queue, a server, the stream or the storage, for seconds to hours.

use cuewire::model::http::{Answer, Outcome};

use crate::common::http_date::imf;
use crate::plan::QUEUES;
use crate::plan::limit::{Limit, Says};
use crate::service::page::page;
use crate::tally::Fault;
use crate::world::World;
use crate::world::event::{EPOCH, Event};
use crate::world::server::{Purpose, Request, Spell, Stuck, Wait};
use crate::world::utterance::Utterance;

const SPELLS: [(Fault, Spell); 6] = [
    (Fault::ServerFails, Spell::Fails),
    (Fault::ServerHangs, Spell::Hangs),
    (Fault::ServerUnauthorized, Spell::Unauthorized),
    (Fault::ServerZero, Spell::Zero),
    (Fault::ServerPortal, Spell::Portal),
    (Fault::ServerRedirects, Spell::Redirects),
];

const TROUBLES: [(Fault, Stuck); 3] =
    [(Fault::StuckFails, Stuck::Fails), (Fault::StuckHangs, Stuck::Hangs), (Fault::StuckForbidden, Stuck::Forbidden)];

impl World {
    /// The troubles of interactions that are there from the beginning and stay for good.
    pub(crate) fn begin_troubles(&mut self) {
        for at in 0..self.interactions.len() {
            if self.dice.chance(self.plan.stuck) {
                let (fault, trouble) = self.dice.pick(&TROUBLES);
                self.happened(fault);
                self.interactions[at].stuck = Some((trouble, u64::MAX));
            }
        }
        if self.plan.unattended {
            self.happened(Fault::Unattended);
        }
        if self.plan.crowd > 0 {
            let pause = self.dice.between(1_000, 4_000);
            self.after(pause, Event::Crowds);
        }
    }

    /// Maybe a trouble begins that stays for a while.
    pub(crate) fn change_troubles(&mut self) {
        for (fault, trouble) in TROUBLES {
            if self.strikes(fault) {
                let at = self.dice.below(self.interactions.len() as u64) as usize;
                let until = self.now + self.long_span();
                self.interactions[at].stuck = Some((trouble, until));
            }
        }
        for (fault, spell) in SPELLS {
            if self.strikes(fault) {
                let host = self.dice.below(2) as usize;
                let until = self.now + self.long_span();
                self.servers[host].spell = Some((spell, until));
            }
        }
        if self.strikes(Fault::StuckQueue) {
            let host = self.dice.below(2) as usize;
            let until = self.now + self.long_span();
            self.servers[host].stuck_queue = Some((self.dice.below(QUEUES.len() as u64) as usize, until));
        }
        if self.strikes(Fault::Gibberish) {
            self.gibberish_until = self.now + self.long_span();
        }
        if self.strikes(Fault::StreamRefused) {
            self.refused_until = self.now + self.long_span();
            for at in 0..self.sockets.len() {
                if self.sockets[at].served {
                    self.after(5, Event::Closes(at, 1006));
                }
            }
        }
        if self.strikes(Fault::StorageHangs) {
            let span = self.dice.pick(&[1_000, 8_000, 20_000, 60_000, u64::MAX / 2]);
            self.storage.hung_until = self.storage.hung_until.max(self.now + span);
            self.storage.hung_connection = self.dice.chance(500);
        }
    }

    fn long_span(&mut self) -> u64 {
        let most = self.dice.pick(&[5_000, 20_000, 120_000, 1_800_000]);
        self.dice.between(most / 3, most)
    }

    /// Every trouble ends but those that are for good.
    pub(crate) fn end_troubles(&mut self) {
        for server in &mut self.servers {
            (server.spell, server.stuck_queue) = (None, None);
        }
        for interaction in self.interactions.iter_mut() {
            interaction.stuck = interaction.stuck.filter(|(_, until)| *until == u64::MAX);
        }
        (self.gibberish_until, self.refused_until) = (0, 0);
        self.thaw();
    }

    /// The spell that a server is under.
    pub(crate) fn spell_of(&self, host: usize) -> Option<Spell> {
        self.servers[host].spell.filter(|(_, until)| self.now < *until).map(|(spell, _)| spell)
    }

    /// A request under a spell. Says whether that is all that becomes of it.
    pub(crate) fn spellbound(&mut self, at: usize) -> bool {
        let Request { host, purpose, .. } = self.requests[at];
        let Some(spell) = self.spell_of(host) else { return false };
        let plain =
            |status: u16, body: &str| Outcome::Answer(Answer { status, body: body.to_owned(), ..Answer::default() });
        let between = matches!(spell, Spell::Portal | Spell::Redirects);
        self.servers[host].odd_token |= between && purpose == Purpose::Token;
        match (spell, purpose) {
            (Spell::Portal, _) => self.answer(at, Outcome::Answer(page()), None),
            (Spell::Redirects, _) => self.answer(at, Outcome::Redirected, None),
            (_, Purpose::Token) => return false,
            (Spell::Fails, _) => self.answer(at, plain(500, "down for a while"), None),
            (Spell::Hangs, _) => {}
            (Spell::Unauthorized, _) => self.answer(at, plain(401, "no"), None),
            (Spell::Zero, _) => self.refuse_for_rate(at, 0, Says::Down),
        }
        true
    }

    /// A card whose interaction or queue has a trouble of its own. Says whether that is all that becomes of it.
    pub(crate) fn is_stuck(&mut self, at: usize, card: usize) -> bool {
        let host = self.requests[at].host;
        let plain = |status: u16| Outcome::Answer(Answer { status, ..Answer::default() });
        match self.trouble_of(card, host) {
            None => return false,
            Some(Stuck::Fails) => self.answer(at, plain(500), None),
            Some(Stuck::Forbidden) => self.answer(at, plain(403), None),
            Some(Stuck::Hangs) => {}
        }
        true
    }

    /// The trouble of one card, whatever happens to others.
    pub(crate) fn trouble_of(&self, card: usize, host: usize) -> Option<Stuck> {
        let card = &self.ledger.cards[card];
        let queue = self.servers[host].stuck_queue.filter(|(_, until)| self.now < *until).map(|(queue, _)| queue);
        if queue.is_some() && card.queue == queue {
            return Some(Stuck::Fails);
        }
        self.interactions[card.interaction].stuck.filter(|(_, until)| self.now < *until).map(|(stuck, _)| stuck)
    }

    /// A card that is one too many, or is refused whatever the rate. Says whether it is.
    pub(crate) fn exceeds(&mut self, at: usize) -> bool {
        let (host, now) = (self.requests[at].host, self.now);
        match self.plan.limit {
            Limit::None => false,
            Limit::Random(share) => {
                let refused = self.dice.chance(share);
                if refused {
                    self.happened(Fault::RefusedAtRandom);
                    self.refuse_for_rate(at, 1_000, Says::Up);
                }
                refused
            }
            Limit::Rate(rate) => {
                let Some(wait) = self.servers[host].meter.ask(rate, now) else { return false };
                self.happened(Fault::RateLimited);
                self.refuse_for_rate(at, wait, rate.says);
                true
            }
        }
    }

    fn refuse_for_rate(&mut self, at: usize, wait: u64, says: Says) {
        let server = EPOCH + self.now;
        let seconds = if says == Says::Up { wait.div_ceil(1_000) } else { wait / 1_000 };
        let (says, span) = match says {
            Says::Past => (imf(server - 5_000), 0),
            Says::Up | Says::Down => (seconds.to_string(), seconds * 1_000),
        };
        self.limit(at, Some(says), Some(imf(server)), Wait::Span(span));
    }

    /// Hundreds of interactions qualify within a second, once a worker listens.
    pub(crate) fn crowds(&mut self) {
        let heard = self.worker.socket.is_some_and(|at| self.sockets[at].opened && self.sockets[at].served);
        if !heard {
            if self.healed_at.is_none_or(|healed| self.now < healed + 60_000) {
                self.after(500, Event::Crowds);
            }
            return;
        }
        self.happened(Fault::Crowd);
        let first = self.interactions.len() - self.plan.crowd;
        let setup = self.setups[0].clone();
        for at in first..self.interactions.len() {
            let queue = setup.include.unwrap_or(QUEUES.len() + at % 300);
            let plea = Utterance::plea_from(queue, at, &self.interactions[at].id, &setup, &mut self.dice);
            self.say(self.interactions[at].host, plea);
        }
    }
}
