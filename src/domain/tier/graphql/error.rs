//! Why tiers were not changed.

use async_graphql::{Enum, SimpleObject};

use crate::domain::tier::rule::change::Rejection;
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::int;

/// Why tiers were not changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum TierSetErrorCode {
    /// There is no set of tiers with this id.
    SetUnknown,
    /// The program has its tiers already: change those.
    SetExists,
    /// There is a newer revision than the one expected: `currentRevision`. Look at it and decide anew.
    RevisionConflict,
    /// A rolling window has 1 to 3,650 days, and no other has any.
    WindowDaysInvalid,
    /// Days of grace are 0 to 365.
    GraceDaysInvalid,
    /// There are 1 to 20 tiers.
    TierCountInvalid,
    /// The set has no tier with this id, or it is named twice.
    TierUnknown,
    /// A code has 1 to 50 capital letters, digits and underscores.
    CodeInvalid,
    /// Two tiers have the same code.
    CodeRepeated,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// The threshold of the lowest tier is 0, and each other is above the one below and at most 1,000,000,000,000,000.
    ThresholdInvalid,
    /// A multiplier is 1 to 100, with up to four decimals.
    MultiplierInvalid,
    /// A tier has up to 50 benefits; a key is like a code, and a text has 1 to 500 characters.
    BenefitsInvalid,
}

/// Why tiers were not changed.
#[derive(SimpleObject)]
pub struct TierSetUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: TierSetErrorCode,
    /// With `REVISION_CONFLICT`: the newest revision there is.
    current_revision: Option<i32>,
}

pub fn user_error(rejection: &Rejection, language: Language) -> TierSetUserError {
    let (code, english, chinese) = told(rejection);
    let current_revision = match rejection {
        Rejection::RevisionConflict { current } => Some(int(*current)),
        _ => None,
    };
    TierSetUserError { message: language.say(english, chinese), path: place(rejection), code, current_revision }
}

/// Where in the input a rejection is about.
fn place(rejection: &Rejection) -> Option<Vec<String>> {
    let of_tier = |tier: usize, field: &str| path(&["tiers", &tier.to_string(), field]);
    match *rejection {
        Rejection::SetUnknown => path(&["id"]),
        Rejection::SetExists => None,
        Rejection::RevisionConflict { .. } => path(&["expectedRevision"]),
        Rejection::DaysInvalid => path(&["windowDays"]),
        Rejection::GraceDaysInvalid => path(&["graceDays"]),
        Rejection::TierCountInvalid => path(&["tiers"]),
        Rejection::TierUnknown { tier } => of_tier(tier, "id"),
        Rejection::CodeInvalid { tier } | Rejection::CodeRepeated { tier } => of_tier(tier, "code"),
        Rejection::NameInvalid { tier } => of_tier(tier, "name"),
        Rejection::ThresholdInvalid { tier } => of_tier(tier, "threshold"),
        Rejection::MultiplierInvalid { tier } => of_tier(tier, "multiplier"),
        Rejection::BenefitsInvalid { tier } => of_tier(tier, "benefits"),
    }
}

/// The code of a rejection, and what is said of it in English and Chinese.
fn told(rejection: &Rejection) -> (TierSetErrorCode, &'static str, &'static str) {
    use TierSetErrorCode as Code;
    match rejection {
        Rejection::SetUnknown => (Code::SetUnknown, "There is no such set of tiers.", "没有这套等级。"),
        Rejection::SetExists => (Code::SetExists, "The program has its tiers already.", "该计划已有等级体系。"),
        Rejection::RevisionConflict { .. } => (
            Code::RevisionConflict,
            "Somebody changed the tiers in the meantime. Look at them again.",
            "等级已被他人修改，请重新查看。",
        ),
        Rejection::DaysInvalid => (
            Code::WindowDaysInvalid,
            "A rolling window has 1 to 3,650 days, and no other has any.",
            "滚动周期需为 1 至 3,650 天，其他周期不设天数。",
        ),
        Rejection::GraceDaysInvalid => {
            (Code::GraceDaysInvalid, "Days of grace are 0 to 365.", "宽限期需为 0 至 365 天。")
        }
        Rejection::TierCountInvalid => (Code::TierCountInvalid, "There are 1 to 20 tiers.", "等级需为 1 至 20 个。"),
        Rejection::TierUnknown { .. } => {
            (Code::TierUnknown, "The set has no such tier, or it is named twice.", "没有这个等级，或重复出现。")
        }
        Rejection::CodeInvalid { .. } => (
            Code::CodeInvalid,
            "A code has 1 to 50 capital letters, digits and underscores.",
            "代码需为 1 至 50 个大写字母、数字或下划线。",
        ),
        Rejection::CodeRepeated { .. } => (Code::CodeRepeated, "Two tiers have the same code.", "等级代码重复。"),
        Rejection::NameInvalid { .. } => {
            (Code::NameInvalid, "A name has 1 to 100 characters.", "名称需为 1 至 100 个字符。")
        }
        Rejection::ThresholdInvalid { .. } => (
            Code::ThresholdInvalid,
            "The lowest tier begins at 0, and each other above the one below, at 1,000,000,000,000,000 at most.",
            "最低等级的门槛为 0，其余须逐级升高，且不超过 1,000,000,000,000,000。",
        ),
        Rejection::MultiplierInvalid { .. } => (
            Code::MultiplierInvalid,
            "A multiplier is 1 to 100, with up to four decimals.",
            "倍数需在 1 至 100 之间，最多四位小数。",
        ),
        Rejection::BenefitsInvalid { .. } => (
            Code::BenefitsInvalid,
            "A tier has up to 50 benefits, each with a key and 1 to 500 characters.",
            "每个等级最多 50 项权益，每项 1 至 500 个字符。",
        ),
    }
}
