//! The whole pipeline, fed a script of inputs: any input in any state, with a store that applies what is committed.
//!
//! A script is bytes that read as text, so that the corpus can be written by hand. Each step is a letter, with the
//! characters after it as arguments; see [`World::step`].

use std::collections::BTreeMap;

use cuewire::core::effect::{
    Change, CommandId, CommitId, ConnectionId, Effect, RequestId, Secret, SecretChange, Store,
};
use cuewire::core::input::{Answer, CommitFailure, Failure, Input, Outcome, Start};
use cuewire::core::journal::{CARD_PREFIX, decode};
use cuewire::core::time::Millis;
use cuewire::protocol::{CardAction, Request, Scope};
use serde_json::Value;

use crate::page_message::reply_is_plain;
use crate::rig::{Rig, SECRET, SETTINGS};

/// Part of every token that is given here. It must turn up in no place that people see or that outlives the browser.
const TOKEN: &str = "tok-Tok-tok";

/// Steps of one script that are taken; what follows is not looked at.
const STEPS: usize = 1_500;

/// Inputs at one instant that may be due at once before that counts as spinning.
const TICKS_AT_ONCE: usize = 8;

/// The latest instant that a browser can show. What lies beyond is tried too, though not how long it takes to be due.
const LATEST_DATE: Millis = Millis(8_640_000_000_000_000);

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut script = data.iter().copied();
    let mut world = World::new();
    for _ in 0..STEPS {
        let Some(step) = script.next() else { break };
        world.step(step, &mut script);
        world.take_effects();
        world.does_not_spin();
    }
    // Whatever has happened, the pages can be told.
    world.command(Request::Dashboard);
    world.take_effects();
}

struct World {
    rig: Rig,
    beyond_dates: bool,
    journal: BTreeMap<String, String>,
    history: BTreeMap<String, String>,
    marker: bool,
    settings: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    vitals: Option<String>,
    commits: Vec<(CommitId, Vec<Change>)>,
    token_requests: Vec<RequestId>,
    posts: Vec<RequestId>,
    test_posts: Vec<RequestId>,
    sockets: Vec<ConnectionId>,
    stores: Vec<(CommandId, Option<String>, SecretChange)>,
    commands: u64,
    tokens: u64,
}

impl World {
    fn new() -> World {
        let mut world = World {
            rig: Rig::new(),
            beyond_dates: false,
            journal: BTreeMap::new(),
            history: BTreeMap::new(),
            marker: false,
            settings: Some(SETTINGS.to_owned()),
            secret: Some(SECRET.to_owned()),
            token: None,
            vitals: None,
            commits: Vec::new(),
            token_requests: Vec::new(),
            posts: Vec::new(),
            test_posts: Vec::new(),
            sockets: Vec::new(),
            stores: Vec::new(),
            commands: 0,
            tokens: 0,
        };
        world.start(0);
        world.take_effects();
        world
    }

    /// | step | what happens |
    /// | --- | --- |
    /// | `s` flags | the worker is killed and starts again |
    /// | `t`, `w` span | a tick when one is due; the clock moves |
    /// | `a` kind, `p` which kind | a token request is answered; a card is |
    /// | `o`, `x` which code | a socket opens; one closes |
    /// | `f` kind number, `F` length bytes | a frame of a known kind; any frame |
    /// | `c`, `C` kind | the oldest commit is durable; it is refused |
    /// | `m` kind, `S` kind | a page asks for something; settings are stored, or not |
    /// | `n` `l` `g` `i` | network, local time, pages, an id that nobody gave |
    fn step(&mut self, step: u8, script: &mut impl Iterator<Item = u8>) {
        let mut next = || script.next().map_or(0, |byte| byte.wrapping_sub(b'0'));
        match step {
            b's' => {
                let flags = next();
                self.start(flags);
            }
            b't' => self.tick_when_due(),
            b'w' => self.move_clock(next()),
            b'a' => {
                let outcome = token_outcome(next(), self.tokens);
                self.tokens += 1;
                if let Some(id) = pop(&mut self.token_requests, 0) {
                    self.rig.feed(Input::HttpDone(id, outcome));
                }
            }
            b'p' => {
                let (which, outcome) = (next(), card_outcome(next(), next()));
                if let Some(id) = pop(&mut self.posts, which).or_else(|| pop(&mut self.test_posts, which)) {
                    self.rig.feed(Input::HttpDone(id, outcome));
                }
            }
            b'o' => {
                if let Some(conn) = self.sockets.last() {
                    self.rig.feed(Input::StreamOpened(*conn));
                }
            }
            b'x' => {
                let (which, code) = (next(), next());
                if let Some(conn) = pop(&mut self.sockets, which) {
                    self.rig
                        .feed(Input::StreamClosed(conn, [1000, 1001, 1006, 1011, 0, u16::MAX][usize::from(code) % 6]));
                }
            }
            b'f' => {
                let (kind, number) = (next(), next());
                self.frame(frame(kind, number).as_bytes());
            }
            b'F' => {
                let length = usize::from(next());
                let bytes: Vec<u8> = script.take(length).collect();
                self.frame(&bytes);
            }
            b'c' => self.commit(),
            b'C' => {
                let kind = next();
                if let Some((id, _)) = pop(&mut self.commits, 0) {
                    let other = || CommitFailure::Other("the browser's words".to_owned());
                    let failure = if kind.is_multiple_of(2) { CommitFailure::QuotaExceeded } else { other() };
                    self.rig.feed(Input::CommitFailed(id, failure));
                }
            }
            b'm' => {
                let request = request(next(), next());
                self.command(request);
            }
            b'S' => {
                let kind = next();
                self.settings_stored(kind);
            }
            b'n' => self.rig.feed(Input::OnlineChanged(next().is_multiple_of(2))),
            b'l' => {
                let minutes = [0, 60, -300, 840, i32::MAX, i32::MIN][usize::from(next()) % 6];
                self.rig.feed(Input::LocalOffset(minutes));
            }
            b'g' => self.rig.feed(Input::PagesOpen(u32::from(next()))),
            b'i' => {
                let (kind, id) = (next(), u64::from(next()));
                self.stray(kind, id);
            }
            _ => self.rig.feed(Input::Tick),
        }
    }

    fn start(&mut self, flags: u8) {
        let set = |bit: u8| flags & (1 << bit) != 0;
        let mut journal: Vec<(String, String)> =
            if set(0) { Vec::new() } else { self.journal.clone().into_iter().collect() };
        if set(1) {
            for (_, text) in journal.iter_mut().skip(usize::from(flags >> 4)).step_by(3) {
                text.pop();
            }
        }
        // What was asked for before is forgotten, or dies with the worker; requests may have reached the server all the same.
        self.commits.clear();
        self.token_requests.clear();
        self.posts.clear();
        self.test_posts.clear();
        self.sockets.clear();
        let kept = |value: &Option<String>, dropped: bool| value.clone().filter(|_| !dropped);
        let start = Start {
            journal: if set(2) { Err("unreadable".to_owned()) } else { Ok(journal) },
            marker: self.marker,
            settings: kept(&self.settings, set(3)),
            secret: kept(&self.secret, set(4)),
            token: kept(&self.token, set(5)),
            vitals: kept(&self.vitals, set(6)),
            seed: u64::from(flags),
            loopback_allowed: false,
        };
        if set(7) {
            // A new worker, not only a new start.
            let wall = self.rig.wall;
            self.rig = Rig::new();
            self.rig.wall = wall;
            self.stores.clear();
        }
        self.rig.feed(Input::Started(Box::new(start)));
    }

    fn tick_when_due(&mut self) {
        let due = self.rig.pipeline.next_deadline().unwrap_or(self.rig.wall.plus(Millis::from_secs(1)));
        self.rig.wall = self.rig.wall.max(due);
        self.rig.feed(Input::Tick);
    }

    fn move_clock(&mut self, span: u8) {
        const SPANS: [u64; 12] =
            [1, 100, 1_000, 5_000, 15_000, 45_000, 600_000, 3_600_000, 86_400_000, 40 * 86_400_000, 1 << 53, u64::MAX];
        let wall = self.rig.wall;
        let amount = Millis(SPANS[usize::from(span & 0x7f) % SPANS.len()]);
        self.rig.wall = if span & 0x80 == 0 { wall.plus(amount) } else { wall.since(amount) };
        self.beyond_dates |= self.rig.wall > LATEST_DATE;
    }

    fn frame(&mut self, bytes: &[u8]) {
        let conn = self.sockets.last().copied().unwrap_or(ConnectionId(0));
        self.rig.feed(Input::Frame(conn, bytes));
    }

    fn commit(&mut self) {
        let Some((id, changes)) = pop(&mut self.commits, 0) else { return };
        for change in changes {
            match change {
                Change::Put(store, key, text) => drop(self.records(store).insert(key, text)),
                Change::Delete(store, key) => drop(self.records(store).remove(&key)),
                Change::DeleteThrough(store, last) => self.records(store).retain(|key, _| *key > last),
                Change::Clear(store) => self.records(store).clear(),
            }
        }
        self.rig.feed(Input::Committed(id));
    }

    fn records(&mut self, store: Store) -> &mut BTreeMap<String, String> {
        match store {
            Store::Journal => &mut self.journal,
            Store::History => &mut self.history,
        }
    }

    fn command(&mut self, request: Request) {
        self.commands += 1;
        self.rig.feed(Input::Command(CommandId(self.commands), request));
    }

    fn settings_stored(&mut self, kind: u8) {
        let Some((id, settings, secret)) = pop(&mut self.stores, kind >> 1) else { return };
        if !kind.is_multiple_of(2) {
            self.rig.feed(Input::SettingsStored(id, Err("no room".to_owned())));
            return;
        }
        self.settings = settings;
        match secret {
            SecretChange::Keep => {}
            SecretChange::OnDevice(Secret(secret)) | SecretChange::InSession(Secret(secret)) => {
                self.secret = Some(secret);
            }
            SecretChange::Forget => self.secret = None,
        }
        self.rig.feed(Input::SettingsStored(id, Ok(())));
    }

    /// Under an id that nobody gave, or that is long over.
    fn stray(&mut self, kind: u8, id: u64) {
        let input = match kind % 7 {
            0 => Input::HttpDone(RequestId(id), card_outcome(id as u8, 0)),
            1 => Input::StreamOpened(ConnectionId(id)),
            2 => Input::StreamClosed(ConnectionId(id), 1006),
            3 => Input::Frame(ConnectionId(id), b"{}"),
            4 => Input::CommitFailed(CommitId(u64::MAX - id), CommitFailure::QuotaExceeded),
            5 => Input::Committed(CommitId(u64::MAX - id)),
            _ => Input::SettingsStored(CommandId(u64::MAX - id), Ok(())),
        };
        if let Input::HttpDone(id, _) = &input {
            for pending in [&mut self.posts, &mut self.test_posts, &mut self.token_requests] {
                pending.retain(|other| other != id);
            }
        }
        self.rig.feed(input);
    }

    /// Notes what was asked for, and checks what may be checked at any time.
    fn take_effects(&mut self) {
        for effect in std::mem::take(&mut self.rig.effects) {
            nothing_secret_is_shown(&effect);
            match effect {
                Effect::RequestToken { id, request } => {
                    assert!(request.url.ends_with("/oauth/token"));
                    self.token_requests.push(id);
                }
                Effect::PostCard { id, request } => self.post(id, &request.url, &request.body),
                Effect::Abort(id) => {
                    for pending in [&mut self.posts, &mut self.test_posts, &mut self.token_requests] {
                        pending.retain(|other| *other != id);
                    }
                }
                Effect::OpenStream { conn, url } => {
                    assert!(url.0.starts_with("wss://"));
                    self.sockets.push(conn);
                    // One is the stream's, one a connection test's.
                    assert!(self.sockets.len() <= 2, "{} sockets at once", self.sockets.len());
                }
                Effect::CloseStream(conn) => self.sockets.retain(|other| *other != conn),
                Effect::Commit { id, changes } => self.commits.push((id, changes)),
                Effect::StoreMarker => self.marker = true,
                Effect::StoreSettings { id, settings, secret } => self.stores.push((id, settings, secret)),
                Effect::StoreToken(token) => self.token = token.map(|Secret(token)| token),
                Effect::KeepAlive { vitals } => self.vitals = Some(vitals),
                Effect::Reply(_, reply) => reply_is_plain(&reply),
                Effect::Load | Effect::ShowBadge(_) | Effect::Notify(_) | Effect::Publish => {}
            }
        }
        assert!(self.posts.len() <= 4, "{} cards in flight", self.posts.len());
        assert!(self.token_requests.len() <= 2, "{} token requests at once", self.token_requests.len());
    }

    /// **A card is sent only after its record is durable**, and only to the service it was accepted for.
    fn post(&mut self, id: RequestId, url: &str, body: &str) {
        let body: Value = serde_json::from_str(body).expect("a card is JSON");
        if body["metadata"]["ruleId"] == "connection-test" {
            self.test_posts.push(id);
            return;
        }
        let card = body["cardId"].as_str().expect("a card has an identity");
        let stored = (self.journal.range(CARD_PREFIX.to_owned()..))
            .take_while(|(key, _)| key.starts_with(CARD_PREFIX))
            .filter_map(|(_, text)| decode::<Value>(text).ok())
            .find(|stored| stored["card"]["cardId"] == card);
        let stored = stored.unwrap_or_else(|| panic!("{card} was posted before it was durable"));
        let service = stored["service"].as_str().expect("a stored card names its service");
        assert!(url.strip_prefix(service).is_some_and(|path| path.starts_with("/api/v2/agentassist/")), "{url}");
        self.posts.push(id);
    }

    /// What is due is done by a few ticks: a deadline that stays would have the worker spin.
    fn does_not_spin(&mut self) {
        let wall = self.rig.wall;
        let is_due = |rig: &Rig| rig.pipeline.next_deadline().is_some_and(|at| at <= wall);
        // Where time itself has come to its end, everything is due for ever.
        if self.beyond_dates || !is_due(&self.rig) {
            return;
        }
        for _ in 0..TICKS_AT_ONCE {
            self.rig.feed(Input::Tick);
            self.take_effects();
            if !is_due(&self.rig) {
                return;
            }
        }
        panic!("due at {:?} after {TICKS_AT_ONCE} ticks at {wall:?}", self.rig.pipeline.next_deadline());
    }
}

fn pop<T>(pending: &mut Vec<T>, which: u8) -> Option<T> {
    if pending.is_empty() { None } else { Some(pending.remove(usize::from(which) % pending.len())) }
}

/// Requests and what the shell keeps for us may hold a secret; nothing else may.
fn nothing_secret_is_shown(effect: &Effect) {
    let shown = match effect {
        Effect::Reply(_, reply) => serde_json::to_string(reply).unwrap_or_default(),
        Effect::Notify(notice) => serde_json::to_string(notice).unwrap_or_default(),
        Effect::StoreSettings { settings, .. } => settings.clone().unwrap_or_default(),
        Effect::KeepAlive { vitals } => vitals.clone(),
        Effect::Commit { changes, .. } => {
            let texts = changes.iter().filter_map(|change| match change {
                Change::Put(_, _, text) => Some(&**text),
                _ => None,
            });
            texts.collect()
        }
        _ => String::new(),
    };
    for secret in [SECRET, TOKEN] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!format!("{effect:?}").contains(secret), "{effect:?}");
    }
}

fn answer(status: u16, body: String) -> Outcome {
    Outcome::Answer(Answer { status, body, ..Answer::default() })
}

fn token_outcome(kind: u8, number: u64) -> Outcome {
    let token = format!("{TOKEN}-{number}");
    let granted = |rest: &str| answer(200, format!(r#"{{"access_token":"{token}"{rest}}}"#));
    match kind % 12 {
        0 => granted(r#","expires_in":3600,"scope":"interactions:read agentassist:write""#),
        1 => granted(""),
        2 => granted(r#","expires_in":0"#),
        3 => granted(r#","expires_in":31,"scope":"interactions:read""#),
        4 => granted(r#","expires_in":1e308,"token_type":"mac""#),
        5 => answer(401, format!(r#"{{"error":"invalid_client","client_secret":"{SECRET}"}}"#)),
        6 => answer(400, format!("no such client: {SECRET}")),
        7 => answer(429, String::new()),
        8 => answer(503, "later".repeat(400)),
        9 => Outcome::Redirected,
        10 => Outcome::Failed(Failure::NotPermitted),
        _ => Outcome::Failed(Failure::Network),
    }
}

fn card_outcome(kind: u8, wait: u8) -> Outcome {
    const STATUSES: [u16; 16] = [201, 429, 503, 401, 403, 409, 400, 404, 408, 200, 500, 302, 0, 999, 204, 429];
    const WAITS: [Option<&str>; 8] = [
        None,
        Some("0"),
        Some("1"),
        Some("60"),
        Some("99999999999999999999"),
        Some("soon"),
        Some("Tue, 17 Feb 2026 10:00:00 GMT"),
        Some("Tue, 17 Feb 2026 09:30:00 GMT"),
    ];
    match kind & 0x1f {
        kind @ 0..16 => Outcome::Answer(Answer {
            status: STATUSES[usize::from(kind)],
            retry_after: WAITS[usize::from(wait) % WAITS.len()].map(str::to_owned),
            date: (wait & 8 != 0).then(|| "Tue, 17 Feb 2026 09:30:00 GMT".to_owned()),
            body: format!("refused; authorization: Bearer {TOKEN}-1"),
        }),
        16 => Outcome::Redirected,
        17 => Outcome::Failed(Failure::NotPermitted),
        18 => Outcome::Failed(Failure::Aborted),
        19 => Outcome::Failed(Failure::Unsendable),
        _ => Outcome::Failed(Failure::Network),
    }
}

fn frame(kind: u8, number: u8) -> String {
    let id = format!("i-{number}");
    let queue = ["Billing", "Sales", "", "Ärger*"][usize::from(number) % 4];
    match kind % 10 {
        0 => format!(
            r#"{{"id":"{id}","sentiment":{{"score":-0.9,"confidence":0.8}},"routing":{{"queueName":"{queue}"}}}}"#
        ),
        1 => format!(r#"{{"id":"{id}","routing":{{"queueWaitTimeMs":130000,"queueName":"{queue}"}}}}"#),
        2 => format!(r#"{{"id":"{id}","sentiment":{{"score":-1}},"routing":{{"queueWaitTimeMs":1e308}}}}"#),
        3 => format!(r#"{{"id":"{id}","type":"disposition"}}"#),
        4 => format!(r#"{{"id":"{id}","type":"connect","routing":{{"queueName":"{queue}"}}}}"#),
        5 => format!(r#"{{"id":"{id}/../..","sentiment":{{"score":-0.51}}}}"#),
        6 => format!(r#"{{"id":"{}","sentiment":{{"score":-0.6}}}}"#, "é".repeat(usize::from(number) * 2 + 1)),
        7 => format!(r#"{{"id":"{id}","routing":{{"queueName":"{id}{queue}"}}}}"#),
        8 => r#"{"id":"..","sentiment":{"score":-0.9}}"#.to_owned(),
        _ => format!(r#"{{"id":"{id}","sentiment":{{"score":7}}"#),
    }
}

fn request(kind: u8, detail: u8) -> Request {
    let save = |fields: &str| Request::Save {
        text: format!(r#"{{"organization":"acme","clientId":"client"{fields}}}"#),
        check_only: false,
    };
    let card = |number: u8| Some(format!("trigger-i-{number}-negative-sentiment-1"));
    let scope = [None, Some(Scope::Queue("Billing".to_owned())), Some(Scope::Rule("long-wait".to_owned()))];
    let scope = scope[usize::from(detail) % 3].clone();
    match kind % 12 {
        0 => Request::Status,
        1 => Request::Dashboard,
        2 => Request::Settings,
        3 => save(match detail % 12 {
            0 => "",
            1 => r#","clientSecret":"hush/Hush+hush=1""#,
            2 => r#","serviceAddress":"https://gate.example:8443/cx""#,
            3 => r#","dryRun":true"#,
            4 => r#","oncePer":"rule","notify":true"#,
            5 => r#","maxTries":2,"endAtDisposition":true"#,
            6 => r#","cardTtlMinutes":0.2,"rememberHours":0.02"#,
            7 => r#","cardsPerQueueHour":1,"cardsPerInteraction":1"#,
            8 => r#","quietHoursFrom":"09:00","quietHoursTo":"10:00","keepSecret":"session""#,
            9 => r#","cardContent":"{queue}{interaction}{reason}{score}{wait}","historyEntries":100,"historyDays":1"#,
            10 => r#","clientId":"other","keepSecret":"session","clientSecret":"hush/Hush+hush=1""#,
            _ => r#","includeQueues":["*"],"excludeQueues":"Sales","minimumConfidence":0.5"#,
        }),
        4 => Request::Save { text: "{".to_owned(), check_only: !detail.is_multiple_of(2) },
        5 => {
            Request::Pause { scope, minutes: [None, Some(1), Some(u32::MAX)][usize::from(detail / 3) % 3], note: None }
        }
        6 => Request::Resume { scope },
        7 => Request::Cards { action: CardAction::TryAgain, card_id: card(detail).filter(|_| detail < 10) },
        8 => Request::Cards { action: CardAction::Drop, card_id: card(detail).filter(|_| detail < 10) },
        9 => Request::Clear,
        10 => Request::Test {
            text: r#"{"organization":"acme","clientId":"client","clientSecret":"hush/Hush+hush=1"}"#.to_owned(),
            interaction: [None, Some("i-test".to_owned()), Some("..".to_owned())][usize::from(detail) % 3].clone(),
        },
        _ => Request::Save { text: r#"{"organization":"acme","clientId":"c"}"#.to_owned(), check_only: true },
    }
}
