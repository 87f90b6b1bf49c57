//! The crates that must behave the same in a simulated world: one list of refused calls, no race left to chance.

use crate::{
    rust::macro_calls,
    tree::{Breach, File},
};

const SIMULATED: [&str; 4] = ["domain", "app", "zuora", "zuora-emulator"];
const SEAMS: &str = "clippy-seams.toml";
const PLAIN: &str = "clippy.toml";

pub fn unbiased_selects(files: &[File]) -> Vec<Breach> {
    let simulated =
        |file: &&File| file.ends_in(&["rs"]) && file.of_crate().is_some_and(|name| SIMULATED.contains(&name));
    let mut breaches = Vec::new();
    for file in files.iter().filter(simulated) {
        let unbiased = macro_calls(&file.text, "select")
            .into_iter()
            .filter(|(_, first)| first.as_deref() != Some("biased"));
        breaches.extend(unbiased.map(|(line, _)| {
            file.breach(
                line,
                "`select!` picks a branch by chance: say `biased;` first, and order the branches",
            )
        }));
    }
    breaches
}

/// Clippy reads only the nearest file, so the simulated crates' one must repeat the workspace's.
pub fn clippy_files(files: &[File]) -> Vec<Breach> {
    let text_of = |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    let mut breaches = Vec::new();
    let mut tell = |path: &str, what: String| {
        breaches.push(File { path: path.into(), text: String::new() }.breach(1, what))
    };
    let (Some(plain), Some(seams)) = (text_of(PLAIN), text_of(SEAMS)) else {
        tell(PLAIN, format!("{PLAIN} and {SEAMS} must both be there"));
        return breaches;
    };
    if !seams.contains(plain.trim()) {
        tell(SEAMS, format!("does not repeat {PLAIN}: copy it to its head"));
    }
    for name in SIMULATED {
        let path = format!("crates/{name}/clippy.toml");
        if text_of(&path) != Some(seams) {
            tell(&path, format!("is not {SEAMS}: link it"));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn a_select_that_leaves_it_to_chance_is_told() {
        let code = "async fn f() {\n    tokio::select! {\n        biased;\n        _ = a => {}\n    }\n    select! { _ = a => {} }\n}\n";
        let files =
            [File::sample("crates/app/src/worker.rs", code), File::sample("crates/web/src/lib.rs", code)];
        assert_eq!(places(&unbiased_selects(&files)), ["crates/app/src/worker.rs:6"]);
    }

    #[test]
    fn a_clippy_file_that_went_its_own_way_is_told() {
        let mut files = vec![
            File::sample(PLAIN, "too-many-lines-threshold = 70\n"),
            File::sample(SEAMS, "too-many-lines-threshold = 70\ndisallowed-methods = []\n"),
        ];
        for name in SIMULATED {
            files.push(File::sample(&format!("crates/{name}/clippy.toml"), &files[1].text.clone()));
        }
        assert_eq!(places(&clippy_files(&files)), Vec::<String>::new());
        files[3].text.push_str("allow-unwrap-in-tests = false\n");
        assert_eq!(places(&clippy_files(&files)), ["crates/app/clippy.toml:1"]);
        files[0].text = "too-many-lines-threshold = 90\n".into();
        assert_eq!(places(&clippy_files(&files)), ["clippy-seams.toml:1", "crates/app/clippy.toml:1"]);
    }
}
