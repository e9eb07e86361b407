//! The doors of a running program: what a request is given before a resolver sees it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Request;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::health::Ready;
use super::{Endpoint, Prepared, Site, router};
use crate::access::actor::Actor;
use crate::access::throttle::{TrustedProxies, client_address};
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::db::reader::Reader;
use crate::domain::member::service::session::authenticate;
use crate::gql::caller::Caller;
use crate::gql::language::Language;
use crate::gql::limit::{Limits, SchemaMap};
use crate::schema::{self, ONCE_A_DOCUMENT};

/// How the doors are set.
#[derive(Clone, Debug)]
pub struct Doors {
    pub production: bool,
    pub timeout: Duration,
    pub visitor_cost: u64,
    pub member_cost: u64,
    pub origins: Vec<HeaderValue>,
    pub proxies: TrustedProxies,
}

/// All routes of a program.
pub fn site(app: &App, doors: Doors) -> Result<Router> {
    let map = SchemaMap::from_sdl(&schema::sdl()).map_err(Error::internal)?;
    let limits = Limits {
        introspection: !doors.production,
        visitor_cost: doors.visitor_cost,
        member_cost: doors.member_cost,
        ..Limits::default()
    };
    let prepare = {
        let (app, proxies) = (app.clone(), Arc::new(doors.proxies));
        move |parts: &Parts, request: Request| -> futures_util::future::BoxFuture<'static, Result<Prepared>> {
            let app = app.clone();
            let address = address_of(parts, &proxies);
            let language = Language::of(&parts.headers);
            let token = bearer(parts);
            Box::pin(async move {
                let actor = match token? {
                    Some(token) => authenticate(&app, &token).await?,
                    None => Actor::Visitor,
                };
                let reader = Reader::new(app.hub.clone());
                let is_member = actor.find_member().is_some();
                let request = request.data(Caller { actor, address, language }).data(reader);
                Ok(Prepared { request, is_member })
            })
        }
    };
    let schema = schema::build(app.clone(), doors.production);
    let endpoint = Endpoint::new(schema, map, limits.with_once(ONCE_A_DOCUMENT), prepare).with_timeout(doors.timeout);
    let jwks = app.tokens.jwks().clone();
    Ok(router(Site { endpoint, ready: ready(app), jwks, origins: doors.origins }))
}

/// Ready means that the database answers.
fn ready(app: &App) -> Ready {
    let app = app.clone();
    Arc::new(move || {
        let db = app.db.clone();
        Box::pin(async move { db.read.ping().await.is_ok() })
    })
}

/// The token of `Authorization: Bearer …`. Another scheme is refused rather than taken for a visitor.
fn bearer(parts: &Parts) -> Result<Option<String>> {
    let Some(header) = parts.headers.get(AUTHORIZATION) else { return Ok(None) };
    let text = header.to_str().map_err(|_| Error::unauthenticated())?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim().to_owned())),
        _ => Err(Error::unauthenticated()),
    }
}

fn address_of(parts: &Parts, proxies: &TrustedProxies) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    let Some(peer) = peer else { return IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
    let forwarded: Vec<&str> =
        parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    client_address(peer, &forwarded, proxies)
}
