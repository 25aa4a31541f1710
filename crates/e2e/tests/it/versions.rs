//! Versions: a change names the version it has seen, and only that one is changed.

use serde_json::{Value, json};

use crate::support::{Guest, Shop, assert_shows, on_each_database, text};

/// A cart for Germany with a line, at version 2.
fn cart_at_version_2(guest: &Guest) -> Value {
    let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
    let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 2 }]);
    guest.change_my_cart(&cart, add).expect(200)
}

fn path(cart: &Value) -> String {
    format!("/me/carts/{}", text(cart, "/id"))
}

fn set_country(version: i64, country: &str) -> Value {
    json!({ "version": version, "actions": [{ "action": "setCountry", "country": country }] })
}

#[test]
fn a_conflict_names_both_versions() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_at_version_2(&guest);
        let conflict = guest.post(&path(&cart), set_country(1, "US")).expect(409);
        let message = format!(
            "Object {} has a different version than expected. Expected: 1 - Actual: 2.",
            text(&cart, "/id")
        );
        assert_eq!(
            conflict,
            json!({
                "statusCode": 409,
                "message": message,
                "errors": [{
                    "code": "ConcurrentModification",
                    "message": message,
                    "currentVersion": 2,
                }],
            })
        );
        let error = guest
            .post(&path(&cart), set_country(9, "US"))
            .refused(409, "ConcurrentModification");
        assert_eq!(error["currentVersion"], 2);
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn a_stale_version_wins_over_whatever_is_wrong_with_the_actions() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_at_version_2(&guest);
        for actions in [
            json!([]),
            json!([{ "action": "flyAway" }]),
            json!([{ "action": "addLineItem", "sku": "NOPE" }]),
            json!([{ "action": "setCountry", "country": 7 }]),
        ] {
            let body = json!({ "version": 1, "actions": actions });
            let error = guest.post(&path(&cart), body);
            error.refused(409, "ConcurrentModification");
        }
    });
}

#[test]
fn what_changes_nothing_leaves_version_and_time_alone() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_at_version_2(&guest);
        for actions in [
            json!([]),
            json!([{ "action": "setCountry", "country": "DE" }]),
            json!([{ "action": "recalculate" }]),
            json!([
                { "action": "setCountry", "country": "US" },
                { "action": "setCountry", "country": "DE" },
            ]),
        ] {
            let answer = guest.change_my_cart(&cart, actions).expect(200);
            assert_eq!(answer, cart);
        }
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn a_list_of_actions_counts_once_and_happens_entirely_or_not_at_all() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_at_version_2(&guest);
        let actions = json!([
            { "action": "setCustomerEmail", "email": "a@example.com" },
            { "action": "addLineItem", "sku": "NOPE" },
        ]);
        let refused = guest.change_my_cart(&cart, actions);
        assert_eq!(refused.status, 400);
        assert_eq!(guest.my_cart_again(&cart), cart);
        let actions = json!([
            { "action": "setCustomerEmail", "email": "a@example.com" },
            { "action": "addLineItem", "sku": "SKU-2" },
        ]);
        let changed = guest.change_my_cart(&cart, actions).expect(200);
        assert_shows(
            &changed,
            json!({ "version": 3, "customerEmail": "a@example.com" }),
        );
    });
}

#[test]
fn a_list_of_actions_has_at_most_500_entries() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_at_version_2(&guest);
        let countries = |count: usize| -> Value {
            let action = json!({ "action": "setCountry", "country": "DE" });
            vec![action; count].into()
        };
        guest.change_my_cart(&cart, countries(500)).expect(200);
        guest
            .change_my_cart(&cart, countries(501))
            .refused(400, "InvalidInput");
    });
}

#[test]
fn deleting_needs_the_version_and_answers_what_was_deleted() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = cart_at_version_2(&guest);
        let path = path(&cart);
        let without = guest.call("DELETE", &path, &[], None);
        without.refused(400, "InvalidInput");
        let wrong = guest.call("DELETE", &path, &[("version", "two")], None);
        wrong.refused(400, "InvalidInput");
        let error = guest
            .delete(&path, 1)
            .refused(409, "ConcurrentModification");
        assert_eq!(error["currentVersion"], 2);
        assert_eq!(guest.delete(&path, 2).expect(200), cart);
        guest.get(&path).refused(404, "ResourceNotFound");
        guest.delete(&path, 2).refused(404, "ResourceNotFound");
    });
}

#[test]
fn custom_objects_are_replaced_with_or_without_a_version() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let write = |value: i64, version: Option<i64>| {
            let mut draft = json!({ "container": "c", "key": "k", "value": value });
            if let Some(version) = version {
                draft["version"] = version.into();
            }
            admin.post("/custom-objects", draft)
        };
        write(1, Some(7)).refused(409, "ConcurrentModification");
        let first = write(1, Some(0)).expect(201);
        assert_shows(
            &first,
            json!({ "version": 1, "value": 1, "container": "c", "key": "k" }),
        );
        assert_eq!(write(1, None).expect(200), first);
        let second = write(2, None).expect(200);
        assert_shows(&second, json!({ "version": 2, "id": first["id"] }));
        let error = write(3, Some(1)).refused(409, "ConcurrentModification");
        assert_eq!(error["currentVersion"], 2);
        assert_shows(
            &write(3, Some(2)).expect(200),
            json!({ "version": 3, "value": 3 }),
        );
        let path = "/custom-objects/c/k";
        admin.delete(path, 2).refused(409, "ConcurrentModification");
        let deleted = admin.call("DELETE", path, &[], None).expect(200);
        assert_eq!(deleted["version"], 3);
        admin.get(path).refused(404, "ResourceNotFound");
    });
}

/// Counts the messages about a resource.
fn messages(shop: &Shop, resource: &Value) -> usize {
    let about = format!("resource(id=\"{}\")", text(resource, "/id"));
    shop.admin().find("/messages", &about).len()
}

#[test]
fn a_refused_or_empty_change_leaves_no_message() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let list = json!({ "name": { "en": "wishes" } });
        let list = guest.post("/me/shopping-lists", list).expect(201);
        let before = messages(shop, &list);
        let add = json!({ "action": "addLineItem", "sku": "SKU-1" });
        for (actions, wanted) in [
            (json!([]), 200),
            (
                json!([add, { "action": "addLineItem", "sku": "NOPE" }]),
                400,
            ),
        ] {
            let reply = guest.update("/me/shopping-lists", &list, actions);
            assert_eq!(reply.status, wanted, "{}", reply.body);
        }
        assert_eq!(messages(shop, &list), before);
        let added = guest.update("/me/shopping-lists", &list, json!([add]));
        added.expect(200);
        assert_eq!(messages(shop, &list), before + 1);
    });
}
