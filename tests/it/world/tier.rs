//! Tiers, as staff sets them up and members see them.

use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Client, Member};

const CREATE: &str = "mutation($input: CreateTierSetInput!) { createTierSet(input: $input) {
    tierSet { id revision programVersion basis window windowDays downgrade graceDays undoneByReturns
        tiers { id code name position threshold multiplier benefits { key text } } }
    userErrors { code message path currentRevision } } }";
const UPDATE: &str = "mutation($input: UpdateTierSetInput!) { updateTierSet(input: $input) {
    tierSet { id revision basis window windowDays graceDays tiers { id code threshold multiplier } }
    userErrors { code message path currentRevision } } }";
const PROTECT: &str = "mutation($input: ProtectTierInput!) { protectTier(input: $input) {
    member { id tier { code } tierProgress { protectedUntil lostAt } } userErrors { code message path } } }";
const STANDING: &str = "tier { code } tierProgress { basis qualifying next { tier { code } missing by }
    keep { tier { code } missing by } since judgedAt lostAt protectedUntil }
    tierHistory { totalCount nodes { from { code } to { code } why effectiveAt reason } }";

/// Three tiers, of 0, 5,000 and 10,000 points in a calendar year. Gold earns one and a half times.
pub fn three_tiers() -> Json {
    json!({ "basis": "POINTS", "window": "CALENDAR_YEAR", "tiers": [
        { "code": "BASE", "name": "Member", "threshold": "0" },
        { "code": "SILVER", "name": "银卡", "threshold": "5000" },
        { "code": "GOLD", "name": "金卡", "threshold": "10000", "multiplier": "1.5",
          "benefits": [{ "key": "FREE_SHIPPING", "text": "包邮" }] },
    ] })
}

impl Client {
    pub fn create_tiers(&self, input: Json) -> Call {
        Call { client: self.clone(), document: CREATE, mutation: "createTierSet", object: "tierSet", input }
    }

    /// Changes tiers as they were seen.
    pub fn update_tiers(&self, set: &Json, mut input: Json) -> Call {
        input["id"] = set["id"].clone();
        input["expectedRevision"] = set["revision"].clone();
        Call { client: self.clone(), document: UPDATE, mutation: "updateTierSet", object: "tierSet", input }
    }

    pub fn protect_tier(&self, member: &Member, until: Json) -> Call {
        let input = json!({ "memberId": member.id, "until": until, "reason": "a long illness" });
        Call { client: self.clone(), document: PROTECT, mutation: "protectTier", object: "member", input }
    }
}

impl Member {
    /// Their tier, what counts, and their history, as they see it in a session of their own.
    pub async fn standing(&self) -> Json {
        let me = self.another_session().await;
        me.query(&format!("{{ me {{ {STANDING} }} }}")).await["me"].clone()
    }

    /// The code of their tier by now.
    pub async fn tier(&self) -> String {
        self.standing().await["tier"]["code"].as_str().unwrap_or("none").to_owned()
    }
}
