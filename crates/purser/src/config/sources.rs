//! The places that settings come from, read in order of precedence.
//! Refuses a key that no setting has and a value of another kind, and says where it stands, but never the value.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail};
use figment::{
    Error, Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use serde::de::DeserializeOwned;

/// The file that documents every key.
pub const DEFAULTS: &str = include_str!("../../purser.default.toml");

/// Read from the working directory when no other file is named.
const FILE: &str = "purser.toml";
const PREFIX: &str = "PURSER_";
/// Between the parts of a key in a variable's name: PURSER_ZUORA__URL is `zuora.url`.
const NESTING: &str = "__";
/// Variables with our prefix that are not settings: the log filter, and what the tests are told.
const NOT_SETTINGS: [&str; 2] = ["log", "test_"];
/// How alike two keys are when one may be a slip of the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// Where settings are read from, beside the built-in defaults.
#[derive(Debug, Default)]
pub struct Sources {
    /// A file that must be there; without one, `purser.toml` if it is.
    file: Option<PathBuf>,
    variables: Vec<(String, String)>,
    flags: Vec<(String, String)>,
}

impl Sources {
    /// The sources of this process. A flag is the dotted path of a key with its value as text.
    pub fn of_process(file: Option<&Path>, flags: Vec<(String, String)>) -> Self {
        let found = || Path::new(FILE).exists().then(|| PathBuf::from(FILE));
        let variables = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { file: file.map(Path::to_path_buf).or_else(found), variables, flags }
    }

    #[cfg(test)]
    pub fn sample(variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Self {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
        };
        Self { file: None, variables: owned(variables), flags: owned(flags) }
    }

    /// Merges all sources into `T`.
    pub(super) fn extract<T: DeserializeOwned>(&self) -> Result<T> {
        let defaults = Figment::from(Toml::string(DEFAULTS));
        let mut merged = defaults.clone();
        if let Some(file) = &self.file {
            merged = merged.merge(Toml::file_exact(file));
        }
        let variables =
            self.variables.iter().filter_map(|(name, value)| Some((key_of(name)?, value.clone())));
        merged = merged
            .merge(Texts { name: "environment", values: variables.collect(), kinds: &defaults })
            .merge(Texts { name: "command line", values: self.flags.clone(), kinds: &defaults });
        check_keys(&defaults, &merged)?;
        merged.extract().map_err(|error| anyhow!("{}", told(error)))
    }
}

/// The key that a variable sets, if it is one of ours.
fn key_of(variable: &str) -> Option<String> {
    let key = variable.strip_prefix(PREFIX)?.to_lowercase();
    let is_setting = !NOT_SETTINGS.iter().any(|other| key.starts_with(other));
    is_setting.then(|| key.replace(NESTING, "."))
}

/// Values that arrive as text, such as variables; the default of the same key says what the text is.
struct Texts<'a> {
    name: &'static str,
    values: Vec<(String, String)>,
    kinds: &'a Figment,
}

impl Provider for Texts<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut all = Dict::new();
        for (key, text) in &self.values {
            // Figment's own reading of variables makes a number of the secret "0012".
            let value = match self.kinds.find_value(key) {
                Ok(Value::String(..)) | Err(_) => Value::from(text.clone()),
                Ok(_) => text.parse().unwrap_or_else(|never| match never {}),
            };
            put(&mut all, key, value);
        }
        Ok(Profile::Default.collect(all))
    }
}

/// Puts a value where its dotted key says.
fn put(group: &mut Dict, key: &str, value: Value) {
    let Some((outer, inner)) = key.split_once('.') else {
        group.insert(key.to_owned(), value);
        return;
    };
    let place = group.entry(outer.to_owned()).or_insert_with(|| Value::from(Dict::new()));
    // Where `zuora` and `zuora.url` are both set, the first is no key, and is told as such.
    if let Value::Dict(_, group) = place {
        put(group, inner, value);
    }
}

/// Every key that is set must be one of the default file's, and its value of the same kind.
fn check_keys(defaults: &Figment, merged: &Figment) -> Result<()> {
    let known = flat(defaults.extract()?, "");
    for (key, value) in flat(merged.extract()?, "") {
        let place = merged.find_metadata(&key).map_or_else(|| "the settings".to_owned(), place);
        let Some((_, default)) = known.iter().find(|(name, _)| *name == key) else {
            bail!(
                "{place}: there is no key `{key}`{}",
                hint(&key, known.iter().map(|(name, _)| name.as_str()))
            );
        };
        if kind(&value) != kind(default) {
            bail!("{place}: `{key}` must be a {}, not a {}", kind(default), kind(&value));
        }
    }
    Ok(())
}

/// Place, key and complaint of every error.
fn told(errors: Error) -> String {
    let each = errors.into_iter().map(|error| {
        let place = error.metadata.as_ref().map_or_else(|| "the settings".to_owned(), place);
        format!("{place}: `{}`: {}", error.path.join("."), error.kind)
    });
    each.collect::<Vec<_>>().join("; ")
}

fn place(metadata: &Metadata) -> String {
    match &metadata.source {
        Some(source) => source.to_string(),
        None => metadata.name.to_string(),
    }
}

fn hint<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> String {
    let scored = known.map(|name| (strsim::jaro_winkler(key, name), name));
    match scored.max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        Some((score, name)) if score >= ALIKE => format!("; did you mean `{name}`?"),
        _ => "; purser.default.toml has them all".to_owned(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "yes or no",
        Value::Num(..) => "number",
        Value::Empty(..) | Value::Dict(..) | Value::Array(..) => "group of keys",
    }
}

/// Dotted keys and their values; a group without keys counts as a value.
fn flat(group: Dict, before: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in group {
        let key = format!("{before}{name}");
        match value {
            Value::Dict(_, inner) if !inner.is_empty() => found.extend(flat(inner, &format!("{key}."))),
            value => found.push((key, value)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refusal(sources: &Sources) -> String {
        format!("{:#}", sources.extract::<Dict>().unwrap_err())
    }

    #[test]
    fn an_unknown_variable_is_refused_with_a_hint() {
        let told = refusal(&Sources::sample(&[("PURSER_ZUORA__CLIENTID", "x")], &[]));
        assert_eq!(told, "environment: there is no key `zuora.clientid`; did you mean `zuora.client_id`?");
    }

    #[test]
    fn an_unknown_key_in_the_file_is_refused_and_the_file_named() {
        let file = env::temp_dir().join(format!("purser-sources-{}.toml", std::process::id()));
        fs::write(&file, "databse = \"sqlite:x\"\n").unwrap();
        let told = refusal(&Sources { file: Some(file.clone()), ..Sources::default() });
        fs::remove_file(&file).unwrap();
        assert!(told.contains("purser-sources-"), "{told}");
        assert!(told.ends_with("there is no key `databse`; did you mean `database`?"), "{told}");
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        let told = refusal(&Sources { file: Some(PathBuf::from("no-such.toml")), ..Sources::default() });
        assert!(told.contains("no-such.toml"), "{told}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_without_being_printed() {
        let file = env::temp_dir().join(format!("purser-kinds-{}.toml", std::process::id()));
        fs::write(&file, "[zuora]\nclient_secret = 421337\n").unwrap();
        let told = refusal(&Sources { file: Some(file.clone()), ..Sources::default() });
        fs::remove_file(&file).unwrap();
        assert!(told.ends_with("`zuora.client_secret` must be a text, not a number"), "{told}");
        assert!(!told.contains("421337"), "{told}");
    }

    #[test]
    fn the_log_filter_and_the_variables_of_tests_are_no_settings() {
        let others = [("PURSER_LOG", "debug"), ("PURSER_TEST_POSTGRES", "postgres://x"), ("HOME", "here")];
        assert!(Sources::sample(&others, &[]).extract::<Dict>().is_ok());
    }
}
