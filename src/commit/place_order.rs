//! Placing an order: stock, coupon, payment, points and the order itself, in one commit.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::rows::{Changes, Keys, NewOrder, Rows};
use crate::domain::catalog::entity::product;
use crate::domain::member::entity::{HandleKind, handle, idempotency};
use crate::domain::order::entity::{OrderStatus, PaymentMethod, PaymentStatus, line, order, payment};
use crate::domain::order::rule::{CartLine, Priced, Rejection, Shop, decide};
use crate::domain::outbox::entity::{Topic, outbox};
use crate::domain::points::entity::{ActorKind, Cause};
use crate::domain::points::rule::{Event, accrue};
use crate::domain::reward::entity::coupon;

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "placeOrder";

#[derive(Clone, Debug)]
pub struct PlaceOrder {
    pub member_id: Id,
    pub lines: Vec<CartLine>,
    pub coupon_code: Option<String>,
    pub idempotency_key: String,
    pub request_hash: Vec<u8>,
    /// The products of the lines, read before queueing: the price is the one of the moment the order was sent.
    pub products: HashMap<Id, Arc<product::Model>>,
    // Drawn beforehand:
    pub order_id: Id,
    pub number: String,
    pub txn_id: Id,
    pub lot_id: Id,
    pub event_id: Id,
}

/// A placed order.
#[derive(Clone, Debug)]
pub enum Placed {
    Now(Box<order::Model>),
    /// The key was used before; this is the order it made then.
    Before(Id),
}

impl Command for PlaceOrder {
    type Done = Placed;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        12 + 2 * self.lines.len()
    }

    fn keys(&self, keys: &mut Keys) {
        keys.wallets.insert(self.member_id);
        keys.stock.extend(self.lines.iter().map(|line| line.product_id));
        keys.coupons.extend(self.coupon_code.iter().map(|code| (self.member_id, code.clone())));
        keys.replies.insert((self.member_id, OPERATION.to_owned(), self.idempotency_key.clone()));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Placed), Stop<Rejection>> {
        if let Some(reply) = rows.reply_to(self.member_id, OPERATION, &self.idempotency_key) {
            return match reply.request_hash == self.request_hash {
                true => Ok((Changes::default(), Placed::Before(reply.result_id))),
                false => Err(Rejection::IdempotencyKeyConflict.into()),
            };
        }
        let wallet = rows.wallets.get(&self.member_id).ok_or_else(|| Stop::Failed(Error::unauthenticated()))?;
        let coupon = self.coupon(rows)?;
        let shop = Shop { program: &rows.program, products: &self.products, stock: &rows.stock };
        let priced = decide(&self.lines, &shop, coupon, now)?;
        let booking = match priced.points {
            0 => None,
            points => {
                Some(accrue(wallet, &self.event(rows, now), points, self.lot_id).map_err(|_| Rejection::TooLarge)?)
            }
        };
        let order = self.order(rows, &priced, coupon, now);
        let wallet_seq = booking.as_ref().map_or(wallet.seq, |booking| booking.wallet.seq);
        let coupon_used = coupon.map(|coupon| coupon::Model {
            used_at: Some(now.micros()),
            order_id: Some(self.order_id),
            ..coupon.clone()
        });
        let changes = Changes {
            names: vec![self.name()],
            booking,
            coupon_used,
            reply: Some(self.reply(now)),
            events: vec![self.told(&order, wallet_seq)],
            order: Some(NewOrder {
                lines: self.order_lines(&priced),
                payment: Some(payment_of(&order)),
                order: order.clone(),
            }),
            stock: priced.stock,
            ..Changes::default()
        };
        Ok((changes, Placed::Now(Box::new(order))))
    }
}

impl PlaceOrder {
    fn coupon<'a>(&self, rows: &'a Rows) -> Result<Option<&'a coupon::Model>, Rejection> {
        let Some(code) = &self.coupon_code else {
            return Ok(None);
        };
        rows.coupons.get(&(self.member_id, code.clone())).map(Some).ok_or(Rejection::CouponNotYours)
    }

    fn event(&self, rows: &Rows, now: Instant) -> Event {
        Event {
            txn_id: self.txn_id,
            cause: Cause::Order,
            source_id: self.order_id,
            source_part: 0,
            reason: None,
            actor: ActorKind::Member,
            actor_id: Some(self.member_id),
            program_version: rows.program.version,
            occurred_at: now,
            recorded_at: now,
        }
    }

    fn order(&self, rows: &Rows, priced: &Priced, coupon: Option<&coupon::Model>, now: Instant) -> order::Model {
        order::Model {
            member_id: self.member_id,
            id: self.order_id,
            number: self.number.clone(),
            status: OrderStatus::Paid,
            imported: false,
            pieces: priced.pieces,
            currency: rows.program.currency.clone(),
            subtotal: priced.subtotal,
            discount: priced.discount,
            total: priced.total,
            points_earned: priced.points,
            coupon_id: coupon.map(|coupon| coupon.id),
            placed_at: now.micros(),
            recorded_at: now.micros(),
            program_version: rows.program.version,
            lot_id: (priced.points > 0).then_some(self.lot_id),
            points_paid: 0,
            points_value: 0,
            points_txn_id: None,
            revision: 0,
            delivered_at: None,
            money_returned: 0,
            points_returned: 0,
            points_clawed: 0,
        }
    }

    fn order_lines(&self, priced: &Priced) -> Vec<line::Model> {
        let numbered = priced.lines.iter().zip(0..);
        numbered
            .map(|(line, position)| line::Model {
                member_id: self.member_id,
                order_id: self.order_id,
                position,
                product_id: line.product_id,
                quantity: line.quantity,
                unit_price: line.unit_price,
                discount: line.discount,
                total: line.total,
                points_earned: line.points,
                points_paid: 0,
                points_value: 0,
                returned: 0,
                money_returned: 0,
                points_returned: 0,
            })
            .collect()
    }

    fn name(&self) -> handle::Model {
        handle::Model {
            kind: HandleKind::OrderNumber,
            value: self.number.clone(),
            member_id: self.member_id,
            subject_id: self.order_id,
        }
    }

    fn reply(&self, now: Instant) -> idempotency::Model {
        idempotency::Model {
            member_id: self.member_id,
            operation: OPERATION.to_owned(),
            key: self.idempotency_key.clone(),
            request_hash: self.request_hash.clone(),
            result_id: self.order_id,
            created_at: now.micros(),
        }
    }

    fn told(&self, order: &order::Model, wallet_seq: i64) -> outbox::Model {
        let payload = serde_json::json!({
            "orderId": order.id, "number": order.number, "total": order.total, "currency": order.currency,
            "pointsEarned": order.points_earned,
        });
        outbox::Model {
            member_id: self.member_id,
            id: self.event_id,
            topic: Topic::OrderPlaced,
            wallet_seq,
            payload: payload.to_string(),
            created_at: order.recorded_at,
        }
    }
}

/// The one payment method there is: taken by the shop itself and captured at once.
fn payment_of(order: &order::Model) -> payment::Model {
    payment::Model {
        member_id: order.member_id,
        order_id: order.id,
        position: 0,
        method: PaymentMethod::Manual,
        status: PaymentStatus::Captured,
        amount: order.total,
        currency: order.currency.clone(),
        captured_at: order.placed_at,
    }
}
