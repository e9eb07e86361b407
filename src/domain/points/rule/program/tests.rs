use super::*;
use crate::base::clock::Instant;
use crate::base::id::Id;
use Rejection::{
    ApprovalThresholdInvalid, DebtLimitInvalid, DebtLimitWithoutDebt, EarnRateInvalid, ExchangeRateInvalid,
    GraceDaysInvalid, HoldMinutesInvalid, NameInvalid, PayablePercentInvalid, RedemptionMinimumInvalid,
    RedemptionStepInvalid, ReinstatementDaysInvalid, ReturnWindowInvalid, TimeZoneUnknown, TransferLimitInvalid,
    TransferMinimumAboveLimit, TransferMinimumInvalid, ValidityInvalid,
};

fn usual() -> Program {
    Program::usual(Id::nil(), 0)
}

/// What is said of the usual program with something changed.
fn wrong(change: impl FnOnce(&mut Program)) -> Vec<Rejection> {
    let mut settings = usual();
    change(&mut settings);
    check(&settings).err().unwrap_or_default()
}

#[test]
fn what_a_new_database_begins_with_is_right() {
    assert_eq!(check(&usual()), Ok(()));
}

#[test]
fn a_name_is_not_blank_nor_endless_nor_full_of_controls() {
    for name in ["", " ", "\u{3000}", "a\u{0}b", "a\nb", &"字".repeat(101)] {
        assert_eq!(wrong(|it| it.name = name.to_owned()), [NameInvalid], "{name:?}");
    }
    assert_eq!(wrong(|it| it.name = "字".repeat(100)), []);
}

#[test]
fn rates_are_positive_and_bounded() {
    for number in [i64::MIN, -1, 0, MAX_RATE + 1, i64::MAX] {
        assert_eq!(wrong(|it| it.earn_points = number), [EarnRateInvalid]);
        assert_eq!(wrong(|it| it.earn_minor = number), [EarnRateInvalid]);
        assert_eq!(wrong(|it| it.exchange_minor = number)[0], ExchangeRateInvalid);
        assert_eq!(wrong(|it| it.exchange_points = number)[0], ExchangeRateInvalid);
    }
    assert_eq!(wrong(|it| (it.earn_points, it.earn_minor) = (MAX_RATE, MAX_RATE)), []);
}

#[test]
fn zones_are_those_of_the_iana_data() {
    for name in ["", "Mars/Olympus", "asia/shanghai", "+08:00", "Asia/Shanghai ", "\u{0}", "../etc/localtime"] {
        assert_eq!(wrong(|it| it.time_zone = name.to_owned()), [TimeZoneUnknown], "{name:?}");
    }
    for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"] {
        assert_eq!(wrong(|it| it.time_zone = name.to_owned()), [], "{name:?}");
    }
}

#[test]
fn steps_follow_from_the_exchange_rate_and_minimums_from_the_step() {
    // 500 points for ¥1.00: five points a fen.
    let rates = |it: &mut Program, minimum, step| {
        (it.exchange_points, it.exchange_minor) = (500, 100);
        (it.redemption_minimum, it.redemption_step) = (minimum, step);
    };
    let step = |next| RedemptionStepInvalid { next };
    let minimum = |next| RedemptionMinimumInvalid { next };
    assert_eq!(wrong(|it| rates(it, 5, 5)), []);
    assert_eq!(wrong(|it| rates(it, 1_000, 500)), []);
    assert_eq!(wrong(|it| rates(it, 1, 1)), [step(5), minimum(5)]);
    assert_eq!(wrong(|it| rates(it, 100, 12)), [step(15), minimum(105)]);
    assert_eq!(wrong(|it| rates(it, 101, 100)), [minimum(200)]);
    assert_eq!(wrong(|it| rates(it, 0, 0)), [step(5), minimum(5)]);
    assert_eq!(wrong(|it| rates(it, -7, -7)), [step(5), minimum(5)]);
    let most = MAX_POINTS - MAX_POINTS % 5;
    assert_eq!(wrong(|it| rates(it, i64::MAX, i64::MAX)), [step(most), minimum(most)]);
    assert_eq!(wrong(|it| rates(it, most, most)), []);
}

#[test]
fn whoever_follows_the_suggestions_is_done() {
    for (points, minor, minimum, step) in [(500, 100, 99, 7), (3, 2, 1, 1), (7, 100, 50, 8), (999, 6, 1, 1_000)] {
        let mut settings = usual();
        (settings.exchange_points, settings.exchange_minor) = (points, minor);
        (settings.redemption_minimum, settings.redemption_step) = (minimum, step);
        for rejection in check(&settings).expect_err("something is wrong") {
            match rejection {
                RedemptionStepInvalid { next } => settings.redemption_step = next,
                RedemptionMinimumInvalid { next } => settings.redemption_minimum = next,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(check(&settings), Ok(()));
    }
}

#[test]
fn shares_days_and_minutes_have_their_ranges() {
    type Setting = fn(&mut Program, i64);
    let ranges: [(Setting, i64, i64, Rejection); 6] = [
        (|it, to| it.payable_percent = to, 0, 100, PayablePercentInvalid),
        (|it, to| it.return_window_days = Some(to), 0, 365, ReturnWindowInvalid),
        (|it, to| it.grace_days = to, 0, 365, GraceDaysInvalid),
        (|it, to| it.hold_minutes = to, 1, 43_200, HoldMinutesInvalid),
        (|it, to| it.approval_threshold = to, 0, MAX_POINTS, ApprovalThresholdInvalid),
        (|it, to| it.reinstatement_days = to, 0, 3_650, ReinstatementDaysInvalid),
    ];
    for (set, least, most, rejection) in ranges {
        assert_eq!(wrong(|it| set(it, least)), []);
        assert_eq!(wrong(|it| set(it, most)), []);
        for beyond in [i64::MIN, least - 1, most + 1, i64::MAX] {
            assert_eq!(wrong(|it| set(it, beyond)), vec![rejection.clone()], "{beyond}");
        }
    }
}

#[test]
fn a_validity_has_as_many_days_or_months_as_its_kind_allows() {
    for (kind, least, most) in [
        (ValidityKind::None, 0, 0),
        (ValidityKind::Days, 1, 3_650),
        (ValidityKind::Months, 1, 120),
        (ValidityKind::EndOfMonth, 0, 120),
        (ValidityKind::EndOfQuarter, 0, 120),
        (ValidityKind::EndOfYear, 0, 120),
    ] {
        let of = |count| wrong(|it| (it.validity, it.validity_count) = (kind, count));
        assert_eq!((of(least), of(most)), (vec![], vec![]), "{kind:?}");
        let expected = [ValidityInvalid { least, most }];
        assert_eq!((of(least - 1), of(most + 1)), (expected.to_vec(), expected.to_vec()), "{kind:?}");
    }
}

#[test]
fn a_debt_limit_needs_debts() {
    let of = |limit, policy| wrong(|it| (it.debt_limit, it.shortfall) = (limit, policy));
    assert_eq!(of(Some(0), ShortfallPolicy::AllowDebt), []);
    assert_eq!(of(None, ShortfallPolicy::WriteOff), []);
    assert_eq!(of(Some(-1), ShortfallPolicy::AllowDebt), [DebtLimitInvalid]);
    assert_eq!(of(Some(500), ShortfallPolicy::WriteOff), [DebtLimitWithoutDebt]);
    assert_eq!(of(Some(0), ShortfallPolicy::DeductFromRefund), [DebtLimitWithoutDebt]);
}

#[test]
fn a_transfer_fits_its_day() {
    let of = |minimum, limit| wrong(|it| (it.transfer_minimum, it.transfer_daily_limit) = (minimum, limit));
    assert_eq!(of(100, Some(100)), []);
    assert_eq!(of(MAX_POINTS, None), []);
    assert_eq!(of(101, Some(100)), [TransferMinimumAboveLimit { limit: 100 }]);
    assert_eq!(of(0, Some(100)), [TransferMinimumInvalid]);
    assert_eq!(of(1, Some(0)), [TransferLimitInvalid]);
    assert_eq!(of(-1, Some(-2)), [TransferMinimumInvalid, TransferLimitInvalid]);
}

#[test]
fn everything_wrong_is_named_at_once() {
    let found = wrong(|it| {
        it.name = String::new();
        it.time_zone = "Nowhere".to_owned();
        it.payable_percent = 101;
        it.hold_minutes = 0;
    });
    assert_eq!(found, [NameInvalid, TimeZoneUnknown, PayablePercentInvalid, HoldMinutesInvalid]);
}

#[test]
fn a_version_says_when_points_expire() {
    let program = Program { validity: ValidityKind::Months, validity_count: 1, ..usual() };
    let activated = Instant("2027-01-31T15:30:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond());
    assert_eq!(validity(&program).expires_at(activated, &zone(&program)).rfc3339(), "2027-02-28T16:00:00Z");
    assert_eq!(validity(&usual()).expires_at(activated, &zone(&usual())), Instant::NEVER);
}
