//! Orphans: what a foreign key would say. The tables have none between rows that are written together (they would cost
//! a look-up a row), so it is proved here.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 10] = [
    Invariant::new(
        "wallet-has-member",
        "wallet",
        "Every wallet is a member's or a household's, of a program there is.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id, 'a member or household, and a program' AS expected,
                'none' AS found
         FROM wallet w LEFT JOIN member m ON m.id = w.member_id LEFT JOIN household h ON h.id = w.member_id
         WHERE (m.id IS NULL AND h.id IS NULL) OR w.program_id NOT IN (SELECT id FROM program)",
    ),
    Invariant::new(
        "member-has-wallet",
        "member",
        "Every member has a wallet and a profile.",
        "SELECT m.id AS member_id, CAST(NULL AS bigint) AS seq, CAST(NULL AS uuid) AS id,
                'a wallet and a profile' AS expected, 'none' AS found
         FROM member m LEFT JOIN wallet w ON w.member_id = m.id LEFT JOIN profile p ON p.member_id = m.id
         WHERE w.member_id IS NULL OR p.member_id IS NULL",
    ),
    Invariant::new(
        "row-has-member",
        "profile",
        "Profiles, credentials, sessions, staff roles, tags, counts, events, days, activity and steps of tiers are of members there are; what the outbox tells may be of a household.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, CAST(NULL AS uuid) AS id, 'a member' AS expected,
                x.what AS found
         FROM (SELECT member_id, 'a profile without' AS what FROM profile
               UNION ALL SELECT member_id, 'a credential without' FROM credential
               UNION ALL SELECT member_id, 'a session without' FROM session
               UNION ALL SELECT member_id, 'a staff role without' FROM staff
               UNION ALL SELECT member_id, 'a tag without' FROM member_tag
               UNION ALL SELECT member_id, 'a count without' FROM rule_use
               UNION ALL SELECT member_id, 'an event without' FROM event
               UNION ALL SELECT member_id, 'a day without' FROM qualifying_day
               UNION ALL SELECT member_id, 'a step of a tier without' FROM tier_change
               UNION ALL SELECT member_id, 'activity without' FROM active_member
               UNION ALL SELECT o.member_id, 'a message without' FROM outbox o
               LEFT JOIN household h ON h.id = o.member_id WHERE h.id IS NULL) AS x
         LEFT JOIN member m ON m.id = x.member_id WHERE m.id IS NULL",
    ),
    Invariant::new(
        "txn-has-wallet",
        "txn",
        "Every transaction is in a wallet and names a version of its program.",
        "SELECT t.member_id, t.seq, t.id, 'a wallet and a version of its program' AS expected,
                'none (version ' || CAST(t.program_version AS text) || ')' AS found
         FROM txn t LEFT JOIN wallet w ON w.member_id = t.member_id AND w.program_id = t.program_id
         LEFT JOIN program p ON p.id = t.program_id AND p.version = t.program_version
         WHERE w.member_id IS NULL OR p.id IS NULL",
    ),
    Invariant::new(
        "txn-has-cause",
        "txn",
        "Every transaction's source is there, and leads to its wallet: its order, redemption, return, hold, transfer, adjustment, event, merger or lot.",
        "SELECT t.member_id, t.seq, t.id, 'its source, of cause ' || t.cause AS expected, 'none' AS found
         FROM txn t LEFT JOIN \"order\" o ON o.id = t.source_id
         LEFT JOIN redemption r ON r.id = t.source_id
         LEFT JOIN order_return b ON b.id = t.source_id
         LEFT JOIN merger g ON g.id = t.source_id
         LEFT JOIN merger f ON f.from_id = t.source_id
         LEFT JOIN hold h ON h.member_id = t.member_id AND h.id = t.source_id
         LEFT JOIN transfer x ON x.member_id = t.member_id AND x.id = t.source_id
         LEFT JOIN adjustment j ON j.member_id = t.member_id AND j.id = t.source_id
         LEFT JOIN event v ON v.id = t.source_id
         LEFT JOIN lot l ON l.member_id = t.member_id AND l.id = t.source_id
         LEFT JOIN txn y ON y.member_id = t.member_id AND y.id = t.source_id
         WHERE CASE t.kind WHEN 'ACCRUAL' THEN t.cause <> 'EVENT' AND t.member_id <> COALESCE(o.earned_in, o.member_id)
                           WHEN 'REDEMPTION' THEN t.member_id <> CASE t.cause
                               WHEN 'ORDER' THEN COALESCE(o.spent_from, o.member_id)
                               WHEN 'REDEMPTION' THEN COALESCE(r.spent_from, r.member_id)
                               ELSE t.member_id END ELSE false END
            OR CASE t.cause WHEN 'ORDER' THEN o.id IS NULL OR o.imported
                            WHEN 'IMPORTED_ORDER' THEN o.id IS NULL OR NOT o.imported
                            WHEN 'REDEMPTION' THEN r.id IS NULL
                            WHEN 'RETURN' THEN b.id IS NULL
                            WHEN 'HOLD' THEN h.id IS NULL
                            WHEN 'TRANSFER' THEN t.kind = 'TRANSFER_OUT' AND x.id IS NULL
                            WHEN 'ADJUSTMENT' THEN j.id IS NULL
                            WHEN 'EVENT' THEN v.id IS NULL OR (t.kind = 'ACCRUAL' AND v.points <> t.points)
                            WHEN 'MERGER' THEN g.id IS NULL AND f.id IS NULL
                            WHEN 'LOT' THEN l.id IS NULL AND y.id IS NULL END",
    )
    .overall(),
    Invariant::new(
        "entry-has-txn",
        "entry",
        "Every entry is of a transaction.",
        "SELECT e.member_id, CAST(NULL AS bigint) AS seq, e.txn_id AS id, 'a transaction' AS expected,
                'an entry without' AS found
         FROM entry e LEFT JOIN txn t ON t.member_id = e.member_id AND t.id = e.txn_id WHERE t.id IS NULL",
    ),
    Invariant::new(
        "allocation-has-txn-and-lot",
        "allocation",
        "Every allocation is of a transaction and of a lot, both of one program.",
        "SELECT a.member_id, t.seq, a.txn_id AS id, 'a transaction and a lot of one program' AS expected,
                CASE WHEN t.id IS NULL THEN 'no transaction' WHEN l.id IS NULL THEN 'no lot' ELSE 'two programs' END
                AS found
         FROM allocation a LEFT JOIN txn t ON t.member_id = a.member_id AND t.id = a.txn_id
         LEFT JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
         WHERE t.id IS NULL OR l.id IS NULL OR l.program_id <> t.program_id",
    ),
    Invariant::new(
        "lot-has-txn",
        "lot",
        "Every lot was granted by the transaction it names, once, and is in its wallet.",
        "SELECT l.member_id, t.seq, l.id, 'one grant, by the transaction it names' AS expected,
                CASE WHEN t.id IS NULL THEN 'no such transaction in the wallet'
                     ELSE CAST(COALESCE(g.grants, 0) AS text) || ' grants in all' END AS found
         FROM lot l
         LEFT JOIN txn t ON t.member_id = l.member_id AND t.id = l.txn_id AND t.program_id = l.program_id
         LEFT JOIN (SELECT member_id, lot_id, COUNT(*) AS grants FROM allocation WHERE taken_from IS NULL
                    GROUP BY member_id, lot_id) g ON g.member_id = l.member_id AND g.lot_id = l.id
         WHERE t.id IS NULL OR COALESCE(g.grants, 0) <> 1 OR NOT EXISTS (
             SELECT 1 FROM allocation a
             WHERE a.member_id = l.member_id AND a.txn_id = l.txn_id AND a.lot_id = l.id AND a.taken_from IS NULL)",
    ),
    Invariant::new(
        "reply-has-result",
        "idempotency",
        "Every idempotency key leads to what it made.",
        "SELECT i.member_id, CAST(NULL AS bigint) AS seq, i.result_id AS id, 'what ' || i.operation || ' made' AS expected,
                'none' AS found
         FROM idempotency i LEFT JOIN \"order\" o ON o.member_id = i.member_id AND o.id = i.result_id
         LEFT JOIN redemption r ON r.member_id = i.member_id AND r.id = i.result_id
         LEFT JOIN hold h ON h.member_id = i.member_id AND h.id = i.result_id
         LEFT JOIN transfer x ON x.member_id = i.member_id AND x.id = i.result_id
         LEFT JOIN adjustment j ON j.member_id = i.member_id AND j.id = i.result_id
         LEFT JOIN order_return b ON b.member_id = i.member_id AND b.id = i.result_id
         LEFT JOIN txn t ON t.member_id = i.member_id AND t.id = i.result_id
         WHERE CASE WHEN i.operation IN ('placeOrder', 'deliverOrder') THEN o.id IS NULL
                    WHEN i.operation IN ('redeem', 'cancelRedemption') THEN r.id IS NULL
                    WHEN i.operation IN ('refundOrder', 'cancelOrder') THEN b.id IS NULL
                    WHEN i.operation IN ('holdPoints', 'holdPoints by staff', 'captureHold', 'releaseHold',
                                          'releaseHold by staff') THEN h.id IS NULL
                    WHEN i.operation = 'transferPoints' THEN x.id IS NULL
                    WHEN i.operation IN ('adjustPoints', 'decideAdjustment') THEN j.id IS NULL
                    WHEN i.operation = 'addCodes' THEN NOT EXISTS (
                        SELECT 1 FROM reward_code k WHERE k.batch_id = i.result_id)
                    WHEN i.operation = 'reinstateExpired' THEN t.id IS NULL END",
    ),
    Invariant::new(
        "event-within-wallet",
        "outbox",
        "Every event was told at a point its wallet has reached.",
        "SELECT x.member_id, x.wallet_seq AS seq, x.id, 'at most ' || CAST(COALESCE(MAX(w.seq), 0) AS text) AS expected,
                CAST(x.wallet_seq AS text) AS found
         FROM outbox x LEFT JOIN wallet w ON w.member_id = x.member_id
         GROUP BY x.member_id, x.id, x.wallet_seq HAVING x.wallet_seq < 0 OR x.wallet_seq > COALESCE(MAX(w.seq), 0)",
    ),
];
