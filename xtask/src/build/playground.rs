//! The folder that any static server can serve: the playground, with what it uses of the extension. Each file has the place
//! that it has in the repository, so that the page is the same from either.

use super::unpacked;
use crate::workspace;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The files that the page loads, besides the package.
const PARTS: [&str; 12] = [
    "www/playground.html",
    "www/playground",
    "www/lib/dom.js",
    "extension/_locales/en",
    "extension/icons/32.png",
    "extension/lib/words/evidence.js",
    "extension/lib/look/look.css",
    "extension/lib/words/words.js",
    "extension/rules/effect/lines.js",
    "extension/rules/model/errors.js",
    "extension/rules/model/sentence.js",
    "extension/rules.schema.json",
];

/// Writes the whole folder again, and says where it is.
pub fn write(package: &Path) -> Result<PathBuf> {
    let folder = workspace::path("dist/playground");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    write_into(&folder, package)?;
    Ok(folder)
}

fn write_into(folder: &Path, package: &Path) -> Result<()> {
    for part in PARTS {
        unpacked::place(&workspace::path(part), &folder.join(part))?;
    }
    unpacked::place(package, &folder.join("extension/pkg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_there_and_has_its_place() {
        let scratch = std::env::temp_dir().join(format!("cuewire-playground-{}", std::process::id()));
        write_into(&scratch, &workspace::path("extension/icons")).expect("every part is there");
        assert!(scratch.join("www/playground/page.js").is_file());
        assert!(scratch.join("extension/lib/words/evidence.js").is_file());
        assert!(scratch.join("extension/pkg/32.png").is_file(), "the package has its place");
        std::fs::remove_dir_all(&scratch).expect("the scratch folder is ours");
    }
}
