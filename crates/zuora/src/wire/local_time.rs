//! Timestamps of the v1 API: tenant-local, whole seconds, no zone (`2025-06-09 13:21:57`).
//! Kept as text, because only the tenant's zone, which is not on the wire, turns them into instants.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A point in time as the v1 API prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalTime(pub String);

impl LocalTime {
    /// The instant this names in `zone`; a time that carries its own offset ignores `zone`.
    ///
    /// In the hour that daylight saving repeats the text is ambiguous and the earlier instant is taken, so a reader
    /// that walks by update time has to look back over more than that hour.
    ///
    /// # Errors
    ///
    /// When the text is not a date and time.
    ///
    /// ```
    /// use zuora::wire::LocalTime;
    /// let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
    /// let local = LocalTime("2025-06-09 13:21:57".into());
    /// assert_eq!(local.at(&zone).unwrap().to_string(), "2025-06-09T20:21:57Z");
    /// ```
    pub fn at(&self, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
        if let Ok(instant) = self.0.parse::<Timestamp>() {
            return Ok(instant);
        }
        let local: DateTime = self.0.parse()?;
        Ok(local.to_zoned(zone.clone())?.timestamp())
    }

    /// The text for an instant, as a tenant in `zone` prints it.
    #[must_use]
    pub fn of(instant: Timestamp, zone: &TimeZone) -> Self {
        Self(instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
    }
}
