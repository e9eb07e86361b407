//! Orders that are delivered and taken back, as commands.

use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::deliver_order::{self, DeliverOrder};
use jifen::commit::place_order::PlaceOrder;
use jifen::commit::return_order::{CANCEL, REFUND, ReturnOrder, Returned};
use jifen::domain::order::rule::take_back::{Piece, What};
use jifen::domain::points::entity::{ShortfallPolicy, program};
use jifen::domain::points::rule::By;

use super::{CHEAP_COUPON, Shop, idempotency, made_id};

impl Shop {
    /// The command that takes pieces of an order back, by the program as it is but for its policy.
    fn returning(&self, order: &PlaceOrder, what: What, shortfall: ShortfallPolicy, key: &str) -> ReturnOrder {
        let operation = if what == What::Cancellation { CANCEL } else { REFUND };
        let program = program::Model { shortfall, debt_limit: None, ..(*self.programs.latest()).clone() };
        ReturnOrder {
            rules: Arc::default(),
            placed_at: Instant::default(),
            shares: Vec::new(),
            wallets: Vec::new(),
            key: idempotency(order.key.member_id, operation, key, format!("{what:?}")),
            order_id: order.order_id,
            products: order.lines.iter().zip(0..).map(|(line, position)| (position, line.product_id)).collect(),
            coupon_code: order.coupon_code.clone(),
            what,
            is_preview: false,
            preview: None,
            restock: true,
            reason: Some("by a test".to_owned()),
            by: By::staff(order.key.member_id),
            program: Arc::new(program),
            return_id: self.ids.next(),
            seed: self.ids.next(),
            event_id: self.ids.next(),
        }
    }

    async fn take_back(&self, order: &PlaceOrder, pieces: &[(i64, i64)], shortfall: ShortfallPolicy, key: &str) {
        let pieces = pieces.iter().map(|(position, quantity)| Piece { position: *position, quantity: *quantity });
        let command = self.returning(order, What::Pieces(pieces.collect()), shortfall, key);
        let restock = key != "broken";
        let returned = self.committers.submit(ReturnOrder { restock, ..command }).await.unwrap().unwrap();
        assert!(matches!(returned, Returned::Now { .. }), "{returned:?}");
    }

    async fn cancel(&self, order: &PlaceOrder, key: &str) {
        let command = self.returning(order, What::Cancellation, ShortfallPolicy::AllowDebt, key);
        let returned = self.committers.submit(command).await.unwrap().unwrap();
        assert!(matches!(returned, Returned::Now { .. }), "{returned:?}");
    }

    async fn deliver(&self, order: &PlaceOrder) {
        let command = DeliverOrder {
            wallets: Vec::new(),
            key: idempotency(order.key.member_id, deliver_order::OPERATION, "deliver", String::new()),
            order_id: order.order_id,
            program: self.programs.latest(),
            seed: self.ids.next(),
            event_id: self.ids.next(),
        };
        self.committers.submit(command).await.unwrap().unwrap();
    }

    async fn place_for(&self, member: Id, lines: &[(usize, i64)], points: i64, coupon: Option<&str>) -> PlaceOrder {
        let order = PlaceOrder { points, ..self.order(member, lines, coupon, &format!("{lines:?} {points}")) };
        let made = self.place(order.clone()).await.unwrap().unwrap();
        assert_eq!(made_id(&made, |row| row.id), order.order_id);
        order
    }
}

/// Everything that can become of an order of somebody new: paid with points and taken back in parts, cancelled with its
/// coupon, and points that were missing in each of the three ways.
pub async fn take_orders_back(shop: &Shop) {
    use ShortfallPolicy::{AllowDebt, DeductFromRefund, WriteOff};
    let ida = shop.register("ida").await.expect("the name is free");
    shop.import(shop.purchase(ida, "I-1", 20_000, 20)).await.unwrap().unwrap();
    let wish = shop.wish(ida, CHEAP_COUPON, 1, "coupon");
    let code = wish.coupons[0].1.clone();
    shop.redeem(wish).await.unwrap().unwrap();
    let mixed = shop.place_for(ida, &[(0, 3), (1, 2)], 500, None).await;
    let cancelled = shop.place_for(ida, &[(1, 3)], 100, Some(&code)).await;
    shop.cancel(&cancelled, "cancel").await;
    shop.take_back(&mixed, &[(0, 1), (1, 2)], AllowDebt, "some").await;
    shop.deliver(&mixed).await;
    shop.take_back(&mixed, &[(0, 1)], AllowDebt, "broken").await;
    // All that is left is spent, so that the next returns find nothing.
    let missing = shop.place_for(ida, &[(0, 3), (3, 4)], 0, None).await;
    shop.redeem(shop.wish(ida, CHEAP_COUPON, 30, "all")).await.unwrap().unwrap();
    for (policy, key) in [(WriteOff, "written off"), (DeductFromRefund, "settled"), (AllowDebt, "owed")] {
        shop.take_back(&missing, &[(0, 1)], policy, key).await;
    }
    // What is earned next repays it.
    shop.place_for(ida, &[(3, 9), (1, 5)], 0, None).await;
}
