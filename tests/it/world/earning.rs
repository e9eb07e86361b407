//! Earning rules and events, as staff sets them up and tells them.

use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Client, Member};

macro_rules! rule {
    ($verb:literal, $input:literal) => {
        concat!(
            "mutation($input: ",
            $input,
            "!) { ",
            $verb,
            "(input: $input) { earningRule { id revision programVersion name description state startsAt endsAt priority
                stacking effect { multiplier perAmount { points amount } perPiece bonus perUnit { points attribute } }
                caps { period points times } budget { granted remaining used }
                condition { all { spend { least of { skus } } products { skus productIds } weekdays not { tags } } segments } }
            userErrors { code message path currentRevision usedPoints } } }"
        )
    };
}

const CREATE: &str = rule!("createEarningRule", "CreateEarningRuleInput");
const UPDATE: &str = rule!("updateEarningRule", "UpdateEarningRuleInput");
const PUBLISH: &str = rule!("publishEarningRule", "EarningRuleStepInput");
const PAUSE: &str = rule!("pauseEarningRule", "EarningRuleStepInput");
const RESUME: &str = rule!("resumeEarningRule", "EarningRuleStepInput");
const END: &str = rule!("endEarningRule", "EarningRuleStepInput");

const CREATE_TYPE: &str = "mutation($input: CreateEventTypeInput!) { createEventType(input: $input) {
    eventType { id code name attributes { name kind } } userErrors { code message path } } }";
pub const RECORD: &str = "mutation($input: RecordEventInput!) { recordEvent(input: $input) {
    event { id type { code } uniqueKey pointsEarned occurredAt recordedAt attributes { name text number flag }
        pointsShares { points due rule { name } } }
    userErrors { code message path attribute } } }";

impl Client {
    fn of_rules(&self, mutation: &'static str, object: &'static str, document: &'static str, input: Json) -> Call {
        Call { client: self.clone(), document, mutation, object, input }
    }

    pub fn create_rule(&self, input: Json) -> Call {
        self.of_rules("createEarningRule", "earningRule", CREATE, input)
    }

    /// Changes a rule as it was seen.
    pub fn update_rule(&self, rule: &Json, mut input: Json) -> Call {
        input["id"] = rule["id"].clone();
        input["expectedRevision"] = rule["revision"].clone();
        self.of_rules("updateEarningRule", "earningRule", UPDATE, input)
    }

    pub fn publish_rule(&self, rule: &Json) -> Call {
        self.of_rules("publishEarningRule", "earningRule", PUBLISH, seen(rule))
    }

    pub fn pause_rule(&self, rule: &Json) -> Call {
        self.of_rules("pauseEarningRule", "earningRule", PAUSE, seen(rule))
    }

    pub fn resume_rule(&self, rule: &Json) -> Call {
        self.of_rules("resumeEarningRule", "earningRule", RESUME, seen(rule))
    }

    pub fn end_rule(&self, rule: &Json) -> Call {
        self.of_rules("endEarningRule", "earningRule", END, seen(rule))
    }

    /// A rule that is in force at once.
    pub async fn rule(&self, input: Json) -> Json {
        let draft = self.create_rule(input).await.expect_ok();
        self.publish_rule(&draft).await.expect_ok()
    }

    pub fn create_event_type(&self, input: Json) -> Call {
        self.of_rules("createEventType", "eventType", CREATE_TYPE, input)
    }

    /// Gives a member these tags and no others.
    pub async fn tag(&self, member: &Member, tags: Json) {
        let document =
            "mutation($input: TagMemberInput!) { tagMember(input: $input) { member { tags } userErrors { code } } }";
        let input = json!({ "memberId": member.id, "tags": tags });
        self.of_rules("tagMember", "member", document, input).await.expect_ok();
    }

    /// Tells what a member did.
    pub fn record_event(&self, member: &Member, kind: &str, key: &str) -> Call {
        let input = json!({ "type": kind, "memberId": member.id, "uniqueKey": key });
        self.of_rules("recordEvent", "event", RECORD, input)
    }
}

fn seen(rule: &Json) -> Json {
    json!({ "id": rule["id"], "expectedRevision": rule["revision"] })
}

impl Call {
    /// With another part of the input.
    pub fn with(mut self, field: &str, value: Json) -> Call {
        self.input[field] = value;
        self
    }
}
