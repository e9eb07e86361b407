//! One business event in one wallet.

use sea_orm::entity::prelude::*;

use super::{ActorKind, Cause, TxnKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "txn")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub program_id: Uuid,
    pub program_version: i64,
    pub seq: i64,
    pub kind: TxnKind,
    /// What the member sees: points that came (positive) or went.
    pub points: i64,
    pub available_after: i64,
    pub held_after: i64,
    pub pending_after: i64,
    pub debt_after: i64,
    pub cause: Cause,
    /// The order, redemption, … that made it; with its part and the kind it is unique in the wallet.
    pub source_id: Uuid,
    pub source_part: i64,
    pub reason: Option<String>,
    pub actor: ActorKind,
    pub actor_id: Option<Uuid>,
    pub reverses: Option<Uuid>,
    pub effective_at: i64,
    pub recorded_at: i64,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
