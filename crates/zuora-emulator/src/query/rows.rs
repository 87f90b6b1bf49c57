//! The objects that can be queried, row by row, in Object Query's own field names.
//! Refuses objects that are not emulated.

use serde_json::{Value, json};

use crate::account::{self, Account};
use crate::credit_memo::CreditMemo;
use crate::error::Refusal;
use crate::invoice::{Invoice, InvoiceItem};
use crate::json::{number, with_custom};
use crate::order::Order;
use crate::payment::Payment;
use crate::subscription::Subscription;
use crate::tenant::Tenant;

/// The rows of an object, oldest first, made as they are asked for.
pub(super) fn of<'t>(
    tenant: &'t Tenant,
    object: &str,
) -> Result<Box<dyn Iterator<Item = Value> + 't>, Refusal> {
    Ok(match object {
        "accounts" => Box::new(tenant.accounts.iter().map(|row| account(tenant, row))),
        "subscriptions" => Box::new(tenant.subscriptions.iter().map(|row| subscription(tenant, row))),
        "orders" => Box::new(tenant.orders.iter().map(|row| order(tenant, row))),
        "invoices" => Box::new(tenant.invoices.iter().map(|row| invoice(tenant, row))),
        "invoice-items" => {
            let items = |invoice: &'t Invoice| invoice.items.iter().map(move |item| (invoice, item));
            Box::new(tenant.invoices.iter().flat_map(items).map(|(of, row)| invoice_item(tenant, of, row)))
        }
        "credit-memos" => Box::new(tenant.credit_memos.iter().map(|row| credit_memo(tenant, row))),
        "payments" => Box::new(tenant.payments.iter().map(|row| payment(tenant, row))),
        other => return Err(Refusal::not_found(other)),
    })
}

fn account(tenant: &Tenant, row: &Account) -> Value {
    let balance = account::invoice_balance(tenant, row).ok().map(|money| number(money.amount()));
    let body = json!({
        "id": row.id,
        "accountNumber": row.number,
        "name": row.name,
        "status": "Active",
        "currency": row.currency.code(),
        "batch": row.batch,
        "billCycleDay": row.bill_cycle_day,
        "paymentTerm": row.payment_term,
        "paymentGateway": row.payment_gateway,
        "autoPay": row.auto_pay,
        "crmId": row.crm_id,
        "notes": row.notes,
        "balance": balance,
        "totalInvoiceBalance": balance,
        "billToId": row.bill_to.id,
        "soldToId": row.sold_to.id,
        "defaultPaymentMethodId": row.default_payment_method,
        "createdDate": tenant.offset(row.created),
        "updatedDate": tenant.offset(row.updated),
    });
    with_custom(body, &row.custom)
}

fn subscription(tenant: &Tenant, row: &Subscription) -> Value {
    let body = json!({
        "id": row.id,
        "name": row.number,
        "accountId": row.account,
        "invoiceOwnerId": row.invoice_account,
        "status": row.row_status(tenant),
        "version": row.version,
        "isLatestVersion": row.is_latest(tenant),
        "originalId": row.original,
        "previousSubscriptionId": row.previous,
        "originalCreatedDate": tenant.offset(row.original_created),
        "contractEffectiveDate": row.contract_effective.to_string(),
        "subscriptionStartDate": row.start.to_string(),
        "subscriptionEndDate": row.end().map(|day| day.to_string()),
        "termStartDate": row.start.to_string(),
        "termEndDate": row.term_end.map(|day| day.to_string()),
        "termType": if row.term_end.is_some() { "TERMED" } else { "EVERGREEN" },
        "cancelledDate": row.cancelled.map(|day| day.to_string()),
        "cancelReason": row.cancel_reason,
        "autoRenew": row.auto_renew,
        "renewalSetting": row.renewal_setting,
        "isInvoiceSeparate": row.invoice_separately,
        "lastBookingDate": row.booked.to_string(),
        "currency": row.currency.code(),
        "notes": row.notes,
        "orderId": tenant.orders.get(&row.order).map(|order| &order.id),
        "createdDate": tenant.offset(row.created),
        "updatedDate": tenant.offset(row.updated),
    });
    with_custom(body, &row.custom)
}

fn order(tenant: &Tenant, row: &Order) -> Value {
    let body = json!({
        "id": row.id,
        "orderNumber": row.number,
        "accountId": row.account,
        "orderDate": row.order_date.to_string(),
        "status": "Completed",
        "state": "Complete",
        "category": row.category,
        "description": row.description,
        "createdDate": tenant.offset(row.created),
        "updatedDate": tenant.offset(row.updated),
    });
    with_custom(body, &row.custom)
}

fn invoice(tenant: &Tenant, row: &Invoice) -> Value {
    json!({
        "id": row.id,
        "invoiceNumber": row.number,
        "accountId": row.account,
        "amount": number(row.amount.amount()),
        "amountWithoutTax": number(row.amount.amount()),
        "taxAmount": number(rating::Money::zero(row.currency).amount()),
        "balance": number(row.balance.amount()),
        "paymentAmount": number(row.paid()),
        "currency": row.currency.code(),
        "invoiceDate": row.invoice_date.to_string(),
        "dueDate": row.due_date.to_string(),
        "targetDate": row.target_date.to_string(),
        "postedDate": row.posted.then(|| tenant.offset(row.created)),
        "status": row.status(),
        "source": if row.order.is_some() { "API" } else { "BillRun" },
        "sourceId": row.order,
        "createdDate": tenant.offset(row.created),
        "updatedDate": tenant.offset(row.updated),
    })
}

fn invoice_item(tenant: &Tenant, invoice: &Invoice, row: &InvoiceItem) -> Value {
    let rated = &row.line.item;
    json!({
        "id": row.id,
        "invoiceId": invoice.id,
        "subscriptionId": row.line.subscription,
        "subscriptionNumber": row.line.subscription_number,
        "ratePlanChargeId": row.line.charge,
        "productRatePlanChargeId": row.line.product_rate_plan_charge,
        "chargeName": row.line.charge_name,
        "chargeNumber": row.line.charge_number,
        "chargeAmount": number(rated.amount.amount()),
        "taxAmount": number(rating::Money::zero(invoice.currency).amount()),
        "quantity": number(rated.quantity),
        "unitPrice": number(rated.unit_price),
        "uOM": row.line.uom,
        "serviceStartDate": rated.period.start.to_string(),
        "serviceEndDate": rated.period.last_day().map(|day| day.to_string()).ok(),
        "createdDate": tenant.offset(invoice.created),
        "updatedDate": tenant.offset(invoice.updated),
    })
}

fn credit_memo(tenant: &Tenant, row: &CreditMemo) -> Value {
    json!({
        "id": row.id,
        "memoNumber": row.number,
        "accountId": row.account,
        "totalAmount": number(row.amount.amount()),
        "balance": number(row.unapplied.amount()),
        "currency": row.currency.code(),
        "memoDate": row.memo_date.to_string(),
        "targetDate": row.target_date.to_string(),
        "status": row.status(),
        "createdDate": tenant.offset(row.created),
        "updatedDate": tenant.offset(row.updated),
    })
}

fn payment(tenant: &Tenant, row: &Payment) -> Value {
    let applied = row.applied_amount().ok().map(|money| number(money.amount()));
    let body = json!({
        "id": row.id,
        "paymentNumber": row.number,
        "accountId": row.account,
        "amount": number(row.amount.amount()),
        "appliedAmount": applied,
        "currency": row.amount.currency.code(),
        "effectiveDate": row.effective.to_string(),
        "status": row.status(),
        "type": if row.electronic { "Electronic" } else { "External" },
        "paymentMethodId": row.method,
        "referenceId": row.reference,
        "gatewayResponse": row.verdict.map(|verdict| verdict.text),
        "gatewayResponseCode": row.verdict.map(|verdict| verdict.code),
        "createdDate": tenant.offset(row.created),
        "updatedDate": tenant.offset(row.updated),
    });
    with_custom(body, &row.custom)
}
