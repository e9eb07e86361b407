//! `jifen demo`: a small believable shop to try things on, with some months of history.
//!
//! Everything goes the way a customer's request goes, with a clock that is moved through the months. Every step can be
//! repeated without effect, so a start that was interrupted is simply gone through again.

pub mod goods;
mod history;

use crate::app::App;
use crate::base::clock::{Clock, DAY};
use crate::cli::{Failure, open, serve};
use crate::commit::register::Register;
use crate::config::{Common, Demo};
use crate::domain::member::entity::{HandleKind, member, profile};
use crate::domain::member::query::{HandleKey, has_members};

/// External references by which a database with demo data, and one that is filled to the end, are known.
const BEGUN: &str = "jifen-demo";
const FILLED: &str = "jifen-demo-filled";
/// How long ago the shop opened.
const HISTORY_DAYS: i64 = 150;

pub async fn run(common: &Common, demo: &Demo) -> Result<(), Failure> {
    if demo.server.production {
        return Err(Failure::usage("demo makes members with known passwords, which --production refuses; use serve"));
    }
    let opening = Clock::System.now().plus(-HISTORY_DAYS * DAY);
    let past = open::open_app(common, &demo.server, Clock::manual(opening)).await?;
    let filled = fill(&past).await;
    past.committers.finish().await;
    past.db.close().await;
    drop(past);
    filled?;
    if demo.fill_only {
        println!("{}", welcome(common.json, None));
        return Ok(());
    }
    let app = open::open_app(common, &demo.server, Clock::System).await?;
    serve::serve(app, &demo.server, |address| println!("{}", welcome(common.json, Some(address)))).await
}

fn welcome(json: bool, address: Option<std::net::SocketAddr>) -> String {
    let (account, staff, password) = (history::ACCOUNT, history::STAFF, history::PASSWORD);
    if json {
        let graphiql = address.map(|address| format!("http://{address}/graphiql"));
        let told =
            serde_json::json!({ "graphiql": graphiql, "account": account, "staff": staff, "password": password });
        return told.to_string();
    }
    let place =
        address.map(|address| format!("GraphiQL   http://{address}/graphiql\nGraphQL    http://{address}/graphql\n"));
    let place = place.unwrap_or_default();
    format!("{place}log in as  account {account}, password {password}\nas staff   account {staff}, the same password")
}

/// Goes through the months, unless an earlier start has done so to the end.
async fn fill(app: &App) -> Result<(), Failure> {
    if is_marked(app, FILLED).await? {
        return Ok(());
    }
    let somebody = has_members(&app.db).await?;
    if somebody && !is_demo(app).await? {
        return Err(Failure::usage(
            "this database has members already, and demo would mix with them; use another --database-url",
        ));
    }
    tracing::info!("filling the database with a small shop");
    mark(app, BEGUN).await?;
    goods::stock_shelves(app).await?;
    history::live_through(app, HISTORY_DAYS).await?;
    mark(app, FILLED).await
}

/// True for a database that `jifen demo` has begun to fill.
pub async fn is_demo(app: &App) -> Result<bool, Failure> {
    is_marked(app, BEGUN).await
}

async fn is_marked(app: &App, mark: &str) -> Result<bool, Failure> {
    let found = app.hub.find(HandleKey(HandleKind::ExternalRef, mark.to_owned())).await?;
    Ok(found.is_some())
}

/// A mark is a member without a password, known by an external reference: the demo needs no table of its own.
async fn mark(app: &App, reference: &str) -> Result<(), Failure> {
    let now = app.clock.now();
    let member =
        member::Model { id: app.ids.next(), number: app.ids.number(now), imported: true, created_at: now.micros() };
    let names =
        vec![(HandleKind::ExternalRef, reference.to_owned()), (HandleKind::MemberNumber, member.number.clone())];
    let profile =
        profile::Model { member_id: member.id, username: None, email: None, phone: None, name: None, birthday: None };
    let event_id = app.ids.next();
    // Somebody else's mark is as good as ours.
    let _ =
        app.committers.submit(Register { member, profile, credential: None, session: None, names, event_id }).await?;
    Ok(())
}
