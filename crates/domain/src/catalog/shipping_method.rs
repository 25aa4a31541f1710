//! Shipping methods: how goods are shipped, where to, and what that costs.

mod apply;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    catalog::zone::{Zone, zone_of},
    context::Author,
    custom_fields::{CustomFields, CustomFieldsDraft},
    localized::LocalizedString,
    money::Currency,
    reference::{KeyReference, Reference, ResourceIdentifier},
    timestamp::Timestamp,
};

pub use crate::catalog::shipping_rate::{
    RateInput, ShippingRate, ShippingRateDraft, ShippingRatePriceTier, ShippingRateTierType,
    matching_tier, price_for, price_for_input,
};

/// What shipping to a zone costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneRate {
    /// The zone.
    pub zone: Reference,
    /// At most one rate per currency.
    pub shipping_rates: Vec<ShippingRate>,
}

/// Rates of a zone as a client sends them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneRateDraft {
    /// The zone.
    pub zone: ResourceIdentifier,
    /// At most one rate per currency.
    pub shipping_rates: Vec<ShippingRateDraft>,
}

/// A way to ship goods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingMethod {
    /// Server-made id.
    pub id: String,
    /// Starts at 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// User-defined identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name, unique in the project.
    pub name: String,
    /// Its name for customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub localized_name: Option<LocalizedString>,
    /// What it is; the older form of `localized_description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub localized_description: Option<LocalizedString>,
    /// How shipping is taxed.
    pub tax_category: Reference,
    /// Where it ships to; at most one entry per zone.
    pub zone_rates: Vec<ZoneRate>,
    /// Whether it can be chosen.
    pub active: bool,
    /// Whether it is proposed first.
    pub is_default: bool,
    /// Which carts it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// The stores it is for; all if empty.
    pub stores: Vec<KeyReference>,
    /// Who carries the goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
}

crate::envelope!(ShippingMethod, optional_key);

/// What a client sends to create a shipping method.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingMethodDraft {
    /// User-defined identifier.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// Its name for customers.
    pub localized_name: Option<LocalizedString>,
    /// What it is.
    pub description: Option<String>,
    /// What it is, in several languages.
    pub localized_description: Option<LocalizedString>,
    /// How shipping is taxed.
    pub tax_category: ResourceIdentifier,
    /// Where it ships to.
    pub zone_rates: Vec<ZoneRateDraft>,
    /// Whether it can be chosen; yes if absent.
    pub active: Option<bool>,
    /// Whether it is proposed first.
    pub is_default: bool,
    /// Which carts it is for.
    pub predicate: Option<String>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// The stores it is for.
    #[serde(default)]
    pub stores: Vec<ResourceIdentifier>,
    /// Who carries the goods.
    pub carrier: Option<String>,
}

/// What a client may do to a shipping method.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ShippingMethodAction {
    /// Adds a rate for a zone that has none in its currency.
    AddShippingRate {
        zone: ResourceIdentifier,
        shipping_rate: ShippingRateDraft,
    },
    /// Adds a store.
    AddStore { store: ResourceIdentifier },
    /// Adds a zone without rates.
    AddZone { zone: ResourceIdentifier },
    /// Lets it be chosen, or not.
    ChangeActive { active: bool },
    /// Makes it the method that is proposed first, or not.
    ChangeIsDefault { is_default: bool },
    /// Renames it.
    ChangeName { name: String },
    /// Changes how shipping is taxed.
    ChangeTaxCategory { tax_category: ResourceIdentifier },
    /// Removes exactly this rate.
    RemoveShippingRate {
        zone: ResourceIdentifier,
        shipping_rate: ShippingRateDraft,
    },
    /// Removes a store.
    RemoveStore { store: ResourceIdentifier },
    /// Removes a zone with its rates.
    RemoveZone { zone: ResourceIdentifier },
    /// Sets or removes who carries the goods.
    SetCarrier { carrier: Option<String> },
    /// Sets or removes one custom field.
    SetCustomField { name: String, value: Option<Value> },
    /// Sets or removes all custom fields.
    SetCustomType {
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the description.
    SetDescription { description: Option<String> },
    /// Sets or removes the key.
    SetKey { key: Option<String> },
    /// Sets or removes the localized description.
    SetLocalizedDescription {
        localized_description: Option<LocalizedString>,
    },
    /// Sets or removes the name for customers.
    SetLocalizedName {
        localized_name: Option<LocalizedString>,
    },
    /// Sets or removes which carts it is for.
    SetPredicate { predicate: Option<String> },
    /// Replaces the stores.
    SetStores { stores: Vec<ResourceIdentifier> },
}

impl ShippingMethod {
    /// Whether a cart of the store, or of none, may use the method.
    #[must_use]
    pub fn serves_store(&self, store_key: Option<&str>) -> bool {
        self.stores.is_empty()
            || store_key.is_some_and(|key| self.stores.iter().any(|store| store.key == key))
    }

    /// The rate for an address and a currency, if the method ships there.
    pub fn rate_for<'a>(
        &self,
        zones: impl IntoIterator<Item = &'a Zone>,
        country: &str,
        state: Option<&str>,
        currency: Currency,
    ) -> Option<&ShippingRate> {
        rate_for(self, zone_of(zones, country, state)?, currency)
    }
}

/// The rate of the method for a zone in a currency.
#[must_use]
pub fn rate_for<'a>(
    method: &'a ShippingMethod,
    zone: &Zone,
    currency: Currency,
) -> Option<&'a ShippingRate> {
    method
        .zone_rates
        .iter()
        .find(|rate| rate.zone.id == zone.id)?
        .shipping_rates
        .iter()
        .find(|rate| rate.price.currency_code == currency)
}

#[cfg(test)]
mod tests;
