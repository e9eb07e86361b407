//! The file: opened, unpacked if it is packed, and cut into records.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use flate2::bufread::MultiGzDecoder;

use crate::cli::Failure;

const BUFFER: usize = 1 << 16;

/// A CSV file whose header has been read, or a plain list without one.
pub struct Source {
    path: PathBuf,
    reader: csv::Reader<Lines<Box<dyn BufRead>>>,
    record: ByteRecord,
    /// The names of its columns, trimmed; a list has none.
    pub header: Vec<String>,
}

impl Source {
    pub fn open(path: &Path) -> Result<Source, Failure> {
        let mut source = Source::list(path)?;
        let Some((_, record)) = source.next()? else {
            return Err(Failure::usage(format!("{} is empty", path.display())));
        };
        let names = record.iter().map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()));
        source.header = names.collect::<Result<_, _>>().map_err(|_| not_csv(path, "its first line is not UTF-8"))?;
        Ok(source)
    }

    /// A file whose first line is like the others.
    pub fn list(path: &Path) -> Result<Source, Failure> {
        let unreadable = |cause: std::io::Error| Failure::usage(format!("{} cannot be read: {cause}", path.display()));
        let mut packed = BufReader::with_capacity(BUFFER, File::open(path).map_err(unreadable)?);
        let start = packed.fill_buf().map_err(unreadable)?;
        // The content tells whether it is packed, since a name can be anything.
        let plain: Box<dyn BufRead> = match start {
            [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(packed))),
            [b'P', b'K', 3, 4, ..] => return Err(not_csv(path, "it looks like an Excel workbook or a ZIP file")),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(not_csv(path, "it is in UTF-16")),
            _ => Box::new(packed),
        };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(Lines::of(plain));
        Ok(Source { path: path.to_owned(), reader, record: ByteRecord::new(), header: Vec::new() })
    }

    /// The next record, with the number of the line it begins on.
    pub fn next(&mut self) -> Result<Option<(u64, &ByteRecord)>, Failure> {
        let more = self.reader.read_byte_record(&mut self.record).map_err(|cause| {
            let line = self.reader.position().line();
            Failure::usage(format!("{} cannot be read beyond line {line}: {cause}", self.path.display()))
        })?;
        // Told from where the record ends: where it begins, the reader has not passed over empty lines yet.
        let breaks = 1 + self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(more.then(|| (self.reader.position().line().saturating_sub(breaks), &self.record)))
    }
}

/// Every line ended by one LF, the last one too. The reader of records counts LFs only, and one of CR LF it counts with
/// the next record, so that without this the numbers of lines would depend on the system a file comes from.
struct Lines<R> {
    inner: R,
    last: u8,
}

impl<R> Lines<R> {
    fn of(inner: R) -> Lines<R> {
        Lines { inner, last: b'\n' }
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.inner.fill_buf()?;
            if input.is_empty() {
                let unfinished = !out.is_empty() && !matches!(self.last, b'\r' | b'\n');
                if unfinished {
                    out[0] = b'\n';
                    self.last = b'\n';
                }
                return Ok(usize::from(unfinished));
            }
            let taken = input.len().min(out.len());
            let mut written = 0;
            for byte in &input[..taken] {
                if !(*byte == b'\n' && self.last == b'\r') {
                    out[written] = if *byte == b'\r' { b'\n' } else { *byte };
                    written += 1;
                }
                self.last = *byte;
            }
            self.inner.consume(taken);
            // Nothing read would mean the end.
            if written > 0 || out.is_empty() {
                return Ok(written);
            }
        }
    }
}

fn not_csv(path: &Path, why: &str) -> Failure {
    Failure::usage(format!("{} is no CSV file in UTF-8: {why}. Save it as \"CSV UTF-8\" and try again", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn records(content: &[u8]) -> Result<Vec<(u64, Vec<String>)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, content).unwrap();
        let mut source = Source::open(&path).map_err(|failure| failure.message)?;
        let mut all = vec![(1, source.header.clone())];
        while let Some((line, record)) = source.next().map_err(|failure| failure.message)? {
            all.push((line, record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()));
        }
        Ok(all)
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(content).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn lines_are_numbered_alike_whatever_ends_them() {
        let content = "\u{feff}\"a\", b\n1,2\n\n\n\"3\n4\",5\n6,7";
        for ends in ["\n", "\r\n", "\r"] {
            let found = records(content.replace('\n', ends).as_bytes()).unwrap();
            let fields: Vec<_> = found.iter().map(|(line, fields)| (*line, fields.join("|"))).collect();
            let expected = [(1, "a|b"), (2, "1|2"), (5, "3\n4|5"), (7, "6|7")];
            assert_eq!(fields, expected.map(|(line, fields)| (line, fields.to_owned())), "{ends:?}");
        }
    }

    #[test]
    fn a_packed_file_may_be_several_packed_files_in_a_row() {
        let both = [packed(b"a,b\n1,"), packed(b"2\n")].concat();
        assert_eq!(records(&both).unwrap().len(), 2);
        let cut = &packed(&b"a,b\n".repeat(100))[..20];
        assert!(records(cut).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn what_is_no_csv_says_what_to_do() {
        for content in [&b"PK\x03\x04..."[..], b"\xff\xfea\0", b"\xbb\xe1\xd4\xb1,b\n"] {
            assert!(records(content).unwrap_err().contains("CSV UTF-8"));
        }
        assert!(records(b"").unwrap_err().contains("is empty"));
    }
}
