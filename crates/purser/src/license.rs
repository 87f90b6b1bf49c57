//! `purser license`: checking a file offline, and making a signing key.
//! Refuses to print a secret key.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use domain::license::{LICENSE_BYTES_MAX, Payload, verify};
use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::cli::LicenseCommand;
use lab::world::DEMO_KEY_ID;

/// Only the owner reads it.
const SECRET_FILE_MODE: u32 = 0o600;

/// Runs one command.
pub fn run(command: LicenseCommand) -> anyhow::Result<ExitCode> {
    match command {
        LicenseCommand::Verify { file, keys, json } => verify_file(&file, &keys, json),
        LicenseCommand::NewKey { file } => new_key(&file),
    }
}

fn verify_file(file: &Path, keys: &[String], json: bool) -> anyhow::Result<ExitCode> {
    let size = fs::metadata(file).with_context(|| format!("{} cannot be read", file.display()))?.len();
    if size > LICENSE_BYTES_MAX as u64 {
        bail!("{} is larger than any license ({size} bytes)", file.display());
    }
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut known = keys.iter().map(|key| public_key(key)).collect::<anyhow::Result<Vec<_>>>()?;
    if known.is_empty() {
        known.push((DEMO_KEY_ID.to_owned(), lab::world::demo_signing_key().verifying_key()));
    }
    let verified = match String::from_utf8(bytes) {
        Ok(text) => verify(&text, &known),
        Err(_) => Err(domain::license::Error::Form),
    };
    match verified {
        Ok(payload) => {
            show(&payload, json)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if json => {
            println!("{}", serde_json::json!({ "good": false, "why": error.to_string() }));
            Ok(ExitCode::FAILURE)
        }
        Err(error) => bail!("{}: {error}", file.display()),
    }
}

fn show(payload: &Payload, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::json!({ "good": true, "license": payload }));
        return Ok(());
    }
    println!("Good license for {} ({}), server {}", payload.licensee, payload.account, payload.server);
    println!("Issued by {}, plan {}", payload.issuer, payload.plan.as_deref().unwrap_or("none"));
    for line in &payload.lines {
        println!(
            "  {} {} from {} until {} (exclusive), {}",
            line.quantity, line.unit, line.starts_on, line.ends_on, line.subscription
        );
    }
    if let Some(until) = payload.provisional_until {
        println!("Provisional until {until}: billing has not confirmed it yet");
    }
    Ok(())
}

fn public_key(text: &str) -> anyhow::Result<(String, VerifyingKey)> {
    let parsed = text.split_once('=').and_then(|(id, hex)| {
        let bytes = <[u8; 32]>::try_from(HEXLOWER.decode(hex.to_lowercase().as_bytes()).ok()?).ok()?;
        Some((id.to_owned(), VerifyingKey::from_bytes(&bytes).ok()?))
    });
    parsed.context("--key must be ID=HEX, with 64 hexadecimal digits of an Ed25519 public key")
}

fn new_key(file: &Path) -> anyhow::Result<ExitCode> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("this machine gives no randomness")?;
    let key = SigningKey::from_bytes(&seed);
    let opened = OpenOptions::new().write(true).create_new(true).mode(SECRET_FILE_MODE).open(file);
    let mut opened = opened
        .with_context(|| format!("{} cannot be made; choose a file that does not exist", file.display()))?;
    writeln!(opened, "{}", HEXLOWER.encode(&seed))?;
    println!("{}", HEXLOWER.encode(key.verifying_key().as_bytes()));
    eprintln!(
        "The line above is the public key. The secret key is in {}; keep it out of the repository.",
        file.display()
    );
    Ok(ExitCode::SUCCESS)
}
