//! What changes hands when a member is merged into another, beside the points: orders, redemptions and coupons, the answers
//! to keys of these, and the names that lead to the member. The ledger stays where it was written.
//!
//! Rows are taken out and put in again instead of having their owner changed: a database that is spread by member moves
//! them from one machine to another.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::{cancel_redemption, deliver_order, place_order, redeem, return_order};
use crate::db::dialect::Held;
use crate::db::rows;
use crate::domain::earning::entity::{earned_share, event, rule_use};
use crate::domain::earning::query::{UseKey, key_of};
use crate::domain::member::entity::{
    HandleKind, credential, handle, idempotency, member, member_tag, profile, session,
};
use crate::domain::order::entity::{line, order, order_return, payment, return_line};
use crate::domain::reward::entity::{coupon, redemption};
use crate::domain::tier::entity::{qualifying, qualifying_day};
use crate::domain::tier::query::add_to_days;

/// Operations whose answers move along with what they made.
const MOVED: [&str; 6] = [
    place_order::OPERATION,
    deliver_order::OPERATION,
    return_order::CANCEL,
    return_order::REFUND,
    redeem::OPERATION,
    cancel_redemption::OPERATION,
];

pub async fn move_member(tx: &DatabaseTransaction, from: Id, into: Id, now: Instant) -> Result<(), DbErr> {
    move_purchases(tx, from, into).await?;
    move_events(tx, from, into).await?;
    move_uses(tx, from, into).await?;
    move_tags(tx, from, into).await?;
    move_qualifying(tx, from, into).await?;
    move_answers(tx, from, into).await?;
    move_names(tx, from, into).await?;
    let open = session::Entity::update_many().col_expr(session::Column::RevokedAt, now.micros().into());
    open.filter(session::Column::MemberId.eq(from)).filter(session::Column::RevokedAt.is_null()).exec(tx).await?;
    Ok(())
}

async fn move_purchases(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    let orders = take::<order::Entity>(tx, order::Column::MemberId, from).await?;
    let mut names: Vec<String> = orders.iter().map(|order| order.number.clone()).collect();
    // What an order earned, and what paid for it, stays in the ledger of its wallet.
    let of_wallet = |known: Option<Id>, there: bool| if there { Some(known.unwrap_or(from)) } else { known };
    let orders = orders.into_iter().map(|order| order::Model {
        member_id: into,
        earned_in: of_wallet(order.earned_in, order.lot_id.is_some()),
        spent_from: of_wallet(order.spent_from, order.points_txn_id.is_some()),
        ..order
    });
    rows::insert::<order::Entity>(tx, orders.collect()).await?;
    move_rows::<line::Entity>(tx, line::Column::MemberId, from, |row| row.member_id = into).await?;
    move_rows::<payment::Entity>(tx, payment::Column::MemberId, from, |row| row.member_id = into).await?;
    move_rows::<order_return::Entity>(tx, order_return::Column::MemberId, from, |row| row.member_id = into).await?;
    move_rows::<return_line::Entity>(tx, return_line::Column::MemberId, from, |row| row.member_id = into).await?;
    move_rows::<earned_share::Entity>(tx, earned_share::Column::MemberId, from, |row| row.member_id = into).await?;
    let redemptions = take::<redemption::Entity>(tx, redemption::Column::MemberId, from).await?;
    let redemptions = redemptions.into_iter().map(|redemption| redemption::Model {
        member_id: into,
        spent_from: of_wallet(redemption.spent_from, true),
        ..redemption
    });
    rows::insert::<redemption::Entity>(tx, redemptions.collect()).await?;
    let coupons = take::<coupon::Entity>(tx, coupon::Column::MemberId, from).await?;
    names.extend(coupons.iter().map(|coupon| coupon.code.clone()));
    let coupons = coupons.into_iter().map(|coupon| coupon::Model { member_id: into, ..coupon });
    rows::insert::<coupon::Entity>(tx, coupons.collect()).await?;
    let handles = rows::by_texts::<handle::Entity>(tx, handle::Column::Value, names).await?;
    let handles = handles.into_iter().filter(|name| name.member_id == from);
    rows::update::<handle::Entity>(tx, handles.map(|name| handle::Model { member_id: into, ..name }).collect()).await
}

/// What both did under the same name stays two events: the one that comes takes the member it was of into its name, so that
/// the name goes on leading to the other.
async fn move_events(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    let events = take::<event::Entity>(tx, event::Column::MemberId, from).await?;
    if planted(Bug::EventsStay) {
        return rows::insert::<event::Entity>(tx, events).await;
    }
    if events.is_empty() {
        return Ok(());
    }
    let known = rows::by_ids::<event::Entity>(tx, event::Column::MemberId, [into]).await?;
    let known: HashSet<(Id, String)> = known.into_iter().map(|row| (row.type_id, row.unique_key)).collect();
    let moved = events.into_iter().map(|row| {
        let is_taken = known.contains(&(row.type_id, row.unique_key.clone()));
        let unique_key = if is_taken { format!("{} ({from})", row.unique_key) } else { row.unique_key };
        event::Model { member_id: into, unique_key, ..row }
    });
    rows::insert::<event::Entity>(tx, moved.collect()).await
}

/// What counted for the one counts for the other, on its day.
async fn move_qualifying(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    if planted(Bug::QualifyingStays) {
        return Ok(());
    }
    take::<qualifying_day::Entity>(tx, qualifying_day::Column::MemberId, from).await?;
    let entries = take::<qualifying::Entity>(tx, qualifying::Column::MemberId, from).await?;
    let entries: Vec<_> = entries.into_iter().map(|row| qualifying::Model { member_id: into, ..row }).collect();
    add_to_days(tx, &entries).await?;
    rows::insert::<qualifying::Entity>(tx, entries).await
}

/// What rules gave the two in a period counts together.
async fn move_uses(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    let moved = take::<rule_use::Entity>(tx, rule_use::Column::MemberId, from).await?;
    if moved.is_empty() || planted(Bug::CountsStay) {
        return Ok(());
    }
    let of_both = moved.into_iter().map(|row| rule_use::Model { member_id: into, ..row });
    let of_both = take::<rule_use::Entity>(tx, rule_use::Column::MemberId, into).await?.into_iter().chain(of_both);
    let mut sums: HashMap<UseKey, rule_use::Model> = HashMap::new();
    for row in of_both {
        let known = sums.entry(key_of(&row)).or_insert(rule_use::Model { points: 0, times: 0, ..row.clone() });
        known.points += row.points;
        known.times += row.times;
    }
    rows::insert::<rule_use::Entity>(tx, sums.into_values().collect()).await
}

async fn move_tags(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    let mut tags = take::<member_tag::Entity>(tx, member_tag::Column::MemberId, from).await?;
    tags.iter_mut().for_each(|row| row.member_id = into);
    tags.sort_by(|one, other| one.tag.cmp(&other.tag));
    rows::insert_if_absent::<member_tag::Entity>(tx, tags).await?;
    Ok(())
}

/// A key that both have used goes on leading to what the one who stays made with it.
async fn move_answers(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    let known = rows::by_ids::<idempotency::Entity>(tx, idempotency::Column::MemberId, [from]).await?;
    let moved = known.into_iter().filter(|reply| MOVED.contains(&reply.operation.as_str()));
    let mut moved: Vec<_> = moved.map(|reply| idempotency::Model { member_id: into, ..reply }).collect();
    moved.sort_by(|one, other| (&one.operation, &one.key).cmp(&(&other.operation, &other.key)));
    let gone = idempotency::Entity::delete_many().filter(idempotency::Column::MemberId.eq(from));
    gone.filter(idempotency::Column::Operation.is_in(MOVED)).exec(tx).await?;
    rows::insert_if_absent::<idempotency::Entity>(tx, moved).await?;
    Ok(())
}

/// Cards and the numbers of other systems lead to the one who stays. A name to log in with does too if they have none of
/// their own, and so do the name to be shown and the password; otherwise it is free again.
async fn move_names(tx: &DatabaseTransaction, from: Id, into: Id) -> Result<(), DbErr> {
    // The index that leads there is of these kinds only, which is why they are written out.
    let sql = "SELECT * FROM handle WHERE member_id = $1 AND kind IN ('EXTERNAL_REF', 'MEMBER_NUMBER')";
    let numbers: Vec<handle::Model> = rows::select(tx, sql.to_owned(), vec![from.into()]).await?;
    let numbers = numbers.into_iter().map(|name| handle::Model { member_id: into, ..name });
    rows::update::<handle::Entity>(tx, numbers.collect()).await?;
    let profiles =
        rows::lock_by_ids::<profile::Entity>(tx, profile::Column::MemberId, [from, into], Held::Awaited).await?;
    let of = |id| profiles.iter().find(|profile| profile.member_id == id).cloned();
    let (Some(mut old), Some(mut new)) = (of(from), of(into)) else { return Ok(()) };
    for (kind, old, new) in [
        (HandleKind::Username, &mut old.username, &mut new.username),
        (HandleKind::Email, &mut old.email, &mut new.email),
        (HandleKind::Phone, &mut old.phone, &mut new.phone),
    ] {
        let Some(name) = old.take() else { continue };
        match new {
            Some(_) => {
                handle::Entity::delete_by_id((kind, name)).exec(tx).await?;
            }
            None => {
                let owned = handle::Model { kind, value: name.clone(), member_id: into, subject_id: into };
                rows::update::<handle::Entity>(tx, vec![owned]).await?;
                *new = Some(name);
            }
        }
    }
    new.name = new.name.take().or(old.name.take());
    new.birthday = new.birthday.take().or(old.birthday.take());
    rows::update::<profile::Entity>(tx, vec![old, new]).await?;
    let credentials = rows::by_ids::<credential::Entity>(tx, credential::Column::MemberId, [from, into]).await?;
    let mine = credentials.iter().find(|credential| credential.member_id == from).cloned();
    credential::Entity::delete_by_id(from).exec(tx).await?;
    if let Some(mine) = mine.filter(|_| credentials.len() == 1) {
        rows::insert::<credential::Entity>(tx, vec![credential::Model { member_id: into, ..mine }]).await?;
        // Whoever can log in has an account of their own.
        let claimed = member::Entity::update_many().col_expr(member::Column::Imported, false.into());
        claimed.filter(member::Column::Id.eq(into)).exec(tx).await?;
    }
    Ok(())
}

async fn move_rows<E>(
    tx: &DatabaseTransaction,
    owner: E::Column,
    from: Id,
    change: impl Fn(&mut E::Model),
) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let mut found = take::<E>(tx, owner, from).await?;
    found.iter_mut().for_each(change);
    rows::insert::<E>(tx, found).await
}

/// Takes a member's rows out of a table.
async fn take<E: EntityTrait>(tx: &DatabaseTransaction, owner: E::Column, from: Id) -> Result<Vec<E::Model>, DbErr> {
    let found = rows::by_ids::<E>(tx, owner, [from]).await?;
    if !found.is_empty() {
        E::delete_many().filter(owner.eq(from)).exec(tx).await?;
    }
    Ok(found)
}
