//! Points set aside, and what became of them.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 4] = [
    Invariant::new(
        "hold-adds-up",
        "hold",
        "What a hold set aside is captured, released or open, and none is negative.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, id, CAST(amount AS text) AS expected,
                CAST(captured AS text) || ' captured, ' || CAST(released AS text) || ' released, '
                || CAST(open AS text) || ' open' AS found
         FROM hold WHERE amount <> captured + released + open OR amount <= 0 OR captured < 0 OR released < 0 OR open < 0
                      OR captures < 0 OR releases < 0",
    ),
    Invariant::new(
        "hold-is-booked",
        "hold",
        "A hold is its transaction: points, reason, actor and moment, for whole minutes within the program's limit.",
        "SELECT h.member_id, t.seq, h.id, CAST(h.amount AS text) || ' set aside at ' || CAST(h.created_at AS text)
                || ' until ' || CAST(h.expires_at AS text) AS expected,
                CASE WHEN t.id IS NULL THEN 'no transaction'
                     ELSE CAST(-t.points AS text) || ' set aside at ' || CAST(t.effective_at AS text)
                     || ', or another actor, reason or length' END AS found
         FROM hold h
         LEFT JOIN txn t ON t.member_id = h.member_id AND t.id = h.txn_id AND t.program_id = h.program_id
                        AND t.kind = 'HOLD' AND t.cause = 'HOLD' AND t.source_id = h.id AND t.source_part = 0
         LEFT JOIN program p ON p.id = t.program_id AND p.version = t.program_version
         WHERE t.id IS NULL OR t.points <> -h.amount OR t.effective_at <> h.created_at
            OR t.reason IS DISTINCT FROM h.reason OR t.actor <> h.actor OR t.actor_id IS DISTINCT FROM h.actor_id
            OR (h.expires_at - t.recorded_at) % 60000000 <> 0 OR h.expires_at <= t.recorded_at
            OR h.expires_at - t.recorded_at > p.hold_minutes * 60000000",
    ),
    Invariant::new(
        "hold-is-used-as-booked",
        "hold",
        "What a hold says was captured and released, and how often, is what transactions took from it.",
        "SELECT h.member_id, CAST(NULL AS bigint) AS seq, h.id,
                CAST(COALESCE(t.captured, 0) AS text) || ' captured in ' || CAST(COALESCE(t.captures, 0) AS text) || ', '
                || CAST(COALESCE(t.released, 0) AS text) || ' released in ' || CAST(COALESCE(t.releases, 0) AS text)
                AS expected,
                CAST(h.captured AS text) || ' captured in ' || CAST(h.captures AS text) || ', '
                || CAST(h.released AS text) || ' released in ' || CAST(h.releases AS text) AS found
         FROM hold h LEFT JOIN (
             SELECT member_id, source_id, SUM(CASE kind WHEN 'REDEMPTION' THEN -points ELSE 0 END) AS captured,
                    SUM(CASE kind WHEN 'REDEMPTION' THEN 1 ELSE 0 END) AS captures,
                    SUM(CASE kind WHEN 'RELEASE' THEN points ELSE 0 END) AS released,
                    SUM(CASE kind WHEN 'RELEASE' THEN 1 ELSE 0 END) AS releases
             FROM txn WHERE cause = 'HOLD' GROUP BY member_id, source_id) t
                ON t.member_id = h.member_id AND t.source_id = h.id
         WHERE h.captured <> COALESCE(t.captured, 0) OR h.captures <> COALESCE(t.captures, 0)
            OR h.released <> COALESCE(t.released, 0) OR h.releases <> COALESCE(t.releases, 0)",
    ),
    Invariant::new(
        "hold-is-its-allocations",
        "hold",
        "What is captured and released of a hold went back into the lots it had been taken from.",
        "SELECT h.member_id, CAST(NULL AS bigint) AS seq, h.id,
                CAST(COALESCE(a.captured, 0) AS text) || ' captured, ' || CAST(COALESCE(a.released, 0) AS text)
                || ' released' AS expected,
                CAST(h.captured AS text) || ' captured, ' || CAST(h.released AS text) || ' released' AS found
         FROM hold h LEFT JOIN (
             SELECT member_id, origin_txn_id, SUM(CASE given_to WHEN 'CONSUMED' THEN points ELSE 0 END) AS captured,
                    SUM(CASE given_to WHEN 'REMAINING' THEN points ELSE 0 END) AS released
             FROM allocation WHERE origin_txn_id IS NOT NULL GROUP BY member_id, origin_txn_id) a
                ON a.member_id = h.member_id AND a.origin_txn_id = h.txn_id
         WHERE h.captured <> COALESCE(a.captured, 0) OR h.released <> COALESCE(a.released, 0)",
    ),
];
