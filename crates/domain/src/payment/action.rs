//! What a backend may do to a payment.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{PaymentMethodInfoDraft, PaymentMethodToken, TransactionDraft, TransactionState};
use crate::{
    custom_fields::CustomFieldsDraft, localized::LocalizedString, money::Money,
    reference::ResourceIdentifier, timestamp::Timestamp,
};

/// The update actions of a payment.
///
/// Source: <https://docs.commercetools.com/api/projects/payments#update-actions>.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PaymentAction {
    /// Notes what was exchanged with the provider.
    AddInterfaceInteraction(CustomFieldsDraft),
    /// Adds a movement of money.
    AddTransaction { transaction: TransactionDraft },
    /// Another amount is to be paid.
    ChangeAmountPlanned { amount: Money },
    /// Links a transaction to an interaction.
    ChangeTransactionInteractionId {
        transaction_id: String,
        interaction_id: String,
    },
    /// A transaction went on.
    ChangeTransactionState {
        transaction_id: String,
        state: TransactionState,
    },
    /// When the provider did it.
    ChangeTransactionTimestamp {
        transaction_id: String,
        timestamp: Timestamp,
    },
    /// Deprecated by the vendor.
    SetAmountPaid { amount: Option<Money> },
    /// Deprecated by the vendor.
    SetAmountRefunded { amount: Option<Money> },
    /// Sets or removes the anonymous session, while there is no customer.
    SetAnonymousId { anonymous_id: Option<String> },
    /// Deprecated by the vendor.
    SetAuthorization {
        amount: Option<Money>,
        until: Option<String>,
    },
    /// Sets or removes one custom field.
    SetCustomField { name: String, value: Option<Value> },
    /// Sets or removes all custom fields.
    SetCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the customer.
    SetCustomer {
        customer: Option<ResourceIdentifier>,
    },
    /// Deprecated by the vendor.
    SetExternalId { external_id: Option<String> },
    /// The provider's id of the payment, once.
    SetInterfaceId { interface_id: String },
    /// Sets or removes the key.
    SetKey { key: Option<String> },
    /// Replaces how it is paid.
    SetMethodInfo(PaymentMethodInfoDraft),
    /// Sets or removes one custom field of the method.
    SetMethodInfoCustomField { name: String, value: Option<Value> },
    /// Sets or removes all custom fields of the method.
    SetMethodInfoCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// The provider, once.
    SetMethodInfoInterface { interface: String },
    /// Sets or removes the shop's account with the provider.
    SetMethodInfoInterfaceAccount { interface_account: Option<String> },
    /// Sets or removes the method.
    SetMethodInfoMethod { method: Option<String> },
    /// Sets or removes the method's name.
    SetMethodInfoName { name: Option<LocalizedString> },
    /// Sets or removes the stored payment means.
    SetMethodInfoToken { token: Option<PaymentMethodToken> },
    /// Sets or removes the provider's code.
    SetStatusInterfaceCode { interface_code: Option<String> },
    /// The provider's text.
    SetStatusInterfaceText { interface_text: String },
    /// Sets or removes one custom field of a transaction.
    SetTransactionCustomField {
        transaction_id: String,
        name: String,
        value: Option<Value>,
    },
    /// Sets or removes all custom fields of a transaction.
    SetTransactionCustomType {
        transaction_id: String,
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the provider's id of a transaction.
    SetTransactionInterfaceId {
        transaction_id: String,
        interface_id: Option<String>,
    },
    /// Moves on in the shop's own process.
    TransitionState {
        state: ResourceIdentifier,
        #[serde(default)]
        force: bool,
    },
}
