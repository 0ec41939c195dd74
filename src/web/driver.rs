//! Runs the pipeline: inputs in, effects out, results back in.

use crate::model::ask::{RequestId, SocketId};
use crate::model::http::{HttpRequest, Outcome, Secret};
use crate::model::time::Millis;
use crate::pipeline::Pipeline;
use crate::pipeline::effect::{CommandId, Effect, Effects};
use crate::pipeline::input::Input;
use crate::views::protocol::{Reply, Request};
use crate::web::frame::FrameBuffer;
use crate::web::host::{Guard, Host, Stored, StoredChange};
use crate::web::http::Purpose;
use crate::web::permissions::Permissions;
use crate::web::socket::{Listener, Socket};
use crate::web::timer::Timer;
use crate::web::{clock, error, http};
use js_sys::Function;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::{Rc, Weak};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

/// What is due sooner than this is not left to the alarm, which rings twice a minute.
const WATCHED: Millis = Millis::from_mins(1);

/// The pipeline and everything that it has under way in the browser.
pub struct Driver {
    own: Weak<Driver>,
    host: Host,
    permissions: Rc<Permissions>,
    pipeline: RefCell<Pipeline>,
    /// What happened while an input was being handled.
    pending: RefCell<VecDeque<Input<'static>>>,
    frames: RefCell<FrameBuffer>,
    /// The stream's, and that of a connection test.
    sockets: RefCell<BTreeMap<SocketId, Socket>>,
    /// Sockets that wait for the browser to say whether they are allowed.
    opening: RefCell<BTreeSet<SocketId>>,
    requests: RefCell<BTreeMap<RequestId, AbortController>>,
    commands: RefCell<BTreeMap<CommandId, Function>>,
    last_command: Cell<u64>,
    timer: RefCell<Timer>,
    guard: Cell<Option<Guard>>,
}

impl Driver {
    /// A driver of a pipeline that has not started.
    pub fn new(host: Host) -> Rc<Driver> {
        Rc::new_cyclic(|own| Driver {
            own: own.clone(),
            permissions: Rc::new(Permissions::new(host.clone())),
            host,
            pipeline: RefCell::new(Pipeline::new()),
            pending: RefCell::default(),
            frames: RefCell::default(),
            sockets: RefCell::default(),
            opening: RefCell::default(),
            requests: RefCell::default(),
            commands: RefCell::default(),
            last_command: Cell::new(0),
            timer: RefCell::default(),
            guard: Cell::new(None),
        })
    }

    /// Reads what was stored before, and starts the pipeline with it.
    pub async fn load(self: Rc<Self>) -> Result<(), JsValue> {
        let stored = JsFuture::from(self.host.load()).await?;
        let stored = Stored::from_js(stored).map_err(JsError::from)?;
        let start = stored.into_start(clock::seed(), cfg!(feature = "development"));
        self.happen(Input::Started(Box::new(start)));
        self.happen(Input::LocalOffset(clock::local_offset()));
        Ok(())
    }

    /// Lets something happen. Its effects are begun before this returns.
    pub fn happen(&self, input: Input<'static>) {
        self.pending.borrow_mut().push_back(input);
        self.run();
    }

    /// Takes a request; `answer` is called with the reply.
    pub fn command(&self, request: Request, answer: Function) {
        let id = CommandId(self.last_command.get() + 1);
        self.last_command.set(id.0);
        self.commands.borrow_mut().insert(id, answer);
        self.happen(Input::Command(id, request));
    }

    /// Any reason to look again: time passes, and what guards the worker is said anew.
    pub fn wake(&self) {
        self.happen(Input::LocalOffset(clock::local_offset()));
        self.timer.borrow_mut().disarm();
        self.guard.set(None);
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
                    (true, false) => driver.close_all(&origin),
                    _ => {}
                }
            }
        });
    }

    /// Closes the sockets of an origin that the browser no longer allows.
    fn close_all(&self, origin: &str) {
        let closed: BTreeMap<_, _> = self.sockets.borrow_mut().extract_if(.., |_, it| it.origin() == origin).collect();
        closed.into_keys().for_each(|conn| self.happen(Input::StreamNotPermitted(conn)));
    }

    /// Handles what is pending, unless that is going on already.
    fn run(&self) {
        let Ok(mut pipeline) = self.pipeline.try_borrow_mut() else { return };
        let mut effects = Effects::default();
        while let Some(input) = self.next() {
            pipeline.handle(clock::wall(), input, &mut effects);
            if self.guard.get() == Some(Guard::None) {
                // Before anything is stored that asks for more: killed in between, it would not be woken for it.
                self.secure(pipeline.next_deadline());
            }
            self.perform(&mut effects);
        }
        self.arm(pipeline.next_deadline());
    }

    fn next(&self) -> Option<Input<'static>> {
        self.pending.borrow_mut().pop_front()
    }

    /// The hot path: the bytes stay in the buffer, and an event that asks for nothing leaves nothing behind.
    fn frame(&self, conn: SocketId, data: &JsValue) {
        {
            let Ok(mut pipeline) = self.pipeline.try_borrow_mut() else { return };
            let mut frames = self.frames.borrow_mut();
            let mut effects = Effects::default();
            pipeline.handle(clock::wall(), Input::Frame(conn, frames.fill(data)), &mut effects);
            self.perform(&mut effects);
        }
        self.run();
    }

    fn perform(&self, effects: &mut Effects) {
        for effect in effects.drain() {
            self.begin(effect);
        }
    }

    fn begin(&self, effect: Effect) {
        match effect {
            Effect::RequestToken { id, request } => self.send(id, request, Purpose::Token),
            Effect::PostCard { id, request } => self.send(id, request, Purpose::Card),
            Effect::Abort(id) => {
                if let Some(request) = self.requests.borrow_mut().remove(&id) {
                    request.abort();
                }
            }
            Effect::OpenStream { conn, url } => self.open(conn, url),
            Effect::CloseStream(conn) => {
                self.opening.borrow_mut().remove(&conn);
                self.sockets.borrow_mut().remove(&conn);
            }
            Effect::Commit { id, changes } => {
                let changes = changes.into_iter().map(StoredChange::from).filter_map(|change| shared(&change));
                let written = self.host.commit(changes.collect());
                self.after(written, move |result| match result {
                    Ok(_) => Input::Committed(id),
                    Err(thrown) => Input::CommitFailed(id, error::commit_failure(&thrown)),
                });
            }
            Effect::Load => self.reload(),
            Effect::ReopenStorage => self.host.reopen_storage(),
            Effect::DeleteStorage => self.host.delete_storage(),
            Effect::Restart => self.host.restart(),
            Effect::Reload => self.host.reload(),
            Effect::StoreMarker => self.host.store_marker(),
            Effect::StoreSettings { id, settings, secret } => {
                let Some(secret) = shared(&secret.into()) else { return };
                let stored = self.host.store_settings(settings, secret);
                self.after(stored, move |result| {
                    Input::SettingsStored(id, result.map(drop).map_err(|thrown| error::words(&thrown)))
                });
            }
            Effect::StoreToken(token) => self.host.store_token(token.map(|token| token.0)),
            Effect::KeepAlive { vitals } => self.host.keep_alive(&vitals),
            Effect::ShowBadge(badge) => drop(shared(&badge).map(|badge| self.host.show_badge(badge))),
            Effect::Notify(notice) => drop(shared(&notice).map(|notice| self.host.notify(notice))),
            Effect::Publish => self.host.publish(),
            Effect::Reply(id, reply) => self.reply(id, &reply),
        }
    }

    fn reload(&self) {
        let own = self.own.clone();
        spawn_local(async move {
            let Some(driver) = own.upgrade() else { return };
            let host = driver.host.clone();
            if let Err(thrown) = driver.load().await {
                host.failed(&error::words(&thrown));
            }
        });
    }

    fn send(&self, id: RequestId, request: HttpRequest, purpose: Purpose) {
        let Ok(abort) = AbortController::new() else { return };
        self.requests.borrow_mut().insert(id, abort.clone());
        let own = self.own.clone();
        let done = move |outcome: Outcome| {
            if let Some(driver) = own.upgrade() {
                driver.requests.borrow_mut().remove(&id);
                driver.happen(Input::HttpDone(id, outcome));
            }
        };
        spawn_local(http::send(self.permissions.clone(), request, purpose, abort, done));
    }

    /// Opens a socket where the browser allows it, unless it is called off before that is known.
    fn open(&self, conn: SocketId, url: Secret) {
        self.opening.borrow_mut().insert(conn);
        let own = self.own.clone();
        let permissions = self.permissions.clone();
        spawn_local(async move {
            let allowed = permissions.allows(&url.0).await;
            let Some(driver) = own.upgrade() else { return };
            if !driver.opening.borrow_mut().remove(&conn) {
                return;
            }
            if !allowed {
                return driver.happen(Input::StreamNotPermitted(conn));
            }
            match Socket::open(&driver.host, &url.0, &StreamListener { driver: own, conn }) {
                Ok(socket) => drop(driver.sockets.borrow_mut().insert(conn, socket)),
                Err(_) => driver.happen(Input::StreamClosed(conn, NEVER_OPENED)),
            }
        });
    }

    /// Drops a socket that has closed, once its listener has returned: its closures must not go while one of them runs.
    fn forget(&self, conn: SocketId) {
        let own = self.own.clone();
        spawn_local(async move {
            if let Some(driver) = own.upgrade() {
                driver.sockets.borrow_mut().remove(&conn);
            }
        });
    }

    /// Feeds back what comes of a promise.
    fn after(
        &self,
        promise: js_sys::Promise,
        input: impl FnOnce(Result<JsValue, JsValue>) -> Input<'static> + 'static,
    ) {
        let own = self.own.clone();
        spawn_local(async move {
            let result = JsFuture::from(promise).await;
            if let Some(driver) = own.upgrade() {
                driver.happen(input(result));
            }
        });
    }

    fn reply(&self, id: CommandId, reply: &Reply) {
        let Some(answer) = self.commands.borrow_mut().remove(&id) else { return };
        // Resolving a promise throws nothing.
        let _ = answer.call1(&JsValue::UNDEFINED, &shared(reply).map_or(JsValue::NULL, JsValue::from));
    }

    fn arm(&self, due: Option<Millis>) {
        let own = self.own.clone();
        self.timer.borrow_mut().arm(due, move || {
            if let Some(driver) = own.upgrade() {
                driver.timer.borrow_mut().fired();
                driver.happen(Input::Tick);
            }
        });
        self.secure(due);
    }

    /// Says what must bring a dead worker back.
    fn secure(&self, due: Option<Millis>) {
        let guard = match due {
            None => Guard::None,
            Some(at) if at.since(clock::wall()) < WATCHED => Guard::Watch,
            Some(_) => Guard::Alarm,
        };
        if self.guard.replace(Some(guard)) != Some(guard)
            && let Some(guard) = shared(&guard)
        {
            self.host.guard(guard);
        }
    }
}

/// The close code of a connection that never was one.
const NEVER_OPENED: u16 = 1006;

/// A value as JavaScript sees it. The shapes are our own, and all of them can be shown.
fn shared<T: Tsify + serde::Serialize>(value: &T) -> Option<Ts<T>> {
    Ts::from_rust(value).ok()
}

#[derive(Clone)]
struct StreamListener {
    driver: Weak<Driver>,
    conn: SocketId,
}

impl Listener for StreamListener {
    fn opened(&self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.happen(Input::StreamOpened(self.conn));
        }
    }

    fn message(&self, data: &JsValue) {
        if let Some(driver) = self.driver.upgrade() {
            driver.frame(self.conn, data);
        }
    }

    fn closed(&self, code: u16) {
        if let Some(driver) = self.driver.upgrade() {
            driver.happen(Input::StreamClosed(self.conn, code));
            driver.forget(self.conn);
        }
    }
}
