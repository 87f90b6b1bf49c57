//! The files that the rules look at, and how a breach of a rule is told.
//! Refuses to guess: what git knows or would commit is the tree, nothing else.

use std::{fmt, fs, path::Path, process::Command};

/// The rules' own samples break the rules on purpose.
const SAMPLES: &str = "crates/purser/tests/tidy/";

/// One text file of the repository.
#[derive(Debug)]
pub struct File {
    /// Relative to the workspace, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    #[cfg(test)]
    pub fn sample(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The part of the name before the first dot.
    pub fn stem(&self) -> &str {
        self.name().split('.').next().unwrap_or_default()
    }

    pub fn ends_in(&self, extensions: &[&str]) -> bool {
        let extension = self.name().rsplit_once('.').map(|(_, extension)| extension);
        extension.is_some_and(|extension| extensions.contains(&extension))
    }

    /// The folder below `crates/` that the file is in.
    pub fn of_crate(&self) -> Option<&str> {
        let (name, _) = self.path.strip_prefix("crates/")?.split_once('/')?;
        Some(name)
    }

    /// Whether it is an integration test (unit tests sit in the files they test).
    pub fn is_test(&self) -> bool {
        self.of_crate().is_some_and(|name| self.path.starts_with(&format!("crates/{name}/tests/")))
    }

    pub fn is_sample(&self) -> bool {
        self.path.starts_with(SAMPLES)
    }

    pub fn breach(&self, line: usize, what: impl Into<String>) -> Breach {
        Breach { path: self.path.clone(), line, what: what.into() }
    }

    /// Lines with their numbers, which start at 1 as editors have it.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// A rule that a line of a file breaks.
#[derive(Debug)]
pub struct Breach {
    pub path: String,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// What a failed test prints: without the quotes and the backtrace that other errors come with.
pub struct Broken(String);

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every text file that is committed or would be by `git add --all`.
pub fn read() -> Result<Vec<File>, Broken> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let list = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .map_err(|error| {
            Broken(format!("the rules are checked on what git lists, and it does not run: {error}"))
        })?;
    // A file that was deleted but not yet committed is still listed; an image is not text.
    let files: Vec<File> = String::from_utf8_lossy(&list.stdout)
        .split_terminator('\0')
        .filter_map(|path| Some(File { path: path.into(), text: fs::read_to_string(root.join(path)).ok()? }))
        .collect();
    if files.iter().any(|file| file.path == "Cargo.toml") {
        Ok(files)
    } else {
        Err(Broken(format!("git lists no Cargo.toml: {}", String::from_utf8_lossy(&list.stderr))))
    }
}

/// Fails with every breach on a line of its own.
pub fn verdict(breaches: Vec<Breach>) -> Result<(), Broken> {
    if breaches.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    Err(Broken(format!("{} to mend:\n{}", list.len(), list.join("\n"))))
}

/// Where `word` stands in `text` with neither a letter, a digit nor `_` beside it.
pub fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// For the tests of the rules: `path:line` of each breach.
#[cfg(test)]
pub fn places(breaches: &[Breach]) -> Vec<String> {
    breaches.iter().map(|breach| format!("{}:{}", breach.path, breach.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breach_is_told_with_its_place_and_fails_the_run() {
        let file = File::sample("crates/app/src/order.rs", "");
        let told = verdict(vec![file.breach(7, "is wrong, do it right")]).unwrap_err().0;
        assert_eq!(told, "1 to mend:\ncrates/app/src/order.rs:7: is wrong, do it right");
    }

    #[test]
    fn a_word_is_found_only_when_it_stands_alone() {
        assert!(has_word("a DROP b", "DROP"));
        assert!(!has_word("a BACKDROP b", "DROP"));
        assert!(!has_word("DROPPED", "DROP"));
    }

    #[test]
    fn the_tree_holds_this_file_and_its_crate() {
        let files = read().unwrap();
        let this = files.iter().find(|file| file.path == "crates/purser/tests/tidy/tree.rs").unwrap();
        assert_eq!((this.stem(), this.of_crate(), this.is_test()), ("tree", Some("purser"), true));
    }
}
