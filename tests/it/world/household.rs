//! Households and mergers, and the documents they send.

use jifen::base::id::Id;
use jifen::gql::id::{GlobalId, NodeKind};
use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Client, Member};

/// What is selected of a household.
macro_rules! of_household {
    () => {
        " household { id name createdAt members { number name role joinedAt } pointsAccount { active pending debt } }
          userErrors { code message path limit } "
    };
}

const CREATE: &str =
    concat!("mutation($input: CreateHouseholdInput!) { createHousehold(input: $input) {", of_household!(), "} }");
const INVITE: &str =
    concat!("mutation($input: InviteToHouseholdInput!) { inviteToHousehold(input: $input) {", of_household!(), "} }");
const JOIN: &str =
    concat!("mutation($input: JoinHouseholdInput!) { joinHousehold(input: $input) {", of_household!(), "} }");
const LEAVE: &str =
    concat!("mutation($input: LeaveHouseholdInput!) { leaveHousehold(input: $input) {", of_household!(), "} }");
const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) {
    member { id number username email phone name
        pointsAccount { active pending debt lifetime } orders { nodes { id number } } }
    userErrors { code message path } } }";

impl Client {
    /// A mutation that takes no key: what it asks for is done or is not.
    fn keyless(&self, mutation: &'static str, object: &'static str, document: &'static str, input: Json) -> Call {
        Call { client: self.clone(), document, mutation, object, input }
    }

    pub fn create_household(&self, name: &str) -> Call {
        self.keyless("createHousehold", "household", CREATE, json!({ "name": name }))
    }

    pub fn invite(&self, number: &Json, role: &str) -> Call {
        self.keyless("inviteToHousehold", "household", INVITE, json!({ "memberNumber": number, "role": role }))
    }

    pub fn join_household(&self, household: &Json) -> Call {
        self.keyless("joinHousehold", "household", JOIN, json!({ "householdId": household["id"] }))
    }

    pub fn leave_household(&self, household: &Json) -> Call {
        self.keyless("leaveHousehold", "household", LEAVE, json!({ "householdId": household["id"] }))
    }

    /// Merges a member into another, for staff.
    pub fn merge(&self, from: &Member, into: &Member) -> Call {
        let input = json!({ "fromMemberId": from.id, "intoMemberId": into.id, "reason": "The same person" });
        self.keyless("mergeMembers", "member", MERGE, input)
    }
}

impl Call {
    /// Whom the owner sends away.
    pub fn sending(mut self, number: &Json) -> Call {
        self.input["memberNumber"] = number.clone();
        self
    }

    /// Pays with the household's points.
    pub fn by_household(mut self) -> Call {
        self.input["pointsFrom"] = json!("HOUSEHOLD");
        self
    }
}

impl Member {
    /// Another member who has joined the household of this one.
    pub async fn shares_with(&self, other: &Member, role: &str) -> Json {
        let household = self.invite(&other.number().await, role).await.expect_ok();
        other.join_household(&household).await.expect_ok()
    }
}

/// The row behind a household's global id.
pub fn household_id(household: &Json) -> Id {
    let id = household["id"].as_str().expect("a household's id").to_owned();
    GlobalId::row_of(NodeKind::Household, &id.into()).expect("a household's id")
}
