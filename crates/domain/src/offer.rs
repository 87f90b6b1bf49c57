//! What can be sold and what it provisions: data, loaded from `offers.toml`, priced from the mirrored catalog.
//! Refuses prices of its own: Zuora's catalog is the source.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::target::TargetKind;
use crate::text::as_text;
use crate::{ChargeNumber, Currency, Instant, RatePlanNumber, ZuoraId};

/// Whether an offer may be granted before billing confirms it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustClass {
    /// Granted at once to accounts that have been billed before, within the exposure limits.
    Standard,
    /// Granted at once to everybody, within the exposure limits.
    Open,
    /// Never granted before billing confirms.
    Never,
}
as_text!(
    enum TrustClass {
        Standard = "standard",
        Open = "open",
        Never = "never",
    }
);

/// One thing that can be sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Offer {
    /// The code that callers order by.
    pub code: String,
    /// Rises with every applied change.
    pub version: i64,
    /// As customers read it.
    pub name: String,
    /// The product line that tokens and policies name.
    pub product_line: String,
    /// The product rate plan in Zuora.
    pub rate_plan: RatePlanNumber,
    /// What kind of target it needs.
    pub target_kind: TargetKind,
    /// Whether it may be granted on trust.
    pub trust: TrustClass,
    /// Months of a new subscription's term.
    pub term_months: i32,
    /// The plan that the target shows; the highest rank of all active lines wins.
    pub plan: Option<String>,
    /// See `plan`.
    pub plan_rank: i32,
    /// Whether it can only be added to a subscription that exists.
    pub add_on: bool,
    /// Whether it can be bought now.
    pub sold: bool,
    /// What each charge provisions.
    pub charges: Json<Vec<OfferCharge>>,
}

/// What one charge of an offer provisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferCharge {
    /// The product rate plan charge in Zuora.
    pub charge: ChargeNumber,
    /// The capability, `business-seats`.
    pub capability: String,
    /// As customers read it, one and many: `seat`, `seats`.
    pub unit: [String; 2],
    /// How many units of the capability one unit of the charge gives.
    #[serde(default = "one")]
    pub units_each: i64,
    /// How long the grant lasts; the term if absent.
    #[serde(default)]
    pub lifetime_months: Option<i32>,
}

fn one() -> i64 {
    1
}

/// A charge of the mirrored catalog, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct CatalogCharge {
    /// The product rate plan's number.
    pub rate_plan: RatePlanNumber,
    /// The product rate plan's id, which orders carry.
    pub rate_plan_id: ZuoraId,
    /// The charge's number.
    pub charge: ChargeNumber,
    /// The charge's id, which orders carry.
    pub charge_id: ZuoraId,
    /// As Zuora prints it on invoices.
    pub name: String,
    /// The price's currency.
    pub currency: Currency,
    /// When and how it is charged.
    pub terms: Json<ChargeTerms>,
    /// When it was read from Zuora.
    pub synced_at: Instant,
}

/// When and how a charge is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeTerms {
    /// Once, or every so often.
    pub charge: rating::Charge,
    /// Flat, or for each unit.
    pub price: rating::Price,
}

/// An offer with its prices in the account's currency: all that a decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedOffer {
    /// What is sold.
    pub offer: Offer,
    /// Its charges in that currency; empty if it is not sold in it.
    pub charges: Vec<CatalogCharge>,
}

impl PricedOffer {
    /// What the charge of that number provisions.
    pub fn provisions(&self, charge: &ChargeNumber) -> Option<&OfferCharge> {
        self.offer.charges.iter().find(|mapped| &mapped.charge == charge)
    }

    /// The price of one unit a year or once, for lists.
    pub fn unit_price(&self) -> Option<Decimal> {
        self.charges.first().map(|charge| charge.terms.price.unit())
    }
}

/// The file that `purser offer apply` reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffersFile {
    /// All offers; what is missing from the file is no longer sold.
    pub offer: Vec<OfferEntry>,
}

/// One offer in the file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferEntry {
    /// See [`Offer`].
    pub code: String,
    /// See [`Offer`].
    pub name: String,
    /// See [`Offer`].
    pub product_line: String,
    /// See [`Offer`].
    pub rate_plan: RatePlanNumber,
    /// See [`Offer`].
    pub target_kind: TargetKind,
    /// See [`Offer`].
    pub trust: TrustClass,
    /// See [`Offer`].
    #[serde(default = "year")]
    pub term_months: i32,
    /// See [`Offer`].
    #[serde(default)]
    pub plan: Option<String>,
    /// See [`Offer`].
    #[serde(default)]
    pub plan_rank: i32,
    /// See [`Offer`].
    #[serde(default)]
    pub add_on: bool,
    /// See [`Offer`].
    pub charge: Vec<OfferCharge>,
}

fn year() -> i32 {
    12
}

impl OffersFile {
    /// Reads and checks the file; the error names line and key.
    pub fn parse(text: &str) -> Result<Vec<Offer>, String> {
        let file: OffersFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut codes = std::collections::BTreeSet::new();
        for entry in &file.offer {
            if !codes.insert(&entry.code) {
                return Err(format!("the offer {} stands twice in the file; keep one", entry.code));
            }
            if entry.charge.is_empty() {
                return Err(format!("the offer {} maps no charge; add [[offer.charge]]", entry.code));
            }
            entry.check_numbers()?;
        }
        Ok(file.offer.into_iter().map(OfferEntry::into_offer).collect())
    }
}

/// The longest term and lifetime: longer ones are typing errors.
const MONTHS_MAX: i32 = 120;

/// The most units that one unit of a charge gives, so that no real quantity of them overflows.
const UNITS_EACH_MAX: i64 = 1_000_000_000;

impl OfferEntry {
    fn check_numbers(&self) -> Result<(), String> {
        let months = 1..=MONTHS_MAX;
        let code = &self.code;
        if !months.contains(&self.term_months) {
            return Err(format!("the offer {code} has a term_months that is not from 1 to {MONTHS_MAX}"));
        }
        for charge in &self.charge {
            if !(1..=UNITS_EACH_MAX).contains(&charge.units_each) {
                return Err(format!(
                    "the offer {code} has a units_each that is not from 1 to {UNITS_EACH_MAX}"
                ));
            }
            if charge.lifetime_months.is_some_and(|lifetime| !months.contains(&lifetime)) {
                return Err(format!(
                    "the offer {code} has a lifetime_months that is not from 1 to {MONTHS_MAX}"
                ));
            }
        }
        Ok(())
    }

    fn into_offer(self) -> Offer {
        Offer {
            code: self.code,
            version: 0,
            name: self.name,
            product_line: self.product_line,
            rate_plan: self.rate_plan,
            target_kind: self.target_kind,
            trust: self.trust,
            term_months: self.term_months,
            plan: self.plan,
            plan_rank: self.plan_rank,
            add_on: self.add_on,
            sold: true,
            charges: Json(self.charge),
        }
    }
}
