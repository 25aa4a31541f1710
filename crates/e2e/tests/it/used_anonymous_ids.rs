//! An anonymous id whose guest became a customer is used up: nobody could reach what carries it.

use serde_json::{Value, json};

use crate::support::{Api, PASSWORD, Shop, on_each_database, text};

const CAROL: &str = "carol@example.com";

/// Everything by which a backend gives something to an anonymous session: path and body.
fn drafts(id: &str) -> [(&'static str, Value); 3] {
    [
        ("/carts", json!({ "currency": "EUR", "anonymousId": id })),
        (
            "/payments",
            json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 }, "anonymousId": id }),
        ),
        (
            "/shopping-lists",
            json!({ "name": { "en": "Wishes" }, "anonymousId": id }),
        ),
    ]
}

/// Everything by which a backend signs somebody in.
fn sign_ins(shop: &Shop, id: &str) -> [(String, Value); 3] {
    let alice = shop.alice().id;
    let merge = format!("/carts/customer-id={alice}/merge");
    [
        (
            "/login".to_owned(),
            json!({ "email": "alice@example.com", "password": PASSWORD, "anonymousId": id }),
        ),
        (
            "/customers".to_owned(),
            json!({ "email": "new@example.com", "password": PASSWORD, "anonymousId": id }),
        ),
        (merge, json!({ "anonymousId": id })),
    ]
}

/// Fails unless nothing can be written under the id any more, in the words of the vendor; to sign in with it again moves
/// nothing and is no error, because the first answer may have been lost.
fn assert_used_up(shop: &Shop, id: &str) {
    let admin = shop.admin();
    for (path, draft) in drafts(id) {
        let error = admin.post(path, draft).refused(400, "InvalidOperation");
        assert!(text(&error, "/message").contains(id), "{error}");
    }
    for (path, draft) in drafts("fresh") {
        let made = admin.post(path, draft).expect(201);
        let action = json!([{ "action": "setAnonymousId", "anonymousId": id }]);
        admin
            .update(path, &made, action)
            .refused(400, "InvalidOperation");
    }
    let again = json!({ "email": "alice@example.com", "password": PASSWORD, "anonymousId": id });
    let signed_in = admin.post("/login", again).expect(200);
    assert_eq!(signed_in.get("cart"), None, "{signed_in}");
    let alice = shop.api_with(&shop.alice().token);
    assert_eq!(alice.get("/me/carts").expect(200)["total"], 0);
}

fn sign_up_by_backend(admin: &Api, id: &str) {
    let draft = json!({ "email": CAROL, "password": PASSWORD, "anonymousId": id });
    admin.post("/customers", draft).expect(201);
}

#[test]
fn after_sign_up_and_sign_in_an_id_is_used_up() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        guest.my_cart_with("SKU-1", 1);
        guest.sign_up(CAROL, PASSWORD).expect(201);
        assert_used_up(shop, "phone-123");
    });
    on_each_database(|shop| {
        shop.guest("phone-123")
            .sign_in("bob@example.com", PASSWORD)
            .expect(200);
        assert_used_up(shop, "phone-123");
    });
}

#[test]
fn so_is_one_that_never_had_a_session() {
    on_each_database(|shop| {
        sign_up_by_backend(&shop.admin(), "by-backend");
        assert_used_up(shop, "by-backend");
    });
}

#[test]
fn a_generated_one_is_as_good() {
    on_each_database(|shop| {
        let answer = shop.ask_for_guest(None).expect(200);
        let scope = text(&answer, "/scope");
        let id = scope
            .split(' ')
            .find_map(|scope| scope.strip_prefix("anonymous_id:"));
        let id = id.expect("an id").to_owned();
        let guest = shop.api_with(&text(&answer, "/access_token"));
        guest.sign_up(CAROL, PASSWORD).expect(201);
        assert_used_up(shop, &id);
    });
}

#[test]
fn a_sign_in_that_fails_uses_nothing_up() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        guest
            .sign_up("alice@example.com", PASSWORD)
            .refused(400, "DuplicateField");
        let draft = json!({ "email": "alice@example.com", "password": PASSWORD, "anonymousId": "by-backend" });
        admin
            .post("/customers", draft)
            .refused(400, "DuplicateField");
        for id in ["phone-123", "by-backend"] {
            for (path, draft) in drafts(id) {
                admin.post(path, draft).expect(201);
            }
        }
        guest.get("/me/carts").expect(200);
        sign_up_by_backend(&admin, "by-backend");
    });
}

#[test]
fn what_was_left_under_a_used_id_can_still_be_moved() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        let draft = json!({ "name": { "en": "Wishes" } });
        let list = guest.post("/me/shopping-lists", draft).expect(201);
        let signed_up = guest.sign_up(CAROL, PASSWORD).expect(201);
        let customer = json!({ "typeId": "customer", "id": signed_up["customer"]["id"] });
        let actions = json!([
            { "action": "changeName", "name": { "en": "Carol's" } },
            { "action": "setCustomer", "customer": customer },
        ]);
        let moved = admin.update("/shopping-lists", &list, actions).expect(200);
        assert_eq!(moved["anonymousId"], "phone-123");
    });
}

#[test]
fn nobody_claims_an_id_under_which_guests_of_other_dialects_are_shown() {
    on_each_database(|shop| {
        let admin = shop.admin();
        for id in ["gl~AAAAAAAAAAAAAAAAAAAAAA", "sc~x"] {
            for (path, draft) in drafts(id) {
                let error = admin.post(path, draft).refused(400, "InvalidField");
                assert_eq!(
                    (&error["field"], &error["invalidValue"]),
                    (&json!("anonymousId"), &json!(id))
                );
            }
            for (path, draft) in drafts("fresh") {
                let made = admin.post(path, draft).expect(201);
                let action = json!([{ "action": "setAnonymousId", "anonymousId": id }]);
                admin
                    .update(path, &made, action)
                    .refused(400, "InvalidField");
            }
            for (path, body) in sign_ins(shop, id) {
                admin.post(&path, body).refused(400, "InvalidField");
            }
            shop.ask_for_guest(Some(id)).refused(400, "invalid_request");
            let query = format!("anonymousId = \"{id}\"");
            assert!(admin.find("/carts", &query).is_empty());
        }
    });
}

#[test]
fn a_guest_who_signs_up_while_a_backend_writes_leaves_nothing_ownerless() {
    on_each_database(|shop| {
        for round in 0..8 {
            let guest = shop.guest(&format!("phone-{round}"));
            let admin = shop.admin();
            let (api, id) = (admin.api.clone(), guest.anonymous_id.clone());
            let writer = std::thread::spawn(move || {
                drafts(&id).map(|(path, draft)| api.post(path, draft).status)
            });
            guest
                .sign_up(&format!("carol{round}@example.com"), PASSWORD)
                .expect(201);
            let statuses = writer.join().expect("no panic");
            assert!(
                statuses.iter().all(|status| [201, 400].contains(status)),
                "{statuses:?}"
            );
            let left = format!(r#"anonymousId = "phone-{round}" and customerId is not defined"#);
            assert!(admin.find("/carts", &left).is_empty());
            let left = format!(r#"anonymousId = "phone-{round}" and customer is not defined"#);
            assert!(admin.find("/payments", &left).is_empty());
        }
    });
}
