//! Opens and closes sockets where the browser allows it, and tells what they say.

use crate::model::ask::SocketId;
use crate::model::http::Secret;
use crate::pipeline::input::Input;
use crate::shell::ports::Stream;
use crate::web::driver::Driver;
use crate::web::stream::{Listener, Socket};
use std::rc::Weak;

/// The close code of a connection that never was one.
const NEVER_OPENED: u16 = 1006;

impl Stream for &Driver {
    /// Opens a socket where the browser allows it, unless the socket is closed before that is known.
    fn open_stream(&mut self, conn: SocketId, url: Secret) {
        self.opening.borrow_mut().insert(conn);
        let permissions = self.permissions.clone();
        let answer = async move { (permissions.allows(&url.0).await, url) };
        self.after(answer, move |driver, (allowed, url)| {
            if !driver.opening.borrow_mut().remove(&conn) {
                return;
            }
            if !allowed {
                return driver.happen(Input::StreamNotPermitted(conn));
            }
            let listener = StreamListener { driver: driver.weak(), conn };
            match Socket::open(&driver.host, &url.0, &driver.frames, &listener) {
                Ok(socket) => drop(driver.sockets.borrow_mut().insert(conn, socket)),
                Err(_) => driver.happen(Input::StreamClosed(conn, NEVER_OPENED)),
            }
        });
    }

    fn send_frame(&mut self, conn: SocketId, frame: Secret) {
        if let Some(socket) = self.sockets.borrow().get(&conn) {
            socket.send(&frame.0);
        }
    }

    fn close_stream(&mut self, conn: SocketId) {
        self.opening.borrow_mut().remove(&conn);
        self.sockets.borrow_mut().remove(&conn);
    }
}

impl Driver {
    /// Closes the sockets of an origin that the browser no longer allows.
    pub(in crate::web) fn close_all(&self, origin: &str) {
        let closed = self.sockets.borrow_mut().extract(|socket| socket.origin() == origin);
        closed.iter().for_each(|(conn, _)| self.happen(Input::StreamNotPermitted(*conn)));
    }
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

    fn message(&self, length: usize) {
        if let Some(driver) = self.driver.upgrade() {
            driver.frame(self.conn, length);
        }
    }

    fn closed(&self, code: u16) {
        let Some(driver) = self.driver.upgrade() else { return };
        let conn = self.conn;
        driver.end_burst();
        driver.happen(Input::StreamClosed(conn, code));
        // Later, because a socket's closures must not be dropped while one of them runs.
        driver.after(async {}, move |driver, ()| drop(driver.sockets.borrow_mut().remove(&conn)));
    }
}
