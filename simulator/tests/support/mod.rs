//! A real client for a real server on a free port. Written against the contract alone.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod diligent;
pub mod published;

use std::time::Duration;

use cxone_simulator::{Options, Simulator};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// No event of its own accord: tests send what they need.
pub const QUIET: &str = "--rate=0.01";
/// Longest a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Rig {
    pub simulator: Simulator,
    pub http: reqwest::Client,
    pub base: String,
}

pub async fn start(arguments: &[&str]) -> Rig {
    let all = ["--listen", "127.0.0.1:0"].into_iter().chain(arguments.iter().copied());
    let options = Options::from_args(all).unwrap_or_else(|error| panic!("{error}"));
    let simulator = Simulator::start(options).await.expect("started");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    Rig { base: format!("http://{}", simulator.address()), simulator, http }
}

impl Rig {
    pub async fn ask_token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let answer = self.http.post(format!("{}/oauth/token", self.base)).form(form).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub async fn token(&self) -> String {
        let (status, body) = self
            .ask_token(&[
                ("grant_type", "client_credentials"),
                ("client_id", "cuewire-demo"),
                ("client_secret", "cuewire-demo-secret"),
            ])
            .await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    pub async fn open(&self, token: &str) -> Result<Socket, tungstenite::Error> {
        let encoded = percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
        let address = format!("{}/api/v2/interactions/stream?access_token={encoded}", self.base.replace("http", "ws"));
        tokio_tungstenite::connect_async(address).await.map(|(socket, _)| socket)
    }

    /// A stream that the server counts as listening.
    pub async fn listen(&self, token: &str) -> Socket {
        let socket = self.open(token).await.expect("a stream");
        let before = self.simulator.world().audience.opened();
        self.until(|| self.simulator.world().audience.opened() >= before.max(1)).await;
        socket
    }

    pub async fn refused(&self, token: &str) -> u16 {
        match self.open(token).await {
            Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("{other:?}"),
        }
    }

    pub fn card_address(&self, segment: &str) -> String {
        format!("{}/api/v2/agentassist/interactions/{segment}/cards", self.base)
    }

    pub async fn send_card(
        &self,
        token: &str,
        interaction: &str,
        card_id: &str,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let segment = percent_encoding::utf8_percent_encode(interaction, percent_encoding::NON_ALPHANUMERIC);
        let card = self.http.post(self.card_address(&segment.to_string())).bearer_auth(token);
        card.json(&card_body(card_id)).send().await
    }

    pub async fn card_status(&self, token: &str, interaction: &str, card_id: &str) -> u16 {
        self.send_card(token, interaction, card_id).await.expect("an answer").status().as_u16()
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let answer =
            self.http.post(format!("{}/control/{path}", self.base)).json(&body).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.json().await.unwrap_or_default();
        assert!(status < 300, "{status} {body}");
        body
    }

    pub async fn fault(&self, fault: Value) -> Value {
        self.control("faults", fault).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}/control/{path}", self.base)).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    pub async fn negative(&self, id: &str) {
        self.control("send", json!({ "event": negative(id) })).await;
    }

    pub async fn report(&self) -> Value {
        self.get("report?last=true").await
    }

    pub async fn injected(&self, kind: &str) -> u64 {
        self.get("faults").await["injected"][kind].as_u64().unwrap_or_default()
    }

    /// Waits for something that must become true.
    pub async fn until(&self, mut becomes: impl FnMut() -> bool) {
        let waiting = async {
            while !becomes() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it became true in time");
    }
}

pub fn negative(id: &str) -> Value {
    json!({ "id": id, "type": "sentiment", "sentiment": { "score": -0.72, "confidence": 0.9 } })
}

pub fn card_body(card_id: &str) -> Value {
    json!({
        "cardId": card_id,
        "type": "warning",
        "title": "Customer Engagement Alert",
        "content": "Action required: Negative sentiment detected (-0.72)",
        "metadata": { "source": "real-time-trigger", "timestamp": "2026-01-01T00:00:00.000Z" },
    })
}

/// The next frame, which must come.
pub async fn next(socket: &mut Socket) -> Option<Result<Message, tungstenite::Error>> {
    tokio::time::timeout(PATIENCE, socket.next()).await.expect("a frame in time")
}

/// The code with which the server closes, or none when the connection just ends.
pub async fn closing(socket: &mut Socket) -> Option<u16> {
    let mut code = None;
    while let Some(Ok(message)) = next(socket).await {
        if let Message::Close(frame) = message {
            code = frame.map(|frame| frame.code.into());
        }
    }
    code
}
