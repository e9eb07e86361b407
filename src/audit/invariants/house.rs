//! The house's side: what all wallets hold together is what was issued and has not gone.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 2] = [
    Invariant::new(
        "house-balances",
        "wallet",
        "All outstanding points less debt are what the house issued, less what was spent, expired and revoked.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, CAST(NULL AS uuid) AS id,
                CAST(h.issued AS text) AS expected, CAST(w.outstanding AS text) AS found
         FROM (SELECT COALESCE(SUM(posted + pending), 0) - COALESCE(SUM(debt), 0) AS outstanding FROM wallet) w
         CROSS JOIN (SELECT COALESCE(-SUM(points), 0) AS issued FROM entry
                     WHERE account IN ('ISSUED', 'REINSTATED', 'ADJUSTED', 'WRITTEN_OFF', 'SETTLED', 'REDEEMED',
                                       'EXPIRED', 'REVOKED')) h
         WHERE w.outstanding <> h.issued",
    )
    .overall(),
    Invariant::new(
        "transfers-cancel",
        "entry",
        "What members gave each other sums to zero.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, CAST(NULL AS uuid) AS id,
                '0' AS expected, CAST(SUM(points) AS text) AS found
         FROM entry WHERE account = 'TRANSFER' HAVING SUM(points) <> 0",
    )
    .overall(),
];
