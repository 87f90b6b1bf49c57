//! Customers who order one thing after the other, and repeat a request under its key until it is answered.
//! Refuses any answer to an order but an acknowledgement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lab::Dice;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::site::Site;

/// Customers who order at the same time.
const CUSTOMERS: u64 = 6;

/// Orders of one account before the customer opens the next one: some wait behind others, not all.
const ORDERS_AN_ACCOUNT: u64 = 5;

/// Between two orders of a customer.
const PAUSE: Duration = Duration::from_millis(80);

/// Between two tries of one request.
const AGAIN_AFTER: Duration = Duration::from_millis(25);

/// A request that is not answered by then never will be.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// One product of each line: one is pushed, the other gets a license.
const OFFERS: [(&str, &str); 2] = [("cloud-business", "namespace"), ("server-business", "server")];

/// An acknowledged order.
#[derive(Debug)]
pub struct Order {
    pub number: String,
    pub account: String,
    pub subscriptions: Vec<String>,
    pub total: String,
}

/// Everything that was acknowledged, and how often it took more than one request.
#[derive(Debug, Default)]
pub struct Acknowledged {
    pub accounts: Vec<String>,
    pub orders: Vec<Order>,
    pub repeated: u32,
    pub replayed: u32,
}

/// Customers at work.
pub struct Customers(JoinSet<Acknowledged>);

impl Customers {
    /// They order until the other end of `stopped` is dropped.
    pub fn start(site: &Arc<Site>, stopped: &watch::Receiver<()>) -> Customers {
        let customer = |id| Customer { id, site: site.clone(), sent: 0, got: Acknowledged::default() };
        Customers((0..CUSTOMERS).map(|id| customer(id).orders(stopped.clone())).collect())
    }

    /// Waits for the answers to their last requests.
    pub async fn finish(self) -> Acknowledged {
        let mut all = Acknowledged::default();
        for one in self.0.join_all().await {
            all.accounts.extend(one.accounts);
            all.orders.extend(one.orders);
            all.repeated += one.repeated;
            all.replayed += one.replayed;
        }
        all
    }
}

struct Customer {
    id: u64,
    site: Arc<Site>,
    sent: u64,
    got: Acknowledged,
}

impl Customer {
    async fn orders(mut self, stopped: watch::Receiver<()>) -> Acknowledged {
        let mut dice = Dice::new(self.id);
        while stopped.has_changed().is_ok() {
            let account = self.opens_an_account().await;
            for _ in 0..ORDERS_AN_ACCOUNT {
                self.places_an_order(&account, &mut dice).await;
                tokio::time::sleep(PAUSE).await;
                if stopped.has_changed().is_err() {
                    break;
                }
            }
        }
        self.got
    }

    async fn opens_an_account(&mut self) -> String {
        let body = json!({
            "name": format!("Company {} of customer {}", self.sent, self.id), "currency": "EUR",
            "first_name": "Jana", "last_name": "Okafor", "mail": "jana@brightwater.example", "country": "DE",
        });
        let opened = self.posts("/api/v1/accounts", &body).await;
        let number = text(&opened["number"]);
        self.got.accounts.push(number.clone());
        number
    }

    async fn places_an_order(&mut self, account: &str, dice: &mut Dice) {
        let (offer, kind) = OFFERS[usize::from(dice.roll(2) == 1)];
        let target = format!("{kind}:c{}-{}", self.id, self.sent);
        let action =
            json!({ "type": "subscribe", "offer": offer, "quantity": 1 + dice.roll(50), "target": target });
        let body = json!({ "account": account, "settlement": "invoice", "actions": [action] });
        let placed = self.posts("/api/v1/orders", &body).await;
        self.got.orders.push(Order {
            number: text(&placed["number"]),
            account: account.to_owned(),
            subscriptions: placed["subscriptions"].as_array().into_iter().flatten().map(text).collect(),
            total: text(&placed["total"]["amount"]),
        });
    }

    /// Sends a request under a key of its own, again and again until it is answered.
    async fn posts(&mut self, path: &str, body: &Value) -> Value {
        let (key, body) = (format!("customer-{}-{}", self.id, self.sent), body.to_string());
        self.sent += 1;
        let deadline = Instant::now() + ANSWERED_WITHIN;
        loop {
            if let Some((status, is_replayed, answer)) = self.sends(path, &key, &body).await {
                assert_eq!(status, StatusCode::CREATED, "{path}: {answer}");
                self.got.replayed += u32::from(is_replayed);
                return serde_json::from_str(&answer).expect("JSON");
            }
            assert!(Instant::now() < deadline, "{path} under {key} is not answered");
            self.got.repeated += 1;
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// One try; `None` if the server was gone before the answer was whole.
    async fn sends(&self, path: &str, key: &str, body: &str) -> Option<(StatusCode, bool, String)> {
        let request = self.site.http.post(format!("{}{path}", self.site.url())).bearer_auth(&self.site.token);
        let request = request.header("idempotency-key", key).header("content-type", "application/json");
        let answer = request.body(body.to_owned()).send().await.ok()?;
        let is_replayed = answer.headers().contains_key("idempotent-replayed");
        Some((answer.status(), is_replayed, answer.text().await.ok()?))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
