//! Taxes of items and carts.

mod line_tax;
mod rate;
mod select_rate;
mod totals;

use serde::{Deserialize, Serialize};

use crate::money::{Rate, TypedMoney};

pub use line_tax::tax_of;
pub use rate::{ExternalTaxRateDraft, SubRate, TaxRate, TaxRateDraft};
pub use select_rate::select_rate;
pub use totals::{after_total_discount, taxed_total};

/// Where the tax of a cart comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaxMode {
    /// Rates of the project's tax categories.
    #[default]
    Platform,
    /// Rates that the client gives per item.
    External,
    /// Amounts that the client gives per item and for the cart.
    ExternalAmount,
    /// No tax.
    Disabled,
}

/// What is rounded when tax is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaxCalculationMode {
    /// The total of the item.
    #[default]
    LineItemLevel,
    /// The price of one unit; the result is multiplied.
    UnitPriceLevel,
}

/// The tax at one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxPortion {
    /// Name of the rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The rate, 0–1.
    pub rate: Rate,
    /// The tax.
    pub amount: TypedMoney,
}

/// A total before and after tax: `total_gross` − `total_net` = `total_tax` = the sum of the portions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxedPrice {
    /// Without tax.
    pub total_net: TypedMoney,
    /// With tax.
    pub total_gross: TypedMoney,
    /// The tax by rate, in the order the rates were first seen.
    pub tax_portions: Vec<TaxPortion>,
    /// The tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_tax: Option<TypedMoney>,
}

/// The taxed price of one item; the API gives it the same members.
pub type TaxedItemPrice = TaxedPrice;
