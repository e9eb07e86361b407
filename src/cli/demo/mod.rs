//! `jifen demo`: a small believable shop to try things on.

use crate::app::App;
use crate::base::clock::Clock;
use crate::cli::{Failure, open, serve};
use crate::config::{Common, Demo};
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::HandleKey;

/// The external reference by which a database with demo data is known.
const MARK: &str = "jifen-demo";

pub async fn run(common: &Common, demo: &Demo) -> Result<(), Failure> {
    let app = open::open_app(common, &demo.server, Clock::System).await?;
    serve::serve(app, &demo.server, |address| println!("GraphiQL: http://{address}/graphiql")).await
}

/// True for a database that `jifen demo` has filled.
pub async fn is_demo(app: &App) -> Result<bool, Failure> {
    let mark = app.hub.find(HandleKey(HandleKind::ExternalRef, MARK.to_owned())).await?;
    Ok(mark.is_some())
}
