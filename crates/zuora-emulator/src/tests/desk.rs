//! A caller's desk: an emulator, a token, a clock that tests move by hand.
//! Refuses to interpret answers; tests do that.

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Emulator, Method, Outcome, Reply, Settings, seed};

/// The afternoon of 12 November 2026 in California.
pub(super) const START: &str = "2026-11-12T20:00:00.25Z";

pub(super) struct Desk {
    pub(super) emulator: Emulator,
    pub(super) now: Timestamp,
    pub(super) version: &'static str,
    token: String,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// The body of an answer that must be a success in both dialects.
    pub(super) fn ok(self) -> Value {
        let said = self.body.get("success").or(self.body.get("Success"));
        assert!(self.status.is_success() && said.is_none_or(|said| said == true), "{self:?}");
        self.body
    }

    /// The last two digits of the code of a refusal, and its message.
    pub(super) fn refusal(&self) -> (u64, String) {
        let reason = &self.body["reasons"][0];
        let code = reason["code"].as_u64().unwrap_or_else(|| panic!("no refusal: {self:?}"));
        (code % 100, reason["message"].as_str().unwrap().to_owned())
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Desk {
    /// A desk at an empty emulator.
    pub(super) fn new(settings: Settings) -> Desk {
        let mut desk = Desk {
            emulator: Emulator::new(settings),
            now: START.parse().unwrap(),
            version: "2025-08-12",
            token: String::new(),
        };
        desk.sign_in();
        desk
    }

    /// A desk at an emulator with Ternlight's catalog.
    pub(super) fn demo() -> Desk {
        let mut desk = Desk::new(Settings::default());
        seed::demo(&mut desk.emulator, desk.now).unwrap();
        desk
    }

    pub(super) fn sign_in(&mut self) {
        let form = format!(
            "client_id={DEFAULT_CLIENT_ID}&client_secret={DEFAULT_CLIENT_SECRET}&grant_type=client_credentials"
        );
        let request = ::http::Request::post("/oauth/token").body(Bytes::from(form)).unwrap();
        let answer = answer_of(self.emulator.handle(request, self.now));
        self.token = answer.ok()["access_token"].as_str().unwrap().to_owned();
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.emulator.tick(self.now);
    }

    pub(super) fn reply(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = ::http::Request::builder().method(method).uri(path).header("host", "zuora.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == "zuora-version") && !self.version.is_empty() {
            request = request.header("zuora-version", self.version);
        }
        request = request.header("authorization", format!("Bearer {}", self.token));
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        self.emulator.handle(request.body(body).unwrap(), self.now)
    }

    pub(super) fn call(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        answer_of(self.reply(method, path, body, headers))
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null, &[])
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body, &[])
    }

    pub(super) fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, body, &[])
    }

    /// An account in EUR with a number of its own.
    pub(super) fn account(&mut self, number: &str) -> String {
        let answer = self.post("/v1/accounts", &account(number)).ok();
        answer["accountId"].as_str().unwrap().to_owned()
    }

    /// The demo's rate plan with this place in the catalog.
    pub(super) fn plan(&mut self, place: usize) -> String {
        let products = self.get("/v1/catalog/products").ok();
        let id = products["products"][place - 1]["id"].as_str().unwrap().to_owned();
        let plans = self.get(&format!("/v1/rateplan/{id}/productRatePlan")).ok();
        plans["productRatePlans"][0]["id"].as_str().unwrap().to_owned()
    }
}

pub(super) fn answer_of(reply: Reply) -> Answer {
    let Outcome::Answer(response) = reply.outcome else { panic!("no answer: {reply:?}") };
    let (parts, body) = response.into_parts();
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(super) fn account(number: &str) -> Value {
    json!({
        "name": "Northwind Robotics",
        "accountNumber": number,
        "currency": "EUR",
        "billCycleDay": 1,
        "billToContact": {"firstName": "Ada", "lastName": "Lindqvist", "workEmail": "ada@northwind.test"},
        "PurserId__c": format!("acc-{number}"),
    })
}

/// An order that creates one subscription from March 2026 for a year, billed at once.
pub(super) fn new_subscription(account: &str, order: &str, subscription: &str, seats: i64) -> Value {
    json!({
        "orderDate": "2026-03-01",
        "existingAccountNumber": account,
        "orderNumber": order,
        "customFields": {"PurserId__c": format!("id-{order}")},
        "processingOptions": {"runBilling": true, "billingOptions": {"targetDate": "2026-03-01"}},
        "subscriptions": [{
            "subscriptionNumber": subscription,
            "customFields": {"PurserId__c": format!("id-{subscription}")},
            "orderActions": [{
                "type": "CreateSubscription",
                "triggerDates": [
                    {"name": "ContractEffective", "triggerDate": "2026-03-01"},
                    {"name": "ServiceActivation", "triggerDate": "2026-03-01"},
                    {"name": "CustomerAcceptance", "triggerDate": "2026-03-01"},
                ],
                "createSubscription": {
                    "terms": {
                        "initialTerm": {"period": 12, "periodType": "Month", "termType": "TERMED", "startDate": "2026-03-01"},
                        "renewalTerms": [{"period": 12, "periodType": "Month"}],
                        "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
                        "autoRenew": true,
                    },
                    "subscribeToRatePlans": [{
                        "productRatePlanNumber": "PRP-00000001",
                        "chargeOverrides": [{
                            "productRatePlanChargeNumber": "PRPC-00000001",
                            "pricing": {"recurringPerUnit": {"quantity": seats}},
                        }],
                    }],
                },
            }],
        }],
    })
}

/// An order of one action on an existing subscription, taking effect on a date and billed up to it.
pub(super) fn change(
    account: &str,
    order: &str,
    subscription: &str,
    (date, mut action): (&str, Value),
) -> Value {
    action["triggerDates"] = json!([{"name": "ContractEffective", "triggerDate": date}]);
    json!({
        "orderDate": date,
        "existingAccountNumber": account,
        "orderNumber": order,
        "processingOptions": {"runBilling": true, "billingOptions": {"targetDate": date}},
        "subscriptions": [{"subscriptionNumber": subscription, "orderActions": [action]}],
    })
}

/// Fifteen more seats as a rate plan of their own.
pub(super) fn add_seats(seats: i64) -> Value {
    json!({
        "type": "AddProduct",
        "addProduct": {
            "productRatePlanNumber": "PRP-00000001",
            "chargeOverrides": [{
                "productRatePlanChargeNumber": "PRPC-00000001",
                "pricing": {"recurringPerUnit": {"quantity": seats}},
            }],
        },
    })
}
