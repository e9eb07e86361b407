//! The rewards that members of a tier have and others have not.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::reader::Reader;
use crate::domain::earning::rule::asked::Asked;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::occasion::{MemberTier, Standing};
use crate::domain::earning::service::standing_found;
use crate::domain::reward::query::tier::{OfTier, WithAudience};
use crate::domain::reward::rule::audience::{is_for, is_only_for, read};
use crate::domain::tier::entity::tier;

/// Which rewards a tier has for whoever asks: what they could redeem if they were in it. Staff see those too that are not
/// on offer yet, and that are for other members.
pub async fn of_tier(app: &App, actor: &Actor, reader: &Reader, tier: &tier::Model) -> Result<OfTier> {
    let at = reader.moment(|| app.clock.now());
    let now = Some(at).filter(|_| actor.staff().is_err());
    let some = reader.get(WithAudience(now)).await?;
    let tiers = tiers_of(app).await?;
    let only_for = some.iter().filter(|reward| {
        let audience = reward.audience.as_deref().and_then(read);
        audience.is_some_and(|audience| is_only_for(&audience, tier.id, &tiers))
    });
    let only_for = only_for.map(|reward| reward.id).collect();
    let mut hidden = Vec::new();
    if now.is_some() && !some.is_empty() {
        let audiences: Vec<Condition> = some.iter().filter_map(|reward| read(reward.audience.as_deref()?)).collect();
        let member_id = actor.find_member().map(|member| member.member_id);
        let known = standing_found(app, reader, member_id, Asked::by(&audiences), at).await?;
        let in_tier = MemberTier { id: tier.id, revision: tier.revision, multiplier: tier.multiplier };
        let standing = Standing { tier: Some(in_tier), ..known };
        hidden.extend(some.iter().filter(|reward| !is_for(reward, &standing)).map(|reward| reward.id));
    }
    Ok(OfTier { tier_id: tier.id, only_for, hidden, now })
}

/// The tiers that there are now.
async fn tiers_of(app: &App) -> Result<Vec<Id>> {
    let set = app.tiers.get(&app.db.read, app.programs.latest().version).await?;
    Ok(set.iter().flat_map(|set| &set.tiers).map(|tier| tier.row.id).collect())
}
