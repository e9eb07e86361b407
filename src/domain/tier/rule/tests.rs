//! What tiers promise, as one member's story each.

mod keep;
mod revisions;

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::{DAY, Instant};
use crate::base::id::Id;
use crate::base::multiplier::WHOLE;
use crate::domain::points::entity::{program, wallet};
use crate::domain::points::rule::open_wallet;
use crate::domain::tier::entity::{Basis, CountedOver, Downgrade, Why};
use crate::domain::tier::rule::career::{Career, State, Unknown};
use crate::domain::tier::rule::change::{Rejection, Revision, Settings, TierSettings, check};
use crate::domain::tier::rule::revisions::{Back, Revisions};
use crate::domain::tier::rule::terms::{Measures, TierSet};
use crate::domain::tier::rule::window::{Calendar, Window, day_at, day_of, start_of};

fn at(moment: &str) -> Instant {
    Instant::from_timestamp(moment.parse().unwrap())
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn settings(counted_over: CountedOver) -> Settings {
    let tier = |code: &str, threshold| TierSettings {
        id: None,
        code: code.to_owned(),
        name: code.to_owned(),
        threshold,
        multiplier: WHOLE,
        benefits: Vec::new(),
    };
    Settings {
        basis: Basis::Points,
        counted_over,
        counted_days: (counted_over == CountedOver::RollingDays).then_some(90),
        downgrade: Downgrade::ToQualified,
        grace_days: 0,
        undone_by_returns: true,
        tiers: vec![tier("BASE", 0), tier("SILVER", 5_000), tier("GOLD", 10_000)],
    }
}

fn set(settings: Settings, revision: i64) -> TierSet {
    let of = Revision {
        id: Id::from_u128(1),
        revision,
        program_id: Id::nil(),
        version: revision,
        author_id: Id::nil(),
        created_at: Instant(0),
    };
    let mut next = 10;
    settings.set(of, || {
        next += 1;
        Id::from_u128(next)
    })
}

/// A member whose days are all at hand.
struct Member {
    career: Career,
    days: Vec<(i64, i64)>,
}

impl Member {
    fn joined(settings: Settings, moment: &str) -> Member {
        let program = program::Model::usual(Id::nil(), 0);
        let mut wallet = open_wallet(Id::from_u128(7), &program);
        wallet.joined_at = at(moment).micros();
        let career =
            Career::new(Revisions::new(Vec::new(), Arc::new(set(settings, 1))), shanghai(), &wallet, at(moment));
        Member { career, days: Vec::new() }
    }

    /// Tries as a command does, with one more sum each time.
    fn decide(&mut self, change: impl Fn(&mut Career) -> Result<(), Unknown>) {
        loop {
            let mut tried = self.career.clone();
            match change(&mut tried) {
                Ok(()) => {
                    self.career = tried;
                    return;
                }
                Err(Unknown(window)) => {
                    let days = self.days.iter().filter(|(day, _)| window.contains(*day));
                    let sum = Measures { points: days.map(|(_, points)| points).sum(), ..Measures::default() };
                    self.career.sums.insert(window, sum);
                }
            }
        }
    }

    /// Other tiers come in force at a moment.
    fn come_under(&mut self, moment: &str, settings: Settings) {
        let mut next = set(settings, self.career.revisions.newest().row.revision + 1);
        next.row.created_at = at(moment).micros();
        self.career.revisions = self.career.revisions.clone().then(Arc::new(next));
    }

    fn comes(&mut self, moment: &str) -> &str {
        self.comes_at(at(moment))
    }

    fn comes_at(&mut self, now: Instant) -> &str {
        self.career.now = now;
        self.career.sums.clear();
        self.decide(Career::settle);
        self.tier()
    }

    fn earns(&mut self, moment: &str, points: i64) -> &str {
        self.comes(moment);
        self.counts(moment, points)
    }

    /// Points of a purchase on a day, whenever that was.
    fn counts(&mut self, moment: &str, points: i64) -> &str {
        self.counts_at(at(moment), points)
    }

    fn counts_at(&mut self, moment: Instant, points: i64) -> &str {
        let day = day_at(moment, &shanghai());
        self.decide(|career| career.count(day, Measures { points, ..Measures::default() }));
        self.days.push((day, points));
        self.tier()
    }

    fn tier(&self) -> &str {
        &self.career.set.tiers[self.career.place()].row.code
    }

    fn sum(&self, first: &str, last: &str) -> i64 {
        let day = |date: &str| day_of(date.parse().unwrap());
        let window = Window { first: day(first), last: day(last) };
        self.days.iter().filter(|(day, _)| window.contains(*day)).map(|(_, points)| points).sum()
    }

    fn last_step(&self) -> (Why, String) {
        let step = self.career.steps.last().expect("a step");
        (step.why, step.at.rfc3339())
    }
}

/// E10: 9,000 in 2026, and 1,500 in its last second in Shanghai, which is Gold. A return on 2027-01-20 leaves 9,700 of 2026
/// and 0 of 2027, and undoes it at once. A second later it would have been 2027.
#[test]
fn e10_a_return_lowers_the_year_of_the_purchase() {
    let mut member = Member::joined(settings(CountedOver::CalendarYear), "2026-03-01T00:00:00Z");
    assert_eq!(member.earns("2026-11-23T02:00:00Z", 9_000), "SILVER");
    assert_eq!(member.earns("2026-12-31T15:59:59Z", 1_500), "GOLD");
    assert_eq!(member.comes("2027-01-20T02:00:00Z"), "GOLD", "judged on 1 January by the year that ended");
    assert_eq!(member.counts("2026-12-31T15:59:59Z", -800), "SILVER");
    assert_eq!((member.sum("2026-01-01", "2026-12-31"), member.sum("2027-01-01", "2027-12-31")), (9_700, 0));
    assert_eq!(member.last_step(), (Why::Returned, "2027-01-20T02:00:00Z".to_owned()));

    let mut member = Member::joined(settings(CountedOver::CalendarYear), "2026-03-01T00:00:00Z");
    member.earns("2026-11-23T02:00:00Z", 9_000);
    assert_eq!(member.earns("2026-12-31T16:00:00Z", 1_500), "SILVER", "1,500 of 2027");
}

#[test]
fn a_return_undoes_nothing_if_the_set_says_so() {
    let without = Settings { undone_by_returns: false, ..settings(CountedOver::CalendarYear) };
    let mut member = Member::joined(without, "2026-03-01T00:00:00Z");
    member.earns("2026-12-31T15:59:59Z", 10_500);
    member.comes("2027-01-20T02:00:00Z");
    assert_eq!(member.counts("2026-12-31T15:59:59Z", -800), "GOLD");
    assert_eq!(member.comes("2028-01-01T00:00:00Z"), "BASE", "it is judged all the same");
}

/// Of a tier that last year reached and one that this year reached on top, a return of this year undoes only the second.
#[test]
fn what_was_there_before_is_there_again() {
    let mut member = Member::joined(settings(CountedOver::CalendarYear), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 5_000);
    assert_eq!(member.earns("2027-06-01T02:00:00Z", 10_000), "GOLD");
    assert_eq!(member.counts("2027-06-01T02:00:00Z", -10_000), "SILVER");
    assert_eq!(member.counts("2026-06-01T02:00:00Z", -5_000), "SILVER", "what it stood on is not known any more");
    assert_eq!(member.comes("2027-12-31T15:59:59Z"), "SILVER");
    assert_eq!(member.comes("2027-12-31T16:00:00Z"), "BASE");
    assert_eq!(member.last_step(), (Why::Judged, "2027-12-31T16:00:00Z".to_owned()));
}

/// What keeps a tier when its basis is returned is its basis from then on: two purchases of which each is enough, both of
/// them returned, leave nothing.
#[test]
fn a_tier_stands_on_what_is_left_and_falls_with_it() {
    let mut member = Member::joined(settings(CountedOver::RollingDays), "2026-01-01T00:00:00Z");
    assert_eq!(member.earns("2026-03-01T02:00:00Z", 10_000), "GOLD");
    member.earns("2026-04-01T02:00:00Z", 10_000);
    assert_eq!(member.counts("2026-03-01T02:00:00Z", -10_000), "GOLD", "the other one is enough");
    assert_eq!(member.counts("2026-04-01T02:00:00Z", -4_000), "SILVER");
    assert_eq!(member.counts("2026-04-01T02:00:00Z", -6_000), "BASE");
    assert_eq!(member.last_step(), (Why::Returned, "2026-04-01T02:00:00Z".to_owned()));
}

#[test]
fn a_tier_is_lost_after_the_days_of_grace_a_step_at_a_time_or_at_once() {
    let slowly = Settings { downgrade: Downgrade::OneDown, grace_days: 30, ..settings(CountedOver::CalendarYear) };
    let mut member = Member::joined(slowly.clone(), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    assert_eq!(member.comes("2028-01-30T15:59:59Z"), "GOLD", "2027 was empty, and it is the last day of grace");
    assert_eq!(member.comes("2028-01-30T16:00:00Z"), "SILVER");
    assert_eq!(member.last_step().1, "2028-01-30T16:00:00Z");
    assert_eq!(member.comes("2029-01-30T16:00:00Z"), "BASE");
    assert_eq!(member.career.state.due, None, "nobody falls lower");
    // What is reached in the days of grace keeps it.
    let mut member = Member::joined(slowly, "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    member.earns("2028-01-20T02:00:00Z", 10_000);
    assert_eq!(member.comes("2028-12-31T15:00:00Z"), "GOLD");
    // Years that nobody looked at are judged one after the other.
    let fast = Settings { downgrade: Downgrade::OneDown, ..settings(CountedOver::CalendarYear) };
    let mut member = Member::joined(fast, "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    assert_eq!(member.comes("2031-01-01T00:00:00Z"), "BASE");
    let steps: Vec<_> = member.career.steps.iter().map(|step| step.at.rfc3339()).collect();
    assert_eq!(steps, ["2026-06-01T02:00:00Z", "2027-12-31T16:00:00Z", "2028-12-31T16:00:00Z"]);
}

#[test]
fn a_protected_tier_is_judged_when_it_no_longer_is() {
    let mut member = Member::joined(settings(CountedOver::CalendarYear), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    member.career.protect(Some(at("2028-03-15T04:00:00Z")));
    assert_eq!(member.counts("2026-06-01T02:00:00Z", -10_000), "GOLD", "nothing is undone");
    assert_eq!(member.comes("2028-03-15T15:59:59Z"), "GOLD");
    assert_eq!(member.comes("2028-03-15T16:00:00Z"), "BASE", "the first day that begins after it");
}

/// Due on 30 August and protected since: ended in November, it is judged the next day, once, and again 90 days later.
#[test]
fn a_protection_that_is_ended_was_there_until_then() {
    let slowly = Settings { downgrade: Downgrade::OneDown, ..settings(CountedOver::RollingDays) };
    for (until, lost) in [(None, "2026-12-10T16:00:00Z"), (Some("2027-01-01T00:00:00Z"), "2027-01-01T16:00:00Z")] {
        let until = until.map(at);
        let mut member = Member::joined(slowly.clone(), "2026-03-01T00:00:00Z");
        member.earns("2026-06-01T02:00:00Z", 10_000);
        member.career.protect(Some(at("2027-06-01T00:00:00Z")));
        assert_eq!(member.comes("2026-12-10T02:00:00Z"), "GOLD");
        member.career.protect(until);
        let ended = (member.career.state.clone(), member.career.steps.len());
        assert_eq!(member.comes("2026-12-10T15:59:59Z"), "GOLD");
        assert_eq!((&member.career.state, member.career.steps.len()), (&ended.0, ended.1));
        assert_eq!(member.career.kept_if(until), ended.0.kept_until, "asked for again, it is done");
        assert_eq!(member.comes(lost), "SILVER");
        assert_eq!((member.last_step(), member.career.steps.len()), ((Why::Judged, lost.to_owned()), ended.1 + 1));
        let next = member.career.next_judgement();
        let day = day_at(at(lost), &shanghai()) + 90;
        assert_eq!(next, Some((day, day)));
    }
}

/// The protection is that of the higher tier; of equal ones, whatever keeps it longer.
#[test]
fn it_makes_no_difference_who_is_merged_into_whom() {
    let member = |points, moment: &str, until: Option<&str>| {
        let mut member = Member::joined(settings(CountedOver::RollingDays), "2026-03-01T00:00:00Z");
        member.earns(moment, points);
        member.career.protect(until.map(at));
        member.comes("2026-07-02T02:00:00Z");
        member
    };
    let merged = |into: &Member, from: &Member| {
        let mut into = Member { career: into.career.clone(), days: into.days.clone() };
        into.days.extend(&from.days);
        into.career.sums.clear();
        into.decide(|career| career.take_over(&from.career));
        let State { tier, due, kept_until, .. } = into.career.state;
        (tier, due, kept_until)
    };
    let [may, june] = ["2026-05-01T02:00:00Z", "2026-06-01T02:00:00Z"];
    let silver = member(5_000, june, Some("2030-01-01T00:00:00Z"));
    let gold = member(10_000, may, None);
    assert_eq!(merged(&silver, &gold).2, None);
    assert_eq!(merged(&silver, &gold), merged(&gold, &silver));
    let other = member(10_000, june, Some("2027-01-01T00:00:00Z"));
    assert_eq!(merged(&other, &gold), merged(&gold, &other));
    assert_eq!(merged(&other, &gold).1, other.career.state.due);
    let other = member(10_000, "2026-04-20T02:00:00Z", Some("2027-01-01T00:00:00Z"));
    assert_eq!(merged(&other, &gold), (other.career.state.tier, gold.career.state.due, other.career.state.kept_until));
    assert_eq!(merged(&gold, &other), merged(&other, &gold));
}

#[test]
fn windows_are_years_of_the_calendar_or_of_membership_or_days() {
    let day = |date: &str| day_of(date.parse().unwrap());
    let window = |first: &str, last: &str| Window { first: day(first), last: day(last) };
    let calendar = |over: CountedOver, joined: &str, on: &str| {
        let set = set(settings(over), 1);
        let calendar = Calendar { set: &set.row, joined: day(joined) };
        (calendar.current(day(on)), calendar.judged_after(day(on)))
    };
    let leap = "2024-02-29";
    assert_eq!(
        calendar(CountedOver::Anniversary, leap, "2027-02-27"),
        (window("2026-02-28", "2027-02-27"), Some(day("2027-02-28")))
    );
    assert_eq!(
        calendar(CountedOver::Anniversary, leap, "2027-02-28"),
        (window("2027-02-28", "2028-02-28"), Some(day("2028-02-29")))
    );
    // What was bought before joining counts in years before.
    assert_eq!(calendar(CountedOver::Anniversary, "2026-11-23", "2026-11-22").0, window("2025-11-23", "2026-11-22"));
    assert_eq!(
        calendar(CountedOver::RollingDays, leap, "2027-03-31"),
        (window("2027-01-01", "2027-03-31"), Some(day("2027-06-29")))
    );
    assert_eq!(calendar(CountedOver::Lifetime, leap, "2027-03-31"), (Window::EVER, None));
    assert_eq!(start_of(day("2027-01-01"), &shanghai()).rfc3339(), "2026-12-31T16:00:00Z");
    assert_eq!((day("1970-01-01"), day("1969-12-31")), (0, -1));
}

#[test]
fn rolling_days_are_judged_so_many_days_later() {
    let mut member = Member::joined(settings(CountedOver::RollingDays), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    member.earns("2026-08-29T02:00:00Z", 5_000);
    // 90 days after 1 June is 30 August, and the 90 days before it begin on 1 June.
    assert_eq!(member.comes("2026-08-29T16:00:00Z"), "GOLD", "confirmed by the days from 1 June to 29 August");
    assert_eq!(member.comes("2026-11-27T15:59:59Z"), "GOLD");
    assert_eq!(member.comes("2026-11-27T16:00:00Z"), "BASE", "nothing since 30 August");
}

#[test]
fn a_lifetime_is_never_judged() {
    let mut member = Member::joined(settings(CountedOver::Lifetime), "2026-03-01T00:00:00Z");
    assert_eq!(member.earns("2026-06-01T02:00:00Z", 10_000), "GOLD");
    assert_eq!(member.comes("2056-06-01T02:00:00Z"), "GOLD");
    assert_eq!(member.counts("2026-06-01T02:00:00Z", -1), "SILVER");
}

/// A purchase of last year counts there; one of the year before too late to matter.
#[test]
fn what_is_imported_counts_at_its_own_date() {
    let mut member = Member::joined(settings(CountedOver::CalendarYear), "2026-11-23T02:00:00Z");
    assert_eq!(member.comes("2026-11-23T02:00:00Z"), "BASE");
    assert_eq!(member.counts("2024-06-01T02:00:00Z", 10_000), "BASE");
    assert_eq!(member.counts("2025-06-01T02:00:00Z", 5_000), "SILVER", "as if it had been judged on 1 January");
    assert_eq!(member.comes("2027-01-01T02:00:00Z"), "BASE", "2026 was empty");
}

#[test]
fn other_tiers_raise_at_once_and_lower_nobody_before_their_day() {
    let mut member = Member::joined(settings(CountedOver::CalendarYear), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 7_000);
    let with = |silver, gold| {
        let mut other = settings(CountedOver::CalendarYear);
        (other.tiers[1].threshold, other.tiers[2].threshold) = (silver, gold);
        other
    };
    member.come_under("2026-06-30T02:00:00Z", with(8_000, 20_000));
    assert_eq!(member.comes("2026-07-01T02:00:00Z"), "SILVER");
    member.come_under("2026-07-30T02:00:00Z", with(5_000, 7_000));
    assert_eq!(member.comes("2026-08-01T02:00:00Z"), "GOLD");
    assert_eq!(member.last_step().0, Why::TiersChanged);
    assert_eq!(member.counts("2026-06-01T02:00:00Z", -6_999), "GOLD", "no purchase reached it");
}

/// What was overdue is judged by the tiers of before, whenever somebody comes; the day of judgement and what returns undo are
/// not touched by words.
#[test]
fn tiers_of_other_words_leave_everything_as_it_was() {
    let named = |name: &str| {
        let mut other = settings(CountedOver::RollingDays);
        (other.tiers[2].name, other.tiers[2].multiplier) = (name.to_owned(), 2 * WHOLE);
        other
    };
    for is_seen in [true, false] {
        let mut member = Member::joined(settings(CountedOver::RollingDays), "2026-03-01T00:00:00Z");
        member.earns("2026-06-01T02:00:00Z", 10_000);
        let state = member.career.state.clone();
        for moment in ["2026-07-01T02:00:00Z", "2026-08-20T02:00:00Z", "2026-08-29T15:00:00Z"] {
            member.come_under(moment, named(moment));
            if is_seen {
                member.comes(moment);
                let revision = member.career.state.revision;
                assert_eq!(member.career.state, State { revision, ..state.clone() });
            }
        }
        assert_eq!(member.comes("2026-08-30T15:59:59Z"), "GOLD", "confirmed by 1 June");
        assert_eq!(member.comes("2026-11-27T16:00:00Z"), "BASE");
    }
    let mut member = Member::joined(settings(CountedOver::RollingDays), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    member.come_under("2026-06-02T02:00:00Z", named("Golden"));
    member.comes("2026-06-03T02:00:00Z");
    assert_eq!(member.counts("2026-06-01T02:00:00Z", -10_000), "BASE", "undone all the same");
}

/// A step is of the revision in force then, and says what protection there was.
#[test]
fn every_revision_judges_what_was_due_while_it_held() {
    let mut slowly = settings(CountedOver::CalendarYear);
    slowly.downgrade = Downgrade::OneDown;
    let mut member = Member::joined(slowly.clone(), "2026-03-01T00:00:00Z");
    member.earns("2026-06-01T02:00:00Z", 10_000);
    member.come_under("2028-06-01T02:00:00Z", settings(CountedOver::CalendarYear));
    member.come_under("2029-06-01T02:00:00Z", slowly);
    assert_eq!(member.comes("2030-06-01T02:00:00Z"), "BASE");
    let steps = member.career.steps.iter().map(|step| (step.why, step.revision, step.at.rfc3339()));
    let judged = |revision, at: &str| (Why::Judged, revision, at.to_owned());
    let expected = [judged(1, "2027-12-31T16:00:00Z"), judged(2, "2028-12-31T16:00:00Z")];
    assert_eq!(steps.skip(1).collect::<Vec<_>>(), expected);
}

#[test]
fn wallets_ask_for_as_few_revisions_as_they_need() {
    let program = program::Model::usual(Id::nil(), 0);
    let wallet = |revision, due: Option<i64>| wallet::Model {
        tier_revision: revision,
        tier_due: due,
        ..open_wallet(Id::from_u128(7), &program)
    };
    let back = |wallets: &[wallet::Model]| Back::of(wallets, Instant(100));
    assert_eq!(back(&[wallet(0, None)]), Back::NOWHERE, "never reckoned");
    let two = [wallet(3, Some(101)), wallet(5, Some(60)), wallet(0, None)];
    assert_eq!(back(&two), Back { revision: 3, moment: 60 });
    let mut newest = set(settings(CountedOver::Lifetime), 3);
    newest.row.created_at = 60;
    assert!(!back(&two).is_beyond(&newest));
    let kept = |until| wallet::Model { tier_kept_until: Some(until), ..wallet(3, Some(60)) };
    assert_eq!(back(&[kept(400 * DAY)]), Back { revision: 3, moment: i64::MAX }, "kept beyond any days of grace");
    assert_eq!(back(&[kept(300 * DAY)]), Back { revision: 3, moment: 60 });
    newest.row.created_at = 61;
    assert!(back(&two).is_beyond(&newest), "the day of judgement was under the one before");
}

#[test]
fn everything_that_is_wrong_is_named() {
    let known = std::collections::BTreeSet::new();
    assert_eq!(check(&settings(CountedOver::RollingDays), &known), Ok(()));
    let mut wrong = settings(CountedOver::Lifetime);
    (wrong.counted_days, wrong.grace_days) = (Some(5), -1);
    wrong.tiers[0].threshold = 1;
    (wrong.tiers[1].code, wrong.tiers[1].multiplier) = ("silver".to_owned(), WHOLE - 1);
    (wrong.tiers[2].threshold, wrong.tiers[2].id) = (5_000, Some(Id::from_u128(3)));
    let named = [
        Rejection::DaysInvalid,
        Rejection::GraceDaysInvalid,
        Rejection::ThresholdInvalid { tier: 0 },
        Rejection::CodeInvalid { tier: 1 },
        Rejection::MultiplierInvalid { tier: 1 },
        Rejection::TierUnknown { tier: 2 },
        Rejection::ThresholdInvalid { tier: 2 },
    ];
    assert_eq!(check(&wrong, &known), Err(named.to_vec()));
    wrong.tiers[1].threshold = i64::MAX;
    let both = [Rejection::ThresholdInvalid { tier: 1 }, Rejection::ThresholdInvalid { tier: 2 }];
    assert!(check(&wrong, &known).is_err_and(|wrong| both.iter().all(|one| wrong.contains(one))), "too high");
    wrong.tiers.clear();
    assert!(check(&wrong, &known).is_err_and(|wrong| wrong.contains(&Rejection::TierCountInvalid)));
}
