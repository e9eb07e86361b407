//! Saying which share of points will be redeemed.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use rust_decimal::prelude::ToPrimitive;

use crate::app::App;
use crate::domain::report::entity::redemption_estimate;
use crate::domain::report::graphql::liability::percent;
use crate::domain::report::service::estimate::{Rejection, Wish, set_expected_redemption};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::input::path;
use crate::gql::scalar::{Date, DateTime, Decimal};

/// What is expected of redemption.
#[derive(InputObject)]
pub struct SetExpectedRedemptionInput {
    /// The share of points that will be redeemed, 0 to 100 percent with up to four decimals. Left out or null: what the
    /// cohorts say.
    percent: Option<Decimal>,
    /// The first day from which it counts, in the program's zone: in the month that it is now, or later. A month is reckoned
    /// by what counts on its last day.
    from: Date,
    /// Why, for the auditors: 1 to 500 characters.
    reason: String,
}

/// What staff expects of redemption from a day on (预计兑换率). Nothing is ever changed or taken away; of one day the latest
/// counts.
#[derive(SimpleObject)]
pub struct ExpectedRedemption {
    /// The share of points that will be redeemed, in percent; null for what the cohorts say.
    percent: Option<Decimal>,
    /// The first day from which it counts.
    from: Date,
    /// Why.
    reason: String,
    /// When it was said.
    created_at: DateTime,
}

impl ExpectedRedemption {
    pub fn of(row: &redemption_estimate::Model) -> ExpectedRedemption {
        ExpectedRedemption {
            percent: row.millionths.map(percent),
            // A row that was altered outside of the program may hold no day.
            from: Date(row.first_day.parse().unwrap_or(jiff::civil::Date::MIN)),
            reason: row.reason.clone(),
            created_at: DateTime::of(row.created_at),
        }
    }
}

/// Why an expectation was not taken down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "they are codes of the schema")]
pub enum SetExpectedRedemptionErrorCode {
    /// A share is 0 to 100 percent with up to four decimals.
    PercentInvalid,
    /// The first day is before the current month of the program's zone. Months that are over keep what was expected of them;
    /// a new expectation catches up in the month in which it is made.
    FromInvalid,
    /// A reason has 1 to 500 characters and no control characters.
    ReasonInvalid,
}

/// Why an expectation was not taken down.
#[derive(SimpleObject)]
pub struct SetExpectedRedemptionUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: SetExpectedRedemptionErrorCode,
}

/// What came of saying what is expected.
#[derive(SimpleObject)]
pub struct SetExpectedRedemptionPayload {
    /// What was taken down; null when there are user errors.
    expected_redemption: Option<ExpectedRedemption>,
    /// Why it was not. Then nothing was changed.
    user_errors: Vec<SetExpectedRedemptionUserError>,
}

#[derive(Default)]
pub struct ReportMutation;

#[Object]
impl ReportMutation {
    /// Says which share of points will be redeemed (预计兑换率) from a day on, in the place of what the cohorts of the
    /// liability report say. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn set_expected_redemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The share, its day and the reason.")] input: SetExpectedRedemptionInput,
    ) -> Result<SetExpectedRedemptionPayload> {
        let caller = ctx.caller();
        let SetExpectedRedemptionInput { percent, from, reason } = input;
        // What is no share in millionths is refused below as any other.
        let millionths = percent.map(|percent| {
            let millionths = percent.0.checked_mul(10_000.into()).filter(rust_decimal::Decimal::is_integer);
            millionths.and_then(|share| share.to_i64()).unwrap_or(-1)
        });
        let wish = Wish { millionths, first_day: from.0, reason };
        let rejection = match set_expected_redemption(App::of(ctx), &caller.actor, wish).await? {
            Ok(row) => {
                let expected_redemption = Some(ExpectedRedemption::of(&row));
                return Ok(SetExpectedRedemptionPayload { expected_redemption, user_errors: Vec::new() });
            }
            Err(rejection) => rejection,
        };
        let (code, field, english, chinese) = match rejection {
            Rejection::PercentInvalid => (
                SetExpectedRedemptionErrorCode::PercentInvalid,
                "percent",
                "A share is 0 to 100 percent with up to four decimals.",
                "比例需为 0 至 100，最多四位小数。",
            ),
            Rejection::FromInvalid => (
                SetExpectedRedemptionErrorCode::FromInvalid,
                "from",
                "An expectation counts from the current month at the earliest: months that are over have been reported.",
                "预计兑换率最早只能从本月起生效：已结束的月份已经入账。",
            ),
            Rejection::ReasonInvalid => (
                SetExpectedRedemptionErrorCode::ReasonInvalid,
                "reason",
                "A reason has 1 to 500 characters and no control characters.",
                "原因需为 1 至 500 个字符，且不含控制字符。",
            ),
        };
        let message = caller.language.say(english, chinese);
        let error = SetExpectedRedemptionUserError { message, path: path(&[field]), code };
        Ok(SetExpectedRedemptionPayload { expected_redemption: None, user_errors: vec![error] })
    }
}
