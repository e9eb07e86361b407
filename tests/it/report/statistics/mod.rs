//! Program statistics: what the worker adds up is what a plain scan of the books finds, whoever counts and whenever.

mod figures;
mod past;
mod random;

use serde_json::{Value as Json, json};

use crate::world::{Answer, Client};

const STATISTICS: &str = "query($from: Date!, $to: Date!, $by: ReportPeriod!, $groupBy: StatisticsGroupBy! = NONE) {
    programStatistics(from: $from, to: $to, by: $by, groupBy: $groupBy) { from to timeZone countedUntil rows { from to
        tier { code } rule { name } issued takenBack netIssued redeemed expired redemptionRate activeMembers orders
        spend { amount currencyCode } refunded { amount } newMembers } } }";

/// What staff asks of some days, by day, week or month.
async fn ask(client: &Client, (from, to): (&str, &str), by: &str, group_by: &str) -> Answer {
    let variables = json!({ "from": from, "to": to, "by": by, "groupBy": group_by });
    client.graphql(STATISTICS, variables).await
}

async fn rows(client: &Client, days: (&str, &str), by: &str, group_by: &str) -> Vec<Json> {
    let data = ask(client, days, by, group_by).await.data();
    data["programStatistics"]["rows"].as_array().expect("rows").clone()
}

/// The figures of a row that are something, by their names.
fn told(row: &Json) -> Json {
    let is_something = |value: &Json| !matches!(value.as_str(), None | Some("0"));
    let figures = ["issued", "takenBack", "redeemed", "expired", "activeMembers", "orders", "newMembers"];
    let mut told: serde_json::Map<String, Json> = figures
        .iter()
        .map(|name| ((*name).to_owned(), row[*name].clone()))
        .filter(|(_, value)| is_something(value))
        .collect();
    for name in ["spend", "refunded"] {
        let amount = &row[name]["amount"];
        if !matches!(amount.as_str(), None | Some("0.00")) {
            told.insert(name.to_owned(), amount.clone());
        }
    }
    Json::Object(told)
}
