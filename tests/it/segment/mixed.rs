//! Filters of any shape over members of any kind, against a plain reckoning in the test; and how much a list costs.

use std::collections::BTreeSet;

use jifen::base::clock::{DAY, Instant};
use jifen::base::id::Random;
use serde_json::{Value as Json, json};

use crate::world::{Member, World, both_databases};

both_databases!(
    any_filter_finds_whom_a_plain_reckoning_finds,
    lists_are_paged_both_ways,
    lists_take_as_many_statements_for_many_segments_as_for_one,
);

/// What the test knows of a member. Purchases are so many days ago, and an amount.
struct Person {
    member: Member,
    tags: BTreeSet<usize>,
    purchases: Vec<(i64, i64)>,
    birth_month: Option<i64>,
    points: i64,
}

/// Numbers from a seed that a failing test prints.
struct Dice(Random);

impl Dice {
    fn below(&self, bound: i64) -> i64 {
        (u64::from_le_bytes(self.0.bytes()) % bound.unsigned_abs()) as i64
    }
}

async fn person(world: &World, staff: &Member, dice: &Dice, number: i64) -> Person {
    let birth_month = Some(1 + dice.below(12)).filter(|_| dice.below(3) > 0);
    let birthday = birth_month.map(|month| format!("1990-{month:02}-15"));
    let mut member = world.member();
    if let Some(birthday) = &birthday {
        member = member.with("birthday", birthday);
    }
    let member = member.await;
    let mut tags: BTreeSet<usize> = BTreeSet::new();
    for tag in 0..4 {
        tags.extend(Some(tag).filter(|_| dice.below(2) == 0));
    }
    staff.tag(&member, tags.iter().map(|tag| format!("tag {tag}")).collect()).await;
    let mut purchases: Vec<(i64, i64)> =
        (0..dice.below(5)).map(|_| (1 + dice.below(40), 10 * dice.below(500))).collect();
    purchases.sort_unstable_by_key(|(days, _)| -days);
    let now = world.clock.now().micros();
    for (position, (days, amount)) in purchases.iter().enumerate() {
        let placed_at = Instant(now - days * DAY + position as i64 + number);
        world.purchase(member.member_id(), *amount, placed_at).await;
    }
    let points = purchases.iter().map(|(_, amount)| amount / 10).sum();
    Person { member, tags, purchases, birth_month, points }
}

/// A range with one end or two: its ends, and whether a figure is in it.
fn range(dice: &Dice, bound: i64) -> (Option<i64>, Option<i64>) {
    let (one, other) = (dice.below(bound), dice.below(bound));
    match dice.below(3) {
        0 => (Some(one), None),
        1 => (None, Some(one)),
        _ => (Some(one.min(other)), Some(one.max(other))),
    }
}

fn is_in((least, most): (Option<i64>, Option<i64>), figure: i64) -> bool {
    least.is_none_or(|least| least <= figure) && most.is_none_or(|most| figure <= most)
}

type Reckoning = Box<dyn Fn(&Person) -> bool + Send>;

/// Points from which on each tier begins.
const TIERS: [i64; 3] = [0, 100, 300];

/// A part of any kind, and the same as a plain reckoning.
fn part(dice: &Dice, tiers: &Json) -> (Json, Reckoning) {
    let days = Some(1 + dice.below(40)).filter(|_| dice.below(3) > 0);
    let within = move |ago: i64| days.is_none_or(|days| ago <= days);
    match dice.below(8) {
        0 => {
            let tag = dice.below(4) as usize;
            (json!({ "tags": [format!("tag {tag}")] }), Box::new(move |person| person.tags.contains(&tag)))
        }
        1 => {
            let ends = range(dice, 6_000);
            let major = |minor: Option<i64>| minor.map(|minor| format!("{}.{:02}", minor / 100, minor % 100));
            let filter = json!({ "spend": { "least": major(ends.0), "most": major(ends.1), "days": days } });
            let spent = move |person: &Person| {
                person.purchases.iter().filter(|(ago, _)| within(*ago)).map(|(_, amount)| amount).sum::<i64>()
            };
            (filter, Box::new(move |person| is_in(ends, spent(person))))
        }
        2 => {
            let ends = range(dice, 5);
            let filter = json!({ "orders": { "least": ends.0, "most": ends.1, "days": days } });
            let orders = move |person: &Person| person.purchases.iter().filter(|(ago, _)| within(*ago)).count() as i64;
            (filter, Box::new(move |person| is_in(ends, orders(person))))
        }
        3 => {
            let days = 1 + dice.below(40);
            let recent = move |person: &Person| person.purchases.iter().any(|(ago, _)| *ago <= days);
            match dice.below(3) {
                0 => (json!({ "lastPurchase": { "withinDays": days } }), Box::new(recent)),
                1 => {
                    let before = move |person: &Person| !person.purchases.is_empty() && !recent(person);
                    (json!({ "lastPurchase": { "beforeDays": days } }), Box::new(before))
                }
                _ => {
                    let never = |person: &Person| person.purchases.is_empty();
                    (json!({ "lastPurchase": { "never": true } }), Box::new(never))
                }
            }
        }
        4 => {
            let month = 1 + dice.below(12);
            (json!({ "birthMonths": [month] }), Box::new(move |person| person.birth_month == Some(month)))
        }
        5 => {
            let ends = range(dice, 600);
            let filter = json!({ "points": { "least": ends.0, "most": ends.1 } });
            (filter, Box::new(move |person| is_in(ends, person.points)))
        }
        6 => {
            let places: Vec<usize> = (0..3).filter(|_| dice.below(2) == 0).chain([dice.below(3) as usize]).collect();
            let ids: Vec<&Json> = places.iter().map(|place| &tiers[*place]["id"]).collect();
            let place = |points: i64| TIERS.iter().rposition(|from| *from <= points).unwrap_or(0);
            (json!({ "tiers": ids }), Box::new(move |person| places.contains(&place(person.points))))
        }
        // The purchases of the test are imports, but its members are not.
        _ => (json!({ "imported": true }), Box::new(|_| false)),
    }
}

fn filter(dice: &Dice, depth: usize, tiers: &Json) -> (Json, Reckoning) {
    let kind = if depth == 0 { 3 } else { dice.below(4) };
    if kind == 3 {
        return part(dice, tiers);
    }
    let parts: Vec<(Json, Reckoning)> = (0..dice.below(3) + 1).map(|_| filter(dice, depth - 1, tiers)).collect();
    let (mut filters, reckonings): (Vec<Json>, Vec<Reckoning>) = parts.into_iter().unzip();
    match kind {
        0 => (json!({ "all": filters }), Box::new(move |person| reckonings.iter().all(|part| part(person)))),
        1 => (json!({ "any": filters }), Box::new(move |person| reckonings.iter().any(|part| part(person)))),
        _ => (json!({ "not": filters.remove(0) }), Box::new(move |person| !reckonings[0](person))),
    }
}

async fn any_filter_finds_whom_a_plain_reckoning_finds(world: World) {
    let seed = std::env::var("JIFEN_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    println!("JIFEN_TEST_SEED={seed}");
    let (dice, staff) = (Dice(Random::seeded(seed)), world.staff().await);
    let mut people = Vec::new();
    for number in 0..40 {
        people.push(person(&world, &staff, &dice, number).await);
    }
    let tiers = TIERS
        .iter()
        .zip('A'..)
        .map(|(from, code)| json!({ "code": code, "name": "Tier", "threshold": from.to_string() }));
    let tiers = json!({ "basis": "POINTS", "window": "LIFETIME", "tiers": tiers.collect::<Vec<_>>() });
    let tiers = staff.create_tiers(tiers).await.expect_ok()["tiers"].clone();
    world.sweep().await;
    let staff = staff.another_session().await;
    let mut found = 0;
    for _ in 0..120 {
        let (filter, fits) = filter(&dice, 3, &tiers);
        let expected: BTreeSet<&str> =
            people.iter().filter(|person| fits(person)).map(|person| person.member.id.as_str()).collect();
        let listed = staff.list_fitting(&filter).await;
        let listed: BTreeSet<&str> = listed.iter().map(String::as_str).filter(|id| *id != staff.id).collect();
        assert_eq!(listed, expected, "{filter}");
        found += expected.len();
    }
    assert!((300..4_500).contains(&found), "the filters found {found} members in all, and so tell little");
}

async fn lists_are_paged_both_ways(world: World) {
    let staff = world.staff().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let member = world.member().await;
        staff.tag(&member, json!(if number == 2 { vec![] } else { vec!["tea"] })).await;
        ids.push(member.id.clone());
    }
    let segment = staff.create_segment("Tea", json!({ "tags": ["tea"] })).await.expect_ok();
    assert_eq!(segment["memberCount"], 4);
    let expected: Vec<&String> = [4, 3, 1, 0].map(|place: usize| &ids[place]).to_vec();
    let document = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { node(id: $id) {
        ... on Segment { members(first: $first, after: $after, last: $last, before: $before) { totalCount
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id } } } } }";
    let page = async |mut variables: Json| {
        variables["id"] = segment["id"].clone();
        staff.graphql(document, variables).await.data()["node"]["members"].clone()
    };
    let ids_of = |page: &Json| {
        let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
        nodes.iter().map(|node| node["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let first = page(json!({ "first": 3 })).await;
    assert_eq!((ids_of(&first).iter().collect::<Vec<_>>(), &first["totalCount"]), (expected[..3].to_vec(), &json!(4)));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let rest = page(json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(ids_of(&rest), [expected[3].as_str()]);
    assert_eq!((&rest["pageInfo"]["hasNextPage"], &rest["pageInfo"]["hasPreviousPage"]), (&json!(false), &json!(true)));
    let last = page(json!({ "last": 2 })).await;
    assert_eq!(ids_of(&last), [expected[2].as_str(), expected[3].as_str()]);
    let before = page(json!({ "last": 2, "before": last["pageInfo"]["startCursor"] })).await;
    assert_eq!(ids_of(&before), [expected[0].as_str(), expected[1].as_str()]);
    assert_eq!(page(json!({ "first": 0 })).await["nodes"], json!([]));
    // Members are listed for staff without a filter, too.
    let all = staff.query("{ members(first: 1) { totalCount nodes { id } } }").await;
    assert_eq!(all["members"], json!({ "totalCount": 6, "nodes": [{ "id": ids[4] }] }));
    let wrong = staff.graphql("{ members(where: { tags: [] }) { totalCount } }", Json::Null).await;
    assert_eq!(wrong.code(), "BAD_USER_INPUT");
}

async fn lists_take_as_many_statements_for_many_segments_as_for_one(world: World) {
    let staff = world.staff().await;
    for number in 0..10 {
        let member = world.member().await;
        staff.tag(&member, json!([format!("tag {number}")])).await;
        let tags = json!({ "all": [{ "tags": [format!("tag {number}")] }, { "orders": { "most": 0, "days": 30 } }] });
        staff.create_segment(&format!("Segment {number}"), tags).await.expect_ok();
    }
    let document = "{ segments(first: 10) { totalCount nodes { name memberCount
        members(first: 5) { totalCount nodes { number name } } } } }";
    world.take_statements();
    let data = staff.query(document).await;
    let statements = world.take_statements();
    let nodes = data["segments"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(nodes.len(), 10);
    assert!(nodes.iter().all(|node| node["memberCount"] == 1 && node["members"]["totalCount"] == 1), "{data}");
    // Session, page, count, counts of members, pages of members, members, profiles.
    assert!(statements.len() <= 7, "{}", statements.join("\n"));
}
