//! Pages carry no style or script of their own, so that the content policy can refuse all inline ones.

use crate::tree::{Breach, File};

pub fn inline(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| file.ends_in(&["html"])) {
        for (number, line) in file.lines() {
            if let Some(what) = inline_in(line) {
                breaches.push(file.breach(number, what));
            }
        }
    }
    breaches
}

fn inline_in(line: &str) -> Option<&'static str> {
    let mut words = line.split_whitespace();
    if words.any(|word| is_attribute(word, "style")) {
        return Some("inline `style=`: give it a class in the style sheet");
    }
    if line.split_whitespace().any(is_event_handler) {
        return Some("inline event handler: listen to it in the script file");
    }
    if line.contains("<style") {
        return Some("`<style>` in a page: put it in the style sheet");
    }
    if line.split("<script").skip(1).any(has_body) {
        return Some("`<script>` with a body: put it in the script file");
    }
    None
}

fn is_attribute(word: &str, name: &str) -> bool {
    word.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
}

fn is_event_handler(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    name.len() > 2 && name.starts_with("on") && name.chars().all(|c| c.is_ascii_lowercase())
}

/// Takes what follows `<script`; a tag that ends on another line has a body too, as far as anyone can tell.
fn has_body(rest: &str) -> bool {
    rest.split_once('>').is_none_or(|(_, body)| !body.trim_start().starts_with("</script>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn inline_styles_scripts_and_handlers_are_told() {
        let page = "<p style=\"color: red\">\n<script>alert(1)</script>\n<a onclick=\"go()\">\n<style>\n\
                    <script src=\"/portal.js\" defer></script>\n<p class=\"x\" data-on=\"1\">one = two</p>\n";
        let files = [File::sample("crates/web/templates/home.html", page)];
        let told: Vec<usize> = inline(&files).iter().map(|breach| breach.line).collect();
        assert_eq!(told, [1, 2, 3, 4]);
        assert_eq!(places(&inline(&files))[0], "crates/web/templates/home.html:1");
    }
}
