//! Each rule that can be broken, and the whole answer: clients read the members of an error, people its message.

use serde_json::{Value, json};

use crate::support::{
    Guest, Reply, address, number, on_each_database, price_change, text, with_stock,
};

const UNKNOWN: &str = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";

/// Fails unless the body is exactly one error: its code, its message and these members.
#[track_caller]
fn expect_error(reply: Reply, status: u16, code: &str, message: &str, members: Value) {
    let mut error = json!({ "code": code, "message": message });
    for (name, value) in members.as_object().into_iter().flatten() {
        error[name] = value.clone();
    }
    let wanted = json!({ "statusCode": status, "message": message, "errors": [error] });
    assert_eq!(reply.expect(status), wanted);
}

fn cart_with(guest: &Guest, sku: &str, mode: &str) -> Value {
    guest.my_cart(json!({
        "currency": "EUR", "country": "DE", "shippingAddress": address(), "inventoryMode": mode,
        "lineItems": [{ "sku": sku, "quantity": 2 }],
    }))
}

#[test]
fn a_value_that_is_taken() {
    on_each_database(|shop| {
        let (backend, guest) = (shop.backend(), shop.guest("phone-123"));
        let message = "There is already an existing customer with the provided email.";
        let taken = json!({ "field": "email", "duplicateValue": "Alice@Example.com" });
        let reply = guest.sign_up("Alice@Example.com", "secret");
        expect_error(reply, 400, "DuplicateField", message, taken.clone());
        let draft = json!({ "email": "Alice@Example.com", "password": "x" });
        let reply = backend.post("/customers", draft);
        expect_error(reply, 400, "DuplicateField", message, taken);

        let draft = json!({ "currency": "EUR", "key": "mine" });
        backend.post("/carts", draft.clone()).expect(201);
        let reply = backend.post("/carts", draft);
        let error = reply.clone().refused(400, "DuplicateField");
        assert_eq!(
            text(&error, "/message").replace('\'', ""),
            "A duplicate value mine exists for field key."
        );
        assert_eq!(
            (&error["field"], &error["duplicateValue"]),
            (&json!("key"), &json!("mine"))
        );
    });
}

#[test]
fn credentials_that_are_wrong() {
    on_each_database(|shop| {
        let (backend, guest, alice) = (shop.backend(), shop.guest("phone-123"), shop.alice());
        let message = "Account with the given credentials not found.";
        for email in ["alice@example.com", "nobody@example.com", ""] {
            let draft = json!({ "email": email, "password": "wrong" });
            for reply in [
                guest.post("/me/login", draft.clone()),
                backend.post("/login", draft),
            ] {
                expect_error(reply, 400, "InvalidCredentials", message, json!({}));
            }
        }
        let change = json!({ "version": 1, "currentPassword": "wrong", "newPassword": "n3w" });
        let message = "The given current password does not match.";
        let reply = alice.post("/me/password", change);
        expect_error(reply, 400, "InvalidCurrentPassword", message, json!({}));
    });
}

#[test]
fn a_price_or_a_tax_rate_that_is_missing() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let product = shop.admin().get("/products/key=sku-2").expect(200);
        let draft =
            json!({ "currency": "USD", "country": "US", "lineItems": [{ "sku": "SKU-2" }] });
        let error = guest
            .post("/me/carts", draft)
            .refused(400, "MatchingPriceNotFound");
        let members = json!({
            "productId": product["id"], "variantId": 1, "currency": "USD", "country": "US",
        });
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(&error[name], value, "{name}");
        }
        let message = text(&error, "/message").replace('\'', "");
        let wanted = format!(
            "The variant 1 of product {} does not contain a price for currency USD",
            text(&product, "/id")
        );
        assert!(message.starts_with(&wanted), "{message}");

        let taxes = shop.admin().get("/tax-categories/key=std").expect(200);
        let draft = json!({
            "currency": "EUR", "shippingAddress": { "country": "FR" },
            "lineItems": [{ "sku": "SKU-1" }],
        });
        let error = guest
            .post("/me/carts", draft)
            .refused(400, "MissingTaxRateForCountry");
        assert_eq!(
            (&error["taxCategoryId"], &error["country"]),
            (&taxes["id"], &json!("FR"))
        );
        let message = text(&error, "/message").replace('\'', "");
        let wanted = format!(
            "Tax category {} is missing a tax rate for country FR.",
            text(&taxes, "/id")
        );
        assert_eq!(message, wanted);
    });
}

#[test]
fn a_cart_that_cannot_be_ordered_says_why() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        with_stock(shop, "SKU-1", 1);
        let cart = cart_with(&guest, "SKU-1", "ReserveOnOrder");
        let members = json!({ "lineItems": [cart["lineItems"][0]["id"]], "skus": ["SKU-1"] });
        let message = "Some line items are out of stock at the time of placing the order: SKU-1.";
        let reply = guest.order_my_cart(&cart);
        expect_error(reply, 400, "OutOfStock", message, members);

        let cart = cart_with(&guest, "SKU-1", "None");
        price_change(shop, "SKU-1", 1300);
        let line = text(&cart, "/lineItems/0/id");
        let message = format!(
            "The price or tax of some line items changed at the time of placing the order: {line}."
        );
        let members = json!({ "lineItems": [line], "shipping": false });
        let reply = guest.order_my_cart(&cart);
        expect_error(reply, 400, "PriceChanged", &message, members);

        let empty = guest.my_cart(json!({ "currency": "EUR", "shippingAddress": address() }));
        let homeless = guest.my_cart_with("SKU-14", 1);
        for cart in [empty, homeless] {
            let error = guest.order_my_cart(&cart).refused(400, "InvalidOperation");
            assert_eq!(
                error.as_object().map(serde_json::Map::len),
                Some(2),
                "{error}"
            );
            assert_eq!(guest.my_cart_again(&cart), cart);
        }
    });
}

#[test]
fn a_version_that_is_not_the_carts_is_told_before_anything_else_about_it() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        // Neither line nor address: it could not be ordered at any version.
        let cart = guest.my_cart(json!({ "currency": "EUR" }));
        for version in [0, 2, i64::MAX] {
            let message = format!(
                "Object {} has a different version than expected. Expected: {version} - Actual: 1.",
                text(&cart, "/id")
            );
            let reply = guest.post(
                "/me/orders",
                json!({ "id": cart["id"], "version": version }),
            );
            let members = json!({ "currentVersion": 1 });
            expect_error(reply, 409, "ConcurrentModification", &message, members);
        }
    });
}

#[test]
fn an_amount_that_overflows() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let lines = json!([{ "sku": "SKU-1", "quantity": i64::MAX }]);
        let reply = guest.post(
            "/me/carts",
            json!({ "currency": "EUR", "lineItems": lines }),
        );
        let message = "A Money operation resulted in an overflow.";
        expect_error(reply, 400, "MoneyOverflow", message, json!({}));
    });
}

#[test]
fn a_reference_to_something_that_is_not_there() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let not_there = "It either doesn't exist, or it can't be accessed from this endpoint (e.g., if the endpoint \
             filters by store or customer account).";
        for (identifier, named) in [
            (json!({ "typeId": "payment", "id": UNKNOWN }), "id"),
            (json!({ "typeId": "payment", "key": "none" }), "key"),
        ] {
            let add = json!([{ "action": "addPayment", "payment": identifier }]);
            let reply = guest.change_my_cart(&cart, add);
            let error = reply.refused(400, "ReferencedResourceNotFound");
            assert_eq!(error["typeId"], "payment");
            assert_eq!(error[named], identifier[named]);
            assert!(text(&error, "/message").ends_with(not_there), "{error}");
        }
        // A reference of another kind is no JSON of the right shape.
        let wrong = json!([{
            "action": "addPayment", "payment": { "typeId": "cart", "id": cart["id"] },
        }]);
        guest
            .change_my_cart(&cart, wrong)
            .refused(400, "InvalidJsonInput");
    });
}

#[test]
fn a_field_that_is_required_or_does_not_allow_the_value_is_named() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        let kind = json!({
            "key": "gift", "name": { "en": "Gift" }, "resourceTypeIds": ["order"],
            "fieldDefinitions": [{
                "name": "wrap", "label": { "en": "Wrap" }, "required": true,
                "type": { "name": "Boolean" },
            }],
        });
        admin.post("/types", kind).expect(201);
        let with = |fields: Value| {
            let custom = json!({ "type": { "typeId": "type", "key": "gift" }, "fields": fields });
            guest.post("/me/carts", json!({ "currency": "EUR", "custom": custom }))
        };
        let error = with(json!({})).refused(400, "RequiredField");
        assert!(text(&error, "/field").contains("wrap"), "{error}");
        let error = with(json!({ "wrap": "yes" })).refused(400, "InvalidField");
        assert!(text(&error, "/field").contains("wrap"), "{error}");
        assert_eq!(error["invalidValue"], "yes");
        let error = with(json!({ "wrap": true, "other": 1 })).refused(400, "InvalidField");
        assert!(text(&error, "/field").contains("other"), "{error}");
        let made = with(json!({ "wrap": true })).expect(201);
        assert_eq!(number(&made, "/version"), 1);
    });
}
