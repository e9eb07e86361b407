//! Whether the database holds what the answers said, no less and no more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::books::{Account, label};
use super::crowd::{Record, Storm};
use super::deed::{Answer, Command, number, text};
use crate::Result;
use crate::door::Door;
use crate::door::data;
use crate::fleet::Fleet;

/// Connections that ask at the same time.
const SEATS: usize = 16;

const ACCOUNT: &str = "{ me { orders(first: 0) { totalCount } coupons(first: 0) { totalCount } \
    pointsAccount { active held pending debt holds(first: 0) { totalCount } } } }";

const LEDGER: &str = "query($after: String) { me { pointsAccount { pointsLedger(first: 100, after: $after) { \
    nodes { id type points reason order { id } redemption { id } } pageInfo { hasNextPage endCursor } } } } }";

const ORDER: &str = "query($id: ID!) { node(id: $id) { ... on Order { status deliveredAt } } }";

const SHELVES: &str =
    "{ products(first: 100) { nodes { id available } } rewards(first: 100) { nodes { id available } } }";

/// A sweep that settles a wallet between two statements of one read makes its figures disagree for a moment.
const READS: usize = 3;

/// Sends what is not known again until it is. Gives all records, each with an answer.
pub async fn find_out(storm: &Arc<Storm>, records: Vec<Record>) -> Vec<Record> {
    let (unknown, mut known): (Vec<_>, Vec<_>) =
        records.into_iter().partition(|record| matches!(record.answer, Answer::Unknown(_)));
    let again = Arc::new(Mutex::new(unknown));
    let mut tasks = JoinSet::new();
    for seat in 0..SEATS {
        let (storm, again) = (storm.clone(), again.clone());
        tasks.spawn(async move {
            let mut door = Door::new(&storm.doors, seat);
            let mut found = Vec::new();
            while let Some(record) = next(&again) {
                found.push(storm.find_out(&mut door, record.command).await);
            }
            found
        });
    }
    known.extend(tasks.join_all().await.into_iter().flatten());
    known
}

fn next<T>(list: &Mutex<Vec<T>>) -> Option<T> {
    list.lock().expect("nobody panics with it").pop()
}

/// Sends what was done again: each key must be answered with what it was answered with before.
pub async fn repeat(storm: &Arc<Storm>, done: Vec<(Command, Json)>) {
    let again = Arc::new(Mutex::new(done));
    let mut tasks = JoinSet::new();
    for seat in 0..SEATS {
        let (storm, again) = (storm.clone(), again.clone());
        tasks.spawn(async move {
            // Another process than the one that did it, as often as not.
            let mut door = Door::new(&storm.doors, seat + 1);
            while let Some((command, first)) = next(&again) {
                let second = storm.answer_to(&mut door, &command).await;
                if second != Answer::Done(first.clone()) {
                    storm.wrong(format!("{} was answered with {first}, and later with {second:?}", command.told()));
                }
            }
        });
    }
    tasks.join_all().await;
}

/// Everything at once: accounts, ledgers, deliveries, shelves, and the program's own proof.
pub async fn everything(storm: &Arc<Storm>, fleet: &mut Fleet, reads_ledger: bool) -> Result<()> {
    let mut tasks = JoinSet::new();
    for seat in 0..SEATS {
        let storm = storm.clone();
        tasks.spawn(async move {
            let mut door = Door::new(&storm.doors, seat);
            for whose in (seat..storm.shop.members.len()).step_by(SEATS) {
                account(&storm, &mut door, whose).await?;
                if reads_ledger {
                    ledger(&storm, &mut door, whose).await?;
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
    }
    tasks.join_all().await.into_iter().collect::<Result<Vec<()>>>()?;
    deliveries(storm).await?;
    shelves(storm).await?;
    for broken in fleet.verify().await? {
        storm.wrong(broken);
    }
    if let Err(cause) = fleet.still_runs() {
        storm.wrong(cause.to_string());
    }
    Ok(())
}

async fn account(storm: &Storm, door: &mut Door, whose: usize) -> Result<()> {
    let expected = {
        let mut books = storm.books.lock().expect("nobody panics with it");
        let Account { points, orders, coupons, holds, .. } = books.account(whose);
        [*points, *orders, *coupons, *holds]
    };
    let mut found = [0; 4];
    for _ in 0..READS {
        let me = data(door.ask(&storm.shop.members[whose].token, ACCOUNT, &json!({})).await)?["me"].take();
        let points = &me["pointsAccount"];
        let sum = ["active", "held", "pending"].map(|part| number(&points[part])).iter().sum::<i64>();
        let count = |list: &Json| number(&list["totalCount"]);
        let counts = [count(&me["orders"]), count(&me["coupons"]), count(&points["holds"])];
        found = [sum - number(&points["debt"]), counts[0], counts[1], counts[2]];
        if found == expected {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let number = &storm.shop.members[whose].number;
    storm.wrong(format!(
        "member {number} has points, orders, coupons and holds {found:?}, and by the answers {expected:?}"
    ));
    Ok(())
}

/// The entries since the last check are those that the answers said, each as often as they said.
async fn ledger(storm: &Storm, door: &mut Door, whose: usize) -> Result<()> {
    let (expected, checked) = {
        let mut books = storm.books.lock().expect("nobody panics with it");
        let account = books.account(whose);
        (std::mem::take(&mut account.entries), account.checked.clone())
    };
    let (mut found, mut newest, mut after) = (HashMap::<String, i64>::new(), None, Json::Null);
    'pages: loop {
        let token = &storm.shop.members[whose].token;
        let mut answer = data(door.ask(token, LEDGER, &json!({ "after": after })).await)?;
        let page = answer["me"]["pointsAccount"]["pointsLedger"].take();
        for entry in page["nodes"].as_array().into_iter().flatten() {
            let id = text(&entry["id"]).to_owned();
            if checked.as_ref() == Some(&id) {
                break 'pages;
            }
            newest.get_or_insert(id);
            if let Some(label) = named(entry) {
                *found.entry(label).or_default() += 1;
            }
        }
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    compare(storm, whose, &expected, &found);
    let mut books = storm.books.lock().expect("nobody panics with it");
    let account = books.account(whose);
    account.checked = newest.or(checked);
    Ok(())
}

/// An entry as the books name it; `None` for one that no command of ours made by itself: a hold that timed out, the
/// parts of a return.
fn named(entry: &Json) -> Option<String> {
    let (kind, points) = (text(&entry["type"]), number(&entry["points"]));
    let source = [&entry["order"]["id"], &entry["redemption"]["id"]].into_iter().find_map(Json::as_str);
    let cause = match (kind, source, text(&entry["reason"])) {
        ("TRANSFER_OUT" | "TRANSFER_IN", ..) => "",
        ("ACCRUAL" | "REDEMPTION", Some(source), _) => source,
        ("HOLD" | "RELEASE" | "REDEMPTION" | "ADJUSTMENT", None, key) if key.starts_with("storm-") => key,
        _ => return None,
    };
    Some(label(kind, cause, points))
}

fn compare(storm: &Storm, whose: usize, expected: &HashMap<String, i64>, found: &HashMap<String, i64>) {
    let labels = expected.keys().chain(found.keys().filter(|label| !expected.contains_key(*label)));
    for label in labels {
        let times = |of: &HashMap<String, i64>| of.get(label).copied().unwrap_or_default();
        if times(expected) != times(found) {
            let number = &storm.shop.members[whose].number;
            let (found, expected) = (times(found), times(expected));
            storm.wrong(format!("the entry \"{label}\" of {number} is there {found} times instead of {expected}"));
        }
    }
}

/// Every order whose delivery was answered since the last check is delivered, since the moment that was answered; it may
/// have been returned since.
async fn deliveries(storm: &Arc<Storm>) -> Result<()> {
    let delivered = std::mem::take(&mut storm.books.lock().expect("nobody panics with it").delivered);
    let delivered = Arc::new(Mutex::new(delivered));
    let mut tasks = JoinSet::new();
    for seat in 0..SEATS {
        let (storm, delivered) = (storm.clone(), delivered.clone());
        tasks.spawn(async move {
            let mut door = Door::new(&storm.doors, seat);
            while let Some((id, since)) = next(&delivered) {
                let order = data(door.ask(&storm.shop.staff.token, ORDER, &json!({ "id": id })).await)?["node"].take();
                if !is_delivered(&order, &since) {
                    storm.wrong(format!("order {id} was delivered at {since} by the answer, and now it is {order}"));
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
    }
    tasks.join_all().await.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(())
}

fn is_delivered(order: &Json, since: &str) -> bool {
    matches!(text(&order["status"]), "DELIVERED" | "RETURNED") && order["deliveredAt"] == since
}

/// What is left of each pile is what it had, less what was sold and redeemed.
async fn shelves(storm: &Storm) -> Result<()> {
    let mut door = Door::new(&storm.doors, 0);
    let answer = data(door.ask(&storm.shop.staff.token, SHELVES, &json!({})).await)?;
    let books = storm.books.lock().expect("nobody panics with it");
    for list in ["products", "rewards"] {
        for thing in answer[list]["nodes"].as_array().into_iter().flatten() {
            let id = text(&thing["id"]);
            let Some(granted) = storm.shop.granted.get(id) else { continue };
            let left = granted - books.taken.get(id).copied().unwrap_or_default();
            // An answer has 32 bits for it, and says no more than that.
            if number(&thing["available"]) != left.min(i64::from(i32::MAX)) {
                drop(books);
                storm.wrong(format!("of {id} {} are left, and by the answers {left}", thing["available"]));
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_there_with_its_moment() {
        let order = |status: &str, at: Json| json!({ "status": status, "deliveredAt": at });
        let at = "2026-11-23T00:00:00Z";
        assert!(is_delivered(&order("DELIVERED", json!(at)), at) && is_delivered(&order("RETURNED", json!(at)), at));
        for lost in [
            order("PAID", Json::Null),
            order("DELIVERED", json!("2026-11-23T00:00:01Z")),
            order("CANCELLED", json!(at)),
            Json::Null,
        ] {
            assert!(!is_delivered(&lost, at), "{lost}");
        }
    }

    #[test]
    fn entries_are_named_by_what_made_them() {
        let entry = |kind: &str, order: Json, reason: &str| json!({ "type": kind, "points": -5, "order": order, "redemption": null, "reason": reason });
        let name = |entry: Json| named(&entry);
        assert_eq!(name(entry("ACCRUAL", json!({ "id": "o" }), "Purchase")).as_deref(), Some("ACCRUAL o -5"));
        assert_eq!(name(entry("HOLD", Json::Null, "storm-1-2-3")).as_deref(), Some("HOLD storm-1-2-3 -5"));
        assert_eq!(name(entry("TRANSFER_OUT", Json::Null, "Transfer")).as_deref(), Some("TRANSFER_OUT  -5"));
        // A hold that timed out, and the part of a return.
        assert_eq!(name(entry("RELEASE", Json::Null, "Points set aside")), None);
        assert_eq!(name(entry("CLAWBACK", json!({ "id": "o" }), "Return")), None);
    }
}
