//! Scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSet;
