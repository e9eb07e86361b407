//! The limits as settings, with the values the project ships.

use super::{Price, Refusal};
use crate::base::page::{DEFAULT_PAGE, MAX_PAGE};

/// Every bound of a document. None of them is met by a client that a person wrote; each is there for one that a
/// person wrote to hurt.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Words, numbers, strings and signs of the text. The parser's time is in proportion to them.
    pub tokens: usize,
    /// Brackets of any kind open at once in the text. The parser recurses once for each.
    pub brackets: usize,
    /// Bytes of one name or number. An alias is repeated in the response for every row.
    pub name_bytes: usize,
    /// Operations in one document. Each is validated with all fragments it spreads.
    pub operations: usize,
    /// Fragment definitions in one document.
    pub fragments: usize,
    /// Fields within fields.
    pub depth: u64,
    /// Selection sets within selection sets, fragments included.
    pub nesting: u64,
    /// Fields after every fragment is written out, over all operations.
    pub fields: u64,
    /// Argument values and variable definitions after every fragment is written out; long strings count more.
    pub values: u64,
    /// Aliases of one field in one selection set.
    pub aliases: u64,
    /// Selections of one field in one selection set, with or without alias. async-graphql runs a field once for
    /// each, even where they are the same; components that each bring a fragment repeat `id` honestly.
    pub repeats: u64,
    /// Arguments of one field or directive.
    pub arguments: usize,
    /// Directives on one field, fragment or definition.
    pub directives: usize,
    /// Fields at the root of one mutation.
    pub root_mutations: u64,
    /// Fields of a root of which an operation may hold only one in all: those that try a password, move money or read a
    /// whole ledger.
    pub once: Vec<String>,
    /// Whether `__schema` and `__type` are answered.
    pub introspection: bool,
    /// Fields within fields, counted from `__schema` or `__type`.
    pub introspection_depth: u64,
    /// Fields under `__schema` and `__type`, fragments written out.
    pub introspection_fields: u64,
    /// The cost of `__schema` and `__type`, where `types` counts as many times as the schema has types. The standard
    /// query stays far below; `fields { type { fields { type …` does not.
    pub introspection_cost: u64,
    /// The largest `first` or `last`.
    pub page: u64,
    /// The page that is taken without `first` and `last`.
    pub default_page: u64,
    /// The largest variable, in values, times the places that use variables: async-graphql copies it at each.
    pub variable_copies: u64,
    /// The cost for a visitor.
    pub visitor_cost: u64,
    /// The cost for one who is logged in.
    pub member_cost: u64,
    /// Scalars in the response, which the cost leaves out.
    pub scalars: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            tokens: 5_000,
            brackets: 64,
            name_bytes: 128,
            operations: 50,
            fragments: 50,
            depth: 12,
            nesting: 32,
            fields: 5_000,
            values: 5_000,
            aliases: 30,
            repeats: 100,
            arguments: 50,
            directives: 10,
            root_mutations: 5,
            once: Vec::new(),
            introspection: true,
            introspection_depth: 20,
            introspection_fields: 1_000,
            introspection_cost: 1_000_000,
            page: MAX_PAGE as u64,
            default_page: DEFAULT_PAGE as u64,
            variable_copies: 50_000,
            visitor_cost: 2_000,
            member_cost: 10_000,
            scalars: 100_000,
        }
    }
}

impl Limits {
    /// Names the mutations of which one operation may hold only one.
    pub fn with_once(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Limits {
        self.once = names.into_iter().map(Into::into).collect();
        self
    }

    /// How much a document may cost for this caller.
    pub fn cost(&self, is_member: bool) -> u64 {
        if is_member { self.member_cost } else { self.visitor_cost }
    }

    /// Compares a price with what this caller may spend.
    pub fn afford(&self, price: Price, is_member: bool) -> Result<(), Refusal> {
        let limit = self.cost(is_member);
        if price.cost <= limit {
            return Ok(());
        }
        let cost = price.cost;
        Err(Refusal::too_complex(format!(
            "The query asks for {cost} objects at most; {limit} are allowed. Ask for smaller pages."
        )))
    }
}
