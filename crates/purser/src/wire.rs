//! From configuration to a running `App`.
//! Refuses settings that would only fail later.

use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use app::{
    App, CalloutLogin, Clock, Mailer, Memory, Metrics, Parts, Protection, Random, Saas, Seller, Settings,
    Signing,
};
use data_encoding::HEXLOWER;
use domain::entitlement::Zones;
use domain::obligation::Deadline;
use domain::policy::Policy;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lab::world::DEMO_KEY_ID;
use rust_decimal::prelude::ToPrimitive;
use secrecy::ExposeSecret;
use store::{Db, Engine};
use zuora::{HttpTransport, Timeouts, Transport};

use crate::config::{Config, ConsoleLogin, MailProtection};

/// How long the SaaS product may take.
const SAAS_TIMEOUT: SignedDuration = SignedDuration::from_secs(30);

/// Opens the database; SQLite is migrated, PostgreSQL must have been.
pub async fn database(config: &Config) -> anyhow::Result<Db> {
    let db = Db::open(config.database.expose_secret()).await.context("the database cannot be opened")?;
    match db.engine() {
        Engine::Sqlite => db.migrate().await.context("the database cannot be migrated")?,
        Engine::Postgres => db.read().await?.check_schema().await?,
    }
    Ok(db)
}

/// Wires an app.
pub fn app(config: &Config, db: Db, clock_origin: Option<Timestamp>) -> anyhow::Result<App> {
    let clock = clock(config, clock_origin)?;
    let scaled = |duration: SignedDuration| clock.real(duration);
    let saas = match &config.saas.url {
        Some(url) => Some(Saas::new(url, config.saas.token.clone(), scaled(SAAS_TIMEOUT))?),
        None => None,
    };
    let mailer = match &config.mail.smtp {
        Some(smtp) => {
            let protection = match config.mail.tls {
                MailProtection::Off => Protection::Off,
                MailProtection::Starttls => Protection::StartTls,
                MailProtection::Tls => Protection::Tls,
            };
            Some(Mailer::new(&smtp.host, smtp.port, protection, &config.mail.from)?)
        }
        None => None,
    };
    Ok(App::new(Parts {
        zuora: zuora(config, &clock)?,
        db,
        clock,
        random: Random::system(),
        saas,
        mailer,
        settings: settings(config)?,
        metrics: Metrics::default(),
        memory: Memory::default(),
    }))
}

fn clock(config: &Config, origin: Option<Timestamp>) -> anyhow::Result<Clock> {
    let millis = speed_millis(config.clock_speed)?;
    Ok(match millis {
        1_000 => Clock::system(),
        millis => Clock::faster(millis, origin.unwrap_or_else(Timestamp::now)),
    })
}

/// Thousandths of real time.
pub fn speed_millis(speed: f64) -> anyhow::Result<u32> {
    ensure!((0.001..=100_000.0).contains(&speed), "clock_speed must be between 0.001 and 100000");
    (speed * 1_000.0).round().to_u32().context("clock_speed is out of range")
}

fn zuora(config: &Config, clock: &Clock) -> anyhow::Result<zuora::Client> {
    let real = Timeouts::default();
    let scaled = |duration| SignedDuration::try_from(duration).map(|duration| clock.real(duration));
    let timeouts = Timeouts { connect: scaled(real.connect)?, total: scaled(real.total)? };
    let transport = HttpTransport::new(&config.zuora.url, timeouts).context("zuora.url cannot be used")?;
    let credentials = zuora::Credentials {
        client_id: config.zuora.client_id.clone(),
        client_secret: config.zuora.client_secret.clone(),
    };
    let now = clock.clone();
    let options = zuora::Options {
        zuora_version: config.zuora.version.clone(),
        entity_id: config.zuora.entity.clone(),
        track_id_prefix: None,
    };
    let seams = zuora::Seams { now: Arc::new(move || now.now().0) };
    Ok(zuora::Client::new(Transport::Http(transport), credentials, seams, options))
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    let minor = |amount: rust_decimal::Decimal, key: &str| {
        (amount * rust_decimal::Decimal::ONE_HUNDRED).to_i64().with_context(|| format!("{key} is too large"))
    };
    let zone = config.tenant.time_zone.clone();
    let callouts = config.callouts.user.clone().map(|user| {
        let password = config.callouts.password.clone();
        CalloutLogin { user, password }
    });
    Ok(Settings {
        public_url: config.public_url.clone(),
        number_prefix: config.number_prefix.parse().context("number_prefix")?,
        zones: Zones { tenant: zone.clone(), product: TimeZone::UTC },
        zone,
        rounding: rating::Rounding::default(),
        policy: Policy {
            lease: SignedDuration::from_hours(24 * i64::from(config.policy.trust_days)),
            account_limit_minor: minor(
                config.policy.exposure_limit_account,
                "policy.exposure_limit_account",
            )?,
            total_limit_minor: minor(config.policy.exposure_limit_total, "policy.exposure_limit_total")?,
        },
        deadline: Deadline(SignedDuration::from_secs(i64::from(config.policy.obligation_deadline_s))),
        seller: Seller { name: config.seller.name.clone(), support_mail: config.seller.support_mail.clone() },
        signing: signing(config)?,
        callouts,
        console_login: match config.console.login {
            ConsoleLogin::Off => app::ConsoleLogin::Off,
            ConsoleLogin::Development => app::ConsoleLogin::Development,
        },
        worker_tasks: config.worker.tasks,
    })
}

fn signing(config: &Config) -> anyhow::Result<Option<Signing>> {
    let Some(file) = &config.license.signing_key_file else { return Ok(None) };
    if config.license.key_id == DEMO_KEY_ID {
        bail!("license.key_id must not be {DEMO_KEY_ID:?}: that is the demo's key, which everybody has");
    }
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("license.signing_key_file {} cannot be read", file.display()))?;
    let bytes =
        HEXLOWER.decode(text.trim().as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bytes = bytes.context("license.signing_key_file must hold 64 hexadecimal digits; make one with `purser license new-key FILE`")?;
    let key = ed25519_dalek::SigningKey::from_bytes(&bytes);
    Ok(Some(Signing { key_id: config.license.key_id.clone(), key }))
}
