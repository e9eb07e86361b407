//! Transactions and their entries. What goes from one transaction to the next is the chain's: see `chain`.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 6] = [
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
        "A transaction's points are what its entries book on the member's accounts.",
        "SELECT t.member_id, t.seq, t.id, CAST(COALESCE(e.total, 0) AS text) AS expected, CAST(t.points AS text) AS found
         FROM txn t LEFT JOIN (SELECT member_id, txn_id, SUM(points) AS total FROM entry
                               WHERE account IN ('AVAILABLE', 'HELD', 'PENDING', 'DEBT')
                               GROUP BY member_id, txn_id) e ON e.member_id = t.member_id AND e.txn_id = t.id
         WHERE t.points <> COALESCE(e.total, 0)",
    ),
    Invariant::new(
        "lots-move-with-accounts",
        "txn",
        "What a transaction puts into lots is what it books on available, held and pending.",
        "SELECT t.member_id, t.seq, t.id, CAST(COALESCE(e.total, 0) AS text) || ' into lots' AS expected,
                CAST(COALESCE(a.total, 0) AS text) || ' into lots' AS found
         FROM txn t
         LEFT JOIN (SELECT member_id, txn_id, SUM(points) AS total FROM entry
                    WHERE account IN ('AVAILABLE', 'HELD', 'PENDING')
                    GROUP BY member_id, txn_id) e ON e.member_id = t.member_id AND e.txn_id = t.id
         LEFT JOIN (SELECT member_id, txn_id,
                           SUM(CASE WHEN given_to IN ('REMAINING', 'HELD') THEN points ELSE 0 END)
                           - SUM(CASE WHEN taken_from IN ('REMAINING', 'HELD') THEN points ELSE 0 END) AS total
                    FROM allocation GROUP BY member_id, txn_id) a ON a.member_id = t.member_id AND a.txn_id = t.id
         WHERE COALESCE(a.total, 0) <> COALESCE(e.total, 0)",
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
             WHEN 'TRANSFER_OUT' THEN e.account IN ('AVAILABLE', 'TRANSFER')
             WHEN 'TRANSFER_IN' THEN e.account IN ('AVAILABLE', 'TRANSFER')
             WHEN 'ADJUSTMENT' THEN e.account IN ('AVAILABLE', 'ADJUSTED')
             ELSE true END",
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
