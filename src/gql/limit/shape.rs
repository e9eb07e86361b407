//! The measures of a document that its text alone decides.
//!
//! Each fragment is measured once, in the order that `order` found; where it is spread, its measure is added. Sums
//! are compared with the limits after every addition, so a bomb ends the walk at its first few levels, and what is
//! merged is never more than what has been counted.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{Directive, Field, Selection, SelectionSet};
use async_graphql_value::Value;

use super::{Limits, Refusal};

/// What a selection set holds, fragments written out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    pub depth: u64,
    pub nesting: u64,
    pub fields: u64,
    pub values: u64,
    /// The places where a variable is used.
    pub variables: u64,
    pub introspection_depth: u64,
    pub introspection_fields: u64,
}

impl Shape {
    pub fn add(&mut self, other: Shape) {
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.fields = self.fields.saturating_add(other.fields);
        self.values = self.values.saturating_add(other.values);
        self.variables = self.variables.saturating_add(other.variables);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.introspection_fields = self.introspection_fields.saturating_add(other.introspection_fields);
    }
}

/// How often each field is selected at one level: a selection set with its fragments, but not what is in its fields.
#[derive(Clone, Debug, Default)]
pub struct Level<'a> {
    pub seen: HashMap<&'a str, Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub all: u64,
    pub aliased: u64,
}

impl<'a> Level<'a> {
    fn add(&mut self, name: &'a str, more: Seen, limits: &Limits) -> Result<(), Refusal> {
        let seen = self.seen.entry(name).or_default();
        seen.all = seen.all.saturating_add(more.all);
        seen.aliased = seen.aliased.saturating_add(more.aliased);
        if seen.aliased > limits.aliases {
            return Err(Refusal::too_complex(format!("\"{name}\" has more than {} aliases.", limits.aliases)));
        }
        if seen.all > limits.repeats {
            return Err(Refusal::too_complex(format!("\"{name}\" is selected more than {} times.", limits.repeats)));
        }
        Ok(())
    }
}

/// Walks selection sets, remembering the fragments.
pub struct Measure<'a> {
    pub limits: &'a Limits,
    pub fragments: HashMap<&'a str, (Shape, Level<'a>)>,
    /// Selections, values and merged names that the walk has touched: its time, for tests and for the cache's weight.
    pub steps: u64,
}

impl<'a> Measure<'a> {
    pub fn set(&mut self, set: &'a SelectionSet, level: &mut Level<'a>) -> Result<Shape, Refusal> {
        let mut total = Shape::default();
        for selection in &set.items {
            self.steps += 1;
            let shape = match &selection.node {
                Selection::Field(field) => self.field(field, level)?,
                Selection::InlineFragment(inline) => {
                    let mut shape = self.directives(&inline.node.directives)?;
                    shape.add(deeper(self.set(&inline.node.selection_set.node, level)?));
                    shape
                }
                Selection::FragmentSpread(spread) => {
                    let mut shape = self.directives(&spread.node.directives)?;
                    shape.add(deeper(self.spread(&spread.node.fragment_name.node, level)?));
                    shape
                }
            };
            total.add(shape);
            self.within(&total).map_err(|refusal| refusal.at(selection.pos))?;
        }
        Ok(total)
    }

    /// A fragment that is not in the document measures nothing; validation will refuse it.
    fn spread(&mut self, name: &str, level: &mut Level<'a>) -> Result<Shape, Refusal> {
        let Some((shape, inner)) = self.fragments.get(name) else { return Ok(Shape::default()) };
        for (field, seen) in &inner.seen {
            self.steps += 1;
            level.add(field, *seen, self.limits)?;
        }
        Ok(*shape)
    }

    fn field(&mut self, field: &'a Positioned<Field>, level: &mut Level<'a>) -> Result<Shape, Refusal> {
        let Field { name, alias, arguments, directives, selection_set } = &field.node;
        let name = name.node.as_str();
        level
            .add(name, Seen { all: 1, aliased: alias.is_some().into() }, self.limits)
            .map_err(|refusal| refusal.at(field.pos))?;
        let mut shape = self.directives(directives)?;
        shape.add(self.arguments(arguments)?);
        if selection_set.node.items.is_empty() {
            shape.add(Shape { depth: 1, fields: 1, ..Shape::default() });
            return Ok(shape);
        }
        let mut inner = deeper(self.set(&selection_set.node, &mut Level::default())?);
        inner.depth += 1;
        inner.fields = inner.fields.saturating_add(1);
        shape.add(inner);
        if matches!(name, "__schema" | "__type") {
            shape = self.introspection(shape).map_err(|refusal| refusal.at(field.pos))?;
        }
        Ok(shape)
    }

    /// What is under `__schema` has limits of its own, because the standard query is deeper than a query of data.
    fn introspection(&self, shape: Shape) -> Result<Shape, Refusal> {
        if !self.limits.introspection {
            return Err(Refusal::invalid("Introspection is switched off here. The schema is published as a file."));
        }
        Ok(Shape {
            depth: 1,
            fields: 1,
            introspection_depth: shape.depth.max(shape.introspection_depth),
            introspection_fields: shape.fields.saturating_add(shape.introspection_fields),
            ..shape
        })
    }

    pub fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> Result<Shape, Refusal> {
        let mut total = Shape::default();
        if directives.len() > self.limits.directives {
            let most = self.limits.directives;
            return Err(Refusal::too_complex(format!("More than {most} directives in one place.")));
        }
        for directive in directives {
            total.add(self.arguments(&directive.node.arguments)?);
        }
        Ok(total)
    }

    fn arguments<N>(&mut self, arguments: &'a [(N, Positioned<Value>)]) -> Result<Shape, Refusal> {
        if arguments.len() > self.limits.arguments {
            return Err(Refusal::too_complex(format!("More than {} arguments in one place.", self.limits.arguments)));
        }
        let mut total = Shape::default();
        for (_, value) in arguments {
            self.value(&value.node, &mut total);
        }
        Ok(total)
    }

    /// A string weighs one value more for each 32 bytes, as it is copied wherever its fragment is spread.
    fn value(&mut self, value: &Value, total: &mut Shape) {
        self.steps += 1;
        total.values = total.values.saturating_add(1);
        match value {
            Value::Variable(_) => total.variables = total.variables.saturating_add(1),
            Value::String(text) => total.values = total.values.saturating_add(text.len() as u64 / 32),
            Value::List(items) => items.iter().for_each(|item| self.value(item, total)),
            Value::Object(entries) => entries.values().for_each(|entry| self.value(entry, total)),
            _ => {}
        }
    }

    /// The limits that hold for any part of a document. Depth is compared at an operation's root only, because a
    /// fragment does not say whether it will be spread under `__schema`.
    pub fn within(&self, shape: &Shape) -> Result<(), Refusal> {
        let limits = self.limits;
        let bounds = [
            (shape.fields, limits.fields, "fields, fragments written out"),
            (shape.values, limits.values, "values of arguments, fragments written out"),
            (shape.nesting, limits.nesting, "selections within selections"),
            (shape.depth, limits.depth.max(limits.introspection_depth), "fields within fields"),
            (shape.introspection_depth, limits.introspection_depth, "fields within fields of the introspection"),
            (shape.introspection_fields, limits.introspection_fields, "fields of the introspection"),
        ];
        match bounds.into_iter().find(|(found, limit, _)| found > limit) {
            None => Ok(()),
            Some((_, limit, what)) => Err(Refusal::too_complex(format!("The document has more than {limit} {what}."))),
        }
    }
}

fn deeper(shape: Shape) -> Shape {
    Shape { nesting: shape.nesting + 1, ..shape }
}
