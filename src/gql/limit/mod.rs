//! How large a document may be, decided before async-graphql sees it.
//!
//! async-graphql compares its own limits after walking every expansion of every fragment, in code that no timeout can
//! interrupt: 979 bytes of fragments that spread each other twice keep it busy for seconds. So a document is read once
//! here, in time linear in its length:
//!
//! * `text` looks at the characters, so that the parser's recursion is bounded before it starts;
//! * `order` sorts the fragments so that what is spread comes before what spreads it, and refuses circles;
//! * `shape` measures each fragment once and adds the measures up (depth, fields, values, aliases, directives);
//! * `document` holds the parsed and measured document, which can be kept, as none of this depends on variables;
//! * `variable` and `price` are for each request: required variables, page sizes, and the cost;
//! * `map` is what they know of the schema, and `used` counts what a response really held.

mod document;
mod map;
mod order;
mod price;
mod settings;
mod shape;
mod text;
mod used;
mod variable;

#[cfg(test)]
mod tests;

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

pub use document::{Document, Operation};
pub use map::{FieldInfo, SchemaMap, TypeInfo};
pub use price::Price;
pub use settings::Limits;
pub use used::used;

use crate::base::error::Code;
use crate::gql::error::VALIDATION_FAILED;

/// Why a document is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
    pub at: Option<Pos>,
}

impl Refusal {
    fn too_complex(message: impl Into<String>) -> Refusal {
        Refusal { code: Code::QueryTooComplex.as_str(), message: message.into(), at: None }
    }

    fn bad_input(message: impl Into<String>) -> Refusal {
        Refusal { code: Code::BadUserInput.as_str(), message: message.into(), at: None }
    }

    fn invalid(message: impl Into<String>) -> Refusal {
        Refusal { code: VALIDATION_FAILED, message: message.into(), at: None }
    }

    fn at(self, at: Pos) -> Refusal {
        Refusal { at: Some(at), ..self }
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", refusal.code);
        let mut error = ServerError::new(refusal.message, refusal.at);
        error.extensions = Some(extensions);
        error
    }
}
