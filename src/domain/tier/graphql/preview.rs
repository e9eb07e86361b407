//! Who would move if tiers were changed, in the schema.

use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Object, SimpleObject};

use crate::app::App;
use crate::base::page::Slice;
use crate::db::keyset::Cursor;
use crate::domain::member::graphql::MemberObject;
use crate::domain::tier::graphql::error::{TierSetUserError, user_error};
use crate::domain::tier::graphql::input::UpdateTierSetInput;
use crate::domain::tier::graphql::set::TierObject;
use crate::domain::tier::rule::terms::TierSet;
use crate::domain::tier::service::{Mover, Movers, preview_tier_set};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::scalar::int;

/// How many members would go from a tier to another.
#[derive(SimpleObject)]
pub struct TierMove {
    /// The tier of now.
    from: TierObject,
    /// The tier as it would be.
    to: TierObject,
    /// Members.
    members: i32,
}

/// How many members would lose a tier if nothing more counted until it is judged: nobody falls by a change at once.
#[derive(SimpleObject)]
pub struct TierRisk {
    /// The tier as it would be, which they would be in after the change.
    tier: TierObject,
    /// Members for whom something is missing to keep it, `TierProgress.keep.missing` above 0.
    members: i32,
    /// Those of them who would keep their tier of now if nothing were changed.
    newly: i32,
}

/// A member who would be in another tier.
#[derive(SimpleObject)]
pub struct TierMover {
    /// The member.
    member: MemberObject,
    /// The tier of now.
    from: TierObject,
    /// The tier as it would be.
    to: TierObject,
}

pub type TierMoverConnection = Connection<Opaque, TierMover, EmptyFields>;

/// What a change of tiers would do. Nothing is saved.
#[derive(SimpleObject)]
pub struct PreviewTierSetPayload {
    /// How many members would go from which tier to which, those who would stay included. Null when there are user errors.
    moves: Option<Vec<TierMove>>,
    /// How many members would lose which tier by what has counted so far. Null when there are user errors.
    at_risk: Option<Vec<TierRisk>>,
    /// Those who would be in another tier. Null when there are user errors.
    movers: Option<TierMoverConnection>,
    /// Why the tiers could not be changed in this way.
    user_errors: Vec<TierSetUserError>,
}

#[derive(Default)]
pub struct TierQuery;

#[Object]
impl TierQuery {
    /// Who would move if the tiers were changed in this way: at once, not when they are judged next. Every member is
    /// reckoned, so it takes as long as there are members. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN`
    /// for other members.
    async fn preview_tier_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateTierSetInput,
        #[graphql(desc = "So many of those who would move, 0 to 100; 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Result<PreviewTierSetPayload> {
        ctx.caller().actor.staff()?;
        let page = PageArgs { first, after, ..PageArgs::default() }.by_id()?;
        let behind = match page.after {
            Some(Cursor::Id(id)) => Some(id),
            Some(Cursor::Number(_)) | None => None,
        };
        let (id, expected) = (GlobalId::row_of(NodeKind::TierSet, &input.id), input.expected_revision.into());
        let size = page.size;
        let found =
            preview_tier_set(App::of(ctx), &ctx.caller().actor, (id, expected), input.read(), (size, behind)).await?;
        let language = ctx.caller().language;
        Ok(match found {
            Ok(found) => shown(&found, behind.is_some()),
            Err(wrong) => PreviewTierSetPayload {
                moves: None,
                at_risk: None,
                movers: None,
                user_errors: wrong.iter().map(|rejection| user_error(rejection, language)).collect(),
            },
        })
    }
}

fn shown(found: &Movers, has_previous: bool) -> PreviewTierSetPayload {
    let tier = |set: &TierSet, place: usize| set.tiers.get(place).map(|tier| TierObject(Arc::new(tier.clone())));
    let moves = found.counts.iter().filter_map(|((from, to), members)| {
        let (from, to) = (tier(&found.before, *from)?, tier(&found.after, *to)?);
        Some(TierMove { from, to, members: int(*members) })
    });
    let at_risk = found.at_risk.iter().filter_map(|(place, risk)| {
        let tier = tier(&found.after, *place)?;
        Some(TierRisk { tier, members: int(risk.members), newly: int(risk.newly) })
    });
    let named = found.movers.iter().filter_map(|mover| {
        let (from, to) = (tier(&found.before, mover.from)?, tier(&found.after, mover.to)?);
        Some(Arc::new((*mover, from, to)))
    });
    let slice = Slice { rows: named.collect(), has_previous, has_next: found.has_more };
    let cursor = |row: &(Mover, TierObject, TierObject)| Cursor::Id(row.0.member_id).into();
    let mover = |row: Arc<(Mover, TierObject, TierObject)>| TierMover {
        member: MemberObject(row.0.member_id),
        from: row.1.clone(),
        to: row.2.clone(),
    };
    PreviewTierSetPayload {
        moves: Some(moves.collect()),
        at_risk: Some(at_risk.collect()),
        movers: Some(connection(&slice, EmptyFields, cursor, mover)),
        user_errors: Vec::new(),
    }
}
