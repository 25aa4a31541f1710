//! One line per customer action; addresses, groups and stores have files of their own.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{
    AddressKey, AuthenticationMode, Customer, CustomerAction, MaskedPassword, address_fields,
    addresses::{self, Role},
    custom_messages::CustomMessages,
    email, groups_and_stores as groups,
};
use crate::{
    catalog::shape::{check_locale, check_optional_key},
    context::Context,
    custom_fields,
    error::DomainError,
    message::Message,
    reference::ResourceIdentifier,
};

#[expect(
    clippy::too_many_lines,
    reason = "one arm per action; the compiler lists the missing ones"
)]
pub(super) fn apply(
    who: &mut Customer,
    action: CustomerAction,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    use CustomerAction as A;
    action.password_change()?;
    match action {
        A::AddAddress { address } => addresses::add(who, address, context)?,
        A::ChangeAddress {
            address,
            address_id,
            address_key,
        } => {
            let named = AddressKey {
                address_id,
                address_key,
            };
            addresses::change(who, address, &named, context)?;
        }
        A::RemoveAddress(named) => addresses::remove(who, &named, context)?,
        A::AddBillingAddressId(named) => addresses::grant(who, Role::Billing, &named, context)?,
        A::AddShippingAddressId(named) => addresses::grant(who, Role::Shipping, &named, context)?,
        A::RemoveBillingAddressId(named) => addresses::revoke(who, Role::Billing, &named, context)?,
        A::RemoveShippingAddressId(named) => {
            addresses::revoke(who, Role::Shipping, &named, context)?;
        }
        A::SetDefaultBillingAddress(named) => {
            addresses::set_default(who, Role::Billing, &named, context)?;
        }
        A::SetDefaultShippingAddress(named) => {
            addresses::set_default(who, Role::Shipping, &named, context)?;
        }
        A::SetAddressCustomField {
            address_id,
            name,
            value,
        } => address_fields::set_custom_field(who, &address_id, &name, value, context)?,
        A::SetAddressCustomType {
            address_id,
            type_,
            fields,
        } => address_fields::set_custom_type(who, &address_id, type_, fields, context)?,
        A::AddCustomerGroupAssignment {
            customer_group_assignment,
        } => groups::add_assignment(who, &customer_group_assignment, context)?,
        A::RemoveCustomerGroupAssignment { customer_group } => {
            groups::remove_assignment(who, &customer_group, context)?;
        }
        A::SetCustomerGroupAssignments {
            customer_group_assignments,
        } => groups::set_assignments(who, &customer_group_assignments, context)?,
        A::SetCustomerGroup { customer_group } => {
            groups::set_group(who, customer_group.as_ref(), context)?;
        }
        A::AddStore { store } => groups::add_store(who, &store, context)?,
        A::RemoveStore { store } => groups::remove_store(who, &store, context)?,
        A::SetStores { stores } => groups::set_stores(who, &stores, context)?,
        A::ChangeEmail { email } => change_email(who, &email, context)?,
        A::SetAuthenticationMode { auth_mode, .. } => set_authentication_mode(who, auth_mode),
        A::SetCustomField { name, value } => set_custom_field(who, &name, value, context)?,
        A::SetCustomType { type_, fields } => set_custom_type(who, type_, fields, context)?,
        A::SetCustomerNumber { customer_number } => set_customer_number(who, customer_number)?,
        A::SetDateOfBirth { date_of_birth } => set_date_of_birth(who, date_of_birth, context),
        A::SetCompanyName { company_name } => Told("CustomerCompanyNameSet", "companyName").set(
            &mut who.company_name,
            company_name,
            context,
        ),
        A::SetExternalId { external_id } => Told("CustomerExternalIdSet", "externalId").set(
            &mut who.external_id,
            external_id,
            context,
        ),
        A::SetFirstName { first_name } => {
            Told("CustomerFirstNameSet", "firstName").set(&mut who.first_name, first_name, context);
        }
        A::SetLastName { last_name } => {
            Told("CustomerLastNameSet", "lastName").set(&mut who.last_name, last_name, context);
        }
        A::SetTitle { title } => {
            Told("CustomerTitleSet", "title").set(&mut who.title, title, context);
        }
        A::SetKey { key } => set_key(who, key)?,
        A::SetLocale { locale } => set_locale(who, locale)?,
        A::SetMiddleName { middle_name } => who.middle_name = middle_name,
        A::SetSalutation { salutation } => who.salutation = salutation,
        A::SetVatId { vat_id } => who.vat_id = vat_id,
    }
    Ok(())
}

/// A text whose change is told by a message: its type and payload member.
struct Told(&'static str, &'static str);

impl Told {
    fn set(&self, slot: &mut Option<String>, value: Option<String>, context: &mut Context<'_>) {
        if *slot == value {
            return;
        }
        context.emit(Message::new(self.0).with(self.1, value.clone()));
        *slot = value;
    }
}

fn change_email(
    who: &mut Customer,
    email: &str,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let email = email::accepted(email)?;
    if who.email == email {
        return Ok(());
    }
    let message = Message::new("CustomerEmailChanged").with("email", email.as_str());
    let old = std::mem::replace(&mut who.email, email);
    who.is_email_verified = false;
    context.emit(message.with("oldEmail", old));
    Ok(())
}

fn set_authentication_mode(who: &mut Customer, mode: AuthenticationMode) {
    who.authentication_mode = mode;
    who.password = (mode == AuthenticationMode::Password).then_some(MaskedPassword);
}

fn set_customer_number(who: &mut Customer, number: Option<String>) -> Result<(), DomainError> {
    if who.customer_number.is_some() && who.customer_number != number {
        return Err(DomainError::operation(
            "The customer number is set already and cannot be changed.",
        ));
    }
    who.customer_number = number;
    Ok(())
}

fn set_date_of_birth(who: &mut Customer, day: Option<NaiveDate>, context: &mut Context<'_>) {
    if who.date_of_birth == day {
        return;
    }
    who.date_of_birth = day;
    let shown = day.map(|day| day.to_string());
    context.emit(Message::new("CustomerDateOfBirthSet").with("dateOfBirth", shown));
}

fn set_key(who: &mut Customer, key: Option<String>) -> Result<(), DomainError> {
    check_optional_key("key", key.as_deref())?;
    who.key = key;
    Ok(())
}

fn set_locale(who: &mut Customer, locale: Option<String>) -> Result<(), DomainError> {
    if let Some(locale) = &locale {
        check_locale("locale", locale)?;
    }
    who.locale = locale;
    Ok(())
}

const CUSTOM: CustomMessages = CustomMessages {
    type_set: "CustomerCustomTypeSet",
    type_removed: "CustomerCustomTypeRemoved",
    field_added: "CustomerCustomFieldAdded",
    field_changed: "CustomerCustomFieldChanged",
    field_removed: "CustomerCustomFieldRemoved",
    previous_type: "previousTypeId",
    previous_value: Some("previousValue"),
};

fn set_custom_type(
    who: &mut Customer,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let before = who.custom.clone();
    custom_fields::set_type(&mut who.custom, type_, fields, "customer", context)?;
    let message = CUSTOM.of_type(before.as_ref(), who.custom.as_ref())?;
    context.messages.extend(message);
    Ok(())
}

fn set_custom_field(
    who: &mut Customer,
    name: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let before = who.custom.clone();
    custom_fields::set_field(&mut who.custom, name, value, context)?;
    let message = CUSTOM.of_field(name, before.as_ref(), who.custom.as_ref());
    context.messages.extend(message);
    Ok(())
}
