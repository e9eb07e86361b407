//! The verbs that move money, points and stock, and what comes of them.

use std::future::IntoFuture;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};

use super::shop::{Product, Reward};
use super::{Answer, Client};

pub const PLACE_ORDER: &str = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) {
    order { id number status placedAt pieces pointsEarned pointsPaid pointsValue { amount }
        subtotal { amount currencyCode } discount { amount } total { amount }
        lines { position product { id sku } quantity unitPrice { amount } discount { amount } total { amount }
            pointsEarned pointsPaid pointsValue { amount } }
        payments { method status amount { amount } } }
    userErrors { code message path availableQuantity validPoints minimumSpend { amount currencyCode } } } }";

pub const REDEEM: &str = "mutation($input: RedeemInput!) { redeem(input: $input) {
    redemption { id quantity points createdAt reward { id name kind }
        coupon { id code status value { amount } minimumSpend { amount } expiresAt } coupons { id code } codes }
    userErrors { code message path requiredPoints activePoints availableQuantity } } }";

const CHECK_COUPON: &str = "query($input: CheckCouponInput!) { checkCoupon(input: $input) { check {
    coupon { code status } subtotal { amount } discount { amount } total { amount currencyCode }
    lines { productId quantity discount { amount } total { amount } } }
    userErrors { code message path minimumSpend { amount } } } }";

/// The answer of a mutation with an object and user errors.
#[derive(Clone, Debug)]
pub struct Payload {
    pub answer: Answer,
    mutation: &'static str,
    object: &'static str,
}

impl Payload {
    fn payload(&self) -> &Json {
        &self.answer.json["data"][self.mutation]
    }

    /// The order, or the redemption.
    #[track_caller]
    pub fn expect_ok(&self) -> Json {
        let object = &self.payload()[self.object];
        assert!(object.is_object(), "refused: {}", self.answer.json);
        assert_eq!(self.payload()["userErrors"], json!([]));
        object.clone()
    }

    /// The one user error, which has this code.
    #[track_caller]
    pub fn expect_refused(&self, code: &str) -> Json {
        let errors = self.payload()["userErrors"].as_array().unwrap_or_else(|| panic!("{}", self.answer.json));
        assert_eq!(errors.len(), 1, "{}", self.answer.json);
        assert_eq!(errors[0]["code"], code, "{}", self.answer.json);
        assert!(self.payload()[self.object].is_null(), "{}", self.answer.json);
        assert!(errors[0]["message"].as_str().is_some_and(|words| words.len() > 5), "{}", self.answer.json);
        errors[0].clone()
    }

    /// The code of the first user error or top-level error, or `OK`.
    pub fn outcome(&self) -> String {
        if self.payload()[self.object].is_object() {
            return "OK".to_owned();
        }
        self.answer.codes().first().cloned().unwrap_or_else(|| "nothing".to_owned())
    }
}

/// A mutation about to be sent, finished by `.await`.
pub struct Call {
    pub(super) client: Client,
    pub(super) document: &'static str,
    pub(super) mutation: &'static str,
    pub(super) object: &'static str,
    pub input: Json,
}

impl Call {
    pub fn with_key(mut self, key: &str) -> Call {
        self.input["idempotencyKey"] = json!(key);
        self
    }

    pub fn with_coupon(mut self, code: &str) -> Call {
        self.input["couponCode"] = json!(code);
        self
    }

    /// The same request from another session.
    pub fn sent_by(self, client: &Client) -> Call {
        Call { client: client.clone(), ..self }
    }

    /// Pays part of an order with points.
    pub fn with_points(mut self, points: i64) -> Call {
        self.input["points"] = json!(points);
        self
    }

    pub fn times(mut self, quantity: i64) -> Call {
        self.input["quantity"] = json!(quantity);
        self
    }

    /// The request's body, for those who send it themselves.
    pub fn body(&self) -> Json {
        json!({ "query": self.document, "variables": { "input": self.input } })
    }
}

impl IntoFuture for Call {
    type Output = Payload;
    type IntoFuture = BoxFuture<'static, Payload>;

    fn into_future(self) -> BoxFuture<'static, Payload> {
        async move {
            let answer = self.client.send(self.body()).await;
            Payload { answer, mutation: self.mutation, object: self.object }
        }
        .boxed()
    }
}

impl Client {
    /// Any mutation with one input, with a new key: its name, the object it answers, and its document.
    pub fn call(&self, mutation: &'static str, object: &'static str, document: &'static str, mut input: Json) -> Call {
        if input.get("idempotencyKey").is_none() {
            input["idempotencyKey"] = json!(self.world.fresh("key"));
        }
        Call { client: self.clone(), document, mutation, object, input }
    }

    /// Orders so many pieces of each product, with a new key.
    pub fn place_order(&self, lines: &[(&Product, i64)]) -> Call {
        let lines = lines.iter().map(|(product, quantity)| (product.id.as_str(), *quantity)).collect::<Vec<_>>();
        self.place_order_of(&lines)
    }

    /// The same with ids as they come.
    pub fn place_order_of(&self, lines: &[(&str, i64)]) -> Call {
        let lines: Vec<Json> =
            lines.iter().map(|(id, quantity)| json!({ "productId": id, "quantity": quantity })).collect();
        Call {
            client: self.clone(),
            document: PLACE_ORDER,
            mutation: "placeOrder",
            object: "order",
            input: json!({ "idempotencyKey": self.world.fresh("order"), "lines": lines }),
        }
    }

    /// Asks what a coupon would take off so many pieces of each product. It is a query, and has no key.
    pub fn check_coupon(&self, code: &str, lines: &[(&Product, i64)]) -> Call {
        let lines: Vec<Json> =
            lines.iter().map(|(product, quantity)| json!({ "productId": product.id, "quantity": quantity })).collect();
        let input = json!({ "couponCode": code, "lines": lines });
        Call { client: self.clone(), document: CHECK_COUPON, mutation: "checkCoupon", object: "check", input }
    }

    /// Redeems points for one piece of a reward, with a new key.
    pub fn redeem(&self, reward: &Reward) -> Call {
        self.redeem_of(&reward.id)
    }

    pub fn redeem_of(&self, reward_id: &str) -> Call {
        Call {
            client: self.clone(),
            document: REDEEM,
            mutation: "redeem",
            object: "redemption",
            input: json!({ "idempotencyKey": self.world.fresh("redemption"), "rewardId": reward_id }),
        }
    }

    /// A coupon's code, for the points of this client.
    pub async fn buy_coupon(&self, reward: &Reward) -> String {
        let redemption = self.redeem(reward).await.expect_ok();
        redemption["coupon"]["code"].as_str().expect("a coupon").to_owned()
    }
}
