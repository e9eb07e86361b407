//! Asking for simulations, and carrying them out.

mod ask;
mod run;

pub use ask::{Answer, Wish, cancel_simulation, find_simulation, list_simulations, simulate_program};
pub use run::run_next;
