//! To whom shopping lists and payments belong.

use crate::{
    context::Context,
    error::DomainError,
    identity::{ids::refuse_alias, principal::Subject},
    kind::Kind,
    reference::{Reference, ResourceIdentifier},
};

/// The customer and anonymous session of a resource; both for one that a guest made and a customer took over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) customer: Option<Reference>,
    pub(crate) anonymous_id: Option<String>,
}

impl Owner {
    /// The owner of a new resource: whoever the request is made for; a backend names the owner in the draft.
    ///
    /// # Errors
    /// [`DomainError::ReferencedResourceNotFound`] for a customer that does not exist.
    pub(crate) fn of_new(
        customer: Option<&ResourceIdentifier>,
        anonymous_id: Option<String>,
        context: &mut Context<'_>,
    ) -> Result<Self, DomainError> {
        match context.acting_for {
            Subject::Client => {
                anonymous_id.as_deref().map_or(Ok(()), refuse_alias)?;
                Ok(Self {
                    customer: existing(customer, context)?,
                    anonymous_id,
                })
            }
            Subject::Customer(id) => Ok(Self {
                customer: Some(Reference::new(Kind::Customer, id.as_str())),
                anonymous_id: None,
            }),
            Subject::Anonymous(id) => Ok(Self {
                customer: None,
                anonymous_id: Some(id.as_str().to_owned()),
            }),
        }
    }
}

/// The reference to the customer that an action names, if it names one.
///
/// # Errors
/// [`DomainError::ReferencedResourceNotFound`].
pub(crate) fn existing(
    customer: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    customer
        .map(|named| context.world.reference(Kind::Customer, named))
        .transpose()
}

/// Whether the anonymous session may be set: not once there is a customer, and not to an id that nobody may claim.
///
/// # Errors
/// [`DomainError::InvalidOperation`], [`DomainError::InvalidField`].
pub(crate) fn check_anonymous_id(
    id: Option<&str>,
    customer: Option<&Reference>,
) -> Result<(), DomainError> {
    match customer {
        None => id.map_or(Ok(()), refuse_alias),
        Some(customer) => Err(DomainError::operation(format!(
            "The anonymous ID cannot be set: the resource belongs to the customer with ID '{}'.",
            customer.id
        ))),
    }
}
