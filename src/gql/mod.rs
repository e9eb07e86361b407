//! What every resolver shares: errors, scalars, global ids and connections.

pub mod connection;
pub mod id;
pub mod scalar;
