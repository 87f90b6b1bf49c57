//! Calls about invoices.

use crate::client::{Answer, Call, Client};
use crate::error::Error;
use crate::path::encode;
use crate::wire::{Invoice, InvoiceItem, InvoiceItemPage};

impl Client {
    /// Reads an invoice, without its items, by id or number.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`crate::Kind::NotFound`] when Zuora itself says that there is none.
    pub async fn invoice(&self, key: &str) -> Result<Answer<Invoice>, Error> {
        self.call(Call::get("invoice", format!("/v1/invoices/{}", encode(key)))).await
    }

    /// Reads all items of an invoice, page after page.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`crate::Kind::NotFound`] when Zuora itself says that there is no such invoice.
    pub async fn invoice_items(&self, key: &str) -> Result<Answer<Vec<InvoiceItem>>, Error> {
        let first = format!("/v1/invoices/{}/items?pageSize=40", encode(key));
        self.list("invoice_items", first, |page: InvoiceItemPage| (page.invoice_items, page.next_page)).await
    }
}
