//! The one life cycle that every resource shares.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    strict,
    timestamp::Timestamp,
};

/// A value that only one resource of the project may have, besides `id` and `key`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unique {
    /// The namespace, such as `sku`, `order-number` or `customer-email:de-store`.
    pub namespace: String,
    /// The value in the form that is compared.
    pub value: String,
    /// The field that a duplicate is reported for.
    pub field: &'static str,
    /// The value as the client wrote it.
    pub shown: String,
}

impl Unique {
    /// A value compared as written.
    #[must_use]
    pub fn new(namespace: impl Into<String>, field: &'static str, value: &str) -> Self {
        Self {
            namespace: namespace.into(),
            value: value.to_owned(),
            field,
            shown: value.to_owned(),
        }
    }
}

/// What the database keeps beside the document, to find it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// The customer who owns the resource.
    pub customer_id: Option<String>,
    /// The anonymous session it was made in.
    pub anonymous_id: Option<String>,
    /// Its state (`cartState`, `orderState`).
    pub state: Option<String>,
    /// The store it belongs to.
    pub store_key: Option<String>,
    /// When it vanishes.
    pub expires_at: Option<Timestamp>,
    /// Values no other resource may have.
    pub unique: Vec<Unique>,
}

/// A resource: stored as one JSON document in the shape of the commercetools API.
///
/// The service calls `create`, or `apply` for each action and then `settle`; it keeps the envelope, the version guard,
/// the transaction and the messages.
pub trait Resource:
    Envelope + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Which kind this is.
    const KIND: Kind;
    /// What a client sends to create one.
    type Draft: DeserializeOwned + Send + 'static;
    /// What a client may do to one; an externally tagged enum with camelCase names (see [`decode_actions`]).
    type Action: DeserializeOwned + Send + 'static;

    /// A new resource from a draft. The envelope is filled by the service afterwards.
    ///
    /// # Errors
    /// Any rule that the draft breaks.
    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError>;

    /// Applies one action.
    ///
    /// # Errors
    /// Any rule that the action breaks; the service then discards the resource.
    fn apply(&mut self, action: Self::Action, context: &mut Context<'_>)
    -> Result<(), DomainError>;

    /// Brings derived values up to date after all actions of a request, if they changed anything.
    ///
    /// # Errors
    /// Any rule that the result breaks.
    fn settle(&mut self, _context: &mut Context<'_>) -> Result<(), DomainError> {
        Ok(())
    }

    /// Whether it may be deleted now; leaves the message of the deletion.
    ///
    /// # Errors
    /// The rule that forbids it.
    fn check_delete(&self, _context: &mut Context<'_>) -> Result<(), DomainError> {
        Ok(())
    }

    /// What the database keeps beside the document.
    fn index(&self) -> Index {
        Index::default()
    }
}

/// The members that every resource carries; implemented by [`crate::envelope!`].
pub trait Envelope {
    /// Server-made id.
    fn id(&self) -> &str;
    /// Starts at 1, grows with every change.
    fn version(&self) -> i64;
    /// When it was created.
    fn created_at(&self) -> Timestamp;
    /// When it was last changed.
    fn last_modified_at(&self) -> Timestamp;
    /// The user-defined key.
    fn key(&self) -> Option<&str>;
    /// Fills the envelope of a new resource.
    fn born(&mut self, id: String, author: &Author, now: Timestamp);
    /// Moves the envelope to the next version.
    fn touched(&mut self, author: &Author, now: Timestamp);
}

/// A new envelope's values before the service fills them.
#[must_use]
pub const fn unborn() -> Timestamp {
    Timestamp::from_millis(0)
}

/// Implements [`Envelope`](crate::resource::Envelope) for a struct with the fields `id`, `version`, `created_at`,
/// `last_modified_at`, `created_by`, `last_modified_by` (both `Option<Author>`).
///
/// `envelope!(Cart, optional_key)` for `key: Option<String>`, `envelope!(Store, required_key)` for `key: String`,
/// `envelope!(Order, no_key)` for none.
#[macro_export]
macro_rules! envelope {
    (@key $self:ident optional_key) => { $self.key.as_deref() };
    (@key $self:ident required_key) => { Some($self.key.as_str()) };
    (@key $self:ident no_key) => { None };
    ($type:ty, $key:ident) => {
        impl $crate::resource::Envelope for $type {
            fn id(&self) -> &str { &self.id }
            fn version(&self) -> i64 { self.version }
            fn created_at(&self) -> $crate::timestamp::Timestamp { self.created_at }
            fn last_modified_at(&self) -> $crate::timestamp::Timestamp { self.last_modified_at }
            fn key(&self) -> Option<&str> { $crate::envelope!(@key self $key) }
            fn born(&mut self, id: String, author: &$crate::context::Author, now: $crate::timestamp::Timestamp) {
                self.id = id;
                self.version = 1;
                self.created_at = now;
                self.last_modified_at = now;
                self.created_by = Some(author.clone());
                self.last_modified_by = Some(author.clone());
            }
            fn touched(&mut self, author: &$crate::context::Author, now: $crate::timestamp::Timestamp) {
                self.version = self.version.saturating_add(1);
                self.last_modified_at = now;
                self.last_modified_by = Some(author.clone());
            }
        }
    };
}

/// At most this many actions in one request.
pub const MAX_ACTIONS: usize = 500;

/// Decodes `actions` one by one, so that an error names its position: ``actions[2] (`addLineItem`): …``.
///
/// `{ "action": "setKey", "key": "a" }` is read as the variant `SetKey { key }`; actions without members are empty
/// struct variants (`Publish {}`).
///
/// # Errors
/// [`DomainError::UnknownAction`], [`DomainError::InvalidJson`] for a member of the wrong type, [`DomainError::InvalidInput`] for
/// more than [`MAX_ACTIONS`].
pub fn decode_actions<A: DeserializeOwned>(actions: Vec<Value>) -> Result<Vec<A>, DomainError> {
    if actions.len() > MAX_ACTIONS {
        return Err(DomainError::input(format!(
            "actions: at most {MAX_ACTIONS} are allowed, found {}",
            actions.len()
        )));
    }
    actions
        .into_iter()
        .enumerate()
        .map(|(at, action)| decode_action(at, action))
        .collect()
}

fn decode_action<A: DeserializeOwned>(at: usize, action: Value) -> Result<A, DomainError> {
    let Value::Object(mut members) = action else {
        return Err(unknown(at, "it is not an object".to_owned()));
    };
    let name = match members.remove("action") {
        Some(Value::String(name)) => name,
        Some(other) => {
            return Err(unknown(
                at,
                format!("its `action` is {other}, not a string"),
            ));
        }
        None => return Err(unknown(at, "it has no `action`".to_owned())),
    };
    let mut tagged = Map::new();
    tagged.insert(name.clone(), Value::Object(members));
    strict::from_value_with_path(Value::Object(tagged)).map_err(|error| {
        let path = error.path().to_string();
        let place = path
            .strip_prefix(&name)
            .unwrap_or(&path)
            .trim_start_matches('.');
        let inner = error.inner();
        if place.is_empty() || place == "?" {
            let text = inner.to_string();
            if text.starts_with("unknown variant ") {
                return unknown(at, format!("`{name}` is not supported here"));
            }
        }
        DomainError::json(if place.is_empty() || place == "?" {
            format!("actions[{at}] (`{name}`): {inner}")
        } else {
            format!("actions[{at}] (`{name}`): `{place}`: {inner}")
        })
    })
}

fn unknown(at: usize, problem: String) -> DomainError {
    DomainError::UnknownAction { at, problem }
}

/// Decodes a draft, naming the member an error is about.
///
/// # Errors
/// [`DomainError::InvalidJson`].
pub fn decode_draft<D: DeserializeOwned>(body: Value) -> Result<D, DomainError> {
    if !body.is_object() {
        return Err(DomainError::json("expected a JSON object"));
    }
    strict::from_value_with_path(body).map_err(|error| {
        let path = error.path().to_string();
        DomainError::json(if path == "." {
            error.inner().to_string()
        } else {
            format!("`{path}`: {}", error.inner())
        })
    })
}

/// Removes members that are `null`, at every depth: in drafts and actions `null` means absent.
pub fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(strip_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(strip_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
