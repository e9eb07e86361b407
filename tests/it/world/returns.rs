//! Delivering orders and taking them back, as staff does.

use jifen::commit::settle::Settle;
use jifen::domain::points::entity::wallet;
use jifen::domain::points::query::WalletOf;
use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Answer, Client, Member, World};

pub const DELIVER: &str = "mutation($input: DeliverOrderInput!) { deliverOrder(input: $input) {
    order { id status deliveredAt } userErrors { code message path } } }";

/// What is selected of a return.
macro_rules! of_return {
    () => {
        "return { id createdAt money { amount } moneyWithheld { amount } method pointsGivenBack pointsForfeited
            pointsClawedBack pointsMissing pointsWrittenOff pointsSettled restocked reason
            lines { position quantity money { amount } points orderLine { position returned } }
            order { id status moneyReturned { amount } pointsReturned pointsClawedBack
                lines { returned moneyReturned { amount } pointsReturned } returns { id } } }"
    };
}

macro_rules! figures {
    () => {
        "figures { money { amount } moneyWithheld { amount } pointsGivenBack pointsForfeited pointsClawedBack
            pointsMissing pointsWrittenOff pointsSettled activePoints debt }"
    };
}

pub const CANCEL: &str = concat!(
    "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { order { id status } ",
    of_return!(),
    " userErrors { code message path } } }"
);

pub const REFUND: &str = concat!(
    "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { order { id status } ",
    of_return!(),
    " userErrors { code message path leftQuantity token ",
    figures!(),
    " } } }"
);

pub const PREVIEW: &str = concat!(
    "query($input: PreviewRefundInput!) { previewRefund(input: $input) { ",
    figures!(),
    " token userErrors { code message path leftQuantity } } }"
);

impl Client {
    fn of_order(&self, document: &'static str, mutation: &'static str, object: &'static str, order: &Json) -> Call {
        let input = json!({ "idempotencyKey": self.world.fresh(mutation), "orderId": order["id"] });
        Call { client: self.clone(), document, mutation, object, input }
    }

    /// Notes that an order has reached its customer, with a new key.
    pub fn deliver_order(&self, order: &Json) -> Call {
        self.of_order(DELIVER, "deliverOrder", "order", order)
    }

    /// Cancels an order; the answer is the return.
    pub fn cancel_order(&self, order: &Json) -> Call {
        self.of_order(CANCEL, "cancelOrder", "return", order)
    }

    /// Refunds whatever is left of an order; the answer is the return.
    pub fn refund_order(&self, order: &Json) -> Call {
        self.of_order(REFUND, "refundOrder", "return", order)
    }

    /// What refunding pieces (a line's position and how many) would do, or refunding whatever is left.
    pub async fn preview_refund(&self, order: &Json, pieces: Option<&[(i64, i64)]>) -> Answer {
        let mut input = json!({ "orderId": order["id"] });
        if let Some(pieces) = pieces {
            input["lines"] = lines(pieces);
        }
        self.graphql(PREVIEW, json!({ "input": input })).await
    }
}

fn lines(pieces: &[(i64, i64)]) -> Json {
    pieces.iter().map(|(position, quantity)| json!({ "position": position, "quantity": quantity })).collect()
}

impl Call {
    /// Only these pieces: a line's position, and how many.
    pub fn pieces(mut self, pieces: &[(i64, i64)]) -> Call {
        self.input["lines"] = lines(pieces);
        self
    }

    pub fn because(mut self, reason: &str) -> Call {
        self.input["reason"] = json!(reason);
        self
    }

    pub fn previewed(mut self, token: &Json) -> Call {
        self.input["previewToken"] = token.clone();
        self
    }

    pub fn without_restocking(mut self) -> Call {
        self.input["restock"] = json!(false);
        self
    }
}

impl World {
    /// A member's wallet, with what is due written.
    pub async fn wallet(&self, member: &Member) -> wallet::Model {
        let settle = Settle { member_id: member.member_id(), seed: self.app.ids.next() };
        self.app.committers.submit(settle).await.expect("settling is committed").expect("it cannot be refused");
        let found = self.app.hub.find(WalletOf(member.member_id())).await.expect("a wallet can be read");
        (*found.expect("every member has one")).clone()
    }

    /// Points that can be spent, are pending, and are owed.
    pub async fn balances(&self, member: &Member) -> [i64; 3] {
        let wallet = self.wallet(member).await;
        [wallet.posted - wallet.held, wallet.pending, wallet.debt]
    }
}
