//! What makes a purchase itself, so that it is imported once however often its file is.

use sha2::{Digest, Sha256};

use crate::base::clock::Instant;
use crate::db::dialect::hex;
use crate::domain::member::entity::HandleKind;
use crate::domain::member::query::HandleKey;

/// The key of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The order number the file gives.
    Number(Box<str>),
    /// For a line without: see [`of`].
    Content([u8; 32]),
}

impl Key {
    /// The unique name under which the purchase is recorded.
    pub fn handle(&self) -> HandleKey {
        match self {
            Key::Number(number) => HandleKey(HandleKind::OrderNumber, number.to_string()),
            Key::Content(hash) => HandleKey(HandleKind::ImportKey, hex(hash)),
        }
    }
}

/// The hash of a line's content and of how many equal lines stand before it in the file: two equal purchases on one day
/// are two orders. Databases hold these for ever, so what is hashed never changes.
pub fn of(member: &str, placed_at: Instant, amount: i64, pieces: i64, before: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"jifen import order 1\0");
    hash.update((member.len() as u64).to_be_bytes());
    hash.update(member.as_bytes());
    hash.update(placed_at.micros().to_be_bytes());
    hash.update(amount.to_be_bytes());
    hash.update(pieces.to_be_bytes());
    hash.update(before.to_be_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_line_counts() {
        let base = of("1", Instant(5), 10, 1, 0);
        let others = [
            of("2", Instant(5), 10, 1, 0),
            of("1", Instant(6), 10, 1, 0),
            of("1", Instant(5), 11, 1, 0),
            of("1", Instant(5), 10, 2, 0),
            of("1", Instant(5), 10, 1, 1),
        ];
        assert!(others.iter().all(|other| *other != base));
        assert_eq!(base, of("1", Instant(5), 10, 1, 0));
    }

    /// A change here makes every file that was imported before a new one.
    #[test]
    fn the_hash_of_a_line_stays_what_it_was() {
        let hash = of("1", Instant(852_048_000_000_000), 1177, 1, 0);
        assert_eq!(hex(&hash), "2acb6a2171c8fcd2f1d1ddb0b71c463b520dc8122ffa747b25585cdfa3b693ea");
    }
}
