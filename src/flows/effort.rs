//! What a posted form counts as: another mail, or another try. And for whom.

use unicode_normalization::UnicodeNormalization;

use crate::error::Error;
use crate::kratos::{Answer, Flow, FlowId, FlowKind, Outcome, Submission};
use crate::limit::{Key, Limit};
use crate::visit::Visit;

use super::spelling::Spelling;

/// Where forms name an account. The last is an old name, by which Kratos 1.3.1 still goes.
const NAMES: [&str; 6] = [
    "identifier",
    "address",
    "email",
    "recovery_address",
    "recovery_confirm_address",
    "password_identifier",
];

/// Those by which Kratos finds out whose password it is.
const SIGN_IN_NAMES: [&str; 2] = ["identifier", "password_identifier"];

/// What lets somebody in who is known already: not by the account that the form names.
const SECOND_FACTORS: [&str; 2] = ["totp_code", "lookup_secret"];
const KEYS: [&str; 2] = ["passkey_login", "webauthn_login"];

/// What a form wants, as far as that is limited. It may want several things at once: nobody knows which Kratos takes, so each
/// counts.
pub(super) struct Effort {
    kind: FlowKind,
    wants: Wants,
    flow: Key,
    /// The accounts that the form names: none, one, or several where somebody wants to be counted as another.
    named: Vec<Key>,
    /// Whose account it is where the form names none: that of the session.
    own: Option<Key>,
    /// Who signs in with this form, if it lets in the one whom it names and nobody else.
    signs_in: Option<Key>,
    session: Option<Key>,
    /// Whose session it is, as far as this process knows.
    known: Option<Key>,
    /// What a code or a link is sent for: this flow, and the same errand in another.
    errands: Vec<Key>,
}

struct Wants {
    /// A code or a link in a mail, and nothing else.
    mail: bool,
    /// Something that may make Kratos mail to the address in it.
    may_mail: bool,
    /// To get in by something that Kratos lets be guessed for ever.
    second_factor: bool,
    /// To get in by a password, or to have one.
    password: bool,
    /// To get in by a code that was mailed.
    code: bool,
}

impl Effort {
    pub(super) fn of(visit: &Visit, kind: FlowKind, id: FlowId, form: &Submission) -> Self {
        let limits = visit.limits();
        let named: Vec<Key> = accounts(form).iter().map(|it| limits.key(it)).collect();
        let session = visit.session();
        let is_second_factor = visit.parameter("aal") == Some("aal2");
        let known = session.and_then(|it| limits.account(it));
        let own = known.or(session).filter(|_| named.is_empty());
        let of = named.iter().copied().chain(own);
        let errand = |account| limits.key((kind, is_second_factor, account, visit.neighbourhood()));
        let flow = limits.key(id);
        let signs_in = signs_in(kind, form, session.is_some());
        Self {
            kind,
            wants: Wants::of(kind, form),
            flow,
            errands: std::iter::once(flow).chain(of.map(errand)).collect(),
            named,
            own,
            signs_in: signs_in.map(|it| limits.key(it)),
            session,
            known,
        }
    }

    /// Counts it, before Kratos hears of it.
    ///
    /// # Errors
    /// [`Error::TooMany`], where it is one too many.
    pub(super) fn count(&self, visit: &Visit) -> Result<(), Error> {
        let here = |account: &Key| visit.limits().key((account, visit.neighbourhood()));
        let accounts = || self.named.iter().copied().chain(self.own);
        if self.wants.mail || self.wants.may_mail {
            visit.count_here(Limit::Sends)?;
            for account in accounts() {
                visit.count(Limit::AccountSends, here(&account))?;
                visit.may_be_mailed(account)?;
            }
        }
        if self.wants.second_factor {
            let keys = [Some(self.flow), self.session, self.known];
            for key in keys.into_iter().flatten() {
                visit.count(Limit::SecondFactors, key)?;
            }
        }
        if self.wants.code {
            visit.count(Limit::AccountAttempts, self.flow)?;
            if let Some(own) = &self.own {
                visit.count(Limit::AccountAttempts, here(own))?;
            }
        }
        if !self.wants.mail || self.wants.password {
            for account in &self.named {
                visit.count(Limit::AccountAttempts, here(account))?;
            }
        }
        Ok(())
    }

    /// Begins the time in which nothing else is mailed for this. `false` where one is not over yet.
    pub(super) fn begin_cool_down(&self, visit: &Visit) -> bool {
        !self.wants.mail || visit.limits().begin_cool_down(&self.errands)
    }

    /// Takes that back, because nothing was mailed.
    pub(super) fn end_cool_down(&self, visit: &Visit) {
        if self.wants.mail {
            visit.limits().end_cool_down(&self.errands);
        }
    }

    /// Learns from the answer: whether a mail is on its way, and whose session a sign-in has begun.
    pub(super) fn learn(&self, visit: &Visit, answer: &Answer) {
        let is_mailed = |flow: &Flow| !flow.has_errors() && flow.was_mailed();
        let is_sent = matches!(&answer.outcome, Outcome::Form { flow, .. } if is_mailed(flow));
        if is_sent && self.wants.mail {
            for account in self.named.iter().copied().chain(self.own) {
                visit.limits().mailed(account);
            }
        } else {
            self.end_cool_down(visit);
        }
        // A second factor begins no other account's session than the one that there was.
        let is_second = self.wants.second_factor || self.wants.code;
        let account = self.signs_in.or(self.known.filter(|_| is_second));
        if let (FlowKind::Login, Some(account), Some(session)) =
            (self.kind, account, visit.session_begun_by(answer))
        {
            visit.limits().set_account(session, account);
        }
    }
}

impl Wants {
    fn of(kind: FlowKind, form: &Submission) -> Self {
        let has = |wanted: &str| is_given(form, wanted);
        let is_by_code = has_value(form, "method", "code");
        // Back to an earlier step. Kratos 1.3.1 knows no such thing, but goes by `email` wherever it stands.
        let is_back = has_value(form, "screen", "previous") && !has("email");
        let has_code = has("code");
        let mail = match kind {
            FlowKind::Settings => false,
            FlowKind::Login | FlowKind::Registration => has("resend") || (is_by_code && !has_code),
            FlowKind::Recovery | FlowKind::Verification => !has_code && !is_back,
        };
        let may_mail = match kind {
            // A new address is confirmed at once.
            FlowKind::Settings | FlowKind::Registration => trait_addresses(form).next().is_some(),
            FlowKind::Login | FlowKind::Recovery | FlowKind::Verification => false,
        };
        Self {
            mail,
            may_mail,
            second_factor: kind == FlowKind::Login && SECOND_FACTORS.into_iter().any(has),
            password: has("password"),
            code: kind != FlowKind::Settings && has_code,
        }
    }
}

fn is_given(form: &Submission, wanted: &str) -> bool {
    let mut pairs = form.0.iter();
    pairs.any(|(name, value)| name == wanted && !value.is_empty())
}

fn has_value(form: &Submission, wanted: &str, expected: &str) -> bool {
    let mut pairs = form.0.iter();
    pairs.any(|(name, value)| name == wanted && value == expected)
}

/// Whom a form signs in, if it can be nobody but the one whom it names: by a password, or by a code where no session says
/// whose it is.
fn signs_in(kind: FlowKind, form: &Submission, has_session: bool) -> Option<String> {
    let mut methods = form.0.iter().filter(|(name, _)| name == "method");
    let (method, other) = (methods.next()?, methods.next());
    let is_named = match method.1.as_str() {
        "password" => true,
        "code" => !has_session,
        _ => false,
    };
    let is_else = SECOND_FACTORS
        .into_iter()
        .chain(KEYS)
        .any(|it| is_given(form, it));
    let is_it = kind == FlowKind::Login && is_named && !is_else && other.is_none();
    sign_in_names(form).next().filter(|_| is_it)
}

/// Whether a sign-in names more than one account. No page does, and which one Kratos takes is not for a guess.
pub(super) fn names_several(kind: FlowKind, form: &Submission) -> bool {
    let mut names = sign_in_names(form);
    let first = names.next();
    kind == FlowKind::Login && names.any(|name| Some(name) != first)
}

fn sign_in_names(form: &Submission) -> impl Iterator<Item = String> {
    let pairs = form.0.iter();
    pairs
        .filter(|(name, _)| SIGN_IN_NAMES.contains(&name.as_str()))
        .map(|(_, value)| compared(value))
        .filter(|account| !account.is_empty())
}

/// The accounts that a form names. Of a name that is there many times the first and the last: Kratos takes one of them.
fn accounts(form: &Submission) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |values: &mut dyn DoubleEndedIterator<Item = &str>| {
        let (first, last) = (values.next(), values.next_back());
        for value in first.into_iter().chain(last) {
            let account = compared(value);
            if !account.is_empty() && !found.contains(&account) {
                found.push(account);
            }
        }
    };
    for name in NAMES {
        let pairs = form.0.iter().filter(|(it, _)| it == name);
        add(&mut pairs.map(|(_, value)| value.as_str()));
    }
    add(&mut trait_addresses(form));
    found
}

/// The addresses in the details of a person.
fn trait_addresses(form: &Submission) -> impl DoubleEndedIterator<Item = &str> {
    let pairs = form.0.iter().filter(|(name, _)| {
        name.starts_with("traits.") && matches!(Spelling::of(name), Spelling::Address)
    });
    pairs
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

/// The name of an account as Kratos compares it: letter by letter in the small one, as Go's `strings.ToLower` has it, for
/// which the first of those that Unicode makes of one is enough. Of a telephone number the digits, as Kratos' codes have it.
fn compared(name: &str) -> String {
    let small = |letter: char| letter.to_lowercase().next();
    let name: String = name.nfkc().filter_map(small).collect();
    let name = name.trim();
    let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')');
    let is_number = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || is_between(c));
    if name.strip_prefix('+').is_some_and(is_number) {
        name.replace(is_between, "")
    } else {
        name.to_owned()
    }
}
