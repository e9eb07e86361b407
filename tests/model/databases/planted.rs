//! The checker checked beneath the rules: each bug that is planted in the write path is found on a database, by a script
//! or by two processes at once.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use jifen::base::planted::{Bug, plant};
use jifen::domain::earning::entity::{budget, earned_share};
use jifen::domain::points::rule::purse::Purse;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Shop, base};
use crate::names::Serial;
use crate::rules::{Rule, Way, rule_id};
use crate::run::Run;
use crate::script::{Act, Step};
use crate::send::{Seen, command, registration};
use crate::{chance, steps};

/// Most are found by the first. A member who is merged in the group in which they made something is rare.
const SEQUENCES: u64 = 300;
/// Bugs that only two at once come upon.
const RACING: [Bug; 3] = [Bug::LockDropped, Bug::KeysReadUnlocked, Bug::BudgetUnlocked];
/// Two that want the same at the same time need not meet.
const RACES: u32 = 20;

#[tokio::test]
async fn every_bug_beneath_the_rules_is_found() {
    for base in base::each().await {
        let mut found = Finder { shop: Shop::open(&base).await, other: Shop::open(&base).await };
        for bug in RACING {
            assert!(found.by_two(bug, false).await.is_none(), "nothing is wrong without {bug:?}");
        }
        let mut missed = Vec::new();
        for bug in Bug::BENEATH {
            let is_race = RACING.contains(&bug);
            if is_race && base.db.dialect.has_one_writer() {
                continue;
            }
            let after = if is_race { found.by_two(bug, true).await } else { found.by_scripts(bug).await };
            println!("{:>8}  {bug:?} on {}", after.map_or("NEVER".to_owned(), |after| after.to_string()), base.name);
            missed.extend(Some(bug).filter(|_| after.is_none()));
        }
        assert!(missed.is_empty(), "not found on {}: {missed:?}", base.name);
    }
}

/// Two servers over one database.
struct Finder {
    shop: Shop,
    other: Shop,
}

impl Finder {
    /// After how many scripts a bug is found.
    async fn by_scripts(&mut self, bug: Bug) -> Option<u64> {
        for seed in 0..SEQUENCES {
            let script = chance::script(seed, steps());
            plant(Some(bug));
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(|_| {}));
            let result = AssertUnwindSafe(self.shop.run(&script)).catch_unwind().await;
            std::panic::set_hook(hook);
            plant(None);
            if !matches!(result, Ok(Ok(()))) {
                return Some(seed + 1);
            }
        }
        None
    }

    /// After how many races a bug is found.
    async fn by_two(&mut self, bug: Bug, is_planted: bool) -> Option<u64> {
        for race in 1..=u64::from(RACES) {
            self.shop.fresh().await;
            let is_wrong = match bug {
                Bug::BudgetUnlocked => self.overspends(bug, is_planted).await,
                _ => self.redeems_twice(bug, is_planted).await,
            };
            if is_wrong {
                return Some(race);
            }
        }
        None
    }

    /// Two members buy at the same time, and a rule has 60 points left for the first of them. They buy
    /// different things, so that nothing but the budget makes one wait for the other.
    async fn overspends(&mut self, bug: Bug, is_planted: bool) -> bool {
        let mut run = Run::beginning_with(self.shop.program.clone(), Some(self.shop.tiers));
        let publish = Step {
            serial: 1,
            slot: 0,
            key: 1,
            act: Act::Rule { rule: 1, is: Box::new(Rule { budget: Some(60), ..Rule::sixty() }) },
        };
        self.shop.change_program(&publish, &mut run).await.expect("a rule");
        for slot in 0..2 {
            let serial = 2 + slot as Serial;
            self.shop.submit(registration(serial, slot, serial)).await.expect("a member");
        }
        let order = |serial: Serial, slot: usize| {
            let act =
                Act::Place { lines: vec![(slot, 1)], coupon: None, points: 0, purse: Purse::Own, way: Way::default() };
            let outlook = run.store.outlook(&publish, run.reference.now);
            let seen = Seen { outlook, ..Seen::default() };
            command(&Step { serial, slot, key: serial, act }, seen).expect("a command")
        };
        plant(Some(bug).filter(|_| is_planted));
        let (first, second) = (self.shop.send(order(4, 0)), self.other.send(order(5, 1)));
        let answers = tokio::join!(first, second);
        plant(None);
        let left = budget::Entity::find_by_id(rule_id(1)).one(&self.shop.db.read).await.expect("rows are read");
        let given = earned_share::Entity::find().filter(earned_share::Column::RuleId.eq(rule_id(1)));
        let given = given.all(&self.shop.db.read).await.expect("rows are read");
        let given: i64 = given.iter().map(|share| share.points).sum();
        answers.0.is_err() || answers.1.is_err() || given != 60 || left.is_none_or(|budget| budget.used != 60)
    }

    /// Whether of two redemptions of one member at once, with two keys or with one, one fails: whatever is asked for, there
    /// are points for it.
    async fn redeems_twice(&mut self, bug: Bug, is_planted: bool) -> bool {
        let slot = 0;
        self.shop.submit(registration(1, slot, 1)).await.expect("a member");
        let step = |serial: Serial, key: Serial, act: Act| Step { serial, slot, key, act };
        let redeem = Act::Redeem { prize: 0, quantity: 1, purse: Purse::Own };
        let sent = |step: Step| command(&step, Seen::default()).expect("a command");
        let bought = step(2, 2, Act::Import { number: 2, amount: 100_000, days_ago: 0 });
        self.shop.send(sent(bought)).await.expect("points");
        let keys = if bug == Bug::KeysReadUnlocked { (3, 3) } else { (3, 4) };
        plant(Some(bug).filter(|_| is_planted));
        let first = self.shop.send(sent(step(3, keys.0, redeem.clone())));
        let second = self.other.send(sent(step(4, keys.1, redeem.clone())));
        let answers = tokio::join!(first, second);
        plant(None);
        answers.0.is_err() || answers.1.is_err()
    }
}
