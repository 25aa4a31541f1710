//! Orders that were placed elsewhere, and the stock they take.

use serde_json::{Value, json};

use crate::support::{Shop, address, assert_shows, number, on_each_database, text, with_stock};

fn euro(cents: i64) -> Value {
    json!({ "currencyCode": "EUR", "centAmount": cents })
}

fn draft(number: &str, quantity: i64) -> Value {
    let rate = json!({ "name": "vat", "amount": 0.19, "includedInPrice": true, "country": "DE" });
    let mut to = address();
    to["key"] = "home".into();
    json!({
        "orderNumber": number, "totalPrice": euro(2490), "inventoryMode": "ReserveOnOrder",
        "shippingAddress": address(), "itemShippingAddresses": [to],
        "lineItems": [{
            "name": { "en": "Old" }, "variant": { "sku": "SKU-1" }, "quantity": quantity,
            "price": { "value": euro(1000) }, "taxRate": rate,
            "shippingDetails": { "targets": [{ "addressKey": "home", "quantity": quantity }] },
        }],
        "shippingInfo": {
            "shippingMethodName": "Post", "price": euro(490), "shippingRate": { "price": euro(490) },
            "taxRate": rate, "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
        },
    })
}

fn available(shop: &Shop, entry: &Value) -> i64 {
    let path = format!("/inventory/{}", text(entry, "/id"));
    number(&shop.admin().get(&path).expect(200), "/availableQuantity")
}

#[test]
fn an_imported_order_keeps_what_it_says_and_takes_its_units() {
    on_each_database(|shop| {
        let entry = with_stock(shop, "SKU-1", 3);
        let backend = shop.backend();
        let order = backend
            .post("/orders/import", draft("old-1", 2))
            .expect(201);
        assert_shows(
            &order,
            json!({
                "orderNumber": "old-1", "inventoryMode": "ReserveOnOrder",
                "taxedPrice": {
                    "totalNet": { "centAmount": 2093 }, "totalGross": { "centAmount": 2490 },
                },
                "shippingInfo": { "shippingMethodName": "Post", "price": { "centAmount": 490 } },
            }),
        );
        assert_eq!(order["lineItems"][0]["shippingDetails"]["valid"], true);
        assert_eq!(available(shop, &entry), 1);
        let read = format!("/orders/{}", text(&order, "/id"));
        assert_eq!(backend.get(&read).expect(200), order);
    });
}

#[test]
fn an_imported_order_that_needs_too_much_is_refused_whole() {
    on_each_database(|shop| {
        let entry = with_stock(shop, "SKU-1", 3);
        let backend = shop.backend();
        let refusal = backend
            .post("/orders/import", draft("old-1", 4))
            .refused(400, "OutOfStock");
        assert_eq!(refusal["skus"], json!(["SKU-1"]));
        assert_eq!(available(shop, &entry), 3);
        assert!(backend.find("/orders", "orderNumber=\"old-1\"").is_empty());
        backend
            .post("/orders/import", draft("old-1", 3))
            .expect(201);
        backend
            .post("/orders/import", draft("old-1", 3))
            .refused(400, "DuplicateField");
        assert_eq!(available(shop, &entry), 0);
    });
}
