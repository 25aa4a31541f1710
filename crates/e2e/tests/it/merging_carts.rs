//! A guest with a cart signs in as a customer who has one, too.

use serde_json::{Value, json};

use crate::support::{
    Api, Guest, PASSWORD, Shop, address, assert_shows, engraving, number, on_each_database,
    quantities, text, together,
};

const ALICE: &str = "alice@example.com";

/// A cart in EUR for Germany with these line drafts.
fn cart_of(owner: &Api, lines: Value) -> Value {
    owner.my_cart(json!({ "currency": "EUR", "country": "DE", "lineItems": lines }))
}

/// Alice's cart after the guest has signed in as Alice, with the default mode.
fn merged_into(guest: &Guest) -> Value {
    guest.sign_in(ALICE, PASSWORD).expect(200)["cart"].clone()
}

fn seen_by_the_shop(shop: &Shop, cart: &Value) -> Value {
    let path = format!("/carts/{}", text(cart, "/id"));
    shop.backend().get(&path).expect(200)
}

fn lines(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    let owned = |(sku, quantity): &(&str, i64)| ((*sku).to_owned(), *quantity);
    expected.iter().map(owned).collect()
}

#[test]
fn the_same_variant_gets_the_higher_quantity_and_the_guests_cart_is_closed() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let own = alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart_with("SKU-1", 7);
        let merged = merged_into(&guest);
        assert_shows(
            &merged,
            json!({
                "id": own["id"], "version": 2, "cartState": "Active", "customerId": alice.id,
                "totalPrice": { "centAmount": 8638 },
                "lineItems": [{
                    "id": own["lineItems"][0]["id"], "quantity": 7, "state": [{ "quantity": 7 }],
                }],
            }),
        );
        assert_eq!(alice.get("/me/active-cart").expect(200), merged);
        assert_shows(
            &seen_by_the_shop(shop, &left),
            json!({
                "version": 2, "cartState": "Merged", "customerId": alice.id,
                "anonymousId": "phone-123", "lineItems": [{ "quantity": 7 }],
            }),
        );
    });
}

#[test]
fn quantities_are_not_added_up() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 5);
        guest.my_cart_with("SKU-1", 2);
        assert_eq!(quantities(&merged_into(&guest)), lines(&[("SKU-1", 5)]));
    });
}

#[test]
fn a_variant_the_customer_did_not_have_becomes_a_line_of_its_own() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 3);
        guest.my_cart_with("SKU-2", 1);
        let merged = merged_into(&guest);
        assert_eq!(quantities(&merged), lines(&[("SKU-1", 3), ("SKU-2", 1)]));
        assert_eq!(number(&merged, "/totalPrice/centAmount"), 5701);
    });
}

#[test]
fn lines_with_other_custom_fields_are_other_lines() {
    on_each_database(|shop| {
        let text = engraving(shop);
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 3);
        cart_of(
            &guest,
            json!([{ "sku": "SKU-1", "quantity": 2, "custom": text("A") }]),
        );
        let merged = merged_into(&guest);
        assert_shows(
            &merged["lineItems"],
            json!([
                { "quantity": 3, "custom": null },
                { "quantity": 2, "custom": text("A") },
            ]),
        );
    });
}

#[test]
fn lines_with_equal_custom_fields_are_the_same_line() {
    on_each_database(|shop| {
        let text = engraving(shop);
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let line =
            |quantity: i64| json!([{ "sku": "SKU-1", "quantity": quantity, "custom": text("A") }]);
        cart_of(&alice, line(3));
        cart_of(&guest, line(2));
        let merged = merged_into(&guest);
        let one = json!([{ "quantity": 3, "custom": text("A") }]);
        assert_shows(&merged["lineItems"], one);
    });
}

#[test]
fn lines_from_another_supply_channel_are_other_lines() {
    on_each_database(|shop| {
        let draft = json!({ "key": "x", "roles": ["InventorySupply"] });
        let channel = shop.admin().post("/channels", draft).expect(201);
        let channel = json!({ "typeId": "channel", "id": channel["id"] });
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 3);
        cart_of(
            &guest,
            json!([{ "sku": "SKU-1", "quantity": 2, "supplyChannel": channel }]),
        );
        let merged = merged_into(&guest);
        assert_shows(
            &merged["lineItems"],
            json!([
                { "quantity": 3, "supplyChannel": null },
                { "quantity": 2, "supplyChannel": channel },
            ]),
        );
    });
}

#[test]
fn a_line_whose_key_names_something_else_in_the_customers_cart_stays_where_it_was() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        cart_of(&alice, json!([{ "sku": "SKU-1", "key": "k1" }]));
        let left = cart_of(&guest, json!([{ "sku": "SKU-2", "key": "k1" }]));
        assert_eq!(quantities(&merged_into(&guest)), lines(&[("SKU-1", 1)]));
        let left = seen_by_the_shop(shop, &left);
        assert_eq!(left["cartState"], "Merged");
        assert_eq!(quantities(&left), lines(&[("SKU-2", 1)]));
    });
}

#[test]
fn lines_with_the_same_key_and_variant_are_the_same_line() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        cart_of(&alice, json!([{ "sku": "SKU-1", "key": "k1" }]));
        cart_of(
            &guest,
            json!([{ "sku": "SKU-1", "key": "k1", "quantity": 4 }]),
        );
        let merged = merged_into(&guest);
        assert_shows(
            &merged["lineItems"],
            json!([{ "key": "k1", "quantity": 4 }]),
        );
    });
}

#[test]
fn the_guests_cart_can_become_the_active_one_and_the_customers_waits() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let own = alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart_with("SKU-1", 7);
        let wanted = json!({
            "email": ALICE, "password": PASSWORD,
            "activeCartSignInMode": "UseAsNewActiveCustomerCart",
        });
        let answer = guest.post("/me/login", wanted).expect(200);
        let taken = json!({
            "id": left["id"], "cartState": "Active", "customerId": alice.id,
            "lineItems": [{ "id": left["lineItems"][0]["id"], "quantity": 7 }],
        });
        assert_shows(&answer["cart"], taken);
        assert_eq!(alice.my_cart_again(&own), own);
        assert_eq!(alice.get("/me/active-cart").expect(200), answer["cart"]);

        let send_it = json!([{ "action": "setShippingAddress", "address": address() }]);
        let cart = alice.change_my_cart(&answer["cart"], send_it).expect(200);
        alice.order_my_cart(&cart).expect(201);
        assert_eq!(alice.get("/me/active-cart").expect(200), own);
    });
}

#[test]
fn the_guests_address_does_not_come_along() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 1);
        guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-2" }],
        }));
        let merged = merged_into(&guest);
        assert_eq!(quantities(&merged), lines(&[("SKU-1", 1), ("SKU-2", 1)]));
        assert_shows(
            &merged,
            json!({ "shippingAddress": null, "taxedPrice": null }),
        );
    });
}

#[test]
fn merged_lines_are_taxed_for_the_customers_address() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 3 }],
        }));
        guest.my_cart_with("SKU-1", 5);
        assert_shows(
            &merged_into(&guest),
            json!({
                "lineItems": [{ "quantity": 5 }],
                "taxedPrice": {
                    "totalNet": { "centAmount": 5185 }, "totalGross": { "centAmount": 6170 },
                    "totalTax": { "centAmount": 985 },
                },
            }),
        );
    });
}

#[test]
fn only_lines_are_taken_from_the_guests_cart() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let note = json!({
            "key": "note", "name": { "en": "Note" }, "resourceTypeIds": ["order"],
            "fieldDefinitions": [{
                "name": "note", "label": { "en": "Note" }, "required": false,
                "type": { "name": "String" },
            }],
        });
        admin.post("/types", note).expect(201);
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 1);
        let left = guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "customerEmail": "guest@example.com",
            "lineItems": [{ "sku": "SKU-2" }], "billingAddress": address(),
            "custom": { "type": { "typeId": "type", "key": "note" }, "fields": { "note": "hi" } },
        }));
        let wrapping = json!([{
            "action": "addCustomLineItem", "name": { "en": "Wrapping" }, "slug": "wrapping",
            "money": { "currencyCode": "EUR", "centAmount": 100 },
            "taxCategory": { "typeId": "tax-category", "key": "std" },
        }]);
        shop.backend().update("/carts", &left, wrapping).expect(200);

        let merged = merged_into(&guest);
        assert_eq!(quantities(&merged), lines(&[("SKU-1", 1), ("SKU-2", 1)]));
        let absent = json!({
            "custom": null, "billingAddress": null, "customerEmail": null, "customLineItems": [],
            "totalPrice": { "centAmount": 3233 },
        });
        assert_shows(&merged, absent);
        assert_shows(
            &seen_by_the_shop(shop, &left),
            json!({
                "cartState": "Merged", "custom": { "fields": { "note": "hi" } },
                "billingAddress": address(), "customLineItems": [{ "slug": "wrapping" }],
            }),
        );
    });
}

#[test]
fn of_the_customers_carts_the_active_one_changed_last_is_merged_into() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let older = alice.my_cart_with("SKU-1", 1);
        let newer = alice.my_cart_with("SKU-1", 2);
        let ordered = alice.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1" }],
        }));
        alice.order_my_cart(&ordered).expect(201);
        guest.my_cart_with("SKU-2", 1);
        let merged = merged_into(&guest);
        assert_eq!(merged["id"], newer["id"]);
        assert_eq!(alice.my_cart_again(&older), older);
    });
}

#[test]
fn carts_in_different_currencies_stay_two_carts() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let own = alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart(json!({
            "currency": "USD", "country": "US", "lineItems": [{ "sku": "SKU-1", "quantity": 2 }],
        }));
        let cart = merged_into(&guest);
        assert_shows(
            &cart,
            json!({
                "id": left["id"], "cartState": "Active", "customerId": alice.id,
                "lineItems": [{ "quantity": 2, "price": { "value": { "centAmount": 108 } } }],
            }),
        );
        assert_eq!(alice.my_cart_again(&own), own);
        assert_eq!(alice.get("/me/active-cart").expect(200), cart);
    });
}

#[test]
fn a_merged_cart_is_closed_but_can_be_deleted() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart_with("SKU-1", 7);
        merged_into(&guest);
        let (backend, left) = (shop.backend(), seen_by_the_shop(shop, &left));
        let country = json!([{ "action": "setCountry", "country": "US" }]);
        let reply = backend.update("/carts", &left, country);
        reply.refused(400, "InvalidOperation");
        let order = json!({
            "cart": { "typeId": "cart", "id": left["id"] }, "version": left["version"],
        });
        backend
            .post("/orders", order)
            .refused(400, "InvalidOperation");
        let path = format!("/carts/{}", text(&left, "/id"));
        backend.delete(&path, number(&left, "/version")).expect(200);
        backend.get(&path).refused(404, "ResourceNotFound");
    });
}

/// Asks to merge one cart into Alice's, as a shop that signs its customers in elsewhere does.
fn merge_endpoint(alice: &str) -> String {
    format!("/carts/customer-id={alice}/merge")
}

fn merge_of(cart: &Value) -> Value {
    json!({
        "anonymousCart": { "typeId": "cart", "id": cart["id"] },
        "mergeMode": "MergeWithExistingCustomerCart",
    })
}

#[test]
fn a_backend_merges_carts_without_a_password() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let own = alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart_with("SKU-1", 7);
        let path = merge_endpoint(&alice.id);
        let cart = shop.backend().post(&path, merge_of(&left)).expect(200);
        assert_shows(
            &cart,
            json!({
                "id": own["id"], "cartState": "Active",
                "lineItems": [{ "id": own["lineItems"][0]["id"], "quantity": 7 }],
            }),
        );
        let left = seen_by_the_shop(shop, &left);
        assert_shows(
            &left,
            json!({ "cartState": "Merged", "customerId": alice.id }),
        );
    });
}

#[test]
fn a_backend_hands_a_cart_to_a_customer_who_has_none() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let left = guest.my_cart_with("SKU-1", 7);
        let path = merge_endpoint(&alice.id);
        let cart = shop.backend().post(&path, merge_of(&left)).expect(200);
        let taken = json!({ "id": left["id"], "cartState": "Active", "customerId": alice.id });
        assert_shows(&cart, taken);
    });
}

#[test]
fn a_merge_names_a_cart_or_an_anonymous_id_and_is_nothing_for_guests() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let left = guest.my_cart_with("SKU-1", 7);
        let path = merge_endpoint(&alice.id);
        let reply = shop.backend().post(&path, json!({}));
        reply.refused(400, "InvalidInput");
        guest
            .post(&path, merge_of(&left))
            .refused(403, "insufficient_scope");
        assert_eq!(guest.my_cart_again(&left), left);
    });
}

#[test]
fn a_backend_signs_a_customer_in_with_the_cart_it_names() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let own = alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart_with("SKU-1", 7);
        let wanted = json!({ "email": ALICE, "password": PASSWORD, "anonymousCartId": left["id"] });
        let answer = shop.backend().post("/login", wanted).expect(200);
        let merged = json!({ "id": own["id"], "lineItems": [{ "quantity": 7 }] });
        assert_shows(&answer["cart"], merged);
        assert_eq!(seen_by_the_shop(shop, &left)["cartState"], "Merged");
    });
}

#[test]
fn without_a_guests_cart_the_customers_own_is_answered() {
    on_each_database(|shop| {
        let own = shop.alice().my_cart_with("SKU-1", 3);
        let cart = merged_into(&shop.guest("phone-123"));
        assert_eq!(cart, own);
    });
}

#[test]
fn without_any_cart_none_is_answered() {
    on_each_database(|shop| {
        let answer = shop.guest("phone-123").sign_in(ALICE, PASSWORD).expect(200);
        let members: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["customer"]);
    });
}

#[test]
fn a_cart_for_a_shipping_method_that_is_switched_off_is_handed_over_but_not_merged() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let own = alice.my_cart_with("SKU-1", 3);
        let left = guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-2" }],
            "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
        }));
        let admin = shop.admin();
        let method = admin.get("/shipping-methods/key=standard").expect(200);
        let switch_off = json!([{ "action": "changeActive", "active": false }]);
        admin
            .update("/shipping-methods", &method, switch_off)
            .expect(200);

        let path = merge_endpoint(&alice.id);
        let reply = shop.backend().post(&path, merge_of(&left));
        reply.refused(400, "InvalidOperation");
        let cart = merged_into(&guest);
        assert_eq!(cart["id"], own["id"]);
        assert_eq!(quantities(&cart), lines(&[("SKU-1", 3)]));
        let left = seen_by_the_shop(shop, &left);
        let handed_over = json!({ "cartState": "Active", "customerId": alice.id });
        assert_shows(&left, handed_over);
    });
}

#[test]
fn several_lines_that_meet_the_same_line_leave_the_highest_quantity() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart_with("SKU-1", 3);
        let left = cart_of(
            &guest,
            json!([
                { "sku": "SKU-1", "quantity": 7, "key": "k1" },
                { "sku": "SKU-1", "quantity": 5, "key": "k2" },
            ]),
        );
        assert_eq!(quantities(&left), lines(&[("SKU-1", 7), ("SKU-1", 5)]));
        assert_eq!(quantities(&merged_into(&guest)), lines(&[("SKU-1", 7)]));
    });
}

#[test]
fn a_guests_cart_that_becomes_active_is_taxed_for_the_customers_address() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        alice.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-2" }],
        }));
        let left = guest.my_cart_with("SKU-1", 5);
        let wanted = json!({
            "email": ALICE, "password": PASSWORD,
            "activeCartSignInMode": "UseAsNewActiveCustomerCart",
        });
        let answer = guest.post("/me/login", wanted).expect(200);
        assert_shows(
            &answer["cart"],
            json!({
                "id": left["id"], "shippingAddress": address(),
                "taxedPrice": { "totalGross": { "centAmount": 6170 } },
            }),
        );
    });
}

#[test]
fn a_guest_whose_cart_a_backend_handed_over_no_longer_sees_it() {
    on_each_database(|shop| {
        let (alice, guest) = (shop.alice(), shop.guest("phone-123"));
        let left = guest.my_cart_with("SKU-1", 7);
        let path = merge_endpoint(&alice.id);
        shop.backend().post(&path, merge_of(&left)).expect(200);
        let path = format!("/me/carts/{}", text(&left, "/id"));
        guest.get(&path).refused(404, "ResourceNotFound");
        let query = guest.query("/me/carts", &[("where", r#"anonymousId = "phone-123""#)]);
        assert_shows(&query.expect(200), json!({ "total": 0, "results": [] }));
        let again = shop
            .backend()
            .post(&merge_endpoint(&shop.bob().id), merge_of(&left));
        again.refused(400, "InvalidOperation");
        assert_eq!(seen_by_the_shop(shop, &left)["customerId"], json!(alice.id));
    });
}

#[test]
fn two_merges_of_the_same_cart_at_once_happen_once() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let customers = [shop.alice(), shop.bob()];
        for customer in &customers {
            customer.my_cart_with("SKU-1", 3);
        }
        let left = guest.my_cart_with("SKU-1", 7);
        let backend = shop.backend();
        let replies = together(2, |caller| {
            let path = merge_endpoint(&customers[caller].id);
            backend.post(&path, merge_of(&left))
        });
        let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert!(matches!(statuses[..], [200, 400 | 409]), "{replies:#?}");
        let winner = usize::from(replies[0].status != 200);
        let loser = &customers[1 - winner];
        assert_eq!(
            seen_by_the_shop(shop, &left)["customerId"],
            json!(customers[winner].id)
        );
        let untouched = loser.get("/me/active-cart").expect(200);
        assert_eq!(quantities(&untouched), lines(&[("SKU-1", 3)]));
    });
}
