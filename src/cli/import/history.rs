//! All the purchases of a file, held in memory and sorted, as a wallet's ledger has to be written by date.
//!
//! The bound: some 150 bytes a line and 200 a member, so that a million lines need about 200 MB.

use std::collections::HashMap;

use csv::ByteRecord;

use crate::access::credential::{display_name, email};
use crate::base::clock::Instant;
use crate::cli::Failure;
use crate::cli::import::columns::Columns;
use crate::cli::import::key::{self, Key};
use crate::cli::import::line::{Line, Rules};
use crate::cli::import::source::Source;
use crate::cli::import::tally::Tally;

/// The members and purchases of a file.
#[derive(Default)]
pub struct History {
    /// In the order in which the file names them.
    pub people: Vec<Person>,
    /// By member, date and line.
    pub purchases: Vec<Purchase>,
    /// Whether the file says how many pieces were bought.
    pub has_quantity: bool,
}

/// A member of the file.
pub struct Person {
    /// What the shop's former system calls them.
    pub reference: Box<str>,
    /// Their earliest purchase in the file.
    pub since: Instant,
    pub email: Told,
    pub name: Told,
}

/// Something a file says of a person on any of their lines. The latest purchase that has it knows best.
#[derive(Default)]
pub struct Told {
    pub given: Option<Given>,
    /// The last line where it could not be used.
    pub unusable: Option<u64>,
}

pub struct Given {
    at: Instant,
    pub line: u64,
    pub text: Box<str>,
}

/// A purchase of the file.
pub struct Purchase {
    pub line: u64,
    /// The position of its member in [`History::people`].
    pub person: u32,
    pub placed_at: Instant,
    pub amount: i64,
    pub pieces: i64,
    pub key: Key,
}

impl Told {
    fn add<E>(&mut self, line: u64, at: Instant, text: &str, check: impl Fn(&str) -> Result<String, E>) {
        if self.given.as_ref().is_some_and(|given| given.at > at) {
            return;
        }
        match check(text) {
            Ok(text) => self.given = Some(Given { at, line, text: text.into() }),
            Err(_) => self.unusable = Some(line),
        }
    }
}

/// Reads the whole file. Lines that cannot be used are noted and left out.
pub fn read(source: &mut Source, columns: &Columns, rules: &Rules, tally: &mut Tally) -> Result<History, Failure> {
    let mut reading = Reading::default();
    while let Some((number, record)) = source.next()? {
        reading.take(number, record, columns, rules, tally);
    }
    let mut history = reading.history;
    history.has_quantity = columns.quantity.is_some();
    history.purchases.sort_unstable_by_key(|purchase| (purchase.person, purchase.placed_at, purchase.line));
    history.name_by_content();
    Ok(history)
}

#[derive(Default)]
struct Reading {
    history: History,
    people: HashMap<Box<str>, u32>,
    /// The purchases that have an order number, by it.
    numbered: HashMap<Box<str>, usize>,
}

impl Reading {
    fn take(&mut self, number: u64, record: &ByteRecord, columns: &Columns, rules: &Rules, tally: &mut Tally) {
        let Some(line) = rules.read(record, columns) else {
            return;
        };
        tally.lines += 1;
        let taken = line.and_then(|line| {
            let person = self.person(&line);
            self.purchase(number, person, &line).map(|new| (person, line, new))
        });
        match taken {
            Err(reason) => tally.reject(number, reason),
            Ok((_, _, false)) => tally.skipped += 1,
            Ok((person, line, true)) => self.learn(number, person, &line),
        }
    }

    /// The position of the line's member, who may be new.
    fn person(&mut self, line: &Line<'_>) -> u32 {
        if let Some(person) = self.people.get(line.member.as_str()) {
            return *person;
        }
        let person = self.history.people.len() as u32;
        let reference: Box<str> = line.member.as_str().into();
        self.people.insert(reference.clone(), person);
        let (email, name) = (Told::default(), Told::default());
        self.history.people.push(Person { reference, since: Instant::NEVER, email, name });
        person
    }

    /// Adds the purchase. False when the file had it before under the same order number.
    fn purchase(&mut self, number: u64, person: u32, line: &Line<'_>) -> Result<bool, String> {
        let key = match &line.order_number {
            Some(order_number) => Key::Number(order_number.as_str().into()),
            None => Key::Content([0; 32]),
        };
        let new =
            Purchase { line: number, person, placed_at: line.placed_at, amount: line.amount, pieces: line.pieces, key };
        if let Key::Number(order_number) = &new.key {
            if let Some(known) = self.numbered.get(order_number) {
                let known = &self.history.purchases[*known];
                return match new.same_as(known) {
                    true => Ok(false),
                    false => Err(format!(
                        "order_number stands on line {} with another content; an order is one line, so add its lines up",
                        known.line
                    )),
                };
            }
            self.numbered.insert(order_number.clone(), self.history.purchases.len());
        }
        self.history.purchases.push(new);
        Ok(true)
    }

    fn learn(&mut self, number: u64, person: u32, line: &Line<'_>) {
        let person = &mut self.history.people[person as usize];
        person.since = person.since.min(line.placed_at);
        if let Some(text) = line.email {
            person.email.add(number, line.placed_at, text, email);
        }
        if let Some(text) = line.name {
            person.name.add(number, line.placed_at, text, display_name);
        }
    }
}

impl Purchase {
    fn same_as(&self, other: &Purchase) -> bool {
        (self.person, self.placed_at, self.amount, self.pieces)
            == (other.person, other.placed_at, other.amount, other.pieces)
    }
}

impl History {
    /// Gives each purchase without an order number its key. Equal lines have become neighbours by now, still in the
    /// order of the file, so counting those before is a matter of a small table for each moment of a member.
    fn name_by_content(&mut self) {
        let mut moment = None;
        let mut seen: HashMap<(i64, i64), u64> = HashMap::new();
        for purchase in &mut self.purchases {
            if moment != Some((purchase.person, purchase.placed_at)) {
                moment = Some((purchase.person, purchase.placed_at));
                seen.clear();
            }
            if let Key::Content(hash) = &mut purchase.key {
                let before = seen.entry((purchase.amount, purchase.pieces)).or_default();
                let reference = &self.people[purchase.person as usize].reference;
                *hash = key::of(reference, purchase.placed_at, purchase.amount, purchase.pieces, *before);
                *before += 1;
            }
        }
    }
}
