//! Finding households, who belongs to them, and to which a member was invited.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DbErr};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::lookup::row_by_id;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::household::entity::{household, household_member};

row_by_id!(
    /// A household by id.
    HouseholdKey: household by Id
);

/// Who belongs to a household or was invited, in the order in which they were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MembersOf(pub Id);

/// The households that a member belongs to or was invited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MembershipsOf(pub Id);

type Memberships = Arc<Vec<household_member::Model>>;

impl Lookup for MembersOf {
    type Row = Memberships;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut found = members_of(&db.read, keys.iter().map(|key| key.0)).await?;
            Ok(keys.into_iter().map(|key| (key, Arc::new(found.remove(&key.0).unwrap_or_default()))).collect())
        })
    }
}

impl Lookup for MembershipsOf {
    type Row = Memberships;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let column = household_member::Column::MemberId;
            let ids = keys.iter().map(|key| key.0);
            let rows = rows::by_ids::<household_member::Entity>(&db.read, column, ids).await?;
            let mut found = rows::group_by(in_order(rows), |row| row.member_id);
            Ok(keys.into_iter().map(|key| (key, Arc::new(found.remove(&key.0).unwrap_or_default()))).collect())
        })
    }
}

/// Who belongs to each household.
pub async fn members_of(
    db: &impl ConnectionTrait,
    households: impl IntoIterator<Item = Id>,
) -> Result<HashMap<Id, Vec<household_member::Model>>, DbErr> {
    let column = household_member::Column::HouseholdId;
    let rows = rows::by_ids::<household_member::Entity>(db, column, households).await?;
    Ok(rows::group_by(in_order(rows), |row| row.household_id))
}

fn in_order(mut rows: Vec<household_member::Model>) -> Vec<household_member::Model> {
    rows.sort_by_key(|row| (row.created_at, row.member_id));
    rows
}
