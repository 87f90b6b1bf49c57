//! What an operator can set: the built-in defaults, then `purser.toml`, then `PURSER_…` variables, then options.
//! Refuses unknown keys and values that cannot work together, before anything starts; never prints a secret.

mod sources;

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use anyhow::{Result, bail, ensure};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error as _};

pub use sources::Sources;

/// Ours are at most 32 characters with a ULID of 26, a letter for the noun and a dash (design: numbers).
const NUMBER_PREFIX_CHARS_MAX: usize = 4;

/// Everything that can be set; `purser.default.toml` says what each key means.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Holds a password when it is a PostgreSQL URL.
    pub database: SecretString,
    pub listen: SocketAddr,
    pub metrics: SocketAddr,
    pub role: Role,
    pub clock_speed: f64,
    pub public_url: String,
    pub number_prefix: String,
    pub tenant: Tenant,
    pub zuora: Zuora,
    pub callouts: Callouts,
    pub license: License,
    pub saas: Saas,
    pub mail: Mail,
    pub console: Console,
    pub policy: Policy,
    pub worker: Worker,
    pub seller: Seller,
}

/// Which part of the platform a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    All,
    Web,
    Worker,
}

/// The Zuora tenant that this deployment stands before.
#[derive(Debug, Clone, Deserialize)]
pub struct Tenant {
    #[serde(deserialize_with = "jiff::fmt::serde::tz::required::deserialize")]
    pub time_zone: TimeZone,
}

/// How to reach Zuora, and as whom.
#[derive(Debug, Clone, Deserialize)]
pub struct Zuora {
    pub url: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub version: String,
    #[serde(deserialize_with = "unless_empty")]
    pub entity: Option<String>,
}

/// How a callout proves that it is Zuora's.
#[derive(Debug, Clone, Deserialize)]
pub struct Callouts {
    #[serde(deserialize_with = "unless_empty")]
    pub user: Option<String>,
    pub password: SecretString,
}

/// What licenses are signed with.
#[derive(Debug, Clone, Deserialize)]
pub struct License {
    #[serde(deserialize_with = "unless_empty")]
    pub signing_key_file: Option<PathBuf>,
    pub key_id: String,
}

/// Where the SaaS product takes entitlements.
#[derive(Debug, Clone, Deserialize)]
pub struct Saas {
    #[serde(deserialize_with = "unless_empty")]
    pub url: Option<String>,
    pub token: SecretString,
}

/// The mail server.
#[derive(Debug, Clone, Deserialize)]
pub struct Mail {
    #[serde(deserialize_with = "unless_empty")]
    pub smtp: Option<HostPort>,
    pub from: String,
    pub tls: MailProtection,
}

/// A server by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    pub host: String,
    pub port: u16,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailProtection {
    Off,
    Starttls,
    Tls,
}

/// The staff's console.
#[derive(Debug, Clone, Deserialize)]
pub struct Console {
    pub login: ConsoleLogin,
}

/// How staff sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsoleLogin {
    /// There is no console.
    Off,
    /// Anyone who can reach it is let in.
    Development,
}

/// What is granted before billing has confirmed it.
#[derive(Debug, Clone, Deserialize)]
pub struct Policy {
    pub trust_days: u16,
    #[serde(deserialize_with = "from_text")]
    pub exposure_limit_account: Decimal,
    #[serde(deserialize_with = "from_text")]
    pub exposure_limit_total: Decimal,
    pub obligation_deadline_s: u32,
}

/// How jobs are worked off.
#[derive(Debug, Clone, Deserialize)]
pub struct Worker {
    pub tasks: u16,
    pub poll_ms: u32,
}

/// Who sells.
#[derive(Debug, Clone, Deserialize)]
pub struct Seller {
    pub name: String,
    pub support_mail: String,
}

impl Config {
    /// Reads every source and checks that the whole can work.
    pub fn load(sources: &Sources) -> Result<Self> {
        let config: Self = sources.extract()?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let is_one_file = self.database.expose_secret().starts_with("sqlite:");
        if is_one_file && self.role != Role::All {
            bail!("`role`: a SQLite database belongs to one process; use `role = \"all\"`, or PostgreSQL");
        }
        if !is_one_file && !self.database.expose_secret().starts_with("postgres") {
            bail!("`database`: neither `sqlite:FILE` nor `postgres://…`");
        }
        ensure!(self.clock_speed.is_finite() && self.clock_speed > 0.0, "`clock_speed`: must be above 0");
        let is_plain = self.number_prefix.chars().all(|c| c.is_ascii_alphanumeric());
        let chars = self.number_prefix.len();
        if !is_plain || chars == 0 || chars > NUMBER_PREFIX_CHARS_MAX {
            bail!("`number_prefix`: 1 to {NUMBER_PREFIX_CHARS_MAX} letters or digits, such as \"P\"");
        }
        for (key, url) in [("public_url", &self.public_url), ("zuora.url", &self.zuora.url)] {
            check_url(key, url)?;
        }
        self.saas.url.iter().try_for_each(|url| check_url("saas.url", url))?;
        if self.callouts.user.is_some() && self.callouts.password.expose_secret().is_empty() {
            bail!(
                "`callouts.password`: empty, so that anyone could send callouts; set it, or unset `callouts.user`"
            );
        }
        if self.license.signing_key_file.is_some() && self.license.key_id.is_empty() {
            bail!("`license.key_id`: a signing key needs a name");
        }
        ensure!(
            self.policy.exposure_limit_account >= Decimal::ZERO,
            "`policy.exposure_limit_account`: below 0"
        );
        ensure!(self.policy.exposure_limit_total >= Decimal::ZERO, "`policy.exposure_limit_total`: below 0");
        ensure!(self.worker.tasks > 0, "`worker.tasks`: must be above 0");
        ensure!(self.worker.poll_ms > 0, "`worker.poll_ms`: must be above 0");
        Ok(())
    }
}

fn check_url(key: &str, url: &str) -> Result<()> {
    ensure!(
        url.starts_with("http://") || url.starts_with("https://"),
        "`{key}`: starts with neither http:// nor https://"
    );
    ensure!(!url.ends_with('/'), "`{key}`: leave out the `/` at its end");
    Ok(())
}

impl FromStr for HostPort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or("not `host:port`")?;
        let port = port.parse().map_err(|_| "the port is not a number up to 65535")?;
        if host.is_empty() { Err("the host is missing") } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

/// Decimals are written as text, because a number in TOML may be a float.
fn from_text<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(source: D) -> Result<T, D::Error> {
    String::deserialize(source)?.parse().map_err(D::Error::custom)
}

/// An empty text means that the key is not set.
fn unless_empty<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    source: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(source)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

#[cfg(test)]
mod tests {
    use super::{sources::DEFAULTS, *};

    fn load(variables: &[(&str, &str)]) -> Result<Config> {
        Config::load(&Sources::sample(variables, &[]))
    }

    fn refusal(variables: &[(&str, &str)]) -> String {
        format!("{:#}", load(variables).unwrap_err())
    }

    #[test]
    fn the_default_file_works_as_it_is() {
        let config = load(&[]).unwrap();
        assert_eq!(config.policy.exposure_limit_account, Decimal::new(1_000_000, 2));
        assert_eq!(config.tenant.time_zone.iana_name(), Some("America/Los_Angeles"));
        assert!(config.mail.smtp.is_none());
    }

    /// A key that the struct has and the file lacks would be missing from the documentation.
    #[test]
    fn no_key_can_be_left_out_of_the_default_file() {
        let lines: Vec<&str> = DEFAULTS.lines().collect();
        let keys: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
        assert!(keys.len() > 30);
        for at in keys.into_iter().filter(|at| !lines[*at].starts_with('#')) {
            let rest: Vec<&str> = [&lines[..at], &lines[at + 1..]].concat();
            let error = toml::from_str::<Config>(&rest.join("\n")).unwrap_err().to_string();
            assert!(error.contains("missing field"), "without `{}`: {error}", lines[at]);
        }
    }

    #[test]
    fn every_key_of_the_default_file_is_explained() {
        let lines: Vec<&str> = DEFAULTS.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#')) {
            assert!(pair[0].starts_with("# "), "`{}` has no comment above it", pair[1]);
        }
    }

    #[test]
    fn a_variable_comes_before_the_default_and_an_option_before_both() {
        let variables = [("PURSER_ROLE", "web"), ("PURSER_DATABASE", "postgres://db/purser")];
        assert_eq!(load(&variables).unwrap().role, Role::Web);
        let flags = [("role", "worker")];
        assert_eq!(Config::load(&Sources::sample(&variables, &flags)).unwrap().role, Role::Worker);
    }

    #[test]
    fn a_secret_of_digits_stays_the_text_it_is() {
        let config = load(&[("PURSER_ZUORA__CLIENT_SECRET", "0012"), ("PURSER_WORKER__TASKS", "3")]).unwrap();
        assert_eq!(config.zuora.client_secret.expose_secret(), "0012");
        assert_eq!(config.worker.tasks, 3);
    }

    #[test]
    fn no_secret_is_printed() {
        let config = load(&[
            ("PURSER_ZUORA__CLIENT_SECRET", "tell-nobody"),
            ("PURSER_CALLOUTS__PASSWORD", "tell-nobody"),
            ("PURSER_SAAS__TOKEN", "tell-nobody"),
            ("PURSER_DATABASE", "postgres://purser:tell-nobody@db/purser"),
        ]);
        assert!(!format!("{:?}", config.unwrap()).contains("tell-nobody"));
    }

    #[test]
    fn what_cannot_work_is_refused_by_the_name_of_its_key() {
        for (variable, value, key) in [
            ("PURSER_ROLE", "web", "`role`"),
            ("PURSER_ROLE", "both", "environment: `role`"),
            ("PURSER_DATABASE", "mysql://db", "`database`"),
            ("PURSER_CLOCK_SPEED", "0", "`clock_speed`"),
            ("PURSER_NUMBER_PREFIX", "", "`number_prefix`"),
            ("PURSER_ZUORA__URL", "rest.zuora.com", "`zuora.url`"),
            ("PURSER_PUBLIC_URL", "https://buy.example/", "`public_url`"),
            ("PURSER_CALLOUTS__USER", "zuora", "`callouts.password`"),
            ("PURSER_LICENSE__SIGNING_KEY_FILE", "key", "`license.key_id`"),
            ("PURSER_POLICY__EXPOSURE_LIMIT_TOTAL", "-1", "`policy.exposure_limit_total`"),
            ("PURSER_POLICY__EXPOSURE_LIMIT_ACCOUNT", "much", "environment: `policy.exposure_limit_account`"),
            ("PURSER_WORKER__TASKS", "0", "`worker.tasks`"),
            ("PURSER_TENANT__TIME_ZONE", "Mars/Olympus", "environment: `tenant.time_zone`"),
            ("PURSER_MAIL__SMTP", "localhost", "environment: `mail.smtp`"),
        ] {
            let told = refusal(&[(variable, value)]);
            assert!(told.contains(key), "{variable}={value}: {told}");
        }
    }
}
