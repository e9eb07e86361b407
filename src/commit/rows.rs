//! The rows a group works on: what its commands ask for, what was loaded, and what each changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::domain::catalog::entity::stock;
use crate::domain::earning::entity::{budget, earned_share, event, rule_use};
use crate::domain::earning::query::{EventName, UseKey, key_of, name_of};
use crate::domain::earning::rule::terms::Rules;
use crate::domain::household::entity::{household, household_member};
use crate::domain::member::entity::{HandleKind, credential, handle, idempotency, member, profile, session};
use crate::domain::order::entity::{line, order, order_return, payment, return_line};
use crate::domain::outbox::entity::outbox;
use crate::domain::points::entity::{adjustment, allocation, entry, hold, lot, merger, program, transfer, txn, wallet};
use crate::domain::points::query::books::Owned;
use crate::domain::points::rule::{Ledger, Outcome, Posting, Shelf, Unreversed};
use crate::domain::reward::entity::{coupon, redemption, reward_code};
use crate::domain::tier::entity::{qualifying, tier_change};
use crate::domain::tier::query::SumKey;
use crate::domain::tier::rule::revisions::Revisions;
use crate::domain::tier::rule::terms::Measures;

/// A name that is unique over all members.
pub type Name = (String, HandleKind);

/// The rows the commands of a group need. Sorted where the order of locking matters.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Names to be claimed, each for the row it would name.
    pub claims: Vec<handle::Model>,
    /// Members whose wallets are locked.
    pub wallets: BTreeSet<Id>,
    /// Of these wallets, this many lots in spend order.
    pub lots: BTreeMap<Id, u64>,
    /// Wallets of which every lot with points is loaded.
    pub whole: BTreeSet<Id>,
    /// Households with the list of those who belong to them.
    pub households: BTreeSet<Id>,
    /// Members whose coupons of these codes are locked.
    pub coupons: BTreeSet<(Id, String)>,
    pub stock: BTreeSet<Id>,
    /// Of these rewards, so many of the codes that are left. Who asks for them asks for the reward's pile as well.
    pub codes: BTreeMap<Id, u64>,
    /// Budgets of earning rules, and what these have given members in periods.
    pub budgets: BTreeSet<Id>,
    pub uses: HashSet<UseKey>,
    /// Events that may have been recorded before.
    pub recorded: HashSet<EventName>,
    /// Idempotency keys: member, operation, key.
    pub replies: HashSet<(Id, String, String)>,
    /// Orders with their lines, what they were paid with and what they earned.
    pub orders: BTreeSet<Owned>,
    pub redemptions: BTreeSet<Owned>,
    pub holds: BTreeSet<Owned>,
    pub adjustments: BTreeSet<Owned>,
    /// Transactions that may be taken back, with the lots they moved points of.
    pub txns: BTreeSet<Owned>,
    /// Members whose transfers of the day are summed.
    pub sent_today: BTreeSet<Id>,
    /// Members whose tiers are decided, and further sums that these ask for.
    pub tiers: BTreeSet<Id>,
    pub sums: BTreeSet<SumKey>,
}

impl Keys {
    pub fn merge(&mut self, other: Keys) {
        self.claims.extend(other.claims);
        self.wallets.extend(other.wallets);
        for (member, count) in other.lots {
            let known = self.lots.entry(member).or_default();
            *known = count.max(*known);
        }
        self.whole.extend(other.whole);
        self.households.extend(other.households);
        self.coupons.extend(other.coupons);
        self.stock.extend(other.stock);
        for (reward, count) in other.codes {
            *self.codes.entry(reward).or_default() += count;
        }
        self.budgets.extend(other.budgets);
        self.uses.extend(other.uses);
        self.recorded.extend(other.recorded);
        self.replies.extend(other.replies);
        self.orders.extend(other.orders);
        self.redemptions.extend(other.redemptions);
        self.holds.extend(other.holds);
        self.adjustments.extend(other.adjustments);
        self.txns.extend(other.txns);
        self.sent_today.extend(other.sent_today);
        self.tiers.extend(other.tiers);
        self.sums.extend(other.sums);
    }
}

/// A claimed name while the group is decided.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose it is: set by the database if it was taken before, by the first command that succeeds otherwise.
    pub owner: Option<handle::Model>,
    /// The row this group inserted to hold the name, if it was free.
    pub inserted: Option<handle::Model>,
}

/// What was loaded, as the commands decided so far have left it.
pub struct Rows {
    /// The version the group is decided by: the newest when the wallets were locked.
    pub program: Arc<program::Model>,
    /// The earning rules of that version.
    pub rules: Arc<Rules>,
    /// The tiers of that version, with those before it as far back as members' tiers ask for them, and what counted over some
    /// days.
    pub tiers: Option<Revisions>,
    pub sums: HashMap<SumKey, Measures>,
    pub claims: HashMap<Name, Claim>,
    /// The books of each locked wallet.
    pub ledgers: HashMap<Id, Ledger>,
    /// Who belongs to each household there is.
    pub households: HashMap<Id, Vec<household_member::Model>>,
    pub orders: HashMap<Owned, OrderRows>,
    pub redemptions: HashMap<Owned, redemption::Model>,
    pub adjustments: HashMap<Owned, adjustment::Model>,
    /// What can still be taken back of transactions.
    pub unreversed: HashMap<Owned, Unreversed>,
    /// Points given away since the day began in the program's zone.
    pub sent_today: HashMap<Id, i64>,
    pub coupons: HashMap<(Id, String), coupon::Model>,
    pub stock: HashMap<Id, stock::Model>,
    /// The next codes of rewards, by position.
    pub codes: HashMap<Id, BTreeMap<i64, reward_code::Model>>,
    pub budgets: HashMap<Id, budget::Model>,
    /// Every count that was asked for. One that has no row yet counts nothing.
    pub uses: HashMap<UseKey, rule_use::Model>,
    pub uses_without_row: HashSet<UseKey>,
    pub recorded: HashMap<EventName, event::Model>,
    pub replies: HashMap<(Id, String, String), idempotency::Model>,
    /// What was passed over, as others have it locked, and what is to be moved.
    pub elsewhere: Elsewhere,
    pub writes: Writes,
}

/// Rows that are there and are not to be had in this group.
#[derive(Debug, Default)]
pub struct Elsewhere {
    pub wallets: HashSet<Id>,
    pub coupons: HashSet<(Id, String)>,
    pub stock: HashSet<Id>,
    pub budgets: HashSet<Id>,
}

impl Elsewhere {
    pub fn is_empty(&self) -> bool {
        self.wallets.is_empty() && self.coupons.is_empty() && self.stock.is_empty() && self.budgets.is_empty()
    }

    /// Whether one of the rows that a command asks for is among them.
    pub fn has_any_of(&self, asked: impl FnOnce(&mut Keys)) -> bool {
        if self.is_empty() {
            return false;
        }
        let mut keys = Keys::default();
        asked(&mut keys);
        keys.wallets.iter().any(|wallet| self.wallets.contains(wallet))
            || keys.coupons.iter().any(|coupon| self.coupons.contains(coupon))
            || keys.stock.iter().any(|pile| self.stock.contains(pile))
            || keys.budgets.iter().any(|budget| self.budgets.contains(budget))
    }
}

/// What one command changes. Empty for a replay.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub names: Vec<handle::Model>,
    pub new_member: Option<NewMember>,
    pub new_household: Option<NewHousehold>,
    /// Everybody who belongs to a household now.
    pub household_members: Option<(Id, Vec<household_member::Model>)>,
    pub merger: Option<merger::Model>,
    /// A member of whom everything but the ledger becomes another's.
    pub moved: Option<(Id, Id)>,
    /// A wallet each.
    pub books: Vec<Outcome>,
    pub stock: Vec<stock::Model>,
    pub budgets: Vec<budget::Model>,
    pub uses: Vec<rule_use::Model>,
    /// What rules gave for a new order or event.
    pub shares: Vec<earned_share::Model>,
    pub recorded: Option<event::Model>,
    pub order: Option<NewOrder>,
    pub changed_order: Option<OrderRows>,
    pub order_return: Option<(order_return::Model, Vec<return_line::Model>)>,
    pub redemption: Option<redemption::Model>,
    pub changed_redemption: Option<redemption::Model>,
    pub coupons_issued: Vec<coupon::Model>,
    pub coupons_cancelled: Vec<coupon::Model>,
    pub codes_given: Vec<reward_code::Model>,
    pub changed_coupon: Option<coupon::Model>,
    pub transfer: Option<transfer::Model>,
    pub new_adjustment: Option<adjustment::Model>,
    pub changed_adjustment: Option<adjustment::Model>,
    /// The member's tier of before, where it was brought up to now.
    pub held_tier: Option<Id>,
    /// What counted towards tiers, and what became of these.
    pub qualifying: Vec<qualifying::Model>,
    pub tier_changes: Vec<tier_change::Model>,
    pub reply: Option<idempotency::Model>,
    pub events: Vec<outbox::Model>,
}

impl Changes {
    /// `None` for a replay, which changes nothing.
    pub fn into_option(self) -> Option<Changes> {
        let changes_something = !self.names.is_empty()
            || self.new_member.is_some()
            || self.household_members.is_some()
            || !self.books.is_empty()
            || self.recorded.is_some()
            || self.order.is_some()
            || self.changed_order.is_some()
            || self.new_adjustment.is_some()
            || self.changed_adjustment.is_some();
        changes_something.then_some(self)
    }
}

#[derive(Clone, Debug)]
pub struct NewMember {
    pub member: member::Model,
    pub profile: profile::Model,
    pub wallet: wallet::Model,
    pub credential: Option<credential::Model>,
    pub session: Option<session::Model>,
}

#[derive(Clone, Debug)]
pub struct NewHousehold {
    pub household: household::Model,
    pub wallet: wallet::Model,
}

#[derive(Clone, Debug)]
pub struct NewOrder {
    pub order: order::Model,
    pub lines: Vec<line::Model>,
    pub payment: Option<payment::Model>,
}

/// An order with its lines, by position.
#[derive(Clone, Debug)]
pub struct OrderRows {
    pub order: order::Model,
    pub lines: Vec<line::Model>,
    /// What each rule gave of what it earned.
    pub shares: Vec<earned_share::Model>,
    /// Points that its returns so far settled with money.
    pub points_settled: i64,
}

/// What the whole group writes, a list a table.
#[derive(Default)]
pub struct Writes {
    pub names: Vec<handle::Model>,
    pub members: Vec<member::Model>,
    pub profiles: Vec<profile::Model>,
    pub credentials: Vec<credential::Model>,
    pub sessions: Vec<session::Model>,
    pub households: Vec<household::Model>,
    pub changed_households: HashSet<Id>,
    pub mergers: Vec<merger::Model>,
    pub moved: Vec<(Id, Id)>,
    pub new_wallets: HashSet<Id>,
    pub changed_wallets: HashSet<Id>,
    pub txns: Vec<txn::Model>,
    pub entries: Vec<entry::Model>,
    pub allocations: Vec<allocation::Model>,
    /// By wallet too: a lot keeps its id when another wallet takes it over.
    pub new_lots: HashMap<Owned, lot::Model>,
    pub changed_lots: HashMap<Owned, lot::Model>,
    pub changed_stock: HashSet<Id>,
    pub changed_budgets: HashSet<Id>,
    pub changed_uses: HashSet<UseKey>,
    pub shares: Vec<earned_share::Model>,
    pub recorded: Vec<event::Model>,
    pub new_holds: HashMap<Owned, hold::Model>,
    pub changed_holds: HashMap<Owned, hold::Model>,
    pub orders: Vec<order::Model>,
    pub lines: Vec<line::Model>,
    pub changed_orders: HashSet<Owned>,
    pub payments: Vec<payment::Model>,
    pub order_returns: Vec<order_return::Model>,
    pub return_lines: Vec<return_line::Model>,
    pub redemptions: Vec<redemption::Model>,
    pub changed_redemptions: HashSet<Owned>,
    pub new_coupons: Vec<coupon::Model>,
    pub changed_coupons: HashMap<Id, coupon::Model>,
    pub codes_given: Vec<reward_code::Model>,
    pub transfers: Vec<transfer::Model>,
    pub new_adjustments: Vec<adjustment::Model>,
    pub changed_adjustments: HashSet<Owned>,
    pub qualifying: Vec<qualifying::Model>,
    pub tier_changes: Vec<tier_change::Model>,
    pub replies: Vec<idempotency::Model>,
    pub events: Vec<outbox::Model>,
    pub any: bool,
}

impl Rows {
    pub fn new(program: Arc<program::Model>) -> Rows {
        Rows {
            program,
            rules: Arc::default(),
            tiers: None,
            sums: HashMap::new(),
            claims: HashMap::new(),
            ledgers: HashMap::new(),
            households: HashMap::new(),
            orders: HashMap::new(),
            redemptions: HashMap::new(),
            adjustments: HashMap::new(),
            unreversed: HashMap::new(),
            sent_today: HashMap::new(),
            coupons: HashMap::new(),
            stock: HashMap::new(),
            codes: HashMap::new(),
            budgets: HashMap::new(),
            uses: HashMap::new(),
            uses_without_row: HashSet::new(),
            recorded: HashMap::new(),
            replies: HashMap::new(),
            elsewhere: Elsewhere::default(),
            writes: Writes::default(),
        }
    }

    /// The row that already bears a name, or `None` while it is free.
    pub fn owner_of(&self, kind: HandleKind, value: &str) -> Option<&handle::Model> {
        self.claims.get(&(value.to_owned(), kind)).and_then(|claim| claim.owner.as_ref())
    }

    /// What was answered to this key before.
    pub fn reply_to(&self, member_id: Id, operation: &str, key: &str) -> Option<&idempotency::Model> {
        self.replies.get(&(member_id, operation.to_owned(), key.to_owned()))
    }

    /// Takes in what a command decided. It cannot fail: later commands of the group see it, and so does the database.
    pub fn apply(&mut self, mut changes: Changes) {
        self.tell(&mut changes);
        let Changes {
            names,
            new_member,
            new_household,
            household_members,
            merger,
            moved,
            books,
            stock,
            budgets,
            uses,
            shares,
            recorded,
            order,
            changed_order,
            order_return,
            redemption,
            changed_redemption,
            coupons_issued,
            coupons_cancelled,
            codes_given,
            changed_coupon,
            transfer,
            new_adjustment,
            changed_adjustment,
            held_tier: _,
            qualifying,
            tier_changes,
            reply,
            events,
        } = changes;
        self.writes.any = true;
        names.into_iter().for_each(|name| self.own(name));
        if let Some(new) = new_member {
            self.admit(new);
        }
        if let Some(NewHousehold { household, wallet }) = new_household {
            self.open_wallet(wallet);
            self.writes.households.push(household);
        }
        if let Some((household_id, members)) = household_members {
            self.writes.changed_households.insert(household_id);
            self.households.insert(household_id, members);
        }
        self.writes.mergers.extend(merger);
        self.grow_sums(&qualifying);
        self.writes.qualifying.extend(qualifying);
        self.writes.tier_changes.extend(tier_changes);
        self.part_with(moved);
        books.into_iter().for_each(|outcome| self.book(outcome));
        for pile in stock {
            self.writes.changed_stock.insert(pile.id);
            self.stock.insert(pile.id, pile);
        }
        for budget in budgets {
            if self.writes.changed_budgets.insert(budget.id) || !planted(Bug::BudgetByGroup) {
                self.budgets.insert(budget.id, budget);
            }
        }
        for row in uses {
            if self.writes.changed_uses.insert(key_of(&row)) || !planted(Bug::CountByGroup) {
                self.uses.insert(key_of(&row), row);
            }
        }
        self.writes.shares.extend(shares);
        if let Some(event) = recorded {
            self.recorded.insert(name_of(&event), event.clone());
            self.writes.recorded.push(event);
        }
        if let Some(NewOrder { order, lines, payment }) = order {
            self.writes.orders.push(order);
            self.writes.lines.extend(lines);
            self.writes.payments.extend(payment);
        }
        if let Some(changed) = changed_order {
            let key = (changed.order.member_id, changed.order.id);
            self.writes.changed_orders.insert(key);
            self.orders.insert(key, changed);
        }
        if let Some((order_return, lines)) = order_return {
            self.writes.order_returns.push(order_return);
            self.writes.return_lines.extend(lines);
        }
        self.writes.redemptions.extend(redemption);
        self.writes.new_coupons.extend(coupons_issued);
        if let Some(redemption) = changed_redemption {
            let key = (redemption.member_id, redemption.id);
            self.writes.changed_redemptions.insert(key);
            self.redemptions.insert(key, redemption);
        }
        for coupon in changed_coupon.into_iter().chain(coupons_cancelled) {
            self.coupons.insert((coupon.member_id, coupon.code.clone()), coupon.clone());
            self.writes.changed_coupons.insert(coupon.id, coupon);
        }
        for code in codes_given {
            self.codes.entry(code.reward_id).or_default().remove(&code.position);
            self.writes.codes_given.push(code);
        }
        if let Some(transfer) = transfer {
            *self.sent_today.entry(transfer.member_id).or_default() +=
                if planted(Bug::DailyLimitByGroup) { 0 } else { transfer.points };
            self.writes.transfers.push(transfer);
        }
        self.writes.new_adjustments.extend(new_adjustment);
        if let Some(adjustment) = changed_adjustment {
            let key = (adjustment.member_id, adjustment.id);
            self.writes.changed_adjustments.insert(key);
            self.adjustments.insert(key, adjustment);
        }
        if let Some(reply) = reply {
            let key = (reply.member_id, reply.operation.clone(), reply.key.clone());
            self.replies.insert(key, reply.clone());
            self.writes.replies.push(reply);
        }
        self.writes.events.extend(events);
    }

    /// What one of the two had becomes the other's when the group is written. Until then nothing that was read of them is
    /// true, be it what rules gave them or what counts for their tiers, so whoever comes next waits for the next group.
    fn part_with(&mut self, moved: Option<(Id, Id)>) {
        let Some((from, into)) = moved else { return };
        self.writes.moved.push((from, into));
        if !planted(Bug::MergedGoOn) {
            self.elsewhere.wallets.extend([from, into]);
        }
    }

    /// A claimed name becomes its first successful command's; one that was not claimed beforehand is inserted as it is.
    fn own(&mut self, name: handle::Model) {
        match self.claims.get_mut(&(name.value.clone(), name.kind)) {
            Some(claim) => claim.owner = Some(name),
            None => self.writes.names.push(name),
        }
    }

    fn admit(&mut self, new: NewMember) {
        self.open_wallet(new.wallet);
        self.writes.members.push(new.member);
        self.writes.profiles.push(new.profile);
        self.writes.credentials.extend(new.credential);
        self.writes.sessions.extend(new.session);
    }

    fn open_wallet(&mut self, wallet: wallet::Model) {
        self.writes.new_wallets.insert(wallet.member_id);
        self.ledgers.insert(wallet.member_id, Ledger::new(wallet, Shelf::full([])));
    }

    fn book(&mut self, outcome: Outcome) {
        let Outcome { ledger, postings, new_lots, changed_lots, new_holds, changed_holds } = outcome;
        let member_id = ledger.wallet.member_id;
        if !self.writes.new_wallets.contains(&member_id) {
            self.writes.changed_wallets.insert(member_id);
        }
        self.ledgers.insert(member_id, ledger);
        for Posting { txn, entries, allocations } in postings {
            self.writes.txns.push(txn);
            self.writes.entries.extend(entries);
            allocations.iter().for_each(|allocation| self.take_back(allocation));
            self.writes.allocations.extend(allocations);
        }
        let (new, changed) = (&mut self.writes.new_lots, &mut self.writes.changed_lots);
        insert_or_update(new_lots, changed_lots, new, changed, |lot| (member_id, lot.id));
        let (new, changed) = (&mut self.writes.new_holds, &mut self.writes.changed_holds);
        insert_or_update(new_holds, changed_holds, new, changed, |hold| (member_id, hold.id));
    }

    /// What an allocation takes back cannot be taken back again.
    fn take_back(&mut self, allocation: &allocation::Model) {
        let origin = allocation.origin_txn_id.filter(|_| !planted(Bug::RefundRepeated));
        let (Some(txn_id), Some(position)) = (origin, allocation.origin_position) else { return };
        let Some(txn) = self.unreversed.get_mut(&(allocation.member_id, txn_id)) else { return };
        for part in txn.parts.iter_mut().filter(|part| part.position == position) {
            part.points -= allocation.points;
        }
        txn.parts.retain(|part| part.points > 0);
    }
}

/// A row that was made and changed within the group is inserted once, as it ends.
fn insert_or_update<T>(
    new: Vec<T>,
    changed: Vec<T>,
    inserts: &mut HashMap<Owned, T>,
    updates: &mut HashMap<Owned, T>,
    id: impl Fn(&T) -> Owned,
) {
    inserts.extend(new.into_iter().map(|row| (id(&row), row)));
    for row in changed {
        let known = if inserts.contains_key(&id(&row)) { &mut *inserts } else { &mut *updates };
        known.insert(id(&row), row);
    }
}
