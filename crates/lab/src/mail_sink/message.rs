//! From the lines of a message to its subject and text: folded headers, quoted-printable, base64.
//! Refuses attachments and HTML: what it does not know stays as it came.

use data_encoding::BASE64;

/// The subject and the text of a message.
pub(super) fn read(raw: &str) -> (String, String) {
    let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let header = |name: &str| {
        let fields = unfolded.lines().filter_map(|line| line.split_once(':'));
        let mut fitting = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        fitting.next().map_or("", |(_, value)| value.trim()).to_owned()
    };
    let text = match header("Content-Transfer-Encoding").to_ascii_lowercase().as_str() {
        "quoted-printable" => unquoted(body),
        "base64" => plain(&body.split_whitespace().collect::<String>()).unwrap_or_else(|| body.to_owned()),
        _ => body.to_owned(),
    };
    (words(&header("Subject")), text.replace("\r\n", "\n"))
}

fn plain(base64: &str) -> Option<String> {
    String::from_utf8(BASE64.decode(base64.as_bytes()).ok()?).ok()
}

/// A header's words, encoded ones among them.
fn words(value: &str) -> String {
    let decoded = |word: &str| {
        let inner = word.strip_prefix("=?utf-8?b?")?.strip_suffix("?=")?;
        plain(inner)
    };
    let mut text = String::new();
    let mut after_encoded = false;
    for word in value.split(' ') {
        let encoded = decoded(word);
        // The space between two encoded words belongs to neither.
        let between = after_encoded && encoded.is_some();
        if !text.is_empty() && !between {
            text.push(' ');
        }
        after_encoded = encoded.is_some();
        text.push_str(encoded.as_deref().unwrap_or(word));
    }
    text
}

fn unquoted(text: &str) -> String {
    let joined = text.replace("=\n", "");
    let bytes = joined.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'=').then(|| joined.get(at + 1..at + 3)).flatten();
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
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_and_bodies_are_read() {
        let quoted = "Subject: =?utf-8?b?R3LDvMOf?=\n =?utf-8?b?ZQ==?= from us\nContent-Transfer-Encoding: quoted-printable\n\na=3Db, f=C3=BCr S=\nie\n";
        assert_eq!(read(quoted), ("Grüße from us".to_owned(), "a=b, für Sie\n".to_owned()));
        let base64 = "Subject: Hi\nContent-Transfer-Encoding: base64\n\nZsO8\nciBTaWU=\n";
        assert_eq!(read(base64), ("Hi".to_owned(), "für Sie".to_owned()));
    }

    #[test]
    fn what_is_not_known_stays_as_it_came() {
        assert_eq!(read("no headers at all"), (String::new(), String::new()));
        assert_eq!(read("Subject: 100%=\n\n=ZZ ="), ("100%=".to_owned(), "=ZZ =".to_owned()));
    }
}
