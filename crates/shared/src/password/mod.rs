//! Password hashes: Argon2id in PHC strings, a few at a time, on threads that stand back behind all others; who waits for one
//! is served in turn by client address.
//!
//! What is hashed is the text in Unicode's normalization form C: one device sends `é` as one character, another as two.

mod line;
mod turns;

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    thread,
    time::Instant,
};

pub use line::Party;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use prometheus::Histogram;
use tokio::sync::oneshot;
use turns::{Permit, Turns};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::random::{SharedRandomness, bytes};

/// Cost of a password hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl PasswordCost {
    /// OWASP's minimum: 19 MiB, two passes, one lane.
    pub const STANDARD: Self = Self {
        memory_kib: 19_456,
        passes: 2,
    };
    /// For tests only.
    pub const CHEAP: Self = Self {
        memory_kib: 8,
        passes: 1,
    };

    fn argon2(self) -> Result<Argon2<'static>, PasswordError> {
        let params =
            Params::new(self.memory_kib, self.passes, 1, None).map_err(PasswordError::of)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting already; try again in a moment.
    #[error("too many passwords are being checked")]
    OverCapacity,
    /// It is empty, or longer than [`MAX_PASSWORD_BYTES`].
    #[error("a password has 1 to {MAX_PASSWORD_BYTES} bytes")]
    Length,
    /// The hash is unreadable or its parameters are impossible.
    #[error("password hash: {0}")]
    Broken(String),
}

impl PasswordError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Longest password, in bytes of UTF-8 as it was sent; the shortest has one.
pub const MAX_PASSWORD_BYTES: usize = 1_024;

/// The bytes of a password that are hashed; `None` if it is empty or too long, which is found out before any work is done.
fn normalized(password: &str) -> Option<Cow<'_, str>> {
    if !(1..=MAX_PASSWORD_BYTES).contains(&password.len()) {
        return None;
    }
    if is_nfc(password) {
        return Some(Cow::Borrowed(password));
    }
    Some(Cow::Owned(password.nfc().collect()))
}

/// Whether a password fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Right,
    /// It does, but the stored hash was made with other parameters and should be made anew.
    RightButOutdated,
    /// It does not, or there was nothing to compare it with.
    Wrong,
}

/// Memory that hashes may take together; each takes the memory of its cost.
const MEMORY_KIB: u32 = 256 * 1024;
/// So many may wait, however quick hashes are.
const MOST_WAITING: usize = 1_000;
/// How far the threads of hashes stand back (`nice`): whatever else has work goes first, and nearly all the time of the
/// processors is theirs when nothing else has.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// How many hashes are made at a time, and how many may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Hashes at a time, at least 1.
    pub running: usize,
    /// Most that may wait for their turn; fewer, where so many could not be served in time.
    pub waiting: usize,
}

impl Capacity {
    /// As many as there are processors, by threads that stand back; memory for hashes is bounded.
    #[must_use]
    pub fn of_this_machine(cost: PasswordCost) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let by_memory = MEMORY_KIB / cost.memory_kib.max(1);
        let running = processors
            .min(usize::try_from(by_memory).unwrap_or(usize::MAX))
            .max(1);
        Self {
            running,
            waiting: MOST_WAITING,
        }
    }
}

/// Makes and checks password hashes. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    cost: PasswordCost,
    capacity: Capacity,
    randomness: SharedRandomness,
    turns: Arc<Turns>,
    /// Checked when there is no account, so that it takes as long as a wrong password.
    decoy: Arc<str>,
    /// Where the durations of hashes go, once somebody wants to know.
    durations: Arc<OnceLock<Histogram>>,
}

/// The right to make hashes now, one after the other. Others wait until it is dropped.
pub struct Turn<'a> {
    passwords: &'a Passwords,
    /// Goes to the thread that works: who stops waiting for a hash does not stop the hash.
    permit: Arc<Permit>,
}

impl Passwords {
    /// A hasher of the given cost, as busy as this machine can bear.
    ///
    /// # Errors
    /// [`PasswordError::Broken`] if the cost is impossible.
    pub fn new(cost: PasswordCost, randomness: SharedRandomness) -> Result<Self, PasswordError> {
        Self::with_capacity(cost, Capacity::of_this_machine(cost), randomness)
    }

    /// A hasher of the given cost and capacity.
    ///
    /// # Errors
    /// [`PasswordError::Broken`] if the cost is impossible.
    pub fn with_capacity(
        cost: PasswordCost,
        capacity: Capacity,
        randomness: SharedRandomness,
    ) -> Result<Self, PasswordError> {
        let began = Instant::now();
        let decoy = hash(cost, &bytes::<16>(randomness.as_ref()), "no such account")?;
        let took = began.elapsed();
        Ok(Self {
            cost,
            capacity,
            randomness,
            turns: Turns::new(capacity, took),
            decoy: decoy.into(),
            durations: Arc::default(),
        })
    }

    /// How many hashes there may be.
    #[must_use]
    pub const fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// How many wait for their turn now.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.turns.waiting()
    }

    /// Tells `histogram` from now on, in seconds, how long each hash took.
    pub fn observe_durations(&self, histogram: Histogram) {
        if self.durations.set(histogram).is_err() {
            log::debug!("the durations of hashes are observed already");
        }
    }

    /// Waits for a turn. Whoever needs the database for a password asks for the turn first: then a flood of passwords
    /// takes no more connections than there are turns.
    ///
    /// # Errors
    /// [`PasswordError::OverCapacity`], at once, if it would probably take too long; later, if it does, or if others who ask
    /// for less need the place.
    pub async fn turn(&self, party: &Party) -> Result<Turn<'_>, PasswordError> {
        let permit = self.turns.take(party).await?;
        Ok(Turn {
            passwords: self,
            permit: Arc::new(permit),
        })
    }

    /// The PHC string of `password` with a new salt.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, party: &Party, password: String) -> Result<String, PasswordError> {
        self.turn(party).await?.hash(password).await
    }

    /// [`Self::hash`] on this thread: for commands and tests.
    ///
    /// # Errors
    /// [`PasswordError::Length`], [`PasswordError::Broken`].
    pub fn hash_blocking(&self, password: &str) -> Result<String, PasswordError> {
        hash(self.cost, &bytes::<16>(self.randomness.as_ref()), password)
    }
}

impl Turn<'_> {
    /// As [`Passwords::hash`].
    ///
    /// # Errors
    /// [`PasswordError::Length`], [`PasswordError::Broken`].
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let salt = bytes::<16>(self.passwords.randomness.as_ref());
        let cost = self.passwords.cost;
        self.run(move || hash(cost, &salt, &password)).await
    }

    /// Compares `password` with a stored hash; with `None` it works as long and answers [`Verdict::Wrong`]. So does a
    /// password that nobody can have, without work.
    ///
    /// # Errors
    /// [`PasswordError::Broken`], [`PasswordError::OverCapacity`].
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Verdict, PasswordError> {
        let cost = self.passwords.cost;
        let decoy = Arc::clone(&self.passwords.decoy);
        self.run(move || {
            let text = stored.as_deref().unwrap_or(&decoy);
            let parsed = PasswordHash::new(text).map_err(PasswordError::of)?;
            let Some(normalized) = normalized(&password) else {
                return Ok(Verdict::Wrong);
            };
            let fits = |text: &str| {
                Argon2::default()
                    .verify_password(text.as_bytes(), &parsed)
                    .is_ok()
            };
            let right = fits(&normalized);
            // Hashes that were made before passwords were normalized fit the text as it was typed then. Which work is done
            // depends on what was typed alone, whatever fits.
            let right_as_typed = *normalized != password && fits(&password);
            let is_current = !right_as_typed && is_current(cost, &parsed);
            Ok(match stored {
                Some(_) if right && is_current => Verdict::Right,
                Some(_) if right || right_as_typed => Verdict::RightButOutdated,
                Some(_) | None => Verdict::Wrong,
            })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = Arc::clone(&self.permit);
        let (turns, durations) = (
            Arc::clone(&self.passwords.turns),
            Arc::clone(&self.passwords.durations),
        );
        let (reply, answer) = oneshot::channel();
        let timed = move || {
            stand_back();
            let began = Instant::now();
            let result = work();
            let took = began.elapsed();
            turns.note(took);
            if let Some(durations) = durations.get() {
                durations.observe(took.as_secs_f64());
            }
            drop(permit);
            if reply.send(result).is_err() {
                log::debug!("nobody waits for a hash any longer");
            }
        };
        // A thread of its own, for which making one is nothing: the runtime's could not be told to stand back.
        let thread = thread::Builder::new().name("password".to_owned());
        if let Err(error) = thread.spawn(timed) {
            log::error!("a thread for a password could not be started: {error}");
            return Err(PasswordError::OverCapacity);
        }
        answer.await.map_err(PasswordError::of)?
    }
}

/// Lets every other thread go first.
fn stand_back() {
    // Elsewhere it would be the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        log::debug!("a thread for passwords does not stand back: {error}");
    }
}

fn hash(cost: PasswordCost, salt: &[u8], password: &str) -> Result<String, PasswordError> {
    let normalized = normalized(password).ok_or(PasswordError::Length)?;
    let made = cost
        .argon2()?
        .hash_password_with_salt(normalized.as_bytes(), salt)
        .map_err(PasswordError::of)?;
    Ok(made.to_string())
}

fn is_current(cost: PasswordCost, stored: &PasswordHash) -> bool {
    Params::try_from(stored)
        .is_ok_and(|params| params.m_cost() == cost.memory_kib && params.t_cost() == cost.passes)
}

#[cfg(test)]
mod tests;
