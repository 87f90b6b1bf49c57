//! What crosses the wire: one file a noun, requests and responses as Zuora spells them.
//! Enums are open, decimals exact, unknown custom fields kept. The head of every service answer (`success`,
//! `processId`, `requestId`, `reasons`) is not part of a noun: see [`Head`].

pub mod account;
pub mod catalog;
pub mod charge;
pub mod charge_override;
pub mod custom;
pub mod decimal;
pub mod head;
pub mod invoice;
pub mod local_time;
pub mod order;
pub mod order_action;
pub mod payment;
pub mod payment_method;
pub mod preview;
pub mod query;
pub mod rate_plan_charge;
pub mod subscription;

use std::collections::BTreeMap;
use std::mem;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

pub use account::{
    Account, AccountCreated, AccountMetrics, AccountStatus, BasicInfo, BillingAndPayment, Contact,
    CreateAccount,
};
pub use catalog::{
    CatalogPage, Pricing, Product, ProductRatePlan, ProductRatePlanCharge, ProductRatePlanPage, RatePlans,
    Tier,
};
pub use charge::{
    BillingPeriod, BillingTiming, ChargeModel, ChargeType, PeriodType, PriceFormat, TermType, TriggerEvent,
};
pub use charge_override::{
    ChargeOverride, ChargePricing, FlatFeePrice, PerUnitPrice, TieredPrice, TriggerParams,
};
pub use custom::CustomFields;
pub use head::{Failure, Head, HeadReason};
pub use invoice::{Invoice, InvoiceItem, InvoiceItemPage, InvoiceStatus};
pub use local_time::LocalTime;
pub use order::{
    BillingOptions, CreateOrder, Order, OrderAnswer, OrderCreated, OrderOfSubscription, OrderPage,
    OrderStatus, OrderSubscription, OrderedSubscription, ProcessingOptions,
};
pub use order_action::{
    ActionType, AddProduct, CancelSubscription, CancellationPolicy, ChargeUpdate, CreateSubscription,
    InitialTerm, OrderAction, RatePlanOverride, RenewalTerm, Terms, TriggerDate, TriggerName, UpdateProduct,
};
pub use payment::{CreatePayment, GatewayState, InvoiceApplication, Payment, PaymentStatus, PaymentType};
pub use payment_method::{CreatePaymentMethod, PaymentMethodCreated, PaymentMethodType};
pub use preview::{OrderPreviewed, PreviewInvoice, PreviewItem, PreviewOptions, PreviewOrder, PreviewResult};
pub use query::{QueryObject, QueryPage, QueryRow};
pub use rate_plan_charge::{ChargeSegment, RatePlanCharge};
pub use subscription::{RatePlan, Subscription, SubscriptionPage, SubscriptionState, SubscriptionStatus};

/// The bytes of a request, made once so that a retry under the same idempotency key is the same request.
///
/// Members that are `null` are left out, at every depth: to Zuora an absent field and a null one differ, and none of
/// these requests means to clear anything. Members come out in one fixed order, so equal values make equal bytes.
///
/// # Errors
///
/// When the value has no JSON form, for instance a map whose keys are not text.
///
/// ```
/// # fn main() -> Result<(), serde_json::Error> {
/// let action = zuora::wire::TriggerDate {
///     name: zuora::wire::TriggerName::ContractEffective,
///     trigger_date: jiff::civil::date(2026, 11, 1),
/// };
/// assert_eq!(&zuora::wire::body(&action)?[..], br#"{"name":"ContractEffective","triggerDate":"2026-11-01"}"#);
/// # Ok(()) }
/// ```
pub fn body<T: Serialize>(value: &T) -> Result<Bytes, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    drop_nulls(&mut value);
    serde_json::to_vec(&value).map(Bytes::from)
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // Sorted here: whether serde_json sorts depends on a feature that any crate of the program may switch on.
            let kept = mem::take(members).into_iter().filter(|(_, member)| !member.is_null());
            let mut kept: BTreeMap<String, Value> = kept.collect();
            kept.values_mut().for_each(drop_nulls);
            members.extend(kept);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
