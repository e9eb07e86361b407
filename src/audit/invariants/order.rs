//! Orders, lines, payments and stock. An imported order has neither lines nor payments nor coupons.
//!
//! What an order did to points is in the wallet it names, or its member's own. Where only one member is looked at, another
//! wallet is not in sight, and the order drops out of the JOIN.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 10] = [
    Invariant::new(
        "order-is-its-lines",
        "\"order\"",
        "An order's pieces, subtotal, discount, total and points are the sums of its lines.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                'pieces ' || CAST(COALESCE(l.pieces, 0) AS text) || ', subtotal ' || CAST(COALESCE(l.subtotal, 0) AS text)
                || ', discount ' || CAST(COALESCE(l.discount, 0) AS text) || ', total '
                || CAST(COALESCE(l.total, 0) AS text) || ', points ' || CAST(COALESCE(l.points, 0) AS text) AS expected,
                'pieces ' || CAST(o.pieces AS text) || ', subtotal ' || CAST(o.subtotal AS text) || ', discount '
                || CAST(o.discount AS text) || ', total ' || CAST(o.total AS text) || ', points '
                || CAST(o.points_earned AS text) AS found
         FROM \"order\" o LEFT JOIN (
             SELECT member_id, order_id, SUM(quantity) AS pieces, SUM(unit_price * quantity) AS subtotal,
                    SUM(discount) AS discount, SUM(total) AS total, SUM(points_earned) AS points
             FROM order_line GROUP BY member_id, order_id) l ON l.member_id = o.member_id AND l.order_id = o.id
         WHERE CASE WHEN o.imported THEN l.order_id IS NOT NULL
                    ELSE l.order_id IS NULL OR o.pieces <> l.pieces OR o.subtotal <> l.subtotal
                      OR o.discount <> l.discount OR o.total <> l.total OR o.points_earned <> l.points END",
    ),
    Invariant::new(
        "order-adds-up",
        "\"order\"",
        "An order's total is its subtotal less its discount.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, id, CAST(subtotal - discount AS text) AS expected,
                CAST(total AS text) AS found
         FROM \"order\" WHERE total <> subtotal - discount OR discount < 0 OR discount > subtotal OR subtotal < 0
                         OR points_earned < 0 OR pieces < 0",
    ),
    Invariant::new(
        "line-adds-up",
        "order_line",
        "A line's total is its price times its pieces less its discount.",
        "SELECT member_id, CAST(NULL AS bigint) AS seq, order_id AS id,
                CAST(unit_price * quantity - discount AS text) AS expected, CAST(total AS text) AS found
         FROM order_line WHERE total <> unit_price * quantity - discount OR quantity <= 0 OR unit_price < 0
                            OR discount < 0 OR total < 0 OR points_earned < 0
                            OR tax_rate < 0 OR tax_rate > 10000",
    ),
    Invariant::new(
        "line-has-order",
        "order_line",
        "Lines and payments are of orders there are, and a line is of a product there is.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, x.order_id AS id, 'an order, and a product' AS expected,
                x.what AS found
         FROM (SELECT member_id, order_id, product_id, 'a line without' AS what FROM order_line
               UNION ALL SELECT member_id, order_id, CAST(NULL AS uuid), 'a payment without' FROM payment) AS x
         LEFT JOIN \"order\" o ON o.member_id = x.member_id AND o.id = x.order_id
         LEFT JOIN product p ON p.id = x.product_id
         WHERE o.id IS NULL OR (x.product_id IS NOT NULL AND p.id IS NULL)",
    ),
    Invariant::new(
        "order-has-member",
        "\"order\"",
        "Every order is a member's.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id, 'a member' AS expected, 'none' AS found
         FROM \"order\" o LEFT JOIN member m ON m.id = o.member_id WHERE m.id IS NULL",
    ),
    Invariant::new(
        "order-points-are-booked",
        "\"order\"",
        "The points an order earned are what its accrual booked; none booked, none earned.",
        "SELECT o.member_id, t.seq, o.id, CAST(o.points_earned AS text) || ' booked' AS expected,
                CAST(COALESCE(t.points, 0) AS text) || ' booked' AS found
         FROM \"order\" o JOIN wallet w ON w.member_id = COALESCE(o.earned_in, o.member_id) LEFT JOIN (
             SELECT member_id, source_id, SUM(points) AS points, MIN(seq) AS seq FROM txn
             WHERE kind = 'ACCRUAL' AND cause IN ('ORDER', 'IMPORTED_ORDER') GROUP BY member_id, source_id) t
                ON t.member_id = w.member_id AND t.source_id = o.id
         WHERE o.points_earned <> COALESCE(t.points, 0)",
    ),
    Invariant::new(
        "order-version-is-booked",
        "\"order\"",
        "An order names the version of the program by which its points were earned and those that paid for it taken.",
        "SELECT o.member_id, t.seq, o.id, 'version ' || CAST(t.program_version AS text) AS expected,
                'version ' || CAST(o.program_version AS text) AS found
         FROM \"order\" o CROSS JOIN txn t
         WHERE t.member_id = COALESCE(o.earned_in, o.member_id) AND t.source_id = o.id AND t.kind = 'ACCRUAL'
           AND t.cause IN ('ORDER', 'IMPORTED_ORDER') AND t.program_version <> o.program_version
         UNION ALL
         SELECT o.member_id, t.seq, o.id, 'version ' || CAST(t.program_version AS text),
                'version ' || CAST(o.program_version AS text)
         FROM \"order\" o CROSS JOIN txn t
         WHERE t.member_id = COALESCE(o.spent_from, o.member_id) AND t.source_id = o.id AND t.kind = 'REDEMPTION'
           AND t.cause = 'ORDER' AND t.program_version <> o.program_version",
    ),
    Invariant::new(
        "order-is-paid",
        "\"order\"",
        "The payments of an order of the shop are its total less what points paid, in its currency.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id, CAST(o.total - o.points_value AS text) || ' ' || o.currency AS expected,
                CAST(COALESCE(p.amount, 0) AS text) || ' in that currency' AS found
         FROM \"order\" o LEFT JOIN (
             SELECT member_id, order_id, currency, SUM(amount) AS amount, COUNT(*) AS payments FROM payment
             WHERE status = 'CAPTURED' GROUP BY member_id, order_id, currency) p
                ON p.member_id = o.member_id AND p.order_id = o.id AND p.currency = o.currency
         WHERE CASE WHEN o.imported THEN p.order_id IS NOT NULL
                    ELSE p.order_id IS NULL OR p.amount <> o.total - o.points_value END",
    ),
    Invariant::new(
        "stock-is-whole",
        "stock",
        "Pieces granted are remaining or used, and none is negative.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, id, CAST(granted AS text) AS expected,
                CAST(remaining AS text) || ' remaining and ' || CAST(used AS text) || ' used' AS found
         FROM stock WHERE granted <> remaining + used OR remaining < 0 OR used < 0 OR granted < 0",
    ),
    Invariant::new(
        "stock-used-is-sold",
        "stock",
        "The pieces used of a pile are those sold in orders and those redeemed, less those that came back to it.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, COALESCE(s.id, u.id) AS id,
                CAST(COALESCE(u.pieces, 0) AS text) || ' used' AS expected,
                COALESCE(CAST(s.used AS text) || ' used', 'no such pile') AS found
         FROM stock s FULL JOIN (
             SELECT id, SUM(pieces) AS pieces FROM (
                 SELECT product_id AS id, quantity AS pieces FROM order_line
                 UNION ALL SELECT l.product_id, -x.quantity FROM order_return_line x
                 JOIN order_return w ON w.member_id = x.member_id AND w.id = x.return_id AND w.restocked
                 JOIN order_line l ON l.member_id = w.member_id AND l.order_id = w.order_id AND l.position = x.position
                 UNION ALL SELECT r.stock_id, r.quantity FROM redemption r LEFT JOIN reward w ON w.id = r.reward_id
                 WHERE r.stock_id IS NOT NULL AND (r.cancelled_at IS NULL OR w.kind = 'CODE')) AS taken
             GROUP BY id) u ON u.id = s.id
         WHERE s.id IS NULL OR s.used <> COALESCE(u.pieces, 0)",
    ),
];
