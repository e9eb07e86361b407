//! Tiers: what counted, its sums by day, and the history of each member's.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 6] = [
    Invariant::new(
        "tiers-have-no-gap",
        "tier_set",
        "Revisions of tiers are numbered from 1 without a gap, each came with a version of the program, and its tiers rise from 0.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, s.id,
                'revision ' || CAST(s.revision AS text) || ' behind another, with a version and rising tiers' AS expected,
                'a gap' AS found
         FROM tier_set s
         WHERE NOT EXISTS (SELECT 1 FROM program p WHERE p.id = s.program_id AND p.version = s.version)
            OR (s.revision > 1 AND NOT EXISTS (
                SELECT 1 FROM tier_set b WHERE b.id = s.id AND b.revision = s.revision - 1 AND b.version < s.version))
            OR NOT EXISTS (SELECT 1 FROM tier t WHERE t.set_id = s.id AND t.revision = s.revision AND t.position = 0)
            OR EXISTS (SELECT 1 FROM tier t LEFT JOIN tier b
                       ON b.set_id = t.set_id AND b.revision = t.revision AND b.position = t.position - 1
                       WHERE t.set_id = s.id AND t.revision = s.revision
                         AND CASE WHEN t.position = 0 THEN t.threshold <> 0
                                  ELSE b.id IS NULL OR b.threshold >= t.threshold END)",
    )
    .overall(),
    Invariant::new(
        "order-qualifies",
        "\"order\"",
        "Every order counted what it earned and cost, and its returns took off what they took back.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                CAST(o.points_earned AS text) || ' points and ' || CAST(o.total - o.points_value AS text) || ', less '
                || CAST(o.points_clawed AS text) || ' and ' || CAST(o.money_returned AS text) AS expected,
                COALESCE(CAST(q.points AS text) || ' points and ' || CAST(q.spend AS text), 'nothing') || ', less '
                || CAST(-COALESCE(r.points, 0) AS text) || ' and ' || CAST(-COALESCE(r.spend, 0) AS text) AS found
         FROM \"order\" o
         LEFT JOIN qualifying q ON q.member_id = o.member_id AND q.source_id = o.id
              AND q.what = CASE WHEN o.imported THEN 'IMPORT' ELSE 'ORDER' END
         LEFT JOIN (SELECT member_id, purchase_id, SUM(points) AS points, SUM(spend) AS spend, SUM(visits) AS visits
                    FROM qualifying WHERE what = 'RETURN' GROUP BY member_id, purchase_id) r
              ON r.member_id = o.member_id AND r.purchase_id = o.id
         WHERE q.source_id IS NULL OR q.points <> o.points_earned OR q.spend <> o.total - o.points_value OR q.visits <> 1
            OR COALESCE(r.points, 0) <> -o.points_clawed OR COALESCE(r.spend, 0) <> -o.money_returned
            OR COALESCE(r.visits, 0) <> CASE WHEN o.status IN ('CANCELLED', 'RETURNED') THEN -1 ELSE 0 END",
    ),
    Invariant::new(
        "qualifying-has-source",
        "qualifying",
        "What counts towards a tier is of an order, an event or a return there is, and an event counts its points.",
        "SELECT q.member_id, CAST(NULL AS bigint) AS seq, q.source_id AS id, 'its source, as a ' || q.what AS expected,
                'none' AS found
         FROM qualifying q
         LEFT JOIN \"order\" o ON o.member_id = q.member_id AND o.id = q.purchase_id
         LEFT JOIN order_return r ON r.member_id = q.member_id AND r.id = q.source_id AND r.order_id = q.purchase_id
         LEFT JOIN event e ON e.member_id = q.member_id AND e.id = q.source_id
         WHERE CASE q.what WHEN 'EVENT' THEN e.id IS NULL OR e.points <> q.points OR q.visits <> 1 OR q.spend <> 0
                           WHEN 'RETURN' THEN r.id IS NULL OR o.id IS NULL
                           ELSE o.id IS NULL OR q.source_id <> q.purchase_id END",
    ),
    Invariant::new(
        "day-is-its-entries",
        "qualifying_day",
        "Every day is the sum of what counted on it.",
        "SELECT d.member_id, CAST(NULL AS bigint) AS seq, CAST(NULL AS uuid) AS id,
                CAST(SUM(d.points) AS text) || ', ' || CAST(SUM(d.spend) AS text) || ' and ' || CAST(SUM(d.visits) AS text)
                || ' more on day ' || CAST(d.day AS text) AS expected, 'another sum' AS found
         FROM (SELECT member_id, day, points, spend, visits FROM qualifying
               UNION ALL SELECT member_id, day, -points, -spend, -visits FROM qualifying_day) d
         GROUP BY d.member_id, d.day HAVING SUM(d.points) <> 0 OR SUM(d.spend) <> 0 OR SUM(d.visits) <> 0",
    ),
    Invariant::new(
        "tier-history-has-no-gap",
        "tier_change",
        "The steps of a tier are numbered from 1 without a gap, and each begins where the one before ended.",
        "SELECT c.member_id, c.position AS seq, c.from_id AS id, 'a step behind another' AS expected,
                'one of ' || CAST(c.position AS text) AS found
         FROM tier_change c LEFT JOIN tier_change b ON b.member_id = c.member_id AND b.position = c.position - 1
         WHERE CASE WHEN c.position = 1 THEN c.from_id IS NOT NULL
                    ELSE b.member_id IS NULL OR (b.to_id IS NULL) <> (c.from_id IS NULL) OR b.to_id <> c.from_id END",
    ),
    Invariant::new(
        "tier-ends-its-history",
        "wallet",
        "A member's tier is the one that its history ends in, of as many steps as the wallet counts.",
        "SELECT w.member_id, w.tier_changes AS seq, w.tier_id AS id, CAST(w.tier_changes AS text) || ' steps to it' AS expected,
                CAST(COALESCE(n.steps, 0) AS text) || ' steps' AS found
         FROM wallet w
         LEFT JOIN (SELECT member_id, MAX(position) AS steps FROM tier_change GROUP BY member_id) n
              ON n.member_id = w.member_id
         LEFT JOIN tier_change c ON c.member_id = w.member_id AND c.position = w.tier_changes
         WHERE COALESCE(n.steps, 0) <> w.tier_changes OR (c.to_id IS NULL) <> (w.tier_id IS NULL) OR c.to_id <> w.tier_id",
    ),
];
