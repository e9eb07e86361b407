//! Merging two accounts of one person, in the schema.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::member::graphql::MemberObject;
use crate::domain::member::service::{Refused, Which, merge_members};
use crate::domain::points::rule::MergeRejection as Rejection;
use crate::domain::points::rule::movement::MAX_REASON;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::path;
use crate::gql::language::Language;

/// Why members were not merged.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MergeMembersErrorCode {
    /// There is no such member.
    MemberUnknown,
    /// A member is not merged into themselves.
    SameMember,
    /// One of the two was merged into another member before.
    AlreadyMerged,
    /// Points of the one who goes are set aside: capture or release them first.
    HoldsOpen,
    /// The one who goes belongs to a household: they leave it first.
    InHousehold,
    /// Staff do not merge their own account.
    OwnAccount,
    /// Together they have, or owe, more points than an account can hold.
    AccountFull,
    /// A reason has up to 200 characters and no control characters.
    ReasonInvalid,
}

/// Why members were not merged.
#[derive(SimpleObject)]
pub struct MergeMembersUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: MergeMembersErrorCode,
}

fn user_error(Refused { rejection, about }: Refused, language: Language) -> MergeMembersUserError {
    let (code, english, chinese, field): (_, String, String, Option<&str>) = match rejection {
        Rejection::MemberUnknown => {
            (MergeMembersErrorCode::MemberUnknown, "There is no such member.".into(), "没有这个会员。".into(), None)
        }
        Rejection::SameMember => (
            MergeMembersErrorCode::SameMember,
            "A member is not merged into themselves.".into(),
            "不能与自己合并。".into(),
            Some("intoMemberId"),
        ),
        Rejection::AlreadyMerged => (
            MergeMembersErrorCode::AlreadyMerged,
            "One of the two was merged into another member before.".into(),
            "其中一个会员此前已被合并。".into(),
            None,
        ),
        Rejection::HoldsOpen => (
            MergeMembersErrorCode::HoldsOpen,
            "Points of this member are set aside: capture or release them first.".into(),
            "该会员有冻结中的积分，请先使用或解冻。".into(),
            Some("fromMemberId"),
        ),
        Rejection::InHousehold => (
            MergeMembersErrorCode::InHousehold,
            "This member belongs to a household and has to leave it first.".into(),
            "该会员在家庭账户中，请先退出。".into(),
            Some("fromMemberId"),
        ),
        Rejection::OwnAccount => (
            MergeMembersErrorCode::OwnAccount,
            "Staff do not merge their own account.".into(),
            "员工不能合并自己的账户。".into(),
            None,
        ),
        Rejection::AccountFull => (
            MergeMembersErrorCode::AccountFull,
            "The account would hold more points than it can.".into(),
            "账户积分将超过上限。".into(),
            Some("intoMemberId"),
        ),
        Rejection::ReasonInvalid => (
            MergeMembersErrorCode::ReasonInvalid,
            format!("A reason has up to {MAX_REASON} characters and no control characters."),
            format!("原因最多 {MAX_REASON} 个字符。"),
            Some("reason"),
        ),
    };
    let field = match about {
        Some(Which::From) => Some("fromMemberId"),
        Some(Which::Into) => Some("intoMemberId"),
        None => field,
    };
    MergeMembersUserError {
        message: language.say(english, chinese),
        path: field.and_then(|field| path(&[field])),
        code,
    }
}

/// Two accounts of one person.
#[derive(InputObject)]
pub struct MergeMembersInput {
    /// The member who goes.
    from_member_id: ID,
    /// The member who stays.
    into_member_id: ID,
    /// Why, up to 200 characters.
    reason: Option<String>,
}

/// What came of merging members.
#[derive(SimpleObject)]
pub struct MergeMembersPayload {
    /// The member who stays; null when there are user errors.
    member: Option<MemberObject>,
    /// Why they were not merged. Then nothing was changed.
    user_errors: Vec<MergeMembersUserError>,
}

#[derive(Default)]
pub struct MergeMutation;

#[Object]
impl MergeMutation {
    /// Merges a member into another, for good: points with their validity, pending ones and what is owed, orders,
    /// redemptions and coupons become those of the one who stays; cards and numbers of the one who goes lead to them, and
    /// so do names to log in with that they lack. The sessions of the one who goes end. Asked for again, it is done. For
    /// staff: `UNAUTHENTICATED` without a session, `FORBIDDEN` without the staff role.
    async fn merge_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who goes and who stays.")] input: MergeMembersInput,
    ) -> Result<MergeMembersPayload> {
        let member = |id| GlobalId::row_of(NodeKind::Member, id);
        let (from, into) = (member(&input.from_member_id), member(&input.into_member_id));
        let merged = merge_members(App::of(ctx), &ctx.caller().actor, from, into, input.reason).await?;
        ctx.reader().forget();
        Ok(match merged {
            Ok(id) => MergeMembersPayload { member: Some(MemberObject(id)), user_errors: Vec::new() },
            Err(rejection) => {
                MergeMembersPayload { member: None, user_errors: vec![user_error(rejection, ctx.caller().language)] }
            }
        })
    }
}
