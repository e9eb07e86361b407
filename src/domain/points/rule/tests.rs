//! What each verb does to accounts and lots, as ledger-examples says it.

mod model;

use super::*;
use crate::base::clock::DAY;

const MEMBER: Id = Id::from_u128(7);

fn wallet() -> wallet::Model {
    wallet::Model {
        member_id: MEMBER,
        program_id: Id::from_u128(1),
        posted: 0,
        pending: 0,
        held: 0,
        debt: 0,
        seq: 0,
        head_hash: hash::genesis(MEMBER, Id::from_u128(1)),
        effective_at: 0,
        next_due: None,
    }
}

fn event(id: u128, cause: Cause, occurred_at: Instant) -> Event {
    Event {
        txn_id: Id::from_u128(id),
        cause,
        source_id: Id::from_u128(id),
        source_part: 0,
        reason: None,
        actor: ActorKind::Member,
        actor_id: Some(MEMBER),
        program_version: 1,
        occurred_at,
        recorded_at: occurred_at,
    }
}

fn booked(booking: &Booking) -> Vec<(Account, i64)> {
    booking.entries.iter().map(|entry| (entry.account, entry.points)).collect()
}

fn buckets(lot: &lot::Model) -> [i64; 5] {
    [lot.remaining, lot.held, lot.consumed, lot.expired, lot.revoked]
}

/// ACCRUAL immediate n: A+n | issued −n | new, r = n.
#[test]
fn state_equation_of_an_accrual() {
    let booking = accrue(&wallet(), &event(100, Cause::Order, Instant(DAY)), 500, Id::from_u128(200)).unwrap();
    assert_eq!(booked(&booking), [(Account::Available, 500), (Account::Issued, -500)]);
    let [lot] = booking.opened.as_slice() else { panic!("one lot: {:?}", booking.opened) };
    assert_eq!((lot.granted, buckets(lot), lot.state), (500, [500, 0, 0, 0, 0], LotState::Active));
    assert_eq!((lot.activates_at, lot.expires_at), (Some(DAY), Some(Instant::NEVER.micros())));
    let moves: Vec<_> = booking.allocations.iter().map(|part| (part.taken_from, part.given_to, part.points)).collect();
    assert_eq!(moves, [(None, Bucket::Remaining, 500)]);
    assert!(booking.changed.is_empty());
    assert_eq!((booking.wallet.posted, booking.wallet.seq, booking.txn.points), (500, 1, 500));
    assert_eq!(booking.txn.prev_hash, hash::genesis(MEMBER, Id::from_u128(1)));
    assert_eq!(booking.wallet.head_hash, booking.txn.hash);
}

/// REDEMPTION n: A−n | redeemed +n | r−n c+n.
#[test]
fn state_equation_of_a_redemption() {
    let earned = accrue(&wallet(), &event(100, Cause::Order, Instant(DAY)), 500, Id::from_u128(200)).unwrap();
    let booking =
        redeem(&earned.wallet, &earned.opened, &event(101, Cause::Redemption, Instant(2 * DAY)), 180).unwrap();
    assert_eq!(booked(&booking), [(Account::Available, -180), (Account::Redeemed, 180)]);
    let [lot] = booking.changed.as_slice() else { panic!("one lot: {:?}", booking.changed) };
    assert_eq!(buckets(lot), [320, 0, 180, 0, 0]);
    let moves: Vec<_> = booking.allocations.iter().map(|part| (part.taken_from, part.given_to, part.points)).collect();
    assert_eq!(moves, [(Some(Bucket::Remaining), Bucket::Consumed, 180)]);
    assert_eq!((booking.wallet.posted, booking.wallet.seq, booking.txn.points), (320, 2, -180));
    assert_eq!(booking.txn.available_after, 320);
    assert_eq!(booking.txn.prev_hash, earned.txn.hash);
}

/// E7, consumption order and an expiry, without the hold: L1 100 (expires 1 Aug), L2 100 (1 Sep), 60 spent on 31 July;
/// on 1 August the 40 that are left of L1 cannot be spent any more, though no sweep has written it.
#[test]
fn e7_consumption_order_and_expiry() {
    let (july_31, august_1, september_1) = (Instant(30 * DAY), Instant(31 * DAY), Instant(62 * DAY));
    let lot = |id, expires_at: Instant| lot::Model {
        expires_at: Some(expires_at.micros()),
        ..accrue(&wallet(), &event(id, Cause::Order, Instant(DAY)), 100, Id::from_u128(id)).unwrap().opened.remove(0)
    };
    let lots = [lot(201, august_1), lot(202, september_1)];
    let full = wallet::Model { posted: 200, ..wallet() };
    let spent = redeem(&full, &lots, &event(300, Cause::Redemption, july_31), 60).unwrap();
    assert_eq!(spent.changed.iter().map(buckets).collect::<Vec<_>>(), [[40, 0, 60, 0, 0]]);
    let lots = [spent.changed[0].clone(), lots[1].clone()];
    assert_eq!(active(&spent.wallet, &lots, Instant(august_1.micros() - 1)), 140);
    assert_eq!(active(&spent.wallet, &lots, august_1), 100);
    let refused = redeem(&spent.wallet, &lots, &event(301, Cause::Redemption, august_1), 101).unwrap_err();
    assert_eq!(refused, Refusal::NotEnoughPoints { required: 101, active: 100 });
    let rest = redeem(&spent.wallet, &lots, &event(301, Cause::Redemption, august_1), 100).unwrap();
    assert_eq!(
        rest.changed.iter().map(|lot| (lot.id, buckets(lot))).collect::<Vec<_>>(),
        [(Id::from_u128(202), [0, 0, 100, 0, 0])]
    );
}

/// A late event takes the wallet's last moment and keeps its own for the record.
#[test]
fn a_late_event_never_takes_effect_before_the_last() {
    let first = accrue(&wallet(), &event(100, Cause::Order, Instant(9 * DAY)), 5, Id::from_u128(200)).unwrap();
    let late = accrue(&first.wallet, &event(101, Cause::ImportedOrder, Instant(DAY)), 5, Id::from_u128(201)).unwrap();
    assert_eq!(late.txn.effective_at, 9 * DAY);
    assert_eq!(late.opened[0].activates_at, Some(9 * DAY));
}

#[test]
fn a_wallet_holds_no_more_than_an_int() {
    let full = wallet::Model { posted: MAX_POINTS - 1, ..wallet() };
    let day = Instant(DAY);
    assert!(accrue(&full, &event(100, Cause::Order, day), 1, Id::from_u128(200)).is_ok());
    let refused = accrue(&full, &event(100, Cause::Order, day), 2, Id::from_u128(200)).unwrap_err();
    assert_eq!(refused, Refusal::WalletFull);
}
