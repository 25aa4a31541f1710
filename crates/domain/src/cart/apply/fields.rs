//! Custom fields of the cart, its lines, its addresses and its shipping method.

use serde_json::Value;

use crate::{
    address::Address,
    cart::{
        Cart,
        draft_parts::FieldContainer,
        line_items::{ItemName, custom_line_mut, line_mut},
    },
    context::Context,
    custom_fields::{CustomFields, set_field, set_type},
    error::DomainError,
    reference::ResourceIdentifier,
};

/// What a custom type must be for; carts share theirs with orders.
const CART: &str = "order";
const LINE: &str = "line-item";
const CUSTOM_LINE: &str = "custom-line-item";
const ADDRESS: &str = "address";
const SHIPPING: &str = "shipping";

/// Another custom type, or none.
pub(crate) struct NewType {
    pub named: Option<ResourceIdentifier>,
    pub fields: Option<FieldContainer>,
}

/// Another value of one custom field, or none.
pub(crate) struct NewField<'a> {
    pub name: &'a str,
    pub value: Option<Value>,
}

/// A change of custom fields.
pub(crate) enum Change<'a> {
    Type(NewType),
    Field(NewField<'a>),
}

impl<'a> Change<'a> {
    pub(crate) fn to_type(
        named: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    ) -> Self {
        Self::Type(NewType { named, fields })
    }

    pub(crate) fn to_field(name: &'a str, value: Option<Value>) -> Self {
        Self::Field(NewField { name, value })
    }

    /// Makes the change; says whether anything is different now.
    pub(crate) fn make(
        self,
        custom: &mut Option<CustomFields>,
        target: &'static str,
        context: &mut Context<'_>,
    ) -> Result<bool, DomainError> {
        let before = custom.clone();
        match self {
            Self::Type(new) => set_type(custom, new.named, new.fields, target, context)?,
            Self::Field(new) => set_field(custom, new.name, new.value, context)?,
        }
        Ok(*custom != before)
    }
}

pub(super) fn change_cart(
    cart: &mut Cart,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let changed = change.make(&mut cart.custom, CART, context)?;
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn change_line(
    cart: &mut Cart,
    name: &ItemName,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = line_mut(&mut cart.line_items, name)?;
    let changed = change.make(&mut line.custom, LINE, context)?;
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn change_custom_line(
    cart: &mut Cart,
    name: &ItemName,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    let changed = change.make(&mut line.custom, CUSTOM_LINE, context)?;
    cart.pending.note(changed);
    Ok(())
}

/// The custom fields of the shipping method: the one of the cart, or the one with this key.
pub(super) fn change_shipping(
    cart: &mut Cart,
    key: Option<&str>,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = match key {
        Some(key) if cart.shipping_key.as_deref() != Some(key) => cart
            .shipping
            .iter_mut()
            .find(|shipping| shipping.shipping_key == key)
            .map(|shipping| &mut shipping.shipping_custom_fields)
            .ok_or_else(|| DomainError::field("shippingKey", key))?,
        _ if cart.shipping_info.is_none() => {
            return Err(DomainError::operation("the cart has no shipping method"));
        }
        _ => &mut cart.shipping_custom_fields,
    };
    let changed = change.make(custom, SHIPPING, context)?;
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn change_shipping_address(
    cart: &mut Cart,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let changed = change_address(cart.shipping_address.as_mut(), "shipping", change, context)?;
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn change_billing_address(
    cart: &mut Cart,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let changed = change_address(cart.billing_address.as_mut(), "billing", change, context)?;
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn change_item_address(
    cart: &mut Cart,
    key: &str,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let address = cart
        .item_shipping_addresses
        .iter_mut()
        .find(|address| address.key.as_deref() == Some(key))
        .ok_or_else(|| DomainError::field("addressKey", key))?;
    let changed = change.make(&mut address.custom, ADDRESS, context)?;
    cart.pending.note(changed);
    Ok(())
}

/// Changes the custom fields of an address that must be there.
fn change_address(
    address: Option<&mut Address>,
    which: &str,
    change: Change<'_>,
    context: &mut Context<'_>,
) -> Result<bool, DomainError> {
    match address {
        Some(address) => change.make(&mut address.custom, ADDRESS, context),
        None => Err(DomainError::operation(format!(
            "there is no {which} address to set custom fields on"
        ))),
    }
}
