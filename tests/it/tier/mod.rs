//! Tiers: setting them, reaching and losing them, and what they give.

mod career;
mod change;
mod gone;
mod history;
mod set;
mod share;
