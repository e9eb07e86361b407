//! JSON, which SQLite reads a set of values from.

use sea_orm::Value;
use serde_json::Value as Json;

/// A JSON array of rows, written as text at once: a tree of values would cost an allocation a cell.
pub(super) fn json_rows(cells: &[Vec<Value>]) -> String {
    let rows = cells.first().map_or(0, Vec::len);
    let mut json = String::with_capacity(2 + rows * cells.len() * 24);
    write_list(&mut json, 0..rows, |json, row| write_list(json, cells, |json, column| write_json(json, &column[row])));
    json
}

pub(super) fn write_list<T>(json: &mut String, items: impl IntoIterator<Item = T>, write: impl Fn(&mut String, T)) {
    json.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        write(json, item);
    }
    json.push(']');
}

pub(super) fn write_json(json: &mut String, value: &Value) {
    match value {
        Value::Uuid(Some(id)) => write_hex(json, id.as_bytes()),
        Value::BigInt(Some(number)) => write_number(json, *number),
        Value::Int(Some(number)) => write_number(json, i64::from(*number)),
        Value::Bool(Some(flag)) => json.push(if *flag { '1' } else { '0' }),
        Value::String(Some(text)) => write_text(json, text),
        Value::Bytes(Some(bytes)) => write_hex(json, bytes),
        _ => json.push_str("null"),
    }
}

fn write_number(json: &mut String, number: i64) {
    use std::fmt::Write;
    write!(json, "{number}").expect("a String takes every character");
}

fn write_text(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        json.push_str(&Json::from(text).to_string());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

fn write_hex(json: &mut String, bytes: &[u8]) {
    json.push('"');
    push_hex(json, bytes);
    json.push('"');
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;

    #[test]
    fn rows_are_json_whatever_is_in_them() {
        let cells = vec![
            vec![Value::from(Id::from_u128(0xAB)), Value::Uuid(None)],
            vec![Value::from("a \"quote\"\n\\ 茶"), Value::from("plain")],
            vec![Value::from(i64::MIN), Value::from(true)],
            vec![Value::from(vec![0_u8, 255]), Value::Bytes(None)],
        ];
        let json: Json = serde_json::from_str(&json_rows(&cells)).unwrap();
        let expected = serde_json::json!([
            ["000000000000000000000000000000ab", "a \"quote\"\n\\ 茶", i64::MIN, "00ff"],
            [null, "plain", 1, null],
        ]);
        assert_eq!(json, expected);
        assert_eq!(json_rows(&[]), "[]");
    }
}
