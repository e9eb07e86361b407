//! What the shop sells and gives for points. There is no mutation for either yet, so the builders write the rows.

use std::future::IntoFuture;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jifen::base::id::Id;
use jifen::db::rows::{insert, update};
use jifen::domain::catalog::entity::{product, stock};
use jifen::domain::catalog::query::{ProductKey, StockKey};
use jifen::domain::points::entity::program;
use jifen::domain::reward::entity::{RewardKind, reward};
use jifen::gql::id::{NodeKind, global};

use super::World;

/// Something on the shelf.
#[derive(Clone, Debug)]
pub struct Product {
    pub row: Id,
    pub id: String,
    pub sku: String,
    pub name: String,
}

/// Something for points.
#[derive(Clone, Debug)]
pub struct Reward {
    pub row: Id,
    pub id: String,
}

/// A product to be, finished by `.await`: `world.product("tea").price("12.50").stock(5).await`.
pub struct NewProduct {
    world: World,
    row: product::Model,
    pieces: i64,
}

/// A reward to be, finished by `.await`.
pub struct NewReward {
    world: World,
    row: reward::Model,
    pieces: Option<i64>,
}

/// `"12.50"` in fen.
fn fen(price: &str) -> i64 {
    let (yuan, fen) = price.split_once('.').unwrap_or((price, "00"));
    assert_eq!(fen.len(), 2, "write a price with two decimals");
    yuan.parse::<i64>().expect("yuan") * 100 + fen.parse::<i64>().expect("fen")
}

impl World {
    /// A new version of the program, with something changed: `world.program(|it| it.grace_days = 0).await`. It is written
    /// as it is, without the checks of `updateLoyaltyProgram`, and this process knows it at once.
    pub async fn program(&self, change: impl FnOnce(&mut program::Model)) -> program::Model {
        let app = &self.app;
        let mut row = (*app.programs.refresh(&app.db).await.expect("there is a program")).clone();
        row.version += 1;
        row.created_at = app.clock.now().micros();
        change(&mut row);
        insert::<program::Entity>(&app.db.write, vec![row.clone()]).await.expect("a new version");
        app.programs.keep(row.clone());
        row
    }

    /// A product of ¥10.00 with 1,000 pieces.
    pub fn product(&self, name: &str) -> NewProduct {
        let sku = self.fresh("sku");
        let row = product::Model {
            id: self.app.ids.next(),
            slug: sku.replace("sku", "slug"),
            sku,
            name: name.to_owned(),
            description: format!("This is {name}."),
            price: 1_000,
            currency: "CNY".to_owned(),
            image_url: None,
            created_at: self.app.clock.now().micros(),
            tax_rate: 0,
            category_id: None,
        };
        NewProduct { world: self.clone(), row, pieces: 1_000 }
    }

    /// A coupon of ¥1.00 for 100 points, without a minimum, a limit or an end.
    pub fn coupon_reward(&self, points: i64) -> NewReward {
        self.fresh("reward");
        let row = reward::Model {
            id: self.app.ids.next(),
            kind: RewardKind::Coupon,
            name: "¥1 off".to_owned(),
            description: "Money off one order.".to_owned(),
            points_price: points,
            currency: "CNY".to_owned(),
            coupon_value: Some(100),
            minimum_spend: None,
            coupon_valid_days: None,
            product_id: None,
            stock_id: None,
            created_at: self.app.clock.now().micros(),
            ..reward::Model::blank(RewardKind::Coupon, "CNY")
        };
        NewReward { world: self.clone(), row, pieces: None }
    }

    /// A product for points, from a pile of its own.
    pub fn goods_reward(&self, product: &Product, points: i64) -> NewReward {
        let coupon = self.coupon_reward(points);
        let row = reward::Model {
            kind: RewardKind::Product,
            name: product.name.clone(),
            coupon_value: None,
            product_id: Some(product.row),
            ..coupon.row
        };
        NewReward { world: self.clone(), row, pieces: Some(10) }
    }

    /// Changes a product's tax, as a shop does between two orders.
    pub async fn retax(&self, product: &Product, rate: i64) {
        let row =
            self.app.hub.find(ProductKey(product.row)).await.expect("a product can be read").expect("it is there");
        let row = product::Model { tax_rate: rate, ..(*row).clone() };
        update::<product::Entity>(&self.app.db.write, vec![row]).await.expect("a new rate");
    }

    /// Changes a product's price, as a shop does between two orders.
    pub async fn reprice(&self, product: &Product, price: &str) {
        let row =
            self.app.hub.find(ProductKey(product.row)).await.expect("a product can be read").expect("it is there");
        let row = product::Model { price: fen(price), ..(*row).clone() };
        update::<product::Entity>(&self.app.db.write, vec![row]).await.expect("a new price");
    }

    /// Pieces left of a product, or of a limited reward.
    pub async fn pieces_left(&self, pile: Id) -> i64 {
        self.app.hub.find(StockKey(pile)).await.expect("stock can be read").expect("there is a pile").remaining
    }
}

impl NewProduct {
    pub fn price(mut self, price: &str) -> NewProduct {
        self.row.price = fen(price);
        self
    }

    /// The tax that is in the price, in hundredths of a percent.
    pub fn tax_rate(mut self, rate: i64) -> NewProduct {
        self.row.tax_rate = rate;
        self
    }

    pub fn stock(mut self, pieces: i64) -> NewProduct {
        self.pieces = pieces;
        self
    }

    pub fn described(mut self, description: &str) -> NewProduct {
        self.row.description = description.to_owned();
        self
    }

    pub fn sku(mut self, sku: &str) -> NewProduct {
        self.row.sku = sku.to_owned();
        self
    }
}

impl NewReward {
    pub fn value(mut self, value: &str) -> NewReward {
        self.row.coupon_value = Some(fen(value));
        self
    }

    pub fn minimum(mut self, minimum: &str) -> NewReward {
        self.row.minimum_spend = Some(fen(minimum));
        self
    }

    pub fn valid_days(mut self, days: i64) -> NewReward {
        self.row.coupon_valid_days = Some(days);
        self
    }

    pub fn pieces(mut self, pieces: i64) -> NewReward {
        self.pieces = Some(pieces);
        self
    }
}

fn pile(id: Id, pieces: i64) -> stock::Model {
    stock::Model { id, granted: pieces, remaining: pieces, used: 0 }
}

impl IntoFuture for NewProduct {
    type Output = Product;
    type IntoFuture = BoxFuture<'static, Product>;

    fn into_future(self) -> BoxFuture<'static, Product> {
        async move {
            let NewProduct { world, row, pieces } = self;
            let db = &world.app.db.write;
            let made = Product {
                row: row.id,
                id: global(NodeKind::Product, row.id).to_string(),
                sku: row.sku.clone(),
                name: row.name.clone(),
            };
            insert::<stock::Entity>(db, vec![pile(row.id, pieces)]).await.expect("a new pile");
            insert::<product::Entity>(db, vec![row]).await.expect("a new product");
            made
        }
        .boxed()
    }
}

impl IntoFuture for NewReward {
    type Output = Reward;
    type IntoFuture = BoxFuture<'static, Reward>;

    fn into_future(self) -> BoxFuture<'static, Reward> {
        async move {
            let NewReward { world, mut row, pieces } = self;
            let db = &world.app.db.write;
            if let Some(pieces) = pieces {
                insert::<stock::Entity>(db, vec![pile(row.id, pieces)]).await.expect("a new pile");
                row.stock_id = Some(row.id);
            }
            let made = Reward { row: row.id, id: global(NodeKind::Reward, row.id).to_string() };
            insert::<reward::Entity>(db, vec![row]).await.expect("a new reward");
            made
        }
        .boxed()
    }
}
