//! The small shop the storm breaks over: made through the product's own commands, its rules changed over HTTP.

use std::collections::HashMap;

use jifen::app::App;
use jifen::base::id::Id;
use jifen::domain::catalog::entity::{product, stock};
use jifen::domain::reward::entity::{RewardKind, reward};
use jifen::domain::{catalog, reward as rewards};
use jifen::gql::id::{NodeKind, global};
use serde_json::json;

use super::buying::PRICE;
use super::deed::text;
use crate::Result;
use crate::door::{Door, data};
use crate::fleet::{Fleet, staff_token};
use crate::seed::{add_members, long_tokens, open, product_id, told};

/// Few, so that orders meet at their piles.
const PRODUCTS: usize = 12;
const PLENTY: i64 = 1 << 40;
/// The pieces of the reward that runs out.
pub const SCARCE: i64 = 150;
/// Points for the reward that never runs out.
pub const CHEAP: i64 = 100;

/// Somebody with an access token that outlives the storm.
pub struct Person {
    pub id: String,
    pub number: String,
    pub token: String,
}

pub struct Reward {
    pub id: String,
    /// Whose pieces it takes: its own, a product's, or nobody's.
    pub pile: Option<String>,
}

pub struct Shop {
    pub members: Vec<Person>,
    pub staff: Person,
    pub products: Vec<String>,
    pub rewards: Vec<Reward>,
    /// What each pile had at first, by the global id of its product or reward.
    pub granted: HashMap<String, i64>,
}

/// Fills the database, before any server runs: gives the members' sessions.
pub async fn fill(fleet: &Fleet, members: usize) -> Result<Vec<(Id, Id)>> {
    let app = open(&fleet.url, &fleet.key).await?;
    let now = app.clock.now().micros();
    let products = (0..PRODUCTS).map(|number| product::Model {
        id: product_id(number),
        sku: format!("SKU-{number:05}"),
        slug: format!("product-{number:05}"),
        name: format!("乌龙茶 No. {number}"),
        description: String::new(),
        price: PRICE,
        currency: "CNY".to_owned(),
        image_url: None,
        created_at: now,
        tax_rate: 0,
        category_id: None,
    });
    let pile = |id, pieces| stock::Model { id, granted: pieces, remaining: pieces, used: 0 };
    let shelves = (0..PRODUCTS).map(|number| pile(product_id(number), PLENTY));
    let piles = shelves.chain([pile(reward_id(2), SCARCE)]);
    catalog::service::add_products(&app, products.collect(), piles.collect()).await.map_err(told)?;
    rewards::service::add_rewards(&app, vec![coupon(0, CHEAP, None, now), gift(now), coupon(2, 50, Some(2), now)])
        .await
        .map_err(told)?;
    let sessions = add_members(&app, "storm", members, |_| app.ids.next(), None).await?;
    close(app).await;
    Ok(sessions)
}

async fn close(app: App) {
    app.committers.finish().await;
    app.db.close().await;
}

fn reward_id(number: usize) -> Id {
    product_id(1_000 + number)
}

fn coupon(number: usize, points: i64, pile: Option<usize>, now: i64) -> reward::Model {
    reward::Model {
        id: reward_id(number),
        kind: RewardKind::Coupon,
        name: format!("Coupon {number}"),
        description: String::new(),
        points_price: points,
        currency: "CNY".to_owned(),
        coupon_value: Some(PRICE / 2),
        minimum_spend: Some(PRICE),
        coupon_valid_days: Some(30),
        product_id: None,
        stock_id: pile.map(reward_id),
        created_at: now,
        ..reward::Model::blank(RewardKind::Coupon, "CNY")
    }
}

/// A product for points, from the same pile that orders take it from.
fn gift(now: i64) -> reward::Model {
    let of = product_id(0);
    reward::Model {
        kind: RewardKind::Product,
        coupon_value: None,
        minimum_spend: None,
        coupon_valid_days: None,
        product_id: Some(of),
        stock_id: Some(of),
        ..coupon(1, 300, None, now)
    }
}

/// Learns who everybody is from the running servers, and lets points be given away.
pub async fn open_doors(fleet: &Fleet, sessions: &[(Id, Id)]) -> Result<Shop> {
    let tokens = long_tokens(&fleet.key)?;
    let mut door = Door::new(&fleet.doors, 0);
    let mut members = Vec::new();
    for (member, session) in sessions {
        let token = tokens.issue(*member, *session).map_err(told)?.0;
        members.push(person(&mut door, token).await?);
    }
    let staff = person(&mut door, staff_token(fleet).await?).await?;
    change_program(&mut door, &staff.token).await?;
    let id_of = |kind, id| global(kind, id).0;
    let products: Vec<_> = (0..PRODUCTS).map(|number| id_of(NodeKind::Product, product_id(number))).collect();
    let ids = [0, 1, 2].map(|number| id_of(NodeKind::Reward, reward_id(number)));
    let mut granted: HashMap<_, _> = products.iter().map(|id| (id.clone(), PLENTY)).collect();
    granted.insert(ids[2].clone(), SCARCE);
    let piles = [None, Some(products[0].clone()), Some(ids[2].clone())];
    let rewards = ids.into_iter().zip(piles).map(|(id, pile)| Reward { id, pile }).collect();
    Ok(Shop { members, staff, products, rewards, granted })
}

async fn person(door: &mut Door, token: String) -> Result<Person> {
    let data = data(door.ask(&token, "{ me { id number } }", &json!({})).await)?;
    let said = |name: &str| text(&data["me"][name]).to_owned();
    Ok(Person { id: said("id"), number: said("number"), token })
}

/// Anybody may give points away. Points are good for a day, so that those of imported purchases have long expired.
async fn change_program(door: &mut Door, token: &str) -> Result<()> {
    let change = "mutation { updateLoyaltyProgram(input: { expectedVersion: 1, transfers: { policy: ANYBODY }, \
        validity: { kind: DAYS, count: 1 } }) { userErrors { code } } }";
    let data = data(door.ask(token, change, &json!({})).await)?;
    if data["updateLoyaltyProgram"]["userErrors"] != json!([]) {
        return Err(format!("the program was not changed: {data}").into());
    }
    Ok(())
}
