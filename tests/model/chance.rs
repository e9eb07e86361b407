//! Scripts by chance: what members and staff might do, mostly possible, now and then not.

use crate::dice::Dice;
use crate::names::Serial;
use crate::script::{Act, Group, Script, Step, Wait, What};
use crate::settings;
use crate::world::{DAY, HOUR, MAX_POINTS, MEMBERS, MINUTE, PRIZES, PRODUCTS, first_program};
use jifen::domain::points::entity::program;

/// What earlier groups may have made, by member.
#[derive(Default)]
struct Known {
    orders: Vec<(usize, Serial, usize)>,
    coupons: Vec<(usize, (Serial, u32))>,
    holds: Vec<(usize, Serial)>,
    adjustments: Vec<(usize, Serial)>,
    previews: Vec<(usize, Serial, Serial, What)>,
    keyed: Vec<Step>,
}

struct Author {
    dice: Dice,
    known: Known,
    program: program::Model,
    members: usize,
    serial: Serial,
}

/// A script of so many steps.
pub fn script(seed: u64, steps: usize) -> Script {
    let mut dice = Dice::new(seed);
    let program = settings::next(&mut dice, &first_program());
    let first = Step { serial: 1, slot: 0, key: 1, act: Act::Program(Box::new(program.clone())) };
    let mut author = Author { dice, known: Known::default(), program, members: MEMBERS, serial: 1 };
    let mut script = Script { groups: vec![Group { wait: Wait::By(0), scarcity: 1, steps: vec![first] }] };
    let mut left = steps.saturating_sub(1);
    while left > 0 {
        let group = author.group(left);
        left -= group.steps.len();
        script.groups.push(group);
    }
    script
}

impl Author {
    fn group(&mut self, left: usize) -> Group {
        let size = self.dice.one_of([1, 1, 1, 1, 1, 2, 2, 3, 5]).min(left);
        let steps: Vec<Step> = (0..size).map(|_| self.step()).collect();
        steps.iter().for_each(|step| self.learn(step));
        Group { wait: self.wait(), scarcity: self.dice.one_of([1, 1, 8, 16, 32]), steps }
    }

    fn wait(&mut self) -> Wait {
        let dice = &mut self.dice;
        match dice.below(10) {
            0..3 => Wait::By(0),
            3 => Wait::By(dice.within(1, 90) * MINUTE),
            4 => Wait::By(dice.within(1, 40) * HOUR),
            5 => Wait::By(dice.within(1, 20) * DAY),
            6 if dice.chance(30) => Wait::By(dice.within(20, 200) * DAY),
            _ => Wait::Until { nth: dice.below(6) as u32, micros: dice.one_of([-1, 0, 0, 1]) },
        }
    }

    fn step(&mut self) -> Step {
        self.serial += 1;
        let serial = self.serial;
        if self.dice.chance(6)
            && let Some(step) = self.dice.pick(&self.known.keyed)
        {
            return self.again(step);
        }
        let slot = self.dice.below(self.members as i64).unsigned_abs() as usize;
        let (slot, act) = self.act(slot);
        Step { serial, slot, key: serial, act }
    }

    /// A client that sends its request again, or uses its key for another one.
    fn again(&mut self, step: Step) -> Step {
        let mut act = step.act;
        match &mut act {
            Act::Place { points, .. } | Act::Hold { points, .. } if self.dice.chance(30) => *points += 1,
            Act::Redeem { quantity, .. } if self.dice.chance(30) => *quantity += 1,
            Act::Adjust { points, .. } if self.dice.chance(30) => *points += 1,
            _ => {}
        }
        Step { serial: self.serial, act, ..step }
    }

    fn act(&mut self, slot: usize) -> (usize, Act) {
        let act = match self.dice.below(100) {
            0..26 => self.place(slot),
            26..36 => {
                let prize = self.dice.below(PRIZES.len() as i64).unsigned_abs() as usize;
                Act::Redeem { prize, quantity: self.dice.one_of([1, 1, 1, 2, 3, 0]) }
            }
            36..44 => return self.of_order(|_, order, _| Act::Deliver { order }, slot),
            44..62 => return self.of_order(Author::take_back, slot),
            62..69 => Act::Hold {
                points: self.points(),
                minutes: self.dice.one_of([None, Some(1), Some(30), Some(60), Some(1_500), Some(0)]),
                by_staff: self.dice.chance(50),
            },
            69..78 => return self.of_hold(slot),
            78..83 => {
                let to = self.dice.below(self.members as i64).unsigned_abs() as usize;
                let to = if to == slot { (slot + 1) % self.members } else { to };
                Act::Transfer { to: if self.dice.chance(3) { 99 } else { to }, points: self.points() }
            }
            83..87 => self.adjust(),
            87..90 => match self.dice.pick(&self.known.adjustments) {
                Some((slot, adjustment)) => {
                    let (approve, staff) = (self.dice.chance(80), self.dice.one_of([0, 1, 1, 2]));
                    return (slot, Act::Decide { adjustment, approve, staff });
                }
                None => self.adjust(),
            },
            90..93 => Act::Reinstate { nth: self.dice.below(4) as u32, staff: self.dice.one_of([0, 0, 0, 2]) },
            93..95 => self.import(),
            95..98 => self.change_program(),
            98 => Act::Settle,
            _ => {
                let slot = self.members;
                self.members += 1;
                return (slot, Act::Register { name: self.dice.below(8) as u32 });
            }
        };
        (slot, act)
    }

    fn points(&mut self) -> i64 {
        match self.dice.below(12) {
            0 => self.dice.within(1, 9),
            1 => self.dice.within(1, 3_000),
            2 => 10 * self.dice.within(1, 60),
            _ => self.dice.within(1, 400),
        }
    }

    fn place(&mut self, slot: usize) -> Act {
        let count = self.dice.one_of([1, 1, 2, 2, 3, 4]);
        let line = |dice: &mut Dice| {
            let quantity = if dice.chance(2) { 500 } else { dice.one_of([1, 1, 2, 3, 3, 7]) };
            (dice.below(PRODUCTS.len() as i64).unsigned_abs() as usize, quantity)
        };
        let lines = (0..count).map(|_| line(&mut self.dice)).collect();
        let mine: Vec<_> = self.known.coupons.iter().filter(|(of, _)| *of == slot).map(|(_, coupon)| *coupon).collect();
        let coupon = if self.dice.chance(40) { self.dice.pick(&mine) } else { None };
        let points = if self.dice.chance(45) { self.points() } else { 0 };
        // Mostly what the program asks for, so that it is not always refused.
        let step = self.program.redemption_step;
        let points = if self.dice.chance(90) { points - points % step } else { points };
        Act::Place { lines, coupon, points }
    }

    fn of_order(&mut self, act: impl Fn(&mut Author, Serial, usize) -> Act, slot: usize) -> (usize, Act) {
        let recent = self.known.orders.len().saturating_sub(8);
        let from = if self.dice.chance(80) { recent } else { 0 };
        match self.dice.pick(&self.known.orders[from..]) {
            Some((owner, order, lines)) => {
                // Somebody else's order is not found.
                let slot = if self.dice.chance(2) { slot } else { owner };
                (slot, act(self, order, lines))
            }
            None => (slot, self.place(slot)),
        }
    }

    fn take_back(&mut self, order: Serial, lines: usize) -> Act {
        let of_order: Vec<_> = self.known.previews.iter().filter(|preview| preview.2 == order).cloned().collect();
        let preview = if self.dice.chance(70) { self.dice.pick(&of_order) } else { None };
        let restock = self.dice.chance(70);
        if let Some((_, preview, _, what)) = preview {
            return Act::Return { order, what, preview: Some(preview), restock };
        }
        let what = match self.dice.below(10) {
            0..2 => What::Everything,
            2 => What::Cancellation,
            _ => What::Pieces(self.pieces(lines)),
        };
        if self.dice.chance(15) {
            return Act::Preview { order, what };
        }
        Act::Return { order, what, preview: None, restock }
    }

    fn pieces(&mut self, lines: usize) -> Vec<(i64, i64)> {
        let count = self.dice.within(1, lines as i64);
        let positions: Vec<i64> = (0..count).map(|_| self.dice.below(lines as i64)).collect();
        let mut pieces = Vec::new();
        for position in positions {
            // Now and then a line stands there twice.
            if self.dice.chance(2) || !pieces.iter().any(|(known, _)| *known == position) {
                pieces.push((position, self.dice.one_of([1, 1, 1, 2, 3])));
            }
        }
        pieces
    }

    fn of_hold(&mut self, slot: usize) -> (usize, Act) {
        let recent = self.known.holds.len().saturating_sub(4);
        let Some((slot, hold)) = self.dice.pick(&self.known.holds[recent..]) else { return (slot, self.place(slot)) };
        let points = if self.dice.chance(70) { Some(self.dice.within(1, 120)) } else { None };
        let act = if self.dice.chance(50) {
            Act::Capture { hold, points, finally: self.dice.chance(40) }
        } else {
            Act::Release { hold, points, by_staff: self.dice.chance(60) }
        };
        (slot, act)
    }

    fn adjust(&mut self) -> Act {
        let points = if self.dice.chance(1) { MAX_POINTS } else { self.points() };
        let points = if self.dice.chance(40) { -points } else { points };
        Act::Adjust { points, staff: self.dice.one_of([0, 0, 0, 1, 1, 2]) }
    }

    fn import(&mut self) -> Act {
        let (number, amount) = (self.dice.below(6) as u32, self.dice.within(0, 40_000));
        Act::Import { number, amount, days_ago: self.dice.one_of([0, 1, 30, 400]) }
    }

    fn change_program(&mut self) -> Act {
        self.program = settings::next(&mut self.dice, &self.program);
        Act::Program(Box::new(self.program.clone()))
    }

    fn learn(&mut self, step: &Step) {
        let Step { serial, slot, act, .. } = step;
        let (known, serial, slot) = (&mut self.known, *serial, *slot);
        match act {
            Act::Place { lines, .. } => known.orders.push((slot, serial, lines.len())),
            Act::Redeem { prize, quantity } if PRIZES[*prize].value.is_some() => {
                known.coupons.extend((0..*quantity).map(|nth| (slot, (serial, nth as u32))));
            }
            Act::Hold { .. } => known.holds.push((slot, serial)),
            Act::Adjust { .. } => known.adjustments.push((slot, serial)),
            Act::Preview { order, what } => known.previews.push((slot, serial, *order, what.clone())),
            _ => {}
        }
        let has_no_key = matches!(
            act,
            Act::Register { .. } | Act::Import { .. } | Act::Settle | Act::Program(_) | Act::Preview { .. }
        );
        // Which expiration is the first depends on when it is asked for, so that request is not sent again.
        if !has_no_key && !matches!(act, Act::Reinstate { .. }) {
            known.keyed.push(step.clone());
        }
    }
}
