//! Holding, giving away, correcting and reinstating points.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::app::App;
use crate::commit::hold::Deed;
use crate::db::keyset::Cursor;
use crate::domain::points::entity::adjustment;
use crate::domain::points::graphql::adjustment::{
    AdjustmentTotals, PointsAdjustmentConnection, PointsAdjustmentObject,
};
use crate::domain::points::graphql::entry::PointsEntryObject;
use crate::domain::points::graphql::hold::PointsHoldObject;
use crate::domain::points::graphql::movement_error::{PointsUserError, adjustment_error, user_error};
use crate::domain::points::graphql::movement_input::{
    AdjustPointsInput, CaptureHoldInput, DecideAdjustmentInput, HoldPayload, HoldPointsInput, PointsAdjustmentPayload,
    ReinstateExpiredInput, ReinstateExpiredPayload, ReleaseHoldInput, TransferPointsInput, TransferPointsPayload,
};
use crate::domain::points::graphql::transfer::PointsTransferObject;
use crate::domain::points::rule::movement::Rejection;
use crate::domain::points::service::movement::{
    HoldDeed, HoldWish, adjust_points, decide_adjustment, hold_points, list_waiting, reinstate_expired,
    transfer_points, use_hold,
};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::{idempotency_key, plain};
use crate::gql::language::Language;

#[derive(Default)]
pub struct MovementQuery;

#[Object]
impl MovementQuery {
    /// Corrections that wait for a second member of staff, the oldest first. For staff: `UNAUTHENTICATED` without a
    /// session, `FORBIDDEN` without the staff role.
    async fn requested_adjustments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<PointsAdjustmentConnection> {
        let page = PageArgs { first, after, last, before }.by_id()?;
        let slice = list_waiting(App::of(ctx), &ctx.caller().actor, &page).await?;
        Ok(connection(&slice, AdjustmentTotals, |row| Cursor::Id(row.id).into(), PointsAdjustmentObject))
    }
}

#[derive(Default)]
pub struct MovementMutation;

#[Object]
impl MovementMutation {
    /// Sets points aside while a payment is open, those that expire first. Members set aside their own, staff anybody's.
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for another member's points without the staff role.
    async fn hold_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hold.")] input: HoldPointsInput,
    ) -> Result<HoldPayload> {
        let wish = HoldWish {
            member_id: input.member_id.map(|id| GlobalId::row_of(NodeKind::Member, &id)),
            points: i64::from(input.points),
            minutes: input.minutes.map(i64::from),
            reason: input.reason,
            idempotency_key: idempotency_key(input.idempotency_key)?,
        };
        let held = hold_points(App::of(ctx), &ctx.caller().actor, wish).await?;
        let (hold, user_errors) = told(ctx, held, user_error);
        Ok(HoldPayload { hold: hold.map(|hold| PointsHoldObject(Arc::new(hold))), user_errors })
    }

    /// Spends points that were set aside, in one part or several, those that expire first. For staff: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` without the staff role.
    async fn capture_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The capture.")] input: CaptureHoldInput,
    ) -> Result<HoldPayload> {
        let deed = Deed::Capture { points: input.points.map(i64::from), finally: input.release_rest };
        deed_done(ctx, &input.hold_id, deed, input.reason, input.idempotency_key).await
    }

    /// Gives back points that were set aside, to where they came from; what is past its validity expires. Members release
    /// what they have set aside themselves, staff anything. `UNAUTHENTICATED` without a session.
    async fn release_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The release.")] input: ReleaseHoldInput,
    ) -> Result<HoldPayload> {
        let deed = Deed::Release { points: input.points.map(i64::from) };
        deed_done(ctx, &input.hold_id, deed, input.reason, input.idempotency_key).await
    }

    /// Gives points of the member who asks to another member (转赠), those that expire first; they keep their expiry. The
    /// program says who may, and how many. `UNAUTHENTICATED` without a session.
    async fn transfer_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The transfer.")] input: TransferPointsInput,
    ) -> Result<TransferPointsPayload> {
        let number = plain(input.to_member_number.trim().to_uppercase())?;
        let key = idempotency_key(input.idempotency_key)?;
        let sent = transfer_points(App::of(ctx), &ctx.caller().actor, number, i64::from(input.points), key).await?;
        let (transfer, user_errors) = told(ctx, sent, user_error);
        Ok(TransferPointsPayload {
            transfer: transfer.map(|transfer| PointsTransferObject(Arc::new(transfer))),
            user_errors,
        })
    }

    /// Corrects a member's points. Above the program's threshold it waits until a second, different member of staff
    /// approves it. For staff: `UNAUTHENTICATED` without a session, `FORBIDDEN` without the staff role.
    async fn adjust_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The correction.")] input: AdjustPointsInput,
    ) -> Result<PointsAdjustmentPayload> {
        let member_id = GlobalId::row_of(NodeKind::Member, &input.member_id);
        let key = idempotency_key(input.idempotency_key)?;
        let (app, actor) = (App::of(ctx), &ctx.caller().actor);
        let adjusted = adjust_points(app, actor, member_id, i64::from(input.points), input.reason, key).await?;
        Ok(adjustment(ctx, adjusted))
    }

    /// Approves or rejects a correction that waits. Whoever asked for it cannot approve it. For staff: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` without the staff role.
    async fn decide_adjustment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: DecideAdjustmentInput,
    ) -> Result<PointsAdjustmentPayload> {
        let named = GlobalId::owned_row_of(NodeKind::PointsAdjustment, &input.adjustment_id);
        let key = idempotency_key(input.idempotency_key)?;
        let decided = decide_adjustment(App::of(ctx), &ctx.caller().actor, named, input.approve, key).await?;
        Ok(adjustment(ctx, decided))
    }

    /// Gives the points of an expiration again, in lots of their own, within the program's time for it. For staff:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` without the staff role.
    async fn reinstate_expired(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reinstatement.")] input: ReinstateExpiredInput,
    ) -> Result<ReinstateExpiredPayload> {
        let named = GlobalId::owned_row_of(NodeKind::PointsEntry, &input.entry_id);
        let key = idempotency_key(input.idempotency_key)?;
        let given = reinstate_expired(App::of(ctx), &ctx.caller().actor, named, input.reason, key).await?;
        let (entry, user_errors) = told(ctx, given, user_error);
        Ok(ReinstateExpiredPayload { entry: entry.map(|entry| PointsEntryObject(Arc::new(entry))), user_errors })
    }
}

async fn deed_done(
    ctx: &Context<'_>,
    hold_id: &ID,
    deed: Deed,
    reason: Option<String>,
    key: String,
) -> Result<HoldPayload> {
    let hold = GlobalId::owned_row_of(NodeKind::PointsHold, hold_id);
    let wish = HoldDeed { hold, deed, reason, idempotency_key: idempotency_key(key)? };
    let done = use_hold(App::of(ctx), &ctx.caller().actor, wish).await?;
    let (hold, user_errors) = told(ctx, done, user_error);
    Ok(HoldPayload { hold: hold.map(|hold| PointsHoldObject(Arc::new(hold))), user_errors })
}

fn adjustment(
    ctx: &Context<'_>,
    outcome: std::result::Result<adjustment::Model, Rejection>,
) -> PointsAdjustmentPayload {
    let (row, user_errors) = told(ctx, outcome, adjustment_error);
    PointsAdjustmentPayload { adjustment: row.map(|row| PointsAdjustmentObject(Arc::new(row))), user_errors }
}

/// What was made, or why not, in the words of the mutation. What the request has read before is stale either way.
fn told<T>(
    ctx: &Context<'_>,
    outcome: std::result::Result<T, Rejection>,
    error: impl Fn(&Rejection, Language) -> PointsUserError,
) -> (Option<T>, Vec<PointsUserError>) {
    ctx.reader().forget();
    match outcome {
        Ok(made) => (Some(made), Vec::new()),
        Err(rejection) => (None, vec![error(&rejection, ctx.caller().language)]),
    }
}
