//! What staff said of redemption.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::base::id::Id;
use crate::db::rows;
use crate::domain::report::entity::redemption_estimate;

/// All of a program, by the day from which they count; of one day the latest comes last.
pub async fn estimates(db: &impl ConnectionTrait, program_id: Id) -> Result<Vec<redemption_estimate::Model>, DbErr> {
    use redemption_estimate::Column;
    let of_program = redemption_estimate::Entity::find().filter(Column::ProgramId.eq(program_id));
    let in_order = of_program.order_by_asc(Column::FirstDay).order_by_asc(Column::CreatedAt);
    in_order.order_by_asc(Column::Id).all(db).await
}

/// Adds one.
pub async fn insert(db: &impl ConnectionTrait, row: redemption_estimate::Model) -> Result<(), DbErr> {
    rows::insert::<redemption_estimate::Entity>(db, vec![row]).await
}
