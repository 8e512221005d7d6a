//! Settings → log → serve, until told to stop.

use std::io::IsTerminal;
use std::process::ExitCode;

use genkan::config::{Command, Config};
use genkan::gallery;
use genkan::server;
use tracing_subscriber::EnvFilter;

/// What `sysexits.h` calls a configuration error.
const BAD_CONFIG: u8 = 78;

#[tokio::main]
async fn main() -> ExitCode {
    let mut config = Config::read();
    tracing_subscriber::fmt()
        // In a file the colours would stand between the words.
        .with_ansi(std::io::stdout().is_terminal())
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .init();
    let ended = match config.command.take() {
        Some(Command::Health) => return health(&config).await,
        Some(Command::Gallery { recordings }) => gallery::run(config, recordings).await,
        None => server::run(config).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(BAD_CONFIG)
        }
    }
}

/// Whether the Genkan on this machine is ready.
async fn health(config: &Config) -> ExitCode {
    if server::is_ready(config).await {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
