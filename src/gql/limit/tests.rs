//! Documents that a person wrote to hurt, and the honest ones that must pass beside them.

use std::fmt::Write;

use async_graphql::Variables;
use async_graphql::parser::parse_query;
use serde_json::json;

use super::document::measure;
use super::order::order;
use super::{Document, Limits, Price, Refusal, SchemaMap};

const SDL: &str = r#"
    type Query { me: Member, node(id: ID!): Node, products(first: Int, last: Int, search: [String!]): ProductConnection! 
                 rewards(first: Int! = 10): [Reward!]! }
    type Mutation { login(name: String): Payload, register: Payload, placeOrder: Payload, updateProfile: Payload }
    type Payload { member: Member, userErrors: [Oops!]! }
    type Oops { message: String! }
    interface Node { id: ID! }
    type Member implements Node { id: ID!, name: String, orders(first: Int, last: Int): OrderConnection!, friend: Member }
    type OrderConnection { nodes: [Order!]!, edges: [OrderEdge!]!, totalCount: Int!, pageInfo: PageInfo! }
    type OrderEdge { cursor: String!, node: Order! }
    type Order implements Node { id: ID!, lines: [Line!]!, total: Money! }
    type Line { product: Product!, quantity: Int! }
    type Money { amount: String! }
    type ProductConnection { nodes: [Product!]!, totalCount: Int!, pageInfo: PageInfo! }
    type Product implements Node { id: ID!, name: String! }
    type Reward { name: String!, product: Product }
    type PageInfo { hasNextPage: Boolean! }
"#;

fn limits() -> Limits {
    Limits::default().with_once(["login", "register", "placeOrder"])
}

fn read(text: &str) -> Result<Document, Refusal> {
    Document::read(text, &limits())
}

fn price_with(text: &str, variables: serde_json::Value) -> Result<Price, Refusal> {
    let map = SchemaMap::from_sdl(SDL).expect("the SDL above is a schema");
    let document = read(text)?;
    let operation = document.operation(None)?;
    document.price(operation, &Variables::from_json(variables), &map, &limits())
}

fn cost(text: &str) -> u64 {
    price_with(text, json!({})).expect("an honest document").cost
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>, code: &str, words: &str) {
    let refusal = result.expect_err("the document must be refused");
    assert_eq!(refusal.code, code, "{}", refusal.message);
    assert!(refusal.message.contains(words), "{}", refusal.message);
}

/// The published kind: each fragment spreads the next one twice, here within `open` and `close`.
fn bomb_of(levels: usize, open: &str, close: &str) -> String {
    let mut text = "{...f0}".to_owned();
    for level in 0..levels {
        let _ = write!(text, "fragment f{level} on Query{{{open}...f{0}{close} {open}...f{0}{close}}}", level + 1);
    }
    let _ = write!(text, "fragment f{levels} on Query{{__typename}}");
    text
}

fn bomb(levels: usize) -> String {
    bomb_of(levels, "", "")
}

fn steps_of(text: &str) -> u64 {
    let parsed = parse_query(text).expect("the text is GraphQL");
    match order(&parsed, &limits()) {
        Ok(order) => measure(&parsed, &order, &limits()).0,
        Err(_) => 0,
    }
}

#[test]
fn a_fragment_bomb_is_refused_within_steps_in_proportion_to_its_length() {
    let text = bomb(24);
    assert!(text.len() < 979, "{}", text.len());
    refused(read(&text), "QUERY_TOO_COMPLEX", "selected more than 100 times");
    refused(read(&bomb_of(24, "me{", "}")), "QUERY_TOO_COMPLEX", "5000 fields");
    // Two levels more would be four times the work for a walk that follows the spreads.
    for levels in [10, 20, 48] {
        let steps = steps_of(&bomb(levels));
        assert!(steps <= 8 * levels as u64, "{levels} levels: {steps} steps");
    }
}

#[test]
fn a_bomb_of_many_names_ends_as_early() {
    let mut text = "{...f0}".to_owned();
    for level in 0..40 {
        let _ = write!(text, "fragment f{level} on Query{{");
        for name in 0..30 {
            let _ = write!(text, "a{level}_{name} ");
        }
        let _ = write!(text, "...f{0} ...f{0}}}", level + 1);
    }
    text.push_str("fragment f40 on Query{x}");
    refused(read(&text), "QUERY_TOO_COMPLEX", "");
    assert!(steps_of(&text) < 20_000, "{} steps", steps_of(&text));
}

#[test]
fn circles_are_refused_and_unknown_fragments_left_to_validation() {
    refused(read("{...a} fragment a on Query{...a}"), "GRAPHQL_VALIDATION_FAILED", "\"a\" spreads itself");
    refused(read("{x} fragment a on Query{y{...b}} fragment b on Query{...a}"), "GRAPHQL_VALIDATION_FAILED", "itself");
    assert!(read("{...nowhere}").is_ok());
    // A fragment that nothing spreads is walked by the validation all the same, so it is measured all the same.
    refused(read(&bomb(24).replacen("{...f0}", "{x}", 1)), "QUERY_TOO_COMPLEX", "more than 100 times");
}

#[test]
fn too_many_definitions_are_refused() {
    let fragments: String = (0..51).map(|n| format!("fragment f{n} on Query{{x}} ")).collect();
    refused(read(&format!("{{x}} {fragments}")), "QUERY_TOO_COMPLEX", "50 fragments");
    let operations: String = (0..51).map(|n| format!("query q{n} {{x}} ")).collect();
    refused(read(&operations), "QUERY_TOO_COMPLEX", "50 operations");
    refused(read(&format!("{{x {}}}", "@a ".repeat(11))), "QUERY_TOO_COMPLEX", "10 directives");
    refused(read(&format!("{{...on Query {} {{x}}}}", "@a ".repeat(11))), "QUERY_TOO_COMPLEX", "10 directives");
    let arguments: String = (0..51).map(|n| format!("a{n}:1 ")).collect();
    refused(read(&format!("{{x({arguments})}}")), "QUERY_TOO_COMPLEX", "50 arguments");
}

#[test]
fn aliases_and_repeats_are_counted_through_fragments() {
    let flood = |count: usize| (0..count).map(|n| format!("a{n}:me{{id}} ")).collect::<String>();
    assert!(read(&format!("{{{}}}", flood(30))).is_ok());
    refused(read(&format!("{{{}}}", flood(31))), "QUERY_TOO_COMPLEX", "\"me\" has more than 30 aliases");
    let through = format!("{{...f ...on Query{{{}}}}} fragment f on Query{{b:me{{id}}}}", flood(30));
    refused(read(&through), "QUERY_TOO_COMPLEX", "\"me\" has more than 30 aliases");
    assert!(read(&format!("{{{}}}", "me{id} ".repeat(100))).is_ok());
    refused(read(&format!("{{{}}}", "me{id} ".repeat(101))), "QUERY_TOO_COMPLEX", "selected more than 100 times");
}

#[test]
fn deep_documents_are_refused_whatever_they_are_made_of() {
    let fields = |depth: usize| format!("{}{{id}}{}", "{friend".repeat(depth - 1), "}".repeat(depth - 1));
    assert!(read(&fields(12)).is_ok());
    refused(read(&fields(13)), "QUERY_TOO_COMPLEX", "12 fields within fields");
    let inline = |depth: usize| format!("{{{}x{}}}", "...{".repeat(depth), "}".repeat(depth));
    assert!(read(&inline(32)).is_ok());
    refused(read(&inline(33)), "QUERY_TOO_COMPLEX", "32 selections within selections");
    let mut chain = "{...f0}".to_owned();
    for level in 0..40 {
        let _ = write!(chain, "fragment f{level} on Query{{...f{}}}", level + 1);
    }
    refused(read(&format!("{chain} fragment f40 on Query{{x}}")), "QUERY_TOO_COMPLEX", "32 selections");
}

#[test]
fn only_one_mutation_that_tries_a_password_or_moves_money() {
    assert!(read("mutation{login{member{id}} updateProfile{member{id}}}").is_ok());
    // Each operation for itself: only one of them will run.
    assert!(read("mutation a{login{member{id}}} mutation b{placeOrder{member{id}}}").is_ok());
    for twice in [
        "mutation{a:login(name:\"a\"){member{id}} b:login(name:\"b\"){member{id}}}",
        "mutation{login{member{id}} login{member{id}}}",
        "mutation{register{member{id}} ...f} fragment f on Mutation{...on Mutation{placeOrder{member{id}}}}",
    ] {
        refused(read(twice), "QUERY_TOO_COMPLEX", "only one of: login, register, placeOrder");
    }
    let six: String = (0..6).map(|n| format!("a{n}:updateProfile{{member{{id}}}} ")).collect();
    refused(read(&format!("mutation{{{six}}}")), "QUERY_TOO_COMPLEX", "5 mutations");
}

#[test]
fn a_connection_multiplies_by_its_page() {
    assert_eq!(cost("{me{id name}}"), 1);
    assert_eq!(cost("{me{orders{totalCount pageInfo{hasNextPage}}}}"), 3);
    assert_eq!(cost("{me{orders{nodes{id total{amount}}}}}"), 1 + 1 + 20 * 2);
    assert_eq!(cost("{me{orders(first:10){edges{cursor node{id}}}}}"), 1 + 1 + 10 * 2);
    assert_eq!(
        cost("{me{orders(last:5){...f}}} fragment f on OrderConnection{nodes{lines{product{id}}}}"),
        1 + 1 + 5 * (1 + 5 * 2)
    );
    assert_eq!(cost("query($n:Int=7){products(first:$n){nodes{id}}}"), 1 + 7);
    assert_eq!(cost("{rewards{name} }"), 10);
    assert_eq!(cost("{rewards(first:3){product{id}}}"), 6);
    // Fields chosen through an interface cost what they cost elsewhere, and skipping makes nothing cheaper.
    assert_eq!(cost("{node(id:1){id ...on Member{orders(first:10){nodes{id}}}}}"), 1 + 1 + 10);
    assert_eq!(cost("{me @skip(if:true){orders(first:10){nodes{id}}}}"), 1 + 1 + 10);
}

#[test]
fn huge_pages_are_refused_wherever_the_number_stands() {
    let texts = [
        ("{products(first:101){nodes{id}}}", json!({})),
        ("{products(last:-1){nodes{id}}}", json!({})),
        ("{products(first:99999999999999999999){nodes{id}}}", json!({})),
        ("query($n:Int){products(first:$n){nodes{id}}}", json!({ "n": 1_000_000 })),
        ("query($n:Int=1000){products(first:$n){nodes{id}}}", json!({})),
        ("query($n:Int){...f} fragment f on Query{products(last:$n){nodes{id}}}", json!({ "n": -5 })),
        ("{rewards(first:500){name}}", json!({})),
    ];
    for (text, variables) in texts {
        refused(price_with(text, variables), "BAD_USER_INPUT", "between 0 and 100");
    }
    let nested = "query($n:Int){me{orders(first:$n){nodes{lines{product{id}}}}} products(first:$n){nodes{id}}}";
    assert_eq!(price_with(nested, json!({ "n": 100 })).map(|price| price.cost), Ok(2 + 100 * (1 + 5 * 2) + 101));
}

#[test]
fn the_cost_is_compared_with_what_the_caller_may_spend() {
    let price = |cost| Price { cost, ..Price::default() };
    assert_eq!(limits().afford(price(2_000), false), Ok(()));
    refused(limits().afford(price(2_001), false), "QUERY_TOO_COMPLEX", "2001 objects");
    assert_eq!(limits().afford(price(10_000), true), Ok(()));
    refused(limits().afford(price(10_001), true), "QUERY_TOO_COMPLEX", "10000 are allowed");
    let pages = "{me{orders(first:100){nodes{a:id b:id c:id lines{quantity}}}}}";
    assert_eq!(price_with(pages, json!({})).map(|price| price.scalars), Ok(100 * (3 + 5)));
    let names: String = (0..30).map(|n| format!("a{n}:id b{n}:name ")).collect();
    let wide = format!(
        "{{{}}}",
        (0..18).map(|n| format!("p{n}:products(first:100){{nodes{{{names}}}}} ")).collect::<String>()
    );
    refused(price_with(&wide, json!({})), "QUERY_TOO_COMPLEX", "100000 values");
}

#[test]
fn variables_must_be_there_and_must_not_multiply() {
    let text = "query($id:ID!){node(id:$id){id}}";
    refused(price_with(text, json!({})), "BAD_USER_INPUT", "\"$id\" (ID!) is missing");
    refused(price_with(text, json!({ "id": null })), "BAD_USER_INPUT", "must not be null");
    assert!(price_with("query($id:ID!=3){node(id:$id){id}}", json!({})).is_ok());
    let uses: String = (0..20).map(|n| format!("p{n}:products(first:1,search:$s){{totalCount}} ")).collect();
    let text = format!("query($s:[String!]){{{uses}}}");
    assert!(price_with(&text, json!({ "s": vec!["a"; 100] })).is_ok());
    refused(price_with(&text, json!({ "s": vec!["a"; 5_000] })), "QUERY_TOO_COMPLEX", "so many places");
    refused(price_with(&text, json!({ "s": ["a".repeat(100_000)] })), "QUERY_TOO_COMPLEX", "so many places");
}

#[test]
fn the_standard_introspection_passes_and_a_circular_one_does_not() {
    let standard = include_str!("introspection.graphql");
    let price = price_with(standard, json!({})).expect("every tool sends it");
    assert_eq!(price.cost, 0);
    assert!(price.introspection > 1_000);
    refused(
        Document::read(standard, &Limits { introspection: false, ..limits() }),
        "GRAPHQL_VALIDATION_FAILED",
        "off here",
    );
    let circle = format!("{{__schema{{types{{{}name{}}}}}}}", "fields{type{".repeat(6), "}}".repeat(6));
    refused(price_with(&circle, json!({})), "QUERY_TOO_COMPLEX", "introspection asks for too much");
    let deep = format!("{{__type(name:\"A\"){{{}name{}}}}}", "ofType{".repeat(19), "}".repeat(19));
    refused(read(&deep), "QUERY_TOO_COMPLEX", "20 fields within fields of the introspection");
    let many: String = (0..40).map(|n| format!("f{n}:f{n} ")).collect();
    let wide: String = (0..26).map(|n| format!("a{n}:types{{{many}}} ")).collect();
    refused(read(&format!("{{__schema{{{wide}}}}}")), "QUERY_TOO_COMPLEX", "1000 fields of the introspection");
}

#[test]
fn values_count_wherever_they_are_written_out() {
    let list = "1 ".repeat(200);
    let uses = "p{...f} ".repeat(26);
    let text = format!("{{{uses}}} fragment f on Query{{x(a:[{list}])}}");
    refused(read(&text), "QUERY_TOO_COMPLEX", "5000 values");
    let text = format!("{{{uses}}} fragment f on Query{{x(a:\"{}\")}}", "s".repeat(10_000));
    refused(read(&text), "QUERY_TOO_COMPLEX", "5000 values");
}

#[test]
fn an_operation_is_found_by_name_or_alone() {
    let two = read("query a{x} mutation b{y}").expect("two operations");
    assert_eq!(two.operation(Some("b")).map(|operation| operation.kind().to_string()), Ok("mutation".to_owned()));
    refused(two.operation(None), "BAD_USER_INPUT", "say which");
    refused(two.operation(Some("c")), "BAD_USER_INPUT", "no operation of that name");
    assert!(read("{x}").is_ok_and(|one| one.operation(None).is_ok() && one.steps() == 1));
    assert!(read("{x}").is_ok_and(|one| one.operation(Some("")).is_err()));
    refused(read("{x"), "GRAPHQL_PARSE_FAILED", "expected");
}

/// The parser, our walks and the dropping of what they made all recurse. A worker's stack has 2 MiB; this thread has
/// half of one, without the compiler's optimisations.
#[test]
fn the_deepest_texts_fit_a_small_stack() {
    let nest = |before: &str, open: &str, middle: &str, close: &str, depth: usize, after: &str| {
        format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth))
    };
    let texts = [
        nest("{x", "{x", "{x}", "}", 60, "}"),
        nest("{", "...{", "x", "}", 62, "}"),
        nest("{x(a:", "[", "1", "]", 62, ")}"),
        nest("{x(a:", "{a:", "1", "}", 62, ")}"),
        nest("query($a:", "[", "Int", "]", 63, "){x}"),
        nest("query($a:Int=", "[", "1", "]", 63, "){x}"),
        nest("{x", "{x", "{x(a:[[[[[[[[[[1]]]]]]]]]])}", "}", 50, "}"),
    ];
    let run = move || texts.map(|text| read(&text).map(|document| document.bytes()).map_err(|refusal| refusal.code));
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run).expect("a thread");
    let outcomes = thread.join().expect("the stack was large enough");
    assert!(outcomes.iter().all(|outcome| *outcome != Err("GRAPHQL_PARSE_FAILED")), "{outcomes:?}");
}
