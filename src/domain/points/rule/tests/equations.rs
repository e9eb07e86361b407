//! The state equations: which accounts and which buckets of a lot each kind of transaction moves, and nothing else.

use super::*;

/// From which bucket, to which, and how many points.
type Move = (Option<Bucket>, Bucket, i64);

/// What a verb did last: what it booked, and how it moved points in lots.
fn last(books: &Books) -> (TxnKind, Vec<(Account, i64)>, Vec<Move>) {
    let posting = books.ledger.postings().last().unwrap();
    let moves = posting.allocations.iter().map(|part| (part.taken_from, part.given_to, part.points));
    let (kind, booked) = books.booked(books.ledger.postings().len() - 1).pop().unwrap();
    (kind, booked, moves.collect())
}

const REMAINING: Bucket = Bucket::Remaining;

#[test]
fn an_immediate_accrual() {
    let mut books = Books::new();
    let lot = books.earn(500);
    let booked = vec![(Account::Available, 500), (Account::Issued, -500)];
    assert_eq!(last(&books), (TxnKind::Accrual, booked, vec![(None, REMAINING, 500)]));
    assert_eq!((books.buckets(lot), books.lot(lot).state), ([500, 0, 0, 0, 0], LotState::Active));
    assert_eq!(books.lot(lot).expires_at, Some(Instant::NEVER.micros()));
    let posting = &books.ledger.postings()[0];
    assert_eq!(posting.txn.prev_hash, hash::genesis(MEMBER, Id::from_u128(1)));
    assert_eq!((books.ledger.wallet.seq, &books.ledger.wallet.head_hash), (1, &posting.txn.hash));
}

#[test]
fn a_pending_accrual_and_its_activation() {
    let mut books = Books::new();
    let lot = books.earn_pending(500);
    let booked = vec![(Account::Pending, 500), (Account::Issued, -500)];
    assert_eq!(last(&books), (TxnKind::Accrual, booked, vec![(None, REMAINING, 500)]));
    assert_eq!((books.lot(lot).activates_at, books.lot(lot).expires_at), (None, None), "empty is not never");
    assert_eq!((books.ledger.active(), books.ledger.wallet.pending, books.ledger.wallet.next_due), (0, 500, None));
    let opens = books.now.plus(7 * DAY);
    books.ledger.deliver(lot, opens, opens.plus(DAY)).unwrap();
    assert_eq!(books.ledger.wallet.next_due, Some(opens.micros()));
    books.ledger.settle(Instant(opens.micros() - 1), books.now, 1).unwrap();
    assert_eq!(books.ledger.active(), 0);
    books.ledger.settle(opens, books.now, 1).unwrap();
    let booked = vec![(Account::Pending, -500), (Account::Available, 500)];
    assert_eq!(last(&books), (TxnKind::Activation, booked, vec![]));
    assert_eq!((books.lot(lot).state, books.buckets(lot)), (LotState::Active, [500, 0, 0, 0, 0]));
    assert_eq!(books.ledger.wallet.next_due, Some(opens.plus(DAY).micros()));
    assert_eq!(books.ledger.postings()[1].txn.points, 500, "so many more can be spent");
}

#[test]
fn a_redemption() {
    let mut books = Books::new();
    let lot = books.earn(500);
    books.spend(180);
    let booked = vec![(Account::Available, -180), (Account::Redeemed, 180)];
    assert_eq!(last(&books), (TxnKind::Redemption, booked, vec![(Some(REMAINING), Bucket::Consumed, 180)]));
    assert_eq!(books.buckets(lot), [320, 0, 180, 0, 0]);
    let event = books.event(Cause::Redemption);
    let refused = books.ledger.redeem(&event, 321).unwrap_err();
    assert_eq!(refused, Refusal::NotEnoughPoints { required: 321, active: 320 });
}

#[test]
fn a_hold_its_capture_and_its_release() {
    let mut books = Books::new();
    let lot = books.earn(500);
    let event = books.event(Cause::Hold);
    let hold = event.source_id;
    books.ledger.hold(&event, Wish { id: hold, points: 300, expires_at: books.now.plus(DAY) }).unwrap();
    let booked = vec![(Account::Available, -300), (Account::Held, 300)];
    assert_eq!(last(&books), (TxnKind::Hold, booked, vec![(Some(REMAINING), Bucket::Held, 300)]));
    let event = books.event(Cause::Hold);
    books.ledger.capture(&event, hold, 100).unwrap();
    let booked = vec![(Account::Held, -100), (Account::Redeemed, 100)];
    assert_eq!(last(&books), (TxnKind::Redemption, booked, vec![(Some(Bucket::Held), Bucket::Consumed, 100)]));
    books.ledger.release(&event, hold, 50).unwrap();
    let booked = vec![(Account::Held, -50), (Account::Available, 50)];
    assert_eq!(last(&books), (TxnKind::Release, booked, vec![(Some(Bucket::Held), REMAINING, 50)]));
    assert_eq!(books.buckets(lot), [250, 150, 100, 0, 0]);
    let row = &books.ledger.holds[&hold].row;
    assert_eq!((row.amount, row.captured, row.released, row.open), (300, 100, 50, 150));
    // What is open after its time goes back by itself.
    books.now = books.now.plus(2 * DAY);
    books.event(Cause::Order);
    assert_eq!((books.buckets(lot), books.ledger.holds[&hold].row.open), ([400, 0, 100, 0, 0], 0));
    assert_eq!(books.ledger.postings().last().unwrap().txn.effective_at, NEW_YEAR.plus(DAY).micros());
}

#[test]
fn a_refund_goes_back_where_the_points_came_from() {
    let mut books = Books::new();
    let (first, second) = (books.earn_until(100, NEW_YEAR.plus(9 * DAY)), books.earn(100));
    let spent = books.spend(150);
    let event = books.event(Cause::Return);
    // Last taken first.
    assert_eq!(books.ledger.give_back(&event, &spent, 80, None), Ok(0));
    let booked = vec![(Account::Available, 80), (Account::Redeemed, -80)];
    let moves = vec![(Some(Bucket::Consumed), REMAINING, 50), (Some(Bucket::Consumed), REMAINING, 30)];
    assert_eq!(last(&books), (TxnKind::Refund, booked, moves));
    assert_eq!((books.buckets(first), books.buckets(second)), ([30, 0, 70, 0, 0], [100, 0, 0, 0, 0]));
    let posting = books.ledger.postings().last().unwrap();
    assert_eq!(posting.txn.reverses, Some(spent.txn_id));
    let origins: Vec<_> = posting.allocations.iter().map(|part| (part.origin_txn_id, part.origin_position)).collect();
    assert_eq!(origins, [(Some(spent.txn_id), Some(1)), (Some(spent.txn_id), Some(0))]);
}

#[test]
fn an_expiration_leaves_held_points() {
    let mut books = Books::new();
    let end = NEW_YEAR.plus(DAY);
    let lot = books.earn_until(100, end);
    let event = books.event(Cause::Hold);
    books.ledger.hold(&event, Wish { id: event.source_id, points: 30, expires_at: end.plus(DAY) }).unwrap();
    books.ledger.settle(end, end, 1).unwrap();
    let booked = vec![(Account::Available, -70), (Account::Expired, 70)];
    assert_eq!(last(&books), (TxnKind::Expiration, booked, vec![(Some(REMAINING), Bucket::Expired, 70)]));
    assert_eq!(books.buckets(lot), [0, 30, 0, 70, 0]);
}

#[test]
fn a_reinstatement_opens_a_lot_and_keeps_the_old_one_as_it_is() {
    let mut books = Books::new();
    let end = NEW_YEAR.plus(DAY);
    let lot = books.earn_until(100, end);
    books.now = end.plus(DAY);
    let event = books.event(Cause::Lot);
    let expiration = books.ledger.postings().last().unwrap().txn.id;
    let expired = [Expired { origin: (expiration, 0), lot_id: lot, points: 100 }];
    books.ledger.reinstate(&event, &expired, &Lasting::of(&books.program)).unwrap();
    let booked = vec![(Account::Available, 100), (Account::Reinstated, -100)];
    assert_eq!(last(&books), (TxnKind::Reinstatement, booked, vec![(None, REMAINING, 100)]));
    assert_eq!((books.buckets(lot), books.lot(lot).reinstated), ([0, 0, 0, 100, 0], 100));
    // What was given again cannot be found expired by a clawback.
    let taken = books.claw_back(lot, 100, Shortfall::WriteOff);
    assert_eq!((taken.missing, books.ledger.active(), books.buckets(lot)), (0, 0, [0, 0, 0, 100, 0]));
}

#[test]
fn a_clawback_takes_from_everything_in_its_order() {
    let mut books = Books::new();
    let end = NEW_YEAR.plus(DAY);
    let own = books.earn_until(100, end);
    let other = books.earn(50);
    books.spend(40);
    books.now = end;
    // 60 of its own have expired, 50 are in another lot, and 10 are missing.
    let taken = books.claw_back(own, 120, Shortfall::Debt { limit: None });
    let booked =
        vec![(Account::Available, -50), (Account::Debt, -10), (Account::Revoked, 120), (Account::Expired, -60)];
    let moves = vec![(Some(Bucket::Expired), Bucket::Revoked, 60), (Some(REMAINING), Bucket::Revoked, 50)];
    assert_eq!(last(&books), (TxnKind::Clawback, booked, moves));
    assert_eq!((books.buckets(own), books.buckets(other)), ([0, 0, 40, 0, 60], [0, 0, 0, 0, 50]));
    assert_eq!((taken.missing, books.debt()), (10, 10));
}

#[test]
fn a_clawback_takes_pending_points_first_and_never_held_ones() {
    let mut books = Books::new();
    let pending = books.earn_pending(100);
    books.claw_back(pending, 30, Shortfall::WriteOff);
    let booked = vec![(Account::Pending, -30), (Account::Revoked, 30)];
    assert_eq!(last(&books), (TxnKind::Clawback, booked, vec![(Some(REMAINING), Bucket::Revoked, 30)]));
    assert_eq!((books.buckets(pending), books.ledger.wallet.pending), ([70, 0, 0, 0, 30], 70));
    let own = books.earn(100);
    let event = books.event(Cause::Hold);
    let hold = event.source_id;
    books.ledger.hold(&event, Wish { id: hold, points: 80, expires_at: books.now.plus(DAY) }).unwrap();
    let taken = books.claw_back(own, 100, Shortfall::Debt { limit: None });
    assert_eq!((taken.missing, books.buckets(own), books.debt()), (80, [0, 80, 0, 0, 20], 80));
    // A release repays what is owed.
    let event = books.event(Cause::Hold);
    books.ledger.release(&event, hold, 80).unwrap();
    let booked = vec![(Account::Available, -80), (Account::Debt, 80)];
    assert_eq!(last(&books), (TxnKind::DebtRepayment, booked, vec![(Some(REMAINING), Bucket::Consumed, 80)]));
    assert_eq!((books.debt(), books.ledger.active()), (0, 0));
}

/// Otherwise whoever holds their points before a return keeps them.
#[test]
fn what_held_points_stand_for_is_owed_under_every_policy() {
    for (shortfall, gone, owed) in [
        (Shortfall::WriteOff, [0, 50], 100),
        (Shortfall::Settle { at_most: 20 }, [20, 0], 130),
        (Shortfall::Settle { at_most: 500 }, [50, 0], 100),
        (Shortfall::Debt { limit: Some(0) }, [0, 50], 100),
        (Shortfall::Debt { limit: Some(30) }, [0, 20], 130),
        (Shortfall::Debt { limit: None }, [0, 0], 150),
    ] {
        let mut books = Books::new();
        let lot = books.earn(150);
        books.spend(50);
        let event = books.event(Cause::Hold);
        let hold = event.source_id;
        books.ledger.hold(&event, Wish { id: hold, points: 100, expires_at: books.now.plus(DAY) }).unwrap();
        // 50 are gone and 100 on hold.
        let taken = books.claw_back(lot, 150, shortfall);
        assert_eq!(([taken.settled, taken.written_off], books.debt()), (gone, owed), "{shortfall:?}");
        let event = books.event(Cause::Hold);
        books.ledger.release(&event, hold, 100).unwrap();
        assert_eq!((books.ledger.active(), books.debt()), (0, owed - 100), "{shortfall:?}");
    }
}

#[test]
fn points_of_a_late_purchase_are_good_from_its_day() {
    let year = program::Model { validity: ValidityKind::Days, validity_count: 365, ..program() };
    let mut books = Books::with(year);
    books.earn(10);
    let lasting = Lasting::of(&books.program);
    for (days_ago, active, kinds) in
        [(100, 10 + 70, vec![TxnKind::Accrual]), (400, 10 + 70, vec![TxnKind::Accrual, TxnKind::Expiration])]
    {
        let from = books.ledger.postings().len();
        let event = books.event(Cause::ImportedOrder);
        let bought_at = Instant(books.now.micros() - days_ago * DAY);
        let event = Event { occurred_at: bought_at, ..event };
        let lot = books.ledger.accrue_late(&event, 70, &lasting).unwrap();
        let ends = lasting.until(bought_at).max(books.now);
        assert_eq!(books.lot(lot).expires_at, Some(ends.micros()), "{days_ago}");
        assert_eq!(books.ledger.active(), active, "{days_ago}");
        assert_eq!(books.booked(from).iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), kinds, "{days_ago}");
    }
}

#[test]
fn what_is_missing_is_written_off_or_settled() {
    let (mut books, mut other) = (Books::new(), Books::new());
    let lot = books.earn(100);
    books.spend(100);
    books.claw_back(lot, 100, Shortfall::WriteOff);
    let booked = vec![(Account::Debt, 100), (Account::WrittenOff, -100)];
    assert_eq!(last(&books), (TxnKind::WriteOff, booked, vec![]));
    let lot = other.earn(100);
    other.spend(100);
    // Money for 60 of them; the rest is owed.
    let taken = other.claw_back(lot, 100, Shortfall::Settle { at_most: 60 });
    let booked = vec![(Account::Debt, 60), (Account::Settled, -60)];
    assert_eq!(last(&other), (TxnKind::MoneySettlement, booked, vec![]));
    assert_eq!((taken.settled, taken.written_off, other.debt()), (60, 0, 40));
}

#[test]
fn debt_stops_at_its_limit() {
    let mut books = Books::new();
    let lot = books.earn(100);
    books.spend(100);
    let taken = books.claw_back(lot, 70, Shortfall::Debt { limit: Some(50) });
    assert_eq!((taken.missing, taken.written_off, books.debt()), (70, 20, 50));
    let taken = books.claw_back(lot, 30, Shortfall::Debt { limit: Some(50) });
    assert_eq!((taken.missing, taken.written_off, books.debt()), (30, 30, 50));
}

#[test]
fn a_transfer_keeps_each_lots_expiry() {
    let (mut sender, mut receiver) = (Books::new(), Books::new());
    let (soon, later) = (NEW_YEAR.plus(DAY), NEW_YEAR.plus(9 * DAY));
    let (second, first) = (sender.earn_until(50, later), sender.earn_until(30, soon));
    let event = sender.event(Cause::Transfer);
    let parts = sender.ledger.send(&event, 60).unwrap();
    assert_eq!(parts, [(30, soon), (30, later)]);
    let booked = vec![(Account::Available, -60), (Account::Transfer, 60)];
    let moves = vec![(Some(REMAINING), Bucket::Consumed, 30); 2];
    assert_eq!(last(&sender), (TxnKind::TransferOut, booked, moves));
    assert_eq!((sender.buckets(first), sender.buckets(second)), ([0, 0, 30, 0, 0], [20, 0, 30, 0, 0]));
    receiver.ledger.receive(&event, &parts).unwrap();
    let booked = vec![(Account::Available, 60), (Account::Transfer, -60)];
    assert_eq!(last(&receiver), (TxnKind::TransferIn, booked, vec![(None, REMAINING, 30); 2]));
    let ends: Vec<_> = receiver.ledger.shelf.iter().map(|lot| lot.expires_at).collect();
    assert_eq!(ends, [Some(soon.micros()), Some(later.micros())]);
}

#[test]
fn an_adjustment_gives_or_takes() {
    let mut books = Books::new();
    let event = books.event(Cause::Adjustment);
    let lasting = Lasting::of(&books.program);
    let lot = books.ledger.adjust_up(&event, 40, Terms::AtOnce(&lasting)).unwrap();
    let booked = vec![(Account::Available, 40), (Account::Adjusted, -40)];
    assert_eq!(last(&books), (TxnKind::Adjustment, booked, vec![(None, REMAINING, 40)]));
    let event = books.event(Cause::Adjustment);
    books.ledger.adjust_down(&event, 15).unwrap();
    let booked = vec![(Account::Available, -15), (Account::Adjusted, 15)];
    assert_eq!(last(&books), (TxnKind::Adjustment, booked, vec![(Some(REMAINING), Bucket::Consumed, 15)]));
    assert_eq!(books.buckets(lot), [25, 0, 15, 0, 0]);
}

/// A late event takes the wallet's last moment and keeps its own for the record.
#[test]
fn a_late_event_never_takes_effect_before_the_last() {
    let mut books = Books::new();
    books.earn(5);
    let event = Event { occurred_at: Instant(DAY), ..books.event(Cause::ImportedOrder) };
    let lot = books.ledger.accrue(&event, 5, Terms::AtOnce(&Lasting::of(&books.program))).unwrap();
    assert_eq!(books.ledger.postings()[1].txn.effective_at, NEW_YEAR.micros());
    assert_eq!(books.lot(lot).activates_at, Some(NEW_YEAR.micros()));
}

#[test]
fn a_wallet_holds_no_more_than_an_int() {
    let mut books = Books::new();
    books.earn_pending(crate::base::points::MAX_POINTS - 1);
    books.earn(1);
    let event = books.event(Cause::Order);
    let refused = books.ledger.accrue(&event, 1, Terms::Pending);
    assert_eq!(refused, Err(Refusal::WalletFull), "or an activation would be refused");
}

/// What is not at hand may still be due before anything that is: settling never forgets it.
#[test]
fn settling_keeps_in_mind_what_is_not_at_hand() {
    let mut books = Books::new();
    let (soon, later) = (NEW_YEAR.plus(DAY), NEW_YEAR.plus(2 * DAY));
    books.earn_until(10, soon);
    let pending = books.earn_pending(5);
    let row = books.lot(pending).clone();
    // The next command loads nothing but the pending lot, which is delivered and active at once.
    let mut ledger = Ledger::new(books.ledger.wallet.clone(), Shelf::default()).copy(Series::new(Id::from_u128(9)));
    ledger.shelf.add(row);
    ledger.deliver(pending, books.now, later).unwrap();
    ledger.settle(books.now, books.now, 1).unwrap();
    assert_eq!((ledger.active(), ledger.wallet.next_due), (15, Some(soon.micros())));
}

/// With only the first lots at hand, spending goes as with all of them, or asks for more; never out of order.
#[test]
fn a_shelf_knows_how_far_it_can_be_trusted() {
    let mut all = Books::new();
    let lots: Vec<Id> = (1..=4).map(|n| all.earn_until(10, NEW_YEAR.plus(n * DAY))).collect();
    let rows: Vec<lot::Model> = lots.iter().map(|id| all.lot(*id).clone()).collect();
    for loaded in 1..=4 {
        let mut shelf = Shelf::default();
        shelf.stock(rows[..loaded].to_vec(), loaded);
        // One that is needed for itself, beyond what was loaded, is not spent before its turn.
        shelf.add(rows[3].clone());
        match shelf.pick(15, 40) {
            Some(picked) => assert_eq!(picked, [(lots[0], 10), (lots[1], 5)], "{loaded} lots"),
            None => assert!(loaded < 2, "{loaded} lots are enough"),
        }
        // With the first three and the last at hand, nothing can be missing: they are all that the wallet has.
        assert_eq!(shelf.pick(35, 40).is_some(), loaded >= 3, "{loaded} lots");
    }
}

/// A wallet in which nothing is due is loaded without its lots. A new lot that is over before they are must not make it
/// forget them.
#[test]
fn what_was_not_loaded_stays_due() {
    let mut books = Books::new();
    let far = NEW_YEAR.plus(900 * DAY);
    books.earn_until(10, far);
    let wallet = books.ledger.wallet.clone();
    assert_eq!(wallet.next_due, Some(far.micros()));
    books.ledger = Ledger::new(wallet, Shelf::default()).copy(Series::new(Id::from_u128(1 << 71)));
    books.earn_until(5, NEW_YEAR.plus(DAY));
    books.now = NEW_YEAR.plus(2 * DAY);
    books.event(Cause::Order);
    assert_eq!(last(&books).0, TxnKind::Expiration);
    assert_eq!(books.ledger.wallet.next_due, Some(far.micros()));
}

/// A group that loads nothing due, because nothing was, must not forget what is due later in lots it did not load: a
/// command may make something due in the group and settle it.
#[test]
fn what_is_due_later_in_lots_that_were_not_loaded_is_not_forgotten() {
    let end = NEW_YEAR.plus(30 * DAY);
    let mut books = Books::new();
    let pending = books.earn_pending(100);
    books.earn_until(50, end);
    let mut shelf = Shelf::default();
    shelf.add(books.lot(pending).clone());
    books.ledger = Ledger::new(books.ledger.wallet.clone(), shelf).copy(Series::new(Id::from_u128(1 << 71)));
    books.ledger.deliver(pending, NEW_YEAR, Instant::NEVER).unwrap();
    books.ledger.settle(NEW_YEAR, NEW_YEAR, 1).unwrap();
    assert_eq!((books.ledger.active(), books.ledger.wallet.next_due), (150, Some(end.micros())));
}
