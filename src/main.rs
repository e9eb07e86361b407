//! The command line.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use jifen::cli::{self, Failure};
use jifen::config::{Cli, Command, Import};
use mimalloc::MiMalloc;

/// Much of what a query costs is small memory, taken by one thread and given back by another; the system's allocator
/// makes them wait for each other there (docs/adr/0013).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What clap calls a command line without a command, which it answers with the help.
const NO_COMMAND: ErrorKind = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;

fn main() -> ExitCode {
    // A missing .env is the usual case; one that cannot be read must not be passed over in silence.
    match dotenvy::dotenv() {
        Ok(_) => {}
        Err(cause) if cause.not_found() => {}
        Err(cause) => return fail(&Failure::usage(format!(".env cannot be read: {cause}"))),
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and the version are shown as they are.
        Err(answer) if !answer.use_stderr() || answer.kind() == NO_COMMAND => answer.exit(),
        Err(wrong) => return fail(&cli::failure::wrong_setting(&wrong)),
    };
    let outcome = cli::log::start(&cli.common).and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|cause| Failure::usage(cause.to_string()))?;
        runtime.block_on(run(cli))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { common, command } = cli;
    match command {
        Command::Serve(server) => cli::serve::run(&common, &server).await,
        Command::Demo(demo) => cli::demo::run(&common, &demo).await,
        Command::Migrate => cli::migrate::run(&common).await,
        Command::Schema(args) => cli::schema::run(&common, &args),
        Command::Import(Import::Orders(args)) => cli::import::run(&common, &args).await,
        Command::Import(Import::Codes(args)) => cli::import::codes::run(&common, &args).await,
        Command::Admin(admin) => cli::admin::run(&common, &admin).await,
        Command::Verify(args) => cli::verify::run(&common, &args).await,
    }
}

fn fail(failure: &Failure) -> ExitCode {
    eprintln!("jifen: {}", failure.message);
    ExitCode::from(failure.exit)
}
