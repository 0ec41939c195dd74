//! Settings on their way to the store: one order at a time, so that the store ends with the last order, whole.

use crate::journal::Batch;
use crate::model::http::Secret;
use crate::model::time::Millis;
use crate::pipeline::Pipeline;
use crate::pipeline::effect::{CommandId, Effect, Effects, SecretChange};
use crate::pipeline::profile::Profile;
use crate::settings::{KeepSecret, Parsed};
use crate::views::protocol::{Cleared, Reply};

/// The fate of the stored settings.
#[derive(Debug)]
pub(in crate::pipeline) enum Order {
    /// Replaces the saved settings by these.
    Save(Box<Parsed>),
    /// Replaces the rules of the settings that are stored by then; none: the two that ship.
    Rules(Option<String>),
    /// All settings go, with all else; the former profile returns if that fails.
    Clear(Option<Box<Profile>>, Clearing),
}

/// *Clear all data*, under way.
#[derive(Debug, Clone, Copy)]
pub(in crate::pipeline) struct Clearing {
    /// Durable once the journal is empty.
    pub batch: Batch,
    /// The data that goes.
    pub cleared: Cleared,
}

impl Pipeline {
    /// Has the stored settings changed, after what was asked for before.
    pub(in crate::pipeline) fn order(&mut self, id: CommandId, order: Order, effects: &mut Effects) {
        self.orders.push_back((id, order));
        if self.orders.len() == 1 {
            self.place_order(effects);
        }
    }

    fn place_order(&mut self, effects: &mut Effects) {
        while let Some((id, why)) = self.order_that_fails() {
            self.orders.pop_front();
            effects.push(Effect::Reply(id, Box::new(why)));
        }
        let Some((id, order)) = self.orders.front() else { return };
        let (settings, secret) = match order {
            Order::Save(parsed) => {
                let secret = match (&parsed.secret, parsed.settings.keep()) {
                    _ if !parsed.settings.needs_secret() => SecretChange::Forget,
                    (Some(secret), KeepSecret::Device) => SecretChange::OnDevice(secret.clone()),
                    (Some(secret), KeepSecret::Session) => SecretChange::InSession(secret.clone()),
                    (None, keep) => self.move_secret(keep),
                };
                (Some(parsed.settings.to_json()), secret)
            }
            Order::Rules(_) => return, // An order for rules has become an order to save.
            Order::Clear(..) => (None, SecretChange::Forget),
        };
        effects.push(Effect::StoreSettings { id: *id, settings, secret });
    }

    /// The next order, with the reason why it fails: rules without a connection, or settings that would come into force
    /// with a secret that was entered for another client.
    fn order_that_fails(&mut self) -> Option<(CommandId, Reply)> {
        if let (id, Order::Rules(rules)) = self.orders.front()? {
            let id = *id;
            match self.with_rules(rules.clone()) {
                Some(parsed) => *self.orders.front_mut()? = (id, Order::Save(Box::new(parsed))),
                None => return Some((id, Reply::NotSetUp)),
            }
        }
        match self.orders.front()? {
            (id, Order::Save(parsed)) => Some((*id, Reply::Rejected(vec![self.lacks_secret(parsed)?]))),
            _ => None,
        }
    }

    /// The settings that are stored now, with their secret: in use, or about to be cleared.
    pub(in crate::pipeline) fn stored_profile(&self) -> Option<&Profile> {
        let to_be_cleared = self.orders.iter().find_map(|(_, order)| match order {
            Order::Clear(before, _) => before.as_deref(),
            Order::Save(_) | Order::Rules(_) => None,
        });
        self.profile.as_deref().or(to_be_cleared)
    }

    /// The stored secret moves with the setting that says where it is kept.
    fn move_secret(&self, keep: KeepSecret) -> SecretChange {
        match &self.profile {
            Some(profile) if profile.settings.keep() != keep => match keep {
                KeepSecret::Device => SecretChange::OnDevice(profile.secret.clone()),
                KeepSecret::Session => SecretChange::InSession(profile.secret.clone()),
            },
            _ => SecretChange::Keep,
        }
    }

    pub(in crate::pipeline) fn settings_stored(
        &mut self,
        id: CommandId,
        result: Result<(), String>,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        let Some((_, order)) = self.orders.pop_front_if(|(placed, _)| *placed == id) else { return };
        let reply = match (order, result) {
            (Order::Save(parsed), Ok(())) => {
                match self.later_clear() {
                    Some(before) => {
                        let Parsed { settings, secret } = *parsed;
                        let kept = before.take().map(|before| before.secret);
                        let secret = if settings.needs_secret() { secret.or(kept) } else { Some(Secret::default()) };
                        *before = secret.map(|secret| Box::new(Profile::new(settings, secret)));
                    }
                    None => self.adopt(*parsed, now, wall, effects),
                }
                Some(Reply::Done)
            }
            (Order::Clear(_, clearing), Ok(())) => {
                self.answer_with(id, clearing.batch, Reply::Cleared(clearing.cleared), effects);
                None
            }
            (Order::Save(_) | Order::Rules(_), Err(why)) => Some(Reply::Failed(why)),
            (Order::Rules(_), Ok(())) => None, // Never stored as such.
            (Order::Clear(before, _), Err(why)) => {
                if let Some(later) = self.later_clear() {
                    *later = later.take().or(before);
                } else if let (None, Some(before)) = (&self.profile, before) {
                    self.use_profile(before.settings, before.secret);
                }
                Some(Reply::Failed(why))
            }
        };
        if let Some(reply) = reply {
            effects.push(Effect::Reply(id, Box::new(reply)));
        }
        self.answer_stuck(effects);
        self.place_order(effects);
    }

    /// Where a saved profile goes during a clear: the profile applies only if the clear fails.
    fn later_clear(&mut self) -> Option<&mut Option<Box<Profile>>> {
        self.orders.iter_mut().find_map(|(_, order)| match order {
            Order::Clear(before, _) => Some(before),
            Order::Save(_) | Order::Rules(_) => None,
        })
    }
}
