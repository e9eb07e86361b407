//! What must be right about variables before async-graphql copies them about.

use async_graphql::Variables;
use async_graphql_value::ConstValue;

use super::{Limits, Operation, Refusal};

/// async-graphql finds a missing variable only when a resolver asks for the argument, and then half of the operation
/// may have run. It copies a variable at every place that uses it, so many uses of a long list are refused as well.
pub fn check(operation: Operation<'_>, variables: &Variables, uses: u64, limits: &Limits) -> Result<(), Refusal> {
    for definition in &operation.definition.node.variable_definitions {
        let (name, wanted) = (&definition.node.name.node, &definition.node.var_type.node);
        if wanted.nullable {
            continue;
        }
        let refusal = match variables.get(name) {
            None if definition.node.default_value.is_none() => format!("Variable \"${name}\" ({wanted}) is missing."),
            Some(ConstValue::Null) => format!("Variable \"${name}\" ({wanted}) must not be null."),
            _ => continue,
        };
        return Err(Refusal::bad_input(refusal).at(definition.pos));
    }
    let largest = variables.values().map(weight).max().unwrap_or_default();
    if uses > 1 && uses.saturating_mul(largest) > limits.variable_copies {
        return Err(Refusal::too_complex("Variables this large must not be used in so many places."));
    }
    Ok(())
}

/// The number of values in a value; a string weighs one more for each 32 bytes.
pub fn weight(value: &ConstValue) -> u64 {
    1 + match value {
        ConstValue::String(text) => text.len() as u64 / 32,
        ConstValue::List(items) => items.iter().map(weight).sum(),
        ConstValue::Object(entries) => entries.values().map(weight).sum(),
        _ => 0,
    }
}
