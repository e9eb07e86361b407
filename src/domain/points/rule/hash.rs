//! The hash of a ledger transaction: fixed-width, versioned bytes of everything it says, and of the hash before it.
//!
//! No personal data is covered, so erasing a person breaks no chain.

use sha2::{Digest, Sha256};

use crate::base::id::Id;
use crate::domain::points::entity::{Account, ActorKind, Bucket, Cause, TxnKind, allocation, entry, lot, txn};

/// The first byte of what is hashed. A change of the layout takes the next number.
const VERSION: u8 = 1;

/// What stands before a wallet's first transaction. It names the wallet, so a chain cannot be moved to another.
pub fn genesis(member_id: Id, program_id: Id) -> Vec<u8> {
    let mut bytes = Bytes(vec![VERSION]);
    bytes.text("wallet");
    bytes.id(member_id);
    bytes.id(program_id);
    Sha256::digest(&bytes.0).to_vec()
}

/// The hash of a transaction, its entries and allocations in the order of their positions, and the terms of the lots
/// that it opened (in the order of the allocations that granted them) or activated. Its own `hash` is not read.
pub fn of<'a>(
    txn: &txn::Model,
    entries: &[entry::Model],
    allocations: &[allocation::Model],
    lots: impl ExactSizeIterator<Item = &'a lot::Model>,
) -> Vec<u8> {
    let mut bytes = Bytes(Vec::with_capacity(512));
    bytes.byte(VERSION);
    bytes.id(txn.member_id);
    bytes.id(txn.id);
    bytes.id(txn.program_id);
    bytes.number(txn.program_version);
    bytes.number(txn.seq);
    bytes.byte(kind(txn.kind));
    bytes.number(txn.points);
    for balance in [txn.available_after, txn.held_after, txn.pending_after, txn.debt_after] {
        bytes.number(balance);
    }
    bytes.byte(cause(txn.cause));
    bytes.id(txn.source_id);
    bytes.number(txn.source_part);
    // An empty reason is not the same as none.
    bytes.byte(u8::from(txn.reason.is_some()));
    bytes.text(txn.reason.as_deref().unwrap_or_default());
    bytes.byte(actor(txn.actor));
    bytes.optional_id(txn.actor_id);
    bytes.optional_id(txn.reverses);
    bytes.number(txn.effective_at);
    bytes.number(txn.recorded_at);
    bytes.0.extend_from_slice(&txn.prev_hash);
    bytes.count(entries.len());
    for entry in entries {
        bytes.byte(account(entry.account));
        bytes.number(entry.points);
    }
    bytes.count(allocations.len());
    for allocation in allocations {
        bytes.id(allocation.lot_id);
        bytes.byte(allocation.taken_from.map_or(0, bucket));
        bytes.byte(bucket(allocation.given_to));
        bytes.number(allocation.points);
        bytes.optional_id(allocation.origin_txn_id);
        bytes.optional_number(allocation.origin_position);
    }
    bytes.count(lots.len());
    // The dates of a pending lot are set later: its activation covers them.
    let opens_pending = matches!(txn.kind, TxnKind::Accrual | TxnKind::TransferIn)
        && entries.iter().any(|entry| entry.account == Account::Pending);
    let is_dated = !opens_pending;
    for lot in lots {
        bytes.id(lot.id);
        bytes.number(lot.granted);
        bytes.optional_number(lot.activates_at.filter(|_| is_dated));
        bytes.optional_number(lot.expires_at.filter(|_| is_dated));
    }
    Sha256::digest(&bytes.0).to_vec()
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn optional_number(&mut self, number: Option<i64>) {
        self.byte(u8::from(number.is_some()));
        self.number(number.unwrap_or(0));
    }

    fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&(count as u64).to_be_bytes());
    }

    fn id(&mut self, id: Id) {
        self.0.extend_from_slice(id.as_bytes());
    }

    fn optional_id(&mut self, id: Option<Id>) {
        self.byte(u8::from(id.is_some()));
        self.id(id.unwrap_or_default());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
}

// The numbers below are part of the hash and never change; a new variant takes a new number.

fn kind(kind: TxnKind) -> u8 {
    match kind {
        TxnKind::Accrual => 1,
        TxnKind::Activation => 2,
        TxnKind::Hold => 3,
        TxnKind::Release => 4,
        TxnKind::Redemption => 5,
        TxnKind::Refund => 6,
        TxnKind::Expiration => 7,
        TxnKind::Reinstatement => 8,
        TxnKind::Clawback => 9,
        TxnKind::DebtRepayment => 10,
        TxnKind::WriteOff => 11,
        TxnKind::MoneySettlement => 12,
        TxnKind::TransferOut => 13,
        TxnKind::TransferIn => 14,
        TxnKind::Adjustment => 15,
    }
}

fn account(account: Account) -> u8 {
    match account {
        Account::Available => 1,
        Account::Held => 2,
        Account::Pending => 3,
        Account::Debt => 4,
        Account::Issued => 5,
        Account::Redeemed => 6,
        Account::Expired => 7,
        Account::Revoked => 8,
        Account::Reinstated => 9,
        Account::WrittenOff => 10,
        Account::Settled => 11,
        Account::Transfer => 12,
        Account::Adjusted => 13,
    }
}

fn bucket(bucket: Bucket) -> u8 {
    match bucket {
        Bucket::Remaining => 1,
        Bucket::Held => 2,
        Bucket::Consumed => 3,
        Bucket::Expired => 4,
        Bucket::Revoked => 5,
    }
}

fn cause(cause: Cause) -> u8 {
    match cause {
        Cause::Order => 1,
        Cause::ImportedOrder => 2,
        Cause::Redemption => 3,
        Cause::Return => 4,
        Cause::Hold => 5,
        Cause::Lot => 6,
        Cause::Transfer => 7,
        Cause::Adjustment => 8,
        Cause::Merger => 9,
        Cause::Event => 10,
    }
}

fn actor(actor: ActorKind) -> u8 {
    match actor {
        ActorKind::Member => 1,
        ActorKind::System => 2,
        ActorKind::Staff => 3,
    }
}
