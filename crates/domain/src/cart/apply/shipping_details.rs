//! Addresses that lines are shipped to, and which units go where.

use crate::{
    address::AddressDraft,
    cart::{
        Cart, ItemShippingDetails, ItemShippingTarget,
        draft_parts::ItemShippingDetailsDraft,
        line_items::{ItemName, check_targets, custom_line_mut, line_mut},
        pending::replace,
    },
    context::Context,
    error::DomainError,
};

pub(super) fn add_address(
    cart: &mut Cart,
    draft: AddressDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let address = draft.resolve_in_place_of(None, context)?;
    let key = address
        .key
        .as_deref()
        .ok_or_else(|| DomainError::required("address.key"))?;
    if known_at(cart, key).is_some() {
        return Err(DomainError::DuplicateField {
            field: "address.key".to_owned(),
            value: key.into(),
        });
    }
    cart.item_shipping_addresses.push(address);
    cart.pending.change();
    Ok(())
}

pub(super) fn update_address(
    cart: &mut Cart,
    draft: AddressDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let key = draft
        .key
        .clone()
        .ok_or_else(|| DomainError::required("address.key"))?;
    let before = known_at(cart, &key).and_then(|at| cart.item_shipping_addresses.get(at));
    let address = draft.resolve_in_place_of(before, context)?;
    let known = known_at(cart, &key)
        .and_then(|at| cart.item_shipping_addresses.get_mut(at))
        .ok_or_else(|| DomainError::field("address.key", key))?;
    cart.pending.note(replace(known, address));
    Ok(())
}

pub(super) fn remove_address(cart: &mut Cart, key: &str) -> Result<(), DomainError> {
    let at = known_at(cart, key).ok_or_else(|| DomainError::field("addressKey", key))?;
    let details = cart
        .line_items
        .iter()
        .map(|line| line.shipping_details.as_ref())
        .chain(
            cart.custom_line_items
                .iter()
                .map(|line| line.shipping_details.as_ref()),
        );
    let used = details
        .flatten()
        .flat_map(|details| &details.targets)
        .any(|target| target.address_key == key);
    if used {
        return Err(DomainError::operation(format!(
            "the item shipping address `{key}` cannot be removed: lines are shipped to it"
        )));
    }
    cart.item_shipping_addresses.remove(at);
    cart.pending.change();
    Ok(())
}

fn known_at(cart: &Cart, key: &str) -> Option<usize> {
    cart.item_shipping_addresses
        .iter()
        .position(|address| address.key.as_deref() == Some(key))
}

pub(super) fn set_on_line(
    cart: &mut Cart,
    name: &ItemName,
    draft: Option<ItemShippingDetailsDraft>,
) -> Result<(), DomainError> {
    check_targets(cart, draft.as_ref())?;
    let line = line_mut(&mut cart.line_items, name)?;
    let details = draft.map(|draft| draft.details(line.quantity));
    cart.pending
        .note(replace(&mut line.shipping_details, details));
    Ok(())
}

pub(super) fn set_on_custom_line(
    cart: &mut Cart,
    name: &ItemName,
    draft: Option<ItemShippingDetailsDraft>,
) -> Result<(), DomainError> {
    check_targets(cart, draft.as_ref())?;
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    let details = draft.map(|draft| draft.details(line.quantity));
    cart.pending
        .note(replace(&mut line.shipping_details, details));
    Ok(())
}

pub(super) fn shift_on_line(
    cart: &mut Cart,
    name: &ItemName,
    delta: Vec<ItemShippingTarget>,
) -> Result<(), DomainError> {
    let line = line_mut(&mut cart.line_items, name)?;
    let draft = shifted(line.shipping_details.as_ref(), delta)?;
    set_on_line(cart, name, Some(draft))
}

pub(super) fn shift_on_custom_line(
    cart: &mut Cart,
    name: &ItemName,
    delta: Vec<ItemShippingTarget>,
) -> Result<(), DomainError> {
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    let draft = shifted(line.shipping_details.as_ref(), delta)?;
    set_on_custom_line(cart, name, Some(draft))
}

/// The targets with quantities added or taken; a target that is left with nothing goes.
fn shifted(
    details: Option<&ItemShippingDetails>,
    delta: Vec<ItemShippingTarget>,
) -> Result<ItemShippingDetailsDraft, DomainError> {
    let mut targets = details
        .map(|details| details.targets.clone())
        .unwrap_or_default();
    for shift in delta {
        let known = targets.iter_mut().find(|known| {
            known.address_key == shift.address_key
                && known.shipping_method_key == shift.shipping_method_key
        });
        match known {
            Some(known) => {
                known.quantity = known
                    .quantity
                    .checked_add(shift.quantity)
                    .ok_or(DomainError::MoneyOverflow)?;
            }
            None => targets.push(shift),
        }
    }
    if let Some(below) = targets.iter().find(|target| target.quantity < 0) {
        return Err(DomainError::operation(format!(
            "fewer than 0 units would go to the address `{}`",
            below.address_key
        )));
    }
    targets.retain(|target| target.quantity > 0);
    Ok(ItemShippingDetailsDraft { targets })
}
