//! The lines of a cart.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    cart::{DiscountedLineItemPriceForQuantity, InventoryMode},
    custom_fields::CustomFields,
    kind::Kind,
    localized::LocalizedString,
    money::{CentAmount, TypedMoney},
    order::state::INITIAL_STATE_ID,
    product::{Price, ProductVariant},
    reference::Reference,
    tax::{TaxRate, TaxedItemPrice},
    timestamp::Timestamp,
};

/// A line for a product variant, in API shape.
///
/// `price` is what the product said at the last update of the cart; `variant`, `name` and the like are what it said when
/// they were last asked for (`recalculate` with `updateProductData`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItem {
    /// Server-made id.
    pub id: String,
    /// User-defined key, unique in the cart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The product.
    pub product_id: String,
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_key: Option<String>,
    /// Its name.
    pub name: LocalizedString,
    /// Its slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_slug: Option<LocalizedString>,
    /// Its type.
    pub product_type: Reference,
    /// The variant as it was; shared, because carts are copied far more often than variants change.
    pub variant: Arc<ProductVariant>,
    /// The price of one unit.
    pub price: Price,
    /// At least 1.
    pub quantity: i64,
    /// What the line costs after line-item discounts.
    pub total_price: TypedMoney,
    /// Unit prices after discounts, by portions of the quantity; empty without discounts.
    #[serde(default)]
    pub discounted_price_per_quantity: Vec<DiscountedLineItemPriceForQuantity>,
    /// Net, gross and tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_price: Option<TaxedItemPrice>,
    /// The same per shipping method, for carts with several.
    #[serde(default)]
    pub taxed_price_portions: Vec<MethodTaxedPrice>,
    /// How many units are in which state.
    pub state: Vec<ItemState>,
    /// The rate that applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<TaxRate>,
    /// The same per shipping method.
    #[serde(default)]
    pub per_method_tax_rate: Vec<MethodTaxRate>,
    /// Where the stock is taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply_channel: Option<Reference>,
    /// Where it is sold; takes part in price selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution_channel: Option<Reference>,
    /// Where the price comes from.
    pub price_mode: LineItemPriceMode,
    /// Bought or given.
    #[serde(default)]
    pub line_item_mode: LineItemMode,
    /// Only if it differs from the cart's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory_mode: Option<InventoryMode>,
    /// Which units go to which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_details: Option<ItemShippingDetails>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// When it was put into the cart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_at: Option<Timestamp>,
}

impl LineItem {
    /// Sets quantity and state together: a cart's units are all in the first state.
    pub fn set_quantity(&mut self, quantity: i64) {
        self.quantity = quantity;
        self.state = ItemState::initial(quantity);
        if let Some(details) = &mut self.shipping_details {
            details.check(quantity);
        }
    }

    /// Unit prices with how many units have them; the whole quantity at the unit price without discounts.
    #[must_use]
    pub fn unit_portions(&self) -> Vec<(CentAmount, i64)> {
        unit_portions(
            &self.discounted_price_per_quantity,
            self.unit_price().cent_amount,
            self.quantity,
        )
    }

    /// The price of one unit: the product discount's price if there is one.
    #[must_use]
    pub fn unit_price(&self) -> &TypedMoney {
        self.price
            .discounted
            .as_ref()
            .map_or(&self.price.value, |discounted| &discounted.value)
    }
}

/// A line without a product, in API shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomLineItem {
    /// Server-made id.
    pub id: String,
    /// User-defined key, unique in the cart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name.
    pub name: LocalizedString,
    /// Price of one unit; may be negative.
    pub money: TypedMoney,
    /// Net, gross and tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_price: Option<TaxedItemPrice>,
    /// The same per shipping method.
    #[serde(default)]
    pub taxed_price_portions: Vec<MethodTaxedPrice>,
    /// What the line costs after discounts.
    pub total_price: TypedMoney,
    /// Names it in predicates.
    pub slug: String,
    /// At least 1.
    pub quantity: i64,
    /// How many units are in which state.
    pub state: Vec<ItemState>,
    /// Needed to tax it with platform rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<Reference>,
    /// The rate that applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<TaxRate>,
    /// The same per shipping method.
    #[serde(default)]
    pub per_method_tax_rate: Vec<MethodTaxRate>,
    /// Unit prices after discounts.
    #[serde(default)]
    pub discounted_price_per_quantity: Vec<DiscountedLineItemPriceForQuantity>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// Which units go to which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_details: Option<ItemShippingDetails>,
    /// Whether discounts reach it.
    #[serde(default)]
    pub price_mode: CustomLineItemPriceMode,
}

impl CustomLineItem {
    /// Sets quantity and state together.
    pub fn set_quantity(&mut self, quantity: i64) {
        self.quantity = quantity;
        self.state = ItemState::initial(quantity);
        if let Some(details) = &mut self.shipping_details {
            details.check(quantity);
        }
    }

    /// As [`LineItem::unit_portions`].
    #[must_use]
    pub fn unit_portions(&self) -> Vec<(CentAmount, i64)> {
        unit_portions(
            &self.discounted_price_per_quantity,
            self.money.cent_amount,
            self.quantity,
        )
    }
}

fn unit_portions(
    discounted: &[DiscountedLineItemPriceForQuantity],
    unit: CentAmount,
    quantity: i64,
) -> Vec<(CentAmount, i64)> {
    if discounted.is_empty() {
        return vec![(unit, quantity)];
    }
    discounted
        .iter()
        .map(|portion| (portion.discounted_price.value.cent_amount, portion.quantity))
        .collect()
}

/// Where the price of a line comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineItemPriceMode {
    /// The product.
    #[default]
    Platform,
    /// A unit price the client gave.
    ExternalPrice,
    /// A unit price and a total the client gave.
    ExternalTotal,
}

/// Bought or given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineItemMode {
    /// Bought.
    #[default]
    Standard,
    /// Given by a discount.
    GiftLineItem,
}

/// Whether discounts reach a custom line item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CustomLineItemPriceMode {
    /// They do.
    #[default]
    Standard,
    /// They do not.
    External,
}

/// How many units of an item are in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemState {
    /// How many.
    pub quantity: i64,
    /// The state.
    pub state: Reference,
}

impl ItemState {
    /// All units in the built-in first state.
    #[must_use]
    pub fn initial(quantity: i64) -> Vec<Self> {
        vec![Self {
            quantity,
            state: Reference::new(Kind::State, INITIAL_STATE_ID),
        }]
    }
}

/// Which units of an item go to which address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemShippingDetails {
    /// Addresses by key, with quantities.
    pub targets: Vec<ItemShippingTarget>,
    /// Whether the quantities add up to the item's.
    #[serde(default)]
    pub valid: bool,
}

impl ItemShippingDetails {
    /// Brings `valid` up to date with the item's quantity.
    pub fn check(&mut self, quantity: i64) {
        self.valid = self.total() == Some(quantity);
    }

    /// Sum of the targets' quantities, unless it overflows.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.targets
            .iter()
            .try_fold(0_i64, |sum, target| sum.checked_add(target.quantity))
    }
}

/// How many units go to one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemShippingTarget {
    /// Key of an item shipping address.
    pub address_key: String,
    /// How many units.
    pub quantity: i64,
    /// Which of several shipping methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_method_key: Option<String>,
}

/// The tax rate of an item under one of several shipping methods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodTaxRate {
    /// The shipping method.
    pub shipping_method_key: String,
    /// The rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<TaxRate>,
}

/// The taxed price of an item under one of several shipping methods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodTaxedPrice {
    /// The shipping method.
    pub shipping_method_key: String,
    /// Net, gross and tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_price: Option<TaxedItemPrice>,
}
