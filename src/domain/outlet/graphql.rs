//! Outlets in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::outlet::entity::outlet;
use crate::domain::outlet::rule::Rejection;
use crate::domain::outlet::service::{create_outlet, list_outlets};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::input::path;
use crate::gql::scalar::DateTime;

/// A place where the shop sells.
pub struct OutletObject(pub Arc<outlet::Model>);

/// A place where the shop sells (门店). Anybody may read it.
#[Object(name = "Outlet")]
impl OutletObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Outlet, self.0.id)
    }

    /// The shop's own word for it, unique.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }
}

/// An outlet to be.
#[derive(InputObject)]
pub struct CreateOutletInput {
    /// The shop's own word for it, unique: 1 to 50 letters, digits, hyphens and underscores. It cannot be changed later.
    code: String,
    /// What it is called, 1 to 100 characters.
    name: String,
}

/// Why an outlet was not made.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CreateOutletErrorCode {
    /// A code has 1 to 50 letters, digits, hyphens and underscores.
    CodeInvalid,
    /// There is another outlet with this code.
    CodeTaken,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// There are 1,000 outlets already.
    TooManyOutlets,
}

/// Why an outlet was not made.
#[derive(SimpleObject)]
pub struct CreateOutletUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: CreateOutletErrorCode,
}

/// What came of making an outlet.
#[derive(SimpleObject)]
pub struct CreateOutletPayload {
    /// The outlet; null when there are user errors.
    outlet: Option<OutletObject>,
    /// Why it was not made.
    user_errors: Vec<CreateOutletUserError>,
}

/// What is said of a rejection.
fn told(rejection: Rejection) -> (CreateOutletErrorCode, &'static str, &'static str, &'static str) {
    use CreateOutletErrorCode as Code;
    match rejection {
        Rejection::CodeInvalid => (
            Code::CodeInvalid,
            "code",
            "A code has 1 to 50 letters, digits, hyphens and underscores.",
            "编码需为 1 至 50 个字母、数字、连字符或下划线。",
        ),
        Rejection::CodeTaken => (Code::CodeTaken, "code", "There is another outlet with this code.", "编码已被使用。"),
        Rejection::NameInvalid => {
            (Code::NameInvalid, "name", "A name has 1 to 100 characters.", "名称需为 1 至 100 个字符。")
        }
        Rejection::TooMany => (Code::TooManyOutlets, "code", "There are 1,000 outlets already.", "门店已达 1,000 家。"),
    }
}

#[derive(Default)]
pub struct OutletQuery;

#[Object]
impl OutletQuery {
    /// Every outlet (门店), by code; there are at most 1,000. Anybody may read them.
    async fn outlets(&self, ctx: &Context<'_>) -> Result<Vec<OutletObject>> {
        Ok(list_outlets(App::of(ctx)).await?.into_iter().map(OutletObject).collect())
    }
}

#[derive(Default)]
pub struct OutletMutation;

#[Object]
impl OutletMutation {
    /// Makes an outlet (门店), at which orders can then be placed and to which earning rules can be bound. For staff only:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn create_outlet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outlet.")] input: CreateOutletInput,
    ) -> Result<CreateOutletPayload> {
        let caller = ctx.caller();
        let made = create_outlet(App::of(ctx), &caller.actor, input.code, input.name).await?;
        ctx.reader().forget();
        let rejection = match made {
            Ok(row) => return Ok(CreateOutletPayload { outlet: Some(OutletObject(row)), user_errors: Vec::new() }),
            Err(rejection) => rejection,
        };
        let (code, field, english, chinese) = told(rejection);
        let error =
            CreateOutletUserError { message: caller.language.say(english, chinese), path: path(&[field]), code };
        Ok(CreateOutletPayload { outlet: None, user_errors: vec![error] })
    }
}
