//! Limits of how often somebody may ask, so that guessing and flooding do not pay.
//!
//! A request is decided from memory alone. Some buckets are shared: every second the instances tell each other, through
//! the database, whom they let through ([`exchange`]), so that together they let no more through than one alone, and what
//! comes within about a second. Bounded in memory; what is counted is a keyed hash: no address and no e-mail is kept.

mod bucket;
mod exchange;
mod keys;
mod known_places;
mod quota;
mod reports;
mod sign_ins;
mod store;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use prometheus::IntCounterVec;

pub use bucket::{Bucket, Share, take_nested};
pub use exchange::{Exchange, Running};
pub use keys::Key;
pub use quota::Quota;
pub use sign_ins::{Attempt, Outcome, Place, SignIn, SignIns};

use crate::{
    clock::SharedClock,
    http::client_address::{Client as Caller, TrustedProxies as Networks},
    random::SharedRandomness,
};
use keys::Keys;
use known_places::KnownPlaces;

/// Somebody asked too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests")]
pub struct TooMany {
    /// When to come again, at least 1.
    pub retry_after_seconds: u64,
}

/// What an operator may choose about limits at both servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitSettings {
    /// Whether there are any.
    pub are_on: bool,
    /// Servers of the operator that speak for many shoppers: limits per address are not for them.
    pub exempt: Networks,
}

/// The limits of one process: makes its buckets, and knows those that are shared.
pub struct Limits {
    clock: SharedClock,
    keys: Arc<Keys>,
    known: Arc<KnownPlaces>,
    refused: IntCounterVec,
    exempt: Networks,
    shared: Vec<Arc<Bucket>>,
}

impl Limits {
    /// Limits by `clock`; refusals are counted in `refused`, by bucket. Addresses in `exempt` have no limits of their own.
    #[must_use]
    pub fn new(
        exempt: Networks,
        clock: &SharedClock,
        randomness: &SharedRandomness,
        refused: &IntCounterVec,
    ) -> Self {
        let keys = Arc::new(Keys::new(randomness.as_ref()));
        Self {
            clock: Arc::clone(clock),
            known: Arc::new(KnownPlaces::new(&keys)),
            keys,
            refused: refused.clone(),
            exempt,
            shared: Vec::new(),
        }
    }

    /// A bucket that this instance counts for itself.
    #[must_use]
    pub fn own_bucket(&self, name: &'static str, quota: Quota) -> Bucket {
        Bucket::new(
            name,
            quota,
            &self.clock,
            &self.keys,
            self.refused.with_label_values(&[name]),
        )
    }

    /// A bucket that all instances share, of both servers where both have one of this name.
    pub fn shared_bucket(&mut self, name: &'static str, quota: Quota) -> Arc<Bucket> {
        let bucket = Arc::new(self.own_bucket(name, quota).with_notes());
        self.shared.push(Arc::clone(&bucket));
        bucket
    }

    /// What a limit per address counts for a caller; `None` for the operator's own servers.
    #[must_use]
    pub fn address(&self, caller: &Caller) -> Option<IpAddr> {
        (!self.exempt.contains(caller.address)).then(|| caller.network())
    }

    /// Where a sign-in comes from: from a shopper, or from an API client that speaks for many.
    #[must_use]
    pub fn place<'a>(&self, caller: Option<&Caller>, client: &'a str) -> Place<'a> {
        let address = caller.and_then(|caller| self.address(caller));
        address.map_or(Place::Server(client), Place::Address)
    }
}

/// The network around an address, of which one party may well have all: 256 addresses of IPv4, or the /48 of IPv6.
#[must_use]
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & !0xff)),
        IpAddr::V6(address) => {
            let host_bits = u128::MAX >> 48;
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !host_bits))
        }
    }
}

#[cfg(test)]
mod tests;
