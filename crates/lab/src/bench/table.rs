//! The figures as a table for people.
//! Refuses to say anything that the report does not.

use std::fmt::Write as _;

use super::{Report, Row};

/// The report as Markdown.
pub fn table(report: &Report) -> String {
    let mut text = format!(
        "# Figures\n\n\
         Written by `bench/run` on {} cores, which the load, the servers and the database share. Each figure stands beside \
         its limit, measured in the same run and in turn with it; speeds are medians, a ratio is the median of the \
         rounds' ratios.\n\n\
         | figure | a second | limit | a second | ratio | bar | p50 ms | p99 ms | rounds |\n\
         |---|--:|---|--:|--:|--:|--:|--:|--:|\n",
        report.machine.cores
    );
    for row in &report.rows {
        // Writing into a String does not fail.
        writeln!(text, "{}", line(row)).ok();
    }
    text
}

fn line(row: &Row) -> String {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or("–".to_owned(), |value| format!("{value:.digits$}"))
    };
    let bar = row.bar.map_or("–".to_owned(), |bar| format!("≥ {bar:.1}"));
    format!(
        "| `{}` | {:.0} | {} | {} | {} | {bar} | {:.2} | {:.2} | {} |",
        row.name,
        row.ours_per_s,
        row.limit.unwrap_or("–"),
        number(row.limit_per_s, 0),
        number(row.ratio, 2),
        row.p50_ms,
        row.p99_ms,
        row.median_of,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Machine;

    #[test]
    fn a_figure_without_a_limit_leaves_its_columns_empty() {
        let row = Row {
            name: "orders".to_owned(),
            limit: None,
            ours_per_s: 1_234.0,
            limit_per_s: None,
            ratio: None,
            bar: None,
            median_of: 5,
            p50_ms: 1.5,
            p99_ms: 20.0,
        };
        let limited = Row {
            limit: Some("pgbench"),
            limit_per_s: Some(2_000.0),
            ratio: Some(0.62),
            bar: Some(0.5),
            ..row.clone()
        };
        let text = table(&Report { machine: Machine { cores: 2 }, rows: vec![row, limited] });
        assert!(text.contains("| `orders` | 1234 | – | – | – | – | 1.50 | 20.00 | 5 |\n"), "{text}");
        assert!(
            text.contains("| `orders` | 1234 | pgbench | 2000 | 0.62 | ≥ 0.5 | 1.50 | 20.00 | 5 |\n"),
            "{text}"
        );
        assert!(text.contains("on 2 cores"));
    }
}
