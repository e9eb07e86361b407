//! What is asked of the shop: steps, in groups that are decided together, with time passing between the groups.

use std::fmt::{Display, Formatter, Result};

use jifen::domain::points::entity::{HouseholdRole, program};
use jifen::domain::points::rule::purse::Purse;

use crate::names::Serial;
use crate::rules::{Rule, Told, Way};
use crate::tiers::Tiers;

/// A script of commands. A step names what it works on by the step that made it, so any step can be left out.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub wait: Wait,
    /// Of the lots that a command asks for, only one in so many is loaded: the rest it must ask for again.
    pub scarcity: u64,
    pub steps: Vec<Step>,
}

/// How time passes before a group.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    By(i64),
    /// Until something that will happen, or a moment before or after it.
    Until {
        nth: u32,
        micros: i64,
    },
}

#[derive(Clone, Debug)]
pub struct Step {
    pub serial: Serial,
    pub slot: usize,
    /// The step whose idempotency key it bears: its own, or an earlier one's.
    pub key: Serial,
    pub act: Act,
}

/// A household is named by the step that made it. `Merge` merges the step's member into another.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Register {
        name: u32,
    },
    Place {
        lines: Vec<(usize, i64)>,
        coupon: Option<Code>,
        points: i64,
        purse: Purse,
        way: Way,
    },
    Redeem {
        prize: usize,
        quantity: i64,
        purse: Purse,
    },
    Deliver {
        order: Serial,
    },
    Return {
        order: Serial,
        what: What,
        preview: Option<Serial>,
        restock: bool,
    },
    Preview {
        order: Serial,
        what: What,
    },
    Hold {
        points: i64,
        minutes: Option<i64>,
        by_staff: bool,
    },
    Capture {
        hold: Serial,
        points: Option<i64>,
        finally: bool,
    },
    Release {
        hold: Serial,
        points: Option<i64>,
        by_staff: bool,
    },
    Transfer {
        to: usize,
        points: i64,
    },
    Adjust {
        points: i64,
        staff: usize,
    },
    Decide {
        adjustment: Serial,
        approve: bool,
        staff: usize,
    },
    Reinstate {
        nth: u32,
        staff: usize,
    },
    Import {
        number: u32,
        amount: i64,
        days_ago: i64,
    },
    Settle,
    Household,
    Invite {
        household: Serial,
        guest: usize,
        role: HouseholdRole,
    },
    Join {
        household: Serial,
    },
    Leave {
        household: Serial,
        who: usize,
    },
    Merge {
        into: usize,
        staff: usize,
    },
    Program(Box<program::Model>),
    /// A revision of a rule, which is named by the step that published it.
    Rule {
        rule: Serial,
        is: Box<Rule>,
    },
    Event(Told),
    /// A revision of the tiers.
    Tiers(Box<Tiers>),
    /// Staff protect a member's tier until a moment, or no longer.
    Protect {
        until: Option<i64>,
    },
    Judge,
}

impl Act {
    /// Whether it makes a version of the program. It is no command: what comes before it in a group is decided before.
    pub fn makes_version(&self) -> bool {
        matches!(self, Act::Program(_) | Act::Rule { .. } | Act::Tiers(_))
    }
}

/// A coupon, by the step that redeemed it, and which of that step's it is.
pub type Code = (Serial, u32);

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Cancellation,
    Pieces(Vec<(i64, i64)>),
    Everything,
}

/// What came of a step, in the words of both sides.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Done,
    /// By an earlier step with the same key.
    Before(Serial),
    Rejected(String),
    Figures(Figures),
    Stale(Figures),
    Points(i64),
    Skipped,
    Failed(String),
}

/// Of a return: money, money withheld, points given back, forfeited, demanded, missing, written off, settled, and what
/// can be spent and is owed after it.
pub type Figures = [i64; 10];

impl Script {
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.steps.len()).sum()
    }
}

impl Display for Script {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for group in &self.groups {
            writeln!(f, "{:?}, lots / {}", group.wait, group.scarcity)?;
            for Step { serial, slot, key, act } in &group.steps {
                let again = if key == serial { String::new() } else { format!(" with the key of {key}") };
                writeln!(f, "  {serial}: member {slot}{again} {act:?}")?;
            }
        }
        Ok(())
    }
}
