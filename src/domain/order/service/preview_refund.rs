//! What a refund would do.

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::commit::return_order::{REFUND, ReturnOrder, Returned};
use crate::domain::order::rule::take_back::{Figures, Rejection};
use crate::domain::order::service::taken_back::{Wish, command};

/// What would come of a refund.
pub struct Preview {
    pub figures: Figures,
    /// Sent along with the refund, it is made only if it still does exactly this.
    pub token: String,
    pub currency: String,
}

/// Decides a refund as if it were made, under the same locks, and writes nothing. For staff.
pub async fn preview_refund(app: &App, actor: &Actor, wish: Wish) -> Result<Result<Preview, Rejection>> {
    let staff = actor.staff()?;
    let command = match command(app, staff.member_id, REFUND, wish).await? {
        Ok(command) => ReturnOrder { is_preview: true, ..command },
        Err(rejection) => return Ok(Err(rejection)),
    };
    let currency = command.program.currency.clone();
    match app.committers.submit(command).await? {
        Ok(Returned::Preview { figures, token }) => Ok(Ok(Preview { figures, token, currency })),
        Ok(Returned::Now { .. } | Returned::Before(_)) => Err(Error::internal("a preview was carried out")),
        Err(rejection) => Ok(Err(rejection)),
    }
}
