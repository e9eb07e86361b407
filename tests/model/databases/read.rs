//! Reading back what a script left in a database, and what a client would have read on the way.

use std::collections::HashMap;
use std::sync::Arc;

use jifen::base::id::Id;
use jifen::commit::rows::OrderRows;
use jifen::db::Db;
use jifen::domain::catalog::entity::stock;
use jifen::domain::earning::entity::{budget, earned_share, event, rule_use};
use jifen::domain::earning::query::key_of;
use jifen::domain::household::entity::household_member;
use jifen::domain::order::entity::{line, order, order_return};
use jifen::domain::points::entity::{adjustment, allocation, entry, hold, lot, txn, wallet};
use jifen::domain::reward::entity::{coupon, redemption};
use jifen::domain::tier::entity::{qualifying, qualifying_day, tier_change};
use jifen::domain::tier::rule::terms::Measures;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::names::{Serial, Tag, id, member_id};
use crate::reference::Reference;
use crate::rules::rule_id;
use crate::run::Run;
use crate::script::{Act, Step};
use crate::send::{Seen, SeenOrder};
use crate::store::Store;
use crate::world::{PILES, pile_id};

/// The rows of one table that a condition picks, sorted.
macro_rules! all {
    ($db:expr, $table:ident, $column:ident in $ids:expr, $($by:ident),+) => {
        $table::Entity::find()
            .filter($table::Column::$column.is_in($ids))
            $(.order_by_asc($table::Column::$by))+
            .all(&$db.read)
            .await
            .expect("rows are read")
    };
}

/// All rows of the members of a script.
pub async fn store(db: &Db, slots: &[usize], reference: &Reference) -> Store {
    let members: Vec<Id> = slots.iter().map(|slot| member_id(*slot)).collect();
    let members = || members.iter().copied();
    let mut store = Store::empty();
    for row in all!(db, wallet, MemberId in members(), MemberId) {
        let member = row.member_id;
        store.books.entry(member).or_default().wallet = Some(row);
    }
    for row in all!(db, txn, MemberId in members(), MemberId, Seq) {
        store.books.entry(row.member_id).or_default().add_txn(row).expect("the table keeps sources unique");
    }
    for row in all!(db, entry, MemberId in members(), MemberId, TxnId, Position) {
        *store.house.entry(row.account).or_default() += row.points;
        let books = store.books.entry(row.member_id).or_default();
        books.entries.entry(row.txn_id).or_default().push(row);
    }
    for row in all!(db, allocation, MemberId in members(), MemberId, TxnId, Position) {
        store.books.entry(row.member_id).or_default().allocate(row);
    }
    for row in all!(db, lot, MemberId in members(), Id) {
        store.books.entry(row.member_id).or_default().lots.insert(row.id, row);
    }
    for row in all!(db, hold, MemberId in members(), Id) {
        store.books.entry(row.member_id).or_default().holds.insert(row.id, row);
    }
    let mut lines: HashMap<Id, Vec<line::Model>> = HashMap::new();
    for row in all!(db, line, MemberId in members(), OrderId, Position) {
        lines.entry(row.order_id).or_default().push(row);
    }
    let mut shares: HashMap<Id, Vec<earned_share::Model>> = HashMap::new();
    for row in all!(db, earned_share, MemberId in members(), SourceId, Position) {
        shares.entry(row.source_id).or_default().push(row);
    }
    let mut settled: HashMap<Id, i64> = HashMap::new();
    for row in all!(db, order_return, MemberId in members(), Id) {
        *settled.entry(row.order_id).or_default() += row.points_settled;
    }
    for order in all!(db, order, MemberId in members(), Id) {
        let lines = lines.remove(&order.id).unwrap_or_default();
        let points_settled = settled.remove(&order.id).unwrap_or_default();
        let shares = shares.remove(&order.id).unwrap_or_default();
        store.orders.insert((order.member_id, order.id), OrderRows { order, lines, shares, points_settled });
    }
    store.keep_events(all!(db, event, MemberId in members(), Id), shares.into_values().flatten().collect());
    let uses = all!(db, rule_use, MemberId in members(), RuleId).into_iter();
    store.uses = uses.map(|row| (key_of(&row), row)).collect();
    let budgets = all!(db, budget, Id in reference.rules.keys().map(|rule| rule_id(*rule)), Id).into_iter();
    store.budgets = budgets.map(|row| (row.id, row)).collect();
    store.tier_changes = all!(db, tier_change, MemberId in members(), MemberId, Position);
    store.qualifying = all!(db, qualifying, MemberId in members(), MemberId, SourceId);
    let days = all!(db, qualifying_day, MemberId in members(), MemberId, Day).into_iter();
    let sum = |row: &qualifying_day::Model| Measures { points: row.points, spend: row.spend, visits: row.visits };
    store.days = days.map(|row| ((row.member_id, row.day), sum(&row))).collect();
    let coupons = all!(db, coupon, MemberId in members(), Id).into_iter();
    store.coupons = coupons.map(|row| ((row.member_id, row.code.clone()), row)).collect();
    let redemptions = all!(db, redemption, MemberId in members(), Id).into_iter();
    store.redemptions = redemptions.map(|row| ((row.member_id, row.id), row)).collect();
    for row in all!(db, household_member, HouseholdId in members(), MemberId) {
        store.households.entry(row.household_id).or_default().push(row);
    }
    let adjustments = all!(db, adjustment, MemberId in members(), Id).into_iter();
    store.adjustments = adjustments.map(|row| ((row.member_id, row.id), row)).collect();
    store.stock = all!(db, stock, Id in (0..PILES).map(pile_id), Id).into_iter().map(|row| (row.id, row)).collect();
    store
}

/// What the client of a step has read. `target` is the expiration it means.
pub async fn seen(
    db: &Db,
    step: &Step,
    target: Option<(usize, i64)>,
    run: &Run,
    tokens: &HashMap<Serial, String>,
) -> Seen {
    let member = member_id(step.slot);
    let mut seen = Seen { now: run.reference.now, ..Seen::default() };
    if let Act::Deliver { order } | Act::Return { order, .. } | Act::Preview { order, .. } = step.act {
        seen.order = seen_order(db, member, id(Tag::Thing, order), run).await;
    }
    if let Act::Return { preview: Some(preview), .. } = step.act {
        seen.token = tokens.get(&preview).cloned();
    }
    if let Some((number, at)) = target {
        let of_member = txn::Entity::find().filter(txn::Column::MemberId.eq(member));
        let found = of_member.filter(txn::Column::Seq.eq(number as i64)).one(&db.read).await.expect("rows are read");
        seen.expiration = found.map(|txn| (txn.id, at));
    }
    seen
}

async fn seen_order(db: &Db, member: Id, order_id: Id, run: &Run) -> Option<SeenOrder> {
    let known = order::Entity::find_by_id((member, order_id)).one(&db.read).await.expect("rows are read")?;
    let lines = all!(db, line, OrderId in [order_id], Position);
    let products = lines.iter().map(|line| (line.position, line.product_id)).collect();
    let program = run.reference.programs.iter().find(|program| program.version == known.program_version)?;
    let coupons = all!(db, coupon, MemberId in [member], Id);
    let coupon = coupons.into_iter().find(|coupon| known.coupon_id == Some(coupon.id));
    let mut wallets = Vec::new();
    for wallet in [known.earned_in, known.spent_from].into_iter().flatten() {
        wallets.extend(line(db, wallet).await);
    }
    let shares = all!(db, earned_share, SourceId in [order_id], Position);
    Some(SeenOrder {
        program: program.clone(),
        products,
        coupon_code: coupon.map(|coupon| coupon.code),
        wallets,
        placed_at: known.placed_at,
        shares: shares.into_iter().map(Arc::new).collect(),
        rules: run.store.rules_of(known.program_version),
    })
}

/// A wallet, and those that took it over since.
async fn line(db: &Db, wallet: Id) -> Vec<Id> {
    let mut line = Vec::new();
    let mut next = Some(wallet);
    while let Some(id) = next {
        line.push(id);
        let found = wallet::Entity::find().filter(wallet::Column::MemberId.eq(id)).one(&db.read).await;
        next = found.expect("rows are read").and_then(|wallet| wallet.merged_into);
    }
    line
}
