//! Starts the simulated organisation, ends it, and says when its run is over.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::SECOND;
use crate::faults::Scheduled;
use crate::http;
use crate::options::Options;
use crate::player;
use crate::report::Report;
use crate::service::audience::Order;
use crate::traffic::Phase;
use crate::world::World;

/// After the last card that was due, how long to listen for one too many.
const AFTERMATH: Duration = Duration::from_millis(1_500);

/// A running simulator.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: Arc<World>,
    tasks: JoinSet<()>,
}

impl Simulator {
    /// Listens, and begins to do what the options say.
    ///
    /// # Errors
    /// Why it cannot, in words.
    pub async fn start(options: Options) -> Result<Self, String> {
        let listen = options.listen;
        if !listen.ip().is_loopback() {
            return Err(format!("{listen} is not a loopback address: the simulator is not for a network"));
        }
        let world = Arc::new(World::new(options)?);
        let source = player::open(&world)?;
        let listener =
            TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let mut tasks = JoinSet::new();
        tasks.spawn(http::accept(world.clone(), listener));
        tasks.spawn(player::play(world.clone(), source));
        tasks.spawn(spread_garbage(world.clone()));
        for fault in world.options.spoil.faults.clone() {
            tasks.spawn(keep_schedule(world.clone(), fault));
        }
        Ok(Self { address, world, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything inside.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Waits until traffic has ended and every due card has come (or the settle time has passed), or somebody asked it to
    /// end. With `--stay` only the latter.
    pub async fn over(&self) {
        tokio::select! {
            () = self.world.ending.notified() => {}
            () = self.settled() => {}
        }
    }

    async fn settled(&self) {
        let look = Duration::from_millis(50);
        while self.world.options.traffic.stay || self.world.traffic.phase() != Phase::Finished {
            tokio::time::sleep(look).await;
        }
        let end = self.world.clock.now() + (self.world.options.traffic.settle_seconds * SECOND as f64) as u64;
        // Clients may still be reading the last events.
        tokio::time::sleep(AFTERMATH).await;
        while self.world.clock.now() < end && !self.world.settled() {
            tokio::time::sleep(look).await;
        }
        tokio::time::sleep(AFTERMATH).await;
    }

    /// Ends it and gives the last report.
    pub async fn end(mut self) -> Report {
        let report = self.world.report(true);
        if self.world.audience.order(&Order::Close(1001)) > 0 {
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        self.tasks.shutdown().await;
        self.world.finish_recording();
        report
    }
}

/// Inflicts a fault of the command line when its time comes.
async fn keep_schedule(world: Arc<World>, scheduled: Scheduled) {
    let started = loop {
        match world.traffic.started() {
            Some(started) => break started,
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    let mut at = started + (scheduled.start * SECOND as f64) as u64;
    loop {
        tokio::time::sleep(Duration::from_micros(at.saturating_sub(world.clock.now()))).await;
        match scheduled.request.check() {
            Ok(fault) => world.inflict(scheduled.request.clone(), fault).await,
            Err(reason) => return tracing::error!(%reason, "fault not inflicted"),
        };
        match scheduled.every {
            Some(every) => at += (every * SECOND as f64) as u64,
            None => return,
        }
    }
}

/// Mixes garbage into the stream while a spell of it lasts.
async fn spread_garbage(world: Arc<World>) {
    let mut turn = 0_usize;
    loop {
        let listening = world.audience.listening() > 0;
        let spell = if listening { world.faults.garbage(world.clock.now()) } else { None };
        match spell {
            Some((kinds, per_second)) => {
                if let Some(kind) = kinds.get(turn % kinds.len().max(1)) {
                    world.garbage(*kind).await;
                }
                turn += 1;
                tokio::time::sleep(Duration::from_secs_f64(1.0 / per_second)).await;
            }
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
