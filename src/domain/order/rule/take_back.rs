//! Taking an order back, in part or whole: what goes back of its money and points, and what it no longer earns.
//!
//! Everything is cumulative. After k of q pieces of a line have come back, `floor(amount × k / q)` has been given back of
//! what the line was paid with; and of the points that the order earned, all have been demanded that what is left would
//! not earn. So any parts, in any order, end where one return of the whole would have.

use crate::base::clock::Instant;
use crate::base::planted::{Bug, planted};
use crate::base::points::ExchangeRate;
use crate::domain::earning::entity::earned_share;
use crate::domain::earning::rule::left::{Demand, Given, demand};
use crate::domain::earning::rule::occasion::{Item, Occasion, Standing};
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::order::entity::{Channel, OrderStatus, line, order};
use crate::domain::order::rule::basis;
use crate::domain::points::entity::{ShortfallPolicy, program};
use crate::domain::points::rule::movement::is_reason;
use crate::domain::points::rule::program::{exchange_rate, zone};
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
    pub clawback: Demand,
    /// The order and its lines as they are after it.
    pub order: order::Model,
    pub lines: Vec<line::Model>,
    /// What each rule gave, with what is demanded of it.
    pub shares: Vec<earned_share::Model>,
    /// Nothing is left of it.
    pub is_whole: bool,
}

impl Plan {
    /// Notes on the shares how much of what is demanded the shop gives up: that does not go back to their budgets.
    pub fn give_up(&mut self, points: i64) {
        for (share, points) in self.shares.iter_mut().zip(self.clawback.written_off(points)) {
            share.written_off += points;
        }
    }
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

/// An order with its lines and what earning rules gave for it.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    pub order: &'a order::Model,
    pub lines: &'a [line::Model],
    pub shares: &'a [earned_share::Model],
}

/// Plans a return by the version of the program with which the order was decided, and its earning rules.
pub fn plan(program: &program::Model, rules: &Rules, placed: Placed, what: &What) -> Result<Plan, Rejection> {
    let Placed { order, lines, shares } = placed;
    let pieces = pieces(order, lines, what)?;
    let mut lines = lines.to_vec();
    let mut parts = Vec::with_capacity(pieces.len());
    for Piece { position, quantity } in pieces {
        let line = lines.iter_mut().find(|line| line.position == position).ok_or(Rejection::OrderUnknown)?;
        parts.push(take(line, quantity));
    }
    let sum = |amount: fn(&Part) -> i64| parts.iter().map(amount).sum::<i64>();
    let (money, points_given_back) = (sum(|part| part.money), sum(|part| part.points));
    let clawback = no_longer_earned(program, rules, Placed { lines: &lines, ..placed });
    let demanded = shares.iter().zip(&clawback.shares);
    let shares = demanded.map(|(share, points)| earned_share::Model { clawed: share.clawed + points, ..share.clone() });
    let shares = shares.collect();
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
        points_clawed: order.points_clawed + clawback.points(),
        ..order.clone()
    };
    Ok(Plan { parts, money, points_given_back, clawback, order, lines, shares, is_whole })
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

/// The points that what is left of the lines would not earn, as far as they were not demanded back before. What was known
/// of the member then counts, not what is known now.
fn no_longer_earned(program: &program::Model, rules: &Rules, placed: Placed) -> Demand {
    let Placed { order, lines, shares } = placed;
    let items: Vec<Item> =
        lines.iter().filter(|line| line.returned < line.quantity).map(|line| item_left(program, line)).collect();
    let standing: Standing =
        order.standing.as_ref().and_then(|known| serde_json::from_str(known).ok()).unwrap_or_default();
    let occasion = Occasion {
        moment: Instant(order.placed_at),
        zone: &zone(program),
        items: &items,
        channel: order.channel.map(Channel::word),
        outlet_id: order.outlet_id,
        event: None,
        standing: &standing,
    };
    let sum = |amount: fn(&earned_share::Model) -> i64| shares.iter().map(amount).sum::<i64>();
    let base = Given {
        points: order.points_earned - sum(|share| share.points),
        clawed: order.points_clawed - sum(|share| share.clawed),
    };
    demand(program, &occasion, base, &shares.iter().map(|share| (share, rule_of(rules, share))).collect::<Vec<_>>())
}

/// The revision by which a share was given: the one in force with the order's version of the program.
fn rule_of<'a>(rules: &'a Rules, share: &earned_share::Model) -> Option<&'a Rule> {
    rules.get(share.rule_id).filter(|rule| rule.row.revision == share.revision && !share.of_tier)
}

/// What is left of a line, as earning rules see it.
pub fn item_left(program: &program::Model, line: &line::Model) -> Item {
    let value = line.points_value - of_returned(line.points_value, line);
    let net = line.total - line.points_value - line.money_returned + value;
    Item {
        product_id: line.product_id,
        sku: line.sku.clone(),
        category_id: line.category_id,
        quantity: line.quantity - line.returned,
        net,
        basis: basis(program, net, value, line.tax_rate),
    }
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
