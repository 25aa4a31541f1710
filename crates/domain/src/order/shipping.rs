//! Deliveries and parcels of an order.

use crate::{
    context::Context,
    error::DomainError,
    message::Message,
    order::{
        Order,
        delivery::{Delivery, DeliveryDraft, Parcel, ParcelAddition, ParcelDraft},
    },
};

/// How an action names a part of an order: by id or by key.
pub(super) struct PartName {
    pub id: Option<String>,
    pub key: Option<String>,
}

impl PartName {
    /// The position of the one part that has this id or key.
    pub(super) fn position<T>(
        &self,
        parts: &[T],
        member: &str,
        identity: impl Fn(&T) -> (&str, Option<&str>),
    ) -> Result<usize, DomainError> {
        let (found, field, value) = match (&self.id, &self.key) {
            (Some(id), None) => (
                parts.iter().position(|part| identity(part).0 == id),
                format!("{member}Id"),
                id,
            ),
            (None, Some(key)) => (
                parts.iter().position(|part| identity(part).1 == Some(key)),
                format!("{member}Key"),
                key,
            ),
            _ => {
                return Err(DomainError::input(format!(
                    "exactly one of `{member}Id` and `{member}Key` must be given"
                )));
            }
        };
        found.ok_or_else(|| DomainError::field(field, value.as_str()))
    }

    pub(super) fn names(&self, id: &str, key: Option<&str>) -> bool {
        match (&self.id, &self.key) {
            (Some(wanted), None) => wanted == id,
            (None, Some(wanted)) => Some(wanted.as_str()) == key,
            _ => false,
        }
    }

    pub(super) fn not_found(&self, member: &str) -> DomainError {
        match (&self.id, &self.key) {
            (Some(id), None) => DomainError::field(format!("{member}Id"), id.as_str()),
            (None, Some(key)) => DomainError::field(format!("{member}Key"), key.as_str()),
            _ => DomainError::input(format!(
                "exactly one of `{member}Id` and `{member}Key` must be given"
            )),
        }
    }
}

/// The deliveries of every shipping method of the order.
fn all_deliveries(order: &mut Order) -> impl Iterator<Item = &mut Vec<Delivery>> {
    order
        .shipping_info
        .iter_mut()
        .chain(
            order
                .shipping
                .iter_mut()
                .map(|shipping| &mut shipping.shipping_info),
        )
        .map(|info| &mut info.deliveries)
}

pub(super) fn delivery_mut<'a>(
    order: &'a mut Order,
    name: &PartName,
) -> Result<&'a mut Delivery, DomainError> {
    all_deliveries(order)
        .flatten()
        .find(|delivery| name.names(&delivery.id, delivery.key.as_deref()))
        .ok_or_else(|| name.not_found("delivery"))
}

pub(super) fn parcel_mut<'a>(
    order: &'a mut Order,
    name: &PartName,
) -> Result<&'a mut Parcel, DomainError> {
    all_deliveries(order)
        .flatten()
        .flat_map(|delivery| &mut delivery.parcels)
        .find(|parcel| name.names(&parcel.id, parcel.key.as_deref()))
        .ok_or_else(|| name.not_found("parcel"))
}

pub(super) fn add_delivery(
    order: &mut Order,
    mut draft: DeliveryDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let shipping_key = draft.shipping_key.take();
    let delivery = draft.resolve(context)?;
    let info = match &shipping_key {
        Some(key) if order.shipping_key.as_ref() != Some(key) => order
            .shipping
            .iter_mut()
            .find(|shipping| shipping.shipping_key == *key)
            .map(|shipping| &mut shipping.shipping_info),
        _ => order.shipping_info.as_mut(),
    };
    let info = info.ok_or_else(|| {
        DomainError::operation("a delivery can only be added to an order with a shipping method")
    })?;
    context.emit(Message::new("DeliveryAdded").with_document("delivery", &delivery)?);
    info.deliveries.push(delivery);
    Ok(())
}

pub(super) fn remove_delivery(
    order: &mut Order,
    name: &PartName,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    for deliveries in all_deliveries(order) {
        let at = deliveries
            .iter()
            .position(|delivery| name.names(&delivery.id, delivery.key.as_deref()));
        if let Some(at) = at {
            let removed = deliveries.remove(at);
            context.emit(Message::new("DeliveryRemoved").with_document("delivery", &removed)?);
            return Ok(());
        }
    }
    Err(name.not_found("delivery"))
}

pub(super) fn add_parcel(
    order: &mut Order,
    added: ParcelAddition,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let name = PartName {
        id: added.delivery_id,
        key: added.delivery_key,
    };
    let draft = ParcelDraft {
        key: added.parcel_key,
        measurements: added.measurements,
        tracking_data: added.tracking_data,
        items: added.items,
        custom: added.custom,
    };
    let parcel = draft.resolve(context)?;
    let delivery = delivery_mut(order, &name)?;
    context.emit(
        Message::new("ParcelAddedToDelivery")
            .with_document("delivery", delivery)?
            .with_document("parcel", &parcel)?,
    );
    delivery.parcels.push(parcel);
    Ok(())
}

pub(super) fn remove_parcel(
    order: &mut Order,
    name: &PartName,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    for delivery in all_deliveries(order).flatten() {
        let at = delivery
            .parcels
            .iter()
            .position(|parcel| name.names(&parcel.id, parcel.key.as_deref()));
        if let Some(at) = at {
            let removed = delivery.parcels.remove(at);
            context.emit(
                Message::new("ParcelRemovedFromDelivery")
                    .with("deliveryId", delivery.id.as_str())
                    .with_document("parcel", &removed)?,
            );
            return Ok(());
        }
    }
    Err(name.not_found("parcel"))
}
