//! A loyalty program in one of its versions.

use sea_orm::entity::prelude::*;

use super::{RoundingKind, ShortfallPolicy, TransferPolicy, ValidityKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "program")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    pub name: String,
    pub currency: String,
    /// P: so many points …
    pub earn_points: i64,
    /// … for so many minor units.
    pub earn_minor: i64,
    /// R: so many points …
    pub exchange_points: i64,
    /// … are worth so many minor units.
    pub exchange_minor: i64,
    pub rounding: RoundingKind,
    /// IANA name.
    pub time_zone: String,
    pub created_at: i64,
    /// The fewest points an order is paid with.
    pub redemption_minimum: i64,
    /// Points an order is paid with are a multiple of it.
    pub redemption_step: i64,
    /// The greatest share of an order that points may pay, in percent.
    pub payable_percent: i64,
    /// Whether tax, shipping, and the part paid with points earn points as well.
    pub earn_on_tax: bool,
    pub earn_on_shipping: bool,
    pub earn_on_points: bool,
    /// Days after delivery in which an order may be returned, and for which its points are pending. Empty: its points
    /// can be spent as soon as it is paid.
    pub return_window_days: Option<i64>,
    pub validity: ValidityKind,
    /// So many days or months, as the kind says.
    pub validity_count: i64,
    /// How long points are good that come back after their lot has expired; 0 forfeits them.
    pub grace_days: i64,
    pub shortfall: ShortfallPolicy,
    /// The most points a member may owe; what is more is written off. Empty is without limit.
    pub debt_limit: Option<i64>,
    /// The longest a hold may last.
    pub hold_minutes: i64,
    pub transfers: TransferPolicy,
    pub transfer_minimum: i64,
    /// The most points a member may give away in a day of the program's zone. Empty is without limit.
    pub transfer_daily_limit: Option<i64>,
    /// An adjustment of more points than this needs a second member of staff.
    pub approval_threshold: i64,
    /// Days after their expiry in which points may be reinstated.
    pub reinstatement_days: i64,
    /// The member of staff who made this version; empty for the first.
    pub author_id: Option<Uuid>,
    /// Members a household may have; 0 allows none.
    pub household_size: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What a new database begins with: ten points a yuan, 100 points worth ¥1, rounded down, without expiry.
    pub fn usual(id: Uuid, created_at: i64) -> Model {
        Model {
            id,
            version: 1,
            name: "积分".to_owned(),
            currency: "CNY".to_owned(),
            earn_points: 10,
            earn_minor: 100,
            exchange_points: 100,
            exchange_minor: 100,
            rounding: RoundingKind::Floor,
            time_zone: "Asia/Shanghai".to_owned(),
            created_at,
            redemption_minimum: 1,
            redemption_step: 1,
            payable_percent: 100,
            earn_on_tax: true,
            earn_on_shipping: false,
            earn_on_points: false,
            return_window_days: None,
            validity: ValidityKind::None,
            validity_count: 0,
            grace_days: 30,
            shortfall: ShortfallPolicy::AllowDebt,
            debt_limit: None,
            hold_minutes: 60,
            transfers: TransferPolicy::Nobody,
            transfer_minimum: 1,
            transfer_daily_limit: None,
            approval_threshold: 10_000,
            reinstatement_days: 90,
            author_id: None,
            household_size: 0,
        }
    }
}
