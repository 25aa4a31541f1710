//! Embedded prices: shape, draft and the rule that their scopes differ.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    catalog::shape::{check_count, check_country, check_optional_key},
    context::Context,
    custom_fields::{CustomFields, CustomFieldsDraft},
    error::{DomainError, WorldError},
    kind::Kind,
    money::{MoneyDraft, TypedMoney},
    reference::{Reference, ResourceIdentifier},
    timestamp::Timestamp,
};

/// Most prices of one variant.
pub const MAX_PRICES: usize = 100;

/// A price of a variant for a scope: currency, country, customer group, channel and validity.
///
/// Source: <https://docs.commercetools.com/api/types#price>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    pub id: String,
    /// Unique within the variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub value: TypedMoney,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Reference>,
    /// First instant it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// First instant it is no longer valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounted: Option<DiscountedPrice>,
    /// Values from minimum quantities on, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// The value that a product discount left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountedPrice {
    pub value: TypedMoney,
    pub discount: Reference,
}

/// A value from a minimum quantity on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceTier {
    /// At least 2.
    pub minimum_quantity: i64,
    pub value: TypedMoney,
}

/// What a client sends for a price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceDraft {
    pub key: Option<String>,
    pub value: MoneyDraft,
    pub country: Option<String>,
    pub customer_group: Option<ResourceIdentifier>,
    pub channel: Option<ResourceIdentifier>,
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
    pub discounted: Option<DiscountedPriceDraft>,
    #[serde(default)]
    pub tiers: Vec<PriceTierDraft>,
    pub custom: Option<CustomFieldsDraft>,
}

/// What a client sends for a discounted value.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountedPriceDraft {
    pub value: MoneyDraft,
    pub discount: ResourceIdentifier,
}

/// What a client sends for a tier.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceTierDraft {
    pub minimum_quantity: i64,
    pub value: MoneyDraft,
}

impl PriceDraft {
    /// The price with a new id.
    ///
    /// # Errors
    /// A shape that is wrong or a reference that does not exist.
    pub fn resolve(self, context: &mut Context<'_>) -> Result<Price, DomainError> {
        let id = context.ids.uuid();
        self.resolve_as(id, context)
    }

    /// The price under an id that exists already, as `changePrice` keeps it.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn resolve_as(self, id: String, context: &mut Context<'_>) -> Result<Price, DomainError> {
        check_optional_key("price.key", self.key.as_deref())?;
        if let Some(country) = &self.country {
            check_country("price.country", country)?;
        }
        if let (Some(from), Some(until)) = (self.valid_from, self.valid_until)
            && from >= until
        {
            return Err(DomainError::input(format!(
                "`validFrom` ({from}) must be before `validUntil` ({until})"
            )));
        }
        let value = self.value.typed()?;
        let tiers = resolve_tiers(self.tiers, &value)?;
        Ok(Price {
            id,
            key: self.key,
            country: self.country,
            customer_group: reference(Kind::CustomerGroup, self.customer_group, context)?,
            channel: reference(Kind::Channel, self.channel, context)?,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            discounted: self
                .discounted
                .map(|draft| draft.resolve(&value, context))
                .transpose()?,
            tiers,
            custom: self
                .custom
                .map(|draft| draft.resolve("product-price", context))
                .transpose()?,
            value,
        })
    }
}

impl DiscountedPriceDraft {
    /// The discounted value of a price worth `value`.
    ///
    /// # Errors
    /// Another currency than the price's, or a product discount that does not exist.
    pub fn resolve(
        self,
        value: &TypedMoney,
        context: &mut Context<'_>,
    ) -> Result<DiscountedPrice, DomainError> {
        let discounted = self.value.typed()?;
        check_currency("discounted.value", &discounted, value)?;
        let discount = context
            .world
            .reference(Kind::ProductDiscount, &self.discount)?;
        Ok(DiscountedPrice {
            value: discounted,
            discount,
        })
    }
}

fn resolve_tiers(
    drafts: Vec<PriceTierDraft>,
    value: &TypedMoney,
) -> Result<Vec<PriceTier>, DomainError> {
    let mut tiers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        if draft.minimum_quantity < 2 {
            return Err(DomainError::input(format!(
                "`tiers.minimumQuantity` must be at least 2, found {}",
                draft.minimum_quantity
            )));
        }
        let tier = PriceTier {
            minimum_quantity: draft.minimum_quantity,
            value: draft.value.typed()?,
        };
        check_currency("tiers.value", &tier.value, value)?;
        tiers.push(tier);
    }
    tiers.sort_by_key(|tier| tier.minimum_quantity);
    for (lower, upper) in tiers.iter().zip(tiers.iter().skip(1)) {
        if lower.minimum_quantity == upper.minimum_quantity {
            return Err(DomainError::input(format!(
                "`tiers.minimumQuantity` {} occurs twice",
                lower.minimum_quantity
            )));
        }
    }
    Ok(tiers)
}

fn check_currency(field: &str, found: &TypedMoney, price: &TypedMoney) -> Result<(), DomainError> {
    if found.currency_code == price.currency_code {
        return Ok(());
    }
    Err(DomainError::input(format!(
        "`{field}` must have the price's currency {}, found {}",
        price.currency_code.code(),
        found.currency_code.code()
    )))
}

fn reference(
    kind: Kind,
    identifier: Option<ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    identifier
        .map(|identifier| context.world.reference(kind, &identifier))
        .transpose()
}

/// Accepts the prices of one variant: at most 100, keys differ, no two with one scope valid at once.
///
/// # Errors
/// [`DomainError::DuplicatePriceScope`], [`DomainError::OverlappingPriceValidity`],
/// [`DomainError::DuplicatePriceKey`], [`DomainError::MaxResourceLimitExceeded`].
pub fn check_prices(prices: &[Price]) -> Result<(), DomainError> {
    check_count("prices", prices.len(), MAX_PRICES)?;
    let pairs = prices
        .iter()
        .enumerate()
        .flat_map(|(at, price)| prices.iter().take(at).map(move |earlier| (earlier, price)));
    for (earlier, price) in pairs {
        check_pair(earlier, price)?;
    }
    Ok(())
}

fn check_pair(earlier: &Price, price: &Price) -> Result<(), DomainError> {
    if let (Some(key), true) = (&price.key, price.key == earlier.key) {
        return Err(DomainError::DuplicatePriceKey {
            key: key.clone(),
            conflicting_price: shown(earlier)?,
        });
    }
    if !same_scope(earlier, price) {
        return Ok(());
    }
    let both_undated = !earlier.is_dated() && !price.is_dated();
    let same_period =
        (earlier.valid_from, earlier.valid_until) == (price.valid_from, price.valid_until);
    if both_undated || same_period {
        return Err(DomainError::DuplicatePriceScope {
            scope: price.scope_text(),
            conflicting_price: shown(earlier)?,
        });
    }
    // An undated price may stand beside dated ones: it holds whenever none of them does.
    if earlier.is_dated() && price.is_dated() && overlap(earlier, price) {
        return Err(DomainError::OverlappingPriceValidity {
            conflicting_price: shown(earlier)?,
        });
    }
    Ok(())
}

fn same_scope(one: &Price, other: &Price) -> bool {
    one.value.currency_code == other.value.currency_code
        && one.country == other.country
        && one.customer_group == other.customer_group
        && one.channel == other.channel
}

fn overlap(one: &Price, other: &Price) -> bool {
    let begins_before_end = |from: Option<Timestamp>, until: Option<Timestamp>| match (from, until)
    {
        (Some(from), Some(until)) => from < until,
        _ => true,
    };
    begins_before_end(one.valid_from, other.valid_until)
        && begins_before_end(other.valid_from, one.valid_until)
}

fn shown(price: &Price) -> Result<Value, DomainError> {
    serde_json::to_value(price).map_err(|error| DomainError::World(WorldError(Box::new(error))))
}

impl Price {
    /// Whether it has a validity period.
    #[must_use]
    pub const fn is_dated(&self) -> bool {
        self.valid_from.is_some() || self.valid_until.is_some()
    }

    /// Whether it holds at `now`: from `validFrom` inclusive to `validUntil` exclusive.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now)
            && self.valid_until.is_none_or(|until| now < until)
    }

    fn scope_text(&self) -> String {
        let mut parts = vec![format!("currency={}", self.value.currency_code.code())];
        if let Some(country) = &self.country {
            parts.push(format!("country={country}"));
        }
        if let Some(group) = &self.customer_group {
            parts.push(format!("customerGroup={}", group.id));
        }
        if let Some(channel) = &self.channel {
            parts.push(format!("channel={}", channel.id));
        }
        parts.join(", ")
    }
}
