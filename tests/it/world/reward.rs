//! Rewards, as staff makes them and takes redemptions back.

use serde_json::{Value as Json, json};

use super::Client;
use super::order::Call;
use super::shop::Reward;

macro_rules! reward {
    ($verb:literal, $input:literal) => {
        concat!(
            "mutation($input: ",
            $input,
            "!) { ",
            $verb,
            "(input: $input) { reward { id revision status kind name description imageUrl pointsPrice moneyPrice { amount }
                couponValue { amount } couponPercent minimumSpend { amount } couponValidDays product { sku } available
                startsAt endsAt limit { period pieces } audience { tags } }
            userErrors { code message path currentRevision usedQuantity } } }"
        )
    };
}

const CREATE: &str = reward!("createReward", "CreateRewardInput");
const UPDATE: &str = reward!("updateReward", "UpdateRewardInput");
const END: &str = reward!("endReward", "EndRewardInput");

const CANCEL: &str = "mutation($input: CancelRedemptionInput!) { cancelRedemption(input: $input) {
    redemption { id status points money { amount } moneyToGiveBack { amount } cancelledAt coupons { code status } codesToVoid }
    userErrors { code message path } } }";

const ADD_CODES: &str = "mutation($input: AddCodesInput!) { addCodes(input: $input) {
    addition { reward { id available } added skipped { line reason message } } userErrors { code message path } } }";

impl Client {
    fn of_rewards(&self, mutation: &'static str, document: &'static str, input: Json) -> Call {
        Call { client: self.clone(), document, mutation, object: "reward", input }
    }

    pub fn create_reward(&self, input: Json) -> Call {
        self.of_rewards("createReward", CREATE, input)
    }

    /// Changes a reward as it was seen.
    pub fn update_reward(&self, reward: &Json, mut input: Json) -> Call {
        input["id"] = reward["id"].clone();
        input["expectedRevision"] = reward["revision"].clone();
        self.of_rewards("updateReward", UPDATE, input)
    }

    pub fn end_reward(&self, reward: &Json) -> Call {
        let input = json!({ "id": reward["id"], "expectedRevision": reward["revision"] });
        self.of_rewards("endReward", END, input)
    }

    /// A reward that members can redeem, in whatever it differs from a coupon of ¥5.00 for 100 points.
    pub async fn reward(&self, with: Json) -> (Json, Reward) {
        let mut input = json!({ "kind": "COUPON", "name": "Five off", "pointsPrice": 100, "couponValue": "5.00" });
        for (field, value) in with.as_object().expect("fields") {
            input[field] = value.clone();
        }
        let made = self.create_reward(input).await.expect_ok();
        let row = jifen::gql::id::GlobalId::parse(&async_graphql::ID::from(made["id"].as_str().expect("an id")));
        let reward = Reward { row: row.expect("a global id").row, id: made["id"].as_str().expect("an id").to_owned() };
        (made, reward)
    }

    /// A reward of codes for 10 points, with some.
    pub async fn code_reward(&self, codes: &[&str], with: Json) -> Reward {
        let mut kind = json!({ "kind": "CODE", "name": "Film ticket", "couponValue": null, "pointsPrice": 10 });
        for (field, value) in with.as_object().expect("fields") {
            kind[field] = value.clone();
        }
        let (_, reward) = self.reward(kind).await;
        if !codes.is_empty() {
            let added = self.add_codes(&reward, codes).await.expect_ok();
            assert_eq!((&added["added"], &added["skipped"]), (&json!(codes.len()), &json!([])));
        }
        reward
    }

    pub fn add_codes(&self, reward: &Reward, codes: &[&str]) -> Call {
        self.call("addCodes", "addition", ADD_CODES, json!({ "rewardId": reward.id, "codes": codes }))
    }

    pub fn cancel_redemption(&self, redemption: &Json) -> Call {
        self.call("cancelRedemption", "redemption", CANCEL, json!({ "redemptionId": redemption["id"] }))
    }
}
