//! Rules that gave points, some of which came back, and an event that earned.

use std::collections::BTreeMap;
use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::earn::Outlook;
use jifen::commit::record_event::RecordEvent;
use jifen::commit::return_order::{REFUND, ReturnOrder};
use jifen::db::rows;
use jifen::domain::earning::entity::{Period, RuleState, Stacking, budget, earned_share, earning_rule, event_type};
use jifen::domain::earning::query::RuleBook;
use jifen::domain::earning::rule::cap::Cap;
use jifen::domain::earning::rule::change::{Revision, Settings};
use jifen::domain::earning::rule::effect::Effect;
use jifen::domain::earning::rule::occasion::Standing;
use jifen::domain::order::rule::take_back::{Piece, What};
use jifen::domain::points::entity::program;
use jifen::domain::points::rule::By;

use super::{Shop, deeds, idempotency};

/// A version of the program with two rules in force: one for purchases, with a budget and a cap, and one for check-ins.
/// A purchase of which half comes back, and a check-in.
pub async fn earn(shop: &Shop, program: &program::Model) {
    let amy = shop.register("amy").await.expect("the name is free");
    let version = program::Model { version: program.version + 1, ..program.clone() };
    rows::insert::<program::Entity>(&shop.db.write, vec![version.clone()]).await.unwrap();
    let check_in = event_type(shop).await;
    let caps = vec![Cap { period: Period::Month, points: Some(900), times: None }];
    publish(shop, &version, None, Effect::Multiplier(20_000), caps, Some(1_000)).await;
    publish(shop, &version, Some(check_in.id), Effect::Bonus { points: 5 }, Vec::new(), None).await;
    let order_id = deeds::order(shop, amy, &[(0, 4)], "twice the points").await;
    take_back(shop, &version, amy, order_id).await;
    record(shop, amy, check_in).await;
}

async fn event_type(shop: &Shop) -> Arc<event_type::Model> {
    let row = event_type::Model {
        id: shop.ids.next(),
        code: "CHECK_IN".to_owned(),
        name: "Check-in".to_owned(),
        attributes: "{}".to_owned(),
        created_at: shop.clock.now().micros(),
    };
    rows::insert::<event_type::Entity>(&shop.db.write, vec![row.clone()]).await.unwrap();
    Arc::new(row)
}

/// A rule that came with a version of the program, in its first revision.
async fn publish(
    shop: &Shop,
    version: &program::Model,
    event_type_id: Option<Id>,
    effect: Effect,
    caps: Vec<Cap>,
    granted: Option<i64>,
) {
    let mut settings = Settings::blank(event_type_id, effect);
    settings.stacking = Stacking::Stack;
    (settings.name, settings.terms.caps, settings.budget) = ("A rule".to_owned(), caps, granted);
    let revision = Revision {
        id: shop.ids.next(),
        revision: 1,
        program_id: version.id,
        state: RuleState::InForce,
        author_id: shop.ids.next(),
        created_at: shop.clock.now(),
    };
    let row = earning_rule::Model { version: Some(version.version), ..settings.row(revision) };
    let budget = granted.map(|granted| budget::Model { id: row.id, granted, remaining: granted, used: 0 });
    rows::insert::<earning_rule::Entity>(&shop.db.write, vec![row]).await.unwrap();
    rows::insert::<budget::Entity>(&shop.db.write, budget.into_iter().collect()).await.unwrap();
}

async fn take_back(shop: &Shop, version: &program::Model, member_id: Id, order_id: Id) {
    let rules = RuleBook::of(version.id).get(&shop.db.read, version.version).await.unwrap();
    let shares = rows::by_ids::<earned_share::Entity>(&shop.db.read, earned_share::Column::MemberId, [member_id]);
    let command = ReturnOrder {
        rules,
        placed_at: shop.clock.now(),
        shares: shares.await.unwrap().into_iter().map(Arc::new).collect(),
        wallets: Vec::new(),
        key: idempotency(member_id, REFUND, "half of it", String::new()),
        order_id,
        what: What::Pieces(vec![Piece { position: 0, quantity: 2 }]),
        is_preview: false,
        preview: None,
        restock: false,
        reason: None,
        by: By::member(member_id),
        program: Arc::new(version.clone()),
        products: Vec::new(),
        coupon_code: None,
        return_id: shop.ids.next(),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    deeds::done(shop, command).await;
}

async fn record(shop: &Shop, member_id: Id, event_type: Arc<event_type::Model>) {
    let command = RecordEvent {
        member_id,
        event_type,
        unique_key: "today".to_owned(),
        attributes: BTreeMap::new(),
        request_hash: vec![7; 32],
        hash_of_before: vec![7; 32],
        occurred_at: None::<Instant>,
        by: By::staff(shop.ids.next()),
        standing: Standing::default(),
        outlook: Outlook::default(),
        event_id: shop.ids.next(),
        seed: shop.ids.next(),
        outbox_id: shop.ids.next(),
    };
    deeds::done(shop, command).await;
}
