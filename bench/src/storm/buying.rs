//! Orders and redemptions.

use serde_json::{Value as Json, json};

use super::books::{Books, OpenOrder};
use super::deed::{Command, Deed, Draw, number, text};
use super::shop::Shop;

/// What a piece of any product costs, in minor units and as text.
pub const PRICE: i64 = 1_000;

pub static PLACE_ORDER: Deed = Deed {
    name: "placeOrder",
    selection: "order { id number pieces total { amount } pointsEarned }",
    weight: 30,
    draw: draw_order,
    book: book_order,
};

pub static REDEEM: Deed = Deed {
    name: "redeem",
    selection: "redemption { id quantity points coupons { id code } createdAt }",
    weight: 15,
    draw: draw_redemption,
    book: book_redemption,
};

/// An order of one product.
pub fn order(whose: usize, key: String, product: &str, quantity: i64) -> Command {
    let lines = json!([{ "productId": product, "quantity": quantity }]);
    Command { deed: &PLACE_ORDER, whose, by_staff: false, input: json!({ "idempotencyKey": key, "lines": lines }) }
}

pub fn redemption(whose: usize, key: String, reward: &str, quantity: i64) -> Command {
    let input = json!({ "idempotencyKey": key, "rewardId": reward, "quantity": quantity });
    Command { deed: &REDEEM, whose, by_staff: false, input }
}

/// Two products in any order, so that orders meet at the piles from both sides; some are paid with points, some with a
/// coupon, which now and then is used already.
fn draw_order(draw: &mut Draw<'_>) -> Option<Command> {
    let whose = draw.member();
    let products = &draw.shop.products;
    let (first, step) = (draw.dice.below(products.len()), 1 + draw.dice.below(products.len() - 1));
    let (first, second) = (&products[first], &products[(first + step) % products.len()]);
    let quantity = draw.dice.between(1, 2);
    let mut command = order(whose, std::mem::take(&mut draw.key), first, quantity);
    if draw.dice.once_in(2) {
        let line = json!({ "productId": second, "quantity": 1 });
        command.input["lines"].as_array_mut()?.push(line);
    }
    if draw.dice.once_in(3) {
        command.input["points"] = draw.dice.between(1, quantity * PRICE / 3).into();
    }
    if draw.dice.once_in(4) && !draw.books.coupons.is_empty() {
        let at = draw.dice.below(draw.books.coupons.len());
        let spent = !draw.dice.once_in(3);
        let (owner, code) = if spent { draw.books.coupons.swap_remove(at) } else { draw.books.coupons[at].clone() };
        command.whose = owner;
        command.input["couponCode"] = code.into();
    }
    Some(command)
}

fn book_order(command: &Command, done: &Json, _: &Shop, books: &mut Books) {
    let (whose, order) = (command.whose, &done["order"]);
    let id = text(&order["id"]);
    books.account(whose).orders += 1;
    for (kind, points) in
        [("ACCRUAL", number(&order["pointsEarned"])), ("REDEMPTION", -number(&command.input["points"]))]
    {
        if points != 0 {
            books.posted(whose, kind, id, points);
        }
    }
    for line in command.input["lines"].as_array().into_iter().flatten() {
        books.take(text(&line["productId"]), number(&line["quantity"]));
    }
    books.open_orders.push(OpenOrder { whose, id: id.to_owned() });
}

fn draw_redemption(draw: &mut Draw<'_>) -> Option<Command> {
    let whose = draw.member();
    let reward = &draw.shop.rewards[draw.dice.below(draw.shop.rewards.len())];
    let quantity = if draw.dice.once_in(5) { 3 } else { 1 };
    Some(redemption(whose, std::mem::take(&mut draw.key), &reward.id, quantity))
}

fn book_redemption(command: &Command, done: &Json, shop: &Shop, books: &mut Books) {
    let (whose, redemption) = (command.whose, &done["redemption"]);
    books.posted(whose, "REDEMPTION", text(&redemption["id"]), -number(&redemption["points"]));
    let reward = shop.rewards.iter().find(|reward| reward.id == text(&command.input["rewardId"]));
    if let Some(pile) = reward.and_then(|reward| reward.pile.as_deref()) {
        books.take(pile, number(&redemption["quantity"]));
    }
    for coupon in redemption["coupons"].as_array().into_iter().flatten() {
        books.account(whose).coupons += 1;
        books.coupons.push((whose, text(&coupon["code"]).to_owned()));
    }
}
