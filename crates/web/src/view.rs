//! How pages say things: money, dates, states, arithmetic and charts, as pure functions.
//! Refuses clocks, the database and HTTP: a handler brings what is known, a template prints what is made here.

pub mod arithmetic;
pub mod chart;
pub mod money;
pub mod page;
pub mod progress;
pub mod reader;
pub mod state;
