//! What a run did, counted while it goes and told at its end.

use std::path::Path;
use std::time::Duration;

/// What this run has added, found and refused. Every line is counted once: `lines = orders + skipped + rejected`.
#[derive(Debug, Default)]
pub struct Tally {
    pub lines: u64,
    pub members: u64,
    pub orders: u64,
    pub points: i64,
    /// Lines that were there already.
    pub skipped: u64,
    pub rejections: Vec<Remark>,
    /// Lines that were recorded, though not all they say.
    pub warnings: Vec<Remark>,
}

/// Something to be said about a line of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Remark {
    pub line: u64,
    pub text: String,
}

impl Tally {
    pub fn reject(&mut self, line: u64, reason: String) {
        self.rejections.push(Remark { line, text: reason });
    }

    pub fn warn(&mut self, line: u64, text: impl Into<String>) {
        self.warnings.push(Remark { line, text: text.into() });
    }

    /// Lines that are dealt with.
    pub fn done(&self) -> u64 {
        self.orders + self.skipped + self.rejections.len() as u64
    }

    /// The summary as one line of JSON.
    pub fn json(&self, dry_run: bool, rejected_file: Option<&Path>) -> String {
        let summary = serde_json::json!({
            "lines": self.lines,
            "members": self.members,
            "orders": self.orders,
            "points": self.points,
            "skipped": self.skipped,
            "rejected": self.rejections.len(),
            "warnings": self.warnings.len(),
            "dryRun": dry_run,
            "rejectedFile": rejected_file.map(|file| file.display().to_string()),
        });
        summary.to_string()
    }

    /// The summary for people.
    pub fn prose(&self, dry_run: bool, rejected_file: Option<&Path>, took: Duration) -> String {
        let added = if dry_run { "would be added (dry run: nothing was written)" } else { "were added" };
        let rejected = self.rejections.len() as u64;
        let mut prose = format!(
            "{} members, {} orders and {} points {added}, from {} lines in {:.1} s.",
            grouped(self.members),
            grouped(self.orders),
            grouped(self.points.unsigned_abs()),
            grouped(self.lines),
            took.as_secs_f64()
        );
        if self.skipped > 0 {
            prose += &format!("\n{} lines were there already.", grouped(self.skipped));
        }
        match (rejected, rejected_file) {
            (0, _) => {}
            (_, None) => prose += &format!("\n{} lines were rejected.", grouped(rejected)),
            (_, Some(file)) => {
                prose += &format!(
                    "\n{} lines were rejected; {} says why. Mend them where they are and import the file again: \
                     what is there already is skipped.",
                    grouped(rejected),
                    file.display()
                );
            }
        }
        prose
    }
}

/// `70,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 69_659, 1_234_567].map(grouped), ["0", "999", "1,000", "69,659", "1,234,567"]);
    }

    #[test]
    fn the_summary_counts_every_line() {
        let mut tally = Tally { lines: 4, members: 1, orders: 2, points: 17, skipped: 1, ..Tally::default() };
        tally.reject(3, "member is empty".to_owned());
        assert_eq!(tally.done(), tally.lines);
        let json: serde_json::Value = serde_json::from_str(&tally.json(true, None)).unwrap();
        assert_eq!(json["rejected"], 1);
        assert_eq!(json["dryRun"], true);
        assert_eq!(json["rejectedFile"], serde_json::Value::Null);
        let prose = tally.prose(false, Some(Path::new("a.rejected.csv")), Duration::from_millis(1500));
        assert!(prose.starts_with("1 members, 2 orders and 17 points were added, from 4 lines in 1.5 s."), "{prose}");
        assert!(prose.contains("1 lines were rejected; a.rejected.csv says why."), "{prose}");
    }
}
