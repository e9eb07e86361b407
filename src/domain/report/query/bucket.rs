//! Sorting moments into periods within a statement.

/// An SQL expression for how many of the bounds, which ascend, a column has reached: 0 before the first one, and as many as
/// there are from the last one on. It is a search tree of comparisons, so a row costs few of them however many bounds there
/// are; and because they are the real beginnings of local days, no rule of any time zone is left to a database.
pub fn bucket(column: &str, bounds: &[i64]) -> String {
    let mut sql = String::from("CAST(");
    write_tree(&mut sql, column, bounds, 0);
    sql.push_str(" AS bigint)");
    sql
}

fn write_tree(sql: &mut String, column: &str, bounds: &[i64], reached: usize) {
    use std::fmt::Write;
    let middle = bounds.len() / 2;
    let written = match bounds.get(middle) {
        None => write!(sql, "{reached}"),
        Some(bound) => {
            let begun = write!(sql, "CASE WHEN {column} < {bound} THEN ");
            write_tree(sql, column, &bounds[..middle], reached);
            sql.push_str(" ELSE ");
            write_tree(sql, column, &bounds[middle + 1..], reached + middle + 1);
            sql.push_str(" END");
            begun
        }
    };
    debug_assert!(written.is_ok(), "a String takes every character");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::rule::months::reached;

    #[test]
    fn a_tree_of_comparisons() {
        assert_eq!(bucket("x", &[]), "CAST(0 AS bigint)");
        assert_eq!(bucket("x", &[5]), "CAST(CASE WHEN x < 5 THEN 0 ELSE 1 END AS bigint)");
        assert_eq!(
            bucket("x", &[5, 9]),
            "CAST(CASE WHEN x < 9 THEN CASE WHEN x < 5 THEN 0 ELSE 1 END ELSE 2 END AS bigint)"
        );
        assert_eq!([4, 5, 8, 9, 10].map(|moment| reached(moment, &[5, 9])), [0, 1, 1, 2, 2]);
    }
}
