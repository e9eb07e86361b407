//! The single lock of a member's points, or of a household's, and the balance in one look-up.

use sea_orm::entity::prelude::*;

use super::HouseholdRole;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wallet")]
pub struct Model {
    /// The member's id, or the household's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub program_id: Uuid,
    /// Available and held points together.
    pub posted: i64,
    pub pending: i64,
    pub held: i64,
    pub debt: i64,
    /// Points ever earned, less those that returns took back.
    pub lifetime: i64,
    /// The number of the last transaction.
    pub seq: i64,
    pub head_hash: Vec<u8>,
    /// When the last transaction took effect; the next is never earlier.
    pub effective_at: i64,
    /// No lot activates or expires, and no hold times out, before this; empty when nothing ever does.
    pub next_due: Option<i64>,
    /// The household the member earns into, and what they are in it. Kept here so that whoever holds the lock knows.
    pub household_id: Option<Uuid>,
    pub household_role: Option<HouseholdRole>,
    /// The wallet that has taken over everything of this one: whatever comes back to it goes there.
    pub merged_into: Option<Uuid>,
    /// Purchases of the member that were not taken back as a whole. Kept here because only the lock tells which is the
    /// first.
    pub purchases: i64,
    /// Minor units that the member paid for orders, less what points paid and what was given back.
    pub spent: i64,
    /// The member's tier; empty is the lowest there is.
    pub tier_id: Option<Uuid>,
    pub tier_since: Option<i64>,
    /// The beginning of the day on which the tier is judged next; empty for the lowest, which nobody loses.
    pub tier_due: Option<i64>,
    /// Until when the tier is kept, whatever it is judged to be.
    pub tier_kept_until: Option<i64>,
    /// The tier before the one that the days from … to … reached.
    pub tier_before: Option<Uuid>,
    pub tier_basis_from: Option<i64>,
    pub tier_basis_to: Option<i64>,
    /// The revision of the tiers by which it was last reckoned; 0 for none.
    pub tier_revision: i64,
    /// Rows of the tier's history.
    pub tier_changes: i64,
    /// When the member joined.
    pub joined_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
