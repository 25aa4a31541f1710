//! One e-mail address is one account, however it is written, at both servers.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, Shop, on_each_database, text};

/// As it was typed at sign-up, and other spellings of the same.
const SPELLINGS: [(&str, &[&str]); 4] = [
    (
        "Carol@Example.com",
        &[
            " carol@example.com",
            "CAROL@EXAMPLE.COM\n",
            "ｃａｒｏｌ＠example.com",
        ],
    ),
    (
        "\u{212a}im@x.example",
        &["kim@x.example", "KIM@X.example\t"],
    ),
    ("max@STRAẞE.example", &["max@straße.example"]),
    ("ΝΙΚΟΣ@x.example", &["νικος@x.example", "νικοσ@x.example"]),
];

fn sign_up(shop: &Shop, email: &str) -> Reply {
    let draft = json!({ "email": email, "password": PASSWORD });
    shop.backend().post("/customers", draft)
}

#[test]
fn every_spelling_of_an_address_is_the_same_account() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for (number, (typed, others)) in SPELLINGS.into_iter().enumerate() {
            let made = sign_up(shop, typed).expect(201)["customer"].clone();
            assert_eq!(made["email"], typed);
            for (device, email) in others.iter().chain([&typed]).enumerate() {
                let error = sign_up(shop, email).refused(400, "DuplicateField");
                assert_eq!(error["field"], "email");
                let guest = shop.guest(&format!("phone-{number}-{device}"));
                guest
                    .sign_up(email, PASSWORD)
                    .refused(400, "DuplicateField");
                let signed_in = guest.sign_in(email, PASSWORD).expect(200);
                assert_eq!(signed_in["customer"]["id"], made["id"], "{email}");
                let login = json!({ "email": email, "password": PASSWORD });
                let signed_in = backend.post("/login", login).expect(200);
                assert_eq!(signed_in["customer"]["id"], made["id"], "{email}");
                let token = shop.ask_for_customer(email, PASSWORD).expect(200);
                let own = format!("customer_id:{}", text(&made, "/id"));
                assert!(text(&token, "/scope").contains(&own), "{email}: {token}");
                let token = backend.post("/customers/password-token", json!({ "email": email }));
                assert_eq!(token.expect(200)["customerId"], made["id"], "{email}");
            }
        }
    });
}

#[test]
fn customers_are_found_by_every_spelling_of_their_address() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for (typed, others) in SPELLINGS {
            let made = sign_up(shop, typed).expect(201)["customer"].clone();
            for email in others.iter().chain([&typed]) {
                let quoted = Value::from(*email);
                let found = |predicate: String| backend.find("/customers", &predicate);
                for predicate in [
                    format!("lowercaseEmail = {quoted}"),
                    format!("lowercaseEmail in (\"x\", {quoted})"),
                    format!("version = 1 and lowercaseEmail = {quoted}"),
                    format!("not(lowercaseEmail != {quoted})"),
                ] {
                    assert_eq!(
                        found(predicate.clone()),
                        std::slice::from_ref(&made),
                        "{predicate}"
                    );
                }
                let exact = found(format!("email = {quoted}"));
                assert_eq!(exact.len(), usize::from(*email == typed), "{email}");
            }
        }
        let sorted = backend
            .query("/customers", &[("sort", "lowercaseEmail desc")])
            .expect(200);
        assert_eq!(sorted["results"][0]["email"], "ΝΙΚΟΣ@x.example");
    });
}

#[test]
fn addresses_are_shown_as_typed_without_white_space_around() {
    on_each_database(|shop| {
        let made = sign_up(shop, " Carol@Example.com\r\n").expect(201)["customer"].clone();
        assert_eq!(made["email"], "Carol@Example.com");
        let change = json!([{ "action": "changeEmail", "email": "\tCarol@Example.org" }]);
        let changed = shop
            .backend()
            .update("/customers", &made, change)
            .expect(200);
        assert_eq!(changed["email"], "Carol@Example.org");
        sign_up(shop, "carol@example.com").expect(201);
        sign_up(shop, "carol@example.org").refused(400, "DuplicateField");
    });
}

#[test]
fn characters_that_cannot_be_seen_are_refused_and_named() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice().get("/me").expect(200));
        let guest = shop.guest("phone-1");
        for (email, shown) in [
            ("alice@example.com\u{200b}", "alice@example.com<U+200B>"),
            ("\u{2060}alice@example.com", "<U+2060>alice@example.com"),
            ("alice\u{ad}@example.com", "alice<U+00AD>@example.com"),
            ("alice\u{7f}@example.com", "alice<U+007F>@example.com"),
            (
                "alice@example.com\r\nBcc: x@x",
                "alice@example.com<U+000D><U+000A>Bcc: x@x",
            ),
            (" \n", " \n"),
        ] {
            let change = json!([{ "action": "changeEmail", "email": email }]);
            for reply in [
                sign_up(shop, email),
                guest.sign_up(email, PASSWORD),
                backend.update("/customers", &alice, change),
            ] {
                let error = reply.refused(400, "InvalidField");
                assert_eq!(
                    (&error["field"], &error["invalidValue"]),
                    (&json!("email"), &json!(shown))
                );
            }
            guest
                .sign_in(email, PASSWORD)
                .refused(400, "InvalidCredentials");
            shop.ask_for_customer(email, PASSWORD).expect(400);
        }
    });
}

#[test]
fn a_store_called_global_has_customers_of_its_own() {
    on_each_database(|shop| {
        let (backend, admin) = (shop.backend(), shop.admin());
        admin
            .post("/stores", json!({ "key": "global" }))
            .expect(201);
        let path = "/in-store/key=global/customers";
        let draft = json!({ "email": "alice@example.com", "password": "another" });
        let made = backend.post(path, draft).expect(201)["customer"].clone();
        let everywhere = backend.get(&format!("/customers/{}", text(&made, "/id")));
        assert_eq!(everywhere.expect(200)["stores"][0]["key"], "global");
        let in_store = |password: &str| {
            let form = [
                ("grant_type", "password"),
                ("username", "alice@example.com"),
                ("password", password),
            ];
            let path = "/oauth/demo/in-store/key=global/customers/token";
            shop.ask_auth(&shop.clients.mobile, path, &form)
        };
        in_store("another").expect(200);
        in_store(PASSWORD).expect(400);
        shop.ask_for_customer("alice@example.com", PASSWORD)
            .expect(200);
        shop.ask_for_customer("alice@example.com", "another")
            .expect(400);
        let known = backend.get(path).expect(200);
        assert_eq!(known["total"], 1, "no customer of the whole project");
    });
}
