//! What must be in the database if every answer told the truth.

use std::collections::HashMap;

/// A member, as the answers have it.
#[derive(Clone, Default)]
pub struct Account {
    /// Active, held and pending points, less what is owed.
    pub points: i64,
    pub orders: i64,
    pub coupons: i64,
    pub holds: i64,
    /// Ledger entries since the last check, and how often each must be there.
    pub entries: HashMap<String, i64>,
    /// The newest entry that has been checked.
    pub checked: Option<String>,
}

/// Something set aside that may still be captured or released.
#[derive(Clone)]
pub struct OpenHold {
    pub whose: usize,
    pub id: String,
    pub points: i64,
}

/// An order that may still be delivered or returned.
#[derive(Clone)]
pub struct OpenOrder {
    pub whose: usize,
    pub id: String,
}

/// Everybody's accounts and the shop's shelves. Whatever is wanted next is drawn from what was answered before.
pub struct Books {
    pub accounts: Vec<Account>,
    /// Pieces taken from the pile of a product or a reward, by its global id.
    pub taken: HashMap<String, i64>,
    pub open_holds: Vec<OpenHold>,
    pub open_orders: Vec<OpenOrder>,
    /// Orders delivered since the last check, and when.
    pub delivered: Vec<(String, String)>,
    /// Coupons with their owners; used ones are tried again now and then.
    pub coupons: Vec<(usize, String)>,
    /// A million entries would be too many to keep: then only the sums are.
    keeps_entries: bool,
}

/// Old ones are forgotten when there are more, which keeps a long run's memory flat.
const MOST_OPEN: usize = 2_000;

impl Books {
    pub fn new(members: usize, keeps_entries: bool) -> Books {
        Books {
            accounts: vec![Account::default(); members],
            taken: HashMap::new(),
            open_holds: Vec::new(),
            open_orders: Vec::new(),
            delivered: Vec::new(),
            coupons: Vec::new(),
            keeps_entries,
        }
    }

    pub fn account(&mut self, whose: usize) -> &mut Account {
        &mut self.accounts[whose]
    }

    /// A transaction that must be in the member's ledger, once for each time it is told here.
    pub fn entry(&mut self, whose: usize, kind: &str, cause: &str, points: i64) {
        if self.keeps_entries {
            *self.accounts[whose].entries.entry(label(kind, cause, points)).or_default() += 1;
        }
    }

    /// The same for one that changes how many points the member has.
    pub fn posted(&mut self, whose: usize, kind: &str, cause: &str, points: i64) {
        self.accounts[whose].points += points;
        self.entry(whose, kind, cause, points);
    }

    pub fn take(&mut self, pile: &str, pieces: i64) {
        *self.taken.entry(pile.to_owned()).or_default() += pieces;
    }

    /// Keeps the lists of what is open short.
    pub fn forget_old(&mut self) {
        fn shorten<T>(list: &mut Vec<T>) {
            if list.len() > MOST_OPEN {
                list.drain(..MOST_OPEN / 2);
            }
        }
        shorten(&mut self.open_holds);
        shorten(&mut self.open_orders);
        shorten(&mut self.coupons);
    }
}

/// How an entry is named, here and when it is read back.
pub fn label(kind: &str, cause: &str, points: i64) -> String {
    format!("{kind} {cause} {points:+}")
}
