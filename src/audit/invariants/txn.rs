//! Transactions and their entries. What goes from one transaction to the next is the chain's: see `chain`.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 8] = [
    Invariant::new(
        "entries-sum-to-zero",
        "txn",
        "The entries of a transaction sum to zero, and there are two at least.",
        "SELECT t.member_id, t.seq, t.id, 'two entries or more that sum to 0' AS expected,
                CAST(COALESCE(e.entries, 0) AS text) || ' entries that sum to ' || CAST(COALESCE(e.total, 0) AS text)
                AS found
         FROM txn t LEFT JOIN (SELECT member_id, txn_id, COUNT(*) AS entries, SUM(points) AS total
                               FROM entry GROUP BY member_id, txn_id) e ON e.member_id = t.member_id AND e.txn_id = t.id
         WHERE COALESCE(e.entries, 0) < 2 OR e.total <> 0",
    ),
    Invariant::new(
        "txn-is-its-entries",
        "txn",
        "A transaction's points are what came to the member or went; within the member's accounts, what can be spent.",
        "SELECT t.member_id, t.seq, t.id, CAST(COALESCE(e.within, 0) AS text) || ' within, '
                || CAST(COALESCE(e.total, 0) AS text) || ' in all' AS expected, CAST(t.points AS text) AS found
         FROM txn t LEFT JOIN (SELECT member_id, txn_id, SUM(points) AS total,
                                      SUM(CASE WHEN account = 'AVAILABLE' THEN points ELSE 0 END) AS within
                               FROM entry WHERE account IN ('AVAILABLE', 'HELD', 'PENDING', 'DEBT')
                               GROUP BY member_id, txn_id) e ON e.member_id = t.member_id AND e.txn_id = t.id
         WHERE t.points <> COALESCE(CASE WHEN t.kind IN ('HOLD', 'RELEASE', 'ACTIVATION', 'DEBT_REPAYMENT')
                                         THEN e.within ELSE e.total END, 0)",
    ),
    Invariant::new(
        "lots-move-with-accounts",
        "txn",
        "What a transaction puts into lots is what it books on available, held and pending.",
        "SELECT t.member_id, t.seq, t.id, CAST(COALESCE(e.total, 0) AS text) || ' into lots, '
                || CAST(COALESCE(e.held, 0) AS text) || ' of them held' AS expected,
                CAST(COALESCE(a.total, 0) AS text) || ' into lots, ' || CAST(COALESCE(a.held, 0) AS text)
                || ' of them held' AS found
         FROM txn t
         LEFT JOIN (SELECT member_id, txn_id, SUM(points) AS total,
                           SUM(CASE WHEN account = 'HELD' THEN points ELSE 0 END) AS held FROM entry
                    WHERE account IN ('AVAILABLE', 'HELD', 'PENDING')
                    GROUP BY member_id, txn_id) e ON e.member_id = t.member_id AND e.txn_id = t.id
         LEFT JOIN (SELECT member_id, txn_id,
                           SUM(CASE WHEN given_to IN ('REMAINING', 'HELD') THEN points ELSE 0 END)
                           - SUM(CASE WHEN taken_from IN ('REMAINING', 'HELD') THEN points ELSE 0 END) AS total,
                           SUM(CASE WHEN given_to = 'HELD' THEN points ELSE 0 END)
                           - SUM(CASE WHEN taken_from = 'HELD' THEN points ELSE 0 END) AS held
                    FROM allocation GROUP BY member_id, txn_id) a ON a.member_id = t.member_id AND a.txn_id = t.id
         WHERE COALESCE(a.total, 0) <> COALESCE(e.total, 0) OR COALESCE(a.held, 0) <> COALESCE(e.held, 0)",
    ),
    Invariant::new(
        "kind-books-its-accounts",
        "entry",
        "Each kind of transaction books on its own accounts, the member's and the house's.",
        "SELECT t.member_id, t.seq, t.id, 'an account of ' || t.kind AS expected, e.account AS found
         FROM entry e JOIN txn t ON t.member_id = e.member_id AND t.id = e.txn_id
         WHERE NOT CASE t.kind
             WHEN 'ACCRUAL' THEN e.account IN ('AVAILABLE', 'PENDING', 'ISSUED')
             WHEN 'ACTIVATION' THEN e.account IN ('PENDING', 'AVAILABLE')
             WHEN 'HOLD' THEN e.account IN ('AVAILABLE', 'HELD')
             WHEN 'RELEASE' THEN e.account IN ('HELD', 'AVAILABLE')
             WHEN 'REDEMPTION' THEN e.account IN ('AVAILABLE', 'HELD', 'REDEEMED')
             WHEN 'REFUND' THEN e.account IN ('AVAILABLE', 'REDEEMED')
             WHEN 'EXPIRATION' THEN e.account IN ('AVAILABLE', 'EXPIRED')
             WHEN 'REINSTATEMENT' THEN e.account IN ('AVAILABLE', 'REINSTATED')
             WHEN 'CLAWBACK' THEN e.account IN ('PENDING', 'AVAILABLE', 'DEBT', 'REVOKED', 'EXPIRED')
             WHEN 'DEBT_REPAYMENT' THEN e.account IN ('AVAILABLE', 'DEBT')
             WHEN 'WRITE_OFF' THEN e.account IN ('DEBT', 'WRITTEN_OFF')
             WHEN 'MONEY_SETTLEMENT' THEN e.account IN ('DEBT', 'SETTLED')
             WHEN 'TRANSFER_OUT' THEN e.account IN ('AVAILABLE', 'PENDING', 'DEBT', 'TRANSFER')
             WHEN 'TRANSFER_IN' THEN e.account IN ('AVAILABLE', 'PENDING', 'DEBT', 'TRANSFER')
             WHEN 'ADJUSTMENT' THEN e.account IN ('AVAILABLE', 'ADJUSTED')
             ELSE true END",
    ),
    Invariant::new(
        "kind-goes-its-way",
        "txn",
        "Each kind of transaction brings or takes points as its equation says.",
        "SELECT t.member_id, t.seq, t.id, 'the equation of ' || t.kind AS expected,
                'available ' || CAST(b.available AS text) || ', held ' || CAST(b.held AS text) || ', pending '
                || CAST(b.pending AS text) || ', debt ' || CAST(b.debt AS text) AS found
         FROM txn t JOIN (
             SELECT member_id, txn_id, SUM(CASE account WHEN 'AVAILABLE' THEN points ELSE 0 END) AS available,
                    SUM(CASE account WHEN 'HELD' THEN points ELSE 0 END) AS held,
                    SUM(CASE account WHEN 'PENDING' THEN points ELSE 0 END) AS pending,
                    SUM(CASE account WHEN 'DEBT' THEN points ELSE 0 END) AS debt,
                    SUM(CASE account WHEN 'TRANSFER' THEN 0 ELSE 1 END) AS accounts
             FROM entry GROUP BY member_id, txn_id) b ON b.member_id = t.member_id AND b.txn_id = t.id
         WHERE NOT CASE t.kind
             WHEN 'ACCRUAL' THEN b.available >= 0 AND b.pending >= 0 AND (b.available = 0) <> (b.pending = 0)
             WHEN 'ACTIVATION' THEN b.available > 0 AND b.pending = -b.available
             WHEN 'HOLD' THEN b.available < 0 AND b.held = -b.available
             WHEN 'RELEASE' THEN b.available > 0 AND b.held = -b.available
             WHEN 'REDEMPTION' THEN b.available <= 0 AND b.held <= 0 AND (b.available = 0) <> (b.held = 0)
             WHEN 'CLAWBACK' THEN b.available <= 0 AND b.pending <= 0 AND b.debt <= 0
             WHEN 'DEBT_REPAYMENT' THEN b.available < 0 AND b.debt = -b.available
             WHEN 'ADJUSTMENT' THEN b.available <> 0
             WHEN 'TRANSFER_IN' THEN b.available >= 0 AND b.pending >= 0 AND b.debt <= 0
                  AND CASE WHEN t.cause = 'MERGER' THEN b.accounts = 1 ELSE b.available > 0 END
             WHEN 'TRANSFER_OUT' THEN b.available <= 0 AND b.pending <= 0 AND b.debt >= 0
                  AND CASE WHEN t.cause = 'MERGER' THEN b.accounts = 1 ELSE b.available < 0 END
             ELSE CASE WHEN t.kind IN ('REFUND', 'REINSTATEMENT') THEN b.available > 0
                       WHEN t.kind = 'EXPIRATION' THEN b.available < 0
                       WHEN t.kind IN ('WRITE_OFF', 'MONEY_SETTLEMENT') THEN b.debt > 0 ELSE true END END",
    ),
    Invariant::new(
        "kind-moves-its-buckets",
        "allocation",
        "Each kind of transaction moves points from and to its own buckets of a lot.",
        "SELECT a.member_id, t.seq, a.txn_id AS id, 'buckets of ' || t.kind AS expected,
                COALESCE(a.taken_from, 'nothing') || ' to ' || a.given_to
                || CASE WHEN a.origin_txn_id IS NULL THEN '' ELSE ', taking back' END AS found
         FROM allocation a JOIN txn t ON t.member_id = a.member_id AND t.id = a.txn_id
         WHERE t.kind || ' ' || COALESCE(a.taken_from, 'NOTHING') || ' ' || a.given_to
               || CASE WHEN a.origin_txn_id IS NULL THEN '' ELSE ' BACK' END NOT IN (
             'ACCRUAL NOTHING REMAINING', 'TRANSFER_IN NOTHING REMAINING', 'ADJUSTMENT NOTHING REMAINING',
             'REINSTATEMENT NOTHING REMAINING BACK', 'HOLD REMAINING HELD', 'RELEASE HELD REMAINING BACK',
             'REDEMPTION REMAINING CONSUMED', 'REDEMPTION HELD CONSUMED BACK', 'REFUND CONSUMED REMAINING BACK',
             'EXPIRATION REMAINING EXPIRED', 'CLAWBACK REMAINING REVOKED', 'CLAWBACK EXPIRED REVOKED',
             'DEBT_REPAYMENT REMAINING CONSUMED', 'TRANSFER_OUT REMAINING CONSUMED', 'ADJUSTMENT REMAINING CONSUMED')",
    ),
    Invariant::new(
        "reversals-have-originals",
        "txn",
        "A reversal names an earlier transaction of its wallet.",
        "SELECT t.member_id, t.seq, t.id, 'an earlier transaction' AS expected,
                COALESCE(CAST(o.seq AS text), 'none') AS found
         FROM txn t LEFT JOIN txn o ON o.member_id = t.member_id AND o.id = t.reverses AND o.program_id = t.program_id
         WHERE t.reverses IS NOT NULL AND (o.id IS NULL OR o.seq >= t.seq)",
    ),
    Invariant::new(
        "balances-not-negative",
        "txn",
        "No balance after a transaction is negative.",
        "SELECT member_id, seq, id, 'no balance below 0' AS expected,
                'available ' || CAST(available_after AS text) || ', held ' || CAST(held_after AS text) || ', pending '
                || CAST(pending_after AS text) || ', debt ' || CAST(debt_after AS text) AS found
         FROM txn WHERE available_after < 0 OR held_after < 0 OR pending_after < 0 OR debt_after < 0",
    ),
];
