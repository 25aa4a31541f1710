//! One line per payment action; transactions and the method have files of their own.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Payment, PaymentAction, method_info, transaction};
use crate::{
    catalog::{
        shape::check_optional_key,
        state::{State, StateType},
    },
    context::Context,
    custom_fields::{self, CustomFieldsDraft},
    customer::owner,
    error::DomainError,
    kind::Kind,
    message::Message,
    money::{Money, TypedMoney},
    reference::{Reference, ResourceIdentifier},
};

#[expect(
    clippy::too_many_lines,
    reason = "one arm per action; the compiler lists the missing ones"
)]
pub(super) fn apply(
    payment: &mut Payment,
    action: PaymentAction,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    use PaymentAction as A;
    match action {
        A::AddTransaction { transaction } => transaction::add(payment, transaction, context),
        A::ChangeTransactionInteractionId {
            transaction_id,
            interaction_id,
        } => transaction::change_interaction_id(payment, &transaction_id, interaction_id),
        A::ChangeTransactionState {
            transaction_id,
            state,
        } => transaction::change_state(payment, &transaction_id, state, context),
        A::ChangeTransactionTimestamp {
            transaction_id,
            timestamp,
        } => transaction::change_timestamp(payment, &transaction_id, timestamp),
        A::SetTransactionCustomField {
            transaction_id,
            name,
            value,
        } => transaction::set_custom_field(payment, &transaction_id, &name, value, context),
        A::SetTransactionCustomType {
            transaction_id,
            type_,
            fields,
        } => transaction::set_custom_type(payment, &transaction_id, type_, fields, context),
        A::SetTransactionInterfaceId {
            transaction_id,
            interface_id,
        } => transaction::set_interface_id(payment, &transaction_id, interface_id, context),
        A::SetMethodInfo(info) => method_info::set(payment, info, context),
        A::SetMethodInfoCustomField { name, value } => {
            method_info::set_custom_field(payment, &name, value, context)
        }
        A::SetMethodInfoCustomType { type_, fields } => {
            method_info::set_custom_type(payment, type_, fields, context)
        }
        A::SetMethodInfoInterface { interface } => {
            method_info::set_interface(payment, interface, context)
        }
        A::SetMethodInfoInterfaceAccount { interface_account } => {
            method_info::set_interface_account(payment, interface_account, context)
        }
        A::SetMethodInfoMethod { method } => method_info::set_method(payment, method, context),
        A::SetMethodInfoName { name } => method_info::set_name(payment, name, context),
        A::SetMethodInfoToken { token } => method_info::set_token(payment, token, context),
        A::AddInterfaceInteraction(fields) => add_interaction(payment, fields, context),
        A::ChangeAmountPlanned { amount } => change_amount_planned(payment, &amount),
        A::SetAmountPaid { amount } => set_amount(&mut payment.amount_paid, amount.as_ref()),
        A::SetAmountRefunded { amount } => {
            set_amount(&mut payment.amount_refunded, amount.as_ref())
        }
        A::SetAuthorization { amount, until } => {
            payment.authorized_until = until;
            set_amount(&mut payment.amount_authorized, amount.as_ref())
        }
        A::SetAnonymousId { anonymous_id } => set_anonymous_id(payment, anonymous_id),
        A::SetCustomer { customer } => set_customer(payment, customer.as_ref(), context),
        A::SetCustomField { name, value } => {
            custom_fields::set_field(&mut payment.custom, &name, value, context)
        }
        A::SetCustomType { type_, fields } => set_custom_type(payment, type_, fields, context),
        A::SetExternalId { external_id } => {
            payment.external_id = external_id;
            Ok(())
        }
        A::SetInterfaceId { interface_id } => set_interface_id(payment, interface_id, context),
        A::SetKey { key } => set_key(payment, key),
        A::SetStatusInterfaceCode { interface_code } => {
            set_status_code(payment, interface_code, context);
            Ok(())
        }
        A::SetStatusInterfaceText { interface_text } => {
            payment.payment_status.interface_text = Some(interface_text);
            Ok(())
        }
        A::TransitionState { state, force } => transition(payment, &state, force, context),
    }
}

fn add_interaction(
    payment: &mut Payment,
    draft: CustomFieldsDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let interaction = draft.resolve("payment-interface-interaction", context)?;
    let message = Message::new("PaymentInteractionAdded");
    context.emit(message.with_document("interaction", &interaction)?);
    payment.interface_interactions.push(interaction);
    Ok(())
}

fn change_amount_planned(payment: &mut Payment, amount: &Money) -> Result<(), DomainError> {
    payment.amount_planned = amount.typed_cents()?;
    Ok(())
}

fn set_amount(slot: &mut Option<TypedMoney>, amount: Option<&Money>) -> Result<(), DomainError> {
    *slot = amount.map(Money::typed).transpose()?;
    Ok(())
}

fn set_anonymous_id(payment: &mut Payment, id: Option<String>) -> Result<(), DomainError> {
    owner::check_anonymous_id(id.as_deref(), payment.customer.as_ref())?;
    payment.anonymous_id = id;
    Ok(())
}

fn set_customer(
    payment: &mut Payment,
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    payment.customer = owner::existing(named, context)?;
    Ok(())
}

fn set_custom_type(
    payment: &mut Payment,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    custom_fields::set_type(&mut payment.custom, type_, fields, "payment", context)
}

fn set_interface_id(
    payment: &mut Payment,
    id: String,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    match &payment.interface_id {
        Some(set) if *set == id => Ok(()),
        Some(_) => Err(DomainError::operation(
            "The interface ID is set already and cannot be changed.",
        )),
        None => {
            context.emit(Message::new("PaymentInterfaceIdSet").with("interfaceId", id.as_str()));
            payment.interface_id = Some(id);
            Ok(())
        }
    }
}

fn set_key(payment: &mut Payment, key: Option<String>) -> Result<(), DomainError> {
    check_optional_key("key", key.as_deref())?;
    payment.key = key;
    Ok(())
}

fn set_status_code(payment: &mut Payment, code: Option<String>, context: &mut Context<'_>) {
    if payment.payment_status.interface_code == code {
        return;
    }
    let message = Message::new("PaymentStatusInterfaceCodeSet")
        .with("paymentId", payment.id.as_str())
        .with("interfaceCode", code.clone());
    context.emit(message);
    payment.payment_status.interface_code = code;
}

/// The state that a request names, which must be one of payments.
pub(super) fn payment_state(
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<Arc<State>, DomainError> {
    let state = context.world.require::<State>(named)?;
    if state.state_type != StateType::PaymentState {
        return Err(DomainError::operation(format!(
            "The state with ID '{}' is not a PaymentState.",
            state.id
        )));
    }
    Ok(state)
}

fn transition(
    payment: &mut Payment,
    named: &ResourceIdentifier,
    force: bool,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let target = payment_state(named, context)?;
    if !force {
        check_transition(payment.payment_status.state.as_ref(), &target, context)?;
    }
    let reference = Reference::new(Kind::State, target.id.as_str());
    let message = Message::new("PaymentStatusStateTransition")
        .with_document("state", &reference)?
        .with("force", force);
    context.emit(message);
    payment.payment_status.state = Some(reference);
    Ok(())
}

/// From nowhere only into an initial state, else only where the current state leads.
fn check_transition(
    current: Option<&Reference>,
    target: &State,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(current) = current else {
        return if target.initial {
            Ok(())
        } else {
            Err(DomainError::operation(format!(
                "The state with ID '{}' is not an initial state.",
                target.id
            )))
        };
    };
    let identifier = ResourceIdentifier::by_id(current.id.as_str());
    let current = context.world.require::<State>(&identifier)?;
    let leads_there = current
        .transitions
        .as_ref()
        .is_none_or(|next| next.iter().any(|next| next.id == target.id));
    if leads_there {
        return Ok(());
    }
    Err(DomainError::operation(format!(
        "There is no transition from the state with ID '{}' to the state with ID '{}'.",
        current.id, target.id
    )))
}
