//! `placeOrder` while earning rules run, against the same while none does: what an order costs in processor time.

use jifen::access::actor::{Actor, MemberActor};
use jifen::app::App;
use jifen::base::id::Id;
use jifen::domain::earning::entity::Period;
use jifen::domain::earning::rule::cap::Cap;
use jifen::domain::earning::rule::change::{Change, Step};
use jifen::domain::earning::rule::condition::Condition;
use jifen::domain::earning::rule::condition::{
    channel::Channels, products::Products, quantity::Quantity, spend::Spend,
};
use jifen::domain::earning::rule::effect::Effect;
use jifen::domain::earning::service::rules::{Saved, create_rule, move_rule};

use crate::Result;
use crate::place_order::Orders;
use crate::report::{Line, Side};
use crate::run::{Bench, Database, Server};
use crate::seed::{open, told};

const CONNECTIONS: usize = 32;
/// At most 1.3 times the processor time, so at least so much of the orders a second of it.
const TARGET: f64 = 1.0 / 1.3;
/// Rules that run and do not apply, beside the three that do.
const IDLE: usize = 17;

/// What the three give for an order of ¥10: twice the points, 7 and 3.
const GIVEN: i64 = 110;

pub async fn measure(bench: &mut Bench, database: &Database, server: &mut Server) -> Result<()> {
    let shop = Shop::open(database, few_and_idle(IDLE)).await?;
    let mut rounds = Vec::new();
    for round in 0..bench.rounds {
        bench.say(&format!("{}: placeOrder with rules, round {}", database.name, round + 1));
        shop.take_all(if round == 0 { Step::Publish } else { Step::Resume }).await?;
        let with = one_side(bench, database, server, GIVEN).await?;
        shop.take_all(Step::Pause).await?;
        rounds.push((with, one_side(bench, database, server, 0).await?));
    }
    shop.close().await;
    bench.add(Line {
        database: database.name,
        what: "placeOrder, 20 rules".to_owned(),
        unit: "/CPU s",
        beside: "no rule",
        rounds,
        target: Some(TARGET),
    });
    Ok(())
}

/// Orders a second of processor time, the load's apart.
async fn one_side(bench: &mut Bench, database: &Database, server: &mut Server, given: i64) -> Result<Side> {
    database.settle().await?;
    let script = Orders::new(&server.world, CONNECTIONS, bench.next_run()).with_rules(given);
    let (side, _) = bench.load(database, server, CONNECTIONS, bench.timing(), script).await?;
    let busy: f64 = side.cores.iter().filter(|(part, _)| *part != "load").map(|(_, cores)| cores).sum();
    Ok(Side { figure: side.figure / busy, cores: Vec::new(), ..side })
}

/// Staff of the shop, and the rules they have made.
pub struct Shop {
    app: App,
    staff: Actor,
    rules: Vec<Id>,
}

impl Shop {
    pub async fn open(database: &Database, drafts: Vec<(String, Effect, Change)>) -> Result<Shop> {
        let app = open(&database.url, database.key()).await?;
        let member = MemberActor { member_id: app.ids.next(), session_id: app.ids.next(), staff: true };
        let mut shop = Shop { staff: Actor::Member(member), app, rules: Vec::new() };
        for (name, effect, change) in drafts {
            let change = Change { name: Some(name), ..change };
            let made = accepted(create_rule(&shop.app, &shop.staff, None, effect, change).await)?;
            shop.rules.push(made);
        }
        Ok(shop)
    }

    pub async fn close(self) {
        self.app.committers.finish().await;
    }

    pub async fn take_all(&self, step: Step) -> Result<()> {
        for (at, id) in self.rules.iter().enumerate() {
            // Each step makes one revision, and all rules have taken the same steps.
            let expected = self.revision_of(*id).await?;
            accepted(move_rule(&self.app, &self.staff, Some(*id), expected, step).await)
                .map_err(|cause| format!("rule {at}: {cause}"))?;
        }
        Ok(())
    }

    async fn revision_of(&self, id: Id) -> Result<i64> {
        use jifen::domain::earning::query::NewestRevision;
        let found = self.app.hub.find(NewestRevision(id)).await.map_err(told)?;
        Ok(found.ok_or("a rule is gone")?.row.revision)
    }
}

/// Three that every order meets, one of them with a budget and one with a cap, and so many that none does.
pub fn few_and_idle(idle: usize) -> Vec<(String, Effect, Change)> {
    let from_one = Condition::Spend(Spend { least: 100, of: None });
    let cap = Cap { period: Period::Month, points: Some(1_000_000_000), times: None };
    let twice = ("Twice".to_owned(), Effect::Multiplier(20_000), Change::default());
    let budget = Change { budget: Some(Some(1_000_000_000_000)), ..Change::default() };
    let budgeted = ("From a budget".to_owned(), Effect::Bonus { points: 7 }, budget);
    let capped = Change { condition: Some(from_one), caps: Some(vec![cap]), ..Change::default() };
    let capped = ("Up to a cap".to_owned(), Effect::Bonus { points: 3 }, capped);
    let idle = (0..idle).map(|number| {
        let change = Change { condition: Some(never(number)), ..Change::default() };
        (format!("Elsewhere {number}"), Effect::Bonus { points: 100 }, change)
    });
    [twice, budgeted, capped].into_iter().chain(idle).collect()
}

/// Conditions of several kinds that no order of this bench fulfils.
fn never(number: usize) -> Condition {
    let others = Products { skus: [format!("OTHER-{number}")].into(), ..Products::default() };
    let of_others = Condition::Products(others.clone());
    match number % 4 {
        0 => of_others,
        1 => Condition::All(vec![of_others, Condition::Spend(Spend { least: 5_000, of: Some(others) })]),
        2 => Condition::Quantity(Quantity { least: 1_000, of: None }),
        _ => Condition::Channel(Channels(["IN_STORE".to_owned()].into())),
    }
}

fn accepted(saved: Saved) -> Result<Id> {
    saved.map_err(told)?.map(|rule| rule.id()).map_err(|wrong| format!("a rule was refused: {wrong:?}").into())
}
