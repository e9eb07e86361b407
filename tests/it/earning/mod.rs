//! Earning rules, what they give and take back, and events.

mod event;
mod give;
mod race;
mod rule;
mod take_back;
