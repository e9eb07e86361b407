//! Programs in which anything may be set.

use jifen::base::id::Id;
use jifen::domain::points::entity::{RoundingKind, ShortfallPolicy, ValidityKind, program};

use super::Dice;

/// A program in which anything may be set.
pub fn any_program(dice: &Dice, version: i64) -> program::Model {
    let usual = program::Model::usual(Id::from_u128(1), 0);
    let (validity, validity_count) = *dice.pick(&[
        (ValidityKind::None, 0),
        (ValidityKind::Days, 3),
        (ValidityKind::Days, 20),
        (ValidityKind::Months, 1),
        (ValidityKind::EndOfMonth, 0),
    ]);
    // 3 points for 2 fen are spent in threes.
    let (exchange_points, exchange_minor, step) = *dice.pick(&[(100, 100, 1), (3, 2, 3), (1, 5, 1)]);
    program::Model {
        version,
        earn_points: 1 + dice.roll(40),
        rounding: *dice.pick(&[RoundingKind::Floor, RoundingKind::HalfUp, RoundingKind::Ceil]),
        exchange_points,
        exchange_minor,
        redemption_step: step,
        redemption_minimum: step,
        payable_percent: *dice.pick(&[100, 50]),
        earn_on_points: dice.once_in(3),
        earn_on_tax: !dice.once_in(3),
        return_window_days: *dice.pick(&[None, Some(0), Some(7)]),
        validity,
        validity_count,
        grace_days: *dice.pick(&[0, 10]),
        shortfall: *dice.pick(&[
            ShortfallPolicy::AllowDebt,
            ShortfallPolicy::AllowDebt,
            ShortfallPolicy::WriteOff,
            ShortfallPolicy::DeductFromRefund,
        ]),
        debt_limit: dice.once_in(4).then_some(300),
        ..usual
    }
}
