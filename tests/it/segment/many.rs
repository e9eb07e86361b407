//! A filter over many members: `JIFEN_TEST_MEMBERS=100000` asks for so many, and the test prints how long counting takes.

use std::time::Instant as Stopwatch;

use jifen::base::clock::DAY;
use jifen::base::id::Id;
use jifen::db::rows::insert;
use jifen::domain::member::entity::{member, member_tag, profile};
use jifen::domain::order::entity::{OrderStatus, order};
use jifen::domain::points::entity::wallet;
use jifen::domain::points::rule::open_wallet;
use serde_json::json;

use crate::world::{World, both_databases};

both_databases!(a_filter_of_three_parts_is_counted_at_once);

/// Orders of each member, the last of them so many days ago.
const ORDERS: i64 = 4;
const AT_ONCE: i64 = 5_000;

/// The rows of members `from` to `to`. Every third has a tag, every twelfth a birthday in November, and their orders of
/// ¥100 are 10 days apart, the last up to 100 days ago.
async fn fill(world: &World, from: i64, to: i64) {
    let (app, now) = (&world.app, world.clock.now().micros());
    let program = app.programs.latest();
    let (mut members, mut profiles, mut wallets) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tags, mut orders) = (Vec::new(), Vec::new());
    for number in from..to {
        let member_id: Id = app.ids.next();
        members.push(member::Model { id: member_id, number: format!("M{number}"), imported: false, created_at: now });
        let month = 1 + number % 12;
        let birthday = Some(format!("1990-{month:02}-15"));
        profiles.push(profile::Model { member_id, username: None, email: None, phone: None, name: None, birthday });
        let empty = open_wallet(member_id, &program);
        wallets.push(wallet::Model { purchases: ORDERS, spent: ORDERS * 10_000, ..empty });
        if number % 3 == 0 {
            tags.push(member_tag::Model { member_id, tag: "tea".to_owned(), created_at: now });
        }
        for turn in 0..ORDERS {
            let days = number % 100 + 10 * turn;
            orders.push(past_order(member_id, app.ids.next(), now - days * DAY, program.version));
        }
    }
    insert::<member::Entity>(&app.db.write, members).await.expect("members");
    insert::<profile::Entity>(&app.db.write, profiles).await.expect("profiles");
    insert::<wallet::Entity>(&app.db.write, wallets).await.expect("wallets");
    insert::<member_tag::Entity>(&app.db.write, tags).await.expect("tags");
    insert::<order::Entity>(&app.db.write, orders).await.expect("orders");
}

fn past_order(member_id: Id, id: Id, placed_at: i64, program_version: i64) -> order::Model {
    order::Model {
        member_id,
        id,
        number: id.to_string(),
        status: OrderStatus::Completed,
        imported: true,
        pieces: 1,
        currency: "CNY".to_owned(),
        subtotal: 10_000,
        discount: 0,
        total: 10_000,
        points_earned: 0,
        coupon_id: None,
        placed_at,
        recorded_at: placed_at,
        program_version,
        lot_id: None,
        points_paid: 0,
        points_value: 0,
        points_txn_id: None,
        earned_in: None,
        spent_from: None,
        revision: 0,
        delivered_at: None,
        money_returned: 0,
        points_returned: 0,
        points_clawed: 0,
        channel: None,
        outlet_id: None,
        standing: None,
    }
}

async fn a_filter_of_three_parts_is_counted_at_once(world: World) {
    world.skip_the_books();
    let many = std::env::var("JIFEN_TEST_MEMBERS").ok().and_then(|many| many.parse().ok()).unwrap_or(2_400);
    let staff = world.staff().await;
    for from in (0..many).step_by(AT_ONCE as usize) {
        fill(&world, from, (from + AT_ONCE).min(many)).await;
    }
    let staff = staff.another_session().await;
    let filter = json!({ "all": [
        { "tags": ["tea"] }, { "spend": { "least": "200.00", "days": 30 } }, { "not": { "birthMonths": [11] } },
    ] });
    // Within 30 days are two orders of ¥100 or more for those whose last is at most 20 days ago.
    let expected = (0..many).filter(|number| number % 3 == 0 && number % 100 <= 20 && number % 12 != 10).count();
    for turn in 0..3 {
        let begun = Stopwatch::now();
        assert_eq!(staff.preview_segment(&filter).await["memberCount"], expected);
        println!("{:?}, turn {turn}: {many} members counted in {:?}", world.database.kind, begun.elapsed());
        for sql in world.take_statements().iter().filter(|sql| sql.contains("AS members")).take(1) {
            println!("{sql}");
        }
    }
    let begun = Stopwatch::now();
    assert_eq!(staff.list_fitting(&json!({ "all": [filter, { "tags": ["nobody"] }] })).await.len(), 0);
    println!("{:?}: counted and listed in {:?}", world.database.kind, begun.elapsed());
}
