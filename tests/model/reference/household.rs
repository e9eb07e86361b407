//! Households: who belongs to them and as what, and whose points pay.

use jifen::domain::points::entity::HouseholdRole;
use jifen::domain::points::rule::purse::Purse;

use crate::names::{Serial, house};
use crate::reference::{Outcome, Reference, full};
use crate::script::{Answer, Step};

/// Somebody who belongs to a household, or was asked to and has not said yes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guest {
    pub slot: usize,
    pub role: HouseholdRole,
    pub has_joined: bool,
}

/// Somebody owns a household as long as anybody is in it.
fn owned(guests: &[Guest]) -> Outcome<()> {
    let is_owned = guests.iter().any(|guest| guest.has_joined && guest.role == HouseholdRole::Owner);
    if is_owned { Ok(()) } else { Err("LastOwner".into()) }
}

impl Reference {
    /// The household a member has joined, and what they are in it.
    pub fn home_of(&self, slot: usize) -> Option<(usize, HouseholdRole)> {
        self.homes.iter().find_map(|(home, guests)| {
            let guest = guests.iter().find(|guest| guest.slot == slot && guest.has_joined)?;
            Some((*home, guest.role))
        })
    }

    /// The wallet that pays for what a member buys.
    pub(super) fn purse(&self, slot: usize, purse: Purse) -> Outcome<usize> {
        match (purse, self.home_of(slot)) {
            (Purse::Own, _) => Ok(slot),
            (Purse::Household, None) => Err("NoHousehold".into()),
            (Purse::Household, Some((_, HouseholdRole::Earner))) => Err("EarnsOnly".into()),
            (Purse::Household, Some((home, HouseholdRole::Owner | HouseholdRole::Spender))) => Ok(home),
        }
    }

    fn has_households(&self) -> Outcome<()> {
        if self.program().household_size > 0 { Ok(()) } else { Err("HouseholdsOff".into()) }
    }

    fn has_room(&self, members: usize) -> Outcome<()> {
        self.has_households()?;
        let most = self.program().household_size;
        if (members as i64) < most { Ok(()) } else { Err(format!("HouseholdFull {{ most: {most} }}").into()) }
    }

    pub(super) fn make_household(&mut self, step: &Step) -> Outcome {
        self.has_households()?;
        let wallet = self.open(step.slot)?;
        if self.home_of(step.slot).is_some() {
            return Err("AlreadyInHousehold".into());
        }
        self.keep(step.slot, wallet);
        let home = house(step.serial);
        self.keep(home, Default::default());
        let founder = Guest { slot: step.slot, role: HouseholdRole::Owner, has_joined: true };
        self.homes.insert(home, vec![founder]);
        Ok(Answer::Done)
    }

    fn guests(&self, household: Serial) -> Outcome<&Vec<Guest>> {
        self.homes.get(&house(household)).ok_or("HouseholdUnknown".into())
    }

    fn is_owner(&self, household: Serial, slot: usize) -> Outcome<()> {
        let guest = self.guests(household)?.iter().find(|guest| guest.slot == slot && guest.has_joined);
        match guest.ok_or("HouseholdUnknown")?.role {
            HouseholdRole::Owner => Ok(()),
            HouseholdRole::Spender | HouseholdRole::Earner => Err("NotOwner".into()),
        }
    }

    /// An owner asks somebody, or says what somebody who was asked or has joined is from now on.
    pub(super) fn invite(&mut self, step: &Step, household: Serial, slot: usize, role: HouseholdRole) -> Outcome {
        self.is_owner(household, step.slot)?;
        let mut guests = self.guests(household)?.clone();
        if let Some(known) = guests.iter_mut().find(|guest| guest.slot == slot) {
            known.role = role;
        } else {
            self.has_room(guests.len())?;
            guests.push(Guest { slot, role, has_joined: false });
        }
        owned(&guests)?;
        self.list(household, slot, guests)
    }

    pub(super) fn join(&mut self, step: &Step, household: Serial) -> Outcome {
        let mut guests = self.guests(household)?.clone();
        let joined = guests.iter().filter(|guest| guest.has_joined).count();
        let guest = guests.iter_mut().find(|guest| guest.slot == step.slot).ok_or("NotInvited")?;
        if !guest.has_joined {
            self.has_room(joined)?;
        }
        guest.has_joined = true;
        self.list(household, step.slot, guests)
    }

    /// Keeps who belongs to a household, unless nothing about it has changed.
    fn list(&mut self, household: Serial, slot: usize, guests: Vec<Guest>) -> Outcome {
        if guests == *self.guests(household)? {
            return Ok(Answer::Done);
        }
        let wallet = self.open(slot)?;
        let has_joined = guests.iter().any(|guest| guest.slot == slot && guest.has_joined);
        if has_joined && self.home_of(slot).is_some_and(|(home, _)| home != house(household)) {
            return Err("AlreadyInHousehold".into());
        }
        self.keep(slot, wallet);
        self.homes.insert(house(household), guests);
        Ok(Answer::Done)
    }

    /// Somebody leaves, or says no, or is sent away. Who is the last to leave has everything the household had.
    pub(super) fn leave(&mut self, step: &Step, household: Serial, slot: usize) -> Outcome {
        self.guests(household)?;
        if slot != step.slot {
            self.is_owner(household, step.slot)?;
        }
        let mut guests = self.guests(household)?.clone();
        if !guests.iter().any(|guest| guest.slot == slot) {
            return Ok(Answer::Done);
        }
        guests.retain(|guest| guest.slot != slot);
        if guests.iter().any(|guest| guest.has_joined) {
            owned(&guests)?;
            // Somebody who was asked may have been merged into another since: they cannot say no any more, but an owner can
            // take the invitation back.
            if slot == step.slot || !self.gone.contains_key(&slot) {
                let wallet = self.open(slot)?;
                self.keep(slot, wallet);
            }
            self.homes.insert(house(household), guests);
            return Ok(Answer::Done);
        }
        self.dissolve(step, house(household), slot)
    }

    fn dissolve(&mut self, step: &Step, home: usize, last: usize) -> Outcome {
        let mut open = self.open_all(&[last, home])?;
        let when = self.when(step.serial);
        let handed = open.hand_over(when, home, last, true);
        handed.and_then(|()| open.of(last).repay(when)).map_err(full("AccountFull"))?;
        self.keep_all(open);
        self.gone.insert(home, last);
        self.homes.insert(home, Vec::new());
        self.count("a household dissolved");
        Ok(Answer::Done)
    }
}
