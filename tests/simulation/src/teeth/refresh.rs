//! Makes a patch again after the code around its bug moved.

use super::{Tooth, apply, folder, git, patches, root, said, tooth};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes each patch that no longer applies again. Says whether all apply now.
pub fn refresh() -> io::Result<bool> {
    let (root, folder) = (root()?, folder());
    let tree = Tree::of_work_tree(&root)?;
    let mut all = true;
    let mut report = |name: &str, result: io::Result<&str>| match result {
        Ok(how) => println!("{name}: {how}"),
        Err(why) => {
            println!("{name}: to be made by hand, because {why}");
            all = false;
        }
    };
    for patch in patches(&folder)? {
        let tooth = tooth(patch)?;
        if apply(&root, &tooth.patch, &["--check"]).is_err() {
            report(&tooth.name, tree.refit(&tooth));
        }
    }
    Ok(all)
}

/// The work tree as git's tree object, and an index of its own to put bugs in. Neither touches the person's index.
struct Tree<'a> {
    root: &'a Path,
    index: PathBuf,
    id: String,
}

impl<'a> Tree<'a> {
    fn of_work_tree(root: &'a Path) -> io::Result<Self> {
        let index = root.join("target/teeth-index");
        let mut tree = Tree { root, index, id: "HEAD".to_owned() };
        tree.reset()?;
        said(tree.git("add").args(["--", "src", "tests/simulation/src"]))?;
        tree.id = said(&mut tree.git("write-tree"))?.trim().to_owned();
        Ok(tree)
    }

    fn git(&self, command: &str) -> Command {
        let mut git = git(self.root);
        git.env("GIT_INDEX_FILE", &self.index).args(["-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false"]);
        git.arg(command);
        git
    }

    fn reset(&self) -> io::Result<()> {
        said(self.git("read-tree").arg(&self.id)).map(drop)
    }

    /// A merge finds the bug's place by the file that the patch was made from. Where git no longer has that file, or
    /// the lines around the bug changed too, the bug's own lines must do.
    fn refit(&self, tooth: &Tooth) -> io::Result<&'static str> {
        let attempts = [
            ("--3way", "merged"),
            ("-C1", "found by one line of context: read the patch"),
            ("-C0", "found by its own lines: read the patch"),
        ];
        let patch = fs::read_to_string(&tooth.patch)?;
        let mut failed = io::Error::other("nothing was tried");
        for (option, how) in attempts.into_iter().filter(|(option, _)| *option != "-C0" || finds_itself(&patch)) {
            self.reset()?;
            match said(self.git("apply").args(["--cached", option]).arg(&tooth.patch)) {
                Ok(_) => return self.write(&tooth.patch, &tooth.breaks).map(|()| how),
                Err(why) => failed = why,
            }
        }
        Err(failed)
    }

    /// Writes what the index differs in from the work tree.
    fn write(&self, patch: &Path, breaks: &str) -> io::Result<()> {
        let options = ["--cached", "--no-ext-diff", "--no-color", "--full-index"];
        let diff = said(self.git("diff").args(options).arg(&self.id))?;
        if diff.is_empty() {
            return Err(io::Error::other("it changes nothing"));
        }
        fs::write(patch, format!("{breaks}\n\n{diff}"))
    }
}

/// Whether every change of a patch removes a line. Without context git puts a mere addition wherever it stood before.
fn finds_itself(patch: &str) -> bool {
    patch.split("\n@@ ").skip(1).all(|change| change.lines().skip(1).any(|line| line.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository of one file, with a patch that puts a bug into its fourth line.
    fn repository(name: &str) -> (PathBuf, PathBuf) {
        let root = std::env::temp_dir().join(format!("cuewire-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("src")).expect("a folder");
        fs::create_dir_all(root.join("tests/simulation/src")).expect("a folder");
        fs::create_dir_all(root.join("target")).expect("a folder");
        let lines = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
        fs::write(root.join("src/lib.rs"), lines).expect("a file");
        let git = |arguments: &[&str]| said(git(&root).args(arguments)).expect("git");
        git(&["init", "--quiet"]);
        git(&["add", "src"]);
        git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "first"]);
        let tree = Tree::of_work_tree(&root).expect("a tree");
        fs::write(root.join("src/lib.rs"), lines.replace("four", "five")).expect("a file");
        said(tree.git("add").arg("src")).expect("git");
        let patch = root.join("bug.patch");
        tree.write(&patch, "four is five").expect("a patch");
        fs::write(root.join("src/lib.rs"), lines).expect("a file");
        (root, patch)
    }

    #[test]
    fn a_patch_whose_context_changed_is_made_again() {
        let (root, patch) = repository("drifted");
        apply(&root, &patch, &["--check"]).expect("it fits as it was made");
        fs::write(root.join("src/lib.rs"), "zero\none\ntwo\n3\nfour\nfive\nsix\nseven\n").expect("a file");
        apply(&root, &patch, &["--check"]).expect_err("the line before the bug is another");
        let bug = tooth(patch.clone()).expect("a patch");
        Tree::of_work_tree(&root).and_then(|tree| tree.refit(&bug)).expect("it is found by its own line");
        apply(&root, &patch, &[]).expect("it fits again");
        let text = fs::read_to_string(root.join("src/lib.rs")).expect("a file");
        assert_eq!(text, "zero\none\ntwo\n3\nfive\nfive\nsix\nseven\n");
        assert_eq!(tooth(patch).expect("a patch").breaks, "four is five");
        fs::remove_dir_all(root).expect("a folder");
    }

    #[test]
    fn a_bug_that_only_adds_a_line_is_not_put_anywhere() {
        let (root, patch) = repository("added");
        fs::write(&patch, "a line more\n\ndiff --git a/src/lib.rs b/src/lib.rs\n--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -3,2 +3,3 @@\n three\n+more\n four\n").expect("a file");
        apply(&root, &patch, &["--check"]).expect("it fits as it was made");
        fs::write(root.join("src/lib.rs"), "one\ntwo\n3\n4\nfive\nsix\nseven\n").expect("a file");
        let bug = tooth(patch).expect("a patch");
        Tree::of_work_tree(&root).and_then(|tree| tree.refit(&bug)).expect_err("nothing says where the line goes");
        fs::remove_dir_all(root).expect("a folder");
    }

    #[test]
    fn a_bug_whose_own_line_changed_is_left_to_a_person() {
        let (root, patch) = repository("gone");
        let before = fs::read_to_string(&patch).expect("a patch");
        fs::write(root.join("src/lib.rs"), "one\ntwo\nthree\n4\nfive\nsix\nseven\n").expect("a file");
        let bug = tooth(patch.clone()).expect("a patch");
        Tree::of_work_tree(&root).and_then(|tree| tree.refit(&bug)).expect_err("there is no such line");
        assert_eq!(fs::read_to_string(&patch).expect("a patch"), before);
        fs::remove_dir_all(root).expect("a folder");
    }
}
