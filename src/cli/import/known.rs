//! What the database has already of a block of purchases, told by a few reads for the whole block.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::error::{Code, Result};
use crate::base::id::Id;
use crate::cli::import::history::{History, Purchase};
use crate::db::Db;
use crate::db::reader::Lookup;
use crate::db::write::{ATTEMPTS, backoff};
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
    let found = look_up(db, people.iter().map(|person| key(*person)).collect()).await?;
    // Of somebody who was merged, the reference leads to the one who has everything of them.
    let members = people.iter().filter_map(|person| Some((*person, found.get(&key(*person))?.member_id)));
    Ok(members.collect())
}

/// The standing of each of the purchases. `member_of` tells which member a person of the file is.
pub async fn standings(
    db: &Db,
    history: &History,
    purchases: &[&Purchase],
    member_of: impl Fn(u32) -> Option<Id>,
) -> Result<Vec<Standing>> {
    let key = |purchase: &Purchase| HandleKey(HandleKind::OrderNumber, purchase.number.to_string());
    let names = look_up(db, purchases.iter().map(|purchase| key(purchase)).collect()).await?;
    let names: Vec<Option<&handle::Model>> = purchases.iter().map(|purchase| names.get(&key(purchase))).collect();
    // A number that is made of all a line says needs no comparing.
    let compared = purchases.iter().zip(&names).filter(|(purchase, _)| purchase.numbered);
    let compared = compared.filter_map(|(_, name)| name.map(order_key));
    let orders = look_up(db, compared.collect()).await?;
    let standings = purchases.iter().zip(names).map(|(purchase, name)| match name {
        None => Standing::New,
        Some(_) if !purchase.numbered => Standing::Known,
        Some(name) => {
            let order = orders.get(&order_key(name));
            compare(purchase, member_of(purchase.person), name, order, history.has_quantity)
        }
    });
    Ok(standings.collect())
}

fn order_key(name: &handle::Model) -> OrderKey {
    OrderKey(name.member_id, name.subject_id)
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
    look_up(db, keys).await
}

/// Reads, and reads again what the database had no time for: an import of an hour does not end because of a second.
async fn look_up<K: Lookup>(db: &Db, keys: Vec<K>) -> Result<HashMap<K, K::Row>> {
    let mut attempt = 1;
    loop {
        match K::load(db.clone(), keys.clone()).await {
            Err(error) if error.code == Code::Unavailable && attempt < ATTEMPTS => {
                tracing::debug!(attempt, error = %error.chain(), "a look-up will be tried again");
                tokio::time::sleep(backoff(attempt)).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}
