//! Why a program was not changed.

use async_graphql::{Enum, SimpleObject};

use crate::domain::points::rule::program::Rejection;
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::int;

/// Why a program was not changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum UpdateLoyaltyProgramErrorCode {
    /// There is a newer version than the one expected: `currentVersion`. Look at it and decide anew.
    VersionConflict,
    /// A name has 1 to 100 characters and no control characters, and is not blank.
    NameInvalid,
    /// A rate has 1 to 1,000,000,000 points for 1 to 1,000,000,000 minor units, and no fraction of one.
    EarnRateInvalid,
    /// A rate has 1 to 1,000,000,000 points for 1 to 1,000,000,000 minor units, and no fraction of one.
    ExchangeRateInvalid,
    /// Not a time zone of the IANA data, written as it is there.
    TimeZoneUnknown,
    /// At the exchange rate this many points are worth no whole number of minor units; `nextValid` are.
    RedemptionStepInvalid,
    /// Not a multiple of the redemption step; `nextValid` is.
    RedemptionMinimumInvalid,
    /// The share that points may pay is 0 to 100 percent.
    PayablePercentInvalid,
    /// A return window has 0 to 365 days.
    ReturnWindowInvalid,
    /// 1 to 3,650 days, 1 to 120 months, 0 to 120 months before the end of something, 0 without expiry.
    ValidityInvalid,
    /// Grace is 0 to 365 days.
    GraceDaysInvalid,
    /// A debt limit is 0 or more.
    DebtLimitInvalid,
    /// A debt limit needs the policy `ALLOW_DEBT`.
    DebtLimitWithoutDebt,
    /// A hold lasts 1 to 43,200 minutes, which is 30 days.
    HoldMinutesInvalid,
    /// A transfer has one point at least.
    TransferMinimumInvalid,
    /// A daily limit is one point at least.
    TransferLimitInvalid,
    /// The fewest points of a transfer are more than a day allows.
    TransferMinimumAboveLimit,
    /// The threshold of approval is 0 or more.
    ApprovalThresholdInvalid,
    /// Reinstatement is possible for 0 to 3,650 days.
    ReinstatementDaysInvalid,
    /// A household has 0 to 20 members; 0 allows none.
    HouseholdSizeInvalid,
    /// Where points that pay earn points, as many come back as were paid, or more: lower the earn rate, or let points be
    /// worth less.
    PointsEarnThemselves,
}

/// Why a program was not changed.
#[derive(SimpleObject)]
pub struct UpdateLoyaltyProgramUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: UpdateLoyaltyProgramErrorCode,
    /// With `VERSION_CONFLICT`: the newest version there is.
    current_version: Option<i32>,
    /// With `REDEMPTION_STEP_INVALID` and `REDEMPTION_MINIMUM_INVALID`: the next number of points that would do.
    next_valid: Option<i32>,
}

pub fn user_error(rejection: &Rejection, language: Language) -> UpdateLoyaltyProgramUserError {
    let (english, chinese) = words(rejection);
    let current_version = match rejection {
        Rejection::VersionConflict { current } => Some(int(*current)),
        _ => None,
    };
    let next_valid = match rejection {
        Rejection::RedemptionStepInvalid { next } | Rejection::RedemptionMinimumInvalid { next } => Some(int(*next)),
        _ => None,
    };
    UpdateLoyaltyProgramUserError {
        message: language.say(english, chinese),
        path: path(field(rejection)),
        code: rejection.code(),
        current_version,
        next_valid,
    }
}

impl Rejection {
    fn code(&self) -> UpdateLoyaltyProgramErrorCode {
        use UpdateLoyaltyProgramErrorCode as Code;
        match self {
            Rejection::VersionConflict { .. } => Code::VersionConflict,
            Rejection::NameInvalid => Code::NameInvalid,
            Rejection::EarnRateInvalid => Code::EarnRateInvalid,
            Rejection::ExchangeRateInvalid => Code::ExchangeRateInvalid,
            Rejection::TimeZoneUnknown => Code::TimeZoneUnknown,
            Rejection::RedemptionStepInvalid { .. } => Code::RedemptionStepInvalid,
            Rejection::RedemptionMinimumInvalid { .. } => Code::RedemptionMinimumInvalid,
            Rejection::PayablePercentInvalid => Code::PayablePercentInvalid,
            Rejection::ReturnWindowInvalid => Code::ReturnWindowInvalid,
            Rejection::ValidityInvalid { .. } => Code::ValidityInvalid,
            Rejection::GraceDaysInvalid => Code::GraceDaysInvalid,
            Rejection::DebtLimitInvalid => Code::DebtLimitInvalid,
            Rejection::DebtLimitWithoutDebt => Code::DebtLimitWithoutDebt,
            Rejection::HoldMinutesInvalid => Code::HoldMinutesInvalid,
            Rejection::TransferMinimumInvalid => Code::TransferMinimumInvalid,
            Rejection::TransferLimitInvalid => Code::TransferLimitInvalid,
            Rejection::TransferMinimumAboveLimit { .. } => Code::TransferMinimumAboveLimit,
            Rejection::ApprovalThresholdInvalid => Code::ApprovalThresholdInvalid,
            Rejection::HouseholdSizeInvalid => Code::HouseholdSizeInvalid,
            Rejection::PointsEarnThemselves => Code::PointsEarnThemselves,
            Rejection::ReinstatementDaysInvalid => Code::ReinstatementDaysInvalid,
        }
    }
}

/// The way to the setting within the input.
fn field(rejection: &Rejection) -> &'static [&'static str] {
    match rejection {
        Rejection::VersionConflict { .. } => &["expectedVersion"],
        Rejection::NameInvalid => &["name"],
        Rejection::EarnRateInvalid => &["earnRate"],
        Rejection::ExchangeRateInvalid => &["exchangeRate"],
        Rejection::TimeZoneUnknown => &["timeZone"],
        Rejection::RedemptionStepInvalid { .. } => &["redemption", "step"],
        Rejection::RedemptionMinimumInvalid { .. } => &["redemption", "minimum"],
        Rejection::PayablePercentInvalid => &["redemption", "payablePercent"],
        Rejection::ReturnWindowInvalid => &["returnWindowDays"],
        Rejection::ValidityInvalid { .. } => &["validity", "count"],
        Rejection::GraceDaysInvalid => &["graceDays"],
        Rejection::DebtLimitInvalid | Rejection::DebtLimitWithoutDebt => &["debtLimit"],
        Rejection::HoldMinutesInvalid => &["holdMinutes"],
        Rejection::TransferMinimumInvalid | Rejection::TransferMinimumAboveLimit { .. } => &["transfers", "minimum"],
        Rejection::TransferLimitInvalid => &["transfers", "dailyLimit"],
        Rejection::ApprovalThresholdInvalid => &["approvalThreshold"],
        Rejection::HouseholdSizeInvalid => &["householdSize"],
        Rejection::PointsEarnThemselves => &["earnBasis", "pointsPaid"],
        Rejection::ReinstatementDaysInvalid => &["reinstatementDays"],
    }
}

/// In English and Chinese.
fn words(rejection: &Rejection) -> (String, String) {
    let plain = |english: &str, chinese: &str| (english.to_owned(), chinese.to_owned());
    match rejection {
        Rejection::VersionConflict { current } => (
            format!("Somebody changed the program: it is at version {current} now."),
            format!("积分计划已被他人修改，当前版本为 {current}。"),
        ),
        Rejection::NameInvalid => {
            plain("A name has 1 to 100 characters and is not blank.", "名称为 1 到 100 个字符，不能为空白。")
        }
        Rejection::EarnRateInvalid | Rejection::ExchangeRateInvalid => plain(
            "A rate has 1 to 1,000,000,000 points for a positive amount in whole minor units, 1,000,000,000 of them at most.",
            "比例须为 1 到 1000000000 积分，对应的金额须为正、精确到最小货币单位，且不超过 1000000000 个最小货币单位。",
        ),
        Rejection::TimeZoneUnknown => {
            plain("This is no IANA time zone such as Asia/Shanghai.", "时区须为 IANA 名称，例如 Asia/Shanghai。")
        }
        Rejection::RedemptionStepInvalid { next } => (
            format!("At this exchange rate the step must be worth whole minor units. The next that is: {next} points."),
            format!("按此兑换比例，步长须能换成整数最小货币单位，下一个可用值为 {next} 积分。"),
        ),
        Rejection::RedemptionMinimumInvalid { next } => (
            format!("The minimum must be a multiple of the step. The next that is: {next} points."),
            format!("最低使用积分须为步长的整数倍，下一个可用值为 {next} 积分。"),
        ),
        Rejection::PayablePercentInvalid => {
            plain("Points may pay 0 to 100 percent of an order.", "积分可抵扣比例为 0% 到 100%。")
        }
        Rejection::ReturnWindowInvalid => plain("A return window has 0 to 365 days.", "退货期为 0 到 365 天。"),
        Rejection::ValidityInvalid { least: 0, most: 0 } => {
            plain("Points that do not expire have no number of days or months.", "长期有效的积分不能设置期限，须为 0。")
        }
        Rejection::ValidityInvalid { least, most } => (
            format!("A validity of this kind has a number from {least} to {most}."),
            format!("此类有效期的数值为 {least} 到 {most}。"),
        ),
        Rejection::GraceDaysInvalid => plain("Grace is 0 to 365 days.", "宽限期为 0 到 365 天。"),
        Rejection::DebtLimitInvalid => plain("A debt limit is 0 points or more.", "欠分上限不能小于 0。"),
        Rejection::DebtLimitWithoutDebt => plain(
            "Only with the policy ALLOW_DEBT is there a limit to debts.",
            "只有允许欠分（ALLOW_DEBT）时才能设置欠分上限。",
        ),
        Rejection::HoldMinutesInvalid => {
            plain("A hold lasts 1 to 43,200 minutes (30 days).", "冻结时长为 1 到 43200 分钟（30 天）。")
        }
        Rejection::TransferMinimumInvalid => plain("A transfer has 1 point at least.", "转赠积分至少为 1。"),
        Rejection::TransferLimitInvalid => plain("A daily limit is 1 point at least.", "每日转赠上限至少为 1。"),
        Rejection::TransferMinimumAboveLimit { limit } => (
            format!("The fewest points of a transfer are more than the {limit} a day allows."),
            format!("单次转赠下限不能超过每日上限 {limit}。"),
        ),
        Rejection::ApprovalThresholdInvalid => {
            plain("The threshold of approval is 0 points or more.", "复核阈值不能小于 0。")
        }
        Rejection::HouseholdSizeInvalid => {
            plain("A household has 0 to 20 members; 0 allows none.", "家庭账户人数为 0 到 20，0 表示不开放。")
        }
        Rejection::PointsEarnThemselves => plain(
            "At these rates an order paid with points would earn as many points as it was paid with, or more.",
            "按此累积与兑换比例，用积分支付的订单所得积分不少于所付积分。",
        ),
        Rejection::ReinstatementDaysInvalid => {
            plain("Reinstatement is possible for 0 to 3,650 days.", "过期恢复期限为 0 到 3650 天。")
        }
    }
}
