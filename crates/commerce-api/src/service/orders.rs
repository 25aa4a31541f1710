//! Placing orders: one order from one cart, whoever asks how often.

use super::{references, stock, work::Work};
use crate::error::CommerceError;
use domain::{
    cart::Cart,
    error::DomainError,
    identity::principal::Subject,
    kind::Kind,
    order::{Order, OrderFromCartDraft, OrderImportDraft, place as place_order},
    resource::Resource as _,
    world::lookup,
};
use shared::random::uuid;

/// Stores an order that was placed elsewhere, and takes what it needs from the stock.
///
/// # Errors
/// Any rule the draft breaks; [`DomainError::OutOfStock`].
pub fn import(work: &mut Work<'_, '_>, draft: OrderImportDraft) -> Result<Order, CommerceError> {
    work.hold_session()?;
    references::require_store(work)?;
    let (order, messages) = work.rules(Kind::Order, |context| Order::create(draft, context))?;
    stock::take(work, &order)?;
    let id = uuid(work.bench.randomness.as_ref());
    work.insert(order, id, messages)
}

/// Makes an order of a cart and closes the cart.
///
/// Of several requests for one cart exactly one succeeds: the cart's version guard decides.
///
/// # Errors
/// [`DomainError::ResourceNotFound`] on `/me` and [`DomainError::ReferencedResourceNotFound`] elsewhere for a cart the
/// request cannot see; the checks of [`domain::order::place`]; [`DomainError::OutOfStock`].
pub fn place(work: &mut Work<'_, '_>, draft: OrderFromCartDraft) -> Result<Order, CommerceError> {
    let identifier = draft.cart()?;
    references::require_store(work)?;
    let by = lookup(Kind::Cart, &identifier)?;
    let (row, cart) = work.load::<Cart>(by).map_err(|error| match error {
        CommerceError::Domain(DomainError::ResourceNotFound { .. })
            if work.request.acting_for == Subject::Client =>
        {
            DomainError::ReferencedResourceNotFound {
                kind: Kind::Cart,
                identifier: identifier.clone(),
            }
            .into()
        }
        other => other,
    })?;
    let ((order, ordered), messages) =
        work.rules(Kind::Order, |context| place_order(&cart, draft, context))?;
    // The cart first: its version guard turns away every other request before it takes stock.
    work.save(&row, &cart, ordered, Vec::new())?;
    stock::take(work, &order)?;
    work.insert_born(order, messages)
}
