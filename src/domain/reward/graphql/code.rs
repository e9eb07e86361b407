//! Adding codes to a reward: the input, what became of each line, and the errors.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::reward::graphql::reward::RewardObject;
use crate::domain::reward::rule::code::{Flaw, MAX_LENGTH, Rejection, Skipped};
use crate::domain::reward::service::code::{Addition, Wish, add_codes};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::{idempotency_key, path};
use crate::gql::language::Language;
use crate::gql::scalar::int;

/// Codes of a partner for a reward.
#[derive(InputObject)]
pub struct AddCodesInput {
    /// Drawn by the client, new for each call. Sent again, it gives the same answer again and adds nothing.
    idempotency_key: String,
    /// The global id of a reward of codes.
    reward_id: ID,
    /// 1 to 5,000 codes, in the order in which they are to be given out, behind those that are there. A request has at most
    /// 128 KiB; a longer list comes in several calls, or with `jifen import codes`.
    codes: Vec<String>,
}

/// What came of adding codes.
#[derive(SimpleObject)]
pub struct AddCodesPayload {
    /// What became of the list; null when there are user errors.
    addition: Option<CodeAddition>,
    /// Why nothing of it could be added. Then nothing was changed.
    user_errors: Vec<AddCodesUserError>,
}

/// What became of a list of codes (兑换码导入). Every line of it was added or is among the skipped.
#[derive(SimpleObject)]
pub struct CodeAddition {
    /// The reward, with as many available as there are codes left.
    reward: RewardObject,
    /// Codes that were added.
    added: i32,
    /// Lines that were passed over, in order.
    skipped: Vec<SkippedCode>,
}

/// A line of a list of codes that was passed over.
#[derive(SimpleObject)]
pub struct SkippedCode {
    /// The place in the list, from 1 on.
    line: i32,
    /// For programs.
    reason: SkippedCodeReason,
    /// For people, in the language of the request.
    message: String,
}

/// Why a line of a list of codes was passed over.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Flaw")]
pub enum SkippedCodeReason {
    /// A code has 1 to 100 characters and no control characters.
    Malformed,
    /// The same code stands further up in the list.
    Repeated,
    /// The reward has this code already, left or given out.
    Known,
    /// Another reward has this code, or it is a coupon's.
    Taken,
}

/// Why no code was added.
#[derive(SimpleObject)]
pub struct AddCodesUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: AddCodesErrorCode,
}

/// Why no code was added.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AddCodesErrorCode {
    /// There is no reward with this id.
    RewardUnknown,
    /// The reward gives out something else than codes.
    RewardNotOfCodes,
    /// The reward was ended, for good.
    RewardEnded,
    /// The list is empty.
    NoCodes,
    /// The list has more than 5,000 codes.
    TooManyCodes,
    /// The idempotency key was used for another list before.
    IdempotencyKeyConflict,
}

fn user_error(rejection: &Rejection, language: Language) -> AddCodesUserError {
    use AddCodesErrorCode as Code;
    let (code, field, english, chinese) = match rejection {
        Rejection::RewardUnknown => (Code::RewardUnknown, "rewardId", "There is no such reward.", "没有这个礼品。"),
        Rejection::NotOfCodes => (
            Code::RewardNotOfCodes,
            "rewardId",
            "This reward gives out something else than codes.",
            "该礼品不是兑换码类礼品。",
        ),
        Rejection::Ended => (Code::RewardEnded, "rewardId", "This reward was ended.", "该礼品已下架。"),
        Rejection::NoCodes => (Code::NoCodes, "codes", "The list of codes is empty.", "兑换码列表为空。"),
        Rejection::TooManyCodes => {
            (Code::TooManyCodes, "codes", "A list has at most 5,000 codes.", "每次最多添加 5,000 个兑换码。")
        }
        Rejection::IdempotencyKeyConflict => (
            Code::IdempotencyKeyConflict,
            "idempotencyKey",
            "This idempotency key was used for another list of codes.",
            "这个幂等键已用于另一份兑换码列表。",
        ),
    };
    AddCodesUserError { message: language.say(english, chinese), path: path(&[field]), code }
}

fn skipped(skipped: Skipped, language: Language) -> SkippedCode {
    let message = match skipped.flaw {
        Flaw::Malformed => language.say(
            format!("A code has 1 to {MAX_LENGTH} characters and no control characters."),
            format!("兑换码需为 1 至 {MAX_LENGTH} 个字符，且不含控制字符。"),
        ),
        Flaw::Repeated => language.say("This code stands further up in the list.", "该兑换码在列表中重复。"),
        Flaw::Known => language.say("The reward has this code already.", "该礼品已有这个兑换码。"),
        Flaw::Taken => language.say("Another reward or a coupon has this code.", "这个兑换码已属于其他礼品或优惠券。"),
    };
    SkippedCode { line: int(i64::try_from(skipped.line).unwrap_or(i64::MAX)), reason: skipped.flaw.into(), message }
}

#[derive(Default)]
pub struct AddCodesMutation;

#[Object]
impl AddCodesMutation {
    /// Adds single-use codes of a partner (兑换码) to a reward of kind `CODE`. A code is given out once for ever, in the
    /// order of the lists: one that this or any other reward has, or that is a coupon's, is passed over, as is one that
    /// cannot be read, and each such line is named. The rest is added as a whole. For staff only: `UNAUTHENTICATED` without
    /// a session, `FORBIDDEN` for other members; `UNAVAILABLE` and `TIMEOUT` may be sent again with the same key.
    async fn add_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which codes, and to which reward.")] input: AddCodesInput,
    ) -> Result<AddCodesPayload> {
        let caller = ctx.caller();
        caller.actor.staff()?;
        let wish = Wish {
            reward_id: GlobalId::row_of(NodeKind::Reward, &input.reward_id),
            codes: input.codes,
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let added = add_codes(App::of(ctx), &caller.actor, wish).await?;
        ctx.reader().forget();
        let language = caller.language;
        Ok(match added {
            Ok(Addition { reward, added, skipped: passed }) => {
                let passed = passed.into_iter().map(|line| skipped(line, language)).collect();
                let addition = CodeAddition { reward: RewardObject(reward), added: int(added), skipped: passed };
                AddCodesPayload { addition: Some(addition), user_errors: Vec::new() }
            }
            Err(rejection) => AddCodesPayload { addition: None, user_errors: vec![user_error(&rejection, language)] },
        })
    }
}
