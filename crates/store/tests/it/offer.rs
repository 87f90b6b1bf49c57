//! Offers and the mirrored catalog.
//! Refuses to forget what is no longer sold.

use domain::offer::{CatalogCharge, Offer, OfferCharge, TrustClass};
use domain::target::TargetKind;
use sqlx::types::Json;
use store::offer;
use store::testing::databases;

use crate::sample::{at, euro, terms};

fn sample(code: &str) -> Offer {
    Offer {
        code: code.into(),
        version: 1,
        name: "Business".into(),
        product_line: "cloud".into(),
        rate_plan: "PRP-1".parse().unwrap(),
        target_kind: TargetKind::Namespace,
        trust: TrustClass::Standard,
        term_months: 12,
        plan: Some("business".into()),
        plan_rank: -20,
        add_on: true,
        sold: true,
        charges: Json(vec![OfferCharge {
            charge: "PRPC-1".parse().unwrap(),
            capability: "seats".into(),
            unit: ["seat".into(), "seats".into()],
            units_each: i64::MAX,
            lifetime_months: Some(12),
        }]),
    }
}

fn charge(number: u32, currency: &str, second: i64) -> CatalogCharge {
    CatalogCharge {
        rate_plan: "PRP-1".parse().unwrap(),
        rate_plan_id: "plan".parse().unwrap(),
        charge: format!("PRPC-{number}").parse().unwrap(),
        charge_id: format!("charge-{number}").parse().unwrap(),
        name: "Seats".into(),
        currency: currency.parse().unwrap(),
        terms: Json(terms()),
        synced_at: at(second),
    }
}

#[tokio::test]
async fn offers_come_back_by_code_and_rise_in_version() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let bare = Offer { plan: None, add_on: false, charges: Json(vec![]), ..sample("bare") };
        offer::upsert(&mut tx, &sample("seats")).await.unwrap();
        offer::upsert(&mut tx, &bare).await.unwrap();
        assert_eq!(offer::list(&mut tx).await.unwrap(), [bare.clone(), sample("seats")], "{}", db.name());
        let changed = Offer {
            name: "Enterprise".into(),
            rate_plan: "PRP-2".parse().unwrap(),
            target_kind: TargetKind::Server,
            trust: TrustClass::Never,
            term_months: 36,
            plan_rank: i32::MAX,
            ..bare.clone()
        };
        let changed = Offer { code: "seats".into(), ..changed };
        offer::upsert(&mut tx, &changed).await.unwrap();
        assert_eq!(offer::list(&mut tx).await.unwrap(), [bare, Offer { version: 2, ..changed }]);
    }
}

#[tokio::test]
async fn what_is_withdrawn_stays_known_and_can_be_sold_again() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        for code in ["kept", "withdrawn"] {
            offer::upsert(&mut tx, &sample(code)).await.unwrap();
        }
        offer::withdraw_all(&mut tx).await.unwrap();
        offer::upsert(&mut tx, &sample("kept")).await.unwrap();
        let sold: Vec<_> =
            offer::list(&mut tx).await.unwrap().into_iter().map(|offer| (offer.code, offer.sold)).collect();
        assert_eq!(sold, [("kept".into(), true), ("withdrawn".into(), false)]);
    }
}

#[tokio::test]
async fn prices_come_back_exact_and_by_currency() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert_eq!(offer::catalog_synced_at(&mut tx).await.unwrap(), None);
        for charge in [charge(2, "EUR", 5), charge(1, "EUR", 7), charge(1, "USD", 9)] {
            offer::upsert_charge(&mut tx, &charge).await.unwrap();
        }
        let charges = offer::charges(&mut tx, euro()).await.unwrap();
        assert_eq!(charges, [charge(1, "EUR", 7), charge(2, "EUR", 5)], "{}", db.name());
        assert_eq!(offer::catalog_synced_at(&mut tx).await.unwrap(), Some(at(9)));
        let currencies = offer::currencies(&mut tx).await.unwrap();
        assert_eq!(currencies, [euro(), "USD".parse().unwrap()], "{}", db.name());
        let changed = CatalogCharge {
            name: "Places".into(),
            charge_id: "other".parse().unwrap(),
            rate_plan: "PRP-9".parse().unwrap(),
            rate_plan_id: "plan-9".parse().unwrap(),
            ..charge(2, "EUR", 8)
        };
        offer::upsert_charge(&mut tx, &changed).await.unwrap();
        assert_eq!(offer::charges(&mut tx, euro()).await.unwrap(), [charge(1, "EUR", 7), changed]);
        assert!(offer::charges(&mut tx, "CHF".parse().unwrap()).await.unwrap().is_empty());
    }
}
