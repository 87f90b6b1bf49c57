//! What a run of the demo comes to, in the words that scripts rely on.
//! Refuses a verdict without evidence: a run in which nothing happened does not hold.

use serde::Serialize;

/// The whole result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Orders, by what customers were told and what the emulator's books hold.
    pub orders: Orders,
    /// Accounts in the books beyond those that were asked for.
    pub accounts_duplicated: usize,
    /// Invoices in the books beyond one for each order.
    pub invoices_duplicated: usize,
    /// Payments in the books beyond one for each invoice.
    pub payments_duplicated: usize,
    /// What was bought and what of it is there.
    pub obligations: Obligations,
    /// Reads of orders, entitlements and pages during all of it.
    pub reads: ReadCounts,
    /// Each outage.
    pub outages: Vec<OutageReport>,
    /// What waits for a person, or was done by one.
    pub human_actions: usize,
}

/// Orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Orders {
    /// Answered 201.
    pub accepted: usize,
    /// Of those, billed as was told, and paid if by card.
    pub billed: usize,
    /// Refused, or taken and rejected later.
    pub rejected: usize,
    /// Accepted and neither billed nor rejected.
    pub lost: usize,
    /// In the books beyond what was asked for.
    pub duplicated: usize,
}

/// Capabilities that orders promise to targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Obligations {
    /// Promised.
    pub due: usize,
    /// Really there.
    pub done: usize,
}

/// Reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReadCounts {
    /// All.
    pub total: u64,
    /// Not answered, or with something else than what was asked for.
    pub failed: u64,
}

/// An outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutageReport {
    /// What was wrong with Zuora.
    pub kind: String,
    /// Orders that were taken meanwhile.
    pub orders_accepted: usize,
    /// Seconds on the demo's clock from Zuora's return until each of them was billed; null if that did not happen.
    pub recovered_in_s: Option<i64>,
}

impl Report {
    /// Whether the demo shows what it claims.
    pub fn holds(&self) -> bool {
        let Orders { accepted, billed, rejected, lost, duplicated } = self.orders;
        let orders = accepted > 0 && billed == accepted && [rejected, lost, duplicated] == [0; 3];
        let once = [self.accounts_duplicated, self.invoices_duplicated, self.payments_duplicated] == [0; 3];
        let provisioned = self.obligations.due > 0 && self.obligations.done == self.obligations.due;
        let read = self.reads.total > 0 && self.reads.failed == 0;
        let outlived = |outage: &OutageReport| outage.orders_accepted > 0 && outage.recovered_in_s.is_some();
        let recovered = !self.outages.is_empty() && self.outages.iter().all(outlived);
        orders && once && provisioned && read && recovered && self.human_actions == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Report {
        Report {
            orders: Orders { accepted: 320, billed: 320, rejected: 0, lost: 0, duplicated: 0 },
            accounts_duplicated: 0,
            invoices_duplicated: 0,
            payments_duplicated: 0,
            obligations: Obligations { due: 321, done: 321 },
            reads: ReadCounts { total: 1_000, failed: 0 },
            outages: vec![OutageReport {
                kind: "http_500".into(),
                orders_accepted: 60,
                recovered_in_s: Some(90),
            }],
            human_actions: 0,
        }
    }

    #[test]
    fn the_json_has_the_words_that_scripts_rely_on() {
        let expected = r#"{"orders":{"accepted":320,"billed":320,"rejected":0,"lost":0,"duplicated":0},"accounts_duplicated":0,"invoices_duplicated":0,"payments_duplicated":0,"obligations":{"due":321,"done":321},"reads":{"total":1000,"failed":0},"outages":[{"kind":"http_500","orders_accepted":60,"recovered_in_s":90}],"human_actions":0}"#;
        assert_eq!(serde_json::to_string(&good()).unwrap(), expected);
    }

    #[test]
    fn a_report_holds_only_if_everything_does() {
        assert!(good().holds());
        let spoil: [fn(&mut Report); 16] = [
            |report| report.orders.accepted = 321,
            |report| report.orders.billed = 319,
            |report| report.orders.rejected = 1,
            |report| report.orders.lost = 1,
            |report| report.orders.duplicated = 1,
            |report| (report.orders.accepted, report.orders.billed) = (0, 0),
            |report| report.accounts_duplicated = 1,
            |report| report.invoices_duplicated = 1,
            |report| report.payments_duplicated = 1,
            |report| report.obligations.done = 320,
            |report| report.obligations = Obligations { due: 0, done: 0 },
            |report| report.reads.failed = 1,
            |report| report.reads.total = 0,
            |report| report.outages.clear(),
            |report| report.outages[0].recovered_in_s = None,
            |report| report.human_actions = 1,
        ];
        for (index, spoil) in spoil.into_iter().enumerate() {
            let mut report = good();
            spoil(&mut report);
            assert!(!report.holds(), "{index}");
        }
    }
}
