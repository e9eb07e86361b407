//! What was counted for the statistics is what the books hold. Events tell it in JSON, which no statement reads alike on both
//! databases; so those that are yet to be counted are streamed past the rule that counts them.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use sea_orm::{ActiveEnum, DatabaseTransaction, FromQueryResult, StreamTrait};

use crate::audit::invariant::{Bad, rows_of};
use crate::audit::report::Outcome;
use crate::audit::{Wanted, go_on};
use crate::base::error::Result;
use crate::db::dialect::Dialect;
use crate::domain::outbox::entity::{Topic, Uncounted};
use crate::domain::report::rule::count::added;

const NAME: &str = "statistics-are-counted";
const MEANING: &str =
    "What was counted, what is yet to be and what was there before is what the books hold of each figure.";

/// What the books hold of each figure, and what the statistics do together with the past that is in none.
const FIGURES: &str = "SELECT figure, CAST(SUM(held) AS bigint) AS held, CAST(SUM(counted) AS bigint) AS counted FROM (
    SELECT account AS figure,
           SUM(CASE WHEN account IN ('REDEEMED', 'EXPIRED', 'REVOKED') THEN points ELSE -points END) AS held, 0 AS counted
    FROM entry WHERE account NOT IN ('AVAILABLE', 'HELD', 'PENDING', 'DEBT', 'TRANSFER') GROUP BY account
    UNION ALL SELECT 'ORDERS', COUNT(*), 0 FROM \"order\" WHERE NOT imported
    UNION ALL SELECT 'SPEND', SUM(total - points_value), 0 FROM \"order\" WHERE NOT imported
    UNION ALL SELECT 'REFUNDED', SUM(money), 0 FROM order_return
    UNION ALL SELECT 'NEW_MEMBERS', COUNT(*), 0 FROM member
    UNION ALL SELECT CASE WHEN of_tier THEN 'MULTIPLIER_GIVEN' ELSE 'RULE_GIVEN' END, SUM(points), 0
    FROM earned_share GROUP BY of_tier
    UNION ALL SELECT CASE WHEN of_tier THEN 'MULTIPLIER_TAKEN_BACK' ELSE 'RULE_TAKEN_BACK' END, SUM(clawed), 0
    FROM earned_share GROUP BY of_tier
    UNION ALL SELECT figure, 0, SUM(amount) FROM statistic GROUP BY figure
    UNION ALL SELECT figure, 0, amount FROM uncounted_past) AS known
 GROUP BY figure";

const UNCOUNTED: &str = "SELECT topic, payload FROM outbox WHERE uncounted = $1";

#[derive(FromQueryResult)]
struct Known {
    figure: String,
    held: Option<i64>,
    counted: Option<i64>,
}

#[derive(FromQueryResult)]
struct Told {
    topic: Topic,
    payload: String,
}

/// Compares every figure. It holds over all members together, and says nothing of one.
pub async fn check(snapshot: &DatabaseTransaction, counted: i64, wanted: Wanted<'_>) -> Result<Outcome> {
    go_on(wanted)?;
    let outcome = Outcome { name: NAME, meaning: MEANING, over: "statistic", checked: counted, first: None };
    let dialect = Dialect::of(snapshot);
    let rows = rows_of(snapshot, dialect.statement(FIGURES, [])).await?;
    let known = rows.and_then(|rows| rows.iter().map(|row| Known::from_query_result(row, "")).collect());
    let known: Vec<Known> = match known {
        Ok(known) => known,
        Err(cause) => return Ok(Outcome { first: Some(Bad::unreadable(&cause)), ..outcome }),
    };
    // Held and counted, by figure.
    let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for Known { figure, held, counted } in known {
        sums.insert(figure, (held.unwrap_or(0).into(), counted.unwrap_or(0).into()));
    }
    let mut events = snapshot.stream_raw(dialect.statement(UNCOUNTED, [Uncounted::InFull.to_value().into()])).await?;
    while let Some(found) = events.try_next().await? {
        go_on(wanted)?;
        let told = match Told::from_query_result(&found, "") {
            Ok(told) => told,
            Err(cause) => return Ok(Outcome { first: Some(Bad::unreadable(&cause)), ..outcome }),
        };
        for ((figure, _), amount) in added(told.topic, Uncounted::InFull, &told.payload).figures {
            sums.entry(figure.to_value()).or_default().1 += i128::from(amount);
        }
    }
    let first = sums.into_iter().find(|(_, (held, counted))| held != counted);
    Ok(Outcome { first: first.map(|(figure, sums)| bad(&figure, sums)), ..outcome })
}

fn bad(figure: &str, (held, counted): (i128, i128)) -> Bad {
    Bad {
        member_id: None,
        number: None,
        seq: None,
        id: None,
        expected: format!("{held} of {figure}"),
        found: format!("{counted} counted or to be counted"),
    }
}
