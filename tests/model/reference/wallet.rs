//! A member's points, run by run: every run of points of a lot is a piece that is in one place.

use std::collections::BTreeMap;

use jifen::domain::points::entity::{Account, TxnKind};

use crate::names::{Serial, rank};
use crate::reference::calendar::NEVER;
use crate::world::MAX_POINTS;

/// The wallet would hold or owe more than it can.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Full;

/// Where points are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    Pending,
    Free,
    /// In a hold, or spent by a transaction; with the turn in which they were taken.
    Held(Serial, usize),
    Spent(usize, usize),
    Expired,
    /// Expired, and given again in another lot.
    GivenAgain,
    Revoked,
}

#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub lot: usize,
    pub points: i64,
    pub place: Place,
}

#[derive(Clone, Copy, Debug)]
pub struct Lot {
    /// How it sorts among lots of the same dates: by the step that made it, and which of that step's it is. A lot of a
    /// wallet that was taken over is known by the same in the other.
    pub rank: (u64, usize),
    pub granted: i64,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub is_active: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Hold {
    pub amount: i64,
    pub captured: i64,
    pub released: i64,
    pub ends: i64,
    pub by_staff: bool,
}

impl Hold {
    pub fn open(&self) -> i64 {
        self.amount - self.captured - self.released
    }
}

/// A transaction: what it moved on each account, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Booked {
    pub kind: TxnKind,
    pub accounts: Vec<(Account, i64)>,
    pub effective_at: i64,
    pub recorded_at: i64,
    pub version: i64,
}

/// An event: when it happened, when it is recorded, by which version, and the step behind it.
#[derive(Clone, Copy, Debug)]
pub struct When {
    pub at: i64,
    pub recorded: i64,
    pub version: i64,
    pub serial: Serial,
}

#[derive(Clone, Debug, Default)]
pub struct Wallet {
    pub lots: Vec<Lot>,
    pub pieces: Vec<Piece>,
    pub debt: i64,
    pub holds: BTreeMap<Serial, Hold>,
    pub log: Vec<Booked>,
    /// By the number of the expiration: of which lots, and how many points of it were not given again.
    pub expirations: BTreeMap<usize, Vec<(usize, i64)>>,
}

impl Wallet {
    pub fn sum(&self, matches: impl Fn(&Piece) -> bool) -> i64 {
        self.pieces.iter().filter(|piece| matches(piece)).map(|piece| piece.points).sum()
    }

    pub fn free(&self) -> i64 {
        self.sum(|piece| piece.place == Place::Free)
    }

    pub fn held(&self) -> i64 {
        self.sum(|piece| matches!(piece.place, Place::Held(..)))
    }

    pub fn pending(&self) -> i64 {
        self.sum(|piece| piece.place == Place::Pending)
    }

    pub fn last_moment(&self) -> i64 {
        self.log.last().map_or(0, |booked| booked.effective_at)
    }

    /// Writes a transaction down, after its points were moved.
    pub fn note(&mut self, when: When, kind: TxnKind, accounts: &[(Account, i64)]) -> Result<(), Full> {
        let accounts: Vec<_> = accounts.iter().copied().filter(|(_, points)| *points != 0).collect();
        let effective_at = when.at.max(self.last_moment());
        self.log.push(Booked { kind, accounts, effective_at, recorded_at: when.recorded, version: when.version });
        let all = self.free() + self.held() + self.pending();
        if all > MAX_POINTS || self.debt > MAX_POINTS { Err(Full) } else { Ok(()) }
    }

    /// When the transaction that is about to be written takes effect.
    pub fn moment(&self, when: When) -> i64 {
        when.at.max(self.last_moment())
    }

    pub fn open_lot(&mut self, when: When, points: i64, dates: Option<(i64, i64)>) -> usize {
        let rank = self.next_rank(when.serial);
        let (starts, ends) = dates.unzip();
        self.lots.push(Lot { rank, granted: points, starts, ends, is_active: dates.is_some() });
        let place = if dates.is_some() { Place::Free } else { Place::Pending };
        self.pieces.push(Piece { lot: self.lots.len() - 1, points, place });
        self.lots.len() - 1
    }

    /// How the next lot of a step sorts.
    pub fn next_rank(&self, serial: Serial) -> (u64, usize) {
        let rank = rank(serial);
        (rank, self.lots.iter().filter(|lot| lot.rank.0 == rank).count())
    }

    /// The lot that is known by this, if it came here.
    pub fn lot_of(&self, rank: (u64, usize)) -> Option<usize> {
        self.lots.iter().position(|lot| lot.rank == rank)
    }

    /// Moves points of one piece to another place.
    fn shift(&mut self, piece: usize, points: i64, place: Place) {
        if points == 0 {
            return;
        }
        self.pieces[piece].points -= points;
        self.pieces.push(Piece { points, place, ..self.pieces[piece] });
    }

    /// Takes up to so many points from pieces in the order given. Returns how many from each lot, in that order.
    pub fn shift_some(&mut self, from: &[usize], points: i64, place: impl Fn(usize) -> Place) -> Vec<(usize, i64)> {
        let mut missing = points;
        let mut taken = Vec::new();
        for piece in from {
            let part = self.pieces[*piece].points.min(missing);
            if part > 0 {
                taken.push((self.pieces[*piece].lot, part));
                self.shift(*piece, part, place(taken.len()));
                missing -= part;
            }
        }
        self.pieces.retain(|piece| piece.points > 0);
        taken
    }

    pub fn places(&self, matches: impl Fn(&Piece) -> bool) -> Vec<usize> {
        (0..self.pieces.len()).filter(|piece| matches(&self.pieces[*piece])).collect()
    }

    /// The pieces that can be spent: earliest expiry first, then earliest activation, then as their lots sort.
    pub fn in_spend_order(&self) -> Vec<usize> {
        let mut free = self.places(|piece| piece.place == Place::Free);
        free.sort_by_key(|piece| {
            let lot = &self.lots[self.pieces[*piece].lot];
            (lot.ends, lot.starts, lot.rank)
        });
        free
    }

    /// What happens next by itself: the moment, its turn among things of one moment, and the lot or hold.
    pub fn next_due(&self) -> Option<Due> {
        let lots = self.lots.iter().enumerate().filter_map(|(at, lot)| {
            let place = if lot.is_active { Place::Free } else { Place::Pending };
            let has_points = self.pieces.iter().any(|piece| piece.lot == at && piece.place == place);
            let due = if lot.is_active {
                Due { moment: lot.ends?, what: Happens::Expiration }
            } else {
                Due { moment: lot.starts?, what: Happens::Activation(lot.rank, at) }
            };
            Some(due).filter(|due| has_points && due.moment < NEVER)
        });
        let holds = self.holds.iter().filter(|(_, hold)| hold.open() > 0);
        let holds =
            holds.map(|(serial, hold)| Due { moment: hold.ends, what: Happens::TimeOut(rank(*serial), *serial) });
        lots.chain(holds).min()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub moment: i64,
    pub what: Happens,
}

/// In the order in which things of one moment happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happens {
    Activation((u64, usize), usize),
    TimeOut(u64, Serial),
    Expiration,
}
