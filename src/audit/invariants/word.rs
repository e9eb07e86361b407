//! Words: every kind, state and currency is one the program knows. The lists are the program's own enums.

use sea_orm::ActiveEnum;

use crate::audit::invariant::Invariant;
use crate::base::money::Currency;
use crate::commit::key::OPERATIONS;
use crate::domain::earning::entity::{Period, RuleState, Stacking};
use crate::domain::household::entity::MembershipState;
use crate::domain::member::entity::HandleKind;
use crate::domain::order::entity::{Channel, OrderStatus, PaymentMethod, PaymentStatus};
use crate::domain::outbox::entity::{Topic, Uncounted};
use crate::domain::points::entity::{
    Account, ActorKind, AdjustmentState, Bucket, Cause, HouseholdRole, LotState, RoundingKind, ShortfallPolicy,
    TransferPolicy, TxnKind, ValidityKind,
};
use crate::domain::report::entity::Figure;
use crate::domain::reward::entity::{RewardKind, RewardState};
use crate::domain::tier::entity::{Basis, CountedAs, CountedOver, Downgrade, Why};

/// A column that holds words, and how a bad row of its table is named.
struct Words {
    table: &'static str,
    column: &'static str,
    /// The columns that become `member_id`, `seq` and `id`.
    named_by: [&'static str; 3],
    known: Vec<String>,
}

const NO_MEMBER: &str = "CAST(NULL AS uuid)";
const NO_SEQ: &str = "CAST(NULL AS bigint)";

pub fn invariants() -> Vec<Invariant> {
    vec![
        Invariant {
            name: "words-are-known",
            over: "txn",
            meaning: "Every kind, state, account and cause is one the program knows.",
            sql: union(&words()).into(),
            is_overall: false,
        },
        Invariant {
            name: "currencies-are-known",
            over: "\"order\"",
            meaning: "Every currency is one the program knows.",
            sql: union(&currencies()).into(),
            is_overall: false,
        },
    ]
}

fn words() -> Vec<Words> {
    let of_txn = |column, known| Words { table: "txn", column, named_by: ["member_id", "seq", "id"], known };
    let of_part = |table, column, known| Words { table, column, named_by: ["member_id", NO_SEQ, "txn_id"], known };
    let of_member = |table, column, id, known| Words { table, column, named_by: ["member_id", NO_SEQ, id], known };
    let of_shop = |table, column, known| Words { table, column, named_by: [NO_MEMBER, NO_SEQ, "id"], known };
    vec![
        of_txn("kind", TxnKind::values()),
        of_txn("cause", Cause::values()),
        of_txn("actor", ActorKind::values()),
        of_part("entry", "account", Account::values()),
        of_part("allocation", "taken_from", Bucket::values()),
        of_part("allocation", "given_to", Bucket::values()),
        of_member("lot", "state", "id", LotState::values()),
        of_member("hold", "actor", "id", ActorKind::values()),
        of_member("adjustment", "state", "id", AdjustmentState::values()),
        of_member("wallet", "household_role", "household_id", HouseholdRole::values()),
        of_member("household_member", "role", "household_id", HouseholdRole::values()),
        of_member("household_member", "state", "household_id", MembershipState::values()),
        of_member("event", "actor", "id", ActorKind::values()),
        of_member("rule_use", "period", "rule_id", Period::values()),
        of_member("\"order\"", "channel", "id", Channel::values()),
        of_member("merger", "actor", "id", ActorKind::values()),
        of_member("outbox", "topic", "id", Topic::values()),
        of_member("outbox", "uncounted", "id", Uncounted::values()),
        of_member("handle", "kind", "subject_id", HandleKind::values()),
        of_member("\"order\"", "status", "id", OrderStatus::values()),
        of_member("payment", "method", "order_id", PaymentMethod::values()),
        of_member("payment", "status", "order_id", PaymentStatus::values()),
        of_member("order_return", "method", "id", PaymentMethod::values()),
        of_member("order_return", "actor", "id", ActorKind::values()),
        of_member("idempotency", "operation", "result_id", operations()),
        Words {
            table: "statistic",
            column: "figure",
            named_by: [NO_MEMBER, NO_SEQ, "source_id"],
            known: Figure::values(),
        },
        Words {
            table: "closed_movement",
            column: "account",
            named_by: [NO_MEMBER, NO_SEQ, "program_id"],
            known: Account::values(),
        },
        of_shop("earning_rule", "state", RuleState::values()),
        of_shop("earning_rule", "stacking", Stacking::values()),
        of_member("redemption", "limit_period", "id", Period::values()),
        of_member("qualifying", "what", "source_id", CountedAs::values()),
        of_member("tier_change", "why", "CAST(NULL AS uuid)", Why::values()),
        of_member("tier_change", "actor", "CAST(NULL AS uuid)", ActorKind::values()),
        of_shop("tier_set", "basis", Basis::values()),
        of_shop("tier_set", "counted_over", CountedOver::values()),
        of_shop("tier_set", "downgrade", Downgrade::values()),
        of_shop("reward", "kind", RewardKind::values()),
        of_shop("reward", "state", RewardState::values()),
        of_shop("reward", "limit_period", Period::values()),
        of_shop("program", "rounding", RoundingKind::values()),
        of_shop("program", "validity", ValidityKind::values()),
        of_shop("program", "shortfall", ShortfallPolicy::values()),
        of_shop("program", "transfers", TransferPolicy::values()),
    ]
}

fn operations() -> Vec<String> {
    OPERATIONS.map(str::to_owned).to_vec()
}

fn currencies() -> Vec<Words> {
    let known: Vec<String> = Currency::ALL.iter().map(|currency| currency.code().to_owned()).collect();
    let of = |table, named_by| Words { table, column: "currency", named_by, known: known.clone() };
    vec![
        of("\"order\"", ["member_id", NO_SEQ, "id"]),
        of("payment", ["member_id", NO_SEQ, "order_id"]),
        of("order_return", ["member_id", NO_SEQ, "id"]),
        of("coupon", ["member_id", NO_SEQ, "id"]),
        of("product", [NO_MEMBER, NO_SEQ, "id"]),
        of("reward", [NO_MEMBER, NO_SEQ, "id"]),
        of("program", [NO_MEMBER, NO_SEQ, "id"]),
    ]
}

fn union(columns: &[Words]) -> String {
    let selects = columns.iter().map(|words| {
        let Words { table, column, named_by: [member, seq, id], known } = words;
        let known: Vec<String> = known.iter().map(|word| format!("'{word}'")).collect();
        let bare = table.trim_matches('"');
        format!(
            "SELECT {member} AS member_id, {seq} AS seq, {id} AS id, 'a {bare}.{column} the program knows' AS expected, \
             {column} AS found FROM {table} WHERE {column} NOT IN ({})",
            known.join(", ")
        )
    });
    selects.collect::<Vec<_>>().join(" UNION ALL ")
}
