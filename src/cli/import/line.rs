//! One line of the file, checked.

use std::sync::Arc;

use csv::ByteRecord;
use jiff::tz::TimeZone;
use unicode_normalization::UnicodeNormalization;

use crate::base::clock::Instant;
use crate::base::money::{Currency, Money};
use crate::base::text::has_control;
use crate::cli::import::columns::Columns;
use crate::cli::import::moment::moment;
use crate::domain::earning::rule::earn;
use crate::domain::points::entity::program;

/// Characters of a customer's reference or an order's number.
const MAX_NAME: usize = 100;
/// Pieces of one purchase.
const MAX_PIECES: i64 = 1_000_000;

/// What a line is checked against.
pub struct Rules {
    pub program: Arc<program::Model>,
    pub currency: Currency,
    pub zone: TimeZone,
    /// Later purchases have not happened yet.
    pub now: Instant,
}

/// A line, with what its member is said to be called left as it is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub member: String,
    pub placed_at: Instant,
    pub amount: i64,
    pub pieces: i64,
    pub order_number: Option<String>,
    pub email: Option<&'a str>,
    pub name: Option<&'a str>,
}

impl Rules {
    /// Reads a record, or says why it cannot be used. `None` for one without content, such as spreadsheets leave at
    /// the end.
    pub fn read<'a>(&self, record: &'a ByteRecord, columns: &Columns) -> Option<Result<Line<'a>, String>> {
        let blank = record.iter().all(|field| field.trim_ascii().is_empty());
        if blank { None } else { Some(self.check(record, columns)) }
    }

    fn check<'a>(&self, record: &'a ByteRecord, columns: &Columns) -> Result<Line<'a>, String> {
        // Guessing would put an amount such as 1,234 into two columns.
        if record.len() != columns.count {
            return Err(format!("it has {} columns where the first line has {}", record.len(), columns.count));
        }
        let optional = |at: Option<usize>, name| match at {
            Some(at) => text(record, at, name).map(|text| Some(text).filter(|text| !text.is_empty())),
            None => Ok(None),
        };
        Ok(Line {
            member: identifier(text(record, columns.member, "member")?, "member")?,
            placed_at: self.placed_at(text(record, columns.placed_at, "placed_at")?)?,
            amount: self.amount(text(record, columns.amount, "amount")?)?,
            pieces: optional(columns.quantity, "quantity")?.map_or(Ok(1), pieces)?,
            order_number: optional(columns.order_number, "order_number")?
                .map(|number| identifier(number, "order_number"))
                .transpose()?,
            email: optional(columns.email, "email")?,
            name: optional(columns.name, "name")?,
        })
    }

    fn placed_at(&self, text: &str) -> Result<Instant, String> {
        match moment(text, &self.zone) {
            None => Err(format!("placed_at {text:?} is not a moment such as 2024-05-01, 2024-05-01 09:30 or RFC 3339")),
            Some(moment) if moment > self.now => Err(format!("placed_at {text:?} is in the future")),
            Some(moment) if moment < Instant(0) => Err(format!("placed_at {text:?} is before 1970")),
            Some(moment) => Ok(moment),
        }
    }

    fn amount(&self, text: &str) -> Result<i64, String> {
        let money = Money::parse(text, self.currency).map_err(|why| format!("amount {text:?}: {why}"))?;
        if money.minor < 0 {
            return Err(format!("amount {text:?} is negative; returns are not imported"));
        }
        match earn(&self.program, money.minor) {
            Some(_) => Ok(money.minor),
            None => Err(format!("amount {text:?} earns more points than a wallet can hold")),
        }
    }
}

fn pieces(text: &str) -> Result<i64, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(pieces) if plain && pieces <= MAX_PIECES => Ok(pieces),
        _ => Err(format!("quantity {text:?} is not a whole number from 0 to {MAX_PIECES}")),
    }
}

fn text<'a>(record: &'a ByteRecord, at: usize, name: &str) -> Result<&'a str, String> {
    let field = record.get(at).unwrap_or_default();
    let text = std::str::from_utf8(field).map_err(|_| format!("{name} is not UTF-8"))?;
    Ok(text.trim())
}

/// A customer's reference or an order's number: trimmed and NFKC, so that full-width digits are the plain ones, but
/// with its case kept. Some shop systems tell `a1B` from `A1b`, and of the two mistakes giving one customer two
/// accounts can be mended, while giving two customers one account shows each the other's purchases.
fn identifier(text: &str, name: &str) -> Result<String, String> {
    let identifier: String = text.nfkc().collect();
    let identifier = identifier.trim();
    if identifier.is_empty() {
        return Err(format!("{name} is empty"));
    }
    if identifier.chars().count() > MAX_NAME || has_control(identifier) {
        return Err(format!("{name} is longer than {MAX_NAME} characters, or holds a control character"));
    }
    Ok(identifier.to_owned())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::base::id::Id;

    pub fn rules() -> Rules {
        let program = program::Model::usual(Id::nil(), 0);
        let zone = TimeZone::get(&program.time_zone).unwrap();
        Rules { program: Arc::new(program), currency: Currency::Cny, zone, now: Instant(1_767_225_600_000_000) }
    }

    fn columns() -> Columns {
        let header = ["member", "placed_at", "amount", "quantity", "order_number", "email", "name"];
        Columns::find(&header.map(str::to_owned), &[]).unwrap()
    }

    fn refusal(fields: [&str; 7]) -> String {
        rules().read(&ByteRecord::from(fields.to_vec()), &columns()).unwrap().unwrap_err()
    }

    #[test]
    fn a_line_is_brought_to_one_form() {
        let record = ByteRecord::from(vec![" Ａ1b ", "1997-01-01", " 11.7", "", " ", "a@example.com", ""]);
        let line = rules().read(&record, &columns()).unwrap().unwrap();
        let expected = Line {
            member: "A1b".to_owned(),
            placed_at: Instant(852_048_000_000_000),
            amount: 1170,
            pieces: 1,
            order_number: None,
            email: Some("a@example.com"),
            name: None,
        };
        assert_eq!(line, expected);
    }

    #[test]
    fn a_refused_line_is_told_why() {
        let long = "x".repeat(101);
        for (fields, reason) in [
            (["", "1997-01-01", "1", "", "", "", ""], "member is empty"),
            ([&long, "1997-01-01", "1", "", "", "", ""], "member is longer than 100 characters, or holds a control"),
            (["1", "01/02/1997", "1", "", "", "", ""], "placed_at \"01/02/1997\" is not a moment"),
            (["1", "2026-01-01 09:00", "1", "", "", "", ""], "placed_at \"2026-01-01 09:00\" is in the future"),
            (["1", "1969-01-01", "1", "", "", "", ""], "placed_at \"1969-01-01\" is before 1970"),
            (["1", "1997-01-01", "-1", "", "", "", ""], "amount \"-1\" is negative"),
            (["1", "1997-01-01", "1.005", "", "", "", ""], "amount \"1.005\": more decimal places"),
            (["1", "1997-01-01", "¥1", "", "", "", ""], "amount \"¥1\": not an amount"),
            (["1", "1997-01-01", "", "", "", "", ""], "amount \"\": not an amount"),
            (["1", "1997-01-01", "999999999999", "", "", "", ""], "amount \"999999999999\" earns more points"),
            (["1", "1997-01-01", "1", "1.5", "", "", ""], "quantity \"1.5\" is not a whole number"),
            (["1", "1997-01-01", "1", "-1", "", "", ""], "quantity \"-1\" is not a whole number"),
            (["1", "1997-01-01", "1", "1", "a\u{1}b", "", ""], "order_number is longer than 100 characters, or holds"),
        ] {
            let refusal = refusal(fields);
            assert!(refusal.starts_with(reason), "{fields:?}: {refusal}");
        }
    }

    #[test]
    fn columns_must_be_as_many_as_the_first_line_has_and_readable() {
        let read = |fields: Vec<&[u8]>| {
            let record = ByteRecord::from(fields);
            rules().read(&record, &columns()).map(|line| line.map(drop))
        };
        assert!(read(vec![b"1", b"1997-01-01", b"1", b"234"]).unwrap().unwrap_err().starts_with("it has 4 columns"));
        assert!(read(vec![b"\xff", b"1997-01-01", b"1", b"", b"", b"", b""]).unwrap().is_err());
        assert!(read(vec![b" ", b"", b""]).is_none());
    }
}
