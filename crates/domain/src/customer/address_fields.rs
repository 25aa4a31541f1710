//! Custom fields of the addresses in the book.

use serde_json::{Map, Value};

use super::{AddressKey, Customer, addresses::find, custom_messages::CustomMessages};
use crate::{
    context::Context,
    custom_fields::{self, CustomFields},
    error::DomainError,
    message::Message,
    reference::ResourceIdentifier,
};

const CUSTOM: CustomMessages = CustomMessages {
    type_set: "CustomerAddressCustomTypeSet",
    type_removed: "CustomerAddressCustomTypeRemoved",
    field_added: "CustomerAddressCustomFieldAdded",
    field_changed: "CustomerAddressCustomFieldChanged",
    field_removed: "CustomerAddressCustomFieldRemoved",
    previous_type: "previousTypeId",
    previous_value: Some("previousValue"),
};

fn custom_of<'a>(
    who: &'a mut Customer,
    id: &str,
) -> Result<&'a mut Option<CustomFields>, DomainError> {
    let named = AddressKey {
        address_id: Some(id.to_owned()),
        address_key: None,
    };
    let (position, _) = find(who, &named)?;
    who.addresses
        .get_mut(position)
        .map(|address| &mut address.custom)
        .ok_or_else(|| DomainError::field("addressId", id))
}

fn tell(id: &str, message: Option<Message>, context: &mut Context<'_>) {
    if let Some(message) = message {
        context.emit(message.with("addressId", id));
    }
}

pub(super) fn set_custom_type(
    who: &mut Customer,
    id: &str,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = custom_of(who, id)?;
    let before = custom.clone();
    custom_fields::set_type(custom, type_, fields, "address", context)?;
    let message = CUSTOM.of_type(before.as_ref(), custom.as_ref())?;
    tell(id, message, context);
    Ok(())
}

pub(super) fn set_custom_field(
    who: &mut Customer,
    id: &str,
    name: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = custom_of(who, id)?;
    let before = custom.clone();
    custom_fields::set_field(custom, name, value, context)?;
    let message = CUSTOM.of_field(name, before.as_ref(), custom.as_ref());
    tell(id, message, context);
    Ok(())
}
