//! Earning rules, what they give and take back, and events.

mod event;
mod give;
mod preview;
mod race;
mod rule;
mod shelf;
mod take_back;
