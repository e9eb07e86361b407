//! Households in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::base::id::Id;
use crate::domain::household::entity::{MembershipState, household, household_member};
use crate::domain::household::query::{HouseholdKey, MembersOf};
use crate::domain::household::rule::Rejection;
use crate::domain::household::service::{create_household, invite_to_household, join_household, leave_household};
use crate::domain::member::query::{MemberKey, ProfileOf};
use crate::domain::points::entity;
use crate::domain::points::graphql::PointsAccountObject;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global};
use crate::gql::input::{path, plain};
use crate::gql::language::Language;
use crate::gql::scalar::{DateTime, int};

/// What a member may do with the points of their household. All earn into it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::HouseholdRole")]
pub enum HouseholdRole {
    /// Spends, and says who belongs to it.
    Owner,
    /// Spends.
    Spender,
    /// Earns only.
    Earner,
}

/// Members who earn points together, 家庭账户.
pub struct HouseholdObject(pub Arc<household::Model>);

/// Members who earn points together, 家庭账户. Only they and staff may read it; whoever was invited reads its name.
#[Object(name = "Household")]
impl HouseholdObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Household, self.0.id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }

    /// Who belongs to it, and who was invited. Nobody once the last has left.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<HouseholdMemberObject>> {
        let members = ctx.reader().get(MembersOf(self.0.id)).await?;
        Ok(members.iter().cloned().map(HouseholdMemberObject).collect())
    }

    /// Its points.
    async fn points_account(&self, ctx: &Context<'_>) -> PointsAccountObject {
        PointsAccountObject::of(ctx, self.0.id)
    }
}

/// A member of a household, or somebody who was invited.
pub struct HouseholdMemberObject(household_member::Model);

/// A member of a household, or somebody who was invited.
#[Object(name = "HouseholdMember")]
impl HouseholdMemberObject {
    /// The member's number.
    async fn number(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.reader().get(MemberKey(self.0.member_id)).await?.number.clone())
    }

    /// The member's name to be shown; null for somebody who was invited and has not answered yet, but for staff.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if self.0.joined_at.is_none() && ctx.staff().is_err() {
            return Ok(None);
        }
        Ok(ctx.reader().find(ProfileOf(self.0.member_id)).await?.and_then(|profile| profile.name.clone()))
    }

    /// What they may do with its points, once they have joined.
    async fn role(&self) -> HouseholdRole {
        self.0.role.into()
    }

    /// When they joined; null for somebody who was invited and has not answered yet.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(DateTime::of)
    }
}

/// An invitation to a household.
pub struct HouseholdInvitationObject(household_member::Model);

/// An invitation to a household. Only the one who was invited and staff may read it.
#[Object(name = "HouseholdInvitation")]
impl HouseholdInvitationObject {
    /// The household's global id, by which it is joined or declined.
    async fn household_id(&self) -> ID {
        global(NodeKind::Household, self.0.household_id)
    }

    /// What the household is called.
    async fn household_name(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.reader().get(HouseholdKey(self.0.household_id)).await?.name.clone())
    }

    /// What they might do with its points.
    async fn role(&self) -> HouseholdRole {
        self.0.role.into()
    }

    /// When they were invited.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }
}

/// The invitations among a member's memberships.
pub fn invitations(memberships: &[household_member::Model]) -> Vec<HouseholdInvitationObject> {
    let open = memberships.iter().filter(|known| known.state == MembershipState::Invited);
    open.cloned().map(HouseholdInvitationObject).collect()
}

/// Why a household was not made or changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum HouseholdErrorCode {
    /// The program has no households.
    HouseholdsOff,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// The member belongs to a household already.
    AlreadyInHousehold,
    /// There is no such household that the caller belongs to or was invited to; or whoever would invite belongs to none.
    HouseholdUnknown,
    /// Only an owner may do this.
    NotOwner,
    /// There is no such member, or not in this household.
    MemberUnknown,
    /// As many as the program allows belong to it or are invited; see `limit`.
    HouseholdFull,
    /// The caller was not invited to this household.
    NotInvited,
    /// Somebody has to own it while there are others: make another member an owner first.
    LastOwner,
    /// What the household has is more than the last member's account can hold.
    AccountFull,
}

/// Why a household was not made or changed.
#[derive(SimpleObject)]
pub struct HouseholdUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: HouseholdErrorCode,
    /// With `HOUSEHOLD_FULL`: the members a household may have.
    limit: Option<i32>,
}

fn user_error(rejection: Rejection, language: Language) -> HouseholdUserError {
    let (code, english, chinese, field) = match rejection {
        Rejection::HouseholdsOff => {
            (HouseholdErrorCode::HouseholdsOff, "There are no households here.", "本店未开放家庭账户。", None)
        }
        Rejection::NameInvalid => (
            HouseholdErrorCode::NameInvalid,
            "A name has 1 to 100 characters and no control characters.",
            "名称为 1 到 100 个字符。",
            Some("name"),
        ),
        Rejection::AlreadyInHousehold => (
            HouseholdErrorCode::AlreadyInHousehold,
            "The member belongs to a household already.",
            "该会员已在一个家庭账户中。",
            None,
        ),
        Rejection::HouseholdUnknown => (
            HouseholdErrorCode::HouseholdUnknown,
            "There is no such household.",
            "没有这个家庭账户。",
            Some("householdId"),
        ),
        Rejection::InNoHousehold => (
            HouseholdErrorCode::HouseholdUnknown,
            "You belong to no household to which you could invite.",
            "您不在任何家庭账户中，无法邀请。",
            None,
        ),
        Rejection::NotOwner => (
            HouseholdErrorCode::NotOwner,
            "Only an owner of the household may do this.",
            "只有家庭账户的户主可以操作。",
            None,
        ),
        Rejection::MemberUnknown => {
            (HouseholdErrorCode::MemberUnknown, "There is no such member.", "没有这个会员。", Some("memberNumber"))
        }
        Rejection::HouseholdFull { most } => return full(most, language),
        Rejection::NotInvited => (
            HouseholdErrorCode::NotInvited,
            "You were not invited to this household.",
            "您没有收到该家庭账户的邀请。",
            Some("householdId"),
        ),
        Rejection::LastOwner => {
            (HouseholdErrorCode::LastOwner, "Make another member an owner first.", "请先指定另一位户主。", None)
        }
        Rejection::AccountFull => (
            HouseholdErrorCode::AccountFull,
            "The account would hold more points than it can.",
            "账户积分将超过上限。",
            None,
        ),
    };
    let path = field.and_then(|field| path(&[field]));
    HouseholdUserError { message: language.say(english, chinese), path, code, limit: None }
}

fn full(most: i64, language: Language) -> HouseholdUserError {
    HouseholdUserError {
        message: language.say(format!("A household has at most {most} members."), format!("家庭账户最多 {most} 人。")),
        path: path(&["memberNumber"]),
        code: HouseholdErrorCode::HouseholdFull,
        limit: Some(int(most)),
    }
}

/// A household to be made.
#[derive(InputObject)]
pub struct CreateHouseholdInput {
    /// What it is called, 1 to 100 characters.
    name: String,
}

/// Somebody to be invited, or to be given another role.
#[derive(InputObject)]
pub struct InviteToHouseholdInput {
    /// The member's number, as they see it.
    member_number: String,
    /// What they may do with the points.
    role: HouseholdRole,
}

/// A household to be joined.
#[derive(InputObject)]
pub struct JoinHouseholdInput {
    /// The household's global id, as the invitation gives it.
    household_id: ID,
}

/// A household to be left.
#[derive(InputObject)]
pub struct LeaveHouseholdInput {
    /// The household's global id.
    household_id: ID,
    /// For an owner: the number of the member who is sent away, or whose invitation is taken back. Left out, it is the
    /// caller who leaves or declines.
    member_number: Option<String>,
}

/// What came of making or changing a household.
#[derive(SimpleObject)]
pub struct HouseholdPayload {
    /// The household as it is now; null when there are user errors, and for whoever does not belong to it any more.
    household: Option<HouseholdObject>,
    /// Why nothing was changed.
    user_errors: Vec<HouseholdUserError>,
}

#[derive(Default)]
pub struct HouseholdMutation;

#[Object]
impl HouseholdMutation {
    /// Makes a household whose owner is the member who asks. From then on their purchases earn for it; the points they
    /// have stay their own. `UNAUTHENTICATED` without a session.
    async fn create_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The household.")] input: CreateHouseholdInput,
    ) -> Result<HouseholdPayload> {
        let made = create_household(App::of(ctx), &ctx.caller().actor, input.name).await?;
        told(ctx, made).await
    }

    /// Invites a member into the household of the caller, who must be its owner; or gives a member of it another role.
    /// `UNAUTHENTICATED` without a session.
    async fn invite_to_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and as what.")] input: InviteToHouseholdInput,
    ) -> Result<HouseholdPayload> {
        let (number, role) = (number(input.member_number)?, input.role.into());
        let invited = invite_to_household(App::of(ctx), &ctx.caller().actor, number, role).await?;
        told(ctx, invited).await
    }

    /// Accepts an invitation. From then on the purchases of the caller earn for the household; the points they have stay
    /// their own. `UNAUTHENTICATED` without a session.
    async fn join_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: JoinHouseholdInput,
    ) -> Result<HouseholdPayload> {
        let household_id = GlobalId::row_of(NodeKind::Household, &input.household_id);
        let joined = join_household(App::of(ctx), &ctx.caller().actor, household_id).await?;
        let mut payload = told(ctx, joined).await?;
        // Whoever joins has named nothing but the household, which may be full by now.
        payload.user_errors.iter_mut().filter(|error| error.path.is_some()).for_each(|error| {
            error.path = path(&["householdId"]);
        });
        Ok(payload)
    }

    /// Leaves a household or declines an invitation; an owner may send others away. Its points stay with it; the last who
    /// leaves takes them along. `UNAUTHENTICATED` without a session.
    async fn leave_household(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and who.")] input: LeaveHouseholdInput,
    ) -> Result<HouseholdPayload> {
        let household_id = GlobalId::row_of(NodeKind::Household, &input.household_id);
        let number = input.member_number.map(number).transpose()?;
        let left = leave_household(App::of(ctx), &ctx.caller().actor, household_id, number).await?;
        told(ctx, left).await
    }
}

/// A member's number as typed: it is printed in capitals, and nobody should have to type it so.
fn number(typed: String) -> Result<String> {
    Ok(plain(typed.trim().to_uppercase())?)
}

/// What was made or changed, for whoever may see it, or why not. What the request has read before is stale either way.
async fn told(ctx: &Context<'_>, outcome: std::result::Result<Id, Rejection>) -> Result<HouseholdPayload> {
    ctx.reader().forget();
    Ok(match outcome {
        Ok(id) => {
            let me = ctx.member()?.member_id;
            let members = ctx.reader().get(MembersOf(id)).await?;
            let belongs = members.iter().any(|known| known.member_id == me && known.joined_at.is_some());
            let household = if belongs { ctx.reader().find(HouseholdKey(id)).await? } else { None };
            HouseholdPayload { household: household.map(HouseholdObject), user_errors: Vec::new() }
        }
        Err(rejection) => {
            HouseholdPayload { household: None, user_errors: vec![user_error(rejection, ctx.caller().language)] }
        }
    })
}
