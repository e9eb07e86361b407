//! Thousands of random histories of a wallet, beside a reference that is too simple to be wrong.
//!
//! The reference keeps every single point as a piece of its own, and finds out what a wallet holds by counting pieces.
//! It shares no code with the rules.

use proptest::prelude::*;

use super::*;

/// What happens to a wallet, a number of hours after the last event (or before: some events come late).
#[derive(Clone, Debug)]
enum Step {
    Earn { points: i64, hours: i64, good_for_hours: Option<i64> },
    Spend { points: i64, hours: i64 },
}

const HOUR: i64 = DAY / 24;

fn step() -> impl Strategy<Value = Step> {
    let hours = -3_i64..12;
    let good_for_hours = prop_oneof![3 => Just(None), 2 => (1_i64..60).prop_map(Some)];
    prop_oneof![
        (1_i64..40, hours.clone(), good_for_hours).prop_map(|(points, hours, good_for_hours)| Step::Earn {
            points,
            hours,
            good_for_hours
        }),
        (1_i64..60, hours).prop_map(|(points, hours)| Step::Spend { points, hours }),
    ]
}

/// One point.
#[derive(Clone, Debug)]
struct Piece {
    /// Expiry, activation and id of its lot: the order in which pieces are spent.
    order: (i64, i64, Id),
    spent: bool,
}

/// Every point there ever was.
#[derive(Default)]
struct Reference {
    pieces: Vec<Piece>,
}

impl Reference {
    fn unspent(&self) -> i64 {
        self.pieces.iter().filter(|piece| !piece.spent).count() as i64
    }

    fn spendable(&self, moment: i64) -> i64 {
        self.pieces.iter().filter(|piece| !piece.spent && piece.order.0 > moment).count() as i64
    }

    /// Spends piece by piece, each time the one that comes first of all.
    fn spend(&mut self, points: i64, moment: i64) {
        for _ in 0..points {
            let good = self.pieces.iter_mut().filter(|piece| !piece.spent && piece.order.0 > moment);
            good.min_by_key(|piece| piece.order).expect("there are enough").spent = true;
        }
    }

    /// Of a lot: what is left and what was spent.
    fn lot(&self, id: Id) -> (i64, i64) {
        let of_lot = self.pieces.iter().filter(|piece| piece.order.2 == id);
        of_lot.fold((0, 0), |(left, spent), piece| if piece.spent { (left, spent + 1) } else { (left + 1, spent) })
    }
}

/// A wallet as the database would keep it.
struct Books {
    wallet: wallet::Model,
    lots: Vec<lot::Model>,
    bookings: Vec<Booking>,
}

impl Books {
    fn apply(&mut self, booking: Booking, expires_at: Option<i64>) {
        for changed in &booking.changed {
            let known = self.lots.iter_mut().find(|lot| lot.id == changed.id).expect("only known lots change");
            *known = changed.clone();
        }
        let opened = booking.opened.iter().cloned();
        self.lots.extend(opened.map(|lot| lot::Model { expires_at: expires_at.or(lot.expires_at), ..lot }));
        self.lots.sort_by_key(spend_order);
        self.wallet = booking.wallet.clone();
        self.bookings.push(booking);
    }

    fn unspent_lots(&self) -> Vec<lot::Model> {
        self.lots.iter().filter(|lot| lot.remaining > 0).cloned().collect()
    }
}

/// Runs a history through the rules and the reference, which must agree after every step.
fn run(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut reference = Reference::default();
    let mut books = Books { wallet: wallet(), lots: Vec::new(), bookings: Vec::new() };
    let mut clock = 1_000 * HOUR;
    for (step, id) in steps.iter().zip(1_000_u128..) {
        let before = books.wallet.clone();
        let (Step::Earn { hours, .. } | Step::Spend { hours, .. }) = step;
        let occurred_at = Instant(clock + hours * HOUR);
        clock = clock.max(occurred_at.micros());
        match step {
            Step::Earn { points, good_for_hours, .. } => {
                let lot_id = Id::from_u128(id.wrapping_mul(0x9E37_79B9_7F4A_7C15));
                let booking = accrue(&before, &event(id, Cause::Order, occurred_at), *points, lot_id);
                let booking = booking.expect("there is room");
                let activates_at = booking.txn.effective_at;
                let expires_at = good_for_hours.map_or(i64::MAX, |hours| activates_at + hours * HOUR);
                let piece = Piece { order: (expires_at, activates_at, lot_id), spent: false };
                reference.pieces.extend(std::iter::repeat_n(piece, *points as usize));
                books.apply(booking, Some(expires_at));
            }
            Step::Spend { points, .. } => {
                let moment = occurred_at.micros().max(before.effective_at);
                let lots = books.unspent_lots();
                let outcome = redeem(&before, &lots, &event(id, Cause::Redemption, occurred_at), *points);
                partial_loading_changes_nothing(&before, &lots, &event(id, Cause::Redemption, occurred_at), *points)?;
                let spendable = reference.spendable(moment);
                match outcome {
                    Ok(booking) => {
                        prop_assert!(spendable >= *points);
                        reference.spend(*points, moment);
                        books.apply(booking, None);
                    }
                    Err(refusal) => {
                        let expected = Refusal::NotEnoughPoints { required: *points, active: spendable };
                        prop_assert_eq!(refusal, expected);
                    }
                }
            }
        }
        agree(&reference, &books)?;
    }
    chain_holds(&books)
}

/// With only the first lots at hand, a redemption is booked exactly as with all of them, or asks for more. It is never
/// refused for want of points that are in lots not loaded.
fn partial_loading_changes_nothing(
    wallet: &wallet::Model,
    lots: &[lot::Model],
    event: &Event,
    points: i64,
) -> Result<(), TestCaseError> {
    let full = redeem(wallet, lots, event, points);
    for loaded in 0..lots.len() {
        match (redeem(wallet, &lots[..loaded], event, points), &full) {
            (Ok(part), Ok(full)) => {
                prop_assert_eq!(&part.txn, &full.txn);
                prop_assert_eq!(&part.changed, &full.changed);
            }
            (Err(Refusal::MoreLots), _) => {}
            // Lots that have lapsed come first, so what is seen of them can already be enough to refuse.
            (Err(Refusal::NotEnoughPoints { .. }), Err(Refusal::NotEnoughPoints { .. })) => {}
            (part, full) => prop_assert!(false, "{loaded} lots: {part:?}, all lots: {full:?}"),
        }
    }
    Ok(())
}

fn agree(reference: &Reference, books: &Books) -> Result<(), TestCaseError> {
    prop_assert_eq!(books.wallet.posted, reference.unspent());
    for lot in &books.lots {
        let (left, spent) = reference.lot(lot.id);
        prop_assert_eq!(buckets(lot), [left, 0, spent, 0, 0]);
        prop_assert_eq!(lot.granted, left + spent);
    }
    Ok(())
}

/// Double entry, balances, numbers, moments and hashes from the first transaction to the last; conservation at the end.
fn chain_holds(books: &Books) -> Result<(), TestCaseError> {
    let (mut hash, mut moment, mut balance, mut house) = (wallet().head_hash, 0, 0, 0);
    for (booking, seq) in books.bookings.iter().zip(1..) {
        let Booking { txn, entries, allocations, opened, .. } = booking;
        prop_assert_eq!(entries.iter().map(|entry| entry.points).sum::<i64>(), 0);
        let of = |account| entries.iter().filter(move |entry| entry.account == account).map(|entry| entry.points);
        balance += of(Account::Available).sum::<i64>();
        house += of(Account::Issued).sum::<i64>() + of(Account::Redeemed).sum::<i64>();
        prop_assert_eq!((txn.seq, txn.available_after, &txn.prev_hash), (seq, balance, &hash));
        prop_assert!(txn.effective_at >= moment);
        prop_assert_eq!(&txn.hash, &super::hash::of(txn, entries, allocations, opened));
        let into_lots =
            allocations.iter().map(|part| if part.taken_from.is_none() { part.points } else { -part.points });
        prop_assert_eq!(into_lots.sum::<i64>(), txn.points);
        hash = txn.hash.clone();
        moment = txn.effective_at;
    }
    prop_assert_eq!((&books.wallet.head_hash, books.wallet.seq), (&hash, books.bookings.len() as i64));
    prop_assert_eq!(books.wallet.posted, -house);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_agree_with_a_reference(steps in proptest::collection::vec(step(), 1..40)) {
        run(&steps)?;
    }
}
