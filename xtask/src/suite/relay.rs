//! A relay between the browser and the server of the tests in WebAssembly: one connection for each request.
//!
//! The server in wasm-bindgen's runner (`tiny_http` 0.12) can hand a connection to a thread that it has just given
//! another. The connection then waits until the browser closes an idle one, which takes five minutes. Where no
//! connection outlives its answer, none waits.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// An HTTP proxy on a port of the loopback that relays until the process ends.
pub struct Relay {
    address: SocketAddr,
}

impl Relay {
    /// Opens the port and relays from a thread of its own.
    pub fn open() -> Result<Relay> {
        let listener = TcpListener::bind("127.0.0.1:0").context("opening a port for the relay")?;
        let address = listener.local_addr().context("asking for the relay's port")?;
        std::thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                // A request that cannot be relayed closes its connection, which is how the browser hears of it.
                std::thread::spawn(move || relay(&browser));
            }
        });
        Ok(Relay { address })
    }

    /// The capabilities for the browser's driver, as wasm-bindgen's runner reads them from its `webdriver.json`.
    pub fn capabilities(&self) -> Value {
        let proxy = format!("proxy-server=http://{}", self.address);
        // Chromium asks no proxy for the loopback by itself.
        json!({ "goog:chromeOptions": { "args": [proxy, "proxy-bypass-list=<-loopback>"] } })
    }
}

/// Passes the one request of a connection on, and its answer back.
fn relay(mut browser: &TcpStream) -> io::Result<()> {
    let mut request = BufReader::new(browser);
    let mut line = String::new();
    request.read_line(&mut line)?;
    let (host, line) = parted(&line).ok_or(io::ErrorKind::InvalidData)?;
    let mut head = format!("{line}\r\nConnection: close\r\n");
    let mut length = 0;
    loop {
        let mut field = String::new();
        request.read_line(&mut field)?;
        let (name, value) = field.split_once(':').unwrap_or((field.trim(), ""));
        match name.to_ascii_lowercase().as_str() {
            "connection" | "proxy-connection" => continue,
            "content-length" => length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?,
            _ => {}
        }
        head.push_str(&field);
        if name.is_empty() {
            break;
        }
    }
    let mut server = TcpStream::connect(host)?;
    server.write_all(head.as_bytes())?;
    io::copy(&mut io::Read::take(request, length), &mut server)?;
    io::copy(&mut server, &mut browser)?;
    Ok(())
}

/// `GET http://host/path HTTP/1.1` (RFC 9112, 3.2.2) as the host and the line that the host expects.
fn parted(line: &str) -> Option<(&str, String)> {
    let mut words = line.split_whitespace();
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let target = target.strip_prefix("http://")?;
    let (host, path) = target.split_once('/')?;
    Some((host, format!("{method} /{path} {version}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_request_reaches_its_server_and_both_connections_end_with_the_answer() {
        const PASSED_ON: &str = "POST /a?b HTTP/1.1\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody";
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = server.local_addr().expect("its address");
        let heard = std::thread::spawn(move || {
            let (mut asked, _) = server.accept().expect("a connection");
            asked.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("a request that is too short ends");
            let mut request = vec![0; PASSED_ON.len()];
            asked.read_exact(&mut request).expect("a request");
            asked.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").expect("an answer");
            String::from_utf8(request).expect("text")
        });
        let relay = Relay::open().expect("a relay");
        let mut browser = TcpStream::connect(relay.address).expect("the relay");
        let request = format!(
            "POST http://{address}/a?b HTTP/1.1\r\nProxy-Connection: keep-alive\r\nContent-Length: 4\r\n\r\nbody"
        );
        browser.write_all(request.as_bytes()).expect("it listens");
        let mut answer = String::new();
        browser.read_to_string(&mut answer).expect("the answer ends");
        assert!(answer.ends_with("ok"), "{answer}");
        assert_eq!(heard.join().expect("a request was heard"), PASSED_ON);
    }

    #[test]
    fn what_is_no_request_to_a_server_is_closed() {
        let relay = Relay::open().expect("a relay");
        let mut browser = TcpStream::connect(relay.address).expect("the relay");
        browser.write_all(b"CONNECT a.example:443 HTTP/1.1\r\n\r\n").expect("it listens");
        let mut answer = Vec::new();
        // Closed with an unread request: an end or a reset, as the system likes.
        let _ = browser.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{answer:?}");
    }
}
