//! The shipping method on a cart, in API shape.

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    cart::{Cart, DiscountedLineItemPrice},
    catalog::shipping_method::{ShippingRate, ShippingRateDraft},
    custom_fields::{CustomFields, CustomFieldsDraft},
    localized::LocalizedString,
    money::TypedMoney,
    order::delivery::Delivery,
    reference::{Reference, ResourceIdentifier},
    tax::{ExternalTaxRateDraft, TaxRate, TaxedItemPrice},
};

/// A chosen shipping method with what it costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingInfo {
    /// Name of the method when it was chosen.
    pub shipping_method_name: String,
    /// What shipping costs before discounts.
    pub price: TypedMoney,
    /// The rate it comes from.
    pub shipping_rate: ShippingRate,
    /// Net, gross and tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxed_price: Option<TaxedItemPrice>,
    /// The rate that applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<TaxRate>,
    /// Needed to tax it with platform rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<Reference>,
    /// Absent for a custom shipping method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_method: Option<Reference>,
    /// What was shipped; on orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
    /// What shipping costs after discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounted_price: Option<DiscountedLineItemPrice>,
    /// Whether the method's predicate holds.
    #[serde(default)]
    pub shipping_method_state: ShippingMethodState,
}

impl Cart {
    /// Takes the one shipping method off, with all that belongs to it.
    pub(super) fn remove_shipping_method(&mut self) {
        self.shipping_info = None;
        self.shipping_key = None;
        self.shipping_custom_fields = None;
    }
}

impl ShippingInfo {
    /// What shipping costs after discounts.
    #[must_use]
    pub fn effective_price(&self) -> &TypedMoney {
        self.discounted_price
            .as_ref()
            .map_or(&self.price, |discounted| &discounted.value)
    }
}

/// Whether a shipping method's predicate holds for the cart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShippingMethodState {
    /// It does.
    #[default]
    MatchesCart,
    /// It does not; the cart cannot be ordered.
    DoesNotMatchCart,
}

/// One of several shipping methods of a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipping {
    /// Key, unique in the cart.
    pub shipping_key: String,
    /// The method with its price.
    pub shipping_info: ShippingInfo,
    /// Where it ships to.
    pub shipping_address: Address,
    /// Chooses the tier of its rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_rate_input: Option<ShippingRateInput>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_custom_fields: Option<CustomFields>,
}

/// Chooses the tier of a shipping rate: a score or a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingRateInput {
    /// Which of the two.
    #[serde(rename = "type")]
    pub input_type: ShippingRateInputType,
    /// The score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Name of the class, from the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<LocalizedString>,
}

/// The kinds of [`ShippingRateInput`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShippingRateInputType {
    /// By score.
    Score,
    /// By class.
    Classification,
}

/// A shipping method that the client defines itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomShippingDraft {
    /// Shown name.
    pub shipping_method_name: String,
    /// What it costs.
    pub shipping_rate: ShippingRateDraft,
    /// Needed to tax it with platform rates.
    pub tax_category: Option<ResourceIdentifier>,
    /// The rate in mode External.
    pub external_tax_rate: Option<ExternalTaxRateDraft>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
}
