//! `Zuora-Version`: which family of shapes and statuses a caller gets.
//! Refuses to guess: an unknown version is the oldest one, as at Zuora.

use http::HeaderMap;

/// A service version, ordered by age: numbers (186.0 … 341.0) come before dates (2024-05-20 …).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32);

impl Version {
    /// What a tenant without header and without upgrade gets.
    pub(crate) const OLDEST: Version = Version(1_860);
    /// From here on an order answers with `subscriptions` objects instead of `subscriptionNumbers`.
    pub(crate) const SUBSCRIPTIONS_AS_OBJECTS: Version = Version(2_230);
    /// From here on the catalog names rate plans by URL instead of listing them.
    pub(crate) const PLANS_BY_URL: Version = Version(2_300);
    /// From here on a failed /v1 call carries its true HTTP status instead of 200.
    pub(crate) const TRUE_STATUS: Version = Version(20_240_520);
    /// From here on Object Query has one form of error.
    pub(crate) const ONE_QUERY_ERROR: Version = Version(20_250_812);

    /// The version a request asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Version {
        let asked = headers.get("zuora-version").and_then(|value| value.to_str().ok());
        asked.and_then(Version::parse).unwrap_or(Version::OLDEST)
    }

    fn parse(text: &str) -> Option<Version> {
        match text.trim() {
            "2024-05-20" => Some(Version::TRUE_STATUS),
            "2025-08-12" => Some(Version::ONE_QUERY_ERROR),
            number => {
                let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
                let (major, minor) = (major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?);
                ((186..=341).contains(&major) && minor < 10).then_some(Version(major * 10 + minor))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_newer_than_numbers_and_unknown_versions_are_the_oldest() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("zuora-version", text.parse().unwrap());
            Version::of(&headers)
        };
        assert_eq!(Version::of(&HeaderMap::new()), Version::OLDEST);
        assert!(of("229.0") < Version::PLANS_BY_URL && of("230.0") == Version::PLANS_BY_URL);
        assert!(of("341.0") < Version::TRUE_STATUS && of("2025-08-12") > of("2024-05-20"));
        for unknown in ["2030-01-01", "999.0", "banana", "1.0"] {
            assert_eq!(of(unknown), Version::OLDEST, "{unknown}");
        }
    }
}
