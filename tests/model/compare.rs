//! Whether the two sides are the same, and whether the books are sound in themselves.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use jifen::domain::household::entity::MembershipState;
use jifen::domain::order::entity::OrderStatus;
use jifen::domain::points::entity::{Account, AdjustmentState, LotState, TxnKind, lot, txn};
use jifen::domain::points::rule::hash;

use crate::names::{Tag, coupon_code, house, id, member_id};
use crate::reference::order::{Order, Status};
use crate::reference::wallet::{Booked, Place, Wallet};
use crate::reference::{Reference, Ruling};
use crate::store::{Books, Store};
use crate::world::pile_id;

mod earning;
mod tier;

/// How far the transactions of each member were compared.
#[derive(Default)]
pub struct Compared(HashMap<usize, usize>);

/// Both must be the same.
fn same<T: PartialEq + Debug>(what: impl Fn() -> String, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{}: found {found:?}, expected {expected:?}", what())) }
}

impl Compared {
    /// Everything, of the members that a group has touched.
    pub fn all(&mut self, store: &Store, reference: &Reference, slots: &[usize]) -> Result<(), String> {
        for slot in slots {
            let Some(wallet) = reference.wallets.get(slot) else { continue };
            let books = store.books.get(&member_id(*slot)).ok_or_else(|| format!("member {slot} has no books"))?;
            let from = self.0.entry(*slot).or_default();
            transactions(books, wallet, from).map_err(|what| format!("member {slot}, {what}"))?;
            balances(books, wallet).map_err(|what| format!("member {slot}, {what}"))?;
            standing(books, reference, *slot).map_err(|what| format!("member {slot}, {what}"))?;
            spent(books, store, reference, *slot).map_err(|what| format!("member {slot}, {what}"))?;
            tier::standing(books, reference, *slot).map_err(|what| format!("member {slot}, {what}"))?;
            tier::history(store, reference, *slot).map_err(|what| format!("member {slot}, {what}"))?;
            lots(books, wallet).map_err(|what| format!("member {slot}, {what}"))?;
            holds(books, wallet).map_err(|what| format!("member {slot}, {what}"))?;
        }
        orders(store, reference, slots)?;
        self.earning(store, reference)?;
        tier::counted(store, reference)?;
        redemptions(store, reference)?;
        coupons(store, reference)?;
        households(store, reference)?;
        adjustments(store, reference)?;
        for (pile, pieces) in reference.stock.iter().enumerate() {
            if let Some(row) = store.stock.get(&pile_id(pile)) {
                same(|| format!("pile {pile}"), (row.remaining, row.granted - row.used), (*pieces, *pieces))?;
            }
        }
        conserved(store, reference)
    }
}

fn balances(books: &Books, wallet: &Wallet) -> Result<(), String> {
    let row = books.wallet.as_ref().ok_or("no wallet")?;
    let found = [row.posted - row.held, row.held, row.pending, row.debt, row.seq, row.effective_at];
    let (free, held, pending) = (wallet.free(), wallet.held(), wallet.pending());
    let expected = [free, held, pending, wallet.debt, wallet.log.len() as i64, wallet.last_moment()];
    same(|| "available, held, pending, debt, seq, effective".to_owned(), found, expected)?;
    if row.debt > 0 && row.posted > row.held {
        return Err(format!("{} are owed and {} can be spent", row.debt, row.posted - row.held));
    }
    let due = wallet.next_due().map(|due| due.moment);
    if due.is_some_and(|due| row.next_due.is_none_or(|known| known > due)) {
        return Err(format!("the next is due at {due:?}, and the wallet says {:?}", row.next_due));
    }
    Ok(())
}

/// What the member paid for orders and was not given back. Of imports the reference knows only that they happened.
fn spent(books: &Books, store: &Store, reference: &Reference, slot: usize) -> Result<(), String> {
    let row = books.wallet.as_ref().ok_or("no wallet")?;
    let mine = reference.orders.values().filter(|order| order.slot == slot).flat_map(|order| &order.lines);
    let in_shop: i64 = mine.map(|line| line.money - line.money_back()).sum();
    let past = store.orders.values().filter(|rows| rows.order.imported && rows.order.member_id == member_id(slot));
    let past: i64 = past.map(|rows| rows.order.total).sum();
    same(|| "spent".to_owned(), row.spent, in_shop + past)
}

/// Whose a wallet is, and what was ever earned in it and those that it took over.
fn standing(books: &Books, reference: &Reference, slot: usize) -> Result<(), String> {
    let row = books.wallet.as_ref().ok_or("no wallet")?;
    let home = reference.home_of(slot);
    let into = reference.gone.get(&slot).map(|into| member_id(*into));
    let found = (row.household_id, row.household_role, row.merged_into);
    let expected = (home.map(|home| member_id(home.0)), home.map(|home| home.1), into);
    same(|| "household, role, merged into".to_owned(), found, expected)?;
    let all = reference.wallets.iter().filter(|(other, _)| reference.line(**other).last() == Some(&slot));
    let ever = if into.is_some() { 0 } else { all.map(|(_, wallet)| earned_in(wallet)).sum() };
    same(|| "ever earned".to_owned(), row.lifetime, ever)?;
    let purchases = if into.is_some() { 0 } else { reference.purchases_of(slot) };
    same(|| "purchases".to_owned(), row.purchases, purchases)
}

fn earned_in(wallet: &Wallet) -> i64 {
    let accounts = wallet.log.iter().flat_map(|booked| &booked.accounts);
    accounts.filter(|entry| matches!(entry.0, Account::Issued | Account::Revoked)).map(|entry| -entry.1).sum()
}

fn lots(books: &Books, wallet: &Wallet) -> Result<(), String> {
    let mut sorted: Vec<usize> = (0..wallet.lots.len()).collect();
    sorted.sort_by_key(|lot| wallet.lots[*lot].rank);
    same(|| "lots".to_owned(), books.lots.len(), sorted.len())?;
    for (row, lot) in books.lots.values().zip(sorted) {
        let mut buckets = [0; 5];
        for piece in wallet.pieces.iter().filter(|piece| piece.lot == lot) {
            buckets[bucket(piece.place)] += piece.points;
        }
        let found = [row.remaining, row.held, row.consumed, row.expired, row.revoked];
        same(|| format!("buckets of {row:?}"), found, buckets)?;
        same(|| format!("allocations of {row:?}"), books.buckets.get(&row.id).copied().unwrap_or_default(), found)?;
        let expected = &wallet.lots[lot];
        let again = wallet.sum(|piece| piece.lot == lot && piece.place == Place::GivenAgain);
        same(|| format!("grant of {row:?}"), (row.granted, row.reinstated), (expected.granted, again))?;
        let dates = (row.activates_at, row.expires_at, row.state == LotState::Active);
        same(|| format!("dates of {row:?}"), dates, (expected.starts, expected.ends, expected.is_active))?;
    }
    Ok(())
}

fn bucket(place: Place) -> usize {
    match place {
        Place::Pending | Place::Free => 0,
        Place::Held(..) => 1,
        Place::Spent(..) => 2,
        Place::Expired | Place::GivenAgain => 3,
        Place::Revoked => 4,
    }
}

fn holds(books: &Books, wallet: &Wallet) -> Result<(), String> {
    same(|| "holds".to_owned(), books.holds.len(), wallet.holds.len())?;
    for (serial, hold) in &wallet.holds {
        let row = books.holds.get(&id(Tag::Thing, *serial)).ok_or_else(|| format!("there is no hold {serial}"))?;
        let found = [row.amount, row.captured, row.released, row.open, row.expires_at];
        let expected = [hold.amount, hold.captured, hold.released, hold.open(), hold.ends];
        same(|| format!("hold {serial}"), found, expected)?;
    }
    Ok(())
}

fn transactions(books: &Books, wallet: &Wallet, from: &mut usize) -> Result<(), String> {
    for (at, txn) in books.txns.iter().enumerate().skip(*from) {
        same(|| format!("seq of {txn:?}"), txn.seq, at as i64 + 1)?;
        let expected = wallet.log.get(at).ok_or_else(|| format!("{txn:?} should not be there"))?;
        let entries = books.entries.get(&txn.id).map_or(&[][..], Vec::as_slice);
        let sums: Vec<(Account, i64)> = entries.iter().map(|entry| (entry.account, entry.points)).collect();
        same(|| format!("sum of {txn:?}"), sums.iter().map(|entry| entry.1).sum::<i64>(), 0)?;
        let found = Booked {
            kind: txn.kind,
            accounts: sorted(&sums),
            effective_at: txn.effective_at,
            recorded_at: txn.recorded_at,
            version: txn.program_version,
        };
        let expected = Booked { accounts: sorted(&expected.accounts), ..expected.clone() };
        same(|| format!("transaction {}", txn.seq), found, expected)?;
        let before = if at == 0 { None } else { Some(&books.txns[at - 1]) };
        chained(books, txn, before)?;
    }
    *from = books.txns.len();
    same(|| "transactions".to_owned(), books.txns.len(), wallet.log.len())
}

fn sorted(accounts: &[(Account, i64)]) -> Vec<(Account, i64)> {
    let mut sums: BTreeMap<u8, (Account, i64)> = BTreeMap::new();
    for (account, points) in accounts {
        sums.entry(*account as u8).or_insert((*account, 0)).1 += points;
    }
    sums.into_values().collect()
}

/// The hash of a transaction, and the one before it.
fn chained(books: &Books, txn: &txn::Model, before: Option<&txn::Model>) -> Result<(), String> {
    let head = before.map_or_else(|| hash::genesis(txn.member_id, txn.program_id), |before| before.hash.clone());
    same(|| format!("hash before {}", txn.seq), &txn.prev_hash, &head)?;
    if before.is_some_and(|before| before.effective_at > txn.effective_at) {
        return Err(format!("transaction {} takes effect before the one before it", txn.seq));
    }
    let none = Vec::new();
    let (entries, allocations) =
        (books.entries.get(&txn.id).unwrap_or(&none_of()).clone(), books.allocations.get(&txn.id).unwrap_or(&none));
    let mut lots: Vec<&lot::Model> = allocations
        .iter()
        .filter(|allocation| allocation.taken_from.is_none())
        .filter_map(|allocation| books.lots.get(&allocation.lot_id))
        .collect();
    if txn.kind == TxnKind::Activation {
        lots.extend(books.lots.get(&txn.source_id));
    }
    let found = hash::of(txn, &entries, allocations, lots.into_iter());
    same(|| format!("hash of {}", txn.seq), &found, &txn.hash)
}

fn none_of<T>() -> Vec<T> {
    Vec::new()
}

fn orders(store: &Store, reference: &Reference, slots: &[usize]) -> Result<(), String> {
    same(
        || "orders".to_owned(),
        store.orders.values().filter(|rows| !rows.order.imported).count(),
        reference.orders.len(),
    )?;
    for (serial, order) in reference.orders.iter().filter(|(_, order)| slots.contains(&order.slot)) {
        let rows = store.orders.get(&(member_id(order.slot), id(Tag::Thing, *serial)));
        let rows = rows.ok_or_else(|| format!("there is no order {serial}"))?;
        let row = &rows.order;
        let found = [
            row.total - row.points_value,
            row.points_value,
            row.points_paid,
            row.points_earned,
            row.points_clawed,
            row.money_returned,
            row.points_returned,
            row.revision,
            row.delivered_at.unwrap_or(0),
        ];
        same(|| format!("order {serial}"), found, figures_of(order))?;
        same(|| format!("status of {serial}"), row.status, status_of(order.status))?;
        let elsewhere = |slot: Option<usize>| slot.filter(|slot| *slot != order.slot).map(member_id);
        let expected = [elsewhere(order.lot.map(|lot| lot.0)), elsewhere(order.spending.map(|paid| paid.0))];
        same(|| format!("wallets of {serial}"), [row.earned_in, row.spent_from], expected)?;
        earning::shares(|| format!("order {serial}"), order.slot, &rows.shares, &order.shares)?;
        for (line, expected) in rows.lines.iter().zip(&order.lines) {
            let found = [line.discount, line.total - line.points_value, line.points_value, line.points_paid];
            let sums = [expected.discount, expected.money, expected.value, expected.points];
            same(|| format!("line {} of {serial}", line.position), found, sums)?;
            let found = [line.points_earned, line.returned, line.money_returned, line.points_returned];
            let sums = [expected.earned, expected.returned, expected.money_back(), expected.points_back()];
            same(|| format!("line {} of {serial}", line.position), found, sums)?;
        }
    }
    Ok(())
}

fn figures_of(order: &Order) -> [i64; 9] {
    let sum = |amount: fn(&crate::reference::order::Line) -> i64| order.lines.iter().map(amount).sum::<i64>();
    [
        sum(|line| line.money),
        sum(|line| line.value),
        sum(|line| line.points),
        order.earned,
        order.clawed,
        order.money_back(),
        order.points_back(),
        i64::from(order.changes),
        order.delivered_at.unwrap_or(0),
    ]
}

fn status_of(status: Status) -> OrderStatus {
    match status {
        Status::Paid => OrderStatus::Paid,
        Status::Delivered => OrderStatus::Delivered,
        Status::Cancelled => OrderStatus::Cancelled,
        Status::Returned => OrderStatus::Returned,
    }
}

fn redemptions(store: &Store, reference: &Reference) -> Result<(), String> {
    same(|| "redemptions".to_owned(), store.redemptions.len(), reference.redemptions.len())?;
    for (serial, expected) in &reference.redemptions {
        let row = store.redemptions.get(&(member_id(expected.slot), id(Tag::Thing, *serial)));
        let row = row.ok_or_else(|| format!("there is no redemption {serial}"))?;
        let elsewhere = Some(expected.paid_from).filter(|slot| *slot != expected.slot).map(member_id);
        same(|| format!("redemption {serial}"), (row.points, row.spent_from), (expected.points, elsewhere))?;
    }
    Ok(())
}

fn households(store: &Store, reference: &Reference) -> Result<(), String> {
    for (home, guests) in &reference.homes {
        let rows = store.households.get(&member_id(*home)).map_or(&[][..], Vec::as_slice);
        let mut found: Vec<_> =
            rows.iter().map(|row| (row.member_id, row.role, row.state == MembershipState::Joined)).collect();
        let mut expected: Vec<_> =
            guests.iter().map(|guest| (member_id(guest.slot), guest.role, guest.has_joined)).collect();
        found.sort_by_key(|guest| guest.0);
        expected.sort_by_key(|guest| guest.0);
        same(|| format!("household {}", home - house(0)), found, expected)?;
    }
    Ok(())
}

fn coupons(store: &Store, reference: &Reference) -> Result<(), String> {
    same(|| "coupons".to_owned(), store.coupons.len(), reference.coupons.len())?;
    for (serial, coupon) in &reference.coupons {
        let code = coupon_code(*serial);
        let row = store.coupons.get(&(member_id(coupon.slot), code.clone()));
        let row = row.ok_or_else(|| format!("there is no coupon {code}"))?;
        let used_by = coupon.used_by.map(|order| id(Tag::Thing, order));
        let found = (row.order_id, row.used_at.is_some(), row.expires_at);
        same(|| format!("coupon {code}"), found, (used_by, used_by.is_some(), coupon.ends))?;
    }
    Ok(())
}

fn adjustments(store: &Store, reference: &Reference) -> Result<(), String> {
    same(|| "adjustments".to_owned(), store.adjustments.len(), reference.adjustments.len())?;
    for (serial, adjustment) in &reference.adjustments {
        let row = store.adjustments.get(&(member_id(adjustment.slot), id(Tag::Thing, *serial)));
        let expected = match adjustment.ruling {
            Ruling::Waits => AdjustmentState::Requested,
            Ruling::Booked => AdjustmentState::Booked,
            Ruling::Rejected => AdjustmentState::Rejected,
        };
        same(|| format!("adjustment {serial}"), row.map(|row| row.state), Some(expected))?;
    }
    Ok(())
}

/// What members have, less what they owe, is what the house gave less what it took.
fn conserved(store: &Store, reference: &Reference) -> Result<(), String> {
    let of_house = |accounts: &[Account]| -> i64 {
        accounts.iter().map(|account| store.house.get(account).copied().unwrap_or(0)).sum()
    };
    let all = reference.wallets.values();
    let members: i64 = all.map(|wallet| wallet.free() + wallet.held() + wallet.pending() - wallet.debt).sum();
    use Account::{Adjusted, Expired, Issued, Redeemed, Reinstated, Revoked, Settled, Transfer, WrittenOff};
    same(|| "transfers".to_owned(), of_house(&[Transfer]), 0)?;
    let house = of_house(&[Issued, Reinstated, Adjusted, WrittenOff, Settled, Redeemed, Expired, Revoked]);
    same(|| "outstanding less debt".to_owned(), members, -house)
}
