//! Members, the names that are theirs alone, and who is staff. Values are not shown: a name is personal.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 4] = [
    Invariant::new(
        "handle-has-subject",
        "handle",
        "Every name leads to the member, order or coupon that bears it.",
        "SELECT h.member_id, CAST(NULL AS bigint) AS seq, h.subject_id AS id, 'what bears this name' AS expected,
                h.kind || ' of nothing' AS found
         FROM handle h LEFT JOIN member m ON m.id = h.member_id LEFT JOIN member s ON s.id = h.subject_id
         LEFT JOIN merger g ON g.from_id = h.subject_id LEFT JOIN profile p ON p.member_id = h.member_id
         LEFT JOIN \"order\" o ON o.member_id = h.member_id AND o.id = h.subject_id
         LEFT JOIN coupon c ON c.member_id = h.member_id AND c.id = h.subject_id
         WHERE m.id IS NULL OR CASE h.kind
             WHEN 'ORDER_NUMBER' THEN o.id IS NULL OR o.number <> h.value
             WHEN 'COUPON_CODE' THEN c.id IS NULL OR c.code <> h.value
             WHEN 'MEMBER_NUMBER' THEN (h.subject_id <> h.member_id AND g.id IS NULL) OR s.id IS NULL
                                    OR s.number <> h.value
             WHEN 'USERNAME' THEN h.subject_id <> h.member_id OR p.username IS DISTINCT FROM h.value
             WHEN 'EMAIL' THEN h.subject_id <> h.member_id OR p.email IS DISTINCT FROM h.value
             WHEN 'PHONE' THEN h.subject_id <> h.member_id OR p.phone IS DISTINCT FROM h.value
             ELSE h.subject_id <> h.member_id AND g.id IS NULL END",
    ),
    Invariant::new(
        "number-has-handle",
        "handle",
        "Every member, order and coupon can be found by its number or code; a merged member's leads to who took them over.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, x.id, 'a ' || x.kind AS expected, 'none' AS found
         FROM (SELECT id AS member_id, id, 'MEMBER_NUMBER' AS kind, number AS value FROM member
               UNION ALL SELECT member_id, id, 'ORDER_NUMBER', number FROM \"order\"
               UNION ALL SELECT member_id, id, 'COUPON_CODE', code FROM coupon) AS x
         LEFT JOIN handle h ON h.value = x.value AND h.kind = x.kind
         LEFT JOIN wallet w ON w.member_id = x.id AND w.merged_into IS NOT NULL
         WHERE (w.member_id IS NULL AND (h.value IS NULL OR h.member_id <> x.member_id)) OR h.subject_id <> x.id",
    ),
    Invariant::new(
        "profile-has-handles",
        "profile",
        "Every user name, e-mail address and telephone number in a profile is claimed for its member.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, x.member_id AS id, 'a ' || x.kind || ' claimed' AS expected,
                'none, or somebody else''s' AS found
         FROM (SELECT member_id, 'USERNAME' AS kind, username AS value FROM profile
               UNION ALL SELECT member_id, 'EMAIL', email FROM profile
               UNION ALL SELECT member_id, 'PHONE', phone FROM profile) AS x
         LEFT JOIN handle h ON h.value = x.value AND h.kind = x.kind
         WHERE x.value IS NOT NULL AND (h.value IS NULL OR h.member_id <> x.member_id)",
    ),
    Invariant::new(
        "staff-session-has-role",
        "session",
        "Every session of staff that has not been ended is of a member who has the role.",
        "SELECT x.member_id, CAST(NULL AS bigint) AS seq, x.id, 'a member with the staff role' AS expected,
                'one without' AS found
         FROM session x LEFT JOIN staff s ON s.member_id = x.member_id
         WHERE x.staff AND x.revoked_at IS NULL AND s.member_id IS NULL",
    ),
];
