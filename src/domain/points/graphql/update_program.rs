//! Changing the program: the input, the payload and the mutation.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::app::App;
use crate::domain::points::graphql::program::LoyaltyProgramObject;
use crate::domain::points::graphql::program_error::{UpdateLoyaltyProgramUserError, user_error};
use crate::domain::points::graphql::settings::{PointsValidityKind, Rounding, ShortfallPolicy, TransferPolicy};
use crate::domain::points::rule::program::change::{Change, Rate};
use crate::domain::points::service::update_program::update_program;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::scalar::Decimal;

/// So many points for, or worth, so much money.
#[derive(InputObject)]
pub struct PointsRateInput {
    /// Points, 1 to 1,000,000,000.
    points: i32,
    /// An amount in major units of the program's currency, such as `"1.00"`: up to 1,000,000,000 minor units.
    amount: Decimal,
}

/// Which parts of an order's price earn points. What is left out stays as it is.
#[derive(InputObject, Default)]
pub struct EarnBasisInput {
    /// Tax.
    pub tax: Option<bool>,
    /// Shipping.
    pub shipping: Option<bool>,
    /// The part of the price that is paid with points.
    pub points_paid: Option<bool>,
}

/// How many points an order may be paid with. What is left out stays as it is.
#[derive(InputObject, Default)]
pub struct RedemptionRulesInput {
    /// The fewest points; a multiple of the step.
    minimum: Option<i32>,
    /// Points are a multiple of this; itself a multiple of what the exchange rate turns into a whole minor unit.
    step: Option<i32>,
    /// The greatest share of an order's price that points may pay, 0 to 100 percent.
    payable_percent: Option<i32>,
}

/// How long points are good.
#[derive(InputObject)]
pub struct PointsValidityInput {
    /// What is counted.
    kind: PointsValidityKind,
    /// 1 to 3,650 days, 1 to 120 months, or 0 to 120 months before the end of a month, quarter or year; 0 for `NONE`.
    #[graphql(default)]
    count: i32,
}

/// Giving points to another member. What is left out stays as it is.
#[derive(InputObject, Default)]
pub struct TransferRulesInput {
    /// Who may.
    policy: Option<TransferPolicy>,
    /// The fewest points at a time, from 1 on.
    minimum: Option<i32>,
    /// The most points a member may give away in a day of the program's time zone; null is without limit.
    daily_limit: MaybeUndefined<i32>,
}

/// The settings that are to be different. What is left out stays as it is, and so does what is null, but for the three
/// settings that say what null means. The currency cannot be changed: prices, coupons and orders carry it.
#[derive(InputObject)]
pub struct UpdateLoyaltyProgramInput {
    /// The version this is a change of. If there is a newer one, nothing is changed.
    expected_version: i32,
    /// What the program is called, 1 to 100 characters.
    name: Option<String>,
    /// P: points for an amount.
    earn_rate: Option<PointsRateInput>,
    /// Which parts of an order's price earn points.
    earn_basis: Option<EarnBasisInput>,
    /// R: points worth an amount.
    exchange_rate: Option<PointsRateInput>,
    /// How a fraction of a point is rounded, once an order.
    rounding: Option<Rounding>,
    /// How many points an order may be paid with.
    redemption: Option<RedemptionRulesInput>,
    /// Local days after the day of delivery in which an order may be returned, 0 to 365, and for which its points are
    /// pending; null lets points be spent as soon as the order is paid.
    return_window_days: MaybeUndefined<i32>,
    /// How long points are good. It holds for points earned from now on; pending ones keep theirs.
    validity: Option<PointsValidityInput>,
    /// Days for which points are good that come back with a return after they had expired, 0 to 365; 0 forfeits them.
    grace_days: Option<i32>,
    /// What becomes of points that should be taken back with a return, and are spent.
    shortfall_policy: Option<ShortfallPolicy>,
    /// The most points a member may owe, with `ALLOW_DEBT` only; null is without limit.
    debt_limit: MaybeUndefined<i32>,
    /// The longest that points may be set aside for an open payment, 1 to 43,200 minutes.
    hold_minutes: Option<i32>,
    /// Giving points to another member.
    transfers: Option<TransferRulesInput>,
    /// An adjustment of more points than this needs a second member of staff, from 0 on.
    approval_threshold: Option<i32>,
    /// Days after their expiry in which points may be reinstated, 0 to 3,650.
    reinstatement_days: Option<i32>,
    /// Members a household may have, 0 to 20; 0 lets no new ones be made and nobody be invited.
    household_size: Option<i32>,
    /// A time zone by its IANA name, such as `Asia/Shanghai`, in which the program's days begin.
    time_zone: Option<String>,
}

impl From<PointsRateInput> for Rate {
    fn from(rate: PointsRateInput) -> Rate {
        Rate { points: i64::from(rate.points), amount: rate.amount.0 }
    }
}

/// An absent or null number: `None` leaves a setting, `Some(None)` empties it.
fn emptiable(number: MaybeUndefined<i32>) -> Option<Option<i64>> {
    Option::<Option<i32>>::from(number).map(|number| number.map(i64::from))
}

impl From<UpdateLoyaltyProgramInput> for Change {
    fn from(input: UpdateLoyaltyProgramInput) -> Change {
        let basis = input.earn_basis.unwrap_or_default();
        let redemption = input.redemption.unwrap_or_default();
        let transfers = input.transfers.unwrap_or_default();
        Change {
            name: input.name,
            earn: input.earn_rate.map(Rate::from),
            exchange: input.exchange_rate.map(Rate::from),
            rounding: input.rounding.map(Into::into),
            time_zone: input.time_zone,
            earn_on_tax: basis.tax,
            earn_on_shipping: basis.shipping,
            earn_on_points: basis.points_paid,
            redemption_minimum: redemption.minimum.map(i64::from),
            redemption_step: redemption.step.map(i64::from),
            payable_percent: redemption.payable_percent.map(i64::from),
            return_window_days: emptiable(input.return_window_days),
            validity: input.validity.map(|validity| (validity.kind.into(), i64::from(validity.count))),
            grace_days: input.grace_days.map(i64::from),
            shortfall: input.shortfall_policy.map(Into::into),
            debt_limit: emptiable(input.debt_limit),
            hold_minutes: input.hold_minutes.map(i64::from),
            transfers: transfers.policy.map(Into::into),
            transfer_minimum: transfers.minimum.map(i64::from),
            transfer_daily_limit: emptiable(transfers.daily_limit),
            approval_threshold: input.approval_threshold.map(i64::from),
            reinstatement_days: input.reinstatement_days.map(i64::from),
            household_size: input.household_size.map(i64::from),
        }
    }
}

/// What became of a change of the program.
#[derive(SimpleObject)]
pub struct UpdateLoyaltyProgramPayload {
    /// The version that holds now, or null if nothing was changed.
    loyalty_program: Option<LoyaltyProgramObject>,
    /// Everything that is wrong with the change.
    user_errors: Vec<UpdateLoyaltyProgramUserError>,
}

#[derive(Default)]
pub struct PointsMutation;

#[Object]
impl PointsMutation {
    /// Makes a new version of the loyalty program, which holds for every command from then on, on every process. What was
    /// decided before keeps its version. All or nothing. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN`
    /// for other members.
    async fn update_loyalty_program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateLoyaltyProgramInput,
    ) -> Result<UpdateLoyaltyProgramPayload> {
        let caller = ctx.caller();
        let expected = i64::from(input.expected_version);
        let updated = update_program(App::of(ctx), &caller.actor, expected, input.into()).await?;
        ctx.reader().forget();
        let (made, wrong) = match updated {
            Ok(program) => (Some(LoyaltyProgramObject(program)), Vec::new()),
            Err(wrong) => (None, wrong),
        };
        let user_errors = wrong.iter().map(|rejection| user_error(rejection, caller.language)).collect();
        Ok(UpdateLoyaltyProgramPayload { loyalty_program: made, user_errors })
    }
}
