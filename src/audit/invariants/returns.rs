//! Orders paid with points and orders taken back: an order, its lines, its returns and the ledger say the same.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 9] = [
    Invariant::new(
        "order-points-are-taken",
        "\"order\"",
        "The points an order was paid with are those of its lines, and what its transaction took.",
        "SELECT o.member_id, t.seq, o.id,
                CAST(COALESCE(l.points, 0) AS text) || ' of the lines, worth ' || CAST(COALESCE(l.value, 0) AS text)
                || ', and ' || CAST(COALESCE(-t.points, 0) AS text) || ' taken' AS expected,
                CAST(o.points_paid AS text) || ' worth ' || CAST(o.points_value AS text) AS found
         FROM \"order\" o JOIN wallet w ON w.member_id = COALESCE(o.spent_from, o.member_id)
         LEFT JOIN (SELECT member_id, order_id, SUM(points_paid) AS points, SUM(points_value) AS value
                    FROM order_line GROUP BY member_id, order_id) l ON l.member_id = o.member_id AND l.order_id = o.id
         LEFT JOIN txn t ON t.member_id = w.member_id AND t.id = o.points_txn_id AND t.kind = 'REDEMPTION'
                         AND t.cause = 'ORDER' AND t.source_id = o.id
         WHERE o.points_paid <> COALESCE(l.points, 0) OR o.points_value <> COALESCE(l.value, 0)
            OR o.points_paid <> COALESCE(-t.points, 0) OR (o.points_txn_id IS NULL) <> (t.id IS NULL)
            OR o.points_value > o.total
            OR o.points_paid <> (SELECT COALESCE(-SUM(x.points), 0) FROM txn x WHERE x.member_id = w.member_id
                                 AND x.source_id = o.id AND x.kind = 'REDEMPTION' AND x.cause = 'ORDER')",
    ),
    Invariant::new(
        "order-has-its-lot",
        "\"order\"",
        "An order knows the lot that its points are in; one that earned none knows none.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id, 'the lot of its accrual' AS expected,
                CASE WHEN o.lot_id IS NULL THEN 'none' ELSE 'another' END AS found
         FROM \"order\" o JOIN wallet w ON w.member_id = COALESCE(o.earned_in, o.member_id)
         LEFT JOIN lot l ON l.member_id = w.member_id AND l.id = o.lot_id
         LEFT JOIN txn t ON t.member_id = l.member_id AND t.id = l.txn_id AND t.kind = 'ACCRUAL'
                         AND t.source_id = o.id
         WHERE CASE WHEN o.points_earned > 0 THEN t.id IS NULL ELSE o.lot_id IS NOT NULL END",
    ),
    Invariant::new(
        "order-state-fits",
        "\"order\"",
        "An order is taken back when all its pieces are, and delivered when it says when.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                CAST(COALESCE(l.pieces, 0) AS text) || ' pieces left' AS expected,
                o.status || CASE WHEN o.delivered_at IS NULL THEN ', not delivered' ELSE ', delivered' END AS found
         FROM \"order\" o LEFT JOIN (
             SELECT member_id, order_id, SUM(quantity - returned) AS pieces FROM order_line
             GROUP BY member_id, order_id) l ON l.member_id = o.member_id AND l.order_id = o.id
         WHERE NOT CASE o.status
             WHEN 'COMPLETED' THEN o.imported AND o.delivered_at IS NULL
             WHEN 'PAID' THEN NOT o.imported AND o.delivered_at IS NULL AND l.pieces > 0
             WHEN 'DELIVERED' THEN NOT o.imported AND o.delivered_at IS NOT NULL AND l.pieces > 0
             WHEN 'CANCELLED' THEN NOT o.imported AND o.delivered_at IS NULL AND l.pieces = 0
             WHEN 'RETURNED' THEN NOT o.imported AND l.pieces = 0
             ELSE false END",
    ),
    Invariant::new(
        "line-is-returned-in-part",
        "order_line",
        "No more of a line came back than there was, and with its last piece all that was paid for it.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, order_id AS id,
                'at most ' || CAST(quantity AS text) || ' pieces, ' || CAST(total - points_value AS text) || ' and '
                || CAST(points_paid AS text) || ' points' AS expected,
                CAST(returned AS text) || ' pieces, ' || CAST(money_returned AS text) || ' and '
                || CAST(points_returned AS text) || ' points' AS found
         FROM order_line
         WHERE returned < 0 OR returned > quantity OR points_value < 0 OR points_value > total OR points_paid < 0
            OR NOT CASE WHEN returned = 0 THEN money_returned = 0 AND points_returned = 0
                        WHEN returned = quantity
                        THEN money_returned = total - points_value AND points_returned = points_paid
                        ELSE money_returned BETWEEN 0 AND total - points_value
                         AND points_returned BETWEEN 0 AND points_paid END",
    ),
    Invariant::new(
        "line-is-its-returns",
        "order_line",
        "What came back of a line is the sum of its returns.",
        "SELECT l.member_id, CAST(NULL AS bigint) AS seq, l.order_id AS id,
                CAST(COALESCE(r.pieces, 0) AS text) || ' pieces, ' || CAST(COALESCE(r.money, 0) AS text) || ' and '
                || CAST(COALESCE(r.points, 0) AS text) || ' points' AS expected,
                CAST(l.returned AS text) || ' pieces, ' || CAST(l.money_returned AS text) || ' and '
                || CAST(l.points_returned AS text) || ' points' AS found
         FROM order_line l LEFT JOIN (
             SELECT w.member_id, w.order_id, x.position, SUM(x.quantity) AS pieces, SUM(x.money) AS money,
                    SUM(x.points) AS points
             FROM order_return_line x JOIN order_return w ON w.member_id = x.member_id AND w.id = x.return_id
             GROUP BY w.member_id, w.order_id, x.position) r
                ON r.member_id = l.member_id AND r.order_id = l.order_id AND r.position = l.position
         WHERE l.returned <> COALESCE(r.pieces, 0) OR l.money_returned <> COALESCE(r.money, 0)
            OR l.points_returned <> COALESCE(r.points, 0)",
    ),
    Invariant::new(
        "order-is-its-returns",
        "\"order\"",
        "What came back of an order is the sum of its returns; its revision counts them and its delivery.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                CAST(COALESCE(r.money, 0) AS text) || ', ' || CAST(COALESCE(r.points, 0) AS text) || ' points, clawed '
                || CAST(COALESCE(r.clawed, 0) AS text) || ', ' || CAST(COALESCE(r.returns, 0) AS text) || ' returns'
                AS expected,
                CAST(o.money_returned AS text) || ', ' || CAST(o.points_returned AS text) || ' points, clawed '
                || CAST(o.points_clawed AS text) || ' of ' || CAST(o.points_earned AS text) || ', revision '
                || CAST(o.revision AS text) AS found
         FROM \"order\" o LEFT JOIN (
             SELECT member_id, order_id, SUM(money + money_withheld) AS money, SUM(points_given_back) AS points,
                    SUM(points_clawed) AS clawed, COUNT(*) AS returns
             FROM order_return GROUP BY member_id, order_id) r ON r.member_id = o.member_id AND r.order_id = o.id
         WHERE o.money_returned <> COALESCE(r.money, 0) OR o.points_returned <> COALESCE(r.points, 0)
            OR o.points_clawed <> COALESCE(r.clawed, 0) OR o.money_returned > o.total - o.points_value
            OR o.points_returned > o.points_paid OR o.points_clawed > o.points_earned
            OR (o.status IN ('CANCELLED', 'RETURNED') AND o.points_clawed <> o.points_earned)
            OR o.revision <> COALESCE(r.returns, 0) + CASE WHEN o.delivered_at IS NULL THEN 0 ELSE 1 END",
    ),
    Invariant::new(
        "return-is-its-lines",
        "order_return",
        "A return is of an order, and its money and points are those of its lines, which are of that order.",
        "SELECT r.member_id, CAST(NULL AS bigint) AS seq, r.id,
                CAST(COALESCE(x.money, 0) AS text) || ' and ' || CAST(COALESCE(x.points, 0) AS text) || ' points, of an order'
                AS expected,
                CAST(r.money AS text) || ' and ' || CAST(r.money_withheld AS text) || ' withheld, '
                || CAST(r.points_given_back AS text) || ' points, of ' || COALESCE(o.number, 'no order') AS found
         FROM order_return r LEFT JOIN \"order\" o ON o.member_id = r.member_id AND o.id = r.order_id
         LEFT JOIN (
             SELECT y.member_id, y.return_id, SUM(y.money) AS money, SUM(y.points) AS points
             FROM order_return_line y JOIN order_return w ON w.member_id = y.member_id AND w.id = y.return_id
             JOIN order_line l ON l.member_id = w.member_id AND l.order_id = w.order_id AND l.position = y.position
             GROUP BY y.member_id, y.return_id) x ON x.member_id = r.member_id AND x.return_id = r.id
         WHERE o.id IS NULL OR x.return_id IS NULL OR r.money + r.money_withheld <> x.money OR r.money < 0
            OR r.money_withheld < 0 OR r.points_given_back <> x.points OR r.currency <> o.currency
            OR r.revision < 1 OR r.revision > o.revision
         UNION ALL
         SELECT y.member_id, CAST(NULL AS bigint), y.return_id, 'a return and a line of its order', 'a line without'
         FROM order_return_line y LEFT JOIN order_return w ON w.member_id = y.member_id AND w.id = y.return_id
         LEFT JOIN order_line l ON l.member_id = w.member_id AND l.order_id = w.order_id AND l.position = y.position
         WHERE l.order_id IS NULL",
    ),
    Invariant::new(
        "return-is-booked",
        "order_return",
        "A return gave back, took back, wrote off and settled the points that its transactions booked.",
        "SELECT r.member_id, b.seq, r.id,
                'back ' || CAST(COALESCE(b.given_back, 0) AS text) || ', forfeited '
                || CAST(COALESCE(b.forfeited, 0) AS text) || ', clawed ' || CAST(COALESCE(b.clawed, 0) AS text)
                || ', missing ' || CAST(COALESCE(b.missing, 0) AS text) || ', written off '
                || CAST(COALESCE(b.written_off, 0) AS text) || ', settled ' || CAST(COALESCE(b.settled, 0) AS text)
                AS expected,
                'back ' || CAST(r.points_given_back AS text) || ', forfeited ' || CAST(r.points_forfeited AS text)
                || ', clawed ' || CAST(r.points_clawed AS text) || ', missing ' || CAST(r.points_missing AS text)
                || ', written off ' || CAST(r.points_written_off AS text) || ', settled '
                || CAST(r.points_settled AS text) AS found
         FROM order_return r
         LEFT JOIN \"order\" o ON o.member_id = r.member_id AND o.id = r.order_id
         JOIN wallet p ON p.member_id = COALESCE(o.spent_from, r.member_id)
         JOIN wallet w ON w.member_id = COALESCE(o.earned_in, r.member_id)
         LEFT JOIN (
             SELECT t.source_id, MIN(t.seq) AS seq,
                    SUM(CASE WHEN t.kind = 'REFUND' AND e.account = 'AVAILABLE' THEN e.points ELSE 0 END) AS given_back,
                    SUM(CASE WHEN t.kind = 'EXPIRATION' AND e.account = 'EXPIRED' THEN e.points
                             WHEN t.kind = 'REINSTATEMENT' AND e.account = 'REINSTATED' THEN e.points
                             ELSE 0 END) AS forfeited,
                    SUM(CASE WHEN t.kind = 'CLAWBACK' AND e.account = 'REVOKED' THEN e.points ELSE 0 END) AS clawed,
                    -SUM(CASE WHEN t.kind = 'CLAWBACK' AND e.account = 'DEBT' THEN e.points ELSE 0 END) AS missing,
                    -SUM(CASE WHEN e.account = 'WRITTEN_OFF' THEN e.points ELSE 0 END) AS written_off,
                    -SUM(CASE WHEN e.account = 'SETTLED' THEN e.points ELSE 0 END) AS settled
             FROM txn t JOIN entry e ON e.member_id = t.member_id AND e.txn_id = t.id
             WHERE t.cause = 'RETURN' GROUP BY t.source_id) b ON b.source_id = r.id
         WHERE r.points_given_back <> COALESCE(b.given_back, 0) OR r.points_forfeited <> COALESCE(b.forfeited, 0)
            OR r.points_clawed <> COALESCE(b.clawed, 0) OR r.points_missing <> COALESCE(b.missing, 0)
            OR r.points_written_off <> COALESCE(b.written_off, 0) OR r.points_settled <> COALESCE(b.settled, 0)
            OR r.points_written_off + r.points_settled > r.points_missing OR r.points_missing > r.points_clawed
            OR r.points_forfeited > r.points_given_back",
    ),
    Invariant::new(
        "withheld-is-settled",
        "order_return",
        "The returns of an order withheld the money that the points they settled are worth by its version of the program.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                CAST(r.settled * p.exchange_minor / p.exchange_points AS text) || ' withheld for '
                || CAST(r.settled AS text) || ' points' AS expected,
                CAST(r.withheld AS text) AS found
         FROM \"order\" o JOIN program p ON p.version = o.program_version
         JOIN (
             SELECT member_id, order_id, CAST(SUM(points_settled) AS bigint) AS settled, SUM(money_withheld) AS withheld
             FROM order_return GROUP BY member_id, order_id) r ON r.member_id = o.member_id AND r.order_id = o.id
         WHERE r.withheld <> r.settled * p.exchange_minor / p.exchange_points",
    ),
];
