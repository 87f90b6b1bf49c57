//! How a Rust file looks from outside: its first lines, its length, its functions' lengths, its name.
//! The limits are those of the code that people hold up as good: median file around 120 lines, no function over 70.

use crate::{
    rust::Parsed,
    tree::{Breach, File},
};

/// What a room is for fits in a few lines, or the room has two purposes.
const HEAD_LINES_MAX: usize = 5;
/// Without its `mod tests`, which may be as long as it needs to be.
const FILE_LINES_MAX: usize = 400;
/// The same number as clippy's, but comments count too.
const FUNCTION_LINES_MAX: usize = 70;
/// Names that tell what kind of thing a file is and not what it is about.
const EMPTY_NAMES: [&str; 7] = ["utils", "helpers", "common", "manager", "service", "mapping", "types"];

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.ends_in(&["rs"]))
}

pub fn heads(files: &[File]) -> Vec<Breach> {
    rust(files)
        .filter_map(|file| match file.lines().take_while(|(_, line)| line.starts_with("//!")).count() {
            0 => Some(
                file.breach(1, "does not open with `//!`: say what the room is for, then what it refuses"),
            ),
            lines if lines > HEAD_LINES_MAX => Some(
                file.breach(lines, format!("{lines} lines of `//!` at its head: keep to {HEAD_LINES_MAX}")),
            ),
            _ => None,
        })
        .collect()
}

pub fn long_files(files: &[File]) -> Vec<Breach> {
    rust(files).filter_map(|file| long_file(file).unwrap_or_else(Some)).collect()
}

fn long_file(file: &File) -> Result<Option<Breach>, Breach> {
    let parsed = Parsed::of(file)?;
    let tests: usize = parsed.tests.iter().map(|lines| lines.end() - lines.start() + 1).sum();
    let lines = file.lines().count() - tests;
    Ok((lines > FILE_LINES_MAX).then(|| {
        file.breach(
            lines,
            format!("{lines} lines without its tests: split it by noun, {FILE_LINES_MAX} at most"),
        )
    }))
}

pub fn long_functions(files: &[File]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in rust(files) {
        // What does not parse is told by `long_files`.
        let Ok(parsed) = Parsed::of(file) else { continue };
        for function in parsed.functions.iter().filter(|function| function.length > FUNCTION_LINES_MAX) {
            let told = format!(
                "`{}` has {} lines: split it, {FUNCTION_LINES_MAX} at most",
                function.name, function.length
            );
            breaches.push(file.breach(function.line, told));
        }
    }
    breaches
}

pub fn empty_names(files: &[File]) -> Vec<Breach> {
    rust(files)
        .filter_map(|file| {
            let mut names = file.path.split('/').map(|part| part.split('.').next().unwrap_or_default());
            let name = names.find(|name| EMPTY_NAMES.contains(name))?;
            Some(file.breach(1, format!("is called `{name}`: name it after the noun that it is about")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn a_file_without_a_head_or_with_a_long_one_is_told() {
        let files = [
            File::sample("a.rs", "use std::fmt;\n"),
            File::sample("b.rs", &"//! Long.\n".repeat(6)),
            File::sample("c.rs", "//! Good.\n"),
        ];
        assert_eq!(places(&heads(&files)), ["a.rs:1", "b.rs:6"]);
    }

    #[test]
    fn tests_do_not_count_towards_the_length_of_a_file() {
        let body = "const A: u8 = 1;\n".repeat(FILE_LINES_MAX);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{body}}}\n");
        let files = [
            File::sample("a.rs", &format!("{body}const B: u8 = 1;\n")),
            File::sample("b.rs", &format!("{body}{tests}")),
        ];
        assert_eq!(places(&long_files(&files)), ["a.rs:401"]);
    }

    #[test]
    fn a_long_function_is_told_wherever_it_is() {
        let long = |lines: usize| format!("impl A {{\nfn f() {{\n{}}}\n}}\n", "g();\n".repeat(lines));
        let files = [File::sample("a.rs", &long(71)), File::sample("b.rs", &long(70))];
        assert_eq!(places(&long_functions(&files)), ["a.rs:2"]);
    }

    #[test]
    fn a_file_or_folder_with_an_empty_name_is_told() {
        let files = [
            File::sample("crates/app/src/utils.rs", ""),
            File::sample("crates/app/src/common/order.rs", ""),
            File::sample("crates/app/src/order.rs", ""),
        ];
        assert_eq!(
            places(&empty_names(&files)),
            ["crates/app/src/utils.rs:1", "crates/app/src/common/order.rs:1"]
        );
    }
}
