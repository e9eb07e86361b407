//! Redemptions and coupons.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 12] = [
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
                CASE WHEN w.kind LIKE '%COUPON' THEN CAST(r.quantity AS text) || ' coupons' ELSE 'no coupon' END AS expected,
                CASE WHEN w.id IS NULL THEN 'no such reward' WHEN m.id IS NULL THEN 'no such member'
                     ELSE CAST(COALESCE(c.coupons, 0) AS text) || ' coupons' END AS found
         FROM redemption r LEFT JOIN reward w ON w.id = r.reward_id LEFT JOIN member m ON m.id = r.member_id
         LEFT JOIN (SELECT member_id, redemption_id, COUNT(*) AS coupons FROM coupon
                    GROUP BY member_id, redemption_id) c ON c.member_id = r.member_id AND c.redemption_id = r.id
         WHERE w.id IS NULL OR m.id IS NULL
            OR COALESCE(c.coupons, 0) <> CASE WHEN w.kind LIKE '%COUPON' THEN r.quantity ELSE 0 END",
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
        "A coupon is worth what its reward said in the revision it was redeemed for, from the same minimum on, and for so long.",
        "SELECT c.member_id, CAST(NULL AS bigint) AS seq, c.id,
                COALESCE(CAST(w.coupon_value AS text), 'no') || ' ' || w.currency || ', '
                || COALESCE(CAST(w.coupon_percent AS text), '0') || ' hundredths of a percent, from '
                || COALESCE(CAST(w.minimum_spend AS text), '0') || ' on, until '
                || COALESCE(CAST(r.created_at + w.coupon_valid_days * 86400000000 AS text), 'for ever') AS expected,
                COALESCE(CAST(c.value AS text), 'no') || ' ' || c.currency || ', '
                || COALESCE(CAST(c.percent AS text), '0') || ' hundredths of a percent, from '
                || COALESCE(CAST(c.minimum_spend AS text), '0') || ' on, until '
                || COALESCE(CAST(c.expires_at AS text), 'for ever') || ', made at ' || CAST(c.created_at AS text)
                AS found
         FROM coupon c JOIN redemption r ON r.member_id = c.member_id AND r.id = c.redemption_id
         JOIN (SELECT id, revision, kind, currency, coupon_value, coupon_percent, minimum_spend, coupon_valid_days,
                      product_id FROM reward
               UNION ALL SELECT id, revision, kind, currency, coupon_value, coupon_percent, minimum_spend,
                                coupon_valid_days, product_id FROM past_reward) w
             ON w.id = r.reward_id AND w.revision = r.reward_revision
         WHERE c.value IS DISTINCT FROM w.coupon_value OR c.percent IS DISTINCT FROM w.coupon_percent
            OR c.product_id IS DISTINCT FROM CASE WHEN w.kind = 'PRODUCT_COUPON' THEN w.product_id END
            OR c.minimum_spend IS DISTINCT FROM w.minimum_spend
            OR c.currency <> w.currency OR c.created_at <> r.created_at
            OR c.expires_at IS DISTINCT FROM r.created_at + w.coupon_valid_days * 86400000000",
    ),
    Invariant::new(
        "redemption-is-priced",
        "redemption",
        "A redemption is of a revision of its reward that there was, and cost what that said, for its tier where it names one: so many points and so much money a piece.",
        "SELECT r.member_id, CAST(NULL AS bigint) AS seq, r.id,
                CASE WHEN w.id IS NULL THEN 'a revision there was'
                     WHEN r.priced_for IS NOT NULL AND p.tier_id IS NULL THEN 'a price of that tier'
                     ELSE CAST(COALESCE(p.points_price, w.points_price) * r.quantity AS text) || ' points and '
                          || CAST(COALESCE(CASE WHEN p.tier_id IS NULL THEN w.money_price ELSE p.money_price END, 0)
                                  * r.quantity AS text) END AS expected,
                CASE WHEN w.id IS NULL THEN 'revision ' || CAST(r.reward_revision AS text)
                     ELSE CAST(r.points AS text) || ' points and ' || CAST(r.money AS text) END AS found
         FROM redemption r
         LEFT JOIN (SELECT id, revision, points_price, money_price FROM reward
                    UNION ALL SELECT id, revision, points_price, money_price FROM past_reward) w
             ON w.id = r.reward_id AND w.revision = r.reward_revision
         LEFT JOIN tier_price p
             ON p.reward_id = r.reward_id AND p.revision = r.reward_revision AND p.tier_id = r.priced_for
         WHERE w.id IS NULL OR (r.priced_for IS NOT NULL AND p.tier_id IS NULL)
            OR r.points <> COALESCE(p.points_price, w.points_price) * r.quantity
            OR r.money <> COALESCE(CASE WHEN p.tier_id IS NULL THEN w.money_price ELSE p.money_price END, 0) * r.quantity",
    ),
    Invariant::new(
        "reward-has-no-gap",
        "reward",
        "The revisions of a reward before its present one are kept, from the first on and without a gap.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, k.id,
                'all before ' || COALESCE(CAST(MAX(w.revision) AS text), 'none') AS expected,
                CAST(COUNT(p.id) AS text) AS found
         FROM (SELECT id FROM past_reward UNION SELECT id FROM reward WHERE revision > 1) k
         LEFT JOIN reward w ON w.id = k.id LEFT JOIN past_reward p ON p.id = k.id
         GROUP BY k.id
         HAVING MAX(w.revision) IS NULL OR COUNT(p.id) <> MAX(w.revision) - 1 OR MIN(p.revision) <> 1",
    )
    .overall(),
    Invariant::new(
        "tier-prices-are-kept",
        "tier_price",
        "Prices by tier are of a reward there is, in a revision it had and for a tier there is; the present one has as many as it says.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, COALESCE(w.id, p.reward_id) AS id,
                CAST(COALESCE(w.tier_prices, 0) AS text) || ' prices, of revisions and tiers there are' AS expected,
                CAST(COALESCE(p.prices, 0) AS text) || ' prices in revision ' || CAST(COALESCE(p.revision, 0) AS text)
                AS found
         FROM reward w FULL JOIN (
             SELECT reward_id, revision, COUNT(*) AS prices,
                    SUM(CASE WHEN tier_id IN (SELECT id FROM tier) THEN 0 ELSE 1 END) AS strange
             FROM tier_price GROUP BY reward_id, revision) p ON p.reward_id = w.id AND p.revision = w.revision
         LEFT JOIN past_reward k ON k.id = p.reward_id AND k.revision = p.revision
         WHERE p.strange > 0 OR (w.id IS NULL AND k.id IS NULL) OR w.tier_prices <> COALESCE(p.prices, 0)",
    )
    .overall(),
    // A redemption whose points were another wallet's may have been of a member whose history is with that wallet.
    Invariant::new(
        "tier-price-was-theirs",
        "redemption",
        "Who paid the price of a tier was in it then: the step before or at that moment led there, or it is the lowest and there was none.",
        "SELECT r.member_id, CAST(NULL AS bigint) AS seq, r.id, 'a member of the tier whose price it was' AS expected,
                'none by the history' AS found
         FROM redemption r LEFT JOIN tier_change c ON c.member_id = r.member_id AND c.position = (
             SELECT MAX(b.position) FROM tier_change b
             WHERE b.member_id = r.member_id AND b.recorded_at < r.created_at)
         WHERE r.priced_for IS NOT NULL AND r.spent_from IS NULL
           AND CASE WHEN c.to_id IS NULL
                    THEN NOT EXISTS (SELECT 1 FROM tier t WHERE t.id = r.priced_for AND t.position = 0)
                    ELSE c.to_id <> r.priced_for END
           AND NOT EXISTS (SELECT 1 FROM tier_change s WHERE s.member_id = r.member_id
                           AND s.recorded_at = r.created_at AND s.to_id = r.priced_for)",
    ),
    Invariant::new(
        "cancelled-is-given-back",
        "redemption",
        "The points of a redemption were given back once, by a refund of what it took, exactly if it was cancelled; and then so were its coupons.",
        "SELECT r.member_id, CAST(NULL AS bigint) AS seq, r.id,
                CASE WHEN r.cancelled_at IS NULL THEN 'none' ELSE CAST(r.points AS text) || ' given back' END AS expected,
                CAST(COALESCE(t.points, 0) AS text) || ' given back, ' || CAST(COALESCE(c.good, 0) AS text)
                || ' coupons good and ' || CAST(COALESCE(c.gone, 0) AS text) || ' cancelled' AS found
         FROM redemption r
         LEFT JOIN (SELECT x.member_id, x.source_id, SUM(x.points) AS points, COUNT(o.id) AS originals, COUNT(*) AS refunds
                    FROM txn x LEFT JOIN txn o ON o.member_id = x.member_id AND o.id = x.reverses
                        AND o.source_id = x.source_id AND o.kind = 'REDEMPTION'
                    WHERE x.kind = 'REFUND' AND x.cause = 'REDEMPTION' GROUP BY x.member_id, x.source_id) t
             ON t.member_id = COALESCE(r.spent_from, r.member_id) AND t.source_id = r.id
         LEFT JOIN (SELECT member_id, redemption_id, SUM(CASE WHEN cancelled_at IS NULL THEN 1 ELSE 0 END) AS good,
                           SUM(CASE WHEN cancelled_at IS NULL THEN 0 ELSE 1 END) AS gone FROM coupon
                    GROUP BY member_id, redemption_id) c ON c.member_id = r.member_id AND c.redemption_id = r.id
         WHERE COALESCE(t.points, 0) <> CASE WHEN r.cancelled_at IS NULL THEN 0 ELSE r.points END
            OR COALESCE(t.originals, 0) <> COALESCE(t.refunds, 0)
            OR COALESCE(CASE WHEN r.cancelled_at IS NULL THEN c.gone ELSE c.good END, 0) <> 0",
    ),
    Invariant::new(
        "limit-counts-redemptions",
        "redemption",
        "What a member's periods count of a reward is what they redeemed of it in them and did not cancel.",
        "SELECT COALESCE(u.member_id, r.member_id) AS member_id, CAST(NULL AS bigint) AS seq,
                COALESCE(u.rule_id, r.reward_id) AS id, CAST(COALESCE(r.pieces, 0) AS text) || ' pieces' AS expected,
                CAST(COALESCE(u.times, 0) AS text) || ' counted' AS found
         FROM (SELECT x.* FROM rule_use x JOIN reward w ON w.id = x.rule_id) u
         FULL JOIN (SELECT member_id, reward_id, limit_period, limit_from,
                           SUM(CASE WHEN cancelled_at IS NULL THEN quantity ELSE 0 END) AS pieces
                    FROM redemption WHERE limit_period IS NOT NULL
                    GROUP BY member_id, reward_id, limit_period, limit_from) r
             ON r.member_id = u.member_id AND r.reward_id = u.rule_id AND r.limit_period = u.period
                AND r.limit_from = u.starts_at
         WHERE COALESCE(u.times, 0) <> COALESCE(r.pieces, 0)",
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
        "An order's discount is its coupon's amount, percentage up to its ceiling, or a piece of its product, as far as the subtotal goes, from the coupon's minimum on.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id, CAST(COALESCE(o.due, -1) AS text) AS expected,
                CAST(o.discount AS text) || ' on ' || CAST(o.subtotal AS text) || ' ' || o.currency AS found
         FROM (SELECT x.member_id, x.id, x.discount, x.subtotal, x.currency, c.minimum_spend, c.currency AS of_coupon,
                      CASE WHEN c.id IS NULL THEN 0
                           WHEN c.product_id IS NOT NULL THEN (
                               SELECT MIN(l.unit_price) FROM order_line l WHERE l.member_id = x.member_id
                               AND l.order_id = x.id AND l.product_id = c.product_id)
                           WHEN c.percent IS NOT NULL AND (c.value IS NULL OR x.subtotal * c.percent / 10000 < c.value)
                               THEN x.subtotal * c.percent / 10000
                           WHEN c.value < x.subtotal THEN c.value ELSE x.subtotal END AS due
               FROM \"order\" x LEFT JOIN coupon c ON c.member_id = x.member_id AND c.id = x.coupon_id) o
         WHERE o.discount <> COALESCE(o.due, -1) OR o.subtotal < o.minimum_spend OR o.currency <> o.of_coupon",
    ),
];
