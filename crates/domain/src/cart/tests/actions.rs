//! Single actions and what they refuse.

use serde_json::json;

use super::{Shop, berlin, lines, standard_shipping, taxed, total};
use crate::{
    cart::{Cart, CartState, ShippingMethodState},
    catalog::{inventory::InventoryEntry, shipping_method::ShippingMethod},
    error::DomainError,
    payment::Payment,
    shopping_list::ShoppingList,
};

fn is_operation(error: &DomainError) -> bool {
    matches!(error, DomainError::InvalidOperation { .. })
}

#[test]
fn lines_are_removed_wholly_or_in_part() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 5), ("SKU-2", 1)]);
    let id = |cart: &Cart, at: usize| cart.line_items[at].id.clone();
    let first = id(&cart, 0);
    let fewer = shop.applied(
        &cart,
        json!([{ "action": "removeLineItem", "lineItemId": first, "quantity": 2 }]),
    );
    assert_eq!(lines(&fewer), [("SKU-1", 3), ("SKU-2", 1)]);
    let none = shop.applied(
        &fewer,
        json!([{ "action": "removeLineItem", "lineItemId": first, "quantity": 9 }]),
    );
    assert_eq!(lines(&none), [("SKU-2", 1)]);
    let zero = shop.applied(
        &cart,
        json!([{ "action": "changeLineItemQuantity", "lineItemId": first, "quantity": 0 }]),
    );
    assert_eq!(lines(&zero), [("SKU-2", 1)]);
    let all = shop.applied(
        &none,
        json!([{ "action": "removeLineItem", "lineItemId": id(&none, 0) }]),
    );
    assert_eq!(all.total_line_item_quantity, None);
    assert_eq!(total(&all), 0);
}

#[test]
fn a_quantity_is_at_least_one_and_a_line_must_exist() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    for (action, wrong) in [
        (
            json!({ "action": "addLineItem", "sku": "SKU-1", "quantity": 0 }),
            "quantity",
        ),
        (json!({ "action": "addLineItem", "sku": "NOPE" }), "sku"),
        (
            json!({ "action": "removeLineItem", "lineItemId": "nope" }),
            "lineItemId",
        ),
        (
            json!({ "action": "removeLineItem", "lineItemKey": "nope" }),
            "lineItemKey",
        ),
    ] {
        let error = shop.apply(&cart, json!([action])).unwrap_err();
        assert!(
            matches!(&error, DomainError::InvalidField { field, .. } if field == wrong),
            "{error:?}"
        );
    }
    let both = json!([{ "action": "removeLineItem", "lineItemKey": "a", "lineItemId": "b" }]);
    assert!(matches!(
        shop.apply(&cart, both),
        Err(DomainError::InvalidInput { .. })
    ));
}

#[test]
fn a_line_of_its_own_key_stays_apart() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let keyed = json!([{ "action": "addLineItem", "sku": "SKU-1", "key": "mine" }]);
    let cart = shop.applied(&cart, keyed.clone());
    assert_eq!(lines(&cart), [("SKU-1", 1), ("SKU-1", 1)]);
    let cart = shop.applied(&cart, keyed);
    assert_eq!(lines(&cart), [("SKU-1", 1), ("SKU-1", 2)]);
}

#[test]
fn an_unpublished_product_cannot_be_added() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[]);
    shop.change_product("SKU-2", json!([{ "action": "unpublish" }]));
    let error = shop
        .apply(&cart, json!([{ "action": "addLineItem", "sku": "SKU-2" }]))
        .unwrap_err();
    assert!(is_operation(&error), "{error:?}");
}

#[test]
fn inventory_limits_what_one_cart_may_have() {
    let mut shop = Shop::new();
    shop.around.created::<InventoryEntry>(json!({
        "sku": "SKU-1", "quantityOnStock": 100, "minCartQuantity": 2, "maxCartQuantity": 5
    }));
    let cart = shop.euro_cart(&[("SKU-1", 3)]);
    let id = cart.line_items[0].id.clone();
    let mut change = |quantity: i64| {
        shop.apply(
            &cart,
            json!([{ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": quantity }]),
        )
    };
    assert!(matches!(
        change(6),
        Err(DomainError::LineItemQuantityAboveLimit {
            quantity: 6,
            maximum: 5
        })
    ));
    assert!(matches!(
        change(1),
        Err(DomainError::LineItemQuantityBelowLimit {
            quantity: 1,
            minimum: 2
        })
    ));
    assert_eq!(lines(&change(5).unwrap()), [("SKU-1", 5)]);
}

#[test]
fn lines_are_ordered_by_a_permutation_of_their_ids() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1), ("SKU-2", 1)]);
    let ids: Vec<&str> = cart
        .line_items
        .iter()
        .map(|line| line.id.as_str())
        .collect();
    let turned = shop.applied(
        &cart,
        json!([{ "action": "changeLineItemsOrder", "lineItemOrder": [ids[1], ids[0]] }]),
    );
    assert_eq!(lines(&turned), [("SKU-2", 1), ("SKU-1", 1)]);
    for wrong in [json!([ids[0]]), json!([ids[0], ids[0]])] {
        let error = shop
            .apply(
                &cart,
                json!([{ "action": "changeLineItemsOrder", "lineItemOrder": wrong }]),
            )
            .unwrap_err();
        assert!(is_operation(&error));
    }
}

#[test]
fn equal_custom_lines_become_one() {
    let mut shop = Shop::new();
    shop.by_backend();
    let add = json!({
        "action": "addCustomLineItem", "name": { "en": "wrapping" }, "slug": "wrapping",
        "taxCategory": { "key": "std" }, "money": { "currencyCode": "EUR", "centAmount": 100 }
    });
    let cart = shop.cart(json!({ "currency": "EUR" }));
    let cart = shop.applied(&cart, json!([add, add]));
    assert_eq!(cart.custom_line_items.len(), 1);
    assert_eq!(cart.custom_line_items[0].quantity, 2);
    assert_eq!(total(&cart), 200);
    assert_eq!(cart.total_line_item_quantity, None);
    let id = cart.custom_line_items[0].id.clone();
    let cart = shop.applied(
        &cart,
        json!([{
            "action": "changeCustomLineItemMoney", "customLineItemId": id,
            "money": { "currencyCode": "EUR", "centAmount": -50 }
        }]),
    );
    assert_eq!(total(&cart), -100);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "removeCustomLineItem", "customLineItemId": id }]),
    );
    assert!(cart.custom_line_items.is_empty());
}

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
fn item_shipping_addresses_are_known_by_their_keys() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 5)]);
    let id = cart.line_items[0].id.clone();
    let address = |key: &str| json!({ "action": "addItemShippingAddress", "address": { "country": "DE", "key": key } });
    let details = |targets: Vec<serde_json::Value>| json!({ "action": "setLineItemShippingDetails", "lineItemId": id, "shippingDetails": { "targets": targets } });
    let to = |key: &str, quantity: i64| json!({ "addressKey": key, "quantity": quantity });
    let cart = shop.applied(
        &cart,
        json!([
            address("home"),
            address("work"),
            details(vec![to("home", 2), to("work", 3)])
        ]),
    );
    let shipped = |cart: &Cart| cart.line_items[0].shipping_details.clone().unwrap();
    assert!(shipped(&cart).valid);
    assert!(is_operation(
        &shop
            .apply(
                &cart,
                json!([{ "action": "removeItemShippingAddress", "addressKey": "home" }])
            )
            .unwrap_err()
    ));
    assert!(is_operation(
        &shop
            .apply(&cart, json!([details(vec![to("nowhere", 5)])]))
            .unwrap_err()
    ));
    assert!(matches!(
        shop.apply(&cart, json!([address("home")])),
        Err(DomainError::DuplicateField { .. })
    ));
    let more = shop.applied(
        &cart,
        json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 1 }]),
    );
    assert!(!shipped(&more).valid);
    let delta = json!({
        "action": "applyDeltaToLineItemShippingDetailsTargets", "lineItemId": id,
        "targetsDelta": [to("home", 3), to("work", -2)]
    });
    let shifted = shop.applied(&more, json!([delta]));
    let quantities: Vec<i64> = shipped(&shifted)
        .targets
        .iter()
        .map(|target| target.quantity)
        .collect();
    assert_eq!(quantities, [5, 1]);
    assert!(shipped(&shifted).valid);
}

#[test]
fn a_shopper_adds_no_payment_but_the_own() {
    let mut shop = Shop::new();
    let draft = json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 4192 } });
    let own = shop.around.created::<Payment>(draft.clone());
    shop.sign_alice_in();
    let foreign = shop.around.created::<Payment>(draft);
    shop.around.acting_for = crate::identity::principal::Subject::Anonymous(
        crate::identity::ids::AnonymousId::new("phone-123"),
    );
    let cart = shop.euro_cart(&[]);
    let add = |id: &str| json!([{ "action": "addPayment", "payment": { "typeId": "payment", "id": id } }]);
    assert!(matches!(
        shop.apply(&cart, add(&foreign.id)),
        Err(DomainError::ReferencedResourceNotFound { .. })
    ));
    let paid = shop.applied(&cart, add(&own.id));
    assert_eq!(paid.payment_info.as_ref().unwrap().payments[0].id, own.id);
    assert_eq!(shop.applied(&paid, add(&own.id)), paid);
    let removed = shop.applied(
        &paid,
        json!([{ "action": "removePayment", "payment": { "typeId": "payment", "id": own.id } }]),
    );
    assert_eq!(removed.payment_info, None);
}

#[test]
fn a_shopping_list_goes_into_the_cart_as_a_whole() {
    let mut shop = Shop::new();
    shop.by_backend();
    let list = shop.around.created::<ShoppingList>(json!({
        "name": { "en": "weekly" },
        "lineItems": [{ "sku": "SKU-1", "quantity": 2 }, { "sku": "SKU-2" }],
        "textLineItems": [{ "name": { "en": "milk" } }]
    }));
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "addShoppingList", "shoppingList": { "typeId": "shopping-list", "id": list.id } }]),
    );
    assert_eq!(lines(&cart), [("SKU-1", 3), ("SKU-2", 1)]);
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
