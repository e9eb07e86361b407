//! No text a client can send makes the program fail: every String and ID there is in an argument, one at a time, with
//! the others as they should be. The arguments are read from the schema, so a new one is tried as soon as it is there.

use std::collections::HashMap;

use async_graphql::parser::types::{BaseType, Type, TypeDefinition, TypeKind};
use serde_json::{Map, Value as Json, json};

use super::schema::{fields, types};
use crate::world::member::PASSWORD;
use crate::world::{Settings, World, both_databases};

both_databases!(no_text_is_answered_with_a_failure);

fn hostile() -> Vec<String> {
    let short = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "\u{1}",
        "a\u{1b}[31mb",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}gnirts",
        "\u{feff}bom",
        "\u{ffff}",
        "\u{fffd}",
        "\u{10ffff}",
        "👩‍👩‍👧‍👦",
        "🇨🇳",
        "İ",
        "ß",
        "ﬀ",
        "'; DROP TABLE member; --",
        "\"",
        "\\",
        "%",
        "_",
        "{}",
        "[]",
        "null",
        "0",
        "-1",
        "1e400",
        "NaN",
        "../../etc/passwd",
        "<script>",
        "${jndi:x}",
        "%s%n",
    ];
    let long = [
        "x".repeat(90_000),
        "字".repeat(20_000),
        "e\u{301}\u{302}".repeat(5_000),
        "ﷺ".repeat(10_000),
        " ".repeat(50_000),
    ];
    short.into_iter().map(str::to_owned).chain(long).collect()
}

/// The schema's types by name, and what an honest client would give for each field.
struct Honest {
    types: HashMap<String, TypeDefinition>,
    values: HashMap<&'static str, Json>,
}

/// A way to a text within the arguments, such as `input`, `lines`, `0`, `productId`.
type Way = Vec<String>;

impl Honest {
    /// An honest value of a type, and the ways to all texts in it. Each branch of a one-of is a value of its own.
    fn values(&self, name: &str, ty: &Type) -> Vec<(Json, Vec<Way>)> {
        let base = match &ty.base {
            BaseType::List(item) => {
                let wrap = |(value, ways): (Json, Vec<Way>)| (json!([value]), prefixed("0", ways));
                return self.values(name, item).into_iter().map(wrap).collect();
            }
            BaseType::Named(base) => base.as_str(),
        };
        let known = self.values.get(name).cloned();
        match base {
            "String" | "ID" => vec![(known.unwrap_or(json!("text")), vec![Vec::new()])],
            "Int" => vec![(known.unwrap_or(json!(1)), Vec::new())],
            "Boolean" => vec![(json!(true), Vec::new())],
            "BigInt" => vec![(json!("1"), vec![Vec::new()])],
            "Decimal" => vec![(json!("1.00"), vec![Vec::new()])],
            "Date" => vec![(json!("2026-11-23"), vec![Vec::new()])],
            "DateTime" => vec![(json!("2026-11-23T02:00:00Z"), vec![Vec::new()])],
            "LocalTime" => vec![(json!("22:30"), vec![Vec::new()])],
            _ => self.composed(base),
        }
    }

    fn composed(&self, base: &str) -> Vec<(Json, Vec<Way>)> {
        let definition = self.types.get(base).unwrap_or_else(|| panic!("an argument of type {base}"));
        match &definition.kind {
            TypeKind::Enum(kind) => vec![(json!(kind.values[0].node.value.node.as_str()), Vec::new())],
            TypeKind::InputObject(input) => {
                // What holds itself, as conditions do, is tried without.
                let holds_itself = |ty: &Type| ty.to_string().trim_matches(['[', ']', '!']) == base;
                let fields = input.fields.iter().filter(|field| !holds_itself(&field.node.ty.node));
                let each = fields.map(|field| {
                    let name = field.node.name.node.as_str();
                    (name, self.values(name, &field.node.ty.node))
                });
                let one_of = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
                // Filters say one thing at a time as well: `eq` and `oneOf` exclude each other.
                if one_of || base.ends_with("Filter") {
                    let alone = each.flat_map(|(name, values)| {
                        values.into_iter().map(move |(value, ways)| (json!({ name: value }), prefixed(name, ways)))
                    });
                    return alone.collect();
                }
                let (mut object, mut all) = (Map::new(), Vec::new());
                for (name, values) in each {
                    let (value, ways) = values.into_iter().next().expect("a value");
                    object.insert(name.to_owned(), value);
                    all.extend(prefixed(name, ways));
                }
                vec![(Json::Object(object), all)]
            }
            _ => panic!("an argument of type {base}"),
        }
    }
}

fn prefixed(step: &str, ways: Vec<Way>) -> Vec<Way> {
    ways.into_iter().map(|way| std::iter::once(step.to_owned()).chain(way).collect()).collect()
}

fn put(value: &mut Json, way: &[String], text: &str) {
    match way.split_first() {
        None => *value = json!(text),
        Some((step, rest)) => match step.parse::<usize>() {
            Ok(at) => put(&mut value[at], rest, text),
            Err(_) => put(&mut value[step], rest, text),
        },
    }
}

/// Every root field with arguments as a document, its honest variables, and the ways to the texts in them.
fn documents(honest: &Honest) -> Vec<(String, Json, Vec<Way>)> {
    let mut documents = Vec::new();
    for root in ["Query", "Mutation"] {
        for field in fields(&honest.types[root]) {
            let field = &field.node;
            for argument in &field.arguments {
                // Of a page one argument is given, so that the others cannot be what is refused.
                let name = argument.node.name.node.as_str();
                let ty = &argument.node.ty.node;
                let document =
                    format!("{}($v: {ty}) {{ {}({name}: $v) {{ __typename }} }}", root.to_lowercase(), field.name.node);
                for (value, ways) in honest.values(name, ty) {
                    documents.push((document.clone(), value, ways));
                }
            }
        }
    }
    documents
}

async fn no_text_is_answered_with_a_failure(world: World) {
    let mut settings = Settings::default();
    (settings.throttle.failures_per_account, settings.throttle.failures_per_address) = (0, 0);
    let door = world.another_process(settings).await;
    let tea = world.product("tea").stock(1_000_000).await;
    let reward = world.coupon_reward(1).await;
    let member = world.member().with_points(10_000).await;
    member.become_staff().await;
    let member = member.another_session().await;
    let member = door.serves(&member);
    // Another member's, for staff do nothing with their own.
    let order = world.member().await.place_order(&[(&tea, 1_000)]).await.expect_ok();
    let outlet = member.create_outlet("A", "A").await.expect_ok();
    let mut honest = Honest { types: HashMap::new(), values: HashMap::new() };
    honest.types.extend(types().into_iter().map(|definition| (definition.name.node.to_string(), definition)));
    honest.values.extend([
        ("productId", json!(tea.id)),
        ("rewardId", json!(reward.id)),
        ("outletId", outlet["id"].clone()),
        ("orderId", order["id"].clone()),
        ("position", json!(0)),
        ("password", json!(PASSWORD)),
        ("newPassword", json!("a brand new secret")),
        ("phone", json!("13800138000")),
        ("timeZone", json!("Asia/Shanghai")),
        // Points that do not expire have no number of days or months.
        ("count", json!(0)),
    ]);
    let mut tried = 0;
    for (document, value, ways) in documents(&honest) {
        for way in &ways {
            for text in hostile() {
                let mut variables = value.clone();
                freshen(&door, &mut variables);
                put(&mut variables, way, &text);
                let answer = member.graphql(&document, json!({ "v": variables })).await;
                let codes = answer.codes();
                let shown: String = text.chars().take(20).collect();
                let failed = codes
                    .iter()
                    .any(|code| matches!(code.as_str(), "INTERNAL" | "UNAVAILABLE" | "TIMEOUT" | "no code"));
                assert!(
                    !failed && answer.status.as_u16() < 500,
                    "{document} with {shown:?} at {way:?}: {}",
                    answer.json
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 1_000, "only {tried} texts were tried");
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    door.stop().await;
}

/// What must be new each time, or an earlier answer would stand in the way.
fn freshen(world: &World, variables: &mut Json) {
    for field in ["idempotencyKey", "username", "email"] {
        if variables.get(field).is_some() {
            let word = world.fresh("w");
            variables[field] = if field == "email" { json!(format!("{word}@example.com")) } else { json!(word) };
        }
    }
    if variables.get("expectedVersion").is_some() {
        variables["expectedVersion"] = json!(world.app.programs.latest().version);
    }
    if let Some(phone) = variables.get_mut("phone") {
        *phone = Json::Null;
    }
}
