//! Taking an order back, in part or whole: what goes back of its money and points, and what it no longer earns.
//!
//! Everything is cumulative. After k of q pieces of a line have come back, `floor(amount × k / q)` has been given back of
//! what the line was paid with; and of the points that the order earned, all have been demanded that what is left would
//! not earn. So any parts, in any order, end where one return of the whole would have.

use crate::base::planted::{Bug, planted};
use crate::base::points::ExchangeRate;
use crate::domain::earning::rule::earn;
use crate::domain::order::entity::{OrderStatus, line, order};
use crate::domain::order::rule::basis;
use crate::domain::points::entity::{ShortfallPolicy, program};
use crate::domain::points::rule::movement::is_reason;
use crate::domain::points::rule::program::exchange_rate;
use crate::domain::points::rule::{Shortfall, TakenBack};

/// So many pieces of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub position: i64,
    pub quantity: i64,
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Whatever is left, of an order that was not delivered yet.
    Cancellation,
    /// These pieces.
    Pieces(Vec<Piece>),
    /// Whatever is left.
    Everything,
}

/// Why an order cannot be taken back. `line` counts from 0 in what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    OrderUnknown,
    /// It was recorded by an import, without lines or payments.
    OrderImported,
    /// There is nothing left of it.
    AlreadyReturned,
    /// It is in the customer's hands: it can be returned, and no longer cancelled.
    AlreadyDelivered,
    NoLines,
    LineUnknown {
        line: usize,
    },
    /// It stands there twice.
    LineRepeated {
        line: usize,
    },
    BadQuantity {
        line: usize,
        left: i64,
    },
    /// Too long, or with characters that cannot be shown.
    ReasonInvalid,
    /// What the preview showed no longer holds; what does now, and what to send along to get just that.
    PreviewStale {
        figures: Box<Figures>,
        token: String,
    },
    /// The member would have, or owe, more points than a wallet can hold.
    TooLarge,
    IdempotencyKeyConflict,
}

/// What a return does, in minor units and points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Money for the customer, after what is withheld.
    pub money: i64,
    /// Money withheld for points that were missing.
    pub money_withheld: i64,
    /// Points the order was paid with, given back …
    pub points_given_back: i64,
    /// … of which so many were past their expiry and stay so.
    pub points_forfeited: i64,
    /// Earned points taken back, and what became of those that were not there.
    pub clawback: TakenBack,
    /// Points that can be spent, and that are owed, after it.
    pub active_after: i64,
    pub debt_after: i64,
}

/// A return as far as the order goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The pieces, with the money and the points that go back for them.
    pub parts: Vec<Part>,
    pub money: i64,
    pub points_given_back: i64,
    /// Earned points to be demanded back.
    pub clawback: i64,
    /// The order and its lines as they are after it.
    pub order: order::Model,
    pub lines: Vec<line::Model>,
    /// Nothing is left of it.
    pub is_whole: bool,
}

/// What goes back for pieces of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub position: i64,
    pub quantity: i64,
    pub money: i64,
    pub points: i64,
}

/// A reason as it is kept: without space around it, and none rather than an empty one.
pub fn check_reason(reason: Option<String>) -> Result<Option<String>, Rejection> {
    let Some(reason) = reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()) else {
        return Ok(None);
    };
    if is_reason(reason) { Ok(Some(reason.to_owned())) } else { Err(Rejection::ReasonInvalid) }
}

/// Plans a return by the version of the program with which the order was decided.
pub fn plan(
    program: &program::Model,
    order: &order::Model,
    lines: &[line::Model],
    what: &What,
) -> Result<Plan, Rejection> {
    let pieces = pieces(order, lines, what)?;
    let mut lines = lines.to_vec();
    let mut parts = Vec::with_capacity(pieces.len());
    for Piece { position, quantity } in pieces {
        let line = lines.iter_mut().find(|line| line.position == position).ok_or(Rejection::OrderUnknown)?;
        parts.push(take(line, quantity));
    }
    let sum = |amount: fn(&Part) -> i64| parts.iter().map(amount).sum::<i64>();
    let (money, points_given_back) = (sum(|part| part.money), sum(|part| part.points));
    let still_earned = earned_by_rest(program, &lines);
    let clawback = (order.points_earned - still_earned - order.points_clawed).max(0);
    let is_whole = lines.iter().all(|line| line.returned == line.quantity);
    let status = match what {
        _ if !is_whole => order.status,
        What::Cancellation => OrderStatus::Cancelled,
        _ => OrderStatus::Returned,
    };
    let order = order::Model {
        status,
        revision: order.revision + 1,
        money_returned: order.money_returned + money,
        points_returned: order.points_returned + points_given_back,
        points_clawed: order.points_clawed + clawback,
        ..order.clone()
    };
    Ok(Plan { parts, money, points_given_back, clawback, order, lines, is_whole })
}

/// Which pieces come back.
fn pieces(order: &order::Model, lines: &[line::Model], what: &What) -> Result<Vec<Piece>, Rejection> {
    match order.status {
        OrderStatus::Completed => return Err(Rejection::OrderImported),
        OrderStatus::Cancelled | OrderStatus::Returned => return Err(Rejection::AlreadyReturned),
        OrderStatus::Delivered if *what == What::Cancellation => return Err(Rejection::AlreadyDelivered),
        OrderStatus::Paid | OrderStatus::Delivered => {}
    }
    match what {
        What::Pieces(wanted) => check(wanted, lines).map(|()| wanted.clone()),
        What::Cancellation | What::Everything => {
            let left = lines.iter().filter(|line| line.returned < line.quantity);
            Ok(left.map(|line| Piece { position: line.position, quantity: line.quantity - line.returned }).collect())
        }
    }
}

fn check(wanted: &[Piece], lines: &[line::Model]) -> Result<(), Rejection> {
    if wanted.is_empty() {
        return Err(Rejection::NoLines);
    }
    for (at, piece) in wanted.iter().enumerate() {
        let line = lines.iter().find(|line| line.position == piece.position);
        let line = line.ok_or(Rejection::LineUnknown { line: at })?;
        if wanted[..at].iter().any(|other| other.position == piece.position) {
            return Err(Rejection::LineRepeated { line: at });
        }
        let left = line.quantity - line.returned;
        if !(1..=left).contains(&piece.quantity) {
            return Err(Rejection::BadQuantity { line: at, left });
        }
    }
    Ok(())
}

/// Takes pieces off a line.
fn take(line: &mut line::Model, quantity: i64) -> Part {
    line.returned += quantity;
    let money = of_returned(line.total - line.points_value, line) - line.money_returned;
    let points = of_returned(line.points_paid, line) - line.points_returned;
    let money = if planted(Bug::EachReturnRounded) {
        (line.total - line.points_value) / line.quantity * quantity
    } else {
        money
    };
    line.money_returned += money;
    line.points_returned += points;
    Part { position: line.position, quantity, money, points }
}

/// The part of a line's amount that belongs to the pieces that came back, rounded down.
fn of_returned(amount: i64, line: &line::Model) -> i64 {
    let part = i128::from(amount) * i128::from(line.returned) / i128::from(line.quantity);
    i64::try_from(part).unwrap_or(amount)
}

/// The points that what is left of the lines would earn.
fn earned_by_rest(program: &program::Model, lines: &[line::Model]) -> i64 {
    let left = lines.iter().map(|line| {
        let value = line.points_value - of_returned(line.points_value, line);
        let money = line.total - line.points_value - line.money_returned;
        basis(program, money + value, value, line.tax_rate)
    });
    // What is left is no more than the whole, which was not too large.
    earn(program, &left.collect::<Vec<_>>()).map_or(0, |earned| earned.points)
}

/// What becomes of points that are missing, when so much money goes back.
pub fn shortfall(program: &program::Model, money: i64) -> Shortfall {
    match program.shortfall {
        ShortfallPolicy::AllowDebt => Shortfall::Debt { limit: program.debt_limit },
        ShortfallPolicy::WriteOff => Shortfall::WriteOff,
        ShortfallPolicy::DeductFromRefund => Shortfall::Settle { at_most: exchange_rate(program).points_for(money) },
    }
}

/// The money withheld for points that are settled with it: what all that the order's returns have settled is worth by
/// now, rounded down, less what was withheld for those before.
pub fn withheld(program: &program::Model, before: i64, settled: i64) -> i64 {
    let rate: ExchangeRate = exchange_rate(program);
    let before = if planted(Bug::EachSettlementRounded) { 0 } else { before };
    let settled = if planted(Bug::FullMoneyBack) { 0 } else { settled };
    rate.floor_value(before + settled) - rate.floor_value(before)
}
