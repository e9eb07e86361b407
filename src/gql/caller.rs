//! Who sent a request, from where, and in which language they read.

use std::net::IpAddr;

use async_graphql::Context;

use crate::access::actor::{Actor, MemberActor};
use crate::base::error::Result;
use crate::db::reader::Reader;
use crate::gql::language::Language;

/// Put into every request's data by the HTTP floor.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    pub actor: Actor,
    pub address: IpAddr,
    pub language: Language,
}

/// What resolvers take from the request.
pub trait RequestContext {
    fn caller(&self) -> &Caller;
    /// The request's look-ups.
    fn reader(&self) -> &Reader;

    /// The member who asks, or `UNAUTHENTICATED`.
    fn member(&self) -> Result<MemberActor> {
        self.caller().actor.member()
    }

    /// The member of staff who asks, or `UNAUTHENTICATED`, or `FORBIDDEN`.
    fn staff(&self) -> Result<MemberActor> {
        self.caller().actor.staff()
    }
}

impl RequestContext for Context<'_> {
    fn caller(&self) -> &Caller {
        self.data_unchecked()
    }

    fn reader(&self) -> &Reader {
        self.data_unchecked()
    }
}
