//! The catalog through `/v1/object`: PascalCase fields, `Success` and `Id` in the answers.
//! Refuses to delete what still has parts, and fields that Zuora does not have.

pub(crate) mod charge;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Product, ProductRatePlan};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Series;
use crate::json::{Fields, with_custom};

fn created(id: &str) -> Value {
    json!({"Success": true, "Id": id})
}

fn deleted(found: bool, key: &str) -> Result<Value, Refusal> {
    if found { Ok(json!({"Success": true, "id": key})) } else { Err(Refusal::not_found(key)) }
}

/// Reads the fields of a product over what it was; a new one starts from nothing.
fn read_product(call: &Call, mut product: Product) -> Result<Product, Refusal> {
    let mut fields = Fields::of_body(&call.body)?;
    let new = product.number.is_empty();
    if new || fields.has("Name") {
        product.name = fields.text("Name")?;
    }
    if new || fields.has("EffectiveStartDate") {
        product.start = fields.date("EffectiveStartDate")?;
    }
    if new || fields.has("EffectiveEndDate") {
        product.end = fields.date("EffectiveEndDate")?;
    }
    if product.end < product.start {
        return Err(Refusal::invalid("EffectiveEndDate", "it lies before EffectiveStartDate"));
    }
    product.sku = fields.maybe_text("SKU")?.unwrap_or(product.sku);
    product.description = fields.maybe_text("Description")?.unwrap_or(product.description);
    product.category = fields.maybe_text("Category")?.or(product.category);
    product.custom.extend(fields.flat_custom());
    product.number = fields.maybe_text("ProductNumber")?.unwrap_or(product.number);
    product.updated = call.now;
    fields.finish(&["AllowFeatureChanges", "ItemType__NS"])?;
    Ok(product)
}

/// `POST /v1/object/product`
pub(crate) fn create_product(call: &mut Call) -> Result<Value, Refusal> {
    let blank = Product {
        id: call.tenant.ids.id(),
        number: String::new(),
        name: String::new(),
        sku: String::new(),
        description: String::new(),
        category: None,
        start: Date::ZERO,
        end: Date::ZERO,
        custom: BTreeMap::new(),
        created: call.now,
        updated: call.now,
    };
    let mut product = read_product(call, blank)?;
    if product.number.is_empty() {
        product.number = call.tenant.ids.number(Series::Product);
    }
    if product.sku.is_empty() {
        product.sku = format!("SKU-{}", product.number.trim_start_matches("PC-"));
    }
    let answer = created(&product.id);
    call.tenant.catalog.products.insert(product.id.clone(), product);
    Ok(answer)
}

/// `GET /v1/object/product/{id}`
pub(crate) fn view_product(call: &mut Call) -> Result<Value, Refusal> {
    let product = call.tenant.catalog.product(call.key(0))?;
    let body = json!({
        "Id": product.id,
        "ProductNumber": product.number,
        "SKU": product.sku,
        "Name": product.name,
        "Description": product.description,
        "Category": product.category,
        "EffectiveStartDate": product.start.to_string(),
        "EffectiveEndDate": product.end.to_string(),
        "CreatedDate": call.tenant.offset(product.created),
        "UpdatedDate": call.tenant.offset(product.updated),
    });
    Ok(with_custom(body, &product.custom))
}

/// `PUT /v1/object/product/{id}`
pub(crate) fn update_product(call: &mut Call) -> Result<Value, Refusal> {
    let product = call.tenant.catalog.product(call.key(0))?.clone();
    let product = read_product(call, product)?;
    let answer = created(&product.id);
    call.tenant.catalog.products.insert(product.id.clone(), product);
    Ok(answer)
}

/// `DELETE /v1/object/product/{id}`
pub(crate) fn delete_product(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0).to_owned();
    if call.tenant.catalog.plans_of(&key).next().is_some() {
        return Err(Refusal::rule("The product cannot be deleted: it has rate plans."));
    }
    deleted(call.tenant.catalog.products.remove(&key).is_some(), &key)
}

fn read_plan(call: &Call, mut plan: ProductRatePlan) -> Result<ProductRatePlan, Refusal> {
    let mut fields = Fields::of_body(&call.body)?;
    let new = plan.product.is_empty();
    if new {
        let key = fields.text("ProductId")?;
        let product = call.tenant.catalog.product(&key)?;
        plan.product.clone_from(&product.id);
        (plan.start, plan.end) = (product.start, product.end);
    }
    if new || fields.has("Name") {
        plan.name = fields.text("Name")?;
    }
    plan.start = fields.maybe_date("EffectiveStartDate")?.unwrap_or(plan.start);
    plan.end = fields.maybe_date("EffectiveEndDate")?.unwrap_or(plan.end);
    plan.description = fields.maybe_text("Description")?.unwrap_or(plan.description);
    plan.number = fields.maybe_text("ProductRatePlanNumber")?.unwrap_or(plan.number);
    plan.custom.extend(fields.flat_custom());
    plan.updated = call.now;
    fields.finish(&["ActiveCurrencies", "ExternallyManagedPlanIds", "Grade"])?;
    Ok(plan)
}

/// `POST /v1/object/product-rate-plan`
pub(crate) fn create_plan(call: &mut Call) -> Result<Value, Refusal> {
    let blank = ProductRatePlan {
        id: call.tenant.ids.id(),
        number: String::new(),
        product: String::new(),
        name: String::new(),
        description: String::new(),
        start: Date::ZERO,
        end: Date::ZERO,
        custom: BTreeMap::new(),
        created: call.now,
        updated: call.now,
    };
    let mut plan = read_plan(call, blank)?;
    if plan.number.is_empty() {
        plan.number = call.tenant.ids.number(Series::ProductRatePlan);
    }
    let answer = created(&plan.id);
    call.tenant.catalog.plans.insert(plan.id.clone(), plan);
    Ok(answer)
}

/// `GET /v1/object/product-rate-plan/{id}`
pub(crate) fn view_plan(call: &mut Call) -> Result<Value, Refusal> {
    let plan = call.tenant.catalog.plan(call.key(0))?;
    let body = json!({
        "Id": plan.id,
        "ProductRatePlanNumber": plan.number,
        "ProductId": plan.product,
        "Name": plan.name,
        "Description": plan.description,
        "EffectiveStartDate": plan.start.to_string(),
        "EffectiveEndDate": plan.end.to_string(),
        "CreatedDate": call.tenant.offset(plan.created),
        "UpdatedDate": call.tenant.offset(plan.updated),
    });
    Ok(with_custom(body, &plan.custom))
}

/// `PUT /v1/object/product-rate-plan/{id}`
pub(crate) fn update_plan(call: &mut Call) -> Result<Value, Refusal> {
    let plan = call.tenant.catalog.plan(call.key(0))?.clone();
    let plan = read_plan(call, plan)?;
    let answer = created(&plan.id);
    call.tenant.catalog.plans.insert(plan.id.clone(), plan);
    Ok(answer)
}

/// `DELETE /v1/object/product-rate-plan/{id}`
pub(crate) fn delete_plan(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0).to_owned();
    if call.tenant.catalog.charges_of(&key).next().is_some() {
        return Err(Refusal::rule("The rate plan cannot be deleted: it has charges."));
    }
    deleted(call.tenant.catalog.plans.remove(&key).is_some(), &key)
}
