//! Points set aside while a payment is open. `amount = captured + released + open`; which lots they are in, the
//! allocations of its transaction say.

use sea_orm::entity::prelude::*;

use super::ActorKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub program_id: Uuid,
    /// The transaction that set them aside.
    pub txn_id: Uuid,
    pub amount: i64,
    pub captured: i64,
    pub released: i64,
    pub open: i64,
    /// How often it was captured from and released from: the parts of those transactions' sources.
    pub captures: i64,
    pub releases: i64,
    pub reason: Option<String>,
    pub actor: ActorKind,
    pub actor_id: Option<Uuid>,
    pub created_at: i64,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
