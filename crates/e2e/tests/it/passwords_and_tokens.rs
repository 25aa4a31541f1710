//! Passwords, one-time tokens, and customers of one store.

use serde_json::{Value, json};

use crate::support::{Api, Backend, PASSWORD, Reply, Shop, assert_shows, on_each_database, text};

const MILLIS_PER_MINUTE: i64 = 60_000;

fn change_password(current: &str, new: &str) -> Value {
    json!({ "version": 1, "currentPassword": current, "newPassword": new })
}

#[test]
fn who_changes_the_password_proves_the_old_one() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let wrong = alice.post("/me/password", change_password("wrong", "n3w"));
        let error = wrong.refused(400, "InvalidCurrentPassword");
        assert_eq!(
            error["message"],
            "The given current password does not match."
        );
        let stale = json!({ "version": 7, "currentPassword": PASSWORD, "newPassword": "n3w" });
        let conflict = alice.post("/me/password", stale);
        assert_eq!(
            conflict.refused(409, "ConcurrentModification")["currentVersion"],
            1
        );
        alice.get("/me").expect(200);

        let changed = alice.post("/me/password", change_password(PASSWORD, "n3w"));
        assert_shows(
            &changed.expect(200),
            json!({ "id": alice.id, "version": 2 }),
        );
        alice.get("/me").refused(401, "invalid_token");
        let refreshed = shop.refresh(&alice.refresh_token);
        assert_eq!(refreshed.expect(400)["error"], "invalid_grant");
        let old = shop.guest("phone-1").sign_in("alice@example.com", PASSWORD);
        old.refused(400, "InvalidCredentials");
        let old = shop.ask_for_customer("alice@example.com", PASSWORD);
        assert_eq!(
            old.expect(400)["error"],
            "invalid_customer_account_credentials"
        );
        shop.ask_for_customer("alice@example.com", "n3w")
            .expect(200);
    });
}

#[test]
fn a_backend_changes_a_password_the_same_way() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let draft = |version: i64, current: &str| {
            json!({
                "id": alice.id, "version": version, "currentPassword": current,
                "newPassword": "n3w",
            })
        };
        let path = "/customers/password";
        backend
            .post(path, draft(1, "wrong"))
            .refused(400, "InvalidCurrentPassword");
        backend
            .post(path, draft(4, PASSWORD))
            .refused(409, "ConcurrentModification");
        alice.get("/me").expect(200);
        backend.post(path, draft(1, PASSWORD)).expect(200);
        alice.get("/me").refused(401, "invalid_token");
        shop.ask_for_customer("alice@example.com", "n3w")
            .expect(200);
    });
}

#[test]
fn passwords_have_1_to_256_characters() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let sign_up = |password: &str, number: usize| {
            let email = format!("someone-{number}@example.com");
            backend.post(
                "/customers",
                json!({ "email": email, "password": password }),
            )
        };
        for (number, (password, wanted)) in [
            (String::new(), 400),
            ("x".to_owned(), 201),
            ("ü".repeat(256), 201),
            ("x".repeat(257), 400),
            ("x".repeat(100_000), 400),
        ]
        .into_iter()
        .enumerate()
        {
            let reply = sign_up(&password, number);
            assert_eq!(reply.status, wanted, "{number}: {}", reply.body);
            if wanted == 201 {
                let email = format!("someone-{number}@example.com");
                shop.ask_for_customer(&email, &password).expect(200);
                assert_eq!(reply.body["customer"]["password"], "****");
            }
        }
    });
}

#[test]
fn a_password_is_the_same_however_a_device_composes_its_letters() {
    const COMPOSED: &str = "na\u{ef}ve caf\u{e9}";
    const DECOMPOSED: &str = "nai\u{308}ve cafe\u{301}";
    on_each_database(|shop| {
        for (number, (made, typed)) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)]
            .into_iter()
            .enumerate()
        {
            let email = format!("someone-{number}@example.com");
            let draft = json!({ "email": email, "password": made });
            shop.backend().post("/customers", draft).expect(201);
            for (device, text) in [made, typed].into_iter().enumerate() {
                shop.ask_for_customer(&email, text).expect(200);
                let guest = shop.guest(&format!("phone-{number}-{device}"));
                guest.sign_in(&email, text).expect(200);
            }
            shop.guest(&format!("other-{number}"))
                .sign_in(&email, "naive cafe")
                .refused(400, "InvalidCredentials");
        }
    });
}

fn password_token(backend: &Backend, draft: Value) -> Value {
    backend.post("/customers/password-token", draft).expect(200)
}

fn reset(api: &Api, value: &Value, password: &str) -> Reply {
    let draft = json!({ "tokenValue": value, "newPassword": password });
    api.post("/customers/password/reset", draft)
}

/// Milliseconds since 1970 of a time in an answer, whose date is this shop's day or later.
fn minutes_between(token: &Value) -> i64 {
    let at = |member: &str| {
        let text = text(token, member);
        domain::timestamp::Timestamp::parse(&text)
            .expect("a time")
            .millis()
    };
    (at("/expiresAt") - at("/createdAt")) / MILLIS_PER_MINUTE
}

#[test]
fn a_password_is_reset_with_a_token_that_is_good_once() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let token = password_token(&backend, json!({ "email": "ALICE@EXAMPLE.COM" }));
        assert_eq!(token["customerId"], alice.id);
        assert_eq!(token["invalidateOlderTokens"], false);
        assert_eq!(minutes_between(&token), 1440);
        let value = text(&token, "/value");
        assert!(value.len() >= 22, "at least 128 bits: {value}");
        assert!(
            value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
            "{value}"
        );

        let path = format!("/customers/password-token={value}");
        assert_eq!(backend.get(&path).expect(200)["id"], alice.id);
        let done = reset(&backend, &token["value"], "n3w").expect(200);
        assert_shows(&done, json!({ "id": alice.id, "version": 2 }));
        alice.get("/me").refused(401, "invalid_token");
        reset(&backend, &token["value"], "again").refused(404, "ResourceNotFound");
        backend.get(&path).refused(404, "ResourceNotFound");
        shop.ask_for_customer("alice@example.com", "n3w")
            .expect(200);
    });
}

#[test]
fn a_reset_spends_every_password_token_of_the_customer() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let alice = json!({ "email": "alice@example.com" });
        let [first, second] = [(); 2].map(|()| password_token(&backend, alice.clone()));
        let bob = password_token(&backend, json!({ "email": "bob@example.com" }));
        reset(&backend, &second["value"], "n3w").expect(200);
        reset(&backend, &first["value"], "other").refused(404, "ResourceNotFound");
        reset(&backend, &bob["value"], "n3w").expect(200);
    });
}

#[test]
fn older_tokens_die_when_the_new_one_says_so() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let older = password_token(&backend, json!({ "email": "alice@example.com" }));
        let mail = json!({ "id": alice.id, "ttlMinutes": 60 });
        let mail = backend.post("/customers/email-token", mail).expect(200);
        let newer = json!({ "email": "alice@example.com", "invalidateOlderTokens": true });
        let newer = password_token(&backend, newer);
        reset(&backend, &older["value"], "n3w").refused(404, "ResourceNotFound");
        let confirm = json!({ "tokenValue": mail["value"] });
        backend
            .post("/customers/email/confirm", confirm)
            .expect(200);
        reset(&backend, &newer["value"], "n3w").expect(200);
    });
}

#[test]
fn one_time_tokens_expire() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let password = password_token(
            &backend,
            json!({ "email": "alice@example.com", "ttlMinutes": 61 }),
        );
        let email = json!({ "id": alice.id, "ttlMinutes": 61 });
        let email = backend.post("/customers/email-token", email).expect(200);
        let confirm = json!({ "tokenValue": email["value"] });
        let read = |kind: &str, token: &Value| {
            backend.get(&format!(
                "/customers/{kind}-token={}",
                text(token, "/value")
            ))
        };
        shop.wait_hours(1);
        read("password", &password).expect(200);
        read("email", &email).expect(200);
        shop.wait_hours(1);
        let error =
            reset(&backend, &password["value"], "n3w").refused(400, "ExpiredCustomerPasswordToken");
        assert_eq!(error["message"], "The given password token has expired.");
        read("password", &password).refused(400, "ExpiredCustomerPasswordToken");
        let error = backend
            .post("/customers/email/confirm", confirm)
            .refused(400, "ExpiredCustomerEmailToken");
        assert_eq!(error["message"], "The given email token has expired.");
        read("email", &email).refused(400, "ExpiredCustomerEmailToken");
        shop.ask_for_customer("alice@example.com", PASSWORD)
            .expect(200);
    });
}

#[test]
fn tokens_are_for_their_own_purpose() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let password = password_token(&backend, json!({ "email": "alice@example.com" }));
        let email = json!({ "id": alice.id, "ttlMinutes": 60 });
        let email = backend.post("/customers/email-token", email).expect(200);
        reset(&backend, &email["value"], "n3w").refused(404, "ResourceNotFound");
        let confirm = json!({ "tokenValue": password["value"] });
        backend
            .post("/customers/email/confirm", confirm)
            .refused(404, "ResourceNotFound");
        for unknown in ["", "nonsense", "../../etc", "a\u{0}b", &"x".repeat(5_000)] {
            let reply = reset(&backend, &unknown.into(), "n3w");
            assert!(
                [400, 404].contains(&reply.status),
                "{unknown}: {}",
                reply.body
            );
        }
    });
}

#[test]
fn a_new_password_is_checked_before_the_token_is_spent() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let token = password_token(&backend, json!({ "email": "alice@example.com" }));
        let refused = reset(&backend, &token["value"], "");
        assert_eq!(refused.status, 400, "{}", refused.body);
        let draft = json!({ "tokenValue": token["value"], "newPassword": "n3w", "version": 9 });
        let stale = backend.post("/customers/password/reset", draft);
        stale.refused(409, "ConcurrentModification");
        reset(&backend, &token["value"], "n3w").expect(200);
    });
}

#[test]
fn an_email_address_is_confirmed_with_a_token_that_is_good_once() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let draft = |ttl: i64| json!({ "id": alice.id, "version": 1, "ttlMinutes": ttl });
        let path = "/customers/email-token";
        let [first, second] = [30, 60].map(|ttl| backend.post(path, draft(ttl)).expect(200));
        assert_eq!(minutes_between(&first), 30);
        let read = format!("/customers/email-token={}", text(&first, "/value"));
        assert_shows(
            &backend.get(&read).expect(200),
            json!({ "id": alice.id, "isEmailVerified": false }),
        );
        let confirm = |token: &Value| {
            let draft = json!({ "tokenValue": token["value"] });
            backend.post("/customers/email/confirm", draft)
        };
        let verified = confirm(&first).expect(200);
        assert_shows(&verified, json!({ "isEmailVerified": true, "version": 2 }));
        confirm(&first).refused(404, "ResourceNotFound");
        confirm(&second).refused(404, "ResourceNotFound");
        // Whoever proves nothing about the password keeps the session.
        alice.get("/me").expect(200);
        let change = json!([{ "action": "changeEmail", "email": "alice2@example.com" }]);
        let moved = backend.update("/customers", &verified, change).expect(200);
        assert_eq!(moved["isEmailVerified"], false);
    });
}

#[test]
fn shoppers_use_their_tokens_through_me() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let draft = json!({ "id": alice.id, "ttlMinutes": 60 });
        let token = backend.post("/customers/email-token", draft).expect(200);
        let confirm = json!({ "tokenValue": token["value"] });
        let done = alice.post("/me/email/confirm", confirm).expect(200);
        assert_eq!(done["isEmailVerified"], true);
        // Somebody who forgot the password is a guest.
        let guest = shop.guest("phone-123");
        let token = password_token(&backend, json!({ "email": "alice@example.com" }));
        let reset = json!({ "tokenValue": token["value"], "newPassword": "n3w" });
        guest.post("/me/password/reset", reset).expect(200);
        alice.get("/me").refused(401, "invalid_token");
        guest.get("/me/carts").expect(200);
        guest.sign_in("alice@example.com", "n3w").expect(200);
    });
}

#[test]
fn a_dead_session_spends_no_token() {
    on_each_database(|shop| {
        let (backend, alice, ended) = (shop.backend(), shop.alice(), shop.guest("phone-123"));
        ended.sign_in("bob@example.com", PASSWORD).expect(200);
        let email = json!({ "id": alice.id, "ttlMinutes": 60 });
        let email = backend.post("/customers/email-token", email).expect(200);
        let email = json!({ "tokenValue": email["value"] });
        let password = password_token(&backend, json!({ "email": "alice@example.com" }));
        let password = json!({ "tokenValue": password["value"], "newPassword": "n3w" });
        for (path, draft) in [
            ("/me/email/confirm", &email),
            ("/me/password/reset", &password),
        ] {
            ended
                .post(path, draft.clone())
                .refused(401, "invalid_token");
        }
        alice.get("/me").expect(200);
        backend.post("/customers/email/confirm", email).expect(200);
        backend
            .post("/customers/password/reset", password)
            .expect(200);
    });
}

#[test]
fn token_requests_for_nobody_or_for_ever_are_refused() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let nobody = json!({ "email": "nobody@example.com" });
        backend
            .post("/customers/password-token", nobody)
            .refused(404, "ResourceNotFound");
        let nobody = json!({ "id": "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab", "ttlMinutes": 5 });
        backend
            .post("/customers/email-token", nobody)
            .refused(404, "ResourceNotFound");
        for ttl in [0, -1, i64::MAX] {
            let draft = json!({ "id": alice.id, "ttlMinutes": ttl });
            let refused = backend.post("/customers/email-token", draft);
            assert_eq!(refused.status, 400, "{ttl}: {}", refused.body);
        }
        let stale = json!({ "id": alice.id, "ttlMinutes": 5, "version": 3 });
        backend
            .post("/customers/email-token", stale)
            .refused(409, "ConcurrentModification");
    });
}

#[test]
fn no_secret_is_ever_shown() {
    on_each_database(|shop| {
        let (backend, admin, alice) = (shop.backend(), shop.admin(), shop.alice());
        let long = json!({ "email": "alice@example.com", "ttlMinutes": 61 });
        let hidden = text(&password_token(&backend, long), "/value");
        let short = json!({ "email": "alice@example.com", "ttlMinutes": 60 });
        let short = text(&password_token(&backend, short), "/value");
        let email = json!({ "id": alice.id, "ttlMinutes": 1 });
        let email = backend.post("/customers/email-token", email).expect(200);
        let customer = alice.get("/me").expect(200);
        assert_eq!(customer["password"], "****");
        let messages = admin.get("/messages?limit=500").expect(200).to_string();
        assert!(messages.contains("CustomerPasswordTokenCreated"));
        assert!(messages.contains("CustomerEmailTokenCreated"));
        for leak in [&hidden, &short, &text(&email, "/value"), "argon2", "$m="] {
            assert!(
                !messages.contains(leak) && !customer.to_string().contains(leak),
                "{leak}"
            );
        }
    });
}

#[test]
fn changing_or_losing_the_account_ends_its_sessions() {
    on_each_database(|shop| {
        let (alice, bob) = (shop.alice(), shop.bob());
        let cart = bob.my_cart(json!({ "currency": "EUR" }));
        let me = bob.get("/me").expect(200);
        bob.delete("/me", 9).refused(409, "ConcurrentModification");
        assert_eq!(bob.delete("/me", 1).expect(200), me);
        bob.get("/me").refused(401, "invalid_token");
        assert_eq!(
            shop.refresh(&bob.refresh_token).expect(400)["error"],
            "invalid_grant"
        );
        let gone = shop.ask_for_customer("bob@example.com", PASSWORD);
        assert_eq!(
            gone.expect(400)["error"],
            "invalid_customer_account_credentials"
        );
        let path = format!("/carts/{}", text(&cart, "/id"));
        assert_eq!(shop.backend().get(&path).expect(200)["customerId"], bob.id);
        alice.get("/me").expect(200);
        // The address is free again, and the new customer is another one.
        let again = shop.guest("phone-123").sign_up("bob@example.com", PASSWORD);
        assert_ne!(again.expect(201)["customer"]["id"], bob.id);
    });
}

const IN_STORE: &str = "/in-store/key=de-store";

fn in_store_customer(shop: &Shop, email: &str, password: &str) -> Value {
    let draft = json!({ "email": email, "password": password });
    let made = shop.backend().post(&format!("{IN_STORE}/customers"), draft);
    made.expect(201)["customer"].clone()
}

fn login(api: &Api, prefix: &str, email: &str, password: &str) -> Reply {
    let draft = json!({ "email": email, "password": password });
    api.post(&format!("{prefix}/login"), draft)
}

#[test]
fn a_customer_of_a_store_signs_in_there_only() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let made = in_store_customer(shop, "carol@example.com", "c4rol");
        assert_eq!(
            made["stores"],
            json!([{ "typeId": "store", "key": "de-store" }])
        );
        let signed_in = login(&backend, IN_STORE, "CAROL@example.com", "c4rol").expect(200);
        assert_eq!(signed_in["customer"]["id"], made["id"]);
        for (prefix, email) in [
            ("", "carol@example.com"),
            ("/in-store/key=us-store", "carol@example.com"),
            (IN_STORE, "alice@example.com"),
        ] {
            let password = if email.starts_with("carol") {
                "c4rol"
            } else {
                PASSWORD
            };
            let refused = login(&backend, prefix, email, password);
            refused.refused(400, "InvalidCredentials");
        }
        let by_id = format!("customers/{}", text(&made, "/id"));
        backend.get(&format!("{IN_STORE}/{by_id}")).expect(200);
        backend.get(&format!("/{by_id}")).expect(200);
        backend
            .get(&format!("/in-store/key=us-store/{by_id}"))
            .refused(404, "ResourceNotFound");
    });
}

#[test]
fn an_email_address_is_unique_per_store() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let sign_up = |prefix: &str, email: &str| {
            let draft = json!({ "email": email, "password": PASSWORD });
            backend.post(&format!("{prefix}/customers"), draft)
        };
        sign_up(IN_STORE, "carol@example.com").expect(201);
        sign_up("/in-store/key=us-store", "carol@example.com").expect(201);
        sign_up("", "carol@example.com").expect(201);
        for prefix in [IN_STORE, "/in-store/key=us-store", ""] {
            let error = sign_up(prefix, "Carol@Example.com").refused(400, "DuplicateField");
            assert_shows(
                &error,
                json!({ "field": "email", "duplicateValue": "Carol@Example.com" }),
            );
        }
    });
}

#[test]
fn a_stores_customer_takes_over_the_stores_guest_cart() {
    on_each_database(|shop| {
        let made = in_store_customer(shop, "carol@example.com", "c4rol");
        let guest = shop.guest("phone-123");
        let path = format!("{IN_STORE}/me/carts");
        let cart = guest.post(&path, json!({ "currency": "EUR" })).expect(201);
        let elsewhere = guest.my_cart(json!({ "currency": "EUR" }));
        let me = format!("{IN_STORE}/me");
        let result = login(&guest, &me, "carol@example.com", "c4rol").expect(200);
        assert_shows(
            &result,
            json!({ "customer": { "id": made["id"] }, "cart": { "id": cart["id"], "customerId": made["id"] } }),
        );
        let other = format!("/carts/{}", text(&elsewhere, "/id"));
        let other = shop.backend().get(&other).expect(200);
        assert_eq!(
            other["customerId"], made["id"],
            "nothing of the session is left behind"
        );
        guest.get("/me/carts").refused(401, "invalid_token");
    });
}

#[test]
fn a_stores_customer_gets_tokens_from_the_stores_endpoint() {
    on_each_database(|shop| {
        in_store_customer(shop, "carol@example.com", "c4rol");
        let form = [
            ("grant_type", "password"),
            ("username", "carol@example.com"),
            ("password", "c4rol"),
        ];
        let ask = |path: &str| shop.ask_auth(&shop.clients.mobile, path, &form);
        let answer = ask("/oauth/demo/in-store/key=de-store/customers/token").expect(200);
        let carol = shop.api_with(&text(&answer, "/access_token"));
        let me = carol.get(&format!("{IN_STORE}/me")).expect(200);
        assert_eq!(me["email"], "carol@example.com");
        for path in [
            "/oauth/demo/customers/token",
            "/oauth/demo/in-store/key=us-store/customers/token",
            "/oauth/demo/in-store/key=no-store/customers/token",
        ] {
            let refused = ask(path).expect(400);
            assert_eq!(
                refused["error"], "invalid_customer_account_credentials",
                "{path}"
            );
        }
    });
}

#[test]
fn one_time_tokens_of_a_store_are_for_its_customers() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let carol = in_store_customer(shop, "carol@example.com", "c4rol");
        let ask = |prefix: &str, email: &str| {
            let path = format!("{prefix}/customers/password-token");
            backend.post(&path, json!({ "email": email }))
        };
        ask("", "carol@example.com").refused(404, "ResourceNotFound");
        ask(IN_STORE, "alice@example.com").refused(404, "ResourceNotFound");
        let token = ask(IN_STORE, "carol@example.com").expect(200);
        assert_eq!(token["customerId"], carol["id"]);
        let reset = |prefix: &str, token: &Value| {
            let path = format!("{prefix}/customers/password/reset");
            backend.post(
                &path,
                json!({ "tokenValue": token["value"], "newPassword": "n3w" }),
            )
        };
        reset("/in-store/key=us-store", &token).refused(404, "ResourceNotFound");
        reset(IN_STORE, &token).expect(200);
        login(&backend, IN_STORE, "carol@example.com", "n3w").expect(200);
        // Whoever manages one store cannot take over a customer of another.
        let alice = ask("", "alice@example.com").expect(200);
        reset(IN_STORE, &alice).refused(404, "ResourceNotFound");
        shop.ask_for_customer("alice@example.com", PASSWORD)
            .expect(200);
    });
}
