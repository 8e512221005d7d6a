//! Reads the settings, starts the log, and runs the command. Without a command it serves.

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

/// Rendering a page allocates about a hundred short-lived strings. The system's allocator is
/// slow at that (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Exit code for invalid settings, which is also that of clap.
const BAD_CONFIG: u8 = 2;

fn main() -> ExitCode {
    let config = match Config::read() {
        Ok(config) => config,
        Err(errors) => {
            put(io::stderr(), &errors);
            return ExitCode::from(BAD_CONFIG);
        }
    };
    // By default a failed write is reported on stderr, which panics if that is closed as well.
    let lines = fmt::layer().log_internal_errors(false);
    let log = match config.log_format {
        // A file does not need colour codes.
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

/// Reports why the program ends, even if the log is off.
fn fail(error: &dyn Display) -> ExitCode {
    if tracing::enabled!(Level::ERROR) {
        tracing::error!("{error}");
    } else {
        put(io::stderr(), &format_args!("{error}\n"));
    }
    ExitCode::FAILURE
}

/// Prints a text. Ignores a closed pipe, as with `head`.
fn put(mut stream: impl Write, text: &dyn Display) {
    let _ = write!(stream, "{text}").and_then(|()| stream.flush());
}

/// Builds the runtime. A single thread needs no synchronization with others
/// (docs/performance.md).
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
            put(io::stdout(), &"All settings are valid.\n");
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

/// Prints the report of the doctor.
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

/// Checks that the Genkan on this machine is ready.
async fn health(config: &Config) -> ExitCode {
    if server::is_ready(config).await {
        ExitCode::SUCCESS
    } else {
        put(
            io::stderr(),
            &"Genkan is not ready, or does not run on HOST and PORT\n",
        );
        ExitCode::FAILURE
    }
}
