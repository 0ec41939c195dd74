//! The messages of the stream: events of interactions, near misses, and frames that are no events.

use crate::dice::Dice;
use crate::plan::{QUEUES, Setup, queue_name};

/// One message of the stream.
#[derive(Debug, Clone)]
pub struct Utterance {
    /// Which interaction; none where it is garbage.
    pub interaction: Option<usize>,
    /// Thousandths.
    pub score: Option<i64>,
    /// Thousandths.
    pub confidence: Option<i64>,
    /// Milliseconds.
    pub wait: Option<u64>,
    /// Which of [`QUEUES`].
    pub queue: Option<usize>,
    /// The interaction's end.
    pub last: bool,
    /// The bytes that the socket carries.
    pub bytes: Vec<u8>,
}

impl Utterance {
    /// Which rules are true of it in this queue: worked out here, in whole numbers, and not by the core.
    pub fn fulfils(&self, queue: Option<usize>, setup: &Setup) -> [bool; 2] {
        let heard = match queue {
            Some(queue) => setup.exclude != Some(queue) && setup.include.is_none_or(|only| only == queue),
            None => setup.include.is_none(),
        };
        let sure = setup.confidence == 0 || self.confidence.is_some_and(|confidence| confidence >= setup.confidence);
        let negative = self.score.is_some_and(|score| score < setup.sentiment);
        let long = self.wait.is_some_and(|wait| wait > setup.wait * 1_000);
        [heard && sure && negative, heard && long]
    }

    /// Something about an interaction. Often at a threshold, seldom far from it.
    pub fn draw(at: usize, id: &str, setup: &Setup, dice: &mut Dice) -> Utterance {
        let near = |dice: &mut Dice, middle: i64, span: i64| {
            (middle + dice.below(2 * span as u64 + 1) as i64 - span, dice.chance(200))
        };
        let score = dice.chance(600).then(|| match near(dice, setup.sentiment, 400) {
            (_, true) => setup.sentiment.clamp(-1_000, 1_000),
            (score, false) => score.clamp(-1_000, 1_000),
        });
        let confidence = dice.chance(600).then(|| dice.pick(&[0, 499, 500, 501, 1_000]));
        let wait = dice.chance(400).then(|| match near(dice, setup.wait as i64 * 1_000, 2_000) {
            (_, true) => setup.wait * 1_000,
            (wait, false) => wait.max(0) as u64,
        });
        let queue = dice.chance(600).then(|| dice.below(QUEUES.len() as u64) as usize);
        Utterance::write(at, id, (score, confidence, wait, queue, dice.chance(40)), dice)
    }

    /// Something that certainly is due a card.
    pub fn plea(at: usize, id: &str, setup: &Setup, dice: &mut Dice) -> Utterance {
        Utterance::plea_from(setup.include.unwrap_or(0), at, id, setup, dice)
    }

    /// The same from a queue.
    pub fn plea_from(queue: usize, at: usize, id: &str, setup: &Setup, dice: &mut Dice) -> Utterance {
        let score = (setup.sentiment > -1_000).then_some(-1_000);
        Utterance::write(at, id, (score, Some(1_000), Some(setup.wait * 1_000 + 1), Some(queue), false), dice)
    }

    fn write(
        at: usize,
        id: &str,
        (score, confidence, wait, queue, last): (Option<i64>, Option<i64>, Option<u64>, Option<usize>, bool),
        dice: &mut Dice,
    ) -> Utterance {
        let mut text = String::with_capacity(160);
        text.push_str("{\"id\":\"");
        for character in id.chars() {
            match character {
                character if (character as u32) < 0x20 => text.push_str(&format!("\\u{:04x}", character as u32)),
                '"' | '\\' => text.extend(['\\', character]),
                character => text.push(character),
            }
        }
        text.push_str(if last { "\",\"type\":\"disposition\"" } else { "\",\"type\":\"transfer\"" });
        if score.is_some() || confidence.is_some() || dice.chance(100) {
            let value = |number: Option<i64>| number.map_or("null".to_owned(), decimal);
            text.push_str(&format!(
                ",\"sentiment\":{{\"score\":{},\"confidence\":{}}}",
                value(score),
                value(confidence)
            ));
        }
        if wait.is_some() || queue.is_some() {
            let name = queue.map_or("null".to_owned(), |queue| format!("\"{}\"", queue_name(queue)));
            let wait = wait.map_or("null".to_owned(), |wait| wait.to_string());
            text.push_str(&format!(",\"routing\":{{\"queueName\":{name},\"queueWaitTimeMs\":{wait},\"x\":[1]}}"));
        }
        text.push('}');
        Utterance { interaction: Some(at), score, confidence, wait, queue, last, bytes: text.into_bytes() }
    }

    /// Something that is no event.
    pub fn garbage(dice: &mut Dice) -> Utterance {
        let bytes = match dice.below(10) {
            0 => b"{\"id\":\"x\"".to_vec(),
            1 => vec![0xff, 0xfe, 0x7b],
            2 => b"[]".to_vec(),
            3 => b"{\"id\":\"\",\"sentiment\":{\"score\":-1}}".to_vec(),
            4 => b"{\"id\":\"..\",\"sentiment\":{\"score\":-1}}".to_vec(),
            5 => b"{\"id\":\"x\",\"sentiment\":{\"score\":-1e999}}".to_vec(),
            6 => b"{\"id\":\"x\",\"sentiment\":{\"score\":\"-1\"}}".to_vec(),
            7 => [vec![b'['; 70], vec![b']'; 70]].concat(),
            8 => format!("{{\"id\":\"{}\",\"sentiment\":{{\"score\":-1}}}}", "x".repeat(1_025)).into_bytes(),
            _ => b"".to_vec(),
        };
        Utterance { interaction: None, score: None, confidence: None, wait: None, queue: None, last: false, bytes }
    }
}

fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let number = thousandths.unsigned_abs();
    format!("{sign}{}.{:03}", number / 1_000, number % 1_000)
}
