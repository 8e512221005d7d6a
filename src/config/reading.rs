//! Reads the flags and the environment: all of it as text first, then each setting alone, so that every fault is told at once.

use std::any::TypeId;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::{env, fmt};

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, value_parser};

use super::{Command, Config};

/// All that is wrong with the settings, each with the name of its variable.
#[derive(Debug)]
pub struct Faults(pub(super) Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The settings are not right:\n")?;
        for fault in &self.0 {
            writeln!(f, "  {fault}")?;
        }
        writeln!(f, "\n`genkan --help` tells of each setting.")
    }
}

impl std::error::Error for Faults {}

impl Config {
    /// Reads the flags and the environment, for all faults at once. A variable that is set to nothing counts as not set: that
    /// is how compose files and manifests leave one open. The process ends here where help is asked for.
    ///
    /// # Errors
    /// Every setting that is wrong, missing or at odds with another, and every flag that is none.
    pub fn read() -> Result<Self, Faults> {
        let args: Vec<OsString> = env::args_os().collect();
        let mut faults = Vec::new();
        let said = match as_texts().try_get_matches_from(&args) {
            Ok(said) => said,
            Err(error) if !error.use_stderr() => {
                // With what each setting may be.
                Self::command()
                    .mut_args(|arg| arg.global(true))
                    .get_matches_from(&args);
                error.exit();
            }
            Err(error) => {
                faults.push(first_line(&error));
                let what_is_left = as_texts().ignore_errors(true);
                what_is_left
                    .try_get_matches_from(&args)
                    .unwrap_or_else(|_| error.exit())
            }
        };
        let mut right = vec![OsString::from("genkan")];
        let command = Self::command();
        for arg in command.get_arguments() {
            let Some(name) = arg.get_env() else {
                continue;
            };
            match value(arg, &said).and_then(|value| value.map(|it| checked(arg, it)).transpose()) {
                Ok(flag_and_value) => right.extend(flag_and_value),
                Err(fault) => faults.push(format!("{}: {fault}", name.to_string_lossy())),
            }
        }
        let command = command.mut_args(|arg| arg.env(None::<&str>));
        let mut config = command
            .try_get_matches_from(right)
            .and_then(|matches| Self::from_arg_matches(&matches))
            .unwrap_or_else(|error| error.exit());
        // Err is none at all.
        config.command = Command::from_arg_matches(&said).ok();
        // Of an address that cannot be read it is not said besides that there is none.
        let is_of_kratos =
            |it: &String| it.starts_with("KRATOS_PUBLIC_URL: ") || it.starts_with("ORY_SDK_URL: ");
        let is_told = faults.iter().any(is_of_kratos);
        let others = config.faults().into_iter();
        faults.extend(others.filter(|it| !(is_told && it.starts_with("KRATOS_PUBLIC_URL is not"))));
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(Faults(faults))
        }
    }
}

/// The command line as it is, with the settings before a command or after it, given any number of times, with any value or
/// none: what is wrong with them is for us to say.
fn as_texts() -> clap::Command {
    let text = |arg: Arg| {
        arg.env(None::<&str>)
            .value_parser(value_parser!(OsString))
            .action(ArgAction::Append)
            .num_args(0..=1)
            .allow_negative_numbers(true)
    };
    let command = Config::command().mut_args(text);
    let settings: Vec<Arg> = command.get_arguments().cloned().collect();
    command.mut_subcommands(|command| command.args(&settings))
}

/// What a setting is set to: by its flag, or else by its variable.
fn value(arg: &Arg, said: &ArgMatches) -> Result<Option<OsString>, String> {
    let id = arg.get_id().as_str();
    let of_command = said.subcommand().map(|(_, said)| said);
    let mut given = [Some(said), of_command]
        .into_iter()
        .flatten()
        .filter(|said| said.value_source(id) == Some(ValueSource::CommandLine))
        .flat_map(|said| said.get_raw_occurrences(id).into_iter().flatten());
    let value = match (given.next(), given.next()) {
        (Some(_), Some(_)) => return Err(format!("{} is given more than once", flag(arg))),
        (Some(mut values), None) => match values.next() {
            Some(value) => value.to_owned(),
            None => return Err(format!("{} stands there without a value", flag(arg))),
        },
        (None, _) => match arg.get_env().and_then(env::var_os) {
            Some(value) if !value.is_empty() => value,
            Some(_) | None => return Ok(None),
        },
    };
    let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    if is_path || value.to_str().is_some() {
        Ok(Some(value))
    } else {
        Err("it is not written in UTF-8".to_owned())
    }
}

fn flag(arg: &Arg) -> String {
    format!("--{}", arg.get_long().unwrap_or_default())
}

/// The setting as a flag, where it can be read.
fn checked(arg: &Arg, value: OsString) -> Result<OsString, String> {
    let mut whole = OsString::from(flag(arg) + "=");
    whole.push(&value);
    let alone = clap::Command::new("genkan").no_binary_name(true);
    match alone.arg(arg.clone()).try_get_matches_from([&whole]) {
        Ok(_) => Ok(whole),
        Err(error) => Err(reason(arg, &value, &error)),
    }
}

fn reason(arg: &Arg, value: &OsStr, error: &clap::Error) -> String {
    let reason = match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(ContextValue::Strings(values))) => {
            format!("one of {} is needed", values.join(", "))
        }
        (None, _) => "no such value".to_owned(),
    };
    // It may have a password in it.
    if arg.is_hide_env_values_set() {
        reason
    } else {
        format!("{reason}, but it is {value:?}")
    }
}

/// What clap has to say of a command line that cannot be read, without how it should be.
fn first_line(error: &clap::Error) -> String {
    let whole = error.to_string();
    let line = whole.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
