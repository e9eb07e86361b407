//! Why an event, or a kind of event, was not recorded.

use async_graphql::{Enum, SimpleObject};

use crate::domain::earning::rule::event::{Rejection, TypeRejection};
use crate::gql::input::path;
use crate::gql::language::Language;

/// Why an event was not recorded.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RecordEventErrorCode {
    /// There is no event type with this code.
    TypeUnknown,
    /// There is no such member.
    MemberUnknown,
    /// A key has 1 to 200 characters and no control characters.
    UniqueKeyInvalid,
    /// An event of this type was recorded for the member under this key, with other attributes or another time.
    UniqueKeyConflict,
    /// Events of this type have no such attribute.
    AttributeUnknown,
    /// The attribute is told twice.
    AttributeRepeated,
    /// The attribute is of another kind, or a text of more than 200 characters or with control characters.
    AttributeInvalid,
    /// It happened in the future, or more than 31 days ago.
    OccurredAtInvalid,
    /// Staff do not record what they did themselves.
    OwnEvent,
    /// It would earn more points than a wallet can hold.
    TooLarge,
}

/// Why an event was not recorded.
#[derive(SimpleObject)]
pub struct RecordEventUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: RecordEventErrorCode,
    /// With `ATTRIBUTE_UNKNOWN`, `ATTRIBUTE_REPEATED` and `ATTRIBUTE_INVALID`: the attribute's name.
    attribute: Option<String>,
}

pub fn user_error(rejection: &Rejection, language: Language, at: &[&str]) -> RecordEventUserError {
    use RecordEventErrorCode as Code;
    let (code, field, english, chinese) = match rejection {
        Rejection::TypeUnknown => (Code::TypeUnknown, "type", "There is no such type of event.", "没有这种事件类型。"),
        Rejection::MemberUnknown => (Code::MemberUnknown, "memberId", "There is no such member.", "没有这位会员。"),
        Rejection::UniqueKeyInvalid => {
            (Code::UniqueKeyInvalid, "uniqueKey", "A key has 1 to 200 characters.", "唯一键需为 1 至 200 个字符。")
        }
        Rejection::UniqueKeyConflict => (
            Code::UniqueKeyConflict,
            "uniqueKey",
            "This key was used for another event of the member.",
            "该唯一键已用于该会员的另一事件。",
        ),
        Rejection::AttributeUnknown { .. } => (
            Code::AttributeUnknown,
            "attributes",
            "Events of this type have no such attribute.",
            "该事件类型没有这个属性。",
        ),
        Rejection::AttributeRepeated { .. } => {
            (Code::AttributeRepeated, "attributes", "An attribute is told once.", "同一属性只能填写一次。")
        }
        Rejection::AttributeInvalid { .. } => (
            Code::AttributeInvalid,
            "attributes",
            "The attribute's value is of another kind, or a text of more than 200 characters.",
            "属性值的类型不符，或文本超过 200 个字符。",
        ),
        Rejection::OccurredAtInvalid => (
            Code::OccurredAtInvalid,
            "occurredAt",
            "An event is recorded within 31 days, and not before it happens.",
            "事件须在发生后 31 天内记录。",
        ),
        Rejection::OwnEvent => (
            Code::OwnEvent,
            "memberId",
            "Somebody else has to record what you did yourself.",
            "不能为自己记录事件，请由他人操作。",
        ),
        Rejection::TooManyPoints => {
            (Code::TooLarge, "type", "The account cannot hold that many points.", "账户无法容纳这么多积分。")
        }
    };
    let attribute = match rejection {
        Rejection::AttributeUnknown { name }
        | Rejection::AttributeRepeated { name }
        | Rejection::AttributeInvalid { name } => Some(name.clone()),
        _ => None,
    };
    let place: Vec<&str> = at.iter().copied().chain([field]).collect();
    RecordEventUserError { message: language.say(english, chinese), path: path(&place), code, attribute }
}

/// Why an event type was not made.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CreateEventTypeErrorCode {
    /// A code is a capital letter, then capitals, digits and underscores, up to 50.
    CodeInvalid,
    /// There is an event type of this code.
    CodeTaken,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// More than 30 attributes, two of one name, or one whose name is not a letter, then letters, digits and underscores, up
    /// to 50.
    AttributesInvalid,
    /// There are 200 event types already.
    TooMany,
}

/// Why an event type was not made.
#[derive(SimpleObject)]
pub struct CreateEventTypeUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: CreateEventTypeErrorCode,
}

pub fn type_error(rejection: TypeRejection, language: Language) -> CreateEventTypeUserError {
    use CreateEventTypeErrorCode as Code;
    let (code, field, english, chinese) = match rejection {
        TypeRejection::CodeInvalid => (
            Code::CodeInvalid,
            "code",
            "A code is of capitals, digits and underscores, such as CHECK_IN.",
            "代码须由大写字母、数字和下划线组成，如 CHECK_IN。",
        ),
        TypeRejection::CodeTaken => (Code::CodeTaken, "code", "This code is taken.", "该代码已被使用。"),
        TypeRejection::NameInvalid => {
            (Code::NameInvalid, "name", "A name has 1 to 100 characters.", "名称需为 1 至 100 个字符。")
        }
        TypeRejection::AttributesInvalid => (
            Code::AttributesInvalid,
            "attributes",
            "An event has up to 30 attributes, each of a name of its own: a letter, then letters, digits and underscores.",
            "最多 30 个属性，名称不能重复，须以字母开头，由字母、数字和下划线组成。",
        ),
        TypeRejection::TooMany => {
            (Code::TooMany, "code", "There are 200 event types already.", "事件类型已达 200 种。")
        }
    };
    CreateEventTypeUserError { message: language.say(english, chinese), path: path(&[field]), code }
}
