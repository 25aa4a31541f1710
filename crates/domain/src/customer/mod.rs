//! Customers: who they are, where they live, how they are told apart. Never their passwords.

mod action;
mod address_fields;
mod addresses;
mod apply;
pub(crate) mod custom_messages;
mod draft;
mod email;
mod groups_and_stores;
mod my_action;
pub(crate) mod owner;
mod password;
mod tokens;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::{
    action::{AddressKey, CustomerAction, PasswordChange},
    draft::{CustomerDraft, CustomerGroupAssignmentDraft, MyCustomerDraft},
    my_action::MyCustomerAction,
    password::{MaskedPassword, PlainPassword},
    tokens::IssuedToken,
};
use crate::{
    address::Address,
    context::{Author, Context},
    custom_fields::CustomFields,
    error::DomainError,
    kind::Kind,
    message::Message,
    reference::{KeyReference, Reference},
    resource::{Index, Resource, Unique},
    timestamp::Timestamp,
};

/// Who checks the customer's password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthenticationMode {
    /// We do.
    #[default]
    Password,
    /// Somebody else does; there is no password here.
    ExternalAuth,
}

/// One of the customer groups a customer belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerGroupAssignment {
    /// The group.
    pub customer_group: Reference,
}

/// A customer in the shape of the commercetools API.
///
/// Source: <https://docs.commercetools.com/api/projects/customers#customer>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Server-made id.
    pub id: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// Who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Number given by the shop; set once, unique in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_number: Option<String>,
    /// Id in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// E-mail address as the client wrote it, without white space around; compared by [`Customer::email_key`].
    pub email: String,
    /// Four stars for customers with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<MaskedPassword>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Title, such as `Dr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Birthday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// Company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// VAT number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// Address book; every address has an id.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// Id of the address that orders are sent to unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_shipping_address_id: Option<String>,
    /// Ids of the addresses that serve as shipping addresses.
    #[serde(default)]
    pub shipping_address_ids: Vec<String>,
    /// Id of the address that invoices are sent to unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_billing_address_id: Option<String>,
    /// Ids of the addresses that serve as billing addresses.
    #[serde(default)]
    pub billing_address_ids: Vec<String>,
    /// Whether the customer proved to read mail sent to `email`.
    #[serde(default)]
    pub is_email_verified: bool,
    /// The group whose prices the customer sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<Reference>,
    /// Further groups, at most [`MAX_GROUP_ASSIGNMENTS`].
    #[serde(default)]
    pub customer_group_assignments: Vec<CustomerGroupAssignment>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// Preferred language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Salutation, such as `Mrs.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salutation: Option<String>,
    /// The stores the customer belongs to; none for a customer of the whole project.
    #[serde(default)]
    pub stores: Vec<KeyReference>,
    /// Who checks the password.
    #[serde(default)]
    pub authentication_mode: AuthenticationMode,
}

/// Most customer group assignments of one customer.
pub const MAX_GROUP_ASSIGNMENTS: usize = 500;

crate::envelope!(Customer, optional_key);

impl Customer {
    /// Namespace of the e-mail addresses of customers without a store. No store has this key.
    pub const GLOBAL_EMAILS: &'static str = "customer-email:*";

    /// The form in which e-mail addresses are compared, wherever they are: case folded, in Unicode's form NFKC, without white
    /// space around.
    #[must_use]
    pub fn email_key(email: &str) -> String {
        email::compared(email)
    }

    /// Namespace of the e-mail addresses of a store's customers, of the project's without one.
    #[must_use]
    pub fn email_namespace(store_key: Option<&str>) -> String {
        store_key.map_or_else(
            || Self::GLOBAL_EMAILS.to_owned(),
            |key| format!("customer-email:{key}"),
        )
    }

    /// Whether the customer belongs to the store, or to the whole project if `None`.
    #[must_use]
    pub fn belongs_to(&self, store_key: Option<&str>) -> bool {
        match store_key {
            None => self.stores.is_empty(),
            Some(key) => self.stores.iter().any(|store| store.key == key),
        }
    }

    /// Notes that the customer proved to read mail at `email`.
    pub fn verify_email(&mut self, context: &mut Context<'_>) {
        self.is_email_verified = true;
        context.emit(Message::new("CustomerEmailVerified"));
    }

    /// Leaves the message that the password is another one; `reset` if a mailed token was the proof.
    pub fn changed_password(&self, reset: bool, context: &mut Context<'_>) {
        context.emit(Message::new("CustomerPasswordUpdated").with("reset", reset));
    }

    fn emails(&self) -> Vec<Unique> {
        let unique = |store: Option<&str>| Unique {
            namespace: Self::email_namespace(store),
            value: Self::email_key(&self.email),
            field: "email",
            shown: self.email.clone(),
        };
        if self.stores.is_empty() {
            return vec![unique(None)];
        }
        self.stores
            .iter()
            .map(|store| unique(Some(&store.key)))
            .collect()
    }
}

impl Resource for Customer {
    const KIND: Kind = Kind::Customer;
    type Draft = CustomerDraft;
    type Action = CustomerAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        draft::create(draft, context)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        apply::apply(self, action, context)
    }

    fn check_delete(&self, context: &mut Context<'_>) -> Result<(), DomainError> {
        context.emit(Message::new("CustomerDeleted").with("email", self.email.as_str()));
        Ok(())
    }

    fn index(&self) -> Index {
        let mut unique = self.emails();
        if let Some(number) = &self.customer_number {
            unique.push(Unique::new("customer-number", "customerNumber", number));
        }
        Index {
            unique,
            ..Index::default()
        }
    }
}
