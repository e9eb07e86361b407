//! By what is told of an event.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Flaw, MAX_VALUES, Test};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// What an attribute may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttributeKind {
    Text,
    /// A number, exact to the last digit.
    Number,
    Flag,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Flag(bool),
    /// Kept as text, so that no digit is lost on the way.
    Number(#[serde(with = "number")] Decimal),
    Text(String),
}

impl Value {
    pub fn kind(&self) -> AttributeKind {
        match self {
            Value::Flag(_) => AttributeKind::Flag,
            Value::Number(_) => AttributeKind::Number,
            Value::Text(_) => AttributeKind::Text,
        }
    }
}

/// A number of an event as JSON: `{"number": "2.5"}`, which no text is mistaken for.
mod number {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Written {
        number: String,
    }

    pub fn serialize<S: Serializer>(value: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        Written { number: value.to_string() }.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        let written = Written::deserialize(from)?;
        written.number.parse().map_err(serde::de::Error::custom)
    }
}

/// What is told under a name is one of these texts, lies between two numbers, or is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub name: String,
    pub is: Is,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Is {
    OneOf(Vec<String>),
    /// Both included.
    Range {
        least: Option<Decimal>,
        most: Option<Decimal>,
    },
    Flag(bool),
}

impl Attribute {
    /// The kind of attribute it can be asked of.
    pub fn kind(&self) -> AttributeKind {
        match self.is {
            Is::OneOf(_) => AttributeKind::Text,
            Is::Range { .. } => AttributeKind::Number,
            Is::Flag(_) => AttributeKind::Flag,
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match (&self.is, value) {
            (Is::OneOf(texts), Value::Text(text)) => texts.contains(text),
            (Is::Range { least, most }, Value::Number(number)) => {
                least.is_none_or(|least| least <= *number) && most.is_none_or(|most| *number <= most)
            }
            (Is::Flag(wanted), Value::Flag(flag)) => wanted == flag,
            _ => false,
        }
    }
}

impl Test for Attribute {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        let told: Option<&BTreeMap<String, Value>> = occasion.event.map(|(_, told)| told);
        Some(told.and_then(|told| told.get(&self.name)).is_some_and(|value| self.fits(value)))
    }

    fn flaw(&self) -> Option<Flaw> {
        match &self.is {
            Is::OneOf(texts) if texts.is_empty() || texts.len() > MAX_VALUES => Some(Flaw::Values),
            Is::Range { least: None, most: None } => Some(Flaw::Values),
            Is::Range { least: Some(least), most: Some(most) } if most < least => Some(Flaw::Range),
            _ => None,
        }
    }
}
