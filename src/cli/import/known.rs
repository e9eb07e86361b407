//! What the database has already of a block of purchases, told by a few reads for the whole block.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::cli::import::history::{History, Purchase};
use crate::cli::import::key::Key;
use crate::db::Db;
use crate::db::reader::Lookup;
use crate::domain::member::entity::{HandleKind, handle};
use crate::domain::member::query::HandleKey;
use crate::domain::order::entity::order;
use crate::domain::order::query::OrderKey;

/// How a purchase stands to what is there.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    New,
    /// It is there already.
    Known,
    /// Its order number is, for another purchase: why this one cannot be that one.
    Conflict(&'static str),
}

/// The members whom these people of the file are, as far as they are there.
pub async fn find_members(db: &Db, history: &History, people: &[u32]) -> Result<HashMap<u32, Id>> {
    let key = |person: u32| {
        let reference = &history.people[person as usize].reference;
        HandleKey(HandleKind::ExternalRef, reference.to_string())
    };
    let found = HandleKey::load(db.clone(), people.iter().map(|person| key(*person)).collect()).await?;
    let members = people.iter().filter_map(|person| Some((*person, found.get(&key(*person))?.subject_id)));
    Ok(members.collect())
}

/// The standing of each of the purchases. `member_of` tells which member a person of the file is.
pub async fn standings(
    db: &Db,
    history: &History,
    purchases: &[&Purchase],
    member_of: impl Fn(u32) -> Option<Id>,
) -> Result<Vec<Standing>> {
    let keys: Vec<HandleKey> = purchases.iter().map(|purchase| purchase.key.handle()).collect();
    let names = HandleKey::load(db.clone(), keys.clone()).await?;
    let of_number = |name: &&handle::Model| name.kind == HandleKind::OrderNumber;
    let numbered = names.values().filter(of_number).map(|name| OrderKey(name.member_id, name.subject_id));
    let orders = OrderKey::load(db.clone(), numbered.collect()).await?;
    let standings = purchases.iter().zip(&keys).map(|(purchase, key)| match (names.get(key), &purchase.key) {
        (None, _) => Standing::New,
        // Its key is made of everything the line says.
        (Some(_), Key::Content(_)) => Standing::Known,
        (Some(name), Key::Number(_)) => {
            let order = orders.get(&OrderKey(name.member_id, name.subject_id));
            compare(purchase, member_of(purchase.person), name, order, history.has_quantity)
        }
    });
    Ok(standings.collect())
}

fn compare(
    purchase: &Purchase,
    member: Option<Id>,
    name: &handle::Model,
    order: Option<&Arc<order::Model>>,
    has_quantity: bool,
) -> Standing {
    match order {
        _ if member != Some(name.member_id) => Standing::Conflict("order_number is recorded for another member"),
        None => Standing::Conflict("order_number is taken"),
        Some(order) if order.total != purchase.amount => {
            Standing::Conflict("order_number is recorded with another amount")
        }
        Some(order) if order.placed_at != purchase.placed_at.micros() => {
            Standing::Conflict("order_number is recorded with another placed_at")
        }
        Some(order) if has_quantity && order.pieces != purchase.pieces => {
            Standing::Conflict("order_number is recorded with another quantity")
        }
        Some(_) => Standing::Known,
    }
}

/// Which of these e-mail addresses belong to a member already.
pub async fn find_emails(db: &Db, emails: impl Iterator<Item = &str>) -> Result<HashMap<HandleKey, handle::Model>> {
    let keys = emails.map(|email| HandleKey(HandleKind::Email, email.to_owned())).collect();
    HandleKey::load(db.clone(), keys).await
}
