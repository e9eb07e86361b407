//! The liability report in the schema, and as a file for a spreadsheet.

use async_graphql::{Object, SimpleObject};
use rust_decimal::Decimal as Exact;

use crate::base::error::Error;
use crate::domain::report::graphql::estimate::ExpectedRedemption;
use crate::domain::report::rule::period::Period;
use crate::domain::report::rule::roll::Row;
use crate::domain::report::service::liability::Liability;
use crate::gql::error::Result;
use crate::gql::scalar::{BigInt, Date, Decimal, MoneyObject, money};

/// What the shop owes its members over some days.
pub struct LiabilityReport {
    pub from: Date,
    pub to: Date,
    pub report: Liability,
}

/// What the shop owes its members over some days (积分负债). For staff only.
#[Object]
impl LiabilityReport {
    /// The first day.
    async fn from(&self) -> Date {
        self.from
    }

    /// The last day, included.
    async fn to(&self) -> Date {
        self.to
    }

    /// The IANA time zone in which the days begin: the program's as it is now. Days that were closed begin as they did then.
    async fn time_zone(&self) -> &str {
        &self.report.program.time_zone
    }

    /// The roll-forward, oldest first: each row opens with what the one before closed.
    async fn rows(&self) -> Vec<LiabilityRow> {
        self.report.rows.iter().map(LiabilityRow::of).collect()
    }

    /// What all accounts hold at this moment, less what members owe.
    async fn outstanding_now(&self) -> BigInt {
        BigInt(self.report.outstanding)
    }

    /// Whether everything that was ever recorded makes just what the accounts hold now, and what members gave each other
    /// sums to nothing. False means that the books are damaged: `ledgerAudit` says where.
    async fn agrees(&self) -> bool {
        self.report.agrees
    }

    /// The revenue deferred for points, for every whole calendar month that the days touch and that has begun.
    async fn deferred_revenue(&self) -> Vec<DeferredRevenueMonth> {
        let currency = &self.report.program.currency;
        let months = self.report.deferred.iter().map(|(month, row)| DeferredRevenueMonth {
            month: Date(*month),
            transaction_price: money(row.price, currency),
            stand_alone_price_of_points: money(row.stand_alone, currency),
            allocated_to_points: money(row.for_points, currency),
            allocated_to_goods: money(row.price - row.for_points, currency),
            expected_redemption_percent: percent(row.share),
            redeemed: BigInt(row.redeemed),
            expected_redemptions: BigInt(row.expected),
            deferred: money(row.deferred, currency),
            recognised: money(row.earned, currency),
            recognised_in_month: money(row.earned_now, currency),
            balance: money(row.balance(), currency),
        });
        months.collect()
    }

    /// The points of each month from the first in which any came, oldest first, by the months that were over at the end of
    /// the last day: how many of them have been redeemed and how many will be.
    async fn cohorts(&self) -> Vec<RedemptionCohort> {
        let cohorts = self.report.cohorts.iter().skip_while(|(_, cohort)| cohort.is_empty()).map(|(month, cohort)| {
            RedemptionCohort {
                month: Date(*month),
                points: BigInt(cohort.redeemable),
                redeemed: BigInt(cohort.redeemed),
                expired: BigInt(cohort.expired),
                open: BigInt(cohort.open()),
                expected_redemption_percent: percent(cohort.expected),
            }
        });
        cohorts.collect()
    }

    /// What staff has said of redemption, by the day from which it counts.
    async fn expectations(&self) -> Vec<ExpectedRedemption> {
        self.report.estimates.iter().map(ExpectedRedemption::of).collect()
    }

    /// The roll-forward as CSV (RFC 4180) for a spreadsheet: UTF-8 with a byte order mark, a line a row, with the columns
    /// from, to, opening, issued, reinstated, adjusted, writtenOff, settled, redeemed, expired, revoked and closing.
    async fn csv(&self) -> Result<String> {
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        file.write_record(COLUMNS).map_err(Error::internal)?;
        for row in &self.report.rows {
            file.write_record(cells(row)).map_err(Error::internal)?;
        }
        let bytes = file.into_inner().map_err(|cause| Error::internal(cause.into_error()))?;
        Ok(format!("\u{feff}{}", String::from_utf8(bytes).map_err(Error::internal)?))
    }
}

const COLUMNS: [&str; 12] = [
    "from",
    "to",
    "opening",
    "issued",
    "reinstated",
    "adjusted",
    "writtenOff",
    "settled",
    "redeemed",
    "expired",
    "revoked",
    "closing",
];

fn cells((period, row): &(Period, Row)) -> [String; 12] {
    let moved = &row.moved;
    let figures = [
        row.opening,
        moved.issued,
        moved.reinstated,
        moved.adjusted,
        moved.written_off,
        moved.settled,
        moved.redeemed,
        moved.expired,
        moved.revoked,
        row.closing,
    ];
    let mut cells = [const { String::new() }; 12];
    (cells[0], cells[1]) = (period.first.to_string(), period.last.to_string());
    for (cell, figure) in cells[2..].iter_mut().zip(figures) {
        *cell = figure.to_string();
    }
    cells
}

/// Millionths as percent.
pub fn percent(millionths: i64) -> Decimal {
    Decimal(Exact::new(millionths, 4))
}

/// A period of the roll-forward. Opening + issued + reinstated + adjusted + writtenOff + settled − redeemed − expired −
/// revoked = closing, to the point. What members give each other cancels out.
#[derive(SimpleObject)]
pub struct LiabilityRow {
    /// The first day.
    from: Date,
    /// The last day, included.
    to: Date,
    /// Points outstanding before it (期初余额): what could be spent, was held or pending, less what members owed.
    opening: BigInt,
    /// Points earned (发放), pending ones too.
    issued: BigInt,
    /// Expired points that were given again (恢复).
    reinstated: BigInt,
    /// What staff corrected (调整), less what it took away.
    adjusted: BigInt,
    /// Points that members owed and the shop gave up (核销).
    written_off: BigInt,
    /// Points that members owed and that were withheld from money (抵款).
    settled: BigInt,
    /// Points turned into coupons, products or money off an order (兑换), less what returns gave back.
    redeemed: BigInt,
    /// Points that expired (过期), less those of them that were taken back afterwards.
    expired: BigInt,
    /// Earned points taken back with returns (扣回).
    revoked: BigInt,
    /// Points outstanding after it (期末余额).
    closing: BigInt,
}

impl LiabilityRow {
    fn of((period, row): &(Period, Row)) -> LiabilityRow {
        let moved = &row.moved;
        LiabilityRow {
            from: Date(period.first),
            to: Date(period.last),
            opening: BigInt(row.opening),
            issued: BigInt(moved.issued),
            reinstated: BigInt(moved.reinstated),
            adjusted: BigInt(moved.adjusted),
            written_off: BigInt(moved.written_off),
            settled: BigInt(moved.settled),
            redeemed: BigInt(moved.redeemed),
            expired: BigInt(moved.expired),
            revoked: BigInt(moved.revoked),
            closing: BigInt(row.closing),
        }
    }
}

/// Deferred revenue (递延收入) in a calendar month: the price of sales is split over goods and points by their stand-alone
/// prices, and the points' part is earned as points are redeemed, catching up when expectations change.
#[derive(SimpleObject)]
pub struct DeferredRevenueMonth {
    /// Its first day.
    month: Date,
    /// Paid for orders with money (交易价格), as prices stand, less what returns gave back.
    transaction_price: MoneyObject,
    /// What the points of these orders would cost by themselves (单独售价): points × exchange rate × expected redemption, less
    /// those that returns took back.
    stand_alone_price_of_points: MoneyObject,
    /// The part of the price that is for the points.
    allocated_to_points: MoneyObject,
    /// The part of the price that is for the goods.
    allocated_to_goods: MoneyObject,
    /// The share of points that is expected to be redeemed (预计兑换率), in percent: what staff had said of the month's last
    /// day by its end, or else what the cohorts of the months before it say.
    expected_redemption_percent: Decimal,
    /// Points redeemed since the program began.
    redeemed: BigInt,
    /// Of the points that came by the end of the month, how many are expected to be redeemed in all.
    expected_redemptions: BigInt,
    /// Allocated to points since the program began.
    deferred: MoneyObject,
    /// Earned of it since the program began: deferred × redeemed / expected.
    recognised: MoneyObject,
    /// What that is more, or less, than at the end of the month before.
    recognised_in_month: MoneyObject,
    /// What is still deferred at the end of the month.
    balance: MoneyObject,
}

/// The points that came in one month, and what became of them. Points that a member gives away leave their cohort, and come
/// in the month of the gift.
#[derive(SimpleObject)]
pub struct RedemptionCohort {
    /// The first day of the month.
    month: Date,
    /// Points that came, less those taken back, given away, or kept for a debt.
    points: BigInt,
    /// Of these, redeemed.
    redeemed: BigInt,
    /// Of these, expired.
    expired: BigInt,
    /// Of these, neither yet.
    open: BigInt,
    /// The share that will be redeemed in the end, in percent: all but what has expired, and what older cohorts lost at the
    /// ages that this one has yet to reach. Never less than it has redeemed already.
    expected_redemption_percent: Decimal,
}
