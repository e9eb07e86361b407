//! What members and staff may do with points besides earning and spending them, and why not.

use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::base::points::MAX_POINTS;
use crate::base::text::has_control;
use crate::domain::points::entity::{TransferPolicy, program};
use crate::domain::points::rule::ledger::Refusal;

/// The longest reason or message, in characters.
pub const MAX_REASON: usize = 200;

/// Why points are not held, captured, released, given away, adjusted or reinstated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    MemberUnknown,
    /// Not a number of points that can be moved.
    BadPoints,
    /// Blank, too long, or with characters that cannot be shown.
    ReasonInvalid,
    NotEnoughPoints {
        required: i64,
        active: i64,
    },
    WalletFull,
    /// There is no such hold, or it is not the caller's to use.
    HoldUnknown,
    /// Nothing is open of it any more.
    HoldClosed,
    HoldTooSmall {
        open: i64,
    },
    /// In minutes, of which one is the least.
    HoldTooShort {
        most: i64,
    },
    HoldTooLong {
        most: i64,
    },
    /// The program lets nobody give points away.
    TransfersOff,
    TransferBelowMinimum {
        minimum: i64,
    },
    /// Points that may still be given away today.
    DailyLimitReached {
        left: i64,
    },
    ReceiverUnknown,
    /// Points cannot be given to oneself.
    ReceiverIsSender,
    ReceiverFull,
    AdjustmentUnknown,
    /// Somebody approved or rejected it before.
    AdjustmentDecided,
    /// Who asked for it cannot approve it.
    SecondApproverNeeded,
    /// Staff do not touch their own points.
    OwnPoints,
    /// There is no such expiration.
    ExpirationUnknown,
    /// Its points were given again or taken back before.
    NothingToReinstate,
    /// The window of so many days is over.
    TooLate {
        days: i64,
    },
    IdempotencyKeyConflict,
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Rejection {
        match refusal {
            Refusal::NotEnoughPoints { required, active } => Rejection::NotEnoughPoints { required, active },
            Refusal::WalletFull | Refusal::MoreLots => Rejection::WalletFull,
        }
    }
}

/// Whether a text can be kept as a reason.
pub fn is_reason(text: &str) -> bool {
    text.chars().count() <= MAX_REASON && !has_control(text)
}

/// A number of points that can be moved.
pub fn check_points(points: i64) -> Result<(), Rejection> {
    if (1..=MAX_POINTS).contains(&points) { Ok(()) } else { Err(Rejection::BadPoints) }
}

/// Whether the program lets a member give so many points away, who has given so many today.
pub fn check_transfer(program: &program::Model, points: i64, sent_today: i64) -> Result<(), Rejection> {
    match program.transfers {
        TransferPolicy::Nobody => return Err(Rejection::TransfersOff),
        TransferPolicy::Anybody => {}
    }
    check_points(points)?;
    if points < program.transfer_minimum {
        return Err(Rejection::TransferBelowMinimum { minimum: program.transfer_minimum });
    }
    match program.transfer_daily_limit {
        Some(limit) if points > limit - sent_today && !planted(Bug::DailyLimitOff) => {
            Err(Rejection::DailyLimitReached { left: (limit - sent_today).max(0) })
        }
        _ => Ok(()),
    }
}

/// Whether a member of staff may ask for or decide a correction.
pub fn check_adjustment(points: i64, member_id: Id, staff_id: Id) -> Result<(), Rejection> {
    check_points(points.saturating_abs())?;
    if member_id == staff_id { Err(Rejection::OwnPoints) } else { Ok(()) }
}
