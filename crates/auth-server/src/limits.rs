//! Limits of how often somebody may ask, so that guessing and flooding do not pay.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use domain::identity::ids::{ClientId, SessionId};
use shared::{
    clock::SharedClock,
    db::Database,
    http::client_address::{Client as Caller, TrustedProxies as Networks},
    limits::{
        Attempt, Bucket, Exchange, Limits, Outcome, Place, Quota, SignIn, SignIns, neighbourhood,
        take_nested,
    },
    metrics::prometheus::IntCounterVec,
    random::SharedRandomness,
};

use crate::model::{client::Client, error::OAuthError, session::Session};

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
pub struct RateLimits(Option<Buckets>);

struct Buckets {
    limits: Arc<Limits>,
    sign_ins: SignIns,
    bad_clients_of_address: Arc<Bucket>,
    guests_of_browser: Arc<Bucket>,
    guests_of_address: Arc<Bucket>,
    guests_of_neighbourhood: Arc<Bucket>,
    refreshes_of_session: Arc<Bucket>,
    // A second is all that these two look at, and news between instances take as long: shared, they would only stutter.
    guests_of_client: Option<Arc<Bucket>>,
    questions_of_client: Bucket,
}

impl Buckets {
    fn new(settings: &LimitSettings, mut limits: Limits) -> Self {
        let per_second = |most: NonZeroU32| {
            Arc::new(limits.own_bucket("guest_client", Quota::per_second(most.get())))
        };
        let guests_of_client = settings.guests_per_client.map(per_second);
        Self {
            sign_ins: SignIns::new(&mut limits),
            bad_clients_of_address: limits.shared_bucket("bad_client", Quota::per_minute(20)),
            guests_of_browser: limits
                .shared_bucket("guest_browser", Quota::every(Duration::from_secs(2), 60)),
            guests_of_address: limits
                .shared_bucket("guest_address", Quota::every(Duration::from_secs(1), 120)),
            guests_of_neighbourhood: limits.shared_bucket(
                "guest_network",
                Quota::every(Duration::from_millis(100), 1_200),
            ),
            refreshes_of_session: limits
                .shared_bucket("refresh_session", Quota::every(Duration::from_secs(5), 30)),
            guests_of_client,
            questions_of_client: limits.own_bucket("question_client", Quota::per_second(2_000)),
            limits: Arc::new(limits),
        }
    }
}

impl RateLimits {
    /// Limits by `clock`; refusals are counted in `refused`, by bucket.
    #[must_use]
    pub fn new(
        settings: &LimitSettings,
        clock: &SharedClock,
        randomness: &SharedRandomness,
        refused: &IntCounterVec,
    ) -> Self {
        let limits = || Limits::new(settings.exempt.clone(), clock, randomness, refused);
        Self(settings.are_on.then(|| Buckets::new(settings, limits())))
    }

    /// What tells the other instances, if there is anything to tell.
    #[must_use]
    pub fn exchange(&self, database: &Database, randomness: &SharedRandomness) -> Option<Exchange> {
        let limits = Arc::clone(&self.0.as_ref()?.limits);
        Some(Exchange::new(
            limits,
            database.clone(),
            Arc::clone(randomness),
        ))
    }

    /// A customer who signs in by a client.
    #[must_use]
    pub fn who<'a>(&self, caller: &Caller, client: &'a Client, email: &'a str) -> SignIn<'a> {
        let place = match &self.0 {
            Some(buckets) => buckets.limits.place(Some(caller), client.id.as_str()),
            None => Place::Address(caller.network()),
        };
        SignIn {
            place,
            project: &client.project,
            email,
        }
    }

    /// A customer is about to sign in. To be asked before anything about the account is known, so that a refusal tells
    /// nothing about it.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub async fn sign_in(
        &self,
        database: &Database,
        sign_in: &SignIn<'_>,
    ) -> Result<Option<Attempt>, OAuthError> {
        let Some(buckets) = &self.0 else {
            return Ok(None);
        };
        Ok(Some(buckets.sign_ins.attempt(database, sign_in).await?))
    }

    /// What came of an attempt.
    pub fn settle(&self, attempt: Option<Attempt>, outcome: Outcome) {
        if let (Some(buckets), Some(attempt)) = (&self.0, attempt) {
            buckets.sign_ins.settle(attempt, outcome);
        }
    }

    /// Somebody showed wrong client credentials.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn bad_client(&self, caller: &Caller) -> Result<(), OAuthError> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        match buckets.limits.address(caller) {
            Some(address) => take(&buckets.bad_clients_of_address, &address.to_string()),
            None => Ok(()),
        }
    }

    /// A new guest is about to get a session. Whoever asks a lot leaves something to others: browsers of one address, addresses
    /// of one network, and networks of one client share what there is. What a browser says of itself proves nothing; it keeps
    /// those apart who do not pretend.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn guest(
        &self,
        caller: &Caller,
        browser: &str,
        client: &ClientId,
    ) -> Result<(), OAuthError> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        let (client, mut nested) = (client.as_str(), Vec::new());
        if let Some(address) = buckets.limits.address(caller) {
            let around = neighbourhood(address).to_string();
            let address = address.to_string();
            nested.push(buckets.guests_of_browser.of(&[browser, &address, client]));
            nested.push(buckets.guests_of_address.of(&[&address, client]));
            nested.push(buckets.guests_of_neighbourhood.of(&[&around, client]));
        }
        if let Some(bucket) = &buckets.guests_of_client {
            nested.push(bucket.of(&[client]));
        }
        Ok(take_nested(&nested)?)
    }

    /// A session is about to be refreshed.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn refresh(&self, session: &SessionId) -> Result<(), OAuthError> {
        match &self.0 {
            Some(buckets) => take(&buckets.refreshes_of_session, session.as_str()),
            None => Ok(()),
        }
    }

    /// A session is about to be refreshed or handed over on one of its devices, none of which uses up what another one may.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn device(&self, session: &Session) -> Result<(), OAuthError> {
        match (&self.0, &session.family) {
            (Some(buckets), Some(device)) => take(&buckets.refreshes_of_session, device.as_str()),
            _ => self.refresh(&session.id),
        }
    }

    /// A client asks about a token, or takes one back.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn question(&self, client: &ClientId) -> Result<(), OAuthError> {
        match &self.0 {
            Some(buckets) => take(&buckets.questions_of_client, client.as_str()),
            None => Ok(()),
        }
    }
}

fn take(bucket: &Bucket, subject: &str) -> Result<(), OAuthError> {
    bucket.take(&[subject])?;
    Ok(())
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
