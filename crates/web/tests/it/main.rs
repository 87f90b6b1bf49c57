//! The faces over a real `App`, a real database and the emulator in the same process: every request goes through the router.
//! Refuses mocks; what changed is read from the database.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail and say why")]

mod bad_input;
mod order;
mod portal;
mod public;
mod rights;
mod world;
