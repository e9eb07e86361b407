//! Simulations in the schema: all of them for staff.

mod error;
mod mutation;
mod query;
mod result;
mod simulation;

pub use error::SimulationUserError;
pub use mutation::SimulationMutation;
pub use query::{SimulationConnection, SimulationQuery};
pub use simulation::SimulationObject;
