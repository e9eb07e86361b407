//! Custom events: what may be told of them, and why one is not recorded.

use std::collections::BTreeMap;

use crate::base::clock::{DAY, Instant, MINUTE};
use crate::base::text::has_control;
use crate::domain::earning::rule::change::Attributes;
use crate::domain::earning::rule::condition::attribute::Value;

/// The longest code, name, key and text of an event, in characters.
pub const MAX_CODE: usize = 50;
pub const MAX_NAME: usize = 100;
pub const MAX_KEY: usize = 200;
pub const MAX_TEXT: usize = 200;
/// The most attributes an event type has.
pub const MAX_ATTRIBUTES: usize = 30;
/// The most kinds of events there are.
pub const MAX_TYPES: usize = 200;
/// How long after it happened an event can still be recorded.
pub const MAX_AGE: i64 = 31 * DAY;
/// How far another system's clock may be ahead.
const AHEAD: i64 = 5 * MINUTE;

/// Why an event, or a kind of event, is not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    TypeUnknown,
    MemberUnknown,
    UniqueKeyInvalid,
    /// The key was used for something else.
    UniqueKeyConflict,
    /// Not an attribute of this kind of event.
    AttributeUnknown {
        name: String,
    },
    /// It is told twice.
    AttributeRepeated {
        name: String,
    },
    /// Of another kind, or too long.
    AttributeInvalid {
        name: String,
    },
    /// In the future, or too long ago.
    OccurredAtInvalid,
    /// Staff do not record what they did themselves.
    OwnEvent,
    /// It would earn more points than a wallet can hold.
    TooManyPoints,
}

/// Why a kind of event is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeRejection {
    CodeInvalid,
    CodeTaken,
    NameInvalid,
    AttributesInvalid,
    TooMany,
}

/// What is given by name; or a name that is given twice.
pub fn by_name<T>(given: Vec<(String, T)>) -> Result<BTreeMap<String, T>, String> {
    let mut known = BTreeMap::new();
    for (name, value) in given {
        if known.contains_key(&name) {
            return Err(name);
        }
        known.insert(name, value);
    }
    Ok(known)
}

/// Checks a kind of event. A code is of capitals, digits and underscores, as the words of the schema are.
pub fn check_type(code: &str, name: &str, attributes: &Attributes) -> Result<(), TypeRejection> {
    let is_word = |text: &str| {
        let mut bytes = text.bytes();
        bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && text.len() <= MAX_CODE
    };
    if !is_word(code) || code.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Err(TypeRejection::CodeInvalid);
    }
    if name.is_empty() || name.chars().count() > MAX_NAME || has_control(name) {
        return Err(TypeRejection::NameInvalid);
    }
    if attributes.len() > MAX_ATTRIBUTES || !attributes.keys().all(|name| is_word(name)) {
        return Err(TypeRejection::AttributesInvalid);
    }
    Ok(())
}

/// Checks what is told of an event.
pub fn check(known: &Attributes, unique_key: &str, told: &BTreeMap<String, Value>) -> Result<(), Rejection> {
    if unique_key.is_empty() || unique_key.chars().count() > MAX_KEY || has_control(unique_key) {
        return Err(Rejection::UniqueKeyInvalid);
    }
    for (name, value) in told {
        let kind = known.get(name).ok_or_else(|| Rejection::AttributeUnknown { name: name.clone() })?;
        let is_short = |text: &str| text.chars().count() <= MAX_TEXT && !has_control(text);
        let fits = value.kind() == *kind && !matches!(value, Value::Text(text) if !is_short(text));
        if !fits {
            return Err(Rejection::AttributeInvalid { name: name.clone() });
        }
    }
    Ok(())
}

/// Whether what happened then can be told now. Only of what is new: what was recorded stays so, however late it is told again.
pub fn check_moment(occurred_at: Option<Instant>, now: Instant) -> Result<(), Rejection> {
    match occurred_at {
        Some(moment) if moment > now.plus(AHEAD) || moment < now.plus(-MAX_AGE) => Err(Rejection::OccurredAtInvalid),
        _ => Ok(()),
    }
}

/// As they are kept with the event. The same are always the same text.
pub fn write_attributes(told: &BTreeMap<String, Value>) -> String {
    serde_json::to_string(told).expect("attributes are plain data")
}

/// The same with every number as it is written shortest, so that 1.0 and 1.00 are one text.
pub fn by_value(told: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let value_of = |value: &Value| match value {
        Value::Number(number) => Value::Number(number.normalize()),
        other => other.clone(),
    };
    told.iter().map(|(name, value)| (name.clone(), value_of(value))).collect()
}

/// What an event type says, or an event tells, read back.
pub fn read<T: serde::de::DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}
