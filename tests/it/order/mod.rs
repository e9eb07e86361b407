//! Placing orders: what one does, everything that is refused, keys, races, and whose an order is.

mod key;
mod place;
mod race;
mod refused;
mod view;
