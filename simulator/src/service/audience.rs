//! Everyone who listens. Each client has its own queue of orders, so that they are carried out in the order given.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};

use crate::event::Seen;

/// Orders a client may be behind before the sender waits for it.
const MOST_BEHIND: usize = 4_096;
/// How long the sender waits for a client that does not read, before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A frame on its way to everyone.
#[derive(Debug)]
pub struct Frame {
    /// Counted from 1 in the order of sending.
    pub number: u64,
    /// The frame as it goes over the wire.
    pub bytes: Bytes,
    /// Binary rather than text.
    pub binary: bool,
    /// The event that a careful client reads; none for garbage.
    pub seen: Option<Seen>,
}

/// The next step of a client's task.
#[derive(Debug, Clone)]
pub enum Order {
    /// Send this.
    Frame(Arc<Frame>),
    /// Close with this code; 1006 drops the connection without a close frame.
    Close(u16),
    /// Say nothing more, answer nothing, keep the socket.
    Silence,
}

#[derive(Debug)]
struct Client {
    orders: mpsc::Sender<Order>,
    silent: bool,
}

/// The clients on the stream now.
#[derive(Debug, Default)]
pub struct Audience {
    clients: Mutex<BTreeMap<u64, Client>>,
    opened: AtomicU64,
    numbered: AtomicU64,
    changed: Notify,
}

impl Audience {
    /// A client came; gives its number and its orders.
    pub fn join(&self) -> (u64, mpsc::Receiver<Order>) {
        let (orders, todo) = mpsc::channel(MOST_BEHIND);
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        self.clients.lock().insert(number, Client { orders, silent: false });
        self.changed.notify_waiters();
        (number, todo)
    }

    /// A client is gone.
    pub fn leave(&self, number: u64) {
        self.clients.lock().remove(&number);
    }

    /// Clients that came so far.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Clients whose socket is open, silent ones included.
    pub fn open(&self) -> usize {
        self.clients.lock().len()
    }

    /// Clients that hear.
    pub fn listening(&self) -> usize {
        self.clients.lock().values().filter(|client| !client.silent).count()
    }

    /// Waits until a client comes (or a moment has passed, whichever is first).
    pub async fn change(&self) {
        tokio::select! {
            () = self.changed.notified() => {}
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
    }

    /// Numbers a frame for sending.
    pub fn frame(&self, bytes: Vec<u8>, binary: bool) -> Frame {
        let seen = Seen::read(&bytes);
        Frame { number: self.numbered.fetch_add(1, Ordering::Relaxed) + 1, bytes: bytes.into(), binary, seen }
    }

    /// Hands a frame to everyone who hears; says to how many.
    pub async fn send(&self, frame: Arc<Frame>) -> usize {
        let listening: Vec<(u64, mpsc::Sender<Order>)> = {
            let clients = self.clients.lock();
            let hearing = clients.iter().filter(|(_, client)| !client.silent);
            hearing.map(|(number, client)| (*number, client.orders.clone())).collect()
        };
        let mut reached = 0;
        for (number, orders) in listening {
            match tokio::time::timeout(PATIENCE, orders.send(Order::Frame(frame.clone()))).await {
                Ok(Ok(())) => reached += 1,
                Ok(Err(_)) => {}
                Err(_) => {
                    tracing::warn!(client = number, "does not read: given up");
                    self.leave(number);
                }
            }
        }
        reached
    }

    /// Gives everyone an order; says how many took it.
    pub fn order(&self, order: &Order) -> usize {
        let mut clients = self.clients.lock();
        let mut taken = 0;
        for client in clients.values_mut().filter(|client| !client.silent) {
            taken += usize::from(client.orders.try_send(order.clone()).is_ok());
            client.silent |= matches!(order, Order::Silence);
        }
        taken
    }

    /// Gives one client an order.
    pub fn order_one(&self, number: u64, order: Order) {
        if let Some(client) = self.clients.lock().get_mut(&number) {
            client.silent |= matches!(order, Order::Silence);
            // A queue that is full belongs to a client that `send` gives up.
            let _ = client.orders.try_send(order);
        }
    }
}
