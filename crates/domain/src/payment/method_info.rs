//! How a payment is paid: provider, method, stored payment means.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Payment;
use crate::{
    catalog::shape::check_localized,
    context::Context,
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    customer::custom_messages::CustomMessages,
    error::DomainError,
    localized::LocalizedString,
    message::Message,
    reference::ResourceIdentifier,
};

/// A stored payment means, as the provider names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodToken {
    /// The provider's token.
    pub value: String,
}

/// How a payment is paid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodInfo {
    /// The provider; set once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_interface: Option<String>,
    /// Such as `CreditCard`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedString>,
    /// A stored payment means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<PaymentMethodToken>,
    /// The shop's account with the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_account: Option<String>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// How a payment is to be paid.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodInfoDraft {
    /// The provider.
    pub payment_interface: Option<String>,
    /// Such as `CreditCard`.
    pub method: Option<String>,
    /// For people.
    pub name: Option<LocalizedString>,
    /// A stored payment means.
    pub token: Option<PaymentMethodToken>,
    /// The shop's account with the provider.
    pub interface_account: Option<String>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
}

/// `resourceTypeId` of custom fields of the method.
pub(super) const CUSTOM_TARGET: &str = "payment-method-info";

pub(super) fn create(
    draft: PaymentMethodInfoDraft,
    context: &mut Context<'_>,
) -> Result<PaymentMethodInfo, DomainError> {
    check_name(draft.name.as_ref())?;
    let custom = draft
        .custom
        .map(|custom| custom.resolve(CUSTOM_TARGET, context))
        .transpose()?;
    Ok(PaymentMethodInfo {
        payment_interface: draft.payment_interface,
        method: draft.method,
        name: draft.name,
        token: draft.token,
        interface_account: draft.interface_account,
        custom,
    })
}

fn check_name(name: Option<&LocalizedString>) -> Result<(), DomainError> {
    name.map_or(Ok(()), |name| check_localized("name", name))
}

fn check_interface(payment: &Payment, interface: Option<&str>) -> Result<(), DomainError> {
    match &payment.payment_method_info.payment_interface {
        Some(set) if Some(set.as_str()) != interface => Err(DomainError::operation(
            "The payment interface is set already and cannot be changed.",
        )),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn set(
    payment: &mut Payment,
    draft: PaymentMethodInfoDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_interface(payment, draft.payment_interface.as_deref())?;
    payment.payment_method_info = create(draft, context)?;
    Ok(())
}

pub(super) fn set_interface(
    payment: &mut Payment,
    interface: String,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_interface(payment, Some(&interface))?;
    let names = ("PaymentMethodInfoInterfaceSet", "interface", "oldInterface");
    let slot = &mut payment.payment_method_info.payment_interface;
    replace(slot, Some(interface), names, context)
}

pub(super) fn set_interface_account(
    payment: &mut Payment,
    account: Option<String>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let names = (
        "PaymentMethodInfoInterfaceAccountSet",
        "interfaceAccount",
        "oldInterfaceAccount",
    );
    let slot = &mut payment.payment_method_info.interface_account;
    replace(slot, account, names, context)
}

pub(super) fn set_method(
    payment: &mut Payment,
    method: Option<String>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let names = ("PaymentMethodInfoMethodSet", "method", "oldMethod");
    replace(
        &mut payment.payment_method_info.method,
        method,
        names,
        context,
    )
}

pub(super) fn set_name(
    payment: &mut Payment,
    name: Option<LocalizedString>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_name(name.as_ref())?;
    let names = ("PaymentMethodInfoNameSet", "name", "oldName");
    replace(&mut payment.payment_method_info.name, name, names, context)
}

pub(super) fn set_token(
    payment: &mut Payment,
    token: Option<PaymentMethodToken>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let names = ("PaymentMethodInfoTokenSet", "token", "oldToken");
    replace(
        &mut payment.payment_method_info.token,
        token,
        names,
        context,
    )
}

/// Replaces a value; `names` are those of the message and of its members for the new and the old value.
fn replace<T: PartialEq + Serialize>(
    slot: &mut Option<T>,
    value: Option<T>,
    names: (&'static str, &str, &str),
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if *slot == value {
        return Ok(());
    }
    let (message_type, new_name, old_name) = names;
    let message = Message::new(message_type)
        .with_document(new_name, &value)?
        .with_document(old_name, slot)?;
    context.emit(message);
    *slot = value;
    Ok(())
}

const CUSTOM: CustomMessages = CustomMessages {
    type_set: "PaymentMethodInfoCustomTypeSet",
    type_removed: "PaymentMethodInfoCustomTypeRemoved",
    field_added: "PaymentMethodInfoCustomFieldAdded",
    field_changed: "PaymentMethodInfoCustomFieldChanged",
    field_removed: "PaymentMethodInfoCustomFieldRemoved",
    previous_type: "oldTypeId",
    previous_value: None,
};

pub(super) fn set_custom_type(
    payment: &mut Payment,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = &mut payment.payment_method_info.custom;
    let before = custom.clone();
    custom_fields::set_type(custom, type_, fields, CUSTOM_TARGET, context)?;
    let message = CUSTOM.of_type(before.as_ref(), custom.as_ref())?;
    context.messages.extend(message);
    Ok(())
}

pub(super) fn set_custom_field(
    payment: &mut Payment,
    name: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = &mut payment.payment_method_info.custom;
    let before = custom.clone();
    custom_fields::set_field(custom, name, value, context)?;
    let message = CUSTOM.of_field(name, before.as_ref(), custom.as_ref());
    context.messages.extend(message);
    Ok(())
}
