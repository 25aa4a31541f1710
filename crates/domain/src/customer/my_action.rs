//! What customers may do to themselves: what is not here cannot be decoded.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{AddressKey, CustomerAction};
use crate::{address::AddressDraft, reference::ResourceIdentifier};

/// The update actions that customers may use on themselves; each does what the [`CustomerAction`] of its name does.
///
/// Source: <https://docs.commercetools.com/api/projects/me-profile#update-actions>.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MyCustomerAction {
    AddAddress {
        address: AddressDraft,
    },
    AddBillingAddressId(AddressKey),
    AddShippingAddressId(AddressKey),
    ChangeAddress {
        address: AddressDraft,
        address_id: Option<String>,
        address_key: Option<String>,
    },
    ChangeEmail {
        email: String,
    },
    RemoveAddress(AddressKey),
    RemoveBillingAddressId(AddressKey),
    RemoveShippingAddressId(AddressKey),
    SetCompanyName {
        company_name: Option<String>,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
    SetCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetDateOfBirth {
        date_of_birth: Option<NaiveDate>,
    },
    SetDefaultBillingAddress(AddressKey),
    SetDefaultShippingAddress(AddressKey),
    SetFirstName {
        first_name: Option<String>,
    },
    SetLastName {
        last_name: Option<String>,
    },
    SetLocale {
        locale: Option<String>,
    },
    SetMiddleName {
        middle_name: Option<String>,
    },
    SetSalutation {
        salutation: Option<String>,
    },
    SetTitle {
        title: Option<String>,
    },
    SetVatId {
        vat_id: Option<String>,
    },
}

impl From<MyCustomerAction> for CustomerAction {
    fn from(action: MyCustomerAction) -> Self {
        use MyCustomerAction as My;
        match action {
            My::AddAddress { address } => Self::AddAddress { address },
            My::AddBillingAddressId(address) => Self::AddBillingAddressId(address),
            My::AddShippingAddressId(address) => Self::AddShippingAddressId(address),
            My::ChangeAddress {
                address,
                address_id,
                address_key,
            } => Self::ChangeAddress {
                address,
                address_id,
                address_key,
            },
            My::ChangeEmail { email } => Self::ChangeEmail { email },
            My::RemoveAddress(address) => Self::RemoveAddress(address),
            My::RemoveBillingAddressId(address) => Self::RemoveBillingAddressId(address),
            My::RemoveShippingAddressId(address) => Self::RemoveShippingAddressId(address),
            My::SetCompanyName { company_name } => Self::SetCompanyName { company_name },
            My::SetCustomField { name, value } => Self::SetCustomField { name, value },
            My::SetCustomType { type_, fields } => Self::SetCustomType { type_, fields },
            My::SetDateOfBirth { date_of_birth } => Self::SetDateOfBirth { date_of_birth },
            My::SetDefaultBillingAddress(address) => Self::SetDefaultBillingAddress(address),
            My::SetDefaultShippingAddress(address) => Self::SetDefaultShippingAddress(address),
            My::SetFirstName { first_name } => Self::SetFirstName { first_name },
            My::SetLastName { last_name } => Self::SetLastName { last_name },
            My::SetLocale { locale } => Self::SetLocale { locale },
            My::SetMiddleName { middle_name } => Self::SetMiddleName { middle_name },
            My::SetSalutation { salutation } => Self::SetSalutation { salutation },
            My::SetTitle { title } => Self::SetTitle { title },
            My::SetVatId { vat_id } => Self::SetVatId { vat_id },
        }
    }
}
