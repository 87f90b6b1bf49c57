//! Placing, previewing and looking at orders.
//! Refuses to ask Zuora: it hears of an order through `SubmitOrder`.

mod place;
mod submit;
mod view;

pub use place::{Previewed, place, preview};
pub(crate) use submit::{Submission, reject, release_waiting};
pub use view::{OrderView, list, view};
