//! Moving points besides earning and spending them: holds, transfers, adjustments and reinstatements.

use sha2::{Digest, Sha256};

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::commit::adjust::{ADJUST, AdjustPoints, DECIDE, DecideAdjustment};
use crate::commit::command::Command;
use crate::commit::hold::{CAPTURE, Deed, HOLD, HOLD_BY_STAFF, HoldPoints, RELEASE, RELEASE_BY_STAFF, UseHold};
use crate::commit::key::{Key, Made};
use crate::commit::reinstate::{self, ReinstateExpired};
use crate::commit::transfer::{self, TransferPoints};
use crate::db::keyset::Cursor;
use crate::db::reader::Lookup;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::{HandleKey, MemberKey, is_key_used};
use crate::domain::points::entity::{TxnKind, adjustment, hold, transfer as transfers, txn};
use crate::domain::points::query::account::{AdjustmentKey, HoldKey, TransferKey};
use crate::domain::points::query::adjustments::list_requested_adjustments;
use crate::domain::points::query::{TxnKey, WalletOf};
use crate::domain::points::rule::By;
use crate::domain::points::rule::movement::{Rejection, check_points, is_reason};

/// What a movement makes, or why it does not.
type Moved<T> = Result<Result<T, Rejection>>;

/// Points to be set aside.
pub struct HoldWish {
    /// Staff may name a member; everybody else is their own. `Some(None)` is somebody we do not know.
    pub member_id: Option<Option<Id>>,
    pub points: i64,
    pub minutes: Option<i64>,
    pub reason: Option<String>,
    pub idempotency_key: String,
}

/// Sets points aside: a member their own, staff anybody's.
pub async fn hold_points(app: &App, actor: &Actor, wish: HoldWish) -> Moved<hold::Model> {
    let me = actor.member()?;
    let (member_id, operation, by) = match wish.member_id {
        None => (me.member_id, HOLD, By::member(me.member_id)),
        Some(named) => {
            let staff = actor.staff()?;
            let Some(member_id) = known_member(app, named).await? else { return Ok(Err(Rejection::MemberUnknown)) };
            (member_id, HOLD_BY_STAFF, By::staff(staff.member_id))
        }
    };
    let request = [wish.points.to_string(), said(wish.minutes), said(wish.reason.as_deref())];
    let key = key(member_id, operation, wish.idempotency_key, &request);
    let reason = match check_points(wish.points).and_then(|()| check_reason(wish.reason.as_deref())) {
        Ok(reason) => reason,
        Err(rejection) => return refuse(app, &key, rejection).await,
    };
    let command = HoldPoints {
        key,
        points: wish.points,
        minutes: wish.minutes,
        reason,
        by,
        hold_id: app.ids.next(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    submit(app, command, |id| HoldKey(member_id, id), |hold| (*hold).clone()).await
}

/// What is to be done with a hold; one that is `None` is not there, or somebody else's.
pub struct HoldDeed {
    pub hold: Option<(Id, Id)>,
    pub deed: Deed,
    pub reason: Option<String>,
    pub idempotency_key: String,
}

/// Captures from a hold or releases it. Capturing is for staff; members release what they have set aside themselves.
pub async fn use_hold(app: &App, actor: &Actor, wish: HoldDeed) -> Moved<hold::Model> {
    let me = actor.member()?;
    let (operation, by) = match wish.deed {
        Deed::Release { .. } if !me.staff => (RELEASE, By::member(me.member_id)),
        Deed::Release { .. } => (RELEASE_BY_STAFF, By::staff(me.member_id)),
        Deed::Capture { .. } => (CAPTURE, By::staff(actor.staff()?.member_id)),
    };
    let Some((member_id, hold_id)) = wish.hold.filter(|(owner, _)| me.may_read(*owner)) else {
        return Ok(Err(Rejection::HoldUnknown));
    };
    let request = [hold_id.to_string(), format!("{:?}", wish.deed), said(wish.reason.as_deref())];
    let key = key(member_id, operation, wish.idempotency_key, &request);
    if app.hub.find(HoldKey(member_id, hold_id)).await?.is_none() {
        return refuse(app, &key, Rejection::HoldUnknown).await;
    }
    let reason = match check_reason(wish.reason.as_deref()) {
        Ok(reason) => reason,
        Err(rejection) => return refuse(app, &key, rejection).await,
    };
    let command = UseHold { key, hold_id, deed: wish.deed, reason, by, seed: app.ids.next(), event_id: app.ids.next() };
    submit(app, command, |id| HoldKey(member_id, id), |hold| (*hold).clone()).await
}

/// Gives points of the member who asks to another, named by their number.
pub async fn transfer_points(
    app: &App,
    actor: &Actor,
    to_number: String,
    points: i64,
    idempotency_key: String,
) -> Moved<transfers::Model> {
    let member_id = actor.member()?.member_id;
    let key = key(member_id, transfer::OPERATION, idempotency_key, &[to_number.clone(), points.to_string()]);
    let receiver = app.hub.find(HandleKey(HandleKind::MemberNumber, to_number)).await?;
    let to_member_id = match receiver.map(|name| name.member_id) {
        None => return refuse(app, &key, Rejection::ReceiverUnknown).await,
        Some(receiver) if receiver == member_id => return refuse(app, &key, Rejection::ReceiverIsSender).await,
        Some(receiver) => receiver,
    };
    let command = TransferPoints {
        key,
        to_member_id,
        points,
        transfer_id: app.ids.next(),
        seed: app.ids.next(),
        seed_of_receiver: app.ids.next(),
        event_ids: [app.ids.next(), app.ids.next()],
    };
    submit(app, command, |id| TransferKey(member_id, id), |transfer| (*transfer).clone()).await
}

/// Corrects a member's points, for staff. A large correction waits for somebody else's approval.
pub async fn adjust_points(
    app: &App,
    actor: &Actor,
    member_id: Option<Id>,
    points: i64,
    reason: String,
    idempotency_key: String,
) -> Moved<adjustment::Model> {
    let staff_id = actor.staff()?.member_id;
    let Some(member_id) = known_member(app, member_id).await? else { return Ok(Err(Rejection::MemberUnknown)) };
    let key = key(member_id, ADJUST, idempotency_key, &[points.to_string(), reason.clone()]);
    let Ok(Some(reason)) = check_reason(Some(&reason)) else {
        return refuse(app, &key, Rejection::ReasonInvalid).await;
    };
    let command = AdjustPoints {
        key,
        points,
        reason,
        staff_id,
        adjustment_id: app.ids.next(),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    submit(app, command, |id| AdjustmentKey(member_id, id), |row| (*row).clone()).await
}

/// Approves or rejects a correction that waits, for staff; one that is `None` is not there.
pub async fn decide_adjustment(
    app: &App,
    actor: &Actor,
    adjustment: Option<(Id, Id)>,
    approve: bool,
    idempotency_key: String,
) -> Moved<adjustment::Model> {
    let staff_id = actor.staff()?.member_id;
    let Some((member_id, adjustment_id)) = adjustment else { return Ok(Err(Rejection::AdjustmentUnknown)) };
    let key = key(member_id, DECIDE, idempotency_key, &[adjustment_id.to_string(), approve.to_string()]);
    if app.hub.find(AdjustmentKey(member_id, adjustment_id)).await?.is_none() {
        return refuse(app, &key, Rejection::AdjustmentUnknown).await;
    }
    let command =
        DecideAdjustment { key, adjustment_id, approve, staff_id, seed: app.ids.next(), event_id: app.ids.next() };
    submit(app, command, |id| AdjustmentKey(member_id, id), |row| (*row).clone()).await
}

/// Whether somebody may see who asked for a correction, and who decided it.
pub fn may_see_staff(actor: &Actor) -> bool {
    actor.staff().is_ok()
}

/// A page of the corrections that wait, the oldest first, for staff.
pub async fn list_waiting(app: &App, actor: &Actor, page: &Page<Cursor>) -> Result<Slice<adjustment::Model>> {
    actor.staff()?;
    list_requested_adjustments(&app.db, page).await
}

/// Gives the points of an expiration again, for staff; one that is `None` is not there.
pub async fn reinstate_expired(
    app: &App,
    actor: &Actor,
    entry: Option<(Id, Id)>,
    reason: Option<String>,
    idempotency_key: String,
) -> Moved<txn::Model> {
    let staff_id = actor.staff()?.member_id;
    let Some((member_id, entry_id)) = entry else { return Ok(Err(Rejection::ExpirationUnknown)) };
    let key = key(member_id, reinstate::OPERATION, idempotency_key, &[entry_id.to_string(), said(reason.as_deref())]);
    let expiration = app.hub.find(TxnKey(member_id, entry_id)).await?;
    let Some(expiration) = expiration.filter(|txn| txn.kind == TxnKind::Expiration) else {
        return refuse(app, &key, Rejection::ExpirationUnknown).await;
    };
    let reason = match check_reason(reason.as_deref()) {
        Ok(reason) => reason,
        Err(rejection) => return refuse(app, &key, rejection).await,
    };
    let command = ReinstateExpired {
        key,
        txn_id: expiration.id,
        expired_at: Instant(expiration.effective_at),
        reason,
        staff_id,
        seed: app.ids.next(),
        event_id: app.ids.next(),
    };
    let made = match app.committers.submit(command).await? {
        Ok(Made::Now(id) | Made::Before(id)) => id,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let entry = app.hub.find(TxnKey(member_id, made)).await?;
    entry.map(|entry| Ok((*entry).clone())).ok_or_else(|| Error::internal("a reinstatement is missing"))
}

/// Sends a command, and reads what its key made before anew.
async fn submit<C, T, K>(app: &App, command: C, again: impl FnOnce(Id) -> K, row: impl FnOnce(K::Row) -> T) -> Moved<T>
where
    C: Command<Done = Made<T>, Rejection = Rejection>,
    K: Lookup,
{
    match app.committers.submit(command).await? {
        Ok(Made::Now(made)) => Ok(Ok(made)),
        Ok(Made::Before(id)) => {
            let found = app.hub.find(again(id)).await?;
            found.map(|found| Ok(row(found))).ok_or_else(|| Error::internal("what a key made is missing"))
        }
        Err(rejection) => Ok(Err(rejection)),
    }
}

/// Refuses what is not even sent. It was not asked for with this key before, so a key that was used is a conflict.
async fn refuse<T>(app: &App, key: &Key, rejection: Rejection) -> Moved<T> {
    let is_used = is_key_used(&app.db, key.member_id, key.operation, &key.key).await?;
    Ok(Err(if is_used { Rejection::IdempotencyKeyConflict } else { rejection }))
}

/// A member who was merged into another is not there any more: a key that was used for them before would be new for the
/// one who stays, so they have to be named.
async fn known_member(app: &App, named: Option<Id>) -> Result<Option<Id>> {
    let Some(id) = named else { return Ok(None) };
    let wallet = app.hub.find(WalletOf(id)).await?.filter(|wallet| wallet.merged_into.is_none());
    let is_member = wallet.is_some() && app.hub.find(MemberKey(id)).await?.is_some();
    Ok(is_member.then_some(id))
}

fn key(member_id: Id, operation: &'static str, key: String, request: &[String]) -> Key {
    let mut hash = Sha256::new();
    for part in request {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Key { member_id, operation, key, request_hash: hash.finalize().to_vec() }
}

/// A value that may be left out, as text in which nothing and an empty text differ.
fn said<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |value| format!("+{}", value.to_string()))
}

/// A reason as it is kept: without space around it, and none rather than a blank one.
fn check_reason(reason: Option<&str>) -> Result<Option<String>, Rejection> {
    match reason.map(str::trim).filter(|reason| !reason.is_empty()) {
        Some(reason) if !is_reason(reason) => Err(Rejection::ReasonInvalid),
        kept => Ok(kept.map(str::to_owned)),
    }
}
