//! All customers together: they share what there is to buy and write down what they are told.
//! Refuses to let one company place two orders at once: a company is one person with a shopping list.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::offer::Offer;
use domain::order::OrderStatus;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::reader::{self, Reader, Reads};
use super::{Answer, Client, Company, Purchase, Wish};
use crate::ledger::{Bought, Ledger, Opened, Placed, Refused};

/// Companies that order at the same time.
const AT_ONCE: usize = 4;

/// One request in so many is sent in another manner than once.
const UNUSUAL_ONE_IN: u64 = 6;

/// The longest that an impatient customer waits before the line is dropped, in milliseconds of real time.
const IMPATIENCE_MS: u64 = 25;

/// A company that wants an account.
#[derive(Debug, Clone)]
pub struct NewCompany {
    /// Its name.
    pub name: String,
    /// What its namespaces and servers are called after.
    pub slug: String,
    /// First and last name of the person who is billed.
    pub contact: (String, String),
    /// Where invoices go.
    pub mail: String,
    /// ISO country.
    pub country: String,
}

struct Shared {
    client: Client,
    offers: Vec<Offer>,
    ledger: Mutex<Ledger>,
    companies: Mutex<VecDeque<Company>>,
    reads: Reads,
    keys: AtomicU64,
}

/// The customers; clones are the same ones.
#[derive(Clone)]
pub struct Crowd(Arc<Shared>);

impl Crowd {
    /// Customers without accounts.
    pub fn new(client: Client, offers: Vec<Offer>) -> Crowd {
        Crowd(Arc::new(Shared {
            client,
            offers,
            ledger: Mutex::default(),
            companies: Mutex::default(),
            reads: Reads::default(),
            keys: AtomicU64::new(1),
        }))
    }

    /// Looks at what they were told.
    pub fn ledger<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(&mut self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What became of the reads.
    pub fn reads(&self) -> &Reads {
        &self.0.reads
    }

    /// Everything that can be bought.
    pub fn offers(&self) -> &[Offer] {
        &self.0.offers
    }

    /// Opens an account, and asks again with the same key as if the answer had been lost.
    pub async fn open(&self, new: &NewCompany) -> Option<Company> {
        let body = json!({
            "name": new.name,
            "currency": "EUR",
            "first_name": new.contact.0,
            "last_name": new.contact.1,
            "mail": new.mail,
            "country": new.country,
        });
        let (key, seed) = self.key("open");
        let answers = [
            self.0.client.insist("/api/v1/accounts", &key, &body).await,
            self.0.client.insist("/api/v1/accounts", &key, &body).await,
        ];
        let numbers = numbers(&answers);
        let Some(number) = numbers.first().cloned() else {
            self.refuse(key, &answers);
            return None;
        };
        self.ledger(|ledger| ledger.opened.push(Opened { name: new.name.clone(), numbers }));
        Some(Company::new(&number, &new.name, &new.slug, seed))
    }

    /// Lets a company join those that order by themselves.
    pub fn join(&self, company: Company) {
        self.0.companies.lock().unwrap_or_else(PoisonError::into_inner).push_back(company);
    }

    /// Places one order of a company; `None` if it was not taken.
    pub async fn order(&self, company: &mut Company, wish: Wish) -> Option<Placed> {
        let (key, _) = self.key(&company.slug);
        let body = wish.body(&company.account, company.settlement);
        let answers = self.send(company, &key, &body).await;
        let numbers = numbers(&answers);
        let taken = answers.iter().find(|answer| answer.status == 201);
        let Some(answer) = taken.filter(|_| !numbers.is_empty()).map(Answer::json) else {
            self.refuse(key, &answers);
            return None;
        };
        Some(self.took(company, wish, (key, numbers), &answer))
    }

    /// Writes down an order that a person placed on a page, as the API shows it.
    pub async fn placed(&self, company: &mut Company, wish: Wish, purchase: Purchase) -> Option<Placed> {
        let answer = self.0.client.get(&format!("/api/v1/orders/{}", purchase.order)).await;
        let numbers = BTreeSet::from([purchase.order]);
        match answer.status {
            200 => Some(self.took(company, wish, (purchase.key, numbers), &answer.json())),
            _ => None,
        }
    }

    /// Whether the platform says that it rejected an order after it had been taken.
    pub async fn is_rejected(&self, number: &str) -> bool {
        let answer = self.0.client.get(&format!("/api/v1/orders/{number}")).await;
        answer.text("status").is_some_and(|status| status == OrderStatus::Rejected.as_str())
    }

    fn took(
        &self,
        company: &mut Company,
        wish: Wish,
        (key, numbers): (String, BTreeSet<String>),
        answer: &Value,
    ) -> Placed {
        let subscription = answer["subscriptions"][0].as_str().unwrap_or_default().to_owned();
        let total = answer["total"]["amount"].as_str().and_then(|text| text.parse().ok());
        let Wish { kind, offer, quantity, target, .. } = wish;
        let placed = Placed {
            key,
            account: company.account.clone(),
            numbers,
            settlement: company.settlement,
            // An order that says no total will not be found billed as it said.
            total: total.unwrap_or(Decimal::ZERO),
            bought: Bought { kind, offer, quantity, subscription, target },
        };
        company.got(&placed.bought);
        self.ledger(|ledger| ledger.placed.push(placed.clone()));
        placed
    }

    /// Companies place so many orders, spread over a time; `placed` is called after each.
    pub async fn shop(&self, orders: usize, over: Duration, placed: impl Fn() + Clone + Send + 'static) {
        if self.0.companies.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return; // nobody would ever come
        }
        let left = Arc::new(AtomicUsize::new(orders));
        let pause =
            over * u32::try_from(AT_ONCE).unwrap_or(1) / u32::try_from(orders.max(1)).unwrap_or(u32::MAX);
        let mut shoppers = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (crowd, left, placed) = (self.clone(), left.clone(), placed.clone());
            shoppers.spawn(async move { crowd.shop_on(&left, pause, placed).await });
        }
        while shoppers.join_next().await.is_some() {}
    }

    async fn shop_on(&self, left: &AtomicUsize, pause: Duration, placed: impl Fn()) {
        let next = |left: usize| left.checked_sub(1);
        loop {
            let turn = tokio::time::Instant::now() + pause;
            let company = self.0.companies.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            // With more shoppers than companies, some find everyone busy.
            if let Some(mut company) = company {
                let wish = company.wish(&self.0.offers);
                let is_over = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_err();
                if let Some(wish) = wish.filter(|_| !is_over) {
                    self.order(&mut company, wish).await;
                    placed();
                }
                self.join(company);
                if is_over {
                    return;
                }
            }
            tokio::time::sleep_until(turn).await;
        }
    }

    /// A product with the same token, to read with.
    pub fn product(&self) -> Reader {
        Reader::Product(self.0.client.clone())
    }

    /// Lets them read until what is returned is dropped.
    pub fn read(&self, readers: impl IntoIterator<Item = Reader>) -> JoinSet<()> {
        let mut reading = JoinSet::new();
        for (seed, reader) in (0..).zip(readers) {
            reading.spawn(reader::read_on(self.clone(), reader, seed));
        }
        reading
    }

    /// Sends an order: mostly once, sometimes again after the answer, twice at once, or again after a lost answer.
    async fn send(&self, company: &mut Company, key: &str, body: &Value) -> Vec<Answer> {
        let (client, path) = (&self.0.client, "/api/v1/orders");
        match company.roll(UNUSUAL_ONE_IN) {
            0 => {
                let first = client.insist(path, key, body).await;
                vec![first, client.insist(path, key, body).await]
            }
            1 => {
                let (one, other) =
                    tokio::join!(client.insist(path, key, body), client.insist(path, key, body));
                vec![one, other]
            }
            2 => {
                let patience = Duration::from_millis(company.roll(IMPATIENCE_MS));
                let lost = tokio::time::timeout(patience, client.post(path, key, body)).await;
                let again = client.insist(path, key, body).await;
                lost.into_iter().filter(|answer| answer.status == 201).chain([again]).collect()
            }
            _ => vec![client.insist(path, key, body).await],
        }
    }

    fn key(&self, of: &str) -> (String, u64) {
        let number = self.0.keys.fetch_add(1, Ordering::Relaxed);
        (format!("{of}-{number}"), number)
    }

    fn refuse(&self, key: String, answers: &[Answer]) {
        let said = answers.last();
        let (status, body) = said.map_or((0, String::new()), |answer| (answer.status, answer.body.clone()));
        self.ledger(|ledger| ledger.refused.push(Refused { key, status, body }));
    }
}

fn numbers(answers: &[Answer]) -> BTreeSet<String> {
    let taken = answers.iter().filter(|answer| answer.status == 201);
    taken.filter_map(|answer| answer.text("number")).collect()
}
