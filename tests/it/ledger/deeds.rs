//! What else happens to points: holds, deliveries, returns, transfers, corrections, expiries.

use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::adjust::{ADJUST, AdjustPoints, DECIDE, DecideAdjustment};
use jifen::commit::command::Command;
use jifen::commit::deliver_order::{self, DeliverOrder};
use jifen::commit::hold::{CAPTURE, Deed, HOLD, HoldPoints, RELEASE, UseHold};
use jifen::commit::key::Key;
use jifen::commit::reinstate::{self, ReinstateExpired};
use jifen::commit::return_order::{self, ReturnOrder};
use jifen::commit::settle::Settle;
use jifen::commit::transfer::{self, TransferPoints};
use jifen::db::rows;
use jifen::domain::order::rule::take_back::{Piece, What};
use jifen::domain::points::entity::{ShortfallPolicy, TransferPolicy, ValidityKind, program, txn};
use jifen::domain::points::rule::By;
use sea_orm::FromQueryResult;

use super::{Shop, made_id};

/// A second version of the program: a window of a week, a month of validity, transfers, and little that staff may correct
/// alone.
pub async fn tighten(shop: &Shop) -> program::Model {
    let found = program::Model::find_by_statement(shop.db.dialect.statement("SELECT * FROM program", []));
    let first = found.one(&shop.db.read).await.unwrap().unwrap();
    let program = program::Model {
        version: 2,
        return_window_days: Some(7),
        validity: ValidityKind::Months,
        validity_count: 1,
        transfers: TransferPolicy::Anybody,
        approval_threshold: 1_000,
        household_size: 3,
        ..first
    };
    rows::insert::<program::Entity>(&shop.db.write, vec![program.clone()]).await.unwrap();
    program
}

fn key(member_id: Id, operation: &'static str, key: &str) -> Key {
    Key { member_id, operation, key: key.to_owned(), request_hash: key.as_bytes().to_vec() }
}

/// Submits what must succeed.
pub async fn done<C: Command<Rejection: std::fmt::Debug>>(shop: &Shop, command: C) -> C::Done {
    match shop.committers.submit(command).await.expect("the database is well") {
        Ok(done) => done,
        Err(rejection) => panic!("{rejection:?}"),
    }
}

pub async fn settle(shop: &Shop, member_id: Id) {
    let settled = shop.committers.submit(Settle { member_id, seed: shop.ids.next() }).await;
    assert!(settled.expect("the database is well").is_ok());
}

/// Orders and answers the order's id.
pub async fn order(shop: &Shop, member_id: Id, lines: &[(usize, i64)], name: &str) -> Id {
    made_id(&done(shop, shop.order(member_id, lines, None, name)).await, |order| order.id)
}

pub async fn deliver(shop: &Shop, member_id: Id, order_id: Id, program: &program::Model) {
    deliver_in(shop, member_id, order_id, program, Vec::new()).await;
}

/// The same of an order that earned its points in another wallet than its member's.
pub async fn deliver_in(shop: &Shop, member_id: Id, order_id: Id, program: &program::Model, wallets: Vec<Id>) {
    let command = DeliverOrder {
        wallets,
        key: key(member_id, deliver_order::OPERATION, &order_id.to_string()),
        order_id,
        program: Arc::new(program.clone()),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
}

/// Takes pieces of an order's first line back, nothing of which returns to stock.
pub async fn take_back(shop: &Shop, member_id: Id, order_id: Id, pieces: i64, program: program::Model, name: &str) {
    let command = ReturnOrder {
        rules: Arc::default(),
        placed_at: Instant::default(),
        shares: Vec::new(),
        wallets: Vec::new(),
        key: key(member_id, return_order::REFUND, name),
        order_id,
        what: What::Pieces(vec![Piece { position: 0, quantity: pieces }]),
        is_preview: false,
        preview: None,
        restock: false,
        reason: Some("too small".to_owned()),
        by: By::member(member_id),
        program: Arc::new(program),
        products: Vec::new(),
        coupon_code: None,
        return_id: shop.ids.next(),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
}

pub async fn hold(shop: &Shop, member_id: Id, points: i64, minutes: i64, name: &str) -> Id {
    let command = HoldPoints {
        key: key(member_id, HOLD, name),
        points,
        minutes: Some(minutes),
        reason: Some("at the till".to_owned()),
        by: By::member(member_id),
        hold_id: shop.ids.next(),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    made_id(&done(shop, command).await, |hold| hold.id)
}

pub async fn use_hold(shop: &Shop, member_id: Id, hold_id: Id, deed: Deed, name: &str) {
    let operation = if matches!(deed, Deed::Capture { .. }) { CAPTURE } else { RELEASE };
    let command = UseHold {
        key: key(member_id, operation, name),
        hold_id,
        deed,
        reason: None,
        by: By::member(member_id),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
}

pub async fn transfer(shop: &Shop, from: Id, to: Id, points: i64, name: &str) {
    let command = TransferPoints {
        key: key(from, transfer::OPERATION, name),
        to_member_id: to,
        points,
        transfer_id: shop.ids.next(),
        seed: shop.ids.next(),
        seed_of_receiver: shop.ids.next(),
        event_ids: [shop.ids.next(), shop.ids.next()],
    };
    done(shop, command).await;
}

pub async fn adjust(shop: &Shop, member_id: Id, points: i64, staff_id: Id, name: &str) -> Id {
    let command = AdjustPoints {
        key: key(member_id, ADJUST, name),
        points,
        reason: name.to_owned(),
        staff_id,
        adjustment_id: shop.ids.next(),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    made_id(&done(shop, command).await, |adjustment| adjustment.id)
}

pub async fn decide(shop: &Shop, member_id: Id, adjustment_id: Id, approve: bool, staff_id: Id) {
    let command = DecideAdjustment {
        key: key(member_id, DECIDE, &adjustment_id.to_string()),
        adjustment_id,
        approve,
        staff_id,
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
}

/// Gives the member's last expiration again.
pub async fn reinstate(shop: &Shop, member_id: Id, staff_id: Id) {
    let sql = "SELECT * FROM txn WHERE member_id = $1 AND kind = 'EXPIRATION' ORDER BY seq DESC LIMIT 1";
    let found = txn::Model::find_by_statement(shop.db.dialect.statement(sql, [member_id.into()]));
    let txn = found.one(&shop.db.read).await.unwrap().expect("points have expired");
    let command = ReinstateExpired {
        key: key(member_id, reinstate::OPERATION, "reinstate"),
        txn_id: txn.id,
        expired_at: jifen::base::clock::Instant(txn.effective_at),
        reason: None,
        staff_id,
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
}

/// The program as it is, with another answer to points that are missing.
pub fn with_shortfall(program: &program::Model, shortfall: ShortfallPolicy) -> program::Model {
    program::Model { shortfall, ..program.clone() }
}
