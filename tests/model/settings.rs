//! Versions of the program by chance. Each goes together as the program's own check wants it.

use jifen::domain::points::entity::{RoundingKind, ShortfallPolicy, TransferPolicy, ValidityKind, program};
use jifen::domain::points::rule::program::check;

use crate::dice::Dice;

/// Zones whose days are 24 hours, whose clocks change at two in the morning, at midnight, and by half an hour.
const ZONES: [&str; 7] = [
    "Asia/Shanghai",
    "UTC",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/Havana",
];

/// The version that a script begins with: nothing as usual.
pub fn first(dice: &mut Dice, usual: &program::Model) -> program::Model {
    let mut first = usual.clone();
    (0..40).for_each(|_| change(dice, &mut first));
    first.household_size = dice.one_of([0, 2, 3, 5, 5]);
    fitting(first)
}

/// The next version, which changes some settings of the one before.
pub fn next(dice: &mut Dice, before: &program::Model) -> program::Model {
    let mut next = before.clone();
    for _ in 0..dice.within(2, 9) {
        change(dice, &mut next);
    }
    let next = fitting(next);
    debug_assert_eq!(check(&next), Ok(()));
    next
}

/// Points that pay do not earn where they would earn themselves.
fn fitting(settings: program::Model) -> program::Model {
    let cost = settings.exchange_points * settings.earn_minor;
    let earn_on_points = settings.earn_on_points && settings.earn_points * settings.exchange_minor < cost;
    program::Model { earn_on_points, ..settings }
}

fn change(dice: &mut Dice, next: &mut program::Model) {
    match dice.below(17) {
        0 => (next.earn_points, next.earn_minor) = dice.one_of([(10, 100), (3, 7), (1, 100), (25, 10), (999, 1_000)]),
        1 => {
            let (points, minor, step) = dice.one_of([(100, 100, 1), (3, 2, 3), (500, 100, 5), (1, 3, 1), (6, 4, 6)]);
            (next.exchange_points, next.exchange_minor, next.redemption_step) = (points, minor, step);
            next.redemption_minimum = step * dice.one_of([1, 1, 4, 20]);
        }
        2 => next.rounding = dice.one_of([RoundingKind::Floor, RoundingKind::HalfUp, RoundingKind::Ceil]),
        3 => next.time_zone = dice.one_of(ZONES).to_owned(),
        4 => next.payable_percent = dice.one_of([0, 33, 50, 100, 100, 100, 100]),
        5 => (next.earn_on_points, next.earn_on_tax) = (dice.chance(50), dice.chance(60)),
        6 | 7 => next.return_window_days = dice.one_of([None, None, None, Some(0), Some(1), Some(7)]),
        8 | 9 => {
            (next.validity, next.validity_count) = dice.one_of([
                (ValidityKind::None, 0),
                (ValidityKind::Days, 200),
                (ValidityKind::Days, 1),
                (ValidityKind::Days, 10),
                (ValidityKind::Months, 1),
                (ValidityKind::Months, 12),
                (ValidityKind::EndOfMonth, 0),
                (ValidityKind::EndOfMonth, 1),
                (ValidityKind::EndOfQuarter, 1),
                (ValidityKind::EndOfYear, 0),
            ]);
        }
        10 => next.grace_days = dice.one_of([0, 1, 30]),
        11 => {
            let policies = [ShortfallPolicy::AllowDebt, ShortfallPolicy::WriteOff, ShortfallPolicy::DeductFromRefund];
            next.shortfall = dice.one_of(policies);
            let may_owe = next.shortfall == ShortfallPolicy::AllowDebt;
            next.debt_limit = if may_owe { dice.one_of([None, None, Some(0), Some(100)]) } else { None };
        }
        12 => next.hold_minutes = dice.one_of([60, 3_000, 43_200, 43_200]),
        13 | 14 => {
            next.transfers = dice.one_of([TransferPolicy::Nobody, TransferPolicy::Anybody, TransferPolicy::Anybody]);
            next.transfer_minimum = dice.one_of([1, 1, 5]);
            next.transfer_daily_limit = dice.one_of([None, Some(150), Some(400)]);
        }
        15 => next.household_size = dice.one_of([0, 1, 3, 5, 5]),
        _ => {
            next.approval_threshold = dice.one_of([0, 150, 10_000]);
            next.reinstatement_days = dice.one_of([0, 1, 90]);
        }
    }
}
