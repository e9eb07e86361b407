//! Protecting a member's tier, in the schema.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::member::graphql::MemberObject;
use crate::domain::tier::rule::change::NotProtected;
use crate::domain::tier::service::protect_tier;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::path;
use crate::gql::language::Language;
use crate::gql::scalar::DateTime;

/// A member whose tier is to be kept.
#[derive(InputObject)]
pub struct ProtectTierInput {
    /// The member's global id.
    member_id: ID,
    /// Until when, at most ten years ahead; null or left out is no longer.
    until: Option<DateTime>,
    /// Why, 1 to 200 characters. It stands in the history, for staff to read.
    reason: String,
}

/// Why a tier was not protected.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ProtectTierErrorCode {
    /// There is no such member.
    MemberUnknown,
    /// Staff do not protect their own tier.
    OwnTier,
    /// The program has no tiers.
    NoTiers,
    /// Not in the future, or more than ten years ahead.
    UntilInvalid,
    /// A reason has 1 to 200 characters and no control characters.
    ReasonInvalid,
}

/// Why a tier was not protected.
#[derive(SimpleObject)]
pub struct ProtectTierUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: ProtectTierErrorCode,
}

/// What came of protecting a tier.
#[derive(SimpleObject)]
pub struct ProtectTierPayload {
    /// The member; null when there are user errors.
    member: Option<MemberObject>,
    /// Why it was not protected. Then nothing was changed.
    user_errors: Vec<ProtectTierUserError>,
}

fn user_error(rejection: NotProtected, language: Language) -> ProtectTierUserError {
    use ProtectTierErrorCode as Code;
    let (code, field, english, chinese) = match rejection {
        NotProtected::MemberUnknown => (Code::MemberUnknown, "memberId", "There is no such member.", "没有这位会员。"),
        NotProtected::OwnTier => {
            (Code::OwnTier, "memberId", "Staff do not protect their own tier.", "员工不能为自己保级。")
        }
        NotProtected::NoTiers => (Code::NoTiers, "memberId", "The program has no tiers.", "该计划没有等级。"),
        NotProtected::UntilInvalid => (
            Code::UntilInvalid,
            "until",
            "A tier is protected until a moment in the next ten years.",
            "保级截止时间须在未来十年之内。",
        ),
        NotProtected::ReasonInvalid => {
            (Code::ReasonInvalid, "reason", "A reason has 1 to 200 characters.", "原因需为 1 至 200 个字符。")
        }
    };
    ProtectTierUserError { message: language.say(english, chinese), path: path(&[field]), code }
}

#[derive(Default)]
pub struct ProtectMutation;

#[Object]
impl ProtectMutation {
    /// Keeps a member's tier until a moment (保级), whatever it is judged to be and whatever is returned; or, without a moment,
    /// no longer. Asked for again, it is done. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other
    /// members.
    async fn protect_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member, and until when.")] input: ProtectTierInput,
    ) -> Result<ProtectTierPayload> {
        let member_id = GlobalId::row_of(NodeKind::Member, &input.member_id);
        let until = input.until.map(|until| until.0);
        let done = protect_tier(App::of(ctx), &ctx.caller().actor, member_id, until, &input.reason).await?;
        ctx.reader().forget();
        let language = ctx.caller().language;
        Ok(match done {
            Ok(id) => ProtectTierPayload { member: Some(MemberObject(id)), user_errors: Vec::new() },
            Err(rejection) => ProtectTierPayload { member: None, user_errors: vec![user_error(rejection, language)] },
        })
    }
}
