//! Limits of how often somebody may try passwords, or have some hashed: for accounts and addresses the same as at the auth
//! server, and shared with it, so that this API is no way round them.

use std::{future::Future, sync::Arc, time::Duration};

use domain::{customer::Customer, error::DomainError, identity::ids::ProjectKey};
use shared::{
    clock::SharedClock,
    db::Database,
    http::client_address::Client as Caller,
    limits::{Bucket, Exchange, LimitSettings, Limits, Outcome, Place, Quota, SignIn, SignIns},
    metrics::prometheus::IntCounterVec,
    random::SharedRandomness,
};

use crate::{error::CommerceError, request::RequestContext};

/// Every limit of the server. A caller is a shopper; backends, which speak for many shoppers, are `None`.
pub struct PasswordLimits(Option<Buckets>);

struct Buckets {
    limits: Arc<Limits>,
    sign_ins: SignIns,
    tokens_of_account: Arc<Bucket>,
}

impl Buckets {
    fn new(mut limits: Limits) -> Self {
        Self {
            sign_ins: SignIns::new(&mut limits),
            tokens_of_account: limits
                .shared_bucket("password_token", Quota::every(Duration::from_secs(30), 10)),
            limits: Arc::new(limits),
        }
    }
}

impl PasswordLimits {
    /// No limits at all.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Limits by `clock`; refusals are counted in `refused`, by bucket.
    #[must_use]
    pub fn new(
        settings: LimitSettings,
        clock: &SharedClock,
        randomness: &SharedRandomness,
        refused: &IntCounterVec,
    ) -> Self {
        let limits = || Limits::new(settings.exempt, clock, randomness, refused);
        Self(settings.are_on.then(|| Buckets::new(limits())))
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

    /// Somebody who shows the password of an account, or wants one.
    #[must_use]
    pub fn who<'a>(
        &self,
        caller: Option<&Caller>,
        request: &'a RequestContext,
        email: &'a str,
    ) -> SignIn<'a> {
        let client = request.claims().map_or("", |claims| &claims.client_id);
        let place = match (&self.0, caller) {
            (Some(buckets), _) => buckets.limits.place(caller, client),
            (None, Some(caller)) => Place::Address(caller.network()),
            (None, None) => Place::Server(client),
        };
        SignIn {
            place,
            project: &request.project,
            email,
        }
    }

    /// Lets the password of an account be checked. It counts as a failure if it was wrong, or if nobody waits for the answer.
    ///
    /// # Errors
    /// [`CommerceError::TooManyRequests`], whatever the password; what `check` answers.
    pub async fn attempt<T>(
        &self,
        database: &Database,
        who: &SignIn<'_>,
        check: impl Future<Output = Result<T, CommerceError>>,
    ) -> Result<T, CommerceError> {
        let Some(buckets) = &self.0 else {
            return check.await;
        };
        let attempt = buckets.sign_ins.attempt(database, who).await?;
        let checked = check.await;
        buckets.sign_ins.settle(attempt, outcome(&checked));
        checked
    }

    /// Somebody wants a new password hashed.
    ///
    /// # Errors
    /// [`CommerceError::TooManyRequests`].
    pub fn new_password(&self, who: &SignIn<'_>) -> Result<(), CommerceError> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        Ok(buckets.sign_ins.new_password(who.place)?)
    }

    /// Somebody wants a token that allows a new password for an account: each is a mail to the customer.
    ///
    /// # Errors
    /// [`CommerceError::TooManyRequests`].
    pub fn password_token(&self, project: &ProjectKey, email: &str) -> Result<(), CommerceError> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        let account = [project.as_str(), &Customer::email_key(email)];
        buckets.tokens_of_account.take(&account)?;
        Ok(())
    }
}

fn outcome<T>(checked: &Result<T, CommerceError>) -> Outcome {
    match checked {
        Ok(_) => Outcome::Right,
        Err(CommerceError::Domain(
            DomainError::InvalidCredentials | DomainError::InvalidCurrentPassword,
        )) => Outcome::Wrong,
        Err(_) => Outcome::Unknown,
    }
}
