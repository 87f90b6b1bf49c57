//! Plain pages for what surrounds the platform in the demo: the mails, the SaaS product.
//! Refuses unescaped text.

/// Text as it stands in HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Escaped text in which every web address is a link.
pub fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if word.starts_with("http://") || word.starts_with("https://") {
            let address = escape(word);
            out.push_str(&format!("<a href=\"{address}\">{address}</a>{}", &piece[word.len()..]));
        } else {
            out.push_str(&escape(piece));
        }
    }
    out
}

/// A whole page around a body.
pub fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui;max-width:60rem;\
         margin:2rem auto;padding:0 1rem}}pre{{white-space:pre-wrap;overflow-wrap:anywhere}}td,th{{text-align:left;\
         padding:.2rem 1rem .2rem 0;vertical-align:top}}h2{{font-size:17px;margin-bottom:0}}</style>\
         <h1>{title}</h1>{body}</html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_markup_stays_text() {
        let shown = linked("Open\nhttp://a.example/?x=1&y=\"\n<b>");
        assert_eq!(
            shown,
            "Open\n<a href=\"http://a.example/?x=1&amp;y=&quot;\">http://a.example/?x=1&amp;y=&quot;</a>\n&lt;b&gt;"
        );
    }
}
