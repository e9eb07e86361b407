//! Tiers: setting them, reaching and losing them, and what they give.

mod career;
mod set;
mod share;
