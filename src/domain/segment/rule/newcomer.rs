//! What a filter says of somebody who registers on a day and has done nothing yet: what a visitor is told of segments.

use crate::base::id::Id;
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::part::{LastPurchase, Range, Registered};
use crate::domain::segment::rule::today::Today;

/// Somebody who would register.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    pub today: &'a Today,
    /// The tier in which members begin; nothing where the program has none.
    pub tier_id: Option<Id>,
}

impl Newcomer<'_> {
    /// Whether they would fit. They bear no tag, have told no birthday, have bought nothing and have no points.
    pub fn fits(self, filter: &Filter) -> bool {
        match filter {
            Filter::All(parts) => parts.iter().all(|part| self.fits(part)),
            Filter::Any(parts) => parts.iter().any(|part| self.fits(part)),
            Filter::Not(part) => !self.fits(part),
            Filter::Tiers(tiers) => self.tier_id.is_some_and(|id| tiers.contains(&id)),
            Filter::Spend(sum) | Filter::Orders(sum) => has_nothing(sum.range),
            Filter::Points(range) => has_nothing(*range),
            Filter::LastPurchase(last) => *last == LastPurchase::Never,
            Filter::Registered(registered) => self.registers(*registered),
            Filter::Tags(_) | Filter::Birthday(_) | Filter::Expiring(_) | Filter::Imported => false,
        }
    }

    fn registers(self, Registered { from, to, least_days, most_days: _ }: Registered) -> bool {
        let today = self.today.date;
        from.is_none_or(|from| from <= today)
            && to.is_none_or(|to| today <= to)
            && least_days.is_none_or(|days| days == 0)
    }
}

fn has_nothing(Range { least, .. }: Range) -> bool {
    least.is_none_or(|least| least <= 0)
}
