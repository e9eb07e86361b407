//! The program: its versions, which every transaction and order leads back to.

use crate::audit::invariant::Invariant;

pub const INVARIANTS: [Invariant; 2] = [
    Invariant::new(
        "program-has-no-gap",
        "program",
        "A program's versions are numbered from 1 without a gap, in one currency.",
        "SELECT CAST(NULL AS uuid) AS member_id, CAST(NULL AS bigint) AS seq, id,
                CAST(COUNT(*) AS text) || ' versions from 1 on in 1 currency' AS expected,
                CAST(MIN(version) AS text) || ' to ' || CAST(MAX(version) AS text) || ' in '
                || CAST(COUNT(DISTINCT currency) AS text) AS found
         FROM program GROUP BY id
         HAVING MIN(version) <> 1 OR MAX(version) <> COUNT(*) OR COUNT(DISTINCT currency) <> 1",
    ),
    Invariant::new(
        "order-has-version",
        "\"order\"",
        "Every order names a version of its member's program.",
        "SELECT o.member_id, CAST(NULL AS bigint) AS seq, o.id, 'a version of its program' AS expected,
                'none (version ' || CAST(o.program_version AS text) || ')' AS found
         FROM \"order\" o LEFT JOIN wallet w ON w.member_id = o.member_id
         LEFT JOIN program p ON p.id = w.program_id AND p.version = o.program_version
         WHERE w.member_id IS NOT NULL AND p.id IS NULL",
    ),
];
