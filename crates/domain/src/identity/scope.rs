//! Scopes: the only place they are spelled, parsed and compared.
//!
//! ```text
//! scope = token *( SP token )
//! token = name ":" projectKey [ ":" storeKey ] / "customer_id:" id / "anonymous_id:" id
//! ```

mod grant;
mod name;
#[cfg(test)]
mod tests;

pub use grant::{DeviceScopes, Holder, Narrowing, ScopeRefusal};
pub use name::ScopeName;

use std::collections::BTreeSet;

use crate::identity::{
    ids::{AnonymousId, CustomerId, MAX_KEY_LENGTH, ProjectKey, StoreKey},
    principal::Subject,
};

const CUSTOMER_ID: &str = "customer_id";
const ANONYMOUS_ID: &str = "anonymous_id";

/// One element of a scope string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A permission in a project, or in one store of it.
    Permission {
        /// What may be done.
        name: ScopeName,
        /// Where.
        project: ProjectKey,
        /// In which store only; `None` is the whole project.
        store: Option<StoreKey>,
    },
    /// The token speaks for this customer. Set by the authorization server, never requested.
    Customer(CustomerId),
    /// The token speaks for this guest. Set by the authorization server, never requested.
    Anonymous(AnonymousId),
}

/// Why a text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// No such name, or a name without the form of the text.
    #[error("`{token}` is not a known scope")]
    Unknown { token: String },
    /// Not `name:projectKey[:storeKey]`.
    #[error("`{token}` is not of the form name:projectKey or name:projectKey:storeKey")]
    Malformed { token: String },
}

impl Scope {
    /// A permission in the whole project.
    #[must_use]
    pub fn project(name: ScopeName, project: ProjectKey) -> Self {
        Self::Permission {
            name,
            project,
            store: None,
        }
    }

    /// Reads one token.
    ///
    /// # Errors
    /// [`ScopeError`], naming the token.
    pub fn parse(token: &str) -> Result<Self, ScopeError> {
        let malformed = || ScopeError::Malformed {
            token: token.to_owned(),
        };
        let unknown = || ScopeError::Unknown {
            token: token.to_owned(),
        };
        let (name, place) = token.split_once(':').ok_or_else(malformed)?;
        match name {
            CUSTOMER_ID if is_scope_token(place) => Ok(Self::Customer(CustomerId::new(place))),
            ANONYMOUS_ID => AnonymousId::parse(place)
                .map(Self::Anonymous)
                .ok_or_else(malformed),
            _ => {
                let name = ScopeName::parse(name).ok_or_else(unknown)?;
                let (project, store) = match place.split_once(':') {
                    Some((project, store)) => (project, Some(store)),
                    None => (place, None),
                };
                if !is_key(project) || !store.is_none_or(is_key) {
                    return Err(malformed());
                }
                if store.is_some() && !name.has_store_form() {
                    return Err(unknown());
                }
                Ok(Self::Permission {
                    name,
                    project: ProjectKey::new(project),
                    store: store.map(StoreKey::new),
                })
            }
        }
    }

    /// Whether whoever holds `self` may do what `other` allows.
    ///
    /// A scope of the whole project includes the same scope of each store; never the other way round, never from one
    /// project or store to another. An identity includes only itself.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Permission {
                    name,
                    project,
                    store,
                },
                Self::Permission {
                    name: other_name,
                    project: other_project,
                    store: other_store,
                },
            ) => {
                project == other_project
                    && (store.is_none() || store == other_store)
                    && name.implies(*other_name)
            }
            (Self::Customer(_) | Self::Anonymous(_), _)
            | (_, Self::Customer(_) | Self::Anonymous(_)) => self == other,
        }
    }

    /// Whether this element says who the token speaks for.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self, Self::Customer(_) | Self::Anonymous(_))
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Permission {
                name,
                project,
                store: None,
            } => write!(out, "{name}:{project}"),
            Self::Permission {
                name,
                project,
                store: Some(store),
            } => write!(out, "{name}:{project}:{store}"),
            Self::Customer(id) => write!(out, "{CUSTOMER_ID}:{id}"),
            Self::Anonymous(id) => write!(out, "{ANONYMOUS_ID}:{id}"),
        }
    }
}

/// Where something is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In the whole project.
    Project,
    /// In these stores only; perhaps in none.
    Stores(Vec<StoreKey>),
}

/// What a token or a client may do: scopes in the order given, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Collects scopes; of equal ones the first stays.
    #[must_use]
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut set = Self::default();
        for scope in scopes {
            set.insert(scope);
        }
        set
    }

    /// Reads a scope string: tokens separated by spaces (any white space is taken, because stored clients may have
    /// line breaks).
    ///
    /// # Errors
    /// [`ScopeError`] about the first token that is no scope.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let mut set = Self::default();
        for token in text.split_ascii_whitespace() {
            set.insert(Scope::parse(token)?);
        }
        Ok(set)
    }

    /// The scopes in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds `scope` at the end unless it is there.
    pub fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// Whether `name` is allowed in `project`: in `store`, or for `None` in the whole project.
    ///
    /// A `manage_my_…` scope is allowed in this sense also where the token speaks for nobody; that the token has a
    /// subject is the caller's second question.
    #[must_use]
    pub fn allows(&self, name: ScopeName, project: &ProjectKey, store: Option<&StoreKey>) -> bool {
        self.0.iter().any(|held| match held {
            Scope::Permission {
                name: held_name,
                project: held_project,
                store: held_store,
            } => {
                held_project == project
                    && (held_store.is_none() || held_store.as_ref() == store)
                    && held_name.implies(name)
            }
            Scope::Customer(_) | Scope::Anonymous(_) => false,
        })
    }

    /// Where any of `names` is allowed.
    #[must_use]
    pub fn reach(&self, names: &[ScopeName], project: &ProjectKey) -> Reach {
        let allows = |store| names.iter().any(|name| self.allows(*name, project, store));
        if allows(None) {
            return Reach::Project;
        }
        let named = self.0.iter().filter_map(|held| match held {
            Scope::Permission { store, .. } => store.as_ref(),
            Scope::Customer(_) | Scope::Anonymous(_) => None,
        });
        let stores: BTreeSet<&StoreKey> = named.filter(|store| allows(Some(store))).collect();
        Reach::Stores(stores.into_iter().cloned().collect())
    }

    /// Whether some scope of the set includes `scope`.
    #[must_use]
    pub fn implies(&self, scope: &Scope) -> bool {
        self.0.iter().any(|held| held.implies(scope))
    }

    /// On whose behalf a token with these scopes speaks.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.0
            .iter()
            .find_map(|scope| match scope {
                Scope::Customer(id) => Some(Subject::Customer(id.clone())),
                Scope::Anonymous(id) => Some(Subject::Anonymous(id.clone())),
                Scope::Permission { .. } => None,
            })
            .unwrap_or(Subject::Client)
    }

    /// These scopes with the identity of `subject` at the end, in place of any other identity.
    #[must_use]
    pub fn for_subject(mut self, subject: &Subject) -> Self {
        self.0.retain(|scope| !scope.is_identity());
        match subject {
            Subject::Client => {}
            Subject::Anonymous(id) => self.0.push(Scope::Anonymous(id.clone())),
            Subject::Customer(id) => self.0.push(Scope::Customer(id.clone())),
        }
        self
    }
}

impl std::fmt::Display for ScopeSet {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str(" ")?;
            }
            write!(out, "{scope}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for ScopeSet {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// RFC 6749 section 3.3: the characters of a scope token.
fn is_scope_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn is_key(text: &str) -> bool {
    (1..=MAX_KEY_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
}
