//! A currency as the database and the API write it: its ISO 4217 letters.
//! Refuses arithmetic: that is `rating`.

use std::fmt;
use std::str::FromStr;

use crate::text::{Unreadable, as_text};

/// `rating::Currency` with a TEXT form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(pub rating::Currency);

impl Currency {
    /// The three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl FromStr for Currency {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        rating::Currency::from_code(text).map(Currency).ok_or_else(|| Unreadable::new("currency", text))
    }
}
as_text!(Currency);
