//! Reports in the schema: all of them for staff.

mod estimate;
mod liability;
mod query;
mod statistics;

pub use estimate::{ReportMutation, SetExpectedRedemptionUserError};
pub use query::ReportQuery;
pub use statistics::StatisticsQuery;
