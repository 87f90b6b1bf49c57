//! Offers and the mirrored catalog.
//! Refuses to forget an offer: what is no longer sold still explains what was.

use domain::offer::{CatalogCharge, Offer};
use domain::{Currency, Instant};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// Every offer that was ever applied, by code.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Offer>> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM offers ORDER BY code").fetch_all(conn).await)
        .map_err(Error::of("offer"))
}

/// Adds an offer or changes it; its version rises.
pub async fn upsert(tx: &mut Tx, offer: &Offer) -> Result<()> {
    let query = "INSERT INTO offers (code, version, name, product_line, rate_plan, target_kind, trust, term_months,
                     plan, plan_rank, add_on, sold, charges)
                 VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                 ON CONFLICT (code) DO UPDATE SET version = offers.version + 1, name = excluded.name,
                     product_line = excluded.product_line, rate_plan = excluded.rate_plan,
                     target_kind = excluded.target_kind, trust = excluded.trust, term_months = excluded.term_months,
                     plan = excluded.plan, plan_rank = excluded.plan_rank, add_on = excluded.add_on,
                     sold = excluded.sold, charges = excluded.charges";
    on!(tx, conn => sqlx::query(query)
        .bind(&offer.code).bind(&offer.name).bind(&offer.product_line).bind(&offer.rate_plan)
        .bind(offer.target_kind).bind(offer.trust).bind(offer.term_months).bind(&offer.plan)
        .bind(offer.plan_rank).bind(offer.add_on).bind(offer.sold).bind(&offer.charges)
        .execute(conn).await.map(drop))
    .map_err(Error::of("offer"))
}

/// Stops selling everything; `upsert` starts again what is still sold.
pub async fn withdraw_all(tx: &mut Tx) -> Result<()> {
    on!(tx, conn => sqlx::query("UPDATE offers SET sold = FALSE").execute(conn).await.map(drop))
        .map_err(Error::of("offer"))
}

/// The charges of the mirrored catalog in one currency.
pub async fn charges(tx: &mut ReadTx, currency: Currency) -> Result<Vec<CatalogCharge>> {
    let query = "SELECT * FROM catalog_charges WHERE currency = $1 ORDER BY charge";
    on!(tx, conn => sqlx::query_as(query).bind(currency).fetch_all(conn).await)
        .map_err(Error::of("catalog charge"))
}

/// Takes over a charge as Zuora has it.
pub async fn upsert_charge(tx: &mut Tx, charge: &CatalogCharge) -> Result<()> {
    let query = "INSERT INTO catalog_charges (charge, currency, charge_id, rate_plan, rate_plan_id, name, terms, synced_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (charge, currency) DO UPDATE SET charge_id = excluded.charge_id,
                     rate_plan = excluded.rate_plan, rate_plan_id = excluded.rate_plan_id, name = excluded.name,
                     terms = excluded.terms, synced_at = excluded.synced_at";
    on!(tx, conn => sqlx::query(query)
        .bind(&charge.charge).bind(charge.currency).bind(&charge.charge_id).bind(&charge.rate_plan)
        .bind(&charge.rate_plan_id).bind(&charge.name).bind(charge.terms).bind(charge.synced_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("catalog charge"))
}

/// When the catalog was last read; a charge that was withdrawn keeps the time when it was last there.
pub async fn catalog_synced_at(tx: &mut ReadTx) -> Result<Option<Instant>> {
    on!(tx, conn => sqlx::query_scalar("SELECT MAX(synced_at) FROM catalog_charges").fetch_one(conn).await)
        .map_err(Error::of("catalog charge"))
}

/// The currencies that the mirrored catalog has prices in.
pub async fn currencies(tx: &mut ReadTx) -> Result<Vec<Currency>> {
    let query = "SELECT DISTINCT currency FROM catalog_charges ORDER BY currency";
    on!(tx, conn => sqlx::query_scalar(query).fetch_all(conn).await).map_err(Error::of("catalog charge"))
}
