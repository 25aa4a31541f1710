//! What a backend may do to a customer.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{AuthenticationMode, CustomerGroupAssignmentDraft, PlainPassword};
use crate::{address::AddressDraft, error::DomainError, reference::ResourceIdentifier};

/// How an action names one of the customer's addresses: by exactly one of id and key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressKey {
    /// The id that the server gave it.
    pub address_id: Option<String>,
    /// The key that the client gave it.
    pub address_key: Option<String>,
}

/// The update actions of a customer.
///
/// Source: <https://docs.commercetools.com/api/projects/customers#update-actions>.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CustomerAction {
    /// Adds an address; it gets an id.
    AddAddress { address: AddressDraft },
    /// Lets an address serve as billing address.
    AddBillingAddressId(AddressKey),
    /// Adds the customer to a group.
    AddCustomerGroupAssignment {
        customer_group_assignment: CustomerGroupAssignmentDraft,
    },
    /// Lets an address serve as shipping address.
    AddShippingAddressId(AddressKey),
    /// Adds the customer to a store.
    AddStore { store: ResourceIdentifier },
    /// Replaces an address, which keeps its id.
    ChangeAddress {
        address: AddressDraft,
        address_id: Option<String>,
        address_key: Option<String>,
    },
    /// Another e-mail address, unverified.
    ChangeEmail { email: String },
    /// Removes an address and its roles.
    RemoveAddress(AddressKey),
    /// An address no longer serves as billing address.
    RemoveBillingAddressId(AddressKey),
    /// Removes the customer from a group.
    RemoveCustomerGroupAssignment { customer_group: ResourceIdentifier },
    /// An address no longer serves as shipping address.
    RemoveShippingAddressId(AddressKey),
    /// Removes the customer from a store.
    RemoveStore { store: ResourceIdentifier },
    /// Sets or removes one custom field of an address.
    SetAddressCustomField {
        address_id: String,
        name: String,
        value: Option<Value>,
    },
    /// Sets or removes all custom fields of an address.
    SetAddressCustomType {
        address_id: String,
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Who checks the password. The service stores the new one, see [`CustomerAction::password_change`].
    SetAuthenticationMode {
        auth_mode: AuthenticationMode,
        password: Option<PlainPassword>,
    },
    /// Sets or removes the company.
    SetCompanyName { company_name: Option<String> },
    /// Sets or removes one custom field.
    SetCustomField { name: String, value: Option<Value> },
    /// Sets or removes all custom fields.
    SetCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the group whose prices the customer sees.
    SetCustomerGroup {
        customer_group: Option<ResourceIdentifier>,
    },
    /// Replaces the further groups.
    SetCustomerGroupAssignments {
        customer_group_assignments: Vec<CustomerGroupAssignmentDraft>,
    },
    /// Sets the customer number, once.
    SetCustomerNumber { customer_number: Option<String> },
    /// Sets or removes the birthday.
    SetDateOfBirth { date_of_birth: Option<NaiveDate> },
    /// Sets or removes the default billing address.
    SetDefaultBillingAddress(AddressKey),
    /// Sets or removes the default shipping address.
    SetDefaultShippingAddress(AddressKey),
    /// Sets or removes the id in another system.
    SetExternalId { external_id: Option<String> },
    /// Sets or removes the given name.
    SetFirstName { first_name: Option<String> },
    /// Sets or removes the key.
    SetKey { key: Option<String> },
    /// Sets or removes the family name.
    SetLastName { last_name: Option<String> },
    /// Sets or removes the preferred language.
    SetLocale { locale: Option<String> },
    /// Sets or removes the middle name.
    SetMiddleName { middle_name: Option<String> },
    /// Sets or removes the salutation.
    SetSalutation { salutation: Option<String> },
    /// Replaces the stores.
    SetStores { stores: Vec<ResourceIdentifier> },
    /// Sets or removes the title.
    SetTitle { title: Option<String> },
    /// Sets or removes the VAT number.
    SetVatId { vat_id: Option<String> },
}

/// What an action does to the stored password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// This is the new one.
    Set(PlainPassword),
    /// There is none any more.
    Remove,
}

impl CustomerAction {
    /// What the service has to do to the stored password hash, if anything.
    ///
    /// # Errors
    /// [`DomainError::RequiredField`] if the customer would need a password and none is given,
    /// [`DomainError::InvalidInput`] for a wrong length.
    pub fn password_change(&self) -> Result<Option<PasswordChange>, DomainError> {
        let Self::SetAuthenticationMode {
            auth_mode,
            password,
        } = self
        else {
            return Ok(None);
        };
        match auth_mode {
            AuthenticationMode::ExternalAuth => Ok(Some(PasswordChange::Remove)),
            AuthenticationMode::Password => {
                let password = password
                    .as_ref()
                    .ok_or_else(|| DomainError::required("password"))?;
                password.check_length("password")?;
                Ok(Some(PasswordChange::Set(password.clone())))
            }
        }
    }
}
