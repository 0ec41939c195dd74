//! The trace of every input and effect.

use cuewire::pipeline::effect::Effect;
use cuewire::pipeline::input::Input;

use crate::plan::MARK;
use crate::tally::Check;
use crate::world::World;
use crate::world::event::EPOCH;

impl World {
    pub(crate) fn trace_input(&mut self, input: &Input<'_>) {
        let trace = &mut self.trace;
        let wall = (EPOCH + self.now).saturating_add_signed(self.skew);
        trace.number(wall);
        match input {
            Input::Started(start) => {
                trace.number(1);
                trace.number(start.seed);
                for (key, text) in start.journal.iter().flatten() {
                    trace.bytes(key.as_bytes());
                    trace.bytes(text.as_bytes());
                }
            }
            Input::Command(id, _) => trace.number(2 | id.0 << 8),
            Input::Tick => trace.number(3),
            Input::OnlineChanged(online) => trace.number(4 | u64::from(*online) << 8),
            Input::StreamOpened(conn) => trace.number(5 | conn.number() << 8),
            Input::Frame(conn, bytes) => {
                trace.number(6 | conn.number() << 8);
                trace.bytes(bytes);
            }
            Input::StreamClosed(conn, code) => trace.number(7 | conn.number() << 8 | u64::from(*code) << 40),
            Input::HttpDone(id, outcome) => {
                let status = match outcome {
                    cuewire::model::http::Outcome::Answer(answer) => u64::from(answer.status),
                    cuewire::model::http::Outcome::Redirected => 1,
                    cuewire::model::http::Outcome::Failed(failure) => 2 + *failure as u64,
                };
                trace.number(8 | id.number() << 8 | status << 40);
            }
            Input::Committed(id) => trace.number(9 | id.0 << 8),
            Input::CommitFailed(id, _) => trace.number(10 | id.0 << 8),
            Input::PagesOpen(open) => trace.number(11 | u64::from(*open) << 8),
            Input::SettingsStored(id, result) => trace.number(12 | id.0 << 8 | u64::from(result.is_ok()) << 40),
            Input::StreamNotPermitted(conn) => trace.number(14 | conn.number() << 8),
            Input::Permitted(origin) => trace.number(15 | (origin.len() as u64) << 8),
            Input::UpdateAvailable => trace.number(16),
            Input::Recorded(key, is_stored) => trace.number(17 | key.from.0 << 8 | u64::from(*is_stored) << 63),
            Input::Recalled(id, records) => {
                trace.number(47 | id.0 << 8);
                for (key, text) in records.iter().flatten() {
                    trace.bytes(key.as_bytes());
                    trace.bytes(text.as_bytes());
                }
            }
            Input::RecordingListed(keys) => trace.number(18 | (keys.len() as u64) << 8),
            Input::HistoryRead(id, _) => trace.number(19 | id.0 << 8),
            Input::ZoneOffsets(offsets) => trace.number(20 | (offsets.len() as u64) << 8),
            Input::WindowEnded(id, ended) => trace.number(47 | id.number() << 8 | u64::from(ended.is_ok()) << 40),
            Input::Windows(_) => trace.number(48),
            Input::LocalOffset(offset) => trace.number(13 | u64::from(*offset as u32) << 8),
        }
        let life = self.worker.life;
        trace.line(|| match input {
            Input::Frame(conn, bytes) => {
                format!(
                    "[{life}] <- Frame({}, {:?})",
                    conn.number(),
                    String::from_utf8_lossy(&bytes[..bytes.len().min(200)])
                )
            }
            other => format!("[{life}] <- {other:?}"),
        });
    }

    pub(crate) fn trace_effect(&mut self, effect: &Effect) {
        let trace = &mut self.trace;
        match effect {
            Effect::RequestToken { id, request } => {
                trace.number(21 | id.number() << 8);
                trace.bytes(request.body.as_bytes());
            }
            Effect::PostCard { id, request } => {
                trace.number(22 | id.number() << 8);
                trace.bytes(request.url.as_bytes());
                trace.bytes(request.body.as_bytes());
            }
            Effect::OpenWindow { id, .. } => trace.number(49 | id.number() << 8),
            Effect::Poll { id, .. } => trace.number(40 | id.number() << 8),
            Effect::SendFrame { conn, .. } => trace.number(41 | conn.number() << 8),
            Effect::Abort(id) => trace.number(23 | id.number() << 8),
            Effect::OpenStream { conn, url } => {
                trace.number(24 | conn.number() << 8);
                trace.bytes(url.0.as_bytes());
            }
            Effect::CloseStream(conn) => trace.number(25 | conn.number() << 8),
            Effect::Commit { id, changes } => {
                trace.number(26 | id.0 << 8 | (changes.len() as u64) << 40);
                for change in changes {
                    if let cuewire::model::ask::Change::Put(_, key, text) = change {
                        trace.bytes(key.as_bytes());
                        trace.bytes(text.as_bytes());
                    }
                }
            }
            Effect::TellOffsets(zones) => trace.number(46 | (zones.len() as u64) << 8),
            Effect::Load => trace.number(27),
            Effect::ReadHistory { id, .. } => trace.number(45 | id.0 << 8),
            Effect::Recall { id, .. } => trace.number(48 | id.0 << 8),
            Effect::StoreMarker => trace.number(28),
            Effect::Record(chunk) => {
                trace.number(42);
                trace.bytes(&chunk.bytes);
            }
            Effect::ForgetRecording(through) => trace.number(43 | through.map_or(0, |key| key.from.0) << 8),
            Effect::ListRecording => trace.number(44),
            Effect::ReopenStorage => trace.number(36),
            Effect::DeleteStorage => trace.number(37),
            Effect::Restart => trace.number(38),
            Effect::Reload => trace.number(39),
            Effect::StoreSettings { id, .. } => trace.number(29 | id.0 << 8),
            Effect::StoreToken(token) => trace.number(30 | u64::from(token.is_some()) << 8),
            Effect::KeepAlive { vitals } => {
                trace.number(31);
                trace.bytes(vitals.as_bytes());
            }
            Effect::ShowBadge(badge) => {
                trace.number(32);
                trace.bytes(badge.text.as_bytes());
            }
            Effect::Notify(_) => trace.number(33),
            Effect::Publish => trace.number(34),
            Effect::Reply(id, _) => trace.number(35 | id.0 << 8),
        }
        let (life, number) = (self.worker.life, self.tally.effects - 1);
        // The trace prints as a log would, so it must hold no secret.
        let bulky = matches!(effect, Effect::Reply(..));
        if self.trace.is_readable() || number % 64 == 0 && !bulky {
            let shown = format!("{effect:?}");
            self.check(Check::SecretKept, !shown.contains(MARK), || format!("a secret in {shown}"));
            let changes = match effect {
                Effect::Commit { changes, .. } => Some(changes),
                _ => None,
            };
            self.trace.line(|| match changes {
                Some(changes) => {
                    let names: Vec<String> = changes
                        .iter()
                        .map(|change| match change {
                            cuewire::model::ask::Change::Put(_, key, text) => format!("put {key} {text}"),
                            other => format!("{other:?}"),
                        })
                        .collect();
                    format!("[{life}] #{number} -> Commit\n{:>20}{}", "", names.join(&format!("\n{:>20}", "")))
                }
                None => format!("[{life}] #{number} -> {}", shown.chars().take(240).collect::<String>()),
            });
        }
    }
}
