//! Tiers by chance, which are often reached, and lost again within days.

use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::domain::tier::entity::{Basis, CountedOver, Downgrade};
use jifen::domain::tier::rule::change::{Revision, Settings, TierSettings};
use jifen::domain::tier::rule::terms::TierSet;

use super::Dice;

/// The tiers of a version of the program: none at all, or two or three by any measure. A tier has one id in all versions,
/// and the highest may be gone in the next.
pub fn any_tiers(dice: &Dice, version: i64, created_at: Instant) -> Option<Arc<TierSet>> {
    if dice.once_in(4) {
        return None;
    }
    let basis = *dice.pick(&[Basis::Points, Basis::Spend, Basis::Visits]);
    let steps = match basis {
        Basis::Points => [1 + dice.roll(3_000), 1 + dice.roll(20_000)],
        Basis::Spend => [1 + dice.roll(50_000), 1 + dice.roll(200_000)],
        Basis::Visits => [1 + dice.roll(2), 1 + dice.roll(4)],
    };
    let counted_over = *dice.pick(&[
        CountedOver::Lifetime,
        CountedOver::CalendarYear,
        CountedOver::Anniversary,
        CountedOver::RollingDays,
        CountedOver::RollingDays,
    ]);
    let tiers = [0, steps[0], steps[0] + steps[1]].into_iter().zip(1..).map(|(threshold, number)| TierSettings {
        id: Some(Id::from_u128((5 << 64) + number)),
        code: format!("TIER_{number}"),
        name: "Tier".to_owned(),
        threshold,
        multiplier: *dice.pick(&[10_000, 10_001, 12_345, 15_000, 30_000]),
        benefits: Vec::new(),
    });
    let settings = Settings {
        basis,
        counted_over,
        counted_days: (counted_over == CountedOver::RollingDays).then(|| *dice.pick(&[1, 5, 30])),
        downgrade: *dice.pick(&[Downgrade::OneDown, Downgrade::ToQualified]),
        grace_days: *dice.pick(&[0, 3]),
        undone_by_returns: !dice.once_in(4),
        tiers: tiers.take(2 + dice.roll(2) as usize).collect(),
    };
    let (id, program_id, author_id) = (Id::from_u128(5 << 64), Id::from_u128(1), Id::from_u128(9));
    let of = Revision { id, revision: version, program_id, version, author_id, created_at };
    Some(Arc::new(settings.set(of, Id::nil)))
}
