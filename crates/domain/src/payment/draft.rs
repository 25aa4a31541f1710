//! What a backend sends to create a payment.

use serde::Deserialize;

use super::{
    Payment, PaymentMethodInfoDraft, PaymentStatus, TransactionDraft, apply::payment_state,
    method_info, transaction,
};
use crate::{
    catalog::shape::check_optional_key,
    context::Context,
    custom_fields::CustomFieldsDraft,
    customer::owner::Owner,
    error::DomainError,
    kind::Kind,
    message::Message,
    money::Money,
    reference::{Reference, ResourceIdentifier},
    resource::unborn,
};

/// What a backend sends to create a payment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentDraft {
    /// The customer who pays.
    pub customer: Option<ResourceIdentifier>,
    /// The anonymous session it belongs to.
    pub anonymous_id: Option<String>,
    /// Deprecated by the vendor.
    pub external_id: Option<String>,
    /// The provider's id of it.
    pub interface_id: Option<String>,
    /// What is to be paid, in whole minor units.
    pub amount_planned: Money,
    /// Deprecated by the vendor.
    pub amount_authorized: Option<Money>,
    /// Deprecated by the vendor.
    pub authorized_until: Option<String>,
    /// Deprecated by the vendor.
    pub amount_paid: Option<Money>,
    /// Deprecated by the vendor.
    pub amount_refunded: Option<Money>,
    /// How it is paid.
    #[serde(default)]
    pub payment_method_info: PaymentMethodInfoDraft,
    /// What the provider says about it.
    #[serde(default)]
    pub payment_status: PaymentStatusDraft,
    /// Movements of money.
    #[serde(default)]
    pub transactions: Vec<TransactionDraft>,
    /// What was exchanged with the provider.
    #[serde(default)]
    pub interface_interactions: Vec<CustomFieldsDraft>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// User-defined key.
    pub key: Option<String>,
}

/// What the provider says about a payment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentStatusDraft {
    /// For machines.
    pub interface_code: Option<String>,
    /// For people.
    pub interface_text: Option<String>,
    /// The state of the shop's own process.
    pub state: Option<ResourceIdentifier>,
}

pub(super) fn create(
    draft: PaymentDraft,
    context: &mut Context<'_>,
) -> Result<Payment, DomainError> {
    check_optional_key("key", draft.key.as_deref())?;
    let owner = Owner::of_new(draft.customer.as_ref(), draft.anonymous_id, context)?;
    let payment = Payment {
        id: String::new(),
        version: 0,
        created_at: unborn(),
        last_modified_at: unborn(),
        last_modified_by: None,
        created_by: None,
        customer: owner.customer,
        anonymous_id: owner.anonymous_id,
        external_id: draft.external_id,
        interface_id: draft.interface_id,
        amount_planned: draft.amount_planned.typed_cents()?,
        amount_authorized: draft.amount_authorized.map(|it| it.typed()).transpose()?,
        authorized_until: draft.authorized_until,
        amount_paid: draft.amount_paid.map(|it| it.typed()).transpose()?,
        amount_refunded: draft.amount_refunded.map(|it| it.typed()).transpose()?,
        payment_method_info: method_info::create(draft.payment_method_info, context)?,
        payment_status: status(draft.payment_status, context)?,
        transactions: draft
            .transactions
            .into_iter()
            .map(|one| transaction::create(one, context))
            .collect::<Result<_, _>>()?,
        interface_interactions: draft
            .interface_interactions
            .into_iter()
            .map(|one| one.resolve("payment-interface-interaction", context))
            .collect::<Result<_, _>>()?,
        custom: draft
            .custom
            .map(|custom| custom.resolve("payment", context))
            .transpose()?,
        key: draft.key,
    };
    context.emit(Message::new("PaymentCreated").with_document("payment", &payment)?);
    Ok(payment)
}

fn status(
    draft: PaymentStatusDraft,
    context: &mut Context<'_>,
) -> Result<PaymentStatus, DomainError> {
    let state = draft
        .state
        .map(|named| payment_state(&named, context))
        .transpose()?
        .map(|state| Reference::new(Kind::State, state.id.as_str()));
    Ok(PaymentStatus {
        interface_code: draft.interface_code,
        interface_text: draft.interface_text,
        state,
    })
}
