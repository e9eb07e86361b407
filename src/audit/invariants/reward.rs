//! Redemptions and coupons.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 6] = [
    Invariant::new(
        "redemption-is-booked",
        "redemption",
        "A redemption's points are what its transaction took.",
        "SELECT r.member_id, t.seq, r.id, CAST(r.points AS text) || ' taken' AS expected,
                CAST(COALESCE(-t.points, 0) AS text) || ' taken' AS found
         FROM redemption r JOIN wallet w ON w.member_id = COALESCE(r.spent_from, r.member_id) LEFT JOIN (
             SELECT member_id, source_id, SUM(points) AS points, MIN(seq) AS seq FROM txn
             WHERE kind = 'REDEMPTION' AND cause = 'REDEMPTION' GROUP BY member_id, source_id) t
                ON t.member_id = w.member_id AND t.source_id = r.id
         WHERE r.points <> COALESCE(-t.points, 0) OR r.points <= 0 OR r.quantity <= 0",
    ),
    Invariant::new(
        "redemption-has-coupons",
        "redemption",
        "A redemption is a member's, of a reward there is, and issued a coupon a piece if it is of coupons.",
        "SELECT r.member_id, CAST(NULL AS bigint) AS seq, r.id,
                CASE WHEN w.kind = 'COUPON' THEN CAST(r.quantity AS text) || ' coupons' ELSE 'no coupon' END AS expected,
                CASE WHEN w.id IS NULL THEN 'no such reward' WHEN m.id IS NULL THEN 'no such member'
                     ELSE CAST(COALESCE(c.coupons, 0) AS text) || ' coupons' END AS found
         FROM redemption r LEFT JOIN reward w ON w.id = r.reward_id LEFT JOIN member m ON m.id = r.member_id
         LEFT JOIN (SELECT member_id, redemption_id, COUNT(*) AS coupons FROM coupon
                    GROUP BY member_id, redemption_id) c ON c.member_id = r.member_id AND c.redemption_id = r.id
         WHERE w.id IS NULL OR m.id IS NULL
            OR COALESCE(c.coupons, 0) <> CASE WHEN w.kind = 'COUPON' THEN r.quantity ELSE 0 END",
    ),
    Invariant::new(
        "coupon-has-redemption",
        "coupon",
        "Every coupon was issued by a redemption of its member.",
        "SELECT c.member_id, CAST(NULL AS bigint) AS seq, c.id, 'a redemption' AS expected, 'none' AS found
         FROM coupon c LEFT JOIN redemption r ON r.member_id = c.member_id AND r.id = c.redemption_id
         WHERE r.id IS NULL",
    ),
    Invariant::new(
        "coupon-is-its-rewards",
        "coupon",
        "A coupon is worth what its reward says, from the same minimum on, and for so long since its redemption.",
        "SELECT c.member_id, CAST(NULL AS bigint) AS seq, c.id,
                COALESCE(CAST(w.coupon_value AS text), 'nothing') || ' ' || w.currency || ' from '
                || COALESCE(CAST(w.minimum_spend AS text), '0') || ' on, until '
                || COALESCE(CAST(r.created_at + w.coupon_valid_days * 86400000000 AS text), 'for ever') AS expected,
                CAST(c.value AS text) || ' ' || c.currency || ' from '
                || COALESCE(CAST(c.minimum_spend AS text), '0') || ' on, until '
                || COALESCE(CAST(c.expires_at AS text), 'for ever') || ', made at ' || CAST(c.created_at AS text)
                AS found
         FROM coupon c JOIN redemption r ON r.member_id = c.member_id AND r.id = c.redemption_id
         JOIN reward w ON w.id = r.reward_id
         WHERE c.value IS DISTINCT FROM w.coupon_value OR c.minimum_spend IS DISTINCT FROM w.minimum_spend
            OR c.currency <> w.currency OR c.created_at <> r.created_at
            OR c.expires_at IS DISTINCT FROM r.created_at + w.coupon_valid_days * 86400000000",
    ),
    Invariant::new(
        "coupon-is-used-once",
        "coupon",
        "A coupon is used exactly when one order of its member names it that was not taken back as a whole.",
        "SELECT COALESCE(c.member_id, o.member_id) AS member_id, CAST(NULL AS bigint) AS seq,
                COALESCE(c.id, o.coupon_id) AS id,
                CASE WHEN c.used_at IS NULL THEN 'no order that stands' ELSE 'its own order' END AS expected,
                CASE WHEN c.id IS NULL THEN 'an order with a coupon there is not'
                     ELSE CAST(COALESCE(o.standing, 0) AS text) || ' of ' || CAST(COALESCE(o.orders, 0) AS text)
                          || ' orders stand' END AS found
         FROM coupon c FULL JOIN (
             SELECT member_id, coupon_id, COUNT(*) AS orders,
                    SUM(CASE WHEN status IN ('CANCELLED', 'RETURNED') THEN 0 ELSE 1 END) AS standing
             FROM \"order\" WHERE coupon_id IS NOT NULL
             GROUP BY member_id, coupon_id) o ON o.member_id = c.member_id AND o.coupon_id = c.id
         WHERE c.id IS NULL OR (c.used_at IS NULL) <> (c.order_id IS NULL)
            OR COALESCE(o.standing, 0) > CASE WHEN c.used_at IS NULL THEN 0 ELSE 1 END
            OR (o.standing > 0 AND NOT EXISTS (
                   SELECT 1 FROM \"order\" x WHERE x.member_id = c.member_id AND x.id = c.order_id
                   AND x.status NOT IN ('CANCELLED', 'RETURNED')))
            OR (c.order_id IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM \"order\" x
                   WHERE x.member_id = c.member_id AND x.id = c.order_id AND x.coupon_id = c.id))",
    ),
    Invariant::new(
        "discount-has-coupon",
        "\"order\"",
        "An order's discount is its coupon's value, as far as the subtotal goes, from the coupon's minimum on.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                CASE WHEN c.id IS NULL THEN '0'
                     WHEN c.value < o.subtotal THEN CAST(c.value AS text) ELSE CAST(o.subtotal AS text) END AS expected,
                CAST(o.discount AS text) || ' on ' || CAST(o.subtotal AS text) || ' ' || o.currency AS found
         FROM \"order\" o LEFT JOIN coupon c ON c.member_id = o.member_id AND c.id = o.coupon_id
         WHERE o.discount <> CASE WHEN c.id IS NULL THEN 0 WHEN c.value < o.subtotal THEN c.value ELSE o.subtotal END
            OR o.subtotal < c.minimum_spend OR o.currency <> c.currency",
    ),
];
