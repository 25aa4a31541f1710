//! Limits of how often somebody may ask, so that guessing and flooding do not pay.
//!
//! Exact within this process and bounded in memory. What is counted is a keyed hash: no address and no e-mail is kept.

mod bucket;
mod store;

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use domain::identity::ids::{ClientId, ProjectKey, SessionId};
use governor::Quota;
use shared::{
    clock::SharedClock,
    http::client_address::{Client as Caller, TrustedProxies as Networks},
    metrics::prometheus::IntCounterVec,
};

use crate::model::error::OAuthError;
use bucket::Bucket;

/// What an operator may choose about limits.
#[derive(Clone, Debug)]
pub struct LimitSettings {
    /// Whether there are any.
    pub are_on: bool,
    /// Servers of the operator that speak for many shoppers: limits per address are not for them.
    pub exempt: Networks,
    /// New guests of one client per second; `None` is any number.
    pub guests_per_client: Option<NonZeroU32>,
}

impl LimitSettings {
    /// No limits at all.
    #[must_use]
    pub fn off() -> Self {
        Self {
            are_on: false,
            exempt: Networks::default(),
            guests_per_client: None,
        }
    }
}

/// Every limit of the server.
pub struct RateLimits {
    buckets: Option<Buckets>,
    exempt: Networks,
    hasher: RandomState,
}

struct Buckets {
    sign_in_failures: Bucket,
    sign_ins_of_address: Bucket,
    sign_ins_of_address_and_email: Bucket,
    bad_clients_of_address: Bucket,
    guests_of_address: Bucket,
    guests_of_client: Option<Bucket>,
    refreshes_of_session: Bucket,
    questions_of_client: Bucket,
}

/// One sign-in that was let through. It counts as a failure unless it is forgiven.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Attempt {
    account: u64,
}

const fn number(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// `burst` at once, and one more after every `seconds`.
fn every(seconds: u64, burst: u32) -> Quota {
    Quota::with_period(Duration::from_secs(seconds))
        .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
        .allow_burst(number(burst))
}

impl RateLimits {
    /// Limits by `clock`; refusals are counted in `refused`, by bucket.
    #[must_use]
    pub fn new(settings: &LimitSettings, clock: &SharedClock, refused: &IntCounterVec) -> Self {
        let bucket =
            |name: &str, quota| Bucket::new(quota, clock, refused.with_label_values(&[name]));
        let buckets = || Buckets {
            sign_in_failures: bucket("login_failures", every(30, 10)),
            sign_ins_of_address: bucket("login_address", Quota::per_minute(number(30))),
            sign_ins_of_address_and_email: bucket(
                "login_address_email",
                Quota::per_minute(number(5)),
            ),
            bad_clients_of_address: bucket("bad_client", Quota::per_minute(number(20))),
            guests_of_address: bucket("guest_address", every(2, 60)),
            guests_of_client: settings
                .guests_per_client
                .map(|most| bucket("guest_client", Quota::per_second(most))),
            refreshes_of_session: bucket("refresh_session", every(5, 30)),
            questions_of_client: bucket("question_client", Quota::per_second(number(2_000))),
        };
        Self {
            buckets: settings.are_on.then(buckets),
            exempt: settings.exempt.clone(),
            hasher: RandomState::new(),
        }
    }

    /// A customer is about to sign in. To be asked before anything about the account is known, so that a refusal tells
    /// nothing about it.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn sign_in(
        &self,
        caller: &Caller,
        project: &ProjectKey,
        email: &str,
    ) -> Result<Option<Attempt>, OAuthError> {
        let Some(buckets) = &self.buckets else {
            return Ok(None);
        };
        let account = (project.as_str(), email.to_lowercase());
        if let Some(address) = self.address(caller) {
            buckets.sign_ins_of_address.take(self.key(address))?;
            let both = self.key((address, &account));
            buckets.sign_ins_of_address_and_email.take(both)?;
        }
        let account = self.key(&account);
        buckets.sign_in_failures.take(account)?;
        Ok(Some(Attempt { account }))
    }

    /// The attempt was no failure: the password was right, or could not be checked.
    pub fn forgive(&self, attempt: Option<Attempt>) {
        if let (Some(buckets), Some(attempt)) = (&self.buckets, attempt) {
            buckets.sign_in_failures.give_back(attempt.account);
        }
    }

    /// Somebody showed wrong client credentials.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn bad_client(&self, caller: &Caller) -> Result<(), OAuthError> {
        match (&self.buckets, self.address(caller)) {
            (Some(buckets), Some(address)) => {
                buckets.bad_clients_of_address.take(self.key(address))
            }
            _ => Ok(()),
        }
    }

    /// A new guest is about to get a session.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn guest(&self, caller: &Caller, client: &ClientId) -> Result<(), OAuthError> {
        let Some(buckets) = &self.buckets else {
            return Ok(());
        };
        if let Some(address) = self.address(caller) {
            let both = self.key((address, client.as_str()));
            buckets.guests_of_address.take(both)?;
        }
        match &buckets.guests_of_client {
            Some(bucket) => bucket.take(self.key(client.as_str())),
            None => Ok(()),
        }
    }

    /// A session is about to be refreshed.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn refresh(&self, session: &SessionId) -> Result<(), OAuthError> {
        match &self.buckets {
            Some(buckets) => buckets
                .refreshes_of_session
                .take(self.key(session.as_str())),
            None => Ok(()),
        }
    }

    /// A client asks about a token, or takes one back.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn question(&self, client: &ClientId) -> Result<(), OAuthError> {
        match &self.buckets {
            Some(buckets) => buckets.questions_of_client.take(self.key(client.as_str())),
            None => Ok(()),
        }
    }

    fn address(&self, caller: &Caller) -> Option<IpAddr> {
        (!self.exempt.contains(caller.address)).then(|| caller.network())
    }

    fn key(&self, what: impl Hash) -> u64 {
        self.hasher.hash_one(what)
    }
}

#[cfg(test)]
mod tests;
