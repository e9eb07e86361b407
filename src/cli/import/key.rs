//! What makes a purchase itself, so that it is imported once however often its file is.
//!
//! It is the order number. A line without one is given a number that is made of its content and of how many equal lines
//! stand before it in the file (two equal purchases on one day are two orders). So a line has the same number in every
//! run and in every database, one unique name does for finding an order and for knowing it again, and nothing has to be
//! remembered of a run that was killed.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::base::clock::Instant;
use crate::base::id::spell;

/// Characters of a made number behind its day, five bits each: with 80 bits no two lines ever share one by chance.
const LENGTH: usize = 16;

/// A line's content, normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content<'a> {
    pub member: &'a str,
    pub placed_at: Instant,
    pub amount: i64,
    pub pieces: i64,
    /// How many equal lines stand before it.
    pub before: u64,
}

/// The number of a line that has none, such as `20240501-7Q2M4XK0ZT3F9A2B`, with the day of the purchase in the
/// program's zone. Databases hold these for ever, so how it is made never changes.
pub fn number(content: &Content<'_>, day: Date) -> String {
    let mut hash = Sha256::new();
    hash.update(b"jifen import order 1\0");
    hash.update((content.member.len() as u64).to_be_bytes());
    hash.update(content.member.as_bytes());
    hash.update(content.placed_at.micros().to_be_bytes());
    hash.update(content.amount.to_be_bytes());
    hash.update(content.pieces.to_be_bytes());
    hash.update(content.before.to_be_bytes());
    format!("{}-{}", day.strftime("%Y%m%d"), spell(&hash.finalize()[..LENGTH]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Content =
        Content { member: "1", placed_at: Instant(852_048_000_000_000), amount: 1177, pieces: 1, before: 0 };

    fn number_of(content: &Content<'_>) -> String {
        number(content, jiff::civil::date(1997, 1, 1))
    }

    #[test]
    fn every_part_of_a_line_counts() {
        let others = [
            Content { member: "2", ..LINE },
            Content { placed_at: Instant(6), ..LINE },
            Content { amount: 1178, ..LINE },
            Content { pieces: 2, ..LINE },
            Content { before: 1, ..LINE },
        ];
        assert!(others.iter().all(|other| number_of(other) != number_of(&LINE)));
    }

    /// A change here makes every file that was imported before a new one.
    #[test]
    fn the_number_of_a_line_stays_what_it_was() {
        assert_eq!(number_of(&LINE), "19970101-ABA1H8WJHHXGQW6V");
    }
}
