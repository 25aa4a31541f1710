//! Amounts down to the last cent.

use serde_json::{Value, json};

use super::{Shop, berlin, drafts, standard_shipping, taxed, total};
use crate::{cart::Cart, error::DomainError};

fn cart(shop: &mut Shop, currency: &str, country: &str, lines: &[(&str, i64)]) -> Cart {
    shop.cart(json!({
        "currency": currency, "country": country, "shippingAddress": { "country": country },
        "lineItems": drafts(lines)
    }))
}

fn rounded(shop: &mut Shop, cart: &Cart, mode: &str) -> Cart {
    shop.applied(
        cart,
        json!([{ "action": "changeTaxRoundingMode", "taxRoundingMode": mode }]),
    )
}

#[test]
fn included_tax_rounds_the_net_amount() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop, "EUR", "DE", &[("SKU-14", 1)]);
    assert_eq!(taxed(&cart), Some((12, 14, 2)));
    let up = rounded(&mut shop, &cart, "HalfUp");
    assert_eq!(taxed(&up), Some((13, 14, 1)));
    let down = rounded(&mut shop, &up, "HalfDown");
    assert_eq!(taxed(&down), Some((12, 14, 2)));
}

#[test]
fn tax_on_top_rounds_the_gross_amount() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop, "EUR", "DE", &[("SKU-25", 1)]);
    assert_eq!(taxed(&cart), Some((25, 28, 3)));
    let up = rounded(&mut shop, &cart, "HalfUp");
    assert_eq!(taxed(&up), Some((25, 29, 4)));
    let down = rounded(&mut shop, &up, "HalfDown");
    assert_eq!(taxed(&down), Some((25, 28, 3)));
    assert_eq!((total(&cart), total(&up), total(&down)), (25, 25, 25));
}

#[test]
fn tax_on_the_unit_price_is_rounded_per_unit() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop, "USD", "US", &[("SKU-1", 3)]);
    assert_eq!(total(&cart), 324);
    assert_eq!(taxed(&cart), Some((324, 386, 62)));
    let cart = shop.applied(
        &cart,
        json!([{ "action": "changeTaxCalculationMode", "taxCalculationMode": "UnitPriceLevel" }]),
    );
    assert_eq!(taxed(&cart), Some((324, 387, 63)));
}

#[test]
fn a_currency_may_have_no_minor_unit() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop, "JPY", "JP", &[("SKU-1", 1)]);
    assert_eq!(
        serde_json::to_value(&cart.total_price).unwrap(),
        json!({ "type": "centPrecision", "currencyCode": "JPY", "centAmount": 105, "fractionDigits": 0 })
    );
    assert_eq!(taxed(&cart), Some((95, 105, 10)));
}

#[test]
fn a_currency_may_have_three_digits() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop, "KWD", "KW", &[("SKU-1", 1)]);
    assert_eq!((total(&cart), cart.total_price.fraction_digits), (1005, 3));
    assert_eq!(taxed(&cart), Some((1005, 1005, 0)));
}

#[test]
fn a_price_finer_than_a_cent_is_rounded_once_per_line() {
    let mut shop = Shop::new();
    let draft =
        json!({ "currency": "USD", "country": "US", "lineItems": drafts(&[("SKU-HP", 3)]) });
    let cart = shop.cart(draft);
    assert_eq!(
        serde_json::to_value(&cart.line_items[0].price.value).unwrap(),
        json!({
            "type": "highPrecision", "currencyCode": "USD", "centAmount": 122, "preciseAmount": 1225,
            "fractionDigits": 3
        })
    );
    assert_eq!(total(&cart), 368);
    let mut mode = |cart: &Cart, mode: &str| {
        shop.applied(
            cart,
            json!([{ "action": "changePriceRoundingMode", "priceRoundingMode": mode }]),
        )
    };
    assert_eq!(total(&mode(&cart, "HalfDown")), 367);
    let id = cart.line_items[0].id.clone();
    let up = mode(&cart, "HalfUp");
    let one = json!([{ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 1 }]);
    assert_eq!(total(&shop.applied(&cart, one.clone())), 122);
    assert_eq!(total(&shop.applied(&up, one)), 123);
}

#[test]
fn sub_rates_are_shown_one_by_one_and_add_up() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop, "USD", "US", &[("SKU-333", 1)]);
    assert_eq!(taxed(&cart), Some((333, 362, 29)));
    let portions: Vec<(Option<&str>, i64)> = cart
        .taxed_price
        .iter()
        .flat_map(|taxed| &taxed.tax_portions)
        .map(|portion| (portion.name.as_deref(), portion.amount.cent_amount.get()))
        .collect();
    assert_eq!(portions, [(Some("a"), 17), (Some("b"), 12)]);
}

#[test]
fn an_overflow_is_an_error_and_the_largest_total_is_not() {
    let mut shop = Shop::new();
    let cart = shop.cart(json!({ "currency": "EUR", "country": "DE" }));
    let mut add = |quantity: i64| {
        shop.apply(
            &cart,
            json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": quantity }]),
        )
    };
    assert!(matches!(add(i64::MAX), Err(DomainError::MoneyOverflow)));
    assert_eq!(
        total(&add(7_474_369_559_849_899).unwrap()),
        9_223_372_036_854_775_366
    );
    assert!(matches!(
        add(7_474_369_559_849_900),
        Err(DomainError::MoneyOverflow)
    ));
}

#[test]
fn a_tier_lowers_the_unit_price_from_its_quantity_on() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-T", 9)]);
    assert_eq!(total(&cart), 9000);
    let cart = shop.applied(&cart, json!([{ "action": "addLineItem", "sku": "SKU-T" }]));
    assert_eq!(cart.line_items[0].price.value.cent_amount.get(), 900);
    assert_eq!(total(&cart), 9000);
}

fn external(shop: &mut Shop, line: Value) -> Cart {
    shop.by_backend();
    let line = json!([line]);
    shop.cart(json!({
        "currency": "EUR", "country": "DE", "taxMode": "External", "shippingAddress": berlin(),
        "lineItems": line
    }))
}

#[test]
fn external_prices_and_rates_are_taken_as_given() {
    let mut shop = Shop::new();
    let cart = external(
        &mut shop,
        json!({
            "sku": "SKU-1", "quantity": 2, "externalPrice": { "currencyCode": "EUR", "centAmount": 1000 },
            "externalTaxRate": { "name": "x", "amount": 0.1, "includedInPrice": false, "country": "DE" }
        }),
    );
    assert_eq!(total(&cart), 2000);
    assert_eq!(taxed(&cart), Some((2000, 2200, 200)));
    let id = cart.line_items[0].id.clone();
    let bare = json!([{ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 3 }]);
    assert!(matches!(
        shop.apply(&cart, bare),
        Err(DomainError::RequiredField { .. })
    ));
    let back = shop.applied(
        &cart,
        json!([{ "action": "setLineItemPrice", "lineItemId": id }]),
    );
    assert_eq!(total(&back), 2468);
}

#[test]
fn an_external_total_is_kept_until_the_quantity_changes_without_one() {
    let mut shop = Shop::new();
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let cart = external(
        &mut shop,
        json!({
            "sku": "SKU-1", "quantity": 3,
            "externalTotalPrice": { "price": euro(1000), "totalPrice": euro(2500) }
        }),
    );
    assert_eq!(total(&cart), 2500);
    let cart = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(total(&cart), 2500);
    let id = cart.line_items[0].id.clone();
    let cart = shop.applied(
        &cart,
        json!([{ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 2 }]),
    );
    assert_eq!(total(&cart), 2468);
}

#[test]
fn external_tax_amounts_go_when_the_price_changes() {
    let mut shop = Shop::new();
    shop.by_backend();
    let cart = shop.cart(json!({
        "currency": "EUR", "country": "DE", "taxMode": "ExternalAmount", "shippingAddress": berlin(),
        "lineItems": drafts(&[("SKU-1", 1)])
    }));
    let id = cart.line_items[0].id.clone();
    let cart = shop.applied(
        &cart,
        json!([
            { "action": "setLineItemTaxAmount", "lineItemId": id, "externalTaxAmount": {
                "totalGross": { "currencyCode": "EUR", "centAmount": 1468 },
                "taxRate": { "name": "x", "amount": 0.19, "country": "DE" }
            } },
            { "action": "setCartTotalTax", "externalTotalGross": { "currencyCode": "EUR", "centAmount": 1468 } }
        ]),
    );
    assert_eq!(taxed(&cart), Some((1234, 1468, 234)));
    assert!(cart.line_items[0].taxed_price.is_some());
    let cart = shop.applied(
        &cart,
        json!([{ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 2 }]),
    );
    assert_eq!(taxed(&cart), None);
    assert_eq!(cart.line_items[0].taxed_price, None);
}

fn amounts_are_given(shop: &mut Shop) -> Cart {
    shop.by_backend();
    shop.cart(json!({
        "currency": "EUR", "country": "DE", "taxMode": "ExternalAmount", "shippingAddress": berlin(),
        "lineItems": drafts(&[("SKU-2", 1)])
    }))
}

fn total_tax(gross: i64) -> Value {
    json!({
        "action": "setCartTotalTax",
        "externalTotalGross": { "currencyCode": "EUR", "centAmount": gross }
    })
}

fn line_tax(id: &str, gross: i64) -> Value {
    json!({
        "action": "setLineItemTaxAmount", "lineItemId": id, "externalTaxAmount": {
            "totalGross": { "currencyCode": "EUR", "centAmount": gross },
            "taxRate": { "name": "x", "amount": 0.19, "country": "DE" }
        }
    })
}

#[test]
fn a_total_tax_is_for_what_the_cart_costs_after_the_actions_before_it() {
    let mut shop = Shop::new();
    let cart = amounts_are_given(&mut shop);
    let add = json!({ "action": "addLineItem", "sku": "SKU-1" });
    let after = shop.applied(&cart, json!([add, total_tax(3800)]));
    assert_eq!(total(&after), 3233);
    assert_eq!(taxed(&after), Some((3233, 3800, 567)));
    let touched = shop.applied(&after, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(taxed(&touched), Some((3233, 3800, 567)));
    let before = shop.applied(&cart, json!([total_tax(3800), add]));
    assert_eq!(taxed(&before), None);
    let shipping = shop.applied(&cart, json!([standard_shipping(), total_tax(2900)]));
    assert_eq!(taxed(&shipping), Some((2489, 2900, 411)));
}

#[test]
fn a_line_tax_is_for_what_the_line_costs_after_the_actions_before_it() {
    let mut shop = Shop::new();
    let cart = amounts_are_given(&mut shop);
    let id = cart.line_items[0].id.clone();
    let two = json!({ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 2 });
    let line = |cart: &Cart| {
        cart.line_items[0].taxed_price.as_ref().map(|taxed| {
            (
                taxed.total_net.cent_amount.get(),
                taxed.total_gross.cent_amount.get(),
            )
        })
    };
    let after = shop.applied(&cart, json!([two, line_tax(&id, 4758)]));
    assert_eq!(line(&after), Some((3998, 4758)));
    let before = shop.applied(&cart, json!([line_tax(&id, 2379), two]));
    assert_eq!(line(&before), None);
}

#[test]
fn a_total_tax_does_not_survive_other_goods_for_the_same_money() {
    let mut shop = Shop::new();
    let cart = amounts_are_given(&mut shop);
    let cart = shop.applied(&cart, json!([total_tax(2379)]));
    let id = cart.line_items[0].id.clone();
    let swap = json!([
        { "action": "addLineItem", "sku": "SKU-2", "key": "another" },
        { "action": "removeLineItem", "lineItemId": id }
    ]);
    let swapped = shop.applied(&cart, swap);
    assert_eq!(total(&swapped), 1999);
    assert_eq!(taxed(&swapped), None);
}

#[test]
fn a_line_tax_does_not_survive_another_total_of_the_client() {
    let mut shop = Shop::new();
    let cart = amounts_are_given(&mut shop);
    let id = cart.line_items[0].id.clone();
    let cart = shop.applied(&cart, json!([line_tax(&id, 2379)]));
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let cart = shop.applied(
        &cart,
        json!([{
            "action": "setLineItemTotalPrice", "lineItemId": id,
            "externalTotalPrice": { "price": euro(1000), "totalPrice": euro(1000) }
        }]),
    );
    assert_eq!(cart.line_items[0].taxed_price, None);
}

#[test]
fn a_total_of_the_client_does_not_pay_for_more_units_of_a_product_that_is_gone() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-2", 1)]);
    let id = cart.line_items[0].id.clone();
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let cart = shop.applied(
        &cart,
        json!([{
            "action": "setLineItemTotalPrice", "lineItemId": id,
            "externalTotalPrice": { "price": euro(1000), "totalPrice": euro(900) }
        }]),
    );
    shop.change_product("SKU-2", json!([{ "action": "unpublish" }]));
    let cart = shop.applied(
        &cart,
        json!([{
            "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 100
        }]),
    );
    assert_eq!(total(&cart), 100_000);
}
