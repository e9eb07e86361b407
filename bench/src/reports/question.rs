//! What is asked.

use jifen::base::clock::{Clock, DAY};
use serde_json::{Value as Json, json};

/// A report.
pub struct Question {
    pub what: &'static str,
    pub document: &'static str,
    pub variables: Json,
    /// Where in the data a number above 0, or something that holds, has to stand: a report of an empty shop is quick.
    pub proof: &'static str,
}

const LIABILITY: &str = "query($from: Date!, $to: Date!, $by: ReportPeriod!) { \
    liabilityReport(from: $from, to: $to, by: $by) { agrees outstandingNow rows { opening issued redeemed closing } \
    deferredRevenue { month balance { amount } } csv } }";
const STATISTICS: &str = "query($from: Date!, $to: Date!) { programStatistics(from: $from, to: $to, by: DAY, \
    groupBy: TIER) { countedUntil rows { from issued activeMembers spend { amount } } } }";
const SEGMENT: &str = "query($filter: SegmentFilterInput!) { previewSegment(filter: $filter) { memberCount \
    userErrors { code } } }";
const TIERS: &str = "query($input: UpdateTierSetInput!) { previewTierSet(input: $input, first: 20) { \
    moves { members } movers { nodes { member { number } } } userErrors { code } } }";

/// Everything but the simulation, which is not one request.
pub fn all(tiers: &Json) -> Vec<Question> {
    let month = json!({ "from": day(30), "to": day(0), "by": "DAY" });
    let year = json!({ "from": day(365), "to": day(0), "by": "MONTH" });
    let gold = &tiers["tiers"][2]["id"];
    let valued = json!({ "all": [
        { "tiers": [gold] }, { "spend": { "least": "500", "days": 365 } }, { "lastPurchase": { "withinDays": 180 } },
    ] });
    let dearer = json!({ "id": tiers["id"], "expectedRevision": 1, "tiers": [
        tier(tiers, 0, "0"), tier(tiers, 1, "4000"), tier(tiers, 2, "12000"),
    ] });
    let ask = |what, document, variables, proof| Question { what, document, variables, proof };
    vec![
        ask("liability, a month by day", LIABILITY, month.clone(), "/liabilityReport/agrees"),
        ask("liability, a year by month", LIABILITY, year, "/liabilityReport/agrees"),
        ask("statistics, a month by day and tier", STATISTICS, month, "/programStatistics/rows/0/issued"),
        ask(
            "segment by tier, spend and last purchase",
            SEGMENT,
            json!({ "filter": valued }),
            "/previewSegment/memberCount",
        ),
        ask("who moves with other thresholds", TIERS, json!({ "input": dearer }), "/previewTierSet/moves/0/members"),
    ]
}

/// One of the tiers as it is, with another threshold.
fn tier(tiers: &Json, at: usize, threshold: &str) -> Json {
    let kept = &tiers["tiers"][at];
    json!({ "id": kept["id"], "code": kept["code"], "name": kept["name"], "threshold": threshold })
}

/// The day so many before today in Shanghai, which is the program's zone.
pub fn day(before: i64) -> String {
    let there = Clock::System.now().plus(DAY / 3 - before * DAY);
    there.rfc3339()[..10].to_owned()
}
