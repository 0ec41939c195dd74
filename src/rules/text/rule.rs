//! Reads a rule set and each of its rules.

use crate::model::sorted::SortedSet;

use super::condition::{Names, read_condition};
use super::reading::{Errors, Part};
use super::spec::{CardSpec, Example, ExampleEvent, Expected, QueueNames, RuleSet, RuleSpec, VERSION};
use super::{COMPARISONS_LIMIT, RULES_LIMIT};
use crate::model::card::{CONTENT, CardKind, TEMPLATE_LIMIT, TITLE, TITLE_LIMIT};
use crate::model::sorted;
use crate::model::time::Millis;
use crate::rules::{Day, Mode, Once, Schedule};

/// The longest span, in seconds: a day.
const SPAN_LIMIT: f64 = 86_400.0;

const ID_LIMIT: usize = 64;
const NAME_LIMIT: usize = 100;
const NOTE_LIMIT: usize = 2_000;
const QUEUES_LIMIT: usize = 100;
const QUEUE_NAME_LIMIT: usize = 200;
const EXAMPLES_LIMIT: usize = 20;
const EVENTS_LIMIT: usize = 200;
const INTERACTION_LIMIT: usize = 1_024;

/// An example lasts at most a week.
const EXAMPLE_MS_LIMIT: u64 = 7 * 24 * 3_600_000;

const RULE_KEYS: [&str; 16] = [
    "id",
    "name",
    "enabled",
    "mode",
    "severity",
    "when",
    "holdSeconds",
    "clears",
    "keepFiringSeconds",
    "cooldownSeconds",
    "once",
    "queues",
    "schedule",
    "card",
    "note",
    "examples",
];

pub(super) fn read_set(part: &Part<'_>, errors: &mut Errors) -> Option<RuleSet> {
    part.object(&["$schema", "version", "rules"], errors)?;
    let version = part.need("version", errors).and_then(|part| read_version(&part, errors));
    let rules = part.need("rules", errors)?;
    let mut ids = SortedSet::new();
    let mut names = Names::default();
    let rules = rules.each(RULES_LIMIT, errors, |part, errors| {
        let rule = read_rule(part, &mut names, errors);
        if let Some(id) = part.json["id"].as_str()
            && !ids.insert(id.to_owned())
        {
            errors.add(&format!("{}/id", part.at), "sameId", &[&id]);
        }
        rule
    });
    Some(RuleSet { version: version?, rules: rules? })
}

fn read_version(part: &Part<'_>, errors: &mut Errors) -> Option<u32> {
    let version = part.whole((1, u64::from(u32::MAX)), errors)?;
    if version > u64::from(VERSION) {
        return part.wrong(errors, "newerVersion", &[&VERSION]);
    }
    u32::try_from(version).ok()
}

fn read_rule(part: &Part<'_>, names: &mut Names, errors: &mut Errors) -> Option<RuleSpec> {
    part.object(&RULE_KEYS, errors)?;
    names.comparisons = 0;
    let id = part.need("id", errors).and_then(|part| read_id(&part, errors));
    let name = part.need("name", errors).and_then(|part| part.words(NAME_LIMIT, errors));
    let enabled = part.or("enabled", true, errors, |part, errors| part.flag(errors));
    let mode = part.or("mode", Mode::Live, errors, |part, errors| {
        part.choice(&[("live", Mode::Live), ("shadow", Mode::Shadow)], errors)
    });
    let severity = part.or("severity", CardKind::default(), errors, |part, errors| {
        part.choice(&CardKind::ALL.map(|kind| (kind.name(), kind)), errors)
    });
    let when = part.need("when", errors).and_then(|part| read_condition(&part, names, 1, errors));
    let hold = part.or("holdSeconds", Millis::ZERO, errors, read_span);
    let clears = part.or("clears", None, errors, |part, errors| read_condition(part, names, 1, errors).map(Some));
    let keep_firing = part.or("keepFiringSeconds", Millis::ZERO, errors, read_span);
    let cooldown = part.or("cooldownSeconds", Millis::ZERO, errors, read_span);
    let once = part.or("once", Once::default(), errors, |part, errors| {
        let choices = [("interaction", Once::Interaction), ("rule", Once::Rule), ("episode", Once::Episode)];
        part.choice(&choices, errors)
    });
    let queues = part.or("queues", QueueNames::default(), errors, read_queues);
    let schedule = part.or("schedule", None, errors, |part, errors| read_schedule(part, errors).map(Some));
    let card = part.or("card", CardSpec::default(), errors, read_card);
    let note = part.or("note", String::new(), errors, |part, errors| part.text(NOTE_LIMIT, true, errors));
    let examples =
        part.or("examples", Vec::new(), errors, |part, errors| part.each(EXAMPLES_LIMIT, errors, read_example));
    if names.comparisons > COMPARISONS_LIMIT {
        errors.add(&format!("{}/when", part.at), "tooMany", &[&COMPARISONS_LIMIT]);
    }
    Some(RuleSpec {
        id: id?,
        name: name?,
        enabled: enabled?,
        mode: mode?,
        severity: severity?,
        when: when?,
        hold: hold?,
        clears: clears?,
        keep_firing: keep_firing?,
        cooldown: cooldown?,
        once: once?,
        queues: queues?,
        schedule: schedule?,
        card: card?,
        note: note?,
        examples: examples?,
    })
}

/// Letters without accents, digits and hyphens: an id stands in `cardId` and in keys.
fn read_id(part: &Part<'_>, errors: &mut Errors) -> Option<String> {
    let id = part.words(ID_LIMIT, errors)?;
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return part.wrong(errors, "notAnId", &[]);
    }
    Some(id)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within a day, and not negative")]
fn read_span(part: &Part<'_>, errors: &mut Errors) -> Option<Millis> {
    let seconds = part.number((0.0, SPAN_LIMIT), errors)?;
    Some(Millis((seconds * 1_000.0).round() as u64))
}

fn read_queues(part: &Part<'_>, errors: &mut Errors) -> Option<QueueNames> {
    part.object(&["include", "exclude"], errors)?;
    let mut names = |key: &str| {
        part.or(key, Vec::new(), errors, |part, errors| {
            part.each(QUEUES_LIMIT, errors, |part, errors| part.words(QUEUE_NAME_LIMIT, errors))
        })
    };
    let (include, exclude) = (names("include"), names("exclude"));
    Some(QueueNames { include: include?, exclude: exclude? })
}

fn read_schedule(part: &Part<'_>, errors: &mut Errors) -> Option<Schedule> {
    part.object(&["days", "from", "to", "zone"], errors)?;
    let week = Day::WEEK.map(|day| (day.name(), day));
    let days = part.or("days", Day::WEEK.to_vec(), errors, |part, errors| {
        let mut days = part.each(Day::WEEK.len(), errors, |part, errors| part.choice(&week, errors))?;
        if days.is_empty() {
            return part.wrong(errors, "empty", &[]);
        }
        sorted::sort(&mut days);
        days.dedup();
        Some(days)
    });
    let from = part.or("from", 0, errors, read_time);
    let to = part.or("to", 0, errors, read_time);
    let zone = part.or("zone", None, errors, |part, errors| read_zone(part, errors).map(Some));
    Some(Schedule { days: days?, from: from?, to: to?, zone: zone? })
}

/// Minutes since midnight, of `hh:mm`.
fn read_time(part: &Part<'_>, errors: &mut Errors) -> Option<u16> {
    let text = part.text(5, false, errors)?;
    let digits = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u16>().ok()).flatten()
    };
    let time = text.split_once(':').and_then(|(hours, minutes)| Some((digits(hours)?, digits(minutes)?)));
    match time.filter(|(hours, minutes)| *hours < 24 && *minutes < 60) {
        Some((hours, minutes)) => Some(hours * 60 + minutes),
        None => part.wrong(errors, "notATime", &[]),
    }
}

/// An IANA name as it is written. Whether it exists only the host knows.
fn read_zone(part: &Part<'_>, errors: &mut Errors) -> Option<String> {
    let zone = part.words(64, errors)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'+' | b'-');
    if !zone.bytes().all(plain) {
        return part.wrong(errors, "notAZone", &[]);
    }
    Some(zone)
}

fn read_card(part: &Part<'_>, errors: &mut Errors) -> Option<CardSpec> {
    part.object(&["title", "content", "reason"], errors)?;
    let title = part.or("title", TITLE.to_owned(), errors, |part, errors| part.words(TITLE_LIMIT, errors));
    let content =
        part.or("content", CONTENT.to_owned(), errors, |part, errors| part.text(TEMPLATE_LIMIT, true, errors));
    let reason = part.or("reason", None, errors, |part, errors| part.words(TITLE_LIMIT, errors).map(Some));
    Some(CardSpec { title: title?, content: content?, reason: reason? })
}

fn read_example(part: &Part<'_>, errors: &mut Errors) -> Option<Example> {
    part.object(&["name", "events", "fires"], errors)?;
    let name = part.or("name", String::new(), errors, |part, errors| part.text(NAME_LIMIT, false, errors));
    let events = part.need("events", errors)?.each(EVENTS_LIMIT, errors, |part, errors| {
        part.object(&["atMs", "event"], errors)?;
        let at_ms = part.need("atMs", errors).and_then(|part| part.whole((0, EXAMPLE_MS_LIMIT), errors));
        let event = part.need("event", errors)?;
        if !event.json.is_object() {
            return event.wrong(errors, "wrongType", &[&"object"]);
        }
        Some(ExampleEvent { at_ms: at_ms?, event: event.json.clone() })
    });
    let fires = part.need("fires", errors)?.each(EVENTS_LIMIT, errors, |part, errors| {
        part.object(&["atMs", "interaction", "episode"], errors)?;
        let at_ms = part.need("atMs", errors).and_then(|part| part.whole((0, EXAMPLE_MS_LIMIT), errors));
        let interaction = part.need("interaction", errors).and_then(|part| part.words(INTERACTION_LIMIT, errors));
        let episode = part.or("episode", 1, errors, |part, errors| part.whole((1, u64::from(u32::MAX)), errors))?;
        Some(Expected { at_ms: at_ms?, interaction: interaction?, episode: u32::try_from(episode).ok()? })
    });
    let events = events?;
    if !events.is_sorted_by_key(|event| event.at_ms) {
        errors.add(&format!("{}/events", part.at), "notSorted", &[]);
    }
    Some(Example { name: name?, events, fires: fires? })
}
