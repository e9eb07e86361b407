//! The limits, and how a refusal is told.

use crate::base::error::{Code, Error};

/// The limits. 0 switches a limit off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// Failed passwords of one account in 15 minutes.
    pub failures_per_account: u32,
    /// Failed passwords from one address in 15 minutes.
    pub failures_per_address: u32,
    /// Registrations from one address in a minute.
    pub registrations_per_address: u32,
    /// How many accounts, and how many addresses, are remembered at most, at some 60 bytes each.
    pub remembered: usize,
}

impl Default for ThrottleSettings {
    fn default() -> ThrottleSettings {
        ThrottleSettings {
            failures_per_account: 10,
            failures_per_address: 100,
            registrations_per_address: 60,
            remembered: 100_000,
        }
    }
}

/// How long to wait before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// Whole seconds, at least 1.
    pub seconds: i64,
}

impl From<RetryAfter> for Error {
    fn from(wait: RetryAfter) -> Error {
        let message = format!("Too many attempts. Try again in {} seconds.", wait.seconds);
        Error::new(Code::RateLimited, message).retry_after(wait.seconds)
    }
}
