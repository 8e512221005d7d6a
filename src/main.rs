//! Settings → log → serve, until told to stop.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use genkan::config::{Command, Config, LogFormat};
use genkan::doctor;
use genkan::gallery;
use genkan::server;
use mimalloc::MiMalloc;
use tokio::runtime::{Builder, Runtime};
use tracing::Level;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

/// A page is made of some hundred small texts that live for a moment, which the system's allocator is slow at
/// (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// As clap has it for arguments that are wrong.
const BAD_CONFIG: u8 = 2;

fn main() -> ExitCode {
    let config = match Config::read() {
        Ok(config) => config,
        Err(faults) => {
            put(io::stderr(), &faults);
            return ExitCode::from(BAD_CONFIG);
        }
    };
    // By default a line that cannot be written is told on stderr, which panics where that is closed too.
    let lines = fmt::layer().log_internal_errors(false);
    let log = match config.log_format {
        // In a file the colours would stand between the words.
        LogFormat::Text => lines.with_ansi(io::stdout().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let log = log.with_filter(config.rust_log.clone());
    tracing_subscriber::registry().with(log).init();
    match runtime(config.threads()) {
        Ok(runtime) => runtime.block_on(run(config)),
        Err(error) => fail(&error),
    }
}

/// Says why the program ends, also where nothing is logged.
fn fail(error: &dyn Display) -> ExitCode {
    if tracing::enabled!(Level::ERROR) {
        tracing::error!("{error}");
    } else {
        put(io::stderr(), &format_args!("{error}\n"));
    }
    ExitCode::FAILURE
}

/// Prints a text. A reader that has closed its end of the pipe, as `head` does, is no fault.
fn put(mut stream: impl Write, text: &dyn Display) {
    let _ = write!(stream, "{text}").and_then(|()| stream.flush());
}

/// One thread alone has nothing to share: what it allocates it frees, and nobody has to be woken (docs/performance.md).
fn runtime(threads: usize) -> io::Result<Runtime> {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.worker_threads(threads).enable_all().build()
}

async fn run(mut config: Config) -> ExitCode {
    let ended = match config.command.take() {
        Some(Command::CheckConfig) => {
            for warning in &config.warnings {
                put(io::stderr(), &format_args!("Warning: {warning}\n"));
            }
            put(io::stdout(), &"All settings are right.\n");
            return ExitCode::SUCCESS;
        }
        Some(Command::Doctor { kratos_config }) => return doctor(&config, &kratos_config).await,
        Some(Command::Health) => return health(&config).await,
        Some(Command::Gallery { recordings }) => gallery::run(config, recordings).await,
        None => {
            for warning in &config.warnings {
                tracing::warn!("{warning}");
            }
            server::run(config).await
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Prints what is right and what is wrong.
async fn doctor(config: &Config, kratos_config: &[PathBuf]) -> ExitCode {
    match doctor::examine(config, kratos_config).await {
        Ok(report) => {
            put(io::stdout(), &report);
            if report.is_right() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            put(io::stderr(), &format_args!("{error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Whether the Genkan on this machine is ready.
async fn health(config: &Config) -> ExitCode {
    if server::is_ready(config).await {
        ExitCode::SUCCESS
    } else {
        put(io::stderr(), &"Genkan is not ready, or not here\n");
        ExitCode::FAILURE
    }
}
