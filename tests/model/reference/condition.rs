//! When earning rules apply, asked in the plainest way.

use crate::reference::calendar::{day_of, second_of_day, weekday_of};
use crate::reference::tier::InTier;
use crate::rules::{If, Told, Way};
use crate::world::CATEGORIES;

/// What rules are asked about: a basket, or an event.
pub struct Occasion<'a> {
    pub at: i64,
    pub zone: &'a str,
    pub items: Vec<Item>,
    pub way: Way,
    /// The member has no other order but such as came back as a whole.
    pub is_first: bool,
    pub tier: Option<InTier>,
    pub event: Option<&'a Told>,
}

/// A line, as far as it has not come back.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub product: usize,
    pub quantity: i64,
    /// What it costs after discounts, and what of that earns.
    pub net: i64,
    pub basis: i64,
}

impl Occasion<'_> {
    /// Which items a rule is for; `None` if it does not apply.
    pub fn meets(&self, condition: &If) -> Option<Vec<bool>> {
        let lines: Vec<bool> = self.items.iter().map(|item| self.holds(condition, Some(item))).collect();
        let applies = if self.event.is_some() { self.holds(condition, None) } else { lines.contains(&true) };
        applies.then_some(lines)
    }

    fn holds(&self, condition: &If, item: Option<&Item>) -> bool {
        let day = day_of(self.zone, self.at);
        match condition {
            If::All(parts) => !parts.iter().any(|part| !self.holds(part, item)),
            If::Any(parts) => parts.iter().any(|part| self.holds(part, item)),
            If::Not(part) => !self.holds(part, item),
            If::Products(places) => item.is_some_and(|item| places.contains(&item.product)),
            If::Category(category) => item.is_some_and(|item| item.product % CATEGORIES == *category),
            If::Spend { least, of } => self.sum(of, |item| item.net) >= *least,
            If::Quantity { least, of } => self.sum(of, |item| item.quantity) >= *least,
            If::First => self.is_first && self.event.is_none(),
            If::By(channel) => self.way.channel == Some(*channel),
            If::Vip => self.way.vip,
            If::Tier(names) => self.tier.is_some_and(|tier| names.contains(&tier.name)),
            If::Weekdays(days) => days.contains(&weekday_of(day)),
            If::Hours(from, until) => {
                let hour = (second_of_day(self.zone, self.at) / 3_600) as i8;
                let past_midnight = if hour < *from { hour + 24 } else { hour };
                let end = if until < from { until + 24 } else { *until };
                (*from..end).contains(&past_midnight)
            }
            If::Days(from, to) => *from <= day && day <= *to,
            If::Units { least, most } => self
                .event
                .and_then(|told| told.units)
                .is_some_and(|units| least.is_none_or(|least| units >= least) && most.is_none_or(|most| units <= most)),
        }
    }

    fn sum(&self, of: &[usize], amount: fn(&Item) -> i64) -> i64 {
        self.items.iter().filter(|item| of.is_empty() || of.contains(&item.product)).map(amount).sum()
    }
}
