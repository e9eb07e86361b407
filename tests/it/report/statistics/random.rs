//! Random histories of everything that moves points, over some days, counted in parts by several processes at once, one of
//! which dies now and then.

use std::collections::{BTreeMap, BTreeSet};

use jifen::base::clock::Instant;
use jifen::base::id::{Id, Random};
use jifen::db::Db;
use jifen::db::rows::insert;
use jifen::domain::earning::entity::earned_share;
use jifen::domain::member::entity::member;
use jifen::domain::order::entity::{order, order_return};
use jifen::domain::outbox::entity::{Topic, Uncounted, outbox};
use jifen::domain::points::entity::{Cause, TransferPolicy, TxnKind, ValidityKind, entry, txn};
use jifen::domain::points::rule::program::zone;
use jifen::domain::report::entity::{Figure, active_member, statistic};
use jifen::domain::report::query::count::{Sums, add, claim, mark_counted};
use jifen::domain::report::rule::roll::Moved;
use jifen::domain::tier::rule::window::day_at;
use sea_orm::EntityTrait;
use serde_json::{Value as Json, json};

use crate::order::random::Dice;
use crate::world::shop::{Product, Reward};
use crate::world::tier::three_tiers;
use crate::world::{Member, Settings, World, both_databases};

both_databases!(
    what_is_counted_is_what_a_plain_scan_finds,
    who_dies_on_the_way_has_counted_nothing,
    what_is_committed_late_is_counted_late,
);

/// A shop in which everything may happen.
struct Life<'a> {
    world: &'a World,
    dice: &'a Dice,
    tea: Product,
    reward: Reward,
    staff: Member,
    members: Vec<Member>,
    orders: Vec<Json>,
    redemptions: Vec<Json>,
    holds: Vec<Json>,
}

impl Life<'_> {
    async fn begin<'a>(world: &'a World, dice: &'a Dice) -> Life<'a> {
        let tea = world.product("tea").price("7.77").stock(100_000).await;
        let staff = world.staff().await;
        let mut tiers = three_tiers();
        (tiers["tiers"][1]["threshold"], tiers["tiers"][2]["threshold"]) = (json!("700"), json!("2000"));
        staff.create_tiers(tiers).await.expect_ok();
        staff.rule(json!({ "name": "Some more", "effect": { "bonus": 11 }, "budget": "500" })).await;
        let kind = staff.create_event_type(json!({ "code": "REVIEW", "name": "A review" })).await.expect_ok();
        staff.rule(json!({ "name": "Reviews", "eventTypeId": kind["id"], "effect": { "bonus": 5 } })).await;
        world
            .program(|program| {
                program.transfers = TransferPolicy::Anybody;
                program.return_window_days = Some(1);
                (program.validity, program.validity_count) = (ValidityKind::Days, 2);
            })
            .await;
        let reward = world.coupon_reward(40).await;
        let mut members = Vec::new();
        for _ in 0..4 {
            members.push(world.member().with_points(200).await);
        }
        Life {
            world,
            dice,
            tea,
            reward,
            staff,
            members,
            orders: Vec::new(),
            redemptions: Vec::new(),
            holds: Vec::new(),
        }
    }

    /// One deed. Some are refused: then nothing may be counted either.
    async fn go_on(&mut self) {
        let member = self.dice.pick(&self.members).another_session().await;
        let staff = self.staff.another_session().await;
        match self.dice.roll(13) {
            0..4 => {
                let order = member.place_order(&[(&self.tea, 1 + self.dice.roll(3))]);
                let order = order.with_points(self.dice.roll(2) * 50).await;
                self.orders.extend(made(&order.answer.json, "placeOrder", "order"));
            }
            4 => {
                let redemption = member.redeem(&self.reward).await;
                self.redemptions.extend(made(&redemption.answer.json, "redeem", "redemption"));
            }
            5 if !self.redemptions.is_empty() => {
                staff.cancel_redemption(self.dice.pick(&self.redemptions)).await;
            }
            6 if !self.orders.is_empty() => drop(staff.deliver_order(self.dice.pick(&self.orders)).await),
            7 if !self.orders.is_empty() => {
                let (order, pieces) = (self.dice.pick(&self.orders), [(0, 1)]);
                staff.refund_order(order).pieces(&pieces).await;
            }
            8 => {
                staff.adjust_points(&member, 25 - self.dice.roll(40)).await;
            }
            9 => {
                let receiver = self.dice.pick(&self.members).another_session().await;
                member.transfer_points(&receiver, 10).await;
            }
            10 => {
                staff.record_event(&member, "REVIEW", &self.world.fresh("review")).await;
            }
            11 if self.holds.is_empty() => {
                let hold = member.hold_points(15).await;
                self.holds.extend(made(&hold.answer.json, "holdPoints", "hold"));
            }
            11 => {
                let hold = self.holds.remove(0);
                staff.capture_hold(&hold, json!({ "points": 9 })).await;
            }
            _ => {
                self.world.wait_minutes(self.dice.roll(2_000));
                self.world.sweep().await;
            }
        }
    }
}

fn made(answer: &Json, mutation: &str, object: &str) -> Option<Json> {
    Some(answer["data"][mutation][object].clone()).filter(Json::is_object)
}

async fn what_is_counted_is_what_a_plain_scan_finds(world: World) {
    let seed = std::env::var("JIFEN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()) >> 1);
    println!("JIFEN_TEST_SEED={seed}");
    let dice = Dice::new(seed);
    let other = world.another_process(Settings::default()).await;
    let mut life = Life::begin(&world, &dice).await;
    for _ in 0..4 {
        for _ in 0..15 {
            life.go_on().await;
        }
        world.wait_days(1);
        world.sweep().await;
        die_while_counting(&world.app.db).await;
        let (one, two) = tokio::join!(world.count(), other.count());
        assert!(one + two > 0);
    }
    other.stop().await;
    let kept = kept(&world.app.db).await;
    assert!(kept.0.len() > 12 && !kept.1.is_empty(), "little happened: {kept:?}");
    assert_eq!(kept, scanned(&world).await);
    let of_rules: BTreeMap<Id, (i64, i64)> = of_rules(&world.app.db).await;
    let mut counted: BTreeMap<Id, (i64, i64)> = of_rules.keys().map(|id| (*id, (0, 0))).collect();
    for row in rows::<statistic::Entity>(&world.app.db).await.iter().filter(|row| !row.source_id.is_nil()) {
        let sums = counted.get_mut(&row.source_id).expect("a rule or a tier that gave points");
        match row.figure {
            Figure::RuleGiven | Figure::MultiplierGiven => sums.0 += row.amount,
            _ => sums.1 += row.amount,
        }
    }
    assert_eq!(counted, of_rules);
}

/// Adds what it claimed up, and something else besides; and ends without a commit.
async fn die_while_counting(db: &Db) {
    let tx = db.begin_write().await.expect("a transaction");
    let events = claim(&tx, 100).await.expect("events");
    let mut sums = Sums::default();
    sums.figures.insert((1, Figure::Issued, Id::nil(), Id::nil()), 5);
    sums.active.insert((1, events[0].member_id, Id::nil()));
    sums.past.insert(Figure::Issued, 7);
    add(&tx, sums).await.expect("sums");
    mark_counted(&tx, &events).await.expect("marks");
    tx.rollback().await.expect("an end");
}

async fn who_dies_on_the_way_has_counted_nothing(world: World) {
    world.member().with_points(70).await;
    die_while_counting(&world.app.db).await;
    assert_eq!(world.count().await, 2);
    let (figures, active) = kept(&world.app.db).await;
    let figures: BTreeMap<Figure, i64> = figures.into_iter().map(|((_, figure), amount)| (figure, amount)).collect();
    assert_eq!(figures, BTreeMap::from([(Figure::Issued, 70), (Figure::NewMembers, 1)]));
    assert_eq!(active, BTreeSet::new(), "a purchase of the past is no activity of today");
}

/// An event that bears a moment of before those that were counted meanwhile. One writer has no such thing.
async fn what_is_committed_late_is_counted_late(world: World) {
    let db = &world.app.db;
    if db.dialect.has_one_writer() {
        return;
    }
    let member_id = world.member().await.member_id();
    let event = outbox::Model {
        member_id,
        id: world.app.ids.next(),
        topic: Topic::HouseholdLeft,
        wallet_seq: 0,
        payload: "{}".to_owned(),
        created_at: 0,
        uncounted: Some(Uncounted::InFull),
    };
    let tx = db.begin_write().await.expect("a transaction");
    insert::<outbox::Entity>(&tx, vec![event]).await.expect("an event");
    assert_eq!((world.count().await, world.count().await), (1, 0));
    tx.commit().await.expect("a commit");
    assert_eq!(world.count().await, 1);
}

/// Figures by day, and who was active on each.
type Found = (BTreeMap<(i64, Figure), i64>, BTreeSet<(i64, Id)>);

async fn rows<E: EntityTrait>(db: &Db) -> Vec<E::Model> {
    E::find().all(&db.read).await.expect("a table can be read")
}

async fn kept(db: &Db) -> Found {
    let mut figures = BTreeMap::new();
    for row in rows::<statistic::Entity>(db).await.iter().filter(|row| row.source_id.is_nil()) {
        *figures.entry((row.day, row.figure)).or_default() += row.amount;
    }
    figures.retain(|_, amount| *amount != 0);
    let active = rows::<active_member::Entity>(db).await;
    (figures, active.iter().map(|row| (row.day, row.member_id)).collect())
}

/// The same, found in the books.
async fn scanned(world: &World) -> Found {
    let db = &world.app.db;
    let zone = zone(&world.app.programs.latest());
    let day = |moment: i64| day_at(Instant(moment), &zone);
    let mut figures: BTreeMap<(i64, Figure), i64> = BTreeMap::new();
    let mut count = |moment: i64, figure, amount| *figures.entry((day(moment), figure)).or_default() += amount;
    let txns: BTreeMap<Id, txn::Model> = rows::<txn::Entity>(db).await.into_iter().map(|txn| (txn.id, txn)).collect();
    for entry in rows::<entry::Entity>(db).await {
        let mut moved = Moved::default();
        moved.book(entry.account, entry.points);
        for (figure, points) in moved.figures() {
            count(txns[&entry.txn_id].recorded_at, figure, points);
        }
    }
    for order in rows::<order::Entity>(db).await.iter().filter(|order| !order.imported) {
        count(order.recorded_at, Figure::Orders, 1);
        count(order.recorded_at, Figure::Spend, order.total - order.points_value);
    }
    for made in rows::<order_return::Entity>(db).await {
        count(made.created_at, Figure::Refunded, made.money);
    }
    for member in rows::<member::Entity>(db).await {
        count(member.created_at, Figure::NewMembers, 1);
    }
    figures.retain(|_, amount| *amount != 0);
    let is_activity = |txn: &&txn::Model| match txn.kind {
        TxnKind::Accrual => txn.cause != Cause::ImportedOrder,
        kind => kind == TxnKind::Redemption,
    };
    let active = txns.values().filter(is_activity).map(|txn| (day(txn.recorded_at), txn.member_id));
    (figures, active.collect())
}

/// What each rule and multiplier gave, and what was taken back of that.
async fn of_rules(db: &Db) -> BTreeMap<Id, (i64, i64)> {
    let mut sums: BTreeMap<Id, (i64, i64)> = BTreeMap::new();
    for share in rows::<earned_share::Entity>(db).await {
        let known = sums.entry(share.rule_id).or_default();
        *known = (known.0 + share.points, known.1 + share.clawed);
    }
    sums
}
