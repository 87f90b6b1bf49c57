//! Whether everything that was bought is really there: in the SaaS product's own memory, in licenses that verify.
//! Refuses an obligation's status as evidence, and a license that is only granted on trust.

use std::collections::{BTreeMap, BTreeSet};

use domain::license::{self, Payload};
use domain::offer::Offer;
use ed25519_dalek::VerifyingKey;

use crate::ledger::{self, Expected, Ledger};
use crate::saas::Namespace;

/// What targets really have.
#[derive(Debug, Clone, Default)]
pub struct Delivered {
    /// What the SaaS product knows, by target.
    pub namespaces: BTreeMap<String, Namespace>,
    /// The newest license file of each server, by target.
    pub licenses: BTreeMap<String, String>,
    /// What a license counts that billing has not confirmed yet.
    pub on_trust: OnTrust,
    /// The public keys that licenses are checked with, by their id.
    pub keys: Vec<(String, VerifyingKey)>,
}

/// What a license counts that ends soon unless billing confirms it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnTrust {
    /// Nothing: in the end everything must be confirmed.
    #[default]
    Missing,
    /// As much as any other: the customer can work with it.
    There,
}

/// What the comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provisioning {
    /// Capabilities that orders promise to a target.
    pub due: usize,
    /// Of those, the ones that the target has, in full.
    pub done: usize,
    /// What is missing, in words.
    pub findings: Vec<String>,
}

/// Compares what was bought with what is there.
pub fn provisioning(
    ledger: &Ledger,
    rejected: &BTreeSet<String>,
    offers: &[Offer],
    delivered: &Delivered,
) -> Provisioning {
    let expected = ledger::expected(ledger.bought(rejected), offers);
    let mut found = Provisioning::default();
    let mut missing: BTreeMap<&str, Expected> = BTreeMap::new();
    for (target, wanted) in &expected {
        let (lacks, words) = delivered.lacks(target, wanted);
        found.findings.extend(words);
        missing.insert(target, lacks);
    }
    for bought in ledger.bought(rejected) {
        let offer = offers.iter().find(|offer| offer.code == bought.offer);
        for charge in offer.iter().flat_map(|offer| offer.charges.iter()) {
            found.due += 1;
            let lacks = missing.get(bought.target.as_str());
            let whole = lacks.is_some_and(|lacks| {
                lacks.plan.is_none() && !lacks.capabilities.contains_key(&charge.capability)
            });
            found.done += usize::from(whole);
        }
    }
    found
}

impl Delivered {
    /// What the target lacks of what it should have, as a state and in words.
    fn lacks(&self, target: &str, wanted: &Expected) -> (Expected, Vec<String>) {
        let has = match (self.namespaces.get(target), self.licenses.get(target)) {
            (Some(namespace), _) => Ok(of_namespace(namespace)),
            (None, Some(file)) => self.of_license(target, file),
            (None, None) => Err("has nothing".to_owned()),
        };
        let has = match has {
            Ok(has) => has,
            Err(why) => return (wanted.clone(), vec![format!("{target} {why}")]),
        };
        let (mut lacks, mut words) = (Expected::default(), Vec::new());
        let plan = wanted.plan.as_ref().map(|(_, plan)| plan);
        if has.plan.as_ref() != plan {
            lacks.plan.clone_from(&wanted.plan);
            words.push(format!("{target} has the plan {:?} instead of {plan:?}", has.plan));
        }
        for (capability, quantity) in &wanted.capabilities {
            let there = has.capabilities.get(capability).copied().unwrap_or(0);
            if there != *quantity {
                lacks.capabilities.insert(capability.clone(), *quantity);
                words.push(format!("{target} has {there} {capability} instead of {quantity}"));
            }
        }
        (lacks, words)
    }

    fn of_license(&self, target: &str, file: &str) -> Result<Has, String> {
        let payload: Payload =
            license::verify(file, &self.keys).map_err(|error| format!("has no license: {error}"))?;
        if format!("server:{}", payload.server) != target {
            return Err(format!("has a license that is for {}", payload.server));
        }
        if let (Some(until), OnTrust::Missing) = (payload.provisional_until, self.on_trust) {
            return Err(format!("has a license that ends on {until} unless billing confirms it"));
        }
        let mut capabilities = BTreeMap::new();
        for line in payload.lines {
            *capabilities.entry(line.capability).or_insert(0) += line.quantity;
        }
        Ok(Has { plan: payload.plan, capabilities })
    }
}

/// What a target has.
struct Has {
    plan: Option<String>,
    capabilities: BTreeMap<String, i64>,
}

fn of_namespace(namespace: &Namespace) -> Has {
    let capabilities = namespace.capabilities.iter().map(|one| (one.capability.clone(), one.quantity));
    Has { plan: namespace.plan.clone(), capabilities: capabilities.collect() }
}

#[cfg(test)]
mod tests {
    use domain::order::{ActionKind, Settlement};
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::ledger::{Bought, Placed};
    use crate::saas::Allowance;
    use crate::world::offers;

    fn placed(number: &str, offer: &str, quantity: i64, target: &str) -> Placed {
        Placed {
            key: format!("key of {number}"),
            account: "A-1".into(),
            numbers: BTreeSet::from([number.to_owned()]),
            settlement: Settlement::Invoice,
            total: 1.into(),
            bought: Bought {
                kind: ActionKind::Subscribe,
                offer: offer.into(),
                quantity,
                subscription: format!("S-{number}"),
                target: target.into(),
            },
        }
    }

    fn ledger() -> Ledger {
        Ledger {
            placed: vec![
                placed("1", "cloud-premium", 10, "namespace:a"),
                placed("2", "cloud-business", 5, "namespace:a"),
                placed("3", "server-business", 25, "server:git-1"),
            ],
            ..Ledger::default()
        }
    }

    fn namespace(plan: &str, quantities: &[(&str, i64)]) -> Namespace {
        let allowance = |(capability, quantity): &(&str, i64)| Allowance {
            capability: (*capability).into(),
            unit: "seats".into(),
            quantity: *quantity,
            starts_on: "2026-11-12".into(),
            ends_on: "2027-11-12".into(),
        };
        Namespace {
            target: "namespace:a".into(),
            plan: Some(plan.into()),
            capabilities: quantities.iter().map(allowance).collect(),
            generation: 1,
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[3; 32])
    }

    fn license(quantity: i64, provisional: bool) -> String {
        let payload = Payload {
            issuer: "Ternlight".into(),
            account: "A-1".parse().unwrap(),
            licensee: "Brightwater Labs GmbH".into(),
            server: "git-1".into(),
            plan: Some("business".into()),
            lines: vec![license::LicenseLine {
                capability: "business-seats".into(),
                unit: "seats".into(),
                quantity,
                starts_on: "2026-11-12".parse().unwrap(),
                ends_on: "2027-11-12".parse().unwrap(),
                subscription: "S-3".parse().unwrap(),
            }],
            ends_on: "2027-11-12".parse().unwrap(),
            provisional_until: provisional.then(|| "2026-11-19T00:00:00Z".parse().unwrap()),
        };
        payload.sign("k", &key())
    }

    fn found(namespace: Namespace, license: &str) -> Provisioning {
        let delivered = Delivered {
            namespaces: BTreeMap::from([("namespace:a".to_owned(), namespace)]),
            licenses: BTreeMap::from([("server:git-1".to_owned(), license.to_owned())]),
            keys: vec![("k".to_owned(), key().verifying_key())],
            on_trust: OnTrust::Missing,
        };
        provisioning(&ledger(), &BTreeSet::new(), &offers().unwrap(), &delivered)
    }

    fn whole() -> Namespace {
        namespace("business", &[("premium-seats", 10), ("business-seats", 5)])
    }

    #[test]
    fn what_is_there_in_full_is_done() {
        assert_eq!(
            found(whole(), &license(25, false)),
            Provisioning { due: 3, done: 3, findings: Vec::new() }
        );
    }

    #[test]
    fn a_seat_less_a_plan_lower_and_a_license_on_trust_are_caught() {
        let fewer = namespace("business", &[("premium-seats", 9), ("business-seats", 5)]);
        assert_eq!(found(fewer, &license(25, false)).done, 2);
        let lower = namespace("premium", &[("premium-seats", 10), ("business-seats", 5)]);
        assert_eq!(found(lower, &license(25, false)).done, 1);
        assert_eq!(found(whole(), &license(24, false)).done, 2);
        assert_eq!(found(whole(), &license(25, true)).done, 2);
        let changed = license(25, false).replace("purser-license-1.k.e", "purser-license-1.k.f");
        let refused = found(whole(), &changed);
        assert_eq!((refused.done, refused.findings.len()), (2, 1), "{refused:?}");
    }

    #[test]
    fn a_rejected_order_promises_nothing() {
        let rejected = BTreeSet::from(["3".to_owned()]);
        let delivered = Delivered {
            namespaces: BTreeMap::from([("namespace:a".to_owned(), whole())]),
            ..Delivered::default()
        };
        let found = provisioning(&ledger(), &rejected, &offers().unwrap(), &delivered);
        assert_eq!((found.due, found.done), (2, 2));
    }
}
