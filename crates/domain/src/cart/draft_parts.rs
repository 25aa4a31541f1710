//! Parts of cart drafts and actions.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::Address,
    cart::{
        CustomLineItemPriceMode, InventoryMode, ItemShippingDetails, ItemShippingTarget,
        MethodTaxRate,
    },
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    localized::LocalizedString,
    money::{Currency, Money, Rate, RoundingMode, TypedMoney},
    reference::ResourceIdentifier,
    tax::{ExternalTaxRateDraft, TaxPortion, TaxRate, TaxedItemPrice},
    timestamp::Timestamp,
};

/// Custom fields by name.
pub(crate) type FieldContainer = serde_json::Map<String, serde_json::Value>;

/// A line to add: a variant named by `sku`, or by `productId` and `variantId` (1 if absent).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItemDraft {
    pub key: Option<String>,
    pub product_id: Option<String>,
    pub variant_id: Option<i64>,
    pub sku: Option<String>,
    /// At least 1, 1 if absent.
    pub quantity: Option<i64>,
    pub added_at: Option<Timestamp>,
    pub distribution_channel: Option<ResourceIdentifier>,
    pub supply_channel: Option<ResourceIdentifier>,
    pub external_price: Option<Money>,
    pub external_total_price: Option<ExternalLineItemTotalPrice>,
    pub external_tax_rate: Option<ExternalTaxRateDraft>,
    pub per_method_external_tax_rate: Option<Vec<MethodExternalTaxRateDraft>>,
    pub inventory_mode: Option<InventoryMode>,
    pub shipping_details: Option<ItemShippingDetailsDraft>,
    /// Refused: nothing is ordered again by itself.
    pub recurrence_info: Option<Value>,
    pub custom: Option<CustomFieldsDraft>,
}

/// A line without a product to add.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomLineItemDraft {
    pub name: LocalizedString,
    pub key: Option<String>,
    /// At least 1, 1 if absent.
    pub quantity: Option<i64>,
    /// Price of one unit; may be negative.
    pub money: Money,
    pub slug: String,
    pub tax_category: Option<ResourceIdentifier>,
    pub external_tax_rate: Option<ExternalTaxRateDraft>,
    pub custom: Option<CustomFieldsDraft>,
    pub shipping_details: Option<ItemShippingDetailsDraft>,
    pub price_mode: Option<CustomLineItemPriceMode>,
    /// Refused: nothing is ordered again by itself.
    pub recurrence_info: Option<Value>,
}

/// A unit price and a total that the client computed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalLineItemTotalPrice {
    pub price: Money,
    pub total_price: Money,
}

/// The prices a client may give with a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExternalPrices {
    pub unit: Option<Money>,
    pub total: Option<ExternalLineItemTotalPrice>,
}

impl ExternalPrices {
    pub(crate) const fn is_empty(&self) -> bool {
        self.unit.is_none() && self.total.is_none()
    }
}

/// An amount in the currency of the cart.
pub(crate) fn money_in(money: &Money, currency: Currency) -> Result<TypedMoney, DomainError> {
    Ok(money.typed()?.in_currency(currency)?)
}

/// A cent precision amount in the currency of the cart.
pub(crate) fn cents_in(money: &Money, currency: Currency) -> Result<TypedMoney, DomainError> {
    Ok(money.typed_cents()?.in_currency(currency)?)
}

/// Which units of an item go where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemShippingDetailsDraft {
    pub targets: Vec<ItemShippingTarget>,
}

impl ItemShippingDetailsDraft {
    /// Targets name addresses that exist, and send no fewer than 0 units there.
    pub(crate) fn check(&self, addresses: &[Address]) -> Result<(), DomainError> {
        for target in &self.targets {
            let key = &target.address_key;
            if !addresses
                .iter()
                .any(|address| address.key.as_ref() == Some(key))
            {
                return Err(DomainError::operation(format!(
                    "there is no item shipping address with the key `{key}`"
                )));
            }
            if target.quantity < 0 {
                let field = "shippingDetails.targets.quantity";
                return Err(DomainError::field(field, target.quantity));
            }
        }
        Ok(())
    }

    /// With the targets of `known`; units for the same address and method are added up.
    ///
    /// # Errors
    /// [`DomainError::MoneyOverflow`].
    pub(crate) fn joined_with(
        self,
        known: Option<ItemShippingDetails>,
    ) -> Result<Self, DomainError> {
        let mut targets = known.map(|details| details.targets).unwrap_or_default();
        for target in self.targets {
            let same = targets.iter_mut().find(|known| {
                known.address_key == target.address_key
                    && known.shipping_method_key == target.shipping_method_key
            });
            match same {
                Some(same) => {
                    same.quantity = same
                        .quantity
                        .checked_add(target.quantity)
                        .ok_or(DomainError::MoneyOverflow)?;
                }
                None => targets.push(target),
            }
        }
        Ok(Self { targets })
    }

    /// The stored form, for an item of `quantity` units; a target of 0 units is none.
    pub(crate) fn details(self, quantity: i64) -> ItemShippingDetails {
        let mut targets = self.targets;
        targets.retain(|target| target.quantity != 0);
        let mut details = ItemShippingDetails {
            targets,
            valid: false,
        };
        details.check(quantity);
        details
    }
}

/// A tax rate for one of several shipping methods.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodExternalTaxRateDraft {
    pub shipping_method_key: String,
    pub tax_rate: Option<ExternalTaxRateDraft>,
}

impl MethodExternalTaxRateDraft {
    pub(crate) fn rate(self) -> Result<MethodTaxRate, DomainError> {
        Ok(MethodTaxRate {
            shipping_method_key: self.shipping_method_key,
            tax_rate: self
                .tax_rate
                .map(ExternalTaxRateDraft::resolve)
                .transpose()?,
        })
    }
}

/// A tax amount that the client computed, with the rate it comes from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalTaxAmountDraft {
    pub total_gross: Money,
    pub tax_rate: ExternalTaxRateDraft,
    pub tax_portions: Option<Vec<TaxPortionDraft>>,
}

impl ExternalTaxAmountDraft {
    /// The taxed price of an item that costs `price`, and its rate: the price is the net amount, unless the rate is
    /// included in it.
    pub(crate) fn taxed(
        self,
        price: &TypedMoney,
        rounding: RoundingMode,
    ) -> Result<(TaxedItemPrice, TaxRate), DomainError> {
        let rate = self.tax_rate.resolve()?;
        let currency = price.currency_code;
        let gross = cents_in(&self.total_gross, currency)?;
        let net = if rate.included_in_price {
            rate.amount.taken_out_of(gross.cent_amount, rounding)?
        } else {
            price.cent_amount
        };
        let tax = gross.cent_amount.sub(net)?;
        let tax_portions = match self.tax_portions {
            Some(portions) => portions
                .into_iter()
                .map(|portion| portion.portion(currency))
                .collect::<Result<_, _>>()?,
            None => vec![TaxPortion {
                name: Some(rate.name.clone()),
                rate: rate.amount,
                amount: TypedMoney::cents(currency, tax),
            }],
        };
        let taxed = TaxedItemPrice {
            total_net: TypedMoney::cents(currency, net),
            total_gross: gross,
            tax_portions,
            total_tax: Some(TypedMoney::cents(currency, tax)),
        };
        Ok((taxed, rate))
    }
}

/// A part of a tax that the client computed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxPortionDraft {
    pub name: Option<String>,
    pub rate: Rate,
    pub amount: Money,
}

impl TaxPortionDraft {
    pub(crate) fn portion(self, currency: Currency) -> Result<TaxPortion, DomainError> {
        Ok(TaxPortion {
            name: self.name,
            rate: self.rate,
            amount: cents_in(&self.amount, currency)?,
        })
    }
}
