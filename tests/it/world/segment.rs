//! Segments, as staff saves and asks them, and purchases of other days.

use std::collections::BTreeSet;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::import_order::{ImportOrder, Imported};
use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Client, Member, World};

macro_rules! segment {
    ($verb:literal, $input:literal) => {
        concat!(
            "mutation($input: ",
            $input,
            "!) { ",
            $verb,
            "(input: $input) { segment { id revision name description memberCount goneTiers { code } createdAt updatedAt
                filter { tags tiers all { tags tiers spend { least most days } lastPurchase { withinDays beforeDays never }
                    orders { least most days } birthMonths birthdayThisMonth pointsExpiring { days least }
                    points { least most } registered { from to leastDays mostDays } imported not { tags } any { tags } } } }
            userErrors { code message path currentRevision earningRuleIds } } }"
        )
    };
}

const CREATE: &str = segment!("createSegment", "CreateSegmentInput");
const UPDATE: &str = segment!("updateSegment", "UpdateSegmentInput");
const DELETE: &str = "mutation($input: DeleteSegmentInput!) { deleteSegment(input: $input) { deletedSegmentId
    userErrors { code message path earningRuleIds rewardIds } } }";
const PREVIEW: &str = "query($filter: SegmentFilterInput!) { previewSegment(filter: $filter) { memberCount userErrors { code message path } } }";
const MEMBERS: &str = "query($filter: SegmentFilterInput!) { members(where: $filter, first: 100) { nodes { id } } }";

impl Client {
    pub fn create_segment(&self, name: &str, filter: Json) -> Call {
        let input = json!({ "name": name, "filter": filter });
        Call { client: self.clone(), document: CREATE, mutation: "createSegment", object: "segment", input }
    }

    /// Changes a segment as it was seen.
    pub fn update_segment(&self, segment: &Json, mut input: Json) -> Call {
        input["id"] = segment["id"].clone();
        input["expectedRevision"] = segment["revision"].clone();
        Call { client: self.clone(), document: UPDATE, mutation: "updateSegment", object: "segment", input }
    }

    /// Deletes a segment; the payload.
    pub async fn delete_segment(&self, segment: &Json) -> Json {
        let answer = self.graphql(DELETE, json!({ "input": { "id": segment["id"] } })).await;
        answer.data()["deleteSegment"].clone()
    }

    /// What a filter would find; the payload.
    pub async fn preview_segment(&self, filter: &Json) -> Json {
        self.graphql(PREVIEW, json!({ "filter": filter })).await.data()["previewSegment"].clone()
    }

    /// The global ids of the members who fit a filter, of whom there are fewer than a page holds, in the order of the list.
    /// The list and the count must say the same.
    pub async fn list_fitting(&self, filter: &Json) -> Vec<String> {
        let data = self.graphql(MEMBERS, json!({ "filter": filter })).await.data();
        let nodes = data["members"]["nodes"].as_array().cloned().unwrap_or_default();
        let ids: Vec<_> = nodes.iter().map(|node| node["id"].as_str().unwrap_or_default().to_owned()).collect();
        assert_eq!(self.preview_segment(filter).await["memberCount"], ids.len(), "{filter}");
        ids
    }

    /// Which of some members fit a filter, one letter each.
    pub async fn who_fits(&self, filter: Json, members: &[(&str, &Member)]) -> String {
        let ids: BTreeSet<String> = self.list_fitting(&filter).await.into_iter().collect();
        members.iter().filter(|(_, member)| ids.contains(&member.id)).map(|(letter, _)| *letter).collect()
    }
}

impl World {
    /// A purchase of the past, as an import makes it.
    pub async fn purchase(&self, member_id: Id, amount: i64, placed_at: Instant) {
        let ids = &self.app.ids;
        let purchase = ImportOrder {
            member_id,
            number: ids.number(self.clock.now()),
            amount,
            pieces: 1,
            placed_at,
            order_id: ids.next(),
            seed: ids.next(),
            event_id: ids.next(),
        };
        let imported = self.app.committers.submit(purchase).await.expect("an import is committed");
        assert!(matches!(imported, Ok(Imported::Added { .. })), "{imported:?}");
    }

    /// A moment such as `2026-11-01T16:00:00Z`.
    pub fn moment(&self, text: &str) -> Instant {
        Instant::from_timestamp(text.parse().expect("a moment"))
    }
}
