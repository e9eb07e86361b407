//! Objects whose fields are resolved one after another.
//!
//! async-graphql resolves the fields of an object beside each other: each becomes an allocated future in a set of its
//! own. Where seldom more than one field of an object waits, as with a product of which only the stock is looked up, that
//! gains nothing, and in long lists it costs more than all of the SQL. Wrapped in [`InTurn`], such an object's fields
//! are resolved in the order of the document, without a future of their own. The objects of a list still wait beside
//! each other, so their look-ups are batched as before.

use std::borrow::Cow;
use std::ops::Deref;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container_serial};
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use smallvec::SmallVec;

/// An object resolved field by field. The schema does not see it.
#[derive(Clone, Copy, Debug)]
pub struct InTurn<T>(pub T);

impl<T> Deref for InTurn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ContainerType> OutputType for InTurn<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        match fields(ctx, &self.0).await {
            Some(fields) if fields.is_empty() => Ok(Value::Null),
            Some(fields) => Ok(Value::Object(fields)),
            None => resolve_container_serial(ctx, &self.0).await,
        }
    }
}

/// The fields of a selection; few objects have more than these selected.
type Selected<'a> = SmallVec<[&'a Positioned<Field>; 8]>;

/// The fields by name, or `None` where something is selected that the library had better put together: directives, the
/// same name twice, fragments on interfaces. A field that fails is left out and its error noted, as the library does.
async fn fields<T: ContainerType>(ctx: &ContextSelectionSet<'_>, object: &T) -> Option<IndexMap<Name, Value>> {
    let mut selected = Selected::new();
    collect(ctx, &ctx.item.node, &T::type_name(), &mut selected)?;
    if has_twice(&selected) {
        return None;
    }
    let mut found = IndexMap::with_capacity(selected.len());
    for field in selected {
        let value = if field.node.name.node == "__typename" {
            Ok(Some(Value::String(object.introspection_type_name().into_owned())))
        } else {
            object.resolve_field(&ctx.with_field(field)).await
        };
        match value {
            Ok(value) => {
                found.insert(field.node.response_key().node.clone(), value.unwrap_or_default());
            }
            Err(error) => ctx.add_error(error),
        }
    }
    Some(found)
}

/// True when two fields have one name in the answer. Known before any is resolved: nothing is done twice.
fn has_twice(fields: &[&Positioned<Field>]) -> bool {
    let mut rest = fields;
    while let [field, others @ ..] = rest {
        let name = &field.node.response_key().node;
        if others.iter().any(|other| other.node.response_key().node == *name) {
            return true;
        }
        rest = others;
    }
    false
}

/// The fields of a selection and of its fragments, in order. Fragments that go round in circles were refused before
/// anything ran.
fn collect<'a>(
    ctx: &ContextSelectionSet<'a>,
    set: &'a SelectionSet,
    object: &str,
    fields: &mut Selected<'a>,
) -> Option<()> {
    for selection in &set.items {
        let (condition, directives, set) = match &selection.node {
            Selection::Field(field) if field.node.directives.is_empty() => {
                fields.push(field);
                continue;
            }
            Selection::Field(_) => return None,
            Selection::InlineFragment(inline) => {
                (inline.node.type_condition.as_ref(), &inline.node.directives, &inline.node.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &ctx.query_env.fragments.get(&spread.node.fragment_name.node)?.node;
                (Some(&fragment.type_condition), &spread.node.directives, &fragment.selection_set)
            }
        };
        if !directives.is_empty() || condition.is_some_and(|condition| condition.node.on.node != object) {
            return None;
        }
        collect(ctx, &set.node, object, fields)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};

    use super::*;

    #[derive(SimpleObject)]
    struct Leaf {
        a: i32,
        b: Option<&'static str>,
    }

    struct Thing;

    #[Object]
    impl Thing {
        async fn number(&self) -> i32 {
            7
        }

        async fn fails(&self) -> async_graphql::Result<i32> {
            Err("it failed".into())
        }

        async fn leaf(&self, a: Option<i32>) -> InTurn<Leaf> {
            InTurn(Leaf { a: a.unwrap_or(1), b: None })
        }

        async fn leaves(&self) -> Vec<InTurn<Leaf>> {
            (0..3).map(|a| InTurn(Leaf { a, b: Some("b") })).collect()
        }
    }

    struct Query;

    #[Object]
    impl Query {
        async fn usual(&self) -> Thing {
            Thing
        }

        async fn in_turn(&self) -> InTurn<Thing> {
            InTurn(Thing)
        }
    }

    /// What the library itself makes of the same selection is what an object in turn must say.
    #[tokio::test]
    async fn it_answers_as_any_other_object_does() {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
        for selection in [
            "number leaf { a b }",
            "__typename kind: __typename leaves { __typename a }",
            "x: number number leaf(a: 5) { b a }",
            "leaf { a } number leaf { b }",
            "...F leaf { b } } fragment F on Thing { leaf { ...G } } fragment G on Leaf { a",
            "... { number } ... on Thing { leaf { a } }",
            "number @include(if: true) leaf @skip(if: true) { a } leaves { b @skip(if: false) }",
            "number fails leaf { a }",
            "number fails number",
            "fails",
        ] {
            let answer = async |root: &str| {
                let (selection, fragments) = selection.split_once("} fragment").unwrap_or((selection, ""));
                let fragments = if fragments.is_empty() { String::new() } else { format!("fragment{fragments} }}") };
                let document = format!("{{ root: {root} {{ {selection} }} }} {fragments}");
                let mut answer = schema.execute(&document).await;
                answer.errors.iter_mut().for_each(|error| error.locations.clear());
                (answer.data, answer.errors)
            };
            assert_eq!(answer("inTurn").await, answer("usual").await, "{selection}");
        }
    }
}
