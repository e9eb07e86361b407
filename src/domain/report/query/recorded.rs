//! What was recorded on days that are over, as the ledger tells it: what is kept of them when they are closed.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};

use crate::base::id::Id;
use crate::domain::report::entity::closed::{day, fate, movement, returned, sale};
use crate::domain::report::query::ledger::{self, Span};
use crate::domain::report::rule::breakage::Fate;
use crate::domain::report::rule::days::Days;
use crate::domain::report::rule::months::Months;
use crate::domain::tier::rule::window::date_of;

/// All that was recorded on some days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    pub movements: Vec<movement::Model>,
    pub fates: Vec<fate::Model>,
    pub sales: Vec<sale::Model>,
    pub returns: Vec<returned::Model>,
}

/// What was recorded from a moment on to the end of the last of the days given, each of which is closed; none of no day.
pub async fn recorded_on(
    db: &impl ConnectionTrait,
    (program_id, currency): (Id, &str),
    on: &[day::Model],
    days: &Days,
    from: i64,
) -> Result<Option<Recorded>, DbErr> {
    let Some((last, others)) = on.split_last() else { return Ok(None) };
    let first = days.first().unwrap_or(date_of(last.day));
    let Some(months) = Months::between(first, date_of(last.day), days) else { return Ok(None) };
    // Whatever was recorded before the first of them is over is of the first, by a clock that was wrong once.
    let day_ends: Vec<i64> = others.iter().map(|day| day.ended_at).collect();
    let (month_ends, span) = (months.ends(), Span { from, until: last.ended_at });
    let day = |bucket: i64| on[usize::try_from(bucket).unwrap_or(0)].day;
    let month = |bucket: i64| months.cuts.days[usize::try_from(bucket).unwrap_or(0)];

    let booked = ledger::booked(db, program_id, &day_ends, span).await?.into_iter();
    let movements = booked.map(|row| movement::Model {
        program_id,
        day: day(row.bucket),
        account: row.account,
        points: row.points,
    });
    let sold = ledger::sold(db, currency, &day_ends, span).await?.into_iter();
    let sales = sold.map(|row| sale::Model { program_id, day: day(row.bucket), price: row.price, points: row.points });
    let returned = ledger::returned(db, currency, &day_ends, month_ends, span).await?.into_iter();
    let returns = returned.map(|row| returned::Model {
        program_id,
        day: day(row.bucket),
        sold_in: month(row.sold_in),
        price: row.price,
        points: row.points,
    });
    let turned = ledger::turned(db, program_id, &day_ends, month_ends, span).await?;
    let mut fates: BTreeMap<(i64, i64), Fate> = BTreeMap::new();
    for row in turned {
        fates.entry((day(row.bucket), month(row.cohort))).or_default().add(&row.fate);
    }
    let fates = fates.into_iter().map(|((day, cohort), Fate { granted, redeemed, expired, withdrawn })| fate::Model {
        program_id,
        day,
        cohort,
        granted,
        redeemed,
        expired,
        withdrawn,
    });
    Ok(Some(Recorded {
        movements: movements.collect(),
        fates: fates.collect(),
        sales: sales.collect(),
        returns: returns.collect(),
    }))
}
