//! What is known of a member, as far as an audience asks about it.

use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::reader::Reader;
use crate::domain::earning::rule::asked::Asked;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::occasion::Standing;
use crate::domain::earning::service::{standing_by_now, standing_found};
use crate::domain::reward::entity::reward;
use crate::domain::reward::rule::audience::{is_for, read};

/// Whether a reward is for a member. For one that is for everybody nothing is looked up.
pub async fn is_for_member(app: &App, member_id: Id, reward: &reward::Model) -> Result<bool> {
    let now = app.clock.now();
    Ok(reward.audience.is_none() || is_for(reward, &standing_of(app, Some(member_id), [reward], now).await?))
}

/// The same of one of a list, whose look-ups its request shares.
pub async fn is_for_reader(
    app: &App,
    reader: &Reader,
    member_id: Id,
    reward: &reward::Model,
    now: Instant,
) -> Result<bool> {
    let Some(audience) = &reward.audience else { return Ok(true) };
    let asked = Asked::by(&read(audience));
    Ok(is_for(reward, &standing_found(app, reader, Some(member_id), asked, now).await?))
}

/// What the audiences of some rewards ask about somebody.
pub async fn standing_of(
    app: &App,
    member_id: Option<Id>,
    rewards: impl IntoIterator<Item = &reward::Model>,
    now: Instant,
) -> Result<Standing> {
    let audiences: Vec<Condition> =
        rewards.into_iter().filter_map(|reward| reward.audience.as_deref().and_then(read)).collect();
    standing_by_now(app, member_id, Asked::by(&audiences), now).await
}
