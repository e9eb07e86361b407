//! What happened, told to other systems.
//!
//! Events are rows written in the transaction of what they tell, so they are told exactly when it is true. Order is by
//! member and wallet sequence only. A payload carries ids and figures, never personal data. Delivery is a worker's work
//! and is not built yet.

pub mod entity;
