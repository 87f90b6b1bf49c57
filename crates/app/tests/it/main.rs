//! The whole of `app` against a real database and the emulator in the same process.
//! Refuses mocks; what Zuora has is read from the emulator's books.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail and say why")]

mod order;
mod outage;
mod refused;
mod sales;
mod world;
