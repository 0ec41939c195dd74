//! The runner in a browser: what JavaScript calls, and the life of the worker. The other ports are in `ports`.

use crate::journal::FIRED_PREFIX;
use crate::link::probe::Grounds;
use crate::model::ask::{RequestId, SocketId};
use crate::model::sorted::{SortedMap, SortedSet};
use crate::pipeline::effect::CommandId;
use crate::pipeline::input::Input;
use crate::shell::Runner;
use crate::shell::burst::{Burst, Turn};
use crate::shell::ports::{Guard, Worker};
use crate::views::protocol::Request;
use crate::web::host::Host;
use crate::web::host::json::shared;
use crate::web::host::stored::Stored;
use crate::web::permissions::Permissions;
use crate::web::stream::Socket;
use crate::web::stream::frame::FrameBuffer;
use crate::web::stream::soon::Soon;
use crate::web::timer::Timeout;
use crate::web::{clock, error};
use js_sys::Function;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

/// The runner and everything that it has under way in the browser. A reference to it is the ports.
pub struct Driver {
    own: Weak<Driver>,
    runner: Runner,
    pub(super) host: Host,
    pub(super) permissions: Rc<Permissions>,
    pub(super) frames: FrameBuffer,
    /// Frames that wait for their turn.
    burst: RefCell<Burst>,
    soon: Soon,
    /// The stream's, and that of a connection test.
    pub(super) sockets: RefCell<SortedMap<SocketId, Socket>>,
    /// Sockets that wait for the browser to say whether they are allowed.
    pub(super) opening: RefCell<SortedSet<SocketId>>,
    pub(super) requests: RefCell<SortedMap<RequestId, AbortController>>,
    pub(super) commands: RefCell<SortedMap<CommandId, Function>>,
    last_command: Cell<u64>,
    pub(super) timer: RefCell<Timeout>,
}

impl Driver {
    /// A driver of a pipeline that has not started.
    pub fn new(host: Host) -> Rc<Driver> {
        Rc::new_cyclic(|own| Driver {
            own: own.clone(),
            runner: Runner::default(),
            permissions: Rc::new(Permissions::new(host.clone())),
            host,
            frames: FrameBuffer::default(),
            burst: RefCell::default(),
            soon: Soon::new(going_on(own.clone())),
            sockets: RefCell::default(),
            opening: RefCell::default(),
            requests: RefCell::default(),
            commands: RefCell::default(),
            last_command: Cell::new(0),
            timer: RefCell::default(),
        })
    }

    /// Reads what was stored before but for what fired, and starts the pipeline with it.
    pub async fn load(self: Rc<Self>) -> Result<(), JsValue> {
        let stored = JsFuture::from(self.host.load(FIRED_PREFIX)).await?.unchecked_into::<Stored>();
        let redirect = stored.redirect()?;
        let start = stored.into_start(clock::seed(), clock::local_offset(), cfg!(feature = "development"))?;
        self.happen(Input::Started(Box::new(start)));
        if let Some(redirect) = redirect {
            self.happen(Input::Windows(Grounds { redirect, entropy: clock::entropy() }));
        }
        Ok(())
    }

    /// Lets something happen. Its effects are begun before this returns.
    pub fn happen(&self, input: Input<'static>) {
        self.runner.happen(input, &mut &*self);
    }

    /// The hot path: the bytes stay in the buffer, and an event that asks for nothing leaves nothing behind.
    pub fn frame(&self, conn: SocketId, length: usize) {
        let frame = &*self.frames.message(length);
        let turn = self.burst.borrow_mut().take(conn, frame, self.runner.is_committing());
        match turn {
            Turn::Now => self.hear(conn, frame),
            Turn::Later => self.soon.ask(),
            Turn::Waiting => {}
            Turn::Last => {
                self.end_burst();
                self.hear(conn, frame);
            }
        }
    }

    fn hear(&self, conn: SocketId, frame: &[u8]) {
        self.runner.hear(conn, frame, &mut &*self);
    }

    /// Handles the next frames that waited.
    fn go_on(&self) {
        let slice = self.burst.borrow_mut().slice();
        self.handle_all(slice);
        if !self.burst.borrow().is_empty() {
            self.soon.ask();
        }
    }

    /// Handles all frames that waited, because the next input came after them.
    pub(super) fn end_burst(&self) {
        let all = self.burst.borrow_mut().all();
        self.handle_all(all);
    }

    fn handle_all(&self, frames: Vec<(SocketId, Vec<u8>)>) {
        for (conn, frame) in frames {
            self.hear(conn, &frame);
        }
    }

    /// Takes a request; `answer` is called with the reply.
    pub fn command(&self, request: Request, answer: Function) {
        let id = CommandId(self.last_command.get() + 1);
        self.last_command.set(id.0);
        self.commands.borrow_mut().insert(id, answer);
        self.happen(Input::Command(id, request));
    }

    /// Any reason to look again: time passes, and the guard is set again.
    pub fn wake(&self) {
        self.happen(Input::LocalOffset(clock::local_offset()));
        self.timer.borrow_mut().disarm();
        self.runner.forget_guard();
        self.happen(Input::Tick);
    }

    /// The browser's permissions have changed: asks for each origin again, and tells what is different now.
    pub fn permissions_changed(&self) {
        let own = self.own.clone();
        let before = self.permissions.forget();
        spawn_local(async move {
            for (origin, was) in before {
                let Some(driver) = own.upgrade() else { return };
                match (was, driver.permissions.allows(&origin).await) {
                    (false, true) => driver.happen(Input::Permitted(origin)),
                    (true, false) => {
                        driver.end_burst();
                        driver.close_all(&origin);
                    }
                    _ => {}
                }
            }
        });
    }

    /// Goes on with a result, unless the driver was dropped meanwhile: what never ends must not hold its sockets open.
    pub(super) fn after<T>(
        &self,
        result: impl Future<Output = T> + 'static,
        then: impl FnOnce(Rc<Driver>, T) + 'static,
    ) {
        let own = self.own.clone();
        spawn_local(async move {
            let result = result.await;
            if let Some(driver) = own.upgrade() {
                then(driver, result);
            }
        });
    }

    /// For what may outlive the driver.
    pub(super) fn weak(&self) -> Weak<Driver> {
        self.own.clone()
    }
}

/// Lets a driver go on that was not dropped meanwhile.
fn going_on(own: Weak<Driver>) -> impl Fn() + 'static {
    move || {
        if let Some(driver) = own.upgrade() {
            driver.go_on();
        }
    }
}

impl Worker for &Driver {
    fn load(&mut self) {
        let Some(driver) = self.own.upgrade() else { return };
        spawn_local(async move {
            let host = driver.host.clone();
            if let Err(thrown) = driver.load().await {
                host.failed(&error::words(&thrown));
            }
        });
    }

    fn restart(&mut self) {
        self.host.restart();
    }

    fn reload(&mut self) {
        self.host.reload();
    }

    fn guard(&mut self, guard: Guard) {
        self.host.guard(shared(&guard));
    }
}
