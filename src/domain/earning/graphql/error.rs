//! Why a rule was not changed.

use async_graphql::{Enum, SimpleObject};

use crate::domain::earning::rule::cap::CapFlaw;
use crate::domain::earning::rule::change::Rejection;
use crate::domain::earning::rule::condition::Flaw;
use crate::domain::earning::rule::effect::EffectFlaw;
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::{BigInt, int};

/// Why a rule was not changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum EarningRuleErrorCode {
    /// There is no rule with this id.
    RuleUnknown,
    /// There is a newer revision than the one expected: `currentRevision`. Look at it and decide anew.
    RevisionConflict,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// A description has up to 1,000 characters and no control characters.
    DescriptionInvalid,
    /// There is no event type with this id.
    EventTypeUnknown,
    /// A priority is -1,000 to 1,000.
    PriorityInvalid,
    /// The rule ends before it starts.
    PeriodInvalid,
    /// A condition lists nothing or more than 100 values, names no end of its range, asks for an attribute in no way or in two,
    /// or names a tag of no or more than 50 characters.
    ConditionValuesInvalid,
    /// A condition ends before it begins, or names a day that is not 1 (Monday) to 7 (Sunday).
    ConditionRangeInvalid,
    /// A condition has an amount that is not above 0, not in the currency's units or too large, or a number of pieces that is
    /// not 1 to 1,000,000.
    ConditionAmountInvalid,
    /// More than 50 conditions, or nested more than 5 deep.
    ConditionTooLarge,
    /// The condition can never hold: an `any` of nothing, or what excepts everything.
    ConditionNeverHolds,
    /// The condition asks of an event what only an order has: products, pieces, money, whether it is the first, a channel or
    /// an outlet.
    ConditionNotForEvents,
    /// The rule asks for an attribute that its event type does not have, or has with another kind.
    AttributeUnknown,
    /// A condition names a product, a stock-keeping unit, a category, an outlet, a tier or a segment that is not there. A tier
    /// that went since the condition was saved is only asked for when the condition is changed, or the rule published.
    ReferenceUnknown,
    /// A multiplier is more than 1 and at most 100, with up to four decimals.
    MultiplierInvalid,
    /// Points are 1 to 1,000,000; for an amount, 1 to 1,000,000,000.
    PointsInvalid,
    /// Not an amount of the program's currency above 0, or too large a one.
    AmountInvalid,
    /// More than 100 points for each of the currency's smallest units, which is 10,000 for CNY 1.00.
    RateTooHigh,
    /// The effect reckons with a basket and the rule is for events, or the other way round.
    EffectNotForThis,
    /// A cap bounds nothing, or to less than 1 or more than 2,147,483,647.
    CapInvalid,
    /// Two caps are for the same period.
    CapRepeated,
    /// A budget is 1 to 2,147,483,647,000 points.
    BudgetInvalid,
    /// More points of the budget are used already: `usedPoints`.
    BudgetBelowUsed,
    /// There are 200 rules in force or paused already.
    TooManyRules,
    /// A draft can be published, a rule in force paused, a paused one resumed, and any of them ended; nothing comes back
    /// from there.
    StepImpossible,
}

/// Why a rule was not changed.
#[derive(SimpleObject)]
pub struct EarningRuleUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: EarningRuleErrorCode,
    /// With `REVISION_CONFLICT`: the newest revision there is.
    current_revision: Option<i32>,
    /// With `BUDGET_BELOW_USED`: the points of the budget that are used.
    used_points: Option<BigInt>,
}

pub fn user_error(rejection: &Rejection, language: Language) -> EarningRuleUserError {
    let (code, field, english, chinese) = told(rejection);
    EarningRuleUserError {
        message: language.say(english, chinese),
        path: path(&[field]),
        code,
        current_revision: match rejection {
            Rejection::RevisionConflict { current } => Some(int(*current)),
            _ => None,
        },
        used_points: match rejection {
            Rejection::BudgetBelowUsed { used } => Some(BigInt(*used)),
            _ => None,
        },
    }
}

/// The code of a rejection, the field it is about, and what is said of it in English and Chinese.
fn told(rejection: &Rejection) -> (EarningRuleErrorCode, &'static str, &'static str, &'static str) {
    use EarningRuleErrorCode as Code;
    match rejection {
        Rejection::RuleUnknown => (Code::RuleUnknown, "id", "There is no such rule.", "没有这条规则。"),
        Rejection::RevisionConflict { .. } => (
            Code::RevisionConflict,
            "expectedRevision",
            "Somebody changed the rule in the meantime. Look at it again.",
            "规则已被他人修改，请重新查看。",
        ),
        Rejection::NameInvalid => {
            (Code::NameInvalid, "name", "A name has 1 to 100 characters.", "名称需为 1 至 100 个字符。")
        }
        Rejection::DescriptionInvalid => (
            Code::DescriptionInvalid,
            "description",
            "A description has up to 1,000 characters.",
            "说明最多 1,000 个字符。",
        ),
        Rejection::EventTypeUnknown => {
            (Code::EventTypeUnknown, "eventTypeId", "There is no such event type.", "没有这种事件类型。")
        }
        Rejection::PriorityInvalid => {
            (Code::PriorityInvalid, "priority", "A priority is -1,000 to 1,000.", "优先级需在 -1,000 至 1,000 之间。")
        }
        Rejection::PeriodInvalid => {
            (Code::PeriodInvalid, "endsAt", "The rule would end before it starts.", "结束时间须晚于开始时间。")
        }
        Rejection::ConditionInvalid(flaw) => told_of_condition(*flaw),
        Rejection::AttributeUnknown => (
            Code::AttributeUnknown,
            "condition",
            "Events of this type do not have this attribute.",
            "该事件类型没有这个属性。",
        ),
        Rejection::ReferenceUnknown => (
            Code::ReferenceUnknown,
            "condition",
            "The condition names something that is not there.",
            "条件中引用的对象不存在。",
        ),
        Rejection::EffectInvalid(flaw) => told_of_effect(*flaw),
        Rejection::CapInvalid(CapFlaw::Bound) => (
            Code::CapInvalid,
            "caps",
            "A cap bounds points or times, to 1 to 2,147,483,647.",
            "上限须限定积分或次数，且在 1 至 2,147,483,647 之间。",
        ),
        Rejection::CapInvalid(CapFlaw::Repeated) => {
            (Code::CapRepeated, "caps", "Two caps are for the same period.", "同一周期只能有一个上限。")
        }
        Rejection::BudgetInvalid => (
            Code::BudgetInvalid,
            "budget",
            "A budget is 1 to 2,147,483,647,000 points.",
            "预算须为 1 至 2,147,483,647,000 积分。",
        ),
        Rejection::BudgetBelowUsed { .. } => (
            Code::BudgetBelowUsed,
            "budget",
            "More points of this budget have been given already.",
            "已发放的积分超过了该预算。",
        ),
        Rejection::TooManyRules => (
            Code::TooManyRules,
            "id",
            "There are 200 rules in force; end some first.",
            "生效的规则已达 200 条，请先结束一些。",
        ),
        Rejection::StepImpossible => (
            Code::StepImpossible,
            "id",
            "The rule cannot be taken this step from where it stands.",
            "规则当前状态不允许此操作。",
        ),
    }
}

fn told_of_condition(flaw: Flaw) -> (EarningRuleErrorCode, &'static str, &'static str, &'static str) {
    use EarningRuleErrorCode as Code;
    let (code, english, chinese) = match flaw {
        Flaw::Values => (
            Code::ConditionValuesInvalid,
            "A condition lists 1 to 100 values or names an end of a range; an attribute is asked for in one way, and a tag \
             has 1 to 50 characters.",
            "条件须列出 1 至 100 个值，或给出范围的一端；一个属性只能用一种方式限定，标签须为 1 至 50 个字符。",
        ),
        Flaw::Range => (
            Code::ConditionRangeInvalid,
            "A condition ends before it begins, or names a day of the week that is not 1 (Monday) to 7 (Sunday).",
            "条件的结束须晚于开始，星期须为 1（周一）至 7（周日）。",
        ),
        Flaw::Amount => (
            Code::ConditionAmountInvalid,
            "An amount in a condition is above 0, in units of the currency, and not larger than can be reckoned with; a \
             number of pieces is 1 to 1,000,000.",
            "条件中的金额须大于 0、符合货币的最小单位且不能过大，件数须为 1 至 1,000,000。",
        ),
        Flaw::Never => (
            Code::ConditionNeverHolds,
            "This condition can never hold, so the rule would give nothing.",
            "该条件永远无法满足，规则不会给予积分。",
        ),
        Flaw::NotForEvents => (
            Code::ConditionNotForEvents,
            "The condition asks for something that only orders have, and the rule is for events.",
            "条件限定的内容只有订单才有，不适用于事件规则。",
        ),
        Flaw::TooLarge => (
            Code::ConditionTooLarge,
            "A rule has up to 50 conditions, nested up to 5 deep.",
            "一条规则最多 50 个条件，嵌套最多 5 层。",
        ),
    };
    (code, "condition", english, chinese)
}

fn told_of_effect(flaw: EffectFlaw) -> (EarningRuleErrorCode, &'static str, &'static str, &'static str) {
    use EarningRuleErrorCode as Code;
    let (code, english, chinese) = match flaw {
        EffectFlaw::Multiplier => (
            Code::MultiplierInvalid,
            "A multiplier is more than 1 and at most 100, with up to four decimals.",
            "倍数须大于 1 且不超过 100，最多四位小数。",
        ),
        EffectFlaw::Points => (
            Code::PointsInvalid,
            "Points are 1 to 1,000,000; for an amount, 1 to 1,000,000,000.",
            "积分须为 1 至 1,000,000；按金额给予的积分须为 1 至 1,000,000,000。",
        ),
        EffectFlaw::Amount => (
            Code::AmountInvalid,
            "An amount is above 0, in units of the currency, and at most 1,000,000,000 of its smallest units.",
            "金额须大于 0、符合货币的最小单位，且不超过 1,000,000,000 个最小单位。",
        ),
        EffectFlaw::Rate => (
            Code::RateTooHigh,
            "At most 100 points can be given for each of the currency's smallest units, which is 10,000 for CNY 1.00.",
            "每个货币最小单位最多给予 100 积分，即每 CNY 1.00 最多 10,000 积分。",
        ),
        EffectFlaw::NotForThis => (
            Code::EffectNotForThis,
            "This effect is for another kind of rule: of purchases, or of events.",
            "该奖励方式不适用于此类规则。",
        ),
        EffectFlaw::AttributeUnknown => {
            (Code::AttributeUnknown, "Events of this type have no number of this name.", "该事件类型没有这个数值属性。")
        }
    };
    (code, "effect", english, chinese)
}
