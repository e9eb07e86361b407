//! What members of staff do: corrections, rulings on them, and points given again.

use jifen::domain::points::entity::{Account, TxnKind};

use crate::names::Serial;
use crate::reference::calendar::{end_of_reinstatement, end_of_validity};
use crate::reference::{Adjustment, Outcome, Reference, Ruling, full, not_enough};
use crate::script::{Answer, Step};
use crate::world::MAX_POINTS;

/// The place behind the staff is the member whose points are in question.
const THE_MEMBER: usize = 2;

impl Reference {
    pub(super) fn adjust(&mut self, step: &Step, points: i64, staff: usize) -> Outcome {
        if points == 0 || points.abs() > MAX_POINTS {
            return Err("BadPoints".into());
        }
        if staff == THE_MEMBER {
            return Err("OwnPoints".into());
        }
        let waits = points.abs() > self.program().approval_threshold;
        if !waits {
            self.book(step, points)?;
        }
        let ruling = if waits { Ruling::Waits } else { Ruling::Booked };
        self.adjustments.insert(step.serial, Adjustment { slot: step.slot, points, asked_by: staff, ruling });
        Ok(Answer::Done)
    }

    pub(super) fn rule_on(&mut self, step: &Step, adjustment: Serial, approve: bool, staff: usize) -> Outcome {
        let known = self.adjustments.get(&adjustment).filter(|known| known.slot == step.slot);
        let known = *known.ok_or("AdjustmentUnknown")?;
        if known.ruling != Ruling::Waits {
            return Err("AdjustmentDecided".into());
        }
        if approve && known.asked_by == staff {
            return Err("SecondApproverNeeded".into());
        }
        if staff == THE_MEMBER {
            return Err("OwnPoints".into());
        }
        if approve {
            self.book(step, known.points)?;
        }
        let ruling = if approve { Ruling::Booked } else { Ruling::Rejected };
        self.adjustments.insert(adjustment, Adjustment { ruling, ..known });
        Ok(Answer::Done)
    }

    /// Also for a member who was merged since: what comes is handed on at once.
    fn book(&mut self, step: &Step, points: i64) -> Outcome<()> {
        let line = self.line(step.slot);
        let mut open = self.open_all(&line)?;
        let wallet = open.of(step.slot);
        let when = self.when(step.serial);
        if points > 0 {
            let until = end_of_validity(self.program(), wallet.moment(when));
            let given = wallet.give(when, (TxnKind::Adjustment, Account::Adjusted), points, Some(until));
            given.and_then(|_| wallet.repay(when)).map_err(full("WalletFull"))?;
        } else {
            if wallet.free() < -points {
                return Err(not_enough(-points, wallet.free()));
            }
            let taken = wallet.spend(when, TxnKind::Adjustment, Account::Adjusted, -points);
            taken.map_err(full("WalletFull"))?;
        }
        self.hand_on(&mut open, when).map_err(full("WalletFull"))?;
        open.of(line[line.len() - 1]).repay(when).map_err(full("WalletFull"))?;
        self.keep_all(open);
        Ok(())
    }

    pub(super) fn reinstate(&mut self, step: &Step, staff: usize) -> Outcome {
        if staff == THE_MEMBER {
            return Err("OwnPoints".into());
        }
        let expiration = self.targets.get(&step.serial).copied().ok_or("ExpirationUnknown")?;
        let program = self.program().clone();
        let expired_at = self.wallets[&step.slot].log[expiration - 1].effective_at;
        let days = program.reinstatement_days;
        if self.now >= end_of_reinstatement(&program, expired_at) {
            return Err(format!("TooLate {{ days: {days} }}").into());
        }
        let line = self.line(step.slot);
        let mut open = self.open_all(&line)?;
        let when = self.when(step.serial);
        let given = open.of(step.slot).reinstate_expired(when, expiration, &program);
        if !given.map_err(full("WalletFull"))? {
            return Err("NothingToReinstate".into());
        }
        self.hand_on(&mut open, when).map_err(full("WalletFull"))?;
        open.of(line[line.len() - 1]).repay(when).map_err(full("WalletFull"))?;
        self.keep_all(open);
        Ok(Answer::Done)
    }
}
