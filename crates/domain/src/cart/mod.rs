//! The shopping cart: what it looks like, how it is made, changed, merged and computed.
//!
//! `apply` changes what a client asked for and notes in [`Pending`] what follows from it; `settle` then runs the
//! pipeline of [`recalculate`] once. Nothing else computes prices, taxes or totals.

pub mod action;
mod add_line;
mod apply;
mod blank;
mod discount_parts;
mod draft;
mod draft_parts;
mod line_item;
mod line_items;
mod merge;
mod my_action;
mod my_draft;
mod offer;
mod owner;
mod pending;
mod pricing;
pub mod recalculate;
pub mod replicate;
mod resource;
mod shipping_info;
mod shipping_price;
pub mod sign_in;
mod taxing;
mod totals;

#[cfg(test)]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use action::CartAction;
pub(crate) use apply::{Change, check_language, payment_in, payment_is_visible};
pub use discount_parts::{
    DirectDiscount, DiscountCodeInfo, DiscountCodeState, DiscountOnTotalPrice,
    DiscountedLineItemPortion, DiscountedLineItemPrice, DiscountedLineItemPriceForQuantity,
};
pub use draft::CartDraft;
pub(crate) use draft::refuse_reservation;
pub use draft_parts::{
    CustomLineItemDraft, ExternalLineItemTotalPrice, ItemShippingDetailsDraft, LineItemDraft,
    TaxPortionDraft,
};
pub use line_item::{
    CustomLineItem, CustomLineItemPriceMode, ItemShippingDetails, ItemShippingTarget, ItemState,
    LineItem, LineItemMode, LineItemPriceMode, MethodTaxRate, MethodTaxedPrice,
};
pub use merge::{MergeRule, Merged, ProductData, check_mergeable, merge};
pub use my_action::MyCartAction;
pub use my_draft::{MyCartDraft, MyLineItemDraft};
pub use owner::assign;
pub use pending::Pending;
pub(crate) use pending::replace;
pub use shipping_info::{
    CustomShippingDraft, Shipping, ShippingInfo, ShippingMethodState, ShippingRateInput,
    ShippingRateInputType,
};
pub(crate) use shipping_price::check_open as check_method_open;

use crate::{
    address::Address,
    context::Author,
    custom_fields::CustomFields,
    envelope,
    money::{RoundingMode, TypedMoney},
    reference::{KeyReference, Reference},
    tax::{TaxCalculationMode, TaxMode, TaxedPrice},
    timestamp::Timestamp,
};

/// Most line items a cart may have.
pub const MAX_LINE_ITEMS: usize = 500;

/// Longest life of an untouched cart, in days.
pub const MAX_DELETE_DAYS: i64 = 365_250;

/// A cart, in the JSON shape of the commercetools API.
///
/// Amounts are in the minor unit of the currency of [`Cart::total_price`], which never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
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
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The customer who owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// What the client set; never filled from the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_email: Option<String>,
    /// Follows the customer, or is set alone on a cart without customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<Reference>,
    /// The anonymous session it was made in; survives sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// The store it belongs to, for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<KeyReference>,
    /// Lines for product variants.
    pub line_items: Vec<LineItem>,
    /// Lines without a product.
    pub custom_line_items: Vec<CustomLineItem>,
    /// Sum of the quantities of the line items; absent without line items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_line_item_quantity: Option<i64>,
    /// What is to be paid, tax included only as far as the rates are included in prices.
    pub total_price: TypedMoney,
    /// Net, gross and tax of everything; present once every part is taxed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_price: Option<TaxedPrice>,
    /// The shipping part of `taxed_price`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_shipping_price: Option<TaxedPrice>,
    /// What discounts took off the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_on_total_price: Option<DiscountOnTotalPrice>,
    /// Where tax rates come from.
    pub tax_mode: TaxMode,
    /// How prices finer than the minor unit are rounded.
    pub price_rounding_mode: RoundingMode,
    /// How taxed amounts are rounded.
    pub tax_rounding_mode: RoundingMode,
    /// Whether tax is computed on the line or on the unit.
    pub tax_calculation_mode: TaxCalculationMode,
    /// What an order does to the stock, unless the line says otherwise.
    pub inventory_mode: InventoryMode,
    /// Where the cart is in its life.
    pub cart_state: CartState,
    /// How a frozen cart is frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze_strategy: Option<FreezeStrategy>,
    /// Where the invoice goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Where the goods go; decides tax rates and shipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// One shipping method for all, or several.
    pub shipping_mode: ShippingMode,
    /// Key of the one shipping method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_key: Option<String>,
    /// The one shipping method, with its price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_info: Option<ShippingInfo>,
    /// Chooses the tier of a shipping rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_rate_input: Option<ShippingRateInput>,
    /// Custom fields of the one shipping method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_custom_fields: Option<CustomFields>,
    /// Shipping methods of a cart with several.
    #[serde(default)]
    pub shipping: Vec<Shipping>,
    /// Addresses that lines are shipped to, each with a unique key.
    #[serde(default)]
    pub item_shipping_addresses: Vec<Address>,
    /// Codes on the cart, with what became of them.
    #[serde(default)]
    pub discount_codes: Vec<DiscountCodeInfo>,
    /// Discounts that belong to this cart alone.
    #[serde(default)]
    pub direct_discounts: Vec<DirectDiscount>,
    /// Discounts whose gifts were removed.
    #[serde(default)]
    pub refused_gifts: Vec<Reference>,
    /// Its payments; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_info: Option<PaymentInfo>,
    /// Decides which prices apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Language of the shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Who made it.
    pub origin: CartOrigin,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// Which kind of discount won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_type_combination: Option<Value>,
    /// Who may change it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<CartLock>,
    /// Days after the last change until it vanishes, 1 to [`MAX_DELETE_DAYS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_days_after_last_modification: Option<i64>,
    /// The buyer's own number of the purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order_number: Option<String>,
    /// What the actions of this request left to compute; always empty in the database.
    #[serde(skip)]
    pub pending: Pending,
}

envelope!(Cart, optional_key);

/// Where a cart is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CartState {
    /// Open for shopping.
    #[default]
    Active,
    /// Its lines went to a customer's cart. Closed.
    Merged,
    /// An order was made of it. Closed.
    Ordered,
    /// Prices and lines stay as they are.
    Frozen,
}

impl CartState {
    /// The spelling on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Merged => "Merged",
            Self::Ordered => "Ordered",
            Self::Frozen => "Frozen",
        }
    }

    /// Whether nothing may change any more.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Merged | Self::Ordered)
    }
}

/// How much a frozen cart refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FreezeStrategy {
    /// Lines and prices.
    #[default]
    SoftFreeze,
    /// Also shipping methods and discount codes.
    HardFreeze,
}

/// What an order does to the stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum InventoryMode {
    /// Nothing.
    #[default]
    None,
    /// Reduces it, even below zero.
    TrackOnly,
    /// Reduces it, and fails if there is too little.
    ReserveOnOrder,
    /// Reserves when the line is added.
    ReserveOnCart,
}

/// One shipping method for the whole cart, or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShippingMode {
    /// One.
    #[default]
    Single,
    /// Several, per line.
    Multiple,
}

/// Who made the cart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CartOrigin {
    /// The shopper.
    #[default]
    Customer,
    /// The shop, on the shopper's behalf.
    Merchant,
    /// A quote.
    Quote,
    /// A recurring order.
    RecurringOrder,
}

/// The payments of a cart or order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentInfo {
    /// References to payments, each once.
    #[serde(default)]
    pub payments: Vec<Reference>,
}

/// Who may change a locked cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartLock {
    /// When it was locked.
    pub created_at: Timestamp,
    /// The API client that locked it.
    pub client_id: String,
}
