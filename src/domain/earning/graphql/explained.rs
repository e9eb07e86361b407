//! A rule in words, with the names of what it names looked up.

use async_graphql::Context;
use futures_util::future::try_join_all;

use crate::app::App;
use crate::domain::catalog::query::{CategoryKey, ProductBySku, ProductKey};
use crate::domain::earning::graphql::words::{Names, Teller};
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::terms::Rule;
use crate::domain::outlet::query::OutletKey;
use crate::domain::segment::query::SegmentKey;
use crate::domain::tier::query::TierKey;
use crate::domain::tier::rule::terms::Tier;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;

/// The rule in the language of the request.
pub async fn explain(ctx: &Context<'_>, rule: &Rule) -> Result<String> {
    let names = names_in(ctx, &rule.terms.condition).await?;
    Ok(tell(ctx, &names, |teller| teller.explain(rule)))
}

/// What a tier's multiplier gives its members, in the language of the request.
pub fn explain_tier(ctx: &Context<'_>, tier: &Tier) -> String {
    tell(ctx, &Names::default(), |teller| teller.tier(&tier.row.name, tier.row.multiplier))
}

/// Tells something to whoever asks.
pub fn tell<T>(ctx: &Context<'_>, names: &Names, told: impl FnOnce(&Teller) -> T) -> T {
    let (caller, program) = (ctx.caller(), App::of(ctx).programs.latest());
    let (zone, is_staff) = (App::of(ctx).programs.zone(), caller.actor.staff().is_ok());
    told(&Teller { language: caller.language, currency: &program.currency, zone: &zone, names, is_staff })
}

/// What a condition names. The look-ups of all rules of a list meet: one statement a kind.
pub async fn names_in(ctx: &Context<'_>, condition: &Condition) -> Result<Names> {
    let (named, reader) = (condition.named(), ctx.reader());
    let products = try_join_all(named.products.iter().map(|id| reader.find(ProductKey(*id))));
    let skus = try_join_all(named.skus.iter().map(|sku| reader.find(ProductBySku(sku.clone()))));
    let categories = try_join_all(named.categories.iter().map(|id| reader.find(CategoryKey(*id))));
    let outlets = try_join_all(named.outlets.iter().map(|id| reader.find(OutletKey(*id))));
    let segments = try_join_all(condition.segments().into_iter().map(|id| reader.find(SegmentKey(id))));
    let tiers = try_join_all(condition.tiers().into_iter().map(|id| reader.find(TierKey(id))));
    let (products, skus, categories, outlets, segments, tiers) =
        futures_util::try_join!(products, skus, categories, outlets, segments, tiers)?;
    let products = products.into_iter().flatten().map(|product| (product.id, product.name.clone()));
    let categories = categories.into_iter().flatten().map(|category| (category.id, category.name.clone()));
    let outlets = outlets.into_iter().flatten().map(|outlet| (outlet.id, outlet.name.clone()));
    let segments = segments.into_iter().flatten().map(|segment| (segment.id, segment.name.clone()));
    let tiers = tiers.into_iter().flatten().map(|tier| (tier.row.id, tier.row.name.clone()));
    let skus = skus.into_iter().flatten().map(|product| (product.sku.clone(), product.name.clone()));
    let ids = products.chain(categories).chain(outlets).chain(segments).chain(tiers);
    Ok(Names { by_id: ids.collect(), by_sku: skus.collect() })
}
