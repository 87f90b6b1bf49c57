//! A model of Zuora at its worst, driven by `attempt::next` with random outcomes.
//! Refuses a second effect, whatever was lost, late or crashed.

use std::collections::BTreeMap;

use domain::attempt::{self, Attempt, AttemptKind, KEY_LIFE, Outcome, SETTLE, Step};
use domain::{AttemptId, Instant, JobId};
use jiff::SignedDuration;
use proptest::prelude::*;
use ulid::Ulid;

use crate::sample::at;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What fate has in store for a request.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It is done at once and we are told.
    Done,
    /// It is done, now or later, and nobody tells us.
    Silent { seconds: i64 },
    /// It is done later, nobody tells us, and until then Zuora does not know the key: only its locks keep others out.
    Hidden { seconds: i64 },
    /// It arrives only then, and nobody tells us: a slow network, or a worker that slept before it sent.
    Late { seconds: i64 },
    /// It never arrives, and we do not know that.
    Lost,
    /// Zuora fails in its own words; the answer is stored, and told or not.
    Fails { told: bool },
    /// Zuora refuses in its own words; the answer is stored, and told or not.
    Refuses { told: bool },
    /// Turned away at the door.
    TurnedAway,
    /// It never arrives, and we know.
    NotSent,
}

/// What stands under a key.
#[derive(Debug, Clone, Copy)]
enum Stored {
    Answer(Outcome),
    Working { until: Instant },
}

/// What happens to a key by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Arrives,
    Commits,
}

/// Accepts duplicate order numbers: the key is the only thing that keeps one write from having two effects.
#[derive(Debug, Default)]
struct Zuora {
    keys: BTreeMap<String, (Instant, Stored)>,
    to_come: Vec<(Instant, Event, String)>,
    effects: u32,
}

impl Zuora {
    /// Lets happen what was to happen by then.
    fn pass(&mut self, now: Instant) {
        self.to_come.sort_by_key(|(when, ..)| *when);
        while self.to_come.first().is_some_and(|(when, ..)| *when <= now) {
            let (when, event, key) = self.to_come.remove(0);
            self.settle(when);
            match event {
                Event::Arrives => drop(self.arrive(&key, when, Fate::Done)),
                Event::Commits => {
                    self.effects += 1;
                    // An answer that was stored meanwhile stays, although it is wrong by now.
                    self.keys.entry(key).or_insert((when, Stored::Answer(Outcome::Done)));
                }
            }
        }
        self.settle(now);
    }

    fn settle(&mut self, now: Instant) {
        for (_, stored) in self.keys.values_mut() {
            if let Stored::Working { until } = stored
                && *until <= now
            {
                *stored = Stored::Answer(Outcome::Done);
                self.effects += 1;
            }
        }
    }

    /// A request at the door; returns the answer that Zuora gives, heard or not.
    fn arrive(&mut self, key: &str, now: Instant, fate: Fate) -> Outcome {
        self.keys.retain(|_, (since, _)| now < since.after(DAY));
        match self.keys.get(key) {
            Some((_, Stored::Answer(answer))) => return *answer,
            Some((_, Stored::Working { .. })) => return Outcome::InProgress,
            None => {}
        }
        let stored = match fate {
            Fate::Refuses { .. } => Stored::Answer(Outcome::Refused),
            _ if self.locked() => Stored::Answer(Outcome::Failed),
            Fate::Fails { .. } => Stored::Answer(Outcome::Failed),
            Fate::Silent { seconds } => {
                Stored::Working { until: now.after(SignedDuration::from_secs(seconds)) }
            }
            _ => Stored::Working { until: now },
        };
        self.keys.insert(key.to_owned(), (now, stored));
        self.settle(now);
        match self.keys[key].1 {
            Stored::Answer(answer) => answer,
            Stored::Working { .. } => Outcome::InProgress,
        }
    }

    fn locked(&self) -> bool {
        self.to_come.iter().any(|(_, event, _)| *event == Event::Commits)
    }

    fn later(&mut self, now: Instant, seconds: i64, event: Event, key: String) -> Outcome {
        self.to_come.push((now.after(SignedDuration::from_secs(seconds)), event, key));
        Outcome::Unknown
    }

    /// What we hear of a request.
    fn send(&mut self, key: String, now: Instant, fate: Fate) -> Outcome {
        self.pass(now);
        match fate {
            Fate::TurnedAway => Outcome::TurnedAway,
            Fate::NotSent => Outcome::NotSent,
            Fate::Lost => Outcome::Unknown,
            Fate::Late { seconds } => self.later(now, seconds, Event::Arrives, key),
            Fate::Hidden { seconds } if !self.keys.contains_key(&key) && !self.locked() => {
                self.later(now, seconds, Event::Commits, key)
            }
            Fate::Done | Fate::Fails { told: true } | Fate::Refuses { told: true } => {
                self.arrive(&key, now, fate)
            }
            Fate::Silent { .. }
            | Fate::Hidden { .. }
            | Fate::Fails { told: false }
            | Fate::Refuses { told: false } => {
                self.arrive(&key, now, fate);
                Outcome::Unknown
            }
        }
    }
}

/// One write, from the first step to the last.
struct World {
    zuora: Zuora,
    history: Vec<Attempt>,
    now: Instant,
    ended: Option<Step>,
}

impl World {
    fn new() -> World {
        World { zuora: Zuora::default(), history: Vec::new(), now: at("2026-11-12T10:00:00Z"), ended: None }
    }

    /// Takes one step; a worker that crashes leaves its attempt open.
    fn step(&mut self, fate: Fate, crashes: bool) {
        let (kind, epoch) = match attempt::next(&self.history, self.now) {
            Step::Send { epoch } => (AttemptKind::Send, epoch),
            Step::Probe { epoch } => (AttemptKind::Probe, epoch),
            Step::Wait { until } => {
                assert!(until > self.now, "a wait that is over");
                return;
            }
            over @ (Step::GiveUp | Step::Finished) => {
                self.ended = Some(over);
                return;
            }
        };
        let job = JobId(Ulid(1));
        let outcome = match kind {
            AttemptKind::Send => self.zuora.send(attempt::key(job, epoch), self.now, fate),
            AttemptKind::Probe => self.probe(fate),
        };
        self.history.push(Attempt {
            id: AttemptId(Ulid(self.history.len() as u128)),
            job_id: job,
            epoch,
            kind,
            request: (kind == AttemptKind::Send).then(|| "{}".to_owned()),
            opened_at: self.now,
            outcome: Some(outcome).filter(|_| !crashes),
            answer: None,
            closed_at: Some(self.now).filter(|_| !crashes),
        });
    }

    fn probe(&mut self, fate: Fate) -> Outcome {
        self.zuora.pass(self.now);
        match fate {
            Fate::TurnedAway | Fate::NotSent | Fate::Lost => Outcome::NotSent,
            _ if self.zuora.effects > 0 => Outcome::Done,
            _ => Outcome::Nothing,
        }
    }

    /// What still was on its way arrives, and is counted.
    fn effects(&mut self) -> u32 {
        self.zuora.pass(self.now.after(DAY * 2));
        self.zuora.effects
    }
}

/// Later than any commit that `SETTLE` is made for may not happen.
const LATEST_SECONDS: i64 = SETTLE.as_secs() - 1;

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        1 => Just(Fate::Done),
        3 => (0..=LATEST_SECONDS).prop_map(|seconds| Fate::Silent { seconds }),
        3 => (0..=LATEST_SECONDS).prop_map(|seconds| Fate::Late { seconds }),
        3 => (0..=LATEST_SECONDS).prop_map(|seconds| Fate::Hidden { seconds }),
        3 => Just(Fate::Lost),
        4 => any::<bool>().prop_map(|told| Fate::Fails { told }),
        1 => any::<bool>().prop_map(|told| Fate::Refuses { told }),
        2 => Just(Fate::TurnedAway),
        2 => Just(Fate::NotSent),
    ]
}

/// Seconds between two looks: mostly short, sometimes beyond what settles, rarely beyond what a key lives.
fn any_pause() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 0i64..120, 3 => 0i64..2_000, 1 => 0i64..100_000]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn a_write_never_has_two_effects_and_ends_as_it_says(
        steps in proptest::collection::vec((any_fate(), any_pause(), proptest::bool::weighted(0.2)), 1..60),
    ) {
        let mut world = World::new();
        for (fate, pause, crashes) in &steps {
            world.now = world.now.after(SignedDuration::from_secs(*pause));
            world.step(*fate, *crashes);
        }
        // Zuora is well again, and so are we: it ends, within the life of a key and what settles.
        let healthy = world.now;
        while world.ended.is_none() {
            world.now = world.now.after(SignedDuration::from_secs(60));
            world.step(Fate::Done, false);
            prop_assert!(healthy.until(world.now) < KEY_LIFE + SETTLE * 3, "{:?}", world.history);
        }
        let effects = match world.ended {
            Some(Step::Finished) => 1,
            _ => 0,
        };
        prop_assert_eq!(world.effects(), effects, "{:?}", world.history);
    }

    #[test]
    fn a_worker_that_slept_for_hours_before_it_sent_does_no_harm_while_its_key_lives(
        slept in 0..KEY_LIFE.as_secs(),
        steps in proptest::collection::vec((any_fate(), any_pause()), 1..40),
    ) {
        let mut world = World::new();
        world.step(Fate::Late { seconds: slept }, true);
        for (fate, pause) in &steps {
            world.now = world.now.after(SignedDuration::from_secs(*pause));
            world.step(*fate, false);
        }
        prop_assert!(world.effects() <= 1, "{:?}", world.history);
    }
}

#[test]
fn the_model_can_do_harm() {
    // Without the protocol two keys have two effects, or the properties above would prove nothing.
    let mut zuora = Zuora::default();
    let start = at("2026-11-12T10:00:00Z");
    zuora.send("job-0".into(), start, Fate::Late { seconds: LATEST_SECONDS });
    zuora.send("job-1".into(), start.after(SignedDuration::from_secs(60)), Fate::Done);
    zuora.pass(start.after(DAY));
    assert_eq!(zuora.effects, 2);
    zuora.send("job-1".into(), start.after(DAY), Fate::Done);
    assert_eq!(zuora.effects, 2, "the key still lives");
    zuora.send("job-1".into(), start.after(DAY * 2), Fate::Done);
    assert_eq!(zuora.effects, 3, "the key is forgotten");
}
