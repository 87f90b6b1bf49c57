//! I2: how an external write gets exactly one effect. Each try is on record before the call; an open one means *unknown*.
//! Refuses to decide on hope: a new key needs an answer in Zuora's own words, or a probe that found nothing in time.

use jiff::SignedDuration;
use serde::Serialize;

use crate::text::as_text;
use crate::{AttemptId, Instant, JobId};

/// How long after the last send Zuora may still commit it. A create that answered 504 is known to commit minutes later.
pub const SETTLE: SignedDuration = SignedDuration::from_mins(15);

/// How long a key is used: Zuora remembers it for 24 hours, from a moment that we only know to within a timeout.
pub const KEY_LIFE: SignedDuration = SignedDuration::from_mins(23 * 60 + 30);

/// The wait after the first failure; it doubles up to the longest.
const BACKOFF_FIRST: SignedDuration = SignedDuration::from_secs(1);

/// The longest wait between two tries: recovery is noticed within it.
const BACKOFF_LONGEST: SignedDuration = SignedDuration::from_secs(60);

/// Whether a try sent the request or asked whether it had happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptKind {
    /// The write itself.
    Send,
    /// A question by our number.
    Probe,
}
as_text!(
    enum AttemptKind {
        Send = "send",
        Probe = "probe",
    }
);

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Send: Zuora did it. Probe: it is there, and ours.
    Done,
    /// Zuora answered in its own words that it will not.
    Refused,
    /// Zuora answered in its own words that it could not now; the answer is stored under the key.
    Failed,
    /// Turned away in front of Zuora (limits, sign-in): nothing is stored under the key.
    TurnedAway,
    /// The same key is being worked on.
    InProgress,
    /// Certainly nothing arrived.
    NotSent,
    /// Nobody knows.
    Unknown,
    /// Probe: there is nothing.
    Nothing,
}
as_text!(
    enum Outcome {
        Done = "done",
        Refused = "refused",
        Failed = "failed",
        TurnedAway = "turned_away",
        InProgress = "in_progress",
        NotSent = "not_sent",
        Unknown = "unknown",
        Nothing = "nothing",
    }
);

/// One try, written and committed before the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Attempt {
    /// Ours.
    pub id: AttemptId,
    /// The job it belongs to.
    pub job_id: JobId,
    /// Rises only as I2 allows; job and epoch make the idempotency key.
    pub epoch: i64,
    /// What was tried.
    pub kind: AttemptKind,
    /// The exact request body, so that a second send is identical; `None` for probes.
    pub request: Option<String>,
    /// When it began.
    pub opened_at: Instant,
    /// What came of it; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// What was said, for staff.
    pub answer: Option<String>,
    /// When it ended.
    pub closed_at: Option<Instant>,
}

impl Attempt {
    fn doubtful(&self) -> bool {
        self.kind == AttemptKind::Send
            && matches!(self.outcome, None | Some(Outcome::Unknown | Outcome::InProgress))
    }
}

/// What to do next with an external write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send with the key of this epoch.
    Send {
        /// The epoch.
        epoch: i64,
    },
    /// Ask whether it happened.
    Probe {
        /// The epoch it is about.
        epoch: i64,
    },
    /// Nothing before then.
    Wait {
        /// When to look again.
        until: Instant,
    },
    /// It is refused for good.
    GiveUp,
    /// It is done.
    Finished,
}

/// The idempotency key of a job's epoch.
pub fn key(job: JobId, epoch: i64) -> String {
    format!("{job}-{epoch}")
}

/// Whether nobody knows at this moment what became of the write.
pub fn in_doubt(history: &[Attempt]) -> bool {
    let epoch = history.iter().map(|attempt| attempt.epoch).max();
    history.iter().any(|attempt| Some(attempt.epoch) == epoch && attempt.doubtful())
}

/// Decides on the next step from everything that was tried, oldest first.
pub fn next(history: &[Attempt], now: Instant) -> Step {
    let Some(last) = history.last() else { return Step::Send { epoch: 0 } };
    let epoch = last.epoch;
    let sends: Vec<&Attempt> = of_epoch(history, epoch).collect();
    let doubtful = sends.iter().any(|send| send.doubtful());
    let key_lives = sends.first().is_none_or(|first| now < first.opened_at.after(KEY_LIFE));
    let retry_at = last.closed_at.unwrap_or(last.opened_at).after(backoff(history));
    let settled_at = sends.last().map_or(now, |send| send.opened_at.after(SETTLE));

    match (last.kind, last.outcome) {
        (_, Some(Outcome::Done)) => Step::Finished,
        (AttemptKind::Probe, Some(Outcome::Nothing)) => match sends.last().and_then(|send| send.outcome) {
            Some(Outcome::Refused) => Step::GiveUp,
            _ => Step::Send { epoch: epoch + 1 },
        },
        (AttemptKind::Probe, Some(Outcome::Refused)) => Step::GiveUp,
        (AttemptKind::Probe, _) => unless_before(retry_at, now, Step::Probe { epoch }),
        (AttemptKind::Send, Some(Outcome::Refused)) if !doubtful => Step::GiveUp,
        (AttemptKind::Send, Some(Outcome::Failed)) if !doubtful => {
            unless_before(retry_at, now, Step::Send { epoch: epoch + 1 })
        }
        (AttemptKind::Send, Some(Outcome::Refused | Outcome::Failed)) => {
            unless_before(settled_at, now, Step::Probe { epoch })
        }
        (AttemptKind::Send, _) if key_lives => unless_before(retry_at, now, Step::Send { epoch }),
        (AttemptKind::Send, _) if doubtful => unless_before(settled_at, now, Step::Probe { epoch }),
        (AttemptKind::Send, _) => unless_before(retry_at, now, Step::Send { epoch: epoch + 1 }),
    }
}

/// The body that a send of this epoch must repeat.
pub fn request_of(history: &[Attempt], epoch: i64) -> Option<&str> {
    of_epoch(history, epoch).find_map(|send| send.request.as_deref())
}

fn of_epoch(history: &[Attempt], epoch: i64) -> impl Iterator<Item = &Attempt> {
    history.iter().filter(move |attempt| attempt.epoch == epoch && attempt.kind == AttemptKind::Send)
}

fn unless_before(until: Instant, now: Instant, step: Step) -> Step {
    if now < until { Step::Wait { until } } else { step }
}

/// 1 s, 2 s, 4 s … 60 s, by the number of tries that have failed in a row.
fn backoff(history: &[Attempt]) -> SignedDuration {
    let failed = history.iter().rev().take_while(|attempt| attempt.outcome != Some(Outcome::Nothing)).count();
    let doublings = u32::try_from(failed.saturating_sub(1)).unwrap_or(u32::MAX).min(10);
    BACKOFF_FIRST.saturating_mul(1 << doublings).min(BACKOFF_LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;

    const START: &str = "2026-11-12T10:00:00Z";

    fn at(seconds: i64) -> Instant {
        START.parse::<Instant>().unwrap().after(SignedDuration::from_secs(seconds))
    }

    /// Kind, epoch, second, outcome.
    type Try = (AttemptKind, i64, i64, Option<Outcome>);

    fn history(tries: &[Try]) -> Vec<Attempt> {
        let attempt = |(index, &(kind, epoch, second, outcome)): (usize, &Try)| Attempt {
            id: AttemptId(Ulid(index as u128)),
            job_id: JobId(Ulid(1)),
            epoch,
            kind,
            request: (kind == AttemptKind::Send).then(|| "{}".to_owned()),
            opened_at: at(second),
            outcome,
            answer: None,
            closed_at: outcome.map(|_| at(second)),
        };
        tries.iter().enumerate().map(attempt).collect()
    }

    const HOUR: i64 = 3_600;

    #[test]
    fn the_protocol_of_i2_holds_case_by_case() {
        use AttemptKind::{Probe, Send};
        use Outcome::*;
        let send = |epoch| Step::Send { epoch };
        let probe = |epoch| Step::Probe { epoch };
        let cases: &[(&str, &[Try], i64, Step)] = &[
            ("the first try is sent", &[], 0, send(0)),
            ("a crash leaves an open attempt: the same key again", &[(Send, 0, 0, None)], 60, send(0)),
            ("a timeout: the same key again", &[(Send, 0, 0, Some(Unknown))], 60, send(0)),
            ("at once is too soon", &[(Send, 0, 0, Some(Unknown))], 0, Step::Wait { until: at(1) }),
            ("in progress means wait, then the same key", &[(Send, 0, 0, Some(InProgress))], 60, send(0)),
            ("nothing arrived: the same key", &[(Send, 0, 0, Some(NotSent))], 60, send(0)),
            ("turned away: the same key", &[(Send, 0, 0, Some(TurnedAway))], 60, send(0)),
            ("an answered failure allows a new key", &[(Send, 0, 0, Some(Failed))], 60, send(1)),
            ("a refusal is final", &[(Send, 0, 0, Some(Refused))], 60, Step::GiveUp),
            ("done is done", &[(Send, 0, 0, Some(Done))], 60, Step::Finished),
            (
                "a failure after an unknown does not allow a new key before a probe",
                &[(Send, 0, 0, Some(Unknown)), (Send, 0, 10, Some(Failed))],
                60,
                Step::Wait { until: at(10 + 15 * 60) },
            ),
            (
                "and then asks",
                &[(Send, 0, 0, Some(Unknown)), (Send, 0, 10, Some(Failed))],
                10 + 15 * 60,
                probe(0),
            ),
            (
                "a refusal after an unknown may be the echo of our own success",
                &[(Send, 0, 0, Some(Unknown)), (Send, 0, 10, Some(Refused))],
                HOUR,
                probe(0),
            ),
            (
                "which a probe settles",
                &[(Send, 0, 0, Some(Unknown)), (Send, 0, 10, Some(Refused)), (Probe, 0, HOUR, Some(Nothing))],
                HOUR,
                Step::GiveUp,
            ),
            ("after 24 hours the key is dead: ask", &[(Send, 0, 0, Some(Unknown))], 24 * HOUR, probe(0)),
            (
                "nothing found: a new key",
                &[(Send, 0, 0, Some(Unknown)), (Probe, 0, 24 * HOUR, Some(Nothing))],
                24 * HOUR,
                send(1),
            ),
            (
                "a probe that failed is asked again",
                &[(Send, 0, 0, Some(Unknown)), (Probe, 0, 24 * HOUR, Some(NotSent))],
                25 * HOUR,
                probe(0),
            ),
            (
                "a dead key that never reached Zuora needs no probe",
                &[(Send, 0, 0, Some(NotSent))],
                25 * HOUR,
                send(1),
            ),
        ];
        for (what, tries, second, expected) in cases {
            assert_eq!(next(&history(tries), at(*second)), *expected, "{what}");
        }
    }

    #[test]
    fn waits_double_and_are_bounded() {
        let tries: Vec<_> = (0..20).map(|n| (AttemptKind::Send, 0, n, Some(Outcome::Unknown))).collect();
        let waits: Vec<i64> = (1..20).map(|n| backoff(&history(&tries[..n])).as_secs()).collect();
        assert_eq!(&waits[..8], &[1, 2, 4, 8, 16, 32, 60, 60]);
    }

    proptest! {
        #[test]
        fn a_new_key_never_follows_a_doubtful_send_without_a_probe(
            outcomes in proptest::collection::vec(0usize..8, 1..12),
            gaps in proptest::collection::vec(0i64..100_000, 12),
        ) {
            let mut tries = Vec::new();
            let mut now = 0;
            for (index, outcome) in outcomes.iter().enumerate() {
                now += gaps[index];
                match next(&history(&tries), at(now)) {
                    Step::Send { epoch } => {
                        let last_epoch = tries.last().map(|t: &Try| t.1);
                        if let Some(before) = last_epoch.filter(|before| *before < epoch) {
                            let past = history(&tries);
                            let settled = past.last().is_some_and(|last| last.outcome == Some(Outcome::Nothing));
                            let clear = !past.iter().any(|a| a.epoch == before && a.doubtful());
                            prop_assert!(settled || clear);
                            if settled {
                                let sent = past.iter().rev().find(|a| a.kind == AttemptKind::Send).unwrap().opened_at;
                                prop_assert!(sent.until(past.last().unwrap().opened_at) >= SETTLE);
                            }
                        }
                        let outcome = [Outcome::Unknown, Outcome::Failed, Outcome::TurnedAway, Outcome::InProgress,
                            Outcome::NotSent, Outcome::Refused, Outcome::Done, Outcome::Unknown][*outcome];
                        tries.push((AttemptKind::Send, epoch, now, Some(outcome).filter(|_| index % 3 != 0)));
                    }
                    Step::Probe { epoch } => {
                        let outcome = if *outcome % 2 == 0 { Outcome::Nothing } else { Outcome::NotSent };
                        tries.push((AttemptKind::Probe, epoch, now, Some(outcome)));
                    }
                    Step::Wait { .. } => {}
                    Step::GiveUp | Step::Finished => break,
                }
            }
        }
    }
}
