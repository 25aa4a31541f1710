//! Whose cart it is: customer, anonymous session, customer group.

use std::sync::Arc;

use crate::{
    cart::{Cart, CartDraft, pending::replace},
    context::Context,
    customer::Customer,
    error::DomainError,
    identity::{ids::refuse_alias, principal::Subject},
    kind::Kind,
    reference::{Reference, ResourceIdentifier},
    world::By,
};

/// Gives a new cart to the token's subject, or for a back end to whom the draft names.
pub(super) fn set_from_draft(
    cart: &mut Cart,
    draft: &CartDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    match context.acting_for {
        Subject::Anonymous(id) => {
            cart.anonymous_id = Some(id.as_str().to_owned());
            Ok(())
        }
        Subject::Customer(id) => {
            let customer = context.world.get::<Customer>(By::Id(id.as_str()))?;
            let customer = customer.ok_or_else(|| missing(id.as_str()))?;
            own(cart, &customer);
            Ok(())
        }
        Subject::Client => set_by_client(cart, draft, context),
    }
}

fn set_by_client(
    cart: &mut Cart,
    draft: &CartDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if draft.customer_id.is_some() && draft.customer_group.is_some() {
        return Err(DomainError::operation(
            "`customerId` and `customerGroup` cannot be set together: the group follows the customer",
        ));
    }
    if let Some(id) = &draft.anonymous_id {
        refuse_alias(id)?;
        cart.anonymous_id = Some(id.clone());
    }
    if let Some(id) = &draft.customer_id {
        let customer = named(id, context)?;
        own(cart, &customer);
    }
    if let Some(group) = &draft.customer_group {
        cart.customer_group = Some(context.world.reference(Kind::CustomerGroup, group)?);
    }
    Ok(())
}

/// The customer whom a backend names. Below a store the vendor answers an unknown one with another error than elsewhere.
fn named(id: &str, context: &mut Context<'_>) -> Result<Arc<Customer>, DomainError> {
    let found = context.world.new_owner(id)?;
    found.ok_or_else(|| match context.store {
        Some(store) => DomainError::input(format!(
            "`customerId`: the store `{store}` knows no customer with the id `{id}`"
        )),
        None => missing(id),
    })
}

fn missing(id: &str) -> DomainError {
    DomainError::ReferencedResourceNotFound {
        kind: Kind::Customer,
        identifier: ResourceIdentifier::by_id(id),
    }
}

fn own(cart: &mut Cart, customer: &Customer) -> bool {
    let moved = replace(&mut cart.customer_id, Some(customer.id.clone()));
    replace(&mut cart.customer_group, customer.customer_group.clone()) || moved
}

/// Gives a cart to a customer, as sign-in does for everything a guest left: the anonymous id stays.
///
/// Prices are not selected again; whoever makes it the active cart recalculates it.
pub fn assign(cart: &mut Cart, customer: &Customer) {
    own(cart, customer);
}

/// `setCustomerId`: another customer means other prices; none removes the customer and the group.
pub(super) fn set_customer(
    cart: &mut Cart,
    id: Option<&str>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let changed = match id {
        Some(id) => {
            let customer = named(id, context)?;
            own(cart, &customer)
        }
        None => {
            let left = replace(&mut cart.customer_id, None);
            // A group that was set without a customer goes too.
            replace(&mut cart.customer_group, None) || left
        }
    };
    if changed {
        cart.pending.reprice();
    }
    Ok(())
}

/// `setAnonymousId`: only while the cart has no customer.
pub(super) fn set_anonymous_id(cart: &mut Cart, id: Option<String>) -> Result<(), DomainError> {
    if cart.customer_id.is_some() {
        return Err(DomainError::operation(
            "`anonymousId` cannot be set on a cart that has a customer",
        ));
    }
    if let Some(id) = &id {
        refuse_alias(id)?;
    }
    cart.pending.note(replace(&mut cart.anonymous_id, id));
    Ok(())
}

/// `setCustomerGroup`: only while the cart has no customer, whose group it would be.
pub(super) fn set_customer_group(
    cart: &mut Cart,
    group: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if cart.customer_id.is_some() {
        return Err(DomainError::operation(
            "`customerGroup` cannot be set on a cart that has a customer",
        ));
    }
    let group: Option<Reference> = group
        .map(|group| context.world.reference(Kind::CustomerGroup, group))
        .transpose()?;
    if replace(&mut cart.customer_group, group) {
        cart.pending.reprice();
    }
    Ok(())
}
