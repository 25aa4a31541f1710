//! What a back end may do to an order.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    address::AddressDraft,
    cart::ItemState,
    order::{
        OrderState, PaymentState, ShipmentState,
        delivery::{DeliveryDraft, DeliveryItem, ParcelAddition, ParcelMeasurements, TrackingData},
        returns::{ReturnInfoDraft, ReturnItemDraft, ReturnPaymentState, ReturnShipmentState},
    },
    reference::ResourceIdentifier,
    timestamp::Timestamp,
};

/// An update action of the order API. Lines and prices cannot be changed.
///
/// Source: <https://docs.commercetools.com/api/projects/orders#update-actions>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OrderAction {
    /// Sets the order's state.
    ChangeOrderState { order_state: OrderState },
    /// Sets the payment's state.
    ChangePaymentState { payment_state: PaymentState },
    /// Sets the shipment's state.
    ChangeShipmentState { shipment_state: ShipmentState },
    /// Moves the order in the shop's own process.
    TransitionState {
        state: ResourceIdentifier,
        #[serde(default)]
        force: bool,
    },
    /// Moves units of a line from one state to another.
    TransitionLineItemState {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: i64,
        from_state: ResourceIdentifier,
        to_state: ResourceIdentifier,
        actual_transition_date: Option<Timestamp>,
    },
    /// Moves units of a custom line from one state to another.
    TransitionCustomLineItemState {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        quantity: i64,
        from_state: ResourceIdentifier,
        to_state: ResourceIdentifier,
        actual_transition_date: Option<Timestamp>,
    },
    /// Replaces the states of a line.
    ImportLineItemState {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        state: Vec<ItemState>,
    },
    /// Replaces the states of a custom line.
    ImportCustomLineItemState {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        state: Vec<ItemState>,
    },
    /// Sets the order number, once.
    SetOrderNumber { order_number: Option<String> },
    /// Sets the buyer's own number of the purchase.
    SetPurchaseOrderNumber {
        purchase_order_number: Option<String>,
    },
    /// Gives the order to a customer, or takes it away.
    SetCustomerId { customer_id: Option<String> },
    /// Sets the shopper's e-mail address.
    SetCustomerEmail { email: Option<String> },
    /// Moves the order to a store.
    SetStore { store: Option<ResourceIdentifier> },
    /// Sets where the goods go.
    SetShippingAddress { address: Option<Box<AddressDraft>> },
    /// Sets where the invoice goes.
    SetBillingAddress { address: Option<Box<AddressDraft>> },
    /// Sets the language.
    SetLocale { locale: Option<String> },
    /// Gives the order another custom type with all its fields.
    SetCustomType {
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets one custom field.
    SetCustomField { name: String, value: Option<Value> },
    /// Gives a line another custom type with all its fields.
    SetLineItemCustomType {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets one custom field of a line.
    SetLineItemCustomField {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    /// Adds a payment.
    AddPayment { payment: ResourceIdentifier },
    /// Removes a payment.
    RemovePayment { payment: ResourceIdentifier },
    /// Adds a delivery.
    AddDelivery(Box<DeliveryDraft>),
    /// Removes a delivery.
    RemoveDelivery {
        delivery_id: Option<String>,
        delivery_key: Option<String>,
    },
    /// Sets where a delivery goes.
    SetDeliveryAddress {
        delivery_id: Option<String>,
        delivery_key: Option<String>,
        address: Option<Box<AddressDraft>>,
    },
    /// Sets what is in a delivery.
    SetDeliveryItems {
        delivery_id: Option<String>,
        delivery_key: Option<String>,
        items: Vec<DeliveryItem>,
    },
    /// Adds a parcel to a delivery.
    AddParcelToDelivery(Box<ParcelAddition>),
    /// Removes a parcel.
    RemoveParcelFromDelivery {
        parcel_id: Option<String>,
        parcel_key: Option<String>,
    },
    /// Sets how large a parcel is.
    SetParcelMeasurements {
        parcel_id: Option<String>,
        parcel_key: Option<String>,
        measurements: Option<ParcelMeasurements>,
    },
    /// Sets how a parcel is followed.
    SetParcelTrackingData {
        parcel_id: Option<String>,
        parcel_key: Option<String>,
        tracking_data: Option<TrackingData>,
    },
    /// Sets what is in a parcel.
    SetParcelItems {
        parcel_id: Option<String>,
        parcel_key: Option<String>,
        items: Vec<DeliveryItem>,
    },
    /// Adds a return.
    AddReturnInfo {
        items: Vec<ReturnItemDraft>,
        return_tracking_id: Option<String>,
        return_date: Option<Timestamp>,
    },
    /// Replaces all returns.
    SetReturnInfo { items: Option<Vec<ReturnInfoDraft>> },
    /// Sets where returned goods are.
    SetReturnShipmentState {
        return_item_id: Option<String>,
        return_item_key: Option<String>,
        shipment_state: ReturnShipmentState,
    },
    /// Sets where the money for returned goods is.
    SetReturnPaymentState {
        return_item_id: Option<String>,
        return_item_key: Option<String>,
        payment_state: ReturnPaymentState,
    },
    /// Notes where the order was exported to.
    UpdateSyncInfo {
        channel: ResourceIdentifier,
        external_id: Option<String>,
        synced_at: Option<Timestamp>,
    },
}
