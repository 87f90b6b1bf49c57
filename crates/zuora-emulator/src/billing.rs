//! A bill run over subscriptions: what is due up to a target date, charges and credits alike.
//! Refuses to invoice a day twice: every segment remembers how far it was charged.

use jiff::civil::Date;
use rating::{Item, Period, Rounding};

use crate::error::Refusal;
use crate::subscription::{Charge, RatePlan, Segment, Subscription};
use crate::tenant::Tenant;

/// One line that a bill run makes, before it is put on a document.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) subscription: String,
    pub(crate) subscription_number: String,
    pub(crate) charge: String,
    pub(crate) charge_number: String,
    pub(crate) charge_name: String,
    pub(crate) charge_type: &'static str,
    pub(crate) product_rate_plan_charge: String,
    pub(crate) product_rate_plan: String,
    pub(crate) uom: Option<String>,
    pub(crate) item: Item,
}

/// Charges a subscription through `target` and credits what was charged beyond a cut.
pub(crate) fn bill(
    subscription: &mut Subscription,
    target: Date,
    rounding: &Rounding,
) -> Result<Vec<Line>, Refusal> {
    let mut lines = Vec::new();
    let (id, number) = (subscription.id.clone(), subscription.number.clone());
    let currency = subscription.currency;
    for plan in &mut subscription.plans {
        let product_rate_plan = plan.product_rate_plan.clone();
        for charge in &mut plan.charges {
            for index in 0..charge.segments.len() {
                let due = due(charge, index, target, (currency, rounding))?;
                let segment = &mut charge.segments[index];
                segment.charged_through = due.through.or(segment.charged_through);
                lines.extend(due.items.into_iter().map(|item| Line {
                    subscription: id.clone(),
                    subscription_number: number.clone(),
                    charge: charge.segments[index].id.clone(),
                    charge_number: charge.number.clone(),
                    charge_name: charge.name.clone(),
                    charge_type: charge.charge_type.name(),
                    product_rate_plan_charge: charge.product_rate_plan_charge.clone(),
                    product_rate_plan: product_rate_plan.clone(),
                    uom: charge.uom.clone(),
                    item,
                }));
            }
        }
    }
    Ok(lines)
}

/// What a segment owes, and up to when it will have been charged.
struct Due {
    items: Vec<Item>,
    through: Option<Date>,
}

fn due(
    charge: &Charge,
    index: usize,
    target: Date,
    money: (rating::Currency, &Rounding),
) -> Result<Due, Refusal> {
    let (currency, rounding) = money;
    let segment: &Segment = &charge.segments[index];
    let kind = charge.charge_type.rated();
    let charged = segment.charged_through.unwrap_or(segment.start);
    if charged > segment.end {
        // The old terms, up to where they were charged: the same full periods give the same daily price back.
        let terms = charge.rated(segment, charged);
        let window = Period::new(segment.end, charged)?;
        let charged_then = rating::items(&kind, &terms, window, currency, rounding)?;
        let items = charged_then.into_iter().map(Item::negated).collect::<Result<_, _>>()?;
        return Ok(Due { items, through: Some(segment.end) });
    }
    let terms = charge.rated(segment, segment.end);
    let through = rating::billed_through(&kind, &terms, target)?;
    if through <= charged {
        return Ok(Due { items: Vec::new(), through: None });
    }
    let window = Period::new(charged, through)?;
    Ok(Due { items: rating::items(&kind, &terms, window, currency, rounding)?, through: Some(through) })
}

/// The name of the product behind a line, as invoices print it.
pub(crate) fn product_name(tenant: &Tenant, product_rate_plan: &str) -> (String, String) {
    let product =
        tenant.catalog.plan(product_rate_plan).and_then(|plan| tenant.catalog.product(&plan.product));
    product.map_or_else(
        |_| (String::new(), String::new()),
        |product| (product.name.clone(), product.sku.clone()),
    )
}

/// Whether a plan still has a day of service at all.
pub(crate) fn is_live(plan: &RatePlan) -> bool {
    plan.charges.iter().flat_map(|charge| &charge.segments).any(|segment| segment.end > segment.start)
}
