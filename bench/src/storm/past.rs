//! Points that expire while the storm goes on.
//!
//! Points are good for a day at the least, and nobody can wait for that. But a purchase of years ago that is imported
//! today earns points that have long expired, so the next sweep has to settle them: with an import in every round, a
//! kill finds sweeps at work, and the import itself, which is a process that writes to the same books.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::crowd::Storm;
use super::deed::number;
use crate::Result;
use crate::door::Door;
use crate::door::data;
use crate::fleet::Fleet;
use crate::process::Process;

/// Members who bought something once.
const GUESTS: usize = 24;
/// A sweep comes every second; a slow machine may need some.
const UNTIL_SWEPT: Duration = Duration::from_secs(30);

const GUEST: &str = "query($email: String!) { member(by: { email: $email }) { orders(first: 0) { totalCount } \
    pointsAccount { active held pending debt pointsLedger(first: 0) { totalCount } } } }";

/// Starts to import the purchases of a round.
pub fn begin(fleet: &Fleet, round: u64) -> Result<Process> {
    let mut file = String::from("member,placed_at,amount,email\n");
    for guest in 0..GUESTS {
        file.push_str(&format!("guest-{guest},{},10.00,{}\n", day(round), email(guest)));
    }
    std::fs::write(path(fleet, round), file)?;
    let mut command = fleet.command(&["import", "orders", "--json"]);
    command.arg(path(fleet, round));
    let log = fleet.folder().join("import.log");
    Process::start("jifen import", &mut command, &log, &log)
}

/// Three days after the round before, when its points had expired already.
fn day(round: u64) -> String {
    let day = round * 3;
    format!("{}-{:02}-{:02}", 2000 + day / 336, 1 + day % 336 / 28, 1 + day % 28)
}

fn path(fleet: &Fleet, round: u64) -> PathBuf {
    fleet.folder().join(format!("past-{round}.csv"))
}

fn email(guest: usize) -> String {
    format!("guest-{guest}@example.com")
}

/// Imports the same file once more, whatever became of the first time: then every line is there once.
pub async fn finish(storm: &Storm, fleet: &Fleet, round: u64) -> Result<()> {
    let path = path(fleet, round);
    let file = path.to_str().ok_or("the folder's name is not UTF-8")?;
    let summary: Json = serde_json::from_str(&fleet.tool(&["import", "orders", "--json", file], &[]).await?)?;
    if number(&summary["orders"]) + number(&summary["skipped"]) != GUESTS as i64 {
        storm.wrong(format!("the import of round {round} says {summary}"));
    }
    std::fs::remove_file(path)?;
    Ok(())
}

/// After so many imports every guest has so many orders, and each of them was earned once and expired once.
pub async fn check(storm: &Storm, imports: i64) -> Result<()> {
    let mut door = Door::new(&storm.doors, 0);
    let expected = [imports, 2 * imports, 0];
    let began = Instant::now();
    for guest in 0..GUESTS {
        loop {
            let asked = json!({ "email": email(guest) });
            let found = of_guest(&data(door.ask(&storm.shop.staff.token, GUEST, &asked).await)?["member"]);
            if found == expected {
                break;
            }
            if began.elapsed() > UNTIL_SWEPT || found[1] > expected[1] {
                storm.wrong(format!("guest {guest} has orders, entries and points {found:?} instead of {expected:?}"));
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

fn of_guest(member: &Json) -> [i64; 3] {
    let points = &member["pointsAccount"];
    let sum = ["active", "held", "pending", "debt"].map(|part| number(&points[part])).iter().sum();
    [number(&member["orders"]["totalCount"]), number(&points["pointsLedger"]["totalCount"]), sum]
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn every_round_has_a_day_of_its_own_in_order() {
        let days: Vec<_> = (0..2_000).map(day).collect();
        assert!(days.is_sorted() && days.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!((day(0).as_str(), day(112).as_str()), ("2000-01-01", "2001-01-01"));
    }
}
