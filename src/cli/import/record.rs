//! Recording a history, block by block: what is there is passed over, who is missing is admitted, the rest is added.

use std::collections::HashSet;

use indicatif::ProgressBar;

use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::cli::import::admit::{self, Membership};
use crate::cli::import::flow::send;
use crate::cli::import::history::{History, Purchase};
use crate::cli::import::known::{Standing, find_emails, find_members, standings};
use crate::cli::import::tally::Tally;
use crate::cli::open::Books;
use crate::commit::import_order::{ImportOrder, Imported};
use crate::commit::register::Taken;
use crate::domain::earning::rule::earn;
use crate::domain::member::entity::HandleKind;

/// Purchases looked up and recorded together. Between blocks the writer rests, so that a server beside an import gets
/// its turn at an SQLite file.
const BLOCK: usize = 4_096;
/// How often a member is tried to be made: once with everything, and once more for each name that somebody may take.
const TRIES: u32 = 4;

pub struct Recorder<'a> {
    books: &'a Books,
    history: &'a History,
    tally: &'a mut Tally,
    bar: &'a ProgressBar,
    dry_run: bool,
    /// One for each of the history's people.
    members: Vec<Membership>,
    /// What a dry run has promised to new members.
    emails: HashSet<&'a str>,
}

impl<'a> Recorder<'a> {
    pub fn new(
        books: &'a Books,
        history: &'a History,
        tally: &'a mut Tally,
        bar: &'a ProgressBar,
        dry_run: bool,
    ) -> Recorder<'a> {
        let members = vec![Membership::Unasked; history.people.len()];
        Recorder { books, history, tally, bar, dry_run, members, emails: HashSet::new() }
    }

    pub async fn run(&mut self) -> Result<()> {
        for block in self.history.purchases.chunks(BLOCK) {
            self.ask_for_members(block).await?;
            let new = self.sort_out(&block.iter().collect::<Vec<_>>()).await?;
            self.admit(&new).await?;
            if self.dry_run {
                self.pretend(&new);
            } else {
                self.add(&new).await?;
            }
            self.bar.set_position(self.tally.done());
        }
        Ok(())
    }

    async fn ask_for_members(&mut self, block: &[Purchase]) -> Result<()> {
        let mut people: Vec<u32> = block.iter().map(|purchase| purchase.person).collect();
        people.dedup();
        people.retain(|person| self.members[*person as usize] == Membership::Unasked);
        let found = find_members(&self.books.db, self.history, &people).await?;
        for person in people {
            self.members[person as usize] =
                found.get(&person).map_or(Membership::Missing, |id| Membership::Member(*id));
        }
        Ok(())
    }

    /// Counts what is there already, rejects what contradicts it, and returns what is new.
    async fn sort_out<'p>(&mut self, purchases: &[&'p Purchase]) -> Result<Vec<&'p Purchase>> {
        let standings = standings(&self.books.db, self.history, purchases, |person| self.member(person)).await?;
        let mut new = Vec::with_capacity(purchases.len());
        for (purchase, standing) in purchases.iter().zip(standings) {
            match standing {
                Standing::New => new.push(*purchase),
                Standing::Known => self.tally.skipped += 1,
                Standing::Conflict(reason) => self.tally.reject(purchase.line, reason.to_owned()),
            }
        }
        Ok(new)
    }

    fn member(&self, person: u32) -> Option<Id> {
        match self.members[person as usize] {
            Membership::Member(id) => Some(id),
            _ => None,
        }
    }

    /// Makes members of those who have something to be added.
    async fn admit(&mut self, new: &[&Purchase]) -> Result<()> {
        let mut missing: Vec<u32> = new.iter().map(|purchase| purchase.person).collect();
        missing.dedup();
        missing.retain(|person| self.members[*person as usize] == Membership::Missing);
        self.tally.members += missing.len() as u64;
        for person in &missing {
            admit::warn_of_unusable(&self.history.people[*person as usize], self.tally);
        }
        if self.dry_run { self.pretend_to_admit(&missing).await } else { self.register(missing).await }
    }

    async fn register(&mut self, missing: Vec<u32>) -> Result<()> {
        let (books, history) = (self.books, self.history);
        let mut waiting: Vec<(u32, bool)> = missing.into_iter().map(|person| (person, true)).collect();
        for _ in 0..TRIES {
            let mut taken: Vec<(usize, Taken)> = Vec::new();
            let mut ids = vec![None; waiting.len()];
            let commands = waiting.iter().enumerate().map(|(place, (person, with_email))| {
                let command = admit::registration(books, &history.people[*person as usize], *with_email);
                ids[place] = Some(command.member.id);
                (place, command)
            });
            let told = |place, answer| {
                if let Err(rejection) = answer {
                    taken.push((place, rejection));
                }
            };
            send(&books.committers, commands, told).await.map_err(|(_, error)| error)?;
            for (place, _) in &taken {
                ids[*place] = None;
            }
            for ((person, _), id) in waiting.iter().zip(&ids) {
                self.members[*person as usize] = id.map_or(Membership::Missing, Membership::Member);
            }
            waiting = self.settle(&waiting, taken).await?;
            if waiting.is_empty() {
                return Ok(());
            }
        }
        Err(admit::unsettled(&history.people[waiting[0].0 as usize]))
    }

    /// Finds those whom another import made meanwhile, and returns those to be made with what is left to them.
    async fn settle(&mut self, tried: &[(u32, bool)], taken: Vec<(usize, Taken)>) -> Result<Vec<(u32, bool)>> {
        let mut again = Vec::new();
        let mut there = Vec::new();
        for (place, Taken(kinds)) in taken {
            let (person, with_email) = tried[place];
            if kinds.contains(&HandleKind::ExternalRef) {
                there.push(person);
                continue;
            }
            let loses_email = kinds.contains(&HandleKind::Email);
            if loses_email {
                admit::warn_of_taken_email(&self.history.people[person as usize], self.tally);
            }
            again.push((person, with_email && !loses_email));
        }
        for (person, id) in find_members(&self.books.db, self.history, &there).await? {
            self.members[person as usize] = Membership::Member(id);
            self.tally.members -= 1;
        }
        Ok(again)
    }

    async fn add(&mut self, new: &[&Purchase]) -> Result<()> {
        let (books, history) = (self.books, self.history);
        let mut commands = Vec::with_capacity(new.len());
        for (place, purchase) in new.iter().enumerate() {
            let unsettled = || admit::unsettled(&history.people[purchase.person as usize]);
            let member_id = self.member(purchase.person).ok_or_else(unsettled)?;
            commands.push((place, member_id));
        }
        let commands = commands.into_iter().map(|(place, member_id)| (place, order(books, new[place], member_id)));
        let mut overtaken = Vec::new();
        let Recorder { tally, bar, .. } = self;
        let told = |place: usize, answer: std::result::Result<Imported, _>| {
            match answer {
                Ok(Imported::Added { points }) => {
                    tally.orders += 1;
                    tally.points += points;
                }
                Ok(Imported::Skipped) => overtaken.push(new[place]),
                Err(_) => tally.reject(new[place].line, "the member's wallet cannot hold its points".to_owned()),
            }
            bar.set_position(tally.done());
        };
        send(&books.committers, commands, told).await.map_err(|(place, error)| at_line(new[place].line, error))?;
        // Another import was faster: whether it brought the same is asked like for anything that is there.
        self.sort_out(&overtaken).await.map(drop)
    }

    /// The points are counted as if every wallet could hold them.
    fn pretend(&mut self, new: &[&Purchase]) {
        let program = self.books.programs.latest();
        for purchase in new {
            self.tally.orders += 1;
            self.tally.points += earn(&program, purchase.amount).unwrap_or(0);
        }
    }

    async fn pretend_to_admit(&mut self, missing: &[u32]) -> Result<()> {
        let history = self.history;
        let people = || missing.iter().map(|person| &history.people[*person as usize]);
        let given = || people().filter_map(|person| Some((person, &*person.email.given.as_ref()?.text)));
        let taken = find_emails(&self.books.db, given().map(|(_, email)| email)).await?;
        let taken: HashSet<&str> = taken.keys().map(|name| name.1.as_str()).collect();
        for (person, email) in given() {
            if taken.contains(email) || !self.emails.insert(email) {
                admit::warn_of_taken_email(person, self.tally);
            }
        }
        for person in missing {
            self.members[*person as usize] = Membership::WouldBe;
        }
        Ok(())
    }
}

fn order(books: &Books, purchase: &Purchase, member_id: Id) -> ImportOrder {
    ImportOrder {
        member_id,
        number: purchase.number.to_string(),
        amount: purchase.amount,
        pieces: purchase.pieces,
        placed_at: purchase.placed_at,
        order_id: books.ids.at(purchase.placed_at),
        seed: books.ids.at(purchase.placed_at),
        event_id: books.ids.next(),
    }
}

fn at_line(line: u64, error: Error) -> Error {
    match error.code {
        Code::Unavailable | Code::Timeout => {
            let message =
                format!("line {line} could not be recorded: the database was too busy for it, time and again");
            Error::new(error.code, message)
        }
        _ => Error::new(Code::Internal, format!("line {line} could not be recorded")).with_source(error.chain()),
    }
}
