//! What a rule may ask about the rest of the project.

use std::{any::Any, sync::Arc};

use crate::{
    customer::Customer,
    error::{DomainError, WorldError},
    kind::Kind,
    reference::{KeyReference, Reference, ResourceIdentifier},
    resource::Resource,
};

/// How a resource is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By<'a> {
    /// By its id.
    Id(&'a str),
    /// By its user-defined key.
    Key(&'a str),
    /// By a value that is unique in a namespace (`sku`, `order-number` …), see [`crate::resource::Unique`].
    Unique(&'a str, &'a str),
}

/// A parsed resource of any kind.
pub type AnyResource = Arc<dyn Any + Send + Sync>;

/// Turns the stored text of a resource into its type.
pub type ParseResource = fn(&str) -> Result<AnyResource, WorldError>;

/// The other resources of the project, as they are in the transaction that runs.
///
/// Implemented over a database transaction with a cache by the commerce API, and over plain maps by tests.
/// Rules use the typed helpers on `dyn World`: `get`, `all`, `reference`.
pub trait World {
    /// One resource, or `None` if there is none.
    ///
    /// # Errors
    /// When the resource cannot be read or parsed.
    fn find(
        &mut self,
        kind: Kind,
        by: By<'_>,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError>;

    /// [`Self::find`] of what a request names: `None` also for what whoever asks could not see.
    ///
    /// # Errors
    /// When the resource cannot be read or parsed.
    fn find_named(
        &mut self,
        kind: Kind,
        by: By<'_>,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError> {
        self.find(kind, by, parse)
    }

    /// The customer to whom whoever asks may give a cart or an order.
    ///
    /// # Errors
    /// When the customer cannot be read or parsed.
    fn find_new_owner(
        &mut self,
        id: &str,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError> {
        self.find(Kind::Customer, By::Id(id), parse)
    }

    /// All resources of a kind, ordered by creation. Only for kinds with few members.
    ///
    /// # Errors
    /// When the resources cannot be read or parsed.
    fn find_all(
        &mut self,
        kind: Kind,
        parse: ParseResource,
    ) -> Result<Arc<Vec<AnyResource>>, WorldError>;

    /// Announces resources that will be asked for by id one after the other: a world may read them in one go.
    ///
    /// # Errors
    /// When the resources cannot be read or parsed.
    fn prepare(
        &mut self,
        _kind: Kind,
        _ids: &[&str],
        _parse: ParseResource,
    ) -> Result<(), WorldError> {
        Ok(())
    }

    /// The id and key of a resource of any kind, or `None` if there is none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn identify(
        &mut self,
        kind: Kind,
        by: By<'_>,
    ) -> Result<Option<(String, Option<String>)>, WorldError>;

    /// [`Self::identify`] of what a request names: `None` also for what whoever asks could not see.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn identify_named(
        &mut self,
        kind: Kind,
        by: By<'_>,
    ) -> Result<Option<(String, Option<String>)>, WorldError> {
        self.identify(kind, by)
    }
}

fn parse<R: Resource>(text: &str) -> Result<AnyResource, WorldError> {
    let resource: R = serde_json::from_str(text).map_err(|error| WorldError(Box::new(error)))?;
    Ok(Arc::new(resource))
}

fn typed<R: Resource>(found: AnyResource) -> Result<Arc<R>, WorldError> {
    found
        .downcast::<R>()
        .map_err(|_other| WorldError(format!("{} has another type", R::KIND.type_id()).into()))
}

impl dyn World + '_ {
    /// The resource `by`, or `None`.
    ///
    /// # Errors
    /// [`DomainError::World`] when it cannot be read.
    pub fn get<R: Resource>(&mut self, by: By<'_>) -> Result<Option<Arc<R>>, DomainError> {
        match self.find(R::KIND, by, parse::<R>)? {
            Some(found) => Ok(Some(typed(found)?)),
            None => Ok(None),
        }
    }

    /// The resource that a request names `by`, or `None` if whoever asks could not see one.
    ///
    /// # Errors
    /// [`DomainError::World`] when it cannot be read.
    pub fn get_named<R: Resource>(&mut self, by: By<'_>) -> Result<Option<Arc<R>>, DomainError> {
        match self.find_named(R::KIND, by, parse::<R>)? {
            Some(found) => Ok(Some(typed(found)?)),
            None => Ok(None),
        }
    }

    /// The customer to whom whoever asks may give a cart or an order.
    ///
    /// # Errors
    /// [`DomainError::World`] when the customer cannot be read.
    pub fn new_owner(&mut self, id: &str) -> Result<Option<Arc<Customer>>, DomainError> {
        match self.find_new_owner(id, parse::<Customer>)? {
            Some(found) => Ok(Some(typed(found)?)),
            None => Ok(None),
        }
    }

    /// All resources of a kind with few members.
    ///
    /// # Errors
    /// [`DomainError::World`] when they cannot be read.
    pub fn all<R: Resource>(&mut self) -> Result<Vec<Arc<R>>, DomainError> {
        let found = self.find_all(R::KIND, parse::<R>)?;
        found
            .iter()
            .map(|one| typed(Arc::clone(one)).map_err(DomainError::from))
            .collect()
    }

    /// Announces that these will be asked for by id.
    ///
    /// # Errors
    /// [`DomainError::World`] when they cannot be read.
    pub fn read_ahead<R: Resource>(&mut self, ids: &[&str]) -> Result<(), DomainError> {
        Ok(self.prepare(R::KIND, ids, parse::<R>)?)
    }

    /// The resource a request names.
    ///
    /// # Errors
    /// [`DomainError::ReferencedResourceNotFound`] if there is none that whoever asks could see, [`DomainError::InvalidJson`] if the identifier
    /// names another kind, or neither `id` nor `key`.
    pub fn require<R: Resource>(
        &mut self,
        identifier: &ResourceIdentifier,
    ) -> Result<Arc<R>, DomainError> {
        let by = lookup(R::KIND, identifier)?;
        self.get_named::<R>(by)?
            .ok_or_else(|| DomainError::ReferencedResourceNotFound {
                kind: R::KIND,
                identifier: identifier.clone(),
            })
    }

    /// The reference to store for a resource a request names.
    ///
    /// # Errors
    /// As [`Self::require`].
    pub fn reference(
        &mut self,
        kind: Kind,
        identifier: &ResourceIdentifier,
    ) -> Result<Reference, DomainError> {
        self.identified(kind, identifier)
            .map(|(id, _)| Reference::new(kind, id))
    }

    /// The reference by key to store for a resource a request names, such as a store.
    ///
    /// # Errors
    /// As [`Self::require`]; a resource without key is not found either.
    pub fn key_reference(
        &mut self,
        kind: Kind,
        identifier: &ResourceIdentifier,
    ) -> Result<KeyReference, DomainError> {
        let missing = || DomainError::ReferencedResourceNotFound {
            kind,
            identifier: identifier.clone(),
        };
        let (_, key) = self.identified(kind, identifier)?;
        key.map(|key| KeyReference::new(kind, key))
            .ok_or_else(missing)
    }

    fn identified(
        &mut self,
        kind: Kind,
        identifier: &ResourceIdentifier,
    ) -> Result<(String, Option<String>), DomainError> {
        let by = lookup(kind, identifier)?;
        self.identify_named(kind, by)?
            .ok_or_else(|| DomainError::ReferencedResourceNotFound {
                kind,
                identifier: identifier.clone(),
            })
    }
}

/// Reads a request's identifier as a lookup of `kind`.
///
/// # Errors
/// [`DomainError::InvalidJson`] if it names another kind, or neither `id` nor `key`.
pub fn lookup(kind: Kind, identifier: &ResourceIdentifier) -> Result<By<'_>, DomainError> {
    if let Some(named) = identifier.type_id.filter(|named| *named != kind) {
        return Err(DomainError::json(format!(
            "typeId: expected `{}`, found `{}`",
            kind.type_id(),
            named.type_id()
        )));
    }
    match (&identifier.id, &identifier.key) {
        // With both the vendor looks at the id.
        (Some(id), _) => Ok(By::Id(id)),
        (None, Some(key)) => Ok(By::Key(key)),
        (None, None) => Err(DomainError::json(format!(
            "a reference to a {} needs `id` or `key`",
            kind.type_id()
        ))),
    }
}
