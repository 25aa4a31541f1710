//! Password hashes: Argon2id in PHC strings, made in a bounded pool so that a flood of logins starves nobody else.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;

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
    /// The hash is unreadable or its parameters are impossible.
    #[error("password hash: {0}")]
    Broken(String),
}

impl PasswordError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }
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

/// Hashes at a time; the rest waits.
const PERMITS: usize = 2;
/// Most that may wait.
const QUEUE: usize = 64;
/// Longest wait.
const WAIT: Duration = Duration::from_secs(2);

/// Makes and checks password hashes. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    cost: PasswordCost,
    randomness: SharedRandomness,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Checked when there is no account, so that it takes as long as a wrong password.
    decoy: Arc<str>,
}

impl Passwords {
    /// A hasher of the given cost.
    ///
    /// # Errors
    /// [`PasswordError::Broken`] if the cost is impossible.
    pub fn new(cost: PasswordCost, randomness: SharedRandomness) -> Result<Self, PasswordError> {
        let decoy = hash(cost, &bytes::<16>(randomness.as_ref()), "no such account")?;
        Ok(Self {
            cost,
            randomness,
            running: Arc::new(Semaphore::new(PERMITS)),
            waiting: Arc::new(Semaphore::new(QUEUE)),
            decoy: decoy.into(),
        })
    }

    /// The PHC string of `password` with a new salt.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let salt = bytes::<16>(self.randomness.as_ref());
        let cost = self.cost;
        self.run(move || hash(cost, &salt, &password)).await
    }

    /// [`Self::hash`] on this thread: for commands and tests.
    ///
    /// # Errors
    /// [`PasswordError::Broken`].
    pub fn hash_blocking(&self, password: &str) -> Result<String, PasswordError> {
        hash(self.cost, &bytes::<16>(self.randomness.as_ref()), password)
    }

    /// Compares `password` with a stored hash; with `None` it works as long and answers [`Verdict::Wrong`].
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Verdict, PasswordError> {
        let cost = self.cost;
        let decoy = Arc::clone(&self.decoy);
        self.run(move || {
            let text = stored.as_deref().unwrap_or(&decoy);
            let parsed = PasswordHash::new(text).map_err(PasswordError::of)?;
            let right = Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok();
            Ok(match (right, stored.is_some()) {
                (true, true) if is_current(cost, &parsed) => Verdict::Right,
                (true, true) => Verdict::RightButOutdated,
                _ => Verdict::Wrong,
            })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let over = |_full| PasswordError::OverCapacity;
        let place = self.waiting.try_acquire().map_err(over)?;
        let permit = tokio::time::timeout(WAIT, self.running.acquire())
            .await
            .map_err(|_elapsed| PasswordError::OverCapacity)?
            .map_err(PasswordError::of)?;
        drop(place);
        let result = tokio::task::spawn_blocking(work)
            .await
            .map_err(PasswordError::of)?;
        drop(permit);
        result
    }
}

fn hash(cost: PasswordCost, salt: &[u8], password: &str) -> Result<String, PasswordError> {
    let made = cost
        .argon2()?
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(PasswordError::of)?;
    Ok(made.to_string())
}

fn is_current(cost: PasswordCost, stored: &PasswordHash) -> bool {
    Params::try_from(stored)
        .is_ok_and(|params| params.m_cost() == cost.memory_kib && params.t_cost() == cost.passes)
}
