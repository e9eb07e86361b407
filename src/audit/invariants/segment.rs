//! What segments ask about that is kept in sums.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 1] = [Invariant::new(
    "spent-is-counted",
    "wallet",
    "What a wallet says was spent is what its member's orders cost, less what points paid and what was given back.",
    "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
            CAST(COALESCE(o.spent, 0) AS text) AS expected, CAST(w.spent AS text) AS found
     FROM wallet w LEFT JOIN (
         SELECT member_id, SUM(total - points_value - money_returned) AS spent FROM \"order\"
         GROUP BY member_id) o ON o.member_id = w.member_id
     WHERE w.spent <> COALESCE(o.spent, 0)",
)];
