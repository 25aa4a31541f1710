//! One-time tokens end with what they were made for, are used once, and are nowhere to be read.

use serde_json::{Value, json};

use crate::support::{Backend, PASSWORD, Reply, Shop, on_each_database, text, together};

const IN_STORE: &str = "/in-store/key=de-store";

/// A new customer as stored.
fn customer(backend: &Backend, draft: Value) -> Value {
    backend.post("/customers", draft).expect(201)["customer"].clone()
}

/// Tokens for both purposes: to verify the e-mail address, and to reset the password.
fn both_tokens(backend: &Backend, prefix: &str, customer: &Value) -> [Value; 2] {
    let email = json!({ "id": customer["id"], "ttlMinutes": 60 });
    let password = json!({ "email": customer["email"], "ttlMinutes": 60 });
    [("email-token", email), ("password-token", password)].map(|(path, draft)| {
        let made = backend.post(&format!("{prefix}/customers/{path}"), draft);
        made.expect(200)["value"].clone()
    })
}

fn confirm(backend: &Backend, token: &Value) -> Reply {
    backend.post("/customers/email/confirm", json!({ "tokenValue": token }))
}

fn reset(backend: &Backend, token: &Value) -> Reply {
    let draft = json!({ "tokenValue": token, "newPassword": "n3w" });
    backend.post("/customers/password/reset", draft)
}

#[track_caller]
fn assert_dead(backend: &Backend, [email, password]: &[Value; 2]) {
    for (path, token) in [("email-token", email), ("password-token", password)] {
        let token = token.as_str().expect("a token");
        let read = backend.get(&format!("/customers/{path}={token}"));
        read.refused(404, "ResourceNotFound");
    }
    confirm(backend, email).refused(404, "ResourceNotFound");
    reset(backend, password).refused(404, "ResourceNotFound");
}

#[test]
fn tokens_end_with_the_account_as_it_was_when_they_were_made() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let external = json!({ "action": "setAuthenticationMode", "authMode": "ExternalAuth" });
        let own = json!({
            "action": "setAuthenticationMode", "authMode": "Password", "password": "other",
        });
        let store = json!({ "typeId": "store", "key": "de-store" });
        for (number, actions) in [
            json!([{ "action": "changeEmail", "email": "other@example.com" }]),
            json!([{ "action": "changeEmail", "email": "CAROL-1@example.com" }]),
            json!([external]),
            json!([own]),
            json!([external, own]),
            json!([{ "action": "addStore", "store": store }]),
        ]
        .into_iter()
        .enumerate()
        {
            let email = format!("carol-{number}@example.com");
            let carol = customer(&backend, json!({ "email": email, "password": PASSWORD }));
            let tokens = both_tokens(&backend, "", &carol);
            backend.update("/customers", &carol, actions).expect(200);
            assert_dead(&backend, &tokens);
        }
    });
}

#[test]
fn tokens_end_with_the_password_and_with_the_account() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let draft =
            |name: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD });

        let changed = customer(&backend, draft("changed"));
        let tokens = both_tokens(&backend, "", &changed);
        let change = json!({
            "id": changed["id"], "version": 1, "currentPassword": PASSWORD, "newPassword": "n3w",
        });
        backend.post("/customers/password", change).expect(200);
        assert_dead(&backend, &tokens);

        let forgotten = customer(&backend, draft("forgotten"));
        let [email, password] = both_tokens(&backend, "", &forgotten);
        reset(&backend, &password).expect(200);
        assert_dead(&backend, &[email, password]);

        let deleted = customer(&backend, draft("deleted"));
        let tokens = both_tokens(&backend, "", &deleted);
        let path = format!("/customers/{}", text(&deleted, "/id"));
        backend.delete(&path, 1).expect(200);
        assert_dead(&backend, &tokens);
        // Whoever has the address next is somebody else.
        customer(&backend, draft("deleted"));
        assert_dead(&backend, &tokens);
    });
}

#[test]
fn tokens_end_when_a_shopper_takes_another_address() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let me = alice.get("/me").expect(200);
        let tokens = both_tokens(&backend, "", &me);
        let change = json!({
            "version": 1, "actions": [{ "action": "changeEmail", "email": "alice2@example.com" }],
        });
        let changed = alice.post("/me", change).expect(200);
        assert_eq!(changed["isEmailVerified"], false);
        assert_dead(&backend, &tokens);
        let [email, _] = both_tokens(&backend, "", &changed);
        assert_eq!(
            confirm(&backend, &email).expect(200)["isEmailVerified"],
            true
        );
    });
}

#[test]
fn tokens_outlive_changes_that_are_none_of_the_accounts() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let carol = customer(
            &backend,
            json!({ "email": "carol@example.com", "password": PASSWORD }),
        );
        let [email, password] = both_tokens(&backend, "", &carol);
        let actions = json!([
            { "action": "setFirstName", "firstName": "Carol" },
            { "action": "changeEmail", "email": " carol@example.com" },
        ]);
        backend.update("/customers", &carol, actions).expect(200);
        confirm(&backend, &email).expect(200);
        reset(&backend, &password).expect(200);
    });
}

#[test]
fn tokens_of_a_store_end_when_the_customer_leaves_it() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let draft = json!({
            "email": "carol@example.com", "password": PASSWORD,
            "stores": [{ "key": "de-store" }, { "key": "us-store" }],
        });
        let carol = customer(&backend, draft);
        let tokens = both_tokens(&backend, IN_STORE, &carol);
        let leave = json!([{ "action": "removeStore", "store": { "key": "de-store" } }]);
        backend.update("/customers", &carol, leave).expect(200);
        assert_dead(&backend, &tokens);
    });
}

#[test]
fn one_token_is_taken_by_one_of_many() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for round in 0..4 {
            let email = format!("carol-{round}@example.com");
            let carol = customer(&backend, json!({ "email": email, "password": PASSWORD }));
            let [email, password] = both_tokens(&backend, "", &carol);
            for replies in [
                together(6, |_| confirm(&backend, &email)),
                together(6, |_| reset(&backend, &password)),
            ] {
                let taken = replies.iter().filter(|reply| reply.status == 200).count();
                assert_eq!(taken, 1);
                for reply in replies.into_iter().filter(|reply| reply.status != 200) {
                    reply.refused(404, "ResourceNotFound");
                }
            }
        }
    });
}

#[test]
fn a_token_that_is_made_while_the_address_changes_is_for_one_of_the_two() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for round in 0..8 {
            let email = format!("carol-{round}@example.com");
            let carol = customer(&backend, json!({ "email": email, "password": PASSWORD }));
            let change = json!([{ "action": "changeEmail", "email": format!("new-{email}") }]);
            let replies = together(3, |caller| match caller {
                0 => backend.update("/customers", &carol, change.clone()),
                1 => {
                    let draft = json!({ "id": carol["id"], "version": 1, "ttlMinutes": 60 });
                    backend.post("/customers/email-token", draft)
                }
                _ => backend.post("/customers/password-token", json!({ "email": email })),
            });
            assert_eq!(replies[0].status, 200, "{}", replies[0].body);
            // For the version, or the address, that is no more.
            for (reply, late) in replies[1..].iter().zip([409, 404]) {
                assert!([200, late].contains(&reply.status), "{}", reply.body);
            }
            if replies[1].status == 200 {
                confirm(&backend, &replies[1].body["value"]).refused(404, "ResourceNotFound");
            }
            if replies[2].status == 200 {
                reset(&backend, &replies[2].body["value"]).refused(404, "ResourceNotFound");
            }
        }
    });
}

fn external_customer(backend: &Backend) -> Value {
    let draft = json!({ "email": "ext@example.com", "authenticationMode": "ExternalAuth" });
    customer(backend, draft)
}

#[test]
fn nobody_gives_a_password_to_a_customer_who_signs_in_elsewhere() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let made = external_customer(&backend);
        let refusals = [
            backend.post("/customers/password-token", json!({ "email": "ext@example.com" })),
            backend.post(
                "/customers/password",
                json!({ "id": made["id"], "version": 1, "currentPassword": "", "newPassword": "n3w" }),
            ),
        ];
        for refusal in refusals {
            let error = refusal.refused(400, "InvalidOperation");
            assert!(text(&error, "/message").contains("ExternalAuth"), "{error}");
        }
        // An e-mail address is theirs to prove.
        let draft = json!({ "id": made["id"], "ttlMinutes": 60 });
        let token = backend.post("/customers/email-token", draft).expect(200);
        confirm(&backend, &token["value"]).expect(200);
        assert_eq!(shop.stored_hash(&text(&made, "/id")), None);
    });
}

#[test]
fn whatever_hash_is_stored_who_signs_in_elsewhere_cannot_do_it_here() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let made = external_customer(&backend);
        let hash = shop.stored_hash(&alice.id).expect("a hash");
        shop.store_hash(&text(&made, "/id"), &hash);
        let login = json!({ "email": "ext@example.com", "password": PASSWORD });
        backend
            .post("/login", login)
            .refused(400, "InvalidCredentials");
        let guest = shop.guest("phone-1");
        guest
            .sign_in("ext@example.com", PASSWORD)
            .refused(400, "InvalidCredentials");
        let refused = shop
            .ask_for_customer("ext@example.com", PASSWORD)
            .expect(400);
        assert_eq!(refused["error"], "invalid_customer_account_credentials");
        let change = json!({
            "id": made["id"], "version": 1, "currentPassword": PASSWORD, "newPassword": "n3w",
        });
        backend
            .post("/customers/password", change)
            .refused(400, "InvalidOperation");
    });
}

/// The messages about tokens that were made.
fn token_messages(shop: &Shop) -> Vec<Value> {
    let created = "type in (\"CustomerEmailTokenCreated\", \"CustomerPasswordTokenCreated\")";
    shop.admin().find("/messages", created)
}

#[test]
fn an_operator_may_want_short_lived_values_in_messages() {
    on_each_database(|shop| {
        let server = shop.another_api_with_token_values_in_messages();
        let backend = shop.backend().at(&server);
        let ask = |minutes: i64| {
            let draft = json!({ "email": "alice@example.com", "ttlMinutes": minutes });
            let token = backend.post("/customers/password-token", draft);
            token.expect(200)["value"].clone()
        };
        let (short, _long) = (ask(60), ask(61));
        let values: Vec<Value> = token_messages(shop)
            .iter()
            .filter_map(|message| message.get("value").cloned())
            .collect();
        assert_eq!(values, [short]);
    });
}

#[test]
fn messages_about_tokens_have_no_values() {
    on_each_database(|shop| {
        let (backend, me) = (shop.backend(), shop.alice().get("/me").expect(200));
        both_tokens(&backend, "", &me);
        let messages = token_messages(shop);
        assert_eq!(messages.len(), 2);
        for message in messages {
            assert_eq!(message["customerId"], me["id"]);
            assert_eq!(message["invalidateOlderTokens"], false);
            assert_eq!(message.get("value"), None, "{message}");
        }
    });
}

#[test]
fn tokens_live_a_minute_to_31_days() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        for (minutes, status) in [(0, 400), (1, 200), (44_640, 200), (44_641, 400)] {
            for (path, draft) in [
                (
                    "email-token",
                    json!({ "id": alice.id, "ttlMinutes": minutes }),
                ),
                (
                    "password-token",
                    json!({ "email": "alice@example.com", "ttlMinutes": minutes }),
                ),
            ] {
                let reply = backend.post(&format!("/customers/{path}"), draft);
                assert_eq!(reply.status, status, "{minutes}: {}", reply.body);
                if status == 400 {
                    let error = reply.refused(400, "InvalidInput");
                    let limits =
                        format!("`ttlMinutes` must be between 1 and 44640, found {minutes}");
                    assert_eq!(error["message"], limits);
                }
            }
        }
    });
}
