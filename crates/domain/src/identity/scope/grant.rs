//! Which scopes a token gets.

use super::{Scope, ScopeName, ScopeSet};
use crate::identity::ids::{ProjectKey, StoreKey};

/// Whose hands a token is for: decides what it gets when no scope is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The API client itself, on a machine of the shop.
    Client,
    /// A guest or a customer, on a device of theirs.
    Device(DeviceScopes),
}

/// What tokens for devices may do, as an operator decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceScopes {
    /// Whatever the client holds.
    Any,
    /// Only what is [safe on devices](ScopeName::is_safe_on_devices).
    SafeOnly,
}

/// How a requested scope is compared with the held ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// A scope that a held scope includes may be requested: the token only gets weaker.
    Implied,
    /// Only the held scopes themselves may be requested.
    Literal,
}

/// Why no scopes are granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeRefusal {
    /// An identity scope, or a scope of another project, was requested.
    #[error("the requested scope cannot be requested")]
    NotRequestable,
    /// More was requested than is held.
    #[error("the requested scope is not held")]
    Exceeded,
    /// Nothing would be left.
    #[error("no scope is left to grant")]
    Empty,
}

impl ScopeSet {
    /// The scopes of a new token of a client that holds `self` in `project`: the `requested` ones, or for `None` all that suit
    /// the `holder`. Always a part of what `self` includes, never an identity.
    ///
    /// A device is not given by default what would let it start sessions, read foreign tokens or administer clients,
    /// just because a scope was left out of a request; asked for by name and held, it is given. Under
    /// [`DeviceScopes::SafeOnly`] it is not given either way, nor is anything else that is not safe on devices.
    ///
    /// # Errors
    /// [`ScopeRefusal`].
    pub fn granted(
        &self,
        project: &ProjectKey,
        requested: Option<&ScopeSet>,
        holder: Holder,
        narrowing: Narrowing,
    ) -> Result<ScopeSet, ScopeRefusal> {
        let granted = match requested {
            None => ScopeSet::new(
                self.iter()
                    .filter(|scope| !scope.is_identity() && is_default_for(scope, holder))
                    .cloned(),
            ),
            Some(requested) => {
                for scope in requested {
                    self.check_requested(scope, project, narrowing)?;
                    if !is_allowed_for(scope, holder) {
                        return Err(ScopeRefusal::Exceeded);
                    }
                }
                requested.clone()
            }
        };
        if granted.is_empty() {
            return Err(ScopeRefusal::Empty);
        }
        Ok(granted)
    }

    fn check_requested(
        &self,
        scope: &Scope,
        project: &ProjectKey,
        narrowing: Narrowing,
    ) -> Result<(), ScopeRefusal> {
        match scope {
            Scope::Permission { project: place, .. } if place == project => {}
            Scope::Permission { .. } | Scope::Customer(_) | Scope::Anonymous(_) => {
                return Err(ScopeRefusal::NotRequestable);
            }
        }
        let held = match narrowing {
            Narrowing::Implied => self.implies(scope),
            Narrowing::Literal => self.iter().any(|own| own == scope),
        };
        if held {
            Ok(())
        } else {
            Err(ScopeRefusal::Exceeded)
        }
    }

    /// What both `self` and `other` include: the scopes of either that the other includes, those of `self` first, without
    /// identities. With [`Narrowing::Literal`] only scopes of `self` itself.
    #[must_use]
    pub fn common_with(&self, other: &ScopeSet, narrowing: Narrowing) -> ScopeSet {
        let of_self = self.iter().filter(|scope| other.implies(scope));
        let mut common = ScopeSet::new(of_self.filter(|scope| !scope.is_identity()).cloned());
        if narrowing == Narrowing::Implied {
            for scope in other {
                if !scope.is_identity() && self.implies(scope) && !common.implies(scope) {
                    common.insert(scope.clone());
                }
            }
        }
        common
    }

    /// The scopes of a refreshed access token of a session with the scopes `self`: the `requested` ones, with the
    /// session's identity at the end. A request may repeat that identity, because it was told so.
    ///
    /// # Errors
    /// [`ScopeRefusal`].
    ///
    /// Source: RFC 6749 section 6.
    pub fn narrowed(&self, requested: &ScopeSet) -> Result<ScopeSet, ScopeRefusal> {
        for scope in requested {
            if !self.implies(scope) {
                return Err(if scope.is_identity() {
                    ScopeRefusal::NotRequestable
                } else {
                    ScopeRefusal::Exceeded
                });
            }
        }
        let permissions = requested.iter().filter(|scope| !scope.is_identity());
        let narrowed = ScopeSet::new(permissions.cloned());
        if narrowed.is_empty() {
            return Err(ScopeRefusal::Empty);
        }
        Ok(narrowed.for_subject(&self.subject()))
    }

    /// The permissions of these scopes that whoever holds `held` has too; identities are left out.
    #[must_use]
    pub fn permissions_within(&self, held: &ScopeSet) -> ScopeSet {
        let both = self
            .iter()
            .filter(|scope| !scope.is_identity() && held.implies(scope));
        ScopeSet::new(both.cloned())
    }

    /// The scopes that should not be on a device.
    #[must_use]
    pub fn unsafe_on_devices(&self) -> ScopeSet {
        let unsafe_ones = self.iter().filter(|scope| !is_safe_on_devices(scope));
        ScopeSet::new(unsafe_ones.cloned())
    }

    /// The names of the permissions, none twice.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for scope in self {
            match scope {
                Scope::Permission { name, .. } if !names.contains(&name.as_str()) => {
                    names.push(name.as_str());
                }
                Scope::Permission { .. } | Scope::Customer(_) | Scope::Anonymous(_) => {}
            }
        }
        names
    }

    /// The scopes that no scope of `held` includes.
    #[must_use]
    pub fn beyond(&self, held: &ScopeSet) -> ScopeSet {
        ScopeSet::new(self.iter().filter(|scope| !held.implies(scope)).cloned())
    }

    /// These scopes for a session in one store: scopes of other stores are left out, and the caller's own things are
    /// those of the store where such a form exists.
    #[must_use]
    pub fn in_store(&self, store: &StoreKey) -> ScopeSet {
        ScopeSet::new(self.iter().filter_map(|scope| match scope {
            Scope::Permission {
                store: Some(other), ..
            } if other != store => None,
            Scope::Permission { name, project, .. }
                if name.is_my_scope() && name.has_store_form() =>
            {
                Some(Scope::Permission {
                    name: *name,
                    project: project.clone(),
                    store: Some(store.clone()),
                })
            }
            Scope::Permission { .. } | Scope::Customer(_) | Scope::Anonymous(_) => {
                Some(scope.clone())
            }
        }))
    }
}

fn is_allowed_for(scope: &Scope, holder: Holder) -> bool {
    match holder {
        Holder::Client | Holder::Device(DeviceScopes::Any) => true,
        Holder::Device(DeviceScopes::SafeOnly) => is_safe_on_devices(scope),
    }
}

fn is_safe_on_devices(scope: &Scope) -> bool {
    match scope {
        Scope::Permission { name, .. } => name.is_safe_on_devices(),
        Scope::Customer(_) | Scope::Anonymous(_) => true,
    }
}

fn is_default_for(scope: &Scope, holder: Holder) -> bool {
    if !is_allowed_for(scope, holder) {
        return false;
    }
    match (holder, scope) {
        (Holder::Client, _) => true,
        (Holder::Device(_), Scope::Permission { name, .. }) => !matches!(
            name,
            ScopeName::CreateAnonymousToken
                | ScopeName::IntrospectOauthTokens
                | ScopeName::ViewApiClients
                | ScopeName::ManageApiClients
        ),
        (Holder::Device(_), Scope::Customer(_) | Scope::Anonymous(_)) => false,
    }
}
