//! What a form costs: another mail, or another try. And whose.
//!
//! [`Cost`] is the decision, as data. [`Effort`] counts it.

use crate::error::Error;
use crate::kratos::{
    Answer, Flow, FlowKind, Form, Group, Level, Next, Outcome, State, is_telephone_number,
    lower_case,
};
use crate::limit::{Key, Limit, Turn};
use crate::visit::Visit;

/// What a form makes Kratos do, as far as that is limited.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cost {
    mail: Mail,
    /// The accounts that are mailed. Empty where it is the account of the session.
    recipients: Vec<Account>,
    /// The account whose password or key is tried.
    tried: Option<Account>,
    /// Whether a mailed code is tried.
    code: bool,
    /// Whether a code of an app or a backup code is tried. Kratos lets them be guessed for ever.
    second_factor: bool,
    /// The account that a session belongs to that the answer begins.
    signs_in: Option<Account>,
}

/// Whether Kratos sends a code or a link for a form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mail {
    #[default]
    None,
    /// As a part of something else, if that succeeds.
    Perhaps,
    /// It is what the form asks for.
    Asked,
}

/// An account by the name that Kratos finds it by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Account(String);

/// The fewest digits of a telephone number.
const TELEPHONE_DIGITS: usize = 7;
/// So many digits at the end of a national number tell it from others of its country. What stands
/// before them can be written in several ways: with a trunk prefix, with the code of a carrier.
const NATIONAL_DIGITS: usize = 10;

impl Account {
    /// The account that Kratos finds by this text where it compares texts: in small letters and
    /// without spaces around them (`NormalizeIdentifier`, persistence/sql/identity of ory/kratos).
    fn named(text: &str) -> Option<Self> {
        let name = lower_case(text.trim());
        (!name.is_empty()).then_some(Self(name))
    }

    /// The same where it takes a telephone number however it is written (`GracefulNormalization`,
    /// x/normalize.go of ory/kratos).
    fn reached_at(text: &str) -> Option<Self> {
        let name = Self::named(text)?;
        if !name.0.starts_with('+') || name.0.contains('@') {
            return Some(name);
        }
        let digits: String = name.0.chars().filter(char::is_ascii_digit).collect();
        let (country, national) = digits.split_at(country_digits(&digits).min(digits.len()));
        let national = national.trim_start_matches('0');
        let start = national.len().saturating_sub(NATIONAL_DIGITS);
        Some(Self(format!("+{country} {}", &national[start..])))
    }
}

/// Returns how many of the first digits of a telephone number are the code of its country (ITU-T
/// E.164, annex to the operational bulletin).
fn country_digits(digits: &str) -> usize {
    let first: Vec<u8> = digits.bytes().take(2).collect();
    match first.as_slice() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7']
        | [b'3', b'0'..=b'4' | b'6' | b'9']
        | [b'4', b'0' | b'1' | b'3'..=b'9']
        | [b'5', b'1'..=b'8']
        | [b'6', b'0'..=b'6']
        | [b'8', b'1' | b'2' | b'4' | b'6']
        | [b'9', b'0'..=b'5' | b'8'] => 2,
        _ => 3,
    }
}

/// Whether Kratos might take a text for a telephone number that is written in a way of its own:
/// with words around it, with an extension, or with letters for digits, as on the keys of a
/// telephone. One number has too many of them to be counted.
fn is_odd_telephone_number(text: &str) -> bool {
    if text.contains(";phone-context=") {
        return true;
    }
    let Some(at) = text.find(['+', '\u{ff0b}']) else {
        return false;
    };
    let has_digits = text[at..].contains(char::is_numeric);
    let length = text[at..].chars().filter(|c| c.is_alphanumeric()).count();
    let is_number = has_digits && length >= TELEPHONE_DIGITS;
    is_number && !text.contains('@') && !is_telephone_number(text)
}

/// Whether a form names an account in a way that is not for a guess.
pub(super) fn is_odd(flow: &Flow, form: &Form) -> bool {
    let asked = recipients(flow, form).into_iter().flatten();
    let messaged = form.messaged.iter().map(String::as_str);
    let is_by_number = matches!(form.method, Some(Group::Code | Group::IdentifierFirst));
    let names = ["identifier", "address"]
        .into_iter()
        .filter(|_| is_by_number);
    let named = names.filter_map(|name| form.get(name));
    asked
        .chain(messaged)
        .chain(named)
        .any(is_odd_telephone_number)
}

impl Cost {
    fn of(flow: &Flow, form: &Form) -> Self {
        let is_by = |method: &Group| form.method.as_ref() == Some(method);
        let (asked, code) = (recipients(flow, form), tries_code(flow, form));
        let perhaps = match flow.kind {
            FlowKind::Settings => !form.messaged.is_empty(),
            // The address that a code was typed for is confirmed by it.
            FlowKind::Registration => form.messaged.len() > usize::from(code),
            // With a code as the only way in, Kratos 26.2 mails it at once.
            FlowKind::Login => is_by(&Group::IdentifierFirst) && !flow.was_mailed(),
            FlowKind::Recovery | FlowKind::Verification => false,
        };
        let mail = match (&asked, perhaps) {
            (Some(_), _) => Mail::Asked,
            (None, true) => Mail::Perhaps,
            (None, false) => Mail::None,
        };
        // Beside a code Kratos goes by the address first (`loginVerifyCode`, strategy_login.go).
        let address = form.get("address").filter(|_| code);
        let identifier = address.or_else(|| form.get("identifier"));
        let identifier = identifier.filter(|_| flow.kind == FlowKind::Login);
        let recipients = match mail {
            Mail::None => Vec::new(),
            Mail::Asked | Mail::Perhaps => {
                let own = identifier.filter(|_| mail == Mail::Perhaps);
                let asked = asked.into_iter().flatten().chain(own);
                let all = asked.chain(form.messaged.iter().map(String::as_str));
                each_once(all.filter_map(Account::reached_at))
            }
        };
        let is_login = flow.kind == FlowKind::Login;
        let is_by_number = is_by(&Group::Code) || is_by(&Group::IdentifierFirst);
        let account = identifier.and_then(if is_by_number {
            Account::reached_at
        } else {
            Account::named
        });
        let is_first = flow.level == Level::Aal1;
        let is_told = is_by(&Group::Password) || (is_by(&Group::Code) && is_first);
        let signs_in = match flow.kind {
            FlowKind::Login => account.clone().filter(|_| is_told),
            FlowKind::Recovery if code => recovered(flow),
            FlowKind::Recovery
            | FlowKind::Registration
            | FlowKind::Verification
            | FlowKind::Settings => None,
        };
        Self {
            mail,
            recipients,
            signs_in,
            tried: account.filter(|_| mail != Mail::Asked),
            code,
            second_factor: is_login && (is_by(&Group::Totp) || is_by(&Group::LookupSecret)),
        }
    }
}

/// The account that a code recovers: that of the address that the code was sent to. The form may name
/// another one, which Kratos does not look at.
fn recovered(flow: &Flow) -> Option<Account> {
    let mut names = ["email", "recovery_confirm_address"].into_iter();
    let held = names.find_map(|name| flow.value(name));
    held.and_then(Account::named)
}

fn each_once(accounts: impl Iterator<Item = Account>) -> Vec<Account> {
    let mut found = Vec::new();
    for account in accounts {
        if !found.contains(&account) {
            found.push(account);
        }
    }
    found
}

/// The addresses that a form asks Kratos to send a code or a link to. `None` where it asks for
/// none, and no address where it is the one of the session. Kratos' strategies `code` and `link`
/// decide it by the state of the flow and by what the form holds.
fn recipients<'a>(flow: &Flow, form: &'a Form) -> Option<Vec<&'a str>> {
    let is_by_code = form.method == Some(Group::Code);
    let is_resend = form
        .get("resend")
        .is_some_and(|it| it.eq_ignore_ascii_case("code"));
    let only = |name: &str| form.get(name).map(|address| vec![address]);
    match flow.kind {
        FlowKind::Settings => None,
        FlowKind::Login if is_by_code && (is_resend || !flow.was_mailed()) => {
            let address = form.get("identifier").or_else(|| form.get("address"));
            Some(address.into_iter().collect())
        }
        FlowKind::Registration if is_by_code && (is_resend || !flow.was_mailed()) => {
            Some(form.messaged.iter().map(String::as_str).collect())
        }
        FlowKind::Login | FlowKind::Registration => None,
        FlowKind::Verification if form.get("code").is_some() => None,
        FlowKind::Verification => only("email"),
        FlowKind::Recovery => match flow.state {
            State::RecoveryAwaitingAddress | State::RecoveryAwaitingAddressChoice => {
                only("recovery_address")
            }
            State::RecoveryConfirmingAddress => only("recovery_confirm_address"),
            State::RecoveryAwaitingCode if form.get("code").is_none() => {
                only("recovery_confirm_address")
            }
            State::RecoveryAwaitingCode => None,
            State::ChooseMethod
            | State::SentEmail
            | State::PassedChallenge
            | State::ShowForm
            | State::Success
            | State::Unknown => only("email"),
        },
    }
}

/// Whether Kratos compares a code with those that it mailed, also where the form holds none.
fn tries_code(flow: &Flow, form: &Form) -> bool {
    let has_code = form.get("code").is_some();
    match flow.kind {
        FlowKind::Settings => false,
        FlowKind::Login | FlowKind::Registration => {
            form.method == Some(Group::Code) && recipients(flow, form).is_none()
        }
        FlowKind::Verification => has_code,
        FlowKind::Recovery => flow.was_mailed() && (has_code || recipients(flow, form).is_none()),
    }
}

/// A cost, under the keys that it is counted by.
pub(super) struct Effort {
    kind: FlowKind,
    cost: Cost,
    flow: Key,
    recipients: Vec<Key>,
    tried: Option<Key>,
    step: Option<Step>,
    /// Whose account it is where the form names none: that of the session.
    own: Option<Key>,
    signs_in: Option<Key>,
    session: Option<Key>,
    /// Whose session it is, as far as this process knows.
    known: Option<Key>,
    /// What a code or a link is sent for: this flow, and the same errand in another.
    errands: Vec<Key>,
    /// Held until it is known whether the step mails.
    _turn: Option<Turn>,
}

/// A step of a sign-in that may mail although the form does not ask for it. Kratos 26.2 mails a code
/// that is the only way in, and a code for an address that is not confirmed.
#[derive(Debug, Clone, Copy)]
struct Step {
    key: Key,
    account: Key,
    /// Who is mailed, if this process has seen it.
    mails: Option<Option<Key>>,
}

impl Effort {
    /// Reads what a form costs. It waits while another request takes the same step, unless it is known
    /// what the step mails.
    pub(super) async fn of(visit: &Visit, flow: &Flow, form: &Form) -> Self {
        let effort = Self::now(visit, flow, form);
        // An account that mails nothing may have another address by now.
        let step = effort.step.filter(|step| step.mails.flatten().is_none());
        let Some(step) = step else {
            return effort;
        };
        let turn = visit.limits().turn(step.key).await;
        Self {
            _turn: turn,
            ..Self::now(visit, flow, form)
        }
    }

    fn now(visit: &Visit, flow: &Flow, form: &Form) -> Self {
        let limits = visit.limits();
        let mut cost = Cost::of(flow, form);
        let key = |account: &Account| limits.key(account);
        let tried = cost.tried.as_ref().map(key);
        let mut recipients: Vec<Key> = cost.recipients.iter().map(key).collect();
        let step = cost.step(flow.kind).zip(tried).map(|(step, account)| {
            let key = limits.key((step, account));
            let mails = limits.unasked(key);
            Step {
                key,
                account,
                mails,
            }
        });
        if let Some(step) = step {
            // An account whose mails are used up can still take a step that mails nothing.
            recipients = step.mails.flatten().into_iter().collect();
            cost.mail = if recipients.is_empty() {
                Mail::None
            } else {
                Mail::Perhaps
            };
        }
        let session = visit.session();
        let known = session.and_then(|it| limits.account(it));
        let is_named = !recipients.is_empty() || cost.tried.is_some();
        let own = known.or(session).filter(|_| !is_named);
        let of = recipients.iter().copied().chain(own);
        let level = flow.level == Level::Aal2;
        let errand = |account| limits.key((flow.kind, level, account, visit.neighbourhood()));
        let of_flow = limits.key(flow.id);
        Self {
            kind: flow.kind,
            flow: of_flow,
            errands: std::iter::once(of_flow).chain(of.map(errand)).collect(),
            tried,
            step,
            signs_in: cost.signs_in.as_ref().map(key),
            recipients,
            own,
            session,
            known,
            cost,
            _turn: None,
        }
    }

    /// Counts it, before Kratos hears of it.
    ///
    /// # Errors
    /// [`Error::TooMany`], where it is one too many. Then nothing is mailed.
    pub(super) fn count(&self, visit: &Visit) -> Result<(), Error> {
        let here = |account: &Key| visit.limits().key((account, visit.neighbourhood()));
        if self.cost.second_factor {
            let keys = [Some(self.flow), self.session, self.known];
            for key in keys.into_iter().flatten() {
                visit.count(Limit::SecondFactors, key)?;
            }
        }
        if self.cost.code {
            visit.count(Limit::AccountAttempts, self.flow)?;
            if let Some(own) = &self.own {
                visit.count(Limit::AccountAttempts, here(own))?;
            }
        }
        if let Some(tried) = &self.tried {
            visit.count(Limit::AccountAttempts, here(tried))?;
        }
        if self.cost.mail == Mail::Perhaps && self.kind != FlowKind::Login {
            for account in &self.recipients {
                visit.count(Limit::AccountAttempts, here(account))?;
            }
        }
        if self.cost.mail != Mail::None {
            self.count_sends(visit)?;
            let mailed: Vec<Key> = self.mailed().collect();
            visit.reserve_mails(&mailed)?;
        }
        Ok(())
    }

    /// Counts the mails for where the browser is.
    fn count_sends(&self, visit: &Visit) -> Result<(), Error> {
        // A form that names no account may reach one all the same.
        for _ in 0..self.mailed().count().max(1) {
            visit.count_here(Limit::Sends)?;
        }
        for account in self.mailed() {
            let here = visit.limits().key((account, visit.neighbourhood()));
            visit.count(Limit::AccountSends, here)?;
        }
        Ok(())
    }

    /// The accounts that are mailed.
    fn mailed(&self) -> impl Iterator<Item = Key> {
        self.recipients.iter().copied().chain(self.own)
    }

    /// Takes back what was counted for mails, because none was sent. The limit of an account that
    /// holds for everybody counts mails only: a client that asks in vain uses up nothing of it.
    pub(super) fn give_back(&self, visit: &Visit) {
        if self.cost.mail != Mail::None {
            self.mailed().for_each(|account| visit.give_back(account));
        }
        self.end_cool_down(visit);
    }

    /// Begins the time in which nothing else is mailed for this. `false` where one is not over yet.
    pub(super) fn begin_cool_down(&self, visit: &Visit) -> bool {
        self.cost.mail != Mail::Asked || visit.limits().begin_cool_down(&self.errands)
    }

    /// Takes that back, because nothing was mailed.
    pub(super) fn end_cool_down(&self, visit: &Visit) {
        if self.cost.mail == Mail::Asked {
            visit.limits().end_cool_down(&self.errands);
        }
    }

    /// Learns from the answer: who is mailed, and whose session a sign-in has begun.
    pub(super) fn learn(&self, visit: &Visit, answer: &Answer) {
        let session = visit.session_begun_by(answer);
        let named = named(visit, answer);
        let step = self.step.map(|step| Taken {
            step,
            has_mailed: step_mails(answer, session.is_some()),
        });
        let is_mailed = match step {
            Some(taken) => taken.has_mailed == Some(true),
            None => is_mailed(self.cost.mail, &answer.outcome, session.is_some()),
        };
        if is_mailed {
            self.give_back_unnamed(visit, &named);
        } else {
            self.give_back(visit);
        }
        if let (Mail::Perhaps, Outcome::RefreshNeeded(_)) = (self.cost.mail, &answer.outcome) {
            // Kratos makes the change after another sign-in, and mails then.
            let recipients = self.recipients.as_slice().into();
            visit.limits().set_waiting(self.flow, recipients);
        }
        if self.kind == FlowKind::Login {
            self.count_unasked(visit, named, step);
        }
        // A second factor begins no other account's session than the one that there was.
        let is_second = self.kind == FlowKind::Login && (self.cost.second_factor || self.cost.code);
        let account = self.signs_in.or(self.known.filter(|_| is_second));
        if let (Some(account), Some(session)) = (account, session) {
            visit.limits().set_account(session, account);
        }
    }

    /// Counts the mails of a sign-in that were not counted before, and learns who is mailed by its
    /// step. Such a mail is sent already: a limit that it exceeds holds for the next.
    fn count_unasked(&self, visit: &Visit, mut mailed: Vec<Key>, taken: Option<Taken>) {
        if let Some(Taken {
            step,
            has_mailed: Some(has_mailed),
        }) = taken
        {
            if has_mailed && mailed.is_empty() {
                mailed.push(step.account);
            }
            let recipient = mailed.first().copied();
            visit.limits().set_unasked(step.key, recipient);
        }
        let uncounted = mailed.iter().filter(|it| !self.recipients.contains(it));
        uncounted.for_each(|recipient| visit.count_sent(*recipient));
    }

    /// Takes back what was counted for addresses that Kratos does not mail, if it names those that
    /// it does.
    fn give_back_unnamed(&self, visit: &Visit, named: &[Key]) {
        if self.cost.mail == Mail::Perhaps && !named.is_empty() {
            let others = self.recipients.iter().filter(|it| !named.contains(it));
            others.for_each(|account| visit.give_back(*account));
        }
    }
}

/// A step of a sign-in, and whether it has mailed, if the answer tells.
#[derive(Debug, Clone, Copy)]
struct Taken {
    step: Step,
    has_mailed: Option<bool>,
}

/// The accounts whose addresses an answer of Kratos names as mailed.
fn named(visit: &Visit, answer: &Answer) -> Vec<Key> {
    let addresses = answer.to_confirm.iter();
    let accounts = addresses.filter_map(|it| Account::reached_at(&it.address));
    accounts
        .map(|account| visit.limits().key(account))
        .collect()
}

/// Whether a step of a sign-in has mailed. `None` if the answer does not tell, as for a wrong password.
/// `is_begun`: it begins a session.
fn step_mails(answer: &Answer, is_begun: bool) -> Option<bool> {
    if !answer.to_confirm.is_empty() {
        return Some(true);
    }
    let is_verification = |next: &Next| matches!(next, Next::Flow(FlowKind::Verification, _));
    match &answer.outcome {
        Outcome::Continue(next) => Some(next.iter().any(is_verification)),
        Outcome::Form { flow, .. } if !flow.has_errors() => Some(flow.was_mailed()),
        Outcome::Finished { .. } => Some(false),
        Outcome::Leave(_) | Outcome::AlreadySignedIn => is_begun.then_some(false),
        _ => None,
    }
}

impl Cost {
    /// The step of a sign-in that may mail although the form does not ask for it.
    fn step(&self, kind: FlowKind) -> Option<&'static str> {
        match (kind, self.mail) {
            (FlowKind::Login, Mail::Perhaps) => Some("identifier"),
            (FlowKind::Login, Mail::None) if self.signs_in.is_some() && !self.code => {
                Some("password")
            }
            _ => None,
        }
    }
}

/// Whether an answer of Kratos says that something may be on its way. `is_begun`: it begins a session.
fn is_mailed(mail: Mail, outcome: &Outcome, is_begun: bool) -> bool {
    match (mail, outcome) {
        (Mail::None, _) => false,
        (Mail::Asked | Mail::Perhaps, Outcome::Form { flow, .. }) => {
            let is_saved = mail == Mail::Perhaps && flow.kind == FlowKind::Settings;
            !flow.has_errors() && (is_saved || flow.was_mailed())
        }
        (Mail::Asked | Mail::Perhaps, Outcome::Finished { .. } | Outcome::Continue(_)) => true,
        // The way to a provider, or the end of a sign-up for an application.
        (Mail::Perhaps, Outcome::Leave(_) | Outcome::AlreadySignedIn) => is_begun,
        (Mail::Asked | Mail::Perhaps, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kratos::{Ask, Head, Submission, Traits, read};

    const LEVEL_2: &str = "aal2";

    fn flow(kind: FlowKind, state: &str, level: &str) -> Box<Flow> {
        let input = |name: &str| {
            let attributes = json!({"node_type": "input", "name": name, "type": "email"});
            json!({"type": "input", "group": "default", "attributes": attributes})
        };
        let body = json!({
            "id": "90f5b905-3161-4fa3-b8c7-5014e2768ed6", "state": state, "requested_aal": level,
            "ui": {
                "action": format!("http://kratos.test/self-service/{}?flow=x", kind.name()),
                "nodes": [input("traits.email")],
            },
        });
        let head = Head {
            status: 200,
            ..Head::default()
        };
        match read(Ask::Get(kind), &head, body.to_string().as_bytes()) {
            Outcome::Form { flow, .. } => flow,
            outcome => panic!("no form: {outcome:?}"),
        }
    }

    /// What a form costs: mails, to whom, and tries of a code, of an account and of a second factor.
    fn cost(flow: &Flow, pairs: &[(&str, &str)]) -> (Mail, Vec<String>, [bool; 3]) {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let traits = Traits::of_fields(flow);
        let form = Form::read(flow, &traits, &Submission(pairs.collect())).expect("one meaning");
        let cost = Cost::of(flow, &form);
        let recipients = cost.recipients.into_iter().map(|it| it.0).collect();
        (
            cost.mail,
            recipients,
            [cost.code, cost.tried.is_some(), cost.second_factor],
        )
    }

    #[test]
    fn a_form_costs_what_kratos_does_with_it() {
        use FlowKind::{Login, Recovery, Registration, Settings, Verification};
        let (first, sent) = ("choose_method", "sent_email");
        let by_code = ("method", "code");
        let taro = ("identifier", "taro@x.test");
        let mail = ("email", "taro@x.test");
        let code = ("code", "123456");
        let (none, perhaps, asked) = (Mail::None, Mail::Perhaps, Mail::Asked);
        let to = &["taro@x.test"][..];
        for (kind, state, level, form, wanted, recipients, tries) in [
            (
                Login,
                first,
                "aal1",
                &[by_code, taro][..],
                asked,
                to,
                [false, false, false],
            ),
            // In the first step Kratos does not look at a code.
            (
                Login,
                first,
                "aal1",
                &[by_code, taro, code],
                asked,
                to,
                [false, false, false],
            ),
            (
                Login,
                sent,
                "aal1",
                &[by_code, taro, code],
                none,
                &[],
                [true, true, false],
            ),
            (
                Login,
                sent,
                "aal1",
                &[by_code, taro],
                none,
                &[],
                [true, true, false],
            ),
            (
                Login,
                sent,
                "aal1",
                &[by_code, taro, ("resend", "CODE")],
                asked,
                to,
                [false; 3],
            ),
            (
                Login,
                sent,
                "aal1",
                &[by_code, taro, ("resend", "x")],
                none,
                &[],
                [true, true, false],
            ),
            (
                Login,
                first,
                LEVEL_2,
                &[("address", "taro@x.test")],
                asked,
                to,
                [false; 3],
            ),
            (Login, first, LEVEL_2, &[by_code], asked, &[], [false; 3]),
            (
                Login,
                first,
                "aal1",
                &[("method", "password"), taro],
                none,
                &[],
                [false, true, false],
            ),
            (
                Login,
                first,
                LEVEL_2,
                &[("method", "totp"), ("totp_code", "")],
                none,
                &[],
                [false, false, true],
            ),
            (
                Login,
                first,
                "aal1",
                &[("method", "identifier_first"), taro],
                perhaps,
                to,
                [false, true, false],
            ),
            (
                Recovery,
                first,
                "aal1",
                &[by_code, mail],
                asked,
                to,
                [false; 3],
            ),
            (
                Recovery,
                sent,
                "aal1",
                &[by_code, mail, code],
                asked,
                to,
                [true, false, false],
            ),
            (
                Recovery,
                sent,
                "aal1",
                &[by_code],
                none,
                &[],
                [true, false, false],
            ),
            (
                Verification,
                sent,
                "aal1",
                &[by_code, mail, code],
                none,
                &[],
                [true, false, false],
            ),
            (
                Verification,
                sent,
                "aal1",
                &[by_code, mail],
                asked,
                to,
                [false; 3],
            ),
            (
                Settings,
                "show_form",
                "aal1",
                &[("method", "profile"), ("traits.email", "taro@x.test")],
                perhaps,
                to,
                [false; 3],
            ),
            (
                Settings,
                "show_form",
                "aal1",
                &[("method", "password"), ("traits.email", "taro@x.test")],
                none,
                &[],
                [false; 3],
            ),
            (
                Registration,
                first,
                "aal1",
                &[by_code, ("traits.email", "taro@x.test")],
                asked,
                to,
                [false; 3],
            ),
            (
                Registration,
                first,
                "aal1",
                &[("method", "password"), ("traits.email", "taro@x.test")],
                perhaps,
                to,
                [false; 3],
            ),
        ] {
            let got = cost(&flow(kind, state, level), form);
            let recipients: Vec<String> = recipients.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(
                got,
                (wanted, recipients, tries),
                "{kind:?} {state} {form:?}"
            );
        }
    }

    #[test]
    fn an_account_is_named_as_kratos_compares_names() {
        let named = |text| Account::named(text).map(|it| it.0);
        assert_eq!(named(" Taro@X.test ").as_deref(), Some("taro@x.test"));
        // Of this letter Go makes one letter, and Unicode two.
        assert_eq!(named("jİro").as_deref(), Some("jiro"));
        assert_eq!(named(" \u{3000}"), None);
        for (one, other) in [("ｔａｒｏ", "taro"), ("ﬁ", "fi"), ("Ⅳ", "iv")] {
            assert_ne!(named(one), named(other));
        }
    }

    #[test]
    fn a_telephone_number_is_one_account_with_and_without_a_trunk_prefix() {
        let spellings = ["+819012345678", "+81 (0) 90-1234-5678", "+81.090.1234.5678"];
        let [one, rest @ ..] = spellings.map(Account::reached_at);
        assert!(one.is_some() && rest.iter().all(|it| *it == one));
        for other in [
            "+819012345679",
            "+818012345678",
            "+19012345678",
            "+449012345678",
        ] {
            assert_ne!(one, Account::reached_at(other), "{other}");
        }
        assert_ne!(one, Account::reached_at("a+819012345678@x.test"));
    }

    #[test]
    fn only_what_kratos_could_take_for_a_telephone_number_is_odd() {
        for odd in [
            "tel:+819012345678",
            "+819012345678 ext. 7",
            "090;phone-context=+81",
            "+81901ADGJMPT",
            "+819012DGJMPT",
            "＋８１９０１ＡＤＧＪＭＰＴ",
            "call +1212JJJ1ADG",
        ] {
            assert!(is_odd_telephone_number(odd), "{odd}");
        }
        for plain in [
            "+81 90-1234",
            "taro",
            "c++",
            "c++developer",
            "a+1",
            "taro+819012345678@x.test",
        ] {
            assert!(!is_odd_telephone_number(plain), "{plain}");
        }
    }
}
