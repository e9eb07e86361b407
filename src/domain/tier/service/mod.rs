//! What staff do with tiers.

mod gone;
mod preview;
mod protect;
mod tiers;

pub use gone::{find_gone, gone_tiers};
pub use preview::{Mover, Movers, preview_tier_set};
pub use protect::protect_tier;
pub use tiers::{Saved, create_tier_set, update_tier_set};
