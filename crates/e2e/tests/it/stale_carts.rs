//! A catalog that changes while guests shop.

use serde_json::{Value, json};

use crate::support::{Backend, Shop, address, on_each_database, price_change, unpublish};

fn total(cart: &Value) -> i64 {
    cart["totalPrice"]["centAmount"].as_i64().expect("cents")
}

fn e_mail(address: &str) -> Value {
    json!([{ "action": "setCustomerEmail", "email": address }])
}

/// A cart with three products that ships to Berlin.
fn full_cart(shop: &Shop) -> (crate::support::Guest, Value) {
    let guest = shop.guest("phone-123");
    let cart = guest.my_cart(json!({
        "currency": "EUR", "country": "DE", "shippingAddress": address(),
        "lineItems": [{ "sku": "SKU-1" }, { "sku": "SKU-14" }, { "sku": "SKU-25" }],
        "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
    }));
    assert_eq!(total(&cart), 1234 + 14 + 25 + 490);
    (guest, cart)
}

fn another_shipping_rate(admin: &Backend, cents: i64) {
    let method = admin.get("/shipping-methods/key=standard").expect(200);
    let zone = json!({ "typeId": "zone", "key": "de" });
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let actions = json!([
        { "action": "removeZone", "zone": zone },
        { "action": "addZone", "zone": zone },
        { "action": "addShippingRate", "zone": zone, "shippingRate": { "price": euro(cents) } },
    ]);
    admin
        .update("/shipping-methods", &method, actions)
        .expect(200);
}

fn another_tax_rate(admin: &Backend) {
    let category = admin.get("/tax-categories/key=std").expect(200);
    let actions = json!([{
        "action": "replaceTaxRate", "taxRateId": category["rates"][0]["id"],
        "taxRate": { "name": "std-de", "country": "DE", "amount": 0.07, "includedInPrice": true },
    }]);
    admin
        .update("/tax-categories", &category, actions)
        .expect(200);
}

#[test]
fn whoever_goes_on_shopping_sees_the_prices_of_now_and_can_order() {
    on_each_database(|shop| {
        let (guest, cart) = full_cart(shop);
        let admin = shop.admin();
        price_change(shop, "SKU-1", 1300);
        another_shipping_rate(&admin, 590);
        another_tax_rate(&admin);
        assert_eq!(guest.my_cart_again(&cart), cart);
        let seen = guest
            .change_my_cart(&cart, e_mail("guest@example.com"))
            .expect(200);
        assert_eq!(total(&seen), 1300 + 14 + 25 + 590);
        assert_eq!(seen["lineItems"][0]["taxRate"]["amount"], 0.07);
        assert_eq!(seen["shippingInfo"]["taxRate"]["amount"], 0.07);
        let order = guest.order_my_cart(&seen).expect(201);
        assert_eq!(order["totalPrice"], seen["totalPrice"]);
        assert_eq!(order["taxedPrice"], seen["taxedPrice"]);
    });
}

#[test]
fn every_instance_sees_a_change_of_the_catalog_at_once() {
    on_each_database(|shop| {
        let (guest, mut cart) = full_cart(shop);
        let other = shop.another_api();
        let there = guest.api.at(&other);
        for (round, cents) in (1..).zip([1300, 1400, 1500, 1600]) {
            price_change(shop, "SKU-1", cents);
            let through = if round % 2 == 0 { &guest.api } else { &there };
            cart = through
                .change_my_cart(&cart, e_mail(&format!("{round}@example.com")))
                .expect(200);
            assert_eq!(total(&cart), cents + 14 + 25 + 490);
        }
    });
}

#[test]
fn an_update_that_finds_nothing_new_changes_nothing() {
    on_each_database(|shop| {
        let (guest, cart) = full_cart(shop);
        let country = json!([{ "action": "setCountry", "country": "DE" }]);
        let again = guest.change_my_cart(&cart, country.clone()).expect(200);
        assert_eq!(again, cart);
        price_change(shop, "SKU-1", 1300);
        let fresh = guest.change_my_cart(&cart, country).expect(200);
        assert_eq!(fresh["version"], 2);
        assert_eq!(total(&fresh), 1300 + 14 + 25 + 490);
    });
}

#[test]
fn what_is_not_sold_any_more_stops_the_order_and_nothing_else() {
    on_each_database(|shop| {
        let (guest, cart) = full_cart(shop);
        unpublish(shop, "SKU-14");
        let seen = guest
            .change_my_cart(&cart, e_mail("guest@example.com"))
            .expect(200);
        assert_eq!(total(&seen), total(&cart));
        guest.order_my_cart(&seen).refused(400, "InvalidOperation");
        let remove = json!([{
            "action": "removeLineItem", "lineItemId": cart["lineItems"][1]["id"],
        }]);
        let seen = guest.change_my_cart(&seen, remove).expect(200);
        guest.order_my_cart(&seen).expect(201);
    });
}
