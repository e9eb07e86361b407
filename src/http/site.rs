//! The doors of a running program: what a request is given before a resolver sees it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::Selection;
use async_graphql::{Name, Positioned, Request};
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
use crate::base::error::{Code, Error, Result};
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
        move |parts: &Parts, mut request: Request| -> futures_util::future::BoxFuture<'static, Result<Prepared>> {
            let app = app.clone();
            let address = address_of(parts, &proxies);
            let language = Language::of(&parts.headers);
            let token = bearer(parts);
            let opens_a_session = opens_a_session(&mut request);
            Box::pin(async move {
                let actor = match token? {
                    Some(token) => match authenticate(&app, &token).await {
                        // A client that sends its token with everything must be able to get a new one.
                        Err(stale) if opens_a_session && is_over(&stale) => Actor::Visitor,
                        actor => actor?,
                    },
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

/// The fields that need no session, because they open one.
const OPENING: [&str; 3] = ["register", "login", "refreshToken"];

/// True when a document asks for nothing but a session.
fn opens_a_session(request: &mut Request) -> bool {
    let wanted = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return false };
    let is_wanted =
        |name: Option<&Name>| wanted.as_deref().is_none_or(|wanted| name.is_some_and(|name| name == wanted));
    let opens = |selection: &Positioned<Selection>| match &selection.node {
        Selection::Field(field) => OPENING.contains(&field.node.name.node.as_str()),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    };
    let mut operations = document.operations.iter().filter(|(name, _)| is_wanted(*name));
    operations.all(|(_, operation)| operation.node.selection_set.node.items.iter().all(opens))
}

/// A token that was good once, or never: as opposed to a database that does not answer.
fn is_over(refusal: &Error) -> bool {
    matches!(refusal.code, Code::TokenExpired | Code::Unauthenticated)
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
