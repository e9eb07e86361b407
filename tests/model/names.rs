//! Ids that follow from the number of the step that made them, so that a script means the same however often it runs.
//! They sort in no order that the script knows, as ids drawn within one millisecond do.

use std::cell::Cell;

use jifen::base::id::Id;

use crate::dice::mix;

/// The number of a step, from 1.
pub type Serial = u32;

#[derive(Clone, Copy, Debug)]
pub enum Tag {
    /// An order, a redemption, a hold, a return, …
    Thing,
    Seed,
    SeedOfReceiver,
    Event,
    OtherEvent,
    Coupon,
    Member,
    Staff,
    Product,
    Pile,
    Program,
    Rule,
    /// A kind of event.
    Kind,
    Category,
    Tier,
}

/// Where an id stands among others of its kind.
pub fn rank(serial: Serial) -> u64 {
    ((mix(u64::from(serial)) & 0xFFFF_FFFF) << 16) | u64::from(serial & 0xFFFF)
}

thread_local! {
    /// Tells scripts apart that are carried out on one database.
    static SALT: Cell<u32> = const { Cell::new(0) };
}

pub fn salt() -> u32 {
    SALT.get()
}

pub fn set_salt(salt: u32) {
    SALT.set(salt);
}

/// An id as UUIDv7 has them: rank, version, tag, variant, and room to count.
pub fn id(tag: Tag, serial: Serial) -> Id {
    let rank = u128::from(rank(serial)) << 80;
    Id::from_u128(rank | 7 << 76 | (tag as u128) << 64 | 2 << 62 | u128::from(salt()) << 24)
}

/// One of several ids of a step.
pub fn id_of(tag: Tag, serial: Serial, nth: u32) -> Id {
    Id::from_u128(id(tag, serial).as_u128() + u128::from(nth))
}

/// The step that made an id.
pub fn serial_of(id: Id) -> Serial {
    (id.as_u128() >> 80) as u32 & 0xFFFF
}

pub fn member_id(slot: usize) -> Id {
    id(Tag::Member, 60_000 + slot as u32)
}

/// Where a household stands among the wallets: behind all members.
pub fn house(serial: Serial) -> usize {
    1_000 + serial as usize
}

/// The members of staff. The one behind the last place is a member whose points are in question.
pub fn staff_id(place: usize, slot: usize) -> Id {
    if place < 2 { id(Tag::Staff, 61_000 + place as u32) } else { member_id(slot) }
}

pub fn coupon_code((serial, nth): (Serial, u32)) -> String {
    format!("C{}-{serial}-{nth}", salt())
}
