//! Orders: what was bought, frozen at the moment of buying, and what happened to it since.

pub mod action;
mod apply;
mod blank;
mod checks;
pub mod delivery;
mod from_cart;
pub mod import;
mod import_lines;
mod import_shipping;
mod import_tax;
mod import_variant;
mod item_states;
pub mod returns;
mod shipping;
pub mod state;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use action::OrderAction;
pub use from_cart::{MyOrderFromCartDraft, OrderFromCartDraft, place};
pub use import::OrderImportDraft;
pub use state::{INITIAL_STATE_ID, OrderState, PaymentState, ShipmentState};

use crate::{
    address::Address,
    cart::{
        CartOrigin, CustomLineItem, DirectDiscount, DiscountCodeInfo, DiscountOnTotalPrice,
        InventoryMode, LineItem, PaymentInfo, Shipping, ShippingInfo, ShippingMode,
        ShippingRateInput,
    },
    context::{Author, Context},
    custom_fields::CustomFields,
    envelope,
    error::DomainError,
    kind::Kind,
    message::Message,
    money::{RoundingMode, TypedMoney},
    reference::{KeyReference, Reference},
    resource::{Index, Resource, Unique},
    tax::{TaxCalculationMode, TaxMode, TaxedPrice},
    timestamp::Timestamp,
};

use returns::ReturnInfo;

/// An order, in the JSON shape of the commercetools API. What it shares with a cart means the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Server-made id.
    pub id: String,
    /// Starts at 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// User-defined number, unique in the project; cannot be changed once set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// The buyer's own number of the purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order_number: Option<String>,
    /// The customer who owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The shopper's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_email: Option<String>,
    /// The customer's group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<Reference>,
    /// The anonymous session it was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// The store it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<KeyReference>,
    /// Lines for product variants, with the ids they had in the cart.
    #[serde(default)]
    pub line_items: Vec<LineItem>,
    /// Lines without a product.
    #[serde(default)]
    pub custom_line_items: Vec<CustomLineItem>,
    /// What is to be paid.
    pub total_price: TypedMoney,
    /// Net, gross and tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_price: Option<TaxedPrice>,
    /// The shipping part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_shipping_price: Option<TaxedPrice>,
    /// What discounts took off the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_on_total_price: Option<DiscountOnTotalPrice>,
    /// Where tax rates came from.
    #[serde(default)]
    pub tax_mode: TaxMode,
    /// How prices were rounded.
    #[serde(default)]
    pub price_rounding_mode: RoundingMode,
    /// How taxed amounts were rounded.
    #[serde(default)]
    pub tax_rounding_mode: RoundingMode,
    /// What tax was computed on.
    #[serde(default)]
    pub tax_calculation_mode: TaxCalculationMode,
    /// What it did to the stock, unless a line says otherwise.
    #[serde(default)]
    pub inventory_mode: InventoryMode,
    /// Where the invoice goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Where the goods go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// One shipping method, or several.
    #[serde(default)]
    pub shipping_mode: ShippingMode,
    /// Key of the one shipping method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_key: Option<String>,
    /// The one shipping method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_info: Option<ShippingInfo>,
    /// What chose the tier of its rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_rate_input: Option<ShippingRateInput>,
    /// Its custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_custom_fields: Option<CustomFields>,
    /// Several shipping methods.
    #[serde(default)]
    pub shipping: Vec<Shipping>,
    /// Addresses that lines are shipped to.
    #[serde(default)]
    pub item_shipping_addresses: Vec<Address>,
    /// Codes that were used.
    #[serde(default)]
    pub discount_codes: Vec<DiscountCodeInfo>,
    /// Discounts that belonged to the cart alone.
    #[serde(default)]
    pub direct_discounts: Vec<DirectDiscount>,
    /// Discounts whose gifts were removed.
    #[serde(default)]
    pub refused_gifts: Vec<Reference>,
    /// Its payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_info: Option<PaymentInfo>,
    /// The country that prices were for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Language of the shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Who made the cart.
    #[serde(default)]
    pub origin: CartOrigin,
    /// The cart it was made from; absent for imported orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cart: Option<Reference>,
    /// Where it is in its life.
    pub order_state: OrderState,
    /// Where the shipment is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_state: Option<ShipmentState>,
    /// Where the payment is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_state: Option<PaymentState>,
    /// The state of the shop's own process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Reference>,
    /// Where it was exported to.
    #[serde(default)]
    pub sync_info: Vec<SyncInfo>,
    /// What came back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub return_info: Vec<ReturnInfo>,
    /// Which kind of discount won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_type_combination: Option<Value>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// When it was finished; on imported orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

envelope!(Order, no_key);

/// Where an order was exported to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncInfo {
    /// The other system.
    pub channel: Reference,
    /// Its id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When.
    pub synced_at: Timestamp,
}

/// What an order takes from the stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockDemand {
    /// The variant.
    pub sku: String,
    /// Id of the supply channel; none for the stock without channel.
    pub supply_channel: Option<String>,
    /// How many units.
    pub quantity: i64,
    /// What taking them means.
    pub mode: InventoryMode,
    /// The line that asks.
    pub line_item_id: String,
}

/// What an order takes from the stock, line by line; lines that leave the stock alone are left out.
#[must_use]
pub fn stock_demand(order: &Order) -> Vec<StockDemand> {
    order
        .line_items
        .iter()
        .filter_map(|line| {
            let mode = line.inventory_mode.unwrap_or(order.inventory_mode);
            let sku = line.variant.sku.clone()?;
            // Imported orders may have negative quantities: what came back is counted where it comes back.
            let takes = mode != InventoryMode::None && line.quantity > 0;
            takes.then(|| StockDemand {
                sku,
                supply_channel: line
                    .supply_channel
                    .as_ref()
                    .map(|channel| channel.id.clone()),
                quantity: line.quantity,
                mode,
                line_item_id: line.id.clone(),
            })
        })
        .collect()
}

impl Resource for Order {
    const KIND: Kind = Kind::Order;
    type Draft = OrderImportDraft;
    type Action = OrderAction;

    /// Imports an order that was placed elsewhere; [`place`] makes one of a cart.
    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        import::import(draft, context)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        apply::apply(self, action, context)
    }

    fn check_delete(&self, context: &mut Context<'_>) -> Result<(), DomainError> {
        context.emit(Message::new("OrderDeleted").with_document("order", self)?);
        Ok(())
    }

    fn index(&self) -> Index {
        Index {
            customer_id: self.customer_id.clone(),
            anonymous_id: self.anonymous_id.clone(),
            state: Some(self.order_state.name().to_owned()),
            store_key: self.store.as_ref().map(|store| store.key.clone()),
            expires_at: None,
            unique: self
                .order_number
                .iter()
                .map(|number| Unique::new(ORDER_NUMBERS, "orderNumber", number))
                .collect(),
        }
    }
}

/// Namespace of order numbers.
pub const ORDER_NUMBERS: &str = "order-number";
