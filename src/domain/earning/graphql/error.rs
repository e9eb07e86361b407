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
    /// A condition lists nothing, or more than 100 values.
    ConditionValuesInvalid,
    /// A condition ends before it begins, or is outside of a week.
    ConditionRangeInvalid,
    /// A condition has an amount or a number that is not above 0.
    ConditionAmountInvalid,
    /// More than 50 conditions, or nested more than 5 deep.
    ConditionTooLarge,
    /// The rule asks for an attribute that its event type does not have, or has with another kind.
    AttributeUnknown,
    /// A condition names a product, a category, an outlet, a tier or a segment that is not there. A tier that went since the
    /// condition was saved is only asked for when the condition is changed, or the rule published.
    ReferenceUnknown,
    /// A multiplier is more than 1 and at most 100, with up to four decimals.
    MultiplierInvalid,
    /// Not a number of points that can be given.
    PointsInvalid,
    /// Not an amount of the program's currency above 0.
    AmountInvalid,
    /// The effect reckons with a basket and the rule is for events, or the other way round.
    EffectNotForThis,
    /// A cap bounds nothing, or to less than 1.
    CapInvalid,
    /// Two caps are for the same period.
    CapRepeated,
    /// A budget is 1 point or more.
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
            "A cap bounds points or times, to 1 or more.",
            "上限须限定积分或次数，且不少于 1。",
        ),
        Rejection::CapInvalid(CapFlaw::Repeated) => {
            (Code::CapRepeated, "caps", "Two caps are for the same period.", "同一周期只能有一个上限。")
        }
        Rejection::BudgetInvalid => {
            (Code::BudgetInvalid, "budget", "A budget is 1 point or more.", "预算至少为 1 积分。")
        }
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
        Flaw::Values => {
            (Code::ConditionValuesInvalid, "A condition lists 1 to 100 values.", "条件需列出 1 至 100 个值。")
        }
        Flaw::Range => (Code::ConditionRangeInvalid, "A condition ends before it begins.", "条件的范围无效。"),
        Flaw::Amount => (Code::ConditionAmountInvalid, "A condition needs a number above 0.", "条件中的数值须大于 0。"),
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
        EffectFlaw::Points => (Code::PointsInvalid, "This number of points cannot be given.", "积分数无效。"),
        EffectFlaw::Amount => (Code::AmountInvalid, "An amount is above 0.", "金额须大于 0。"),
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
