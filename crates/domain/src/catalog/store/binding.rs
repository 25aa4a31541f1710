//! To which store a resource belongs.

use crate::{
    context::Context,
    error::DomainError,
    kind::Kind,
    reference::{KeyReference, ResourceIdentifier},
};

/// The store of a new resource: that of the endpoint, which a draft may only repeat; elsewhere the one it names.
///
/// # Errors
/// [`DomainError::ReferencedResourceNotFound`]; [`DomainError::InvalidOperation`] for another store than the endpoint's.
pub(crate) fn of_new(
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<Option<KeyReference>, DomainError> {
    let named = existing(named, context)?;
    let Some(own) = context.store else {
        return Ok(named);
    };
    match named {
        Some(other) if other.key != own.as_str() => Err(DomainError::operation(format!(
            "the draft names the store `{}`, but is sent to the store `{own}`",
            other.key
        ))),
        Some(_) | None => Ok(Some(KeyReference::new(Kind::Store, own.as_str()))),
    }
}

/// The store to which an action moves a resource, or none: below a store everything stays where it is.
///
/// # Errors
/// As [`of_new`].
pub(crate) fn of_moved(
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<Option<KeyReference>, DomainError> {
    let wanted = existing(named, context)?;
    if let Some(own) = context.store
        && wanted.as_ref().map(|store| store.key.as_str()) != Some(own.as_str())
    {
        return Err(DomainError::operation(format!(
            "below the store `{own}` nothing can be moved out of it"
        )));
    }
    Ok(wanted)
}

fn existing(
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<Option<KeyReference>, DomainError> {
    named
        .map(|named| context.world.key_reference(Kind::Store, named))
        .transpose()
}
