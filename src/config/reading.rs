//! Reads the flags and the environment: all of it as text first, then each setting alone, so that every fault is told at once.

use std::any::TypeId;
use std::borrow::Cow;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::{env, fmt, iter};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, value_parser};

use super::Config;

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
        let mut args: Vec<(usize, OsString)> = env::args_os().enumerate().collect();
        let mut faults = Vec::new();
        if let Some(end) = args.iter().position(|(_, arg)| arg == "--") {
            let beyond = args.split_off(end).len() > 1;
            faults.extend(beyond.then(|| "nothing may follow --".to_owned()));
        }
        let said = loop {
            let words: Vec<&OsString> = args.iter().map(|(_, arg)| arg).collect();
            match as_texts().try_get_matches_from(&words) {
                Ok(said) => break said,
                Err(error) if !error.use_stderr() => help(&words, &error),
                // clap stops at the first of these.
                Err(error) => match take_stranger(&mut args, &error) {
                    Some(fault) => faults.push(fault),
                    None => error.exit(),
                },
            }
        };
        let mut wrong = Vec::new();
        let mut read = |arg: &Arg| {
            let checked = |value| checked(arg, value);
            let flags: Result<Vec<_>, _> =
                values(arg, &said).and_then(|values| values.into_iter().map(checked).collect());
            flags.unwrap_or_else(|fault| {
                let name = arg.get_env().map(OsStr::to_string_lossy);
                let name = name.map_or_else(|| flag(arg), Cow::into_owned);
                faults.push(format!("{name}: {fault}"));
                wrong.push(name);
                Vec::new()
            })
        };
        let command = Self::command();
        let mut right = vec![OsString::from("genkan")];
        right.extend(settings(&command).flat_map(&mut read));
        if let Some(command) = said
            .subcommand_name()
            .and_then(|it| command.find_subcommand(it))
        {
            right.push(command.get_name().into());
            right.extend(settings(command).flat_map(&mut read));
        }
        let command = Self::command().mut_args(|arg| arg.env(None::<&str>));
        let (mut config, matches) = command
            .try_get_matches_from(right)
            .and_then(|matches| Ok((Self::from_arg_matches(&matches)?, matches)))
            .unwrap_or_else(|error| error.exit());
        // What stands there in place of a setting that cannot be read is nobody's fault.
        let is_read =
            |about: &[&str]| !about.iter().any(|it| wrong.iter().any(|wrong| it == wrong));
        let others = config.faults().into_iter();
        faults.extend(others.filter_map(|(about, fault)| is_read(about).then_some(fault)));
        if faults.is_empty() {
            let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
            let variables = env::vars_os().filter(|(_, value)| !value.is_empty());
            let names = variables.map(|(name, _)| name.to_string_lossy().into_owned());
            config.warnings = config.find_warnings(is_given, names);
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
    let everywhere: Vec<Arg> = settings(&command).cloned().collect();
    command.mut_subcommands(|command| command.mut_args(text).args(&everywhere))
}

/// What has a value, of a command or of the program itself.
fn settings(command: &clap::Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|arg| arg.get_action().takes_values())
}

/// Whether an argument is the value of the flag before it.
fn is_value(before: &OsStr, arg: &OsStr) -> bool {
    let is_flag = |arg: &str| arg.starts_with('-') && arg != "-" && arg.parse::<f64>().is_err();
    awaits_value(before) && !is_flag(&arg.to_string_lossy())
}

/// Whether an argument is a flag that has its value in the next one.
fn awaits_value(arg: &OsStr) -> bool {
    let command = Config::command();
    let is_it = |setting: &Arg| arg.to_str().is_some_and(|arg| arg == flag(setting));
    let mut commands = iter::once(&command).chain(command.get_subcommands());
    commands.any(|command| settings(command).any(is_it))
}

/// What a setting is set to: by its flag, or else by its variable. Several values only where the flag may be repeated.
fn values(arg: &Arg, said: &ArgMatches) -> Result<Vec<OsString>, String> {
    let id = arg.get_id().as_str();
    let of_command = said.subcommand().map(|(_, said)| said);
    let given: Vec<_> = [Some(said), of_command]
        .into_iter()
        .flatten()
        .filter(|said| matches!(said.try_contains_id(id), Ok(true)))
        .filter(|said| said.value_source(id) == Some(ValueSource::CommandLine))
        .flat_map(|said| said.get_raw_occurrences(id).into_iter().flatten())
        .map(|mut values| values.next())
        .collect();
    if given.len() > 1 && !matches!(arg.get_action(), ArgAction::Append) {
        return Err(format!("{} is given more than once", flag(arg)));
    }
    let values: Vec<OsString> = if given.is_empty() {
        let variable = arg.get_env().and_then(env::var_os);
        variable
            .filter(|value| !value.is_empty())
            .into_iter()
            .collect()
    } else {
        let given: Option<Vec<_>> = given.into_iter().map(|it| Some(it?.to_owned())).collect();
        given.ok_or_else(|| format!("{} stands there without a value", flag(arg)))?
    };
    let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    if is_path || values.iter().all(|value| value.to_str().is_some()) {
        Ok(values)
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
    whole.push(value);
    let alone = clap::Command::new("genkan").no_binary_name(true);
    match alone.arg(arg.clone()).try_get_matches_from([&whole]) {
        Ok(_) => Ok(whole),
        Err(error) => Err(reason(&error)),
    }
}

/// Why a value cannot be read. Never the value, which may be a password or a key that belongs elsewhere.
fn reason(error: &clap::Error) -> String {
    match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(ContextValue::Strings(values))) if !values.is_empty() => {
            format!("one of {} is needed", values.join(", "))
        }
        (None, _) => "no such value".to_owned(),
    }
}

/// Shows what was asked for, and ends. Settings that stand beside it do not matter.
fn help(args: &[&OsString], error: &clap::Error) -> ! {
    // A value is what somebody set, which may be another thing than what belongs there.
    let command = Config::command().mut_args(|arg| arg.global(true).hide_env_values(true));
    let is_wanted = |arg: &str| {
        ["help", "-h", "--help", "-V", "--version"].contains(&arg)
            || command.find_subcommand(arg).is_some()
    };
    let words = args.windows(2).filter_map(|pair| {
        let word = pair[1].to_str()?;
        (!is_value(pair[0], pair[1]) && is_wanted(word)).then_some(word)
    });
    let wanted: Vec<_> = iter::once("genkan").chain(words).collect();
    // With what each setting may be.
    match command.clone().try_get_matches_from(wanted) {
        Err(shown) if !shown.use_stderr() => shown.exit(),
        Ok(_) | Err(_) if error.kind() == ErrorKind::DisplayVersion => error.exit(),
        // A letter with others behind it.
        Ok(_) | Err(_) => match command.try_get_matches_from(["genkan", "--help"]) {
            Err(shown) => shown.exit(),
            Ok(_) => error.exit(),
        },
    }
}

/// Takes what is neither a setting nor a command out of the arguments, and tells of it by its number: what it is may be a
/// password. `None` where it is about something else.
fn take_stranger(args: &mut Vec<(usize, OsString)>, error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    };
    let stranger =
        text(ContextKind::InvalidArg).or_else(|| text(ContextKind::InvalidSubcommand))?;
    let is_it = |at: &usize| {
        let (before, arg) = (&args[at - 1].1, &args[*at].1);
        let is_value = is_value(before, arg);
        let arg = arg.to_string_lossy();
        // Of letters in one clap names the first.
        let is_short = !arg.starts_with("--") && stranger.starts_with('-');
        let rest = arg.strip_prefix(&**stranger);
        !is_value && rest.is_some_and(|rest| is_short || rest.is_empty() || rest.starts_with('='))
    };
    let at = (1..args.len()).find(is_it)?;
    let (number, arg) = args.remove(at);
    if error.kind() == ErrorKind::TooManyValues {
        return Some(format!("argument {number}: no value may follow {stranger}"));
    }
    let is_flag = stranger.starts_with('-') && stranger != "-";
    let is_its_value = |(_, arg): &(usize, OsString)| {
        let arg = arg.to_string_lossy();
        !arg.starts_with('-') && Config::command().find_subcommand(&*arg).is_none()
    };
    if is_flag && arg == **stranger && args.get(at).is_some_and(is_its_value) {
        args.remove(at);
    }
    let commands = match error.get(ContextKind::SuggestedSubcommand) {
        // The likeliest comes last.
        Some(ContextValue::Strings(commands)) => commands.last(),
        _ => None,
    };
    let meant = text(ContextKind::SuggestedArg).or(commands);
    let meant = meant.map_or_else(String::new, |known| format!("; is {known} meant?"));
    Some(format!(
        "argument {number} is neither a flag nor a command{meant}"
    ))
}
