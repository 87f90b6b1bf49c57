//! Paths and queries as Zuora's gateway reads them: prefixes stripped, double slashes collapsed, escapes undone.
//! Refuses nothing; what cannot be decoded stays as it is.

/// A path without the prefixes that Zuora also answers under.
pub(crate) fn normalized(path: &str) -> String {
    let mut clean = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    match clean.strip_prefix("/rest") {
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        _ => clean,
    }
}

/// The pairs of a query or of a form, decoded.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// Undoes percent-encoding.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// Percent-encodes everything that is not unreserved.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_double_slashes_do_not_matter() {
        for path in ["/v1/orders", "//v1//orders", "/rest/v1/orders", "/rest//v1/orders/"] {
            assert_eq!(normalized(path), "/v1/orders", "{path}");
        }
        assert_eq!(normalized("/restful"), "/restful");
    }

    #[test]
    fn queries_are_decoded_and_what_is_not_an_escape_stays() {
        let read = pairs("filter%5B%5D=name.EQ%3AA%26B+C&x=100%&empty");
        assert_eq!(read[0], ("filter[]".to_owned(), "name.EQ:A&B C".to_owned()));
        assert_eq!(read[1], ("x".to_owned(), "100%".to_owned()));
        assert_eq!(read[2], ("empty".to_owned(), String::new()));
        assert_eq!(decoded(&encoded("é:/ ü")), "é:/ ü");
    }
}
