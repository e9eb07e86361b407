//! Which rewards somebody is shown.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::domain::reward::query::{Shown, list_with_audience};
use crate::domain::reward::rule::audience::is_for;
use crate::domain::reward::service::standing::standing_of;

/// All to staff; to others those on offer that are for them.
pub async fn shown_to(app: &App, actor: &Actor) -> Result<Shown> {
    if actor.staff().is_ok() {
        return Ok(Shown::All);
    }
    let now = app.clock.now();
    let some = list_with_audience(&app.db, now).await?;
    if some.is_empty() {
        return Ok(Shown::Offered { now, hidden: Vec::new() });
    }
    let standing = standing_of(app, actor.find_member().map(|member| member.member_id), &some, now).await?;
    let hidden = some.iter().filter(|reward| !is_for(reward, &standing)).map(|reward| reward.id).collect();
    Ok(Shown::Offered { now, hidden })
}
