//! Makes a patch again after the code around its bug moved.

use super::{Tooth, apply, files, folder, git, root, said, tooth};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a person does about a bug that no longer fits.
pub const ADVICE: &str = "`cargo xtask simulate --refresh-teeth` makes it fit again";

/// The ending of a bug that is written as find and replace. Branches from before the patches still add such bugs.
pub const OLD_FORM: &str = "tooth";

/// Makes each bug of the old form a patch, and each patch that no longer applies anew. Says whether all apply now.
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
    for old in files(&folder, OLD_FORM)? {
        let name = old.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        report(&name, tree.convert(&old).map(|()| "is a patch now"));
    }
    for patch in files(&folder, "patch")? {
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

    /// `# what it breaks`, then for each edit `file`, `find`, `replace` and `end`, each on a line of its own.
    fn convert(&self, old: &Path) -> io::Result<()> {
        let text = fs::read_to_string(old)?;
        let wrong = || io::Error::other("it is no find and replace");
        let (breaks, mut rest) = text.strip_prefix("# ").and_then(|text| text.split_once('\n')).ok_or_else(wrong)?;
        self.reset()?;
        while let Some(edit) = rest.strip_prefix("file ") {
            let (file, edit) = edit.split_once("\nfind\n").ok_or_else(wrong)?;
            let (find, edit) = edit.split_once("\nreplace\n").ok_or_else(wrong)?;
            let (replace, edit) = edit.split_once("\nend\n").ok_or_else(wrong)?;
            let before = said(self.git("show").arg(format!(":{file}")))?;
            if before.matches(find).count() != 1 {
                return Err(io::Error::other(format!("{file} does not hold once what is to be replaced: {find}")));
            }
            self.stage(file, &before.replacen(find, replace, 1))?;
            rest = edit;
        }
        self.write(&old.with_extension("patch"), breaks)?;
        fs::remove_file(old)
    }

    fn stage(&self, file: &str, text: &str) -> io::Result<()> {
        let mut hash =
            self.git("hash-object").args(["-w", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        hash.stdin.take().ok_or_else(|| io::Error::other("git takes no input"))?.write_all(text.as_bytes())?;
        let blob = String::from_utf8_lossy(&hash.wait_with_output()?.stdout).trim().to_owned();
        said(self.git("update-index").args(["--cacheinfo", &format!("100644,{blob},{file}")])).map(drop)
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
        fs::write(root.join("src/lib.rs"), "one\ntwo\nthree\nfour\nfive\nsix\nseven\n").expect("a file");
        let git = |arguments: &[&str]| said(git(&root).args(arguments)).expect("git");
        git(&["init", "--quiet"]);
        git(&["add", "src"]);
        git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "first"]);
        let old = root.join("bug.tooth");
        fs::write(&old, "# four is five\nfile src/lib.rs\nfind\nfour\nreplace\nfive\nend\n").expect("a file");
        Tree::of_work_tree(&root).and_then(|tree| tree.convert(&old)).expect("a patch");
        (root.clone(), root.join("bug.patch"))
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
