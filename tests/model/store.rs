//! The database between groups, in memory: it loads what `commit::load` would load and keeps what `commit::write` would
//! write.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jifen::base::id::Id;
use jifen::commit::rows::{Claim, Keys, OrderRows, Rows};
use jifen::commit::{deliver_order, place_order, redeem, return_order};
use jifen::domain::catalog::entity::stock;
use jifen::domain::earning::entity::{budget, earned_share, earning_rule, event, rule_use};
use jifen::domain::earning::query::{EventName, UseKey};
use jifen::domain::household::entity::household_member;
use jifen::domain::member::entity::{HandleKind, handle, idempotency};
use jifen::domain::order::entity::{order, order_return};
use jifen::domain::points::entity::{
    Account, Bucket, Cause, LotState, TxnKind, adjustment, allocation, entry, hold, lot, program, txn, wallet,
};
use jifen::domain::points::rule::{Ledger, OpenHold, Part, Shelf, Unreversed, open_wallet};
use jifen::domain::reward::entity::{coupon, redemption};
use jifen::domain::tier::entity::{qualifying, tier_change};
use jifen::domain::tier::rule::terms::Measures;

use crate::names::member_id;
use crate::reference::calendar::{day_of, start_of};
use crate::tiers::Revision;
use crate::world::{MEMBERS, PILES, first_program, joined_at, pieces_of, pile_id};

mod earning;
mod tier;

/// What one member's rows are.
#[derive(Default)]
pub struct Books {
    pub wallet: Option<wallet::Model>,
    pub lots: BTreeMap<Id, lot::Model>,
    pub holds: BTreeMap<Id, hold::Model>,
    pub txns: Vec<txn::Model>,
    pub entries: HashMap<Id, Vec<entry::Model>>,
    pub allocations: HashMap<Id, Vec<allocation::Model>>,
    /// Points taken back of an allocation.
    pub taken_back: HashMap<(Id, i64), i64>,
    /// What allocations say is in each bucket of a lot.
    pub buckets: HashMap<Id, [i64; 5]>,
    /// Kind, source and part, which are unique.
    sources: HashSet<(TxnKind, Id, i64)>,
}

pub struct Store {
    pub programs: Vec<Arc<program::Model>>,
    pub books: BTreeMap<Id, Books>,
    pub orders: HashMap<(Id, Id), OrderRows>,
    pub returns: Vec<order_return::Model>,
    pub redemptions: HashMap<(Id, Id), redemption::Model>,
    pub coupons: HashMap<(Id, String), coupon::Model>,
    pub households: HashMap<Id, Vec<household_member::Model>>,
    pub adjustments: HashMap<(Id, Id), adjustment::Model>,
    pub stock: HashMap<Id, stock::Model>,
    /// Every revision of an earning rule.
    pub rules: Vec<earning_rule::Model>,
    pub budgets: HashMap<Id, budget::Model>,
    pub uses: HashMap<UseKey, rule_use::Model>,
    pub events: HashMap<EventName, event::Model>,
    /// What rules gave for events.
    pub shares: HashMap<Id, Vec<earned_share::Model>>,
    pub tiers: Vec<Revision>,
    pub tier_changes: Vec<tier_change::Model>,
    /// What counted for members, and its sums by day.
    pub qualifying: Vec<qualifying::Model>,
    pub days: BTreeMap<(Id, i64), Measures>,
    pub house: HashMap<Account, i64>,
    names: HashMap<(String, HandleKind), handle::Model>,
    replies: HashMap<(Id, String, String), idempotency::Model>,
}

/// Operations whose answers move along with what they made.
const MOVED: [&str; 5] =
    [place_order::OPERATION, deliver_order::OPERATION, return_order::CANCEL, return_order::REFUND, redeem::OPERATION];

impl Store {
    /// The program begins with tiers that give nothing, if there is a number for them.
    pub fn beginning_with(program: program::Model, tiers: Option<i64>) -> Store {
        let program = Arc::new(program);
        let tiers = tiers.map(|number| Revision::of_none(number, program.version));
        let of_member = |slot| {
            let wallet = wallet::Model { joined_at: joined_at(slot), ..open_wallet(member_id(slot), &program) };
            let wallet = Some(wallet);
            (member_id(slot), Books { wallet, ..Books::default() })
        };
        let pile = |pile| {
            let pieces = pieces_of(pile)?;
            Some((pile_id(pile), stock::Model { id: pile_id(pile), granted: pieces, remaining: pieces, used: 0 }))
        };
        Store {
            books: (0..MEMBERS).map(of_member).collect(),
            programs: vec![program],
            orders: HashMap::new(),
            returns: Vec::new(),
            redemptions: HashMap::new(),
            coupons: HashMap::new(),
            households: HashMap::new(),
            adjustments: HashMap::new(),
            stock: (0..PILES).filter_map(pile).collect(),
            rules: Vec::new(),
            budgets: HashMap::new(),
            uses: HashMap::new(),
            events: HashMap::new(),
            shares: HashMap::new(),
            tiers: tiers.into_iter().collect(),
            tier_changes: Vec::new(),
            qualifying: Vec::new(),
            days: BTreeMap::new(),
            house: HashMap::new(),
            names: HashMap::new(),
            replies: HashMap::new(),
        }
    }

    /// Nothing at all.
    pub fn empty() -> Store {
        Store { books: BTreeMap::new(), stock: HashMap::new(), ..Store::beginning_with(first_program(), None) }
    }

    pub fn program(&self) -> Arc<program::Model> {
        self.programs.last().expect("a program").clone()
    }

    /// What a group is decided with. Of the lots asked for in spend order, only one in `scarcity` comes.
    pub fn load(&self, keys: Keys, now: i64, scarcity: u64) -> Rows {
        let mut rows = Rows::new(self.program());
        for name in keys.claims {
            let key = (name.value.clone(), name.kind);
            let claim = match self.names.get(&key) {
                Some(owner) => Claim { owner: Some(owner.clone()), inserted: None },
                None => Claim { owner: None, inserted: Some(name) },
            };
            rows.claims.entry(key).or_insert(claim);
        }
        let wallets = keys.wallets.iter().filter_map(|id| Some((id, self.books.get(id)?.wallet.clone()?)));
        rows.ledgers = wallets.map(|(id, wallet)| (*id, Ledger::new(wallet, Shelf::default()))).collect();
        rows.coupons = pick(&self.coupons, keys.coupons);
        rows.stock = pick(&self.stock, keys.stock);
        self.load_earning(&mut rows, (keys.budgets, keys.uses, keys.recorded));
        self.load_tiers(&mut rows, keys.tiers, keys.sums, now);
        rows.replies = pick(&self.replies, keys.replies);
        rows.orders = pick(&self.orders, keys.orders);
        rows.adjustments = pick(&self.adjustments, keys.adjustments);
        let there = keys.households.into_iter().filter(|id| rows.ledgers.contains_key(id));
        rows.households = there.map(|id| (id, self.households.get(&id).cloned().unwrap_or_default())).collect();
        if let Some(limit) = keys.lots.values().max() {
            let limit = limit.div_ceil(scarcity) as usize;
            keys.lots.keys().for_each(|member| self.load_lots(*member, limit, &mut rows));
        }
        keys.whole.iter().for_each(|wallet| self.load_whole(*wallet, &mut rows));
        self.load_due(now, &mut rows);
        keys.holds.iter().for_each(|(member, hold)| self.load_hold(*member, *hold, &mut rows));
        let of_orders: Vec<order::Model> = rows.orders.values().map(|known| known.order.clone()).collect();
        let txns = of_orders.iter().filter_map(|order| Some((order.paying_wallet(), order.points_txn_id?)));
        for (member, txn) in keys.txns.into_iter().chain(txns) {
            if let Some(found) = self.books.get(&member).and_then(|books| books.unreversed(txn)) {
                found.parts.iter().for_each(|part| self.load_lot(member, part.lot_id, &mut rows));
                rows.unreversed.insert((member, txn), found);
            }
        }
        for order in of_orders {
            for wallet in self.line(order.earning_wallet()) {
                order.lot_id.into_iter().for_each(|lot| self.load_lot(wallet, lot, &mut rows));
            }
        }
        let zone = rows.program.time_zone.clone();
        let midnight = start_of(&zone, day_of(&zone, now));
        for member in keys.sent_today {
            rows.sent_today.insert(member, self.books.get(&member).map_or(0, |books| books.sent_since(midnight)));
        }
        rows
    }

    fn load_lots(&self, member: Id, limit: usize, rows: &mut Rows) {
        let (Some(ledger), Some(books)) = (rows.ledgers.get_mut(&member), self.books.get(&member)) else { return };
        let mut lots: Vec<lot::Model> =
            books.lots.values().filter(|lot| lot.remaining > 0 && lot.state == LotState::Active).cloned().collect();
        lots.sort_by_key(|lot| (lot.expires_at, lot.activates_at, lot.id));
        lots.truncate(limit);
        ledger.shelf.stock(lots, limit);
    }

    /// A wallet, and those that took it over since.
    pub fn line(&self, wallet: Id) -> Vec<Id> {
        let next = |wallet: &Id| self.books.get(wallet)?.wallet.as_ref()?.merged_into;
        std::iter::successors(Some(wallet), next).collect()
    }

    fn load_whole(&self, wallet: Id, rows: &mut Rows) {
        let Some(books) = self.books.get(&wallet) else { return };
        let lots = books.lots.values().filter(|lot| lot.remaining > 0);
        lots.for_each(|lot| self.load_lot(wallet, lot.id, rows));
    }

    fn load_due(&self, now: i64, rows: &mut Rows) {
        let due: Vec<Id> = rows
            .ledgers
            .values()
            .filter(|ledger| ledger.wallet.next_due.is_some_and(|due| due <= now))
            .map(|ledger| ledger.wallet.member_id)
            .collect();
        for member in due {
            let books = &self.books[&member];
            books.lots.values().filter(|lot| next_of(lot).is_some_and(|due| due <= now)).for_each(|lot| {
                self.load_lot(member, lot.id, rows);
            });
            let holds: Vec<Id> = books
                .holds
                .values()
                .filter(|hold| hold.open > 0 && hold.expires_at <= now)
                .map(|hold| hold.id)
                .collect();
            holds.into_iter().for_each(|hold| self.load_hold(member, hold, rows));
            let of_holds = books.holds.values().filter(|hold| hold.open > 0).map(|hold| hold.expires_at);
            let later = books.lots.values().filter_map(next_of).chain(of_holds).filter(|due| *due > now).min();
            if let Some(ledger) = rows.ledgers.get_mut(&member) {
                ledger.later_due = later.filter(|due| *due < i64::MAX);
            }
        }
    }

    fn load_lot(&self, member: Id, lot: Id, rows: &mut Rows) {
        if let (Some(ledger), Some(lot)) = (rows.ledgers.get_mut(&member), self.books[&member].lots.get(&lot)) {
            ledger.shelf.add(lot.clone());
        }
    }

    fn load_hold(&self, member: Id, hold: Id, rows: &mut Rows) {
        let Some(books) = self.books.get(&member) else { return };
        let Some(row) = books.holds.get(&hold) else { return };
        let parts = books.unreversed(row.txn_id).map_or(Vec::new(), |txn| txn.parts);
        parts.iter().for_each(|part| self.load_lot(member, part.lot_id, rows));
        if let Some(ledger) = rows.ledgers.get_mut(&member) {
            ledger.holds.entry(hold).or_insert(OpenHold { row: row.clone(), parts });
        }
    }

    /// Keeps what a group decided.
    pub fn write(&mut self, rows: Rows) -> Result<(), String> {
        let Rows { claims, ledgers, mut households, orders, adjustments, stock, budgets, uses, mut writes, .. } = rows;
        self.budgets.extend(pick(&budgets, std::mem::take(&mut writes.changed_budgets)));
        self.uses.extend(pick(&uses, std::mem::take(&mut writes.changed_uses)));
        let owned = claims.into_iter().filter_map(|(key, claim)| Some((key, claim.owner?)));
        self.names.extend(owned.chain(writes.names.into_iter().map(|name| ((name.value.clone(), name.kind), name))));
        for id in writes.new_wallets.iter().chain(&writes.changed_wallets) {
            self.books.entry(*id).or_default().wallet = Some(ledgers[id].wallet.clone());
        }
        for txn in writes.txns {
            self.books.entry(txn.member_id).or_default().add_txn(txn)?;
        }
        for entry in writes.entries {
            *self.house.entry(entry.account).or_default() += entry.points;
            let books = self.books.entry(entry.member_id).or_default();
            books.entries.entry(entry.txn_id).or_default().push(entry);
        }
        for lot in writes.new_lots.into_values().chain(writes.changed_lots.into_values()) {
            self.books.entry(lot.member_id).or_default().lots.insert(lot.id, lot);
        }
        for allocation in writes.allocations {
            self.books.entry(allocation.member_id).or_default().allocate(allocation);
        }
        for hold in writes.new_holds.into_values().chain(writes.changed_holds.into_values()) {
            self.books.entry(hold.member_id).or_default().holds.insert(hold.id, hold);
        }
        self.adjustments.extend(writes.new_adjustments.into_iter().map(|row| ((row.member_id, row.id), row)));
        self.adjustments.extend(pick(&adjustments, writes.changed_adjustments));
        for order in writes.orders {
            let lines = writes.lines.iter().filter(|line| line.order_id == order.id).cloned().collect();
            let shares = writes.shares.extract_if(.., |share| share.source_id == order.id).collect();
            self.orders.insert((order.member_id, order.id), OrderRows { order, lines, shares, points_settled: 0 });
        }
        self.keep_events(writes.recorded, writes.shares);
        self.keep_qualifying(writes.qualifying);
        self.tier_changes.extend(writes.tier_changes);
        self.orders.extend(pick(&orders, writes.changed_orders));
        self.returns.extend(writes.order_returns);
        let lists = writes.changed_households.into_iter();
        self.households.extend(lists.map(|id| (id, households.remove(&id).unwrap_or_default())));
        self.redemptions.extend(writes.redemptions.into_iter().map(|row| ((row.member_id, row.id), row)));
        for coupon in writes.new_coupons.into_iter().chain(writes.changed_coupons.into_values()) {
            self.coupons.insert((coupon.member_id, coupon.code.clone()), coupon);
        }
        let replies = writes.replies.into_iter();
        self.replies.extend(replies.map(|row| ((row.member_id, row.operation.clone(), row.key.clone()), row)));
        self.stock.extend(pick(&stock, writes.changed_stock));
        writes.moved.into_iter().for_each(|(from, into)| self.move_member(from, into));
        Ok(())
    }

    /// What `commit::moved` does in a database, but for names.
    fn move_member(&mut self, from: Id, into: Id) {
        for (key, mut rows) in taken(&mut self.orders, |key| key.0 == from) {
            rows.lines.iter_mut().for_each(|line| line.member_id = into);
            rows.shares.iter_mut().for_each(|share| share.member_id = into);
            let order = rows.order;
            let order = order::Model {
                member_id: into,
                earned_in: order.lot_id.map(|_| order.earning_wallet()),
                spent_from: order.points_txn_id.map(|_| order.paying_wallet()),
                ..order
            };
            self.orders.insert((into, key.1), OrderRows { order, ..rows });
        }
        for (key, row) in taken(&mut self.redemptions, |key| key.0 == from) {
            let spent_from = Some(row.spent_from.unwrap_or(from));
            self.redemptions.insert((into, key.1), redemption::Model { member_id: into, spent_from, ..row });
        }
        for (key, row) in taken(&mut self.coupons, |key| key.0 == from) {
            self.coupons.insert((into, key.1), coupon::Model { member_id: into, ..row });
        }
        for row in self.returns.iter_mut().filter(|row| row.member_id == from) {
            row.member_id = into;
        }
        self.move_earning(from, into);
        self.move_qualifying(from, into);
        for (key, row) in taken(&mut self.replies, |key| key.0 == from && MOVED.contains(&key.1.as_str())) {
            let moved = idempotency::Model { member_id: into, ..row };
            self.replies.entry((into, key.1, key.2)).or_insert(moved);
        }
    }
}

/// When something is due of a lot.
fn next_of(lot: &lot::Model) -> Option<i64> {
    let date = if lot.state == LotState::Pending { lot.activates_at } else { lot.expires_at };
    date.filter(|_| lot.remaining > 0)
}

fn taken<K: Eq + std::hash::Hash, T>(rows: &mut HashMap<K, T>, which: impl Fn(&K) -> bool) -> Vec<(K, T)> {
    rows.extract_if(|key, _| which(key)).collect()
}

fn pick<K: Eq + std::hash::Hash, T: Clone>(rows: &HashMap<K, T>, keys: impl IntoIterator<Item = K>) -> HashMap<K, T> {
    keys.into_iter().filter_map(|key| Some((rows.get(&key)?.clone(), key))).map(|(row, key)| (key, row)).collect()
}

impl Books {
    pub fn add_txn(&mut self, txn: txn::Model) -> Result<(), String> {
        if !self.sources.insert((txn.kind, txn.source_id, txn.source_part)) {
            return Err(format!("the source of {txn:?} stands there twice"));
        }
        self.txns.push(txn);
        Ok(())
    }

    pub fn allocate(&mut self, allocation: allocation::Model) {
        let buckets = self.buckets.entry(allocation.lot_id).or_default();
        if let Some(from) = allocation.taken_from {
            buckets[place(from)] -= allocation.points;
        }
        buckets[place(allocation.given_to)] += allocation.points;
        if let (Some(txn), Some(position)) = (allocation.origin_txn_id, allocation.origin_position) {
            *self.taken_back.entry((txn, position)).or_default() += allocation.points;
        }
        self.allocations.entry(allocation.txn_id).or_default().push(allocation);
    }

    fn unreversed(&self, txn_id: Id) -> Option<Unreversed> {
        let parts = self.allocations.get(&txn_id)?.iter().map(|allocation| Part {
            position: allocation.position,
            lot_id: allocation.lot_id,
            points: allocation.points - self.taken_back.get(&(txn_id, allocation.position)).copied().unwrap_or(0),
        });
        Some(Unreversed { txn_id, parts: parts.filter(|part| part.points > 0).collect() })
    }

    fn sent_since(&self, from: i64) -> i64 {
        let is_gift = |txn: &&txn::Model| (txn.kind, txn.cause) == (TxnKind::TransferOut, Cause::Transfer);
        let sent = self.txns.iter().filter(is_gift).filter(|txn| txn.effective_at >= from);
        -sent.map(|txn| txn.points).sum::<i64>()
    }
}

/// Where a bucket stands in a row of all five.
fn place(bucket: Bucket) -> usize {
    match bucket {
        Bucket::Remaining => 0,
        Bucket::Held => 1,
        Bucket::Consumed => 2,
        Bucket::Expired => 3,
        Bucket::Revoked => 4,
    }
}
