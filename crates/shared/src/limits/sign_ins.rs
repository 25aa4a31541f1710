//! Limits of sign-ins with a password: the same buckets and keys at both servers, so that an account is protected wherever
//! somebody knocks.

use std::{net::IpAddr, sync::Arc, time::Duration};

use domain::{customer::Customer, identity::ids::ProjectKey};

use super::{Bucket, Key, Limits, Quota, TooMany};

/// Limits per account, per address, and per both.
pub struct SignIns {
    failures_of_account: Arc<Bucket>,
    of_address: Arc<Bucket>,
    of_address_and_account: Arc<Bucket>,
}

/// One sign-in that was let through. It counts as a failure unless it is forgiven.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Attempt {
    account: Key,
}

impl SignIns {
    /// The buckets.
    #[must_use]
    pub fn new(limits: &mut Limits) -> Self {
        Self {
            failures_of_account: limits
                .shared_bucket("login_failures", Quota::every(Duration::from_secs(30), 10)),
            of_address: limits.shared_bucket("login_address", Quota::per_minute(30)),
            of_address_and_account: limits
                .shared_bucket("login_address_email", Quota::per_minute(5)),
        }
    }

    /// Somebody is about to show the password of an account; the address is that of [`Limits::address`], none for backends
    /// that speak for many shoppers. To be asked before anything about the account is known, so that a refusal tells nothing
    /// about it.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn attempt(
        &self,
        address: Option<IpAddr>,
        project: &ProjectKey,
        email: &str,
    ) -> Result<Attempt, TooMany> {
        let email = Customer::email_key(email);
        if let Some(address) = address {
            let address = address.to_string();
            self.of_address.take(&[&address])?;
            let both = [address.as_str(), project.as_str(), &email];
            self.of_address_and_account.take(&both)?;
        }
        let account = self.failures_of_account.take(&[project.as_str(), &email])?;
        Ok(Attempt { account })
    }

    /// The attempt was no failure: the password was right, or could not be checked.
    pub fn forgive(&self, attempt: Attempt) {
        self.failures_of_account.give_back(attempt.account);
    }

    /// Somebody is about to have a new password hashed, and shows none.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn new_password(&self, address: Option<IpAddr>) -> Result<(), TooMany> {
        match address {
            Some(address) => self.of_address.take(&[&address.to_string()]).map(drop),
            None => Ok(()),
        }
    }
}
