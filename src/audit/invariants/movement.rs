//! Points given to another member, and corrections by the shop.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 5] = [
    Invariant::new(
        "transfer-is-sent",
        "transfer",
        "A transfer to another member is what left the sender's wallet.",
        "SELECT x.member_id, t.seq, x.id, CAST(x.points AS text) || ' sent at ' || CAST(x.created_at AS text) AS expected,
                CASE WHEN t.id IS NULL THEN 'no transaction'
                     ELSE CAST(-t.points AS text) || ' at ' || CAST(t.recorded_at AS text) END AS found
         FROM transfer x LEFT JOIN txn t
              ON t.member_id = x.member_id AND t.source_id = x.id AND t.kind = 'TRANSFER_OUT' AND t.cause = 'TRANSFER'
         WHERE t.id IS NULL OR t.points <> -x.points OR t.recorded_at <> x.created_at OR x.member_id = x.to_member_id",
    ),
    Invariant::new(
        "transfer-is-received",
        "transfer",
        "A transfer is what came into the receiver's wallet, and nothing came without one.",
        "SELECT x.to_member_id AS member_id, t.seq, x.id,
                CAST(x.points AS text) || ' received at ' || CAST(x.created_at AS text) AS expected,
                CASE WHEN t.id IS NULL THEN 'no transaction'
                     ELSE CAST(t.points AS text) || ' at ' || CAST(t.recorded_at AS text) END AS found
         FROM transfer x LEFT JOIN txn t
              ON t.member_id = x.to_member_id AND t.source_id = x.id AND t.kind = 'TRANSFER_IN' AND t.cause = 'TRANSFER'
         WHERE t.id IS NULL OR t.points <> x.points OR t.recorded_at <> x.created_at
            OR t.actor_id IS DISTINCT FROM x.member_id
         UNION ALL
         SELECT t.member_id, t.seq, t.id, 'a transfer to this member', 'none'
         FROM txn t LEFT JOIN transfer x ON x.member_id = t.actor_id AND x.id = t.source_id
         WHERE t.cause = 'TRANSFER' AND t.kind <> 'TRANSFER_OUT'
           AND (x.id IS NULL OR x.to_member_id <> t.member_id)",
    )
    .overall(),
    Invariant::new(
        "adjustment-is-booked",
        "adjustment",
        "A correction that is booked has its transaction, with a second member of staff above the limit; another has none.",
        "SELECT a.member_id, t.seq, a.id, CAST(a.points AS text) || ' ' || a.state || ', its reason and its actor'
                AS expected,
                CASE WHEN m.id IS NULL THEN 'no such member' WHEN t.id IS NULL THEN 'no transaction'
                     ELSE CAST(t.points AS text) || ' booked at ' || CAST(t.recorded_at AS text) END AS found
         FROM adjustment a LEFT JOIN txn t ON t.member_id = a.member_id AND t.source_id = a.id
                                          AND t.kind = 'ADJUSTMENT' AND t.cause = 'ADJUSTMENT'
         LEFT JOIN program p ON p.id = t.program_id AND p.version = t.program_version
         LEFT JOIN member m ON m.id = a.member_id
         WHERE m.id IS NULL OR CASE a.state
             WHEN 'BOOKED' THEN t.id IS NULL OR t.points <> a.points OR t.reason IS DISTINCT FROM a.reason
                             OR t.actor <> 'STAFF' OR t.actor_id IS DISTINCT FROM COALESCE(a.decided_by, a.requested_by)
                             OR t.recorded_at IS DISTINCT FROM a.decided_at
                             OR (a.decided_by IS NULL AND ABS(a.points) > p.approval_threshold)
             ELSE t.id IS NOT NULL END",
    ),
    Invariant::new(
        "adjustment-is-decided",
        "adjustment",
        "Nobody corrects their own points or approves their own request; what waits is undecided; moments are the replies'.",
        "SELECT a.member_id, CAST(NULL AS bigint) AS seq, a.id, 'the moments and decision of one ' || a.state AS expected,
                'made at ' || CAST(a.created_at AS text) || ', decided '
                || COALESCE('at ' || CAST(a.decided_at AS text), 'never')
                || CASE WHEN a.decided_by IS NULL THEN '' ELSE ' by a second' END AS found
         FROM adjustment a
         LEFT JOIN idempotency r
                ON r.member_id = a.member_id AND r.result_id = a.id AND r.operation = 'adjustPoints'
         LEFT JOIN idempotency d
                ON d.member_id = a.member_id AND d.result_id = a.id AND d.operation = 'decideAdjustment'
         WHERE a.points = 0 OR a.requested_by = a.member_id OR a.decided_by = a.member_id OR r.created_at <> a.created_at
            OR CASE a.state
                 WHEN 'REQUESTED' THEN a.decided_by IS NOT NULL OR a.decided_at IS NOT NULL
                 WHEN 'REJECTED' THEN a.decided_by IS NULL OR a.decided_at IS NULL OR d.created_at <> a.decided_at
                 ELSE a.decided_at IS NULL OR a.decided_by = a.requested_by
                   OR (a.decided_by IS NULL AND a.decided_at <> a.created_at) END",
    ),
    Invariant::new(
        "adjustment-has-staff",
        "adjustment",
        "Who asked for a correction, and who decided it, are members.",
        "SELECT a.member_id, CAST(NULL AS bigint) AS seq, a.id, 'members' AS expected, 'somebody unknown' AS found
         FROM adjustment a LEFT JOIN member r ON r.id = a.requested_by LEFT JOIN member d ON d.id = a.decided_by
         WHERE r.id IS NULL OR (a.decided_by IS NOT NULL AND d.id IS NULL)",
    )
    .overall(),
];
