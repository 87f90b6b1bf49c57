//! What is counted, under Prometheus names. No value from a client ever becomes a label.
//! Refuses to serve itself: `web` does, on a port of its own.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

type Labels = [(&'static str, &'static str); 1];
type TwoLabels = [(&'static str, &'static str); 2];

/// All metrics of a process.
pub struct Metrics {
    registry: Registry,
    /// Orders by what became of the request: accepted, refused, replayed.
    pub orders: Family<Labels, Counter>,
    /// Calls to Zuora by class and outcome.
    pub zuora_calls: Family<TwoLabels, Counter>,
    /// Jobs by kind and outcome.
    pub jobs: Family<TwoLabels, Counter>,
    /// Callouts by news or repeated.
    pub callouts: Family<Labels, Counter>,
    /// Duties that are late.
    pub obligations_late: Gauge,
    /// Unfinished jobs.
    pub jobs_waiting: Gauge,
    /// Seconds since the oldest part of the copy was equal to Zuora.
    pub copy_age_seconds: Gauge,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("purser");
        let (orders, zuora_calls, jobs, callouts) =
            (Family::default(), Family::default(), Family::default(), Family::default());
        let (late, waiting, age) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("orders", "Order requests by what became of them", Family::clone(&orders));
        registry.register("zuora_calls", "Calls to Zuora by class and outcome", Family::clone(&zuora_calls));
        registry.register("jobs", "Jobs run, by kind and outcome", Family::clone(&jobs));
        registry.register("callouts", "Callouts received", Family::clone(&callouts));
        registry.register(
            "obligations_late",
            "Duties to provision that missed their deadline",
            Gauge::clone(&late),
        );
        registry.register("jobs_waiting", "Jobs that are not finished", Gauge::clone(&waiting));
        registry.register("copy_age_seconds", "Age of the oldest part of the local copy", Gauge::clone(&age));
        Metrics {
            registry,
            orders,
            zuora_calls,
            jobs,
            callouts,
            obligations_late: late,
            jobs_waiting: waiting,
            copy_age_seconds: age,
        }
    }
}

impl Metrics {
    /// The text that Prometheus scrapes.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// Counts a request for an order.
    pub fn order(&self, became: &'static str) {
        self.orders.get_or_create(&[("result", became)]).inc();
    }

    /// Counts a job that was run.
    pub fn job(&self, kind: &'static str, outcome: &'static str) {
        self.jobs.get_or_create(&[("kind", kind), ("outcome", outcome)]).inc();
    }

    /// Counts a call to Zuora.
    pub fn call(&self, class: &'static str, outcome: &'static str) {
        self.zuora_calls.get_or_create(&[("class", class), ("outcome", outcome)]).inc();
    }
}
