//! The injected clock: the only place that reads the time or waits.
//! Refuses to change constants: it can run faster, and then everything that waits does.

use std::sync::Arc;
use std::time::Duration;

use domain::Instant;
use jiff::{SignedDuration, Timestamp};

/// A clock that runs at a speed from a common origin, so that several processes agree.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
struct Kind {
    /// The moment at which fast time and real time are equal.
    origin: Timestamp,
    /// Thousandths: 1000 is real time.
    speed_millis: u32,
}

/// Real time, in thousandths.
pub const REAL_SPEED_MILLIS: u32 = 1_000;

impl Clock {
    /// Real time.
    pub fn system() -> Clock {
        Clock::faster(REAL_SPEED_MILLIS, Timestamp::UNIX_EPOCH)
    }

    /// A clock that showed `origin` at `origin` and has run at `speed_millis` thousandths of real time since.
    pub fn faster(speed_millis: u32, origin: Timestamp) -> Clock {
        Clock(Arc::new(Kind { origin, speed_millis: speed_millis.max(1) }))
    }

    /// The time.
    pub fn now(&self) -> Instant {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the seam through which everybody else gets the time"
        )]
        let real = Timestamp::now();
        if self.0.speed_millis == REAL_SPEED_MILLIS {
            return Instant::cut(real);
        }
        let passed = real.duration_since(self.0.origin);
        let scaled = passed.as_micros() * i128::from(self.0.speed_millis) / i128::from(REAL_SPEED_MILLIS);
        let micros = i64::try_from(scaled).unwrap_or(i64::MAX);
        Instant(self.0.origin).after(SignedDuration::from_micros(micros))
    }

    /// How long a duration of this clock is in real time.
    pub fn real(&self, duration: SignedDuration) -> Duration {
        let micros =
            duration.as_micros().max(0) * i128::from(REAL_SPEED_MILLIS) / i128::from(self.0.speed_millis);
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Waits for a duration of this clock.
    pub async fn sleep(&self, duration: SignedDuration) {
        #[expect(clippy::disallowed_methods, reason = "this is the seam through which everybody else waits")]
        tokio::time::sleep(self.real(duration)).await;
    }

    /// How fast it runs, in thousandths of real time.
    pub fn speed_millis(&self) -> u32 {
        self.0.speed_millis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_agrees_with_another_of_the_same_origin() {
        let origin = Timestamp::from_second(1_700_000_000).unwrap();
        let (one, other) = (Clock::faster(60_000, origin), Clock::faster(60_000, origin));
        let apart = one.now().until(other.now());
        assert!(apart < SignedDuration::from_secs(60), "{apart}");
        assert_eq!(one.real(SignedDuration::from_secs(60)), Duration::from_secs(1));
    }
}
