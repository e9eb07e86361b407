//! Holds, transfers and corrections.

use serde_json::{Value as Json, json};

use super::books::{Books, OpenHold};
use super::deed::{Command, Deed, Draw, number, text};
use super::shop::Shop;

pub static HOLD: Deed = Deed {
    name: "holdPoints",
    selection: "hold { id points reason createdAt expiresAt }",
    weight: 12,
    draw: draw_hold,
    book: book_hold,
};

pub static CAPTURE: Deed =
    Deed { name: "captureHold", selection: "hold { id points }", weight: 8, draw: draw_capture, book: book_capture };

pub static RELEASE: Deed =
    Deed { name: "releaseHold", selection: "hold { id points }", weight: 4, draw: draw_release, book: book_release };

pub static TRANSFER: Deed = Deed {
    name: "transferPoints",
    selection: "transfer { id points createdAt }",
    weight: 16,
    draw: draw_transfer,
    book: book_transfer,
};

pub static ADJUST: Deed = Deed {
    name: "adjustPoints",
    selection: "adjustment { id points reason state createdAt decidedAt }",
    weight: 5,
    draw: draw_adjustment,
    book: book_adjustment,
};

/// Every other hold lasts a minute, so that some time out while the storm goes on and the sweep has work to do.
fn draw_hold(draw: &mut Draw<'_>) -> Option<Command> {
    let whose = draw.member();
    let (points, minutes) = (draw.dice.between(1, 90), if draw.dice.once_in(2) { 1 } else { 60 });
    let key = std::mem::take(&mut draw.key);
    let input = json!({ "idempotencyKey": key, "points": points, "minutes": minutes, "reason": key });
    Some(Command { deed: &HOLD, whose, by_staff: false, input })
}

fn book_hold(command: &Command, done: &Json, _: &Shop, books: &mut Books) {
    let (whose, hold) = (command.whose, &done["hold"]);
    let points = number(&hold["points"]);
    books.account(whose).holds += 1;
    books.entry(whose, "HOLD", command.key(), -points);
    books.open_holds.push(OpenHold { whose, id: text(&hold["id"]).to_owned(), points });
}

/// Part or all of a hold. It stays in the list if only a part is taken, and two may take it at the same time.
fn draw_use(draw: &mut Draw<'_>, deed: &'static Deed, by_staff: bool) -> Option<Command> {
    if draw.books.open_holds.is_empty() {
        return None;
    }
    let at = draw.dice.below(draw.books.open_holds.len());
    let points = draw.dice.between(1, draw.books.open_holds[at].points);
    let used_up = points == draw.books.open_holds[at].points || draw.dice.once_in(3);
    let hold = if used_up { draw.books.open_holds.swap_remove(at) } else { draw.books.open_holds[at].clone() };
    let key = std::mem::take(&mut draw.key);
    let input = json!({ "idempotencyKey": key, "holdId": hold.id, "points": points, "reason": key });
    Some(Command { deed, whose: hold.whose, by_staff, input })
}

fn draw_capture(draw: &mut Draw<'_>) -> Option<Command> {
    draw_use(draw, &CAPTURE, true)
}

fn draw_release(draw: &mut Draw<'_>) -> Option<Command> {
    let by_staff = draw.dice.once_in(2);
    draw_use(draw, &RELEASE, by_staff)
}

fn book_capture(command: &Command, _: &Json, _: &Shop, books: &mut Books) {
    books.posted(command.whose, "REDEMPTION", command.key(), -number(&command.input["points"]));
}

fn book_release(command: &Command, _: &Json, _: &Shop, books: &mut Books) {
    books.entry(command.whose, "RELEASE", command.key(), number(&command.input["points"]));
}

/// Points from a member to the next one or the one after, so that there are rings in which everybody waits for
/// everybody if the locks are not in order.
fn draw_transfer(draw: &mut Draw<'_>) -> Option<Command> {
    let whose = draw.member();
    let (step, points) = (1 + draw.dice.below(2), draw.dice.between(1, 60));
    Some(transfer(draw.shop, whose, step, points, std::mem::take(&mut draw.key)))
}

/// A transfer to the member so many places further on.
pub fn transfer(shop: &Shop, whose: usize, step: usize, points: i64, key: String) -> Command {
    let receiver = &shop.members[(whose + step) % shop.members.len()];
    let input = json!({ "idempotencyKey": key, "toMemberNumber": receiver.number, "points": points });
    Command { deed: &TRANSFER, whose, by_staff: false, input }
}

/// The ledger does not say which transfer an entry belongs to; equal ones are told by their number.
fn book_transfer(command: &Command, done: &Json, shop: &Shop, books: &mut Books) {
    let points = number(&done["transfer"]["points"]);
    let number = text(&command.input["toMemberNumber"]);
    let Some(receiver) = shop.members.iter().position(|member| member.number == number) else { return };
    books.posted(command.whose, "TRANSFER_OUT", "", -points);
    books.posted(receiver, "TRANSFER_IN", "", points);
}

fn draw_adjustment(draw: &mut Draw<'_>) -> Option<Command> {
    let whose = draw.member();
    let points = draw.dice.between(1, 200) - 80;
    let key = std::mem::take(&mut draw.key);
    let points = if points == 0 { 1 } else { points };
    let member = &draw.shop.members[whose].id;
    let input = json!({ "idempotencyKey": key, "memberId": member, "points": points, "reason": key });
    Some(Command { deed: &ADJUST, whose, by_staff: true, input })
}

fn book_adjustment(command: &Command, done: &Json, _: &Shop, books: &mut Books) {
    books.posted(command.whose, "ADJUSTMENT", command.key(), number(&done["adjustment"]["points"]));
}
