//! A statement of a wallet for a period: what could be spent before, what changed it, and what could be spent after.

use std::sync::Arc;

use crate::domain::points::entity::{TxnKind, txn};

/// An entry and by how much it changed what can be spent: nothing for one that moved pending points or a debt only.
#[derive(Clone, Debug)]
pub struct Line {
    pub txn: Arc<txn::Model>,
    pub change: i64,
}

/// The entries of one kind together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    pub kind: TxnKind,
    pub count: usize,
    pub points: i64,
    pub change: i64,
}

/// `opening + Σ change = closing`, to the point.
#[derive(Clone, Debug)]
pub struct Statement {
    pub opening: i64,
    pub closing: i64,
    pub lines: Vec<Line>,
    /// By kind, in the order in which kinds first occur.
    pub totals: Vec<Total>,
}

/// Draws up a statement of entries that follow one another, behind an opening balance.
pub fn draw_up(opening: i64, txns: impl IntoIterator<Item = Arc<txn::Model>>) -> Statement {
    let mut statement = Statement { opening, closing: opening, lines: Vec::new(), totals: Vec::new() };
    for txn in txns {
        let change = txn.available_after - statement.closing;
        statement.closing = txn.available_after;
        let place = statement.totals.iter().position(|total| total.kind == txn.kind).unwrap_or_else(|| {
            statement.totals.push(Total { kind: txn.kind, count: 0, points: 0, change: 0 });
            statement.totals.len() - 1
        });
        let total = &mut statement.totals[place];
        total.count += 1;
        total.points += txn.points;
        total.change += change;
        statement.lines.push(Line { txn, change });
    }
    statement
}

/// A cell of text as a spreadsheet shows it: one that begins as a formula does would be run, so a quote stands before it.
pub fn harmless(text: &str) -> String {
    let begins_as_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins_as_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_quoted() {
        for formula in ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for text in ["", "a=b", " =1", "购物", "'=1"] {
            assert_eq!(harmless(text), text);
        }
    }
}
