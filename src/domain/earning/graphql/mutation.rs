//! What staff do with rules.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::app::App;
use crate::domain::earning::graphql::condition::EarningConditionInput;
use crate::domain::earning::graphql::effect::{EarningCap, EarningEffectInput, StackingEnum};
use crate::domain::earning::graphql::error::{EarningRuleUserError, user_error};
use crate::domain::earning::graphql::rule::{EarningRuleObject, currency};
use crate::domain::earning::rule::change::{Change, Rejection, Step};
use crate::domain::earning::service::rules::{Saved, create_rule, move_rule, update_rule};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::scalar::{BigInt, DateTime};

/// A rule as it begins.
#[derive(InputObject)]
pub struct CreateEarningRuleInput {
    /// What members are told it is called, 1 to 100 characters.
    name: String,
    /// What members are told it is about, up to 1,000 characters.
    #[graphql(default)]
    description: String,
    /// The event type it is for; purchases, if it is left out. It cannot be changed later.
    event_type_id: Option<ID>,
    /// What it gives.
    effect: EarningEffectInput,
    /// When it applies; always, if it is left out.
    condition: Option<EarningConditionInput>,
    /// How it goes with others that apply at the same time.
    #[graphql(default_with = "StackingEnum::Stack")]
    stacking: StackingEnum,
    /// The larger, the earlier it comes, -1,000 to 1,000.
    #[graphql(default)]
    priority: i32,
    /// From when on it applies; from the moment at which it is published, if it is left out.
    starts_at: Option<DateTime>,
    /// The first moment at which it no longer applies.
    ends_at: Option<DateTime>,
    /// The most that it gives one member, at most one cap a period.
    #[graphql(default)]
    caps: Vec<EarningCap>,
    /// The points that it may give to all members together, 1 to 2,147,483,647,000; without limit, if it is left out.
    budget: Option<BigInt>,
}

/// What is to be different about a rule. What is left out stays as it is, and so does what is null, but for the dates and
/// the budget.
#[derive(InputObject)]
pub struct UpdateEarningRuleInput {
    /// The rule's global id.
    id: ID,
    /// The revision this is a change of. If there is a newer one, nothing is changed.
    expected_revision: i32,
    /// What members are told it is called.
    name: Option<String>,
    /// What members are told it is about.
    description: Option<String>,
    /// What it gives.
    effect: Option<EarningEffectInput>,
    /// When it applies; `{all: []}` is always.
    condition: Option<EarningConditionInput>,
    /// How it goes with others that apply at the same time.
    stacking: Option<StackingEnum>,
    /// The larger, the earlier it comes.
    priority: Option<i32>,
    /// From when on it applies; null is at once, of one that has not begun.
    starts_at: MaybeUndefined<DateTime>,
    /// The first moment at which it no longer applies; null is none.
    ends_at: MaybeUndefined<DateTime>,
    /// The most that it gives one member, all caps anew. A cap that is new counts what is given from now on.
    caps: Option<Vec<EarningCap>>,
    /// The points that it may give to all members together, those included that it has given since it first had a budget;
    /// null is without limit.
    budget: MaybeUndefined<BigInt>,
}

/// A rule that is to be taken a step on.
#[derive(InputObject)]
pub struct EarningRuleStepInput {
    /// The rule's global id.
    id: ID,
    /// The revision that whoever asks has seen. If there is a newer one, nothing is changed.
    expected_revision: i32,
}

/// What became of a rule.
#[derive(SimpleObject)]
pub struct EarningRulePayload {
    /// The rule as it is now, or null if nothing was changed.
    earning_rule: Option<EarningRuleObject>,
    /// Everything that is wrong.
    user_errors: Vec<EarningRuleUserError>,
}

fn payload(ctx: &Context<'_>, saved: Saved) -> Result<EarningRulePayload> {
    ctx.reader().forget();
    let language = ctx.caller().language;
    let (rule, wrong) = match saved? {
        Ok(rule) => (Some(EarningRuleObject(rule)), Vec::new()),
        Err(wrong) => (None, wrong),
    };
    let user_errors = wrong.iter().map(|rejection| user_error(rejection, language)).collect();
    Ok(EarningRulePayload { earning_rule: rule, user_errors })
}

impl CreateEarningRuleInput {
    fn change(self, ctx: &Context<'_>) -> Result<(EarningEffectInput, Change), Rejection> {
        let condition = self.condition.map(|condition| condition.read(currency(ctx))).transpose()?;
        let change = Change {
            name: Some(self.name),
            description: Some(self.description),
            priority: Some(self.priority.into()),
            stacking: Some(self.stacking.into()),
            starts_at: Some(self.starts_at.map(|moment| moment.0)),
            ends_at: Some(self.ends_at.map(|moment| moment.0)),
            condition,
            effect: None,
            caps: Some(self.caps.into_iter().map(Into::into).collect()),
            budget: Some(self.budget.map(|budget| budget.0)),
        };
        Ok((self.effect, change))
    }
}

impl UpdateEarningRuleInput {
    fn change(self, ctx: &Context<'_>) -> Result<Change, Rejection> {
        let moment = |given: MaybeUndefined<DateTime>| {
            Option::<Option<DateTime>>::from(given).map(|moment| moment.map(|moment| moment.0))
        };
        let budget = Option::<Option<BigInt>>::from(self.budget);
        Ok(Change {
            name: self.name,
            description: self.description,
            priority: self.priority.map(i64::from),
            stacking: self.stacking.map(Into::into),
            starts_at: moment(self.starts_at),
            ends_at: moment(self.ends_at),
            condition: self.condition.map(|condition| condition.read(currency(ctx))).transpose()?,
            effect: self.effect.map(|effect| effect.read(currency(ctx))),
            caps: self.caps.map(|caps| caps.into_iter().map(Into::into).collect()),
            budget: budget.map(|budget| budget.map(|budget| budget.0)),
        })
    }
}

async fn take_step(ctx: &Context<'_>, input: EarningRuleStepInput, step: Step) -> Result<EarningRulePayload> {
    let (id, expected) = (GlobalId::row_of(NodeKind::EarningRule, &input.id), input.expected_revision.into());
    payload(ctx, move_rule(App::of(ctx), &ctx.caller().actor, id, expected, step).await)
}

#[derive(Default)]
pub struct RuleMutation;

#[Object]
impl RuleMutation {
    /// Makes a rule by which members will earn points. It begins as a draft, which nobody earns by. For staff only:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn create_earning_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: CreateEarningRuleInput,
    ) -> Result<EarningRulePayload> {
        ctx.caller().actor.staff()?;
        // An id that is not an event type's is answered like that of one that does not exist.
        let event_type = input.event_type_id.as_ref();
        let event_type = event_type.map(|id| GlobalId::row_of(NodeKind::EventType, id).unwrap_or_default());
        let (effect, change) = match input.change(ctx) {
            Ok(read) => read,
            Err(rejection) => return payload(ctx, Ok(Err(vec![rejection]))),
        };
        let effect = effect.read(currency(ctx));
        payload(ctx, create_rule(App::of(ctx), &ctx.caller().actor, event_type, effect, change).await)
    }

    /// Changes a rule. A new revision is made; of a rule in force, it holds at once, for every command on every process, and
    /// what was given before keeps its own. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other
    /// members.
    async fn update_earning_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateEarningRuleInput,
    ) -> Result<EarningRulePayload> {
        ctx.caller().actor.staff()?;
        let (id, expected) = (GlobalId::row_of(NodeKind::EarningRule, &input.id), input.expected_revision.into());
        match input.change(ctx) {
            Ok(change) => payload(ctx, update_rule(App::of(ctx), &ctx.caller().actor, id, expected, change).await),
            Err(rejection) => payload(ctx, Ok(Err(vec![rejection]))),
        }
    }

    /// Brings a draft in force: from its start on, or at once, members earn by it. For staff only: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` for other members.
    async fn publish_earning_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: EarningRuleStepInput,
    ) -> Result<EarningRulePayload> {
        take_step(ctx, input, Step::Publish).await
    }

    /// Interrupts a rule in force. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn pause_earning_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: EarningRuleStepInput,
    ) -> Result<EarningRulePayload> {
        take_step(ctx, input, Step::Pause).await
    }

    /// Lets a paused rule go on. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn resume_earning_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: EarningRuleStepInput,
    ) -> Result<EarningRulePayload> {
        take_step(ctx, input, Step::Resume).await
    }

    /// Ends a rule for good. Returns of what it gave are reckoned by it all the same. For staff only: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` for other members.
    async fn end_earning_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: EarningRuleStepInput,
    ) -> Result<EarningRulePayload> {
        take_step(ctx, input, Step::End).await
    }
}
