//! Limits of sign-ins with a password: the same buckets and keys at both servers, so that an account is protected wherever
//! somebody knocks.
//!
//! Only wrong passwords use an account up. Before it is known whether one is wrong it counts as such; a right one is given
//! back. Strangers share what an account bears, and none of them uses more of it than is left to the others. A place from
//! where the account was signed in to before has something of its own, which nobody else can use up.

use std::{net::IpAddr, sync::Arc, time::Duration};

use domain::{customer::Customer, identity::ids::ProjectKey};

use super::{
    Bucket, Limits, Quota, TooMany,
    bucket::{Refusal, Share, take_all},
    known_places::{KnownPlace, KnownPlaces},
    neighbourhood,
};
use crate::{clock::SharedClock, db::Database, password::Party};

/// From where somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// A shopper's address.
    Address(IpAddr),
    /// An API client of a server that speaks for many shoppers, whose address says nothing about them.
    Server(&'a str),
}

/// Somebody is about to show a password.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// From where.
    pub place: Place<'a>,
    /// The project of the account.
    pub project: &'a ProjectKey,
    /// The e-mail address, as it was typed.
    pub email: &'a str,
}

impl SignIn<'_> {
    /// Among whom it waits for the hash.
    #[must_use]
    pub fn party(&self) -> Party {
        match self.place {
            Place::Address(address) => Party::Address(address),
            Place::Server(_) => {
                let account = Customer::email_key(self.email);
                Party::Account(format!("{}/{account}", self.project.as_str()))
            }
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The password was right.
    Right,
    /// It was not.
    Wrong,
    /// Nobody found out.
    Unknown,
}

/// One sign-in that was let through. It counts as a failure until it is settled.
#[must_use]
pub struct Attempt {
    failures: Vec<Share>,
    successes: Option<Share>,
    place: KnownPlace,
}

/// The limits.
pub struct SignIns {
    failures_of_account: Arc<Bucket>,
    failures_of_neighbourhood_and_account: Arc<Bucket>,
    failures_of_address_and_account: Arc<Bucket>,
    failures_of_address: Arc<Bucket>,
    failures_of_known_place: Arc<Bucket>,
    successes_of_address_and_account: Arc<Bucket>,
    known: Arc<KnownPlaces>,
    clock: SharedClock,
}

impl SignIns {
    /// The buckets.
    #[must_use]
    pub fn new(limits: &mut Limits) -> Self {
        let every = |seconds, burst| Quota::every(Duration::from_secs(seconds), burst);
        Self {
            failures_of_account: limits.shared_bucket("login_failures", every(30, 10)),
            failures_of_neighbourhood_and_account: limits
                .shared_bucket("login_network_email", every(60, 10)),
            failures_of_address_and_account: limits
                .shared_bucket("login_address_email", every(120, 5)),
            failures_of_address: limits.shared_bucket("login_address", Quota::per_minute(30)),
            failures_of_known_place: limits.shared_bucket("login_known_place", every(60, 5)),
            successes_of_address_and_account: limits
                .shared_bucket("login_right", Quota::per_minute(30)),
            known: Arc::clone(&limits.known),
            clock: Arc::clone(&limits.clock),
        }
    }

    /// Somebody is about to show the password of an account. To be asked before anything about the account is known, so
    /// that a refusal tells nothing about it.
    ///
    /// # Errors
    /// [`TooMany`].
    pub async fn attempt(
        &self,
        database: &Database,
        sign_in: &SignIn<'_>,
    ) -> Result<Attempt, TooMany> {
        match self.as_a_stranger(sign_in) {
            Ok(attempt) => Ok(attempt),
            Err(refusal) => self
                .as_known(database, sign_in)
                .await
                .ok_or_else(|| refusal.count()),
        }
    }

    /// What everybody may, whoever signed in before.
    pub(super) fn as_a_stranger(&self, sign_in: &SignIn<'_>) -> Result<Attempt, Refusal> {
        let (project, email) = account(sign_in);
        let of_account = self.failures_of_account.of(&[project, &email]);
        let (mut chain, mut of_address, mut successes) = (Vec::new(), None, None);
        if let Place::Address(address) = sign_in.place {
            let around = neighbourhood(address).to_string();
            let address = address.to_string();
            chain.push(
                self.failures_of_address_and_account
                    .of(&[&address, project, &email]),
            );
            chain.push(
                self.failures_of_neighbourhood_and_account
                    .of(&[&around, project, &email]),
            );
            of_address = Some(self.failures_of_address.of(&[&address]));
            let right = &self.successes_of_address_and_account;
            successes = Some(right.of(&[&address, project, &email]));
        }
        chain.push(of_account);
        take_all(&[
            chain.as_slice(),
            of_address.as_slice(),
            successes.as_slice(),
        ])?;
        chain.extend(of_address);
        Ok(Attempt {
            failures: chain,
            successes,
            place: self.known.place(sign_in.place, project, &email),
        })
    }

    /// What a place may from where the account was signed in to before. A stranger uses up what it would have here, so that
    /// the database is not asked for every request of a flood.
    async fn as_known(&self, database: &Database, sign_in: &SignIn<'_>) -> Option<Attempt> {
        let (project, email) = account(sign_in);
        let (kind, name) = sign_in.place.words();
        let own = self
            .failures_of_known_place
            .of(&[kind, &name, project, &email]);
        take_all(&[std::slice::from_ref(&own)]).ok()?;
        let place = self.known.place(sign_in.place, project, &email);
        let is_known = self.known.is_known(database, place, self.clock.now()).await;
        is_known.then(|| Attempt {
            failures: vec![own],
            successes: None,
            place,
        })
    }

    /// An attempt is over. After a right password the place is remembered.
    pub fn settle(&self, attempt: Attempt, outcome: Outcome) {
        if outcome != Outcome::Right {
            attempt.successes.iter().for_each(Share::give_back);
        }
        if outcome != Outcome::Wrong {
            attempt.failures.iter().for_each(Share::give_back);
        }
        if outcome == Outcome::Right {
            self.known.note(attempt.place, self.clock.now());
        }
    }

    /// Somebody is about to have a new password hashed, and shows none.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn new_password(&self, place: Place<'_>) -> Result<(), TooMany> {
        match place {
            Place::Address(address) => {
                let address = address.to_string();
                self.failures_of_address.take(&[&address]).map(drop)
            }
            Place::Server(_) => Ok(()),
        }
    }
}

impl Place<'_> {
    /// Kind and name, for keys.
    pub(super) fn words(&self) -> (&'static str, String) {
        match self {
            Self::Address(address) => ("address", address.to_string()),
            Self::Server(client) => ("client", (*client).to_owned()),
        }
    }
}

fn account<'a>(sign_in: &SignIn<'a>) -> (&'a str, String) {
    (sign_in.project.as_str(), Customer::email_key(sign_in.email))
}

#[cfg(test)]
#[path = "sign_ins_tests.rs"]
mod tests;
