//! The reference: what should come of a script, reckoned slowly and plainly from the ledger's rules, by nothing that the
//! program itself reckons with. It takes from the program only the words: settings, kinds, accounts.

pub mod calendar;
pub mod condition;
pub mod earning;
pub mod event;
pub mod household;
pub mod merge;
pub mod order;
mod points;
mod price;
mod staff;
mod take_back;
pub mod tier;
mod verbs;
pub mod wallet;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jifen::domain::points::entity::program;

use crate::names::Serial;
use crate::reference::calendar::{day_of, end_of_reinstatement, start_of};
use crate::reference::earning::Earned;
use crate::reference::event::Event;
use crate::reference::household::Guest;
use crate::reference::order::Order;
use crate::reference::tier::{Counted, Standing};
use crate::reference::wallet::{Full, Wallet, When};
use crate::rules::Rule;
use crate::script::{Act, Answer, Figures, Step};
use crate::tiers::Revision;
use crate::world::{MEMBERS, PILES, PRIZES, START, first_program, pieces_of};

/// Why a step is not carried out.
pub enum Stop {
    Rejected(String),
    Stale(Figures),
    /// There is no such member, or not any more.
    Nobody,
}

impl From<&str> for Stop {
    fn from(why: &str) -> Stop {
        Stop::Rejected(why.to_owned())
    }
}

impl From<String> for Stop {
    fn from(why: String) -> Stop {
        Stop::Rejected(why)
    }
}

type Outcome<T = Answer> = Result<T, Stop>;

#[derive(Clone, Copy, Debug)]
pub struct Coupon {
    pub slot: usize,
    pub prize: usize,
    pub ends: Option<i64>,
    pub used_by: Option<Serial>,
}

/// What was redeemed, and the wallet that paid.
#[derive(Clone, Copy, Debug)]
pub struct Redemption {
    pub slot: usize,
    pub paid_from: usize,
    pub points: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ruling {
    Waits,
    Booked,
    Rejected,
}

#[derive(Clone, Copy, Debug)]
pub struct Adjustment {
    pub slot: usize,
    pub points: i64,
    pub asked_by: usize,
    pub ruling: Ruling,
}

/// What a preview promised.
#[derive(Clone, Debug, PartialEq)]
struct Promise {
    order: Serial,
    /// Of each wallet it would touch.
    transactions: Vec<usize>,
    changes: u32,
    figures: Figures,
    pieces: Vec<(i64, i64)>,
}

pub struct Reference {
    pub now: i64,
    pub programs: Vec<Arc<program::Model>>,
    /// Those of members, and behind them those of households.
    pub wallets: BTreeMap<usize, Wallet>,
    /// Everybody who belongs to a household, or was asked to.
    pub homes: BTreeMap<usize, Vec<Guest>>,
    /// Wallets that were taken over, and by which.
    pub gone: BTreeMap<usize, usize>,
    pub orders: BTreeMap<Serial, Order>,
    /// The revisions of each earning rule, and what its budget may give.
    pub rules: BTreeMap<Serial, Vec<Arc<Rule>>>,
    pub granted: BTreeMap<Serial, i64>,
    pub events: BTreeMap<Serial, Event>,
    /// The revisions of the tiers, what is written of each member's, and all that ever counted.
    pub tiers: Vec<Revision>,
    pub standings: BTreeMap<usize, Standing>,
    pub counted: Vec<Counted>,
    pub coupons: BTreeMap<(Serial, u32), Coupon>,
    pub redemptions: BTreeMap<Serial, Redemption>,
    pub adjustments: BTreeMap<Serial, Adjustment>,
    /// Pieces left in each pile.
    pub stock: Vec<i64>,
    /// The expirations that steps of the present group mean.
    targets: BTreeMap<Serial, usize>,
    names: Vec<u32>,
    /// Whose each imported purchase was, and its number.
    purchases: Vec<(usize, u32)>,
    replies: BTreeMap<(usize, String, Serial), (Act, Serial)>,
    previews: BTreeMap<Serial, Promise>,
    /// Who gave how many points away, and when.
    gifts: Vec<(usize, i64, i64)>,
    /// Rules that gave something in the present group.
    given_now: BTreeSet<Serial>,
    /// Wallets that were kept since somebody asked.
    touched: BTreeSet<usize>,
    /// How often something happened that no single answer tells.
    pub diary: BTreeMap<&'static str, u64>,
}

impl Reference {
    pub fn new() -> Reference {
        Reference::beginning_with(first_program(), None)
    }

    /// The program begins with tiers that give nothing, if there is a number for them.
    pub fn beginning_with(program: program::Model, tiers: Option<i64>) -> Reference {
        let tiers = tiers.map(|number| Revision::of_none(number, program.version));
        Reference {
            now: START,
            programs: vec![Arc::new(program)],
            wallets: (0..MEMBERS).map(|slot| (slot, Wallet::default())).collect(),
            homes: BTreeMap::new(),
            gone: BTreeMap::new(),
            orders: BTreeMap::new(),
            rules: BTreeMap::new(),
            granted: BTreeMap::new(),
            events: BTreeMap::new(),
            tiers: tiers.into_iter().collect(),
            standings: BTreeMap::new(),
            counted: Vec::new(),
            coupons: BTreeMap::new(),
            redemptions: BTreeMap::new(),
            adjustments: BTreeMap::new(),
            stock: (0..PILES).map(|pile| pieces_of(pile).unwrap_or(0)).collect(),
            targets: BTreeMap::new(),
            names: Vec::new(),
            purchases: Vec::new(),
            replies: BTreeMap::new(),
            previews: BTreeMap::new(),
            gifts: Vec::new(),
            given_now: BTreeSet::new(),
            touched: BTreeSet::new(),
            diary: BTreeMap::new(),
        }
    }

    pub fn program(&self) -> &Arc<program::Model> {
        self.programs.last().expect("a program")
    }

    /// What a step does and answers.
    pub fn apply(&mut self, step: &Step) -> Answer {
        if let Some(answer) = self.before(step) {
            return answer;
        }
        match self.decide(step) {
            Ok(answer) => {
                if let Some(key) = key_of(step) {
                    self.replies.insert(key, (step.act.clone(), made(step)));
                }
                answer
            }
            Err(Stop::Rejected(why)) => Answer::Rejected(why),
            Err(Stop::Stale(figures)) => Answer::Stale(figures),
            Err(Stop::Nobody) => Answer::Failed(String::new()),
        }
    }

    /// What was answered to its key.
    fn before(&self, step: &Step) -> Option<Answer> {
        let (act, serial) = self.replies.get(&key_of(step)?)?;
        if *act == step.act {
            return Some(Answer::Before(*serial));
        }
        Some(Answer::Rejected("IdempotencyKeyConflict".to_owned()))
    }

    fn decide(&mut self, step: &Step) -> Outcome {
        match &step.act {
            Act::Register { name } => self.register(step.slot, *name),
            Act::Place { lines, coupon, points, purse, way } => {
                self.place(step, lines, *coupon, (*points, *purse), *way)
            }
            Act::Redeem { prize, quantity, purse } => self.redeem(step, *prize, *quantity, *purse),
            Act::Deliver { order } => self.deliver(step, *order),
            Act::Return { order, what, preview, restock } => {
                self.take_back(step, *order, what, Some((*preview, *restock)))
            }
            Act::Preview { order, what } => self.take_back(step, *order, what, None),
            Act::Hold { points, minutes, by_staff } => self.hold(step, *points, *minutes, *by_staff),
            Act::Capture { hold, points, finally } => self.capture(step, *hold, *points, *finally),
            Act::Release { hold, points, by_staff } => self.release(step, *hold, *points, *by_staff),
            Act::Transfer { to, points } => self.transfer(step, *to, *points),
            Act::Adjust { points, staff } => self.adjust(step, *points, *staff),
            Act::Decide { adjustment, approve, staff } => self.rule_on(step, *adjustment, *approve, *staff),
            Act::Reinstate { staff, .. } => self.reinstate(step, *staff),
            Act::Import { number, amount, days_ago } => self.import(step, *number, *amount, *days_ago),
            Act::Settle => self.settle(step),
            Act::Household => self.make_household(step),
            Act::Invite { household, guest, role } => self.invite(step, *household, *guest, *role),
            Act::Join { household } => self.join(step, *household),
            Act::Leave { household, who } => self.leave(step, *household, *who),
            Act::Merge { into, staff } => self.merge(step, *into, *staff),
            Act::Program(settings) => {
                self.next_version(Arc::from(settings.clone()));
                Ok(Answer::Done)
            }
            Act::Rule { rule, is } => self.change_rule(*rule, is),
            Act::Event(told) => self.record(step, told),
            Act::Tiers(is) => self.change_tiers(is),
            Act::Protect { until } => self.protect(step, *until),
            Act::Judge => self.judge(step),
        }
    }

    fn next_version(&mut self, settings: Arc<program::Model>) {
        let version = self.program().version + 1;
        self.programs.push(Arc::new(program::Model { version, ..(*settings).clone() }));
    }

    /// How many orders a member has that have not come back as a whole, with purchases from elsewhere and those of members
    /// who were merged into them.
    pub fn purchases_of(&self, slot: usize) -> i64 {
        let orders = self.orders.values().filter(|order| !order.is_over()).map(|order| order.slot);
        let all = orders.chain(self.purchases.iter().map(|(of, _)| *of));
        all.filter(|of| self.line(*of).last() == Some(&slot)).count() as i64
    }

    /// Notes what happened when rules gave something.
    fn write_down(&mut self, earned: &Earned) {
        earned.notes.iter().for_each(|what| self.count(what));
        let of_rules = || earned.shares.iter().filter(|share| !share.of_tier);
        let bounded: Vec<Serial> =
            of_rules().filter(|share| share.points < share.due).map(|share| share.rule).collect();
        for rule in bounded {
            if self.given_now.contains(&rule) {
                self.count("a rule ends in a group in which it gave before");
            }
        }
        self.given_now.extend(of_rules().map(|share| share.rule));
    }

    fn register(&mut self, slot: usize, name: u32) -> Outcome {
        if self.wallets.contains_key(&slot) {
            return Ok(Answer::Done);
        }
        if self.names.contains(&name) {
            return Err("Taken([Username])".into());
        }
        self.names.push(name);
        self.keep(slot, Wallet::default());
        Ok(Answer::Done)
    }

    fn when(&self, serial: Serial) -> When {
        When { at: self.now, recorded: self.now, version: self.program().version, serial }
    }

    /// The wallet of a step's member, settled: the caller keeps it if all goes well. Nobody acts for a member who was
    /// merged.
    fn open(&self, slot: usize) -> Outcome<Wallet> {
        if self.gone.contains_key(&slot) { Err(Stop::Nobody) } else { self.settled(slot) }
    }

    fn keep(&mut self, slot: usize, wallet: Wallet) {
        self.wallets.insert(slot, wallet);
        self.touched.insert(slot);
    }

    /// The wallets that were kept since this was asked before.
    pub fn touched(&mut self) -> BTreeSet<usize> {
        std::mem::take(&mut self.touched)
    }

    fn count(&mut self, what: &'static str) {
        *self.diary.entry(what).or_default() += 1;
    }

    fn settled(&self, slot: usize) -> Outcome<Wallet> {
        let mut wallet = self.wallets.get(&slot).ok_or(Stop::Nobody)?.clone();
        let settled = wallet.settle(self.now, self.now, self.program().version);
        settled.expect("what is due always fits");
        Ok(wallet)
    }

    /// Moments at which something will happen, the next first.
    pub fn moments(&self) -> Vec<i64> {
        let due = self.wallets.values().filter_map(|wallet| Some(wallet.next_due()?.moment));
        let coupons = self.coupons.values().filter(|coupon| coupon.used_by.is_none()).filter_map(|coupon| coupon.ends);
        let zone = &self.program().time_zone;
        let midnight = start_of(zone, day_of(zone, self.now) + 1);
        let last = |wallet: &Wallet| wallet.expirations.keys().last().map(|txn| wallet.log[txn - 1].effective_at);
        let windows =
            self.wallets.values().filter_map(last).map(|expired| end_of_reinstatement(self.program(), expired));
        let all = due.chain(coupons).chain(windows).chain(self.next_judgement()).chain([midnight]);
        let mut all: Vec<i64> = all.filter(|moment| *moment > self.now).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The expiration that a step means: its number in the wallet, and when it took effect. Found before the group is
    /// decided, as whoever asks has found it.
    pub fn target(&mut self, step: &Step) -> Option<(usize, i64)> {
        let Act::Reinstate { nth, .. } = step.act else { return None };
        let wallet = self.wallets.get(&step.slot)?;
        let known: Vec<usize> = wallet.expirations.keys().rev().copied().collect();
        let txn = *known.get(nth as usize % known.len().max(1))?;
        self.targets.insert(step.serial, txn);
        Some((txn, wallet.log[txn - 1].effective_at))
    }
}

fn key_of(step: &Step) -> Option<(usize, String, Serial)> {
    let operation = crate::send::operation(&step.act)?;
    Some((step.slot, operation.to_owned(), step.key))
}

/// What a step made, or changed: it is what its key is answered with again.
fn made(step: &Step) -> Serial {
    match step.act {
        Act::Deliver { order } => order,
        Act::Capture { hold, .. } | Act::Release { hold, .. } => hold,
        Act::Decide { adjustment, .. } => adjustment,
        _ => step.serial,
    }
}

fn not_enough(required: i64, active: i64) -> Stop {
    Stop::Rejected(format!("NotEnoughPoints {{ required: {required}, active: {active} }}"))
}

fn full(why: &str) -> impl Fn(Full) -> Stop + '_ {
    move |Full| why.into()
}

/// A reward's pile.
fn pile_of(prize: usize) -> Option<usize> {
    PRIZES[prize].pile.map(|_| crate::world::PRODUCTS.len() + prize)
}
