//! Sends a source's events when they are due.
//!
//! Made-up traffic is live: it goes on while nobody listens, and what nobody heard is gone. A replay waits for a listener, so
//! that every event of the recording is heard.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::clock::{Micros, SECOND};
use crate::options::Start;
use crate::traffic::{Day, Generator, Source, Timed, replay};
use crate::world::World;

/// Longest sleep between two looks at what changed.
const LOOK: Duration = Duration::from_millis(40);

/// Opens the source that the options name.
///
/// # Errors
/// Why a recording cannot be opened.
pub fn open(world: &World) -> Result<Source, String> {
    match &world.options.traffic.replay {
        Some(path) => replay(path),
        None => Ok(made_up(world)),
    }
}

/// A day in real time where contacts are asked for, else events at an even rate.
fn made_up(world: &World) -> Source {
    let options = &world.options;
    let day = match &world.published {
        Some(published) => published.take_day(),
        None => options.published.day().map(|contacts| {
            let mut day = Day::new(&options.traffic, contacts, options.published.talk_stretch);
            // Nobody hears over a stream what happened before it opened.
            day.before_start();
            day
        }),
    };
    match (day, &world.published) {
        (Some(day), _) => day.source(),
        (None, Some(_)) => Box::new(std::iter::empty()),
        (None, None) => Generator::new(&options.traffic).source(),
    }
}

/// Whether anybody is there to be told.
fn attended(world: &World) -> bool {
    match &world.published {
        Some(published) => published.counts.lock().polled(),
        None => world.audience.listening() > 0,
    }
}

/// Plays a source to its end.
pub async fn play(world: Arc<World>, mut source: Source) {
    let options = &world.options.traffic;
    let replaying = options.replay.is_some();
    if options.start == Start::Client {
        while !attended(&world) {
            world.audience.change().await;
        }
    }
    let traffic = &world.traffic;
    traffic.started.store(world.clock.now(), Ordering::Release);
    traffic.phase.store(1, Ordering::Release);
    let speed = if replaying { options.speed } else { 1.0 };
    let mut story = Story { position: 0.0, looked: Instant::now(), speed };
    let mut next = source.next();
    loop {
        let event = match next.take() {
            Some(Ok(event)) => event,
            Some(Err(reason)) => {
                tracing::error!(%reason, "the recording cannot be read further");
                break;
            }
            None => break,
        };
        let running = || !traffic.paused() && (!replaying || attended(&world));
        while !story.reached(event.at, running()) {
            traffic.position.store(story.position as Micros, Ordering::Release);
            tokio::time::sleep(story.rest_until(event.at)).await;
        }
        next = if send(&world, &event, replaying).await {
            traffic.made.fetch_add(1, Ordering::AcqRel);
            source.next()
        } else {
            Some(Ok(event))
        };
    }
    traffic.phase.store(2, Ordering::Release);
}

/// Sends one event; a replay takes it back when nobody was there to hear it.
async fn send(world: &World, event: &Timed, replaying: bool) -> bool {
    if world.published.is_some() {
        world.unheard(&event.bytes);
        return true;
    }
    if world.audience.listening() == 0 {
        if !replaying {
            world.unheard(&event.bytes);
        }
        return !replaying;
    }
    world.broadcast(event.bytes.clone(), event.binary).await > 0 || !replaying
}

/// The source's own time, which stands still while traffic is held.
struct Story {
    position: f64,
    looked: Instant,
    speed: f64,
}

impl Story {
    fn reached(&mut self, at: Micros, running: bool) -> bool {
        let now = Instant::now();
        let passed = now.duration_since(self.looked).as_secs_f64() * SECOND as f64;
        self.looked = now;
        if !running {
            return false;
        }
        if self.speed == 0.0 {
            self.position = at as f64;
        } else {
            self.position += passed * self.speed;
        }
        self.position >= at as f64
    }

    fn rest_until(&self, at: Micros) -> Duration {
        let left = if self.speed > 0.0 { (at as f64 - self.position) / self.speed } else { 0.0 };
        Duration::from_secs_f64((left / SECOND as f64).max(0.0)).clamp(Duration::from_millis(1), LOOK)
    }
}
