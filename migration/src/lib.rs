//! The tables of jifen, one file a noun, the same on both databases.
//!
//! Every key of a member's data starts with the member's id, so that it can be spread over machines by member.
//! There are no foreign keys between rows that are written together: they would cost a look-up a row, and what they
//! would say is proved by `jifen verify` instead (docs/adr/0003).

pub use sea_orm_migration::prelude::*;

pub mod column;
mod m20261123_000001_member;
mod m20261123_000002_ledger;
mod m20261123_000003_catalog;
mod m20261123_000004_reward;
mod m20261123_000005_order;
mod m20261123_000006_program;
mod m20261123_000007_movement;
mod m20261123_000008_return;
mod m20261123_000009_staff;
mod m20261123_000010_household;
mod m20261123_000011_tax;
mod m20261124_000012_earning;
mod m20261124_000014_tier;
mod m20261124_000015_reward;
mod m20261124_000016_segment;
mod m20261124_000017_statistic;
mod m20261128_000018_statistics;
mod m20261128_000019_code;
mod m20261128_000020_simulation;
mod m20261129_000021_closed_day;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_member::Migration),
            Box::new(m20261123_000002_ledger::Migration),
            Box::new(m20261123_000003_catalog::Migration),
            Box::new(m20261123_000004_reward::Migration),
            Box::new(m20261123_000005_order::Migration),
            Box::new(m20261123_000006_program::Migration),
            Box::new(m20261123_000007_movement::Migration),
            Box::new(m20261123_000008_return::Migration),
            Box::new(m20261123_000009_staff::Migration),
            Box::new(m20261123_000010_household::Migration),
            Box::new(m20261123_000011_tax::Migration),
            Box::new(m20261124_000012_earning::Migration),
            Box::new(m20261124_000014_tier::Migration),
            Box::new(m20261124_000015_reward::Migration),
            Box::new(m20261124_000016_segment::Migration),
            Box::new(m20261124_000017_statistic::Migration),
            Box::new(m20261128_000018_statistics::Migration),
            Box::new(m20261128_000019_code::Migration),
            Box::new(m20261128_000020_simulation::Migration),
            Box::new(m20261129_000021_closed_day::Migration),
        ]
    }
}
