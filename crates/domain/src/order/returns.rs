//! What came back, or is on its way back.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::shape::check_optional_key,
    context::Context,
    custom_fields::{CustomFields, CustomFieldsDraft},
    error::DomainError,
    message::Message,
    order::{Order, shipping::PartName},
    timestamp::Timestamp,
};

/// Items that come back together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnInfo {
    /// What comes back.
    pub items: Vec<ReturnItem>,
    /// How it is followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_tracking_id: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_date: Option<Timestamp>,
}

/// Units of an item that come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnItem {
    /// Server-made id.
    pub id: String,
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How many units.
    pub quantity: i64,
    /// Line item or custom line item.
    #[serde(rename = "type")]
    pub item_type: ReturnItemType,
    /// Id of the line item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_item_id: Option<String>,
    /// Id of the custom line item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_line_item_id: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Where the goods are.
    pub shipment_state: ReturnShipmentState,
    /// Where the money is.
    pub payment_state: ReturnPaymentState,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What a returned item was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnItemType {
    /// A line item.
    LineItemReturnItem,
    /// A custom line item.
    CustomLineItemReturnItem,
}

/// Where returned goods are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnShipmentState {
    /// Announced.
    Advised,
    /// Arrived.
    Returned,
    /// Back on the shelf.
    BackInStock,
    /// Broken.
    Unusable,
}

/// Where the money for returned goods is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnPaymentState {
    /// It is not paid back.
    NonRefundable,
    /// Undecided.
    Initial,
    /// Paid back.
    Refunded,
    /// Kept.
    NotRefunded,
}

/// A return to add, with all its items.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnInfoDraft {
    pub items: Vec<ReturnItemDraft>,
    pub return_tracking_id: Option<String>,
    pub return_date: Option<Timestamp>,
}

/// Units of an item that come back; exactly one of `lineItemId` and `customLineItemId`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnItemDraft {
    pub key: Option<String>,
    pub quantity: i64,
    pub line_item_id: Option<String>,
    pub custom_line_item_id: Option<String>,
    pub comment: Option<String>,
    /// `Advised` or `Returned`.
    pub shipment_state: ReturnShipmentState,
    pub custom: Option<CustomFieldsDraft>,
}

impl ReturnInfoDraft {
    /// The return with new ids.
    ///
    /// # Errors
    /// [`DomainError::RequiredField`] without items, [`DomainError::InvalidField`] for a quantity below 1 or above the
    /// item's, an item that is not in the order, or a state that is not a first one.
    pub fn resolve(
        self,
        order: &Order,
        context: &mut Context<'_>,
    ) -> Result<ReturnInfo, DomainError> {
        if self.items.is_empty() {
            return Err(DomainError::required("items"));
        }
        Ok(ReturnInfo {
            items: self
                .items
                .into_iter()
                .map(|item| item.resolve(order, context))
                .collect::<Result<_, _>>()?,
            return_tracking_id: self.return_tracking_id,
            return_date: self.return_date,
        })
    }
}

impl ReturnItemDraft {
    fn resolve(self, order: &Order, context: &mut Context<'_>) -> Result<ReturnItem, DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        let (item_type, available) = match (&self.line_item_id, &self.custom_line_item_id) {
            (Some(id), None) => {
                let line = order.line_items.iter().find(|line| line.id == *id);
                let quantity = line.map(|line| line.quantity);
                let quantity =
                    quantity.ok_or_else(|| DomainError::field("lineItemId", id.as_str()))?;
                (ReturnItemType::LineItemReturnItem, quantity)
            }
            (None, Some(id)) => {
                let line = order.custom_line_items.iter().find(|line| line.id == *id);
                let quantity = line.map(|line| line.quantity);
                let quantity =
                    quantity.ok_or_else(|| DomainError::field("customLineItemId", id.as_str()))?;
                (ReturnItemType::CustomLineItemReturnItem, quantity)
            }
            _ => {
                return Err(DomainError::input(
                    "a return item needs exactly one of `lineItemId` and `customLineItemId`",
                ));
            }
        };
        if !(1..=available).contains(&self.quantity) {
            return Err(DomainError::field("quantity", self.quantity));
        }
        let payment_state = match self.shipment_state {
            ReturnShipmentState::Advised => ReturnPaymentState::NonRefundable,
            ReturnShipmentState::Returned => ReturnPaymentState::Initial,
            ReturnShipmentState::BackInStock | ReturnShipmentState::Unusable => {
                return Err(DomainError::operation(
                    "a return begins with the shipment state `Advised` or `Returned`",
                ));
            }
        };
        Ok(ReturnItem {
            id: context.ids.uuid(),
            key: self.key,
            quantity: self.quantity,
            item_type,
            line_item_id: self.line_item_id,
            custom_line_item_id: self.custom_line_item_id,
            comment: self.comment,
            shipment_state: self.shipment_state,
            payment_state,
            custom: self
                .custom
                .map(|custom| custom.resolve("order-return-item", context))
                .transpose()?,
            last_modified_at: context.now,
            created_at: context.now,
        })
    }
}

fn item_mut<'a>(order: &'a mut Order, name: &PartName) -> Result<&'a mut ReturnItem, DomainError> {
    order
        .return_info
        .iter_mut()
        .flat_map(|info| &mut info.items)
        .find(|item| name.names(&item.id, item.key.as_deref()))
        .ok_or_else(|| name.not_found("returnItem"))
}

/// Returned goods move on; whether their money is given back is open from the moment they arrive.
pub(super) fn set_shipment_state(
    order: &mut Order,
    name: &PartName,
    state: ReturnShipmentState,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let item = item_mut(order, name)?;
    if item.shipment_state == state {
        return Ok(());
    }
    item.shipment_state = state;
    if item.payment_state == ReturnPaymentState::NonRefundable
        && state != ReturnShipmentState::Advised
    {
        item.payment_state = ReturnPaymentState::Initial;
    }
    item.last_modified_at = context.now;
    context.emit(
        Message::new("OrderReturnShipmentStateChanged")
            .with("returnItemId", item.id.as_str())
            .with_document("returnShipmentState", &state)?,
    );
    Ok(())
}

/// Nothing is refunded before the goods arrived.
pub(super) fn set_payment_state(
    order: &mut Order,
    name: &PartName,
    state: ReturnPaymentState,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let item = item_mut(order, name)?;
    if item.payment_state == state {
        return Ok(());
    }
    if item.payment_state == ReturnPaymentState::NonRefundable {
        return Err(DomainError::operation(
            "the payment state of a return that has not arrived cannot be changed",
        ));
    }
    item.payment_state = state;
    item.last_modified_at = context.now;
    Ok(())
}
