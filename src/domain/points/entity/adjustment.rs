//! A correction of a member's points by the shop.

use sea_orm::entity::prelude::*;

use super::AdjustmentState;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "adjustment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Positive to give, negative to take.
    pub points: i64,
    pub reason: String,
    pub state: AdjustmentState,
    pub requested_by: Uuid,
    pub decided_by: Option<Uuid>,
    pub created_at: i64,
    pub decided_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
