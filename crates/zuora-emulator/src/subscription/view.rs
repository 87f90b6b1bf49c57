//! How subscriptions are shown: one version, all of an account, with the segments that are asked for.
//! Refuses to show a version that never was.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Charge, RatePlan, Segment, Subscription, TermLength};
use crate::account;
use crate::call::{Call, with_next};
use crate::catalog::{ChargeModel, ChargeType};
use crate::error::{Category, Refusal};
use crate::json::{number, with_custom};
use crate::tenant::Tenant;

/// Which segments of a charge a caller wants.
#[derive(Debug, Clone, Copy)]
enum Detail {
    Last,
    On(Date),
    All,
}

/// Zuora's metrics have at most this many decimals.
const METRIC_DECIMALS: u32 = 9;

fn metric(exact: Decimal) -> Value {
    number(exact.round_dp(METRIC_DECIMALS).normalize())
}

fn date(date: Option<Date>) -> Option<String> {
    date.map(|date| date.to_string())
}

impl TermLength {
    fn period_type(&self) -> &'static str {
        self.unit.name()
    }
}

impl Subscription {
    /// The status of the latest version.
    pub(crate) fn status(&self) -> &'static str {
        if self.cancelled.is_some() { "Cancelled" } else { "Active" }
    }

    /// The status as rows show it: a version that was superseded has expired.
    pub(crate) fn row_status(&self, tenant: &Tenant) -> &'static str {
        if self.is_latest(tenant) { self.status() } else { "Expired" }
    }

    pub(crate) fn is_latest(&self, tenant: &Tenant) -> bool {
        tenant.subscriptions.get(&self.number).is_some_and(|latest| latest.id == self.id)
    }

    fn history(&self) -> Vec<Value> {
        let entry = |start: Date, end: Option<Date>, status: &str| json!({"startDate": start.to_string(), "endDate": date(end), "status": status});
        match (self.cancelled, self.term_end) {
            (Some(day), _) if day <= self.start => vec![entry(day, None, "Cancelled")],
            (Some(day), _) => vec![entry(self.start, Some(day), "Active"), entry(day, None, "Cancelled")],
            (None, Some(end)) => vec![entry(self.start, Some(end), "Active"), entry(end, None, "OutOfTerm")],
            (None, None) => vec![entry(self.start, None, "Active")],
        }
    }

    /// The contract over its whole term, quantity times price of every charge.
    fn total_contracted_value(&self) -> Decimal {
        let charges = self.plans.iter().flat_map(|plan| &plan.charges);
        let segments =
            charges.flat_map(|charge| charge.segments.iter().map(move |segment| (charge, segment)));
        segments.filter_map(|(charge, segment)| charge.value(segment)).sum()
    }

    fn contracted_mrr(&self) -> Decimal {
        let charges = self.plans.iter().flat_map(|plan| &plan.charges);
        charges.filter_map(|charge| charge.mrr(charge.segments.last()?)).sum()
    }

    fn shown(&self, tenant: &Tenant, detail: Detail) -> Value {
        let owner = tenant.accounts.get(&self.account);
        let payer = tenant.accounts.get(&self.invoice_account);
        let plans: Vec<Value> = self.plans.iter().map(|plan| plan.shown(self, tenant, detail)).collect();
        let body = json!({
            "id": self.id,
            "accountId": self.account,
            "accountNumber": owner.map(|owner| &owner.number),
            "accountName": owner.map(|owner| &owner.name),
            "invoiceOwnerAccountId": self.invoice_account,
            "invoiceOwnerAccountNumber": payer.map(|payer| &payer.number),
            "invoiceOwnerAccountName": payer.map(|payer| &payer.name),
            "subscriptionNumber": self.number,
            "version": self.version,
            "revision": format!("{}.0", self.version),
            "isLatestVersion": self.is_latest(tenant),
            "termType": if self.term_end.is_some() { "TERMED" } else { "EVERGREEN" },
            "invoiceSeparately": self.invoice_separately,
            "contractEffectiveDate": self.contract_effective.to_string(),
            "serviceActivationDate": self.service_activation.unwrap_or(self.contract_effective).to_string(),
            "customerAcceptanceDate": self.customer_acceptance.unwrap_or(self.contract_effective).to_string(),
            "subscriptionStartDate": self.start.to_string(),
            "subscriptionEndDate": date(self.end()),
            "lastBookingDate": self.booked.to_string(),
            "termStartDate": self.start.to_string(),
            "termEndDate": date(self.term_end),
            "initialTerm": self.initial_term.period,
            "initialTermPeriodType": self.initial_term.period_type(),
            "currentTerm": self.initial_term.period,
            "currentTermPeriodType": self.initial_term.period_type(),
            "autoRenew": self.auto_renew,
            "renewalSetting": self.renewal_setting,
            "renewalTerm": self.renewal_term.period,
            "renewalTermPeriodType": self.renewal_term.period_type(),
            "currency": self.currency.code(),
            "contractedMrr": metric(self.contracted_mrr()),
            "totalContractedValue": metric(self.total_contracted_value()),
            "notes": self.notes,
            "status": self.row_status(tenant),
            "billToContact": null,
            "soldToContact": null,
            "paymentTerm": null,
            "invoiceTemplateId": null,
            "sequenceSetId": null,
            "invoiceGroupNumber": null,
            "externallyManagedBy": null,
            "cancelReason": self.cancel_reason,
            "orderNumber": self.order,
            "statusHistory": self.history(),
            "createTime": tenant.local(self.created),
            "updateTime": tenant.local(self.updated),
            "ratePlans": plans,
        });
        with_custom(body, &self.custom)
    }
}

impl RatePlan {
    fn shown(&self, subscription: &Subscription, tenant: &Tenant, detail: Detail) -> Value {
        let plan = tenant.catalog.plan(&self.product_rate_plan).ok();
        let product = plan.and_then(|plan| tenant.catalog.product(&plan.product).ok());
        let charges: Vec<Value> =
            self.charges.iter().filter_map(|charge| charge.shown(subscription, tenant, detail)).collect();
        let body = json!({
            "id": self.id,
            "originalRatePlanId": self.original,
            "lastChangeType": self.last_change,
            "productId": product.map(|product| &product.id),
            "productName": product.map(|product| &product.name),
            "productSku": product.map(|product| &product.sku),
            "productRatePlanId": self.product_rate_plan,
            "productRatePlanNumber": plan.map(|plan| &plan.number),
            "ratePlanName": plan.map(|plan| &plan.name),
            "subscriptionProductFeatures": [],
            "externallyManagedPlanId": null,
            "subscriptionRatePlanNumber": self.number,
            "isFromExternalCatalog": false,
            "ratePlanCharges": charges,
        });
        with_custom(body, &self.custom)
    }
}

impl Charge {
    /// What a segment is worth for the days it lasts, unrounded; none for an evergreen one.
    fn value(&self, segment: &Segment) -> Option<Decimal> {
        let full = segment.price.checked_mul(segment.quantity.unwrap_or(Decimal::ONE))?;
        match self.charge_type {
            ChargeType::OneTime => Some(full).filter(|_| segment.end > segment.start),
            ChargeType::Recurring(period) => {
                let window = rating::Period { start: segment.start, end: segment.end };
                // An evergreen segment is worth nothing in total until it ends.
                (segment.end < super::FOREVER).then_some(())?;
                let year = period.containing(self.anchor, segment.start).ok()?;
                full.checked_mul(window.days().into())?.checked_div(year.days().into())
            }
        }
    }

    /// What a segment brings in a month.
    fn mrr(&self, segment: &Segment) -> Option<Decimal> {
        let rating::Charge::Recurring { every } = self.charge_type.rated() else { return None };
        let full = segment.price.checked_mul(segment.quantity.unwrap_or(Decimal::ONE))?;
        (segment.end > segment.start).then_some(())?;
        full.checked_div(every.months().into())
    }

    fn shown(&self, subscription: &Subscription, tenant: &Tenant, detail: Detail) -> Option<Value> {
        let live = || self.segments.iter().filter(|segment| segment.end > segment.start);
        // A charge of which no day is left (cancelled on its first day) still shows its last segment.
        let last = live().next_back().or(self.segments.last());
        let segment = match detail {
            Detail::Last | Detail::All => last?,
            Detail::On(day) => self.on(day)?,
        };
        let recurring = self.charge_type != ChargeType::OneTime;
        let listed = tenant.catalog.charges.get(&self.product_rate_plan_charge);
        let mut body = self.segment_shown(segment, subscription);
        let fixed = json!({
            "originalChargeId": self.original,
            "productRatePlanChargeId": self.product_rate_plan_charge,
            "productRatePlanChargeNumber": listed.map(|listed| &listed.number),
            "number": self.number,
            "name": self.name,
            "type": self.charge_type.name(),
            "model": self.model.name(),
            "uom": self.uom,
            "version": segment.version,
            "billingDay": self.bill_cycle_type,
            "billingPeriod": self.charge_type.billing_period(),
            "billingTiming": recurring.then_some("IN_ADVANCE"),
            "billingPeriodAlignment": recurring.then_some(self.alignment.name()),
        });
        if let (Value::Object(map), Value::Object(fixed)) = (&mut body, fixed) {
            map.extend(fixed);
            if matches!(detail, Detail::All) {
                let segments = live().map(|segment| self.segment_shown(segment, subscription));
                map.insert("chargeSegments".to_owned(), segments.collect());
            }
        }
        Some(with_custom(body, &self.custom))
    }

    /// What differs from segment to segment.
    fn segment_shown(&self, segment: &Segment, subscription: &Subscription) -> Value {
        let recurring = self.charge_type != ChargeType::OneTime;
        let per = if self.model == ChargeModel::PerUnit { "/Each" } else { "" };
        let through = segment.charged_through;
        json!({
            "id": segment.id,
            "segment": segment.number,
            "currency": subscription.currency.code(),
            "price": number(segment.price),
            "tiers": null,
            "quantity": segment.quantity.map(number),
            "pricingSummary": format!("{}{}{per}", subscription.currency.code(), segment.price),
            "effectiveStartDate": segment.start.to_string(),
            "effectiveEndDate": date(Some(segment.end).filter(|end| *end < super::FOREVER)),
            "processedThroughDate": date(through),
            "chargedThroughDate": date(through),
            "done": through.is_some_and(|through| through >= segment.end),
            "triggerEvent": self.trigger_event,
            "triggerDate": null,
            "endDateCondition": if recurring { "Subscription_End" } else { "One_Time" },
            "upToPeriodsType": null,
            "upToPeriods": null,
            "specificEndDate": null,
            "mrr": self.mrr(segment).map(metric),
            "tcv": self.value(segment).map(metric),
            "discountPercentage": null,
            "discountAmount": null,
            "discountLevel": null,
            "applyDiscountTo": null,
            "originalOrderDate": segment.original_order_date.to_string(),
            "amendedByOrderOn": date(segment.amended_on),
        })
    }
}

fn detail(call: &Call) -> Result<Detail, Refusal> {
    match call.param("charge-detail") {
        None | Some("last-segment") => Ok(Detail::Last),
        Some("current-segment") => Ok(Detail::On(call.today())),
        Some("all-segments") => Ok(Detail::All),
        Some("specific-segment") => {
            let day = call.param("as-of-date").and_then(|day| day.parse().ok());
            let missing =
                || Refusal::new(Category::MissingParameter, "Missing parameter: 'as-of-date', yyyy-mm-dd.");
            day.map(Detail::On).ok_or_else(missing)
        }
        Some(_) => Err(Refusal::invalid("charge-detail", "it is not a kind of segment")),
    }
}

/// `GET /v1/subscriptions/{subscription-key}`: by id that very version, by number the latest
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0);
    let subscription = call.tenant.subscriptions.get(key).ok_or_else(|| Refusal::not_found(key))?;
    Ok(subscription.shown(call.tenant, detail(call)?))
}

/// `GET /v1/subscriptions/{subscription-number}/versions/{version}`
pub(crate) fn view_version(call: &mut Call) -> Result<Value, Refusal> {
    let (key, version) = (call.key(0), call.key(1));
    let latest = call.tenant.subscriptions.get(key).ok_or_else(|| Refusal::not_found(key))?;
    let mut versions = call.tenant.subscriptions.with_number(&latest.number);
    let one = versions.find(|one| one.version.to_string() == version);
    let one = one.ok_or_else(|| Refusal::not_found(&format!("{key}, version {version}")))?;
    Ok(one.shown(call.tenant, detail(call)?))
}

/// `GET /v1/subscriptions/accounts/{account-key}`: the latest version of each
pub(crate) fn of_account(call: &mut Call) -> Result<Value, Refusal> {
    let account = account::get(call.tenant, call.key(0))?;
    let all = call.tenant.subscriptions.of_account(&account.id);
    let latest: Vec<&Subscription> = all.filter(|one| one.is_latest(call.tenant)).collect();
    let (page, next) = call.page(latest)?;
    let detail = detail(call)?;
    let shown: Vec<Value> = page.into_iter().map(|one| one.shown(call.tenant, detail)).collect();
    Ok(with_next(json!({ "subscriptions": shown }), next))
}
