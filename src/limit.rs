//! How often the same may be asked for: by one address, for one account, in one session.
//!
//! Each limit is a [GCRA](https://docs.rs/governor): so many at once, and then one as soon as one is earned again. What is
//! counted is known by a keyed hash only, with a key that is made at the start; nothing of it can be read back. All of it
//! lives in this process: each replica counts for itself, and a new start forgets.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};
use tokio::time::timeout;

/// So many keys are remembered for each limit, 16 bytes each: with the room that a hash map keeps, 1.1 MB. All seven limits
/// take 8 MB at most, what else is remembered here 6 MB.
pub const MAX_KEYS: usize = 50_000;
/// Full tables are not looked through for what is over more often.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);
/// As long as Kratos' sessions last where nothing else is set. After that nobody is asked for their second factor.
const HALF_A_SIGN_IN: Duration = Duration::from_secs(24 * 60 * 60);
/// Requests whose steps fall on the same of so many places wait for each other.
const TURNS: usize = 256;
/// How long a request waits for another one that takes the same step.
const TURN_TIME: Duration = Duration::from_secs(2);
/// The finest that a rate can be told apart.
const MAX_COUNT: u32 = 1_000_000;

/// So many in a time, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Option<Quota>);

impl Rate {
    /// No limit.
    pub const NONE: Self = Self(None);
}

impl FromStr for Rate {
    type Err = String;

    /// Reads `30/m`: thirty at once, and thirty in a minute from then on. `s` and `h` are seconds and hours; `0` is no limit.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "0" {
            return Ok(Self::NONE);
        }
        let quota = || {
            let (count, unit) = text.split_once('/')?;
            let count: NonZeroU32 = count.parse().ok()?;
            let unit = match unit {
                "s" => Duration::from_secs(1),
                "m" => Duration::from_secs(60),
                "h" => Duration::from_secs(60 * 60),
                _ => return None,
            };
            if count.get() > MAX_COUNT {
                return None;
            }
            Some(Quota::with_period(unit / count.get())?.allow_burst(count))
        };
        let quota = quota().ok_or("a number for a second, minute or hour, as in 30/m; or 0")?;
        Ok(Self(Some(quota)))
    }
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumIter)]
pub enum Limit {
    /// New flows, and looks at Kratos' errors, of an address.
    #[strum(serialize = "LIMIT_FLOWS")]
    Flows,
    /// Forms that try something, of an address.
    #[strum(serialize = "LIMIT_ATTEMPTS")]
    Attempts,
    /// Codes and links mailed for an address.
    #[strum(serialize = "LIMIT_SENDS")]
    Sends,
    /// Passwords and codes for an account, of an address.
    #[strum(serialize = "LIMIT_ACCOUNT_ATTEMPTS")]
    AccountAttempts,
    /// Codes and links mailed to an account, for an address.
    #[strum(serialize = "LIMIT_ACCOUNT_SENDS")]
    AccountSends,
    /// Codes and links mailed to an account, whoever asks.
    #[strum(serialize = "LIMIT_ACCOUNT_SENDS_EVERYWHERE")]
    AccountSendsEverywhere,
    /// Codes of an app and backup codes, in a session and for an account.
    #[strum(serialize = "LIMIT_SECOND_FACTORS")]
    SecondFactors,
}

impl Limit {
    /// Returns all of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns the name of the setting, which is also what the log calls the limit.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How much is too much.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub flows: Rate,
    pub attempts: Rate,
    pub sends: Rate,
    pub account_attempts: Rate,
    pub account_sends: Rate,
    pub account_sends_everywhere: Rate,
    pub second_factors: Rate,
    /// How long after a code or a link nobody gets another for the same.
    pub cool_down: Duration,
}

/// The right to take a step of a sign-in alone, until it is dropped.
pub type Turn = tokio::sync::OwnedMutexGuard<()>;

/// What something is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u64);

/// So many seconds until it may be asked for again, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub u64);

/// All counts of a process.
#[derive(Debug)]
pub struct Limits {
    secret: RandomState,
    flows: Counter,
    attempts: Counter,
    sends: Counter,
    account_attempts: Counter,
    account_sends: Counter,
    account_sends_everywhere: Counter,
    second_factors: Counter,
    cool_down: Duration,
    sent: Memory<()>,
    accounts: Memory<Key>,
    /// The recipient that a step of a sign-in mails unasked, by the step. `None`: it mails nothing.
    unasked: Memory<Option<Key>>,
    /// The recipients of a change of a profile that waits for another sign-in, by its flow.
    waiting: Memory<Arc<[Key]>>,
    turns: [Arc<tokio::sync::Mutex<()>>; TURNS],
}

impl Limits {
    pub fn new(rates: Rates) -> Self {
        Self {
            secret: RandomState::new(),
            flows: Counter::new(rates.flows),
            attempts: Counter::new(rates.attempts),
            sends: Counter::new(rates.sends),
            account_attempts: Counter::new(rates.account_attempts),
            account_sends: Counter::new(rates.account_sends),
            account_sends_everywhere: Counter::new(rates.account_sends_everywhere),
            second_factors: Counter::new(rates.second_factors),
            cool_down: rates.cool_down,
            sent: Memory::default(),
            accounts: Memory::default(),
            unasked: Memory::default(),
            waiting: Memory::default(),
            turns: std::array::from_fn(|_| Arc::default()),
        }
    }

    /// What `of` is counted under. Only this process can tell, and not back.
    pub fn key(&self, of: impl Hash) -> Key {
        Key(self.secret.hash_one(of))
    }

    /// Counts one more.
    ///
    /// # Errors
    /// [`Wait`], where it is one too many. That one is not counted.
    pub fn count(&self, limit: Limit, key: Key) -> Result<(), Wait> {
        let counter = match limit {
            Limit::Flows => &self.flows,
            Limit::Attempts => &self.attempts,
            Limit::Sends => &self.sends,
            Limit::AccountAttempts => &self.account_attempts,
            Limit::AccountSends => &self.account_sends,
            Limit::AccountSendsEverywhere => &self.account_sends_everywhere,
            Limit::SecondFactors => &self.second_factors,
        };
        counter.count(key)
    }

    /// Takes back one of [`Limit::AccountSendsEverywhere`] that was counted for an account: nothing was mailed.
    pub fn give_back(&self, account: Key) {
        self.account_sends_everywhere.give_back(account);
    }

    /// Begins the time in which nothing else is sent under these keys. `false` where such a time is not over yet for one of
    /// them. Asked before something is sent, so that of two requests at once only one gets it.
    pub fn begin_cool_down(&self, keys: &[Key]) -> bool {
        self.cool_down.is_zero() || self.sent.try_set_all(keys, self.cool_down)
    }

    /// Takes that back: nothing was sent.
    pub fn end_cool_down(&self, keys: &[Key]) {
        self.sent.forget(keys);
    }

    /// Remembers whose session it is, for the second half of the sign-in, which does not say so.
    pub fn set_account(&self, session: Key, account: Key) {
        self.accounts.set(session, account, HALF_A_SIGN_IN);
    }

    /// Remembers for a day what a step of a sign-in mails unasked.
    pub fn set_unasked(&self, step: Key, recipient: Option<Key>) {
        self.unasked.set(step, recipient, HALF_A_SIGN_IN);
    }

    /// Returns what a step of a sign-in mails unasked, if this process knows.
    pub fn unasked(&self, step: Key) -> Option<Option<Key>> {
        self.unasked.get(step)
    }

    /// Waits until no other request takes the same step. So the first one learns whether it mails, and
    /// the others are counted. After a while the request goes on without: Kratos may be slow.
    pub async fn turn(&self, step: Key) -> Option<Turn> {
        // Without this limit there is nothing to be exceeded.
        self.account_sends_everywhere.limiter.as_ref()?;
        let Key(hash) = step;
        let turn = self.turns.get(hash as usize % TURNS)?;
        timeout(TURN_TIME, Arc::clone(turn).lock_owned()).await.ok()
    }

    /// Remembers for a day who is mailed once a change is made that waits for another sign-in.
    pub fn set_waiting(&self, flow: Key, recipients: Arc<[Key]>) {
        self.waiting.set(flow, recipients, HALF_A_SIGN_IN);
    }

    /// Returns who is mailed by a change that waits, and forgets it.
    pub fn take_waiting(&self, flow: Key) -> Option<Arc<[Key]>> {
        let recipients = self.waiting.get(flow);
        self.waiting.forget(&[flow]);
        recipients
    }

    /// Whose session it is, as far as this process knows.
    pub fn account(&self, session: Key) -> Option<Key> {
        self.accounts.get(session)
    }
}

/// What one line to the network may have for itself: of IPv6 that is a /64.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

type Limiter = RateLimiter<Key, Counts, DefaultClock, StateInformationMiddleware>;

/// One limit.
#[derive(Debug)]
struct Counter {
    /// With the time in which one is earned again.
    limiter: Option<(Limiter, Duration)>,
    counts: Counts,
    swept: Mutex<Instant>,
}

impl Counter {
    fn new(Rate(quota): Rate) -> Self {
        let counts = Counts::default();
        Self {
            limiter: quota.map(|quota| {
                let limiter = Limiter::new(quota, counts.clone(), DefaultClock::default());
                (limiter, quota.replenish_interval())
            }),
            counts,
            swept: Mutex::new(Instant::now()),
        }
    }

    fn count(&self, key: Key) -> Result<(), Wait> {
        let Some((limiter, _)) = &self.limiter else {
            return Ok(());
        };
        if limiter.len() >= MAX_KEYS && is_due(&mut lock(&self.swept)) {
            limiter.retain_recent();
        }
        let counted = limiter.check_key(&key).map(drop);
        counted.map_err(|not_until| wait(not_until.wait_time_from(limiter.clock().now())))
    }

    fn give_back(&self, key: Key) {
        if let Some((_, interval)) = &self.limiter {
            self.counts.give_back(key, (*interval).into());
        }
    }
}

impl Counts {
    /// Undoes one count. `interval` is the time that one count is worth.
    fn give_back(&self, key: Key, interval: Nanos) {
        let mut table = lock(&self.0);
        let Table { known, others } = &mut *table;
        if let Some(count) = known.get_mut(&key).or(others.as_mut()) {
            *count = count.saturating_sub(interval);
        }
    }
}

fn wait(time: Duration) -> Wait {
    Wait(time.as_secs_f64().ceil().max(1.0) as u64)
}

/// The counts of a limit, of which there are at most [`MAX_KEYS`]. For whoever comes when all are in use there is one in common.
#[derive(Debug, Clone, Default)]
struct Counts(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    known: HashMap<Key, Nanos>,
    others: Option<Nanos>,
}

impl StateStore for Counts {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut table = lock(&self.0);
        let count = table.known.get(key).copied();
        if count.is_some() || table.known.len() < MAX_KEYS {
            let (answer, count) = decide(count)?;
            table.known.insert(*key, count);
            Ok(answer)
        } else {
            let (answer, count) = decide(table.others)?;
            table.others = Some(count);
            Ok(answer)
        }
    }
}

impl ShrinkableKeyedStateStore<Key> for Counts {
    fn retain_recent(&self, drop_below: Nanos) {
        lock(&self.0).known.retain(|_, count| *count > drop_below);
    }

    fn len(&self) -> usize {
        lock(&self.0).known.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What is remembered for a while, of [`MAX_KEYS`] keys at most: where there are more, any is forgotten.
#[derive(Debug)]
struct Memory<V>(Mutex<Remembered<V>>);

#[derive(Debug)]
struct Remembered<V> {
    until: HashMap<Key, (V, Instant)>,
    swept: Instant,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self(Mutex::new(Remembered {
            until: HashMap::new(),
            swept: Instant::now(),
        }))
    }
}

impl<V: Clone> Memory<V> {
    fn get(&self, key: Key) -> Option<V> {
        lock(&self.0).get(key)
    }

    fn set(&self, key: Key, value: V, time: Duration) {
        lock(&self.0).set(key, value, time);
    }

    fn forget(&self, keys: &[Key]) {
        let mut remembered = lock(&self.0);
        for key in keys {
            remembered.until.remove(key);
        }
    }
}

impl Memory<()> {
    /// Remembers all of them, if none is remembered yet.
    fn try_set_all(&self, keys: &[Key], time: Duration) -> bool {
        let mut remembered = lock(&self.0);
        let is_free = keys.iter().all(|key| remembered.get(*key).is_none());
        if is_free {
            for key in keys {
                remembered.set(*key, (), time);
            }
        }
        is_free
    }
}

impl<V: Clone> Remembered<V> {
    fn get(&self, key: Key) -> Option<V> {
        let (value, until) = self.until.get(&key)?;
        (*until > Instant::now()).then(|| value.clone())
    }

    fn set(&mut self, key: Key, value: V, time: Duration) {
        let now = Instant::now();
        if self.until.len() >= MAX_KEYS && is_due(&mut self.swept) {
            self.until.retain(|_, (_, until)| *until > now);
        }
        if self.until.len() >= MAX_KEYS {
            let any = self.until.keys().next().copied();
            any.and_then(|any| self.until.remove(&any));
        }
        self.until.insert(key, (value, now + time));
    }
}

/// Whether it is time to look through a full table once more.
fn is_due(swept: &mut Instant) -> bool {
    let is_due = swept.elapsed() >= BETWEEN_SWEEPS;
    if is_due {
        *swept = Instant::now();
    }
    is_due
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves a table whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
