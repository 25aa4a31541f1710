//! A customer's active cart, and what is asked first of a path below a store.

use serde_json::json;

use crate::support::{address, on_each_database, text};

const DE: &str = "/in-store/key=de-store";
const NOWHERE: &str = "/in-store/key=nowhere";

#[test]
fn a_customers_active_cart_is_found_by_the_customers_id_in_each_store() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let draft = json!({ "currency": "EUR", "customerId": alice.id });
        let german = backend
            .post(&format!("{DE}/carts"), draft.clone())
            .expect(201);
        let global = backend.post("/carts", draft).expect(201);
        let active = |prefix: &str| format!("{prefix}/carts/customer-id={}", alice.id);
        assert_eq!(backend.get(&active("")).expect(200)["id"], global["id"]);
        assert_eq!(backend.get(&active(DE)).expect(200)["id"], german["id"]);
        assert_eq!(backend.head(&active(DE)).status, 200);
        for prefix in ["/in-store/key=us-store", NOWHERE] {
            backend
                .get(&active(prefix))
                .refused(404, "ResourceNotFound");
            assert_eq!(backend.head(&active(prefix)).status, 404);
        }
        backend
            .get("/carts/customer-id=7f3d2f0a-1c2b-4d5e-8f90-0123456789ab")
            .refused(404, "ResourceNotFound");
        alice.get(&active("")).refused(403, "insufficient_scope");
    });
}

#[test]
fn a_guests_cart_of_a_store_joins_that_of_a_customer_of_the_store() {
    on_each_database(|shop| {
        let (backend, guest) = (shop.backend(), shop.guest("phone-123"));
        let draft = json!({ "email": "carol@example.com", "password": "c4rol" });
        let carol = backend.post(&format!("{DE}/customers"), draft).expect(201);
        let id = text(&carol, "/customer/id");
        let line = |sku: &str| json!({ "currency": "EUR", "country": "DE", "lineItems": [{ "sku": sku }] });
        let mut own = line("SKU-1");
        own["customerId"] = id.as_str().into();
        let own = backend.post(&format!("{DE}/carts"), own).expect(201);
        guest
            .post(&format!("{DE}/me/carts"), line("SKU-2"))
            .expect(201);
        let merge = |prefix: &str| format!("{prefix}/carts/customer-id={id}/merge");
        let whose = json!({ "anonymousId": guest.anonymous_id });
        backend
            .post(&merge("/in-store/key=us-store"), whose.clone())
            .refused(404, "ResourceNotFound");
        let merged = backend.post(&merge(DE), whose).expect(200);
        assert_eq!(merged["id"], own["id"]);
        assert_eq!(merged["lineItems"].as_array().map(Vec::len), Some(2));
        guest.get("/me/carts").refused(401, "invalid_token");
    });
}

#[test]
fn a_store_that_does_not_exist_is_reported_before_whatever_is_wrong_with_a_body() {
    on_each_database(|shop| {
        let (backend, guest) = (shop.backend(), shop.guest("phone-123"));
        for path in [
            "carts",
            "carts/replicate",
            "orders",
            "orders/import",
            "customers",
            "login",
            "shopping-lists",
            "customers/password",
            "customers/password-token",
            "customers/email-token",
            "customers/email/confirm",
        ] {
            for body in ["{}", "no JSON", "[]"] {
                let refused = backend.post_text(&format!("{NOWHERE}/{path}"), body);
                refused.refused(404, "ResourceNotFound");
                let refused = backend.post_text(&format!("{DE}/{path}"), body);
                assert_eq!(refused.status, 400, "{path} {body}: {}", refused.body);
            }
        }
        for path in [
            "me/carts",
            "me/orders",
            "me/signup",
            "me/login",
            "me/shopping-lists",
        ] {
            let refused = guest.post_text(&format!("{NOWHERE}/{path}"), "{}");
            refused.refused(404, "ResourceNotFound");
        }
        for path in ["carts?limit=x", "carts?where=x", "orders?sort=x"] {
            backend
                .get(&format!("{NOWHERE}/{path}"))
                .refused(404, "ResourceNotFound");
            backend
                .get(&format!("{DE}/{path}"))
                .refused(400, "InvalidInput");
        }
    });
}

#[test]
fn an_update_is_asked_for_the_resource_then_its_shape_then_the_version_then_the_actions() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let draft = json!({ "currency": "EUR", "shippingAddress": address() });
        let cart = backend.post("/carts", draft).expect(201);
        let path = format!("/carts/{}", text(&cart, "/id"));
        let unknown = "/carts/7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";
        let broken = [r#"{"actions":[]}"#, "no JSON", r#"{"version":1}"#];
        for body in broken {
            backend
                .post_text(unknown, body)
                .refused(404, "ResourceNotFound");
            backend
                .post_text(&path, body)
                .refused(400, "InvalidJsonInput");
        }
        for action in [
            json!({ "action": "fly" }),
            json!({ "action": "setCountry", "country": 1 }),
        ] {
            let update = |version: i64| json!({ "version": version, "actions": [action] });
            backend
                .post(unknown, update(1))
                .refused(404, "ResourceNotFound");
            backend
                .post(&path, update(9))
                .refused(409, "ConcurrentModification");
            backend
                .post(&path, update(1))
                .refused(400, "InvalidJsonInput");
        }
        let delete = |path: &str, query: &[(&str, &str)]| backend.call("DELETE", path, query, None);
        for query in [
            &[][..],
            &[("version", "x")],
            &[("version", "1"), ("dataErasure", "maybe")],
        ] {
            delete(unknown, query).refused(404, "ResourceNotFound");
            delete(&path, query).refused(400, "InvalidInput");
        }
        delete(&path, &[("version", "9")]).refused(409, "ConcurrentModification");
        // Nothing is written if the answer could not be given.
        let much: Vec<(String, String)> = (0..101)
            .map(|at| ("expand".to_owned(), format!("a{at}")))
            .collect();
        let much: Vec<(&str, &str)> = much
            .iter()
            .map(|(name, path)| (name.as_str(), path.as_str()))
            .collect();
        let update =
            json!({ "version": 1, "actions": [{ "action": "setCountry", "country": "DE" }] });
        backend
            .call("POST", &path, &much, Some(update.to_string()))
            .refused(400, "InvalidInput");
        assert_eq!(backend.get(&path).expect(200)["version"], 1);
    });
}
