//! Amounts: prices, taxes and their rounding, shipping that becomes free, and numbers that do not fit.

use serde_json::{Value, json};

use crate::support::{Api, Shop, address, assert_shows, number, on_each_database, text};

/// A backend's cart with an address in its country.
fn cart(api: &Api, currency: &str, country: &str, sku: &str, quantity: i64) -> Value {
    let draft = json!({
        "currency": currency, "country": country, "shippingAddress": { "country": country },
        "lineItems": [{ "sku": sku, "quantity": quantity }],
    });
    api.post("/carts", draft).expect(201)
}

#[track_caller]
fn change(api: &Api, seen: &Value, action: Value) -> Value {
    api.update("/carts", seen, json!([action])).expect(200)
}

/// Net, gross and tax of a cart.
#[track_caller]
fn taxed(cart: &Value) -> [i64; 3] {
    ["totalNet", "totalGross", "totalTax"]
        .map(|member| number(cart, &format!("/taxedPrice/{member}/centAmount")))
}

#[track_caller]
fn total(cart: &Value) -> i64 {
    number(cart, "/totalPrice/centAmount")
}

fn rounding(mode: &str) -> Value {
    json!({ "action": "changeTaxRoundingMode", "taxRoundingMode": mode })
}

#[test]
fn included_tax_is_taken_out_of_the_price_with_the_carts_rounding() {
    on_each_database(|shop| {
        let api = shop.backend();
        let cart = cart(&api, "EUR", "DE", "SKU-14", 1);
        assert_eq!(taxed(&cart), [12, 14, 2]);
        let up = change(&api, &cart, rounding("HalfUp"));
        assert_eq!(taxed(&up), [13, 14, 1]);
        let down = change(&api, &up, rounding("HalfDown"));
        assert_eq!(taxed(&down), [12, 14, 2]);
        let even = change(&api, &down, rounding("HalfEven"));
        assert_eq!(taxed(&even), [12, 14, 2]);
    });
}

#[test]
fn tax_on_top_is_added_to_the_price_with_the_carts_rounding() {
    on_each_database(|shop| {
        let api = shop.backend();
        let cart = cart(&api, "EUR", "DE", "SKU-25", 1);
        assert_eq!((total(&cart), taxed(&cart)), (25, [25, 28, 3]));
        let up = change(&api, &cart, rounding("HalfUp"));
        assert_eq!((total(&up), taxed(&up)), (25, [25, 29, 4]));
        let down = change(&api, &up, rounding("HalfDown"));
        assert_eq!((total(&down), taxed(&down)), (25, [25, 28, 3]));
    });
}

#[test]
fn tax_is_calculated_for_the_line_or_for_each_unit() {
    on_each_database(|shop| {
        let api = shop.backend();
        let cart = cart(&api, "USD", "US", "SKU-1", 3);
        assert_eq!((total(&cart), taxed(&cart)), (324, [324, 386, 62]));
        let unit = json!({
            "action": "changeTaxCalculationMode", "taxCalculationMode": "UnitPriceLevel",
        });
        let by_unit = change(&api, &cart, unit);
        assert_eq!((total(&by_unit), taxed(&by_unit)), (324, [324, 387, 63]));
    });
}

#[test]
fn currencies_have_the_decimals_of_iso_4217() {
    on_each_database(|shop| {
        let api = shop.backend();
        let yen = cart(&api, "JPY", "JP", "SKU-1", 1);
        assert_eq!(
            yen["totalPrice"],
            json!({
                "type": "centPrecision", "currencyCode": "JPY", "centAmount": 105,
                "fractionDigits": 0,
            })
        );
        assert_eq!(taxed(&yen), [95, 105, 10]);
        let dinar = cart(&api, "KWD", "KW", "SKU-1", 2);
        assert_eq!(
            dinar["totalPrice"],
            json!({
                "type": "centPrecision", "currencyCode": "KWD", "centAmount": 2010,
                "fractionDigits": 3,
            })
        );
        assert_eq!(taxed(&dinar), [2010, 2010, 0]);
    });
}

#[test]
fn prices_below_a_cent_are_rounded_once_per_line() {
    on_each_database(|shop| {
        let api = shop.backend();
        let three = cart(&api, "USD", "US", "SKU-HP", 3);
        assert_shows(
            &three["lineItems"][0]["price"]["value"],
            json!({
                "type": "highPrecision", "currencyCode": "USD", "fractionDigits": 3,
                "preciseAmount": 1225, "centAmount": 122,
            }),
        );
        assert_eq!(total(&three), 368, "367.5 to the even neighbour");
        let down = json!({ "action": "changePriceRoundingMode", "priceRoundingMode": "HalfDown" });
        assert_eq!(total(&change(&api, &three, down)), 367);
        let one = cart(&api, "USD", "US", "SKU-HP", 1);
        assert_eq!(total(&one), 122);
        let up = json!({ "action": "changePriceRoundingMode", "priceRoundingMode": "HalfUp" });
        assert_eq!(total(&change(&api, &one, up)), 123);
    });
}

#[test]
fn shipping_is_free_from_the_threshold_on() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 5 }],
        }));
        let method = json!({ "typeId": "shipping-method", "key": "standard" });
        let set = json!([{ "action": "setShippingMethod", "shippingMethod": method }]);
        let free = guest.change_my_cart(&cart, set).expect(200);
        assert_eq!(free["shippingInfo"]["price"]["centAmount"], 0);
        assert_eq!(total(&free), 6170);
        let fewer = json!([{
            "action": "changeLineItemQuantity",
            "lineItemId": free["lineItems"][0]["id"], "quantity": 3,
        }]);
        let paid = guest.change_my_cart(&free, fewer).expect(200);
        assert_eq!(paid["shippingInfo"]["price"]["centAmount"], 490);
        assert_eq!(total(&paid), 4192);
    });
}

#[test]
fn parts_of_a_tax_rate_add_up_to_the_tax() {
    on_each_database(|shop| {
        let cart = cart(&shop.backend(), "USD", "US", "SKU-333", 1);
        assert_eq!(taxed(&cart), [333, 362, 29]);
        let portions = cart["taxedPrice"]["taxPortions"].as_array().unwrap();
        let mut parts: Vec<(String, String, i64)> = portions
            .iter()
            .map(|portion| {
                let rate = portion["rate"].to_string();
                (
                    text(portion, "/name"),
                    rate,
                    number(portion, "/amount/centAmount"),
                )
            })
            .collect();
        parts.sort();
        let part = |name: &str, rate: &str, amount| (name.to_owned(), rate.to_owned(), amount);
        assert_eq!(parts, [part("a", "0.05", 17), part("b", "0.0375", 12)]);
    });
}

#[test]
fn rates_come_back_exactly_as_they_were_written() {
    on_each_database(|shop| {
        let admin = shop.admin();
        // None of them is a sum of powers of two.
        for (number, written) in ["0.1", "0.3", "0.0825", "0.123456789012345678"]
            .iter()
            .enumerate()
        {
            let draft = format!(
                r#"{{"key":"exact-{number}","name":"exact","rates":[{{"name":"r","country":"DE","amount":{written},"includedInPrice":true}}]}}"#
            );
            let made = admin.post_text("/tax-categories", &draft).expect(201);
            let path = format!("/tax-categories/{}", text(&made, "/id"));
            let read = admin.get(&path).expect(200);
            assert_eq!(read["rates"][0]["amount"].to_string(), *written);
        }
    });
}

#[test]
fn a_variant_without_a_price_in_the_carts_currency_cannot_be_added() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "USD", "country": "US" }));
        let add = json!([{ "action": "addLineItem", "sku": "SKU-2" }]);
        let error = guest
            .change_my_cart(&cart, add)
            .refused(400, "MatchingPriceNotFound");
        assert_shows(
            &error,
            json!({ "currency": "USD", "country": "US", "variantId": 1 }),
        );
        assert!(error["productId"].is_string());
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

/// ⌊i64::MAX / 1234⌋: one more would not fit.
const MOST_UNITS_OF_SKU_1: i64 = 7_474_369_559_849_899;

fn add_units(shop: &Shop, quantity: Value) -> crate::support::Reply {
    let any_id = shop.ask_for_guest(None).expect(200);
    let guest = shop.api_with(&text(&any_id, "/access_token"));
    let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
    let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": quantity }]);
    guest.change_my_cart(&cart, add)
}

#[test]
fn an_amount_that_does_not_fit_is_refused() {
    on_each_database(|shop| {
        let most = add_units(shop, MOST_UNITS_OF_SKU_1.into()).expect(200);
        assert_eq!(total(&most), 1234 * MOST_UNITS_OF_SKU_1);
        for quantity in [MOST_UNITS_OF_SKU_1 + 1, i64::MAX] {
            add_units(shop, quantity.into()).refused(400, "MoneyOverflow");
        }
        for beyond in [json!(u64::MAX), json!(1.5), json!("1")] {
            add_units(shop, beyond).refused(400, "InvalidJsonInput");
        }
        for too_few in [-1, i64::MIN] {
            let refused = add_units(shop, too_few.into());
            assert_eq!(refused.status, 400, "{}", refused.body);
        }
    });
}

#[test]
fn sums_that_do_not_fit_are_refused_wherever_they_arise() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({
            "currency": "EUR", "country": "DE",
            "lineItems": [{ "sku": "SKU-1", "quantity": MOST_UNITS_OF_SKU_1 }],
        }));
        for one_more in [
            json!({ "action": "addLineItem", "sku": "SKU-1", "quantity": 1 }),
            json!({ "action": "addLineItem", "sku": "SKU-2", "quantity": 1 }),
            json!({ "action": "addLineItem", "sku": "SKU-1", "quantity": i64::MAX }),
        ] {
            let refused = guest.change_my_cart(&cart, json!([one_more]));
            refused.refused(400, "MoneyOverflow");
        }
        let api = shop.backend();
        let draft = json!({
            "currency": "EUR",
            "customLineItems": [{
                "name": { "en": "x" }, "slug": "much", "quantity": 3,
                "taxCategory": { "typeId": "tax-category", "key": "std" },
                "money": { "currencyCode": "EUR", "centAmount": i64::MAX / 2 },
            }],
        });
        api.post("/carts", draft).refused(400, "MoneyOverflow");
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn a_cart_has_a_currency_of_the_project() {
    on_each_database(|shop| {
        let (backend, guest) = (shop.backend(), shop.guest("phone-123"));
        for currency in ["eur", "GBP", "EURO", "", "XXXX"] {
            let draft = json!({ "currency": currency });
            for reply in [
                backend.post("/carts", draft.clone()),
                guest.post("/me/carts", draft),
            ] {
                assert_eq!(reply.status, 400, "{currency}: {}", reply.body);
            }
        }
    });
}

#[test]
fn a_tax_rate_that_is_missing_is_named() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let abroad = json!([{ "action": "setShippingAddress", "address": { "country": "FR" } }]);
        let error = guest
            .change_my_cart(&cart, abroad)
            .refused(400, "MissingTaxRateForCountry");
        assert_eq!(error["country"], "FR");
        assert!(error["taxCategoryId"].is_string());
    });
}

#[test]
fn the_parts_of_a_cart_add_up() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let method = json!({ "typeId": "shipping-method", "key": "standard" });
        for quantities in [[1, 1, 1], [7, 3, 2], [1, 99, 5]] {
            let skus = ["SKU-1", "SKU-14", "SKU-1015"];
            let lines: Vec<Value> = skus
                .iter()
                .zip(quantities)
                .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }))
                .collect();
            let cart = guest.my_cart(json!({
                "currency": "EUR", "country": "DE", "shippingAddress": address(),
                "shippingMethod": method, "lineItems": lines,
            }));
            let lines: i64 = (0..3)
                .map(|at| number(&cart, &format!("/lineItems/{at}/totalPrice/centAmount")))
                .sum();
            let shipping = number(&cart, "/shippingInfo/price/centAmount");
            assert_eq!(total(&cart), lines + shipping);
            let [net, gross, tax] = taxed(&cart);
            assert_eq!(gross, net + tax);
            let portions = cart["taxedPrice"]["taxPortions"].as_array().unwrap();
            let portions: i64 = portions
                .iter()
                .map(|portion| number(portion, "/amount/centAmount"))
                .sum();
            assert_eq!(portions, tax);
            assert_eq!(gross, total(&cart), "every tax here is included");
        }
    });
}
