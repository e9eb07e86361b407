//! A shop with a past: a ledger of a year written in bulk, and purchases that were imported, which reach tiers.

use std::fmt::Write;
use std::time::{Duration, Instant as Stopwatch};

use jifen::base::clock::{Clock, DAY};
use serde_json::{Value as Json, json};

use super::question::{Question, day};
use crate::Result;
use crate::door::{Door, data};
use crate::flat::books::Books;
use crate::fleet::{Fleet, staff_token};
use crate::load::scatter;

/// Twenty entries of a member make a year.
const APART: i64 = 18 * DAY;
/// Purchases of a customer, on average, and the days over which they lie.
const PURCHASES: u64 = 5;
const DAYS: u64 = 700;
/// The worker counts and judges in the background; until it is done it would be measured too.
const UNTIL_COUNTED: Duration = Duration::from_secs(300);

const TIERS: &str = "mutation($input: CreateTierSetInput!) { createTierSet(input: $input) { \
    tierSet { id tiers { id code name } } userErrors { code } } }";
const COUNTED: &str = "query($on: Date!) { programStatistics(from: $on, to: $on, by: DAY) { countedUntil } }";
const SIMULATE: &str = "mutation($input: SimulateProgramInput!) { simulateProgram(input: $input) { \
    simulation { id orders } userErrors { code } } }";
const SIMULATION: &str = "query($id: ID!) { simulation(id: $id) { status ordersDone result { total { \
    simulated { net } } } } }";

pub struct Shop {
    door: Door,
    token: String,
    /// The set of tiers, with their ids.
    pub tiers: Json,
}

impl Shop {
    /// Fills the database and starts the server.
    pub async fn open(fleet: &mut Fleet, entries: usize, purchases: usize) -> Result<Shop> {
        let began = Stopwatch::now();
        Books::write(&fleet.url, entries, 0, APART).await?.close().await;
        eprintln!("{}: {entries} entries written in {:.1?}", fleet.name, began.elapsed());
        fleet.raise().await?;
        let token = staff_token(fleet).await?;
        let mut shop = Shop { door: Door::new(&fleet.doors, 0), token, tiers: Json::Null };
        let tier = |code, threshold| json!({ "code": code, "name": code, "threshold": threshold });
        let tiers = [tier("BASE", "0"), tier("SILVER", "5000"), tier("GOLD", "10000")];
        let input = json!({ "basis": "POINTS", "window": "ROLLING_DAYS", "windowDays": 365, "tiers": tiers });
        shop.tiers = shop.told(TIERS, json!({ "input": input })).await?["createTierSet"]["tierSet"].take();
        let began = Stopwatch::now();
        shop.import(fleet, purchases).await?;
        eprintln!("{}: {purchases} purchases imported in {:.1?}", fleet.name, began.elapsed());
        shop.until_counted().await?;
        Ok(shop)
    }

    async fn import(&self, fleet: &Fleet, purchases: usize) -> Result<()> {
        let customers = (purchases as u64 / PURCHASES).max(1);
        let mut file = String::from("member,placed_at,amount\n");
        for number in 0..purchases as u64 {
            let (who, when, amount) = (scatter(0, number), scatter(1, number), scatter(2, number));
            let (who, when) = (who % customers, day((1 + when % DAYS) as i64));
            writeln!(file, "customer-{who},{when},{}.{:02}", 5 + amount % 200, amount / 200 % 100)?;
        }
        let path = fleet.folder().join("purchases.csv");
        std::fs::write(&path, file)?;
        let path = path.to_str().ok_or("the folder's name is not UTF-8")?;
        fleet.tool(&["import", "orders", "--json", path], &[]).await?;
        Ok(())
    }

    /// Waits until the worker has counted whatever is in the books now.
    async fn until_counted(&mut self) -> Result<()> {
        let (imported, began) = (Clock::System.now().rfc3339(), Stopwatch::now());
        loop {
            let counted = self.told(COUNTED, json!({ "on": day(0) })).await?;
            if counted["programStatistics"]["countedUntil"].as_str() > Some(imported.as_str()) {
                return Ok(());
            }
            if began.elapsed() > UNTIL_COUNTED {
                return Err(format!("the worker does not come to an end: {counted}").into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Asks for a report, which must not be empty.
    pub async fn ask(&mut self, question: &Question) -> Result<()> {
        let answer = self.told(question.document, question.variables.clone()).await?;
        let found = answer.pointer(question.proof);
        let is_there =
            found.is_some_and(|found| !matches!(found.to_string().as_str(), "0" | "\"0\"" | "false" | "null"));
        if is_there {
            Ok(())
        } else {
            Err(format!("{}: nothing at {}: {answer}", question.what, question.proof).into())
        }
    }

    /// Plays another rate over all purchases, from the request to the result.
    pub async fn simulate(&mut self, purchases: usize) -> Result<()> {
        let other =
            json!({ "from": day(DAYS as i64 + 1), "to": day(0), "earnRate": { "points": 12, "amount": "1.00" } });
        let made = self.told(SIMULATE, json!({ "input": other })).await?;
        let id = &made["simulateProgram"]["simulation"]["id"];
        loop {
            let asked = self.told(SIMULATION, json!({ "id": id })).await?;
            let simulation = &asked["simulation"];
            match simulation["status"].as_str() {
                Some("QUEUED" | "RUNNING") => tokio::time::sleep(Duration::from_millis(20)).await,
                Some("DONE") if simulation["ordersDone"] == json!(purchases) => return Ok(()),
                _ => return Err(format!("a simulation went wrong: {made} {asked}").into()),
            }
        }
    }

    async fn told(&mut self, document: &str, variables: Json) -> Result<Json> {
        data(self.door.ask(&self.token, document, &variables).await)
    }
}
