//! What was found: one table for people, and the same as JSON.

use std::fmt::Write;

use serde::Serialize;

/// One side of one round.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// In the line's unit.
    pub figure: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// Cores that each process kept busy on average.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cores: Vec<(&'static str, f64)>,
}

impl Side {
    pub fn bare(figure: f64) -> Side {
        Side { figure, p50_ms: None, p99_ms: None, cores: Vec::new() }
    }
}

/// A measurement: jifen, and something run beside it, turn by turn.
#[derive(Debug, Serialize)]
pub struct Line {
    pub database: &'static str,
    pub what: String,
    pub unit: &'static str,
    pub beside: &'static str,
    pub rounds: Vec<(Side, Side)>,
    /// The ratio that is aimed at.
    pub target: Option<f64>,
}

impl Line {
    /// The median over the rounds of jifen's figure by the other's.
    pub fn ratio(&self) -> f64 {
        median(self.rounds.iter().map(|(ours, theirs)| ours.figure / theirs.figure))
    }

    pub fn misses_target(&self) -> bool {
        self.target.is_some_and(|target| self.ratio() < target)
    }

    fn ours(&self, figure: impl Fn(&Side) -> Option<f64>) -> Option<f64> {
        let found: Vec<f64> = self.rounds.iter().filter_map(|(ours, _)| figure(ours)).collect();
        (!found.is_empty()).then(|| median(found.into_iter()))
    }

    fn theirs(&self) -> f64 {
        median(self.rounds.iter().map(|(_, theirs)| theirs.figure))
    }

    /// Microseconds of processor time an answer costs, by process, on one of the sides.
    fn cost(&self, side: impl Fn(&(Side, Side)) -> &Side) -> Vec<(&'static str, f64)> {
        let Some(first) = self.rounds.first() else { return Vec::new() };
        let names = side(first).cores.iter().map(|(name, _)| *name);
        let cost_of = |name| {
            let rounds = self.rounds.iter().map(&side);
            median(rounds.filter_map(|side| {
                let cores = side.cores.iter().find(|(known, _)| *known == name)?.1;
                Some(cores * 1e6 / side.figure)
            }))
        };
        names.map(|name| (name, cost_of(name))).collect()
    }
}

/// The one in the middle, or the mean of the two there.
pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => f64::NAN,
        (count, middle) if count % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        (_, middle) => sorted[middle],
    }
}

/// Everything of one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What is needed to judge the figures: machine, date, versions, durations.
    pub about: Vec<(&'static str, String)>,
    pub lines: Vec<Line>,
    /// Where the time goes, where a target was missed or it was asked for.
    pub notes: Vec<String>,
}

impl Report {
    pub fn json(&self) -> serde_json::Value {
        let lines = self.lines.iter().map(|line| {
            let mut json = serde_json::to_value(line).unwrap_or_default();
            json["ratio"] = line.ratio().into();
            json["micros_of_cpu"] =
                serde_json::json!({ "jifen": line.cost(|(ours, _)| ours), "beside": line.cost(|(_, theirs)| theirs) });
            json
        });
        let about: serde_json::Map<_, _> =
            self.about.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        serde_json::json!({ "about": about, "lines": lines.collect::<Vec<_>>(), "notes": self.notes })
    }

    pub fn table(&self) -> String {
        let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
        rows.extend(self.lines.iter().map(row));
        let mut out = String::new();
        for (name, value) in &self.about {
            let _ = writeln!(out, "{name}: {value}");
        }
        out.push('\n');
        out.push_str(&aligned(&rows));
        let costs = costs(&self.lines);
        if !costs.is_empty() {
            out.push_str("\nMicroseconds of processor time an answer costs, by process:\n");
            out.push_str(&aligned(&costs));
        }
        for note in &self.notes {
            out.push('\n');
            out.push_str(note);
        }
        out
    }
}

const HEAD: [&str; 9] = ["database", "what", "jifen", "beside it", "", "ratio", "target", "p50 ms", "p99 ms"];

fn row(line: &Line) -> Vec<String> {
    let ratios = || line.rounds.iter().map(|(ours, theirs)| ours.figure / theirs.figure);
    let (least, most) = (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max));
    let spread = if line.rounds.len() > 1 { format!(" ({least:.2}–{most:.2})") } else { String::new() };
    let target = match line.target {
        None => String::new(),
        Some(target) if line.misses_target() => format!("{target:.1} MISSED"),
        Some(target) => format!("{target:.1}"),
    };
    let milliseconds = |figure: Option<f64>| figure.map(|figure| format!("{figure:.1}")).unwrap_or_default();
    vec![
        line.database.to_owned(),
        line.what.clone(),
        format!("{} {}", figure(line.ours(|side| Some(side.figure)).unwrap_or(f64::NAN)), line.unit),
        line.beside.to_owned(),
        figure(line.theirs()),
        format!("{:.2}{spread}", line.ratio()),
        target,
        milliseconds(line.ours(|side| side.p50_ms)),
        milliseconds(line.ours(|side| side.p99_ms)),
    ]
}

fn costs(lines: &[Line]) -> Vec<Vec<String>> {
    let sides = lines.iter().flat_map(|line| {
        let named = |name: &str, cost: Vec<(&'static str, f64)>| (line, name.to_owned(), cost);
        [named("jifen", line.cost(|(ours, _)| ours)), named(line.beside, line.cost(|(_, theirs)| theirs))]
    });
    let row = |(line, name, cost): (&Line, String, Vec<(&'static str, f64)>)| {
        let split: Vec<String> = cost.iter().map(|(part, micros)| format!("{part} {micros:.0}")).collect();
        let sum: f64 = cost.iter().map(|(_, micros)| micros).sum();
        vec![line.database.to_owned(), line.what.clone(), name, format!("{sum:.0}"), split.join(", ")]
    };
    sides.filter(|(_, _, cost)| !cost.is_empty()).map(row).collect()
}

fn figure(figure: f64) -> String {
    if figure >= 100.0 { format!("{figure:.0}") } else { format!("{figure:.1}") }
}

/// Columns of equal width, two spaces between them.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(out, "{}", cells.join("  ").trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0].into_iter()), 2.5);
    }

    #[test]
    fn a_ratio_is_taken_round_by_round_and_its_target_is_shown() {
        let rounds = [(10.0, 5.0), (30.0, 10.0), (40.0, 10.0)].map(|(a, b)| (Side::bare(a), Side::bare(b))).to_vec();
        let line = Line { database: "SQLite", what: "x".into(), unit: "/s", beside: "y", rounds, target: Some(3.5) };
        assert_eq!(line.ratio(), 3.0);
        assert!(line.misses_target());
        let report = Report { about: vec![("date", "today".into())], lines: vec![line], notes: vec![] };
        assert!(report.table().contains("3.00 (2.00–4.00)  3.5 MISSED"), "{}", report.table());
        assert_eq!(report.json()["lines"][0]["ratio"], 3.0);
    }
}
