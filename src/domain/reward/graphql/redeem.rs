//! Redeeming points: the input, the payload and the mutation.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::points::graphql::PointsPurse;
use crate::domain::reward::graphql::redeem_error::{RedeemUserError, user_error};
use crate::domain::reward::graphql::redemption::RedemptionObject;
use crate::domain::reward::service::{Wish, redeem};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::idempotency_key;

/// Points to be redeemed.
#[derive(InputObject)]
pub struct RedeemInput {
    /// Drawn by the client, new for each redemption. Sent again, it gives the same redemption again.
    idempotency_key: String,
    /// The reward's global id.
    reward_id: ID,
    /// Pieces, 1 to 100.
    #[graphql(default = 1)]
    quantity: i32,
    /// Whose points pay.
    #[graphql(default)]
    points_from: PointsPurse,
}

/// What came of redeeming points.
#[derive(SimpleObject)]
pub struct RedeemPayload {
    /// The redemption; null when there are user errors.
    redemption: Option<RedemptionObject>,
    /// Why it was refused. Then nothing was changed.
    user_errors: Vec<RedeemUserError>,
}

#[derive(Default)]
pub struct RedeemMutation;

#[Object]
impl RedeemMutation {
    /// Redeems points of the member who asks for a reward: coupons, a product taken from its stock, or a donation. Money that it costs
    /// beside is taken by the shop itself and recorded. All or nothing.
    /// `UNAUTHENTICATED` without a session; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn redeem(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What for.")] input: RedeemInput,
    ) -> Result<RedeemPayload> {
        let caller = ctx.caller();
        let wish = Wish {
            reward_id: GlobalId::row_of(NodeKind::Reward, &input.reward_id),
            quantity: i64::from(input.quantity),
            purse: input.points_from.into(),
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let redeemed = redeem(App::of(ctx), &caller.actor, wish).await?;
        ctx.reader().forget();
        Ok(match redeemed {
            Ok(redemption) => {
                RedeemPayload { redemption: Some(RedemptionObject(Arc::new(redemption))), user_errors: Vec::new() }
            }
            Err(rejection) => {
                RedeemPayload { redemption: None, user_errors: vec![user_error(&rejection, caller.language)] }
            }
        })
    }
}
