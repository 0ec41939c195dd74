//! Data that is gone with a worker, with the storage, or by a person's wish.

use cuewire::delivery::pauses::Pauses;
use cuewire::journal::decode;

use crate::plan::HOSTS;
use crate::tally::Check;
use crate::world::World;
use crate::world::card::Form;
use crate::world::server::Purpose;

impl World {
    /// A worker reads what is stored.
    pub(crate) fn note_start(&mut self) {
        let perceived = self.perceived();
        let keeps_heard = self.worker.unjudged_in == Some(self.worker.life);
        if !keeps_heard {
            self.forget_queues();
        }
        let ledger = &mut self.ledger;
        ledger.starts.push(perceived);
        ledger.attempt = 0;
        ledger.stream_not_before = 0;
        if !keeps_heard {
            ledger.must.clear();
        }
        ledger.asked = None;
        ledger.clean = false;
        let intact = |text: &&String| decode::<Pauses>(text).is_ok();
        let pauses = self.storage.journal.get("pauses").filter(intact);
        ledger.paused = pauses.is_some_and(|text| text.contains("\"scope\":null"));
        let endless = pauses.is_some_and(|text| text.contains("\"scope\":null,\"until\":null"));
        ledger.paused_until = if endless { u64::MAX } else { 0 };
        let pauses = pauses.cloned();
        ledger.token_failed = false;
        ledger.awaiting = false;
        ledger.commits.clear();
        ledger.clearing = false;
        if !keeps_heard {
            self.interactions.iter_mut().for_each(|interaction| {
                (interaction.due_at, interaction.may_fire) = ([0; 2], [false; 2]);
            });
        }
        self.read_pausing(pauses.as_ref());
        self.note_reading();
        for card in &mut self.ledger.cards {
            let kept = card.form == Some(Form::Open) && !self.clock_was_odd;
            (card.failed_here, card.not_before) =
                if kept { (card.durable_tries, card.durable_not_before) } else { (0, 0) };
        }
    }

    /// A worker must show damage and loss.
    pub(crate) fn look_at_start(&mut self) {
        if !self.worker.running {
            let shown = self.worker.runner.pipeline().status().diagnoses;
            let named = shown.iter().any(|wrong| wrong.code == "storageNewer" || wrong.code == "storageFailing");
            self.check(Check::LossShown, named, || "an unreadable journal is not shown".to_owned());
            return;
        }
        let (damage, loss) = (self.ledger.expect_damage, self.ledger.expect_loss);
        if !damage && !loss {
            return;
        }
        self.ledger.expect_damage = false;
        self.ledger.expect_loss = false;
        let shown = self.worker.runner.pipeline().status().diagnoses;
        let has = |code: &str| shown.iter().any(|wrong| wrong.code == code);
        if damage {
            self.check(Check::DamageShown, has("storageDamaged"), || "damage is not shown".to_owned());
        }
        if loss {
            self.check(Check::LossShown, has("storageLost"), || "loss is not shown".to_owned());
        }
    }

    /// The worker is dead: what it alone knew is gone.
    pub(crate) fn note_death(&mut self) {
        let life = self.worker.life;
        let unheard: Vec<usize> = (self.requests.iter())
            .filter(|request| request.life == life && request.taken && !request.over)
            .filter_map(|request| match request.purpose {
                Purpose::Card(card) => Some(card),
                Purpose::Token => None,
            })
            .collect();
        for card in unheard {
            self.lose_answer(card);
        }
        // Frames heard since the vitals were last written count as not heard, but for the slack that the memory allows
        // for.
        let slack = self.plan.setup.remember / 16;
        for heard in &mut self.ledger.heard {
            heard.at = heard.at.min(heard.written + slack);
            heard.seen = (heard.durable_seen, heard.written);
            heard.rules = 0;
        }
        for at in 0..self.ledger.cards.len() {
            if self.ledger.cards[at].delivered_in.take().is_some() && self.ledger.cards[at].form.is_some() {
                self.lose_answer(at);
            }
            let card = &mut self.ledger.cards[at];
            if card.form.is_some() {
                card.due_at = card.durable_due_at;
            }
            card.sequence = if card.form.is_some() { card.durable_sequence } else { 0 };
            card.given_up = card.form == Some(Form::GivenUp);
            card.written = card.form.is_some();
            card.reached = card.durable_reached;
            // A card that was never durable takes nothing from its rule, which may fire once more as before.
            card.unreached = card.unreached_before.take().unwrap_or(card.unreached);
            card.fired = card.fired_durable;
            card.dropped = false;
        }
        let before = self.ledger.holds.len();
        self.ledger.holds.retain(|hold| hold.durable);
        if self.ledger.holds.len() < before {
            let perceived = self.perceived();
            self.ledger.unaware_starts.push(perceived);
        }
        self.tally.waits_lost += (before - self.ledger.holds.len()) as u64;
        self.ledger.must.clear();
        self.ledger.clean = false;
        self.forget_unspent();
        self.note_hold_forgotten();
    }

    pub(crate) fn lose_answer(&mut self, card: usize) {
        self.ledger.cards[card].lost += 1;
        self.tally.lost_answers += 1;
    }

    /// The worker no longer knows which queue an interaction named last.
    pub(crate) fn forget_queues(&mut self) {
        self.ledger.heard.iter_mut().for_each(|heard| heard.queue = None);
    }

    /// The journal is gone.
    pub(crate) fn note_emptied(&mut self) {
        self.ledger.heard.iter_mut().for_each(|heard| heard.rules = 0);
        self.ledger.expect_loss = true;
        self.ledger.expect_damage = false;
        self.ledger.holds.clear();
        self.ledger.spent.clear();
        for at in 0..self.ledger.cards.len() {
            self.forget_card(at);
        }
    }

    fn forget_card(&mut self, at: usize) {
        let card = &mut self.ledger.cards[at];
        card.form = None;
        card.written = false;
        card.fired = false;
        card.fired_durable = false;
        card.sequence = 0;
        card.given_up = false;
        // Whatever the server has of it may come again, and nobody can know.
        self.lose_answer(at);
    }

    /// A record is damaged.
    pub(crate) fn note_damage(&mut self, key: &str) {
        self.ledger.expect_damage = true;
        self.ledger.heard.iter_mut().for_each(|heard| heard.rules = 0);
        if let Some(service) = key.strip_prefix("hold/") {
            self.ledger.holds.retain(|hold| HOSTS[hold.host] != service);
        }
        if key.starts_with("spent") {
            self.ledger.spent.clear();
        }
        if key == "meta" {
            (self.clock_was_odd, self.clock_went_back) = (true, true);
        }
        if let Some(at) = self.interactions.of_memory(key) {
            self.interactions[at].blurred = true;
        }
        let hit = self.interactions.of_card(key).and_then(|(at, rule)| self.interactions[at].cards[rule]);
        if let Some(at) = hit {
            self.ledger.cards[at].form = None;
            self.ledger.cards[at].written = false;
            self.ledger.cards[at].sequence = 0;
            self.ledger.cards[at].given_up = false;
            self.ledger.cards[at].may_return = true;
            self.lose_answer(at);
        }
        self.trace.line(|| format!("damaged: {key}"));
    }

    /// A line may be damaged: then nobody knows which rules fired, or even which interaction it was.
    pub(crate) fn note_damaged_line(&mut self, key: &str) {
        let Some(at) = self.interactions.of_memory(key) else { return };
        self.interactions[at].blurred = true;
        if self.storage.journal.contains_key(key) {
            return; // Its own record counts.
        }
        for at in self.interactions[at].cards.into_iter().flatten() {
            let card = &mut self.ledger.cards[at];
            card.may_return = true;
            if card.form.is_none() {
                (card.fired, card.fired_durable, card.sequence) = (false, false, 0);
                self.lose_answer(at);
            }
        }
    }

    /// All is gone because a person wanted it so, but for what came since.
    pub(crate) fn note_cleared(&mut self) {
        self.ledger.holds.clear();
        self.ledger.spent.clear();
        for at in 0..self.ledger.cards.len() {
            self.ledger.cards[at].form = None;
            self.ledger.cards[at].fired_durable = false;
            self.lose_answer(at);
        }
    }
}
