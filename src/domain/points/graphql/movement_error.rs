//! Why points were not moved.

use async_graphql::{Enum, SimpleObject};

use crate::domain::points::rule::movement::{MAX_REASON, Rejection};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::int;

/// Why points were not held, captured, released, given away, adjusted or reinstated.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PointsErrorCode {
    /// There is no such member.
    MemberUnknown,
    /// Points are a whole number from 1 on; an adjustment is not 0.
    BadPoints,
    /// A reason has up to 200 characters and no control characters; an adjustment needs one.
    ReasonInvalid,
    /// The member has fewer points; see `requiredPoints` and `activePoints`.
    NotEnoughPoints,
    /// The account would hold more than it can.
    AccountFull,
    /// There is no such hold that the caller may use.
    HoldUnknown,
    /// Nothing is open of this hold any more: it was captured, released, or timed out.
    HoldClosed,
    /// Less is open of this hold; see `limit`.
    HoldTooSmall,
    /// A hold lasts no longer than the program allows; see `limit`, in minutes.
    HoldTooLong,
    /// A hold lasts 1 minute or more; see `limit`, in minutes.
    HoldTooShort,
    /// The program lets nobody give points away.
    TransfersOff,
    /// Fewer points than the program lets be given away; see `limit`.
    TransferBelowMinimum,
    /// More than may still be given away today; see `limit`.
    DailyLimitReached,
    /// There is no member with this number.
    ReceiverUnknown,
    /// Points cannot be given to oneself.
    ReceiverIsSender,
    /// The receiver's account would hold more than it can.
    ReceiverFull,
    /// There is no such adjustment.
    AdjustmentUnknown,
    /// It was approved or rejected before.
    AdjustmentDecided,
    /// Whoever asked for it cannot approve it.
    SecondApproverNeeded,
    /// Staff cannot change their own points.
    OwnPoints,
    /// There is no such expiration.
    ExpirationUnknown,
    /// Its points were given again or taken back before.
    NothingToReinstate,
    /// The time in which they could be given again is over; see `limit`, in days.
    TooLate,
    /// The idempotency key was used for something else before.
    IdempotencyKeyConflict,
}

/// Why points were not moved.
#[derive(SimpleObject)]
pub struct PointsUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: PointsErrorCode,
    /// With `NOT_ENOUGH_POINTS`: the points it takes.
    required_points: Option<i32>,
    /// With `NOT_ENOUGH_POINTS`: the points the member has.
    active_points: Option<i32>,
    /// The number that would do, where the code says so.
    limit: Option<i32>,
}

impl Rejection {
    pub fn code(&self) -> PointsErrorCode {
        match self {
            Rejection::MemberUnknown => PointsErrorCode::MemberUnknown,
            Rejection::BadPoints => PointsErrorCode::BadPoints,
            Rejection::ReasonInvalid => PointsErrorCode::ReasonInvalid,
            Rejection::NotEnoughPoints { .. } => PointsErrorCode::NotEnoughPoints,
            Rejection::WalletFull => PointsErrorCode::AccountFull,
            Rejection::HoldUnknown => PointsErrorCode::HoldUnknown,
            Rejection::HoldClosed => PointsErrorCode::HoldClosed,
            Rejection::HoldTooSmall { .. } => PointsErrorCode::HoldTooSmall,
            Rejection::HoldTooShort { .. } => PointsErrorCode::HoldTooShort,
            Rejection::HoldTooLong { .. } => PointsErrorCode::HoldTooLong,
            Rejection::TransfersOff => PointsErrorCode::TransfersOff,
            Rejection::TransferBelowMinimum { .. } => PointsErrorCode::TransferBelowMinimum,
            Rejection::DailyLimitReached { .. } => PointsErrorCode::DailyLimitReached,
            Rejection::ReceiverUnknown => PointsErrorCode::ReceiverUnknown,
            Rejection::ReceiverIsSender => PointsErrorCode::ReceiverIsSender,
            Rejection::ReceiverFull => PointsErrorCode::ReceiverFull,
            Rejection::AdjustmentUnknown => PointsErrorCode::AdjustmentUnknown,
            Rejection::AdjustmentDecided => PointsErrorCode::AdjustmentDecided,
            Rejection::SecondApproverNeeded => PointsErrorCode::SecondApproverNeeded,
            Rejection::OwnPoints => PointsErrorCode::OwnPoints,
            Rejection::ExpirationUnknown => PointsErrorCode::ExpirationUnknown,
            Rejection::NothingToReinstate => PointsErrorCode::NothingToReinstate,
            Rejection::TooLate { .. } => PointsErrorCode::TooLate,
            Rejection::IdempotencyKeyConflict => PointsErrorCode::IdempotencyKeyConflict,
        }
    }

    /// The argument that is wrong.
    fn field(&self) -> &'static str {
        match self {
            Rejection::MemberUnknown | Rejection::OwnPoints => "memberId",
            Rejection::BadPoints
            | Rejection::NotEnoughPoints { .. }
            | Rejection::WalletFull
            | Rejection::HoldTooSmall { .. }
            | Rejection::TransfersOff
            | Rejection::TransferBelowMinimum { .. }
            | Rejection::DailyLimitReached { .. } => "points",
            Rejection::ReasonInvalid => "reason",
            Rejection::HoldUnknown | Rejection::HoldClosed => "holdId",
            Rejection::HoldTooShort { .. } | Rejection::HoldTooLong { .. } => "minutes",
            Rejection::ReceiverUnknown | Rejection::ReceiverIsSender | Rejection::ReceiverFull => "toMemberNumber",
            Rejection::AdjustmentUnknown | Rejection::AdjustmentDecided | Rejection::SecondApproverNeeded => {
                "adjustmentId"
            }
            Rejection::ExpirationUnknown | Rejection::NothingToReinstate | Rejection::TooLate { .. } => "entryId",
            Rejection::IdempotencyKeyConflict => "idempotencyKey",
        }
    }
}

pub fn user_error(rejection: &Rejection, language: Language) -> PointsUserError {
    let (required_points, active_points) = match rejection {
        Rejection::NotEnoughPoints { required, active } => (Some(int(*required)), Some(int(*active))),
        _ => (None, None),
    };
    let limit = match rejection {
        Rejection::HoldTooSmall { open } => Some(*open),
        Rejection::HoldTooShort { .. } => Some(1),
        Rejection::HoldTooLong { most } => Some(*most),
        Rejection::TransferBelowMinimum { minimum } => Some(*minimum),
        Rejection::DailyLimitReached { left } => Some(*left),
        Rejection::TooLate { days } => Some(*days),
        _ => None,
    };
    PointsUserError {
        message: message(rejection, language),
        path: path(&[rejection.field()]),
        code: rejection.code(),
        required_points,
        active_points,
        limit: limit.map(int),
    }
}

/// Why points were not corrected. A correction may also take points, so it has limits of its own.
pub fn adjustment_error(rejection: &Rejection, language: Language) -> PointsUserError {
    let error = user_error(rejection, language);
    match rejection {
        Rejection::BadPoints => {
            let english = "Give a whole number of points: positive to give, negative to take, and not 0.";
            let chinese = "请填写非零整数积分：正数为增加，负数为扣减。";
            PointsUserError { message: language.say(english, chinese), ..error }
        }
        _ => error,
    }
}

fn message(rejection: &Rejection, language: Language) -> String {
    let (english, chinese): (String, String) = match rejection {
        Rejection::MemberUnknown => ("There is no such member.".into(), "没有这个会员。".into()),
        Rejection::BadPoints => ("Give a whole number of points, from 1 on.".into(), "请填写正整数积分。".into()),
        Rejection::ReasonInvalid => (
            format!("Give a reason of up to {MAX_REASON} characters."),
            format!("请填写原因，最多 {MAX_REASON} 个字符。"),
        ),
        Rejection::NotEnoughPoints { required, active } => (
            format!("This takes {required} points, and there are {active}."),
            format!("需要 {required} 积分，可用 {active} 积分。"),
        ),
        Rejection::WalletFull => ("The account cannot hold so many points.".into(), "积分账户已满。".into()),
        Rejection::HoldUnknown => ("There is no such hold.".into(), "没有这笔冻结。".into()),
        Rejection::HoldClosed => ("Nothing is held any more.".into(), "这笔冻结已结束。".into()),
        Rejection::HoldTooSmall { open } => {
            (format!("Only {open} points are still held."), format!("仅剩 {open} 积分处于冻结中。"))
        }
        Rejection::HoldTooShort { most } | Rejection::HoldTooLong { most } => {
            (format!("A hold lasts 1 to {most} minutes."), format!("冻结时长为 1 到 {most} 分钟。"))
        }
        Rejection::TransfersOff => ("Points cannot be given away here.".into(), "本店不支持积分转赠。".into()),
        Rejection::TransferBelowMinimum { minimum } => {
            (format!("Give {minimum} points or more."), format!("每次至少转赠 {minimum} 积分。"))
        }
        Rejection::DailyLimitReached { left } => {
            (format!("You may give away {left} more points today."), format!("今天还可转赠 {left} 积分。"))
        }
        Rejection::ReceiverUnknown => ("There is no member with this number.".into(), "没有这个会员号。".into()),
        Rejection::ReceiverIsSender => ("These are your own points already.".into(), "不能转赠给自己。".into()),
        Rejection::ReceiverFull => ("The other account cannot hold so many points.".into(), "对方账户已满。".into()),
        Rejection::AdjustmentUnknown => ("There is no such adjustment.".into(), "没有这笔调整。".into()),
        Rejection::AdjustmentDecided => ("This adjustment has been decided.".into(), "这笔调整已处理。".into()),
        Rejection::SecondApproverNeeded => ("Somebody else has to approve this.".into(), "须由另一位员工审批。".into()),
        Rejection::OwnPoints => ("You cannot change your own points.".into(), "不能调整自己的积分。".into()),
        Rejection::ExpirationUnknown => ("There is no such expiration.".into(), "没有这笔过期记录。".into()),
        Rejection::NothingToReinstate => {
            ("Nothing is left of it to be given again.".into(), "没有可恢复的积分。".into())
        }
        Rejection::TooLate { days } => {
            (format!("Points can be given again for {days} days."), format!("积分过期 {days} 天内可恢复。"))
        }
        Rejection::IdempotencyKeyConflict => {
            ("This idempotency key was used for something else.".into(), "这个幂等键已用于其他操作。".into())
        }
    };
    language.say(english, chinese)
}
