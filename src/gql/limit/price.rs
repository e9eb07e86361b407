//! What an operation may cost, with the variables of this request.
//!
//! The cost is the number of objects that the response can hold: every object field counts 1, and what is in the
//! lists of a connection counts `first` or `last` times. `@skip` and `@include` are not looked at, so a document is
//! never cheaper than what runs. Each fragment is priced once.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};

use super::map::{FieldInfo, TypeInfo};
use super::{Limits, Operation, Refusal, SchemaMap};

/// What a selection asks for at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Objects.
    pub cost: u64,
    /// Scalars.
    pub scalars: u64,
    /// Objects of the introspection.
    pub introspection: u64,
}

impl Price {
    fn add(&mut self, more: Price) {
        self.cost = self.cost.saturating_add(more.cost);
        self.scalars = self.scalars.saturating_add(more.scalars);
        self.introspection = self.introspection.saturating_add(more.introspection);
    }

    fn times(self, count: u64) -> Price {
        Price {
            cost: self.cost.saturating_mul(count),
            scalars: self.scalars.saturating_mul(count),
            introspection: self.introspection.saturating_mul(count),
        }
    }
}

/// The price of a selection set. On a connection, the part in its lists depends on the page, which only the field
/// that leads there knows, so a fragment on a connection keeps the two apart.
#[derive(Clone, Copy, Debug, Default)]
struct Split {
    once: Price,
    each: Price,
}

pub fn price(
    document: &ExecutableDocument,
    operation: Operation<'_>,
    fragments: &[Name],
    variables: &Variables,
    map: &SchemaMap,
    limits: &Limits,
) -> Result<Price, Refusal> {
    let mut pricer = Pricer { operation, variables, map, limits, fragments: HashMap::with_capacity(fragments.len()) };
    for name in fragments {
        let Some((name, fragment)) = document.fragments.get_key_value(name) else { continue };
        let parent = map.named(&fragment.node.type_condition.node.on.node);
        let split = pricer.set(&fragment.node.selection_set.node, parent)?;
        pricer.fragments.insert(name.as_str(), split);
    }
    let split = pricer.set(&operation.definition.node.selection_set.node, map.root(operation.kind()))?;
    let total = split.once;
    if total.introspection > limits.introspection_cost {
        return Err(Refusal::too_complex("The introspection asks for too much at once."));
    }
    if total.scalars > limits.scalars {
        let message = format!("The response may have more than {} values. Ask for smaller pages.", limits.scalars);
        return Err(Refusal::too_complex(message));
    }
    Ok(total)
}

struct Pricer<'a> {
    operation: Operation<'a>,
    variables: &'a Variables,
    map: &'a SchemaMap,
    limits: &'a Limits,
    fragments: HashMap<&'a str, Split>,
}

impl<'a> Pricer<'a> {
    fn set(&mut self, set: &'a SelectionSet, parent: Option<&'a TypeInfo>) -> Result<Split, Refusal> {
        let mut total = Split::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => self.field(field, parent)?,
                Selection::FragmentSpread(spread) => {
                    self.fragments.get(spread.node.fragment_name.node.as_str()).copied().unwrap_or_default()
                }
                Selection::InlineFragment(inline) => {
                    let parent = match &inline.node.type_condition {
                        Some(condition) => self.map.named(&condition.node.on.node),
                        None => parent,
                    };
                    self.set(&inline.node.selection_set.node, parent)?
                }
            };
            total.once.add(part.once);
            total.each.add(part.each);
        }
        Ok(total)
    }

    fn field(&mut self, field: &'a Positioned<Field>, parent: Option<&'a TypeInfo>) -> Result<Split, Refusal> {
        let name = field.node.name.node.as_str();
        let info = parent.and_then(|parent| parent.field(name));
        let page = match info {
            Some(info) if info.is_paged => self.page(&field.node, info)?,
            _ => self.limits.default_page,
        };
        let mut price = self.one(field, info, page)?;
        if let Some(info) = info.filter(|info| info.is_list) {
            price = price.times(if info.is_paged { page } else { info.entries });
        }
        if matches!(name, "__schema" | "__type") {
            price = Price { introspection: price.cost, ..Price::default() };
        }
        // A list directly in a connection holds one page; how long that is, the field of the connection says.
        let in_connection = parent.is_some_and(|parent| parent.is_connection) && info.is_some_and(|info| info.is_list);
        Ok(match in_connection {
            true => Split { each: price, ..Split::default() },
            false => Split { once: price, ..Split::default() },
        })
    }

    /// One entry of the field: an object with what is selected in it, or a scalar.
    fn one(&mut self, field: &'a Positioned<Field>, info: Option<&'a FieldInfo>, page: u64) -> Result<Price, Refusal> {
        let set = &field.node.selection_set.node;
        if set.items.is_empty() {
            return Ok(Price { scalars: 1, ..Price::default() });
        }
        let inner = self.set(set, info.and_then(|info| self.map.named(&info.named)))?;
        let mut price = Price { cost: 1, ..Price::default() };
        price.add(inner.once);
        price.add(inner.each.times(page));
        Ok(price)
    }

    /// The length of the page: the larger of `first` and `last`, the schema's default, or ours.
    fn page(&self, field: &Field, info: &FieldInfo) -> Result<u64, Refusal> {
        let mut page = None;
        for name in ["first", "last"] {
            let Some(argument) = field.get_argument(name) else { continue };
            let asked = self.asked(&argument.node).map_err(|refusal| refusal.at(argument.pos))?;
            page = page.max(asked);
        }
        Ok(page.or(info.default_page).unwrap_or(self.limits.default_page))
    }

    /// What is no number is async-graphql's to refuse; until then it counts as no page.
    fn asked(&self, value: &Value) -> Result<Option<u64>, Refusal> {
        let number = match value {
            Value::Number(number) => number,
            Value::Variable(name) => match self.variable(name) {
                Some(ConstValue::Number(number)) => number,
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        match number.as_u64() {
            Some(asked) if asked <= self.limits.page => Ok(Some(asked)),
            None if number.as_f64().is_some_and(|asked| (0.0..=self.limits.page as f64).contains(&asked)) => Ok(None),
            _ => Err(Refusal::bad_input(format!("A page has between 0 and {} items.", self.limits.page))),
        }
    }

    fn variable(&self, name: &Name) -> Option<&ConstValue> {
        self.variables.get(name).or_else(|| {
            let definitions = &self.operation.definition.node.variable_definitions;
            let definition = definitions.iter().find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|default| &default.node)
        })
    }
}
