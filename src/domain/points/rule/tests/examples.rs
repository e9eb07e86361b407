//! The worked examples of the ledger that are about returns, holds and expiries.

use super::*;
use crate::base::clock::DAY;

const DEBT: Shortfall = Shortfall::Debt { limit: None };

/// E3, spent, then returned: ¥100 earned 1000, 900 are spent; ¥60 and then ¥40 come back, under each policy.
#[test]
fn e3_spent_then_returned() {
    let run = |shortfall: fn(i64) -> Shortfall| {
        let mut books = Books::new();
        let lot = books.earn(1_000);
        books.spend(900);
        // At 100 points : ¥1, so many points as there are fen go back.
        let first = books.claw_back(lot, 600, shortfall(6_000));
        let after_first = (books.ledger.active(), books.debt(), 6_000 - first.settled);
        let second = books.claw_back(lot, 400, shortfall(4_000));
        let after_second = (books.ledger.active(), books.debt(), 4_000 - second.settled);
        let written_off = first.written_off + second.written_off;
        (after_first, after_second, (books.debt(), written_off, first.settled + second.settled))
    };
    assert_eq!(run(|_| DEBT), ((0, 500, 6_000), (0, 900, 4_000), (900, 0, 0)));
    assert_eq!(run(|_| Shortfall::WriteOff), ((0, 0, 6_000), (0, 0, 4_000), (0, 900, 0)));
    assert_eq!(run(|money| Shortfall::Settle { at_most: money }), ((0, 0, 5_500), (0, 0, 3_600), (0, 0, 900)));
}

/// E4, give back, then claw back: an order paid with 500 points and ¥15 earned 150, which are spent. Its full return
/// gives 500 back and finds the 150 among them, under every policy.
#[test]
fn e4_give_back_then_claw_back() {
    for shortfall in [DEBT, Shortfall::WriteOff, Shortfall::Settle { at_most: 1_500 }] {
        let mut books = Books::new();
        books.earn(500);
        let paid = books.spend(500);
        let own = books.earn(150);
        books.spend(150);
        let event = books.event(Cause::Return);
        books.ledger.give_back(&event, &paid, 500, None).unwrap();
        let taken = books.ledger.claw_back(&event, Some(own), 150, shortfall).unwrap();
        books.ledger.repay(&event).unwrap();
        assert_eq!((books.ledger.active(), books.debt(), taken.settled), (350, 0, 0));
    }
}

/// E5, debt repaid: after E3's first return 500 are owed. 800 pending points change nothing until they activate; the
/// full return of their order takes what is left and owes the rest again.
#[test]
fn e5_debt_repaid() {
    let mut books = Books::new();
    let first = books.earn(1_000);
    books.spend(900);
    books.claw_back(first, 600, DEBT);
    let lot = books.earn_pending(800);
    assert_eq!((books.ledger.wallet.pending, books.debt()), (800, 500));
    books.ledger.deliver(lot, books.now, Instant::NEVER).unwrap();
    books.event(Cause::Order);
    assert_eq!((books.ledger.active(), books.debt(), books.buckets(lot)), (300, 0, [300, 0, 500, 0, 0]));
    let taken = books.claw_back(lot, 800, DEBT);
    assert_eq!((taken.missing, books.debt(), books.ledger.active()), (500, 500, 0));
}

/// E6, its own points have expired: of 1000, 400 are spent and 600 expire. Half of the order comes back, then the rest.
#[test]
fn e6_its_own_points_have_expired() {
    let mut books = Books::new();
    let end = NEW_YEAR.plus(DAY);
    let lot = books.earn_until(1_000, end);
    books.spend(400);
    books.now = end;
    books.claw_back(lot, 500, DEBT);
    assert_eq!((books.ledger.active(), books.debt(), books.buckets(lot)), (0, 0, [0, 0, 400, 100, 500]));
    let taken = books.claw_back(lot, 500, DEBT);
    assert_eq!((taken.missing, books.debt(), books.buckets(lot)), (400, 400, [0, 0, 400, 0, 600]));
}

/// E7, consumption order and an expiry during a hold: L1 100 until 1 August, L2 100 until 1 September.
#[test]
fn e7_consumption_order_and_an_expiry_during_a_hold() {
    let mut books = Books::new();
    let (august, september) = (NEW_YEAR.plus(10 * DAY), NEW_YEAR.plus(41 * DAY));
    let (l1, l2) = (books.earn_until(100, august), books.earn_until(100, september));
    let held = |books: &Books| (books.ledger.wallet.posted, books.ledger.wallet.held);
    books.now = Instant(august.micros() - 1);
    let event = books.event(Cause::Hold);
    let hold = event.source_id;
    books.ledger.hold(&event, Wish { id: hold, points: 150, expires_at: september }).unwrap();
    let rows = (books.buckets(l1), books.buckets(l2), held(&books));
    assert_eq!(rows, ([0, 100, 0, 0, 0], [50, 50, 0, 0, 0], (200, 150)));
    books.now = august;
    let event = books.event(Cause::Hold);
    assert_eq!((books.buckets(l1), books.buckets(l2), held(&books)), rows, "held points do not expire");
    books.ledger.capture(&event, hold, 60).unwrap();
    let rows = (books.buckets(l1), books.buckets(l2), held(&books));
    assert_eq!(rows, ([0, 40, 60, 0, 0], [50, 50, 0, 0, 0], (140, 90)));
    let before = books.ledger.postings().len();
    books.ledger.release(&event, hold, 90).unwrap();
    let kinds: Vec<TxnKind> = books.booked(before).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [TxnKind::Release, TxnKind::Expiration]);
    let txns: Vec<_> =
        books.ledger.postings()[before..].iter().map(|p| (p.txn.available_after, p.txn.held_after)).collect();
    assert_eq!(txns, [(140, 0), (100, 0)]);
    let rows = (books.buckets(l1), books.buckets(l2), held(&books));
    assert_eq!(rows, ([0, 0, 60, 40, 0], [100, 0, 0, 0, 0], (100, 0)));
}

/// Points that come back into an expired lot expire at once; with a grace they are given again.
#[test]
fn give_back_into_an_expired_lot() {
    for grace in [false, true] {
        let program = program::Model { grace_days: 30, ..program() };
        let mut books = Books::with(program);
        let end = NEW_YEAR.plus(DAY);
        books.earn_until(100, end);
        let paid = books.spend(100);
        books.now = end.plus(DAY);
        let event = books.event(Cause::Return);
        let before = books.ledger.postings().len();
        let lasting = Lasting::grace_of(&books.program).filter(|_| grace);
        let forfeited = books.ledger.give_back(&event, &paid, 100, lasting.as_ref()).unwrap();
        let kinds: Vec<TxnKind> = books.booked(before).into_iter().map(|(kind, _)| kind).collect();
        if grace {
            assert_eq!(kinds, [TxnKind::Refund, TxnKind::Expiration, TxnKind::Reinstatement]);
            assert_eq!((forfeited, books.ledger.active()), (0, 100));
            // The third of January and thirty days: good to the end of the second of February.
            let midnight = NEW_YEAR.plus(33 * DAY).micros();
            assert_eq!(books.ledger.wallet.next_due, Some(midnight));
        } else {
            assert_eq!(kinds, [TxnKind::Refund, TxnKind::Expiration]);
            assert_eq!((forfeited, books.ledger.active()), (100, 0));
        }
    }
}

/// What is due is written in the order of its instants, and on ties: activations, time-outs, expirations.
#[test]
fn what_is_due_is_settled_first() {
    let mut books = Books::new();
    let noon = NEW_YEAR.plus(DAY);
    let expiring = books.earn_until(100, noon);
    let event = books.event(Cause::Hold);
    books.ledger.hold(&event, Wish { id: event.source_id, points: 40, expires_at: noon }).unwrap();
    let pending = books.earn_pending(10);
    books.ledger.deliver(pending, noon, noon.plus(DAY)).unwrap();
    let before = books.ledger.postings().len();
    books.now = noon.plus(5 * DAY);
    books.event(Cause::Order);
    let told: Vec<_> = books.ledger.postings()[before..].iter().map(|p| (p.txn.kind, p.txn.effective_at)).collect();
    let (at_noon, later) = (noon.micros(), noon.plus(DAY).micros());
    let expected = [
        (TxnKind::Activation, at_noon),
        (TxnKind::Release, at_noon),
        (TxnKind::Expiration, at_noon),
        (TxnKind::Expiration, later),
    ];
    assert_eq!(told, expected);
    assert_eq!((books.buckets(expiring), books.ledger.wallet.next_due), ([0, 0, 0, 100, 0], None));
}
