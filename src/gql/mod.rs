//! What every resolver shares: who asks, errors, scalars, global ids, connections and limits.

pub mod caller;
pub mod connection;
pub mod error;
pub mod id;
pub mod in_turn;
pub mod input;
pub mod language;
pub mod limit;
pub mod scalar;
