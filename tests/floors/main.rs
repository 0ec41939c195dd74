//! Arrows point down: each room uses only itself and the floors below, and nothing forms a circle.

mod circles;
mod code;

use std::fs;
use std::path::Path;

use code::{files, folder, lines, room, sources};

/// A crate, with its rooms from the ground up. Rooms on one floor do not use each other.
struct House {
    source: &'static str,
    floors: &'static [&'static [&'static str]],
}

const HOUSES: [House; 3] = [
    House {
        source: "src",
        floors: &[
            &["model"],
            &["rules", "api", "settings", "journal", "recording"],
            &["link", "delivery", "backtest"],
            &["views"],
            &["pipeline"],
            &["shell"],
            &["web"],
        ],
    },
    House {
        source: "simulator/src",
        floors: &[
            &["clock", "event", "random"],
            &["report", "rules"],
            &["floor", "oracle"],
            &["service"],
            &["faults"],
            &["options"],
            &["traffic"],
            &["published"],
            &["world"],
            &["player", "stream"],
            &["http"],
            &["simulator"],
        ],
    },
    House {
        source: "tests/simulation/src",
        floors: &[
            &["common", "dice", "tally"],
            &["outcome", "plan", "trace"],
            &["world"],
            &["records"],
            &["checks"],
            &["browser", "service"],
            &["troubles"],
            &["run"],
            &["crash_points", "language", "published"],
        ],
    },
];

/// What starts a crate, above every floor; `teeth` and `report` belong to a program of their own.
const ENTRIES: [&str; 4] = ["lib", "main", "report", "teeth"];

/// Folders with code.
const CODE: [&str; 12] = [
    "benches",
    "examples",
    "extension",
    "fuzz",
    "json-derive",
    "oracle",
    "rules-cli",
    "simulator",
    "src",
    "tests",
    "www",
    "xtask",
];

/// Files side by side in one folder.
const MOST_FILES: usize = 12;

/// Lines of a file, tests apart.
const MOST_LINES: usize = 400;

impl House {
    fn floor(&self, room: &str) -> Option<usize> {
        self.floors.iter().position(|rooms| rooms.contains(&room))
    }

    fn code(&self) -> Vec<(String, String)> {
        let mut code = sources(self.source);
        code.retain(|(name, _)| self.floor(room(name)).is_some() || !ENTRIES.contains(&room(name)));
        assert!(code.len() > 40, "{}: the source was not found", self.source);
        code
    }
}

/// The rooms that a text names after `crate::`.
fn named(text: &str) -> Vec<&str> {
    let mut rooms = Vec::new();
    for line in lines(text) {
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
    let mut wrong = Vec::new();
    for house in HOUSES {
        for (name, text) in house.code() {
            let name = format!("{}/{name}", house.source);
            let own_room = room(&name[house.source.len() + 1..]);
            let own = house.floor(own_room).unwrap_or_else(|| panic!("{name} is in no room"));
            for other in named(&text) {
                match house.floor(other) {
                    None => wrong.push(format!("{name} uses crate::{other}, which is no room")),
                    Some(below) if other != own_room && below >= own => {
                        wrong.push(format!("{name} (floor {}) uses {other} (floor {})", own + 1, below + 1));
                    }
                    Some(_) => {}
                }
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
    for (name, text) in sources("src").iter().filter(|(name, _)| room(name) != "api") {
        for line in lines(text) {
            let known = REMOTE.iter().filter(|word| line.contains(*word));
            wrong.extend(known.map(|word| format!("{name} knows {word}: {}", line.trim())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let api: String =
        sources("src").into_iter().filter(|(name, _)| room(name) == "api").map(|(_, text)| text).collect();
    let unknown: Vec<_> = REMOTE.iter().filter(|word| !word.contains("contract") && !api.contains(*word)).collect();
    assert!(unknown.is_empty(), "no service has these words any more: {unknown:?}");
}

#[test]
fn every_room_is_used_by_name_so_that_the_floors_can_be_read() {
    let hides = |text: &str| text.contains("use crate::{") || text.contains("use crate::*");
    for house in HOUSES {
        let hidden: Vec<String> =
            house.code().into_iter().filter(|(_, text)| hides(text)).map(|(name, _)| name).collect();
        assert!(hidden.is_empty(), "{}: a group after crate:: hides which room is used: {hidden:?}", house.source);
    }
}

#[test]
fn no_folder_holds_more_files_than_a_reader_can_name() {
    for part in CODE {
        let found = files(&folder(part), &["rs", "js", "mjs", "css", "html"]);
        let mut folders: Vec<&Path> = found.iter().filter_map(|path| path.parent()).collect();
        folders.sort();
        for side_by_side in folders.chunk_by(|one, other| one == other) {
            let count = side_by_side.len();
            assert!(count <= MOST_FILES, "{} holds {count} files", side_by_side[0].display());
        }
    }
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let pages = files(&folder("extension"), &["js", "css", "html"]).into_iter();
    let pages = pages.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a file can be read")));
    let long: Vec<String> = HOUSES
        .iter()
        .flat_map(|house| sources(house.source))
        .chain(pages)
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{long:?}");
}
