//! What every verb is given: the database, the committers, the clock and the keys of the house.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use async_graphql::Context;

use crate::access::password::Passwords;
use crate::access::throttle::Throttle;
use crate::access::token::{RotationKey, Tokens};
use crate::base::clock::Clock;
use crate::base::id::Ids;
use crate::commit::Committers;
use crate::db::Db;
use crate::db::reader::Hub;
use crate::domain::earning::query::RuleBook;
use crate::domain::points::query::programs::Programs;
use crate::domain::tier::query::TierBook;

/// The running program. Clones are the same one.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub db: Db,
    pub hub: Arc<Hub>,
    /// The versions of the loyalty program.
    pub programs: Programs,
    /// The earning rules of each version.
    pub rules: RuleBook,
    /// The tiers of each version.
    pub tiers: TierBook,
    pub clock: Clock,
    pub ids: Ids,
    pub committers: Committers,
    pub passwords: Passwords,
    pub tokens: Tokens,
    pub rotation_key: RotationKey,
    pub throttle: Throttle,
    /// How long a session lasts without being refreshed, in microseconds.
    pub session_ttl: i64,
}

impl App {
    pub fn new(parts: Parts) -> App {
        App(Arc::new(parts))
    }

    /// The app of a GraphQL request.
    pub fn of<'a>(context: &'a Context<'_>) -> &'a App {
        context.data_unchecked()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Where a request comes from, for the counts that limit guessing.
pub type Address = IpAddr;
