//! Segments in the schema.

mod error;
mod filter;
mod mutation;
mod part;
mod query;
mod segment;

pub use error::SegmentUserError;
pub use mutation::SegmentMutation;
pub use query::{SegmentConnection, SegmentMemberConnection, SegmentQuery};
pub use segment::SegmentObject;
