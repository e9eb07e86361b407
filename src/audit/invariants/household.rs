//! Households, and wallets that others took over.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 8] = [
    Invariant::new(
        "membership-is-on-wallet",
        "household_member",
        "Who has joined a household earns into it by their wallet, in the same role, and nobody else does.",
        "SELECT COALESCE(w.member_id, x.member_id) AS member_id, CAST(NULL AS bigint) AS seq,
                COALESCE(x.household_id, w.household_id) AS id, COALESCE(x.role, 'no member') AS expected,
                COALESCE(w.household_role, 'no member') AS found
         FROM (SELECT * FROM household_member WHERE state = 'JOINED') x
         FULL JOIN (SELECT * FROM wallet WHERE household_id IS NOT NULL OR household_role IS NOT NULL) w
              ON w.member_id = x.member_id
         WHERE w.household_id IS DISTINCT FROM x.household_id OR w.household_role IS DISTINCT FROM x.role",
    ),
    Invariant::new(
        "membership-has-household",
        "household_member",
        "Memberships and invitations are of members and households there are, by members there are.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, x.household_id AS id, 'a member, a household and who invited'
                AS expected, 'one missing, or a moment' AS found
         FROM household_member x LEFT JOIN member m ON m.id = x.member_id LEFT JOIN household h ON h.id = x.household_id
         LEFT JOIN member i ON i.id = x.invited_by
         WHERE m.id IS NULL OR h.id IS NULL OR i.id IS NULL OR (x.state = 'INVITED') <> (x.joined_at IS NULL)",
    )
    .overall(),
    Invariant::new(
        "household-is-owned",
        "household",
        "A household has a wallet, and an owner until the last member has left, whose wallet took it over.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, h.id,
                CASE WHEN w.merged_into IS NULL THEN 'an owner' ELSE 'nobody' END AS expected,
                CASE WHEN w.member_id IS NULL THEN 'no wallet'
                     ELSE CAST(COALESCE(x.owners, 0) AS text) || ' owners of '
                          || CAST(COALESCE(x.members, 0) AS text) || ' members' END AS found
         FROM household h LEFT JOIN wallet w ON w.member_id = h.id LEFT JOIN member f ON f.id = h.created_by
         LEFT JOIN (SELECT household_id, COUNT(*) AS members,
                           SUM(CASE WHEN state = 'JOINED' AND role = 'OWNER' THEN 1 ELSE 0 END) AS owners
                    FROM household_member GROUP BY household_id) x ON x.household_id = h.id
         WHERE w.member_id IS NULL OR f.id IS NULL OR w.household_id IS NOT NULL
            OR CASE WHEN w.merged_into IS NULL THEN COALESCE(x.owners, 0) = 0 ELSE x.members > 0 END",
    )
    .overall(),
    Invariant::new(
        "merged-wallet-is-empty",
        "wallet",
        "A wallet that was taken over has nothing, and whoever took it over has the record of it.",
        "SELECT COALESCE(w.member_id, g.from_id) AS member_id, CAST(NULL AS bigint) AS seq,
                COALESCE(w.merged_into, g.member_id) AS id, 'an empty wallet, and one record' AS expected,
                COALESCE('posted ' || CAST(w.posted AS text) || ', pending ' || CAST(w.pending AS text) || ', debt '
                || CAST(w.debt AS text), 'a wallet of its own')
                || CASE WHEN g.id IS NULL THEN ', no record' ELSE '' END AS found
         FROM (SELECT * FROM wallet WHERE merged_into IS NOT NULL) w FULL JOIN merger g ON g.from_id = w.member_id
         WHERE w.merged_into IS DISTINCT FROM g.member_id OR w.posted <> 0 OR w.pending <> 0 OR w.debt <> 0
            OR w.household_id IS NOT NULL",
    )
    .overall(),
    Invariant::new(
        "merger-is-booked",
        "merger",
        "What a merger handed over is what its transactions took out of the one wallet and put into the other.",
        "SELECT g.member_id, CAST(NULL AS bigint) AS seq, g.id,
                CAST(g.points AS text) || ' points and a debt of ' || CAST(g.debt AS text) AS expected,
                'out ' || CAST(COALESCE(o.points, 0) AS text) || ' and ' || CAST(COALESCE(o.debt, 0) AS text) || ', in '
                || CAST(COALESCE(i.points, 0) AS text) || ' and ' || CAST(COALESCE(i.debt, 0) AS text)
                || ', or another moment, actor or reason' AS found
         FROM merger g
         LEFT JOIN (
             SELECT t.member_id, t.source_id, -SUM(CASE WHEN e.account = 'DEBT' THEN 0 ELSE e.points END) AS points,
                    SUM(CASE WHEN e.account = 'DEBT' THEN e.points ELSE 0 END) AS debt
             FROM txn t JOIN entry e ON e.member_id = t.member_id AND e.txn_id = t.id
             WHERE t.kind = 'TRANSFER_OUT' AND t.cause = 'MERGER' AND e.account <> 'TRANSFER'
             GROUP BY t.member_id, t.source_id) o ON o.member_id = g.from_id AND o.source_id = g.id
         LEFT JOIN (
             SELECT t.member_id, t.source_id, SUM(CASE WHEN e.account = 'DEBT' THEN 0 ELSE e.points END) AS points,
                    -SUM(CASE WHEN e.account = 'DEBT' THEN e.points ELSE 0 END) AS debt
             FROM txn t JOIN entry e ON e.member_id = t.member_id AND e.txn_id = t.id
             WHERE t.kind = 'TRANSFER_IN' AND t.cause = 'MERGER' AND e.account <> 'TRANSFER'
             GROUP BY t.member_id, t.source_id) i ON i.member_id = g.member_id AND i.source_id = g.id
         WHERE g.points <> COALESCE(o.points, 0) OR g.debt <> COALESCE(o.debt, 0)
            OR g.points <> COALESCE(i.points, 0) OR g.debt <> COALESCE(i.debt, 0)
            OR EXISTS (SELECT 1 FROM txn t WHERE t.member_id = g.member_id AND t.source_id = g.id
                       AND (t.recorded_at <> g.created_at OR t.actor <> g.actor
                            OR t.actor_id IS DISTINCT FROM g.actor_id OR t.reason IS DISTINCT FROM g.reason))
         UNION ALL
         SELECT t.member_id, t.seq, t.id, CAST(-t.points AS text) || ' received by who took the wallet over',
                COALESCE(CAST(i.points AS text), 'nothing')
         FROM txn t JOIN wallet w ON w.member_id = t.member_id
         LEFT JOIN txn i ON i.member_id = w.merged_into AND i.source_id = t.source_id AND i.source_part = t.source_part
                        AND i.kind = 'TRANSFER_IN' AND i.cause = 'MERGER'
         WHERE t.kind = 'TRANSFER_OUT' AND t.cause = 'MERGER' AND (i.id IS NULL OR i.points <> -t.points)",
    )
    .overall(),
    Invariant::new(
        "lifetime-is-handed-on",
        "wallet",
        "What was ever earned in wallets that were taken over counts for the one that has everything now.",
        "WITH RECURSIVE line AS (
             SELECT member_id AS root, member_id FROM wallet WHERE merged_into IS NULL
             UNION ALL SELECT l.root, w.member_id FROM line l JOIN wallet w ON w.merged_into = l.member_id)
         SELECT w.member_id, CAST(NULL AS bigint) AS seq, w.program_id AS id,
                CAST(COALESCE(SUM(b.earned), 0) AS text) AS expected, CAST(w.lifetime AS text) AS found
         FROM wallet w JOIN line l ON l.root = w.member_id LEFT JOIN (
             SELECT t.member_id, -SUM(e.points) AS earned
             FROM entry e JOIN txn t ON t.member_id = e.member_id AND t.id = e.txn_id
             WHERE e.account IN ('ISSUED', 'REVOKED') GROUP BY t.member_id) b ON b.member_id = l.member_id
         GROUP BY w.member_id, w.program_id, w.lifetime HAVING w.lifetime <> COALESCE(SUM(b.earned), 0)",
    )
    .overall(),
    Invariant::new(
        "merged-number-leads-on",
        "merger",
        "The numbers of a member who was merged lead to the one who has everything of them now.",
        "WITH RECURSIVE line AS (
             SELECT member_id AS root, member_id FROM wallet WHERE merged_into IS NULL
             UNION ALL SELECT l.root, w.member_id FROM line l JOIN wallet w ON w.merged_into = l.member_id)
         SELECT m.id AS member_id, CAST(NULL AS bigint) AS seq, l.root AS id, 'a number that leads there' AS expected,
                CASE WHEN h.value IS NULL THEN 'none' ELSE 'one that leads elsewhere' END AS found
         FROM member m JOIN line l ON l.member_id = m.id AND l.root <> m.id
         LEFT JOIN handle h ON h.value = m.number AND h.kind = 'MEMBER_NUMBER'
         WHERE h.value IS NULL OR h.member_id <> l.root
         UNION ALL
         SELECT h.subject_id, CAST(NULL AS bigint), l.root, 'a reference that leads there', 'one that leads elsewhere'
         FROM handle h JOIN line l ON l.member_id = h.subject_id
         WHERE h.kind = 'EXTERNAL_REF' AND h.member_id <> l.root",
    )
    .overall(),
    Invariant::new(
        "other-wallet-is-theirs",
        "\"order\"",
        "Where an order or redemption names another wallet than its member's own, it is a household's or a merged one.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, x.id, 'the wallet of a household, or a merged one' AS expected,
                'another, or none' AS found
         FROM (SELECT member_id, id, earned_in AS wallet_id FROM \"order\" WHERE earned_in IS NOT NULL
               UNION ALL SELECT member_id, id, spent_from FROM \"order\" WHERE spent_from IS NOT NULL
               UNION ALL SELECT member_id, id, spent_from FROM redemption WHERE spent_from IS NOT NULL) AS x
         LEFT JOIN wallet w ON w.member_id = x.wallet_id LEFT JOIN household h ON h.id = x.wallet_id
         WHERE w.member_id IS NULL OR (h.id IS NULL AND w.merged_into IS NULL) OR x.wallet_id = x.member_id",
    )
    .overall(),
];
