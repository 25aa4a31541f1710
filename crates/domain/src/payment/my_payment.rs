//! What payers send, see and do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    MyTransactionDraft, Payment, PaymentAction, PaymentDraft, PaymentMethodInfo,
    PaymentMethodInfoDraft, PaymentStatusDraft, Transaction,
};
use crate::{
    custom_fields::{CustomFields, CustomFieldsDraft},
    localized::LocalizedString,
    money::{Money, TypedMoney},
    reference::{Reference, ResourceIdentifier},
};

/// A payment as its payer sees it: without the provider's ids, interactions and status.
///
/// Source: <https://docs.commercetools.com/api/projects/me-payments#mypayment>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MyPayment<'a> {
    /// Server-made id.
    pub id: &'a str,
    /// Grows with every change.
    pub version: i64,
    /// The payer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<&'a Reference>,
    /// The payer's anonymous session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<&'a str>,
    /// What is to be paid.
    pub amount_planned: &'a TypedMoney,
    /// How it is paid.
    pub payment_method_info: &'a PaymentMethodInfo,
    /// Movements of money.
    pub transactions: &'a [Transaction],
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<&'a CustomFields>,
}

impl<'a> From<&'a Payment> for MyPayment<'a> {
    fn from(payment: &'a Payment) -> Self {
        Self {
            id: &payment.id,
            version: payment.version,
            customer: payment.customer.as_ref(),
            anonymous_id: payment.anonymous_id.as_deref(),
            amount_planned: &payment.amount_planned,
            payment_method_info: &payment.payment_method_info,
            transactions: &payment.transactions,
            custom: payment.custom.as_ref(),
        }
    }
}

/// What a payer sends to create a payment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyPaymentDraft {
    /// What is to be paid, in whole minor units.
    pub amount_planned: Money,
    /// How it is paid.
    #[serde(default)]
    pub payment_method_info: PaymentMethodInfoDraft,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// A first movement of money.
    pub transaction: Option<MyTransactionDraft>,
}

impl From<MyPaymentDraft> for PaymentDraft {
    fn from(mine: MyPaymentDraft) -> Self {
        Self {
            customer: None,
            anonymous_id: None,
            external_id: None,
            interface_id: None,
            amount_planned: mine.amount_planned,
            amount_authorized: None,
            authorized_until: None,
            amount_paid: None,
            amount_refunded: None,
            payment_method_info: mine.payment_method_info,
            payment_status: PaymentStatusDraft::default(),
            transactions: mine.transaction.into_iter().map(Into::into).collect(),
            interface_interactions: Vec::new(),
            custom: mine.custom,
            key: None,
        }
    }
}

/// The update actions of a payer; each does what the [`PaymentAction`] of its name does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MyPaymentAction {
    AddTransaction {
        transaction: MyTransactionDraft,
    },
    ChangeAmountPlanned {
        amount: Money,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
    SetMethodInfoCustomField {
        name: String,
        value: Option<Value>,
    },
    SetMethodInfoCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetMethodInfoInterface {
        interface: String,
    },
    SetMethodInfoInterfaceAccount {
        interface_account: Option<String>,
    },
    SetMethodInfoMethod {
        method: Option<String>,
    },
    SetMethodInfoName {
        name: Option<LocalizedString>,
    },
    SetTransactionCustomField {
        transaction_id: String,
        name: String,
        value: Option<Value>,
    },
}

impl From<MyPaymentAction> for PaymentAction {
    fn from(action: MyPaymentAction) -> Self {
        use MyPaymentAction as My;
        match action {
            My::AddTransaction { transaction } => Self::AddTransaction {
                transaction: transaction.into(),
            },
            My::ChangeAmountPlanned { amount } => Self::ChangeAmountPlanned { amount },
            My::SetCustomField { name, value } => Self::SetCustomField { name, value },
            My::SetMethodInfoCustomField { name, value } => {
                Self::SetMethodInfoCustomField { name, value }
            }
            My::SetMethodInfoCustomType { type_, fields } => {
                Self::SetMethodInfoCustomType { type_, fields }
            }
            My::SetMethodInfoInterface { interface } => Self::SetMethodInfoInterface { interface },
            My::SetMethodInfoInterfaceAccount { interface_account } => {
                Self::SetMethodInfoInterfaceAccount { interface_account }
            }
            My::SetMethodInfoMethod { method } => Self::SetMethodInfoMethod { method },
            My::SetMethodInfoName { name } => Self::SetMethodInfoName { name },
            My::SetTransactionCustomField {
                transaction_id,
                name,
                value,
            } => Self::SetTransactionCustomField {
                transaction_id,
                name,
                value,
            },
        }
    }
}
