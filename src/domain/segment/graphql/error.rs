//! Why a segment was not changed.

use async_graphql::{Enum, ID, SimpleObject};

use crate::base::id::Id;
use crate::domain::segment::rule::change::Rejection;
use crate::domain::segment::rule::part::Flaw;
use crate::gql::id::{NodeKind, global};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::int;

/// Why a segment was not changed, or a filter not read.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SegmentErrorCode {
    /// There is no segment with this id.
    SegmentUnknown,
    /// There is a newer revision than the one expected: `currentRevision`. Look at it and decide anew.
    RevisionConflict,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// A description has up to 1,000 characters and no control characters.
    DescriptionInvalid,
    /// A part lists nothing, more than 100 values, or what cannot be, or names no end of its range.
    FilterValuesInvalid,
    /// A part ends before it begins, or names a month that is not 1 to 12.
    FilterRangeInvalid,
    /// A part has an amount or a number that cannot be.
    FilterAmountInvalid,
    /// A part looks more than 3,660 days back or ahead, or less than it can.
    FilterDaysInvalid,
    /// More than 50 parts, or nested more than 5 deep.
    FilterTooLarge,
    /// A part names a tier that the program does not have now.
    FilterTierUnknown,
    /// There are 200 segments already.
    TooManySegments,
    /// Earning rules in force or paused name it, `earningRuleIds`, or the audiences of rewards that are not over,
    /// `rewardIds`.
    SegmentInUse,
}

/// Why a segment was not changed, or a filter not read.
#[derive(SimpleObject)]
pub struct SegmentUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: SegmentErrorCode,
    /// With `REVISION_CONFLICT`: the newest revision there is.
    current_revision: Option<i32>,
    /// With `SEGMENT_IN_USE`: the rules that name it, by their global ids.
    earning_rule_ids: Option<Vec<ID>>,
    /// With `SEGMENT_IN_USE`: the rewards whose audience names it, by their global ids.
    reward_ids: Option<Vec<ID>>,
}

pub fn user_errors(wrong: &[Rejection], language: Language) -> Vec<SegmentUserError> {
    wrong.iter().map(|rejection| user_error(rejection, language)).collect()
}

/// What is wrong with a filter that is an argument itself, and no part of an input.
pub fn argument_error(flaw: Flaw, language: Language) -> SegmentUserError {
    let error = user_error(&Rejection::FilterInvalid(flaw), language);
    SegmentUserError { path: Some(vec!["filter".to_owned()]), ..error }
}

fn user_error(rejection: &Rejection, language: Language) -> SegmentUserError {
    let (code, field, english, chinese) = told(rejection);
    SegmentUserError {
        message: language.say(english, chinese),
        path: path(&[field]),
        code,
        current_revision: match rejection {
            Rejection::RevisionConflict { current } => Some(int(*current)),
            _ => None,
        },
        earning_rule_ids: match rejection {
            Rejection::InUse { rules, .. } => Some(ids(NodeKind::EarningRule, rules)),
            _ => None,
        },
        reward_ids: match rejection {
            Rejection::InUse { rewards, .. } => Some(ids(NodeKind::Reward, rewards)),
            _ => None,
        },
    }
}

fn ids(kind: NodeKind, rows: &[Id]) -> Vec<ID> {
    rows.iter().map(|row| global(kind, *row)).collect()
}

/// The code of a rejection, the field it is about, and what is said of it in English and Chinese.
fn told(rejection: &Rejection) -> (SegmentErrorCode, &'static str, &'static str, &'static str) {
    use SegmentErrorCode as Code;
    match rejection {
        Rejection::SegmentUnknown => (Code::SegmentUnknown, "id", "There is no such segment.", "没有这个分群。"),
        Rejection::RevisionConflict { .. } => (
            Code::RevisionConflict,
            "expectedRevision",
            "Somebody changed the segment in the meantime. Look at it again.",
            "分群已被他人修改，请重新查看。",
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
        Rejection::FilterInvalid(flaw) => told_of_filter(*flaw),
        Rejection::TooMany => (
            Code::TooManySegments,
            "name",
            "There are 200 segments; delete some first.",
            "分群已达 200 个，请先删除一些。",
        ),
        Rejection::InUse { .. } => (
            Code::SegmentInUse,
            "id",
            "Earning rules or rewards name this segment; end or change them first.",
            "有获取规则或礼品正在使用该分群，请先结束或修改。",
        ),
    }
}

fn told_of_filter(flaw: Flaw) -> (SegmentErrorCode, &'static str, &'static str, &'static str) {
    use SegmentErrorCode as Code;
    let (code, english, chinese) = match flaw {
        Flaw::Values => (
            Code::FilterValuesInvalid,
            "A part of a filter lists 1 to 100 values that there can be, or names an end of its range.",
            "筛选条件须列出 1 至 100 个有效的值，或给出范围的一端。",
        ),
        Flaw::Range => (
            Code::FilterRangeInvalid,
            "A part of a filter ends before it begins, or names a month that is not 1 to 12.",
            "筛选条件的结束须不早于开始，月份须为 1 至 12。",
        ),
        Flaw::Amount => (
            Code::FilterAmountInvalid,
            "A part of a filter has a number that is too small, or an amount that is none of the currency.",
            "筛选条件中的数值过小，或金额不符合货币的最小单位。",
        ),
        Flaw::Days => (
            Code::FilterDaysInvalid,
            "A part of a filter looks 1 to 3,660 days back or ahead.",
            "筛选条件的天数需为 1 至 3,660。",
        ),
        Flaw::TooLarge => (
            Code::FilterTooLarge,
            "A filter has up to 50 parts, nested up to 5 deep.",
            "一个筛选最多 50 个条件，嵌套最多 5 层。",
        ),
        Flaw::Tier => (
            Code::FilterTierUnknown,
            "A part of a filter names a tier that the program does not have.",
            "筛选条件中的等级不存在。",
        ),
    };
    (code, "filter", english, chinese)
}
