//! A guest's cart on its way to an order.

use serde_json::json;

use super::{Shop, berlin, lines, standard_shipping, taxed, total};
use crate::{
    cart::{Cart, CartDraft, CartState, MyCartDraft, ShippingMethodState},
    error::DomainError,
    identity::principal::Subject,
    resource::{Resource, decode_actions, decode_draft},
};

#[test]
fn a_new_guest_cart_has_the_shape_of_the_api() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "EUR", "country": "DE" }));
    assert_eq!(
        crate::test_world::shown(&cart),
        json!({
            "anonymousId": "phone-123", "lineItems": [], "customLineItems": [],
            "totalPrice": { "type": "centPrecision", "currencyCode": "EUR", "centAmount": 0, "fractionDigits": 2 },
            "taxMode": "Platform", "priceRoundingMode": "HalfEven", "taxRoundingMode": "HalfEven",
            "taxCalculationMode": "LineItemLevel", "inventoryMode": "None", "cartState": "Active",
            "shippingMode": "Single", "shipping": [], "itemShippingAddresses": [], "discountCodes": [],
            "directDiscounts": [], "refusedGifts": [], "country": "DE", "origin": "Customer",
            "deleteDaysAfterLastModification": 90
        })
    );
    assert_eq!(cart.version, 1);
}

#[test]
fn a_cart_survives_its_json() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, 3);
    let text = serde_json::to_string(&cart).unwrap();
    assert_eq!(serde_json::from_str::<Cart>(&text).unwrap(), cart);
}

#[test]
fn a_shopper_cannot_choose_the_owner() {
    let mut shop = Shop::new();
    let mine: MyCartDraft = decode_draft(json!({
        "currency": "EUR", "customerId": shop.alice.id, "anonymousId": "phone-456"
    }))
    .unwrap();
    let cart = Cart::create(CartDraft::from(mine), &mut shop.around.context()).unwrap();
    assert_eq!(cart.anonymous_id.as_deref(), Some("phone-123"));
    assert_eq!(cart.customer_id, None);
}

#[test]
fn a_customers_cart_has_no_anonymous_id() {
    let mut shop = Shop::new();
    let alice = shop.alice.id.clone();
    let cart = shop.alices_cart(json!({ "currency": "EUR" }));
    assert_eq!(cart.customer_id, Some(alice));
    assert_eq!(cart.anonymous_id, None);
    assert_eq!(cart.customer_email, None);
}

#[test]
fn the_price_of_the_country_wins_over_the_one_without() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "EUR", "country": "DE" }));
    let cart = shop.applied(
        &cart,
        json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 2 }]),
    );
    let line = &cart.line_items[0];
    assert_eq!(cart.version, 2);
    assert_eq!(line.price.value.cent_amount.get(), 1234);
    assert_eq!(line.total_price.cent_amount.get(), 2468);
    assert_eq!(line.state.len(), 1);
    assert_eq!(line.state[0].quantity, 2);
    assert_eq!(cart.total_line_item_quantity, Some(2));
    assert_eq!(total(&cart), 2468);
    assert_eq!(taxed(&cart), None);
}

#[test]
fn adding_the_same_variant_sums_up() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 2)]);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 3 }]),
    );
    assert_eq!(lines(&cart), [("SKU-1", 5)]);
    assert_eq!(total(&cart), 6170);
}

fn checked_out(shop: &mut Shop, quantity: i64) -> Cart {
    let cart = shop.cart(json!({ "currency": "EUR", "country": "DE" }));
    shop.applied(
        &cart,
        json!([
            { "action": "addLineItem", "sku": "SKU-1", "quantity": quantity },
            { "action": "setCustomerEmail", "email": "guest@example.com" },
            { "action": "setShippingAddress", "address": berlin() },
            { "action": "setBillingAddress", "address": berlin() },
            standard_shipping()
        ]),
    )
}

#[test]
fn a_whole_checkout_is_one_version_and_taxed_line_by_line() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, 3);
    assert_eq!(cart.version, 2);
    let info = cart.shipping_info.as_ref().unwrap();
    assert_eq!(info.price.cent_amount.get(), 490);
    assert_eq!(info.shipping_method_state, ShippingMethodState::MatchesCart);
    assert_eq!(total(&cart), 4192);
    assert_eq!(taxed(&cart), Some((3523, 4192, 669)));
    let taxed = cart.taxed_price.as_ref().unwrap();
    assert_eq!(taxed.tax_portions.len(), 1);
    assert_eq!(taxed.tax_portions[0].rate.to_string(), "0.19");
    assert_eq!(taxed.tax_portions[0].amount.cent_amount.get(), 669);
    let shipping = cart.taxed_shipping_price.as_ref().unwrap();
    assert_eq!(shipping.total_net.cent_amount.get(), 412);
    assert_eq!(shipping.total_gross.cent_amount.get(), 490);
}

#[test]
fn shipping_is_free_from_the_threshold_on() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, 5);
    let price = |cart: &Cart| cart.shipping_info.as_ref().unwrap().price.cent_amount.get();
    assert_eq!((price(&cart), total(&cart)), (0, 6170));
    let id = cart.line_items[0].id.clone();
    let cart = shop.applied(
        &cart,
        json!([{ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 3 }]),
    );
    assert_eq!((price(&cart), total(&cart)), (490, 4192));
}

#[test]
fn a_shipping_method_needs_an_address() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 2)]);
    let error = shop.apply(&cart, json!([standard_shipping()])).unwrap_err();
    assert!(
        matches!(error, DomainError::InvalidOperation { .. }),
        "{error:?}"
    );
}

#[test]
fn a_place_without_zone_loses_the_shipping_method() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, 1);
    let cart = shop.applied(
        &cart,
        json!([{ "action": "setShippingAddress", "address": { "country": "JP" } }]),
    );
    assert_eq!(cart.shipping_info, None);
    assert_eq!(total(&cart), 1234);
}

#[test]
fn removing_the_address_removes_taxes_and_shipping() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, 3);
    let cart = shop.applied(&cart, json!([{ "action": "setShippingAddress" }]));
    assert_eq!(cart.shipping_info, None);
    assert_eq!(taxed(&cart), None);
    assert_eq!(cart.taxed_shipping_price, None);
    assert_eq!(cart.line_items[0].tax_rate, None);
    assert_eq!(cart.line_items[0].taxed_price, None);
    assert_eq!(total(&cart), 3702);
}

#[test]
fn a_place_without_tax_rate_is_refused() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 2)]);
    let error = shop
        .apply(
            &cart,
            json!([{ "action": "setShippingAddress", "address": { "country": "FR" } }]),
        )
        .unwrap_err();
    assert!(
        matches!(&error, DomainError::MissingTaxRateForCountry { country, .. } if country == "FR"),
        "{error:?}"
    );
}

#[test]
fn a_shopper_can_neither_switch_tax_off_nor_invent_lines() {
    let mut shop = Shop::new();
    let draft = json!({ "currency": "EUR", "taxMode": "Disabled" });
    let error = shop.around.create::<Cart>(draft).unwrap_err();
    assert!(matches!(error, DomainError::InvalidOperation { .. }));
    let actions = vec![json!({
        "action": "addCustomLineItem", "name": { "en": "x" }, "slug": "x1",
        "money": { "currencyCode": "EUR", "centAmount": -500 }
    })];
    let error = decode_actions::<crate::cart::MyCartAction>(actions).unwrap_err();
    assert!(matches!(error, DomainError::UnknownAction { .. }));
}

#[test]
fn a_price_that_fits_nobody_is_named() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "USD", "country": "US" }));
    let error = shop
        .apply(&cart, json!([{ "action": "addLineItem", "sku": "SKU-2" }]))
        .unwrap_err();
    assert!(
        matches!(&error, DomainError::MatchingPriceNotFound { currency, country, .. }
            if currency == "USD" && country.as_deref() == Some("US")),
        "{error:?}"
    );
}

#[test]
fn a_currency_must_be_one_of_the_projects() {
    let mut shop = Shop::new();
    for currency in ["eur", "GBP"] {
        let error = shop
            .around
            .create::<Cart>(json!({ "currency": currency }))
            .unwrap_err();
        assert!(
            matches!(&error, DomainError::InvalidField { field, .. } if field == "currency"),
            "{error:?}"
        );
    }
}

#[test]
fn setting_a_value_again_changes_nothing() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, 3);
    let same = shop.applied(
        &cart,
        json!([
            { "action": "setCountry", "country": "DE" },
            { "action": "setShippingAddress", "address": berlin() },
            { "action": "setCustomerEmail", "email": "guest@example.com" },
            standard_shipping(),
            { "action": "recalculate" }
        ]),
    );
    assert_eq!(same, cart);
}

#[test]
fn a_closed_cart_refuses_everything() {
    let mut shop = Shop::new();
    for state in [CartState::Merged, CartState::Ordered] {
        let mut cart = shop.euro_cart(&[("SKU-1", 1)]);
        cart.cart_state = state;
        let error = shop
            .apply(&cart, json!([{ "action": "setLocale", "locale": "de" }]))
            .unwrap_err();
        assert!(matches!(error, DomainError::InvalidOperation { .. }));
    }
}

#[test]
fn a_cart_vanishes_its_days_after_the_last_change() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "EUR", "deleteDaysAfterLastModification": 1 }));
    let index = cart.index();
    assert_eq!(
        index.expires_at.map(|at| at.to_string()).as_deref(),
        Some("2026-02-01T09:15:00.000Z")
    );
    assert_eq!(index.state.as_deref(), Some("Active"));
    assert_eq!(index.anonymous_id.as_deref(), Some("phone-123"));
}

#[test]
fn a_store_endpoint_puts_the_cart_into_its_store() {
    let mut shop = Shop::new();
    shop.around.store = Some(crate::identity::ids::StoreKey::new("us-store"));
    let cart = shop.cart(json!({ "currency": "USD", "country": "US" }));
    assert_eq!(
        cart.store.as_ref().map(|store| store.key.as_str()),
        Some("us-store")
    );
    let error = shop
        .around
        .create::<Cart>(
            json!({ "currency": "USD", "store": { "typeId": "store", "key": "de-store" } }),
        )
        .unwrap_err();
    assert!(matches!(error, DomainError::InvalidOperation { .. }));
    let error = shop
        .apply(&cart, json!([{ "action": "setCountry", "country": "DE" }]))
        .unwrap_err();
    assert!(
        matches!(&error, DomainError::CountryNotConfiguredInStore { country, store_countries, .. }
            if country == "DE" && store_countries == &["US"]),
        "{error:?}"
    );
}

#[test]
fn nobody_can_claim_the_alias_of_another_dialects_guest() {
    let mut shop = Shop::new();
    shop.around.acting_for = Subject::Client;
    for id in ["gl~abc", "sc~abc"] {
        let error = shop
            .around
            .create::<Cart>(json!({ "currency": "EUR", "anonymousId": id }))
            .unwrap_err();
        assert!(matches!(error, DomainError::InvalidField { .. }));
    }
}
