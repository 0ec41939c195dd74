//! The person at the computer.

use cuewire::delivery::outbox::CardName;
use cuewire::model::scope::Scope;
use cuewire::pipeline::effect::CommandId;
use cuewire::pipeline::input::Input;
use cuewire::views::protocol::{CardAction, Request};

use crate::plan::{MARK, RULES};
use crate::tally::Fault;
use crate::world::World;
use crate::world::event::Event;
use crate::world::wish::Wish;
use crate::world::worker::State;

impl World {
    /// A person will do something.
    pub(crate) fn act_in(&mut self, span: u64, wish: Wish) {
        self.actions.push(wish);
        self.after(span, Event::Acts(self.actions.len() - 1));
    }

    /// A person does something.
    pub(crate) fn acts(&mut self, at: usize) {
        let wish = self.actions[at].clone();
        self.trace.line(|| format!("** {wish:?}"));
        self.ask(at as u64 + 1, wish);
    }

    /// The wishes that a person may have now.
    pub(crate) fn feel_like_something(&mut self) {
        let current = self.storage.settings.as_ref().map_or(0, |(setup, _)| *setup);
        if self.strikes(Fault::TryAgain) {
            let card = self.some_card();
            self.act_in(1, Wish::TryAgain(card));
        }
        if self.strikes(Fault::Drop) {
            let card = self.some_card();
            self.act_in(1, Wish::Drop(card));
        }
        if self.strikes(Fault::Pause) {
            let minutes = self.dice.pick(&[None, Some(1), Some(5)]);
            let rule = self.dice.pick(&[None, None, Some(0), Some(1)]);
            self.act_in(1, Wish::Pause(minutes, rule));
        }
        if self.strikes(Fault::Resume) {
            let rule = self.dice.pick(&[None, Some(0), Some(1)]);
            self.act_in(1, Wish::Resume(rule));
        }
        let elsewhere = self.strikes(Fault::SaveOtherHost);
        if elsewhere || self.strikes(Fault::Save) {
            let mut setup = self.setups[current].clone();
            if elsewhere {
                setup.host = 1 - setup.host;
            }
            if elsewhere || self.dice.chance(300) {
                setup.secret = format!("{MARK}-secret-{}", self.setups.len());
            }
            setup.sentiment = self.dice.pick(&[-500, -250, -750]);
            self.setups.push(setup);
            self.act_in(1, Wish::Save(self.setups.len() - 1));
            if self.dice.chance(200) {
                // Twice in quick succession, and not quite the same.
                let mut again = self.setups[self.setups.len() - 1].clone();
                again.wait = 60;
                self.setups.push(again);
                let span = self.dice.between(1, 20);
                self.act_in(span, Wish::Save(self.setups.len() - 1));
            }
        }
        for (fault, wish) in [(Fault::SaveBare, Wish::SaveBare as fn(usize) -> Wish), (Fault::TestBare, Wish::TestBare)]
        {
            if self.strikes(fault) {
                let mut setup = self.setups[current].clone();
                setup.host = 1 - setup.host;
                self.setups.push(setup);
                self.act_in(1, wish(self.setups.len() - 1));
            }
        }
        if self.strikes(Fault::Clear) {
            self.act_in(1, Wish::Clear);
            self.act_in(5_000, Wish::Save(current));
        }
        if self.dice.chance(50) {
            self.act_in(1, Wish::Look);
        }
    }

    /// Hands a person's wish to the worker; starts one if there is none.
    pub(crate) fn ask(&mut self, id: u64, wish: Wish) {
        match self.worker.state {
            State::Alive => self.command(id, wish),
            _ => {
                self.worker.mailbox.push((id, wish));
                self.wake();
            }
        }
    }

    pub(crate) fn command(&mut self, id: u64, wish: Wish) {
        if self.worker.state != State::Alive {
            self.worker.mailbox.push((id, wish));
            return;
        }
        let bare = matches!(wish, Wish::SaveBare(_) | Wish::TestBare(_));
        if bare && self.is_being_set_up() {
            return; // Nobody knows then which organisation's secret is stored.
        }
        let saved = self.worker.setup.map(|setup| self.setups[setup].host);
        if matches!(wish, Wish::TestBare(setup) if saved == Some(self.setups[setup].host)) {
            return; // The settings were saved meanwhile, so this is no other organisation any more.
        }
        let request = self.request_of(&wish);
        self.note_bare(id, &wish);
        self.worker.unanswered.push((id, wish.clone()));
        self.note_wish(&wish);
        self.feed(Input::Command(CommandId(id), request));
    }

    fn is_being_set_up(&self) -> bool {
        let sets_up = |wish: &Wish| matches!(wish, Wish::Save(_) | Wish::SaveBare(_) | Wish::Clear);
        self.worker.unanswered.iter().any(|(_, wish)| sets_up(wish)) || self.storage.orders.iter().any(|one| !one.done)
    }

    /// Whether a person asks for something that needs a secret which nobody has typed.
    fn note_bare(&mut self, id: u64, wish: &Wish) {
        let (Wish::SaveBare(setup) | Wish::TestBare(setup)) = wish else { return };
        let host = self.setups[*setup].host;
        let orders = self.storage.orders.iter().filter(|order| !order.done);
        let under_way = orders.filter_map(|order| order.setup.as_ref().map(|(setup, _)| *setup)).collect::<Vec<_>>();
        let known = self.worker.setup.into_iter().chain(under_way);
        match known.into_iter().find(|setup| self.setups[*setup].host == host) {
            None => self.ledger.bare.push(id),
            Some(known) => self.setups[*setup].secret = self.setups[known].secret.clone(),
        }
    }

    fn request_of(&self, wish: &Wish) -> Request {
        match wish {
            Wish::Save(setup) => Request::Save { text: self.setups[*setup].text(true), check_only: false },
            Wish::SaveBare(setup) => Request::Save { text: self.setups[*setup].text(false), check_only: false },
            Wish::TestBare(setup) => Request::Test { text: self.setups[*setup].text(false), interaction: None },
            Wish::Pause(minutes, rule) => {
                let scope = rule.map(|rule| Scope::Rule(RULES[rule].to_owned()));
                Request::Pause { scope, minutes: *minutes, note: Some("lunch".to_owned()) }
            }
            Wish::Resume(rule) => Request::Resume { scope: rule.map(|rule| Scope::Rule(RULES[rule].to_owned())) },
            Wish::TryAgain(card) => Request::Cards { action: CardAction::TryAgain, card: card.clone() },
            Wish::Drop(card) => Request::Cards { action: CardAction::Drop, card: card.clone() },
            Wish::Clear => Request::Clear,
            Wish::Look => Request::Dashboard,
        }
    }

    fn some_card(&mut self) -> Option<CardName> {
        if self.ledger.cards.is_empty() || self.dice.chance(500) {
            return None;
        }
        let at = self.dice.below(self.ledger.cards.len() as u64) as usize;
        let card = &self.ledger.cards[at];
        Some(self.interactions[card.interaction].name_of(card.rule))
    }
}
