//! `/control/live`: what the agent desktop shows, as server-sent events, at most five a second however fast traffic is.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::clock::{Micros, SECOND, millis};
use crate::world::World;

const PERIOD: Duration = Duration::from_millis(200);

struct Follower {
    world: Arc<World>,
    ticks: Interval,
    events: u64,
    at: Micros,
    per_second: f64,
}

/// Follows everything there is to see; each message is the whole of it.
pub async fn follow(State(world): State<Arc<World>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let follower = Follower { events: world.traffic.made(), at: world.clock.now(), per_second: 0.0, world, ticks };
    let messages = unfold(follower, |mut follower| async move {
        follower.ticks.tick().await;
        let event = Event::default().data(follower.look().to_string());
        Some((Ok(event), follower))
    });
    Sse::new(messages).keep_alive(KeepAlive::default())
}

/// The agents' view, of whichever service is spoken.
fn floor(world: &World, now: Micros) -> Value {
    let rules = world.options.rules();
    match &world.published {
        Some(published) => published.view(&rules, now as i64),
        None => serde_json::to_value(world.floor.lock().view(now)).unwrap_or_default(),
    }
}

impl Follower {
    fn look(&mut self) -> Value {
        let world = &self.world;
        let now = world.clock.now();
        if now - self.at >= SECOND {
            let events = world.traffic.made();
            self.per_second = (events - self.events) as f64 * SECOND as f64 / (now - self.at) as f64;
            (self.events, self.at) = (events, now);
        }
        json!({
            "atMs": millis(now),
            "phase": world.traffic.phase(),
            "paused": world.traffic.paused(),
            "replay": world.options.traffic.replay.is_some(),
            "clients": world.audience.open(),
            "listening": world.audience.listening(),
            "eventsPerSecond": self.per_second,
            "report": world.report(false),
            "faults": world.faults.active(now),
            "floor": floor(world, now),
            "service": if world.published.is_some() { "published" } else { "contract" },
            "lookedAtMs": world.published.as_ref().and_then(|published| published.counts.lock().looked()).map(millis),
        })
    }
}
