//! Wallets: the balance in one look-up is the sum of everything beneath it.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 8] = [
    Invariant::new(
        "wallet-is-its-entries",
        "wallet",
        "Each column of a wallet is the sum of its accounts' entries.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                'posted ' || CAST(COALESCE(b.posted, 0) AS text) || ', held ' || CAST(COALESCE(b.held, 0) AS text)
                || ', pending ' || CAST(COALESCE(b.pending, 0) AS text) || ', debt '
                || CAST(COALESCE(b.debt, 0) AS text) AS expected,
                'posted ' || CAST(w.posted AS text) || ', held ' || CAST(w.held AS text) || ', pending '
                || CAST(w.pending AS text) || ', debt ' || CAST(w.debt AS text) AS found
         FROM wallet w LEFT JOIN (
             SELECT t.member_id, t.program_id,
                    SUM(CASE WHEN e.account IN ('AVAILABLE', 'HELD') THEN e.points ELSE 0 END) AS posted,
                    SUM(CASE WHEN e.account = 'HELD' THEN e.points ELSE 0 END) AS held,
                    SUM(CASE WHEN e.account = 'PENDING' THEN e.points ELSE 0 END) AS pending,
                    -SUM(CASE WHEN e.account = 'DEBT' THEN e.points ELSE 0 END) AS debt
             FROM entry e JOIN txn t ON t.member_id = e.member_id AND t.id = e.txn_id
             GROUP BY t.member_id, t.program_id) b ON b.member_id = w.member_id AND b.program_id = w.program_id
         WHERE w.posted <> COALESCE(b.posted, 0) OR w.held <> COALESCE(b.held, 0)
            OR w.pending <> COALESCE(b.pending, 0) OR w.debt <> COALESCE(b.debt, 0)",
    ),
    Invariant::new(
        "wallet-is-its-lots",
        "wallet",
        "Posted, pending and held points are what the wallet's lots hold.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                'posted ' || CAST(COALESCE(l.posted, 0) AS text) || ', held ' || CAST(COALESCE(l.held, 0) AS text)
                || ', pending ' || CAST(COALESCE(l.pending, 0) AS text) AS expected,
                'posted ' || CAST(w.posted AS text) || ', held ' || CAST(w.held AS text) || ', pending '
                || CAST(w.pending AS text) AS found
         FROM wallet w LEFT JOIN (
             SELECT member_id, program_id,
                    SUM(CASE WHEN state <> 'PENDING' THEN remaining + held ELSE 0 END) AS posted,
                    SUM(CASE WHEN state = 'PENDING' THEN remaining ELSE 0 END) AS pending, SUM(held) AS held
             FROM lot GROUP BY member_id, program_id) l ON l.member_id = w.member_id AND l.program_id = w.program_id
         WHERE w.posted <> COALESCE(l.posted, 0) OR w.held <> COALESCE(l.held, 0)
            OR w.pending <> COALESCE(l.pending, 0)",
    ),
    Invariant::new(
        "wallet-in-range",
        "wallet",
        "No balance is negative or more than a wallet can hold, and held points are posted.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, program_id AS id, '0 <= held <= posted, pending, debt' AS expected,
                'posted ' || CAST(posted AS text) || ', held ' || CAST(held AS text) || ', pending '
                || CAST(pending AS text) || ', debt ' || CAST(debt AS text) AS found
         FROM wallet WHERE held < 0 OR held > posted OR posted > 2147483647 OR pending < 0 OR pending > 2147483647
                        OR debt < 0 OR debt > 2147483647",
    ),
    Invariant::new(
        "no-points-beside-debt",
        "wallet",
        "While a wallet has debt, nothing in it is available.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, program_id AS id, '0 available' AS expected,
                CAST(posted - held AS text) || ' available, debt ' || CAST(debt AS text) AS found
         FROM wallet WHERE debt > 0 AND posted <> held",
    ),
    Invariant::new(
        "wallet-heads-its-chain",
        "wallet",
        "A wallet's number, hash and moment are those of its last transaction.",
        "SELECT w.member_id, w.seq, t.id,
                'the last of ' || CAST(COALESCE(c.transactions, 0) AS text) || ' transactions, its hash and its moment'
                AS expected,
                CASE WHEN w.seq <> COALESCE(c.last, 0) THEN 'number ' || CAST(w.seq AS text)
                     WHEN t.hash <> w.head_hash THEN 'another hash'
                     ELSE 'the moment ' || CAST(w.effective_at AS text) END AS found
         FROM wallet w
         LEFT JOIN (SELECT member_id, program_id, COUNT(*) AS transactions, MAX(seq) AS last
                    FROM txn GROUP BY member_id, program_id) c
                ON c.member_id = w.member_id AND c.program_id = w.program_id
         LEFT JOIN txn t ON t.member_id = w.member_id AND t.program_id = w.program_id AND t.seq = w.seq
         WHERE w.seq <> COALESCE(c.last, 0) OR t.hash <> w.head_hash OR t.effective_at <> w.effective_at",
    ),
    Invariant::new(
        "lifetime-is-earned",
        "wallet",
        "What a wallet says was ever earned is what was issued into it, less what was taken back; a merged one's moved on.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                CAST(COALESCE(b.earned, 0) AS text) AS expected, CAST(w.lifetime AS text) AS found
         FROM wallet w LEFT JOIN (
             SELECT t.member_id, t.program_id, -SUM(e.points) AS earned
             FROM entry e JOIN txn t ON t.member_id = e.member_id AND t.id = e.txn_id
             WHERE e.account IN ('ISSUED', 'REVOKED')
             GROUP BY t.member_id, t.program_id) b ON b.member_id = w.member_id AND b.program_id = w.program_id
         LEFT JOIN (SELECT DISTINCT member_id FROM merger) g ON g.member_id = w.member_id
         WHERE CASE WHEN w.merged_into IS NOT NULL THEN w.lifetime <> 0
                    ELSE g.member_id IS NULL AND w.lifetime <> COALESCE(b.earned, 0) END",
    ),
    Invariant::new(
        "wallet-is-its-holds",
        "wallet",
        "A wallet's held points are what is open of its holds.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                CAST(COALESCE(h.open, 0) AS text) || ' held' AS expected, CAST(w.held AS text) || ' held' AS found
         FROM wallet w LEFT JOIN (SELECT member_id, program_id, SUM(open) AS open FROM hold
                                  GROUP BY member_id, program_id) h
              ON h.member_id = w.member_id AND h.program_id = w.program_id
         WHERE w.held <> COALESCE(h.open, 0)",
    ),
    Invariant::new(
        "wallet-knows-what-is-due",
        "wallet",
        "Nothing activates, expires or times out in a wallet before the moment it names, which is one of theirs.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                'a date of a lot or hold, ' || COALESCE(CAST(d.due AS text) || ' at the latest', 'or nothing due')
                AS expected,
                COALESCE(CAST(w.next_due AS text), 'nothing due') AS found
         FROM wallet w LEFT JOIN (
             SELECT member_id, program_id, MIN(due) AS due FROM (
                 SELECT member_id, program_id, CASE WHEN state = 'PENDING' THEN activates_at ELSE expires_at END AS due
                 FROM lot WHERE remaining > 0
                 UNION ALL SELECT member_id, program_id, expires_at FROM hold WHERE open > 0) AS x
             WHERE due < 9223372036854775807
             GROUP BY member_id, program_id) d ON d.member_id = w.member_id AND d.program_id = w.program_id
         WHERE (d.due IS NOT NULL AND (w.next_due IS NULL OR w.next_due > d.due))
            OR (w.next_due IS DISTINCT FROM d.due AND w.next_due IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM lot l WHERE l.member_id = w.member_id AND l.program_id = w.program_id
                    AND (l.expires_at = w.next_due OR l.activates_at = w.next_due))
                AND NOT EXISTS (
                    SELECT 1 FROM hold h WHERE h.member_id = w.member_id AND h.program_id = w.program_id
                    AND h.expires_at = w.next_due))",
    ),
];
