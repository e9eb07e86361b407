//! What staff may ask for besides.

use async_graphql::{Context, ID, Object, OneofObject};

use crate::base::id::Id;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::graphql::MemberObject;
use crate::domain::member::query::{HandleKey, MemberKey};
use crate::domain::member::rule::{check_email, check_username};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::plain;

/// How to name one member.
#[derive(OneofObject)]
pub enum MemberBy {
    /// By the number people see. Case does not matter.
    Number(String),
    /// By the user name. Case does not matter.
    Username(String),
    /// By the e-mail address. Case does not matter.
    Email(String),
    /// By the global id.
    Id(ID),
}

impl MemberBy {
    /// The name to be looked up; `None` for an id, and for what cannot be anybody's name.
    fn handle(&self) -> Result<Option<HandleKey>> {
        Ok(match self {
            // Numbers are printed in capitals; nobody should have to type them so.
            MemberBy::Number(number) => Some(HandleKey(HandleKind::MemberNumber, plain(number.trim().to_uppercase())?)),
            MemberBy::Username(name) => check_username(name).ok().map(|name| HandleKey(HandleKind::Username, name)),
            MemberBy::Email(email) => check_email(email).ok().map(|email| HandleKey(HandleKind::Email, email)),
            MemberBy::Id(_) => None,
        })
    }
}

#[derive(Default)]
pub struct AdminQuery;

#[Object]
impl AdminQuery {
    /// Any member, for staff; null when there is none. `UNAUTHENTICATED` without a session, `FORBIDDEN` without the staff
    /// role.
    async fn member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: MemberBy,
    ) -> Result<Option<MemberObject>> {
        ctx.staff()?;
        Ok(find_member(ctx, &by).await?.map(MemberObject))
    }
}

async fn find_member(ctx: &Context<'_>, by: &MemberBy) -> Result<Option<Id>> {
    if let MemberBy::Id(id) = by {
        let Some(id) = GlobalId::row_of(NodeKind::Member, id) else { return Ok(None) };
        return Ok(ctx.reader().find(MemberKey(id)).await?.map(|member| member.id));
    }
    let Some(name) = by.handle()? else { return Ok(None) };
    Ok(ctx.reader().find(name).await?.map(|name| name.member_id))
}
