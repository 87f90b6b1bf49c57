//! The log: one JSON object a line with the field names of the Elastic Common Schema, or one plain line on a terminal.
//! Fields of the spans around an event are part of it, so that one trace id finds an order in every process.
//! Refuses raw control characters: what a client sends cannot start a line of its own.

use std::{
    error::Error,
    fmt::{self, Write as _},
    io::{self, IsTerminal, Write as _},
};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    EnvFilter, Layer,
    fmt::MakeWriter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

/// What is logged, in the syntax of `EnvFilter`.
const FILTER_VARIABLE: &str = "PURSER_LOG";
/// What a server logs unless told otherwise.
pub const EVERYTHING: &str = "info,sqlx=warn,hyper=warn";
/// What a command with a terminal story of its own logs unless told otherwise.
pub const ERRORS: &str = "error";
/// A longer text tells no more to a person, and fills the disk.
const TEXT_BYTES_MAX: usize = 8 * 1024;
const ECS_VERSION: &str = "8.11.0";
/// Field names of ours that the schema has its own names for.
const RENAMED: [(&str, &str); 5] = [
    ("trace_id", "trace.id"),
    ("span_id", "span.id"),
    ("error", "error.message"),
    ("log.target", "log.logger"),
    ("request_id", "http.request.id"),
];
/// The schema's own groups; any other field is ours and goes below `purser`.
const GROUPS: [&str; 9] =
    ["trace.", "span.", "error.", "event.", "http.", "url.", "client.", "user_agent.", "process."];

/// Starts the log on standard error.
pub fn start(unless_told: &str) -> Result<()> {
    let filter = std::env::var(FILTER_VARIABLE).unwrap_or_else(|_| unless_told.to_owned());
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("{FILTER_VARIABLE} is not a filter such as \"info,app=debug\""))?;
    let form = if io::stderr().is_terminal() { Form::Line } else { Form::Ecs };
    let log = Log { form, out: io::stderr };
    tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .try_init()
        .context("the log was started twice")
}

/// What a line looks like.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// For machines: a JSON object.
    Ecs,
    /// For a person in front of a terminal.
    Line,
}

/// Writes each event as a line.
struct Log<W> {
    form: Form,
    out: W,
}

/// What was recorded in a span or an event, under the names that are logged.
#[derive(Debug, Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for Log<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        // From the outermost span inwards: the nearest one has the last word, and the event itself.
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(around) = span.extensions().get::<Fields>() {
                fields.0.extend(around.0.clone());
            }
        }
        event.record(&mut fields);
        let now = jiff::Timestamp::now();
        let line = match self.form {
            Form::Ecs => fields.into_ecs(event, now),
            Form::Line => fields.into_line(event, now),
        };
        // One write, so that lines of several threads do not mix. Nobody is left to be told when it fails.
        let _unwritten = self.out.make_writer().write_all(line.as_bytes());
    }
}

impl Fields {
    fn insert(&mut self, name: &str, value: Value) {
        let renamed = RENAMED.iter().find(|(ours, _)| *ours == name).map(|(_, schema)| (*schema).to_owned());
        let is_schema = name == "message" || GROUPS.iter().any(|group| name.starts_with(group));
        let ours = || if is_schema { name.to_owned() } else { format!("purser.{name}") };
        self.0.insert(renamed.unwrap_or_else(ours), value);
    }

    fn insert_text(&mut self, name: &str, mut text: String) {
        if text.len() > TEXT_BYTES_MAX {
            text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
            text.push('…');
        }
        self.insert(name, Value::String(text));
    }

    fn into_ecs(self, event: &Event<'_>, now: jiff::Timestamp) -> String {
        let mut line = self.0;
        let level = event.metadata().level().as_str().to_lowercase();
        for (name, value) in [
            ("@timestamp", format!("{now:.3}")),
            ("log.level", level),
            ("log.logger", event.metadata().target().to_owned()),
            ("ecs.version", ECS_VERSION.to_owned()),
            ("service.name", "purser".to_owned()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ] {
            line.insert(name.to_owned(), Value::String(value));
        }
        line.entry("message").or_insert_with(|| Value::String(event.metadata().name().to_owned()));
        format!("{}\n", Value::Object(line))
    }

    fn into_line(mut self, event: &Event<'_>, now: jiff::Timestamp) -> String {
        let message = match self.0.remove("message") {
            Some(Value::String(text)) => without_controls(&text),
            _ => event.metadata().name().to_owned(),
        };
        let time = now.strftime("%H:%M:%S%.3f");
        let mut line = format!("{time} {:5} {message}", event.metadata().level().as_str());
        for (name, value) in &self.0 {
            let name = name.strip_prefix("purser.").unwrap_or(name);
            let value = match value {
                Value::String(text) => without_controls(text),
                other => other.to_string(),
            };
            let _never = write!(line, " {name}={value}");
        }
        line.push('\n');
        line
    }
}

/// A control character would let a text from outside move the cursor or forge a line.
fn without_controls(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    safe
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert_text(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert_text(field.name(), value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field.name(), Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field.name(), Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field.name(), Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field.name(), Value::from(value));
    }

    /// With everything that caused it: an error of ours does not repeat its source.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut told = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            let _never = write!(told, ": {cause}");
            source = cause.source();
        }
        self.insert_text(field.name(), told);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{info, info_span, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(form: Form, act: impl FnOnce()) -> String {
        let paper = Paper::default();
        let out = paper.clone();
        let log = Log { form, out: move || out.clone() };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(log), act);
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn ecs(act: impl FnOnce()) -> Value {
        let line = written(Form::Ecs, act);
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn a_line_has_the_names_of_the_schema() {
        let line =
            ecs(|| info!(order = "P-1", attempts = 2, http.response.status_code = 201, "order accepted"));
        assert_eq!(line["message"], "order accepted");
        assert_eq!(line["log.level"], "info");
        assert_eq!(line["log.logger"], module_path!());
        assert_eq!(line["service.name"], "purser");
        assert_eq!(line["purser.order"], "P-1");
        assert_eq!(line["purser.attempts"], 2);
        assert_eq!(line["http.response.status_code"], 201);
        let time: jiff::Timestamp = line["@timestamp"].as_str().unwrap().parse().unwrap();
        assert!(time <= jiff::Timestamp::now());
    }

    #[test]
    fn an_event_carries_the_fields_of_the_spans_around_it() {
        let line = ecs(|| {
            let _job = info_span!("job", trace_id = "4bf92f", span_id = tracing::field::Empty, lane = "A1")
                .entered();
            let inner = info_span!("call", lane = "A2");
            let _call = inner.enter();
            info!("sent");
        });
        assert_eq!(line["trace.id"], "4bf92f");
        assert_eq!(line["purser.lane"], "A2");
        assert_eq!(line.get("span.id"), None);
    }

    #[test]
    fn a_field_that_is_recorded_later_is_there() {
        let line = ecs(|| {
            let span = info_span!("job", trace_id = tracing::field::Empty);
            span.record("trace_id", "4bf92f");
            let _job = span.enter();
            info!("sent");
        });
        assert_eq!(line["trace.id"], "4bf92f");
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let cause = io::Error::new(io::ErrorKind::TimedOut, "no answer");
        let error = anyhow::Error::new(cause).context("order P-1 is not sent");
        let error: &(dyn Error + 'static) = error.as_ref();
        let line = ecs(|| warn!(error, "will try again"));
        assert_eq!(line["error.message"], "order P-1 is not sent: no answer");
    }

    #[test]
    fn a_text_from_a_client_cannot_start_a_line_of_its_own() {
        let forged = "x\n{\"log.level\":\"error\"}\u{1b}[2J";
        let line = ecs(|| info!(name = forged, "{forged}"));
        assert_eq!(line["purser.name"], forged);
        let line = written(Form::Line, || info!(name = forged, "{forged}"));
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }

    #[test]
    fn a_long_text_is_cut() {
        let line = ecs(|| info!(body = "ü".repeat(TEXT_BYTES_MAX), "callout"));
        let body = line["purser.body"].as_str().unwrap();
        assert!(body.len() <= TEXT_BYTES_MAX + '…'.len_utf8() && body.ends_with('…'));
    }

    #[test]
    fn a_person_reads_time_level_message_and_fields() {
        let line = written(Form::Line, || warn!(order = "P-1", "late"));
        assert!(line.ends_with(" WARN  late order=P-1\n"), "{line}");
    }
}
