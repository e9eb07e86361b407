//! What staff do with segments, and asking whom a segment holds for.

mod members;
mod segments;

pub use members::{count_fitting, flaw_of, list_fitting, segments_of, segments_of_newcomers, today};
pub use segments::{Saved, create_segment, delete_segment, list_segments, update_segment};
