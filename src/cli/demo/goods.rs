//! What the demo shop sells and gives for points.

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::domain::catalog::entity::{product, stock};
use crate::domain::catalog::service::add_products;
use crate::domain::reward::entity::{RewardKind, reward};
use crate::domain::reward::service::add_rewards;

/// SKU, slug, name, description, price in fen.
const PRODUCTS: [(&str, &str, &str, &str, i64); 24] = [
    (
        "TEA-LJ-100",
        "longjing-100g",
        "West Lake Longjing 西湖龙井",
        "Pan-fired green tea of this spring, 100 g.",
        12_800,
    ),
    ("TEA-TGY-125", "tieguanyin-125g", "Tieguanyin 铁观音", "Lightly roasted oolong from Anxi, 125 g.", 8_800),
    ("TEA-DHP-100", "dahongpao-100g", "Da Hong Pao 大红袍", "Rock oolong from Wuyi, charcoal roasted, 100 g.", 16_800),
    ("TEA-PE-357", "puer-cake-357g", "Pu'er cake 普洱茶饼", "Ripe pu'er, pressed in 2021, 357 g.", 21_900),
    (
        "TEA-JM-100",
        "jasmine-pearls-100g",
        "Jasmine pearls 茉莉龙珠",
        "Green tea scented seven times, hand rolled, 100 g.",
        9_600,
    ),
    ("TEA-DH-100", "dianhong-100g", "Dian Hong 滇红", "Black tea with golden tips from Yunnan, 100 g.", 6_900),
    ("TEA-BM-60", "baimudan-60g", "White Peony 白牡丹", "White tea from Fuding, 60 g.", 7_500),
    ("TEA-JZ-50", "chrysanthemum-50g", "Chrysanthemum 杭白菊", "Whole flowers for a herbal infusion, 50 g.", 3_200),
    ("POT-GW-120", "gaiwan-120ml", "Gaiwan 盖碗", "Lidded bowl of white porcelain, 120 ml.", 5_800),
    ("POT-ZS-150", "zisha-pot-150ml", "Zisha teapot 紫砂壶", "Teapot of Yixing clay, 150 ml.", 26_800),
    ("POT-GL-400", "glass-pot-400ml", "Glass teapot 玻璃壶", "Heat-proof glass with a steel strainer, 400 ml.", 6_600),
    ("CUP-CD-60", "celadon-cup-60ml", "Celadon cup 青瓷杯", "Longquan celadon, 60 ml.", 2_800),
    ("CUP-MG-350", "mug-350ml", "Stoneware mug 陶杯", "For the desk, with a lid, 350 ml.", 4_900),
    ("KIT-TR-1", "bamboo-tray", "Bamboo tray 竹茶盘", "Tea tray with a drain, 40 × 26 cm.", 11_800),
    ("KIT-SC-1", "tea-scoop", "Tea scoop 茶则", "Scoop and pick of dark bamboo.", 1_900),
    ("KIT-TW-2", "tea-towel", "Tea towel 茶巾", "Two cotton towels, indigo.", 1_500),
    ("PAP-NB-A5", "notebook-a5", "Notebook 笔记本", "Thread bound, 160 pages of dotted paper, A5.", 3_600),
    ("PAP-XZ-50", "xuan-paper", "Xuan paper 宣纸", "Fifty sheets for brush writing, 34 × 69 cm.", 4_500),
    ("PAP-PC-12", "postcards-12", "Postcards 明信片", "Twelve views of tea gardens.", 2_400),
    ("PEN-BR-1", "writing-brush", "Writing brush 毛笔", "Mixed hair, for regular script.", 3_900),
    ("PEN-IN-60", "ink-60ml", "Ink 墨汁", "Pine soot ink, 60 ml.", 2_200),
    ("GFT-BX-1", "gift-box", "Gift box 礼盒", "Three teas in a lacquered box.", 29_900),
    ("SNK-NG-200", "nougat-200g", "Nougat 牛轧糖", "With peanuts and a hint of tea, 200 g.", 2_600),
    ("SNK-CK-240", "osmanthus-cake", "Osmanthus cake 桂花糕", "Eight pieces, 240 g.", 3_400),
];
/// Pieces on the shelf of each product when the shop opens.
const PIECES: i64 = 5_000;

struct CouponReward {
    name: &'static str,
    description: &'static str,
    points: i64,
    /// Fen off, and the subtotal in fen from which it applies.
    value: i64,
    minimum: Option<i64>,
    valid_days: i64,
}

const COUPONS: [CouponReward; 3] = [
    CouponReward {
        name: "¥2 off 2元券",
        description: "Two yuan off any order.",
        points: 200,
        value: 200,
        minimum: None,
        valid_days: 90,
    },
    CouponReward {
        name: "¥10 off 10元券",
        description: "Ten yuan off an order of ¥50 or more.",
        points: 1_000,
        value: 1_000,
        minimum: Some(5_000),
        valid_days: 90,
    },
    CouponReward {
        name: "¥30 off 30元券",
        description: "Thirty yuan off an order of ¥120 or more.",
        points: 2_700,
        value: 3_000,
        minimum: Some(12_000),
        valid_days: 60,
    },
];
/// Coupons of each kind there are to be had.
const COUPON_PIECES: i64 = 10_000;

/// Name, description, points, SKU of the product.
const GIFTS: [(&str, &str, i64, &str); 3] = [
    ("Tea towel 茶巾", "Two cotton towels, indigo.", 1_500, "KIT-TW-2"),
    ("Notebook 笔记本", "Thread bound, dotted paper.", 3_300, "PAP-NB-A5"),
    ("Gaiwan 盖碗", "Lidded bowl of white porcelain.", 5_400, "POT-GW-120"),
];

/// A fifth off any order, in hundredths of a percent, up to so many fen.
const FIFTH: i64 = 2_000;
const FIFTH_AT_MOST: i64 = 10_000;

/// The id of a thing of the demo, always the same.
fn id_of(kind: u8, position: usize) -> Id {
    Id::from_u128(0x0193_0000_de00_7000_8000_0000_0000_0000 | (u128::from(kind) << 32) | position as u128)
}

/// Makes products, stock and rewards that are not there yet.
pub async fn stock_shelves(app: &App) -> Result<()> {
    let created_at = app.clock.now().micros();
    let currency = app.programs.latest().currency.clone();
    let products: Vec<product::Model> = PRODUCTS
        .iter()
        .enumerate()
        .map(|(position, (sku, slug, name, description, price))| product::Model {
            id: id_of(1, position),
            sku: (*sku).to_owned(),
            slug: (*slug).to_owned(),
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            price: *price,
            currency: currency.clone(),
            image_url: None,
            created_at,
            tax_rate: 1_300,
            category_id: None,
        })
        .collect();
    let rewards: Vec<reward::Model> = coupons(&currency, created_at)
        .chain(gifts(&currency, created_at))
        .chain(others(&currency, created_at))
        .collect();
    let pile = |id, pieces| stock::Model { id, granted: pieces, remaining: pieces, used: 0 };
    let shelves = products.iter().map(|product| pile(product.id, PIECES));
    let limited = rewards.iter().filter(|reward| reward.kind.is_coupon());
    let piles: Vec<stock::Model> = shelves.chain(limited.map(|reward| pile(reward.id, COUPON_PIECES))).collect();
    add_products(app, products, piles).await?;
    add_rewards(app, rewards).await
}

fn coupons(currency: &str, created_at: i64) -> impl Iterator<Item = reward::Model> {
    COUPONS.iter().enumerate().map(move |(position, coupon)| reward::Model {
        id: id_of(2, position),
        kind: RewardKind::Coupon,
        name: coupon.name.to_owned(),
        description: coupon.description.to_owned(),
        points_price: coupon.points,
        currency: currency.to_owned(),
        coupon_value: Some(coupon.value),
        minimum_spend: coupon.minimum,
        coupon_valid_days: Some(coupon.valid_days),
        product_id: None,
        stock_id: Some(id_of(2, position)),
        created_at,
        ..reward::Model::blank(RewardKind::Coupon, currency)
    })
}

fn gifts(currency: &str, created_at: i64) -> impl Iterator<Item = reward::Model> {
    GIFTS.iter().enumerate().filter_map(move |(position, (name, description, points, sku))| {
        let product_id = id_of(1, PRODUCTS.iter().position(|product| product.0 == *sku)?);
        Some(reward::Model {
            id: id_of(3, position),
            kind: RewardKind::Product,
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            points_price: *points,
            currency: currency.to_owned(),
            coupon_value: None,
            minimum_spend: None,
            coupon_valid_days: None,
            product_id: Some(product_id),
            stock_id: Some(product_id),
            created_at,
            ..reward::Model::blank(RewardKind::Product, currency)
        })
    })
}

/// A percentage off, and something to give points away for.
fn others(currency: &str, created_at: i64) -> [reward::Model; 2] {
    [
        reward::Model {
            id: id_of(4, 0),
            name: "20 % off 八折券".to_owned(),
            description: "A fifth off any order, up to a hundred yuan.".to_owned(),
            points_price: 8_000,
            coupon_value: Some(FIFTH_AT_MOST),
            coupon_percent: Some(FIFTH),
            coupon_valid_days: Some(60),
            stock_id: Some(id_of(4, 0)),
            created_at,
            ..reward::Model::blank(RewardKind::PercentCoupon, currency)
        },
        reward::Model {
            id: id_of(4, 1),
            name: "A tea tree 公益植树".to_owned(),
            description: "The shop plants a tea tree in Yunnan.".to_owned(),
            points_price: 6_000,
            created_at,
            ..reward::Model::blank(RewardKind::Donation, currency)
        },
    ]
}

/// The id of the product at a place of the list, counted round.
pub fn product_id(position: usize) -> Id {
    id_of(1, position % PRODUCTS.len())
}

/// The id of the coupon reward at a place of the list, counted round.
pub fn coupon_reward_id(position: usize) -> Id {
    id_of(2, position % COUPONS.len())
}
