//! Actions on lines and what they refuse.

use serde_json::json;

use super::{Shop, is_operation, lines, total};
use crate::{
    cart::Cart, catalog::inventory::InventoryEntry, error::DomainError, payment::Payment,
    shopping_list::ShoppingList,
};

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
fn equal_custom_lines_unite_the_addresses_they_go_to() {
    let mut shop = Shop::new();
    shop.by_backend();
    let custom = |key: &str, quantity: i64| {
        json!({
            "name": { "en": "Wrap" }, "slug": "wrap", "quantity": quantity, "taxCategory": { "key": "std" },
            "money": { "currencyCode": "EUR", "centAmount": 100 },
            "shippingDetails": { "targets": [{ "addressKey": key, "quantity": quantity }] }
        })
    };
    let cart = shop.cart(json!({
        "currency": "EUR", "customLineItems": [custom("home", 1), custom("work", 2), custom("home", 3)],
        "itemShippingAddresses": [{ "country": "DE", "key": "home" }, { "country": "DE", "key": "work" }]
    }));
    assert_eq!(cart.custom_line_items.len(), 1);
    assert_eq!(
        serde_json::to_value(&cart.custom_line_items[0].shipping_details).unwrap(),
        json!({ "valid": true, "targets": [
            { "addressKey": "home", "quantity": 4 }, { "addressKey": "work", "quantity": 2 }
        ] })
    );
}

#[test]
fn a_target_of_no_units_is_none_and_one_of_fewer_is_refused() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({
        "currency": "EUR", "country": "DE", "lineItems": [{ "sku": "SKU-1", "quantity": 3 }],
        "itemShippingAddresses": [{ "country": "DE", "key": "home" }, { "country": "DE", "key": "work" }]
    }));
    let details = |home: i64, work: i64| {
        json!([{
            "action": "setLineItemShippingDetails", "lineItemId": cart.line_items[0].id,
            "shippingDetails": { "targets": [
                { "addressKey": "home", "quantity": home }, { "addressKey": "work", "quantity": work }
            ] }
        }])
    };
    let all_home = shop.applied(&cart, details(3, 0));
    let stored = all_home.line_items[0].shipping_details.as_ref().unwrap();
    assert!(stored.valid);
    assert_eq!(stored.targets.len(), 1);
    let error = shop.apply(&cart, details(5, -2)).unwrap_err();
    assert!(
        matches!(&error, DomainError::InvalidField { field, .. } if field == "shippingDetails.targets.quantity"),
        "{error:?}"
    );
}

#[test]
fn members_that_are_not_offered_are_refused_by_name() {
    let mut shop = Shop::new();
    shop.by_backend();
    let recurring =
        json!({ "recurrencePolicy": { "typeId": "recurrence-policy", "key": "weekly" } });
    for (member, value, named) in [
        (
            "businessUnit",
            json!({ "typeId": "business-unit", "key": "b" }),
            "businessUnit",
        ),
        ("shipping", json!([{ "shippingKey": "a" }]), "shipping"),
        (
            "lineItems",
            json!([{ "sku": "SKU-1", "recurrenceInfo": recurring }]),
            "recurrenceInfo",
        ),
    ] {
        let mut draft = json!({ "currency": "EUR", "country": "DE" });
        draft[member] = value;
        let error = shop.around.create::<Cart>(draft).unwrap_err();
        assert_eq!(error.to_string(), format!("`{named}` is not supported"));
    }
    shop.cart(json!({ "currency": "EUR", "shipping": [], "businessUnit": null }));
}

#[test]
fn units_that_are_removed_are_not_sent_elsewhere() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({
        "currency": "EUR", "country": "DE", "itemShippingAddresses": [{ "country": "DE", "key": "home" }],
        "lineItems": [{ "sku": "SKU-1", "quantity": 3, "shippingDetails": {
            "targets": [{ "addressKey": "home", "quantity": 3 }]
        } }]
    }));
    let remove = |key: &str, quantity: i64| {
        json!([{
            "action": "removeLineItem", "lineItemId": cart.line_items[0].id, "quantity": 1,
            "shippingDetailsToRemove": { "targets": [{ "addressKey": key, "quantity": quantity }] }
        }])
    };
    let left = shop.applied(&cart, remove("home", 1));
    let details = left.line_items[0].shipping_details.as_ref().unwrap();
    assert!(details.valid);
    assert_eq!(details.targets[0].quantity, 2);
    for (key, quantity) in [("home", -1), ("moon", 1)] {
        shop.apply(&cart, remove(key, quantity)).unwrap_err();
    }
}
