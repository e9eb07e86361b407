//! Delivery, cancellation and return of orders. A server whose schema has none of them runs the storm without.

use serde_json::{Value as Json, json};

use super::books::Books;
use super::deed::{Command, Deed, Draw, number, text};
use super::shop::Shop;

const RETURN: &str = "return { id money { amount } pointsGivenBack pointsForfeited pointsClawedBack pointsWrittenOff \
    pointsSettled restocked lines { quantity orderLine { product { id } } } }";

pub static DELIVER: Deed = Deed {
    name: "deliverOrder",
    selection: "order { id number deliveredAt }",
    weight: 8,
    draw: |draw| draw_any(draw, &DELIVER, false),
    book: book_delivery,
};

pub static CANCEL: Deed = Deed {
    name: "cancelOrder",
    selection: RETURN,
    weight: 3,
    draw: |draw| draw_any(draw, &CANCEL, true),
    book: book_return,
};

pub static REFUND: Deed =
    Deed { name: "refundOrder", selection: RETURN, weight: 6, draw: draw_refund, book: book_return };

/// Staff does something with any order of the last ones, also with one to which it was done already.
fn draw_any(draw: &mut Draw<'_>, deed: &'static Deed, closes: bool) -> Option<Command> {
    if draw.books.open_orders.is_empty() {
        return None;
    }
    let at = draw.dice.below(draw.books.open_orders.len());
    let closes = closes && !draw.dice.once_in(4);
    let order = if closes { draw.books.open_orders.swap_remove(at) } else { draw.books.open_orders[at].clone() };
    let input = json!({ "idempotencyKey": std::mem::take(&mut draw.key), "orderId": order.id });
    Some(Command { deed, whose: order.whose, by_staff: true, input })
}

/// A piece of the first line, or all that is left.
fn draw_refund(draw: &mut Draw<'_>) -> Option<Command> {
    let whole = draw.dice.once_in(2);
    let mut command = draw_any(draw, &REFUND, whole)?;
    if !whole {
        command.input["lines"] = json!([{ "position": 0, "quantity": 1 }]);
    }
    Some(command)
}

/// The moment never changes again. One that was lost and is done anew, by whoever repeats the key, has another.
fn book_delivery(_: &Command, done: &Json, _: &Shop, books: &mut Books) {
    let order = &done["order"];
    books.delivered.push((text(&order["id"]).to_owned(), text(&order["deliveredAt"]).to_owned()));
}

/// How a return is split into ledger entries depends on the lots it meets, so only its sum is entered.
fn book_return(command: &Command, done: &Json, _: &Shop, books: &mut Books) {
    let made = &done["return"];
    let points = |name: &str| number(&made[name]);
    let given = points("pointsGivenBack") - points("pointsForfeited");
    let taken = points("pointsClawedBack") - points("pointsWrittenOff") - points("pointsSettled");
    books.account(command.whose).points += given - taken;
    if made["restocked"] == true {
        for line in made["lines"].as_array().into_iter().flatten() {
            books.take(text(&line["orderLine"]["product"]["id"]), -number(&line["quantity"]));
        }
    }
}
