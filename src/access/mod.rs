//! Who is asking: passwords, tokens, the limits on guessing, and the actor every verb is given.
//!
//! Nothing here knows a table. The rows of members and sessions belong to the member domain; these rooms hash and
//! compare, sign and verify, count and refuse, and are told what the rows say.

pub mod actor;
pub mod credential;
pub mod password;
pub mod rotation;
pub mod throttle;
pub mod token;
