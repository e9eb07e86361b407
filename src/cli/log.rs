//! Logs, to stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::Failure;
use crate::config::{Common, LogFormat};

/// Starts logging for the rest of the process.
pub fn start(common: &Common) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&common.log)
        .map_err(|cause| Failure::usage(format!("--log {:?} cannot be used: {cause}", common.log)))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match common.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|cause| Failure::usage(cause.to_string()))
}
