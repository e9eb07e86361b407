//! What every resolver and the HTTP door share: errors as clients see them, and the limits of a document.

pub mod error;
pub mod limit;
