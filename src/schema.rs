//! The whole schema: each domain's queries and mutations, merged.

use std::sync::Arc;

use async_graphql::{
    Context, EmptySubscription, ID, Interface, MergedObject, Object, SDLExportOptions, Schema, SchemaBuilder,
};

use crate::app::App;
use crate::base::id::Id;
use crate::db::reader::Reader;
use crate::domain::admin::graphql::AdminQuery;
use crate::domain::catalog::graphql::{
    CatalogQuery, CategoryMutation, CategoryObject, CategoryQuery, CategoryUserError, ProductConnection, ProductObject,
};
use crate::domain::catalog::query::{CategoryKey, ProductKey};
use crate::domain::earning::entity::RuleState;
use crate::domain::earning::graphql::{
    CreateEventTypeUserError, EarningMutation, EarningQuery, EarningRuleConnection, EarningRuleObject,
    EarningRuleUserError, EventTypeObject, MemberEventConnection, MemberEventObject, RecordEventUserError,
};
use crate::domain::earning::query::{EventKey, EventTypeKey, NewestRevision};
use crate::domain::earning::rule::terms::Rule;
use crate::domain::household::graphql::{HouseholdMutation, HouseholdObject, HouseholdUserError};
use crate::domain::household::query::HouseholdKey;
use crate::domain::member::graphql::{
    ChangePasswordUserError, LoginUserError, MemberMutation, MemberObject, MemberQuery, MergeMembersUserError,
    MergeMutation, RefreshTokenUserError, RegisterUserError, TagMemberUserError, TagMutation, UpdateProfileUserError,
};
use crate::domain::member::query::MemberKey;
use crate::domain::order::graphql::{
    CancelOrderUserError, DeliverOrderUserError, OrderConnection, OrderMutation, OrderObject, OrderQuery,
    OrderReturnObject, PlaceOrderUserError, RefundOrderUserError,
};
use crate::domain::order::query::{OrderKey, OrderReturnKey};
use crate::domain::outlet::graphql::{CreateOutletUserError, OutletMutation, OutletObject, OutletQuery};
use crate::domain::outlet::query::OutletKey;
use crate::domain::points::graphql::{
    AuditQuery, LoyaltyProgramConnection, MovementMutation, MovementQuery, PointsAdjustmentConnection,
    PointsAdjustmentObject, PointsEntryConnection, PointsEntryObject, PointsHoldConnection, PointsHoldObject,
    PointsLotConnection, PointsLotObject, PointsMutation, PointsQuery, PointsTransferObject, PointsUserError,
    UpdateLoyaltyProgramUserError,
};
use crate::domain::points::query::account::{AdjustmentKey, HoldKey, LotKey, TransferKey};
use crate::domain::points::query::{TxnKey, WalletOf, keeper_of};
use crate::domain::report::graphql::{ReportMutation, ReportQuery, SetExpectedRedemptionUserError, StatisticsQuery};
use crate::domain::reward::entity::{RewardState, reward};
use crate::domain::reward::graphql::{
    AddCodesUserError, CancelRedemptionUserError, CouponConnection, CouponObject, RedeemUserError, RedemptionObject,
    RewardConnection, RewardMutation, RewardObject, RewardQuery, RewardUserError, TierRewardConnection,
};
use crate::domain::reward::query::{CouponKey, RedemptionKey, RewardKey};
use crate::domain::segment::graphql::{
    SegmentConnection, SegmentMemberConnection, SegmentMutation, SegmentObject, SegmentQuery, SegmentUserError,
};
use crate::domain::segment::query::SegmentKey;
use crate::domain::simulation::graphql::{
    SimulationConnection, SimulationMutation, SimulationObject, SimulationQuery, SimulationUserError,
};
use crate::domain::simulation::query::SimulationKey;
use crate::domain::tier::graphql::{
    ProtectTierUserError, TierChangeConnection, TierMoverConnection, TierMutation, TierObject, TierQuery,
    TierSetObject, TierSetUserError,
};
use crate::domain::tier::query::{NewestTiers, TierKey};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};

/// Anything that has a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id: opaque, good for ever."))]
pub enum Node {
    Member(MemberObject),
    Order(OrderObject),
    Product(ProductObject),
    Reward(RewardObject),
    PointsEntry(PointsEntryObject),
    Redemption(RedemptionObject),
    Coupon(CouponObject),
    OrderReturn(OrderReturnObject),
    PointsLot(PointsLotObject),
    PointsHold(PointsHoldObject),
    PointsAdjustment(PointsAdjustmentObject),
    PointsTransfer(PointsTransferObject),
    Household(HouseholdObject),
    EarningRule(EarningRuleObject),
    EventType(EventTypeObject),
    MemberEvent(MemberEventObject),
    Segment(SegmentObject),
    Category(CategoryObject),
    Outlet(OutletObject),
    Simulation(SimulationObject),
    TierSet(TierSetObject),
    Tier(TierObject),
}

/// Why a mutation was refused. Each mutation has its own kind, which adds a `code`.
#[derive(Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "For people, in the language of the request."),
    field(name = "path", ty = "&Option<Vec<String>>", desc = "Where in the arguments it is wrong.")
)]
pub enum UserError {
    Register(RegisterUserError),
    Login(LoginUserError),
    RefreshToken(RefreshTokenUserError),
    UpdateProfile(UpdateProfileUserError),
    ChangePassword(ChangePasswordUserError),
    PlaceOrder(PlaceOrderUserError),
    DeliverOrder(DeliverOrderUserError),
    CancelOrder(CancelOrderUserError),
    RefundOrder(RefundOrderUserError),
    Redeem(RedeemUserError),
    CancelRedemption(CancelRedemptionUserError),
    Reward(RewardUserError),
    AddCodes(AddCodesUserError),
    Points(PointsUserError),
    UpdateLoyaltyProgram(UpdateLoyaltyProgramUserError),
    Household(HouseholdUserError),
    MergeMembers(MergeMembersUserError),
    EarningRule(EarningRuleUserError),
    CreateEventType(CreateEventTypeUserError),
    RecordEvent(RecordEventUserError),
    TagMember(TagMemberUserError),
    Segment(SegmentUserError),
    SetExpectedRedemption(SetExpectedRedemptionUserError),
    Simulation(SimulationUserError),
    Category(CategoryUserError),
    CreateOutlet(CreateOutletUserError),
    TierSet(TierSetUserError),
    ProtectTier(ProtectTierUserError),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its global id. What belongs to another member is null, but for staff; so is what is not there.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, as some `id` field gave it.")] id: ID,
    ) -> Result<Option<Node>> {
        let Some(GlobalId { kind, owner, row }) = GlobalId::parse(&id) else { return Ok(None) };
        let reader = ctx.reader();
        match (kind, owner) {
            (NodeKind::Product, None) => {
                return Ok(reader.find(ProductKey(row)).await?.map(ProductObject).map(Node::from));
            }
            (NodeKind::Reward, None) => {
                let reward = reader.find(RewardKey(row)).await?;
                let is_public = |reward: &Arc<reward::Model>| {
                    reward.state != RewardState::Draft || ctx.caller().actor.staff().is_ok()
                };
                return Ok(reward.filter(is_public).map(RewardObject).map(Node::from));
            }
            (NodeKind::EarningRule, None) => {
                let rule = reader.find(NewestRevision(row)).await?;
                // What is still worked on is nobody else's business.
                let is_public =
                    |rule: &Arc<Rule>| rule.row.state != RuleState::Draft || ctx.caller().actor.staff().is_ok();
                return Ok(rule.filter(is_public).map(EarningRuleObject).map(Node::from));
            }
            (NodeKind::EventType, None) => {
                return Ok(reader.find(EventTypeKey(row)).await?.map(EventTypeObject).map(Node::from));
            }
            (NodeKind::Segment, None) => {
                let is_staff = ctx.caller().actor.staff().is_ok();
                let found = if is_staff { reader.find(SegmentKey(row)).await? } else { None };
                return Ok(found.map(SegmentObject).map(Node::from));
            }
            (NodeKind::Category, None) => {
                return Ok(reader.find(CategoryKey(row)).await?.map(CategoryObject).map(Node::from));
            }
            (NodeKind::Outlet, None) => {
                return Ok(reader.find(OutletKey(row)).await?.map(OutletObject).map(Node::from));
            }
            (NodeKind::Simulation, None) => {
                let is_staff = ctx.caller().actor.staff().is_ok();
                let found = if is_staff { reader.find(SimulationKey(row)).await? } else { None };
                return Ok(found.map(SimulationObject).map(Node::from));
            }
            (NodeKind::TierSet, None) => {
                return Ok(reader.find(NewestTiers(row)).await?.map(TierSetObject).map(Node::from));
            }
            (NodeKind::Tier, None) => {
                return Ok(reader.find(TierKey(row)).await?.map(TierObject).map(Node::from));
            }
            _ => {}
        }
        let Some(me) = ctx.caller().actor.find_member() else { return Ok(None) };
        // Everything else belongs to a member or a household, who must be the one who asks or theirs, or the one who asks
        // is staff.
        let owner = owner.unwrap_or(row);
        if me.may_read(owner) || is_of_household(reader, me.member_id, owner).await? {
            let found = find_owned(reader, kind, owner, row).await?;
            if found.is_some() || !me.staff {
                return Ok(found);
            }
        }
        // Orders and the like change hands when members are merged; an id of before leads to where they are now.
        match keeper_of(&App::of(ctx).hub, owner).await? {
            Some(keeper) if me.may_read(keeper) => find_owned(reader, kind, keeper, row).await,
            _ => Ok(None),
        }
    }
}

async fn is_of_household(reader: &Reader, member_id: Id, household_id: Id) -> Result<bool> {
    let wallet = reader.find(WalletOf(member_id)).await?;
    Ok(wallet.is_some_and(|wallet| wallet.household_id == Some(household_id)))
}

async fn find_owned(reader: &Reader, kind: NodeKind, owner: Id, row: Id) -> Result<Option<Node>> {
    Ok(match kind {
        NodeKind::Member => reader.find(MemberKey(owner)).await?.map(|member| Node::from(MemberObject(member.id))),
        NodeKind::Order => reader.find(OrderKey(owner, row)).await?.map(OrderObject).map(Node::from),
        NodeKind::PointsEntry => reader.find(TxnKey(owner, row)).await?.map(PointsEntryObject).map(Node::from),
        NodeKind::Redemption => reader.find(RedemptionKey(owner, row)).await?.map(RedemptionObject).map(Node::from),
        NodeKind::Coupon => reader.find(CouponKey(owner, row)).await?.map(CouponObject).map(Node::from),
        NodeKind::OrderReturn => reader.find(OrderReturnKey(owner, row)).await?.map(OrderReturnObject).map(Node::from),
        NodeKind::PointsLot => reader.find(LotKey(owner, row)).await?.map(PointsLotObject).map(Node::from),
        NodeKind::PointsHold => reader.find(HoldKey(owner, row)).await?.map(PointsHoldObject).map(Node::from),
        NodeKind::PointsAdjustment => {
            reader.find(AdjustmentKey(owner, row)).await?.map(PointsAdjustmentObject).map(Node::from)
        }
        NodeKind::PointsTransfer => {
            reader.find(TransferKey(owner, row)).await?.map(PointsTransferObject).map(Node::from)
        }
        NodeKind::Household => reader.find(HouseholdKey(owner)).await?.map(HouseholdObject).map(Node::from),
        NodeKind::Event => reader.find(EventKey(owner, row)).await?.map(MemberEventObject).map(Node::from),
        NodeKind::Product
        | NodeKind::Reward
        | NodeKind::EarningRule
        | NodeKind::EventType
        | NodeKind::Category
        | NodeKind::Outlet
        | NodeKind::Simulation
        | NodeKind::Segment
        | NodeKind::TierSet
        | NodeKind::Tier => None,
    })
}

/// Everything that can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    MemberQuery,
    AdminQuery,
    CatalogQuery,
    CategoryQuery,
    OutletQuery,
    OrderQuery,
    RewardQuery,
    EarningQuery,
    SegmentQuery,
    TierQuery,
    PointsQuery,
    MovementQuery,
    AuditQuery,
    ReportQuery,
    StatisticsQuery,
    SimulationQuery,
);

/// Everything that can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    MemberMutation,
    MergeMutation,
    TagMutation,
    HouseholdMutation,
    CategoryMutation,
    OutletMutation,
    OrderMutation,
    RewardMutation,
    EarningMutation,
    SegmentMutation,
    TierMutation,
    PointsMutation,
    MovementMutation,
    ReportMutation,
    SimulationMutation,
);

pub type JifenSchema = Schema<Query, Mutation, EmptySubscription>;

/// At most one of each of these in a document: they cost a password hash, move money, points or stock, or read a whole
/// ledger or years of statistics.
pub const ONCE_A_DOCUMENT: [&str; 28] = [
    "register",
    "login",
    "changePassword",
    "placeOrder",
    "deliverOrder",
    "cancelOrder",
    "refundOrder",
    "redeem",
    "cancelRedemption",
    "addCodes",
    "recordEvent",
    "recordEvents",
    "holdPoints",
    "captureHold",
    "releaseHold",
    "transferPoints",
    "adjustPoints",
    "decideAdjustment",
    "reinstateExpired",
    "createHousehold",
    "inviteToHousehold",
    "joinHousehold",
    "leaveHousehold",
    "mergeMembers",
    "ledgerAudit",
    "liabilityReport",
    "programStatistics",
    "previewTierSet",
];

fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<UserError>()
        // Connections are the library's types, which say nothing of what they hold.
        .override_output_type_description::<ProductConnection>("A page of products.")
        .override_output_type_description::<OrderConnection>("A page of a member's orders.")
        .override_output_type_description::<RewardConnection>("A page of rewards.")
        .override_output_type_description::<TierRewardConnection>("A page of the rewards of a tier.")
        .override_output_type_description::<CouponConnection>("A page of a member's coupons.")
        .override_output_type_description::<PointsEntryConnection>("A page of a member's points ledger.")
        .override_output_type_description::<PointsLotConnection>("A page of a member's lots of points.")
        .override_output_type_description::<PointsHoldConnection>("A page of a member's holds.")
        .override_output_type_description::<PointsAdjustmentConnection>("A page of the adjustments that wait.")
        .override_output_type_description::<EarningRuleConnection>("A page of earning rules.")
        .override_output_type_description::<TierChangeConnection>("A page of the history of a member's tier.")
        .override_output_type_description::<TierMoverConnection>("A page of members who would be in another tier.")
        .override_output_type_description::<MemberEventConnection>("A page of what a member did.")
        .override_output_type_description::<SegmentConnection>("A page of segments.")
        .override_output_type_description::<SimulationConnection>("A page of simulations.")
        .override_output_type_description::<SegmentMemberConnection>("A page of members.")
        .override_output_type_description::<LoyaltyProgramConnection>("A page of the loyalty program's versions.")
}

/// The schema that answers requests. In production introspection and "did you mean" are off.
pub fn build(app: App, production: bool) -> JifenSchema {
    let builder = builder().data(app);
    if production { builder.disable_introspection().disable_suggestions().finish() } else { builder.finish() }
}

/// The schema as text; what `schema.graphql` holds.
pub fn sdl() -> String {
    let mut text = builder().finish().sdl_with_options(SDLExportOptions::new().include_specified_by());
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
