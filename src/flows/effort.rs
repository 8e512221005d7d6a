//! What a posted form counts as: another mail, or another try. And for whom.

use unicode_normalization::UnicodeNormalization;

use crate::error::Error;
use crate::kratos::{Answer, Flow, FlowId, FlowKind, Outcome, Submission};
use crate::limit::{Key, Limit};
use crate::visit::Visit;

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

/// What a form wants, as far as that is limited.
pub(super) struct Effort {
    kind: FlowKind,
    wants: Wants,
    flow: Key,
    /// The accounts that the form names: none, one, or as many as somebody writes who wants to be counted as another.
    named: Vec<Key>,
    /// Whose account it is where the form names none: that of the session.
    own: Option<Key>,
    /// Who signs in, if somebody does.
    signs_in: Option<Key>,
    session: Option<Key>,
    /// What a code or a link is sent for: this flow, and the same errand in another.
    errands: Vec<Key>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// A code or a link in a mail.
    Mail,
    /// To get in by something that Kratos lets be guessed for ever.
    SecondFactor,
    /// To get in by a code that was mailed.
    Code,
    /// Anything else.
    Entry,
}

impl Effort {
    pub(super) fn of(visit: &Visit, kind: FlowKind, id: FlowId, form: &Submission) -> Self {
        let limits = visit.limits();
        let named: Vec<Key> = accounts(form).iter().map(|it| limits.key(it)).collect();
        let session = visit.session();
        let is_second_factor = visit.parameter("aal") == Some("aal2");
        let own = session.filter(|_| named.is_empty());
        let own = own.map(|it| limits.account(it).unwrap_or(it));
        let of = named.iter().copied().chain(own);
        let errand = |account| limits.key((kind, is_second_factor, account, visit.neighbourhood()));
        let flow = limits.key(id);
        Self {
            kind,
            wants: Wants::of(kind, form),
            flow,
            errands: std::iter::once(flow).chain(of.map(errand)).collect(),
            named,
            own,
            signs_in: sign_in_names(form).next().map(|it| limits.key(it)),
            session,
        }
    }

    /// Counts it, before Kratos hears of it.
    ///
    /// # Errors
    /// [`Error::TooMany`], where it is one too many.
    pub(super) fn count(&self, visit: &Visit) -> Result<(), Error> {
        let here = |account: &Key| visit.limits().key((account, visit.neighbourhood()));
        let accounts = || self.named.iter().copied().chain(self.own);
        match self.wants {
            Wants::Mail => {
                visit.count_here(Limit::Sends)?;
                for account in accounts() {
                    visit.count(Limit::AccountSends, here(&account))?;
                    visit.count(Limit::AccountSendsEverywhere, account)?;
                }
            }
            Wants::SecondFactor => {
                visit.count_here(Limit::Attempts)?;
                let account = self.session.and_then(|it| visit.limits().account(it));
                for key in [Some(self.flow), self.session, account]
                    .into_iter()
                    .flatten()
                {
                    visit.count(Limit::SecondFactors, key)?;
                }
            }
            Wants::Code => {
                visit.count_here(Limit::Attempts)?;
                visit.count(Limit::AccountAttempts, self.flow)?;
                for account in accounts() {
                    visit.count(Limit::AccountAttempts, here(&account))?;
                }
            }
            Wants::Entry => {
                visit.count_here(Limit::Attempts)?;
                for account in &self.named {
                    visit.count(Limit::AccountAttempts, here(account))?;
                }
            }
        }
        Ok(())
    }

    /// Begins the time in which nothing else is mailed for this. `false` where one is not over yet.
    pub(super) fn begin_cool_down(&self, visit: &Visit) -> bool {
        self.wants != Wants::Mail || visit.limits().begin_cool_down(&self.errands)
    }

    /// Takes that back, because nothing was mailed.
    pub(super) fn end_cool_down(&self, visit: &Visit) {
        if self.wants == Wants::Mail {
            visit.limits().end_cool_down(&self.errands);
        }
    }

    /// Learns from the answer: whether a mail is on its way, and whose session a sign-in has begun.
    pub(super) fn learn(&self, visit: &Visit, answer: &Answer) {
        let is_mailed = |flow: &Flow| !flow.has_errors() && flow.was_mailed();
        let is_sent = matches!(&answer.outcome, Outcome::Form { flow, .. } if is_mailed(flow));
        if !is_sent {
            self.end_cool_down(visit);
        }
        if let (FlowKind::Login, Some(account), Some(session)) =
            (self.kind, self.signs_in, visit.session_begun_by(answer))
        {
            visit.limits().set_account(session, account);
        }
    }
}

impl Wants {
    fn of(kind: FlowKind, form: &Submission) -> Self {
        let is_given = |wanted: &str| {
            let mut pairs = form.0.iter();
            pairs.any(|(name, value)| name == wanted && !value.is_empty())
        };
        let mut pairs = form.0.iter();
        let is_by_code = pairs.any(|(name, value)| name == "method" && value == "code");
        match kind {
            FlowKind::Settings => Self::Entry,
            FlowKind::Login if is_given("totp_code") || is_given("lookup_secret") => {
                Self::SecondFactor
            }
            FlowKind::Login | FlowKind::Registration if is_given("resend") => Self::Mail,
            FlowKind::Login | FlowKind::Registration if is_by_code && !is_given("code") => {
                Self::Mail
            }
            FlowKind::Recovery | FlowKind::Verification if is_given("screen") => Self::Entry,
            FlowKind::Recovery | FlowKind::Verification if !is_given("code") => Self::Mail,
            FlowKind::Login
            | FlowKind::Registration
            | FlowKind::Recovery
            | FlowKind::Verification
                if is_given("code") =>
            {
                Self::Code
            }
            FlowKind::Login
            | FlowKind::Registration
            | FlowKind::Recovery
            | FlowKind::Verification => Self::Entry,
        }
    }
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
    let is_trait =
        |name: &str| name.starts_with("traits.") && name.to_ascii_lowercase().ends_with("email");
    let mut found = Vec::new();
    for name in NAMES.into_iter().map(Some).chain([None]) {
        let is_it = |it: &str| name.map_or_else(|| is_trait(it), |name| it == name);
        let mut values = form.0.iter().filter(|(it, _)| is_it(it));
        let (first, last) = (values.next(), values.next_back());
        for (_, value) in first.into_iter().chain(last) {
            let account = compared(value);
            if !account.is_empty() && !found.contains(&account) {
                found.push(account);
            }
        }
    }
    found
}

/// The name of an account as Kratos compares it.
fn compared(name: &str) -> String {
    let name: String = name.nfkc().flat_map(char::to_lowercase).collect();
    name.trim().to_owned()
}
