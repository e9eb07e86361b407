//! Why a simulation was refused.

use async_graphql::{Enum, SimpleObject};

use crate::domain::simulation::rule::draft::Rejection;
use crate::gql::input::path;
use crate::gql::language::Language;

/// Why a simulation was refused.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SimulationErrorCode {
    /// The last day comes before the first, or there are more than 3,700.
    DaysInvalid,
    /// A rate is 1 to 1,000,000,000 points for 1 to 1,000,000,000 minor units.
    EarnRateInvalid,
    /// A rate is 1 to 1,000,000,000 points for 1 to 1,000,000,000 minor units.
    ExchangeRateInvalid,
    /// Points paid with points would give as many again.
    PointsEarnThemselves,
    /// There is no such rule for purchases, it is over, or `withoutRules` names one that is not in force.
    RuleUnknown,
    /// More than 100 rules are named.
    TooManyRules,
    /// The program has no such tier.
    TierUnknown,
    /// A multiplier is 1 to 100 with up to four decimals.
    MultiplierInvalid,
    /// Ten simulations are waiting or running. Let them end, or cancel some.
    TooManyOpen,
    /// There is no simulation with this id.
    SimulationUnknown,
    /// It is over already.
    AlreadyFinished,
}

/// Why a simulation was refused.
#[derive(SimpleObject)]
pub struct SimulationUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: SimulationErrorCode,
}

pub fn user_error(rejection: &Rejection, language: Language) -> SimulationUserError {
    use SimulationErrorCode as Code;
    let (code, field, english, chinese) = match rejection {
        Rejection::DaysInvalid => (
            Code::DaysInvalid,
            "to",
            "The days begin before they end, and there are at most 3,700.",
            "截止日期不得早于起始日期，且最多 3,700 天。",
        ),
        Rejection::EarnRateInvalid => {
            (Code::EarnRateInvalid, "earnRate", "This is no rate for earning points.", "积分获取比例无效。")
        }
        Rejection::ExchangeRateInvalid => {
            (Code::ExchangeRateInvalid, "exchangeRate", "This is no rate for points' worth.", "积分兑换比例无效。")
        }
        Rejection::PointsEarnThemselves => (
            Code::PointsEarnThemselves,
            "earnBasis",
            "What is paid with points would earn as many points again.",
            "用积分支付的部分会获得同等或更多的积分。",
        ),
        Rejection::RuleUnknown { .. } => (
            Code::RuleUnknown,
            "withRules",
            "A rule that is named is not there, is over, or is not for purchases.",
            "指定的规则不存在、已结束或不适用于消费。",
        ),
        Rejection::TooManyRules => {
            (Code::TooManyRules, "withRules", "At most 100 rules can be named.", "最多可指定 100 条规则。")
        }
        Rejection::TierUnknown => {
            (Code::TierUnknown, "tierMultipliers", "The program has no such tier.", "没有这个会员等级。")
        }
        Rejection::MultiplierInvalid => (
            Code::MultiplierInvalid,
            "tierMultipliers",
            "A multiplier is 1 to 100 with up to four decimals.",
            "倍数需为 1 至 100，最多四位小数。",
        ),
        Rejection::TooManyOpen => (
            Code::TooManyOpen,
            "from",
            "Ten simulations are under way; let them end, or cancel some.",
            "已有十个模拟正在进行，请等待完成或取消部分模拟。",
        ),
        Rejection::SimulationUnknown => {
            (Code::SimulationUnknown, "id", "There is no such simulation.", "没有这个模拟。")
        }
        Rejection::AlreadyFinished => (Code::AlreadyFinished, "id", "It is over already.", "该模拟已结束。"),
    };
    SimulationUserError { message: language.say(english, chinese), path: path(&[field]), code }
}
