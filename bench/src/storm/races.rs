//! Everybody at once for the same thing, over real sockets and all processes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::buying::{order, redemption};
use super::check;
use super::crowd::{Record, Storm};
use super::deed::{Answer, Command};
use super::moving::transfer;
use super::shop::{CHEAP, SCARCE};
use crate::Result;
use crate::door::Door;
use crate::fleet::Fleet;

/// How often the one key is sent.
const SAME: usize = 1_000;

struct Race<'a> {
    storm: &'a Arc<Storm>,
    /// What was done, with its answers.
    done: Vec<(Command, Json)>,
}

pub async fn run(storm: &Arc<Storm>, fleet: &mut Fleet) -> Result<()> {
    let mut race = Race { storm, done: Vec::new() };
    race.thirty_seven().await?;
    race.one_key().await;
    race.scarce().await;
    race.ring().await;
    check::repeat(storm, race.done).await;
    check::everything(storm, fleet, true).await
}

impl Race<'_> {
    /// 200 simultaneous redemptions with points for 37 of them.
    async fn thirty_seven(&mut self) -> Result<()> {
        self.give_all_away(0).await;
        self.earn(0, 37).await?;
        let reward = &self.storm.shop.rewards[0].id;
        let all = (0..200).map(|turn| redemption(0, format!("storm-37-{turn}"), reward, 1));
        let records = self.start(all.collect()).await;
        self.expect("200 redemptions with points for 37", &records, [("OK", 37), ("NOT_ENOUGH_POINTS", 163)]);
        Ok(())
    }

    /// So that it is known how many points the member has: none.
    async fn give_all_away(&mut self, whose: usize) {
        let points = self.storm.books.lock().expect("nobody panics with it").account(whose).points;
        if points > 0 {
            let gift = transfer(&self.storm.shop, whose, 1, points, format!("storm-away-{whose}"));
            let records = self.start(vec![gift]).await;
            self.expect("giving all points away", &records, [("OK", 1)]);
        }
    }

    /// An order that earns the points for so many cheap rewards.
    async fn earn(&mut self, whose: usize, rewards: i64) -> Result<()> {
        // A piece earns as many points as the cheap reward costs.
        let command = order(whose, format!("storm-earn-{whose}"), &self.storm.shop.products[1], rewards);
        let records = self.start(vec![command]).await;
        match &records[0].answer {
            Answer::Done(payload) if payload["order"]["pointsEarned"] == rewards * CHEAP => Ok(()),
            other => Err(format!("an order did not earn what it should: {other:?}").into()),
        }
    }

    /// One key, 1,000 times: one effect, and the same answer for all.
    async fn one_key(&mut self) {
        let command = order(1, "storm-one-key".to_owned(), &self.storm.shop.products[2], 1);
        let mut records = self.answers(vec![command; SAME]).await;
        let answers = records.iter().fold(BTreeMap::<String, usize>::new(), |mut answers, record| {
            *answers.entry(format!("{:?}", record.answer)).or_default() += 1;
            answers
        });
        if answers.len() != 1 || !matches!(records[0].answer, Answer::Done(_)) {
            self.storm.wrong(format!("one key sent {SAME} times was answered with {answers:?}"));
        }
        // Entered once: the checks will find a second effect.
        records.truncate(1);
        self.enter(&records);
    }

    /// More who want a reward than there are pieces of it.
    async fn scarce(&mut self) {
        let (members, reward) = (self.storm.shop.members.len(), &self.storm.shop.rewards[2].id);
        let wanted = 0..SCARCE as usize + 100;
        // Not by the members whose points have been counted.
        let all = wanted.map(|turn| redemption(2 + turn % (members - 2), format!("storm-scarce-{turn}"), reward, 1));
        let records = self.start(all.collect()).await;
        self.expect("a reward that runs out", &records, [("OK", SCARCE as usize), ("REWARD_SOLD_OUT", 100)]);
    }

    /// Everybody gives points to the next one and to the one before, over and over at the same time.
    async fn ring(&mut self) {
        let members = self.storm.shop.members.len();
        let all = (0..members * 6).map(|turn| {
            let step = if (turn / members).is_multiple_of(2) { 1 } else { members - 1 };
            transfer(&self.storm.shop, turn % members, step, 1 + (turn % 3) as i64, format!("storm-ring-{turn}"))
        });
        let before = self.sum();
        // Whoever has just given all away cannot give; everybody else can.
        let records = self.start(all.collect()).await;
        let poor = Answer::Refused("NOT_ENOUGH_POINTS".to_owned());
        for Record { command, answer } in &records {
            if !matches!(answer, Answer::Done(_)) && *answer != poor {
                self.storm.wrong(format!("{} was answered with {answer:?}", command.told()));
            }
        }
        // So far by the answers; that the database agrees is checked afterwards.
        if self.sum() != before {
            self.storm.wrong("transfers have changed the sum of all points");
        }
    }

    fn sum(&self) -> i64 {
        let books = self.storm.books.lock().expect("nobody panics with it");
        books.accounts.iter().map(|account| account.points).sum()
    }

    /// Sends all at once, finds out what was not answered, and enters it.
    async fn start(&mut self, commands: Vec<Command>) -> Vec<Record> {
        let records = self.answers(commands).await;
        self.enter(&records);
        records
    }

    fn enter(&mut self, records: &[Record]) {
        for record in records {
            self.storm.enter(record);
            if let Answer::Done(payload) = &record.answer {
                self.done.push((record.command.clone(), payload.clone()));
            }
        }
    }

    /// Where there are too many at once, the server may tell some to come back.
    async fn answers(&self, commands: Vec<Command>) -> Vec<Record> {
        let mut records = self.storm.at_once(commands).await;
        let mut door = Door::new(&self.storm.doors, 0);
        for record in &mut records {
            if matches!(record.answer, Answer::Unknown(_)) {
                record.answer = self.storm.answer_to(&mut door, &record.command).await;
            }
        }
        records
    }

    fn expect<const N: usize>(&self, what: &str, records: &[Record], expected: [(&str, usize); N]) {
        let mut found = BTreeMap::<String, usize>::new();
        for record in records {
            let outcome = match &record.answer {
                Answer::Done(_) => "OK".to_owned(),
                Answer::Refused(code) => code.clone(),
                other => format!("{other:?}"),
            };
            *found.entry(outcome).or_default() += 1;
        }
        let expected: BTreeMap<_, _> = expected.map(|(outcome, times)| (outcome.to_owned(), times)).into();
        if found != expected {
            self.storm.wrong(format!("{what}: {found:?} instead of {expected:?}"));
        }
    }
}
