//! What discounts leave on a cart, in API shape.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{money::TypedMoney, reference::Reference};

/// A discount code on a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountCodeInfo {
    /// The code.
    pub discount_code: Reference,
    /// Whether it has an effect, and if not, why.
    pub state: DiscountCodeState,
}

/// Whether a discount code has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscountCodeState {
    /// The code is not active.
    NotActive,
    /// Outside of its validity.
    NotValid,
    /// Its or its discounts' predicates do not hold.
    DoesNotMatchCart,
    /// It applies.
    MatchesCart,
    /// It was used as often as allowed.
    MaxApplicationReached,
    /// A discount before it stopped the others.
    ApplicationStoppedByPreviousDiscount,
    /// Another discount of its group was better.
    ApplicationStoppedByGroupBestDeal,
}

/// A discount that belongs to one cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectDiscount {
    /// Server-made id.
    pub id: String,
    /// What it takes off.
    pub value: Value,
    /// Of what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Value>,
}

/// What discounts took off the total.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountOnTotalPrice {
    /// In all.
    pub discounted_amount: TypedMoney,
    /// Per discount.
    pub included_discounts: Vec<DiscountedLineItemPortion>,
    /// Of the net total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounted_net_amount: Option<TypedMoney>,
    /// Of the gross total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounted_gross_amount: Option<TypedMoney>,
}

/// Unit price of a part of a line's quantity after discounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountedLineItemPriceForQuantity {
    /// How many units.
    pub quantity: i64,
    /// What one of them costs.
    pub discounted_price: DiscountedLineItemPrice,
}

/// A price after discounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountedLineItemPrice {
    /// What is left.
    pub value: TypedMoney,
    /// Who took how much.
    pub included_discounts: Vec<DiscountedLineItemPortion>,
}

/// What one discount took off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountedLineItemPortion {
    /// The discount.
    pub discount: Reference,
    /// How much, for one unit.
    pub discounted_amount: TypedMoney,
}
