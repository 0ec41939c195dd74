//! The code that the tests of this folder read.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders with nothing that a person wrote here.
const FOREIGN: [&str; 4] = ["pkg", "vendor", "target", "node_modules"];

/// A folder of the repository.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files below a folder that end so; generated and foreign code apart.
pub fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read").flatten() {
        let path = entry.path();
        let is_ours = !FOREIGN.iter().any(|name| path.ends_with(name));
        if path.is_dir() && is_ours {
            found.extend(files(&path, ends));
        } else if path.extension().is_some_and(|extension| ends.iter().any(|end| extension == *end)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files of a source folder but for tests, with their path inside and their text up to the tests at the end.
pub fn sources(source: &str) -> Vec<(String, String)> {
    let source = folder(source);
    files(&source, &["rs"])
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&source).expect("it is inside").to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(path).expect("a source file can be read");
            let end = text
                .find("#[cfg(test)]\n#[path")
                .or_else(|| text.find("#[cfg(test)]\nmod tests"))
                .unwrap_or(text.len());
            (name, text[..end].to_owned())
        })
        .filter(|(name, _)| !name.contains("tests") && !name.contains("bench"))
        .collect()
}

/// The room of a file: the folder or the file beside `lib.rs`.
pub fn room(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap_or_default()
}

/// The lines that are no comment.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}
