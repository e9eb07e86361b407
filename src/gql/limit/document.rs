//! A parsed document that is within every limit its text decides.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Positioned, Variables};

use super::order::{Order, order};
use super::price::{self, Price};
use super::shape::{Level, Measure, Shape};
use super::{Limits, Refusal, SchemaMap, text, variable};
use crate::gql::error::PARSE_FAILED;

/// Parsed and measured once; the same for every request that sends the same text.
#[derive(Debug)]
pub struct Document {
    pub parsed: ExecutableDocument,
    order: Order,
    variable_uses: u64,
    steps: u64,
}

/// The operation of a document that a request wants run.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    pub name: Option<&'a Name>,
    pub definition: &'a Positioned<OperationDefinition>,
}

impl Operation<'_> {
    pub fn kind(&self) -> OperationType {
        self.definition.node.ty
    }
}

impl Document {
    /// Reads a text. All that is refused here is refused for every set of variables and every caller.
    pub fn read(text: &str, limits: &Limits) -> Result<Document, Refusal> {
        text::check(text, limits)?;
        let parsed = parse_query(text).map_err(|error| syntax(&error))?;
        let order = order(&parsed, limits)?;
        let (steps, measured) = measure(&parsed, &order, limits);
        let total = measured?;
        Ok(Document { parsed, order, variable_uses: total.variables, steps })
    }

    /// Finds the operation by its name, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Result<Operation<'_>, Refusal> {
        let mut operations = self.parsed.operations.iter();
        let found = match name {
            Some(wanted) => operations.find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted)),
            None if operations.len() > 1 => {
                return Err(Refusal::bad_input("The document has several operations: say which by operationName."));
            }
            None => operations.next(),
        };
        match found {
            Some((name, definition)) => Ok(Operation { name, definition }),
            None => Err(Refusal::bad_input("The document has no operation of that name.")),
        }
    }

    /// What depends on the variables: that they are there, that pages are small enough, and what it all may cost.
    pub fn price(
        &self,
        operation: Operation<'_>,
        variables: &Variables,
        map: &SchemaMap,
        limits: &Limits,
    ) -> Result<Price, Refusal> {
        variable::check(operation, variables, self.variable_uses, limits)?;
        let fragments = self.order.reached.get(&operation.name.cloned()).map_or(&[][..], Vec::as_slice);
        price::price(&self.parsed, operation, fragments, variables, map, limits)
    }

    /// About how many bytes of memory the document holds: a selection with its names takes some 300.
    pub fn bytes(&self) -> u64 {
        self.steps.saturating_mul(300)
    }

    #[cfg(test)]
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

/// Measures all operations together, and fragments that none of them spreads: async-graphql validates those too.
pub fn measure(parsed: &ExecutableDocument, order: &Order, limits: &Limits) -> (u64, Result<Shape, Refusal>) {
    let mut measure = Measure { limits, fragments: HashMap::with_capacity(order.fragments.len()), steps: 0 };
    let result = measure_all(&mut measure, parsed, order);
    (measure.steps, result)
}

fn measure_all<'a>(measure: &mut Measure<'a>, parsed: &'a ExecutableDocument, order: &Order) -> Result<Shape, Refusal> {
    if parsed.operations.iter().len() > measure.limits.operations {
        return Err(Refusal::too_complex(format!("A document may have {} operations.", measure.limits.operations)));
    }
    let reached: HashSet<&Name> = order.reached.values().flatten().collect();
    let mut total = Shape::default();
    for name in &order.fragments {
        let Some((name, fragment)) = parsed.fragments.get_key_value(name) else { continue };
        let mut level = Level::default();
        let mut shape = measure.set(&fragment.node.selection_set.node, &mut level)?;
        shape.add(measure.directives(&fragment.node.directives)?);
        measure.fragments.insert(name.as_str(), (shape, level));
        if !reached.contains(name) {
            total.add(shape);
        }
    }
    for (_, operation) in parsed.operations.iter() {
        total.add(measure_operation(measure, operation)?);
        measure.within(&total)?;
    }
    Ok(total)
}

fn measure_operation<'a>(
    measure: &mut Measure<'a>,
    operation: &'a Positioned<OperationDefinition>,
) -> Result<Shape, Refusal> {
    let limits = measure.limits;
    let mut level = Level::default();
    let mut shape = measure.set(&operation.node.selection_set.node, &mut level)?;
    shape.add(measure.directives(&operation.node.directives)?);
    for definition in &operation.node.variable_definitions {
        shape.add(measure.directives(&definition.node.directives)?);
        shape.values = shape.values.saturating_add(1);
        if let Some(default) = &definition.node.default_value {
            shape.values = shape.values.saturating_add(variable::weight(&default.node));
        }
    }
    if shape.depth > limits.depth {
        let message = format!("The document has more than {} fields within fields.", limits.depth);
        return Err(Refusal::too_complex(message).at(operation.pos));
    }
    if operation.node.ty == OperationType::Mutation {
        root_mutations(&level, limits).map_err(|refusal| refusal.at(operation.pos))?;
    }
    only_once(&level, limits).map_err(|refusal| refusal.at(operation.pos))?;
    measure.within(&shape)?;
    Ok(shape)
}

/// Aliases and fragments must not multiply what one request may try: the level has already counted them.
fn root_mutations(level: &Level<'_>, limits: &Limits) -> Result<(), Refusal> {
    let all: u64 = level.seen.values().map(|seen| seen.all).sum();
    if all > limits.root_mutations {
        return Err(Refusal::too_complex(format!("An operation may hold {} mutations.", limits.root_mutations)));
    }
    Ok(())
}

/// The same for what is costly or guarded, at either root.
fn only_once(level: &Level<'_>, limits: &Limits) -> Result<(), Refusal> {
    let once: u64 = limits.once.iter().filter_map(|name| level.seen.get(name.as_str())).map(|seen| seen.all).sum();
    if once > 1 {
        return Err(Refusal::too_complex(format!("An operation may hold only one of: {}.", limits.once.join(", "))));
    }
    Ok(())
}

/// The parser's message is a drawing of the line in question, for a terminal; its last line says what was expected.
fn syntax(error: &async_graphql::parser::Error) -> Refusal {
    let text = error.to_string();
    let what = text.lines().last().unwrap_or_default().trim_start_matches([' ', '=']).trim();
    Refusal {
        code: PARSE_FAILED,
        message: format!("The document is not GraphQL: {what}."),
        at: error.positions().next(),
    }
}
