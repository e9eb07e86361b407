//! The whole database as a value, to show that something changed nothing, and the sums that must always hold.

use std::collections::{BTreeMap, HashMap};

use jifen::audit::prove;
use jifen::db::Db;
use jifen::domain::admin::entity::staff;
use jifen::domain::catalog::entity::stock;
use jifen::domain::earning::entity::{budget, earned_share, earning_rule, event, event_type, rule_use};
use jifen::domain::household::entity::{household, household_member};
use jifen::domain::member::entity::{credential, handle, idempotency, member, member_tag, profile, session};
use jifen::domain::order::entity::{OrderStatus, line, order, order_return, payment, return_line};
use jifen::domain::outbox::entity::outbox;
use jifen::domain::points::entity::{
    Account, LotState, adjustment, allocation, entry, hold, lot, merger, program, transfer, txn, wallet,
};
use jifen::domain::reward::entity::{RewardKind, coupon, redemption, reward, reward_code, tier_price};
use sea_orm::EntityTrait;

use super::World;

/// The member's accounts, in the order in which a transaction tells their balances.
const MEMBERS: [Account; 4] = [Account::Available, Account::Held, Account::Pending, Account::Debt];

/// Every row of every table that a mutation may touch, by table, as text and sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books(BTreeMap<&'static str, Vec<String>>);

async fn rows<E: EntityTrait>(db: &Db) -> Vec<E::Model> {
    E::find().all(&db.read).await.expect("a table can be read")
}

async fn lines<E: EntityTrait>(db: &Db) -> Vec<String>
where
    E::Model: std::fmt::Debug,
{
    let mut lines: Vec<String> = rows::<E>(db).await.iter().map(|row| format!("{row:?}")).collect();
    lines.sort();
    lines
}

impl Books {
    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.0.get(table).unwrap_or_else(|| panic!("the books have no table {table}")).len()
    }

    /// Fails with the rows that came and went.
    #[track_caller]
    pub fn assert_same(&self, after: &Books) {
        for (table, before) in &self.0 {
            let after = &after.0[table];
            let gone: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
            let new: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
            assert!(gone.is_empty() && new.is_empty(), "{table} changed\n- {gone:#?}\n+ {new:#?}");
        }
    }
}

impl World {
    pub async fn books(&self) -> Books {
        let db = &self.app.db;
        Books(BTreeMap::from([
            ("allocation", lines::<allocation::Entity>(db).await),
            ("coupon", lines::<coupon::Entity>(db).await),
            ("reward", lines::<reward::Entity>(db).await),
            ("reward_code", lines::<reward_code::Entity>(db).await),
            ("tier_price", lines::<tier_price::Entity>(db).await),
            ("credential", lines::<credential::Entity>(db).await),
            ("entry", lines::<entry::Entity>(db).await),
            ("handle", lines::<handle::Entity>(db).await),
            ("idempotency", lines::<idempotency::Entity>(db).await),
            ("line", lines::<line::Entity>(db).await),
            ("lot", lines::<lot::Entity>(db).await),
            ("household", lines::<household::Entity>(db).await),
            ("household_member", lines::<household_member::Entity>(db).await),
            ("merger", lines::<merger::Entity>(db).await),
            ("hold", lines::<hold::Entity>(db).await),
            ("adjustment", lines::<adjustment::Entity>(db).await),
            ("transfer", lines::<transfer::Entity>(db).await),
            ("member", lines::<member::Entity>(db).await),
            ("order", lines::<order::Entity>(db).await),
            ("order_return", lines::<order_return::Entity>(db).await),
            ("outbox", lines::<outbox::Entity>(db).await),
            ("payment", lines::<payment::Entity>(db).await),
            ("profile", lines::<profile::Entity>(db).await),
            ("program", lines::<program::Entity>(db).await),
            ("redemption", lines::<redemption::Entity>(db).await),
            ("return_line", lines::<return_line::Entity>(db).await),
            ("session", lines::<session::Entity>(db).await),
            ("budget", lines::<budget::Entity>(db).await),
            ("earned_share", lines::<earned_share::Entity>(db).await),
            ("earning_rule", lines::<earning_rule::Entity>(db).await),
            ("event", lines::<event::Entity>(db).await),
            ("event_type", lines::<event_type::Entity>(db).await),
            ("member_tag", lines::<member_tag::Entity>(db).await),
            ("rule_use", lines::<rule_use::Entity>(db).await),
            ("staff", lines::<staff::Entity>(db).await),
            ("stock", lines::<stock::Entity>(db).await),
            ("txn", lines::<txn::Entity>(db).await),
            ("wallet", lines::<wallet::Entity>(db).await),
        ]))
    }

    /// Runs something that must leave every row as it was.
    pub async fn unchanged_by<T>(&self, deed: impl IntoFuture<Output = T>) -> T {
        let before = self.books().await;
        let outcome = deed.await;
        before.assert_same(&self.books().await);
        outcome
    }

    /// What must hold after every story, whatever happened in it: all that `jifen verify` proves, and the main of it once
    /// more in other words, so that a mistake in one of the two shows.
    pub async fn assert_balanced(&self) {
        let db = &self.app.db;
        let snapshot = db.begin_snapshot().await.expect("a snapshot");
        let report = prove(&snapshot).await.expect("verify runs");
        assert_eq!(report.broken(), 0, "{}", report.text());
        drop(snapshot);
        let txns = rows::<txn::Entity>(db).await;
        let mut entries: HashMap<_, Vec<entry::Model>> = txns.iter().map(|txn| (txn.id, Vec::new())).collect();
        for entry in rows::<entry::Entity>(db).await {
            entries.get_mut(&entry.txn_id).expect("an entry's transaction").push(entry);
        }
        let sums = |parts: &Vec<entry::Model>| parts.iter().map(|entry| entry.points).sum::<i64>();
        assert!(entries.values().all(|parts| sums(parts) == 0), "a transaction does not sum to zero");
        let lots = rows::<lot::Entity>(db).await;
        for wallet in rows::<wallet::Entity>(db).await {
            let mut ledger: Vec<_> = txns.iter().filter(|txn| txn.member_id == wallet.member_id).collect();
            ledger.sort_by_key(|txn| txn.seq);
            let mut balance = [0; 4];
            for (txn, seq) in ledger.iter().zip(1..) {
                for entry in &entries[&txn.id] {
                    if let Some(at) = MEMBERS.iter().position(|account| *account == entry.account) {
                        balance[at] += entry.points;
                    }
                }
                let told = [txn.available_after, txn.held_after, txn.pending_after, -txn.debt_after];
                assert_eq!((txn.seq, told), (seq, balance), "a gap or a wrong sum in {}", txn.member_id);
            }
            assert_eq!(wallet.seq, ledger.len() as i64, "{wallet:?}");
            assert_eq!([wallet.posted - wallet.held, wallet.held, wallet.pending, -wallet.debt], balance, "{wallet:?}");
            let lots = || lots.iter().filter(|lot| lot.member_id == wallet.member_id);
            let of = |state| lots().filter(move |lot| lot.state == state).map(|lot| lot.remaining).sum::<i64>();
            let held: i64 = lots().map(|lot| lot.held).sum();
            assert_eq!([of(LotState::Active), held, of(LotState::Pending)], balance[..3], "{wallet:?}");
        }
        self.assert_every_effect_once().await;
    }

    /// Each answered command has exactly one effect: an order for each key, a coupon used by the order that names it,
    /// pieces sold that were taken from a pile.
    async fn assert_every_effect_once(&self) {
        let db = &self.app.db;
        let orders: Vec<_> = rows::<order::Entity>(db).await.into_iter().filter(|order| !order.imported).collect();
        let redemptions = rows::<redemption::Entity>(db).await;
        let replies = rows::<idempotency::Entity>(db).await;
        let made = |operation| replies.iter().filter(move |reply| reply.operation == operation);
        assert_eq!(made("placeOrder").count(), orders.len(), "orders and their keys");
        assert!(made("placeOrder").all(|reply| orders.iter().any(|order| order.id == reply.result_id)));
        assert_eq!(made("redeem").count(), redemptions.len(), "redemptions and their keys");
        for coupon in rows::<coupon::Entity>(db).await {
            let named = || orders.iter().filter(|order| order.coupon_id == Some(coupon.id));
            let is_gone =
                |order: &&order::Model| [OrderStatus::Cancelled, OrderStatus::Returned].contains(&order.status);
            let standing = named().filter(|order| !is_gone(order)).count();
            // With an order that came back as a whole a coupon is free again, unless it has expired meanwhile.
            match coupon.order_id.map(|id| named().find(|order| order.id == id).expect("its order")) {
                Some(order) => assert_eq!(standing, usize::from(!is_gone(&order)), "{coupon:?}"),
                None => assert_eq!((standing, coupon.used_at), (0, None), "{coupon:?}"),
            }
        }
        let returns = rows::<order_return::Entity>(db).await;
        let given: usize = ["cancelOrder", "refundOrder"].map(|operation| made(operation).count()).iter().sum();
        assert_eq!(given, returns.len(), "returns and their keys");
        let back = rows::<return_line::Entity>(db).await;
        let lines = rows::<line::Entity>(db).await;
        let restocked = |line: &line::Model| {
            let of = |part: &&return_line::Model| {
                let made = returns.iter().find(|made| made.id == part.return_id).expect("its return");
                made.restocked && made.order_id == line.order_id && part.position == line.position
            };
            back.iter().filter(of).map(|part| part.quantity).sum::<i64>()
        };
        // A code stays given out when its redemption is cancelled.
        let rewards = rows::<reward::Entity>(db).await;
        let is_of_codes = |id| rewards.iter().any(|reward| reward.id == id && reward.kind == RewardKind::Code);
        for pile in rows::<stock::Entity>(db).await {
            let of_pile = lines.iter().filter(|line| line.product_id == pile.id);
            let sold: i64 = of_pile.map(|line| line.quantity - restocked(line)).sum();
            let of_pile = |given: &&redemption::Model| {
                let is_taken = given.cancelled_at.is_none() || is_of_codes(given.reward_id);
                given.stock_id == Some(pile.id) && is_taken
            };
            let given: i64 = redemptions.iter().filter(of_pile).map(|given| given.quantity).sum();
            assert_eq!((pile.used, pile.granted), (sold + given, pile.remaining + pile.used), "{pile:?}");
        }
    }
}
