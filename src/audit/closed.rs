//! What is kept of closed days is what the ledger holds of them. It is summed anew by the statements that closed them; so
//! whatever was altered since, or recorded with a moment of a day that was closed, is found.

use std::fmt::Debug;

use jiff::tz::TimeZone;
use sea_orm::{ActiveEnum, DatabaseTransaction, DbErr, FromQueryResult};

use crate::audit::invariant::{Bad, found_by};
use crate::audit::report::Outcome;
use crate::audit::{Wanted, go_on};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::rows::select;
use crate::domain::report::entity::closed::day;
use crate::domain::report::query::closed::{closed_days, kept};
use crate::domain::report::query::recorded::{Recorded, recorded_on};
use crate::domain::report::rule::days::Days;
use crate::domain::tier::rule::window::date_of;

const NAME: &str = "closed-days-are-kept";
const MEANING: &str = "Closed days follow one another, and what is kept of each is what the ledger holds of it.";

/// Proves every program's. It holds over all members together, and says nothing of one.
pub async fn check(snapshot: &DatabaseTransaction, closed: i64, wanted: Wanted<'_>) -> Result<Outcome> {
    go_on(wanted)?;
    let outcome = Outcome { name: NAME, meaning: MEANING, over: "closed_day", checked: closed, first: None };
    let first = found_by(snapshot, first_bad(snapshot)).await?;
    Ok(Outcome { first: first.unwrap_or_else(|cause| Some(Bad::unreadable(&cause))), ..outcome })
}

async fn first_bad(snapshot: &DatabaseTransaction) -> Result<Option<Bad>, DbErr> {
    #[derive(FromQueryResult)]
    struct Program {
        id: Id,
        currency: String,
    }
    let sql = "SELECT DISTINCT id, currency FROM program";
    let programs: Vec<Program> = select(snapshot, sql.to_owned(), Vec::new()).await?;
    for program in programs {
        let days = closed_days(snapshot, program.id).await?;
        if let Some(bad) = gap(&days) {
            return Ok(Some(bad));
        }
        // Where closed days begin is kept with them, whatever the zone.
        let calendar = Days::new(days.clone(), TimeZone::UTC);
        let held = recorded_on(snapshot, (program.id, &program.currency), &days, &calendar, i64::MIN).await?;
        let kept = kept(snapshot, program.id).await?;
        if let Some(bad) = differing(&held.unwrap_or_default(), &kept) {
            return Ok(Some(bad));
        }
    }
    Ok(None)
}

/// Where a day is left out, or ends before the one behind it.
fn gap(days: &[day::Model]) -> Option<Bad> {
    let is_gap = |pair: &&[day::Model]| pair[1].day != pair[0].day + 1 || pair[1].ended_at <= pair[0].ended_at;
    let pair = days.windows(2).find(is_gap)?;
    Some(bad(format!("the day after {}", date_of(pair[0].day)), format!("{} closed next", date_of(pair[1].day))))
}

fn differing(held: &Recorded, kept: &Recorded) -> Option<Bad> {
    other(&held.movements, &kept.movements, |row| (row.day, row.account.to_value()))
        .or_else(|| other(&held.fates, &kept.fates, |row| (row.day, row.cohort)))
        .or_else(|| other(&held.sales, &kept.sales, |row| row.day))
        .or_else(|| other(&held.returns, &kept.returns, |row| (row.day, row.sold_in)))
}

/// The first row, by its key, that is on one side only.
fn other<T: Debug + PartialEq, K: Ord>(held: &[T], kept: &[T], key: impl Fn(&T) -> K) -> Option<Bad> {
    let [held, kept] = [held, kept].map(|rows| {
        let mut rows: Vec<&T> = rows.iter().collect();
        rows.sort_by_key(|row| key(row));
        rows
    });
    let at = (0..held.len().max(kept.len())).find(|at| held.get(*at) != kept.get(*at))?;
    let told = |row: Option<&&T>| row.map_or("nothing more".to_owned(), |row| format!("{row:?}"));
    Some(bad(told(held.get(at)), told(kept.get(at))))
}

fn bad(expected: String, found: String) -> Bad {
    Bad { member_id: None, number: None, seq: None, id: None, expected, found }
}
