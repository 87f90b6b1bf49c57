//! American spelling in code, API and docs, as the field writes it.
//! Zuora's own `Cancelled` is a word of the wire and stays.

use crate::tree::{Breach, File};

const WHERE: [&str; 5] = ["rs", "md", "html", "toml", "sql"];
/// Crates that speak Zuora's language and must spell its fields as it does.
const WIRE_CRATES: [&str; 2] = ["zuora", "zuora-emulator"];
const ZUORAS_OWN: &str = "cancelled";

/// How a word starts, and what to write instead.
const BRITISH: [(&str, &str); 30] = [
    ("licence", "license"),
    ("catalogue", "catalog"),
    (ZUORAS_OWN, "canceled"),
    ("cancelling", "canceling"),
    ("behaviour", "behavior"),
    ("colour", "color"),
    ("favour", "favor"),
    ("honour", "honor"),
    ("neighbour", "neighbor"),
    ("authoris", "authoriz"),
    ("organis", "organiz"),
    ("recognis", "recogniz"),
    ("initialis", "initializ"),
    ("serialis", "serializ"),
    ("normalis", "normaliz"),
    ("summaris", "summariz"),
    ("synchronis", "synchroniz"),
    ("customis", "customiz"),
    ("prioritis", "prioritiz"),
    ("optimise", "optimize"),
    ("fulfilment", "fulfillment"),
    ("enrolment", "enrollment"),
    ("instalment", "installment"),
    ("modelled", "modeled"),
    ("labelled", "labeled"),
    ("signalled", "signaled"),
    ("defence", "defense"),
    ("cheque", "check"),
    ("centred", "centered"),
    ("judgement", "judgment"),
];

pub fn british(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| file.ends_in(&WHERE) && !file.is_sample()) {
        let is_wire = file.of_crate().is_some_and(|name| WIRE_CRATES.contains(&name));
        for (number, line) in file.lines() {
            // The attribute's name is the standard's, not ours.
            let lower = line.to_ascii_lowercase().replace("aria-labelledby", "aria-labeledby-");
            for (british, american) in BRITISH {
                let is_ours = |at: usize| british != ZUORAS_OWN || !(is_wire || is_wire_word(line, at));
                if lower.match_indices(british).any(|(at, _)| is_ours(at)) {
                    breaches
                        .push(file.breach(number, format!("`{british}…` is British: write `{american}…`")));
                }
            }
        }
    }
    breaches
}

/// `Cancelled`, `cancelledOn` with a capital after it, and the status in quotes are Zuora's.
fn is_wire_word(line: &str, at: usize) -> bool {
    let after = &line[at + ZUORAS_OWN.len()..];
    let is_quoted = line[..at].ends_with('"') && after.starts_with('"');
    line[at..].starts_with('C') || after.starts_with(char::is_uppercase) || is_quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn a_british_word_is_told_in_code_and_prose() {
        let files = [
            File::sample("crates/app/src/order.rs", "fn f() {}\nlet Licence_file = 1;\n"),
            File::sample("README.md", "The behaviour.\n"),
            File::sample("crates/web/templates/home.html", "<p>cancelled</p>\n"),
            File::sample("bench/notes.txt", "colour\n"),
        ];
        assert_eq!(
            places(&british(&files)),
            ["crates/app/src/order.rs:2", "README.md:1", "crates/web/templates/home.html:1"]
        );
    }

    #[test]
    fn the_words_of_the_wire_are_left_alone() {
        let files = [
            File::sample("crates/app/src/order.rs", "Cancelled, \"cancelledOn\", \"cancelled\"\n"),
            File::sample("crates/zuora/src/order.rs", "cancelled_on\n"),
            File::sample("crates/domain/src/license.rs", "a license, optimistic, cancellation\n"),
        ];
        assert_eq!(places(&british(&files)), Vec::<String>::new());
    }
}
