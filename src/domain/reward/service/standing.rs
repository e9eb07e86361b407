//! What is known of a member, as far as an audience asks about it.

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::domain::earning::rule::occasion::Standing;
use crate::domain::member::query::TagsOf;
use crate::domain::reward::entity::reward;
use crate::domain::reward::rule::audience::is_for;

/// Whether a reward is for a member. For one that is for everybody nothing is looked up.
pub async fn is_for_member(app: &App, member_id: Id, reward: &reward::Model) -> Result<bool> {
    Ok(reward.audience.is_none() || is_for(reward, &standing_of(app, Some(member_id)).await?))
}

/// A visitor has nothing that an audience could ask for.
pub async fn standing_of(app: &App, member_id: Option<Id>) -> Result<Standing> {
    let Some(member_id) = member_id else { return Ok(Standing::visitor()) };
    let tags = app.hub.find(TagsOf(member_id)).await?;
    Ok(Standing { tags: tags.map(|tags| (*tags).clone()).unwrap_or_default(), ..Standing::default() })
}
