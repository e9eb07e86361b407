//! How many points will be redeemed in the end, by how those of earlier months expired.
//!
//! A cohort is the points that came in one month, less those that were taken back or given away. For each month of age,
//! the share of all older cohorts that expired at that age is what younger ones are expected to lose when they reach it
//! (an additive chain ladder). Whatever nobody has seen expire is expected to be redeemed: without a past, all of it is. A
//! cohort never redeems less than it has already, nor more than has not expired.

use crate::domain::points::entity::{Bucket, TxnKind};

use super::revenue::WHOLE;

/// Shares are summed in finer parts than they are told in.
const FINE: i128 = 1_000_000_000_000;

/// What became of a cohort's points in one month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    pub granted: i64,
    pub redeemed: i64,
    pub expired: i64,
    /// Taken back, given away, or taken for a debt: they were never there to be redeemed, or were before.
    pub withdrawn: i64,
}

impl Fate {
    /// What points that moved within a lot mean: from one of its buckets, or none when they came, to another.
    pub fn of(kind: TxnKind, taken_from: Option<Bucket>, given_to: Bucket, points: i64) -> Fate {
        let mut fate = Fate::default();
        match (taken_from, given_to) {
            (None, _) => fate.granted = points,
            (Some(Bucket::Consumed), _) => fate.redeemed = -points,
            (Some(Bucket::Expired), _) => (fate.expired, fate.withdrawn) = (-points, points),
            (_, Bucket::Expired) => fate.expired = points,
            (_, Bucket::Consumed) if kind == TxnKind::Redemption => fate.redeemed = points,
            _ => fate.withdrawn = points,
        }
        fate
    }

    pub fn add(&mut self, other: &Fate) {
        self.granted += other.granted;
        self.redeemed += other.redeemed;
        self.expired += other.expired;
        self.withdrawn += other.withdrawn;
    }
}

/// Every cohort from the first month on, and what became of it in each month of its age.
#[derive(Clone, Debug, Default)]
pub struct Triangle(Vec<Vec<Fate>>);

/// A cohort by the end of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The month in which its points came.
    pub month: usize,
    pub redeemable: i64,
    pub redeemed: i64,
    pub expired: i64,
    /// The share that will be redeemed in the end, in millionths.
    pub expected: i64,
}

impl Cohort {
    /// Whether no point came in its month that is still of it.
    pub fn is_empty(&self) -> bool {
        (self.redeemable, self.redeemed, self.expired) == (0, 0, 0)
    }

    pub fn open(&self) -> i64 {
        self.redeemable - self.redeemed - self.expired
    }
}

impl Triangle {
    /// One of so many months, in which nothing has happened.
    pub fn of(months: usize) -> Triangle {
        Triangle((0..months).map(|cohort| vec![Fate::default(); months - cohort]).collect())
    }

    /// What became of a cohort in a month, which is not before its own.
    pub fn of_cohort(&mut self, cohort: usize, month: usize) -> Option<&mut Fate> {
        self.0.get_mut(cohort)?.get_mut(month.checked_sub(cohort)?)
    }

    /// The cohorts as of the beginning of a month, by the months that are over.
    pub fn as_of(&self, month: usize) -> Vec<Cohort> {
        let over = month.min(self.0.len());
        let sums: Vec<Fate> = (0..over).map(|cohort| self.sum(cohort, over)).collect();
        let losses = self.losses(&sums);
        let cohorts = sums.iter().enumerate().map(|(cohort, sum)| {
            let redeemable = sum.granted - sum.withdrawn;
            // The cohort has lived through this many months; what follows is still to come.
            let to_come: i128 = losses[over - cohort..].iter().sum();
            let expected = expected(sum, redeemable, to_come);
            Cohort { month: cohort, redeemable, redeemed: sum.redeemed, expired: sum.expired, expected }
        });
        cohorts.collect()
    }

    fn sum(&self, cohort: usize, over: usize) -> Fate {
        let mut sum = Fate::default();
        self.0[cohort].iter().take(over - cohort).for_each(|fate| sum.add(fate));
        sum
    }

    /// The share that expires at each age, of all cohorts that have lived through it; and nothing at the age that none has.
    fn losses(&self, sums: &[Fate]) -> Vec<i128> {
        let over = sums.len();
        let at_age = |age: usize| {
            let lived = 0..over - age;
            let expired: i128 = lived.clone().map(|cohort| i128::from(self.0[cohort][age].expired)).sum();
            let redeemable: i128 = lived.map(|cohort| i128::from(sums[cohort].granted - sums[cohort].withdrawn)).sum();
            if redeemable > 0 { (expired * FINE / redeemable).clamp(0, FINE) } else { 0 }
        };
        (0..over).map(at_age).chain([0]).collect()
    }
}

fn expected(sum: &Fate, redeemable: i64, to_come: i128) -> i64 {
    if redeemable <= 0 {
        return WHOLE;
    }
    let whole = i128::from(redeemable);
    let lost = i128::from(sum.expired) * FINE + whole * to_come;
    let kept = whole * FINE - lost;
    // It is rounded down only here, and never below what was redeemed.
    let least = i128::from(sum.redeemed) * FINE;
    let share = kept.max(least).max(0) * i128::from(WHOLE) / (whole * FINE);
    i64::try_from(share).unwrap_or(WHOLE).min(WHOLE)
}

/// The share of all points that ever came which will be redeemed in the end, in millionths.
pub fn overall(cohorts: &[Cohort]) -> i64 {
    let there = cohorts.iter().filter(|cohort| cohort.redeemable > 0);
    let (redeemed, whole) = there.fold((0, 0), |(redeemed, whole), cohort| {
        let points = i128::from(cohort.redeemable);
        (redeemed + points * i128::from(cohort.expected), whole + points)
    });
    if whole == 0 { WHOLE } else { i64::try_from(redeemed / whole).unwrap_or(WHOLE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cohorts of 1,000 points in three months. Of each, 200 are redeemed at once, and 300 expire in the month after.
    fn three_months() -> Triangle {
        let mut triangle = Triangle::of(3);
        for cohort in 0..3 {
            let fate = triangle.of_cohort(cohort, cohort).expect("a month");
            *fate = Fate { granted: 1_050, redeemed: 200, expired: 0, withdrawn: 50 };
        }
        for cohort in 0..2 {
            triangle.of_cohort(cohort, cohort + 1).expect("a month").expired = 300;
        }
        triangle
    }

    #[test]
    fn the_young_are_expected_to_lose_what_the_old_lost() {
        let cohorts = three_months().as_of(3);
        let expected: Vec<_> = cohorts.iter().map(|cohort| (cohort.expected, cohort.open())).collect();
        assert_eq!(expected, [(700_000, 500), (700_000, 500), (700_000, 800)]);
        assert_eq!(overall(&cohorts), 700_000);
    }

    #[test]
    fn what_nobody_saw_expire_is_expected_to_be_redeemed() {
        assert_eq!(three_months().as_of(1)[0].expected, WHOLE);
        assert_eq!(overall(&three_months().as_of(0)), WHOLE);
        assert_eq!(overall(&Triangle::of(0).as_of(7)), WHOLE);
    }

    #[test]
    fn no_cohort_redeems_less_than_it_has_or_more_than_is_left() {
        let mut triangle = three_months();
        // The youngest has redeemed more than the older ones leave it.
        triangle.of_cohort(2, 2).expect("a month").redeemed = 900;
        assert_eq!(triangle.as_of(3)[2].expected, 900_000);
        triangle.of_cohort(0, 2).expect("a month").expired = 500;
        let cohorts = triangle.as_of(3);
        assert_eq!(cohorts[0].expected, 200_000);
        // The second has the oldest's last loss before it.
        assert_eq!(cohorts[1].expected, 200_000);
    }

    #[test]
    fn a_month_that_is_over_says_the_same_for_ever() {
        let mut triangle = three_months();
        let then = triangle.as_of(2);
        triangle.of_cohort(0, 2).expect("a month").expired = 100;
        triangle.of_cohort(1, 2).expect("a month").withdrawn = 100;
        assert_eq!(triangle.as_of(2), then);
    }

    #[test]
    fn no_month_comes_before_its_cohort() {
        assert_eq!(Triangle::of(2).of_cohort(1, 0), None);
        assert_eq!(Triangle::of(2).of_cohort(2, 2), None);
    }
}
