//! The first page of the console: what waits, what is unknown, what is late, what is at risk; breakers, lanes, the age of the copy.
//! Refuses big numbers that nobody acts on.

use app::console::Overview;
use app::health::{Billing, Freshness};
use app::{App, BreakerView};
use askama::Template;
use axum::extract::State as Shared;
use axum::response::Response;
use domain::Instant;
use domain::drift::Drift;
use domain::obligation::ObligationStatus;
use domain::order::{Order, OrderStatus};
use jiff::tz::TimeZone;
use store::lane::LaneState;

use crate::api::problem::Problem;
use crate::auth::Staff;
use crate::portal::html;
use crate::view::chart::{self, Plot};
use crate::view::money;
use crate::view::page::{Link, Page};
use crate::view::reader::{Reader, Stamp};
use crate::view::state::{self, State};

/// How often the page looks again.
const REFRESH_S: u32 = 10;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    page: Page,
    version: &'static str,
    silent_for: Option<String>,
    strip: Vec<Figure>,
    plot: Option<Plot>,
    accepted: i64,
    waiting: Vec<WaitingRow>,
    waiting_in_all: i64,
    breakers: Vec<BreakerRow>,
    lanes: Vec<LaneRow>,
    lanes_waiting: (i64, i64),
    copies: Vec<(String, Stamp)>,
    exposure: Vec<ExposureRow>,
    duties: Vec<(State, String)>,
    dead: Vec<(String, String)>,
    drifts: Vec<DriftRow>,
}

/// One number of the strip and what makes it good or bad.
struct Figure {
    label: &'static str,
    value: String,
    note: String,
    bad: bool,
}

struct WaitingRow {
    number: String,
    what: String,
    machine: String,
    accepted: String,
    state: State,
    trust: String,
    amount: String,
}

struct BreakerRow {
    name: &'static str,
    state: State,
    since: String,
    last_answer: String,
    next_try: String,
}

struct LaneRow {
    name: String,
    waiting: i64,
    oldest: String,
    next: String,
    last_error: String,
}

struct ExposureRow {
    currency: &'static str,
    words: String,
    limit: String,
    share: String,
    fill: &'static str,
}

struct DriftRow {
    what: String,
    field: String,
    ours: String,
    theirs: String,
    seen: String,
}

pub async fn get(Shared(app): Shared<App>, staff: Staff) -> Result<Response, Problem> {
    let overview = app::console::overview(&app, staff.caller()).await?;
    let role = staff.person.staff_role.map_or("staff", |role| role.as_str());
    let mut page = Page::public(&app, "Overview");
    page.reader.zone = TimeZone::UTC;
    page.menu = vec![Link { href: "/console".to_owned(), words: "Overview", here: true }];
    page.person = Some(format!("{} · {role}", staff.person.name));
    page.refresh_s = Some(REFRESH_S);
    Ok(html(&OverviewPage::of(overview, page, app::health::freshness(&app))))
}

impl OverviewPage {
    fn of(overview: Overview, mut page: Page, freshness: Freshness) -> OverviewPage {
        page.silent_since = match freshness.billing {
            Billing::Answers => None,
            Billing::Silent { since } => Some(since),
        };
        let (silent, reader) = (page.silent_since, page.reader.clone());
        let count =
            |status| overview.orders.iter().find(|(of, ..)| *of == status).map_or(0, |(_, count, _)| *count);
        let mut waiting: Vec<&Order> = overview.waiting.iter().collect();
        waiting.sort_by_key(|order| order.accepted_at);
        let counted = quarters(&overview);
        let plot = chart::orders(&counted, silent, reader.now);
        OverviewPage {
            version: env!("CARGO_PKG_VERSION"),
            silent_for: silent.map(|since| reader.since(since)),
            strip: strip(&overview, &reader),
            accepted: counted.iter().flat_map(|quarter| quarter.counts).sum(),
            plot,
            waiting_in_all: count(OrderStatus::Accepted) + count(OrderStatus::Unknown),
            waiting: waiting
                .into_iter()
                .take(WAITING_ROWS)
                .map(|order| WaitingRow::of(order, silent, &reader))
                .collect(),
            breakers: overview.breakers.iter().map(|breaker| BreakerRow::of(breaker, &reader)).collect(),
            lanes: overview.lanes.iter().map(|lane| LaneRow::of(lane, &reader)).collect(),
            lanes_waiting: overview.jobs_waiting,
            copies: copies(&overview, silent.is_some(), &reader),
            exposure: exposure(&overview),
            duties: overview
                .obligations
                .iter()
                .map(|(status, count)| (state::duty(*status), money::count(*count)))
                .collect(),
            dead: overview.dead.iter().map(|(kind, count)| (kind.clone(), money::count(*count))).collect(),
            drifts: overview.drifts.iter().map(|drift| DriftRow::of(drift, &reader)).collect(),
            page,
        }
    }
}

/// Rows of the table of orders that wait longest.
const WAITING_ROWS: usize = 8;

/// How far back the chart goes, in quarter hours.
const CHART_QUARTERS: i64 = 24;

fn quarters(overview: &Overview) -> Vec<chart::Quarter> {
    let quarter_s = 15 * 60;
    let now_s = overview.now.0.as_second();
    let first_s = (now_s / quarter_s - CHART_QUARTERS + 1) * quarter_s;
    let since = jiff::Timestamp::from_second(first_s).map_or(overview.now, Instant);
    let counted: Vec<_> = overview
        .quarters
        .iter()
        .filter_map(|(text, status, count)| Some((format!("{text}:00Z").parse().ok()?, *status, *count)))
        .collect();
    chart::quarters(&counted, since, overview.now)
}

fn strip(overview: &Overview, reader: &Reader) -> Vec<Figure> {
    let orders = |status| overview.orders.iter().find(|(of, ..)| *of == status);
    let duties =
        |status| overview.obligations.iter().find(|(of, _)| *of == status).map_or(0, |(_, count)| *count);
    let oldest = |status| {
        orders(status)
            .map_or_else(|| "none".to_owned(), |(.., oldest)| format!("oldest {}", reader.since(*oldest)))
    };
    let many = |status| orders(status).map_or(0, |(_, count, _)| *count);
    let dead: i64 = overview.dead.iter().map(|(_, count)| count).sum();
    let figure =
        |label, value: i64, note: String, bad| Figure { label, value: money::count(value), note, bad };
    let (unmapped, due) = (duties(ObligationStatus::Unmapped), duties(ObligationStatus::Due));
    vec![
        figure("Waiting for billing", many(OrderStatus::Accepted), oldest(OrderStatus::Accepted), false),
        figure(
            "Outcome unknown",
            many(OrderStatus::Unknown),
            if many(OrderStatus::Unknown) == 0 { "none" } else { "settled by asking Zuora" }.to_owned(),
            false,
        ),
        figure(
            "Provisioned late",
            overview.late,
            format!("{} due, {} not mapped", money::count(due), money::count(unmapped)),
            overview.late > 0,
        ),
        figure(
            "Drift",
            i64::try_from(overview.drifts.len()).unwrap_or(i64::MAX),
            "differences that nobody settled".to_owned(),
            !overview.drifts.is_empty(),
        ),
        figure("Dead letters", dead, "jobs that need a person".to_owned(), dead > 0),
    ]
}

fn copies(overview: &Overview, silent: bool, reader: &Reader) -> Vec<(String, Stamp)> {
    let mut copies: Vec<(String, Stamp)> = overview
        .cursors
        .iter()
        .map(|cursor| (capitalized(&cursor.name), reader.staff_stamp(Some(cursor.synced_at), silent)))
        .collect();
    copies.push(("Catalog and prices".to_owned(), reader.staff_prices_stamp(overview.catalog_as_of, silent)));
    copies
}

fn exposure(overview: &Overview) -> Vec<ExposureRow> {
    let row = |(currency, minor): &(domain::Currency, i64)| {
        // A share for the eye; the amounts beside it are exact.
        let share = 100.0 * *minor as f64 / overview.exposure_limit_minor.max(1) as f64;
        ExposureRow {
            currency: currency.code(),
            words: money::minor(*minor, *currency),
            limit: money::minor(overview.exposure_limit_minor, *currency),
            share: format!("{:.0}%", share.clamp(0.0, 100.0)),
            fill: if share >= 80.0 { "f-amber" } else { "f-blue" },
        }
    };
    overview.exposure.iter().map(row).collect()
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| format!("{}{}", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}

impl WaitingRow {
    fn of(order: &Order, silent: Option<Instant>, reader: &Reader) -> WaitingRow {
        let titles: Vec<String> = order.actions.iter().map(crate::view::arithmetic::title).collect();
        WaitingRow {
            number: order.number.to_string(),
            what: titles.join(", "),
            machine: reader.machine(order.accepted_at),
            accepted: reader.second(order.accepted_at),
            state: state::staff_order(order.status, silent),
            trust: order.trust_until.map_or_else(|| "not granted".to_owned(), |until| reader.moment(until)),
            amount: money::amount(order.total()),
        }
    }
}

impl BreakerRow {
    fn of(breaker: &BreakerView, reader: &Reader) -> BreakerRow {
        BreakerRow {
            name: calls(breaker.name),
            state: state::breaker(breaker.state),
            since: breaker.since.map_or_else(|| "start".to_owned(), |since| reader.second(since)),
            last_answer: if breaker.last_answer.is_empty() {
                "none yet".to_owned()
            } else {
                breaker.last_answer.clone()
            },
            next_try: match (breaker.state, breaker.next_try) {
                (app::BreakerState::Closed, None) => "not needed".to_owned(),
                (_, Some(at)) if !reader.is_past(at) => format!("in {}", reader.until(at)),
                _ => "now, 1 call".to_owned(),
            },
        }
    }
}

/// What a class of calls is for, in words.
fn calls(class: &'static str) -> &'static str {
    match class {
        "account" => "Orders and accounts",
        "target" => "Provisioning",
        "sync" => "Sync",
        "mail" => "Mail",
        other => other,
    }
}

impl LaneRow {
    fn of(lane: &LaneState, reader: &Reader) -> LaneRow {
        LaneRow {
            name: lane.name.clone(),
            waiting: lane.waiting,
            oldest: reader.since(lane.oldest),
            next: match lane.next_at {
                Some(at) if !reader.is_past(at) => format!("in {}", reader.until(at)),
                Some(_) => "now".to_owned(),
                None => "–".to_owned(),
            },
            last_error: lane.last_error.clone().unwrap_or_else(|| "–".to_owned()),
        }
    }
}

impl DriftRow {
    fn of(drift: &Drift, reader: &Reader) -> DriftRow {
        DriftRow {
            what: format!("{} {}", capitalized(&drift.noun), drift.number),
            field: drift.field.clone(),
            ours: drift.ours.clone(),
            theirs: drift.theirs.clone(),
            seen: reader.moment(drift.first_seen_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use app::BreakerState;
    use domain::{DriftId, JobId};
    use store::cursor::Cursor;
    use ulid::Ulid;

    use super::*;
    use crate::story;

    fn reader() -> Reader {
        Reader { zone: TimeZone::UTC, ..story::reader() }
    }

    /// Billed until 09:14, waiting since.
    fn day_of_orders() -> Vec<(String, OrderStatus, i64)> {
        let mut quarters: Vec<(String, OrderStatus, i64)> = Vec::new();
        for (index, count) in
            [9, 11, 10, 11, 14, 13, 17, 19, 21, 24, 23, 26, 29, 31, 32, 30, 34].into_iter().enumerate()
        {
            quarters.push((
                format!("2026-11-12T{:02}:{:02}", 5 + index / 4, index % 4 * 15),
                OrderStatus::Billed,
                count,
            ));
        }
        quarters.push(("2026-11-12T09:00".into(), OrderStatus::Unknown, 3));
        quarters.push(("2026-11-12T08:45".into(), OrderStatus::Rejected, 1));
        for (time, count) in
            [("09:15", 38), ("09:30", 35), ("09:45", 37), ("10:00", 39), ("10:15", 36), ("10:30", 32)]
        {
            quarters.push((format!("2026-11-12T{time}"), OrderStatus::Accepted, count));
        }
        quarters
    }

    fn outage() -> Overview {
        let at = story::at;
        let mut unknown = story::order();
        unknown.status = OrderStatus::Unknown;
        unknown.number = "O-00008622".parse().unwrap();
        unknown.accepted_at = at("2026-11-12T09:13:49Z");
        let breaker = |name, state, last_answer: &str| BreakerView {
            name,
            state,
            since: Some(at("2026-11-12T09:14:22Z")),
            last_answer: last_answer.into(),
            next_try: (state == BreakerState::Open).then(|| at("2026-11-12T10:42:18Z")),
        };
        Overview {
            now: reader().now,
            orders: vec![
                (OrderStatus::Accepted, 217, at("2026-11-12T09:15:01Z")),
                (OrderStatus::Billed, 475, at("2026-11-12T04:45:01Z")),
                (OrderStatus::Unknown, 3, at("2026-11-12T09:13:49Z")),
            ],
            quarters: day_of_orders(),
            waiting: vec![unknown, story::order()],
            lanes: vec![LaneState {
                name: "account:acc_01JCG7Q0ZK9M2T".into(),
                waiting: 2,
                oldest: at("2026-11-12T09:13:49Z"),
                next_at: Some(at("2026-11-12T10:42:18Z")),
                last_error: Some("503, an HTML page".into()),
                head: JobId(Ulid(1)),
            }],
            jobs_waiting: (198, 220),
            breakers: vec![
                breaker("account", BreakerState::Open, "503, an HTML page"),
                breaker("sync", BreakerState::HalfOpen, "connection refused"),
                breaker("target", BreakerState::Closed, "answered"),
            ],
            cursors: vec![
                Cursor {
                    name: "invoices".into(),
                    since: at("2026-11-12T09:13:40Z"),
                    synced_at: at("2026-11-12T09:13:40Z"),
                },
                Cursor {
                    name: "subscriptions".into(),
                    since: at("2026-11-12T09:13:58Z"),
                    synced_at: at("2026-11-12T09:13:58Z"),
                },
            ],
            catalog_as_of: Some(at("2026-11-12T09:10:00Z")),
            obligations: vec![(ObligationStatus::Done, 698), (ObligationStatus::Waiting, 1)],
            late: 0,
            exposure: vec![(story::euro(), 18_421_040)],
            exposure_limit_minor: 40_000_000,
            dead: vec![("send_mail".into(), 2)],
            drifts: vec![Drift {
                id: DriftId(Ulid(1)),
                noun: "subscription".into(),
                number: "A-S00000931".into(),
                field: "quantity".into(),
                ours: "40".into(),
                theirs: "45".into(),
                first_seen_at: at("2026-11-12T08:02:00Z"),
                settled_at: None,
            }],
        }
    }

    #[test]
    fn during_an_outage_the_console_says_what_waits_and_that_selling_goes_on() {
        let page = Page {
            menu: vec![Link { href: "/console".into(), words: "Overview", here: true }],
            reader: reader(),
            account: None,
            person: Some("R. Lindqvist · operator".into()),
            refresh_s: Some(REFRESH_S),
            ..story::page("Overview")
        };
        let silent = Freshness {
            as_of: Some(story::silent_since()),
            billing: Billing::Silent { since: story::silent_since() },
        };
        let page = story::shown("console-outage", &OverviewPage::of(outage(), page, silent));
        for words in [
            "Zuora has been unreachable for 1 h 27 min. Selling and provisioning go on.",
            "217",
            "Outcome unknown",
            "€184,210.40",
            "€400,000.00",
            "46%",
            "503, an HTML page",
            "in 8 s",
            "Zuora unreachable, 09:14",
            "send_mail",
            "A-S00000931",
        ] {
            assert!(page.contains(words), "{words}");
        }
    }

    #[test]
    fn a_quiet_console_says_that_nothing_waits() {
        let overview = Overview {
            orders: Vec::new(),
            quarters: Vec::new(),
            waiting: Vec::new(),
            lanes: Vec::new(),
            jobs_waiting: (0, 0),
            exposure: Vec::new(),
            dead: Vec::new(),
            drifts: Vec::new(),
            obligations: Vec::new(),
            ..outage()
        };
        let fresh = Freshness { as_of: Some(reader().now), billing: Billing::Answers };
        let page = Page { reader: reader(), account: None, ..story::page("Overview") };
        let page = story::shown("console-quiet", &OverviewPage::of(overview, page, fresh));
        assert!(page.contains("Nothing waits") && !page.contains("class=\"banner"));
    }
}
