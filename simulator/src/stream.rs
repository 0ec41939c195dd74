//! One client on the stream, from its upgrade to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WireFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use crate::clock::Micros;
use crate::oracle::Ending;
use crate::service::audience::{Frame, Order};
use crate::world::World;

/// Frames written before one flush.
const MOST_AT_ONCE: usize = 256;
/// How long the kernel may take a batch of frames.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a client has to answer a close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Serves a client until either side ends it, and tells the oracle how far the client may have read.
pub async fn serve(world: Arc<World>, upgraded: Upgraded) {
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    let (number, orders) = world.audience.join();
    tracing::info!(client = number, "on the stream");
    if let Some(code) = world.faults.drop_at_open(world.clock.now()) {
        world.audience.order_one(number, Order::Close(code));
    } else if world.faults.silence_at_open(world.clock.now()) {
        world.audience.order_one(number, Order::Silence);
    }
    let mut client = Client { world: &world, number, flushed_until: 0 };
    let (ending, how) = client.talk(&mut socket, orders).await;
    let flushed_until = client.flushed_until;
    world.audience.leave(number);
    world.oracle.lock().closed(number, ending, flushed_until, world.clock.now());
    tracing::info!(client = number, how, "left the stream");
}

struct Client<'a> {
    world: &'a World,
    number: u64,
    flushed_until: Micros,
}

impl Client<'_> {
    async fn talk(&mut self, socket: &mut Socket, mut orders: mpsc::Receiver<Order>) -> (Ending, &'static str) {
        let mut pings = ping_timer(self.world.options.traffic.ping_seconds);
        let mut batch = Vec::with_capacity(MOST_AT_ONCE);
        loop {
            tokio::select! {
                taken = orders.recv_many(&mut batch, MOST_AT_ONCE) => {
                    if taken == 0 {
                        return (Ending::Abnormal, "given up");
                    }
                    if let Some(end) = self.carry_out(socket, &mut batch).await {
                        return end;
                    }
                }
                message = socket.next() => match message {
                    Some(Ok(Message::Close(_))) => {
                        // A client that has closed reads no frame that was under way.
                        let _ = timeout(CLOSE_PATIENCE, async { while let Some(Ok(_)) = socket.next().await {} }).await;
                        return (Ending::Abnormal, "closed by the client");
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return (Ending::Abnormal, "connection lost"),
                },
                () = next_ping(&mut pings) => {
                    if socket.send(Message::Ping(bytes::Bytes::new())).await.is_err() {
                        return (Ending::Abnormal, "connection lost");
                    }
                }
            }
        }
    }

    async fn carry_out(&mut self, socket: &mut Socket, batch: &mut Vec<Order>) -> Option<(Ending, &'static str)> {
        let mut frames: Vec<Arc<Frame>> = Vec::with_capacity(batch.len());
        for order in batch.drain(..) {
            match order {
                Order::Frame(frame) => frames.push(frame),
                Order::Close(code) => {
                    if !self.write(socket, &frames).await {
                        return Some((Ending::Abnormal, "connection lost"));
                    }
                    return Some(if code == 1006 { cut(socket).await } else { close(socket, code).await });
                }
                Order::Silence => {
                    if !self.write(socket, &frames).await {
                        return Some((Ending::Abnormal, "connection lost"));
                    }
                    return Some(stay_silent(socket).await);
                }
            }
        }
        if self.write(socket, &frames).await { None } else { Some((Ending::Abnormal, "connection lost")) }
    }

    /// Sends frames. The oracle hears of them first: a card must not arrive before the event that it is for.
    async fn write(&mut self, socket: &mut Socket, frames: &[Arc<Frame>]) -> bool {
        if frames.is_empty() {
            return true;
        }
        let now = self.world.clock.now();
        {
            let mut oracle = self.world.oracle.lock();
            for frame in frames {
                oracle.heard(self.number, frame.number, frame.seen.as_ref(), now);
            }
        }
        let sending = async {
            for frame in frames {
                let kind = if frame.binary { Data::Binary } else { Data::Text };
                // A raw frame: text that is not UTF-8 can be sent as well.
                let message = Message::Frame(WireFrame::message(frame.bytes.clone(), OpCode::Data(kind), true));
                socket.feed(message).await?;
            }
            socket.flush().await
        };
        let sent = matches!(timeout(WRITE_PATIENCE, sending).await, Ok(Ok(())));
        if sent {
            self.flushed_until = now;
        }
        sent
    }
}

/// The close handshake: once the client has answered, it has read everything before.
async fn close(socket: &mut Socket, code: u16) -> (Ending, &'static str) {
    let frame = CloseFrame { code: CloseCode::from(code), reason: "simulated".into() };
    if socket.close(Some(frame)).await.is_err() {
        return (Ending::Abnormal, "connection lost");
    }
    let answered = timeout(CLOSE_PATIENCE, async {
        while let Some(message) = socket.next().await {
            match message {
                Ok(Message::Close(_)) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        false
    });
    match answered.await {
        Ok(true) => (Ending::Clean, "closed"),
        _ => (Ending::Abnormal, "close unanswered"),
    }
}

/// Ends the connection without a close frame. Reading on for a moment keeps the kernel from resetting what was sent before.
async fn cut(socket: &mut Socket) -> (Ending, &'static str) {
    let raw = socket.get_mut();
    let _ = raw.shutdown().await;
    let _ = timeout(CLOSE_PATIENCE, drain(raw)).await;
    (Ending::Abnormal, "dropped")
}

/// Keeps the socket and says nothing, until the client hangs up. Below the WebSocket, so that no ping or close is answered.
async fn stay_silent(socket: &mut Socket) -> (Ending, &'static str) {
    drain(socket.get_mut()).await;
    (Ending::Abnormal, "hung up on silence")
}

async fn drain(raw: &mut TokioIo<Upgraded>) {
    let mut scrap = [0_u8; 4_096];
    while matches!(raw.read(&mut scrap).await, Ok(read) if read > 0) {}
}

fn ping_timer(seconds: f64) -> Option<Interval> {
    (seconds > 0.0).then(|| tokio::time::interval(Duration::from_secs_f64(seconds.max(0.1))))
}

async fn next_ping(timer: &mut Option<Interval>) {
    match timer {
        Some(timer) => {
            timer.tick().await;
        }
        None => std::future::pending().await,
    }
}
