//! What no reader should meet in a finished file: silenced warnings, skipped tests, notes to self, paths of a machine.

use crate::tree::{Breach, File, has_word};

/// Rust attributes that hide something, and what to do instead.
const SILENCERS: [(&str, &str); 4] = [
    ("#[allow(", "fix it, or `#[expect(.., reason = \"..\")]`"),
    ("#![allow(", "fix it, or `#[expect(.., reason = \"..\")]` at the one place"),
    ("#[ignore", "make the test run, or delete it"),
    ("todo!(", "write it"),
];

/// Notes to self. In prose (`.md`) they are words like others.
const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];
const CODE: [&str; 10] = ["rs", "toml", "sql", "html", "css", "js", "py", "sh", "yml", "yaml"];
/// Scripts have no extension.
const SCRIPTS: [&str; 3] = ["bin/", ".ci/", "bench/"];

/// Folders that exist on one developer's machine at most.
const MACHINE_PATHS: [&str; 3] = ["/work/", "/root/", "/home/"];

pub fn marks(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| !file.is_sample()) {
        let is_script =
            !file.name().contains('.') && SCRIPTS.iter().any(|folder| file.path.starts_with(folder));
        for (number, line) in file.lines() {
            if file.ends_in(&["rs"]) {
                let silencers = SILENCERS.iter().filter(|(silencer, _)| line.contains(silencer));
                breaches.extend(
                    silencers
                        .map(|(silencer, instead)| file.breach(number, format!("`{silencer}`: {instead}"))),
                );
            }
            if file.ends_in(&CODE) || is_script {
                let notes = NOTES.iter().filter(|note| has_word(line, note));
                breaches.extend(
                    notes.map(|note| file.breach(number, format!("`{note}`: do it now, or open an issue"))),
                );
            }
        }
    }
    breaches
}

pub fn machine_paths(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| !file.is_sample()) {
        for (number, line) in file.lines() {
            for path in MACHINE_PATHS.iter().filter(|path| starts_a_path(line, path)) {
                let told =
                    format!("`{path}` is a folder of one machine: make the path relative or an argument");
                breaches.push(file.breach(number, told));
            }
        }
    }
    breaches
}

/// Whether an absolute path starts with `folder`; `src/work/order.rs` is none, nor is the path of a URL.
fn starts_a_path(line: &str, folder: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '}' | ')' | '*');
    line.match_indices(folder).any(|(at, _)| !line[..at].chars().next_back().is_some_and(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn silencers_and_notes_are_told() {
        let files = [
            File::sample("a.rs", "#[allow(dead_code)]\n#![allow(x)]\n#[ignore]\ntodo!()\n// FIXME later\n"),
            File::sample("bin/test", "# TODO\nmktemp -d a.XXXXXX\n"),
            File::sample("CONTRIBUTING.md", "Leave no TODO behind.\n"),
        ];
        assert_eq!(places(&marks(&files)), ["a.rs:1", "a.rs:2", "a.rs:3", "a.rs:4", "a.rs:5", "bin/test:1"]);
    }

    #[test]
    fn paths_of_a_machine_are_told_and_folders_of_ours_are_not() {
        let files =
            [File::sample("README.md", "see /root/notes\ncrates/app/src/work/order.rs\nhttps://a.b/home/\n")];
        assert_eq!(places(&machine_paths(&files)), ["README.md:1"]);
    }
}
