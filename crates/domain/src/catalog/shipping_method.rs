//! Shipping methods: how goods are shipped, where to, and what that costs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    catalog::{
        shape::{check_count, check_localized, check_optional_key, check_text},
        zone::{Zone, zone_of},
    },
    context::{Author, Context},
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    money::Currency,
    reference::{KeyReference, Reference, ResourceIdentifier},
    resource::{Index, Resource, Unique, unborn},
    timestamp::Timestamp,
};

pub use crate::catalog::shipping_rate::{
    RateInput, ShippingRate, ShippingRateDraft, ShippingRatePriceTier, ShippingRateTierType,
    matching_tier, price_for, price_for_input,
};

/// Most stores of a shipping method.
const MAX_STORES: usize = 100;

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

impl Resource for ShippingMethod {
    const KIND: Kind = Kind::ShippingMethod;
    type Draft = ShippingMethodDraft;
    type Action = ShippingMethodAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        check_text("name", &draft.name)?;
        check_optional_localized("localizedName", draft.localized_name.as_ref())?;
        check_optional_localized("localizedDescription", draft.localized_description.as_ref())?;
        let custom = draft
            .custom
            .map(|custom| custom.resolve("shipping-method", context))
            .transpose()?;
        let mut method = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.name,
            localized_name: draft.localized_name,
            description: draft.description,
            localized_description: draft.localized_description,
            tax_category: context
                .world
                .reference(Kind::TaxCategory, &draft.tax_category)?,
            zone_rates: Vec::new(),
            active: draft.active.unwrap_or(true),
            is_default: draft.is_default,
            predicate: draft.predicate,
            custom,
            stores: stores(&draft.stores, context)?,
            carrier: draft.carrier,
        };
        for zone_rate in draft.zone_rates {
            let zone = context.world.reference(Kind::Zone, &zone_rate.zone)?;
            if method.rates_of(&zone).is_some() {
                return Err(duplicate("zoneRates.zone", zone.id));
            }
            method.add_zone(zone.clone());
            for rate in zone_rate.shipping_rates {
                method.add_rate(&zone, rate)?;
            }
        }
        Ok(method)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use ShippingMethodAction as A;
        match action {
            A::AddShippingRate {
                zone,
                shipping_rate,
            } => {
                let zone = context.world.reference(Kind::Zone, &zone)?;
                self.add_zone(zone.clone());
                self.add_rate(&zone, shipping_rate)?;
            }
            A::RemoveShippingRate {
                zone,
                shipping_rate,
            } => {
                let zone = context.world.reference(Kind::Zone, &zone)?;
                self.remove_rate(&zone, shipping_rate)?;
            }
            A::AddZone { zone } => self.add_zone(context.world.reference(Kind::Zone, &zone)?),
            A::RemoveZone { zone } => {
                let zone = context.world.reference(Kind::Zone, &zone)?;
                self.zone_rates.retain(|rate| rate.zone != zone);
            }
            A::AddStore { store } => {
                let store = context.world.key_reference(Kind::Store, &store)?;
                if !self.stores.contains(&store) {
                    check_count("stores", self.stores.len() + 1, MAX_STORES)?;
                    self.stores.push(store);
                }
            }
            A::RemoveStore { store } => {
                let store = context.world.key_reference(Kind::Store, &store)?;
                self.stores.retain(|other| *other != store);
            }
            A::SetStores { stores: given } => self.stores = stores(&given, context)?,
            A::ChangeTaxCategory { tax_category } => {
                self.tax_category = context.world.reference(Kind::TaxCategory, &tax_category)?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
            A::SetCustomType {
                type_identifier,
                fields,
            } => {
                let custom = &mut self.custom;
                custom_fields::set_type(
                    custom,
                    type_identifier,
                    fields,
                    "shipping-method",
                    context,
                )?;
            }
            A::ChangeActive { active } => self.active = active,
            A::ChangeIsDefault { is_default } => self.is_default = is_default,
            A::SetCarrier { carrier } => self.carrier = carrier,
            A::SetDescription { description } => self.description = description,
            A::SetPredicate { predicate } => self.predicate = predicate,
            A::ChangeName { .. }
            | A::SetKey { .. }
            | A::SetLocalizedDescription { .. }
            | A::SetLocalizedName { .. } => self.rename(action)?,
        }
        Ok(())
    }

    fn index(&self) -> Index {
        Index {
            unique: vec![Unique::new("shipping-method-name", "name", &self.name)],
            ..Index::default()
        }
    }
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

    /// The actions on names, keys and descriptions; all other actions are handled by `apply`.
    fn rename(&mut self, action: ShippingMethodAction) -> Result<(), DomainError> {
        use ShippingMethodAction as A;
        match action {
            A::ChangeName { name } => {
                check_text("name", &name)?;
                self.name = name;
            }
            A::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
            }
            A::SetLocalizedName { localized_name } => {
                check_optional_localized("localizedName", localized_name.as_ref())?;
                self.localized_name = localized_name;
            }
            A::SetLocalizedDescription {
                localized_description,
            } => {
                check_optional_localized("localizedDescription", localized_description.as_ref())?;
                self.localized_description = localized_description;
            }
            A::AddShippingRate { .. }
            | A::AddStore { .. }
            | A::AddZone { .. }
            | A::ChangeActive { .. }
            | A::ChangeIsDefault { .. }
            | A::ChangeTaxCategory { .. }
            | A::RemoveShippingRate { .. }
            | A::RemoveStore { .. }
            | A::RemoveZone { .. }
            | A::SetCarrier { .. }
            | A::SetCustomField { .. }
            | A::SetCustomType { .. }
            | A::SetDescription { .. }
            | A::SetPredicate { .. }
            | A::SetStores { .. } => {}
        }
        Ok(())
    }

    fn rates_of(&mut self, zone: &Reference) -> Option<&mut Vec<ShippingRate>> {
        self.zone_rates
            .iter_mut()
            .find(|rate| rate.zone == *zone)
            .map(|rate| &mut rate.shipping_rates)
    }

    fn add_zone(&mut self, zone: Reference) {
        if self.rates_of(&zone).is_none() {
            self.zone_rates.push(ZoneRate {
                zone,
                shipping_rates: Vec::new(),
            });
        }
    }

    fn add_rate(&mut self, zone: &Reference, draft: ShippingRateDraft) -> Result<(), DomainError> {
        let rate = draft.resolve()?;
        let currency = rate.price.currency_code;
        let rates = self.rates_of(zone).ok_or_else(|| no_zone(zone))?;
        if rates.iter().any(|old| old.price.currency_code == currency) {
            return Err(duplicate(
                "shippingRates.price.currencyCode",
                currency.code().to_owned(),
            ));
        }
        rates.push(rate);
        Ok(())
    }

    fn remove_rate(
        &mut self,
        zone: &Reference,
        draft: ShippingRateDraft,
    ) -> Result<(), DomainError> {
        let rate = draft.resolve()?;
        let rates = self.rates_of(zone).ok_or_else(|| no_zone(zone))?;
        let before = rates.len();
        rates.retain(|old| *old != rate);
        if rates.len() == before {
            return Err(DomainError::operation(format!(
                "the zone `{}` does not have this shipping rate",
                zone.id
            )));
        }
        Ok(())
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

fn stores(
    given: &[ResourceIdentifier],
    context: &mut Context<'_>,
) -> Result<Vec<KeyReference>, DomainError> {
    check_count("stores", given.len(), MAX_STORES)?;
    let mut stores = Vec::with_capacity(given.len());
    for store in given {
        let store = context.world.key_reference(Kind::Store, store)?;
        if !stores.contains(&store) {
            stores.push(store);
        }
    }
    Ok(stores)
}

fn check_optional_localized(
    field: &str,
    text: Option<&LocalizedString>,
) -> Result<(), DomainError> {
    text.map_or(Ok(()), |text| check_localized(field, text))
}

fn duplicate(field: &str, value: String) -> DomainError {
    DomainError::DuplicateField {
        field: field.to_owned(),
        value: value.into(),
    }
}

fn no_zone(zone: &Reference) -> DomainError {
    DomainError::operation(format!(
        "the shipping method does not have the zone `{}`",
        zone.id
    ))
}

#[cfg(test)]
#[path = "shipping_method_tests.rs"]
mod tests;
