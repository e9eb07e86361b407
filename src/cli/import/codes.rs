//! `jifen import codes`: a partner's single-use codes, for a reward that gives them out.
//!
//! The file is read and sorted out as a whole, so that a code that stands twice in it is known wherever it stands; then it
//! is added in batches, each as a whole. What the reward has already is skipped: a run that was killed is run again.

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use async_graphql::ID;
use csv::ByteRecord;

use crate::base::clock::Clock;
use crate::base::id::{Id, Ids, Random};
use crate::base::text::fold;
use crate::cli::Failure;
use crate::cli::import::rejected::Report;
use crate::cli::import::source::Source;
use crate::cli::import::tally::{Remark, grouped};
use crate::cli::import::tell_rejections;
use crate::cli::open::open_db;
use crate::config::{Common, ImportCodes};
use crate::db::Db;
use crate::db::reader::Lookup;
use crate::domain::reward::entity::reward;
use crate::domain::reward::query::RewardKey;
use crate::domain::reward::query::code::owners_of;
use crate::domain::reward::rule::code::{Flaw, Line, MAX_LENGTH, Rejection, Skipped, passed_over, sort_out};
use crate::domain::reward::service::code::{Batch, add_batch, takes_codes};
use crate::gql::id::{GlobalId, NodeKind};

/// Codes that are added in one transaction, during which nobody redeems them.
const BATCH: usize = 2_000;

/// What a run has done: `lines = added + skipped + rejected`.
#[derive(Default)]
struct Tally {
    lines: u64,
    added: i64,
    /// Lines whose codes the reward had already.
    skipped: u64,
    rejections: Vec<Remark>,
}

pub async fn run(common: &Common, args: &ImportCodes) -> Result<(), Failure> {
    let stopwatch = Stopwatch::now();
    // What can be wrong with the file is told before a database is opened, or made.
    let report = Report::beside(&args.file)?;
    let mut tally = Tally::default();
    let lines = read(&mut open(args)?, args.column.as_deref(), &mut tally)?;
    let (db, _) = open_db(common).await?;
    let outcome = import(&db, args, lines, &mut tally).await;
    db.close().await;
    outcome.map_err(|failure| interrupted(failure, &tally))?;
    tally.rejections.sort_by_key(|remark| remark.line);
    let written = tell_rejections(&report, args.dry_run, &tally.rejections, &|| open(args));
    let rejected_file = written.then(|| report.path.display().to_string());
    if common.json {
        println!("{}", tally.json(args.dry_run, rejected_file));
    } else {
        println!("{}", tally.prose(args.dry_run, rejected_file, stopwatch.elapsed().as_secs_f64()));
    }
    Ok(())
}

/// With a column the first line has the names of the columns; without, it is a code.
fn open(args: &ImportCodes) -> Result<Source, Failure> {
    match args.column {
        Some(_) => Source::open(&args.file),
        None => Source::list(&args.file),
    }
}

/// The codes of the file with their lines. What cannot be read is noted.
fn read(source: &mut Source, column: Option<&str>, tally: &mut Tally) -> Result<Vec<Line>, Failure> {
    let place = column.map(|name| place_of(&source.header, name)).transpose()?;
    let mut lines = Vec::new();
    while let Some((line, record)) = source.next()? {
        tally.lines += 1;
        match code_in(record, place) {
            Ok(code) => lines.push((line, code.to_owned())),
            Err(reason) => tally.rejections.push(Remark { line, text: reason }),
        }
    }
    if tally.lines == 0 { Err(Failure::usage("the file has no codes")) } else { Ok(lines) }
}

fn code_in(record: &ByteRecord, place: Option<usize>) -> Result<&str, String> {
    if place.is_none() && record.len() != 1 {
        return Err(format!("it has {} columns; say with --column which one holds the codes", record.len()));
    }
    let cell = record.get(place.unwrap_or(0)).ok_or("it has no such column")?;
    std::str::from_utf8(cell).map_err(|_| "it is not UTF-8".to_owned())
}

fn place_of(header: &[String], name: &str) -> Result<usize, Failure> {
    let mut places = header.iter().enumerate().filter(|(_, known)| fold(known) == fold(name)).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (Some(_), Some(_)) => Err(Failure::usage(format!("the file has two columns {name:?}; rename one of them"))),
        _ => Err(Failure::usage(format!("the file has no column {name:?}; it has {}", header.join(", ")))),
    }
}

async fn import(db: &Db, args: &ImportCodes, lines: Vec<Line>, tally: &mut Tally) -> Result<(), Failure> {
    let reward = find_reward(db, &args.reward).await?;
    let (lines, wrong) = sort_out(lines);
    tally.pass_over(wrong);
    let clock = Clock::System;
    let ids = Ids::new(clock.clone(), Random::System);
    for lines in lines.chunks(BATCH) {
        let batch = Batch { id: ids.next(), reward_id: reward.id, added_at: clock.now().micros(), reply: None };
        let (added, passed) = if args.dry_run {
            foresee(db, batch, lines).await?
        } else {
            add_batch(db, batch, lines.to_vec()).await?.map_err(|rejection| unusable(&args.reward, &rejection))?
        };
        tally.added += added;
        tally.pass_over(passed);
    }
    Ok(())
}

/// What would become of a batch.
async fn foresee(db: &Db, batch: Batch, lines: &[Line]) -> Result<(i64, Vec<Skipped>), Failure> {
    let codes = lines.iter().map(|(_, code)| code.clone()).collect();
    let owners = owners_of(&db.read, codes).await.map_err(crate::base::error::Error::from)?;
    let passed = passed_over(lines, &owners, batch.reward_id, batch.id);
    Ok((i64::try_from(lines.len() - passed.len()).unwrap_or(i64::MAX), passed))
}

async fn find_reward(db: &Db, named: &str) -> Result<Arc<reward::Model>, Failure> {
    let id: Option<Id> = GlobalId::row_of(NodeKind::Reward, &ID::from(named));
    let found = match id {
        Some(id) => RewardKey::load(db.clone(), vec![RewardKey(id)]).await?.remove(&RewardKey(id)),
        None => None,
    };
    takes_codes(found).map_err(|rejection| unusable(named, &rejection))
}

fn unusable(named: &str, rejection: &Rejection) -> Failure {
    Failure::usage(match rejection {
        Rejection::RewardUnknown => format!("--reward {named}: there is no such reward"),
        Rejection::Ended => format!("--reward {named}: this reward was ended"),
        _ => format!("--reward {named}: this reward gives out no codes"),
    })
}

/// An import that stopped half-way says how far it came and what to do.
fn interrupted(failure: Failure, tally: &Tally) -> Failure {
    let Failure { message, exit } = failure;
    if tally.added == 0 {
        return Failure { message, exit };
    }
    let advice = "import the file again when that is mended: what is there already is skipped";
    Failure { message: format!("{message} ({} codes were added before; {advice})", tally.added), exit }
}

impl Tally {
    fn pass_over(&mut self, lines: Vec<Skipped>) {
        for Skipped { line, flaw } in lines {
            let reason = match flaw {
                Flaw::Known => {
                    self.skipped += 1;
                    continue;
                }
                Flaw::Malformed => format!("a code has 1 to {MAX_LENGTH} characters and no control characters"),
                Flaw::Repeated => "the same code stands further up in the file".to_owned(),
                Flaw::Taken => "another reward or a coupon has this code".to_owned(),
            };
            self.rejections.push(Remark { line, text: reason });
        }
    }

    /// The summary as one line of JSON.
    fn json(&self, dry_run: bool, rejected_file: Option<String>) -> String {
        let summary = serde_json::json!({
            "lines": self.lines,
            "added": self.added,
            "skipped": self.skipped,
            "rejected": self.rejections.len(),
            "dryRun": dry_run,
            "rejectedFile": rejected_file,
        });
        summary.to_string()
    }

    /// The summary for people.
    fn prose(&self, dry_run: bool, rejected_file: Option<String>, seconds: f64) -> String {
        let added = if dry_run { "would be added (dry run: nothing was written)" } else { "were added" };
        let (codes, lines) = (grouped(self.added.unsigned_abs()), grouped(self.lines));
        let mut prose = format!("{codes} codes {added}, from {lines} lines in {seconds:.1} s.");
        if self.skipped > 0 {
            prose += &format!("\n{} codes were there already.", grouped(self.skipped));
        }
        let rejected = grouped(self.rejections.len() as u64);
        match (self.rejections.len(), rejected_file) {
            (0, _) => {}
            (_, None) => prose += &format!("\n{rejected} lines were rejected."),
            (_, Some(file)) => prose += &format!("\n{rejected} lines were rejected; {file} says why."),
        }
        prose
    }
}
