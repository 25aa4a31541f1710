//! Shipping of orders that were placed elsewhere.

use serde::Deserialize;

use crate::{
    cart::{DiscountedLineItemPortion, DiscountedLineItemPrice, ShippingInfo, ShippingMethodState},
    catalog::shipping_method::ShippingRateDraft,
    context::Context,
    error::DomainError,
    kind::Kind,
    money::{Currency, Money},
    order::{
        delivery::DeliveryDraft,
        import_tax::{TaxedPriceDraft, Terms},
    },
    reference::ResourceIdentifier,
    tax::TaxRate,
};

/// How an imported order was shipped. The price is the one that is given, whatever the rate says.
///
/// Source: <https://docs.commercetools.com/api/projects/order-import#shippinginfoimportdraft>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingInfoImportDraft {
    pub shipping_method_name: String,
    pub price: Money,
    pub shipping_rate: ShippingRateDraft,
    pub tax_rate: Option<TaxRate>,
    pub taxed_price: Option<TaxedPriceDraft>,
    pub tax_category: Option<ResourceIdentifier>,
    pub shipping_method: Option<ResourceIdentifier>,
    #[serde(default)]
    pub deliveries: Vec<DeliveryDraft>,
    pub discounted_price: Option<DiscountedPriceImportDraft>,
    #[serde(default)]
    pub shipping_method_state: ShippingMethodState,
}

/// What shipping cost after discounts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountedPriceImportDraft {
    pub value: Money,
    #[serde(default)]
    pub included_discounts: Vec<DiscountPortionImportDraft>,
}

/// What one discount took off.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountPortionImportDraft {
    pub discount: ResourceIdentifier,
    pub discounted_amount: Money,
}

impl ShippingInfoImportDraft {
    pub(super) fn resolve(
        self,
        terms: Terms,
        context: &mut Context<'_>,
    ) -> Result<ShippingInfo, DomainError> {
        let shipping_rate = self.shipping_rate.resolve()?;
        shipping_rate.price.clone().in_currency(terms.currency)?;
        let named = |kind, named: Option<ResourceIdentifier>, context: &mut Context<'_>| {
            named
                .map(|named| context.world.reference(kind, &named))
                .transpose()
        };
        let mut info = ShippingInfo {
            shipping_method_name: self.shipping_method_name,
            price: self.price.typed_cents()?.in_currency(terms.currency)?,
            shipping_rate,
            taxed_price: None,
            tax_rate: self.tax_rate.map(TaxRate::checked).transpose()?,
            tax_category: named(Kind::TaxCategory, self.tax_category, context)?,
            shipping_method: named(Kind::ShippingMethod, self.shipping_method, context)?,
            deliveries: self
                .deliveries
                .into_iter()
                .map(|delivery| delivery.resolve(context))
                .collect::<Result<_, _>>()?,
            discounted_price: self
                .discounted_price
                .map(|price| price.resolve(terms.currency, context))
                .transpose()?,
            shipping_method_state: self.shipping_method_state,
        };
        let price = info.effective_price().cent_amount;
        let rate = info.tax_rate.as_ref();
        info.taxed_price = terms.taxed(self.taxed_price, rate, price, &[(price, 1)])?;
        Ok(info)
    }
}

impl DiscountedPriceImportDraft {
    fn resolve(
        self,
        currency: Currency,
        context: &mut Context<'_>,
    ) -> Result<DiscountedLineItemPrice, DomainError> {
        let mut included_discounts = Vec::with_capacity(self.included_discounts.len());
        for portion in self.included_discounts {
            included_discounts.push(DiscountedLineItemPortion {
                discount: context
                    .world
                    .reference(Kind::CartDiscount, &portion.discount)?,
                discounted_amount: portion
                    .discounted_amount
                    .typed_cents()?
                    .in_currency(currency)?,
            });
        }
        Ok(DiscountedLineItemPrice {
            value: self.value.typed_cents()?.in_currency(currency)?,
            included_discounts,
        })
    }
}
