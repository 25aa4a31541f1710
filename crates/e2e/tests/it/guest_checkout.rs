//! A guest fills a cart and orders it.

use serde_json::{Value, json};

use crate::support::{
    Guest, Shop, address, assert_shows, number, on_each_database, price_change, text, with_stock,
};

/// A guest's cart with two units of one product, at version 2.
fn cart_with_a_line(guest: &Guest) -> Value {
    let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
    let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 2 }]);
    guest.change_my_cart(&cart, add).expect(200)
}

/// A guest's cart that lacks nothing, at version 2.
fn cart_ready_to_order(guest: &Guest) -> Value {
    let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
    let actions = json!([
        { "action": "addLineItem", "sku": "SKU-1", "quantity": 3 },
        { "action": "setCustomerEmail", "email": "guest@example.com" },
        { "action": "setShippingAddress", "address": address() },
        { "action": "setBillingAddress", "address": address() },
        {
            "action": "setShippingMethod",
            "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
        },
    ]);
    guest.change_my_cart(&cart, actions).expect(200)
}

fn orders_of(guest: &Guest) -> Vec<Value> {
    let page = guest.get("/me/orders").expect(200);
    page["results"].as_array().expect("results").clone()
}

#[test]
fn a_new_cart_belongs_to_the_guest_and_shows_every_default() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
        assert_shows(
            &cart,
            json!({
                "version": 1, "anonymousId": "phone-123", "customerId": null,
                "cartState": "Active", "origin": "Customer", "country": "DE",
                "taxMode": "Platform", "taxRoundingMode": "HalfEven",
                "taxCalculationMode": "LineItemLevel", "inventoryMode": "None",
                "shippingMode": "Single", "lineItems": [], "customLineItems": [],
                "discountCodes": [], "directDiscounts": [], "itemShippingAddresses": [],
                "refusedGifts": [], "shipping": [], "deleteDaysAfterLastModification": 90,
                "totalPrice": {
                    "type": "centPrecision", "currencyCode": "EUR",
                    "centAmount": 0, "fractionDigits": 2,
                },
                "taxedPrice": null, "totalLineItemQuantity": null,
                "createdBy": { "anonymousId": "phone-123", "clientId": shop.clients.mobile.id },
                "createdAt": cart["lastModifiedAt"],
            }),
        );
        assert!(is_uuid_v4(&text(&cart, "/id")), "{}", cart["id"]);
    });
}

fn is_uuid_v4(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
    lengths == [8, 4, 4, 4, 12] && text.chars().all(is_hex) && text[14..].starts_with('4')
}

#[test]
fn a_guest_cannot_create_a_cart_for_somebody_else() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({
            "currency": "EUR", "customerId": alice.id, "anonymousId": "phone-456",
        }));
        assert_shows(
            &cart,
            json!({ "anonymousId": "phone-123", "customerId": null }),
        );
        assert_eq!(alice.get("/me/carts").expect(200)["total"], 0);
    });
}

#[test]
fn an_added_line_has_the_price_of_the_carts_country() {
    on_each_database(|shop| {
        let cart = cart_with_a_line(&shop.guest("phone-123"));
        assert_shows(
            &cart,
            json!({
                "version": 2, "totalLineItemQuantity": 2, "taxedPrice": null,
                "totalPrice": { "centAmount": 2468 },
                "lineItems": [{
                    "quantity": 2, "name": { "en": "SKU-1" },
                    "variant": { "id": 1, "sku": "SKU-1" },
                    "price": { "value": { "centAmount": 1234 }, "country": "DE" },
                    "totalPrice": { "centAmount": 2468 }, "priceMode": "Platform",
                    "lineItemMode": "Standard", "discountedPricePerQuantity": [],
                    "state": [{ "quantity": 2, "state": { "typeId": "state" } }],
                    "taxedPrice": null,
                }],
            }),
        );
    });
}

#[test]
fn adding_a_variant_again_adds_to_its_line() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_with_a_line(&guest);
        let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 3 }]);
        let fuller = guest.change_my_cart(&cart, add).expect(200);
        assert_shows(
            &fuller,
            json!({
                "version": 3, "totalPrice": { "centAmount": 6170 },
                "lineItems": [{
                    "id": cart["lineItems"][0]["id"], "quantity": 5,
                    "totalPrice": { "centAmount": 6170 }, "state": [{ "quantity": 5 }],
                }],
            }),
        );
    });
}

#[test]
fn address_and_shipping_method_complete_the_price_with_tax_and_shipping() {
    on_each_database(|shop| {
        let cart = cart_ready_to_order(&shop.guest("phone-123"));
        assert_shows(
            &cart,
            json!({
                "version": 2, "customerEmail": "guest@example.com",
                "totalPrice": { "centAmount": 4192 },
                "shippingInfo": {
                    "shippingMethodName": "standard", "price": { "centAmount": 490 },
                    "shippingMethodState": "MatchesCart",
                },
                "taxedPrice": {
                    "totalNet": { "centAmount": 3523 }, "totalGross": { "centAmount": 4192 },
                    "totalTax": { "centAmount": 669 },
                    "taxPortions": [{ "rate": 0.19, "amount": { "centAmount": 669 } }],
                },
                "taxedShippingPrice": {
                    "totalNet": { "centAmount": 412 }, "totalGross": { "centAmount": 490 },
                },
            }),
        );
    });
}

#[test]
fn an_order_is_what_the_cart_was() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_ready_to_order(&guest);
        let order = guest.order_my_cart(&cart).expect(201);
        assert_shows(
            &order,
            json!({
                "version": 1, "orderState": "Open", "orderNumber": null,
                "anonymousId": "phone-123", "customerId": null,
                "customerEmail": "guest@example.com", "origin": "Customer",
                "cart": { "typeId": "cart", "id": cart["id"] },
                "totalPrice": cart["totalPrice"], "taxedPrice": cart["taxedPrice"],
                "taxedShippingPrice": cart["taxedShippingPrice"],
                "lineItems": [{ "id": cart["lineItems"][0]["id"], "quantity": 3 }],
                "shippingAddress": address(), "billingAddress": address(),
                "createdBy": { "anonymousId": "phone-123" },
            }),
        );
        let order_path = format!("/me/orders/{}", text(&order, "/id"));
        assert_eq!(guest.get(&order_path).expect(200), order);
        assert_eq!(orders_of(&guest), [order]);
    });
}

#[test]
fn an_ordered_cart_is_closed_and_no_longer_active() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_ready_to_order(&guest);
        guest.order_my_cart(&cart).expect(201);
        let closed = guest.my_cart_again(&cart);
        assert_shows(&closed, json!({ "cartState": "Ordered", "version": 3 }));
        guest
            .get("/me/active-cart")
            .refused(404, "ResourceNotFound");
        let rename = json!([{ "action": "setCustomerEmail", "email": "other@example.com" }]);
        let refusal = guest.change_my_cart(&closed, rename);
        refusal.refused(400, "InvalidOperation");
    });
}

#[test]
fn an_order_leaves_a_message_with_the_order_in_it() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let order = guest
            .order_my_cart(&cart_ready_to_order(&guest))
            .expect(201);
        let messages = shop.admin().find("/messages", r#"type = "OrderCreated""#);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_shows(
            &messages[0],
            json!({
                "resource": { "typeId": "order", "id": order["id"] },
                "order": { "id": order["id"], "totalPrice": { "centAmount": 4192 } },
            }),
        );
    });
}

#[test]
fn a_cart_can_be_ordered_once_only() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_ready_to_order(&guest);
        guest.order_my_cart(&cart).expect(201);
        let stale = guest
            .order_my_cart(&cart)
            .refused(409, "ConcurrentModification");
        assert_eq!(stale["currentVersion"], 3);
        let again = guest.order_my_cart(&guest.my_cart_again(&cart));
        again.refused(400, "InvalidOperation");
        assert_eq!(orders_of(&guest).len(), 1);
    });
}

#[test]
fn a_cart_without_shipping_address_is_not_ordered_and_stays_as_it_is() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_with_a_line(&guest);
        guest.order_my_cart(&cart).refused(400, "InvalidOperation");
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn an_empty_cart_is_not_ordered() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "EUR", "shippingAddress": address() }));
        guest.order_my_cart(&cart).refused(400, "InvalidOperation");
        assert_eq!(guest.my_cart_again(&cart)["cartState"], "Active");
    });
}

#[test]
fn a_shipping_method_needs_a_shipping_address_first() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_with_a_line(&guest);
        let choose = json!([{
            "action": "setShippingMethod",
            "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
        }]);
        let refusal = guest.change_my_cart(&cart, choose);
        refusal.refused(400, "InvalidOperation");
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn when_one_action_fails_none_of_them_happens() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
        let actions = json!([
            { "action": "setCountry", "country": "US" },
            { "action": "addLineItem", "sku": "NOPE" },
        ]);
        let reply = guest.change_my_cart(&cart, actions);
        assert!((400..500).contains(&reply.status), "{reply:?}");
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn the_active_cart_is_the_one_changed_last() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let first = guest.my_cart(json!({ "currency": "EUR" }));
        let second = guest.my_cart(json!({ "currency": "EUR" }));
        assert_eq!(guest.get("/me/active-cart").expect(200), second);
        let move_to_germany = json!([{ "action": "setCountry", "country": "DE" }]);
        let first = guest.change_my_cart(&first, move_to_germany).expect(200);
        assert_eq!(guest.get("/me/active-cart").expect(200), first);
    });
}

#[test]
fn a_cart_that_the_merchant_made_is_the_guests_but_never_the_active_one() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let own = guest.my_cart(json!({ "currency": "EUR" }));
        let draft = json!({ "currency": "EUR", "anonymousId": "phone-123", "origin": "Merchant" });
        shop.backend().post("/carts", draft).expect(201);
        assert_eq!(guest.get("/me/active-cart").expect(200), own);
        assert_eq!(guest.get("/me/carts").expect(200)["total"], 2);
    });
}

#[test]
fn a_backend_keeps_carts_for_anonymous_ids_of_its_own() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let draft = json!({ "currency": "USD", "country": "US", "anonymousId": "foobar" });
        let cart = backend.post("/carts", draft).expect(201);
        let other = json!({ "currency": "USD", "anonymousId": "foobaz" });
        backend.post("/carts", other).expect(201);
        let page = backend.query("/carts", &[("where", r#"anonymousId = "foobar""#)]);
        assert_shows(
            &page.expect(200),
            json!({
                "count": 1, "total": 1, "limit": 20, "offset": 0,
                "results": [{ "id": cart["id"], "anonymousId": "foobar" }],
            }),
        );
    });
}

#[test]
fn an_anonymous_id_that_somebody_used_is_not_given_to_another_guest() {
    on_each_database(|shop| {
        let _known = shop.guest("phone-123");
        let draft = json!({ "currency": "EUR", "anonymousId": "foobar" });
        shop.backend().post("/carts", draft).expect(201);
        for taken in ["phone-123", "foobar"] {
            let refusal = shop
                .ask_for_guest(Some(taken))
                .refused(400, "invalid_request");
            assert_eq!(refusal["message"], "The anonymousId is already in use.");
        }
        shop.guest("phone-456");
    });
}

#[test]
fn a_price_that_changed_must_be_seen_before_it_is_ordered() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_ready_to_order(&guest);
        price_change(shop, "SKU-1", 1300);
        let refusal = guest.order_my_cart(&cart).refused(400, "PriceChanged");
        assert_shows(
            &refusal,
            json!({ "lineItems": [cart["lineItems"][0]["id"]], "shipping": false }),
        );
        assert_eq!(
            guest.my_cart_again(&cart),
            cart,
            "reading does not change prices"
        );
        let recalculate = json!([{ "action": "recalculate" }]);
        let seen = guest.change_my_cart(&cart, recalculate).expect(200);
        assert_shows(
            &seen,
            json!({
                "totalPrice": { "centAmount": 4390 },
                "lineItems": [{ "price": { "value": { "centAmount": 1300 } } }],
            }),
        );
        let order = guest.order_my_cart(&seen).expect(201);
        assert_eq!(number(&order, "/totalPrice/centAmount"), 4390);
    });
}

#[test]
fn a_guest_cannot_switch_taxes_off() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let reply = guest.post(
            "/me/carts",
            json!({ "currency": "EUR", "taxMode": "Disabled" }),
        );
        assert_eq!(reply.status, 400, "{reply:?}");
        let cart = guest.my_cart(json!({ "currency": "EUR" }));
        let switch_off = json!([{ "action": "changeTaxMode", "taxMode": "Disabled" }]);
        let reply = guest.change_my_cart(&cart, switch_off);
        assert_eq!(reply.status, 400, "{reply:?}");
        assert_eq!(guest.my_cart_again(&cart)["taxMode"], "Platform");
    });
}

#[test]
fn a_guest_cannot_add_lines_with_prices_of_its_own() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "EUR" }));
        let gift = json!([{
            "action": "addCustomLineItem", "name": { "en": "x" }, "slug": "x1",
            "money": { "currencyCode": "EUR", "centAmount": -500 },
        }]);
        guest
            .change_my_cart(&cart, gift)
            .refused(400, "InvalidJsonInput");
        let cheap = json!([{
            "action": "addLineItem", "sku": "SKU-2", "quantity": 1,
            "externalPrice": { "currencyCode": "EUR", "centAmount": 1 },
        }]);
        let cart = guest.change_my_cart(&cart, cheap).expect(200);
        assert_eq!(number(&cart, "/totalPrice/centAmount"), 1999);
    });
}

#[test]
fn an_address_in_a_country_without_tax_rate_is_refused() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_with_a_line(&guest);
        let go_to_france =
            json!([{ "action": "setShippingAddress", "address": { "country": "FR" } }]);
        let reply = guest.change_my_cart(&cart, go_to_france);
        let refusal = reply.refused(400, "MissingTaxRateForCountry");
        let taxes = shop.admin().get("/tax-categories/key=std").expect(200);
        assert_shows(
            &refusal,
            json!({ "country": "FR", "taxCategoryId": taxes["id"] }),
        );
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

fn cart_that_takes_from_stock(guest: &Guest, quantity: i64) -> Value {
    guest.my_cart(json!({
        "currency": "EUR", "country": "DE", "inventoryMode": "ReserveOnOrder",
        "shippingAddress": address(),
        "lineItems": [{ "sku": "SKU-1", "quantity": quantity }],
    }))
}

fn available(shop: &Shop, entry: &Value) -> Value {
    let path = format!("/inventory/{}", text(entry, "/id"));
    shop.admin().get(&path).expect(200)["availableQuantity"].clone()
}

#[test]
fn more_than_there_is_on_stock_cannot_be_ordered() {
    on_each_database(|shop| {
        let entry = with_stock(shop, "SKU-1", 1);
        let guest = shop.guest("phone-123");
        let cart = cart_that_takes_from_stock(&guest, 2);
        let refusal = guest.order_my_cart(&cart).refused(400, "OutOfStock");
        assert_shows(
            &refusal,
            json!({ "skus": ["SKU-1"], "lineItems": [cart["lineItems"][0]["id"]] }),
        );
        assert_eq!(available(shop, &entry), 1);
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn an_order_takes_its_units_from_stock() {
    on_each_database(|shop| {
        let entry = with_stock(shop, "SKU-1", 1);
        let guest = shop.guest("phone-123");
        let cart = cart_that_takes_from_stock(&guest, 1);
        guest.order_my_cart(&cart).expect(201);
        assert_eq!(available(shop, &entry), 0);
    });
}
