//! The proof of the books in the schema.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::app::App;
use crate::audit::invariant::Bad;
use crate::audit::report::{Outcome, Report};
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
    /// Members whose books were proved.
    members: i32,
    /// Their orders.
    orders: i32,
    /// Transactions in their ledgers.
    transactions: i32,
    /// Each invariant that was asked. Of one member, those that only hold over all members together are left out.
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
    /// The number of the member whose row it is; null when it is nobody's.
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
    /// `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members. Of one member it takes milliseconds; of all it
    /// reads the whole ledger, which is for small shops: `UNAVAILABLE` while another such audit runs on this process, and
    /// `TIMEOUT` when it takes longer than a request may. Null when there is no such member.
    async fn ledger_audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of a member; all members when it is left out.")] member: Option<ID>,
    ) -> Result<Option<LedgerAudit>> {
        ctx.staff()?;
        let member = match member {
            None => None,
            Some(id) => {
                let Some(id) = GlobalId::row_of(NodeKind::Member, &id) else { return Ok(None) };
                if ctx.reader().find(MemberKey(id)).await?.is_none() {
                    return Ok(None);
                }
                Some(id)
            }
        };
        Ok(Some(audit(App::of(ctx), &ctx.caller().actor, member).await?.into()))
    }
}
