//! What is missing for a tier to be kept is exactly that.

use proptest::prelude::*;

use super::*;
use crate::base::clock::DAY;
use crate::domain::tier::rule::keep::Keep;

impl Member {
    fn keep(&mut self) -> Option<Keep> {
        self.decide(|career| career.keep().map(|_| ()));
        self.career.keep().expect("every sum is known by now")
    }

    fn like(&self) -> Member {
        Member { career: self.career.clone(), days: self.days.clone() }
    }

    /// The place after earning so much at a moment, and on the day on which the tier would be lost.
    fn places(&self, moment: Instant, points: i64, lost: Instant) -> [usize; 2] {
        let mut member = self.like();
        member.comes_at(moment);
        member.counts_at(moment, points);
        let then = member.career.place();
        member.comes_at(lost);
        [then, member.career.place()]
    }
}

/// Tiers, some purchases (days after the one before, and points), days until somebody looks, and days of protection then.
type Story = (Settings, Vec<(i64, i64)>, i64, Option<i64>);

fn stories() -> impl Strategy<Value = Story> {
    let windows = vec![CountedOver::CalendarYear, CountedOver::Anniversary, CountedOver::RollingDays];
    let tiers = (prop::sample::select(windows), prop::sample::select(vec![1_i64, 2, 30, 90, 400]), any::<bool>());
    let tiers = (tiers, prop::sample::select(vec![0_i64, 0, 1, 20, 45, 365]));
    let tiers = tiers.prop_map(|((over, days, is_slow), grace_days)| {
        let rolling = (over == CountedOver::RollingDays).then_some(days);
        let downgrade = if is_slow { Downgrade::OneDown } else { Downgrade::ToQualified };
        Settings { counted_days: rolling, downgrade, grace_days, ..settings(over) }
    });
    let purchases = prop::collection::vec((0_i64..200, 1_i64..12_000), 1..6);
    let protection = prop::option::weighted(0.3, 1_i64..800);
    (tiers, purchases, 0_i64..500, protection)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whoever makes up for it in time keeps the tier. With one less it is lost, unless that much reaches a higher one.
    #[test]
    fn what_is_missing_keeps_a_tier_and_one_less_does_not(
        (tiers, purchases, later, protection) in stories(),
        part in 0_i64..1_000,
    ) {
        let begin = at("2026-03-01T02:00:00Z");
        let mut member = Member::joined(tiers, "2026-03-01T00:00:00Z");
        let mut now = begin;
        for (days, points) in purchases {
            now = now.plus(days * DAY);
            member.comes_at(now);
            member.counts_at(now, points);
        }
        now = now.plus(later * DAY);
        member.comes_at(now);
        if let Some(days) = protection {
            member.career.protect(Some(now.plus(days * DAY)));
        }
        let Some(keep) = member.keep() else { return Ok(()) };
        let (_, lost) = member.career.next_judgement().expect("it is judged");
        let (place, lost) = (member.career.place(), start_of(lost, &shanghai()));
        if keep.missing == 0 {
            prop_assert_eq!(member.places(now, 0, lost), [place, place]);
            prop_assert!(keep.by.is_none_or(|by| by > now));
            return Ok(());
        }
        let (from, by) = (keep.from.unwrap_or(now), keep.by.expect("something is missing"));
        prop_assert!(member.places(now, 0, lost)[1] < place, "nothing more is not enough");
        if by <= now {
            let [then, in_the_end] = member.places(now, member.career.set.threshold(place), lost);
            prop_assert!(then > place || in_the_end < place, "nothing helps any more");
            return Ok(());
        }
        prop_assert!(from < by && by <= lost);
        let moment = from.plus((by.micros() - from.micros() - 1) / 1_000 * part);
        prop_assert!(member.places(moment, keep.missing, lost)[1] >= place, "so much is enough");
        let [then, in_the_end] = member.places(moment, keep.missing - 1, lost);
        prop_assert!(then > place || in_the_end < place, "one less is not");
    }
}
