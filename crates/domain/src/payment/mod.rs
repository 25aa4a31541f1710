//! Payments: what was agreed with a payment provider, and what happened to it. Nothing here talks to a provider.

mod action;
mod apply;
mod draft;
mod method_info;
mod my_payment;
mod transaction;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::{
    action::PaymentAction,
    draft::{PaymentDraft, PaymentStatusDraft},
    method_info::{PaymentMethodInfo, PaymentMethodInfoDraft, PaymentMethodToken},
    my_payment::{MyPayment, MyPaymentAction, MyPaymentDraft},
    transaction::{
        MyTransactionDraft, Transaction, TransactionDraft, TransactionState, TransactionType,
    },
};
use crate::{
    context::{Author, Context},
    custom_fields::CustomFields,
    error::DomainError,
    identity::{ids::CustomerId, principal::Subject},
    kind::Kind,
    message::Message,
    money::TypedMoney,
    reference::Reference,
    resource::{Index, Resource, Unique},
    timestamp::Timestamp,
};

/// A payment in the shape of the commercetools API.
///
/// Source: <https://docs.commercetools.com/api/projects/payments#payment>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
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
    /// The customer who pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// The anonymous session it was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// Deprecated by the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The provider's id of it; set once, unique with the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_id: Option<String>,
    /// What is to be paid, in whole minor units.
    pub amount_planned: TypedMoney,
    /// Deprecated by the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_authorized: Option<TypedMoney>,
    /// Deprecated by the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_until: Option<String>,
    /// Deprecated by the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_paid: Option<TypedMoney>,
    /// Deprecated by the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_refunded: Option<TypedMoney>,
    /// How it is paid.
    #[serde(default)]
    pub payment_method_info: PaymentMethodInfo,
    /// What the provider says about it.
    #[serde(default)]
    pub payment_status: PaymentStatus,
    /// Movements of money.
    #[serde(default)]
    pub transactions: Vec<Transaction>,
    /// What was exchanged with the provider.
    #[serde(default)]
    pub interface_interactions: Vec<CustomFields>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What the provider says about a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentStatus {
    /// For machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_code: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_text: Option<String>,
    /// The state of the shop's own process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Reference>,
}

crate::envelope!(Payment, optional_key);

impl Payment {
    /// Gives it to the customer into whom its guest turned; the anonymous session stays on record.
    pub fn assign_to(&mut self, customer: &CustomerId) {
        self.customer = Some(Reference::new(Kind::Customer, customer.as_str()));
    }

    /// Whether the owner may still change or delete it through `/me`: not once money moved.
    ///
    /// `of_this_request` transactions were added by the request that asks.
    fn check_open(&self, of_this_request: usize) -> Result<(), DomainError> {
        if self.transactions.len() > of_this_request {
            return Err(DomainError::operation(
                "A payment that has transactions cannot be changed or deleted by its owner.",
            ));
        }
        Ok(())
    }
}

impl Resource for Payment {
    const KIND: Kind = Kind::Payment;
    type Draft = PaymentDraft;
    type Action = PaymentAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        draft::create(draft, context)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if *context.acting_for != Subject::Client {
            let added = |message: &&Message| message.message_type == transaction::ADDED;
            self.check_open(context.messages.iter().filter(added).count())?;
        }
        apply::apply(self, action, context)
    }

    fn check_delete(&self, context: &mut Context<'_>) -> Result<(), DomainError> {
        if *context.acting_for == Subject::Client {
            return Ok(());
        }
        self.check_open(0)
    }

    fn index(&self) -> Index {
        let unique = self.interface_id.as_ref().map(|id| Unique {
            namespace: "payment-interface-id".to_owned(),
            value: Self::interface_key(self.payment_method_info.payment_interface.as_deref(), id),
            field: "interfaceId",
            shown: id.clone(),
        });
        Index {
            customer_id: self.customer.as_ref().map(|customer| customer.id.clone()),
            anonymous_id: self.anonymous_id.clone(),
            unique: unique.into_iter().collect(),
            ..Index::default()
        }
    }
}

impl Payment {
    /// Provider and the provider's id as one value of the namespace `payment-interface-id`.
    #[must_use]
    pub fn interface_key(interface: Option<&str>, id: &str) -> String {
        // U+001F, the unit separator: `a/b` + `c` must not equal `a` + `b/c`.
        format!("{}\u{1f}{id}", interface.unwrap_or_default())
    }
}
