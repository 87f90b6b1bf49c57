//! Where SQL may stand, and what a migration may not do.
//! Zuora's query language is written in lower case here, so that the two cannot be mistaken.

use crate::{
    rust::strings,
    tree::{Breach, File, has_word},
};

const STORE: &str = "crates/store/";
const MIGRATIONS: &str = "crates/store/migrations/";
/// The hand-written rival that the order benchmark is measured against.
const BENCH: &str = "bench/";

/// How a statement starts, word by word.
const STATEMENTS: [&[&str]; 12] = [
    &["SELECT"],
    &["INSERT", "INTO"],
    &["UPDATE"],
    &["DELETE", "FROM"],
    &["CREATE", "TABLE"],
    &["CREATE", "INDEX"],
    &["CREATE", "UNIQUE"],
    &["CREATE", "DATABASE"],
    &["ALTER", "TABLE"],
    &["DROP", "TABLE"],
    &["DROP", "DATABASE"],
    &["TRUNCATE", "TABLE"],
];

/// Words that take something away from what an older version, still running, relies on.
const DESTRUCTIVE: [&str; 4] = ["DROP", "RENAME", "TRUNCATE", "ALTER COLUMN"];
/// Migrations that may, each with the reason why no running version notices.
const MAY_DESTROY: [(&str, &str); 0] = [];

pub fn outside_store(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| !file.path.starts_with(STORE) && !file.is_sample()) {
        if file.ends_in(&["sql"]) && !file.path.starts_with(BENCH) {
            breaches.push(file.breach(1, format!("is SQL outside {STORE}: move it there")));
        }
        if file.ends_in(&["rs"]) {
            let statements = strings(&file.text).into_iter().filter(|(_, text)| is_statement(text));
            breaches.extend(statements.map(|(line, _)| {
                file.breach(line, "is SQL outside store: give store a function named after what it is for")
            }));
        }
    }
    breaches
}

fn is_statement(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    // A heading such as "SELECT" alone is a word; a statement goes on.
    STATEMENTS.iter().any(|start| words.starts_with(start) && words.len() > start.len())
}

pub fn destructive_migrations(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with(MIGRATIONS)) {
        if MAY_DESTROY.iter().any(|(name, _)| *name == file.name()) {
            continue;
        }
        for (number, line) in file.lines() {
            let statement = line.split("--").next().unwrap_or_default().to_uppercase();
            if let Some(word) = DESTRUCTIVE.iter().find(|word| has_word(&statement, word)) {
                let told = format!(
                    "`{word}` breaks the version that is still running: add beside it, contract later"
                );
                breaches.push(file.breach(number, told));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn a_statement_outside_store_is_told_and_one_inside_is_not() {
        let code = "fn f() {\n    sqlx::query(\"\n SELECT 1 FROM orders\");\n    g(\"select Id from Account\");\n}\n";
        let files = [
            File::sample("crates/app/src/order.rs", code),
            File::sample("crates/store/src/order.rs", code),
            File::sample("crates/web/src/order.sql", ""),
        ];
        assert_eq!(
            places(&outside_store(&files)),
            ["crates/app/src/order.rs:2", "crates/web/src/order.sql:1"]
        );
    }

    #[test]
    fn a_sentence_is_no_statement() {
        for text in ["SELECT", "UPDATE", "DELETE /faults", "CREATE A LANE", "Select one plan"] {
            assert!(!is_statement(text), "{text}");
        }
        for text in ["UPDATE lanes SET fence = 1", "INSERT INTO orders", "CREATE TABLE a (b TEXT)"] {
            assert!(is_statement(text), "{text}");
        }
    }

    #[test]
    fn a_migration_that_takes_away_is_told() {
        let text = "ALTER TABLE a ADD COLUMN b TEXT; -- drop nothing\nalter table a drop column b;\n";
        let files = [File::sample("crates/store/migrations/0002_b.sql", text)];
        assert_eq!(places(&destructive_migrations(&files)), ["crates/store/migrations/0002_b.sql:2"]);
    }
}
