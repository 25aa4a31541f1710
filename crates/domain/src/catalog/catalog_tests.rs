//! Tests of the small catalog resources.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    category::{Category, descendants},
    channel::{Channel, ChannelRole},
    customer_group::CustomerGroup,
    inventory::{InventoryEntry, availability},
    product_type::ProductType,
    store::Store,
};
use crate::{
    error::DomainError,
    project::Project,
    resource::{Envelope, Resource},
    test_world::{Surroundings, shown},
};

fn code<T: std::fmt::Debug>(result: Result<T, DomainError>) -> String {
    match result.unwrap_err() {
        DomainError::Constraint { code, .. } => code.to_owned(),
        other => format!("{other:?}")
            .split([' ', '{', '('])
            .next()
            .unwrap()
            .to_owned(),
    }
}

fn category(shop: &mut Surroundings, key: &str, parent: Option<&str>) -> Category {
    shop.created(json!({
        "key": key, "name": { "en": key }, "slug": { "en": key },
        "parent": parent.map(|key| json!({ "typeId": "category", "key": key }))
    }))
}

fn ids(references: &[crate::reference::Reference]) -> Vec<&str> {
    references
        .iter()
        .map(|reference| reference.id.as_str())
        .collect()
}

#[test]
fn ancestors_lead_from_the_root_to_the_parent() {
    let mut shop = Surroundings::new();
    let root = category(&mut shop, "root", None);
    let middle = category(&mut shop, "middle", Some("root"));
    let leaf = category(&mut shop, "leaf", Some("middle"));
    assert_eq!(root.ancestors, []);
    assert_eq!(ids(&leaf.ancestors), [root.id(), middle.id()]);
    assert_eq!(
        leaf.parent.as_ref().map(|parent| parent.id.as_str()),
        Some(middle.id())
    );
}

#[test]
fn a_category_cannot_be_moved_below_itself() {
    let mut shop = Surroundings::new();
    let root = category(&mut shop, "root", None);
    category(&mut shop, "middle", Some("root"));
    category(&mut shop, "leaf", Some("middle"));
    for below in ["root", "middle", "leaf"] {
        let moved =
            json!([{ "action": "changeParent", "parent": { "typeId": "category", "key": below } }]);
        assert_eq!(code(shop.apply(&root, moved)), "InvalidOperation");
    }
}

#[test]
fn descendants_of_a_moved_category_get_their_new_ancestors() {
    let mut shop = Surroundings::new();
    let root = category(&mut shop, "root", None);
    let other = category(&mut shop, "other", None);
    let middle = category(&mut shop, "middle", Some("root"));
    let leaf = category(&mut shop, "leaf", Some("middle"));
    let moved = shop
        .apply(
            &middle,
            json!([{ "action": "changeParent", "parent": { "key": "other" } }]),
        )
        .unwrap();
    let all = [root, other.clone(), middle.clone(), leaf.clone()].map(Arc::new);
    let changed = descendants(&moved, &all);
    let [only] = changed.as_slice() else {
        panic!("{changed:?}")
    };
    assert_eq!(
        (only.id(), ids(&only.ancestors)),
        (leaf.id(), vec![other.id(), middle.id()])
    );
}

#[test]
fn a_category_without_order_hint_gets_one_that_sorts_by_time() {
    let mut shop = Surroundings::new();
    let first = category(&mut shop, "first", None);
    shop.now = shop.now.plus_millis(1);
    let second = category(&mut shop, "second", None);
    assert_eq!(first.order_hint, "0.0000017698509000001");
    assert!(first.order_hint < second.order_hint);
    assert!(super::shape::check_order_hint("orderHint", &first.order_hint).is_ok());
}

#[test]
fn slugs_of_categories_are_unique_for_each_locale() {
    let mut shop = Surroundings::new();
    let found: Category =
        shop.created(json!({ "name": { "en": "a" }, "slug": { "en": "shoes", "de": "schuhe" } }));
    let unique: Vec<(String, String)> = found
        .index()
        .unique
        .into_iter()
        .map(|one| (one.namespace, one.value))
        .collect();
    assert_eq!(
        unique,
        [
            ("category-slug:de", "schuhe"),
            ("category-slug:en", "shoes")
        ]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
}

#[test]
fn a_channel_supplies_goods_unless_it_says_otherwise() {
    let mut shop = Surroundings::new();
    let channel: Channel = shop.created(json!({
        "key": "ship", "geoLocation": { "type": "Point", "coordinates": [13.37, 52.52] }
    }));
    assert_eq!(
        shown(&channel),
        json!({
            "key": "ship", "roles": ["InventorySupply"],
            "geoLocation": { "type": "Point", "coordinates": [13.37, 52.52] }
        })
    );
    let channel = shop
        .apply(
            &channel,
            json!([
                { "action": "addRoles", "roles": ["Primary", "InventorySupply"] },
                { "action": "removeRoles", "roles": ["InventorySupply"] }
            ]),
        )
        .unwrap();
    assert_eq!(channel.roles, [ChannelRole::Primary]);
    assert_eq!(
        code(shop.apply(&channel, json!([{ "action": "setRoles", "roles": [] }]))),
        "RequiredField"
    );
}

#[test]
fn the_name_of_a_customer_group_is_called_group_name_in_drafts() {
    let mut shop = Surroundings::new();
    let group: CustomerGroup = shop.created(json!({ "groupName": "Gold", "key": "gold" }));
    assert_eq!(shown(&group), json!({ "key": "gold", "name": "Gold" }));
    assert_eq!(group.index().unique[0].value, "Gold");
}

fn channels(shop: &mut Surroundings) {
    shop.created::<Channel>(json!({ "key": "supply", "roles": ["InventorySupply"] }));
    shop.created::<Channel>(json!({ "key": "shop", "roles": ["ProductDistribution"] }));
}

#[test]
fn channels_of_a_store_need_the_role_they_are_used_in() {
    let mut shop = Surroundings::new();
    channels(&mut shop);
    let store = |distribution: &str, supply: &str| {
        json!({
            "key": "berlin",
            "distributionChannels": [{ "typeId": "channel", "key": distribution }],
            "supplyChannels": [{ "typeId": "channel", "key": supply }]
        })
    };
    assert!(shop.create::<Store>(store("shop", "supply")).is_ok());
    let refused = shop.create::<Store>(store("supply", "supply")).unwrap_err();
    assert!(
        matches!(&refused, DomainError::MissingRoleOnChannel { channel, role: "ProductDistribution" } if channel == "supply")
    );
    assert_eq!(
        code(shop.create::<Store>(store("shop", "shop"))),
        "MissingRoleOnChannel"
    );
    assert_eq!(
        code(shop.create::<Store>(store("nowhere", "supply"))),
        "ReferencedResourceNotFound"
    );
}

#[test]
fn a_new_store_has_all_its_arrays() {
    let mut shop = Surroundings::new();
    let store: Store = shop.created(json!({ "key": "berlin" }));
    assert_eq!(
        shown(&store),
        json!({
            "key": "berlin", "languages": [], "countries": [], "distributionChannels": [], "supplyChannels": [],
            "productSelections": []
        })
    );
}

#[test]
fn languages_of_a_store_are_languages_of_the_project() {
    let mut shop = Surroundings::new();
    let refused = shop
        .create::<Store>(json!({ "key": "paris", "languages": ["en", "fr"] }))
        .unwrap_err();
    assert!(
        matches!(&refused, DomainError::ProjectNotConfiguredForLanguages { languages } if languages == &["fr"])
    );
    assert!(
        shop.create::<Store>(json!({ "key": "berlin", "languages": ["en"] }))
            .is_ok()
    );
}

#[test]
fn a_language_that_a_store_uses_stays_in_the_project() {
    let mut shop = Surroundings::new();
    shop.created::<Store>(json!({ "key": "berlin", "languages": ["de"] }));
    let project = shop.project.clone();
    let without =
        |languages: &[&str]| json!([{ "action": "changeLanguages", "languages": languages }]);
    let refused = shop
        .apply::<Project>(&project, without(&["en"]))
        .unwrap_err();
    assert!(
        matches!(&refused, DomainError::LanguageUsedInStores { languages } if languages == &["de"])
    );
    assert!(shop.apply::<Project>(&project, without(&["de"])).is_ok());
    assert_eq!(
        code(shop.apply::<Project>(&project, without(&[]))),
        "RequiredField"
    );
}

#[test]
fn a_store_without_countries_sells_everywhere() {
    let mut shop = Surroundings::new();
    let store: Store = shop.created(json!({ "key": "berlin" }));
    assert!(store.sells_to("JP"));
    let store = shop
        .apply(
            &store,
            json!([{ "action": "addCountry", "country": { "code": "DE" } }]),
        )
        .unwrap();
    assert_eq!((store.sells_to("DE"), store.sells_to("JP")), (true, false));
}

#[test]
fn the_pages_of_a_store_vanish_with_the_last_of_them() {
    let mut shop = Surroundings::new();
    let store: Store = shop.created(json!({ "key": "berlin" }));
    let page = |url: Value| json!([{ "action": "setImprintUrl", "imprintUrl": url }]);
    let with_page = shop
        .apply(&store, page(json!("https://a/imprint")))
        .unwrap();
    assert_eq!(
        shown(&with_page)["storefront"],
        json!({ "imprintUrl": "https://a/imprint" })
    );
    let without = shop.apply(&with_page, page(Value::Null)).unwrap();
    assert_eq!(shown(&without), shown(&store));
}

#[test]
fn stock_moves_with_what_is_available_and_reservations_stay() {
    let mut shop = Surroundings::new();
    let mut entry: InventoryEntry =
        shop.created(json!({ "sku": "runner-1", "quantityOnStock": 10 }));
    entry.reserve(4).unwrap();
    assert_eq!((entry.quantity_on_stock, entry.available_quantity), (10, 6));
    for (action, expected) in [
        (json!({ "action": "addQuantity", "quantity": 5 }), (15, 11)),
        (
            json!({ "action": "removeQuantity", "quantity": 12 }),
            (3, -1),
        ),
        (
            json!({ "action": "changeQuantity", "quantity": 20 }),
            (20, 16),
        ),
    ] {
        entry = shop.apply(&entry, json!([action])).unwrap();
        assert_eq!(
            (entry.quantity_on_stock, entry.available_quantity),
            expected
        );
    }
    let too_much = json!([{ "action": "addQuantity", "quantity": i64::MAX }]);
    assert_eq!(code(shop.apply(&entry, too_much)), "InvalidInput");
    entry.take(17).unwrap();
    assert_eq!((entry.quantity_on_stock, entry.available_quantity), (3, -1));
}

#[test]
fn what_is_restocked_can_be_sold_before_it_is_there() {
    let mut shop = Surroundings::new();
    let entry: InventoryEntry = shop.created(json!({ "sku": "runner-1", "quantityOnStock": 1 }));
    assert_eq!((entry.can_supply(1), entry.can_supply(2)), (true, false));
    let entry = shop
        .apply(
            &entry,
            json!([{ "action": "setRestockableInDays", "restockableInDays": 3 }]),
        )
        .unwrap();
    assert!(entry.can_supply(2));
}

#[test]
fn stock_is_kept_once_for_a_sku_and_supply_channel() {
    let mut shop = Surroundings::new();
    channels(&mut shop);
    let general: InventoryEntry = shop.created(json!({ "sku": "runner-1", "quantityOnStock": 1 }));
    let local: InventoryEntry = shop.created(
        json!({ "sku": "runner-1", "quantityOnStock": 0, "supplyChannel": { "key": "supply" } }),
    );
    let channel = local
        .supply_channel
        .as_ref()
        .map(|channel| channel.id.clone())
        .unwrap();
    assert_eq!(general.index().unique[0].value, "runner-1/");
    assert_eq!(local.index().unique[0].value, format!("runner-1/{channel}"));
    let stock = availability([&general, &local]).unwrap();
    assert_eq!(stock.is_on_stock, Some(true));
    assert_eq!(
        stock.channels.get(&channel).map(|one| one.is_on_stock),
        Some(false)
    );
    assert_eq!(availability([]), None);
}

#[test]
fn limits_of_a_cart_are_positive_and_in_order() {
    let mut shop = Surroundings::new();
    let draft = |min: i64, max: i64| {
        json!({
            "sku": "a", "quantityOnStock": 1, "minCartQuantity": min, "maxCartQuantity": max
        })
    };
    assert!(shop.create::<InventoryEntry>(draft(1, 1)).is_ok());
    assert_eq!(
        code(shop.create::<InventoryEntry>(draft(0, 1))),
        "InvalidInput"
    );
    assert_eq!(
        code(shop.create::<InventoryEntry>(draft(3, 2))),
        "InvalidInput"
    );
}

fn colors() -> Value {
    json!({
        "name": "color", "label": { "en": "Color" }, "isRequired": false,
        "type": { "name": "set", "elementType": { "name": "enum", "values": [{ "key": "red", "label": "Red" }] } }
    })
}

#[test]
fn a_product_type_is_stored_in_the_api_shape_with_its_defaults() {
    let mut shop = Surroundings::new();
    let product_type: ProductType =
        shop.created(json!({ "name": "Shoe", "description": "d", "attributes": [colors()] }));
    let mut expected = colors();
    for (member, value) in [
        ("level", json!("Variant")),
        ("attributeConstraint", json!("None")),
        ("inputHint", json!("SingleLine")),
        ("isSearchable", json!(true)),
    ] {
        expected[member] = value;
    }
    assert_eq!(
        shown(&product_type),
        json!({ "name": "Shoe", "description": "d", "attributes": [expected] })
    );
    let text = serde_json::to_string(&product_type).unwrap();
    assert_eq!(
        serde_json::from_str::<ProductType>(&text).unwrap(),
        product_type
    );
}

#[test]
fn values_of_an_enumeration_have_different_keys() {
    let mut shop = Surroundings::new();
    let product_type: ProductType =
        shop.created(json!({ "name": "Shoe", "description": "d", "attributes": [colors()] }));
    let add = |key: &str| {
        json!([{
            "action": "addPlainEnumValue", "attributeName": "color", "value": { "key": key, "label": "x" }
        }])
    };
    assert_eq!(
        code(shop.apply(&product_type, add("red"))),
        "EnumKeyAlreadyExists"
    );
    let product_type = shop.apply(&product_type, add("blue")).unwrap();
    let rename = |key: &str, new: &str| {
        json!([{
            "action": "changeEnumKey", "attributeName": "color", "key": key, "newKey": new
        }])
    };
    assert_eq!(
        code(shop.apply(&product_type, rename("blue", "red"))),
        "EnumKeyAlreadyExists"
    );
    assert_eq!(
        code(shop.apply(&product_type, rename("green", "lime"))),
        "EnumKeyDoesNotExist"
    );
    assert!(shop.apply(&product_type, rename("blue", "navy")).is_ok());
    let remove =
        json!([{ "action": "removeEnumValues", "attributeName": "color", "keys": ["red"] }]);
    let removed = shop.apply(&product_type, remove).unwrap();
    assert_eq!(
        shown(&removed)["attributes"][0]["type"]["elementType"]["values"],
        json!([{ "key": "blue", "label": "x" }])
    );
}

#[test]
fn an_attribute_name_has_one_type_in_the_whole_project() {
    let mut shop = Surroundings::new();
    shop.created::<ProductType>(
        json!({ "name": "Shoe", "description": "d", "attributes": [colors()] }),
    );
    let mut other = colors();
    other["type"] = json!({ "name": "text" });
    let draft =
        |attributes: Value| json!({ "name": "Hat", "description": "d", "attributes": attributes });
    assert_eq!(
        code(shop.create::<ProductType>(draft(json!([other])))),
        "AttributeDefinitionTypeConflict"
    );
    assert_eq!(
        code(shop.create::<ProductType>(draft(json!([colors(), colors()])))),
        "AttributeDefinitionAlreadyExists"
    );
    let mut more_values = colors();
    more_values["type"]["elementType"]["values"] = json!([{ "key": "green", "label": "Green" }]);
    assert!(
        shop.create::<ProductType>(draft(json!([more_values])))
            .is_ok()
    );
}

#[test]
fn a_constraint_of_an_attribute_can_only_be_loosened() {
    let mut shop = Surroundings::new();
    let mut unique = colors();
    unique["attributeConstraint"] = json!("Unique");
    let product_type: ProductType =
        shop.created(json!({ "name": "Shoe", "description": "d", "attributes": [unique] }));
    let change = |to: &str| {
        json!([{
            "action": "changeAttributeConstraint", "attributeName": "color", "newValue": to
        }])
    };
    assert_eq!(
        code(shop.apply(&product_type, change("SameForAll"))),
        "InvalidOperation"
    );
    let loose = shop.apply(&product_type, change("None")).unwrap();
    assert_eq!(
        code(shop.apply(&loose, change("Unique"))),
        "InvalidOperation"
    );
}
