//! The whole of `app` against a real database and the emulator in the same process.
//! Refuses mocks; what Zuora has is read from the emulator's books.

mod order;
mod outage;
mod refused;
mod sales;
mod world;
