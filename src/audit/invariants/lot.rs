//! Lots and allocations: where each point came from and where it went.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 9] = [
    Invariant::new(
        "lot-is-whole",
        "lot",
        "A lot's granted points are all in one of its buckets, and none is negative.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, id, CAST(granted AS text) || ' granted' AS expected,
                CAST(remaining + held + consumed + expired + revoked AS text) || ' in buckets, or one below 0' AS found
         FROM lot WHERE granted <> remaining + held + consumed + expired + revoked OR granted <= 0 OR remaining < 0
                     OR held < 0 OR consumed < 0 OR expired < 0 OR revoked < 0 OR reinstated < 0",
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
        "A pending lot has only remaining or revoked points, or was handed over, dates and all; an active one has two dates.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, id, 'buckets and dates of a lot that is ' || state AS expected,
                'held ' || CAST(held AS text) || ', consumed ' || CAST(consumed AS text) || ', expired '
                || CAST(expired AS text) || ', activates ' || COALESCE(CAST(activates_at AS text), 'unknown')
                || ', expires ' || COALESCE(CAST(expires_at AS text), 'unknown') AS found
         FROM lot WHERE CASE state WHEN 'PENDING' THEN held + expired > 0
                       OR (consumed > 0 AND (remaining > 0 OR activates_at IS NOT NULL OR expires_at IS NOT NULL))
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
        "No allocation is taken back beyond what it moved, nor elsewhere; only what expired comes again in another lot.",
        "SELECT a.member_id, t.seq, a.origin_txn_id AS id, 'at most what the origin moved' AS expected,
                CAST(SUM(a.points) AS text) || ' of ' || COALESCE(CAST(MAX(o.points) AS text), 'nothing') AS found
         FROM allocation a LEFT JOIN allocation o ON o.member_id = a.member_id AND o.txn_id = a.origin_txn_id
              AND o.position = a.origin_position
              AND CASE WHEN a.taken_from IS NULL THEN o.given_to = 'EXPIRED' AND o.lot_id <> a.lot_id
                       ELSE o.given_to = a.taken_from AND o.lot_id = a.lot_id END
         LEFT JOIN txn t ON t.member_id = a.member_id AND t.id = a.origin_txn_id
         WHERE a.origin_txn_id IS NOT NULL OR a.origin_position IS NOT NULL
         GROUP BY a.member_id, t.seq, a.origin_txn_id, a.origin_position
         HAVING COUNT(*) > COUNT(o.txn_id) OR SUM(a.points) > MAX(o.points)",
    ),
    Invariant::new(
        "lot-knows-what-came-again",
        "lot",
        "Of a lot's expired points, those reinstated are the grants that name its expiry.",
        "SELECT l.member_id, CAST(NULL AS bigint) AS seq, l.id,
                CAST(COALESCE(r.points, 0) AS text) || ' reinstated' AS expected,
                CAST(l.reinstated AS text) || ' reinstated of ' || CAST(l.expired AS text) AS found
         FROM lot l LEFT JOIN (
             SELECT o.member_id, o.lot_id, SUM(g.points) AS points
             FROM allocation g JOIN allocation o ON o.member_id = g.member_id AND o.txn_id = g.origin_txn_id
                  AND o.position = g.origin_position
             WHERE g.taken_from IS NULL AND g.origin_txn_id IS NOT NULL
             GROUP BY o.member_id, o.lot_id) r ON r.member_id = l.member_id AND r.lot_id = l.id
         WHERE l.reinstated <> COALESCE(r.points, 0) OR l.reinstated > l.expired",
    ),
    Invariant::new(
        "lot-state-is-booked",
        "lot",
        "A lot is pending exactly when what granted it was, and no activation came.",
        "SELECT l.member_id, CAST(NULL AS bigint) AS seq, l.id,
                CASE WHEN p.txn_id IS NULL THEN 'ACTIVE, never activated' WHEN t.id IS NULL THEN 'PENDING'
                     ELSE 'ACTIVE' END AS expected,
                l.state || CASE WHEN t.id IS NULL THEN '' ELSE ', with an activation' END AS found
         FROM lot l
         LEFT JOIN (SELECT DISTINCT member_id, txn_id FROM entry WHERE account = 'PENDING' AND points > 0) p
                ON p.member_id = l.member_id AND p.txn_id = l.txn_id
         LEFT JOIN txn t ON t.member_id = l.member_id AND t.source_id = l.id AND t.kind = 'ACTIVATION'
         WHERE l.state <> CASE WHEN p.txn_id IS NOT NULL AND t.id IS NULL THEN 'PENDING' ELSE 'ACTIVE' END
            OR (p.txn_id IS NULL AND t.id IS NOT NULL)",
    ),
    Invariant::new(
        "activation-has-lot",
        "txn",
        "An activation names the lot that it made spendable, and comes no earlier than the lot's date.",
        "SELECT t.member_id, t.seq, t.id, 'an active lot whose date has come' AS expected,
                CASE WHEN l.id IS NULL THEN 'none' ELSE l.state || ', from ' || COALESCE(CAST(l.activates_at AS text),
                'no date') || ' on' END AS found
         FROM txn t LEFT JOIN lot l ON l.member_id = t.member_id AND l.id = t.source_id AND l.program_id = t.program_id
         WHERE t.kind = 'ACTIVATION' AND (l.id IS NULL OR l.state = 'PENDING' OR l.activates_at IS NULL
               OR l.activates_at > t.effective_at OR t.cause <> 'LOT')",
    ),
    Invariant::new(
        "expired-when-due",
        "allocation",
        "Points expire no earlier than their lot says.",
        "SELECT a.member_id, t.seq, a.lot_id AS id, 'an expiry by ' || CAST(t.effective_at AS text) AS expected,
                COALESCE(CAST(l.expires_at AS text), 'none') AS found
         FROM allocation a JOIN txn t ON t.member_id = a.member_id AND t.id = a.txn_id
         JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
         WHERE a.given_to = 'EXPIRED' AND (l.expires_at IS NULL OR l.expires_at > t.effective_at)",
    ),
];
