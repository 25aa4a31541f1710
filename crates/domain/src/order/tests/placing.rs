//! Every check between a cart and its order.

use serde_json::json;

use super::{ordered, ordered_with, ready};
use crate::{
    cart::{
        CartState, DiscountCodeInfo, DiscountCodeState, InventoryMode, ShippingMethodState,
        replicate::{Original, replicate},
        tests::{Shop, berlin, is_operation, lines, standard_shipping, taxed, total},
    },
    catalog::shipping_method::ShippingMethod,
    error::DomainError,
    kind::Kind,
    order::{Order, OrderState, StockDemand, stock_demand},
    reference::Reference,
    resource::Resource,
};

#[test]
fn an_order_is_the_cart_at_the_moment_of_ordering() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    let (order, closed, messages) = ordered(&mut shop, &cart).unwrap();
    assert_eq!(order.order_state, OrderState::Open);
    assert_eq!(order.anonymous_id.as_deref(), Some("phone-123"));
    assert_eq!(order.customer_id, None);
    assert_eq!(order.customer_email.as_deref(), Some("guest@example.com"));
    assert_eq!(
        order.cart,
        Some(Reference::new(Kind::Cart, cart.id.as_str()))
    );
    assert_eq!(order.total_price.cent_amount.get(), 4192);
    assert_eq!(
        order
            .taxed_price
            .as_ref()
            .unwrap()
            .total_net
            .cent_amount
            .get(),
        3523
    );
    assert_eq!(order.line_items, cart.line_items);
    assert_eq!(order.order_number, None);
    assert_eq!(order.version, 1);
    assert_eq!(closed.cart_state, CartState::Ordered);
    assert_eq!(closed.version, cart.version);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].message_type, "OrderCreated");
    assert_eq!(
        messages[0].payload["order"],
        serde_json::to_value(&order).unwrap()
    );
    assert_eq!(messages[0].payload["order"]["id"], order.id.as_str());
}

#[test]
fn an_order_has_the_shape_of_the_api_and_survives_its_json() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 1);
    let (order, _, _) = ordered(&mut shop, &cart).unwrap();
    let json = serde_json::to_value(&order).unwrap();
    for always in [
        "lineItems",
        "customLineItems",
        "shipping",
        "refusedGifts",
        "syncInfo",
    ] {
        assert!(json[always].is_array(), "{always}");
    }
    for absent in [
        "returnInfo",
        "orderNumber",
        "paymentInfo",
        "customerId",
        "state",
        "completedAt",
    ] {
        assert!(json.get(absent).is_none(), "{absent}");
    }
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
    assert_eq!(order.index().state.as_deref(), Some("Open"));
}

#[test]
fn a_cart_is_ordered_once() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    let (_, mut closed, _) = ordered(&mut shop, &cart).unwrap();
    closed.version = 3;
    assert!(is_operation(&ordered(&mut shop, &closed).unwrap_err()));
    let stale = ordered_with(&mut shop, &closed, json!({ "version": 2 })).unwrap_err();
    assert!(matches!(
        stale,
        DomainError::ConcurrentModification {
            expected: 2,
            actual: 3,
            ..
        }
    ));
}

#[test]
fn a_merged_cart_is_never_ordered() {
    let mut shop = Shop::new();
    let mut cart = ready(&mut shop, 3);
    cart.cart_state = CartState::Merged;
    assert!(is_operation(&ordered(&mut shop, &cart).unwrap_err()));
}

#[test]
fn an_order_needs_items_an_address_and_taxes() {
    let mut shop = Shop::new();
    let homeless = shop.euro_cart(&[("SKU-1", 2)]);
    assert!(is_operation(&ordered(&mut shop, &homeless).unwrap_err()));
    let empty = shop.cart(json!({ "currency": "EUR", "shippingAddress": berlin() }));
    assert!(is_operation(&ordered(&mut shop, &empty).unwrap_err()));
    shop.by_backend();
    let untaxed = shop.cart(json!({
        "currency": "EUR", "country": "DE", "taxMode": "External", "shippingAddress": berlin(),
        "lineItems": [{ "sku": "SKU-1" }]
    }));
    assert_eq!(taxed(&untaxed), None);
    assert!(is_operation(&ordered(&mut shop, &untaxed).unwrap_err()));
    let free = shop.applied(
        &untaxed,
        json!([{ "action": "changeTaxMode", "taxMode": "Disabled" }]),
    );
    let (order, _, _) = ordered(&mut shop, &free).unwrap();
    assert_eq!(order.total_price.cent_amount.get(), 1234);
    assert_eq!(order.taxed_price, None);
}

#[test]
fn a_changed_price_is_named_by_its_line_until_the_cart_is_recalculated() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    shop.reprice(
        "SKU-1",
        json!({ "country": "DE", "value": { "currencyCode": "EUR", "centAmount": 1300 } }),
    );
    let error = ordered(&mut shop, &cart).unwrap_err();
    assert!(
        matches!(&error, DomainError::PriceChanged { line_items, shipping: false }
            if *line_items == [cart.line_items[0].id.clone()]),
        "{error:?}"
    );
    let cart = shop.applied(&cart, json!([{ "action": "recalculate" }]));
    assert_eq!(cart.line_items[0].price.value.cent_amount.get(), 1300);
    assert_eq!(
        ordered(&mut shop, &cart)
            .unwrap()
            .0
            .total_price
            .cent_amount
            .get(),
        4390
    );
}

#[test]
fn a_frozen_cart_is_ordered_at_its_old_prices() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    let cart = shop.applied(&cart, json!([{ "action": "freezeCart" }]));
    shop.reprice(
        "SKU-1",
        json!({ "country": "DE", "value": { "currencyCode": "EUR", "centAmount": 1300 } }),
    );
    let (order, closed, _) = ordered(&mut shop, &cart).unwrap();
    assert_eq!(order.total_price.cent_amount.get(), 4192);
    assert_eq!(closed.cart_state, CartState::Ordered);
}

fn change_method(shop: &mut Shop, change: impl FnOnce(&mut ShippingMethod)) {
    use crate::world::{By, World};
    let world: &mut dyn World = &mut shop.around.world;
    let found = world
        .get::<ShippingMethod>(By::Key("standard"))
        .unwrap()
        .unwrap();
    let mut method = ShippingMethod::clone(&found);
    change(&mut method);
    shop.around.world.put(&method);
}

#[test]
fn a_changed_shipping_rate_is_named() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    change_method(&mut shop, |method| {
        method.zone_rates[0].shipping_rates[0].price.cent_amount =
            crate::money::CentAmount::new(590);
    });
    let error = ordered(&mut shop, &cart).unwrap_err();
    assert!(
        matches!(&error, DomainError::PriceChanged { line_items, shipping: true } if line_items.is_empty()),
        "{error:?}"
    );
}

#[test]
fn a_shipping_method_that_was_switched_off_or_got_a_predicate_stops_the_order() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    change_method(&mut shop, |method| method.active = false);
    assert!(is_operation(&ordered(&mut shop, &cart).unwrap_err()));
    change_method(&mut shop, |method| {
        method.active = true;
        method.predicate = Some("totalPrice > \"800.00 EUR\"".to_owned());
    });
    assert!(matches!(
        ordered(&mut shop, &cart),
        Err(DomainError::ShippingMethodDoesNotMatchCart)
    ));
    let touched = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(
        touched
            .shipping_info
            .as_ref()
            .unwrap()
            .shipping_method_state,
        ShippingMethodState::DoesNotMatchCart
    );
}

#[test]
fn no_shipping_method_is_fine() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "setShippingAddress", "address": berlin() }]),
    );
    assert!(ordered(&mut shop, &cart).is_ok());
}

#[test]
fn a_product_that_is_not_sold_any_more_stops_the_order() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    shop.change_product("SKU-1", json!([{ "action": "unpublish" }]));
    assert!(is_operation(&ordered(&mut shop, &cart).unwrap_err()));
}

#[test]
fn a_code_without_effect_stops_the_order() {
    let mut shop = Shop::new();
    let mut cart = ready(&mut shop, 3);
    let mut with_code = |state: DiscountCodeState| {
        cart.discount_codes = vec![DiscountCodeInfo {
            discount_code: Reference::new(Kind::DiscountCode, "hello"),
            state,
        }];
        ordered(&mut shop, &cart)
    };
    let error = with_code(DiscountCodeState::DoesNotMatchCart).unwrap_err();
    assert!(
        matches!(&error, DomainError::DiscountCodeNonApplicable { id: Some(id), .. } if id == "hello")
    );
    assert!(with_code(DiscountCodeState::MatchesCart).is_ok());
}

#[test]
fn every_unit_must_know_where_it_goes() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 3);
    let id = cart.line_items[0].id.clone();
    let cart = shop.applied(
        &cart,
        json!([
            { "action": "addItemShippingAddress", "address": { "country": "DE", "key": "home" } },
            { "action": "setLineItemShippingDetails", "lineItemId": id, "shippingDetails": {
                "targets": [{ "addressKey": "home", "quantity": 2 }]
            } }
        ]),
    );
    let error = ordered(&mut shop, &cart).unwrap_err();
    assert!(
        matches!(&error, DomainError::InvalidItemShippingDetails { item_id, quantity: 3, sum: 2, .. } if *item_id == id),
        "{error:?}"
    );
}

#[test]
fn an_order_number_is_taken_once() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 1);
    let number = json!({ "orderNumber": "2026-1" });
    let (order, _, _) = ordered_with(&mut shop, &cart, number.clone()).unwrap();
    assert_eq!(order.order_number.as_deref(), Some("2026-1"));
    shop.around.world.put(&order);
    let other = ready(&mut shop, 1);
    let error = ordered_with(&mut shop, &other, number).unwrap_err();
    assert!(matches!(&error, DomainError::DuplicateField { field, .. } if field == "orderNumber"));
}

#[test]
fn custom_fields_of_the_draft_lie_over_the_carts() {
    let mut shop = Shop::new();
    let cart = ready(&mut shop, 1);
    let typed = |text: &str| json!({ "type": { "key": "engraving" }, "fields": { "text": text } });
    let (order, _, _) = ordered_with(&mut shop, &cart, json!({ "custom": typed("x") })).unwrap();
    assert_eq!(order.custom.as_ref().unwrap().fields["text"], "x");
    let cart = shop.applied(
        &cart,
        json!([{ "action": "setCustomType", "type": { "key": "engraving" }, "fields": { "text": "old" } }]),
    );
    let (order, _, _) = ordered(&mut shop, &cart).unwrap();
    assert_eq!(order.custom.as_ref().unwrap().fields["text"], "old");
    let (order, _, _) = ordered_with(&mut shop, &cart, json!({ "custom": typed("new") })).unwrap();
    assert_eq!(order.custom.as_ref().unwrap().fields["text"], "new");
}

#[test]
fn only_lines_with_an_inventory_mode_take_from_the_stock() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({
        "currency": "EUR", "country": "DE", "inventoryMode": "ReserveOnOrder", "shippingAddress": berlin(),
        "lineItems": [
            { "sku": "SKU-1", "quantity": 2 }, { "sku": "SKU-2", "inventoryMode": "None" },
            { "sku": "SKU-14", "inventoryMode": "TrackOnly" }
        ]
    }));
    let (order, _, _) = ordered(&mut shop, &cart).unwrap();
    let demand = |sku: &str, quantity: i64, mode: InventoryMode, at: usize| StockDemand {
        sku: sku.to_owned(),
        supply_channel: None,
        quantity,
        mode,
        line_item_id: cart.line_items[at].id.clone(),
    };
    assert_eq!(
        stock_demand(&order),
        [
            demand("SKU-1", 2, InventoryMode::ReserveOnOrder, 0),
            demand("SKU-14", 1, InventoryMode::TrackOnly, 2)
        ]
    );
}

#[test]
fn an_order_can_be_shopped_again_at_the_prices_of_now() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 3), ("SKU-2", 1)]);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "setShippingAddress", "address": berlin() }, standard_shipping()]),
    );
    let (order, _, _) = ordered(&mut shop, &cart).unwrap();
    shop.reprice(
        "SKU-1",
        json!({ "country": "DE", "value": { "currencyCode": "EUR", "centAmount": 1300 } }),
    );
    shop.change_product("SKU-2", json!([{ "action": "unpublish" }]));
    let again = replicate(
        Original::Order(&order),
        Some("again".to_owned()),
        &mut shop.around.context(),
    )
    .unwrap();
    assert_eq!(again.cart_state, CartState::Active);
    assert_eq!(lines(&again), [("SKU-1", 3)]);
    assert_eq!(total(&again), 4390);
    assert_eq!(again.key.as_deref(), Some("again"));
    assert_eq!(again.anonymous_id.as_deref(), Some("phone-123"));
    assert_ne!(again.line_items[0].id, order.line_items[0].id);
    let closed = {
        let mut closed = cart;
        closed.cart_state = CartState::Merged;
        closed
    };
    let copy = replicate(Original::Cart(&closed), None, &mut shop.around.context()).unwrap();
    assert_eq!(copy.cart_state, CartState::Active);
    assert!(copy.id.is_empty());
}
