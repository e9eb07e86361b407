//! `jifen serve`: listen, answer, and on a signal finish what is running.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::app::App;
use crate::base::clock::Clock;
use crate::cli::{Failure, demo, open};
use crate::config::{Common, Server};
use crate::http::site::{Doors, site};
use crate::worker;

/// How long requests may still run after a signal before their connections are cut.
const GRACE: Duration = Duration::from_secs(15);

pub async fn run(common: &Common, server: &Server) -> Result<(), Failure> {
    let app = open::open_app(common, server, Clock::System).await?;
    if server.production && demo::is_demo(&app).await? {
        return Err(Failure::usage(
            "--production refuses this database: it holds demo data with known passwords. Use another --database-url.",
        ));
    }
    serve(app, server, |address| {
        eprintln!("jifen serves GraphQL at http://{address}/graphql and GraphiQL at http://{address}/graphiql");
    })
    .await
}

/// Serves until SIGINT or SIGTERM. `announce` is told the address once it is listened on.
pub async fn serve(app: App, server: &Server, announce: impl FnOnce(SocketAddr)) -> Result<(), Failure> {
    let doors = Doors {
        production: server.production,
        timeout: Duration::from_secs(server.request_timeout_seconds),
        visitor_cost: server.visitor_cost,
        member_cost: server.member_cost,
        origins: server.cors_origins.clone(),
        proxies: server.proxies().map_err(Failure::usage)?,
    };
    let routes = site(&app, doors)?.into_make_service_with_connect_info::<SocketAddr>();
    let cannot_listen = |cause| Failure::usage(format!("--listen {} cannot be listened on: {cause}", server.listen));
    let listener = TcpListener::bind(server.listen).await.map_err(cannot_listen)?;
    announce(listener.local_addr().map_err(cannot_listen)?);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut until_stopped = stopped.clone();
    let running = axum::serve(listener, routes)
        .with_graceful_shutdown(async move {
            let _ = until_stopped.wait_for(|stopped| *stopped).await;
        })
        .into_future();
    let working = if server.sweep_seconds == 0 {
        Vec::new()
    } else {
        let pause = Duration::from_secs(server.sweep_seconds);
        vec![
            tokio::spawn(worker::settle::run(app.clone(), pause)),
            tokio::spawn(worker::count::run(app.clone(), pause)),
            tokio::spawn(worker::close::run(app.clone(), pause)),
            tokio::spawn(worker::simulations::run(app.clone())),
        ]
    };
    let server = tokio::spawn(running);
    signal().await;
    tracing::info!("stopping: running requests are finished, new ones are refused");
    let _ = stop.send(true);
    // What it has sent is carried out with everything else that waits.
    working.iter().for_each(tokio::task::JoinHandle::abort);
    // A client that keeps its connection open, or never reads its answer, does not keep the server.
    let _ = tokio::time::timeout(GRACE, server).await;
    app.committers.finish().await;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Waits for SIGINT or SIGTERM.
async fn signal() {
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(cause) => {
                tracing::warn!(%cause, "SIGTERM cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
