//! Licenses of self-managed servers: a canonical payload, signed with Ed25519, checked without a network.
//! Refuses anything that is not byte for byte what was signed; holds no wall clock, so the same entitlement is the same license.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::entitlement::Granted;
use crate::target::Target;
use crate::{AccountNumber, Day, Instant, SubscriptionNumber};

/// The first word of a license file; the number rises when the form changes.
const FORM: &str = "purser-license-1";

/// The longest file that is looked at.
pub const LICENSE_BYTES_MAX: usize = 64 * 1024;

/// What is signed. Field order is part of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// Who sold it.
    pub issuer: String,
    /// Whose it is.
    pub account: AccountNumber,
    /// The company's name.
    pub licensee: String,
    /// The server it is for.
    pub server: String,
    /// The plan of the server.
    pub plan: Option<String>,
    /// What it allows and when; several lines of one capability add up.
    pub lines: Vec<LicenseLine>,
    /// The day after the last day on which anything in it counts.
    pub ends_on: Day,
    /// Set while billing has not confirmed it: it ends then, and a longer one replaces it.
    pub provisional_until: Option<Instant>,
}

/// One allowance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseLine {
    /// The capability.
    pub capability: String,
    /// What is counted.
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// The first day.
    pub starts_on: Day,
    /// The day after the last.
    pub ends_on: Day,
    /// Where it comes from.
    pub subscription: SubscriptionNumber,
}

/// A license as it is stored: its bytes never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct License {
    /// Hexadecimal SHA-256 of the payload.
    pub hash: String,
    /// Whose it is.
    pub account_id: crate::AccountId,
    /// What it is for.
    pub target: Target,
    /// The file.
    pub file: String,
    /// When it was made; the newest of a target counts.
    pub issued_at: Instant,
}

/// Why a file is not a license that we signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not in the form of a license file.
    #[error("this is not a license file, or it was changed; download it again")]
    Form,
    /// Signed with a key that the verifier does not have.
    #[error("the license was signed with the key {0:?}, which is not among the given public keys")]
    UnknownKey(String),
    /// The signature does not fit the payload.
    #[error("the license was changed after it was signed; download it again")]
    Signature,
}

/// Who is licensed, besides what.
#[derive(Debug, Clone)]
pub struct Licensee<'a> {
    /// Who sells.
    pub issuer: &'a str,
    /// The account's number.
    pub account: &'a AccountNumber,
    /// The company's name.
    pub name: &'a str,
}

impl Payload {
    /// The license for a server's lines; `None` if it has none.
    pub fn of(
        licensee: &Licensee<'_>,
        target: &Target,
        plan: Option<String>,
        granted: &[Granted],
    ) -> Option<Payload> {
        let line = |granted: &Granted| LicenseLine {
            capability: granted.capability.clone(),
            unit: granted.unit.clone(),
            quantity: granted.quantity,
            starts_on: granted.starts_on,
            ends_on: granted.ends_on,
            subscription: granted.subscription.clone(),
        };
        Some(Payload {
            issuer: licensee.issuer.to_owned(),
            account: licensee.account.clone(),
            licensee: licensee.name.to_owned(),
            server: target.name.clone(),
            plan,
            lines: granted.iter().map(line).collect(),
            ends_on: granted.iter().map(|line| line.ends_on).max()?,
            provisional_until: granted.iter().filter_map(|line| line.trust_until).min(),
        })
    }

    fn canonical(&self) -> Vec<u8> {
        // Structs serialize in declared order and without spaces; nothing in a payload can fail to serialize.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The license's identity: the same entitlement is the same license.
    pub fn hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.canonical()))
    }

    /// The signed file.
    pub fn sign(&self, key_id: &str, key: &SigningKey) -> String {
        let payload = self.canonical();
        let signature = key.sign(&signed_bytes(key_id, &payload));
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        format!("{FORM}.{key_id}.{}.{}\n", encode(&payload), encode(&signature.to_bytes()))
    }
}

/// Checks a file against public keys by their id. Time is the caller's question: see [`Payload::ends_on`].
pub fn verify(file: &str, keys: &[(String, VerifyingKey)]) -> Result<Payload, Error> {
    let line = file.strip_suffix('\n').ok_or(Error::Form)?;
    let parts: Vec<&str> = line.split('.').collect();
    let [FORM, key_id, payload, signature] = parts[..] else { return Err(Error::Form) };
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).map_err(|_| Error::Form)?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| Error::Form)?;
    let signature = Signature::from_slice(&signature).map_err(|_| Error::Form)?;
    let known = keys.iter().find(|(id, _)| id == key_id);
    let (_, key) = known.ok_or_else(|| Error::UnknownKey(key_id.chars().take(32).collect()))?;
    key.verify_strict(&signed_bytes(key_id, &payload), &signature).map_err(|_| Error::Signature)?;
    serde_json::from_slice(&payload).map_err(|_| Error::Form)
}

/// The key's id and the form are signed with the payload, so that neither can be exchanged.
fn signed_bytes(key_id: &str, payload: &[u8]) -> Vec<u8> {
    [FORM.as_bytes(), b".", key_id.as_bytes(), b".", payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload() -> Payload {
        Payload {
            issuer: "Ternlight".into(),
            account: "A-1".parse().unwrap(),
            licensee: "Brightwater Labs GmbH".into(),
            server: "git-1".into(),
            plan: Some("business".into()),
            lines: vec![LicenseLine {
                capability: "business-seats".into(),
                unit: "seats".into(),
                quantity: 25,
                starts_on: "2026-04-18".parse().unwrap(),
                ends_on: "2027-04-18".parse().unwrap(),
                subscription: "A-S1".parse().unwrap(),
            }],
            ends_on: "2027-04-18".parse().unwrap(),
            provisional_until: None,
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    #[test]
    fn a_signed_license_verifies_and_says_what_was_signed() {
        let file = payload().sign("k1", &key());
        let keys = [
            ("k0".to_owned(), SigningKey::from_bytes(&[1; 32]).verifying_key()),
            ("k1".to_owned(), key().verifying_key()),
        ];
        assert_eq!(verify(&file, &keys).unwrap(), payload());
        assert_eq!(payload().sign("k1", &key()), file, "the same entitlement is the same file");
    }

    #[test]
    fn a_license_with_one_byte_changed_is_refused_wherever_the_byte_is() {
        let file = payload().sign("k1", &key());
        let keys = [("k1".to_owned(), key().verifying_key())];
        for index in 0..file.len() {
            for flip in [1u8, 0x20] {
                let mut bytes = file.clone().into_bytes();
                bytes[index] ^= flip;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert!(verify(&changed, &keys).is_err(), "byte {index}");
            }
            assert!(verify(&file[..index], &keys).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn a_foreign_key_is_named() {
        let file = payload().sign("old", &key());
        assert_eq!(
            verify(&file, &[("k1".into(), key().verifying_key())]),
            Err(Error::UnknownKey("old".into()))
        );
    }
}
