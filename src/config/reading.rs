//! Reads the flags and the environment. Reports all errors at once, and never quotes a value: it
//! may be a password or a key that belongs elsewhere.

use std::any::TypeId;
use std::collections::HashMap;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::{env, fmt, iter};

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches};
use clap_lex::OsStrExt;
use strsim::jaro;

use super::Config;
use super::warnings::misspelled;

/// Minimum similarity of an argument and a flag or command that is suggested for it, from 0 to 1.
const MIN_SIMILARITY: f64 = 0.8;

/// All errors in the settings, each with the name of its setting.
#[derive(Debug)]
pub struct ConfigErrors(pub(super) Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Invalid settings:\n")?;
        for error in &self.0 {
            writeln!(f, "  {error}")?;
        }
        writeln!(f, "\n`genkan --help` describes each setting.")
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Reads the flags and the environment. A flag takes precedence over its variable. An empty
    /// variable counts as not set, because compose files and manifests leave settings open that
    /// way. Prints the help or the version and ends the process if an argument asks for it.
    ///
    /// # Errors
    /// Returns an error for each invalid, missing or conflicting setting and each unknown argument.
    pub fn read() -> Result<Self, ConfigErrors> {
        let root = Self::command();
        let line = CommandLine::parse(&root, env::args_os());
        if let Some(flag) = line.help {
            print_help(flag, line.command);
        }
        let mut errors = line.errors;
        let mut invalid = Vec::new();
        let mut valid_args = |command: &clap::Command| {
            let mut args = vec![OsString::from(command.get_name())];
            for arg in settings(command) {
                match valid_flags(arg, &line.flags) {
                    Ok(flags) => args.extend(flags),
                    Err(error) => {
                        let name = name(arg);
                        errors.push(format!("{name}: {error}"));
                        invalid.push(name);
                    }
                }
            }
            args
        };
        let mut args = valid_args(&root);
        args.extend(line.command.into_iter().flat_map(&mut valid_args));
        let command = Self::command().mut_args(|arg| arg.env(None::<&str>));
        let matches = command.get_matches_from(args);
        let mut config = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        // Conflicts of a setting that failed to parse would be about its default value.
        let is_valid = |names: &[&str]| !names.iter().any(|it| invalid.iter().any(|no| it == no));
        let conflicts = config.conflicts().into_iter();
        errors.extend(conflicts.filter_map(|(names, error)| is_valid(names).then_some(error)));
        let variables = env::vars_os().filter(|(_, value)| !value.is_empty());
        let names = variables.map(|(name, _)| name.to_string_lossy().into_owned());
        if !errors.is_empty() {
            // A setting may be missing because its name is misspelled.
            errors.extend(misspelled(names));
            return Err(ConfigErrors(errors));
        }
        let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        config.warnings = config.find_warnings(is_given, names);
        Ok(config)
    }
}

/// The arguments, sorted into flags and a command, before any value is validated.
#[derive(Default)]
struct CommandLine<'a> {
    command: Option<&'a clap::Command>,
    /// The values of each flag by its name. `None` stands for a missing value.
    flags: HashMap<String, Vec<Option<OsString>>>,
    /// The flag that asks for the help or the version.
    help: Option<&'static str>,
    errors: Vec<String>,
}

impl<'a> CommandLine<'a> {
    fn parse(root: &'a clap::Command, args: impl Iterator<Item = OsString>) -> Self {
        let mut line = Self::default();
        let mut args = args.enumerate().skip(1).peekable();
        while let Some((number, arg)) = args.next() {
            if arg == "--" {
                let error = args
                    .next()
                    .map(|_| "unexpected arguments after --".to_owned());
                line.errors.extend(error);
                break;
            }
            let (name, value) = match arg.split_once("=") {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (&*arg, None),
            };
            let name = name.to_string_lossy();
            let commands = iter::once(root).chain(line.command);
            let command = root.find_subcommand(&*name).filter(|_| value.is_none());
            if commands.flat_map(settings).any(|it| flag(it) == name) {
                let next = || args.next_if(|(_, next)| !is_flag(next)).map(|(_, it)| it);
                let values = line.flags.entry(name.into_owned()).or_default();
                values.push(value.or_else(next));
            } else if let Some(flag) = help_flag(&name) {
                let error = value.map(|_| format!("argument {number}: {flag} takes no value"));
                line.help = line.help.or(error.is_none().then_some(flag));
                line.errors.extend(error);
            } else if line.command.is_none() && command.is_some() {
                line.command = command;
            } else {
                line.take_unknown_arg(root, number, &name);
                // What follows an unknown flag is probably its value.
                let is_value = |next: &OsString| {
                    let command = next.to_str().and_then(|it| root.find_subcommand(it));
                    !is_flag(next) && command.is_none()
                };
                if name.len() > 1 && name.starts_with('-') && value.is_none() {
                    args.next_if(|(_, next)| is_value(next));
                }
            }
        }
        line
    }

    /// Reports an argument by its number, with the flag or command that is spelled like it.
    fn take_unknown_arg(&mut self, root: &clap::Command, number: usize, name: &str) {
        let flags = iter::once(root)
            .chain(self.command)
            .flat_map(settings)
            .map(flag);
        let commands = root.get_subcommands().map(|it| it.get_name().to_owned());
        let known = flags.chain(commands).map(|it| (jaro(&it, name), it));
        let similar = known.max_by(|(one, _), (other, _)| one.total_cmp(other));
        let hint = match similar {
            Some((similarity, it)) if similarity >= MIN_SIMILARITY => {
                format!("; did you mean {it}?")
            }
            Some(_) | None => String::new(),
        };
        let error = format!("argument {number} is neither a flag nor a command{hint}");
        self.errors.push(error);
    }
}

/// Returns the arguments of a command, or of the program itself, that take a value.
fn settings(command: &clap::Command) -> impl Iterator<Item = &Arg> {
    let args = command.get_arguments();
    args.filter(|arg| arg.get_action().takes_values())
}

fn flag(arg: &Arg) -> String {
    format!("--{}", arg.get_long().unwrap_or_default())
}

/// Returns the name of a setting in error messages: its variable, or its flag if it has none.
fn name(arg: &Arg) -> String {
    let variable = arg.get_env().map(OsStr::to_string_lossy);
    variable.map_or_else(|| flag(arg), Into::into)
}

/// Returns true unless an argument can be the value of the flag before it, like `-` and `-1`.
fn is_flag(arg: &OsString) -> bool {
    let arg = arg.to_string_lossy();
    arg.starts_with('-') && arg != "-" && arg.parse::<f64>().is_err()
}

fn help_flag(name: &str) -> Option<&'static str> {
    match name {
        "help" | "--help" => Some("--help"),
        "--version" => Some("--version"),
        // More letters may follow in the same argument.
        _ if name.starts_with("-h") => Some("-h"),
        _ if name.starts_with("-V") => Some("-V"),
        _ => None,
    }
}

/// Prints the help of the program or of a command, or the version, and ends the process.
fn print_help(flag: &str, command: Option<&clap::Command>) -> ! {
    let is_help = !matches!(flag, "-V" | "--version");
    let command = command.filter(|_| is_help).map(clap::Command::get_name);
    let args = iter::once("genkan").chain(command).chain([flag]);
    let program = Config::command().mut_args(|arg| arg.global(true).hide_env_values(true));
    match program.try_get_matches_from(args) {
        Err(help) => help.exit(),
        Ok(_) => std::process::exit(0),
    }
}

/// Returns a setting as flags with valid values, or the error of its first invalid value.
fn valid_flags(
    arg: &Arg,
    given: &HashMap<String, Vec<Option<OsString>>>,
) -> Result<Vec<OsString>, String> {
    let flag = flag(arg);
    let values = match given.get(&flag) {
        Some(values) if values.len() > 1 && !matches!(arg.get_action(), ArgAction::Append) => {
            return Err(format!("{flag} is given more than once"));
        }
        Some(values) => {
            let values: Option<Vec<_>> = values.iter().cloned().collect();
            values.ok_or_else(|| format!("{flag} needs a value"))?
        }
        None => {
            let variable = arg.get_env().and_then(env::var_os);
            variable
                .filter(|value| !value.is_empty())
                .into_iter()
                .collect()
        }
    };
    let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    let flags = values.into_iter().map(|value| {
        if !is_path && value.to_str().is_none() {
            return Err("the value is not valid UTF-8".to_owned());
        }
        let mut whole = OsString::from(format!("{flag}="));
        whole.push(value);
        let alone = clap::Command::new("genkan").no_binary_name(true);
        match alone.arg(arg.clone()).try_get_matches_from([&whole]) {
            Ok(_) => Ok(whole),
            Err(error) => Err(reason(&error)),
        }
    });
    flags.collect()
}

/// Returns why a value is invalid, without the value.
fn reason(error: &clap::Error) -> String {
    match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(ContextValue::Strings(values))) if !values.is_empty() => {
            format!("expected one of {}", values.join(", "))
        }
        (None, _) => "invalid value".to_owned(),
    }
}
