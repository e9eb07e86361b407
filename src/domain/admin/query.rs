//! Finding the staff.

use sea_orm::{EntityTrait, QueryOrder};

use crate::base::error::Result;
use crate::db::Db;
use crate::db::dialect::Dialect;
use crate::db::lookup::row_by_id;
use crate::domain::admin::entity::staff;

row_by_id!(
    /// The staff role of a member, if they have it.
    StaffOf: staff by MemberId
);

/// Everybody who has the role, in the order in which they were given it.
pub async fn list_staff(db: &Db) -> Result<Vec<staff::Model>> {
    let oldest_first = staff::Entity::find().order_by_asc(staff::Column::CreatedAt);
    Ok(oldest_first.order_by_asc(staff::Column::MemberId).all(&db.read).await?)
}

/// The SQL that tells whether a member has the role, for the statement that opens a session. The role stays as it is
/// until that statement is done, so whoever takes it away finds the session and ends it.
pub fn has_role(dialect: Dialect, member: &str) -> String {
    format!("EXISTS (SELECT 1 FROM staff s WHERE s.member_id = {member}{})", dialect.keep_of("s"))
}
