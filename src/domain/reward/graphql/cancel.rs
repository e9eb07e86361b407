//! Cancelling a redemption: the input, the payload, its errors and the mutation.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::reward::graphql::redemption::RedemptionObject;
use crate::domain::reward::rule::Uncancellable;
use crate::domain::reward::service::cancel::{Refused, Wish, cancel_redemption};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::{idempotency_key, path};
use crate::gql::language::Language;

/// A redemption to be cancelled.
#[derive(InputObject)]
pub struct CancelRedemptionInput {
    /// Drawn by the client, new for each cancellation. Sent again, it gives the same answer again.
    idempotency_key: String,
    /// The redemption's global id.
    redemption_id: ID,
    /// Why, at most 200 characters. Its member can read it.
    reason: Option<String>,
}

/// What came of cancelling a redemption.
#[derive(SimpleObject)]
pub struct CancelRedemptionPayload {
    /// The redemption as it is now; null when there are user errors.
    redemption: Option<RedemptionObject>,
    /// Why it was not cancelled. Then nothing was changed.
    user_errors: Vec<CancelRedemptionUserError>,
}

/// Why a redemption was not cancelled.
#[derive(SimpleObject)]
pub struct CancelRedemptionUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: CancelRedemptionErrorCode,
}

/// Why a redemption was not cancelled.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CancelRedemptionErrorCode {
    /// There is no such redemption.
    RedemptionUnknown,
    /// It is the caller's own: another member of staff has to cancel it.
    OwnRedemption,
    /// It was cancelled before.
    AlreadyCancelled,
    /// One of its coupons was used. A full return of that order makes it good again, while its time is not over.
    CouponUsed,
    /// The time of one of its coupons is over.
    CouponExpired,
    /// A reason has at most 200 characters and no control characters.
    ReasonInvalid,
    /// The member would have more points than an account can hold.
    AccountFull,
    /// The idempotency key was used for another cancellation of this member's before.
    IdempotencyKeyConflict,
}

fn user_error(refused: &Refused, language: Language) -> CancelRedemptionUserError {
    use CancelRedemptionErrorCode as Code;
    let (code, field, english, chinese) = match refused {
        Refused::OwnRedemption => (
            Code::OwnRedemption,
            "redemptionId",
            "This redemption is your own. Ask a colleague to cancel it.",
            "这是您自己的兑换，请由其他员工取消。",
        ),
        Refused::Rule(Uncancellable::RedemptionUnknown) => {
            (Code::RedemptionUnknown, "redemptionId", "There is no such redemption.", "没有这次兑换。")
        }
        Refused::Rule(Uncancellable::AlreadyCancelled) => {
            (Code::AlreadyCancelled, "redemptionId", "This redemption was cancelled before.", "这次兑换已取消。")
        }
        Refused::Rule(Uncancellable::CouponUsed) => {
            (Code::CouponUsed, "redemptionId", "A coupon of this redemption was used.", "这次兑换的优惠券已使用。")
        }
        Refused::Rule(Uncancellable::CouponExpired) => (
            Code::CouponExpired,
            "redemptionId",
            "A coupon of this redemption has expired.",
            "这次兑换的优惠券已过期。",
        ),
        Refused::Rule(Uncancellable::ReasonInvalid) => {
            (Code::ReasonInvalid, "reason", "A reason has at most 200 characters.", "原因最多 200 个字符。")
        }
        Refused::Rule(Uncancellable::WalletFull) => (
            Code::AccountFull,
            "redemptionId",
            "The member would have more points than an account can hold.",
            "积分账户已达上限。",
        ),
        Refused::Rule(Uncancellable::IdempotencyKeyConflict) => (
            Code::IdempotencyKeyConflict,
            "idempotencyKey",
            "This idempotency key was used for another cancellation.",
            "这个幂等键已用于另一次取消。",
        ),
    };
    CancelRedemptionUserError { message: language.say(english, chinese), path: path(&[field]), code }
}

#[derive(Default)]
pub struct CancelRedemptionMutation;

#[Object]
impl CancelRedemptionMutation {
    /// Cancels a redemption of which no coupon was used or has expired (取消兑换): its points go back to the lots they came
    /// from, and those that are past their expiry are given the program's grace or stay expired; its coupons are no longer
    /// good, its pieces return to their stock, and its member may redeem as many again under the reward's limit. Money that
    /// was paid beside the points is shown as `moneyToGiveBack`; the shop gives it back itself. Codes do not return, as its
    /// member may have read them: they are shown as `codesToVoid`. All or nothing. For staff
    /// only, of any member's redemption but their own: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members;
    /// `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn cancel_redemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which redemption.")] input: CancelRedemptionInput,
    ) -> Result<CancelRedemptionPayload> {
        let caller = ctx.caller();
        let wish = Wish {
            redemption: GlobalId::owned_row_of(NodeKind::Redemption, &input.redemption_id),
            reason: input.reason,
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let cancelled = cancel_redemption(App::of(ctx), &caller.actor, wish).await?;
        ctx.reader().forget();
        Ok(match cancelled {
            Ok(redemption) => {
                CancelRedemptionPayload { redemption: Some(RedemptionObject(redemption)), user_errors: Vec::new() }
            }
            Err(refused) => {
                CancelRedemptionPayload { redemption: None, user_errors: vec![user_error(&refused, caller.language)] }
            }
        })
    }
}
