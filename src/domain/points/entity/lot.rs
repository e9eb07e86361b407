//! The points of one accrual. `granted = remaining + held + consumed + expired + revoked`.

use sea_orm::entity::prelude::*;

use super::LotState;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lot")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub program_id: Uuid,
    /// The transaction that made it.
    pub txn_id: Uuid,
    pub state: LotState,
    pub granted: i64,
    pub remaining: i64,
    pub held: i64,
    pub consumed: i64,
    pub expired: i64,
    pub revoked: i64,
    /// Empty until it is known.
    pub activates_at: Option<i64>,
    /// Empty until it is known; a lot that never expires carries the largest instant.
    pub expires_at: Option<i64>,
    /// Of the expired points, those that were given again in another lot.
    pub reinstated: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
