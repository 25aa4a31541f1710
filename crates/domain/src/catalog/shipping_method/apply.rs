//! Creating and changing shipping methods.

use super::{
    ShippingMethod, ShippingMethodAction, ShippingMethodDraft, ShippingRate, ShippingRateDraft,
    ZoneRate, ZoneRateDraft,
};
use crate::{
    cart_predicate::CartPredicate,
    catalog::shape::{check_count, check_localized, check_optional_key, check_text},
    context::Context,
    custom_fields,
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    reference::{KeyReference, Reference, ResourceIdentifier},
    resource::{Index, Resource, Unique, unborn},
};

/// Most stores of a shipping method.
const MAX_STORES: usize = 100;

impl Resource for ShippingMethod {
    const KIND: Kind = Kind::ShippingMethod;
    type Draft = ShippingMethodDraft;
    type Action = ShippingMethodAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        check_text("name", &draft.name)?;
        check_optional_localized("localizedName", draft.localized_name.as_ref())?;
        check_optional_localized("localizedDescription", draft.localized_description.as_ref())?;
        check_predicate(draft.predicate.as_deref())?;
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
            method.add_zone_rate(zone_rate, context)?;
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
            A::RemoveZone { zone } => self.remove_zone(&zone, context)?,
            A::AddStore { store } => self.add_store(&store, context)?,
            A::RemoveStore { store } => self.remove_store(&store, context)?,
            A::SetStores { stores: given } => self.stores = stores(&given, context)?,
            A::ChangeTaxCategory { tax_category } => {
                self.tax_category = context.world.reference(Kind::TaxCategory, &tax_category)?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
            A::SetCustomType {
                type_identifier: id,
                fields,
            } => {
                let custom = &mut self.custom;
                custom_fields::set_type(custom, id, fields, "shipping-method", context)?;
            }
            A::ChangeActive { active } => self.active = active,
            A::ChangeIsDefault { is_default } => self.is_default = is_default,
            A::SetCarrier { carrier } => self.carrier = carrier,
            A::SetDescription { description } => self.description = description,
            A::SetPredicate { predicate } => {
                check_predicate(predicate.as_deref())?;
                self.predicate = predicate;
            }
            A::ChangeName { name } => self.change_name(name)?,
            A::SetKey { key } => self.set_key(key)?,
            A::SetLocalizedName {
                localized_name: name,
            } => {
                check_optional_localized("localizedName", name.as_ref())?;
                self.localized_name = name;
            }
            A::SetLocalizedDescription {
                localized_description: text,
            } => {
                check_optional_localized("localizedDescription", text.as_ref())?;
                self.localized_description = text;
            }
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
    fn change_name(&mut self, name: String) -> Result<(), DomainError> {
        check_text("name", &name)?;
        self.name = name;
        Ok(())
    }

    fn set_key(&mut self, key: Option<String>) -> Result<(), DomainError> {
        check_optional_key("key", key.as_deref())?;
        self.key = key;
        Ok(())
    }

    fn remove_zone(
        &mut self,
        zone: &ResourceIdentifier,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let zone = context.world.reference(Kind::Zone, zone)?;
        self.zone_rates.retain(|rate| rate.zone != zone);
        Ok(())
    }

    fn remove_store(
        &mut self,
        store: &ResourceIdentifier,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let store = context.world.key_reference(Kind::Store, store)?;
        self.stores.retain(|other| *other != store);
        Ok(())
    }

    fn rates_of(&mut self, zone: &Reference) -> Option<&mut Vec<ShippingRate>> {
        self.zone_rates
            .iter_mut()
            .find(|rate| rate.zone == *zone)
            .map(|rate| &mut rate.shipping_rates)
    }

    fn add_zone_rate(
        &mut self,
        draft: ZoneRateDraft,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let zone = context.world.reference(Kind::Zone, &draft.zone)?;
        if self.rates_of(&zone).is_some() {
            return Err(duplicate("zoneRates.zone", zone.id));
        }
        self.add_zone(zone.clone());
        draft
            .shipping_rates
            .into_iter()
            .try_for_each(|rate| self.add_rate(&zone, rate))
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

    fn add_store(
        &mut self,
        store: &ResourceIdentifier,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let store = context.world.key_reference(Kind::Store, store)?;
        if !self.stores.contains(&store) {
            check_count("stores", self.stores.len() + 1, MAX_STORES)?;
            self.stores.push(store);
        }
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

/// What cannot be evaluated is not stored.
fn check_predicate(predicate: Option<&str>) -> Result<(), DomainError> {
    predicate.map_or(Ok(()), |text| CartPredicate::parse(text).map(drop))
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
