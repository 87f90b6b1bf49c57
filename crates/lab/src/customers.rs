//! Simulated customers: companies that order through the real API, and readers who look all the time.
//! Refuses to know anything that an answer did not say.

mod client;
mod company;
mod crowd;
mod reader;
mod visitor;

pub use client::{Answer, Client};
pub use company::{Company, Wish};
pub use crowd::{Crowd, NewCompany};
pub use reader::{Reader, Reads};
pub use visitor::{Purchase, Visitor};
