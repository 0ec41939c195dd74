//! Checks of the cards that are sent.

use cuewire::model::http::HttpRequest;

use crate::checks::limits::{CARD_TRIES, count_in_minute};
use crate::plan::HOSTS;
use crate::tally::Check;
use crate::world::World;
use crate::world::card::Form;

/// Where the store was full, a worker's backoff of 429 ends with it, and the next one tries at once, after 1, 3 and 7 s.
/// Each start allows one of these anyway.
const UNAWARE_TRIES: usize = 3;

/// A request without an answer for so long leaves its place to the next.
const HANGING: u64 = 1_000;

impl World {
    /// A card is about to be sent. Says which of the ledger's, to which host, and with which token.
    pub(crate) fn judge_post(&mut self, request: &HttpRequest) -> Option<(usize, usize, String)> {
        let place = address(&request.url);
        let (host, interaction) = match place {
            Some((host, id)) => (host, self.interactions.of_id(host, &id)),
            None => (0, None),
        };
        let id = card_id(&request.body);
        let rule = interaction.and_then(|at| self.interactions[at].card_ids.iter().position(|other| *other == id));
        self.check(Check::OneCardId, rule.is_some(), || format!("{id} sent to {}", request.url));
        let (interaction, rule) = (interaction?, rule?);
        let card = self.interactions[interaction].cards[rule];
        let form = card.and_then(|card| self.ledger.cards[card].form);
        self.check(Check::DurableFirst, form == Some(Form::Open), || format!("{id} sent, and stored as {form:?}"));
        let card = card?;
        let setup = self.worker.setup.map(|setup| self.setups[setup].host);
        let right = self.ledger.cards[card].host == host && setup == Some(host);
        self.check(Check::RightHost, right, || format!("{id} sent to {}", request.url));
        let token = request
            .headers
            .iter()
            .find_map(|(name, value)| {
                (*name == "Authorization").then(|| value.trim_start_matches("Bearer ").to_owned())
            })
            .unwrap_or_default();
        let own = self.servers[host].tokens.iter().any(|given| given.value == token);
        self.check(Check::RightHost, own, || "a token of another host".to_owned());
        self.judge_moment(card, host, &id);
        Some((card, host, token))
    }

    fn judge_moment(&mut self, card: usize, host: usize, id: &str) {
        let (perceived, life) = (self.perceived(), self.worker.life);
        let held = self.ledger.holds.iter().filter(|hold| hold.host == host).map(|hold| hold.until).max();
        if let Some(until) = held {
            self.check(Check::WaitKept, perceived >= until, || {
                format!("{id} sent {} ms before the wait ends", until - perceived)
            });
        }
        let facts = &self.ledger.cards[card];
        let (delivered, not_before, accepted_at) = (facts.delivered_in, facts.not_before, facts.accepted_at);
        self.check(Check::NoRepeat, delivered != Some(life), || format!("{id} sent again after its answer"));
        if not_before > 0 {
            self.check(Check::BackoffKept, perceived >= not_before, || {
                format!("{id} sent {} ms before its backoff", not_before - perceived)
            });
        }
        if !self.clock_went_back {
            let late = perceived.saturating_sub(accepted_at + self.plan.setup.ttl);
            self.check(Check::StaleCue, late == 0, || format!("{id} sent {late} ms after its time to live"));
        }
        if let Some(most) = self.plan.setup.tries {
            let failed = self.ledger.cards[card].failed_here;
            self.check(Check::TriesBound, failed < most, || format!("{id} sent after {failed} failed tries"));
        }
        let busy = |at: &&usize| self.requests[**at].at + HANGING > perceived;
        let flight = self.worker.cards.iter().filter(busy).count() + 1;
        self.check(Check::InFlight, flight <= 4, || format!("{flight} cards in flight"));
        let dry = self.worker.setup.is_some_and(|setup| self.setups[setup].dry_run);
        self.check(Check::PausedIsQuiet, !dry, || "a card posted in a dry run".to_owned());
        let paused = self.ledger.paused && perceived < self.ledger.paused_until;
        self.check(Check::PausedIsQuiet, !paused, || "a card posted while paused".to_owned());
        self.ledger.unaware_starts.retain(|at| at + 60_000 > perceived);
        let unaware = UNAWARE_TRIES * self.ledger.unaware_starts.len();
        let allowed = CARD_TRIES + self.allowance(perceived) + unaware;
        let count = count_in_minute(&mut self.ledger.cards[card].tries, perceived);
        self.tally.most[0] = self.tally.most[0].max((count + CARD_TRIES).saturating_sub(allowed) as u64);
        self.check(Check::CardRate, count <= allowed, || format!("{id} sent {count} times in a minute"));
    }
}

/// Which host, and which interaction the path names.
fn address(url: &str) -> Option<(usize, String)> {
    let host = HOSTS.iter().position(|host| url.starts_with(host))?;
    let segment = url[HOSTS[host].len()..].strip_prefix("/api/v2/agentassist/interactions/")?.strip_suffix("/cards")?;
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            bytes.push(byte);
        } else {
            return None;
        }
    }
    Some((host, String::from_utf8(bytes).ok()?))
}

/// The body's `cardId`, which comes first.
fn card_id(body: &str) -> String {
    let Some(text) = body.strip_prefix("{\"cardId\":\"") else { return String::new() };
    let mut id = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => break,
            '\\' => match rest.next() {
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    id.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                Some('n') => id.push('\n'),
                Some('t') => id.push('\t'),
                Some(other) => id.push(other),
                None => break,
            },
            character => id.push(character),
        }
    }
    id
}
