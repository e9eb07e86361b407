//! Lots and allocations: where each point came from and where it went.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 5] = [
    Invariant::new(
        "lot-is-whole",
        "lot",
        "A lot's granted points are all in one of its buckets, and none is negative.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, id, CAST(granted AS text) || ' granted' AS expected,
                CAST(remaining + held + consumed + expired + revoked AS text) || ' in buckets, or one below 0' AS found
         FROM lot WHERE granted <> remaining + held + consumed + expired + revoked OR granted <= 0 OR remaining < 0
                     OR held < 0 OR consumed < 0 OR expired < 0 OR revoked < 0",
    ),
    Invariant::new(
        "lot-is-its-allocations",
        "lot",
        "Each bucket of a lot is the sum of its allocations.",
        "SELECT l.member_id, CAST(NULL AS bigint) AS seq, l.id,
                'granted ' || CAST(COALESCE(a.granted, 0) AS text) || ', remaining '
                || CAST(COALESCE(a.remaining, 0) AS text) || ', held ' || CAST(COALESCE(a.held, 0) AS text)
                || ', consumed ' || CAST(COALESCE(a.consumed, 0) AS text) || ', expired '
                || CAST(COALESCE(a.expired, 0) AS text) || ', revoked ' || CAST(COALESCE(a.revoked, 0) AS text)
                AS expected,
                'granted ' || CAST(l.granted AS text) || ', remaining ' || CAST(l.remaining AS text) || ', held '
                || CAST(l.held AS text) || ', consumed ' || CAST(l.consumed AS text) || ', expired '
                || CAST(l.expired AS text) || ', revoked ' || CAST(l.revoked AS text) AS found
         FROM lot l LEFT JOIN (
             SELECT member_id, lot_id, SUM(CASE WHEN taken_from IS NULL THEN points ELSE 0 END) AS granted,
                    SUM(CASE given_to WHEN 'REMAINING' THEN points ELSE 0 END)
                    - SUM(CASE taken_from WHEN 'REMAINING' THEN points ELSE 0 END) AS remaining,
                    SUM(CASE given_to WHEN 'HELD' THEN points ELSE 0 END)
                    - SUM(CASE taken_from WHEN 'HELD' THEN points ELSE 0 END) AS held,
                    SUM(CASE given_to WHEN 'CONSUMED' THEN points ELSE 0 END)
                    - SUM(CASE taken_from WHEN 'CONSUMED' THEN points ELSE 0 END) AS consumed,
                    SUM(CASE given_to WHEN 'EXPIRED' THEN points ELSE 0 END)
                    - SUM(CASE taken_from WHEN 'EXPIRED' THEN points ELSE 0 END) AS expired,
                    SUM(CASE given_to WHEN 'REVOKED' THEN points ELSE 0 END)
                    - SUM(CASE taken_from WHEN 'REVOKED' THEN points ELSE 0 END) AS revoked
             FROM allocation GROUP BY member_id, lot_id) a ON a.member_id = l.member_id AND a.lot_id = l.id
         WHERE l.granted <> COALESCE(a.granted, 0) OR l.remaining <> COALESCE(a.remaining, 0)
            OR l.held <> COALESCE(a.held, 0) OR l.consumed <> COALESCE(a.consumed, 0)
            OR l.expired <> COALESCE(a.expired, 0) OR l.revoked <> COALESCE(a.revoked, 0)",
    ),
    Invariant::new(
        "lot-state-fits",
        "lot",
        "A pending lot has only remaining or revoked points; an active one knows its two dates.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, id, 'buckets and dates of a lot that is ' || state AS expected,
                'held ' || CAST(held AS text) || ', consumed ' || CAST(consumed AS text) || ', expired '
                || CAST(expired AS text) || ', activates ' || COALESCE(CAST(activates_at AS text), 'unknown')
                || ', expires ' || COALESCE(CAST(expires_at AS text), 'unknown') AS found
         FROM lot WHERE CASE state WHEN 'PENDING' THEN held + consumed + expired > 0
                                   ELSE activates_at IS NULL OR expires_at IS NULL OR expires_at < activates_at END",
    ),
    Invariant::new(
        "allocation-moves",
        "allocation",
        "An allocation moves points, from one bucket to another.",
        "SELECT a.member_id, t.seq, a.txn_id AS id, 'points that move' AS expected,
                CAST(a.points AS text) || ' from ' || COALESCE(a.taken_from, 'nothing') || ' to ' || a.given_to AS found
         FROM allocation a LEFT JOIN txn t ON t.member_id = a.member_id AND t.id = a.txn_id
         WHERE a.points <= 0 OR a.taken_from = a.given_to OR (a.taken_from IS NULL AND a.given_to <> 'REMAINING')",
    ),
    Invariant::new(
        "reversed-at-most-once",
        "allocation",
        "No allocation is taken back beyond what it moved, nor into another lot.",
        "SELECT a.member_id, t.seq, a.origin_txn_id AS id, 'at most what the origin moved' AS expected,
                CAST(SUM(a.points) AS text) || ' of ' || COALESCE(CAST(MAX(o.points) AS text), 'nothing') AS found
         FROM allocation a LEFT JOIN allocation o ON o.member_id = a.member_id AND o.txn_id = a.origin_txn_id
              AND o.position = a.origin_position AND o.lot_id = a.lot_id
         LEFT JOIN txn t ON t.member_id = a.member_id AND t.id = a.origin_txn_id
         WHERE a.origin_txn_id IS NOT NULL OR a.origin_position IS NOT NULL
         GROUP BY a.member_id, t.seq, a.origin_txn_id, a.origin_position
         HAVING SUM(a.points) > COALESCE(MAX(o.points), 0)",
    ),
];
