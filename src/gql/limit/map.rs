//! What the limits know of the schema: for each field its type, whether it is a list, and whether it has pages.
//!
//! Built once at start-up from the schema's own text, so it cannot drift from what is served.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition};
use async_graphql_value::ConstValue;

/// The introspection's own types, which no schema text lists, with the number of entries their lists are taken to
/// have (`types` is counted). Without it `fields { type { fields { type …` would be cheap in the asking.
const INTROSPECTION: &[(&str, &str, &str, u64)] = &[
    ("__Schema", "types", "__Type", 0),
    ("__Schema", "queryType", "__Type", 1),
    ("__Schema", "mutationType", "__Type", 1),
    ("__Schema", "subscriptionType", "__Type", 1),
    ("__Schema", "directives", "__Directive", 8),
    ("__Type", "fields", "__Field", 10),
    ("__Type", "interfaces", "__Type", 2),
    ("__Type", "possibleTypes", "__Type", 5),
    ("__Type", "enumValues", "__EnumValue", 8),
    ("__Type", "inputFields", "__InputValue", 5),
    ("__Type", "ofType", "__Type", 1),
    ("__Field", "args", "__InputValue", 3),
    ("__Field", "type", "__Type", 1),
    ("__InputValue", "type", "__Type", 1),
    ("__Directive", "args", "__InputValue", 3),
];

/// How many entries a list without pages is taken to have, such as the lines of an order.
const PLAIN_LIST: u64 = 5;

/// The types of the schema by name.
#[derive(Clone, Debug)]
pub struct SchemaMap {
    query: String,
    mutation: String,
    subscription: String,
    types: HashMap<String, TypeInfo>,
}

#[derive(Clone, Debug, Default)]
pub struct TypeInfo {
    /// A type of which `first` and `last` say how many entries its lists have.
    pub is_connection: bool,
    fields: HashMap<String, FieldInfo>,
}

impl TypeInfo {
    pub fn field(&self, name: &str) -> Option<&FieldInfo> {
        self.fields.get(name)
    }
}

#[derive(Clone, Debug)]
pub struct FieldInfo {
    /// The name of the type, without list and non-null.
    pub named: String,
    pub is_list: bool,
    /// Whether the field takes `first` or `last`.
    pub is_paged: bool,
    /// The schema's own default of `first` or `last`.
    pub default_page: Option<u64>,
    /// How many entries a list without pages is taken to have.
    pub entries: u64,
    /// Whether the field may be null; for a list, then whether its entries may be.
    pub nullable: Vec<bool>,
}

impl SchemaMap {
    /// Reads the schema's SDL. It fails only for a text that is no schema, which is a defect of the program.
    pub fn from_sdl(sdl: &str) -> Result<SchemaMap, async_graphql::parser::Error> {
        let mut map = SchemaMap {
            query: "Query".to_owned(),
            mutation: "Mutation".to_owned(),
            subscription: "Subscription".to_owned(),
            types: HashMap::new(),
        };
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    map.query = schema.node.query.map_or(map.query, |name| name.node.to_string());
                    map.mutation = schema.node.mutation.map_or(map.mutation, |name| name.node.to_string());
                    map.subscription = schema.node.subscription.map_or(map.subscription, |name| name.node.to_string());
                }
                TypeSystemDefinition::Type(definition) => {
                    let fields = match definition.node.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        _ => Vec::new(),
                    };
                    let info = map.types.entry(definition.node.name.node.to_string()).or_default();
                    info.is_connection = definition.node.name.node.ends_with("Connection");
                    info.fields.extend(fields.into_iter().map(|field| field_info(field.node)));
                    if info.is_connection {
                        // Its lists hold the page, which is counted where it was asked for.
                        info.fields.values_mut().for_each(|field| field.entries = 1);
                    }
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        map.add_introspection();
        Ok(map)
    }

    fn add_introspection(&mut self) {
        let types = self.types.len() as u64 + 20;
        for &(parent, field, named, entries) in INTROSPECTION {
            let entries = if entries == 0 { types } else { entries };
            self.add(parent, field, FieldInfo { is_list: true, entries, ..FieldInfo::plain(named) });
        }
        let query = self.query.clone();
        self.add(&query, "__schema", FieldInfo::plain("__Schema"));
        self.add(&query, "__type", FieldInfo::plain("__Type"));
    }

    fn add(&mut self, parent: &str, field: &str, info: FieldInfo) {
        self.types.entry(parent.to_owned()).or_default().fields.insert(field.to_owned(), info);
    }

    pub fn named(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name)
    }

    pub fn root(&self, kind: OperationType) -> Option<&TypeInfo> {
        self.named(match kind {
            OperationType::Query => &self.query,
            OperationType::Mutation => &self.mutation,
            OperationType::Subscription => &self.subscription,
        })
    }
}

impl FieldInfo {
    fn plain(named: &str) -> FieldInfo {
        let named = named.to_owned();
        FieldInfo { named, is_list: false, is_paged: false, default_page: None, entries: 1, nullable: vec![true] }
    }
}

fn field_info(field: FieldDefinition) -> (String, FieldInfo) {
    let pages: Vec<_> = field
        .arguments
        .iter()
        .filter(|argument| matches!(argument.node.name.node.as_str(), "first" | "last"))
        .collect();
    let default_page = pages.iter().find_map(|argument| match &argument.node.default_value.as_ref()?.node {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    });
    let mut nullable = Vec::new();
    let named = unwrap(&field.ty.node, &mut nullable);
    let is_list = nullable.len() > 1;
    let entries = if is_list { PLAIN_LIST } else { 1 };
    let is_paged = !pages.is_empty();
    let info = FieldInfo { is_list, is_paged, default_page, entries, nullable, ..FieldInfo::plain(named) };
    (field.name.node.to_string(), info)
}

fn unwrap<'a>(ty: &'a Type, nullable: &mut Vec<bool>) -> &'a str {
    nullable.push(ty.nullable);
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => unwrap(inner, nullable),
    }
}
