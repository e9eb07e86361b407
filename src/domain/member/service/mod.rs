//! The verbs of an account.

mod login;
mod merge;
mod profile;
mod register;
pub mod session;
mod tag;

pub use login::login;
pub use merge::{Refused, Which, merge_members};
pub use profile::{ProfileChange, change_password, update_profile};
pub use register::{admit, register};
pub use session::{Opened, logout, logout_everywhere, refresh_token};
pub use tag::{TagRejection, tag_member};
