//! The roll-forward: what members hold, opened, moved and closed over the house's accounts.

use crate::domain::points::entity::Account;
use crate::domain::report::entity::Figure;

/// What the house's accounts moved, each as a positive amount where points came or went the usual way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub issued: i64,
    pub reinstated: i64,
    pub adjusted: i64,
    pub written_off: i64,
    pub settled: i64,
    pub redeemed: i64,
    pub expired: i64,
    pub revoked: i64,
    /// What members gave each other: nothing, in all.
    pub transferred: i64,
}

impl Moved {
    /// Adds what was booked on an account. On those that points come from, the house's side is negative.
    pub fn book(&mut self, account: Account, points: i64) {
        match account {
            Account::Issued => self.issued -= points,
            Account::Reinstated => self.reinstated -= points,
            Account::Adjusted => self.adjusted -= points,
            Account::WrittenOff => self.written_off -= points,
            Account::Settled => self.settled -= points,
            Account::Redeemed => self.redeemed += points,
            Account::Expired => self.expired += points,
            Account::Revoked => self.revoked += points,
            Account::Transfer => self.transferred += points,
            Account::Available | Account::Held | Account::Pending | Account::Debt => {}
        }
    }

    /// The figures that statistics keep of it: all but what is nothing in all.
    pub fn figures(&self) -> [(Figure, i64); 8] {
        [
            (Figure::Issued, self.issued),
            (Figure::Reinstated, self.reinstated),
            (Figure::Adjusted, self.adjusted),
            (Figure::WrittenOff, self.written_off),
            (Figure::Settled, self.settled),
            (Figure::Redeemed, self.redeemed),
            (Figure::Expired, self.expired),
            (Figure::Revoked, self.revoked),
        ]
    }

    pub fn add(&mut self, other: &Moved) {
        self.issued += other.issued;
        self.reinstated += other.reinstated;
        self.adjusted += other.adjusted;
        self.written_off += other.written_off;
        self.settled += other.settled;
        self.redeemed += other.redeemed;
        self.expired += other.expired;
        self.revoked += other.revoked;
        self.transferred += other.transferred;
    }

    /// By how much it changed what members hold, less what they owe.
    pub fn change(&self) -> i64 {
        self.came() - self.redeemed - self.expired - self.revoked
    }

    fn came(&self) -> i64 {
        self.issued + self.reinstated + self.adjusted + self.written_off + self.settled
    }

    /// Points that were there to be redeemed: what came, less what was taken back. What came again had expired before.
    pub fn redeemable(&self) -> i64 {
        self.came() - self.reinstated - self.revoked
    }
}

/// A period of the roll-forward: `opening + change = closing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub opening: i64,
    pub moved: Moved,
    pub closing: i64,
}

/// Rolls what members hold forward, behind what was there before.
pub fn roll(before: &Moved, periods: &[Moved]) -> Vec<Row> {
    let mut opening = before.change();
    let rows = periods.iter().map(|moved| {
        let row = Row { opening, moved: *moved, closing: opening + moved.change() };
        opening = row.closing;
        row
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_period_opens_with_what_the_one_before_closed() {
        let mut first = Moved::default();
        for (account, points) in [(Account::Issued, -1000), (Account::Redeemed, 300), (Account::Available, 700)] {
            first.book(account, points);
        }
        let mut second = Moved::default();
        for (account, points) in [(Account::Expired, 200), (Account::Reinstated, -50), (Account::Revoked, 100)] {
            second.book(account, points);
        }
        let before = Moved { issued: 10, ..Moved::default() };
        let rows = roll(&before, &[first, Moved::default(), second]);
        let balances: Vec<_> = rows.iter().map(|row| (row.opening, row.closing)).collect();
        assert_eq!(balances, [(10, 710), (710, 710), (710, 460)]);
    }
}
