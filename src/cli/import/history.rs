//! All the purchases of a file, held in memory and sorted, as a wallet's ledger has to be written by date.
//!
//! The bound is memory: some 150 bytes a line and 200 a member.

use std::collections::HashMap;

use csv::ByteRecord;
use jiff::tz::TimeZone;

use crate::access::credential::{display_name, email};
use crate::base::clock::Instant;
use crate::cli::Failure;
use crate::cli::import::columns::Columns;
use crate::cli::import::key::{self, Content};
use crate::cli::import::line::{Line, Rules};
use crate::cli::import::source::Source;
use crate::cli::import::tally::Tally;

/// The members and purchases of a file.
#[derive(Default)]
pub struct History {
    /// In the order in which the file names them.
    pub people: Vec<Person>,
    /// By member, date and line; members by their first purchase. Their ids sort by that too, so the rows of an import
    /// come to lie at the end of each table instead of all over it.
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
    /// The order number, and whether the file gave it.
    pub number: Box<str>,
    pub numbered: bool,
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
    let Reading { mut history, .. } = reading;
    history.has_quantity = columns.quantity.is_some();
    let History { people, purchases, .. } = &mut history;
    let since = |purchase: &Purchase| people[purchase.person as usize].since;
    purchases.sort_unstable_by_key(|purchase| (since(purchase), purchase.person, purchase.placed_at, purchase.line));
    history.number_by_content(&rules.zone);
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
        let new = Purchase {
            line: number,
            person,
            placed_at: line.placed_at,
            amount: line.amount,
            pieces: line.pieces,
            number: line.order_number.as_deref().unwrap_or_default().into(),
            numbered: line.order_number.is_some(),
        };
        if new.numbered {
            if let Some(known) = self.numbered.get(&new.number) {
                let known = &self.history.purchases[*known];
                return match new.same_as(known) {
                    true => Ok(false),
                    false => Err(format!(
                        "order_number stands on line {} with another content; an order is one line, so add its lines up",
                        known.line
                    )),
                };
            }
            self.numbered.insert(new.number.clone(), self.history.purchases.len());
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
    /// Numbers each purchase without an order number. Equal lines have become neighbours by now, still in the order of
    /// the file, so counting those before is a matter of a small table for each moment of a member.
    fn number_by_content(&mut self, zone: &TimeZone) {
        let mut moment = None;
        let mut seen: HashMap<(i64, i64), u64> = HashMap::new();
        for purchase in self.purchases.iter_mut().filter(|purchase| !purchase.numbered) {
            let Purchase { person, placed_at, amount, pieces, .. } = *purchase;
            if moment != Some((person, placed_at)) {
                moment = Some((person, placed_at));
                seen.clear();
            }
            let before = seen.entry((amount, pieces)).or_default();
            let member = &self.people[person as usize].reference;
            let content = Content { member, placed_at, amount, pieces, before: *before };
            purchase.number = key::number(&content, placed_at.local_date(zone)).into();
            *before += 1;
        }
    }
}
