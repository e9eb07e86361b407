//! A wallet that was merged into another: a member's into the member who stays, a household's into the last who left.

use sea_orm::entity::prelude::*;

use super::ActorKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merger")]
pub struct Model {
    /// Whose wallet took over.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose wallet was taken over.
    pub from_id: Uuid,
    /// Points handed over, pending ones too, and points owed.
    pub points: i64,
    pub debt: i64,
    pub reason: Option<String>,
    pub actor: ActorKind,
    pub actor_id: Option<Uuid>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
