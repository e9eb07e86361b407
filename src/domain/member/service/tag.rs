//! Tags: words that staff put on members, by which rules and lists pick them.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::text::fold;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::member::entity::member_tag;
use crate::domain::member::query::MemberKey;
use crate::domain::member::rule::is_tag;

/// The most tags that a member has.
pub const MAX_TAGS: usize = 50;

/// Why a member is not tagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagRejection {
    MemberUnknown,
    /// Empty, too long, or with characters that cannot be shown.
    TagInvalid,
    TooMany,
}

/// Gives a member these tags, and no others. Tags are compared folded, as names are.
pub async fn tag_member(
    app: &App,
    actor: &Actor,
    member_id: Option<Id>,
    tags: Vec<String>,
) -> Result<Result<Id, TagRejection>> {
    actor.staff()?;
    let tags: BTreeSet<String> = tags.iter().map(|tag| fold(tag)).collect();
    if tags.len() > MAX_TAGS {
        return Ok(Err(TagRejection::TooMany));
    }
    if !tags.iter().all(|tag| is_tag(tag)) {
        return Ok(Err(TagRejection::TagInvalid));
    }
    let member = match member_id {
        Some(id) => app.hub.find(MemberKey(id)).await?,
        None => None,
    };
    let Some(member_id) = member.map(|member| member.id) else { return Ok(Err(TagRejection::MemberUnknown)) };
    let created_at = app.clock.now().micros();
    let tags: Vec<_> = tags.into_iter().map(|tag| member_tag::Model { member_id, tag, created_at }).collect();
    let work = move |tx: Tx| {
        let tags = tags.clone();
        async move {
            let old = member_tag::Entity::delete_many().filter(member_tag::Column::MemberId.eq(member_id));
            old.exec(&*tx).await?;
            rows::insert::<member_tag::Entity>(&*tx, tags).await?;
            Ok(())
        }
    };
    app.db.write(work).await?;
    Ok(Ok(member_id))
}
