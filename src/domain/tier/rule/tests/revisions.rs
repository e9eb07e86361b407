//! Days of grace, and what is out of them.

use proptest::prelude::*;

use super::*;
use crate::base::clock::MINUTE;

fn revisions(of: &[(i64, i64)]) -> Revisions {
    let sets = of.iter().zip(1..).scan(0, |hours, ((later, grace), revision)| {
        *hours += later;
        let mut set = set(Settings { grace_days: *grace, ..settings(CountedOver::CalendarYear) }, revision);
        set.row.created_at = *hours * 60 * MINUTE;
        Some(Arc::new(set))
    });
    Revisions::of(sets.collect()).expect("a revision")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// A day of judgement is listed exactly when its days of grace are over, however often they were changed.
    #[test]
    fn listed_is_what_is_out_of_its_days_of_grace(
        changes in prop::collection::vec((1_i64..3_000, prop::sample::select(vec![0_i64, 3, 10, 40, 364, 365])), 1..8),
        today in 0_i64..900,
    ) {
        let (revisions, zone) = (revisions(&changes), shanghai());
        let out = revisions.out_of_grace(today, &zone);
        for day in 0..900 {
            let due = start_of(day, &zone);
            let is_over = day + revisions.grace(due, revisions.newest()) <= today;
            let is_excepted = out.except.iter().any(|range| range.contains(&due.micros()));
            prop_assert_eq!(due.micros() < out.before && !is_excepted, is_over, "day {}", day);
        }
        // As far back as the sweep asks is far enough.
        let back = Back::to_grace(today, &zone);
        let reaching = revisions.newest_first().position(|set| !back.is_beyond(set));
        let asked = revisions.newest_first().take(reaching.map_or(usize::MAX, |at| at + 1)).cloned();
        let mut asked: Vec<_> = asked.collect();
        asked.reverse();
        prop_assert_eq!(&Revisions::of(asked).expect("a revision").out_of_grace(today, &zone), &out);
        // So that one condition is enough for each.
        prop_assert!(out.except.windows(2).all(|two| two[0].end < two[1].start));
    }
}
