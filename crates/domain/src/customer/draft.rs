//! What a client sends to create a customer.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    AuthenticationMode, Customer, MaskedPassword, PlainPassword, addresses, email,
    groups_and_stores,
};
use crate::{
    address::AddressDraft,
    catalog::shape::{check_locale, check_optional_key},
    context::Context,
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    kind::Kind,
    message::Message,
    reference::{KeyReference, ResourceIdentifier},
    resource::unborn,
};

/// A customer group assignment to make.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerGroupAssignmentDraft {
    /// The group.
    pub customer_group: ResourceIdentifier,
}

/// What a client sends to create a customer.
///
/// `anonymous_cart`, `anonymous_cart_id` and `anonymous_id` are for the service, which moves the guest's resources.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerDraft {
    /// User-defined key.
    pub key: Option<String>,
    /// Number given by the shop.
    pub customer_number: Option<String>,
    /// Id in another system.
    pub external_id: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Required unless somebody else checks it; see [`CustomerDraft::password_to_hash`].
    pub password: Option<PlainPassword>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Cart of the guest to hand over, by id. The older spelling of `anonymous_cart`.
    pub anonymous_cart_id: Option<String>,
    /// Cart of the guest to hand over.
    pub anonymous_cart: Option<ResourceIdentifier>,
    /// Anonymous session whose resources are handed over.
    pub anonymous_id: Option<String>,
    /// Birthday.
    pub date_of_birth: Option<NaiveDate>,
    /// Company.
    pub company_name: Option<String>,
    /// VAT number.
    pub vat_id: Option<String>,
    /// Address book.
    #[serde(default)]
    pub addresses: Vec<AddressDraft>,
    /// Position in `addresses`, from 0.
    pub default_shipping_address: Option<i64>,
    /// Positions in `addresses`.
    #[serde(default)]
    pub shipping_addresses: Vec<i64>,
    /// Position in `addresses`.
    pub default_billing_address: Option<i64>,
    /// Positions in `addresses`.
    #[serde(default)]
    pub billing_addresses: Vec<i64>,
    /// Whether the address is known to be the customer's.
    #[serde(default)]
    pub is_email_verified: bool,
    /// Group whose prices the customer sees.
    pub customer_group: Option<ResourceIdentifier>,
    /// Further groups.
    #[serde(default)]
    pub customer_group_assignments: Vec<CustomerGroupAssignmentDraft>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// Preferred language.
    pub locale: Option<String>,
    /// Salutation.
    pub salutation: Option<String>,
    /// Stores; on an in-store endpoint that store besides.
    pub stores: Option<Vec<ResourceIdentifier>>,
    /// Who checks the password.
    #[serde(default)]
    pub authentication_mode: AuthenticationMode,
}

impl CustomerDraft {
    /// The password to hash, for a customer who signs in with one.
    ///
    /// # Errors
    /// [`DomainError::RequiredField`] if there is none, [`DomainError::InvalidInput`] for a wrong length.
    pub fn password_to_hash(&self) -> Result<Option<&PlainPassword>, DomainError> {
        match self.authentication_mode {
            AuthenticationMode::ExternalAuth => Ok(None),
            AuthenticationMode::Password => {
                let password = self
                    .password
                    .as_ref()
                    .ok_or_else(|| DomainError::required("password"))?;
                password.check_length("password")?;
                Ok(Some(password))
            }
        }
    }
}

/// What a customer-to-be sends to sign up.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyCustomerDraft {
    /// E-mail address.
    pub email: String,
    /// What the customer signs in with.
    pub password: PlainPassword,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Salutation.
    pub salutation: Option<String>,
    /// Birthday.
    pub date_of_birth: Option<NaiveDate>,
    /// Company.
    pub company_name: Option<String>,
    /// VAT number.
    pub vat_id: Option<String>,
    /// Address book.
    #[serde(default)]
    pub addresses: Vec<AddressDraft>,
    /// Position in `addresses`, from 0.
    pub default_shipping_address: Option<i64>,
    /// Position in `addresses`, from 0.
    pub default_billing_address: Option<i64>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// Preferred language.
    pub locale: Option<String>,
    /// Stores.
    pub stores: Option<Vec<ResourceIdentifier>>,
}

impl From<MyCustomerDraft> for CustomerDraft {
    fn from(mine: MyCustomerDraft) -> Self {
        Self {
            email: mine.email,
            password: Some(mine.password),
            first_name: mine.first_name,
            last_name: mine.last_name,
            middle_name: mine.middle_name,
            title: mine.title,
            salutation: mine.salutation,
            date_of_birth: mine.date_of_birth,
            company_name: mine.company_name,
            vat_id: mine.vat_id,
            addresses: mine.addresses,
            default_shipping_address: mine.default_shipping_address,
            default_billing_address: mine.default_billing_address,
            custom: mine.custom,
            locale: mine.locale,
            stores: mine.stores,
            ..Self::default()
        }
    }
}

pub(super) fn create(
    mut draft: CustomerDraft,
    context: &mut Context<'_>,
) -> Result<Customer, DomainError> {
    draft.password_to_hash()?;
    draft.email = email::accepted(&draft.email)?;
    check_optional_key("key", draft.key.as_deref())?;
    if let Some(locale) = &draft.locale {
        check_locale("locale", locale)?;
    }
    let stores = stores(draft.stores.take(), context)?;
    let customer_group = draft
        .customer_group
        .take()
        .map(|group| context.world.reference(Kind::CustomerGroup, &group))
        .transpose()?;
    let customer_group_assignments =
        groups_and_stores::assignments(&draft.customer_group_assignments, context)?;
    let custom = draft
        .custom
        .take()
        .map(|custom| custom.resolve("customer", context))
        .transpose()?;
    let addresses = std::mem::take(&mut draft.addresses);
    let mut customer = Customer {
        customer_group,
        customer_group_assignments,
        custom,
        stores,
        ..plain(&draft)
    };
    for address in addresses {
        addresses::append(&mut customer, address, context)?;
    }
    addresses::assign_roles(&mut customer, &draft)?;
    context.emit(Message::new("CustomerCreated").with_document("customer", &customer)?);
    Ok(customer)
}

/// The members that are taken over as they are.
fn plain(draft: &CustomerDraft) -> Customer {
    Customer {
        id: String::new(),
        version: 0,
        created_at: unborn(),
        last_modified_at: unborn(),
        last_modified_by: None,
        created_by: None,
        key: draft.key.clone(),
        customer_number: draft.customer_number.clone(),
        external_id: draft.external_id.clone(),
        email: draft.email.clone(),
        password: (draft.authentication_mode == AuthenticationMode::Password)
            .then_some(MaskedPassword),
        first_name: draft.first_name.clone(),
        last_name: draft.last_name.clone(),
        middle_name: draft.middle_name.clone(),
        title: draft.title.clone(),
        date_of_birth: draft.date_of_birth,
        company_name: draft.company_name.clone(),
        vat_id: draft.vat_id.clone(),
        addresses: Vec::new(),
        default_shipping_address_id: None,
        shipping_address_ids: Vec::new(),
        default_billing_address_id: None,
        billing_address_ids: Vec::new(),
        is_email_verified: draft.is_email_verified,
        customer_group: None,
        customer_group_assignments: Vec::new(),
        custom: None,
        locale: draft.locale.clone(),
        salutation: draft.salutation.clone(),
        stores: Vec::new(),
        authentication_mode: draft.authentication_mode,
    }
}

/// The stores of a new customer: those it names, and that of the endpoint in any case.
fn stores(
    named: Option<Vec<ResourceIdentifier>>,
    context: &mut Context<'_>,
) -> Result<Vec<KeyReference>, DomainError> {
    let mut stores = groups_and_stores::stores(&named.unwrap_or_default(), context)?;
    if let Some(own) = context.store {
        let own = KeyReference::new(Kind::Store, own.as_str());
        if !stores.contains(&own) {
            stores.insert(0, own);
        }
    }
    Ok(stores)
}
