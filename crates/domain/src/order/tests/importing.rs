//! Orders that were placed elsewhere: everything they say is kept, derived or refused.

use serde_json::{Value, json};

use crate::{
    cart::{
        replicate::{Original, replicate},
        tests::{Shop, lines},
    },
    error::DomainError,
    kind::Kind,
    order::{Order, stock_demand},
    test_world::shown,
};

fn euro(cents: i64) -> Value {
    json!({ "currencyCode": "EUR", "centAmount": cents })
}

fn rate(amount: &str, included: bool) -> Value {
    let amount: Value = serde_json::from_str(amount).unwrap();
    json!({ "name": "vat", "amount": amount, "includedInPrice": included, "country": "DE" })
}

/// One line of 2 × 10.00 with these members.
fn line(members: Value) -> Value {
    let mut line = json!({
        "name": { "en": "Old" }, "variant": { "sku": "SKU-1" }, "quantity": 2,
        "price": { "value": euro(1000) }
    });
    for (name, value) in members.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

fn import(shop: &mut Shop, members: Value) -> Result<Order, DomainError> {
    shop.by_backend();
    let mut draft = json!({ "totalPrice": euro(2000) });
    for (name, value) in members.as_object().unwrap() {
        draft[name] = value.clone();
    }
    shop.around.create(draft)
}

fn imported(members: Value) -> Value {
    shown(&import(&mut Shop::new(), members).unwrap())
}

fn refused(members: Value) -> DomainError {
    import(&mut Shop::new(), members).unwrap_err()
}

/// Net, gross and tax.
fn taxes(taxed: &Value) -> [i64; 3] {
    ["totalNet", "totalGross", "totalTax"].map(|part| taxed[part]["centAmount"].as_i64().unwrap())
}

#[test]
fn tax_that_is_not_given_is_computed_with_the_rates_that_are() {
    let custom = json!({
        "name": { "en": "Wrap" }, "slug": "wrap", "quantity": 1, "money": euro(500),
        "taxRate": rate("0.1", false), "taxCategory": { "typeId": "tax-category", "key": "std" }
    });
    let shipping = json!({
        "shippingMethodName": "Post", "price": euro(490), "shippingRate": { "price": euro(990) },
        "taxRate": rate("0.19", true)
    });
    let order = imported(json!({
        "lineItems": [line(json!({ "taxRate": rate("0.19", true) }))],
        "customLineItems": [custom], "shippingInfo": shipping
    }));
    assert_eq!(
        taxes(&order["lineItems"][0]["taxedPrice"]),
        [1681, 2000, 319]
    );
    assert_eq!(
        taxes(&order["customLineItems"][0]["taxedPrice"]),
        [500, 550, 50]
    );
    assert_eq!(taxes(&order["shippingInfo"]["taxedPrice"]), [412, 490, 78]);
    assert_eq!(
        order["taxedShippingPrice"],
        order["shippingInfo"]["taxedPrice"]
    );
    assert_eq!(taxes(&order["taxedPrice"]), [2593, 3040, 447]);
    assert_eq!(order["totalPrice"]["centAmount"], 2000);
}

#[test]
fn without_a_rate_for_every_part_there_is_no_total_tax() {
    let order = imported(json!({
        "lineItems": [line(json!({ "taxRate": rate("0.19", true) })), line(json!({}))]
    }));
    assert_eq!(
        taxes(&order["lineItems"][0]["taxedPrice"]),
        [1681, 2000, 319]
    );
    assert_eq!(order["lineItems"][1].get("taxedPrice"), None);
    assert_eq!(order.get("taxedPrice"), None);
}

#[test]
fn tax_that_is_given_is_kept_as_it_is() {
    let given = json!({
        "totalNet": euro(1), "totalGross": euro(2), "totalTax": euro(3),
        "taxPortions": [{ "rate": 0.5, "amount": euro(4), "name": "odd" }]
    });
    let order = imported(json!({
        "lineItems": [line(json!({ "taxRate": rate("0.19", true), "taxedPrice": given }))],
        "taxedPrice": given
    }));
    for taxed in [&order["taxedPrice"], &order["lineItems"][0]["taxedPrice"]] {
        assert_eq!(taxes(taxed), [1, 2, 3]);
        assert_eq!(taxed["taxPortions"][0]["amount"]["centAmount"], 4);
    }
    let without_rate = refused(json!({ "lineItems": [line(json!({ "taxedPrice": given }))] }));
    assert!(
        matches!(&without_rate, DomainError::RequiredField { field } if field == "taxRate"),
        "{without_rate:?}"
    );
}

#[test]
fn a_tax_rate_outside_zero_to_one_is_refused() {
    for amount in ["-1", "1.5"] {
        let error =
            refused(json!({ "lineItems": [line(json!({ "taxRate": rate(amount, true) }))] }));
        assert!(
            matches!(&error, DomainError::InvalidField { field, .. } if field == "taxRate.amount"),
            "{error:?}"
        );
    }
}

#[test]
fn shipping_is_kept_with_its_deliveries() {
    let order = imported(json!({
        "lineItems": [line(json!({}))],
        "shippingInfo": {
            "shippingMethodName": "Post", "price": euro(490),
            "shippingRate": { "price": euro(990), "freeAbove": euro(5000) },
            "taxCategory": { "typeId": "tax-category", "key": "std" },
            "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
            "discountedPrice": { "value": euro(100), "includedDiscounts": [] },
            "deliveries": [{ "key": "first", "items": [{ "id": "x", "quantity": 2 }],
                "parcels": [{ "trackingData": { "trackingId": "T1" } }] }]
        }
    }));
    let info = &order["shippingInfo"];
    assert_eq!(info["shippingMethodName"], "Post");
    assert_eq!(info["price"]["centAmount"], 490);
    assert_eq!(info["shippingRate"]["price"]["centAmount"], 990);
    assert_eq!(info["shippingRate"]["freeAbove"]["centAmount"], 5000);
    assert_eq!(info["discountedPrice"]["value"]["centAmount"], 100);
    assert_eq!(info["shippingMethodState"], "MatchesCart");
    assert_eq!(info["taxCategory"]["typeId"], "tax-category");
    assert_eq!(info["shippingMethod"]["typeId"], "shipping-method");
    assert_eq!(info["deliveries"][0]["key"], "first");
    assert_eq!(
        info["deliveries"][0]["parcels"][0]["trackingData"]["trackingId"],
        "T1"
    );
}

#[test]
fn shipping_must_be_in_the_currency_of_the_order_and_of_methods_and_discounts_that_exist() {
    let with = |members: Value| {
        let mut info = json!({
            "shippingMethodName": "Post", "price": euro(490), "shippingRate": { "price": euro(490) }
        });
        for (name, value) in members.as_object().unwrap() {
            info[name] = value.clone();
        }
        refused(json!({ "lineItems": [line(json!({}))], "shippingInfo": info }))
    };
    let dollar = json!({ "currencyCode": "USD", "centAmount": 1 });
    for wrong in [
        json!({ "price": dollar }),
        json!({ "shippingRate": { "price": dollar } }),
    ] {
        assert!(!matches!(with(wrong), DomainError::World(_)));
    }
    let discount = json!({
        "discount": { "typeId": "cart-discount", "key": "none" }, "discountedAmount": euro(1)
    });
    for (member, kind) in [
        (
            json!({ "shippingMethod": { "key": "none" } }),
            Kind::ShippingMethod,
        ),
        (
            json!({ "taxCategory": { "key": "none" } }),
            Kind::TaxCategory,
        ),
        (
            json!({ "discountedPrice": { "value": euro(1), "includedDiscounts": [discount] } }),
            Kind::CartDiscount,
        ),
    ] {
        let error = with(member);
        assert!(
            matches!(&error, DomainError::ReferencedResourceNotFound { kind: missing, .. } if *missing == kind),
            "{error:?}"
        );
    }
}

#[test]
fn units_go_to_the_addresses_of_the_order() {
    let details = |key: &str, quantity: i64| json!({ "targets": [{ "addressKey": key, "quantity": quantity }] });
    let order = |details: Value, keys: &[&str]| {
        let addresses: Vec<Value> = keys
            .iter()
            .map(|key| json!({ "country": "DE", "key": key }))
            .collect();
        json!({
            "lineItems": [line(json!({ "shippingDetails": details }))],
            "itemShippingAddresses": addresses
        })
    };
    let kept = imported(order(details("home", 2), &["home", "work"]));
    assert_eq!(
        kept["lineItems"][0]["shippingDetails"],
        json!({ "targets": [{ "addressKey": "home", "quantity": 2 }], "valid": true })
    );
    assert_eq!(kept["itemShippingAddresses"][1]["key"], "work");
    let short = imported(order(details("home", 1), &["home"]));
    assert_eq!(short["lineItems"][0]["shippingDetails"]["valid"], false);
    for wrong in [
        order(details("moon", 2), &["home"]),
        order(details("home", -2), &["home"]),
        order(details("home", 2), &["home", "home"]),
    ] {
        import(&mut Shop::new(), wrong).unwrap_err();
    }
    let nameless = refused(json!({
        "lineItems": [line(json!({}))], "itemShippingAddresses": [{ "country": "DE" }]
    }));
    assert!(
        matches!(nameless, DomainError::RequiredField { field } if field == "itemShippingAddresses.key")
    );
}

#[test]
fn prices_attributes_and_images_that_are_given_take_the_place_of_the_variants() {
    let variant = json!({
        "sku": "SKU-1", "prices": [{ "value": euro(7) }],
        "images": [{ "url": "https://example.com/old.png", "dimensions": { "w": 1, "h": 2 } }]
    });
    let order = imported(json!({ "lineItems": [line(json!({ "variant": variant }))] }));
    let stored = &order["lineItems"][0]["variant"];
    assert_eq!(stored["prices"].as_array().unwrap().len(), 1);
    assert_eq!(stored["prices"][0]["value"]["centAmount"], 7);
    assert_eq!(stored["images"][0]["url"], "https://example.com/old.png");
    let unknown = json!({ "sku": "SKU-1", "attributes": [{ "name": "none", "value": 1 }] });
    refused(json!({ "lineItems": [line(json!({ "variant": unknown }))] }));
}

#[test]
fn a_line_is_for_the_variant_it_names_or_for_none() {
    let mut shop = Shop::new();
    let product = shop.product("SKU-2");
    for (members, field) in [
        (json!({ "productId": product.id }), "variant.sku"),
        (json!({ "variant": { "sku": "none" } }), "variant.sku"),
        (
            json!({ "variant": { "sku": "SKU-1", "id": 9 } }),
            "variant.id",
        ),
        (
            json!({ "productId": product.id, "variant": { "id": 9 } }),
            "variant.id",
        ),
    ] {
        let error = import(&mut shop, json!({ "lineItems": [line(members)] })).unwrap_err();
        assert!(
            matches!(&error, DomainError::InvalidField { field: named, .. } if named == field),
            "{error:?}"
        );
    }
}

#[test]
fn quantities_may_be_negative_and_take_nothing_from_the_stock() {
    let mut shop = Shop::new();
    let lines = json!([
        line(json!({ "quantity": -2 })),
        line(json!({ "inventoryMode": "TrackOnly" }))
    ]);
    let order = import(
        &mut shop,
        json!({ "lineItems": lines, "inventoryMode": "ReserveOnOrder" }),
    )
    .unwrap();
    assert_eq!(order.line_items[0].total_price.cent_amount.get(), -2000);
    assert_eq!(order.line_items[0].state[0].quantity, -2);
    let demands = stock_demand(&order);
    assert_eq!(demands.len(), 1);
    assert_eq!(demands[0].quantity, 2);
}

#[test]
fn what_an_imported_order_took_back_is_not_bought_again() {
    let mut shop = Shop::new();
    let euro_line = |quantity: i64| line(json!({ "quantity": quantity }));
    let order = import(
        &mut shop,
        json!({ "country": "DE", "lineItems": [euro_line(-2), euro_line(3)] }),
    )
    .unwrap();
    let original = Original::Order(&order);
    let cart = replicate(original, None, &mut shop.around.context()).unwrap();
    assert_eq!(lines(&cart), [("SKU-1", 3)]);
}

#[test]
fn what_is_not_offered_is_refused_by_name() {
    let unit = json!({ "typeId": "business-unit", "key": "b" });
    let lines = json!([line(json!({}))]);
    for (members, named) in [
        (
            json!({ "lineItems": lines, "businessUnit": unit }),
            "businessUnit",
        ),
        (
            json!({ "lineItems": lines, "inventoryMode": "ReserveOnCart" }),
            "ReserveOnCart",
        ),
        (
            json!({ "lineItems": [line(json!({ "inventoryMode": "ReserveOnCart" }))] }),
            "ReserveOnCart",
        ),
    ] {
        let message = refused(members).to_string();
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn payments_and_groups_exist_and_the_group_that_is_given_counts() {
    let payment = |id: &str| json!({ "payments": [{ "typeId": "payment", "id": id }] });
    let lines = json!([line(json!({}))]);
    let missing = refused(json!({ "lineItems": lines, "paymentInfo": payment("none") }));
    assert!(
        matches!(
            missing,
            DomainError::ReferencedResourceNotFound {
                kind: Kind::Payment,
                ..
            }
        ),
        "{missing:?}"
    );
    let mut shop = Shop::new();
    shop.around.world.put_bare(Kind::Payment, "p1", None);
    shop.around.world.put_bare(Kind::CustomerGroup, "vip", None);
    let order = import(
        &mut shop,
        json!({
            "lineItems": lines, "paymentInfo": payment("p1"),
            "customerGroup": { "typeId": "customer-group", "id": "vip" }
        }),
    )
    .unwrap();
    assert_eq!(order.payment_info.unwrap().payments[0].id, "p1");
    assert_eq!(order.customer_group.unwrap().id, "vip");
    let none = imported(json!({ "lineItems": lines, "paymentInfo": { "payments": [] } }));
    assert_eq!(none.get("paymentInfo"), None);
}
