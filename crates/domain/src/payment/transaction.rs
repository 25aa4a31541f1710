//! Movements of money of a payment.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Payment;
use crate::{
    context::Context,
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    message::Message,
    money::{Money, TypedMoney},
    reference::ResourceIdentifier,
    timestamp::Timestamp,
};

/// Type of the message that a transaction was added.
pub(super) const ADDED: &str = "PaymentTransactionAdded";

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransactionType {
    /// Reserves money.
    Authorization,
    /// Gives a reservation up.
    CancelAuthorization,
    /// Takes money.
    Charge,
    /// Gives money back.
    Refund,
    /// Money is taken back by the payer's bank.
    Chargeback,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransactionState {
    /// Not sent to the provider.
    #[default]
    Initial,
    /// Sent, not answered.
    Pending,
    /// Done.
    Success,
    /// Refused.
    Failure,
}

impl TransactionState {
    const fn name(self) -> &'static str {
        match self {
            Self::Initial => "Initial",
            Self::Pending => "Pending",
            Self::Success => "Success",
            Self::Failure => "Failure",
        }
    }
}

/// A movement of money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// Server-made id.
    pub id: String,
    /// When the provider did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
    /// What it does.
    #[serde(rename = "type")]
    pub type_: TransactionType,
    /// In whole minor units.
    pub amount: TypedMoney,
    /// Links it to an interaction with the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_id: Option<String>,
    /// How far it is.
    #[serde(default)]
    pub state: TransactionState,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// The provider's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_id: Option<String>,
}

/// What a backend sends to add a transaction.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionDraft {
    /// When the provider did it.
    pub timestamp: Option<Timestamp>,
    /// What it does.
    #[serde(rename = "type")]
    pub type_: TransactionType,
    /// In whole minor units.
    pub amount: Money,
    /// Links it to an interaction with the provider.
    pub interaction_id: Option<String>,
    /// How far it is.
    #[serde(default)]
    pub state: TransactionState,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// The provider's id of it.
    pub interface_id: Option<String>,
}

/// What a payer sends to add a transaction. It has no state: payers cannot say that they paid.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyTransactionDraft {
    /// When the provider did it.
    pub timestamp: Option<Timestamp>,
    /// What it does.
    #[serde(rename = "type")]
    pub type_: TransactionType,
    /// In whole minor units.
    pub amount: Money,
    /// Links it to an interaction with the provider.
    pub interaction_id: Option<String>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// The provider's id of it.
    pub interface_id: Option<String>,
}

impl From<MyTransactionDraft> for TransactionDraft {
    fn from(mine: MyTransactionDraft) -> Self {
        Self {
            timestamp: mine.timestamp,
            type_: mine.type_,
            amount: mine.amount,
            interaction_id: mine.interaction_id,
            state: TransactionState::Initial,
            custom: mine.custom,
            interface_id: mine.interface_id,
        }
    }
}

pub(super) fn create(
    draft: TransactionDraft,
    context: &mut Context<'_>,
) -> Result<Transaction, DomainError> {
    let custom = draft
        .custom
        .map(|custom| custom.resolve("transaction", context))
        .transpose()?;
    Ok(Transaction {
        id: context.ids.uuid(),
        timestamp: draft.timestamp,
        type_: draft.type_,
        amount: draft.amount.typed_cents()?,
        interaction_id: draft.interaction_id,
        state: draft.state,
        custom,
        interface_id: draft.interface_id,
    })
}

pub(super) fn add(
    payment: &mut Payment,
    draft: TransactionDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let transaction = create(draft, context)?;
    context.emit(Message::new(ADDED).with_document("transaction", &transaction)?);
    payment.transactions.push(transaction);
    Ok(())
}

fn find<'a>(payment: &'a mut Payment, id: &str) -> Result<&'a mut Transaction, DomainError> {
    payment
        .transactions
        .iter_mut()
        .find(|transaction| transaction.id == id)
        .ok_or_else(|| DomainError::field("transactionId", id))
}

pub(super) fn change_state(
    payment: &mut Payment,
    id: &str,
    state: TransactionState,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let transaction = find(payment, id)?;
    if transaction.state == state {
        return Ok(());
    }
    transaction.state = state;
    let message = Message::new("PaymentTransactionStateChanged")
        .with("transactionId", id)
        .with("state", state.name());
    context.emit(message);
    Ok(())
}

pub(super) fn change_timestamp(
    payment: &mut Payment,
    id: &str,
    timestamp: Timestamp,
) -> Result<(), DomainError> {
    find(payment, id)?.timestamp = Some(timestamp);
    Ok(())
}

pub(super) fn change_interaction_id(
    payment: &mut Payment,
    id: &str,
    interaction_id: String,
) -> Result<(), DomainError> {
    find(payment, id)?.interaction_id = Some(interaction_id);
    Ok(())
}

pub(super) fn set_interface_id(
    payment: &mut Payment,
    id: &str,
    interface_id: Option<String>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let transaction = find(payment, id)?;
    if transaction.interface_id == interface_id {
        return Ok(());
    }
    let message = Message::new("PaymentTransactionInterfaceIdSet")
        .with("transactionId", id)
        .with("newInterfaceId", interface_id.clone());
    let old = std::mem::replace(&mut transaction.interface_id, interface_id);
    context.emit(message.with("oldInterfaceId", old));
    Ok(())
}

pub(super) fn set_custom_type(
    payment: &mut Payment,
    id: &str,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = &mut find(payment, id)?.custom;
    custom_fields::set_type(custom, type_, fields, "transaction", context)
}

pub(super) fn set_custom_field(
    payment: &mut Payment,
    id: &str,
    name: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let custom = &mut find(payment, id)?.custom;
    custom_fields::set_field(custom, name, value, context)
}
