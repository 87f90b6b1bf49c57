//! How long `bin/test` may take: the promise of the README, kept by the sum of its stages' budgets.

use crate::tree::{Breach, File};

const SCRIPT: &str = "bin/test";
/// What comes after the build, on two cores.
const AFTER_BUILD_S_MAX: u32 = 25 * 60;
/// All of it.
const ALL_S_MAX: u32 = 90 * 60;

pub fn budgets(files: &[File]) -> Vec<Breach> {
    let Some(file) = files.iter().find(|file| file.path == SCRIPT) else {
        return vec![File { path: SCRIPT.into(), text: String::new() }.breach(1, "is missing")];
    };
    let stages: Vec<(usize, &str, u32)> =
        file.lines().filter_map(|(number, line)| stage(number, line)).collect();
    let Some(build) = stages.iter().position(|(_, name, _)| *name == "build") else {
        return vec![file.breach(1, "has no stage `build`")];
    };
    let last = stages.last().map_or(1, |(number, _, _)| *number);
    let seconds = |stages: &[(usize, &str, u32)]| stages.iter().map(|(_, _, budget_s)| budget_s).sum::<u32>();
    let mut breaches = Vec::new();
    for (what, sum_s, max_s) in [
        ("the stages after the build", seconds(&stages[build + 1..]), AFTER_BUILD_S_MAX),
        ("all stages", seconds(&stages), ALL_S_MAX),
    ] {
        if sum_s > max_s {
            breaches.push(file.breach(last, format!("{what} may take {sum_s} s: {max_s} at most")));
        }
    }
    breaches
}

/// A line such as `  "format 20"`.
fn stage(number: usize, line: &str) -> Option<(usize, &str, u32)> {
    let (name, budget_s) = line.trim().strip_prefix('"')?.strip_suffix('"')?.split_once(' ')?;
    Some((number, name, budget_s.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::places;

    #[test]
    fn budgets_over_the_promise_are_told() {
        let good = "stages=(\n  \"build 2400\"\n  \"format 20\"\n)\n";
        assert_eq!(places(&budgets(&[File::sample(SCRIPT, good)])), Vec::<String>::new());
        let slow = good.replace("20\"", "1501\"");
        assert_eq!(places(&budgets(&[File::sample(SCRIPT, &slow)])), ["bin/test:3"]);
        assert_eq!(budgets(&[File::sample(SCRIPT, "stages=()\n")]).len(), 1);
    }
}
