//! Who may call what: every endpoint with every kind of token.

mod rules;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Api, Shop, on_each_database, text};
use rules::{NO_ID, Subject, endpoints, in_store, with_scopes};

/// Another signature.
fn tampered(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("a JWT");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{first}{}", &signature[1..])
}

/// A guest of the client that may do everything, whose session ended.
fn almighty_guest_who_signed_in(shop: &Shop) -> Api {
    let form = [("grant_type", "client_credentials")];
    let path = "/oauth/demo/anonymous/token";
    let answer = shop.ask_auth(&shop.clients.admin, path, &form).expect(200);
    let guest = shop.api_with(&text(&answer, "/access_token"));
    guest.get("/carts").expect(200);
    guest.sign_in("bob@example.com", "secret").expect(200);
    guest
}

/// A customer who signed in through the client that may do everything, before the password changed.
fn almighty_customer_whose_password_changed(shop: &Shop) -> Api {
    let form = [
        ("grant_type", "password"),
        ("username", "alice@example.com"),
        ("password", "secret"),
    ];
    let path = "/oauth/demo/customers/token";
    let answer = shop.ask_auth(&shop.clients.admin, path, &form).expect(200);
    let customer = shop.api_with(&text(&answer, "/access_token"));
    let change = json!({ "version": 1, "currentPassword": "secret", "newPassword": "n3w" });
    customer.post("/me/password", change).expect(200);
    customer
}

#[test]
fn without_a_good_token_every_door_is_shut() {
    on_each_database(|shop| {
        let nobody = shop.api_with("");
        let bad = [
            ("garbage", shop.api_with("garbage")),
            ("three parts", shop.api_with("a.b.c")),
            ("tampered", shop.api_with(&tampered(&shop.admin().token))),
            ("an ended session", almighty_guest_who_signed_in(shop)),
            (
                "a revoked session",
                almighty_customer_whose_password_changed(shop),
            ),
        ];
        let other = shop.other_project("other", &["manage_project"]).backend();
        let other = shop.api_with(&other.token);
        for endpoint in endpoints() {
            let reply = endpoint.ask_without_token(&nobody);
            endpoint.check_refusal(&reply, 401, "access_denied", "no token");
            for (who, api) in &bad {
                endpoint.expect_unknown_token(api, who);
            }
            endpoint.expect_shut(&other, "another project's");
        }
    });
}

#[test]
fn tokens_expire_at_every_door() {
    on_each_database(|shop| {
        let tokens = [
            shop.admin().token.clone(),
            shop.guest("phone-123").token.clone(),
            shop.alice().token.clone(),
        ];
        shop.wait_hours(47);
        for (token, path) in tokens.iter().zip(["/carts", "/me/carts", "/me/carts"]) {
            shop.api_with(token).get(path).expect(200);
        }
        shop.wait_hours(2);
        for token in &tokens {
            let api = shop.api_with(token);
            for endpoint in endpoints() {
                endpoint.expect_unknown_token(&api, "expired");
            }
        }
    });
}

#[test]
fn any_one_of_its_scopes_opens_an_endpoint() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let mut bearers: BTreeMap<&str, Api> = BTreeMap::new();
        for endpoint in endpoints() {
            if endpoint.subject != Subject::Anybody {
                continue;
            }
            for scope in &endpoint.any_of {
                let bearer = bearers
                    .entry(scope)
                    .or_insert_with(|| with_scopes(shop, &format!("{scope}:demo")));
                endpoint.expect_open(bearer, scope);
            }
            endpoint.expect_open(&admin, "manage_project");
        }
    });
}

#[test]
fn without_one_of_its_scopes_an_endpoint_stays_shut_and_says_what_is_missing() {
    on_each_database(|shop| {
        let held = "view_quotes:demo view_project_settings:demo create_anonymous_token:demo";
        let other = with_scopes(shop, held);
        for endpoint in endpoints() {
            if endpoint.any_of.contains(&"view_project_settings") {
                continue;
            }
            let Some(message) = endpoint.expect_shut(&other, "other scopes") else {
                continue;
            };
            let named = endpoint
                .any_of
                .iter()
                .any(|scope| message.contains(&format!("{scope}:demo")));
            assert!(named, "{} {}: {message}", endpoint.method, endpoint.path);
        }
    });
}

#[test]
fn viewing_is_not_managing() {
    on_each_database(|shop| {
        let views = endpoints().into_iter().flat_map(|endpoint| endpoint.any_of);
        let mut views: Vec<String> = views
            .filter(|scope| scope.starts_with("view_"))
            .map(|scope| format!("{scope}:demo"))
            .collect();
        views.sort();
        views.dedup();
        let viewer = with_scopes(shop, &views.join(" "));
        for endpoint in endpoints() {
            if endpoint
                .any_of
                .iter()
                .any(|scope| scope.starts_with("view_"))
            {
                endpoint.expect_open(&viewer, "a viewer");
            } else {
                endpoint.expect_shut(&viewer, "a viewer");
            }
        }
    });
}

#[test]
fn shoppers_open_what_is_theirs_and_what_their_phone_may_view() {
    const HELD: &[&str] = &[
        "view_products",
        "view_published_products",
        "manage_my_orders",
        "manage_my_profile",
        "manage_my_shopping_lists",
        "manage_my_payments",
    ];
    on_each_database(|shop| {
        let (guest, customer) = (shop.guest("phone-123"), shop.alice());
        for endpoint in endpoints() {
            let in_scope = endpoint.any_of.iter().any(|scope| HELD.contains(scope));
            if in_scope && endpoint.subject != Subject::Customer {
                endpoint.expect_open(&guest, "a guest");
            } else {
                endpoint.expect_shut(&guest, "a guest");
            }
            if in_scope {
                endpoint.expect_open(&customer, "a customer");
            } else {
                endpoint.expect_shut(&customer, "a customer");
            }
        }
    });
}

#[test]
fn who_is_nobody_has_no_me() {
    on_each_database(|shop| {
        let mine = "manage_my_orders:demo manage_my_profile:demo manage_my_shopping_lists:demo \
            manage_my_payments:demo";
        let nobody = with_scopes(shop, mine);
        for endpoint in endpoints() {
            if endpoint.subject == Subject::Anybody {
                continue;
            }
            let Some(message) = endpoint.expect_shut(&nobody, "no subject") else {
                continue;
            };
            assert!(message.contains("customer_id"), "{message}");
            let accepts_guests = endpoint.subject == Subject::Shopper;
            assert_eq!(
                message.contains("anonymous_id"),
                accepts_guests,
                "{message}"
            );
        }
    });
}

#[test]
fn a_stores_scope_opens_that_store_and_nothing_else() {
    on_each_database(|shop| {
        let mut bearers = BTreeMap::new();
        for endpoint in in_store() {
            let scope = endpoint.any_of[0];
            let (narrow, wide) = bearers.entry(scope).or_insert_with(|| {
                let narrow = with_scopes(shop, &format!("{scope}:demo:de-store"));
                (narrow, with_scopes(shop, &format!("{scope}:demo")))
            });
            endpoint
                .below("de-store")
                .expect_open(narrow, "the store's");
            endpoint
                .below("us-store")
                .expect_shut(narrow, "another store's");
            endpoint.expect_shut(narrow, "a store's");
            endpoint
                .below("de-store")
                .expect_open(wide, "the project's");
            endpoint
                .below("us-store")
                .expect_open(wide, "the project's");
        }
    });
}

#[test]
fn shoppers_open_their_me_below_every_store() {
    on_each_database(|shop| {
        let (guest, nobody) = (shop.guest("phone-123"), shop.backend());
        for endpoint in endpoints() {
            // A payment belongs to no store.
            let is_mine = endpoint.path.starts_with("/me/") && !endpoint.path.contains("payments");
            if !is_mine || endpoint.subject != Subject::Shopper {
                continue;
            }
            endpoint.below("de-store").expect_open(&guest, "a guest");
            endpoint.below("de-store").expect_shut(&nobody, "a backend");
        }
    });
}

#[test]
fn a_store_that_does_not_exist_is_not_found() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        let new = json!({ "email": "a@example.com", "password": "secret" });
        let known = json!({ "email": "alice@example.com", "password": "secret" });
        let cart = json!({ "currency": "EUR" });
        for (path, draft) in [
            ("/carts", cart.clone()),
            ("/orders", json!({ "id": NO_ID, "version": 1 })),
            ("/customers", new.clone()),
            ("/shopping-lists", json!({ "name": { "en": "x" } })),
        ] {
            let path = format!("/in-store/key=no-store{path}");
            admin.post(&path, draft).refused(404, "ResourceNotFound");
            admin.get(&path).refused(404, "ResourceNotFound");
        }
        let login = admin.post("/in-store/key=no-store/login", known.clone());
        login.refused(404, "ResourceNotFound");
        for (path, draft) in [("/carts", cart), ("/signup", new), ("/login", known)] {
            let path = format!("/in-store/key=no-store/me{path}");
            guest.post(&path, draft).refused(404, "ResourceNotFound");
        }
        guest.get("/me/carts").expect(200);
    });
}

#[test]
fn api_clients_are_not_part_of_manage_project() {
    on_each_database(|shop| {
        let at = |token: &str| shop.auth_api_with(token);
        let draft = json!({ "name": "n", "scope": "view_orders:demo" });
        let unknown = format!("/api-clients/{NO_ID}");
        let cases: [(&str, [u16; 4]); 3] = [
            ("manage_project:demo", [403, 403, 403, 403]),
            ("view_api_clients:demo", [200, 403, 404, 403]),
            ("manage_api_clients:demo", [200, 201, 404, 404]),
        ];
        for (scope, wanted) in cases {
            let api = at(&with_scopes(shop, scope).token);
            let found = [
                api.get("/api-clients").status,
                api.post("/api-clients", draft.clone()).status,
                api.get(&unknown).status,
                api.call("DELETE", &unknown, &[], None).status,
            ];
            assert_eq!(found, wanted, "{scope}");
        }
        for api in [at(&shop.guest("phone-123").token), at(&shop.alice().token)] {
            api.get("/api-clients").refused(403, "insufficient_scope");
        }
        let ended = at(&almighty_guest_who_signed_in(shop).token);
        let garbage = at("garbage");
        for api in [ended, garbage] {
            let reply = api.get("/api-clients");
            assert!([401, 403].contains(&reply.status), "{}", reply.body);
        }
    });
}

#[test]
fn a_bearer_token_comes_in_one_well_formed_header() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let url = format!("{}/carts", admin.base);
        let send = |values: &[&str]| {
            let headers: Vec<_> = values
                .iter()
                .map(|value| ("authorization", value.replace("{}", &admin.token)))
                .collect();
            admin.http.send("GET", &url, &headers, None)
        };
        for good in ["Bearer {}", "bearer {}", "BEARER {}"] {
            send(&[good]).expect(200);
        }
        for bad in [
            "Bearer",
            "Bearer ",
            "Basic {}",
            "{}",
            "Bearer {} {}",
            "Token {}",
        ] {
            let reply = send(&[bad]);
            assert_eq!(reply.status, 401, "{bad}");
            assert!(reply.headers.contains_key("www-authenticate"), "{bad}");
        }
        send(&["Bearer {}", "Bearer {}"]).refused(401, "invalid_token");
        let in_query = format!("{url}?access_token={}", admin.token);
        let reply = admin.http.send("GET", &in_query, &[], None);
        reply.refused(401, "access_denied");
    });
}

#[test]
fn a_deleted_api_client_is_locked_out_with_all_its_sessions() {
    on_each_database(|shop| {
        let scope = "create_anonymous_token:demo manage_my_orders:demo view_orders:demo";
        let client = shop.new_api_client(scope);
        let backend = shop.token_of(&client);
        let form = [("grant_type", "client_credentials")];
        let path = "/oauth/demo/anonymous/token";
        let guest = shop.ask_auth(&client, path, &form).expect(200);
        let guest = shop.api_with(&text(&guest, "/access_token"));
        guest.get("/me/carts").expect(200);
        let admin = shop.auth_api_with(&shop.admin().token);
        let path = format!("/api-clients/{}", client.id);
        let deleted: Value = admin.call("DELETE", &path, &[], None).expect(200);
        assert_eq!(deleted["id"], client.id);
        guest.get("/me/carts").refused(401, "invalid_token");
        let refused = shop.ask_auth(&client, "/oauth/token", &form);
        assert_eq!(refused.expect(401)["error"], "invalid_client");
        // A token without a session may work for one more second; the clock decides, no sleeping.
        shop.wait_hours(1);
        backend.get("/carts").refused(401, "invalid_token");
    });
}
