//! Which crate may know which: the drawing of ARCHITECTURE.md as a table, checked against every Cargo.toml.
//! A crate that the table does not name may not exist.

use toml::Table;

use crate::tree::{Breach, File};

/// What a crate of ours may use of ours.
const ARROWS: [(&str, &[&str]); 10] = [
    ("rating", &[]),
    ("domain", &["rating"]),
    ("store", &["domain", "rating"]),
    ("zuora", &[]),
    ("zuora-emulator", &["zuora", "rating"]),
    ("app", &["store", "domain", "rating", "zuora"]),
    ("web", &["app", "store", "domain", "rating"]),
    ("lab", &["web", "app", "store", "domain", "rating", "zuora", "zuora-emulator"]),
    ("purser", &["lab", "web", "app", "store", "domain", "rating", "zuora", "zuora-emulator"]),
    ("slo", &[]),
];

/// A Zuora to test against, and its client, know nothing of ours, so every crate's tests may have them.
const FOR_TESTS: [&str; 2] = ["zuora", "zuora-emulator"];

/// What a crate of ours may not use of others. Drivers: `domain` has sqlx for its derives, without any.
const REFUSED: [(&str, &[&str]); 7] = [
    ("rating", &["tokio", "reqwest", "rand", "getrandom", "tracing", "sqlx", "axum"]),
    ("domain", &["tokio", "reqwest", "rand", "getrandom", "tracing", "axum"]),
    ("store", &["axum", "reqwest"]),
    ("app", &["axum", "askama", "sqlx"]),
    ("web", &["sqlx", "reqwest"]),
    ("lab", &["sqlx"]),
    ("purser", &["sqlx"]),
];

/// The crates in which an amount may never be a float.
const COUNT_MONEY: [&str; 6] = ["rating", "domain", "store", "zuora", "zuora-emulator", "app"];
const FLOATS_DENIED: &str = "#![deny(clippy::float_arithmetic)]";

fn manifests(files: &[File]) -> impl Iterator<Item = (&File, &str)> {
    files.iter().filter_map(|file| {
        let name = file.of_crate()?;
        (file.path == format!("crates/{name}/Cargo.toml")).then_some((file, name))
    })
}

fn line_of(file: &File, start: &str) -> usize {
    file.lines().find(|(_, line)| line.starts_with(start)).map_or(1, |(number, _)| number)
}

pub fn dependencies(files: &[File]) -> Vec<Breach> {
    manifests(files).flat_map(|(file, name)| wrong_dependencies(file, name)).collect()
}

fn wrong_dependencies(file: &File, name: &str) -> Vec<Breach> {
    let Some((_, allowed)) = ARROWS.iter().find(|(of, _)| *of == name) else {
        return vec![
            file.breach(1, format!("crate `{name}` has no arrows: draw them in ARCHITECTURE.md and here")),
        ];
    };
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![file.breach(1, format!("does not parse: {error}"))],
    };
    let refused = REFUSED.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, refused)| refused);
    let mut breaches = Vec::new();
    for (section, used) in used_crates(&manifest) {
        let is_ours = ARROWS.iter().any(|(of, _)| *of == used);
        let is_for_tests = section == "dev-dependencies";
        let is_drawn = allowed.contains(&used.as_str())
            || (is_for_tests && (FOR_TESTS.contains(&used.as_str()) || used == name));
        if is_ours && !is_drawn {
            let told =
                format!("{section}: no arrow leads from `{name}` to `{used}`: turn the dependency around");
            breaches.push(file.breach(line_of(file, &used), told));
        }
        if !is_for_tests && refused.contains(&used.as_str()) {
            let told = format!("{section}: `{name}` refuses `{used}`: do that work in another crate");
            breaches.push(file.breach(line_of(file, &used), told));
        }
    }
    breaches
}

/// Section and crate of everything that a manifest uses, also for one platform only or under another name.
fn used_crates(manifest: &Table) -> Vec<(String, String)> {
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(|targets| targets.as_table()) {
        tables.extend(targets.values().filter_map(|target| target.as_table()));
    }
    let mut used = Vec::new();
    for table in tables {
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (key, value) in
                table.get(section).and_then(|entries| entries.as_table()).into_iter().flatten()
            {
                let renamed = value.get("package").and_then(|package| package.as_str());
                used.push((section.to_owned(), renamed.unwrap_or(key).to_owned()));
            }
        }
    }
    used
}

pub fn lints(files: &[File]) -> Vec<Breach> {
    manifests(files)
        .filter(|(file, _)| !file.text.contains("[lints]\nworkspace = true\n"))
        .map(|(file, _)| {
            file.breach(1, "does not take the workspace's lints: add `[lints]` with `workspace = true`")
        })
        .collect()
}

pub fn floats(files: &[File]) -> Vec<Breach> {
    let roots = COUNT_MONEY.map(|name| format!("crates/{name}/src/lib.rs"));
    files
        .iter()
        .filter(|file| roots.contains(&file.path) && !file.text.contains(FLOATS_DENIED))
        .map(|file| file.breach(1, format!("counts money and may use floats: add `{FLOATS_DENIED}`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    fn told(name: &str, manifest: &str) -> Vec<String> {
        places(&dependencies(&[File::sample(&format!("crates/{name}/Cargo.toml"), manifest)]))
    }

    #[test]
    fn a_dependency_against_the_arrows_is_told() {
        assert_eq!(
            told("store", "[dependencies]\ndomain.workspace = true\napp.workspace = true\n"),
            ["crates/store/Cargo.toml:3"]
        );
        assert_eq!(
            told("zuora", "[target.'cfg(unix)'.dependencies]\nd = { package = \"domain\" }\n").len(),
            1
        );
        assert_eq!(told("app", "[dependencies]\nzuora-emulator.workspace = true\n").len(), 1);
        assert_eq!(told("app", "[dev-dependencies]\nzuora-emulator.workspace = true\n").len(), 0);
    }

    #[test]
    fn what_a_crate_refuses_is_told() {
        assert_eq!(
            told("domain", "[dependencies]\ntokio.workspace = true\nsqlx.workspace = true\n"),
            ["crates/domain/Cargo.toml:2"]
        );
        assert_eq!(told("app", "[dependencies]\naxum.workspace = true\n").len(), 1);
    }

    #[test]
    fn a_crate_that_nobody_drew_is_told() {
        assert_eq!(told("shared", "[dependencies]\n").len(), 1);
    }

    #[test]
    fn a_crate_with_lints_of_its_own_is_told() {
        let files = [
            File::sample("crates/app/Cargo.toml", "[lints.rust]\n"),
            File::sample("crates/web/Cargo.toml", "[lints]\nworkspace = true\n"),
        ];
        assert_eq!(places(&lints(&files)), ["crates/app/Cargo.toml:1"]);
    }

    #[test]
    fn a_money_crate_without_the_float_lint_is_told() {
        let files = [
            File::sample("crates/rating/src/lib.rs", "//! Money.\n"),
            File::sample("crates/app/src/lib.rs", &format!("//! App.\n{FLOATS_DENIED}\n")),
            File::sample("crates/lab/src/lib.rs", "//! Lab.\n"),
        ];
        assert_eq!(places(&floats(&files)), ["crates/rating/src/lib.rs:1"]);
    }
}
