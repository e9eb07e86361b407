//! Taking the orders of a random history back.

use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::return_order::{ReturnOrder, Returned};
use jifen::domain::order::entity::{OrderStatus, order};
use jifen::domain::order::rule::take_back::{Piece, Rejection, What};
use jifen::domain::points::entity::ShortfallPolicy;
use jifen::domain::points::rule::By;

use super::history::{History, STAFF};
use super::shop::MEMBER;
use super::standing::Left;

impl History {
    pub(super) fn take_back_some(&mut self) {
        let open: Vec<Id> = self.orders.iter().map(|(id, ..)| *id).filter(|id| !is_over(self.order(*id))).collect();
        if !open.is_empty() {
            let id = *self.dice.pick(&open);
            self.take_back(id);
        }
    }

    /// Takes back whatever is left of an order, in any parts. When nothing but debt can become of missing points, one
    /// return of all of it at this moment would have ended with the same balances, budgets and counts.
    pub(super) fn finish(&mut self, id: Id) {
        let program = self.orders.iter().find(|(order, ..)| *order == id).map(|(_, program, _)| program.clone());
        let program = program.expect("an order's program");
        let at_once = self.returning(id, What::Everything);
        let at_once_left = self.shop.left_after(&at_once);
        let at_once = ReturnOrder { is_preview: true, ..at_once };
        let Ok(Returned::Preview { figures, .. }) = self.shop.run(&at_once) else { panic!("it can be previewed") };
        let held_before = self.shop.ledger().wallet.held;
        while !is_over(self.order(id)) {
            self.take_back(id);
        }
        let wallet = &self.shop.ledger().wallet;
        if program.shortfall == ShortfallPolicy::AllowDebt && program.debt_limit.is_none() && wallet.held == held_before
        {
            let ended = (self.shop.ledger().active(), wallet.debt);
            assert_eq!(ended, (figures.active_after, figures.debt_after), "parts and the whole differ");
            assert_eq!(self.shop.left(), at_once_left, "parts and the whole leave rules something else");
        }
    }

    fn take_back(&mut self, id: Id) {
        let lines = &self.shop.rows.orders[&(MEMBER, id)].lines;
        let some = lines.iter().filter(|line| line.returned < line.quantity && !self.dice.once_in(3));
        let some = some
            .map(|line| Piece { position: line.position, quantity: 1 + self.dice.roll(line.quantity - line.returned) });
        let pieces: Vec<Piece> = some.collect();
        let what = if pieces.is_empty() { What::Everything } else { What::Pieces(pieces) };
        let command = self.returning(id, what);
        let preview = ReturnOrder { is_preview: true, ..command.clone() };
        let Ok(Returned::Preview { figures: expected, token }) = self.shop.run(&preview) else {
            panic!("what can be returned can be previewed");
        };
        let command = ReturnOrder { preview: Some(token), ..command };
        let (before, left) = (self.shop.written.steps(), Left::of(&self.shop.rows.orders[&(MEMBER, id)]));
        match self.shop.run(&command) {
            Ok(Returned::Now { figures, .. }) => {
                assert_eq!(figures, expected, "a preview says what is done");
                assert!(figures.money >= 0 && figures.money_withheld >= 0, "{figures:?}");
                *self.money.entry(id).or_default() += figures.money + figures.money_withheld;
            }
            other => panic!("{other:?} of {:?}", self.order(id)),
        }
        // Of the base and of the tier's share there is left what was left before, or what the rest would earn by the tier of
        // then if that is less; whatever the tier is now.
        let known = &self.shop.rows.orders[&(MEMBER, id)];
        let rest = Left::would_be(&command.program, known, self.multipliers[&id]);
        assert_eq!(Left::of(known), left.at_most(rest), "{known:?}");
        self.shop.assert_not_risen(before);
        // It is not taken for a preview of something else.
        let (key, return_id, seed) = (self.key("refundOrder"), self.shop.id(), self.shop.seed());
        let again = ReturnOrder { key, return_id, seed, ..command };
        match self.shop.run(&again) {
            Err(Rejection::PreviewStale { .. } | Rejection::BadQuantity { .. } | Rejection::AlreadyReturned) => {}
            other => panic!("{other:?}"),
        }
    }

    fn returning(&mut self, order_id: Id, what: What) -> ReturnOrder {
        let (_, program, coupon_code) =
            self.orders.iter().find(|(id, ..)| *id == order_id).expect("an order of ours").clone();
        let known = self.shop.rows.orders[&(MEMBER, order_id)].clone();
        let products = known.lines.iter().map(|line| (line.position, line.product_id)).collect();
        ReturnOrder {
            rules: self.rules[&program.version].clone(),
            placed_at: Instant(known.order.placed_at),
            shares: known.shares.iter().cloned().map(Arc::new).collect(),
            wallets: Vec::new(),
            key: self.key("refundOrder"),
            order_id,
            what,
            is_preview: false,
            preview: None,
            restock: true,
            reason: None,
            by: By::staff(STAFF),
            program,
            products,
            coupon_code,
            return_id: self.shop.id(),
            seed: self.shop.seed(),
            event_id: self.shop.id(),
        }
    }
}

pub fn is_over(order: &order::Model) -> bool {
    matches!(order.status, OrderStatus::Returned | OrderStatus::Cancelled)
}

pub fn assert_everything_went_back(order: &order::Model, money: i64) {
    assert_eq!((order.money_returned, money), (order.total - order.points_value, order.total - order.points_value));
    assert_eq!(order.points_returned, order.points_paid, "{order:?}");
    assert_eq!(order.points_clawed, order.points_earned, "{order:?}");
}
