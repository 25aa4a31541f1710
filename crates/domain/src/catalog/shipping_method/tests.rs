use serde_json::{Value, json};

use super::{ShippingMethod, price_for};
use crate::{
    catalog::{tax_category::TaxCategory, zone::Zone},
    error::DomainError,
    kind::Kind,
    money::{CentAmount, Currency},
    resource::{Envelope, Resource, Unique},
    test_world::{Surroundings, shown},
};

fn money(currency: &str, cents: i64) -> Value {
    json!({ "currencyCode": currency, "centAmount": cents })
}

fn stored(currency: &str, cents: i64) -> Value {
    json!({ "type": "centPrecision", "currencyCode": currency, "centAmount": cents, "fractionDigits": 2 })
}

/// A project with the tax category `std`, the zones `de` and `us`, and two stores.
fn project() -> (Surroundings, Zone, Zone) {
    let mut surroundings = Surroundings::new();
    surroundings.created::<TaxCategory>(json!({ "key": "std", "name": "std" }));
    let zone = |surroundings: &mut Surroundings, key: &str, country: &str| {
        surroundings.created::<Zone>(
            json!({ "key": key, "name": key, "locations": [{ "country": country }] }),
        )
    };
    let de = zone(&mut surroundings, "de", "DE");
    let us = zone(&mut surroundings, "us", "US");
    surroundings
        .world
        .put_bare(Kind::Store, "store-1", Some("de-store"));
    surroundings
        .world
        .put_bare(Kind::Store, "store-2", Some("us-store"));
    (surroundings, de, us)
}

fn draft() -> Value {
    json!({
        "name": "standard", "isDefault": true, "taxCategory": { "key": "std" },
        "zoneRates": [{ "zone": { "key": "de" }, "shippingRates": [
            { "price": money("EUR", 490), "freeAbove": money("EUR", 5000) }
        ] }],
    })
}

#[test]
fn a_draft_becomes_a_method_with_references_and_typed_prices() {
    let (mut surroundings, de, _) = project();
    let method = surroundings.created::<ShippingMethod>(draft());
    let tax_category = surroundings
        .context()
        .world
        .reference(
            Kind::TaxCategory,
            &crate::reference::ResourceIdentifier::by_key("std"),
        )
        .unwrap();
    assert_eq!(
        shown(&method),
        json!({
            "name": "standard", "isDefault": true, "active": true, "stores": [],
            "taxCategory": { "typeId": "tax-category", "id": tax_category.id },
            "zoneRates": [{
                "zone": { "typeId": "zone", "id": de.id() },
                "shippingRates": [{ "price": stored("EUR", 490), "freeAbove": stored("EUR", 5000), "tiers": [] }],
            }],
        })
    );
    assert_eq!(
        method.index().unique,
        [Unique::new("shipping-method-name", "name", "standard")]
    );
}

#[test]
fn a_rate_is_found_by_zone_and_currency() {
    let (mut surroundings, de, us) = project();
    let method = surroundings.created::<ShippingMethod>(draft());
    let currency = |code| Currency::parse(code).unwrap();
    let zones = [de, us];
    let found = |country, code| {
        let rate = method.rate_for(&zones, country, None, currency(code))?;
        Some(price_for(rate, CentAmount::new(3702)).cent_amount.get())
    };
    assert_eq!(found("DE", "EUR"), Some(490));
    assert_eq!(found("DE", "USD"), None);
    assert_eq!(found("US", "EUR"), None);
    assert_eq!(found("FR", "EUR"), None);
}

#[test]
fn every_action_changes_what_it_names() {
    let (mut surroundings, _, us) = project();
    let method = surroundings.created::<ShippingMethod>(draft());
    surroundings.created::<TaxCategory>(json!({ "key": "low", "name": "low" }));
    surroundings.created::<crate::catalog::type_definition::TypeDefinition>(json!({
        "key": "extra", "name": { "en": "e" }, "resourceTypeIds": ["shipping-method"],
        "fieldDefinitions": [{
            "name": "note", "label": { "en": "n" }, "required": false, "type": { "name": "String" }
        }],
    }));
    let changed = surroundings
        .apply(
            &method,
            json!([
                { "action": "addZone", "zone": { "key": "us" } },
                { "action": "addShippingRate", "zone": { "key": "us" }, "shippingRate": { "price": money("USD", 700) } },
                { "action": "addShippingRate", "zone": { "key": "us" }, "shippingRate": { "price": money("EUR", 600) } },
                { "action": "removeShippingRate", "zone": { "key": "us" }, "shippingRate": { "price": money("EUR", 600) } },
                { "action": "removeZone", "zone": { "key": "de" } },
                { "action": "addStore", "store": { "key": "de-store" } },
                { "action": "addStore", "store": { "key": "us-store" } },
                { "action": "removeStore", "store": { "key": "de-store" } },
                { "action": "changeActive", "active": false },
                { "action": "changeIsDefault", "isDefault": false },
                { "action": "changeName", "name": "express" },
                { "action": "changeTaxCategory", "taxCategory": { "key": "low" } },
                { "action": "setCarrier", "carrier": "Post" },
                { "action": "setCustomType", "type": { "key": "extra" }, "fields": {} },
                { "action": "setCustomField", "name": "note", "value": "n" },
                { "action": "setDescription", "description": "d" },
                { "action": "setKey", "key": "express-key" },
                { "action": "setLocalizedDescription", "localizedDescription": { "en": "d" } },
                { "action": "setLocalizedName", "localizedName": { "en": "Express" } },
                { "action": "setPredicate", "predicate": "country = \"US\"" },
            ]),
        )
        .unwrap();
    let mut body = shown(&changed);
    let members = body.as_object_mut().unwrap();
    let tax_category = members.remove("taxCategory").unwrap();
    assert_ne!(tax_category["id"], method.tax_category.id.as_str());
    let custom = members.remove("custom").unwrap();
    assert_eq!(custom["fields"], json!({ "note": "n" }));
    assert_eq!(
        body,
        json!({
            "key": "express-key", "name": "express", "localizedName": { "en": "Express" }, "description": "d",
            "localizedDescription": { "en": "d" }, "active": false, "isDefault": false,
            "predicate": "country = \"US\"", "carrier": "Post",
            "stores": [{ "typeId": "store", "key": "us-store" }],
            "zoneRates": [{
                "zone": { "typeId": "zone", "id": us.id() },
                "shippingRates": [{ "price": stored("USD", 700), "tiers": [] }],
            }],
        })
    );
}

#[test]
fn a_zone_has_one_rate_per_currency() {
    let (mut surroundings, ..) = project();
    let method = surroundings.created::<ShippingMethod>(draft());
    let again = json!([{
        "action": "addShippingRate", "zone": { "key": "de" }, "shippingRate": { "price": money("EUR", 1) }
    }]);
    assert!(matches!(
        surroundings.apply(&method, again),
        Err(DomainError::DuplicateField { value, .. }) if value == "EUR"
    ));
    let mut twice = draft();
    let zone_rate = twice["zoneRates"][0].clone();
    twice["zoneRates"].as_array_mut().unwrap().push(zone_rate);
    assert!(matches!(
        surroundings.create::<ShippingMethod>(twice),
        Err(DomainError::DuplicateField { .. })
    ));
}

#[test]
fn only_a_rate_that_exists_can_be_removed() {
    let (mut surroundings, ..) = project();
    let method = surroundings.created::<ShippingMethod>(draft());
    let remove = |price: i64, free_above: i64| {
        json!([{ "action": "removeShippingRate", "zone": { "key": "de" }, "shippingRate": {
            "price": money("EUR", price), "freeAbove": money("EUR", free_above)
        } }])
    };
    assert!(surroundings.apply(&method, remove(490, 5001)).is_err());
    let without = surroundings.apply(&method, remove(490, 5000)).unwrap();
    assert_eq!(shown(&without)["zoneRates"][0]["shippingRates"], json!([]));
}

#[test]
fn a_method_for_stores_serves_only_carts_of_these_stores() {
    let (mut surroundings, ..) = project();
    let everywhere = surroundings.created::<ShippingMethod>(draft());
    assert!(everywhere.serves_store(None));
    assert!(everywhere.serves_store(Some("de-store")));
    let set =
        json!([{ "action": "setStores", "stores": [{ "key": "de-store" }, { "id": "store-1" }] }]);
    let limited = surroundings.apply(&everywhere, set).unwrap();
    assert_eq!(
        shown(&limited)["stores"],
        json!([{ "typeId": "store", "key": "de-store" }])
    );
    assert!(!limited.serves_store(None));
    assert!(limited.serves_store(Some("de-store")));
    assert!(!limited.serves_store(Some("us-store")));
}

#[test]
fn a_predicate_that_cannot_be_evaluated_is_not_stored() {
    let mut shop = crate::cart::tests::Shop::new();
    shop.by_backend();
    let draft = |predicate: &str| {
        json!({
            "name": "special", "isDefault": false, "taxCategory": { "key": "std" }, "zoneRates": [],
            "predicate": predicate
        })
    };
    let stored = shop
        .around
        .create::<ShippingMethod>(draft("totalPrice >= \"800.00 EUR\""))
        .unwrap();
    for (wrong, is_syntax) in [("totalPrice >=", true), ("colour = \"red\"", false)] {
        let set = json!([{ "action": "setPredicate", "predicate": wrong }]);
        for error in [
            shop.around
                .create::<ShippingMethod>(draft(wrong))
                .unwrap_err(),
            shop.around.apply(&stored, set).unwrap_err(),
        ] {
            assert_eq!(
                matches!(error, DomainError::PredicateSyntax { .. }),
                is_syntax,
                "{error:?}"
            );
            assert_eq!(
                matches!(error, DomainError::PredicateSemantics { .. }),
                !is_syntax,
                "{error:?}"
            );
        }
    }
    let none = shop
        .around
        .apply(&stored, json!([{ "action": "setPredicate" }]))
        .unwrap();
    assert_eq!(none.predicate, None);
}
