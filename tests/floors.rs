//! Arrows point down: each room of `src` uses only itself and the floors below, and rooms form no circle.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, with its floor. Rooms on one floor do not use each other.
const FLOORS: [(&str, u32); 13] = [
    ("web", 7),
    ("shell", 6),
    ("pipeline", 5),
    ("views", 4),
    ("link", 3),
    ("delivery", 3),
    ("backtest", 3),
    ("rules", 2),
    ("api", 2),
    ("settings", 2),
    ("journal", 2),
    ("recording", 2),
    ("model", 1),
];

/// Files side by side in one folder.
const MOST_FILES: usize = 12;

/// Lines of a file, tests apart.
const MOST_LINES: usize = 400;

fn floor(room: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// The files below a folder that end so; generated and foreign code apart.
fn files(folder: &Path, ends: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be read").flatten() {
        let path = entry.path();
        let is_ours = !["pkg", "vendor"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && is_ours {
            files(&path, ends, found);
        } else if path.extension().is_some_and(|extension| ends.iter().any(|end| extension == *end)) {
            found.push(path);
        }
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// What is read as code, in the core and in the pages.
fn all() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in [src(), src().with_file_name("extension")] {
        files(&folder, &["rs", "js", "css", "html"], &mut found);
    }
    found
}

/// The files of `src` but for tests, with their path inside and their text up to the tests at the end.
fn code() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&src(), &["rs"], &mut found);
    let mut code: Vec<(String, String)> = found
        .iter()
        .map(|path| {
            let name = path.strip_prefix(src()).expect("it is inside").to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(path).expect("a source file can be read");
            let end = text
                .find("#[cfg(test)]\n#[path")
                .or_else(|| text.find("#[cfg(test)]\nmod tests"))
                .unwrap_or(text.len());
            (name, text[..end].to_owned())
        })
        .filter(|(name, _)| !name.contains("tests") && !name.contains("bench"))
        .collect();
    code.sort();
    code
}

fn room(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

/// The rooms that a text names after `crate::`.
fn named(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = Vec::new();
    for line in code {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            rooms.push(&rest[..end]);
        }
    }
    rooms
}

#[test]
fn no_use_points_up_or_sideways() {
    let code = code();
    assert!(code.len() > 60, "the source was not found");
    let mut wrong = Vec::new();
    for (name, text) in code.iter().filter(|(name, _)| name != "lib.rs") {
        let own = floor(room(name)).unwrap_or_else(|| panic!("{name} is in no room"));
        for other in named(text) {
            let Some(below) = floor(other) else {
                wrong.push(format!("{name} uses crate::{other}, which is no room"));
                continue;
            };
            if other != room(name) && below >= own {
                wrong.push(format!("{name} (floor {own}) uses {other} (floor {below})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words of the services: scopes, paths, headers and field names.
const REMOTE: [&str; 23] = [
    "oauth",
    "grant_type",
    "client_credentials",
    "access_token",
    "expires_in",
    "token_type",
    "interactions:read",
    "agentassist",
    "/api/",
    "Authorization",
    "Bearer",
    "application/json",
    "x-www-form-urlencoded",
    "queueWaitTimeMs",
    "queue_wait_time",
    "queueName",
    "queue_name",
    "participant",
    "real-time-trigger",
    "\"connect\"",
    "\"disposition\"",
    "api::contract",
    "contract::",
];

#[test]
fn nothing_outside_api_knows_a_word_of_a_service() {
    let mut wrong = Vec::new();
    for (name, text) in code().iter().filter(|(name, _)| room(name) != "api") {
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let known = REMOTE.iter().filter(|word| line.contains(*word));
            wrong.extend(known.map(|word| format!("{name} knows {word}: {}", line.trim())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let api: String = code().into_iter().filter(|(name, _)| room(name) == "api").map(|(_, text)| text).collect();
    let unknown: Vec<_> = REMOTE.iter().filter(|word| !word.contains("contract") && !api.contains(*word)).collect();
    assert!(unknown.is_empty(), "no service has these words any more: {unknown:?}");
}

#[test]
fn every_room_is_used_by_name_so_that_the_floors_can_be_read() {
    let hidden: Vec<String> = code()
        .iter()
        .filter(|(_, text)| text.contains("use crate::{") || text.contains("use crate::*"))
        .map(|(name, _)| name.clone())
        .collect();
    assert!(hidden.is_empty(), "a group after crate:: hides which room is used: {hidden:?}");
}

#[test]
fn no_folder_holds_more_files_than_a_reader_can_name() {
    let found = all();
    let mut folders: Vec<&Path> = found.iter().filter_map(|path| path.parent()).collect();
    folders.sort();
    for folder in folders.chunk_by(|one, other| one == other) {
        assert!(folder.len() <= MOST_FILES, "{} holds {} files", folder[0].display(), folder.len());
    }
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let pages = all().into_iter().filter(|path| path.extension().is_none_or(|end| end != "rs"));
    let pages = pages.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a file can be read")));
    let long: Vec<String> = code()
        .into_iter()
        .chain(pages)
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{long:?}");
}
