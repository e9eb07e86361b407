//! What was found, for people and for programs.

use serde_json::{Value as Json, json};

use crate::audit::checkpoint::Statement;
use crate::audit::invariant::{Bad, Invariant};
use crate::db::dialect::hex;

/// How one invariant went.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub name: &'static str,
    pub meaning: &'static str,
    pub over: &'static str,
    /// How many rows it was asked of.
    pub checked: i64,
    pub first: Option<Bad>,
}

/// How all of them went.
#[derive(Clone, Debug)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
    pub members: i64,
    pub orders: i64,
    pub transactions: i64,
    /// The checkpoint that was written, or that the books were compared with.
    pub checkpoint: Option<Statement>,
}

impl Outcome {
    pub fn new(invariant: &Invariant, checked: i64, first: Option<Bad>) -> Outcome {
        Outcome { name: invariant.name, meaning: invariant.meaning, over: invariant.over, checked, first }
    }

    fn json(&self) -> Json {
        let first = self.first.as_ref().map(|bad| {
            json!({
                "memberId": bad.member_id, "memberNumber": bad.number, "seq": bad.seq, "id": bad.id,
                "expected": bad.expected, "found": bad.found,
            })
        });
        json!({ "name": self.name, "ok": self.first.is_none(), "checked": self.checked, "first": first })
    }

    fn text(&self) -> String {
        let state = if self.first.is_none() { "ok    " } else { "BROKEN" };
        let over = self.over.trim_matches('"');
        let line = format!("{state} {:<28} {:>9} {over:<11} {}", self.name, self.checked, self.meaning);
        match &self.first {
            None => line,
            Some(bad) => format!("{line}\n       {}", bad.text()),
        }
    }
}

impl Bad {
    fn text(&self) -> String {
        let mut place = Vec::new();
        match (&self.number, self.member_id) {
            (Some(number), Some(id)) => place.push(format!("member {number} ({id})")),
            (None, Some(id)) => place.push(format!("member {id}")),
            _ => {}
        }
        place.extend(self.seq.map(|seq| format!("transaction {seq}")));
        place.extend(self.id.map(|id| format!("row {id}")));
        let place = if place.is_empty() { "overall".to_owned() } else { place.join(", ") };
        format!("{place}: expected {}, found {}", self.expected, self.found)
    }
}

impl Statement {
    fn text(&self) -> String {
        let Statement { taken_at, wallets, root, rules, key } = self;
        let rules = rules.map_or_else(|| "without a program".to_owned(), |rules| format!("rules {}", hex(&rules)));
        format!("Checkpoint of {taken_at}: {wallets} wallets, root {}, {rules}, signed by key {key}.", hex(root))
    }
}

impl Report {
    pub fn broken(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.first.is_some()).count()
    }

    /// One line of JSON.
    pub fn json(&self) -> String {
        let invariants: Vec<Json> = self.outcomes.iter().map(Outcome::json).collect();
        let checkpoint = self.checkpoint.as_ref().map(|checkpoint| {
            json!({
                "takenAt": checkpoint.taken_at, "wallets": checkpoint.wallets, "root": hex(&checkpoint.root),
                "rules": checkpoint.rules.map(|rules| hex(&rules)), "key": checkpoint.key,
            })
        });
        let report = json!({
            "ok": self.broken() == 0, "members": self.members, "orders": self.orders,
            "transactions": self.transactions, "invariants": invariants, "checkpoint": checkpoint,
        });
        report.to_string()
    }

    /// A line an invariant, then a sentence.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = self.outcomes.iter().map(Outcome::text).collect();
        let counts = format!("{} members, {} orders, {} transactions", self.members, self.orders, self.transactions);
        if let Some(checkpoint) = &self.checkpoint {
            lines.push(checkpoint.text());
        }
        lines.push(match self.broken() {
            0 => format!("All {} invariants hold: {counts}.", self.outcomes.len()),
            broken => format!("{broken} of {} invariants do not hold: {counts}.", self.outcomes.len()),
        });
        lines.join("\n")
    }
}
