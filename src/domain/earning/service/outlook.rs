//! What is known of the earning rules, and of a member, before their wallet is locked.

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::earn::Outlook;
use crate::domain::earning::rule::occasion::Standing;
use crate::domain::member::query::TagsOf;
use crate::domain::points::rule::program::zone;
use crate::domain::segment::service::segments_of;

/// The rules of the newest version that this process knows, and what they may ask about a member. Where no rule asks,
/// nothing is looked up.
pub async fn outlook_for(app: &App, member_id: Id) -> Result<(Outlook, Standing)> {
    let program = app.programs.latest();
    let rules = app.rules.get(&app.db.read, program.version).await?;
    let mut standing = Standing::default();
    if rules.ask_for_tags() {
        let tags = app.hub.find(TagsOf(member_id)).await?;
        standing.tags = tags.map(|tags| (*tags).clone()).unwrap_or_default();
    }
    let asked = rules.segments_asked();
    if !asked.is_empty() {
        standing.segments = segments_of(app, member_id, asked).await?;
    }
    Ok((Outlook { rules, moment: app.clock.now(), zone: zone(&program) }, standing))
}
