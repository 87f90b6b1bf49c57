//! Somebody who works in Zuora directly: sets up callouts, stores cards, and sells without telling the platform.
//! Refuses to go through the platform; that is the point of it.

use app::CalloutLogin;
use jiff::civil::Date;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};

use crate::{Error, Result};

/// What the platform asks to be told about.
const EVENTS: [&str; 3] = ["Order Processed", "Invoice Posted", "Payment Processed"];

/// The field in which a subscription names what it provisions.
const TARGET_FIELD: &str = "PurserTarget__c";

/// A person with an API client of their own.
#[derive(Debug, Clone)]
pub struct ZuoraUser {
    http: reqwest::Client,
    url: String,
}

/// Something that is sold in Zuora itself.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The number that the new account gets.
    pub account: String,
    /// The company's name.
    pub name: String,
    /// The number of the order.
    pub order: String,
    /// The number of the new subscription.
    pub subscription: String,
    /// The product rate plan and its charge, by number.
    pub rate_plan: (String, String),
    /// How many units.
    pub quantity: i64,
    /// What it is for.
    pub target: String,
    /// From when.
    pub start: Date,
}

impl ZuoraUser {
    /// Somebody with access to the Zuora at that address.
    pub fn new(url: &str) -> Result<ZuoraUser> {
        let http =
            reqwest::Client::builder().no_proxy().build().map_err(Error::http("a client for Zuora"))?;
        Ok(ZuoraUser { http, url: url.to_owned() })
    }

    /// Has Zuora call the platform when something happens.
    pub async fn define_callouts(&self, platform: &str, login: &CalloutLogin) -> Result<()> {
        for event in EVENTS {
            let definition = json!({
                "name": format!("tell Purser: {event}"),
                "eventTypeName": event,
                "eventTypeNamespace": "com.zuora.notification",
                "active": true,
                "calloutActive": true,
                "callout": {
                    "name": "purser",
                    "active": true,
                    "calloutBaseurl": format!("{platform}/callouts/zuora"),
                    "httpMethod": "POST",
                    "calloutRetry": true,
                    "requiredAuth": true,
                    "calloutAuth": {"username": login.user, "password": login.password.expose_secret(), "preemptive": true},
                    "calloutParams": {"account": "<Account.Id>", "order": "<Order.OrderNumber>"},
                },
            });
            self.post("/notifications/notification-definitions", &definition).await?;
        }
        Ok(())
    }

    /// Stores a card that pays, and makes it what the account pays with.
    pub async fn add_card(&self, account: &str) -> Result<()> {
        let card = json!({
            "type": "CreditCardReferenceTransaction",
            "tokenId": format!("tok_visa_{account}"),
            "cardType": "Visa",
            "accountKey": account,
            "makeDefault": true,
        });
        self.post("/v1/payment-methods", &card).await.map(drop)
    }

    /// Opens an account and sells it a subscription that names what it provisions.
    pub async fn sell(&self, sale: &Sale) -> Result<()> {
        let account = json!({
            "name": sale.name,
            "accountNumber": sale.account,
            "currency": "EUR",
            "billCycleDay": 1,
            "paymentTerm": "Net 30",
            "billToContact": {"firstName": "Eino", "lastName": "Virtanen", "country": "FI", "workEmail": "eino@mara.example"},
        });
        self.post("/v1/accounts", &account).await?;
        let start = sale.start.to_string();
        let triggers = ["ContractEffective", "ServiceActivation", "CustomerAcceptance"];
        let order = json!({
            "orderDate": start,
            "existingAccountNumber": sale.account,
            "orderNumber": sale.order,
            "processingOptions": {"runBilling": true, "billingOptions": {"targetDate": start}},
            "subscriptions": [{
                "customFields": {TARGET_FIELD: sale.target},
                "orderActions": [{
                    "type": "CreateSubscription",
                    "triggerDates": triggers.map(|name| json!({"name": name, "triggerDate": start})),
                    "createSubscription": {
                        "subscriptionNumber": sale.subscription,
                        "terms": {
                            "initialTerm": {"period": 12, "periodType": "Month", "termType": "TERMED", "startDate": start},
                            "renewalTerms": [{"period": 12, "periodType": "Month"}],
                            "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
                            "autoRenew": true,
                        },
                        "subscribeToRatePlans": [{
                            "productRatePlanNumber": sale.rate_plan.0,
                            "chargeOverrides": [{
                                "productRatePlanChargeNumber": sale.rate_plan.1,
                                "pricing": {"recurringPerUnit": {"quantity": sale.quantity}},
                            }],
                        }],
                    },
                }],
            }],
        });
        self.post("/v1/orders", &order).await.map(drop)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(self.token().await?);
        let request =
            request.header("content-type", "application/json").header("zuora-version", zuora::ZUORA_VERSION);
        let answer = said(path, request.body(body.to_string())).await?;
        match answer.get("success").or(answer.get("Success")) {
            Some(Value::Bool(false)) => {
                Err(Error::Refused { what: path.to_owned(), status: 200, body: answer.to_string() })
            }
            _ => Ok(answer),
        }
    }

    /// A token for one call: it may be an hour on a fast clock until the next.
    async fn token(&self) -> Result<String> {
        let form = [
            ("client_id", DEFAULT_CLIENT_ID),
            ("client_secret", DEFAULT_CLIENT_SECRET),
            ("grant_type", "client_credentials"),
        ];
        let answer =
            said("/oauth/token", self.http.post(format!("{}/oauth/token", self.url)).form(&form)).await?;
        Ok(answer["access_token"].as_str().unwrap_or_default().to_owned())
    }
}

async fn said(what: &str, request: reqwest::RequestBuilder) -> Result<Value> {
    let response = request.send().await.map_err(Error::http(what))?;
    let status = response.status();
    let body = response.text().await.map_err(Error::http(what))?;
    match status {
        StatusCode::OK | StatusCode::CREATED => Ok(serde_json::from_str(&body).unwrap_or_default()),
        status => Err(Error::Refused { what: what.to_owned(), status: status.as_u16(), body }),
    }
}
