#!/usr/bin/env python3
"""Order to cash through Zuora's own SDK, unmodified, against an emulator that holds the demo catalog.

    order_to_cash.py --url http://127.0.0.1:9876 [--subscription-field NAME=VALUE]... [--out FILE]

One line a check, and an exit code that tells the truth. Values are asserted, amounts as exact decimals, because the SDK
itself would accept almost any answer; for the same reason every raw body is held against the SDK's own types.
"""

import argparse
import calendar
import datetime
import decimal
import json
import os
import re
import sys
import typing
import uuid
import zoneinfo

import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from checks import Checks, exact

# What the demo catalog sells, and what this script buys of it.
PRODUCT = "Ternlight Cloud Business"
PLAN = "Business Annual"
CHARGE = "Business seats"
CURRENCY = "USD"
UNIT_PRICE = decimal.Decimal("384.00")
QUANTITY = 7
AMOUNT = decimal.Decimal("2688.00")
MRR = decimal.Decimal("224.00")
TERM_MONTHS = 12
NET_DAYS = 30

# The tenant's zone, in which Zuora's dates are.
TENANT_ZONE = zoneinfo.ZoneInfo("America/Los_Angeles")
# The SDK's requests have no time limit of their own.
TIMEOUT_S = 30.0

ID = re.compile(r"[0-9a-f]{32}")
LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")


def call(checks, name, method, **arguments):
    """One call of the SDK: its model, and the raw body held against that model's types."""
    answer = method(_request_timeout=TIMEOUT_S, **arguments)
    raw = json.loads(answer.raw_data, parse_float=decimal.Decimal)
    checks.types(name, type(answer.data), raw)
    checks.equal(f"{name}: success", raw.get("success"), True)
    checks.equal(f"{name}: length of the request id", len(answer.get_zuora_request_id()), 36)
    return answer.data, raw


def months_later(day, months):
    """The same day of a later month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def connect(checks, options):
    configuration = zuora_sdk.Configuration(host=options.url, retries=False)
    client = ZuoraClient(options.client_id, options.client_secret, env=None, config=configuration)
    client.initialize()
    # The SDK swallows a failed sign-in, so it is looked for here.
    checks.that("token: there is one", client.token["access_token"] is not None)
    checks.that("token: it lives", not client.is_token_expired())
    answer = zuora_sdk.OAuthApi(client.api_client).create_token_with_http_info(
        client_id=options.client_id, client_secret=options.client_secret, grant_type="client_credentials"
    )
    checks.types("token", type(answer.data), json.loads(answer.raw_data, parse_float=decimal.Decimal))
    checks.equal("token: type", answer.data.token_type, "bearer")
    checks.that("token: scope names a tenant", "tenant." in answer.data.scope, answer.data.scope)
    return client.api_client


def find_product(checks, api):
    products = zuora_sdk.ProductsApi(api)
    page, pages = 1, []
    while True:
        name = f"catalog page {page}"
        listed, raw = call(checks, name, products.get_products_with_http_info, page=page, page_size=40)
        pages.extend(raw["products"])
        if not listed.next_page:
            break
        page += 1
    product = next((product for product in pages if product["name"] == PRODUCT), None)
    checks.that("catalog: the product", product is not None, PRODUCT)
    checks.matches("catalog: product id", product["id"], ID)
    # From Zuora-Version 230.0, which the SDK asks for, the plans are behind a URL.
    checks.matches(
        "catalog: the plans are a URL", product["productRatePlans"], re.compile(rf".*/v1/rateplan/{product['id']}/.*")
    )
    return product


def find_plan(checks, api):
    product = find_product(checks, api)
    plans, _ = call(
        checks,
        "rate plans",
        zuora_sdk.ProductRatePlansApi(api).get_rate_plans_by_product_with_http_info,
        product_key=product["id"],
    )
    plan = next((plan for plan in plans.product_rate_plans if plan.name == PLAN), None)
    checks.that("rate plan: by name", plan is not None, PLAN)
    checks.matches("rate plan: id", plan.id, ID)
    checks.matches("rate plan: number", plan.product_rate_plan_number, re.compile(r"PRP-\d{8}"))
    checks.equal("rate plan: status", plan.status, "Active")
    checks.equal("rate plan: charges", [charge.name for charge in plan.product_rate_plan_charges], [CHARGE])
    charge = plan.product_rate_plan_charges[0]
    checks.equal("charge: type, model, unit", (charge.type, charge.model, charge.uom), ("Recurring", "PerUnit", "Seat"))
    checks.equal(
        "charge: period and timing", (charge.billing_period, charge.billing_timing), ("Annual", "IN_ADVANCE")
    )
    price = next((pricing.price for pricing in charge.pricing if pricing.currency == CURRENCY), None)
    checks.money("charge: price", price, UNIT_PRICE)
    return plan, charge


def create_account(checks, api, run):
    number = f"SDK-A-{run}"
    accounts = zuora_sdk.AccountsApi(api)
    contact = zuora_sdk.CreateAccountContact(
        first_name="Ada",
        last_name="Quill",
        work_email=f"ada-{run}@example.com",
        country="United States",
        state="Oregon",
    )
    request = zuora_sdk.CreateAccountRequest(
        name="Quill & Sons",
        currency=CURRENCY,
        account_number=number,
        bill_to_contact=contact,
        sold_to_contact=contact,
        auto_pay=False,
        bill_cycle_day=1,
        payment_term=f"Net {NET_DAYS}",
    )
    created, _ = call(
        checks, "create account", accounts.create_account_with_http_info, request=request, idempotency_key=f"a-{run}"
    )
    checks.equal("create account: number", created.account_number, number)
    checks.matches("create account: id", created.account_id, ID)
    checks.matches("create account: bill-to contact", created.bill_to_contact_id, ID)
    check_account(checks, api, number, decimal.Decimal(0))
    return created


def check_account(checks, api, number, balance):
    account, _ = call(checks, "account", zuora_sdk.AccountsApi(api).get_account_with_http_info, account_key=number)
    basic, billing = account.basic_info, account.billing_and_payment
    checks.equal("account: number", basic.account_number, number)
    checks.equal("account: name and status", (basic.name, basic.status), ("Quill & Sons", "Active"))
    checks.equal("account: currency", billing.currency, CURRENCY)
    checks.equal("account: bill cycle day and term", (billing.bill_cycle_day, billing.payment_term), (1, "Net 30"))
    contact = account.bill_to_contact
    checks.equal("account: contact", (contact.last_name, contact.state), ("Quill", "Oregon"))
    checks.money("account: balance", account.metrics.balance, balance)
    checks.money("account: unpaid invoices", account.metrics.total_invoice_balance, balance)


class Models(typing.NamedTuple):
    """The SDK has two families of classes for the same JSON, and takes only the right one."""

    subscription: type
    action: type
    create: type
    terms: type
    rate_plan: type
    charge: type


TO_PREVIEW = Models(
    zuora_sdk.PreviewOrderSubscriptions,
    zuora_sdk.PreviewOrderOrderAction,
    zuora_sdk.PreviewOrderCreateSubscription,
    zuora_sdk.PreviewOrderCreateSubscriptionTerms,
    zuora_sdk.PreviewOrderRatePlanOverride,
    zuora_sdk.PreviewOrderChargeOverride,
)
TO_ORDER = Models(
    zuora_sdk.CreateOrderSubscription,
    zuora_sdk.CreateOrderAction,
    zuora_sdk.CreateOrderCreateSubscription,
    zuora_sdk.OrderActionCreateSubscriptionTerms,
    zuora_sdk.CreateOrderRatePlanOverride,
    zuora_sdk.ChargeOverride,
)


def year_of_seats(models, plan, charge, order):
    """What is bought: one new subscription for a year from today."""
    per_unit = zuora_sdk.RecurringPerUnitPricingOverride(quantity=QUANTITY)
    override = models.charge(
        product_rate_plan_charge_id=charge.id, pricing=zuora_sdk.ChargeOverridePricing(recurring_per_unit=per_unit)
    )
    initial_term = zuora_sdk.InitialTerm(
        period=TERM_MONTHS, period_type="Month", start_date=order["date"], term_type="TERMED"
    )
    create = models.create(
        subscription_number=order["subscription"],
        terms=models.terms(
            auto_renew=True,
            initial_term=initial_term,
            renewal_setting="RENEW_WITH_SPECIFIC_TERM",
            renewal_terms=[zuora_sdk.RenewalTerm(period=TERM_MONTHS, period_type="Month")],
        ),
        subscribe_to_rate_plans=[models.rate_plan(product_rate_plan_id=plan.id, charge_overrides=[override])],
    )
    dates = [
        zuora_sdk.TriggerDate(name=name, trigger_date=order["date"])
        for name in ("ContractEffective", "ServiceActivation", "CustomerAcceptance")
    ]
    action = models.action(type="CreateSubscription", trigger_dates=dates, create_subscription=create)
    return models.subscription(custom_fields=order["fields"], order_actions=[action])


def preview(checks, api, account, bought, today):
    request = zuora_sdk.PreviewOrderRequest(
        order_date=today,
        existing_account_number=account.account_number,
        preview_options=zuora_sdk.PreviewOptions(
            preview_thru_type="SpecificDate", specific_preview_thru_date=today, preview_types=["BillingDocs"]
        ),
        subscriptions=[bought],
    )
    answer, _ = call(checks, "preview", zuora_sdk.OrdersApi(api).preview_order_with_http_info, body=request)
    invoices = answer.preview_result.invoices
    checks.equal("preview: invoices", len(invoices), 1)
    checks.money("preview: amount", invoices[0].amount, AMOUNT)
    items = invoices[0].invoice_items
    checks.equal("preview: items", [item.charge_name for item in items], [CHARGE])
    checks.money("preview: item before tax", items[0].amount_without_tax, AMOUNT)
    checks.money("preview: unit price", items[0].unit_price, UNIT_PRICE)
    checks.equal("preview: period", period(items[0]), service_period(today))
    return items


def service_period(today):
    """The first and the last day, both inclusive, of the year that is bought."""
    return str(today), str(months_later(today, TERM_MONTHS) - datetime.timedelta(days=1))


def period(item):
    return str(item.service_start_date), str(item.service_end_date)


def place_order(checks, api, account, bought, order):
    orders = zuora_sdk.OrdersApi(api)
    request = zuora_sdk.CreateOrderRequest(
        order_date=order["date"],
        existing_account_number=account.account_number,
        order_number=order["number"],
        description="an order by the SDK",
        processing_options=zuora_sdk.ProcessingOptionsWithDelayedCapturePayment(
            run_billing=True, collect_payment=False, billing_options=zuora_sdk.BillingOptions(target_date=order["date"])
        ),
        subscriptions=[bought],
    )
    key = f"o-{order['number']}"
    placed, raw = call(checks, "order", orders.create_order_with_http_info, body=request, idempotency_key=key)
    checks.equal("order: number", placed.order_number, order["number"])
    checks.equal("order: account", placed.account_number, account.account_number)
    checks.equal("order: status", placed.status, "Completed")
    subscriptions = [(one.subscription_number, one.status) for one in placed.subscriptions]
    checks.equal("order: subscriptions", subscriptions, [(order["subscription"], "Active")])
    checks.equal("order: invoices", len(placed.invoice_numbers or []), 1)
    _, again = call(checks, "order again", orders.create_order_with_http_info, body=request, idempotency_key=key)
    checks.that("order again: the same answer under the same key", again == raw)
    read, _ = call(checks, "order read", orders.get_order_with_http_info, order_number=order["number"])
    read = read.order
    checks.equal("order read: number", read.order_number, order["number"])
    checks.equal("order read: date", str(read.order_date), str(order["date"]))
    touched = [(one.subscription_number, one.new_version) for one in read.subscriptions]
    checks.equal("order read: subscriptions and their versions", touched, [(order["subscription"], 1)])
    actions = [action.type for action in read.subscriptions[0].order_actions]
    checks.equal("order read: actions", actions, ["CreateSubscription"])
    return placed.invoice_numbers[0]


def check_subscription(checks, api, account, order):
    subscription, raw = call(
        checks,
        "subscription",
        zuora_sdk.SubscriptionsApi(api).get_subscription_by_key_with_http_info,
        subscription_key=order["subscription"],
    )
    start, end = order["date"], months_later(order["date"], TERM_MONTHS)
    identity = (subscription.subscription_number, subscription.version)
    checks.equal("subscription: number and version", identity, (order["subscription"], 1))
    checks.equal("subscription: account", subscription.account_id, account.account_id)
    checks.equal("subscription: status and kind", (subscription.status, subscription.term_type), ("Active", "TERMED"))
    term = (str(subscription.term_start_date), str(subscription.term_end_date))
    checks.equal("subscription: term", term, (str(start), str(end)))
    checks.equal("subscription: renewal", (subscription.auto_renew, subscription.renewal_term), (True, TERM_MONTHS))
    checks.money("subscription: monthly revenue", subscription.contracted_mrr, MRR)
    checks.money("subscription: contract value", subscription.total_contracted_value, AMOUNT)
    checks.matches("subscription: created at, in the tenant's zone", subscription.create_time, LOCAL_TIME)
    checks.equal("subscription: custom fields", {name: raw.get(name) for name in order["fields"]}, order["fields"])
    checks.equal("subscription: plans", [plan.rate_plan_name for plan in subscription.rate_plans], [PLAN])
    charge = subscription.rate_plans[0].rate_plan_charges[0]
    checks.matches("subscription: charge number", charge.number, re.compile(r"C-\d{8}"))
    checks.money("subscription: quantity", charge.quantity, QUANTITY)
    checks.money("subscription: price", charge.price, UNIT_PRICE)
    checks.equal("subscription: billed until", str(charge.charged_through_date), str(end))


def check_invoice(checks, api, account, invoice_number, preview_items, today):
    invoices = zuora_sdk.InvoicesApi(api)
    invoice, _ = call(checks, "invoice", invoices.get_invoice_with_http_info, invoice_key=invoice_number)
    checks.matches("invoice: number", invoice.invoice_number, re.compile(r"INV\d{8}"))
    checks.equal("invoice: account", invoice.account_id, account.account_id)
    checks.equal("invoice: status and currency", (invoice.status, invoice.currency), ("Posted", CURRENCY))
    checks.money("invoice: amount", invoice.amount, AMOUNT)
    checks.money("invoice: balance", invoice.balance, AMOUNT)
    checks.equal("invoice: date", str(invoice.invoice_date), str(today))
    checks.equal("invoice: due", str(invoice.due_date), str(today + datetime.timedelta(days=NET_DAYS)))
    items, _ = call(checks, "invoice items", invoices.get_invoice_items_with_http_info, invoice_key=invoice_number)
    items = items.invoice_items
    total = sum(exact(item.charge_amount) + exact(item.tax_amount) for item in items)
    checks.money("invoice items: they sum to the invoice", total, AMOUNT)
    charged = [(item.charge_name, period(item)) for item in items]
    checks.equal("invoice items: charges and periods", charged, [(CHARGE, service_period(today))])
    checks.money("invoice items: quantity", items[0].quantity, QUANTITY)
    checks.money("invoice items: unit price", items[0].unit_price, UNIT_PRICE)
    foreseen = [(item.charge_name, period(item), exact(item.amount_without_tax)) for item in preview_items]
    billed = [(item.charge_name, period(item), exact(item.charge_amount)) for item in items]
    checks.equal("invoice items: as previewed", billed, foreseen)
    return invoice


def pay(checks, api, account, invoice, run):
    method, _ = call(
        checks,
        "payment method",
        zuora_sdk.PaymentMethodsApi(api).create_payment_method_with_http_info,
        request=zuora_sdk.CreatePaymentMethodRequest(
            zuora_sdk.CreateCCReferenceTransactionPaymentMethod(
                type="CreditCardReferenceTransaction",
                account_key=account.account_number,
                token_id=f"tok-{run}",
                second_token_id=f"cus-{run}",
                make_default=True,
            )
        ),
        idempotency_key=f"m-{run}",
    )
    checks.matches("payment method: id", method.id, ID)
    request = zuora_sdk.CreatePaymentRequest(
        account_id=account.account_id,
        amount=float(AMOUNT),
        currency=CURRENCY,
        type="Electronic",
        effective_date=str(invoice.invoice_date),
        payment_method_id=method.id,
        invoices=[zuora_sdk.CreatePaymentInvoiceApplication(invoice_id=invoice.id, amount=float(AMOUNT))],
    )
    payments = zuora_sdk.PaymentsApi(api)
    paid, _ = call(checks, "payment", payments.create_payment_with_http_info, body=request, idempotency_key=f"p-{run}")
    checks.matches("payment: number", paid.number, re.compile(r"P-\d{8}"))
    checks.equal("payment: status and kind", (paid.status, paid.type), ("Processed", "Electronic"))
    checks.money("payment: amount", paid.amount, AMOUNT)
    checks.money("payment: applied", paid.applied_amount, AMOUNT)
    checks.money("payment: unapplied", paid.unapplied_amount, decimal.Decimal(0))
    read, _ = call(checks, "payment read", payments.get_payment_with_http_info, payment_key=paid.number)
    checks.equal("payment read: id and method", (read.id, read.payment_method_id), (paid.id, method.id))
    invoices = zuora_sdk.InvoicesApi(api)
    settled, _ = call(checks, "invoice paid", invoices.get_invoice_with_http_info, invoice_key=invoice.invoice_number)
    checks.money("invoice paid: balance", settled.balance, decimal.Decimal(0))
    check_account(checks, api, account.account_number, decimal.Decimal(0))
    return paid.number


def refused(checks, expected, method, arguments):
    """A call that must be refused, in the service API's format."""
    name, exception, status, category = expected
    try:
        method(_request_timeout=TIMEOUT_S, **arguments)
    except exception as refusal:
        body = json.loads(refusal.body, parse_float=decimal.Decimal)
        checks.equal(f"{name}: status", refusal.status, status)
        checks.equal(f"{name}: category", [reason["code"] % 100 for reason in body["reasons"]], [category])
        checks.equal(f"{name}: success", body["success"], False)
        checks.matches(f"{name}: process id", body["processId"], re.compile(r"[0-9A-F]{16}"))
        checks.equal(f"{name}: length of the request id", len(refusal.zuora_request_id), 36)
    else:
        checks.that(f"{name}: refused", False, "it was accepted")


def check_refusals(checks, api):
    """The true status since Zuora-Version 2024-05-20, which the SDK turns into its exceptions; 200 before."""
    accounts, orders = zuora_sdk.AccountsApi(api), zuora_sdk.OrdersApi(api)
    no_such = {"account_key": "no-such-account"}
    bad = {
        "body": zuora_sdk.CreateOrderRequest(
            order_date="2026-02-30", existing_account_number="no-such-account", subscriptions=[]
        )
    }
    not_found, bad_request = zuora_sdk.exceptions.NotFoundException, zuora_sdk.exceptions.BadRequestException
    refused(checks, ("unknown account", not_found, 404, 40), accounts.get_account_with_http_info, no_such)
    refused(checks, ("impossible date", bad_request, 400, 20), orders.create_order_with_http_info, bad)
    version = api.default_headers["Zuora-Version"]
    api.set_default_header("Zuora-Version", "196.0")
    try:
        answer = accounts.get_account_with_http_info(_request_timeout=TIMEOUT_S, **no_such)
        found = (answer.status_code, answer.data.success, [int(reason.code) % 100 for reason in answer.data.reasons])
        checks.equal("unknown account, version 196.0: status, success, category", found, (200, False, [40]))
    finally:
        api.set_default_header("Zuora-Version", version)


def run(checks, options):
    api = connect(checks, options)
    plan, charge = find_plan(checks, api)
    name = uuid.uuid4().hex[:12].upper()
    order = {
        "date": options.date or datetime.datetime.now(TENANT_ZONE).date(),
        "number": f"SDK-O-{name}",
        "subscription": f"SDK-S-{name}",
        "fields": dict(field.split("=", 1) for field in options.subscription_field),
    }
    account = create_account(checks, api, name)
    preview_items = preview(checks, api, account, year_of_seats(TO_PREVIEW, plan, charge, order), order["date"])
    invoice_number = place_order(checks, api, account, year_of_seats(TO_ORDER, plan, charge, order), order)
    check_subscription(checks, api, account, order)
    check_account(checks, api, account.account_number, AMOUNT)
    invoice = check_invoice(checks, api, account, invoice_number, preview_items, order["date"])
    payment = pay(checks, api, account, invoice, name)
    check_refusals(checks, api)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as out:
            made = {
                "account": account.account_number,
                "order": order["number"],
                "subscription": order["subscription"],
                "invoice": invoice_number,
                "payment": payment,
            }
            json.dump(made, out)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = {
        "url": None,
        "client-id": "00000000-0000-4000-8000-000000000001",
        "client-secret": "emulator-secret-for-local-use",
    }
    for name, default in known.items():
        variable = f"ZUORA_{name.replace('-', '_').upper()}"
        parser.add_argument(f"--{name}", default=os.environ.get(variable, default), help=f"or {variable}")
    parser.add_argument("--date", type=datetime.date.fromisoformat, help="today, if the emulator's clock was moved")
    parser.add_argument("--subscription-field", action="append", default=[], metavar="NAME=VALUE", help="custom field")
    parser.add_argument("--out", help="file for the numbers of what was made, as JSON")
    options = parser.parse_args()
    if not options.url:
        parser.error("--url or ZUORA_URL is needed")
    return options


def main():
    checks = Checks()
    try:
        run(checks, arguments())
    except Exception as error:  # whatever the SDK raises ends the run, and is a failure
        checks.that("the run came to its end", False, f"{type(error).__name__}: {' '.join(str(error).split())}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.passed else 0


if __name__ == "__main__":
    sys.exit(main())
