//! The one-call upgrade: a guest signs in at the token endpoint, and everything comes along in that one answer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{
    Api, Guest, PASSWORD, Reply, Shop, address, assert_shows, number, on_each_database,
    on_each_database_with_moving_lists, quantities, text, together,
};

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const CUSTOMERS: &str = "/oauth/demo/customers/token";
const ROUNDS: usize = 5;

fn upgrade_at(shop: &Shop, path: &str, token: &str, more: &[(&str, &str)]) -> Reply {
    let mut form = vec![("grant_type", "password"), ("anonymous_token", token)];
    form.extend_from_slice(more);
    shop.ask_auth(&shop.clients.mobile, path, &form)
}

fn upgrade(shop: &Shop, token: &str, email: &str) -> Reply {
    let credentials = [("username", email), ("password", PASSWORD)];
    upgrade_at(shop, CUSTOMERS, token, &credentials)
}

/// The API as the customer of an answer.
#[track_caller]
fn customer(shop: &Shop, reply: Reply) -> Api {
    let answer = reply.expect(200);
    assert_shows(
        &answer,
        json!({ "token_type": "Bearer", "expires_in": 172_800 }),
    );
    assert!(text(&answer, "/scope").contains("customer_id:"), "{answer}");
    text(&answer, "/refresh_token");
    shop.api_with(&text(&answer, "/access_token"))
}

#[track_caller]
fn is_no_guest(reply: Reply) {
    let error = reply.refused(400, "invalid_grant");
    let message = "The anonymous_token was not found. It may have expired.";
    assert_eq!(error["message"], message);
}

fn seen_by_the_shop(shop: &Shop, cart: &Value) -> Value {
    let path = format!("/carts/{}", text(cart, "/id"));
    shop.backend().get(&path).expect(200)
}

#[test]
fn one_answer_makes_a_guest_the_customer_with_everything_the_guest_had() {
    on_each_database(|shop| {
        for (round, with_refresh_token) in [true, false].into_iter().enumerate() {
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart(json!({
                "currency": "EUR", "country": "DE", "shippingAddress": address(),
                "lineItems": [{ "sku": "SKU-1", "quantity": 3 }],
            }));
            let order = guest.order_my_cart(&cart).expect(201);
            let planned = json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 } });
            let payment = guest.post("/me/payments", planned).expect(201);
            let active = guest.my_cart_with("SKU-2", 2);
            let token = match with_refresh_token {
                true => &guest.refresh_token,
                false => &guest.token,
            };
            let alice = customer(shop, upgrade(shop, token, ALICE));
            for (collection, resource) in [("orders", &order), ("payments", &payment)] {
                let path = format!("/me/{collection}/{}", text(resource, "/id"));
                alice.get(&path).expect(200);
            }
            let now = alice.get("/me/active-cart").expect(200);
            assert_eq!(quantities(&now), [("SKU-2".to_owned(), 2)]);
            let active = seen_by_the_shop(shop, &active);
            assert_eq!(active["customerId"], now["customerId"]);
            guest.get("/me/carts").refused(401, "invalid_token");
            let refreshed = shop.refresh(&guest.refresh_token);
            refreshed.refused(400, "invalid_grant");
        }
    });
}

#[test]
fn an_upgrade_merges_as_me_login_does() {
    on_each_database(|shop| {
        let modes = [
            "MergeWithExistingCustomerCart",
            "UseAsNewActiveCustomerCart",
        ];
        for (number, mode) in modes.into_iter().enumerate() {
            let carts = ["login", "upgrade"].map(|way| {
                let email = format!("{way}-{number}@example.com");
                let draft = json!({ "email": email, "password": PASSWORD });
                shop.backend().post("/customers", draft).expect(201);
                let customer = shop.customer(&email);
                customer.my_cart_with("SKU-1", 4);
                customer.my_cart_with("SKU-2", 1);
                let guest = shop.guest(&format!("{way}-{number}"));
                guest.my_cart_with("SKU-2", 3);
                guest.my_cart_with("SKU-14", 2);
                if way == "login" {
                    let body = json!({
                        "email": email, "password": PASSWORD, "activeCartSignInMode": mode,
                    });
                    guest.post("/me/login", body).expect(200);
                } else {
                    let more = [
                        ("username", email.as_str()),
                        ("password", PASSWORD),
                        ("anonymous_cart_sign_in_mode", mode),
                    ];
                    upgrade_at(shop, CUSTOMERS, &guest.token, &more).expect(200);
                }
                let page = customer.get("/me/carts").expect(200);
                let mut all: Vec<_> = page["results"]
                    .as_array()
                    .expect("carts")
                    .iter()
                    .map(|cart| (cart["cartState"].clone().to_string(), quantities(cart)))
                    .collect();
                all.sort();
                let active = customer.get("/me/active-cart").expect(200);
                assert_eq!(active["lastModifiedBy"]["anonymousId"], guest.anonymous_id);
                (all, quantities(&active))
            });
            assert_eq!(carts[0], carts[1], "{mode}");
        }
        let guest = shop.guest("phone-1");
        let more = [
            ("username", ALICE),
            ("password", PASSWORD),
            ("anonymous_cart_sign_in_mode", "Swap"),
        ];
        let refused = upgrade_at(shop, CUSTOMERS, &guest.token, &more);
        refused.refused(400, "invalid_request");
        guest.get("/me/carts").expect(200);
    });
}

#[test]
fn whatever_is_refused_leaves_guest_and_customer_as_they_were() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-1");
        let cart = guest.my_cart_with("SKU-2", 1);
        let wrong = [("username", ALICE), ("password", "wrong")];
        upgrade_at(shop, CUSTOMERS, &guest.token, &wrong)
            .refused(400, "invalid_customer_account_credentials");
        let nobody = [("username", "nobody@example.com"), ("password", PASSWORD)];
        upgrade_at(shop, CUSTOMERS, &guest.token, &nobody)
            .refused(400, "invalid_customer_account_credentials");
        let scope = [
            ("username", ALICE),
            ("password", PASSWORD),
            ("scope", "manage_project:demo"),
        ];
        upgrade_at(shop, CUSTOMERS, &guest.token, &scope).refused(400, "invalid_scope");
        assert_eq!(guest.my_cart_again(&cart), cart);

        let admin = shop.admin();
        let product = admin.get("/products/key=sku-2").expect(200);
        let price = &product["masterData"]["current"]["masterVariant"]["prices"][0]["id"];
        let actions =
            json!([{ "action": "removePrice", "priceId": price }, { "action": "publish" }]);
        admin.update("/products", &product, actions).expect(200);
        let error = upgrade(shop, &guest.token, ALICE).refused(400, "invalid_request");
        let message = error["message"].as_str().expect("a message");
        assert!(
            message.starts_with("The guest cannot become the customer: "),
            "{message}"
        );
        assert_eq!(guest.my_cart_again(&cart), cart);
        let carts = shop.alice().get("/me/carts").expect(200);
        assert_eq!(number(&carts, "/total"), 0);
    });
}

#[test]
fn a_token_that_names_no_guest_of_the_client_is_refused_before_anything_happens() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let other = shop.guest_of(&shop.clients.admin, "phone-2");
        let revoked = shop.guest("phone-3");
        let form = [("token", revoked.refresh_token.as_str())];
        shop.ask_auth(&shop.clients.mobile, "/oauth/token/revoke", &form)
            .expect(200);
        for token in [
            "nonsense",
            "demo:nonsense",
            &alice.token,
            &alice.refresh_token,
            &other.token,
            &other.refresh_token,
            &revoked.token,
            &revoked.refresh_token,
            &shop.backend().token,
        ] {
            is_no_guest(upgrade(shop, token, ALICE));
        }
        other.get("/me/carts").expect(200);
        let own = shop.ask_for_customer(ALICE, PASSWORD);
        own.expect(200);
    });
}

#[test]
fn an_answer_that_got_lost_can_be_asked_for_again_by_the_same_customer() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-1");
        let cart = guest.my_cart_with("SKU-1", 2);
        upgrade(shop, &guest.token, ALICE).expect(200);
        for token in [&guest.token, &guest.refresh_token] {
            let alice = customer(shop, upgrade(shop, token, ALICE));
            assert_eq!(alice.get("/me/active-cart").expect(200)["id"], cart["id"]);
            // What was the guest's is not somebody else's to take along.
            is_no_guest(upgrade(shop, token, BOB));
        }
        let wrong = [("username", ALICE), ("password", "wrong")];
        upgrade_at(shop, CUSTOMERS, &guest.token, &wrong)
            .refused(400, "invalid_customer_account_credentials");
        // So can the answer to /me/login.
        let guest = shop.guest("phone-2");
        guest.sign_in(ALICE, PASSWORD).expect(200);
        customer(shop, upgrade(shop, &guest.token, ALICE));
    });
}

#[test]
fn shopping_lists_come_along_where_the_operator_says_so() {
    on_each_database(|shop| assert_eq!(lists_after_an_upgrade(shop), 0));
    on_each_database_with_moving_lists(|shop| assert_eq!(lists_after_an_upgrade(shop), 1));
}

fn lists_after_an_upgrade(shop: &Shop) -> i64 {
    let guest = shop.guest("phone-1");
    let draft = json!({ "name": { "en": "Wishes" } });
    guest.post("/me/shopping-lists", draft).expect(201);
    let alice = customer(shop, upgrade(shop, &guest.token, ALICE));
    number(&alice.get("/me/shopping-lists").expect(200), "/total")
}

#[test]
fn a_guest_of_one_store_is_upgraded_there() {
    on_each_database(|shop| {
        let store = "/in-store/key=de-store";
        let draft = json!({ "email": "eve@example.com", "password": PASSWORD });
        let customers = format!("{store}/customers");
        let eve = shop.backend().post(&customers, draft).expect(201);
        let guest = shop.guest("phone-1");
        let draft = json!({ "currency": "EUR", "country": "DE" });
        let carts = format!("{store}/me/carts");
        let in_store = guest.post(&carts, draft.clone()).expect(201);
        let elsewhere = guest.my_cart(draft);
        let credentials = [("username", "eve@example.com"), ("password", PASSWORD)];
        upgrade_at(shop, CUSTOMERS, &guest.token, &credentials)
            .refused(400, "invalid_customer_account_credentials");
        let path = "/oauth/demo/in-store/key=de-store/customers/token";
        let api = customer(shop, upgrade_at(shop, path, &guest.token, &credentials));
        let active = api.get(&format!("{store}/me/active-cart")).expect(200);
        assert_eq!(active["id"], in_store["id"]);
        for cart in [&in_store, &elsewhere] {
            let seen = seen_by_the_shop(shop, cart);
            assert_eq!(seen["customerId"], eve["customer"]["id"]);
        }
    });
}

#[test]
fn a_guest_whose_token_may_not_sign_in_is_not_upgraded() {
    on_each_database(|shop| {
        let scope = "create_anonymous_token:demo manage_my_orders:demo";
        let client = shop.new_api_client(scope);
        let guest = shop.guest_of(&client, "phone-1");
        let cart = guest.my_cart(json!({ "currency": "EUR" }));
        let form = [
            ("grant_type", "password"),
            ("anonymous_token", guest.token.as_str()),
            ("username", ALICE),
            ("password", PASSWORD),
        ];
        shop.ask_auth(&client, CUSTOMERS, &form)
            .refused(403, "insufficient_scope");
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

/// Adds to a cart until the session is over; answers how many additions were acknowledged.
fn add_until_the_end(api: &Api, cart: &Value) -> i64 {
    let mut seen = cart.clone();
    let mut acknowledged = 0;
    loop {
        let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 1 }]);
        let reply = api.change_my_cart(&seen, add);
        match reply.status {
            200 => {
                acknowledged += 1;
                seen = reply.body;
            }
            409 => seen["version"] = reply.body["errors"][0]["currentVersion"].clone(),
            _ => {
                reply.refused(401, "invalid_token");
                return acknowledged;
            }
        }
    }
}

#[test]
fn nothing_added_during_an_upgrade_is_lost_or_left_behind() {
    enum Done {
        Upgraded(Reply),
        Added(i64),
    }
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..ROUNDS {
            let email = format!("{round}@example.com");
            let draft = json!({ "email": email, "password": PASSWORD });
            shop.backend().post("/customers", draft).expect(201);
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
            let done = together(3, |caller| match caller {
                0 => {
                    // Not before the others have begun.
                    while number(&guest.my_cart_again(&cart), "/version") < 4 {}
                    Done::Upgraded(upgrade(shop, &guest.token, &email))
                }
                1 => Done::Added(add_until_the_end(&guest, &cart)),
                _ => Done::Added(add_until_the_end(&guest.at(&second), &cart)),
            });
            let mut acknowledged = 0;
            for done in done {
                match done {
                    Done::Upgraded(reply) => {
                        customer(shop, reply);
                    }
                    Done::Added(units) => acknowledged += units,
                }
            }
            let now = shop.customer(&email).get("/me/active-cart").expect(200);
            assert_eq!(now["id"], cart["id"]);
            assert_eq!(number(&now, "/totalLineItemQuantity"), acknowledged);
            let orphans = format!(
                "anonymousId = \"{}\" and customerId is not defined",
                guest.anonymous_id
            );
            assert!(shop.admin().find("/carts", &orphans).is_empty());
        }
    });
}

/// How often each status was answered. A server error fails the test.
#[track_caller]
fn statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        assert!(reply.status < 500, "{} {}", reply.status, reply.body);
        *counts.entry(reply.status).or_default() += 1;
    }
    counts
}

#[test]
fn of_two_customers_at_once_one_gets_the_guest_and_who_asks_twice_gets_two_sessions() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let guest: Guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart_with("SKU-1", 2);
            let replies = together(4, |caller| {
                upgrade(shop, &guest.token, [ALICE, BOB][caller % 2])
            });
            assert_eq!(statuses(&replies), BTreeMap::from([(200, 2), (400, 2)]));
            let winners = [0, 1].map(|who| replies[who].status == 200);
            assert_ne!(winners[0], winners[1]);
            for (caller, reply) in replies.into_iter().enumerate() {
                match reply.status {
                    200 => {
                        assert!(winners[caller % 2]);
                        customer(shop, reply);
                    }
                    _ => is_no_guest(reply),
                }
            }
            let winner = if winners[0] { shop.alice() } else { shop.bob() };
            assert_eq!(seen_by_the_shop(shop, &cart)["customerId"], winner.id);
        }
    });
}

#[test]
fn an_upgrade_and_a_sign_in_at_once_move_the_cart_once() {
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart_with("SKU-1", 2);
            // The same customer: both may succeed. Another: whoever came second is refused.
            let emails = [ALICE, if round % 2 == 0 { ALICE } else { BOB }];
            let replies = together(2, |caller| match caller {
                0 => upgrade(shop, &guest.token, emails[0]),
                _ => guest.at(&second).sign_in(emails[1], PASSWORD),
            });
            statuses(&replies);
            let (upgraded, signed_in) = (replies[0].status == 200, replies[1].status == 200);
            assert!(upgraded || signed_in);
            if emails[0] == emails[1] {
                assert!(upgraded, "whoever was first, it is the same customer");
            } else {
                assert_ne!(upgraded, signed_in);
            }
            let owner = if signed_in { emails[1] } else { emails[0] };
            let owner = shop.customer(owner);
            assert_eq!(seen_by_the_shop(shop, &cart)["customerId"], owner.id);
            guest.get("/me/carts").refused(401, "invalid_token");
        }
    });
}

#[test]
fn guests_who_become_the_same_customer_at_once_both_bring_their_carts() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let email = format!("{round}@example.com");
            let draft = json!({ "email": email, "password": PASSWORD });
            shop.backend().post("/customers", draft).expect(201);
            let skus = ["SKU-1", "SKU-2", "SKU-14"];
            let guests = skus.map(|sku| {
                let guest = shop.guest(&format!("phone-{round}-{sku}"));
                guest.my_cart_with(sku, 3);
                guest
            });
            let replies = together(skus.len(), |caller| {
                upgrade(shop, &guests[caller].token, &email)
            });
            assert_eq!(statuses(&replies), BTreeMap::from([(200, skus.len())]));
            let cart = shop.customer(&email).get("/me/active-cart").expect(200);
            let mut lines = quantities(&cart);
            lines.sort();
            let all = ["SKU-1", "SKU-14", "SKU-2"].map(|sku| (sku.to_owned(), 3));
            assert_eq!(lines, all);
        }
    });
}

#[test]
fn a_password_that_changes_during_an_upgrade_leaves_no_session_of_the_old_one() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let email = format!("{round}@example.com");
            let draft = json!({ "email": email, "password": PASSWORD });
            let created = shop.backend().post("/customers", draft).expect(201);
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart_with("SKU-1", 1);
            let change = json!({
                "id": created["customer"]["id"], "version": created["customer"]["version"],
                "currentPassword": PASSWORD, "newPassword": "n3w",
            });
            let backend = shop.backend();
            let replies = together(2, |caller| match caller {
                0 => upgrade(shop, &guest.token, &email),
                _ => backend.post("/customers/password", change.clone()),
            });
            statuses(&replies);
            let upgraded = &replies[0];
            if upgraded.status == 200 {
                let api = shop.api_with(&text(&upgraded.body, "/access_token"));
                if replies[1].status == 200 {
                    api.get("/me/carts").refused(401, "invalid_token");
                }
                let owner = &created["customer"]["id"];
                assert_eq!(&seen_by_the_shop(shop, &cart)["customerId"], owner);
            } else {
                assert_eq!(guest.my_cart_again(&cart), cart);
            }
        }
    });
}
