//! Who may do what: every field of the two roots, and every kind of node, with who may read it. One that is not listed
//! fails, so nobody adds a field without saying whose it is.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::TypeKind;
use serde_json::{Value as Json, json};

use super::schema::{fields, types};
use jifen::domain::points::entity::TransferPolicy;

use crate::world::{Client, World, both_databases};

both_databases!(everybody_gets_what_is_theirs, a_node_is_shown_to_its_owner_and_to_staff);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anybody,
    /// A visitor is told to log in.
    Members,
    /// A visitor gets null.
    NullForVisitors,
    /// A visitor is told to log in, and a member that it is for staff.
    Staff,
}
use Who::{Anybody, Members, NullForVisitors, Staff};

/// Every field of the roots: who may, and a selection of it that everybody could write.
const FIELDS: &[(&str, &str, Who, &str)] = &[
    ("Query", "node", Anybody, "node(id: \"x\") { id }"),
    ("Query", "me", NullForVisitors, "me { id }"),
    ("Query", "member", Staff, "member(by: { username: \"nobody\" }) { id }"),
    ("Query", "products", Anybody, "products { totalCount }"),
    ("Query", "product", Anybody, "product(by: { sku: \"x\" }) { id }"),
    ("Query", "order", Members, "order(by: { number: \"x\" }) { id }"),
    ("Query", "rewards", Anybody, "rewards { totalCount }"),
    ("Query", "checkCoupon", Members, "checkCoupon(input: { couponCode: \"x\", lines: [] }) { userErrors { code } }"),
    ("Query", "loyaltyProgram", Anybody, "loyaltyProgram { name }"),
    ("Query", "requestedAdjustments", Staff, "requestedAdjustments { totalCount }"),
    ("Query", "loyaltyProgramVersions", Staff, "loyaltyProgramVersions { totalCount }"),
    ("Query", "ledgerAudit", Staff, "ledgerAudit { ok }"),
    (
        "Mutation",
        "register",
        Anybody,
        "register(input: { username: \"x\", email: \"x\", password: \"x\" }) { userErrors { code } }",
    ),
    ("Mutation", "login", Anybody, "login(input: { account: \"x\", password: \"x\" }) { userErrors { code } }"),
    ("Mutation", "refreshToken", Anybody, "refreshToken(input: { refreshToken: \"x\" }) { userErrors { code } }"),
    ("Mutation", "updateProfile", Members, "updateProfile(input: {}) { member { id } }"),
    (
        "Mutation",
        "changePassword",
        Members,
        "changePassword(input: { currentPassword: \"x\", newPassword: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "placeOrder",
        Members,
        "placeOrder(input: { idempotencyKey: \"x\", lines: [] }) { userErrors { code } }",
    ),
    ("Query", "previewRefund", Staff, "previewRefund(input: { orderId: \"x\" }) { userErrors { code } }"),
    (
        "Mutation",
        "deliverOrder",
        Staff,
        "deliverOrder(input: { idempotencyKey: \"x\", orderId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "cancelOrder",
        Staff,
        "cancelOrder(input: { idempotencyKey: \"x\", orderId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "refundOrder",
        Staff,
        "refundOrder(input: { idempotencyKey: \"x\", orderId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "redeem",
        Members,
        "redeem(input: { idempotencyKey: \"x\", rewardId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "createReward",
        Staff,
        "createReward(input: { kind: DONATION, name: \"\", pointsPrice: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "updateReward",
        Staff,
        "updateReward(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    ("Mutation", "endReward", Staff, "endReward(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }"),
    (
        "Mutation",
        "addCodes",
        Staff,
        "addCodes(input: { idempotencyKey: \"x\", rewardId: \"x\", codes: [] }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "cancelRedemption",
        Staff,
        "cancelRedemption(input: { idempotencyKey: \"x\", redemptionId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "updateLoyaltyProgram",
        Staff,
        "updateLoyaltyProgram(input: { expectedVersion: 0 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "holdPoints",
        Members,
        "holdPoints(input: { idempotencyKey: \"x\", points: 0 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "captureHold",
        Staff,
        "captureHold(input: { idempotencyKey: \"x\", holdId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "releaseHold",
        Members,
        "releaseHold(input: { idempotencyKey: \"x\", holdId: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "transferPoints",
        Members,
        "transferPoints(input: { idempotencyKey: \"x\", toMemberNumber: \"x\", points: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "adjustPoints",
        Staff,
        "adjustPoints(input: { idempotencyKey: \"x\", memberId: \"x\", points: 1, reason: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "decideAdjustment",
        Staff,
        "decideAdjustment(input: { idempotencyKey: \"x\", adjustmentId: \"x\", approve: true }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "reinstateExpired",
        Staff,
        "reinstateExpired(input: { idempotencyKey: \"x\", entryId: \"x\" }) { userErrors { code } }",
    ),
    ("Mutation", "createHousehold", Members, "createHousehold(input: { name: \"\" }) { userErrors { code } }"),
    (
        "Mutation",
        "inviteToHousehold",
        Members,
        "inviteToHousehold(input: { memberNumber: \"x\", role: EARNER }) { userErrors { code } }",
    ),
    ("Mutation", "joinHousehold", Members, "joinHousehold(input: { householdId: \"x\" }) { userErrors { code } }"),
    ("Mutation", "leaveHousehold", Members, "leaveHousehold(input: { householdId: \"x\" }) { userErrors { code } }"),
    (
        "Mutation",
        "mergeMembers",
        Staff,
        "mergeMembers(input: { fromMemberId: \"x\", intoMemberId: \"y\" }) { userErrors { code } }",
    ),
    ("Mutation", "tagMember", Staff, "tagMember(input: { memberId: \"x\", tags: [] }) { userErrors { code } }"),
    ("Query", "categories", Anybody, "categories { id }"),
    ("Query", "outlets", Anybody, "outlets { id }"),
    ("Query", "previewEarn", Anybody, "previewEarn(input: { lines: [] }) { userErrors { code } }"),
    ("Mutation", "createCategory", Staff, "createCategory(input: { slug: \"\", name: \"\" }) { userErrors { code } }"),
    ("Mutation", "createOutlet", Staff, "createOutlet(input: { code: \"\", name: \"\" }) { userErrors { code } }"),
    ("Mutation", "fileProduct", Staff, "fileProduct(input: { productId: \"x\" }) { userErrors { code } }"),
    ("Query", "earningRules", Staff, "earningRules { totalCount }"),
    (
        "Query",
        "previewTierSet",
        Staff,
        "previewTierSet(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "createTierSet",
        Staff,
        "createTierSet(input: { basis: POINTS, window: LIFETIME, tiers: [] }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "updateTierSet",
        Staff,
        "updateTierSet(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "protectTier",
        Staff,
        "protectTier(input: { memberId: \"x\", reason: \"x\" }) { userErrors { code } }",
    ),
    ("Query", "eventTypes", Staff, "eventTypes { id }"),
    (
        "Mutation",
        "createEarningRule",
        Staff,
        "createEarningRule(input: { name: \"\", effect: { bonus: 1 } }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "updateEarningRule",
        Staff,
        "updateEarningRule(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "publishEarningRule",
        Staff,
        "publishEarningRule(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "pauseEarningRule",
        Staff,
        "pauseEarningRule(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "resumeEarningRule",
        Staff,
        "resumeEarningRule(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "endEarningRule",
        Staff,
        "endEarningRule(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "createEventType",
        Staff,
        "createEventType(input: { code: \"\", name: \"\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "recordEvent",
        Staff,
        "recordEvent(input: { type: \"X\", memberId: \"x\", uniqueKey: \"x\" }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "recordEvents",
        Staff,
        "recordEvents(input: { events: [{ type: \"X\", memberId: \"x\", uniqueKey: \"x\" }] }) { userErrors { code } }",
    ),
    ("Query", "simulation", Staff, "simulation(id: \"x\") { id }"),
    ("Query", "simulations", Staff, "simulations { nodes { id } }"),
    (
        "Mutation",
        "simulateProgram",
        Staff,
        "simulateProgram(input: { from: \"2026-11-02\", to: \"2026-11-01\" }) { userErrors { code } }",
    ),
    ("Mutation", "cancelSimulation", Staff, "cancelSimulation(input: { id: \"x\" }) { userErrors { code } }"),
    ("Query", "segments", Staff, "segments { totalCount }"),
    ("Query", "members", Staff, "members { totalCount }"),
    ("Query", "previewSegment", Staff, "previewSegment(filter: { imported: true }) { memberCount }"),
    (
        "Mutation",
        "createSegment",
        Staff,
        "createSegment(input: { name: \"\", filter: { imported: true } }) { userErrors { code } }",
    ),
    (
        "Mutation",
        "updateSegment",
        Staff,
        "updateSegment(input: { id: \"x\", expectedRevision: 1 }) { userErrors { code } }",
    ),
    ("Mutation", "deleteSegment", Staff, "deleteSegment(input: { id: \"x\" }) { userErrors { code } }"),
    (
        "Query",
        "programStatistics",
        Staff,
        "programStatistics(from: \"2026-11-01\", to: \"2026-11-30\", by: MONTH) { timeZone }",
    ),
    (
        "Query",
        "liabilityReport",
        Staff,
        "liabilityReport(from: \"2026-11-01\", to: \"2026-11-30\", by: MONTH) { agrees }",
    ),
    (
        "Mutation",
        "setExpectedRedemption",
        Staff,
        "setExpectedRedemption(input: { from: \"2026-11-01\", reason: \"\" }) { userErrors { code } }",
    ),
    // Last, because they end the member's session.
    ("Mutation", "logout", Members, "logout { loggedOut }"),
    ("Mutation", "logoutEverywhere", Members, "logoutEverywhere { loggedOut }"),
];

/// Every kind of node: whether everybody may read it, its owner and staff only, or nobody but staff.
const NODES: &[(&str, Who)] = &[
    ("Category", Anybody),
    ("Coupon", Members),
    ("EarningRule", Anybody),
    ("EventType", Anybody),
    ("Household", Members),
    ("Member", Members),
    ("MemberEvent", Members),
    ("Order", Members),
    ("OrderReturn", Members),
    ("Outlet", Anybody),
    ("PointsAdjustment", Members),
    ("PointsEntry", Members),
    ("PointsHold", Members),
    ("PointsLot", Members),
    ("PointsTransfer", Members),
    ("Product", Anybody),
    ("Redemption", Members),
    ("Reward", Anybody),
    ("Segment", Staff),
    ("Simulation", Staff),
    ("Tier", Anybody),
    ("TierSet", Anybody),
];

#[test]
fn every_root_field_is_listed() {
    for root in ["Query", "Mutation"] {
        let types = types();
        let definition = types.iter().find(|definition| definition.name.node == root).expect("a root");
        let there: BTreeSet<_> = fields(definition).iter().map(|field| field.node.name.node.to_string()).collect();
        let listed: BTreeSet<_> =
            FIELDS.iter().filter(|(of, ..)| *of == root).map(|(_, field, ..)| (*field).to_owned()).collect();
        assert_eq!(there, listed, "say in FIELDS who may use it");
    }
}

#[test]
fn every_kind_of_node_is_listed() {
    let is_node = |kind: &TypeKind| match kind {
        TypeKind::Object(object) => object.implements.iter().any(|interface| interface.node == "Node"),
        _ => false,
    };
    let there: BTreeSet<_> =
        types().iter().filter(|definition| is_node(&definition.kind)).map(|d| d.name.node.to_string()).collect();
    let listed: BTreeSet<_> = NODES.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    assert_eq!(there, listed, "say in NODES who may read it");
}

async fn everybody_gets_what_is_theirs(world: World) {
    let visitor = world.visitor();
    for (root, field, who, selection) in FIELDS {
        let document = format!("{} {{ {selection} }}", root.to_lowercase());
        let staff = world.staff().await;
        let answer = staff.graphql(&document, Json::Null).await;
        assert!(answer.json.get("errors").is_none(), "{field} of staff: {}", answer.json);
        let member = world.member().await;
        let answer = member.graphql(&document, Json::Null).await;
        match who {
            Staff => assert_eq!(answer.code(), "FORBIDDEN", "a member's {field}: {}", answer.json),
            _ => assert!(answer.json.get("errors").is_none(), "a member's {field}: {}", answer.json),
        }
        let answer = visitor.graphql(&document, Json::Null).await;
        match who {
            Anybody => assert!(answer.json.get("errors").is_none(), "a visitor's {field}: {}", answer.json),
            Members | Staff => assert_eq!(answer.code(), "UNAUTHENTICATED", "a visitor's {field}: {}", answer.json),
            NullForVisitors => assert_eq!(answer.json["data"], json!({ *field: null }), "a visitor's {field}"),
        }
    }
}

async fn a_node_is_shown_to_its_owner_and_to_staff(world: World) {
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(50).await;
    let (alice, bob) = (world.member().await, world.member().await);
    let order = alice.place_order(&[(&tea, 1)]).await.expect_ok();
    let redemption = alice.redeem(&reward).await.expect_ok();
    world.program(|program| program.transfers = TransferPolicy::Anybody).await;
    let staff = world.staff().await;
    let adjustment = staff.adjust_points(&alice, 5).await.expect_ok();
    let transfer = alice.transfer_points(&bob, 1).await.expect_ok();
    let hold = alice.hold_points(1).await.expect_ok();
    let ledger = alice.query("{ me { pointsAccount { lots { nodes { id } } pointsLedger { nodes { id } } } } }").await;
    let account = &ledger["me"]["pointsAccount"];
    let (entry, lot) = (&account["pointsLedger"]["nodes"][0]["id"], &account["lots"]["nodes"][0]["id"]);
    world.program(|program| program.household_size = 2).await;
    let household = alice.create_household("Home").await.expect_ok();
    let kind = staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    let rule = staff.rule(json!({ "name": "Welcome", "effect": { "bonus": 1 } })).await;
    let category = staff.create_category("teas", "Teas").await.expect_ok();
    let outlet = staff.create_outlet("A", "A").await.expect_ok();
    let tiers = staff.create_tiers(crate::world::tier::three_tiers()).await.expect_ok();
    let event = staff.record_event(&alice, "CHECK_IN", "today").await.expect_ok();
    let segment = staff.create_segment("Everybody", json!({ "all": [] })).await.expect_ok();
    let simulation = staff.simulate(json!({})).await.expect_ok();
    let ids = BTreeMap::from([
        ("Segment", segment["id"].clone()),
        ("Simulation", simulation["id"].clone()),
        ("Category", category["id"].clone()),
        ("Outlet", outlet["id"].clone()),
        ("EarningRule", rule["id"].clone()),
        ("Tier", tiers["tiers"][1]["id"].clone()),
        ("TierSet", tiers["id"].clone()),
        ("EventType", kind["id"].clone()),
        ("MemberEvent", event["id"].clone()),
        ("Household", household["id"].clone()),
        ("Coupon", redemption["coupon"]["id"].clone()),
        ("Member", json!(alice.id)),
        ("Order", order["id"].clone()),
        ("PointsAdjustment", adjustment["id"].clone()),
        ("PointsEntry", entry.clone()),
        ("PointsHold", hold["id"].clone()),
        ("PointsLot", lot.clone()),
        ("PointsTransfer", transfer["id"].clone()),
        ("Product", json!(tea.id)),
        ("Redemption", redemption["id"].clone()),
        ("Reward", json!(reward.id)),
    ]);
    let taken = staff.refund_order(&order).await.expect_ok();
    let ids = ids.into_iter().chain([("OrderReturn", taken["id"].clone())]).collect::<BTreeMap<_, _>>();
    for (kind, who) in NODES {
        let id = &ids[kind];
        let shown = json!({ "__typename": kind, "id": id });
        assert_eq!(node(&staff, id).await, shown);
        let to_owner = if *who == Staff { Json::Null } else { shown };
        assert_eq!(node(&alice, id).await, to_owner);
        let to_all = if *who == Anybody { json!({ "__typename": kind, "id": id }) } else { Json::Null };
        for other in [&*bob, &world.visitor()] {
            assert_eq!(node(other, id).await, to_all, "somebody else's {kind}");
        }
    }
    for nothing in ["", "x", "AAAA", "\u{0}", "%%%", &alice.id[1..], &"A".repeat(44), &"A".repeat(5_000)] {
        for reader in [&*alice, &*staff] {
            assert_eq!(node(reader, &json!(nothing)).await, Json::Null, "{nothing:?}");
        }
    }
}

async fn node(client: &Client, id: &Json) -> Json {
    let answer = client.graphql("query($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id })).await;
    answer.data()["node"].clone()
}
