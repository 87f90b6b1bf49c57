//! A catalog to start from: what the seller Ternlight offers, made through the API's own operations.
//! Refuses accounts and orders: those are what a demo is for.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Emulator;
use crate::call::{Address, Call};
use crate::catalog::crud;
use crate::error::Refusal;
use crate::route::Handler;
use crate::version::Version;

/// One product with one rate plan and one charge.
struct Offer {
    product: &'static str,
    plan: &'static str,
    charge: &'static str,
    uom: &'static str,
    kind: Kind,
    eur: &'static str,
    usd: &'static str,
}

enum Kind {
    AnnualPerUnit,
    AnnualFlatFee,
    OneTimePerUnit,
}

/// In the order of their numbers: the first is `PRP-00000001` with `PRPC-00000001`.
const TERNLIGHT: &[Offer] = &[
    Offer {
        product: "Ternlight Cloud Business",
        plan: "Business Annual",
        charge: "Business seats",
        uom: "Seat",
        kind: Kind::AnnualPerUnit,
        eur: "348.00",
        usd: "384.00",
    },
    Offer {
        product: "Ternlight Cloud Premium",
        plan: "Premium Annual",
        charge: "Premium seats",
        uom: "Seat",
        kind: Kind::AnnualPerUnit,
        eur: "228.00",
        usd: "252.00",
    },
    Offer {
        product: "Review Assist",
        plan: "Review Assist Annual",
        charge: "Review Assist seats",
        uom: "Seat",
        kind: Kind::AnnualPerUnit,
        eur: "180.00",
        usd: "198.00",
    },
    Offer {
        product: "Compute minutes",
        plan: "Compute minutes 10,000 pack",
        charge: "10,000 compute minutes",
        uom: "Pack",
        kind: Kind::OneTimePerUnit,
        eur: "90.00",
        usd: "99.00",
    },
    Offer {
        product: "Ternlight Server Business",
        plan: "Server Business Annual",
        charge: "Server seats",
        uom: "Seat",
        kind: Kind::AnnualPerUnit,
        eur: "288.00",
        usd: "318.00",
    },
    Offer {
        product: "Storage",
        plan: "Storage 100 GB Annual",
        charge: "Storage 100 GB",
        uom: "Each",
        kind: Kind::AnnualFlatFee,
        eur: "240.00",
        usd: "264.00",
    },
];

/// Why a catalog could not be made; only a catalog that is already there can be in the way.
#[derive(Debug, thiserror::Error)]
#[error("the demo catalog was refused: {0}")]
pub struct SeedError(String);

impl From<Refusal> for SeedError {
    fn from(refusal: Refusal) -> SeedError {
        SeedError(refusal.message)
    }
}

/// The dates between which everything is on sale.
const ON_SALE: (&str, &str) = ("2016-01-01", "2099-12-31");

/// Builds Ternlight's catalog: six products, priced in EUR and USD.
///
/// Billing periods are counted from the start of the term, so that whatever is added later ends with it.
pub fn demo(emulator: &mut Emulator, now: Timestamp) -> Result<(), SeedError> {
    for offer in TERNLIGHT {
        let product = json!({
            "Name": offer.product,
            "EffectiveStartDate": ON_SALE.0,
            "EffectiveEndDate": ON_SALE.1,
        });
        let product = create(emulator, crud::create_product, product, now)?;
        let plan = json!({"ProductId": product, "Name": offer.plan});
        let plan = create(emulator, crud::create_plan, plan, now)?;
        create(emulator, crud::charge::create, charge(offer, &plan), now)?;
    }
    Ok(())
}

fn charge(offer: &Offer, plan: &Value) -> Value {
    let tier = |currency: &str, price: &str| json!({"Currency": currency, "Price": price, "PriceFormat": "Per Unit", "StartingUnit": 0});
    let mut charge = json!({
        "ProductRatePlanId": plan,
        "Name": offer.charge,
        "UOM": offer.uom,
        "ChargeType": "Recurring",
        "ChargeModel": "Per Unit Pricing",
        "BillingPeriod": "Annual",
        "BillingTiming": "In Advance",
        "BillingPeriodAlignment": "AlignToTermStart",
        "BillCycleType": "TermStartDay",
        "TriggerEvent": "ContractEffective",
        "DefaultQuantity": 1,
        "ProductRatePlanChargeTierData": {
            "ProductRatePlanChargeTier": [tier("EUR", offer.eur), tier("USD", offer.usd)],
        },
    });
    match offer.kind {
        Kind::AnnualPerUnit => {}
        Kind::AnnualFlatFee => {
            charge["ChargeModel"] = json!("Flat Fee Pricing");
            charge["DefaultQuantity"] = Value::Null;
        }
        Kind::OneTimePerUnit => {
            charge["ChargeType"] = json!("OneTime");
            charge["BillingPeriod"] = Value::Null;
        }
    }
    charge
}

/// Runs one operation of the API, without a wire and without a token.
fn create(
    emulator: &mut Emulator,
    handler: Handler,
    body: Value,
    now: Timestamp,
) -> Result<Value, SeedError> {
    let mut call = Call {
        tenant: &mut emulator.tenant,
        now,
        version: Version::OLDEST,
        keys: Vec::new(),
        query: Vec::new(),
        body,
        address: Address::default(),
    };
    let answer = handler(&mut call)?;
    Ok(answer["Id"].clone())
}
