//! Reading Zuora's catalog: the prices that orders are decided with.
//! Refuses to drop what it cannot read: it says so, and the offer is then not sold.

use domain::offer::CatalogCharge;
use store::Tx;
use store::job::Job;
use store::lane::Lease;

use crate::sync::asked;
use crate::{App, Result, mirror};

/// Pages of the catalog; 40 products each.
const PAGES_MAX: usize = 250;

/// Reads the whole catalog.
pub(crate) async fn run(app: &App, lease: &Lease, job: &Job) -> Result<()> {
    let charges = read(app).await?;
    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    save(&mut tx, &charges).await?;
    store::job::finish(&mut tx, lease, job.id, app.now()).await?;
    tx.commit().await?;
    app.memory.offers.forget();
    Ok(())
}

/// Reads the whole catalog now, for something that was bought and is not in the copy yet.
pub(crate) async fn refresh(app: &App) -> Result<()> {
    let charges = read(app).await?;
    let mut tx = app.db.write().await?;
    save(&mut tx, &charges).await?;
    tx.commit().await?;
    app.memory.offers.forget();
    Ok(())
}

async fn read(app: &App) -> Result<Vec<CatalogCharge>> {
    let mut page: Option<String> = None;
    let mut charges = Vec::new();
    for _ in 0..PAGES_MAX {
        let answer = asked(app, app.zuora.catalog(page.as_deref()).await)?;
        for product in &answer.value.products {
            let (read, unknown) = mirror::catalog(product, app.now());
            charges.extend(read);
            for what in unknown {
                tracing::warn!(what, "a charge of the catalog is not understood and cannot be sold");
            }
        }
        page = answer.value.next_page;
        if page.is_none() {
            break;
        }
    }
    Ok(charges)
}

async fn save(tx: &mut Tx, charges: &[CatalogCharge]) -> Result<()> {
    for charge in charges {
        store::offer::upsert_charge(tx, charge).await?;
    }
    Ok(())
}
