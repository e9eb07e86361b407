//! The door: everything that speaks HTTP, and nothing that knows what a member or a point is.

pub mod graphiql;
pub mod graphql;
pub mod health;
pub mod request_id;
pub mod router;
mod security;
pub mod site;

pub use graphql::{Endpoint, Prepared};
pub use request_id::RequestId;
pub use router::{Site, router};
