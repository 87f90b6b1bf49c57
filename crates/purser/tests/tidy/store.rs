//! What the functions of `store` owe their callers: a transaction as first argument, and a test.
//! Nothing checks SQL when it is compiled; only a call against a database does.

use crate::{
    rust::{Function, Parsed},
    tree::{Breach, File, has_word},
};

const SOURCES: &str = "crates/store/src/";
const TESTS: &str = "crates/store/tests/";
/// What opens databases and transactions has none to be handed yet.
const OPENS: (&str, [&str; 5]) = ("crates/store/src/db.rs", ["open", "close", "read", "write", "migrate"]);
/// Makes whole databases, for tests only.
const HARNESS: &str = "crates/store/src/testing.rs";
const TRANSACTIONS: [&str; 2] = ["Tx", "ReadTx"];

pub fn without_transaction(files: &[File]) -> Vec<Breach> {
    queries(files)
        .filter(|(file, query)| !is_in_transaction(query) && !opens(file, query))
        .map(|(file, query)| {
            let told = format!(
                "`{}` takes no transaction: its first argument is `&mut ReadTx` or `&mut Tx`",
                query.name
            );
            file.breach(query.line, told)
        })
        .collect()
}

fn is_in_transaction(query: &Function) -> bool {
    // A method of the transaction itself is as good as an argument.
    [&query.of, &query.first_mut].into_iter().flatten().any(|name| TRANSACTIONS.contains(&name.as_str()))
}

fn opens(file: &File, query: &Function) -> bool {
    (file.path == OPENS.0 && OPENS.1.contains(&query.name.as_str())) || file.path == HARNESS
}

pub fn untested(files: &[File]) -> Vec<Breach> {
    let tests: Vec<String> =
        files.iter().filter(|file| file.path.starts_with("crates/store/")).map(test_text).collect();
    let mut all = 0;
    let mut breaches = Vec::new();
    for (file, query) in queries(files) {
        all += 1;
        let (qualified, own) = names(file, &query);
        let is_named =
            tests.iter().any(|text| has_word(text, &qualified)) || has_word(&test_text(file), &own);
        if !is_named {
            breaches.push(
                file.breach(query.line, format!("`{qualified}` is named in no test of store: write one")),
            );
        }
    }
    let missing = breaches.len();
    if let Some(last) = breaches.last_mut() {
        let share = format!(" ({missing} of {all} public functions)");
        last.what.push_str(&share);
    }
    breaches
}

/// How a test elsewhere names the function, and how one in the same file may.
fn names(file: &File, query: &Function) -> (String, String) {
    let module = if file.stem() == "mod" { file.path.rsplit('/').nth(1) } else { Some(file.stem()) };
    match &query.of {
        Some(_) => (query.name.clone(), query.name.clone()),
        None => (format!("{}::{}", module.unwrap_or_default(), query.name), query.name.clone()),
    }
}

/// Every public asynchronous function of store, which is to say: everything that speaks to the database.
fn queries(files: &[File]) -> impl Iterator<Item = (&File, Function)> {
    files.iter().filter(|file| file.path.starts_with(SOURCES) && file.ends_in(&["rs"])).flat_map(|file| {
        let Ok(parsed) = Parsed::of(file) else { return Vec::new() };
        let Parsed { functions, tests } = parsed;
        functions
            .into_iter()
            .filter(|function| function.is_public && function.is_async)
            .filter(|function| !tests.iter().any(|lines| lines.contains(&function.line)))
            .map(|function| (file, function))
            .collect()
    })
}

/// The lines of a file that are tests: all of an integration test, the test modules of any other.
fn test_text(file: &File) -> String {
    if file.path.starts_with(TESTS) {
        return file.text.clone();
    }
    let Ok(parsed) = Parsed::of(file) else { return String::new() };
    let tests = file.lines().filter(|(number, _)| parsed.is_in_tests(*number));
    tests.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    const ORDER: &str = "crates/store/src/order.rs";

    #[test]
    fn a_query_without_a_transaction_is_told() {
        let text = "pub async fn get(tx: &mut ReadTx) {}\n\
                    pub async fn insert(tx: &mut db::Tx, order: &Order) {}\n\
                    pub async fn find(pool: &Pool) {}\n\
                    async fn private() {}\n\
                    pub fn plain() {}\n";
        let files = [
            File::sample(ORDER, text),
            File::sample(
                OPENS.0,
                "pub async fn open(url: &str) {}\npub async fn get(db: &Db) {}\nimpl Tx { pub async fn commit(self) {} }\n",
            ),
        ];
        assert_eq!(
            places(&without_transaction(&files)),
            ["crates/store/src/order.rs:3", "crates/store/src/db.rs:2"]
        );
    }

    #[test]
    fn a_query_that_no_test_names_is_told_and_counted() {
        let text = "pub async fn get(tx: &mut ReadTx) {}\n\
                    pub async fn find(tx: &mut ReadTx) {}\n\
                    pub async fn list(tx: &mut ReadTx) {}\n\
                    #[cfg(test)]\nmod tests {\n    async fn t() { list(tx).await; }\n}\n";
        let files = [
            File::sample(ORDER, text),
            File::sample(
                "crates/store/tests/it/order.rs",
                "async fn t() { order::get(tx).await; invoice::find(tx) }\n",
            ),
        ];
        let told = untested(&files);
        assert_eq!(places(&told), ["crates/store/src/order.rs:2"]);
        assert!(told[0].what.ends_with("(1 of 3 public functions)"), "{}", told[0].what);
    }
}
