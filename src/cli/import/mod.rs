//! `jifen import orders`: a shop moves in with its history. (`jifen import codes` is in [`codes`].)
//!
//! ```text
//! source → columns → line → history (sorted by member and date, every purchase with its key)
//!        → blocks: known → admit → flow → committers
//!        → tally, and the rejected lines in a file beside
//! ```
//!
//! A purchase is recorded under a unique number, the file's or one made of its content ([`key`]), which is claimed in the
//! transaction that records it. So a run may be killed at any moment, run again, or run twice at once, and the books end the same.

mod admit;
pub mod codes;
mod columns;
mod flow;
mod history;
mod key;
mod known;
mod line;
mod moment;
mod record;
mod rejected;
mod source;
mod tally;

use std::time::{Duration, Instant as Stopwatch};

use indicatif::{ProgressBar, ProgressStyle};

use crate::base::clock::Clock;
use crate::cli::Failure;
use crate::cli::open::{Books, open_books};
use crate::config::{Common, ImportOrders};
use crate::db::group::Bounds;

use columns::Columns;
use history::History;
use line::Rules;
use record::Recorder;
use rejected::Report;
use source::Source;
use tally::{Remark, Tally};

/// One committer: of two members with the same e-mail address the first of the file gets it, every time. With two it
/// was a race.
const COMMITTERS: usize = 1;
/// A sorted history has long runs of one member; nobody else waits, so one may fill a group.
const BOUNDS: Bounds = Bounds { queue: 4_096, commands: 256, rows: 20_000, per_wallet: 256 };
/// Remarks that are shown on the terminal when the rest is told elsewhere.
const SHOWN: usize = 10;

pub async fn run(common: &Common, args: &ImportOrders) -> Result<(), Failure> {
    let stopwatch = Stopwatch::now();
    // What can be wrong with the file is told before a database is opened, or made.
    let report = Report::beside(&args.file)?;
    let mut source = Source::open(&args.file)?;
    let columns = Columns::find(&source.header, &args.columns)?;
    if !columns.unused.is_empty() {
        eprintln!("Columns passed over: {}", columns.unused.join(", "));
    }
    let books = open_books(common, Clock::System, COMMITTERS, BOUNDS).await?;
    let mut tally = Tally::default();
    let bar = progress_bar();
    let outcome = import(&books, &mut source, &columns, args.dry_run, &mut tally, &bar).await;
    books.committers.finish().await;
    books.db.close().await;
    bar.finish_and_clear();
    outcome.map_err(|failure| interrupted(failure, &tally))?;

    tally.rejections.sort_unstable_by_key(|remark| remark.line);
    tally.warnings.sort_by_key(|remark| remark.line);
    show(&tally.warnings, SHOWN);
    let written = tell_rejections(&report, args.dry_run, &tally.rejections, &|| Source::open(&args.file));
    let rejected_file = written.then_some(report.path.as_path());
    if common.json {
        println!("{}", tally.json(args.dry_run, rejected_file));
    } else {
        println!("{}", tally.prose(args.dry_run, rejected_file, stopwatch.elapsed()));
    }
    Ok(())
}

async fn import(
    books: &Books,
    source: &mut Source,
    columns: &Columns,
    dry_run: bool,
    tally: &mut Tally,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let program = books.programs.latest();
    let currency = program.currency.parse();
    let rules = Rules {
        currency: currency
            .map_err(|()| Failure::check("the program's currency is unknown to this version of jifen"))?,
        program,
        zone: books.programs.zone(),
        now: books.clock.now(),
    };
    let history: History = history::read(source, columns, &rules, tally)?;
    bar.set_length(tally.lines);
    Ok(Recorder::new(books, &history, tally, bar, dry_run).run().await?)
}

/// On stderr, and only if that is a terminal.
fn progress_bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{elapsed:>4} {wide_bar} {human_pos}/{human_len} lines, {per_sec}, {eta} left");
    let bar = ProgressBar::new(0);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The file, opened once more.
type Opened = Result<Source, Failure>;

/// Tells of the rejected lines, in the file beside or, when nothing is to be written or cannot be, all on stderr. True
/// if there is a file.
fn tell_rejections(report: &Report, dry_run: bool, rejections: &[Remark], source: &dyn Fn() -> Opened) -> bool {
    let path = report.path.display();
    if rejections.is_empty() {
        if report.exists {
            eprintln!("{path} is from an earlier run; this one rejected nothing.");
        }
        return false;
    }
    if dry_run {
        show(rejections, usize::MAX);
        return false;
    }
    if report.exists {
        eprintln!("{path} is from an earlier run and is replaced.");
    }
    let written = source().and_then(|source| report.write(source, rejections));
    if let Err(failure) = &written {
        eprintln!("{}", failure.message);
    }
    show(rejections, if written.is_ok() { SHOWN } else { usize::MAX });
    written.is_ok()
}

fn show(remarks: &[Remark], most: usize) {
    for remark in remarks.iter().take(most) {
        eprintln!("line {}: {}", remark.line, remark.text);
    }
    if remarks.len() > most {
        eprintln!("… and {} more lines", remarks.len() - most);
    }
}

/// An import that stopped half-way says how far it came and what to do.
fn interrupted(failure: Failure, tally: &Tally) -> Failure {
    let Failure { message, exit } = failure;
    if tally.orders + tally.members == 0 {
        return Failure { message, exit };
    }
    let advice = "import the file again when that is mended: what is there already is skipped";
    Failure { message: format!("{message} ({} orders were added before; {advice})", tally.orders), exit }
}
