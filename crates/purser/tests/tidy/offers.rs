//! What can be sold is data: a plan that is named in code would need a release to be renamed.

use std::collections::BTreeSet;

use toml::Value;

use crate::{
    rust::{Parsed, strings},
    tree::{Breach, File},
};

/// The keys of an offers file whose values name something that is sold.
const NAMING_KEYS: [&str; 6] = ["code", "name", "rate_plan", "plan", "charge", "capability"];
/// The demo plays a seller and its customers; the emulator's catalog to start from is theirs.
const KNOW_OFFERS: [&str; 2] = ["lab", "zuora-emulator"];

pub fn named_in_code(files: &[File]) -> Vec<Breach> {
    let mut names = BTreeSet::new();
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| file.stem() == "offers" && file.ends_in(&["toml"])) {
        match file.text.parse::<toml::Table>() {
            Ok(table) => collect(&Value::Table(table), &mut names),
            Err(error) => breaches.push(file.breach(1, format!("does not parse: {error}"))),
        }
    }
    let code = files.iter().filter(|file| {
        file.ends_in(&["rs"])
            && !file.of_crate().is_some_and(|of| KNOW_OFFERS.contains(&of))
            && !file.is_test()
    });
    let of_tests = test_modules(files);
    for file in code {
        let Ok(parsed) = Parsed::of(file) else { continue };
        if of_tests.iter().any(|module| file.path.starts_with(module)) {
            continue;
        }
        // An example in the API's description is documentation.
        let described =
            |line: usize| file.text.lines().nth(line - 1).is_some_and(|line| line.contains("example = "));
        let named = strings(&file.text)
            .into_iter()
            .filter(|(line, text)| names.contains(text) && !parsed.is_in_tests(*line) && !described(*line))
            .map(|(line, text)| {
                file.breach(line, format!("names what is sold, \"{text}\": read it from the offers"))
            });
        breaches.extend(named);
    }
    breaches
}

/// The paths, without ending, of modules that are declared for tests only and lie in files of their own.
fn test_modules(files: &[File]) -> Vec<String> {
    let declared = |file: &File| {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let after = file.text.split("#[cfg(test)]\nmod ").skip(1);
        let names = after.filter_map(|rest| rest.split_once(';')).map(|(name, _)| name);
        let names = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        names.map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
    };
    files.iter().filter(|file| file.name() == "lib.rs").flat_map(declared).collect()
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match value {
                    Value::String(name) if NAMING_KEYS.contains(&key.as_str()) => {
                        names.insert(name.clone());
                    }
                    _ => collect(value, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn a_plan_named_in_code_is_told_but_not_in_tests_and_the_lab() {
        let code =
            "fn f() { g(\"cloud-team\") }\n#[cfg(test)]\nmod tests {\n    fn h() { g(\"cloud-team\") }\n}\n";
        let files = [
            File::sample("crates/lab/offers.toml", "[[offer]]\ncode = \"cloud-team\"\nunit = \"seat\"\n"),
            File::sample("crates/app/src/order.rs", code),
            File::sample("crates/lab/src/demo.rs", code),
            File::sample("crates/web/tests/order.rs", code),
        ];
        assert_eq!(places(&named_in_code(&files)), ["crates/app/src/order.rs:1"]);
    }
}
