//! The codes of a partner that rewards give out.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 4] = [
    Invariant::new(
        "redemption-has-codes",
        "redemption",
        "A redemption of a reward of codes got one a piece, all of that reward, and keeps them; any other got none.",
        "SELECT r.member_id, CAST(NULL AS bigint) AS seq, r.id,
                CASE WHEN w.kind = 'CODE' THEN CAST(r.quantity AS text) ELSE 'no' END || ' codes' AS expected,
                CAST(COALESCE(k.codes, 0) AS text) || ' codes, ' || CAST(COALESCE(k.strange, 0) AS text)
                || ' of another reward' AS found
         FROM redemption r JOIN reward w ON w.id = r.reward_id
         LEFT JOIN (SELECT x.id, COUNT(*) AS codes, SUM(CASE WHEN k.reward_id = x.reward_id THEN 0 ELSE 1 END) AS strange
                    FROM redemption x JOIN reward_code k ON k.redemption_id = x.id GROUP BY x.id) k ON k.id = r.id
         WHERE COALESCE(k.codes, 0) <> CASE WHEN w.kind = 'CODE' THEN r.quantity ELSE 0 END OR k.strange > 0",
    ),
    Invariant::new(
        "code-is-given-once",
        "reward_code",
        "A code stands once among all rewards and coupons, and whoever it was given to is a redemption there is.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, k.reward_id AS id,
                'a redemption there is' AS expected, 'none, at position ' || CAST(k.position AS text) AS found
         FROM reward_code k LEFT JOIN redemption r ON r.id = k.redemption_id
         WHERE k.redemption_id IS NOT NULL AND r.id IS NULL
         UNION ALL
         SELECT CAST(NULL AS uuid), CAST(NULL AS bigint), k.reward_id, 'a code of its own',
                'one that stands elsewhere, at position ' || CAST(k.position AS text)
         FROM reward_code k JOIN (
             SELECT code FROM (SELECT code FROM reward_code UNION ALL SELECT code FROM coupon) AS every_code
             GROUP BY code HAVING COUNT(*) > 1) twice ON twice.code = k.code",
    )
    .overall(),
    Invariant::new(
        "codes-are-the-pile",
        "reward_code",
        "The pile of a reward of codes has as many pieces as it has codes, used are those given out; others have no codes.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, COALESCE(w.id, k.reward_id) AS id,
                CAST(COALESCE(k.codes, 0) AS text) || ' codes, ' || CAST(COALESCE(k.given, 0) AS text) || ' given out'
                AS expected,
                COALESCE(CAST(s.granted AS text) || ' pieces, ' || CAST(s.used AS text) || ' used', 'no such pile') AS found
         FROM (SELECT id FROM reward WHERE kind = 'CODE') w
         FULL JOIN (SELECT reward_id, COUNT(*) AS codes, COUNT(redemption_id) AS given FROM reward_code
                    GROUP BY reward_id) k ON k.reward_id = w.id
         LEFT JOIN stock s ON s.id = w.id
         WHERE w.id IS NULL OR s.id IS NULL OR s.granted <> COALESCE(k.codes, 0) OR s.used <> COALESCE(k.given, 0)",
    )
    .overall(),
    Invariant::new(
        "codes-go-in-order",
        "reward_code",
        "The codes of a reward are given out in their order: none that is left stands before one that is given.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, reward_id AS id,
                'given out up to a position' AS expected,
                'left at ' || CAST(MIN(CASE WHEN redemption_id IS NULL THEN position END) AS text) || ', given at '
                || CAST(MAX(CASE WHEN redemption_id IS NULL THEN NULL ELSE position END) AS text) AS found
         FROM reward_code GROUP BY reward_id
         HAVING MIN(CASE WHEN redemption_id IS NULL THEN position END)
                < MAX(CASE WHEN redemption_id IS NULL THEN NULL ELSE position END)",
    )
    .overall(),
];
