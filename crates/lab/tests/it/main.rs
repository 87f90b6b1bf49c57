//! The world of the demo as a whole: its parts talk to each other over real sockets.
//! Refuses the story itself: `bin/test` runs that.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail and say why"
)]

mod world;
