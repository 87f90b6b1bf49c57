//! The time of an emulator that runs for real: from an origin, at a speed, forward on demand.
//! Refuses to go back.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// How many seconds pass here for one second outside, to a thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed {
    thousandths: u32,
}

impl Speed {
    /// As fast as the world.
    pub const REAL: Speed = Speed { thousandths: 1_000 };

    /// This many times as fast as the world; 0 counts as 1.
    pub fn times(times: u32) -> Speed {
        Speed { thousandths: times.max(1).saturating_mul(1_000) }
    }
}

/// A text that is not a positive number of at most three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a speed is a positive number with at most three decimals")]
pub struct SpeedError;

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Speed, SpeedError> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !digits || rest.len() > 3 {
            return Err(SpeedError);
        }
        let whole: u32 = whole.parse().map_err(|_| SpeedError)?;
        let rest: u32 = format!("{rest:0<3}").parse().map_err(|_| SpeedError)?;
        let thousandths = whole.checked_mul(1_000).and_then(|whole| whole.checked_add(rest));
        thousandths.filter(|all| *all > 0).map(|thousandths| Speed { thousandths }).ok_or(SpeedError)
    }
}

#[derive(Debug)]
struct Running {
    origin: Timestamp,
    started: Instant,
    speed: Speed,
}

/// A clock that all parts of a served emulator share; clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Mutex<Running>>);

impl Clock {
    /// A clock that shows `origin` now and runs at `speed`.
    pub fn new(origin: Timestamp, speed: Speed) -> Clock {
        Clock(Arc::new(Mutex::new(Running { origin, started: instant(), speed })))
    }

    /// The clock of the world.
    pub fn real() -> Clock {
        #[expect(
            clippy::disallowed_methods,
            reason = "the outermost shell is where the world's time comes in"
        )]
        Clock::new(Timestamp::now(), Speed::REAL)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Running) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        self.with(|running| running.now())
    }

    /// Goes on at another speed from what it shows now.
    pub fn set_speed(&self, speed: Speed) {
        self.with(|running| {
            let now = running.now();
            *running = Running { origin: now, started: instant(), speed };
        });
    }

    /// Jumps forward.
    pub fn advance(&self, by: SignedDuration) {
        self.with(|running| {
            running.origin =
                running.origin.saturating_add(by.max(SignedDuration::ZERO)).unwrap_or(running.origin);
        });
    }

    /// How long a span of this clock lasts in the world.
    pub fn real_time(&self, span: Duration) -> Duration {
        self.with(|running| {
            let micros = span.as_micros().saturating_mul(1_000) / u128::from(running.speed.thousandths);
            Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
        })
    }
}

impl Running {
    fn now(&self) -> Timestamp {
        let micros =
            self.started.elapsed().as_micros().saturating_mul(u128::from(self.speed.thousandths)) / 1_000;
        let passed = SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX));
        self.origin.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "the outermost shell is where the world's time comes in")]
fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_read_to_a_thousandth() {
        assert_eq!("1".parse(), Ok(Speed::REAL));
        assert_eq!("60".parse(), Ok(Speed::times(60)));
        assert_eq!("0.5".parse(), Ok(Speed { thousandths: 500 }));
        for bad in ["", "0", "-1", "1e3", "0.0001", "1.2.3", "fast"] {
            assert_eq!(bad.parse::<Speed>(), Err(SpeedError), "{bad}");
        }
    }

    #[test]
    fn spans_shrink_by_the_speed_and_the_clock_jumps_forward_only() {
        let clock = Clock::new(Timestamp::UNIX_EPOCH, Speed::times(60));
        assert_eq!(clock.real_time(Duration::from_secs(180)), Duration::from_secs(3));
        clock.advance(SignedDuration::from_hours(24));
        clock.advance(SignedDuration::from_hours(-48));
        assert!(clock.now() >= Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24));
    }
}
