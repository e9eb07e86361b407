//! The file beside: every rejected line with its number, the reason, and what it said.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::cli::import::source::Source;
use crate::cli::import::tally::Remark;

/// How the file begins; by this a report of an earlier run is known.
const OWN: [&str; 2] = ["line", "reason"];

/// Where the rejected lines of a file go.
pub struct Report {
    pub path: PathBuf,
    /// An earlier run has left one.
    pub exists: bool,
}

impl Report {
    /// `orders.rejected.csv` for `orders.csv` and `orders.csv.gz`. A file of that name that is no report of ours is
    /// somebody's, and never overwritten.
    pub fn beside(file: &Path) -> Result<Report, Failure> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = name.strip_suffix(".gz").unwrap_or(&name);
        let stem = stem.strip_suffix(".csv").unwrap_or(stem);
        let path = file.with_file_name(format!("{stem}.rejected.csv"));
        let exists = path.exists();
        if exists && !is_report(&path) {
            return Err(Failure::usage(format!(
                "{} is where rejected lines would go, but holds something else; move it away first",
                path.display()
            )));
        }
        Ok(Report { path, exists })
    }

    /// Writes the report. The rejected lines are read from the file a second time, so that an import without any does
    /// not have to hold them all in memory.
    pub fn write(&self, mut source: Source, rejections: &[Remark]) -> Result<(), Failure> {
        let unwritable = |cause: &dyn std::fmt::Display| {
            Failure::check(format!("{} cannot be written: {cause}", self.path.display()))
        };
        let made = File::create(&self.path).map_err(|cause| unwritable(&cause))?;
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(BufWriter::new(made));
        out.write_record(OWN.into_iter().chain(source.header.iter().map(String::as_str)))
            .map_err(|cause| unwritable(&cause))?;
        let mut rejections = rejections.iter().peekable();
        while let (Some(next), Some((line, record))) = (rejections.peek(), source.next()?) {
            if line == next.line {
                let number = line.to_string();
                let remark = [number.as_bytes(), next.text.as_bytes()];
                out.write_record(remark.into_iter().chain(record)).map_err(|cause| unwritable(&cause))?;
                rejections.next();
            }
        }
        out.into_inner().map_err(|cause| unwritable(&cause))?.flush().map_err(|cause| unwritable(&cause))
    }
}

fn is_report(path: &Path) -> bool {
    let mut start = [0; 11];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *OWN.join(",").as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_lies_beside_and_replaces_only_its_own_kind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.csv.gz");
        let report = Report::beside(&file).unwrap();
        assert_eq!(report.path, folder.path().join("orders.rejected.csv"));
        std::fs::write(&report.path, "precious").unwrap();
        assert!(Report::beside(&file).is_err());
        std::fs::write(&report.path, "line,reason,member\n").unwrap();
        assert!(Report::beside(&file).unwrap().exists);
    }

    #[test]
    fn rejected_lines_are_written_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.csv");
        std::fs::write(&file, b"member,note\r\n1,\"a, \"\"b\"\"\"\r\n2,ok\r\n\xff,x,y\r\n").unwrap();
        let report = Report::beside(&file).unwrap();
        let remark = |line, text: &str| Remark { line, text: text.to_owned() };
        report.write(Source::open(&file).unwrap(), &[remark(2, "why, so"), remark(4, "bytes")]).unwrap();
        let written = std::fs::read(&report.path).unwrap();
        let expected = b"line,reason,member,note\n2,\"why, so\",1,\"a, \"\"b\"\"\"\n4,bytes,\xff,x,y\n";
        assert_eq!(written, expected, "{}", String::from_utf8_lossy(&written));
    }
}
