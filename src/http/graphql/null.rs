//! What failed is `null`.
//!
//! Since 7.1 async-graphql leaves a field that failed out of the response, nullable or not, and writes `null` for an
//! object all of whose fields failed. The specification has a failed field be `null`, and where its type forbids that,
//! the nearest thing around it that may be `null`; clients with generated types rely on it. The errors' paths say
//! which fields failed, and the document and the schema say what may be `null`, so it is put right here. A response
//! without errors is not touched.

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, PathSegment, ServerError, Value};

use crate::gql::limit::{FieldInfo, SchemaMap, TypeInfo};

pub fn put_nulls(
    data: &mut Value,
    errors: &[ServerError],
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    map: &SchemaMap,
) {
    // First every object that lost all its fields becomes an object again, then each lost field finds its null.
    // The other way round, a null that was put would be taken for a lost object.
    for error in errors {
        revive(data, &error.path);
    }
    let root = (&operation.selection_set.node, map.root(operation.ty));
    let mut types = Types { document, map, root, known: HashMap::new() };
    for error in errors {
        let Some(lost) = first_absent(data, &error.path) else { continue };
        let nullable = types.nullable(&error.path[..=lost]);
        match (0..=lost).rev().find(|at| nullable.get(*at).copied().unwrap_or(true)) {
            Some(at) => set_null(data, &error.path[..=at]),
            None => *data = Value::Null,
        }
    }
}

fn revive(data: &mut Value, path: &[PathSegment]) {
    let mut at = data;
    for segment in path {
        if let (Value::Null, PathSegment::Field(_)) = (&*at, segment) {
            *at = Value::Object(IndexMap::new());
        }
        match child(at, segment) {
            Some(next) => at = next,
            None => return,
        }
    }
}

fn child<'a>(value: &'a mut Value, segment: &PathSegment) -> Option<&'a mut Value> {
    match (value, segment) {
        (Value::Object(entries), PathSegment::Field(key)) => entries.get_mut(key.as_str()),
        (Value::List(items), PathSegment::Index(index)) => items.get_mut(*index),
        _ => None,
    }
}

/// The place in the path of the first field that its object does not have.
fn first_absent(data: &Value, path: &[PathSegment]) -> Option<usize> {
    let mut at = data;
    for (place, segment) in path.iter().enumerate() {
        at = match (at, segment) {
            (Value::Object(entries), PathSegment::Field(key)) => match entries.get(key.as_str()) {
                Some(next) => next,
                None => return Some(place),
            },
            (Value::List(items), PathSegment::Index(index)) => items.get(*index)?,
            _ => return None,
        };
    }
    None
}

fn set_null(data: &mut Value, path: &[PathSegment]) {
    let Some((last, around)) = path.split_last() else { return };
    let mut at = data;
    for segment in around {
        match child(at, segment) {
            Some(next) => at = next,
            None => return,
        }
    }
    match (at, last) {
        (Value::Object(entries), PathSegment::Field(key)) => {
            entries.insert(Name::new(key), Value::Null);
        }
        (Value::List(items), PathSegment::Index(index)) => {
            if let Some(item) = items.get_mut(*index) {
                *item = Value::Null;
            }
        }
        _ => {}
    }
}

type Set<'a> = (&'a SelectionSet, Option<&'a TypeInfo>);

/// What may be null along a path. A list repeats its paths but for the index, so they are looked up once.
struct Types<'a> {
    document: &'a ExecutableDocument,
    map: &'a SchemaMap,
    root: Set<'a>,
    known: HashMap<Vec<String>, Vec<&'a [bool]>>,
}

impl<'a> Types<'a> {
    /// For each segment of the path, whether what stands there may be null.
    fn nullable(&mut self, path: &[PathSegment]) -> Vec<bool> {
        let keys: Vec<String> = (path.iter())
            .filter_map(|segment| match segment {
                PathSegment::Field(key) => Some(key.clone()),
                PathSegment::Index(_) => None,
            })
            .collect();
        if !self.known.contains_key(&keys) {
            let levels = self.levels(&keys);
            self.known.insert(keys.clone(), levels);
        }
        let mut fields = self.known.get(&keys).into_iter().flatten();
        let mut levels: &[bool] = &[];
        (path.iter())
            .map(|segment| {
                levels = match segment {
                    PathSegment::Field(_) => fields.next().copied().unwrap_or_default(),
                    PathSegment::Index(_) => levels.get(1..).unwrap_or_default(),
                };
                levels.first().copied().unwrap_or(true)
            })
            .collect()
    }

    fn levels(&self, keys: &[String]) -> Vec<&'a [bool]> {
        let mut sets = vec![self.root];
        let mut levels = Vec::with_capacity(keys.len());
        for key in keys {
            let mut found = Vec::new();
            sets.iter().for_each(|set| self.find(*set, key, &mut found));
            let info = found.iter().find_map(|(_, info)| *info);
            levels.push(info.map_or(&[][..], |info| &info.nullable[..]));
            sets = (found.into_iter())
                .map(|(field, info)| (&field.selection_set.node, info.and_then(|info| self.map.named(&info.named))))
                .collect();
        }
        levels
    }

    /// All selections under this key, in fragments too. Whichever of them applied, they agree on what may be null.
    fn find(&self, (set, parent): Set<'a>, key: &str, found: &mut Vec<(&'a Field, Option<&'a FieldInfo>)>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node.as_str() == key => {
                    found.push((&field.node, parent.and_then(|parent| parent.field(&field.node.name.node))));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                    let parent = condition.map_or(parent, |name| self.map.named(name));
                    self.find((&inline.node.selection_set.node, parent), key, found);
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) else { continue };
                    let parent = self.map.named(&fragment.node.type_condition.node.on.node);
                    self.find((&fragment.node.selection_set.node, parent), key, found);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    const SDL: &str = "type Query { may: Thing, must: Thing!, list: [Thing!]!, holes: [Thing], node: Node }
        interface Node { id: ID! } type Thing implements Node { id: ID!, maybe: Int, sure: Int!, in: Thing!, may: Thing }";

    /// The data after errors at these paths, where a path is written `list.0.sure`.
    fn after(query: &str, mut data: Value, paths: &[&str]) -> Value {
        let document = parse_query(query).expect("a query");
        let map = SchemaMap::from_sdl(SDL).expect("a schema");
        let errors: Vec<ServerError> = (paths.iter())
            .map(|path| {
                let segment =
                    |text: &str| text.parse().map_or_else(|_| PathSegment::Field(text.into()), PathSegment::Index);
                ServerError::new("failed", None).with_path(path.split('.').map(segment).collect())
            })
            .collect();
        let (_, operation) = document.operations.iter().next().expect("an operation");
        put_nulls(&mut data, &errors, &document, &operation.node, &map);
        data
    }

    #[test]
    fn a_failed_field_is_null_where_it_may_be() {
        assert_eq!(
            after("{may{maybe id}}", value!({"may": {"id": 1}}), &["may.maybe"]),
            value!({"may": {"id": 1, "maybe": null}})
        );
        assert_eq!(after("{may{a:maybe}}", value!({"may": null}), &["may.a"]), value!({"may": {"a": null}}));
        assert_eq!(after("{a:may{id}}", value!(null), &["a"]), value!({"a": null}));
    }

    #[test]
    fn else_the_nearest_thing_around_it_that_may_be() {
        assert_eq!(after("{may{sure id}}", value!({"may": {"id": 1}}), &["may.sure"]), value!({"may": null}));
        assert_eq!(
            after("{may{in{sure} id}}", value!({"may": {"id": 1, "in": null}}), &["may.in.sure"]),
            value!({"may": null})
        );
        assert_eq!(after("{must{sure id}}", value!({"must": {"id": 1}}), &["must.sure"]), value!(null));
        assert_eq!(after("{list{sure}}", value!({"list": [{"sure": 1}, null]}), &["list.1.sure"]), value!(null));
        assert_eq!(
            after("{holes{sure}}", value!({"holes": [{"sure": 1}, null]}), &["holes.1.sure"]),
            value!({"holes": [{"sure": 1}, null]})
        );
        // A list whose entry failed as a whole is absent itself.
        assert_eq!(after("{may{id} list{id}}", value!({"may": null}), &["list.1"]), value!(null));
    }

    #[test]
    fn several_failures_do_not_undo_each_other() {
        assert_eq!(
            after("{may{sure maybe}}", value!({"may": null}), &["may.sure", "may.maybe"]),
            value!({"may": null})
        );
        assert_eq!(
            after("{may{maybe sure}}", value!({"may": null}), &["may.maybe", "may.sure"]),
            value!({"may": null})
        );
    }

    #[test]
    fn fields_are_found_in_fragments() {
        let query = "{node{...f}} fragment f on Node{id ...on Thing{s:sure may{maybe}}}";
        assert_eq!(after(query, value!({"node": {"id": 1, "may": {}}}), &["node.s"]), value!({"node": null}));
        assert_eq!(
            after(query, value!({"node": {"id": 1, "s": 1, "may": null}}), &["node.may.maybe"]),
            value!({"node": {"id": 1, "s": 1, "may": {"maybe": null}}})
        );
    }

    #[test]
    fn what_is_no_path_of_the_data_changes_nothing() {
        let data = value!({"list": [1], "may": 3});
        assert_eq!(after("{list{id} may{id}}", data.clone(), &["list.7.id", "may.id.x", "may"]), data);
    }
}
