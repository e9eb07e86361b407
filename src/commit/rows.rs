//! The rows a group works on: what its commands ask for, what was loaded, and what each changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::base::id::Id;
use crate::domain::catalog::entity::stock;
use crate::domain::member::entity::{HandleKind, credential, handle, idempotency, member, profile, session};
use crate::domain::order::entity::{line, order, payment};
use crate::domain::outbox::entity::outbox;
use crate::domain::points::entity::{allocation, entry, lot, program, txn, wallet};
use crate::domain::points::rule::{Booking, spend_order};
use crate::domain::reward::entity::{coupon, redemption};

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
    /// Members whose coupons of these codes are locked.
    pub coupons: BTreeSet<(Id, String)>,
    pub stock: BTreeSet<Id>,
    /// Idempotency keys: member, operation, key.
    pub replies: HashSet<(Id, String, String)>,
}

impl Keys {
    pub fn merge(&mut self, other: Keys) {
        self.claims.extend(other.claims);
        self.wallets.extend(other.wallets);
        for (member, count) in other.lots {
            let known = self.lots.entry(member).or_default();
            *known = count.max(*known);
        }
        self.coupons.extend(other.coupons);
        self.stock.extend(other.stock);
        self.replies.extend(other.replies);
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
    pub claims: HashMap<Name, Claim>,
    pub wallets: HashMap<Id, wallet::Model>,
    /// Lots with points remaining, in spend order.
    pub lots: HashMap<Id, Vec<lot::Model>>,
    /// Members who have more lots than were loaded.
    pub partly_loaded: HashSet<Id>,
    pub coupons: HashMap<(Id, String), coupon::Model>,
    pub stock: HashMap<Id, stock::Model>,
    pub replies: HashMap<(Id, String, String), idempotency::Model>,
    pub writes: Writes,
}

/// What one command changes. Empty for a replay.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub names: Vec<handle::Model>,
    pub new_member: Option<NewMember>,
    pub booking: Option<Booking>,
    pub stock: Vec<stock::Model>,
    pub order: Option<NewOrder>,
    pub redemption: Option<redemption::Model>,
    pub coupons_issued: Vec<coupon::Model>,
    pub coupon_used: Option<coupon::Model>,
    pub reply: Option<idempotency::Model>,
    pub events: Vec<outbox::Model>,
}

impl Changes {
    /// `None` for a replay, which changes nothing.
    pub fn into_option(self) -> Option<Changes> {
        let changes_something = !self.names.is_empty()
            || self.new_member.is_some()
            || self.booking.is_some()
            || self.order.is_some()
            || self.redemption.is_some();
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
pub struct NewOrder {
    pub order: order::Model,
    pub lines: Vec<line::Model>,
    pub payment: Option<payment::Model>,
}

/// What the whole group writes, a list a table.
#[derive(Default)]
pub struct Writes {
    pub names: Vec<handle::Model>,
    pub members: Vec<member::Model>,
    pub profiles: Vec<profile::Model>,
    pub credentials: Vec<credential::Model>,
    pub sessions: Vec<session::Model>,
    pub new_wallets: HashSet<Id>,
    pub changed_wallets: HashSet<Id>,
    pub txns: Vec<txn::Model>,
    pub entries: Vec<entry::Model>,
    pub allocations: Vec<allocation::Model>,
    pub new_lots: HashMap<Id, lot::Model>,
    pub changed_lots: HashMap<Id, lot::Model>,
    pub changed_stock: HashSet<Id>,
    pub orders: Vec<order::Model>,
    pub lines: Vec<line::Model>,
    pub payments: Vec<payment::Model>,
    pub redemptions: Vec<redemption::Model>,
    pub new_coupons: Vec<coupon::Model>,
    pub changed_coupons: Vec<coupon::Model>,
    pub replies: Vec<idempotency::Model>,
    pub events: Vec<outbox::Model>,
    pub any: bool,
}

impl Rows {
    pub fn new(program: Arc<program::Model>) -> Rows {
        Rows {
            program,
            claims: HashMap::new(),
            wallets: HashMap::new(),
            lots: HashMap::new(),
            partly_loaded: HashSet::new(),
            coupons: HashMap::new(),
            stock: HashMap::new(),
            replies: HashMap::new(),
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

    /// The lots of a wallet that were loaded, in spend order.
    pub fn lots_of(&self, member_id: Id) -> &[lot::Model] {
        self.lots.get(&member_id).map_or(&[], Vec::as_slice)
    }

    /// Takes in what a command decided. It cannot fail: later commands of the group see it, and so does the database.
    pub fn apply(&mut self, changes: Changes) {
        let Changes {
            names,
            new_member,
            booking,
            stock,
            order,
            redemption,
            coupons_issued,
            coupon_used,
            reply,
            events,
        } = changes;
        self.writes.any = true;
        names.into_iter().for_each(|name| self.own(name));
        if let Some(new) = new_member {
            self.admit(new);
        }
        if let Some(booking) = booking {
            self.book(booking);
        }
        for pile in stock {
            self.writes.changed_stock.insert(pile.id);
            self.stock.insert(pile.id, pile);
        }
        if let Some(NewOrder { order, lines, payment }) = order {
            self.writes.orders.push(order);
            self.writes.lines.extend(lines);
            self.writes.payments.extend(payment);
        }
        self.writes.redemptions.extend(redemption);
        self.writes.new_coupons.extend(coupons_issued);
        if let Some(coupon) = coupon_used {
            self.coupons.insert((coupon.member_id, coupon.code.clone()), coupon.clone());
            self.writes.changed_coupons.push(coupon);
        }
        if let Some(reply) = reply {
            let key = (reply.member_id, reply.operation.clone(), reply.key.clone());
            self.replies.insert(key, reply.clone());
            self.writes.replies.push(reply);
        }
        self.writes.events.extend(events);
    }

    /// A claimed name becomes its first successful command's; one that was not claimed beforehand is inserted as it is.
    fn own(&mut self, name: handle::Model) {
        match self.claims.get_mut(&(name.value.clone(), name.kind)) {
            Some(claim) => claim.owner = Some(name),
            None => self.writes.names.push(name),
        }
    }

    fn admit(&mut self, new: NewMember) {
        self.writes.new_wallets.insert(new.wallet.member_id);
        self.wallets.insert(new.wallet.member_id, new.wallet);
        self.writes.members.push(new.member);
        self.writes.profiles.push(new.profile);
        self.writes.credentials.extend(new.credential);
        self.writes.sessions.extend(new.session);
    }

    fn book(&mut self, booking: Booking) {
        let Booking { wallet, txn, entries, allocations, opened, changed } = booking;
        let member_id = wallet.member_id;
        if !self.writes.new_wallets.contains(&member_id) {
            self.writes.changed_wallets.insert(member_id);
        }
        self.wallets.insert(member_id, wallet);
        self.writes.txns.push(txn);
        self.writes.entries.extend(entries);
        self.writes.allocations.extend(allocations);
        let lots = self.lots.entry(member_id).or_default();
        for lot in changed {
            match self.writes.new_lots.get_mut(&lot.id) {
                // A lot that was opened and spent within the group is inserted once, as it ends.
                Some(new) => *new = lot.clone(),
                None => drop(self.writes.changed_lots.insert(lot.id, lot.clone())),
            }
            if let Some(known) = lots.iter_mut().find(|known| known.id == lot.id) {
                *known = lot;
            }
        }
        for lot in opened {
            let place = lots.partition_point(|known| spend_order(known) < spend_order(&lot));
            // Behind the last loaded lot there may be others that come first; leaving the new one out makes a command
            // that wants it ask for more lots instead of spending out of order.
            if place < lots.len() || !self.partly_loaded.contains(&member_id) {
                lots.insert(place, lot.clone());
            }
            self.writes.new_lots.insert(lot.id, lot);
        }
    }
}
