//! Figures of a period, told apart by tiers or by what gave points.

use std::collections::BTreeMap;

use crate::base::id::Id;
use crate::domain::report::entity::Figure;

/// By what figures are told apart, beside the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    Nothing,
    Tier,
    Rule,
}

/// Whose figures they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Everybody,
    /// Members who had this tier, or none.
    Tier(Option<Id>),
    /// What the program's own rate gave, a rule, or the multiplier of a tier.
    Base,
    Rule(Id),
    Multiplier(Id),
}

/// The figures of a group in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    figures: BTreeMap<Figure, i64>,
    pub active_members: i64,
}

impl Tally {
    pub fn of(&self, figure: Figure) -> i64 {
        self.figures.get(&figure).copied().unwrap_or(0)
    }

    fn add(&mut self, figure: Figure, amount: i64) {
        *self.figures.entry(figure).or_default() += amount;
    }
}

/// The tallies of some periods, by the place of the period.
#[derive(Clone, Debug)]
pub struct Tallies {
    group_by: GroupBy,
    pub rows: BTreeMap<(usize, Group), Tally>,
}

impl Tallies {
    /// Of so many periods. Without groups each has a row; with groups there are those of which something was counted.
    pub fn new(group_by: GroupBy, periods: usize) -> Tallies {
        let all = if group_by == GroupBy::Nothing { periods } else { 0 };
        Tallies { group_by, rows: (0..all).map(|place| ((place, Group::Everybody), Tally::default())).collect() }
    }

    /// Adds a figure of a period. `id` is the tier's or the source's, by which figures are told apart.
    pub fn add(&mut self, place: usize, figure: Figure, id: Option<Id>, amount: i64) {
        let of_source = matches!(
            figure,
            Figure::RuleGiven | Figure::RuleTakenBack | Figure::MultiplierGiven | Figure::MultiplierTakenBack
        );
        match self.group_by {
            // What rules gave is part of what was issued.
            GroupBy::Nothing | GroupBy::Tier if of_source => {}
            GroupBy::Nothing => self.book(place, Group::Everybody, figure, amount),
            GroupBy::Tier => self.book(place, Group::Tier(id), figure, amount),
            GroupBy::Rule => self.add_given(place, figure, id, amount),
        }
    }

    /// Points of a rule or a multiplier are not of the program's own rate, which has what is left of all.
    fn add_given(&mut self, place: usize, figure: Figure, source: Option<Id>, amount: i64) {
        let (group, figure) = match (figure, source) {
            (Figure::Issued | Figure::Revoked, _) => return self.book(place, Group::Base, figure, amount),
            (Figure::RuleGiven, Some(id)) => (Group::Rule(id), Figure::Issued),
            (Figure::RuleTakenBack, Some(id)) => (Group::Rule(id), Figure::Revoked),
            (Figure::MultiplierGiven, Some(id)) => (Group::Multiplier(id), Figure::Issued),
            (Figure::MultiplierTakenBack, Some(id)) => (Group::Multiplier(id), Figure::Revoked),
            _ => return,
        };
        self.book(place, group, figure, amount);
        self.book(place, Group::Base, figure, -amount);
    }

    fn book(&mut self, place: usize, group: Group, figure: Figure, amount: i64) {
        self.rows.entry((place, group)).or_default().add(figure, amount);
    }

    /// Notes how many members of a period, or of a tier in it, were active.
    pub fn add_active(&mut self, place: usize, tier_id: Option<Id>, members: i64) {
        let group = if self.group_by == GroupBy::Tier { Group::Tier(tier_id) } else { Group::Everybody };
        self.rows.entry((place, group)).or_default().active_members += members;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_rate_has_what_rules_did_not_give() {
        let (rule, tier) = (Id::from_u128(1), Id::from_u128(2));
        let mut tallies = Tallies::new(GroupBy::Rule, 3);
        for (figure, id, amount) in [
            (Figure::RuleGiven, Some(rule), 50),
            (Figure::Issued, None, 190),
            (Figure::MultiplierGiven, Some(tier), 40),
            (Figure::Revoked, None, 70),
            (Figure::RuleTakenBack, Some(rule), 20),
            (Figure::Redeemed, None, 999),
        ] {
            tallies.add(2, figure, id, amount);
        }
        let told: Vec<_> = tallies
            .rows
            .iter()
            .map(|((place, group), tally)| (*place, *group, tally.of(Figure::Issued), tally.of(Figure::Revoked)))
            .collect();
        let expected = [(2, Group::Base, 100, 50), (2, Group::Rule(rule), 50, 20), (2, Group::Multiplier(tier), 40, 0)];
        assert_eq!(told, expected);
    }

    #[test]
    fn every_period_has_a_row_unless_it_is_told_apart() {
        let mut whole = Tallies::new(GroupBy::Nothing, 2);
        whole.add(1, Figure::RuleGiven, None, 50);
        whole.add(1, Figure::Issued, None, 90);
        whole.add_active(0, None, 3);
        let told: Vec<_> = whole.rows.values().map(|tally| (tally.of(Figure::Issued), tally.active_members)).collect();
        assert_eq!(told, [(0, 3), (90, 0)]);
        assert!(Tallies::new(GroupBy::Tier, 2).rows.is_empty());
    }
}
