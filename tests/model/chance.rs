//! Scripts by chance: what members and staff might do, mostly possible, now and then not. So that most of it is possible,
//! the author carries each group out on a reference before going on.

mod rules;
mod tiers;

use jifen::domain::points::entity::HouseholdRole;
use jifen::domain::points::rule::purse::Purse;

use crate::dice::Dice;
use crate::names::{Serial, house};
use crate::reference::Reference;
use crate::reference::household::Guest;
use crate::reference::order::{Order, Status};
use crate::reference::wallet::{Hold, Wallet};
use crate::rules::Told;
use crate::run::moment;
use crate::script::{Act, Answer, Group, Script, Step, Wait, What};
use crate::send::operation;
use crate::settings;
use crate::world::{DAY, HOUR, MAX_POINTS, MEMBERS, MINUTE, PRIZES, PRODUCTS, first_program};

/// What earlier groups made, by member.
#[derive(Default)]
struct Known {
    orders: Vec<(usize, Serial, usize)>,
    coupons: Vec<(usize, (Serial, u32))>,
    holds: Vec<(usize, Serial)>,
    adjustments: Vec<(usize, Serial)>,
    previews: Vec<(usize, Serial, Serial, What)>,
    keyed: Vec<Step>,
    events: Vec<(usize, Told)>,
}

struct Author {
    dice: Dice,
    known: Known,
    reference: Reference,
    members: usize,
    serial: Serial,
}

/// A script of so many steps.
pub fn script(seed: u64, steps: usize) -> Script {
    let mut dice = Dice::new(seed);
    let program = settings::first(&mut dice, &first_program());
    let mut first = vec![Step { serial: 1, slot: 0, key: 1, act: Act::Program(Box::new(program)) }];
    if dice.chance(70) {
        first.push(Step { serial: 2, slot: 0, key: 2, act: Act::Tiers(Box::new(tiers::tiers(&mut dice))) });
    }
    let mut author = Author { dice, known: Known::default(), reference: Reference::new(), members: MEMBERS, serial: 2 };
    first.iter().for_each(|step| drop(author.reference.apply(step)));
    let mut left = steps.saturating_sub(first.len());
    let mut script = Script { groups: vec![Group { wait: Wait::By(0), scarcity: 1, steps: first }] };
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
        let wait = self.wait();
        self.reference.now = moment(&self.reference, wait);
        let mut steps: Vec<Step> = Vec::new();
        for _ in 0..size {
            let step = self.step(steps.last());
            steps.push(step);
        }
        steps.iter().for_each(|step| self.carry_out(step));
        self.reference.end_group();
        Group { wait, scarcity: self.dice.one_of([1, 1, 8, 16, 32]), steps }
    }

    fn carry_out(&mut self, step: &Step) {
        self.reference.target(step);
        let is_done = matches!(self.reference.apply(step), Answer::Done | Answer::Figures(_) | Answer::Points(_));
        // What was refused may be asked for again, and is done then or not.
        if is_done || self.dice.chance(5) {
            self.learn(step);
        }
    }

    fn wait(&mut self) -> Wait {
        let dice = &mut self.dice;
        match dice.below(10) {
            0..4 => Wait::By(0),
            4 | 5 => Wait::By(dice.within(1, 50) * MINUTE),
            6 => Wait::By(dice.within(1, 30) * HOUR),
            7 if dice.chance(40) => Wait::By(dice.within(1, 20) * DAY),
            7 if dice.chance(20) => Wait::By(dice.within(20, 200) * DAY),
            _ => Wait::Until { nth: dice.one_of([0, 0, 0, 1, 2, 5]), micros: dice.one_of([-1, 0, 0, 1]) },
        }
    }

    fn step(&mut self, before: Option<&Step>) -> Step {
        self.serial += 1;
        let serial = self.serial;
        // The same once more under a key of its own, in the same group.
        if self.dice.chance(25)
            && let Some(step) =
                before.filter(|step| !step.act.makes_version() && !matches!(step.act, Act::Register { .. }))
        {
            return Step { serial, key: serial, ..step.clone() };
        }
        if self.dice.chance(6)
            && let Some(step) = self.dice.pick(&self.known.keyed)
        {
            return self.again(step);
        }
        let slot = self.somebody();
        let (slot, act) = self.act(slot);
        Step { serial, slot, key: serial, act }
    }

    fn member(&mut self) -> usize {
        self.dice.below(self.members as i64).unsigned_abs() as usize
    }

    /// A member who acts, the first two more than others. Nobody acts for one who was merged, but for old requests.
    fn somebody(&mut self) -> usize {
        let slot = if self.dice.chance(65) { self.dice.below(2).unsigned_abs() as usize } else { self.member() };
        if self.dice.chance(3) { slot } else { self.keeper(slot) }
    }

    /// Who has now what a member had.
    fn keeper(&self, slot: usize) -> usize {
        self.reference.line(slot).last().copied().unwrap_or(slot)
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
        // The keys of a member who was merged are the other's; and now and then two members have the same.
        let slot = if self.dice.chance(70) { self.keeper(step.slot) } else { step.slot };
        let slot = if self.dice.chance(8) { self.somebody() } else { slot };
        // Nobody gives points to themselves.
        let slot = if matches!(act, Act::Transfer { to, .. } if to == slot) { step.slot } else { slot };
        Step { serial: self.serial, slot, act, ..step }
    }

    fn act(&mut self, slot: usize) -> (usize, Act) {
        let has_rules = self.reference.rules.len() > 2;
        if self.dice.chance(if has_rules { 8 } else { 30 }) {
            return (slot, self.rule());
        }
        if self.dice.chance(7) {
            return self.event(slot);
        }
        if self.dice.chance(6) {
            let act = match self.dice.below(6) {
                0 => self.change_tiers(),
                1 | 2 => self.protect(),
                _ => Act::Judge,
            };
            return (slot, act);
        }
        if self.dice.chance(10) {
            return self.of_household(slot);
        }
        let debtors = self.who_can_go(|wallet| wallet.debt > 0);
        if self.dice.chance(if debtors.is_empty() { 2 } else { 25 }) {
            return self.merge(&debtors);
        }
        if self.dice.chance(5)
            && let Some(order) = self.order_whose(|reference, order| !is_covered(reference, order))
        {
            let Order { slot, lines, .. } = &self.reference.orders[&order];
            let (slot, lines) = (*slot, lines.len());
            return (slot, if self.dice.chance(50) { self.whole(order) } else { self.take_back(order, lines) });
        }
        // Of an order that was settled with money before, more comes back.
        if self.dice.chance(20)
            && let Some(order) = self.order_whose(|_, order| order.settled > 0)
        {
            let Order { slot, lines, .. } = &self.reference.orders[&order];
            let (slot, lines) = (*slot, lines.len());
            return (slot, self.take_back(order, lines));
        }
        // Most holds time out before anybody comes back to them.
        if self.dice.chance(25) && !self.open_holds().is_empty() {
            return self.of_hold(slot);
        }
        // Who has nothing to spend mostly earns.
        let at_home = self.reference.home_of(slot).map_or(0, |(home, _)| self.free(home));
        if at_home > self.free(slot) && self.dice.chance(25) {
            return (slot, if self.dice.chance(60) { self.place(slot) } else { self.redeem(slot) });
        }
        let is_poor = self.free(slot) == 0 && self.dice.chance(85);
        let act = match if is_poor { self.dice.below(36) } else { self.dice.within(4, 99) } {
            0..12 => self.place(slot),
            12..17 => return self.of_order(|_, order, _| Act::Deliver { order }, slot),
            17..20 => self.import(),
            20..26 => Act::Adjust { points: self.dice.within(1, 900), staff: self.dice.one_of([0, 0, 0, 1, 1, 2]) },
            26..36 => return self.of_order(Author::take_back, slot),
            36..41 => self.place(slot),
            41..47 => self.redeem(slot),
            47..62 => return self.of_order(Author::take_back, slot),
            62..71 => Act::Hold {
                points: self.points(slot),
                minutes: self.dice.one_of([None, None, None, Some(1), Some(30), Some(60), Some(1_500), Some(0)]),
                by_staff: self.dice.chance(50),
            },
            71..79 => return self.of_hold(slot),
            79..85 => {
                let to = self.somebody();
                let to = if to == slot { (slot + 1) % self.members } else { to };
                Act::Transfer { to: if self.dice.chance(3) { 99 } else { to }, points: self.points(slot) }
            }
            85..88 => self.adjust(slot),
            88..91 => match self.dice.pick(&self.known.adjustments) {
                Some((slot, adjustment)) => {
                    let (approve, staff) = (self.dice.chance(80), self.dice.one_of([0, 1, 1, 2]));
                    return (slot, Act::Decide { adjustment, approve, staff });
                }
                None => self.adjust(slot),
            },
            91..94 => {
                let act = Act::Reinstate { nth: self.dice.below(4) as u32, staff: self.dice.one_of([0, 0, 0, 2]) };
                return (self.any_wallet(slot), act);
            }
            94..97 => self.change_program(),
            97 | 98 => return (self.any_wallet(slot), Act::Settle),
            _ => {
                let slot = self.members;
                self.members += 1;
                return (slot, Act::Register { name: self.dice.below(8) as u32 });
            }
        };
        (slot, act)
    }

    fn free(&self, slot: usize) -> i64 {
        self.reference.wallets.get(&slot).map_or(0, Wallet::free)
    }

    /// A member's, a household's, or one that was taken over.
    fn any_wallet(&mut self, slot: usize) -> usize {
        let all: Vec<usize> = self.reference.wallets.keys().copied().collect();
        if self.dice.chance(50) { slot } else { self.dice.pick(&all).unwrap_or(slot) }
    }

    /// Whose points pay for what a member buys, and the wallet they are in.
    fn purse(&mut self, slot: usize) -> (Purse, usize) {
        match self.reference.home_of(slot) {
            Some((home, _)) if self.dice.chance(70) => (Purse::Household, home),
            None if self.dice.chance(3) => (Purse::Household, slot),
            _ => (Purse::Own, slot),
        }
    }

    /// Somebody makes a household, asks others, joins or leaves one; now and then who may not.
    fn of_household(&mut self, slot: usize) -> (usize, Act) {
        let homes = self.reference.homes.iter().filter(|(_, guests)| !guests.is_empty());
        let guests: Vec<(usize, Guest)> =
            homes.flat_map(|(home, guests)| guests.iter().map(|guest| (*home, *guest))).collect();
        let Some((home, guest)) = self.dice.pick(&guests) else { return (slot, Act::Household) };
        let household = (home - house(0)) as Serial;
        let role = self.dice.one_of([
            HouseholdRole::Owner,
            HouseholdRole::Spender,
            HouseholdRole::Earner,
            HouseholdRole::Earner,
        ]);
        let owner =
            guests.iter().find(|(of, guest)| *of == home && guest.has_joined && guest.role == HouseholdRole::Owner);
        let owner = owner.map_or(slot, |(_, owner)| owner.slot);
        let by = if self.dice.chance(90) { owner } else { slot };
        let asked: Vec<_> = guests.iter().filter(|(_, guest)| self.may_join(guest)).copied().collect();
        if self.dice.chance(50)
            && let Some((home, guest)) = self.dice.pick(&asked)
        {
            return (guest.slot, Act::Join { household: (home - house(0)) as Serial });
        }
        let act = match self.dice.below(12) {
            0 | 1 => return (slot, Act::Household),
            2 => return (slot, Act::Join { household }),
            3 => return (guest.slot, Act::Leave { household, who: guest.slot }),
            4 => Act::Leave { household, who: guest.slot },
            5 | 6 if guest.slot != owner => Act::Invite { household, guest: guest.slot, role },
            _ => Act::Invite { household, guest: self.somebody(), role },
        };
        (by, act)
    }

    /// Members who belong to no household and were not merged.
    fn who_can_go(&self, is_meant: impl Fn(&Wallet) -> bool) -> Vec<usize> {
        let wallets = self.reference.wallets.iter().filter(|(slot, wallet)| **slot < self.members && is_meant(wallet));
        let slots = wallets.map(|(slot, _)| *slot);
        slots
            .filter(|slot| !self.reference.gone.contains_key(slot) && self.reference.home_of(*slot).is_none())
            .collect()
    }

    fn may_join(&self, guest: &Guest) -> bool {
        !guest.has_joined && self.keeper(guest.slot) == guest.slot && self.reference.home_of(guest.slot).is_none()
    }

    /// Mostly somebody who can be merged, rather one who owes points.
    fn merge(&mut self, debtors: &[usize]) -> (usize, Act) {
        let with_holds = self.who_can_go(|wallet| wallet.held() > 0);
        let from = match () {
            () if !debtors.is_empty() => self.dice.pick(debtors),
            () if self.dice.chance(20) && !with_holds.is_empty() => self.dice.pick(&with_holds),
            () => self.dice.pick(&self.who_can_go(|_| true)),
        };
        let from = from.filter(|_| self.dice.chance(90)).unwrap_or_else(|| self.member());
        let into = self.somebody();
        let into = if into == from { (from + 1) % self.members } else { into };
        (from, Act::Merge { into, staff: self.dice.one_of([0, 0, 0, 0, 0, 0, 1, 2]) })
    }

    /// Mostly what the member can spend, in part or all.
    fn points(&mut self, slot: usize) -> i64 {
        let free = self.free(slot);
        match self.dice.below(12) {
            0 => self.dice.within(1, 9),
            1 => self.dice.within(1, 3_000),
            2 | 3 => free.max(1),
            4 => free + 1,
            _ => self.dice.within(1, free.max(20)),
        }
    }

    fn place(&mut self, slot: usize) -> Act {
        let count = self.dice.one_of([1, 1, 2, 2, 3, 4]);
        let line = |dice: &mut Dice| {
            let quantity = if dice.chance(2) { 500 } else { dice.one_of([1, 2, 3, 3, 7, 7]) };
            (dice.below(PRODUCTS.len() as i64).unsigned_abs() as usize, quantity)
        };
        let lines = (0..count).map(|_| line(&mut self.dice)).collect();
        let mine: Vec<_> =
            self.known.coupons.iter().filter(|(of, _)| self.keeper(*of) == slot).map(|(_, coupon)| *coupon).collect();
        let coupon = if self.dice.chance(40) { self.dice.pick(&mine) } else { None };
        let (purse, pays) = self.purse(slot);
        let often = if self.free(pays) > 0 { 60 } else { 10 };
        let points = if self.dice.chance(often) { self.points(pays).min(self.dice.within(20, 4_000)) } else { 0 };
        // Mostly what the program asks for, so that it is not always refused.
        let (step, minimum) = (self.reference.program().redemption_step, self.reference.program().redemption_minimum);
        let points = if self.dice.chance(90) { points - points % step } else { points };
        let points = if points > 0 && self.dice.chance(90) { points.max(minimum) } else { points };
        let way = rules::way(&mut self.dice);
        Act::Place { lines, coupon, points, purse, way }
    }

    fn redeem(&mut self, slot: usize) -> Act {
        let prize = self.dice.below(PRIZES.len() as i64).unsigned_abs() as usize;
        let (purse, _) = self.purse(slot);
        Act::Redeem { prize, quantity: self.dice.one_of([1, 1, 1, 1, 2, 3, 7, 0]), purse }
    }

    /// One of the orders of which not everything has come back.
    fn order_whose(&mut self, is_meant: impl Fn(&Reference, &Order) -> bool) -> Option<Serial> {
        let is_open = |order: &Order| matches!(order.status, Status::Paid | Status::Delivered);
        let orders = self.reference.orders.iter();
        let meant = orders.filter(|(_, order)| is_open(order) && is_meant(&self.reference, order));
        let meant: Vec<Serial> = meant.map(|(serial, _)| *serial).collect();
        self.dice.pick(&meant)
    }

    fn whole(&mut self, order: Serial) -> Act {
        Act::Return { order, what: What::Everything, preview: None, restock: self.dice.chance(70) }
    }

    fn of_order(&mut self, act: impl Fn(&mut Author, Serial, usize) -> Act, slot: usize) -> (usize, Act) {
        if self.dice.chance(35)
            && let Some(order) = self.order_whose(|_, order| order.spending.is_some())
        {
            let Order { slot, lines, .. } = &self.reference.orders[&order];
            let (slot, lines) = (*slot, lines.len());
            return (slot, act(self, order, lines));
        }
        let recent = self.known.orders.len().saturating_sub(8);
        let from = if self.dice.chance(80) { recent } else { 0 };
        match self.dice.pick(&self.known.orders[from..]) {
            Some((owner, order, lines)) => {
                // Somebody else's order is not found.
                let owner = if self.dice.chance(2) { owner } else { self.keeper(owner) };
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

    fn open_holds(&self) -> Vec<(usize, Serial)> {
        let is_open = |(slot, hold): &&(usize, Serial)| {
            let hold = self.reference.wallets.get(slot).and_then(|wallet| wallet.holds.get(hold));
            hold.is_some_and(|hold| hold.open() > 0 && hold.ends > self.reference.now)
        };
        self.known.holds.iter().filter(is_open).copied().collect()
    }

    fn of_hold(&mut self, slot: usize) -> (usize, Act) {
        let recent = self.known.holds.len().saturating_sub(4);
        let open = self.open_holds();
        let from = if open.is_empty() { &self.known.holds[recent..] } else { &open };
        let Some((slot, hold)) = self.dice.pick(from) else { return (slot, self.place(slot)) };
        let open = self.reference.wallets.get(&slot).and_then(|wallet| wallet.holds.get(&hold)).map_or(1, Hold::open);
        let points = if self.dice.chance(70) { Some(self.dice.within(1, open + 1)) } else { None };
        let act = if self.dice.chance(50) {
            Act::Capture { hold, points, finally: self.dice.chance(40) }
        } else {
            Act::Release { hold, points, by_staff: self.dice.chance(60) }
        };
        (slot, act)
    }

    fn adjust(&mut self, slot: usize) -> Act {
        let points = if self.dice.chance(1) { MAX_POINTS } else { self.points(slot) };
        let points = if self.dice.chance(40) { -points } else { points };
        Act::Adjust { points, staff: self.dice.one_of([0, 0, 0, 1, 1, 2]) }
    }

    fn import(&mut self) -> Act {
        let (number, amount) = (self.dice.below(6) as u32, self.dice.within(0, 40_000));
        Act::Import { number, amount, days_ago: self.dice.one_of([0, 1, 30, 400]) }
    }

    fn change_program(&mut self) -> Act {
        Act::Program(Box::new(settings::next(&mut self.dice, self.reference.program())))
    }

    fn learn(&mut self, step: &Step) {
        let Step { serial, slot, act, .. } = step;
        let (known, serial, slot) = (&mut self.known, *serial, *slot);
        match act {
            Act::Place { lines, .. } => known.orders.push((slot, serial, lines.len())),
            Act::Redeem { prize, quantity, .. } if PRIZES[*prize].value.is_some() => {
                known.coupons.extend((0..*quantity).map(|nth| (slot, (serial, nth as u32))));
            }
            Act::Hold { .. } => known.holds.push((slot, serial)),
            Act::Adjust { .. } => known.adjustments.push((slot, serial)),
            Act::Event(told) => known.events.push((slot, told.clone())),
            Act::Preview { order, what } => known.previews.push((slot, serial, *order, what.clone())),
            _ => {}
        }
        let has_no_key = operation(act).is_none();
        // Which expiration is the first depends on when it is asked for, so that request is not sent again.
        if !has_no_key && !matches!(act, Act::Reinstate { .. }) {
            known.keyed.push(step.clone());
        }
    }
}

/// Whether what an order has earned is there to be taken back.
fn is_covered(reference: &Reference, order: &Order) -> bool {
    let Some((slot, _)) = order.lot else { return true };
    let line = reference.line(slot);
    let wallet = &reference.wallets[&line[line.len() - 1]];
    wallet.free() + wallet.pending() >= order.earned - order.clawed
}
