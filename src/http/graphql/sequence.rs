//! Fields stand in the order in which they were asked for.
//!
//! async-graphql resolves the fields of an object concurrently and files them in the order in which they finish. The
//! specification wants the order of the document, people read it in GraphiQL, and equal answers should be equal text.

use std::cell::OnceCell;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value};

/// Puts the fields of every object of the response into the order of the document.
pub fn put_in_order(data: &mut Value, document: &ExecutableDocument, operation: &OperationDefinition) {
    Plan::of(document, &[&operation.selection_set.node]).arrange(data);
}

/// The fields of an object in order. A list uses one plan for all its items, and a level is planned when it is reached.
struct Plan<'a> {
    document: &'a ExecutableDocument,
    fields: IndexMap<&'a str, Below<'a>>,
}

/// What is selected of a field's value; the same field may be selected in several places.
#[derive(Default)]
struct Below<'a> {
    sets: Vec<&'a SelectionSet>,
    plan: OnceCell<Box<Plan<'a>>>,
}

impl<'a> Plan<'a> {
    fn of(document: &'a ExecutableDocument, sets: &[&'a SelectionSet]) -> Plan<'a> {
        let mut plan = Plan { document, fields: IndexMap::new() };
        sets.iter().for_each(|set| plan.add(set));
        plan
    }

    /// A fragment's fields stand where it is spread. Circles and bombs were refused before anything ran.
    fn add(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let below = self.fields.entry(field.node.response_key().node.as_str()).or_default();
                    below.sets.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => self.add(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn arrange(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(fields) => {
                // Most objects have all their fields, in order: then places are compared and no key is looked up.
                let is_planned = fields.keys().map(Name::as_str).eq(self.fields.keys().copied());
                let place = |key: &str| self.fields.get_index_of(key).unwrap_or(usize::MAX);
                if !is_planned && !fields.keys().is_sorted_by_key(|key| place(key)) {
                    fields.sort_by_cached_key(|key, _| place(key));
                }
                for (at, (key, value)) in fields.iter_mut().enumerate() {
                    if !matches!(value, Value::List(_) | Value::Object(_)) {
                        continue;
                    }
                    let at = if is_planned { at } else { place(key) };
                    if let Some((_, below)) = self.fields.get_index(at) {
                        below.plan.get_or_init(|| Box::new(Plan::of(self.document, &below.sets))).arrange(value);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    #[test]
    fn fields_stand_as_they_were_asked_for() {
        let text = "{ c: b { y x ...f } a ... { d { q p } } } fragment f on B { z y }";
        let document = parse_query(text).unwrap();
        let operation = document.operations.iter().next().map(|(_, operation)| &operation.node).unwrap();
        let mut data =
            value!({ "d": [{ "p": 1, "q": 2 }, { "q": 4, "p": 3 }], "a": 5, "c": { "z": 6, "x": 7, "y": 8 } });
        put_in_order(&mut data, &document, operation);
        assert_eq!(data.to_string(), r#"{c: {y: 8, x: 7, z: 6}, a: 5, d: [{q: 2, p: 1}, {q: 4, p: 3}]}"#);
    }
}
