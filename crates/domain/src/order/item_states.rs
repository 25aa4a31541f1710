//! States of the shop's own process: of the order and of the units of its items.

use crate::{
    cart::{CustomLineItem, ItemState, LineItem},
    catalog::state::{State, StateType},
    context::Context,
    error::DomainError,
    kind::Kind,
    message::Message,
    order::{Order, shipping::PartName},
    reference::{Reference, ResourceIdentifier},
    timestamp::Timestamp,
    world::By,
};

/// Units that move from one state to another.
pub(super) struct Transition {
    pub quantity: i64,
    pub from: ResourceIdentifier,
    pub to: ResourceIdentifier,
    pub date: Option<Timestamp>,
}

/// A state that lists what follows it allows nothing else, unless forced; the first state must be an initial one.
pub(super) fn transition_order(
    order: &mut Order,
    named: &ResourceIdentifier,
    force: bool,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let next = context.world.require::<State>(named)?;
    if next.state_type != StateType::OrderState {
        return Err(DomainError::operation(format!(
            "the state `{}` is not for orders",
            next.key
        )));
    }
    let next_reference = Reference::new(Kind::State, next.id.as_str());
    if !force {
        check_order_transition(order, &next, context)?;
    }
    let old = order.state.replace(next_reference.clone());
    if old.as_ref() != Some(&next_reference) {
        context.emit(
            Message::new("OrderStateTransition")
                .with_document("state", &next_reference)?
                .with_document("oldState", &old)?
                .with("force", force),
        );
    }
    Ok(())
}

fn check_order_transition(
    order: &Order,
    next: &State,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(current) = &order.state else {
        if next.initial {
            return Ok(());
        }
        return Err(DomainError::operation(format!(
            "the first state of an order must be an initial one, `{}` is not",
            next.key
        )));
    };
    let Some(current) = context.world.get::<State>(By::Id(&current.id))? else {
        return Ok(());
    };
    if current.leads_to(&next.id) {
        return Ok(());
    }
    Err(DomainError::operation(format!(
        "the state `{}` cannot be followed by `{}`",
        current.key, next.key
    )))
}

/// The line item that an action names.
pub(super) fn line_mut<'a>(
    order: &'a mut Order,
    name: &PartName,
) -> Result<&'a mut LineItem, DomainError> {
    let at = name.position(&order.line_items, "lineItem", |line| {
        (&line.id, line.key.as_deref())
    })?;
    order
        .line_items
        .get_mut(at)
        .ok_or_else(|| DomainError::operation("the line item is not in the order"))
}

fn custom_line_mut<'a>(
    order: &'a mut Order,
    name: &PartName,
) -> Result<&'a mut CustomLineItem, DomainError> {
    let at = name.position(&order.custom_line_items, "customLineItem", |line| {
        (&line.id, line.key.as_deref())
    })?;
    order
        .custom_line_items
        .get_mut(at)
        .ok_or_else(|| DomainError::operation("the custom line item is not in the order"))
}

pub(super) fn transition_line(
    order: &mut Order,
    name: &PartName,
    transition: Transition,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = line_mut(order, name)?;
    let id = line.id.clone();
    let message = Message::new("LineItemStateTransition").with("lineItemId", id);
    shift(&mut line.state, transition, message, context)
}

pub(super) fn transition_custom_line(
    order: &mut Order,
    name: &PartName,
    transition: Transition,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = custom_line_mut(order, name)?;
    let id = line.id.clone();
    let message = Message::new("CustomLineItemStateTransition").with("customLineItemId", id);
    shift(&mut line.state, transition, message, context)
}

/// Moves units between states; a state without units goes.
fn shift(
    states: &mut Vec<ItemState>,
    transition: Transition,
    message: Message,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let quantity = transition.quantity;
    if quantity < 1 {
        return Err(DomainError::field("quantity", quantity));
    }
    let from = context.world.reference(Kind::State, &transition.from)?;
    let to = context.world.require::<State>(&transition.to)?;
    if to.state_type != StateType::LineItemState {
        return Err(DomainError::operation(format!(
            "the state `{}` is not for line items",
            to.key
        )));
    }
    let to = Reference::new(Kind::State, to.id.as_str());
    let source = states.iter_mut().find(|known| known.state == from);
    match source {
        Some(source) if source.quantity >= quantity => {
            source.quantity = source.quantity.saturating_sub(quantity);
        }
        Some(_) | None => {
            return Err(DomainError::operation(format!(
                "fewer than {quantity} units are in the state `{}`",
                from.id
            )));
        }
    }
    match states.iter_mut().find(|known| known.state == to) {
        Some(target) => target.quantity = target.quantity.saturating_add(quantity),
        None => states.push(ItemState {
            quantity,
            state: to.clone(),
        }),
    }
    states.retain(|known| known.quantity > 0);
    context.emit(
        message
            .with_document("transitionDate", &transition.date.unwrap_or(context.now))?
            .with("quantity", quantity)
            .with_document("fromState", &from)?
            .with_document("toState", &to)?,
    );
    Ok(())
}

pub(super) fn import_line(
    order: &mut Order,
    name: &PartName,
    states: Vec<ItemState>,
) -> Result<(), DomainError> {
    let line = line_mut(order, name)?;
    check_sum(&states, line.quantity)?;
    line.state = states;
    Ok(())
}

pub(super) fn import_custom_line(
    order: &mut Order,
    name: &PartName,
    states: Vec<ItemState>,
) -> Result<(), DomainError> {
    let line = custom_line_mut(order, name)?;
    check_sum(&states, line.quantity)?;
    line.state = states;
    Ok(())
}

/// Every unit is in exactly one state.
pub(super) fn check_sum(states: &[ItemState], quantity: i64) -> Result<(), DomainError> {
    let sum = states
        .iter()
        .try_fold(0_i64, |sum, state| sum.checked_add(state.quantity));
    let sign = quantity.signum();
    if sum == Some(quantity) && states.iter().all(|state| state.quantity.signum() == sign) {
        return Ok(());
    }
    Err(DomainError::operation(format!(
        "the quantities of `state` must add up to the quantity of the item, {quantity}"
    )))
}
