//! Where the story is told: bars and lines on a terminal, plain lines elsewhere, one JSON object for scripts.
//! Refuses to print anything on standard output besides the object when one was asked for.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

enum Face {
    /// Bars and lines; all of it on standard error, which is the same terminal.
    Terminal(MultiProgress),
    Lines,
    Silent,
}

/// The stage of one run.
pub(super) struct Stage {
    begun: Instant,
    face: Face,
}

/// How many of how many; nothing where there is no terminal.
#[derive(Clone)]
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(super) fn step(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }

    pub(super) fn say(&self, words: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(words.to_owned());
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// How often a bar moves while nothing is counted.
const TICK: Duration = Duration::from_millis(120);

impl Stage {
    pub(super) fn new(quiet_json: bool) -> Stage {
        let errors = std::io::stderr().is_terminal();
        let face = match (quiet_json, errors && std::io::stdout().is_terminal()) {
            (true, _) if errors => Face::Terminal(MultiProgress::new()),
            (true, _) => Face::Silent,
            (false, true) => Face::Terminal(MultiProgress::new()),
            (false, false) => Face::Lines,
        };
        Stage { begun: Instant::now(), face }
    }

    /// What the audience should know first.
    pub(super) fn opening(&self, speed: u32) {
        self.plain(
            "Purser: orders are taken, billed once and provisioned, with Zuora up and with Zuora down.",
        );
        self.plain(&format!(
            "Everything runs in this process on 127.0.0.1. The clock runs {speed} times faster: 1 s here is {} there.",
            span(i64::from(speed))
        ));
    }

    /// A new scene.
    pub(super) fn scene(&self, title: &str) {
        self.plain("");
        self.plain(title);
    }

    /// Something happened now.
    pub(super) fn tell(&self, words: &str) {
        let tenths = self.begun.elapsed().as_millis() / 100;
        self.plain(&format!("{:>5}.{} s  {words}", tenths / 10, tenths % 10));
    }

    /// More about what happened.
    pub(super) fn more(&self, words: &str) {
        self.plain(&format!("           {words}"));
    }

    /// A line as it is.
    pub(super) fn plain(&self, line: &str) {
        match &self.face {
            // A terminal that went away misses a line.
            Face::Terminal(bars) => drop(bars.println(line)),
            Face::Lines => out(line),
            Face::Silent => {}
        }
    }

    /// The one object on standard output.
    pub(super) fn object(&self, json: &str) {
        out(json);
    }

    /// A bar for something that is counted.
    pub(super) fn bar(&self, label: &str, length: usize) -> Bar {
        let Face::Terminal(bars) = &self.face else { return Bar(None) };
        let bar = bars.add(ProgressBar::new(length as u64));
        let template = "           {prefix:<24} {bar:24} {pos}/{len}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(label.to_owned());
        bar.enable_steady_tick(TICK);
        Bar(Some(bar))
    }
}

fn out(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever closed the pipe does not want the rest.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Seconds as people say them.
pub(super) fn span(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_minutes_and_seconds() {
        assert_eq!([span(0), span(59), span(60), span(150)], ["0 s", "59 s", "1 min", "2 min 30 s"]);
    }
}
