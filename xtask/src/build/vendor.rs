//! Library files from npm that the extension loads as they are. There is no bundler: a file is copied, with its licence.

use crate::workspace;
use anyhow::{Context, Result};
use std::path::Path;

/// The copied files: from `node_modules`, under which name.
const FILES: [(&str, &str); 5] = [
    ("idb/build/index.js", "idb.js"),
    ("idb/LICENSE", "idb.LICENSE.txt"),
    ("uplot/dist/uPlot.esm.js", "uplot.js"),
    ("uplot/dist/uPlot.min.css", "uplot.css"),
    ("uplot/LICENSE", "uplot.LICENSE.txt"),
];

/// The types of each, for the checker only: they are the ones of the package.
const TYPES: [(&str, &str); 2] =
    [("idb.d.ts", "export * from 'idb';\n"), ("uplot.d.ts", "export { default } from 'uplot';\n")];

/// Fills `folder` with the library files.
pub fn copy_into(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    for (from, to) in FILES {
        let from = workspace::path("node_modules").join(from);
        std::fs::copy(&from, folder.join(to)).with_context(|| format!("copying {}", from.display()))?;
    }
    for (name, text) in TYPES {
        std::fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))?;
    }
    Ok(())
}
