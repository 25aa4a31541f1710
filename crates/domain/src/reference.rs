//! How resources name each other.

use serde::{Deserialize, Serialize};

use crate::kind::Kind;

/// A stored reference to another resource: `{ "typeId", "id" }`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The kind of the target.
    pub type_id: Kind,
    /// Its id.
    pub id: String,
}

impl Reference {
    /// A reference to the resource `id` of `kind`.
    #[must_use]
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self {
            type_id: kind,
            id: id.into(),
        }
    }
}

/// A stored reference by key, as stores have it: `{ "typeId", "key" }`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyReference {
    /// The kind of the target.
    pub type_id: Kind,
    /// Its key.
    pub key: String,
}

impl KeyReference {
    /// A reference to the resource of `kind` with `key`.
    #[must_use]
    pub fn new(kind: Kind, key: impl Into<String>) -> Self {
        Self {
            type_id: kind,
            key: key.into(),
        }
    }
}

/// How a request names a resource: by `id` or `key` (`id` counts if there are both); `typeId` may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceIdentifier {
    /// The kind, where given.
    pub type_id: Option<Kind>,
    /// The id, where the target is named by id.
    pub id: Option<String>,
    /// The key, where the target is named by key.
    pub key: Option<String>,
}

impl ResourceIdentifier {
    /// Names a target by id.
    #[must_use]
    pub fn by_id(id: impl Into<String>) -> Self {
        Self {
            type_id: None,
            id: Some(id.into()),
            key: None,
        }
    }

    /// Names a target by key.
    #[must_use]
    pub fn by_key(key: impl Into<String>) -> Self {
        Self {
            type_id: None,
            id: None,
            key: Some(key.into()),
        }
    }
}
