//! The ledger from below: a shop on a database of its own, with the verbs of the write path.
//!
//! `model` sends random histories and reckons beside, `verify` proves the books, `cases` and `bytes` alter
//! them and look whether that is found, and `commit` has commands with defects.

mod bytes;
mod cases;
mod checkpoint;
mod commit;
mod model;
mod verify;

mod alter;
mod base;
mod deeds;
mod earning;
mod filled;
mod history;
mod reckoning;
mod returns;
mod rewarding;
mod sharing;
mod spending;
mod tiers;

use std::collections::HashMap;
use std::sync::Arc;

use jifen::audit::{prove, report::Report};
use jifen::base::clock::{Clock, DAY, Instant};
use jifen::base::error::Result;
use jifen::base::id::{Id, Ids, Random};
use jifen::commit::Committers;
use jifen::commit::command::Answer;
use jifen::commit::earn::Outlook;
use jifen::commit::import_order::ImportOrder;
use jifen::commit::key::{Key, Made};
use jifen::commit::place_order::{self, PlaceOrder};
use jifen::commit::redeem::{self, Redeem};
use jifen::commit::register::Register;
use jifen::db::Db;
use jifen::db::dialect::Dialect;
use jifen::db::group::Bounds;
use jifen::db::rows;
use jifen::domain::catalog::entity::{product, stock};
use jifen::domain::earning::rule::occasion::Standing;
use jifen::domain::member::entity::{HandleKind, member, profile};
use jifen::domain::order::rule::CartLine;
use jifen::domain::points::query::programs::Programs;
use jifen::domain::points::rule::purse::Purse;
use jifen::domain::report::service::close::close_some;
use jifen::domain::report::service::count::count_some;
use jifen::domain::reward::entity::{RewardKind, reward};
use jifen::domain::tier::query::TierBook;

/// 2026-11-23T00:00Z.
pub const START: Instant = Instant(1_795_392_000_000_000);

/// A shop that sells and rewards, with a clock that stands still and ids that repeat.
pub struct Shop {
    pub db: Db,
    pub programs: Programs,
    pub clock: Clock,
    pub ids: Ids,
    pub committers: Committers,
    pub products: Vec<Arc<product::Model>>,
    pub rewards: Vec<Arc<reward::Model>>,
}

/// Prices in fen, and pieces in stock.
pub const PRODUCTS: [(i64, i64); 4] = [(3_334, 5_000), (999, 5_000), (12_050, 40), (5, 5_000)];
/// The rewards: two kinds of coupon, the second in limited number, and goods.
pub const CHEAP_COUPON: usize = 0;
pub const SCARCE_COUPON: usize = 1;
pub const GOODS: usize = 2;
pub const REWARD_PRICES: [i64; 3] = [100, 250, 180];
pub const SCARCE: i64 = 12;
pub const GOODS_PILE: i64 = 15;

impl Shop {
    /// Opens on a database that has been migrated. `seed` makes the ids.
    pub async fn open(db: Db, seed: u64) -> Shop {
        let programs = Programs::open(&db).await.expect("there is a program");
        let clock = Clock::manual(START);
        let ids = Ids::new(clock.clone(), Random::seeded(seed));
        let committers = if db.dialect == Dialect::Sqlite { 1 } else { 3 };
        let committers = Committers::start(&db, &programs, &clock, committers, Bounds::default());
        let mut shop = Shop { db, programs, clock, ids, committers, products: Vec::new(), rewards: Vec::new() };
        shop.fill().await.expect("a shop can be filled");
        shop
    }

    /// The same shop as another process would run it: its own committers, on the same database.
    pub fn beside(&self) -> Shop {
        let lanes = if self.db.dialect == Dialect::Sqlite { 1 } else { 2 };
        Shop {
            db: self.db.clone(),
            programs: self.programs.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            committers: Committers::start(&self.db, &self.programs, &self.clock, lanes, Bounds::default()),
            products: self.products.clone(),
            rewards: self.rewards.clone(),
        }
    }

    async fn fill(&mut self) -> Result<()> {
        let products: Vec<_> = PRODUCTS.iter().zip(0..).map(|((price, _), n)| self.product(*price, n)).collect();
        let mut piles: Vec<_> = products.iter().zip(PRODUCTS).map(|(product, (_, n))| pile(product.id, n)).collect();
        let rewards = [
            self.reward(RewardKind::Coupon, REWARD_PRICES[CHEAP_COUPON], None, None),
            self.reward(RewardKind::Coupon, REWARD_PRICES[SCARCE_COUPON], None, Some(self.ids.next())),
            self.reward(RewardKind::Product, REWARD_PRICES[GOODS], Some(products[1].id), Some(self.ids.next())),
        ];
        piles.extend(rewards[SCARCE_COUPON].stock_id.map(|id| pile(id, SCARCE)));
        piles.extend(rewards[GOODS].stock_id.map(|id| pile(id, GOODS_PILE)));
        rows::insert::<product::Entity>(&self.db.write, products.clone()).await?;
        rows::insert::<stock::Entity>(&self.db.write, piles).await?;
        rows::insert::<reward::Entity>(&self.db.write, rewards.to_vec()).await?;
        self.products = products.into_iter().map(Arc::new).collect();
        self.rewards = rewards.into_iter().map(Arc::new).collect();
        Ok(())
    }

    fn product(&self, price: i64, n: usize) -> product::Model {
        product::Model {
            id: self.ids.next(),
            sku: format!("SKU-{n}"),
            slug: format!("product-{n}"),
            name: format!("Product {n}"),
            description: String::new(),
            price,
            currency: "CNY".to_owned(),
            image_url: None,
            created_at: START.micros(),
            tax_rate: 0,
            category_id: None,
        }
    }

    fn reward(&self, kind: RewardKind, points: i64, product_id: Option<Id>, stock_id: Option<Id>) -> reward::Model {
        let is_coupon = kind == RewardKind::Coupon;
        reward::Model {
            id: self.ids.next(),
            kind,
            name: "Reward".to_owned(),
            description: String::new(),
            points_price: points,
            currency: "CNY".to_owned(),
            coupon_value: is_coupon.then_some(points * 2),
            minimum_spend: stock_id.filter(|_| is_coupon).map(|_| 1_000),
            coupon_valid_days: is_coupon.then_some(30),
            product_id,
            stock_id,
            created_at: START.micros(),
            ..reward::Model::blank(kind, "CNY")
        }
    }

    /// Registers a member under a user name and answers its id.
    pub async fn register(&self, username: &str) -> std::result::Result<Id, Vec<HandleKind>> {
        let member_id = self.ids.next();
        let number = self.ids.number(self.clock.now());
        let command = Register {
            member: member::Model {
                id: member_id,
                number: number.clone(),
                imported: false,
                created_at: self.clock.now().micros(),
            },
            profile: profile::Model {
                member_id,
                username: Some(username.to_owned()),
                email: None,
                phone: None,
                name: None,
                birthday: None,
            },
            credential: None,
            session: None,
            names: vec![(HandleKind::Username, username.to_owned()), (HandleKind::MemberNumber, number)],
            event_id: self.ids.next(),
        };
        let answer = self.committers.submit(command).await.expect("registering is answered");
        answer.map(|()| member_id).map_err(|taken| taken.0)
    }

    /// The command that orders products (by their place in the shop) for a member.
    pub fn order(&self, member_id: Id, lines: &[(usize, i64)], coupon: Option<&str>, key: &str) -> PlaceOrder {
        let cart = lines
            .iter()
            .map(|(product, quantity)| CartLine { product_id: self.products[*product].id, quantity: *quantity });
        let products: HashMap<_, _> = self.products.iter().map(|product| (product.id, product.clone())).collect();
        PlaceOrder {
            channel: None,
            outlet_id: None,
            standing: Standing::default(),
            outlook: Outlook::default(),
            purse: Purse::Own,
            key: idempotency(member_id, place_order::OPERATION, key, format!("{lines:?} {coupon:?}")),
            lines: cart.collect(),
            coupon_code: coupon.map(str::to_owned),
            points: 0,
            products,
            order_id: self.ids.next(),
            number: self.ids.number(self.clock.now()),
            seed: self.ids.next(),
            event_id: self.ids.next(),
        }
    }

    pub async fn place(&self, order: PlaceOrder) -> Answer<PlaceOrder> {
        self.committers.submit(order).await
    }

    /// The command that redeems a reward (by its place in the shop).
    pub fn wish(&self, member_id: Id, reward: usize, quantity: i64, key: &str) -> Redeem {
        let reward = self.rewards[reward].clone();
        let coupons = if reward.kind == RewardKind::Coupon { quantity.max(0) } else { 0 };
        Redeem {
            prices: Default::default(),
            purse: Purse::Own,
            key: idempotency(member_id, redeem::OPERATION, key, format!("{} {quantity}", reward.id)),
            quantity,
            redemption_id: self.ids.next(),
            seed: self.ids.next(),
            event_id: self.ids.next(),
            coupons: (0..coupons).map(|_| (self.ids.next(), self.ids.code(12))).collect(),
            reward,
        }
    }

    pub async fn redeem(&self, wish: Redeem) -> Answer<Redeem> {
        self.committers.submit(wish).await
    }

    /// The command that records a purchase of the past under an order number.
    pub fn purchase(&self, member_id: Id, number: &str, amount: i64, days_ago: i64) -> ImportOrder {
        let placed_at = START.plus(-days_ago * DAY);
        ImportOrder {
            member_id,
            number: number.to_owned(),
            amount,
            pieces: 1,
            placed_at,
            order_id: self.ids.at(placed_at),
            seed: self.ids.at(placed_at),
            event_id: self.ids.next(),
        }
    }

    pub async fn import(&self, purchase: ImportOrder) -> Answer<ImportOrder> {
        self.committers.submit(purchase).await
    }

    /// Counts what has happened so far for the statistics.
    pub async fn count(&self) {
        let tiers = TierBook::of(self.programs.id());
        while count_some(&self.db, &self.programs, &tiers).await.expect("events can be counted") > 0 {}
    }

    /// Closes the days of the books that have long been over.
    pub async fn close_days(&self) {
        let close = async || close_some(&self.db, &self.programs, self.clock.now()).await.expect("days can be closed");
        while close().await > 0 {}
    }

    /// Runs `verify` in one read snapshot.
    pub async fn verify(&self) -> Report {
        let snapshot = self.db.begin_snapshot().await.expect("a snapshot begins");
        let report = prove(&snapshot).await.expect("verify runs to its end");
        snapshot.rollback().await.expect("a snapshot ends");
        report
    }
}

fn idempotency(member_id: Id, operation: &'static str, key: &str, request: String) -> Key {
    Key { member_id, operation, key: key.to_owned(), request_hash: request.into_bytes() }
}

/// The id of what was made, now or before.
pub fn made_id<T>(made: &Made<T>, id: impl Fn(&T) -> Id) -> Id {
    match made {
        Made::Now(row) => id(row),
        Made::Before(id) => *id,
    }
}

fn pile(id: Id, pieces: i64) -> stock::Model {
    stock::Model { id, granted: pieces, remaining: pieces, used: 0 }
}

/// The names of the invariants that are broken, with what was said of them.
pub fn broken(report: &Report) -> Vec<String> {
    let broken = report.outcomes.iter().filter_map(|outcome| {
        let bad = outcome.first.as_ref()?;
        Some(format!("{}: expected {}, found {}", outcome.name, bad.expected, bad.found))
    });
    broken.collect()
}
