//! The staff: who has the role, what it opens, and how it is given and taken away.

mod admin;
mod audit;
mod role;
