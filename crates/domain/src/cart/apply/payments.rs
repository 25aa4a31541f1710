//! The payments of a cart.

use crate::{
    cart::{Cart, PaymentInfo},
    context::Context,
    error::DomainError,
    identity::principal::Subject,
    kind::Kind,
    payment::Payment,
    reference::{Reference, ResourceIdentifier},
    world::{By, lookup},
};

/// Adds a payment; adding it twice changes nothing.
pub(super) fn add(
    cart: &mut Cart,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let payment = context.world.require::<Payment>(named)?;
    if !is_visible(&payment, context.acting_for) {
        return Err(DomainError::ReferencedResourceNotFound {
            kind: Kind::Payment,
            identifier: named.clone(),
        });
    }
    let reference = Reference::new(Kind::Payment, payment.id.as_str());
    let info = cart.payment_info.get_or_insert_with(PaymentInfo::default);
    if !info.payments.contains(&reference) {
        info.payments.push(reference);
        cart.pending.change();
    }
    Ok(())
}

/// A shopper sees no payment but their own.
pub(crate) fn is_visible(payment: &Payment, subject: &Subject) -> bool {
    match subject {
        Subject::Client => true,
        Subject::Anonymous(id) => {
            payment.customer.is_none() && payment.anonymous_id.as_deref() == Some(id.as_str())
        }
        Subject::Customer(id) => payment
            .customer
            .as_ref()
            .is_some_and(|customer| customer.id == id.as_str()),
    }
}

/// A payment that is named to be removed: who sees it there may say its id, whatever else they may see of it.
pub(crate) fn payment_in(
    info: Option<&PaymentInfo>,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<Reference, DomainError> {
    let By::Id(id) = lookup(Kind::Payment, named)? else {
        return context.world.reference(Kind::Payment, named);
    };
    let known = info
        .into_iter()
        .flat_map(|info| &info.payments)
        .find(|payment| payment.id == id);
    match known {
        Some(known) => Ok(known.clone()),
        None => context.world.reference(Kind::Payment, named),
    }
}

pub(super) fn remove(
    cart: &mut Cart,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let reference = payment_in(cart.payment_info.as_ref(), named, context)?;
    if let Some(info) = &mut cart.payment_info
        && let Some(at) = info.payments.iter().position(|known| *known == reference)
    {
        info.payments.remove(at);
        if info.payments.is_empty() {
            cart.payment_info = None;
        }
        cart.pending.change();
    }
    Ok(())
}
