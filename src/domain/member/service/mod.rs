//! The verbs of an account.

mod login;
mod profile;
mod register;
pub mod session;

pub use login::login;
pub use profile::{ProfileChange, change_password, update_profile};
pub use register::register;
pub use session::{Opened, logout, logout_everywhere, refresh_token};
