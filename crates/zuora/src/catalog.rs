//! Calls about the catalog.

use crate::client::{Answer, Call, Client, page_path};
use crate::error::Error;
use crate::path::encode;
use crate::wire::{CatalogPage, Product, ProductRatePlan, ProductRatePlanPage, RatePlans};

impl Client {
    /// Reads one page of the catalog, plans and charges included; `page` is the `nextPage` of the page before.
    ///
    /// From Zuora-Version 230.0 a product only names the URL of its plans; those are fetched too, so the value is the
    /// same in both families. The body stays that of the page.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub async fn catalog(&self, page: Option<&str>) -> Result<Answer<CatalogPage>, Error> {
        let path = match page {
            None => "/v1/catalog/products?pageSize=40".to_owned(),
            Some(url) => page_path("catalog", 200, url)?,
        };
        let mut answer: Answer<CatalogPage> = self.call(Call::get("catalog", path)).await?;
        for product in &mut answer.value.products {
            if matches!(product.product_rate_plans, RatePlans::At(_)) {
                let plans = self.rate_plans(product).await?.value;
                product.product_rate_plans = RatePlans::Listed(plans);
            }
        }
        Ok(answer)
    }

    /// Reads the plans of a product.
    async fn rate_plans(&self, product: &Product) -> Result<Answer<Vec<ProductRatePlan>>, Error> {
        let first = format!("/v1/rateplan/{}/productRatePlan?pageSize=40", encode(&product.id));
        self.list("rate_plans", first, |page: ProductRatePlanPage| (page.product_rate_plans, page.next_page))
            .await
    }
}
