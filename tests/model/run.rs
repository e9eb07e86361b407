//! Carrying a script out on both sides, and comparing them all the way.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::command::ROUNDS;
use jifen::commit::rows::Keys;
use jifen::domain::points::entity::program;

use crate::compare::Compared;
use crate::names::{Serial, Tag, id, member_id};
use crate::reference::Reference;
use crate::script::{Act, Answer, Group, Script, Step, Wait};
use crate::send::{Seen, SeenOrder, Sent, command};
use crate::store::Store;
use crate::world::{DAY, first_program};

pub struct Run {
    pub store: Store,
    pub reference: Reference,
    tokens: HashMap<Serial, String>,
    compared: Compared,
}

/// What is not as it should be, if anything.
pub fn run(script: &Script) -> Result<(), String> {
    let carried = catch_unwind(AssertUnwindSafe(|| {
        let mut run = Run::beginning_with(first_program(), None);
        script.groups.iter().try_for_each(|group| run.group(group))?;
        run.compare_all()
    }));
    carried.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(format!("a panic: {}", said.unwrap_or_default()))
    })
}

/// The moment of a group.
pub fn moment(reference: &Reference, wait: Wait) -> i64 {
    match wait {
        Wait::By(micros) => reference.now + micros,
        Wait::Until { nth, micros } => {
            let moments = reference.moments();
            let moment = moments.get(nth as usize % moments.len().max(1)).copied().unwrap_or(reference.now + DAY);
            // What is years away would leave nothing to happen in between.
            let moment = if moment - reference.now > 400 * DAY { reference.now + DAY } else { moment };
            (moment + micros).max(reference.now)
        }
    }
}

impl Run {
    /// The program begins with tiers that give nothing, if there is a number for them.
    pub fn beginning_with(program: program::Model, tiers: Option<i64>) -> Run {
        Run {
            store: Store::beginning_with(program.clone(), tiers),
            reference: Reference::beginning_with(program, tiers),
            tokens: HashMap::new(),
            compared: Compared::default(),
        }
    }

    fn group(&mut self, group: &Group) -> Result<(), String> {
        self.reference.now = moment(&self.reference, group.wait);
        let mut together: Vec<&Step> = Vec::new();
        for step in &group.steps {
            if step.act.makes_version() {
                self.decide(&std::mem::take(&mut together), group.scarcity)?;
                self.change_program(step)?;
            } else {
                together.push(step);
            }
        }
        self.decide(&together, group.scarcity).map(drop)
    }

    /// Makes a version of the program, or of a rule and with it of the program.
    pub fn change_program(&mut self, step: &Step) -> Result<(), String> {
        let is_done = self.reference.apply(step) == Answer::Done;
        if is_done {
            self.store.change_program(self.reference.program().clone(), &step.act, self.reference.now);
        }
        self.compared.earning(&self.store, &self.reference)
    }

    /// Decides commands as one group, and those that ask for more rows as the next. Returns the answers as they come.
    pub fn decide(&mut self, steps: &[&Step], scarcity: u64) -> Result<Vec<(Serial, Answer)>, String> {
        let mut waiting: Vec<(&Step, Sent)> =
            steps.iter().filter_map(|step| Some((*step, command(step, self.seen(step))?))).collect();
        let mut answers = Vec::new();
        let mut more = Keys::default();
        for round in 0.. {
            if waiting.is_empty() {
                break;
            }
            if round > ROUNDS {
                return Err(format!("{:?} asks for more rows again and again", waiting[0].0));
            }
            let mut keys = more.clone();
            waiting.iter().for_each(|(_, sent)| sent.carried().keys(&mut keys));
            let mut rows = self.store.load(keys, self.reference.now, scarcity);
            let mut again = Vec::new();
            for (step, sent) in waiting {
                match sent.carried().decide(&mut rows, Instant(self.reference.now)) {
                    Ok((answer, token)) => {
                        self.tokens.extend(token.map(|token| (step.serial, token)));
                        let expected = self.reference.apply(step);
                        if answer != expected {
                            return Err(format!("step {}: answered {answer:?}, expected {expected:?}", step.serial));
                        }
                        answers.push((step.serial, answer));
                    }
                    Err(asked) => {
                        more.merge(*asked);
                        again.push((step, sent));
                    }
                }
            }
            if rows.writes.any {
                self.store.write(rows)?;
            }
            self.reference.end_group();
            waiting = again;
        }
        let mut touched = self.reference.touched();
        touched.extend(steps.iter().map(|step| step.slot));
        let touched: Vec<usize> = touched.into_iter().collect();
        self.compared.all(&self.store, &self.reference, &touched)?;
        Ok(answers)
    }

    /// Also what no step should have touched.
    fn compare_all(&mut self) -> Result<(), String> {
        let slots: Vec<usize> = self.reference.wallets.keys().copied().collect();
        self.compared.all(&self.store, &self.reference, &slots)
    }

    /// What the client of a step has read.
    pub fn seen(&mut self, step: &Step) -> Seen {
        let member = member_id(step.slot);
        let order = match step.act {
            Act::Deliver { order } | Act::Return { order, .. } | Act::Preview { order, .. } => {
                self.seen_order(member, order)
            }
            _ => None,
        };
        let token = match step.act {
            Act::Return { preview: Some(preview), .. } => self.tokens.get(&preview).cloned(),
            _ => None,
        };
        let expiration = self.reference.target(step).map(|(txn, at)| (self.store.books[&member].txns[txn - 1].id, at));
        let outlook = self.store.outlook(step, self.reference.now);
        Seen { order, token, expiration, outlook, now: self.reference.now }
    }

    fn seen_order(&self, member: Id, order: Serial) -> Option<SeenOrder> {
        // An order that a merger of the same group brings is read by whoever is told of it a moment later.
        let order_id = id(Tag::Thing, order);
        let anybodys = || self.store.orders.iter().find(|((_, known), _)| *known == order_id).map(|(_, rows)| rows);
        let known = self.store.orders.get(&(member, order_id)).or_else(anybodys)?;
        let program = self.store.programs.iter().find(|program| program.version == known.order.program_version)?;
        let products = known.lines.iter().map(|line| (line.position, line.product_id)).collect();
        let coupon = self.store.coupons.values().find(|coupon| known.order.coupon_id == Some(coupon.id));
        let elsewhere = [known.order.earned_in, known.order.spent_from];
        Some(SeenOrder {
            program: program.clone(),
            products,
            coupon_code: coupon.map(|coupon| coupon.code.clone()),
            wallets: elsewhere.into_iter().flatten().flat_map(|wallet| self.store.line(wallet)).collect(),
            placed_at: known.order.placed_at,
            shares: known.shares.iter().cloned().map(Arc::new).collect(),
            rules: self.store.rules_of(known.order.program_version),
        })
    }
}
