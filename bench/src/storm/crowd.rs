//! Many clients at once: each sends its next command when the last one is answered, and remembers both.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::books::Books;
use super::deed::{Answer, Command, DEEDS, Deed, Draw, judge};
use super::dice::Dice;
use super::shop::Shop;
use crate::door::{Door, Doors, Heard};

const READ: &str = "{ me { orders(first: 5) { nodes { id number total { amount } } } \
    pointsAccount { active held lots(open: true, first: 5) { nodes { remaining held } } } } }";

/// How long an unknown command is sent again before the storm gives up.
const UNTIL_KNOWN: Duration = Duration::from_secs(60);

/// What is shared by all clients.
pub struct Storm {
    pub seed: u64,
    pub shop: Shop,
    pub doors: Arc<Doors>,
    pub books: Mutex<Books>,
    pub tally: Mutex<Tally>,
    deeds: Vec<&'static Deed>,
}

/// What was sent and heard, of everything.
pub struct Tally {
    pub sent: u64,
    /// What was done, by its mutation, repeats included.
    pub done: BTreeMap<&'static str, u64>,
    pub unknown: u64,
    /// User errors, by their code.
    pub refused: BTreeMap<String, u64>,
    /// Microseconds until an answer came.
    pub latency: Histogram<u64>,
    /// What must not be, in words.
    pub wrong: Vec<String>,
}

/// A command with its last answer.
pub struct Record {
    pub command: Command,
    pub answer: Answer,
}

/// When the clients of a round go home.
pub struct Until {
    pub stop: AtomicBool,
    pub left: AtomicU64,
}

impl Until {
    pub fn told() -> Arc<Until> {
        Until::after(u64::MAX)
    }

    pub fn after(commands: u64) -> Arc<Until> {
        Arc::new(Until { stop: AtomicBool::new(false), left: AtomicU64::new(commands) })
    }

    fn goes_on(&self) -> bool {
        let take = |left: u64| left.checked_sub(1);
        !self.stop.load(Ordering::Relaxed) && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

impl Storm {
    /// `schema` is the server's own: mutations that are not in it are left out.
    pub fn new(seed: u64, shop: Shop, doors: Arc<Doors>, schema: &str, keeps_entries: bool) -> Arc<Storm> {
        let known = |deed: &&Deed| schema.contains(&format!("\t{}(", deed.name));
        let latency = Histogram::new_with_bounds(1, 60_000_000, 2).expect("these bounds are in order");
        let books = Books::new(shop.members.len(), keeps_entries);
        let (sent, done, unknown, refused, wrong) = (0, BTreeMap::new(), 0, BTreeMap::new(), Vec::new());
        Arc::new(Storm {
            seed,
            shop,
            doors,
            books: Mutex::new(books),
            tally: Mutex::new(Tally { sent, done, unknown, refused, latency, wrong }),
            deeds: DEEDS.into_iter().filter(known).collect(),
        })
    }

    pub fn wrong(&self, what: impl Into<String>) {
        self.tally.lock().expect("nobody panics with it").wrong.push(what.into());
    }

    pub fn token(&self, command: &Command) -> &str {
        if command.by_staff { &self.shop.staff.token } else { &self.shop.members[command.whose].token }
    }

    /// Sends a command and counts its answer.
    pub async fn send(&self, door: &mut Door, command: &Command) -> Answer {
        let began = Instant::now();
        let heard = door.ask(self.token(command), &command.document(), &command.variables()).await;
        let answer = judge(command, heard);
        let mut tally = self.tally.lock().expect("nobody panics with it");
        tally.sent += 1;
        match &answer {
            Answer::Done(_) => *tally.done.entry(command.deed.name).or_default() += 1,
            Answer::Refused(code) => *tally.refused.entry(code.clone()).or_default() += 1,
            Answer::Unknown(_) => tally.unknown += 1,
            Answer::Wrong(what) => tally.wrong.push(format!("{what}\n  to {}", command.told())),
        }
        if !matches!(answer, Answer::Unknown(_)) {
            tally.latency.saturating_record(began.elapsed().as_micros() as u64);
        }
        answer
    }

    /// Sends a command for the first time, or again when it is not known what became of it, and enters it in the books.
    pub async fn carry_out(&self, door: &mut Door, command: Command) -> Record {
        let answer = self.send(door, &command).await;
        let record = Record { command, answer };
        self.enter(&record);
        record
    }

    /// Enters what an answer means.
    pub fn enter(&self, record: &Record) {
        if let Answer::Done(payload) = &record.answer {
            let mut books = self.books.lock().expect("nobody panics with it");
            (record.command.deed.book)(&record.command, payload, &self.shop, &mut books);
        }
    }

    /// Sends an unknown command again until it is known, and enters it.
    pub async fn find_out(&self, door: &mut Door, command: Command) -> Record {
        let answer = self.answer_to(door, &command).await;
        let record = Record { command, answer };
        self.enter(&record);
        record
    }

    /// The answer to a command that was sent before, which is sent until there is one. Nothing is entered.
    pub async fn answer_to(&self, door: &mut Door, command: &Command) -> Answer {
        let began = Instant::now();
        loop {
            let answer = self.send(door, command).await;
            if !matches!(answer, Answer::Unknown(_)) {
                return answer;
            }
            if began.elapsed() > UNTIL_KNOWN {
                self.wrong(format!("nobody answers {}: {answer:?}", command.told()));
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn draw(&self, dice: &mut Dice, key: String) -> Option<Command> {
        let mut at = dice.below(self.deeds.iter().map(|deed| deed.weight).sum());
        let deed = self.deeds.iter().find(|deed| {
            let is_it = at < deed.weight;
            at = at.saturating_sub(deed.weight);
            is_it
        })?;
        let mut books = self.books.lock().expect("nobody panics with it");
        books.forget_old();
        (deed.draw)(&mut Draw { shop: &self.shop, books: &mut books, dice, key })
    }

    /// The mixed load of a round. Of the records, one in so many is kept, and every one that is not known.
    pub fn crowd(self: &Arc<Self>, round: u64, seats: usize, until: &Arc<Until>, keep: u64) -> JoinSet<Vec<Record>> {
        let mut tasks = JoinSet::new();
        for seat in 0..seats {
            let (storm, until) = (self.clone(), until.clone());
            tasks.spawn(async move { storm.client(round, seat, &until, keep).await });
        }
        tasks
    }

    async fn client(&self, round: u64, seat: usize, until: &Until, keep: u64) -> Vec<Record> {
        let (mut dice, mut door) = (Dice::new(self.seed, round, seat), Door::new(&self.doors, seat));
        let mut records = Vec::new();
        let mut turn = 0;
        while until.goes_on() {
            turn += 1;
            if dice.once_in(7) {
                self.read(&mut door, &mut dice).await;
                continue;
            }
            let Some(command) = self.draw(&mut dice, format!("storm-{round}-{seat}-{turn}")) else { continue };
            let record = self.carry_out(&mut door, command).await;
            if matches!(record.answer, Answer::Unknown(_)) {
                records.push(record);
                // Its process may be dead, and another one not there yet.
                tokio::time::sleep(Duration::from_millis(5)).await;
            } else if turn % keep == 0 {
                records.push(record);
            }
        }
        records
    }

    async fn read(&self, door: &mut Door, dice: &mut Dice) {
        let member = &self.shop.members[dice.below(self.shop.members.len())];
        match door.ask(&member.token, READ, &json!({})).await {
            Heard::Answer(answer) if answer["errors"].is_null() => {}
            Heard::Answer(answer) => {
                let code = answer["errors"][0]["extensions"]["code"].as_str();
                if !matches!(code, Some("UNAVAILABLE" | "TIMEOUT")) {
                    self.wrong(format!("a read was answered with {answer}"));
                }
            }
            Heard::Broken(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            Heard::Late => self.wrong("a read was not answered for half a minute"),
        }
    }

    /// Sends many commands on a connection each, all in the same moment. Nothing is entered in the books.
    pub async fn at_once(self: &Arc<Self>, commands: Vec<Command>) -> Vec<Record> {
        let start = Arc::new(Barrier::new(commands.len()));
        let mut tasks = JoinSet::new();
        for (seat, command) in commands.into_iter().enumerate() {
            let (storm, start) = (self.clone(), start.clone());
            tasks.spawn(async move {
                let mut door = Door::new(&storm.doors, seat);
                let _ = door.open().await;
                start.wait().await;
                let answer = storm.send(&mut door, &command).await;
                Record { command, answer }
            });
        }
        tasks.join_all().await
    }
}
