//! The settings of a loyalty program: which go together, and what a version says about expiry and exchange.

pub mod change;

use jiff::tz::TimeZone;

use crate::base::calendar::Validity;
use crate::base::points::{ExchangeRate, MAX_POINTS, multiple_from};
use crate::base::text::has_control;
use crate::domain::points::entity::program::Model as Program;
use crate::domain::points::entity::{ShortfallPolicy, ValidityKind};

/// The longest name of a program, in characters.
pub const MAX_NAME: usize = 100;
/// The largest number on either side of a rate. Points times it still fit 64 bits.
pub const MAX_RATE: i64 = 1_000_000_000;
/// Days in a return window, or of grace.
pub const MAX_DAYS: i64 = 365;
/// Ten years, in days and in months.
pub const MAX_VALID_DAYS: i64 = 3_650;
pub const MAX_VALID_MONTHS: i64 = 120;
/// Thirty days.
pub const MAX_HOLD_MINUTES: i64 = 43_200;
/// Members a household may have.
pub const MAX_HOUSEHOLD: i64 = 20;
/// Days after their expiry in which points may be reinstated: ten years.
pub const MAX_REINSTATEMENT_DAYS: i64 = 3_650;

/// Why a version of a program cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Somebody made a version in the meantime.
    VersionConflict {
        current: i64,
    },
    NameInvalid,
    EarnRateInvalid,
    ExchangeRateInvalid,
    TimeZoneUnknown,
    /// Not a multiple of what the exchange rate divides without a remainder; `next` is.
    RedemptionStepInvalid {
        next: i64,
    },
    /// Not a multiple of the redemption step; `next` is.
    RedemptionMinimumInvalid {
        next: i64,
    },
    PayablePercentInvalid,
    ReturnWindowInvalid,
    ValidityInvalid {
        least: i64,
        most: i64,
    },
    GraceDaysInvalid,
    DebtLimitInvalid,
    /// Only where members may owe points is there a limit to it.
    DebtLimitWithoutDebt,
    HoldMinutesInvalid,
    TransferMinimumInvalid,
    TransferLimitInvalid,
    TransferMinimumAboveLimit {
        limit: i64,
    },
    ApprovalThresholdInvalid,
    ReinstatementDaysInvalid,
    HouseholdSizeInvalid,
    /// Where points that pay earn points as well, an order earns as many as it was paid with, or more: they never end.
    PointsEarnThemselves,
}

/// Checks everything and names all that is wrong, so a form can show it at once.
pub fn check(settings: &Program) -> Result<(), Vec<Rejection>> {
    let mut wrong = Vec::new();
    wrong.extend(general(settings));
    wrong.extend(redemption(settings));
    wrong.extend(unless(!earn_themselves(settings), Rejection::PointsEarnThemselves));
    wrong.extend(lifetime(settings));
    wrong.extend(shortfall(settings));
    wrong.extend(transfers(settings));
    wrong.extend(staff(settings));
    wrong.extend(unless((0..=MAX_HOUSEHOLD).contains(&settings.household_size), Rejection::HouseholdSizeInvalid));
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// What is said when a condition does not hold.
fn unless(holds: bool, rejection: Rejection) -> Option<Rejection> {
    (!holds).then_some(rejection)
}

fn general(settings: &Program) -> impl Iterator<Item = Rejection> {
    let is_rate = |points: i64, minor: i64| (1..=MAX_RATE).contains(&points) && (1..=MAX_RATE).contains(&minor);
    let wrong = [
        unless(is_name(&settings.name), Rejection::NameInvalid),
        unless(is_rate(settings.earn_points, settings.earn_minor), Rejection::EarnRateInvalid),
        unless(is_rate(settings.exchange_points, settings.exchange_minor), Rejection::ExchangeRateInvalid),
        unless(is_zone(&settings.time_zone), Rejection::TimeZoneUnknown),
    ];
    wrong.into_iter().flatten()
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !has_control(name)
}

/// A name of the IANA data, written as it writes it. (The look-up itself does not mind upper and lower case.)
fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

/// P points for an amount are worth as much as the amount itself, or more, and so is what is paid with them.
fn earn_themselves(settings: &Program) -> bool {
    let earned = i128::from(settings.earn_points) * i128::from(settings.exchange_minor);
    let spent = i128::from(settings.exchange_points) * i128::from(settings.earn_minor);
    settings.earn_on_points && earned >= spent
}

/// A minimum is judged by the step that is suggested, if the one given is wrong: who follows both suggestions is done.
fn redemption(settings: &Program) -> impl Iterator<Item = Rejection> {
    let (step, minimum) = (settings.redemption_step, settings.redemption_minimum);
    let whole = match exchange_rate(settings) {
        ExchangeRate { points: 1.., minor: 1.. } => exchange_rate(settings).step(),
        // A rate that is wrong itself says nothing about steps.
        _ => 1,
    };
    let valid_step = valid_multiple(step, whole);
    let valid_minimum = valid_multiple(minimum, valid_step);
    let wrong = [
        unless(step == valid_step, Rejection::RedemptionStepInvalid { next: valid_step }),
        unless(minimum == valid_minimum, Rejection::RedemptionMinimumInvalid { next: valid_minimum }),
        unless((0..=100).contains(&settings.payable_percent), Rejection::PayablePercentInvalid),
    ];
    wrong.into_iter().flatten()
}

/// The nearest positive multiple that a wallet can hold: not below the number given, if there is one.
fn valid_multiple(points: i64, step: i64) -> i64 {
    let next = multiple_from(points.max(1), step);
    if next <= MAX_POINTS { next } else { (MAX_POINTS - MAX_POINTS % step).max(step) }
}

fn lifetime(settings: &Program) -> impl Iterator<Item = Rejection> {
    let window = settings.return_window_days.unwrap_or(0);
    let (least, most) = counts_of(settings.validity);
    let wrong = [
        unless((0..=MAX_DAYS).contains(&window), Rejection::ReturnWindowInvalid),
        unless((least..=most).contains(&settings.validity_count), Rejection::ValidityInvalid { least, most }),
        unless((0..=MAX_DAYS).contains(&settings.grace_days), Rejection::GraceDaysInvalid),
    ];
    wrong.into_iter().flatten()
}

/// How many days or months a kind of validity may have.
fn counts_of(kind: ValidityKind) -> (i64, i64) {
    match kind {
        ValidityKind::None => (0, 0),
        ValidityKind::Days => (1, MAX_VALID_DAYS),
        ValidityKind::Months => (1, MAX_VALID_MONTHS),
        ValidityKind::EndOfMonth | ValidityKind::EndOfQuarter | ValidityKind::EndOfYear => (0, MAX_VALID_MONTHS),
    }
}

fn shortfall(settings: &Program) -> Option<Rejection> {
    match (settings.debt_limit, settings.shortfall) {
        (None, _) => None,
        (Some(limit), ShortfallPolicy::AllowDebt) => {
            unless((0..=MAX_POINTS).contains(&limit), Rejection::DebtLimitInvalid)
        }
        (Some(_), ShortfallPolicy::WriteOff | ShortfallPolicy::DeductFromRefund) => {
            Some(Rejection::DebtLimitWithoutDebt)
        }
    }
}

fn transfers(settings: &Program) -> impl Iterator<Item = Rejection> {
    let minimum = settings.transfer_minimum;
    let limit = settings.transfer_daily_limit.unwrap_or(MAX_POINTS);
    let is_some_points = |points: i64| (1..=MAX_POINTS).contains(&points);
    let both = is_some_points(minimum) && is_some_points(limit);
    let wrong = [
        unless(is_some_points(minimum), Rejection::TransferMinimumInvalid),
        unless(is_some_points(limit), Rejection::TransferLimitInvalid),
        unless(!both || minimum <= limit, Rejection::TransferMinimumAboveLimit { limit }),
    ];
    wrong.into_iter().flatten()
}

/// What members of staff may do.
fn staff(settings: &Program) -> impl Iterator<Item = Rejection> {
    let reinstatement = 0..=MAX_REINSTATEMENT_DAYS;
    let wrong = [
        unless((1..=MAX_HOLD_MINUTES).contains(&settings.hold_minutes), Rejection::HoldMinutesInvalid),
        unless((0..=MAX_POINTS).contains(&settings.approval_threshold), Rejection::ApprovalThresholdInvalid),
        unless(reinstatement.contains(&settings.reinstatement_days), Rejection::ReinstatementDaysInvalid),
    ];
    wrong.into_iter().flatten()
}

/// How long the points of a version are good.
pub fn validity(program: &Program) -> Validity {
    let count = program.validity_count;
    match program.validity {
        ValidityKind::None => Validity::Unlimited,
        ValidityKind::Days => Validity::Days(count),
        ValidityKind::Months => Validity::Months(count),
        ValidityKind::EndOfMonth => Validity::EndOfMonth(count),
        ValidityKind::EndOfQuarter => Validity::EndOfQuarter(count),
        ValidityKind::EndOfYear => Validity::EndOfYear(count),
    }
}

/// R of a version.
pub fn exchange_rate(program: &Program) -> ExchangeRate {
    ExchangeRate { points: program.exchange_points, minor: program.exchange_minor }
}

/// The zone in which a version's days begin. jiff keeps every zone it has read, so this is a look-up in memory.
///
/// A version whose zone this build does not know is refused as soon as it is read from the database, so nothing is ever
/// reckoned in the UTC that stands in for it here.
pub fn zone(program: &Program) -> TimeZone {
    find_zone(program).unwrap_or(TimeZone::UTC)
}

/// The same, or `None` when this build does not know it.
pub fn find_zone(program: &Program) -> Option<TimeZone> {
    TimeZone::get(&program.time_zone).ok()
}

#[cfg(test)]
mod tests;
