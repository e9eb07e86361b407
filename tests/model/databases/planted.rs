//! The checker checked beneath the rules: each bug that is planted in the write path is found on a database, by a script
//! or by two processes at once.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use jifen::base::planted::{Bug, plant};
use jifen::domain::points::rule::purse::Purse;

use super::{Shop, base};
use crate::names::{Serial, member_id};
use crate::script::{Act, Step};
use crate::send::{Seen, command, registration};
use crate::{chance, steps};

/// Most are found by the first.
const SEQUENCES: u64 = 60;
/// Two that want the same at the same time need not meet.
const RACES: u32 = 20;

#[tokio::test]
async fn every_bug_beneath_the_rules_is_found() {
    for base in base::each().await {
        let mut found = Finder { shop: Shop::open(&base).await, other: Shop::open(&base).await };
        for bug in [Bug::LockDropped, Bug::KeysReadUnlocked] {
            assert!(found.by_two(bug, false).await.is_none(), "nothing is wrong without {bug:?}");
        }
        let mut missed = Vec::new();
        for bug in Bug::BENEATH {
            let is_race = matches!(bug, Bug::LockDropped | Bug::KeysReadUnlocked);
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

    /// After how many races of two redemptions of one member, with two keys or with one, a bug is found: whatever is asked
    /// for at the same time, there are points for it.
    async fn by_two(&mut self, bug: Bug, is_planted: bool) -> Option<u64> {
        for race in 0..RACES {
            self.shop.fresh().await;
            let slot = 0;
            self.shop.submit(registration(1, member_id(slot), 1)).await.expect("a member");
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
            if answers.0.is_err() || answers.1.is_err() {
                return Some(u64::from(race) + 1);
            }
        }
        None
    }
}
