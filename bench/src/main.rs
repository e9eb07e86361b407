//! Measures jifen beside something simpler, in the same run on the same machine: started by `scripts/bench`. And breaks
//! a storm over it (`storm`, started by `scripts/storm`), which measures nothing.
//!
//! `run` is the conductor and the load generator; everything that is measured is a process of its own. What each line of
//! the table means stands in docs/BENCHMARKS.md.

mod door;
mod explain;
mod flat;
mod fleet;
mod footprint;
mod load;
mod login;
mod nested_read;
mod one_by_one;
mod pgbench;
mod place;
mod place_order;
mod plain_server;
mod preview;
mod process;
mod report;
mod reports;
mod rules;
mod run;
mod seed;
mod storm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use tokio::signal::unix::{SignalKind, signal};

/// What went wrong, for whoever reads the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "jifen-bench", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the benchmarks: print a table and write JSON
    Run(run::Args),
    /// Answer the nested read without GraphQL: what `run` compares jifen with
    PlainServer(plain_server::Args),
    /// Place orders statement by statement, one transaction each: what `run` compares jifen with on SQLite
    OneByOne(one_by_one::Args),
    /// Redeem over a small and a large ledger, turn by turn: whether the cost stays flat
    Flat(flat::Args),
    /// Ask for reports over a large ledger, and time the answers: whether those who read them wait
    Reports(reports::Args),
    /// Race and kill real server processes, and check that nothing is lost or done twice
    Storm(storm::Args),
}

/// The product's, so that what is beside it does not lose by its allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let work = async {
        match cli.command {
            Command::Run(args) => run::run(args).await,
            Command::PlainServer(args) => plain_server::run(args).await,
            Command::OneByOne(args) => one_by_one::run(args).await,
            Command::Flat(args) => flat::run(args).await,
            Command::Reports(args) => reports::run(args).await,
            Command::Storm(args) => storm::run(args).await,
        }
    };
    // When a signal wins, dropping the work ends the processes it has started.
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = told_to_stop() => Err("stopped".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("jifen-bench: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn told_to_stop() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
}
