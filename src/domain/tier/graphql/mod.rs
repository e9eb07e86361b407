//! Tiers in the schema.

mod error;
mod gone;
mod history;
mod input;
mod mutation;
mod preview;
mod progress;
mod protect;
mod set;

use async_graphql::MergedObject;

pub use error::TierSetUserError;
pub use gone::gone_of;
pub use history::{TierChangeConnection, history_of};
pub use preview::{TierMoverConnection, TierQuery};
pub use progress::{TierProgress, progress_of, tier_of};
pub use protect::ProtectTierUserError;
pub use set::{TierObject, TierSetObject};

#[derive(MergedObject, Default)]
pub struct TierMutation(mutation::SetMutation, protect::ProtectMutation);
