//! Tax on orders that were placed elsewhere: as it is given, else by the rates that are.

use serde::Deserialize;

use crate::{
    cart::TaxPortionDraft,
    error::DomainError,
    money::{CentAmount, Currency, Money, RoundingMode, TypedMoney},
    order::Order,
    tax::{TaxCalculationMode, TaxRate, TaxedItemPrice, TaxedPrice, tax_of, taxed_total},
};

/// A taxed price of an imported order or of a part of it. It is kept as it is given, also where it does not add up.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxedPriceDraft {
    pub total_net: Money,
    pub total_gross: Money,
    #[serde(default)]
    pub tax_portions: Vec<TaxPortionDraft>,
    /// Gross less net if absent.
    pub total_tax: Option<Money>,
}

impl TaxedPriceDraft {
    pub(super) fn resolve(self, currency: Currency) -> Result<TaxedPrice, DomainError> {
        let total_net = self.total_net.typed_cents()?.in_currency(currency)?;
        let total_gross = self.total_gross.typed_cents()?.in_currency(currency)?;
        let total_tax = match self.total_tax {
            Some(given) => given.typed_cents()?.in_currency(currency)?,
            None => {
                let tax = total_gross.cent_amount.sub(total_net.cent_amount)?;
                TypedMoney::cents(currency, tax)
            }
        };
        let tax_portions = self
            .tax_portions
            .into_iter()
            .map(|portion| portion.portion(currency))
            .collect::<Result<_, _>>()?;
        Ok(TaxedPrice {
            total_net,
            total_gross,
            tax_portions,
            total_tax: Some(total_tax),
        })
    }
}

/// How amounts of an imported order are computed where they are not given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub currency: Currency,
    pub price_rounding: RoundingMode,
    pub tax_rounding: RoundingMode,
    pub calculation: TaxCalculationMode,
}

impl Terms {
    /// The tax on a part of the order that costs `total`, made up of units at these prices.
    pub(super) fn taxed(
        self,
        given: Option<TaxedPriceDraft>,
        rate: Option<&TaxRate>,
        total: CentAmount,
        units: &[(CentAmount, i64)],
    ) -> Result<Option<TaxedItemPrice>, DomainError> {
        if let Some(given) = given {
            return given.resolve(self.currency).map(Some);
        }
        rate.map(|rate| {
            tax_of(
                self.currency,
                total,
                units,
                rate,
                self.calculation,
                self.tax_rounding,
            )
        })
        .transpose()
    }
}

/// The sum of what the parts of the order are taxed with; none if a part is not taxed.
pub(super) fn taxed_parts(
    order: &Order,
    currency: Currency,
) -> Result<Option<TaxedPrice>, DomainError> {
    let lines = order
        .line_items
        .iter()
        .map(|line| line.taxed_price.as_ref());
    let custom = order
        .custom_line_items
        .iter()
        .map(|line| line.taxed_price.as_ref());
    let shipping = order
        .shipping_info
        .iter()
        .map(|info| info.taxed_price.as_ref());
    let parts: Option<Vec<&TaxedItemPrice>> = lines.chain(custom).chain(shipping).collect();
    parts.map(|parts| taxed_total(currency, parts)).transpose()
}
