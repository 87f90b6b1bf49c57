//! Idempotency keys: the name under which Zuora stores the first answer to a write for 24 hours.

use std::fmt;

/// Zuora documents "less than 255 characters".
const LENGTH_MAX: usize = 254;

/// A key that fits in the header: 1 to 254 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdempotencyKey(String);

/// The text is empty, too long, or holds something other than visible ASCII.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to {LENGTH_MAX} visible ASCII characters")]
pub struct InvalidKey;

impl IdempotencyKey {
    /// Takes a text that can be a key.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] when it cannot.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        let fits = (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text)) } else { Err(InvalidKey) }
    }

    /// The text as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
