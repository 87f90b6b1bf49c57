//! Offers with their prices, kept in memory for a moment; and applying the file that defines them.
//! Refuses to sell what the catalog has no price for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::access::{Caller, Operation};
use domain::offer::{CatalogCharge, Offer, OffersFile, PricedOffer};
use domain::{Currency, Instant};
use jiff::SignedDuration;

use crate::{App, Error, Result};

/// How old offers and prices in memory may be: a change by another process counts after this.
const BOOK_LIFE: SignedDuration = SignedDuration::from_secs(10);

/// All offers and prices at one moment.
#[derive(Debug, Default)]
pub struct Offers {
    /// Every offer that ever was.
    pub offers: Vec<Offer>,
    /// The catalog by currency.
    pub charges: BTreeMap<&'static str, Vec<CatalogCharge>>,
}

/// The offers in memory, with the time when they were read.
#[derive(Debug, Default)]
pub struct Book(Mutex<Option<(Instant, Arc<Offers>)>>);

impl Book {
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Offers {
    /// The offer with its prices in a currency.
    pub fn priced(&self, offer: &Offer, currency: Currency) -> PricedOffer {
        let all = self.charges.get(currency.code()).map(Vec::as_slice).unwrap_or_default();
        let charges = all.iter().filter(|charge| charge.rate_plan == offer.rate_plan).cloned().collect();
        PricedOffer { offer: offer.clone(), charges }
    }
}

/// The offers, read anew if they are too old.
pub(crate) async fn book(app: &App) -> Result<Arc<Offers>> {
    let now = app.now();
    let kept = app.memory.offers.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((read_at, offers)) = kept
        && read_at.until(now) < BOOK_LIFE
    {
        return Ok(offers);
    }
    let mut tx = app.db.read().await?;
    let offers = store::offer::list(&mut tx).await?;
    let mut charges = BTreeMap::new();
    for currency in store::offer::currencies(&mut tx).await? {
        charges.insert(currency.code(), store::offer::charges(&mut tx, currency).await?);
    }
    let offers = Arc::new(Offers { offers, charges });
    *app.memory.offers.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, offers.clone()));
    Ok(offers)
}

/// What can be ordered in a currency.
pub async fn list(app: &App, caller: &Caller, currency: Currency) -> Result<Vec<PricedOffer>> {
    if !caller.may(Operation::OfferList, None) {
        return Err(Error::Forbidden);
    }
    let book = book(app).await?;
    let sold = book.offers.iter().filter(|offer| offer.sold).map(|offer| book.priced(offer, currency));
    Ok(sold.filter(|offer| !offer.charges.is_empty()).collect())
}

/// Makes the offers what the file says; what it does not name is no longer sold. Returns how many are.
pub async fn apply(app: &App, file: &str) -> Result<usize, String> {
    let offers = OffersFile::parse(file)?;
    let applied = async {
        let mut tx = app.db.write().await?;
        store::offer::withdraw_all(&mut tx).await?;
        for offer in &offers {
            store::offer::upsert(&mut tx, offer).await?;
        }
        tx.commit().await
    };
    applied.await.map_err(|error| Error::Store(error).chain())?;
    app.memory.offers.forget();
    Ok(offers.len())
}
