//! The proof of the books in the schema.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::app::App;
use crate::audit::invariant::Bad;
use crate::audit::report::{Outcome, Report};
use crate::base::id::Id;
use crate::domain::household::query::HouseholdKey;
use crate::domain::member::query::MemberKey;
use crate::domain::points::service::audit::audit;
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::scalar::int;

/// What a proof of the books found, as of one moment.
#[derive(SimpleObject)]
pub struct LedgerAudit {
    /// True when every invariant holds.
    ok: bool,
    /// Members whose books were proved. 0 of a household, whose books are its own.
    members: i32,
    /// Their orders. 0 of a household, whose members' orders are theirs.
    orders: i32,
    /// Transactions in their ledgers, or in the household's.
    transactions: i32,
    /// Each invariant that was asked. Of one member or household, those that only hold over all of them together are left
    /// out.
    invariants: Vec<LedgerInvariant>,
}

/// A rule that the books must keep, and how it went.
#[derive(SimpleObject)]
pub struct LedgerInvariant {
    /// Its name, the same in every language and version: `wallet-is-its-entries`.
    name: &'static str,
    /// What it says, in one English sentence.
    meaning: &'static str,
    /// True when it holds.
    ok: bool,
    /// How many rows it was asked of.
    checked: i32,
    /// The first row that breaks it, by member and number; null when it holds.
    first: Option<LedgerDefect>,
}

/// A row that breaks an invariant.
#[derive(SimpleObject)]
pub struct LedgerDefect {
    /// The number of the member whose row it is; null when it is a household's, or nobody's.
    member_number: Option<String>,
    /// The number of the transaction in that member's ledger, if it is about one.
    seq: Option<i32>,
    /// What the row would have to be, in English.
    expected: String,
    /// What it is, in English.
    found: String,
}

impl From<Report> for LedgerAudit {
    fn from(report: Report) -> LedgerAudit {
        LedgerAudit {
            ok: report.broken() == 0,
            members: int(report.members),
            orders: int(report.orders),
            transactions: int(report.transactions),
            invariants: report.outcomes.into_iter().map(LedgerInvariant::from).collect(),
        }
    }
}

impl From<Outcome> for LedgerInvariant {
    fn from(outcome: Outcome) -> LedgerInvariant {
        let Outcome { name, meaning, checked, first, .. } = outcome;
        LedgerInvariant {
            name,
            meaning,
            ok: first.is_none(),
            checked: int(checked),
            first: first.map(LedgerDefect::from),
        }
    }
}

impl From<Bad> for LedgerDefect {
    fn from(bad: Bad) -> LedgerDefect {
        let Bad { number, seq, expected, found, .. } = bad;
        LedgerDefect { member_number: number, seq: seq.map(int), expected, found }
    }
}

#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Proves the books: every invariant and every hash chain, as of one moment, as `jifen verify` does. For staff only:
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members. Of one member or household it takes milliseconds;
    /// of all it reads the whole ledger, which is for small shops: `UNAVAILABLE` while another such audit runs on this
    /// process, and `TIMEOUT` when it takes longer than a request may. Null when there is no such member or household.
    async fn ledger_audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of a member or of a household; all of them when it is left out.")]
        member: Option<ID>,
    ) -> Result<Option<LedgerAudit>> {
        ctx.staff()?;
        let owner = match member {
            None => None,
            Some(id) => {
                let Some(owner) = owner_of_books(ctx, &id).await? else { return Ok(None) };
                Some(owner)
            }
        };
        Ok(Some(audit(App::of(ctx), &ctx.caller().actor, owner).await?.into()))
    }
}

/// The member or the household that an id names, if there is one: both have books of their own.
async fn owner_of_books(ctx: &Context<'_>, id: &ID) -> Result<Option<Id>> {
    let Some(GlobalId { kind, row, .. }) = GlobalId::parse(id) else { return Ok(None) };
    let is_there = match kind {
        NodeKind::Member => ctx.reader().find(MemberKey(row)).await?.is_some(),
        NodeKind::Household => ctx.reader().find(HouseholdKey(row)).await?.is_some(),
        _ => false,
    };
    Ok(is_there.then_some(row))
}
