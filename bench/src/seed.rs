//! What is in the database before anything is measured: made through the product's own commands.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use jifen::access::token::{SigningKey, TokenSettings, Tokens};
use jifen::app::App;
use jifen::base::clock::{Clock, DAY, Instant};
use jifen::base::error::Error;
use jifen::base::id::Id;
use jifen::cli::open::open_app;
use jifen::commit::command::Command;
use jifen::commit::earn::Outlook;
use jifen::commit::key::Key;
use jifen::commit::place_order::{OPERATION, PlaceOrder};
use jifen::commit::register::Register;
use jifen::config;
use jifen::domain::catalog::entity::{product, stock};
use jifen::domain::catalog::query::ProductKey;
use jifen::domain::catalog::service;
use jifen::domain::earning::rule::occasion::Standing;
use jifen::domain::member::entity::{HandleKind, credential, member, profile, session};
use jifen::domain::order::rule::CartLine;
use jifen::domain::points::rule::purse::Purse;
use jifen::gql::id::{NodeKind, global};
use tokio::task::JoinSet;

use crate::Result;

/// Members who order over HTTP; as many again, in a group of their own, for whom pgbench and the like order.
pub const BUYERS: usize = 256;
/// Members who read their orders, and those who log in.
const READERS: usize = 256;
const VISITORS: usize = 32;
/// Many, so that neither side waits for a popular product's row.
pub const PRODUCTS: usize = 1_000;
/// What a reader has: more orders than a page shows, and several lines in each.
const ORDERS: usize = 12;
pub const LINES: usize = 3;
pub const PASSWORD: &str = "correct horse battery staple";

/// A member with an access token that outlives the run.
pub struct Person {
    pub token: String,
}

/// What the benchmarks know of the database.
pub struct World {
    pub buyers: Vec<Person>,
    pub readers: Vec<Person>,
    /// User names; the password is [`PASSWORD`].
    pub visitors: Vec<String>,
    /// Global ids.
    pub products: Vec<String>,
}

/// Whose orders are placed without HTTP. Such an id can be written by pgbench, which knows only whole numbers: its 32
/// hexadecimal digits are twice the same 16 decimal ones.
pub fn twin(number: usize) -> Id {
    written_twice(1_000_000_000_000_000 + number as u64)
}

pub fn product_id(number: usize) -> Id {
    written_twice(2_000_000_000_000_000 + number as u64)
}

fn written_twice(number: u64) -> Id {
    Id::parse_str(&format!("{number}{number}")).expect("32 digits are a UUID")
}

/// Opens the program as `jifen serve` does.
pub async fn open(url: &str, key: &Path) -> Result<App> {
    let key = key.to_str().ok_or("the folder's name is not UTF-8")?;
    let cli = config::Cli::try_parse_from(["jifen", "--database-url", url, "serve", "--signing-key-file", key])?;
    let config::Command::Serve(server) = cli.command else { unreachable!("serve was asked for") };
    open_app(&cli.common, &server, Clock::System).await.map_err(|failure| failure.message.into())
}

/// Fills a database that has been migrated.
pub async fn fill(url: &str, key: &Path) -> Result<World> {
    let app = open(url, key).await?;
    let tokens = long_tokens(key)?;
    add_products(&app).await?;
    let buyers = add_members(&app, "buyer", BUYERS, |_| app.ids.next(), None).await?;
    let readers = add_members(&app, "reader", READERS, |_| app.ids.next(), None).await?;
    add_members(&app, "twin", BUYERS, twin, None).await?;
    let password = app.passwords.hash(PASSWORD.to_owned()).await.map_err(told)?;
    add_members(&app, "visitor", VISITORS, |_| app.ids.next(), Some(password)).await?;
    add_orders(&app, &readers).await?;
    app.committers.finish().await;
    let person = |(id, session): (Id, Id)| -> Result<Person> {
        Ok(Person { token: tokens.issue(id, session).map_err(told)?.0 })
    };
    Ok(World {
        buyers: buyers.into_iter().map(person).collect::<Result<_>>()?,
        readers: readers.into_iter().map(person).collect::<Result<_>>()?,
        visitors: (0..VISITORS).map(|number| format!("visitor-{number}")).collect(),
        products: (0..PRODUCTS).map(|number| global(NodeKind::Product, product_id(number)).0).collect(),
    })
}

/// Signs as the server does, for a day.
pub fn long_tokens(key: &Path) -> Result<Tokens> {
    let key = SigningKey::load(key)?;
    let settings = TokenSettings { ttl: DAY, ..TokenSettings::new("jifen", "jifen") };
    Ok(Tokens::new(&key, &[], Clock::System, settings))
}

async fn add_products(app: &App) -> Result<()> {
    let now = app.clock.now().micros();
    let products: Vec<_> = (0..PRODUCTS)
        .map(|number| product::Model {
            id: product_id(number),
            sku: format!("SKU-{number:05}"),
            slug: format!("product-{number:05}"),
            name: format!("乌龙茶 No. {number}"),
            description: "Rolled by hand and roasted twice over charcoal; 100 g in a tin that closes well.".to_owned(),
            price: 1_000,
            currency: "CNY".to_owned(),
            image_url: None,
            created_at: now,
            tax_rate: 0,
            category_id: None,
        })
        .collect();
    let pile = |number| stock::Model { id: product_id(number), granted: 1 << 40, remaining: 1 << 40, used: 0 };
    let piles: Vec<_> = (0..PRODUCTS).map(pile).collect();
    service::add_products(app, products, piles).await.map_err(told)?;
    Ok(())
}

/// Members and their sessions.
pub async fn add_members(
    app: &App,
    group: &str,
    count: usize,
    id: impl Fn(usize) -> Id,
    password: Option<String>,
) -> Result<Vec<(Id, Id)>> {
    let (mut members, mut commands) = (Vec::new(), Vec::new());
    for number in 0..count {
        let command = registration(app, id(number), format!("{group}-{number}"), password.clone());
        members.push((command.member.id, command.session.as_ref().expect("everybody has one").id));
        commands.push(command);
    }
    submit(app, commands).await?;
    Ok(members)
}

fn registration(app: &App, member_id: Id, username: String, password: Option<String>) -> Register {
    let now = app.clock.now();
    let number = app.ids.number(now);
    let email = format!("{username}@example.com");
    Register {
        member: member::Model { id: member_id, number: number.clone(), imported: false, created_at: now.micros() },
        credential: password.map(|password_hash| credential::Model {
            member_id,
            password_hash,
            changed_at: now.micros(),
        }),
        session: Some(session::Model {
            member_id,
            id: app.ids.next(),
            refresh_hash: vec![7; 32],
            previous_hash: None,
            previous_valid_until: None,
            created_at: now.micros(),
            expires_at: now.plus(30 * DAY).micros(),
            revoked_at: None,
            staff: false,
        }),
        names: vec![
            (HandleKind::Username, username.clone()),
            (HandleKind::Email, email.clone()),
            (HandleKind::MemberNumber, number),
        ],
        profile: profile::Model {
            member_id,
            username: Some(username),
            email: Some(email),
            phone: None,
            name: None,
            birthday: None,
        },
        event_id: app.ids.next(),
    }
}

async fn add_orders(app: &App, readers: &[(Id, Id)]) -> Result<()> {
    let keys = (0..PRODUCTS).map(|number| ProductKey(product_id(number)));
    let products = app.hub.find_all(keys).await.map_err(told)?;
    for order in 0..ORDERS {
        let commands = readers.iter().enumerate().map(|(number, (member_id, _))| {
            let chosen = (0..LINES).map(|line| product_id((number * 7 + order * LINES + line) % PRODUCTS));
            let found = chosen.clone().map(|id| (id, products[&ProductKey(id)].clone())).collect();
            order_of(app, *member_id, chosen.collect(), found, order)
        });
        submit(app, commands.collect()).await?;
    }
    Ok(())
}

fn order_of(
    app: &App,
    member_id: Id,
    chosen: Vec<Id>,
    products: HashMap<Id, Arc<product::Model>>,
    number: usize,
) -> PlaceOrder {
    let now: Instant = app.clock.now();
    PlaceOrder {
        key: Key { member_id, operation: OPERATION, key: format!("seed-{number}"), request_hash: vec![7; 32] },
        lines: chosen.into_iter().map(|product_id| CartLine { product_id, quantity: 2 }).collect(),
        coupon_code: None,
        points: 0,
        purse: Purse::Own,
        channel: None,
        outlet_id: None,
        standing: Standing::default(),
        outlook: Outlook::default(),
        products,
        order_id: app.ids.next(),
        number: app.ids.number(now),
        seed: app.ids.next(),
        event_id: app.ids.next(),
    }
}

/// Carries commands out, all at once.
async fn submit<C: Command>(app: &App, commands: Vec<C>) -> Result<()> {
    let mut tasks = JoinSet::new();
    for command in commands {
        let app = app.clone();
        tasks.spawn(async move { app.committers.submit(command).await.map(|answer| answer.is_ok()) });
    }
    while let Some(ended) = tasks.join_next().await {
        if !ended?.map_err(told)? {
            return Err("a command of the seed was rejected".into());
        }
    }
    Ok(())
}

/// The product's errors have no text of their own accord, so that none leaks to a client; here it may be seen.
pub fn told(error: Error) -> String {
    error.chain()
}
