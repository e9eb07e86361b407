//! By way of a channel.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Flaw, Test, list_flaw};
use crate::domain::earning::rule::occasion::{Item, Occasion};

/// It came by one of these channels, such as `ONLINE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels(pub BTreeSet<String>);

impl Test for Channels {
    fn holds(&self, occasion: &Occasion, _: Option<&Item>) -> Option<bool> {
        Some(occasion.channel.is_some_and(|channel| self.0.contains(channel)))
    }

    fn flaw(&self) -> Option<Flaw> {
        list_flaw(&self.0)
    }
}
