//! The same scripts on each database, through the real committers, beside a run in memory, which also says in which order
//! a group is decided: commands that ask for more rows come after the others. What is read back at the end is compared with
//! the reference as in memory.

#[path = "../it/ledger/base.rs"]
mod base;
#[cfg(feature = "planted-bugs")]
mod planted;
mod read;
mod rules;

use std::collections::HashMap;
use std::time::Instant as Stopwatch;

use futures_util::future::join_all;
use jifen::base::clock::{Clock, Instant};
use jifen::base::error::Code;
use jifen::base::id::Random;
use jifen::commit::Committers;
use jifen::commit::command::Command;
use jifen::db::Db;
use jifen::db::group::Bounds;
use jifen::db::rows;
use jifen::domain::catalog::entity::stock;
use jifen::domain::earning::entity::earning_rule;
use jifen::domain::points::entity::program;
use jifen::domain::points::query::programs::Programs;
use jifen::domain::points::rule::purse::Purse;

use crate::answers::{Refuses, Says};
use crate::compare::Compared;
use crate::names::{Serial, set_salt};
use crate::rules::{Rule, Way};
use crate::run::{Run, moment};
use crate::script::{Act, Answer, Group, Script, Step, Wait};
use crate::send::{Sent, command, registration};
use crate::world::{MEMBERS, PILES, START, pieces_of, pile_id};
use crate::{chance, setting, steps};

/// What a plain run of the tests takes.
const SEQUENCES: u64 = 5;

#[tokio::test]
async fn each_database_does_as_the_reference_reckons() {
    let first = setting("JIFEN_MODEL_SEED").unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()) >> 8);
    let sequences = setting("JIFEN_MODEL_DATABASE_SEQUENCES").unwrap_or(SEQUENCES);
    for base in base::each().await {
        let began = Stopwatch::now();
        let mut shop = Shop::open(&base).await;
        for seed in first..first + sequences {
            let script = chance::script(seed, steps());
            if let Err(what) = shop.run(&script).await {
                panic!("{}: JIFEN_MODEL_SEED={seed} JIFEN_MODEL_STEPS={}\n{what}\n{script}", shop.name, steps());
            }
        }
        println!("{}: {sequences} sequences in {:.1?}", shop.name, began.elapsed());
        shop.committers.finish().await;
    }
}

/// Somebody registers and orders in one group, of which no wallet was there before: it knows the newest rules all the same,
/// which another process has published.
#[tokio::test]
async fn who_registers_earns_by_the_rules_of_that_moment() {
    let place = Act::Place { lines: vec![(0, 1)], coupon: None, points: 0, purse: Purse::Own, way: Way::default() };
    let step = |serial, slot, act| Step { serial, slot, key: serial, act };
    let group = |steps| Group { wait: Wait::By(0), scarcity: 1, steps };
    let publish = group(vec![step(1, 0, Act::Rule { rule: 1, is: Box::new(Rule::sixty()) })]);
    let register = group(vec![step(2, MEMBERS, Act::Register { name: 5 }), step(3, MEMBERS, place)]);
    for base in base::each().await {
        let mut shop = Shop::open(&base).await;
        let script = Script { groups: vec![publish.clone(), register.clone()] };
        assert_eq!(shop.run(&script).await, Ok(()), "{}", shop.name);
        shop.committers.finish().await;
    }
}

struct Shop {
    name: &'static str,
    db: Db,
    clock: Clock,
    committers: Committers,
    scripts: u32,
    program: program::Model,
    /// The rules of the script before.
    rules: Vec<earning_rule::Model>,
    /// The number of the newest revision of the tiers.
    tiers: i64,
}

impl Shop {
    async fn open(base: &base::Base) -> Shop {
        let programs = Programs::open(&base.db).await.expect("there is a program");
        let clock = Clock::manual(Instant(START));
        let program = (*programs.latest()).clone();
        // One committer, so that the commands of a group are decided in the order in which they are sent.
        let committers = Committers::start(&base.db, &programs, &clock, 1, Bounds::default());
        Shop {
            name: base.name,
            db: base.db.clone(),
            clock,
            committers,
            scripts: 0,
            program,
            rules: Vec::new(),
            tiers: 0,
        }
    }

    /// Carries a script out with members and piles of its own.
    async fn run(&mut self, script: &Script) -> Result<(), String> {
        self.fresh().await;
        let mut run = Run::beginning_with(self.program.clone(), Some(self.tiers));
        self.go_to(START);
        let first = (0..MEMBERS).map(|slot| (slot, 50_000 + slot as Serial));
        for (slot, serial) in first {
            let command = registration(serial, slot, serial);
            self.submit(command).await?;
        }
        let mut tokens = HashMap::new();
        for group in &script.groups {
            run.reference.now = moment(&run.reference, group.wait);
            self.go_to(run.reference.now);
            let mut together: Vec<&Step> = Vec::new();
            for step in &group.steps {
                if step.act.makes_version() {
                    self.decide(&std::mem::take(&mut together), &mut run, &mut tokens).await?;
                    self.change_program(step, &mut run).await?;
                } else {
                    together.push(step);
                }
            }
            self.decide(&together, &mut run, &mut tokens).await?;
        }
        let slots: Vec<usize> = run.reference.wallets.keys().copied().collect();
        let store = read::store(&self.db, &slots, &run.reference).await;
        Compared::default().all(&store, &run.reference, &slots)
    }

    /// Names and piles that no script has used before.
    async fn fresh(&mut self) {
        self.scripts += 1;
        set_salt(self.scripts);
        rows::insert::<stock::Entity>(&self.db.write, piles().collect()).await.expect("piles");
        self.fresh_rules().await;
    }

    fn go_to(&self, now: i64) {
        self.clock.advance(now - self.clock.now().micros());
    }

    /// Sends commands at once, so that they meet in a group.
    async fn decide(&self, steps: &[&Step], run: &mut Run, tokens: &mut HashMap<Serial, String>) -> Result<(), String> {
        let mut sent = Vec::new();
        for step in steps {
            let target = run.reference.target(step);
            let mut seen = read::seen(&self.db, step, target, run, tokens).await;
            seen.outlook = run.store.outlook(step, run.reference.now);
            sent.extend(command(step, seen).map(|sent| (*step, sent)));
        }
        let expected: HashMap<Serial, Answer> = run.decide(steps, 1)?.into_iter().collect();
        let answers = join_all(sent.into_iter().map(|(step, sent)| async move { (step, self.send(sent).await) })).await;
        for (step, answer) in answers {
            let (answer, token) = answer?;
            tokens.extend(token.map(|token| (step.serial, token)));
            let expected = &expected[&step.serial];
            if answer != *expected {
                return Err(format!("step {}: answered {answer:?}, expected {expected:?}", step.serial));
            }
        }
        Ok(())
    }

    async fn send(&self, sent: Sent) -> Result<(Answer, Option<String>), String> {
        match sent {
            Sent::Register(command) => self.submit(command).await,
            Sent::Place(command) => self.submit(command).await,
            Sent::Redeem(command) => self.submit(command).await,
            Sent::Deliver(command) => self.submit(command).await,
            Sent::Return(command) => self.submit(command).await,
            Sent::Hold(command) => self.submit(command).await,
            Sent::UseHold(command) => self.submit(command).await,
            Sent::Transfer(command) => self.submit(command).await,
            Sent::Adjust(command) => self.submit(command).await,
            Sent::Decide(command) => self.submit(command).await,
            Sent::Reinstate(command) => self.submit(command).await,
            Sent::Import(command) => self.submit(command).await,
            Sent::Settle(command) => self.submit(command).await,
            Sent::CreateHousehold(command) => self.submit(command).await,
            Sent::ChangeHousehold(command) => self.submit(command).await,
            Sent::Merge(command) => self.submit(command).await,
            Sent::Event(command) => self.submit(command).await,
            Sent::Protect(command) => self.submit(command).await,
            Sent::Judge(command) => self.submit(command).await,
        }
    }

    async fn submit<C: Command>(&self, command: C) -> Result<(Answer, Option<String>), String>
    where
        C::Done: Says,
        C::Rejection: Refuses,
    {
        match self.committers.submit(command).await {
            Ok(Ok(done)) => Ok(done.says()),
            Ok(Err(rejection)) => Ok((rejection.refuses(), None)),
            // Nobody is there, or not any more.
            Err(error) if matches!(error.code, Code::Unauthenticated | Code::Unavailable) => {
                Ok((Answer::Failed(String::new()), None))
            }
            Err(error) => Err(format!("the database refused: {}", error.chain())),
        }
    }
}

fn piles() -> impl Iterator<Item = stock::Model> {
    let pile = |pile| {
        let pieces = pieces_of(pile)?;
        Some(stock::Model { id: pile_id(pile), granted: pieces, remaining: pieces, used: 0 })
    };
    (0..PILES).filter_map(pile)
}
