//! No files use each other in a circle, not even within a room.

use std::collections::{BTreeMap, BTreeSet};

use crate::HOUSES;
use crate::code::{lines, sources};

/// The names that each module hands on with `pub use`, and the path of each from the top.
type HandedOn = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Each module, by its path, with the modules that it names. A module and the ones inside it are one thing: the entry
/// of a room may name its inside, and the inside its entry.
fn arrows(files: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let module = |name: &str| name.trim_end_matches(".rs").trim_end_matches("/mod").to_owned();
    let files: Vec<(String, String)> =
        files.iter().map(|(name, text)| (module(name), lines(text).collect::<Vec<_>>().join("\n"))).collect();
    let handed_on = files.iter().map(|(own, text)| (own.clone(), handed_on(text, own))).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (own, text) in files {
        let targets = named(&text, &own).into_iter().filter_map(|path| home(path, &handed_on));
        let within = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}/"));
        let targets = targets.filter(|other| !within(other, &own) && !within(&own, other)).collect();
        arrows.insert(own, targets);
    }
    arrows
}

/// The module that a path leads to: not the one that hands the name on, but the one that has it.
fn home(path: Vec<String>, handed_on: &HandedOn) -> Option<String> {
    let longest = (1..=path.len()).rev().map(|length| (path[..length].join("/"), path.get(length)));
    let (module, name) = longest.into_iter().find(|(module, _)| handed_on.contains_key(module))?;
    match name.and_then(|name| handed_on[&module].get(name)).filter(|further| **further != path) {
        Some(further) => home(further.clone(), handed_on),
        None => Some(module),
    }
}

fn handed_on(text: &str, own: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = Vec::new();
    for line in text.split("\npub use ").skip(1) {
        let line = line.split(';').next().unwrap_or_default();
        match named(line, own) {
            paths if paths.is_empty() => drop(read(line, own.split('/').map(str::to_owned).collect(), &mut found)),
            paths => found.extend(paths),
        }
    }
    found.into_iter().filter_map(|path| Some((path.last()?.clone(), path))).collect()
}

/// Every path that a text names from `crate`, `super` or `self`, as the path from the top.
fn named(text: &str, own: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, word) in ["crate::", "super::", "self::"].iter().flat_map(|word| text.match_indices(word)) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || "_:$".contains(letter)) {
            continue;
        }
        let mut base: Vec<String> = match word {
            "crate::" => Vec::new(),
            _ => own.split('/').map(str::to_owned).collect(),
        };
        let mut rest = &text[at + word.len()..];
        if word == "super::" {
            base.pop();
        }
        while let Some(shorter) = rest.strip_prefix("super::") {
            base.pop();
            rest = shorter;
        }
        read(rest, base, &mut found);
    }
    found
}

/// Reads a path, or a group of them, and gives the text behind it.
fn read<'t>(mut text: &'t str, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    loop {
        text = text.trim_start();
        if let Some(mut group) = text.strip_prefix('{') {
            while !group.trim_start().starts_with('}') && !group.is_empty() {
                group = read(group, path.clone(), found);
                group = &group[group.find([',', '}']).unwrap_or(group.len())..];
                group = group.strip_prefix(',').unwrap_or(group);
            }
            return group.trim_start().strip_prefix('}').unwrap_or_default();
        }
        let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
        path.push(text[..end].to_owned());
        text = &text[end..];
        match text.strip_prefix("::") {
            Some(further) => text = further,
            None => {
                found.push(path);
                return text;
            }
        }
    }
}

/// The arrows of circles and of what lies between two of them: whoever points nowhere else, or is pointed at by nobody
/// else, goes.
fn circles(mut arrows: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let pointed: BTreeSet<String> = arrows.values().flatten().cloned().collect();
        let before = arrows.len();
        arrows.retain(|module, others| !others.is_empty() && pointed.contains(module));
        let left: BTreeSet<String> = arrows.keys().cloned().collect();
        arrows.values_mut().for_each(|others| others.retain(|other| left.contains(other)));
        if arrows.len() == before {
            return arrows;
        }
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    for house in HOUSES {
        let arrows = arrows(&sources(house.source));
        assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 20, "{}: no arrows were read", house.source);
        let circles = circles(arrows);
        assert!(circles.is_empty(), "{}: {circles:#?}", house.source);
    }
}

#[test]
fn a_circle_is_found_through_groups_and_parents() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = [
        file("a/mod.rs", "mod one; mod two;\npub use one::One;"),
        file("a/one.rs", "use super::{two::{Two, Three as Four}, two};"),
        file("a/two.rs", "fn two() { crate::b::three() }"),
        file("b.rs", "use crate::a::One;\nuse crate::c;"),
        file("c.rs", "// crate::b is only named here"),
    ];
    let found = circles(arrows(&files));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a/one", "a/two", "b"]);
}
