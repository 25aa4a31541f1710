//! What each action does to an order, and the message it leaves.

use crate::{
    address::{Address, AddressDraft},
    cart::{Change, PaymentInfo, check_language, payment_in, payment_is_visible, replace},
    catalog::store::binding,
    context::Context,
    customer::Customer,
    error::DomainError,
    kind::Kind,
    message::Message,
    order::{
        Order, OrderAction, SyncInfo, checks::check_order_number, item_states,
        item_states::Transition, returns, returns::ReturnInfoDraft, shipping,
    },
    payment::Payment,
    reference::{Reference, ResourceIdentifier},
    timestamp::Timestamp,
};

/// Applies one action.
///
/// # Errors
/// Whatever rule the action breaks.
#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "one arm per action; the compiler lists the missing ones")]
pub(super) fn apply(
    order: &mut Order,
    action: OrderAction,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    use OrderAction as A;
    use shipping::PartName as Name;
    match action {
        A::ChangeOrderState { order_state } => {
            let old = order.order_state;
            if replace(&mut order.order_state, order_state) {
                context.emit(Message::new("OrderStateChanged")
                    .with_document("orderState", &order_state)?
                    .with_document("oldOrderState", &old)?);
            }
            Ok(())
        }
        A::ChangePaymentState { payment_state } => {
            let old = order.payment_state;
            if replace(&mut order.payment_state, Some(payment_state)) {
                context.emit(Message::new("OrderPaymentStateChanged")
                    .with_document("paymentState", &payment_state)?
                    .with_document("oldPaymentState", &old)?);
            }
            Ok(())
        }
        A::ChangeShipmentState { shipment_state } => {
            let old = order.shipment_state;
            if replace(&mut order.shipment_state, Some(shipment_state)) {
                context.emit(Message::new("OrderShipmentStateChanged")
                    .with_document("shipmentState", &shipment_state)?
                    .with_document("oldShipmentState", &old)?);
            }
            Ok(())
        }
        A::TransitionState { state, force } => item_states::transition_order(order, &state, force, context),
        A::TransitionLineItemState { line_item_id, line_item_key, quantity, from_state, to_state, actual_transition_date } =>
            item_states::transition_line(order, &Name { id: line_item_id, key: line_item_key },
                Transition { quantity, from: from_state, to: to_state, date: actual_transition_date }, context),
        A::TransitionCustomLineItemState { custom_line_item_id, custom_line_item_key, quantity, from_state, to_state, actual_transition_date } =>
            item_states::transition_custom_line(order, &Name { id: custom_line_item_id, key: custom_line_item_key },
                Transition { quantity, from: from_state, to: to_state, date: actual_transition_date }, context),
        A::ImportLineItemState { line_item_id, line_item_key, state } =>
            item_states::import_line(order, &Name { id: line_item_id, key: line_item_key }, state),
        A::ImportCustomLineItemState { custom_line_item_id, custom_line_item_key, state } =>
            item_states::import_custom_line(order, &Name { id: custom_line_item_id, key: custom_line_item_key }, state),
        A::SetOrderNumber { order_number } => set_order_number(order, order_number, context),
        A::SetPurchaseOrderNumber { purchase_order_number } => {
            let old = order.purchase_order_number.clone();
            if replace(&mut order.purchase_order_number, purchase_order_number) {
                context.emit(Message::new("OrderPurchaseOrderNumberSet")
                    .with("purchaseOrderNumber", order.purchase_order_number.clone())
                    .with("oldPurchaseOrderNumber", old));
            }
            Ok(())
        }
        A::SetCustomerId { customer_id } => set_customer(order, customer_id.as_deref(), context),
        A::SetCustomerEmail { email } => {
            let old = order.customer_email.clone();
            if replace(&mut order.customer_email, email) {
                context.emit(Message::new("OrderCustomerEmailSet")
                    .with("email", order.customer_email.clone())
                    .with("oldEmail", old));
            }
            Ok(())
        }
        A::SetStore { store } => set_store(order, store.as_ref(), context),
        A::SetShippingAddress { address } => {
            set_address(&mut order.shipping_address, address, "OrderShippingAddressSet", context)
        }
        A::SetBillingAddress { address } => {
            set_address(&mut order.billing_address, address, "OrderBillingAddressSet", context)
        }
        A::SetLocale { locale } => {
            check_language(locale.as_deref(), context)?;
            order.locale = locale;
            Ok(())
        }
        A::SetCustomType { custom_type, fields } =>
            Change::to_type(custom_type, fields).make(&mut order.custom, "order", context).map(drop),
        A::SetCustomField { name, value } =>
            Change::to_field(&name, value).make(&mut order.custom, "order", context).map(drop),
        A::SetLineItemCustomType { line_item_id, line_item_key, custom_type, fields } => {
            let line = item_states::line_mut(order, &Name { id: line_item_id, key: line_item_key })?;
            Change::to_type(custom_type, fields).make(&mut line.custom, "line-item", context).map(drop)
        }
        A::SetLineItemCustomField { line_item_id, line_item_key, name, value } => {
            let line = item_states::line_mut(order, &Name { id: line_item_id, key: line_item_key })?;
            Change::to_field(&name, value).make(&mut line.custom, "line-item", context).map(drop)
        }
        A::AddPayment { payment } => add_payment(order, &payment, context),
        A::RemovePayment { payment } => remove_payment(order, &payment, context),
        A::AddDelivery(draft) => shipping::add_delivery(order, *draft, context),
        A::RemoveDelivery { delivery_id, delivery_key } =>
            shipping::remove_delivery(order, &Name { id: delivery_id, key: delivery_key }, context),
        A::SetDeliveryAddress { delivery_id, delivery_key, address } => {
            let slot = &mut shipping::delivery_mut(order, &Name { id: delivery_id, key: delivery_key })?.address;
            let before = slot.take();
            let address = address.map(|address| address.resolve_in_place_of(before.as_ref(), context));
            *slot = address.transpose()?;
            Ok(())
        }
        A::SetDeliveryItems { delivery_id, delivery_key, items } => {
            shipping::delivery_mut(order, &Name { id: delivery_id, key: delivery_key })?.items = items;
            Ok(())
        }
        A::AddParcelToDelivery(added) => shipping::add_parcel(order, *added, context),
        A::RemoveParcelFromDelivery { parcel_id, parcel_key } =>
            shipping::remove_parcel(order, &Name { id: parcel_id, key: parcel_key }, context),
        A::SetParcelMeasurements { parcel_id, parcel_key, measurements } => {
            shipping::parcel_mut(order, &Name { id: parcel_id, key: parcel_key })?.measurements = measurements;
            Ok(())
        }
        A::SetParcelTrackingData { parcel_id, parcel_key, tracking_data } => {
            shipping::parcel_mut(order, &Name { id: parcel_id, key: parcel_key })?.tracking_data = tracking_data;
            Ok(())
        }
        A::SetParcelItems { parcel_id, parcel_key, items } => {
            shipping::parcel_mut(order, &Name { id: parcel_id, key: parcel_key })?.items = items;
            Ok(())
        }
        A::AddReturnInfo { items, return_tracking_id, return_date } => {
            let draft = ReturnInfoDraft { items, return_tracking_id, return_date };
            let info = draft.resolve(order, context)?;
            context.emit(Message::new("ReturnInfoAdded").with_document("returnInfo", &info)?);
            order.return_info.push(info);
            Ok(())
        }
        A::SetReturnInfo { items } => {
            let drafts = items.unwrap_or_default();
            let infos = drafts.into_iter().map(|draft| draft.resolve(order, context)).collect::<Result<Vec<_>, _>>()?;
            context.emit(Message::new("ReturnInfoSet").with_document("returnInfo", &infos)?);
            order.return_info = infos;
            Ok(())
        }
        A::SetReturnShipmentState { return_item_id, return_item_key, shipment_state } =>
            returns::set_shipment_state(order, &Name { id: return_item_id, key: return_item_key }, shipment_state, context),
        A::SetReturnPaymentState { return_item_id, return_item_key, payment_state } =>
            returns::set_payment_state(order, &Name { id: return_item_id, key: return_item_key }, payment_state, context),
        A::UpdateSyncInfo { channel, external_id, synced_at } =>
            update_sync_info(order, &channel, external_id, synced_at, context),
    }
}

/// The number is set once.
fn set_order_number(
    order: &mut Order,
    number: Option<String>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if order.order_number == number {
        return Ok(());
    }
    if let Some(old) = &order.order_number {
        return Err(DomainError::operation(format!(
            "the order number `{old}` cannot be changed"
        )));
    }
    check_order_number(number.as_deref(), context)?;
    order.order_number = number;
    Ok(())
}

/// The group follows the customer; prices do not.
fn set_customer(
    order: &mut Order,
    id: Option<&str>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let customer = match id {
        None => None,
        Some(id) => Some(context.world.new_owner(id)?.ok_or_else(|| {
            DomainError::ReferencedResourceNotFound {
                kind: Kind::Customer,
                identifier: ResourceIdentifier::by_id(id),
            }
        })?),
    };
    assign_to(order, customer.as_deref(), context)
}

/// Gives an order to a customer, as sign-in does, and leaves the message `OrderCustomerSet`.
fn assign_to(
    order: &mut Order,
    customer: Option<&Customer>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let reference = |id: &String| Reference::new(Kind::Customer, id.as_str());
    let old = order.customer_id.clone();
    let old_group = order.customer_group.clone();
    let moved = replace(
        &mut order.customer_id,
        customer.map(|customer| customer.id.clone()),
    );
    let regrouped = replace(
        &mut order.customer_group,
        customer.and_then(|customer| customer.customer_group.clone()),
    );
    if moved || regrouped {
        context.emit(
            Message::new("OrderCustomerSet")
                .with_document("customer", &order.customer_id.as_ref().map(reference))?
                .with_document("oldCustomer", &old.as_ref().map(reference))?
                .with_document("customerGroup", &order.customer_group)?
                .with_document("oldCustomerGroup", &old_group)?,
        );
    }
    Ok(())
}

impl Order {
    /// Gives the order to a customer, as sign-in does for everything a guest left: the anonymous id stays.
    ///
    /// # Errors
    /// [`DomainError::World`] if the message has no JSON form.
    pub fn assign(
        &mut self,
        customer: &Customer,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        assign_to(self, Some(customer), context)
    }
}

fn set_store(
    order: &mut Order,
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let store = binding::of_moved(named, context)?;
    if order.store == store {
        return Err(DomainError::operation("the order is in this store already"));
    }
    context.emit(Message::new("OrderStoreSet").with_document("store", &store)?);
    order.store = store;
    Ok(())
}

fn set_address(
    slot: &mut Option<Address>,
    draft: Option<Box<AddressDraft>>,
    message: &'static str,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let old = slot.clone();
    let address = draft
        .map(|draft| draft.resolve_in_place_of(old.as_ref(), context))
        .transpose()?;
    if replace(slot, address) {
        context.emit(
            Message::new(message)
                .with_document("address", slot)?
                .with_document("oldAddress", &old)?,
        );
    }
    Ok(())
}

fn add_payment(
    order: &mut Order,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let payment = context.world.require::<Payment>(named)?;
    if !payment_is_visible(&payment, context.acting_for) {
        return Err(DomainError::ReferencedResourceNotFound {
            kind: Kind::Payment,
            identifier: named.clone(),
        });
    }
    let reference = Reference::new(Kind::Payment, payment.id.as_str());
    let info = order.payment_info.get_or_insert_with(PaymentInfo::default);
    if !info.payments.contains(&reference) {
        context.emit(Message::new("OrderPaymentAdded").with_document("payment", &reference)?);
        info.payments.push(reference);
    }
    Ok(())
}

fn remove_payment(
    order: &mut Order,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let reference = payment_in(order.payment_info.as_ref(), named, context)?;
    let Some(info) = &mut order.payment_info else {
        return Ok(());
    };
    let before = info.payments.len();
    info.payments.retain(|known| *known != reference);
    if info.payments.len() != before {
        context.emit(
            Message::new("OrderPaymentRemoved")
                .with_document("payment", &reference)?
                .with("removedPaymentInfo", info.payments.is_empty()),
        );
    }
    if info.payments.is_empty() {
        order.payment_info = None;
    }
    Ok(())
}

/// One entry per channel.
fn update_sync_info(
    order: &mut Order,
    named: &ResourceIdentifier,
    external_id: Option<String>,
    synced_at: Option<Timestamp>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let channel = context.world.reference(Kind::Channel, named)?;
    order.sync_info.retain(|known| known.channel != channel);
    order.sync_info.push(SyncInfo {
        channel,
        external_id,
        synced_at: synced_at.unwrap_or(context.now),
    });
    Ok(())
}
