//! Paths and queries: percent-encoding, and the way back from the absolute URL of a next page.
//! Refuses to follow a page to another host: only the path of such a URL is ever used.

/// Percent-encodes everything but the characters that are safe in any part of a URL.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The path and query of a next page, from the version segment on: a base URL may have a prefix of its own
/// (`/rest`), which the transport adds again. `None` when there is no such segment.
pub(crate) fn of_page(url: &str) -> Option<&str> {
    url.find("/v1/").and_then(|start| url.get(start..))
}
