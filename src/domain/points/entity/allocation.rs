//! Points that moved from one bucket of a lot to another.

use sea_orm::entity::prelude::*;

use super::Bucket;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "allocation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub txn_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub lot_id: Uuid,
    /// Empty when the lot was granted them.
    pub taken_from: Option<Bucket>,
    pub given_to: Bucket,
    pub points: i64,
    /// For a reversal: the allocation it takes back.
    pub origin_txn_id: Option<Uuid>,
    pub origin_position: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
