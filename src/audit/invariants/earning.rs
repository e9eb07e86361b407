//! Earning rules: what each gave, the budgets and counts that bound them, and the events that earn by them.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 8] = [
    Invariant::new(
        "rule-has-no-gap",
        "earning_rule",
        "A rule's revisions are numbered from 1 without a gap, and those in force came with a version of the program.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, r.id,
                CAST(COUNT(*) AS text) || ' revisions from 1 on, each in force with a version' AS expected,
                CAST(MIN(r.revision) AS text) || ' to ' || CAST(MAX(r.revision) AS text) || ', '
                || CAST(COUNT(p.id) AS text) || ' with one' AS found
         FROM earning_rule r LEFT JOIN program p ON p.id = r.program_id AND p.version = r.version
         GROUP BY r.id
         HAVING MIN(r.revision) <> 1 OR MAX(r.revision) <> COUNT(*) OR COUNT(p.id) <> COUNT(r.version)",
    )
    .overall(),
    Invariant::new(
        "budget-is-whole",
        "budget",
        "What was granted of a budget is what remains and what is used, and a rule that has one is there.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, b.id,
                CAST(b.remaining + b.used AS text) || ', of a rule with a budget' AS expected,
                CAST(b.granted AS text) AS found
         FROM budget b
         WHERE b.granted <> b.remaining + b.used OR b.remaining < 0 OR b.used < 0
            OR NOT EXISTS (SELECT 1 FROM earning_rule r WHERE r.id = b.id AND r.budgeted)",
    )
    .overall(),
    Invariant::new(
        "budget-is-its-shares",
        "budget",
        "What is used of a budget is what its rule gave, less what returns took back and the shop did not give up.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, b.id,
                CAST(COALESCE(s.points, 0) AS text) AS expected, CAST(b.used AS text) AS found
         FROM budget b LEFT JOIN (
             SELECT x.rule_id, SUM(x.points - x.clawed + x.written_off) AS points FROM earned_share x
             JOIN earning_rule r ON r.id = x.rule_id AND r.revision = x.revision AND r.budgeted
             GROUP BY x.rule_id) s ON s.rule_id = b.id
         WHERE b.used <> COALESCE(s.points, 0)",
    )
    .overall(),
    Invariant::new(
        "share-has-rule",
        "earned_share",
        "Every share is by a revision of a rule, or of a tier, that was in force when its order or event was decided.",
        "SELECT s.member_id, CAST(NULL AS bigint) AS seq, s.source_id AS id, 'a revision in force then' AS expected,
                CASE WHEN o.id IS NULL AND e.id IS NULL THEN 'no order or event'
                     ELSE 'revision ' || CAST(s.revision AS text) END AS found
         FROM earned_share s
         LEFT JOIN \"order\" o ON o.member_id = s.member_id AND o.id = s.source_id
         LEFT JOIN event e ON e.member_id = s.member_id AND e.id = s.source_id
         LEFT JOIN earning_rule r ON r.id = s.rule_id AND r.revision = s.revision AND r.state = 'IN_FORCE' AND NOT s.of_tier
         LEFT JOIN tier t ON t.id = s.rule_id AND t.revision = s.revision AND s.of_tier
         LEFT JOIN tier_set y ON y.id = t.set_id AND y.revision = t.revision
         WHERE (r.id IS NULL AND y.id IS NULL) OR (o.id IS NULL AND e.id IS NULL)
            OR COALESCE(r.version, y.version) > COALESCE(o.program_version, e.program_version)",
    ),
    Invariant::new(
        "shares-are-of-order",
        "\"order\"",
        "An order's shares are part of what it earned and of what was taken back, and an order that has any says so.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id,
                'at most ' || CAST(o.points_earned AS text) || ', of which ' || CAST(o.points_clawed AS text)
                || ' taken back' AS expected,
                CAST(COALESCE(s.points, 0) AS text) || ', of which ' || CAST(COALESCE(s.clawed, 0) AS text) AS found
         FROM \"order\" o LEFT JOIN (
             SELECT member_id, source_id, SUM(points) AS points, SUM(clawed) AS clawed FROM earned_share
             GROUP BY member_id, source_id) s ON s.member_id = o.member_id AND s.source_id = o.id
         WHERE COALESCE(s.points, 0) > o.points_earned OR COALESCE(s.clawed, 0) > o.points_clawed
            OR o.points_clawed - COALESCE(s.clawed, 0) > o.points_earned - COALESCE(s.points, 0)
            OR (s.source_id IS NULL) <> (o.standing IS NULL)",
    ),
    Invariant::new(
        "event-is-its-shares",
        "event",
        "What an event earned is the sum of its shares, of a type there is, and in a lot if it is any.",
        "SELECT e.member_id, CAST(NULL AS bigint) AS seq, e.id, CAST(COALESCE(s.points, 0) AS text) AS expected,
                CAST(e.points AS text) AS found
         FROM event e LEFT JOIN (
             SELECT member_id, source_id, SUM(points) AS points FROM earned_share
             GROUP BY member_id, source_id) s ON s.member_id = e.member_id AND s.source_id = e.id
         LEFT JOIN event_type y ON y.id = e.type_id
         WHERE e.points <> COALESCE(s.points, 0) OR (e.points = 0) <> (e.lot_id IS NULL) OR y.id IS NULL",
    ),
    Invariant::new(
        "uses-are-of-shares",
        "rule_use",
        "What a member's periods count of a rule is no more than what the rule gave them and has not got back.",
        "SELECT u.member_id, CAST(NULL AS bigint) AS seq, u.rule_id AS id,
                'at most ' || CAST(COALESCE(s.points, 0) AS text) AS expected,
                CAST(u.points AS text) || ' in a ' || u.period AS found
         FROM (SELECT member_id, rule_id, period, SUM(points) AS points FROM rule_use
               GROUP BY member_id, rule_id, period) u
         LEFT JOIN (SELECT member_id, rule_id, SUM(points - clawed + written_off) AS points FROM earned_share
                    GROUP BY member_id, rule_id) s ON s.member_id = u.member_id AND s.rule_id = u.rule_id
         WHERE u.points > COALESCE(s.points, 0)",
    ),
    Invariant::new(
        "purchases-are-counted",
        "wallet",
        "A wallet counts its member's orders but those that were taken back as a whole.",
        "SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                CAST(COALESCE(o.orders, 0) AS text) AS expected, CAST(w.purchases AS text) AS found
         FROM wallet w LEFT JOIN (
             SELECT member_id, COUNT(*) AS orders FROM \"order\" WHERE status NOT IN ('CANCELLED', 'RETURNED')
             GROUP BY member_id) o ON o.member_id = w.member_id
         WHERE w.purchases <> COALESCE(o.orders, 0)",
    ),
];
