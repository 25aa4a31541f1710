//! Actions on the cart as a whole.

use serde_json::json;

use super::{Shop, berlin, is_operation, standard_shipping, taxed, total};
use crate::{
    cart::{Cart, CartState, ShippingMethodState},
    catalog::shipping_method::ShippingMethod,
    error::DomainError,
    kind::Kind,
    reference::Reference,
};

#[test]
fn another_customer_or_country_means_other_prices() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "EUR", "lineItems": [{ "sku": "SKU-1" }] }));
    assert_eq!(total(&cart), 1300);
    let german = shop.applied(&cart, json!([{ "action": "setCountry", "country": "DE" }]));
    assert_eq!(total(&german), 1234);
    let free = shop.applied(&german, json!([{ "action": "setCountry" }]));
    assert_eq!(total(&free), 1300);
}

#[test]
fn a_customer_excludes_anonymous_id_and_group() {
    let mut shop = Shop::new();
    shop.by_backend();
    let alice = shop.alice.id.clone();
    let cart = shop.cart(json!({ "currency": "EUR", "anonymousId": "foobar" }));
    let owned = shop.applied(
        &cart,
        json!([{ "action": "setCustomerId", "customerId": alice }]),
    );
    assert_eq!(owned.customer_id, Some(alice));
    assert_eq!(owned.anonymous_id.as_deref(), Some("foobar"));
    for action in [
        json!({ "action": "setAnonymousId", "anonymousId": "other" }),
        json!({ "action": "setCustomerGroup" }),
    ] {
        assert!(is_operation(
            &shop.apply(&owned, json!([action])).unwrap_err()
        ));
    }
    let unknown = json!([{ "action": "setCustomerId", "customerId": "nobody" }]);
    assert!(matches!(
        shop.apply(&cart, unknown),
        Err(DomainError::ReferencedResourceNotFound { .. })
    ));
    let free = shop.applied(&owned, json!([{ "action": "setCustomerId" }]));
    assert_eq!(free.customer_id, None);
}

#[test]
fn the_locale_is_a_language_of_the_project() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let set = |locale: &str| json!([{ "action": "setLocale", "locale": locale }]);
    assert_eq!(shop.applied(&cart, set("de")).locale.as_deref(), Some("de"));
    let Err(DomainError::InvalidField { field, allowed, .. }) = shop.apply(&cart, set("fr")) else {
        panic!("a locale that the project does not have was accepted");
    };
    assert_eq!(
        (field.as_str(), allowed),
        ("locale", vec![json!("en"), json!("de")])
    );
    let draft = json!({ "currency": "EUR", "locale": "fr" });
    assert!(matches!(
        shop.around.create::<Cart>(draft),
        Err(DomainError::InvalidField { .. })
    ));
}

#[test]
fn no_customer_also_means_no_customer_group() {
    let mut shop = Shop::new();
    shop.by_backend();
    let mut grouped = shop.cart(json!({ "currency": "EUR" }));
    grouped.customer_group = Some(Reference::new(Kind::CustomerGroup, "vip"));
    let nobody = shop.applied(&grouped, json!([{ "action": "setCustomerId" }]));
    assert_eq!(nobody.customer_group, None);
}

#[test]
fn a_frozen_cart_keeps_its_prices_and_lines() {
    let mut shop = Shop::new();
    shop.by_backend();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let frozen = shop.applied(&cart, json!([{ "action": "freezeCart" }]));
    assert_eq!(frozen.cart_state, CartState::Frozen);
    let error = shop
        .apply(
            &frozen,
            json!([{ "action": "addLineItem", "sku": "SKU-1" }]),
        )
        .unwrap_err();
    assert!(is_operation(&error));
    let moved = shop.applied(
        &frozen,
        json!([
            { "action": "setCountry", "country": "JP" },
            { "action": "setShippingAddress", "address": berlin() },
            standard_shipping()
        ]),
    );
    assert_eq!(total(&moved), 1724);
    assert_eq!(moved.line_items[0].price, cart.line_items[0].price);
    let hard = shop.applied(
        &frozen,
        json!([
            { "action": "setShippingAddress", "address": berlin() },
            { "action": "freezeCart", "strategy": "HardFreeze" }
        ]),
    );
    assert!(is_operation(
        &shop.apply(&hard, json!([standard_shipping()])).unwrap_err()
    ));
    let open = shop.applied(
        &moved,
        json!([{ "action": "unfreezeCart" }, { "action": "setCountry" }]),
    );
    assert_eq!(open.cart_state, CartState::Active);
    assert_eq!(open.freeze_strategy, None);
    assert_eq!(total(&open), 1300 + 490);
    let empty = shop.cart(json!({ "currency": "EUR" }));
    assert!(is_operation(
        &shop
            .apply(&empty, json!([{ "action": "freezeCart" }]))
            .unwrap_err()
    ));
}

#[test]
fn a_shipping_method_must_be_active_and_reach_the_place() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let to_japan = json!([
        { "action": "setShippingAddress", "address": { "country": "JP" } }, standard_shipping()
    ]);
    assert!(is_operation(&shop.apply(&cart, to_japan).unwrap_err()));
    let method = shop.around.created::<ShippingMethod>(json!({
        "key": "off", "name": "off", "isDefault": false, "active": false,
        "taxCategory": { "key": "std" }, "zoneRates": []
    }));
    let off = json!([
        { "action": "setShippingAddress", "address": berlin() },
        { "action": "setShippingMethod", "shippingMethod": { "id": method.id } }
    ]);
    assert!(is_operation(&shop.apply(&cart, off).unwrap_err()));
}

#[test]
fn a_custom_shipping_method_has_the_clients_rate() {
    let mut shop = Shop::new();
    shop.by_backend();
    let cart = shop.euro_cart(&[("SKU-1", 3)]);
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let cart = shop.applied(
        &cart,
        json!([
            { "action": "setShippingAddress", "address": berlin() },
            {
                "action": "setCustomShippingMethod", "shippingMethodName": "bike",
                "shippingRate": { "price": euro(490), "freeAbove": euro(9000) },
                "taxCategory": { "key": "std" }
            }
        ]),
    );
    let info = cart.shipping_info.as_ref().unwrap();
    assert_eq!(info.shipping_method, None);
    assert_eq!(info.shipping_method_state, ShippingMethodState::MatchesCart);
    assert_eq!(total(&cart), 4192);
    assert_eq!(taxed(&cart), Some((3523, 4192, 669)));
}

#[test]
fn custom_fields_need_a_type() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let field = json!({ "action": "setCustomField", "name": "text", "value": "hello" });
    assert!(is_operation(
        &shop.apply(&cart, json!([field])).unwrap_err()
    ));
    let id = cart.line_items[0].id.clone();
    let cart = shop.applied(
        &cart,
        json!([
            { "action": "setCustomType", "type": { "typeId": "type", "key": "engraving" } },
            field,
            { "action": "setLineItemCustomType", "lineItemId": id, "type": { "key": "engraving" }, "fields": { "text": "A" } },
            { "action": "setLineItemCustomField", "lineItemId": id, "name": "text", "value": "B" }
        ]),
    );
    assert_eq!(cart.custom.as_ref().unwrap().fields["text"], "hello");
    assert_eq!(
        cart.line_items[0].custom.as_ref().unwrap().fields["text"],
        "B"
    );
    let cart = shop.applied(&cart, json!([{ "action": "setCustomType" }]));
    assert_eq!(cart.custom, None);
}

#[test]
fn changing_the_tax_mode_drops_what_the_other_mode_knew() {
    let mut shop = Shop::new();
    shop.by_backend();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "setShippingAddress", "address": berlin() }]),
    );
    assert!(taxed(&cart).is_some());
    let id = cart.line_items[0].id.clone();
    let external = shop.applied(
        &cart,
        json!([{ "action": "changeTaxMode", "taxMode": "External" }]),
    );
    assert_eq!(external.line_items[0].tax_rate, None);
    assert_eq!(taxed(&external), None);
    let rated = shop.applied(
        &external,
        json!([{ "action": "setLineItemTaxRate", "lineItemId": id, "externalTaxRate": {
            "name": "x", "amount": 0.25, "includedInPrice": false, "country": "DE"
        } }]),
    );
    assert_eq!(taxed(&rated), Some((1234, 1542, 308)));
    let back = shop.applied(
        &rated,
        json!([{ "action": "changeTaxMode", "taxMode": "Platform" }]),
    );
    assert_eq!(back.line_items, cart.line_items);
    let none = shop.applied(
        &rated,
        json!([{ "action": "changeTaxMode", "taxMode": "Disabled" }]),
    );
    assert_eq!(taxed(&none), None);
}

#[test]
fn days_until_deletion_have_limits_and_a_default() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "EUR", "deleteDaysAfterLastModification": 7 }));
    let set = |days: i64| json!([{ "action": "setDeleteDaysAfterLastModification", "deleteDaysAfterLastModification": days }]);
    for wrong in [0, 365_251] {
        assert!(matches!(
            shop.apply(&cart, set(wrong)),
            Err(DomainError::InvalidInput { .. })
        ));
    }
    let most = shop.applied(&cart, set(365_250));
    assert_eq!(most.delete_days_after_last_modification, Some(365_250));
    let default = shop.applied(
        &cart,
        json!([{ "action": "setDeleteDaysAfterLastModification" }]),
    );
    assert_eq!(default.delete_days_after_last_modification, Some(90));
}
