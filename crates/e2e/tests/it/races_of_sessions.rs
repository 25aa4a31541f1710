//! Guests, customers and their tokens, many at once: one session per id, one customer per address, one successor per
//! refresh token, one owner per cart; and nothing a guest was told to have is ever lost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{
    Api, Guest, PASSWORD, Reply, Shop, address, number, on_each_database,
    on_each_database_with_moving_lists, text, together,
};

const ROUNDS: usize = 5;
const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";

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

fn seen_by_the_shop(shop: &Shop, cart: &Value) -> Value {
    let path = format!("/carts/{}", text(cart, "/id"));
    shop.backend().get(&path).expect(200)
}

/// How many resources of a guest no customer has.
fn left_behind(shop: &Shop, collection: &str, guest: &Guest) -> usize {
    let customer = match collection {
        "/carts" | "/orders" => "customerId",
        _ => "customer",
    };
    let orphans = format!(
        "anonymousId = \"{}\" and {customer} is not defined",
        guest.anonymous_id
    );
    shop.admin().find(collection, &orphans).len()
}

#[test]
fn an_anonymous_id_starts_one_session() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let id = format!("phone-{round}");
            let replies = together(8, |_| shop.ask_for_guest(Some(&id)));
            assert_eq!(statuses(&replies), BTreeMap::from([(200, 1), (400, 7)]));
            for reply in replies.into_iter().filter(|reply| reply.status == 400) {
                reply.refused(400, "invalid_request");
            }
        }
    });
}

#[test]
fn an_anonymous_id_that_a_backend_uses_at_the_same_time_is_one_or_the_others() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for round in 0..2 * ROUNDS {
            let id = format!("phone-{round}");
            let replies = together(2, |caller| match caller {
                0 => shop.ask_for_guest(Some(&id)),
                _ => backend.post("/carts", json!({ "currency": "EUR", "anonymousId": id })),
            });
            statuses(&replies);
            // A backend may always write an id; only a session must not start with one that was written before.
            assert_eq!(replies[1].status, 201);
            assert!([200, 400].contains(&replies[0].status), "{:?}", replies[0]);
            shop.ask_for_guest(Some(&id))
                .refused(400, "invalid_request");
        }
    });
}

#[test]
fn an_email_address_signs_up_once() {
    const SPELLINGS: [&str; 3] = [
        "carol@example.com",
        "Carol@Example.com",
        "CAROL@EXAMPLE.COM",
    ];
    on_each_database(|shop| {
        let backend = shop.backend();
        for round in 0..ROUNDS {
            let guests: Vec<Guest> = (0..3)
                .map(|number| shop.guest(&format!("phone-{round}-{number}")))
                .collect();
            let carts: Vec<Value> = guests
                .iter()
                .map(|guest| guest.my_cart_with("SKU-1", 1))
                .collect();
            let email = |caller: usize| format!("{round}.{}", SPELLINGS[caller % 3]);
            let replies = together(6, |caller| {
                if caller < 3 {
                    return guests[caller].sign_up(&email(caller), PASSWORD);
                }
                let draft = json!({ "email": email(caller), "password": PASSWORD });
                backend.post("/customers", draft)
            });
            assert_eq!(statuses(&replies)[&201], 1, "{replies:#?}");
            for (caller, reply) in replies.iter().enumerate() {
                if reply.status == 201 {
                    continue;
                }
                let error = &reply.body["errors"][0];
                match reply.status {
                    409 => assert_eq!(error["code"], "LockedField"),
                    _ => {
                        assert_eq!(error["code"], "DuplicateField");
                        assert_eq!(error["duplicateValue"], email(caller));
                    }
                }
                assert_eq!(error["field"], "email");
                if let Some(guest) = guests.get(caller) {
                    assert_eq!(guest.my_cart_again(&carts[caller]), carts[caller]);
                }
            }
            let address = format!("lowercaseEmail = \"{round}.carol@example.com\"");
            assert_eq!(backend.find("/customers", &address).len(), 1);
        }
    });
}

#[test]
fn a_customer_who_moves_to_an_address_while_somebody_signs_up_with_it_shares_it_with_nobody() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for round in 0..ROUNDS {
            let email = format!("new-{round}@example.com");
            let path = format!("/customers/{}", shop.alice().id);
            let alice = backend.get(&path).expect(200);
            let change = json!([{ "action": "changeEmail", "email": email }]);
            let replies = together(2, |caller| match caller {
                0 => backend.update("/customers", &alice, change.clone()),
                _ => backend.post(
                    "/customers",
                    json!({ "email": email, "password": PASSWORD }),
                ),
            });
            let counts = statuses(&replies);
            assert!(
                counts == BTreeMap::from([(200, 1), (400, 1)])
                    || counts == BTreeMap::from([(201, 1), (400, 1)]),
                "{replies:#?}"
            );
            let found = backend.find("/customers", &format!("email = \"{email}\""));
            assert_eq!(found.len(), 1);
            let back = json!([{ "action": "changeEmail", "email": ALICE }]);
            let alice = backend.get(&path).expect(200);
            backend.update("/customers", &alice, back).expect(200);
        }
    });
}

#[test]
fn parallel_refreshes_get_one_successor() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let mut current = guest.refresh_token.clone();
        for _ in 0..ROUNDS {
            let replies = together(8, |_| shop.refresh(&current));
            assert_eq!(
                statuses(&replies),
                BTreeMap::from([(200, 8)]),
                "{replies:#?}"
            );
            let successors: BTreeSet<String> = replies
                .iter()
                .map(|reply| text(&reply.body, "/refresh_token"))
                .collect();
            assert_eq!(successors.len(), 1);
            let tokens: BTreeSet<String> = replies
                .iter()
                .map(|reply| text(&reply.body, "/access_token"))
                .collect();
            assert_eq!(tokens.len(), 8, "every answer has a fresh access token");
            for token in &tokens {
                shop.api_with(token).get("/me/carts").expect(200);
            }
            current = successors.into_iter().next().expect("one");
        }
        // The answer to the first token was used long ago: who still holds it is not the guest.
        let stolen = shop.refresh(&guest.refresh_token);
        stolen.refused(400, "invalid_grant");
    });
}

#[test]
fn a_revoked_session_is_dead_whatever_was_refreshed_meanwhile() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            let form = [("token", guest.refresh_token.as_str())];
            let replies = together(3, |caller| match caller {
                0 => shop.ask_auth(&shop.clients.mobile, "/oauth/token/revoke", &form),
                _ => shop.refresh(&guest.refresh_token),
            });
            statuses(&replies);
            assert_eq!(replies[0].status, 200);
            guest.get("/me/carts").refused(401, "invalid_token");
            for refreshed in replies.iter().skip(1).filter(|reply| reply.status == 200) {
                let late = shop.api_with(&text(&refreshed.body, "/access_token"));
                late.get("/me/carts").refused(401, "invalid_token");
                let next = text(&refreshed.body, "/refresh_token");
                shop.refresh(&next).refused(400, "invalid_grant");
            }
        }
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

/// Makes things until the session is over; answers the ids of what was acknowledged.
fn make_until_the_end(api: &Api, collection: &str, draft: &Value) -> Vec<String> {
    let mut made = Vec::new();
    loop {
        let reply = api.post(collection, draft.clone());
        if reply.status != 201 {
            reply.refused(401, "invalid_token");
            return made;
        }
        made.push(text(&reply.body, "/id"));
    }
}

/// What one of the threads around a sign-up came back with.
enum Done {
    SignedUp(Reply),
    Added(i64),
    Made(&'static str, Vec<String>),
}

fn sign_up_under_fire(shop: &Shop, guest: &Guest, email: &str, moves_lists: bool) {
    let second = shop.another_api();
    let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
    let make = |api: &Api, collection: &'static str, draft: Value| {
        Done::Made(collection, make_until_the_end(api, collection, &draft))
    };
    let done = together(6, |caller| match caller {
        0 => {
            // Not before the others have begun.
            while number(&guest.my_cart_again(&cart), "/version") < 4 {}
            Done::SignedUp(guest.sign_up(email, PASSWORD))
        }
        1 => Done::Added(add_until_the_end(guest, &cart)),
        2 => Done::Added(add_until_the_end(&guest.at(&second), &cart)),
        3 => make(guest, "/me/carts", json!({ "currency": "EUR" })),
        4 => make(
            &guest.at(&second),
            "/me/payments",
            json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 } }),
        ),
        _ => make(
            guest,
            "/me/shopping-lists",
            json!({ "name": { "en": "wishes" } }),
        ),
    });
    let customer = shop.customer(email);
    let mut acknowledged = 0;
    for done in done {
        match done {
            Done::SignedUp(reply) => {
                reply.expect(201);
            }
            Done::Added(units) => acknowledged += units,
            Done::Made("/me/shopping-lists", _) if !moves_lists => {}
            Done::Made(collection, ids) => {
                for id in ids {
                    customer.get(&format!("{collection}/{id}")).expect(200);
                }
            }
        }
    }
    let now = customer.my_cart_again(&cart);
    assert_eq!(number(&now, "/totalLineItemQuantity"), acknowledged);
    for collection in ["/carts", "/payments"] {
        assert_eq!(left_behind(shop, collection, guest), 0, "{collection}");
    }
    if moves_lists {
        assert_eq!(left_behind(shop, "/shopping-lists", guest), 0);
    }
}

#[test]
fn nothing_added_during_a_sign_up_is_lost_or_left_behind() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            sign_up_under_fire(shop, &guest, &format!("{round}@example.com"), false);
        }
    });
}

#[test]
fn shopping_lists_that_move_are_not_left_behind_either() {
    on_each_database_with_moving_lists(|shop| {
        for round in 0..2 {
            let guest = shop.guest(&format!("phone-{round}"));
            sign_up_under_fire(shop, &guest, &format!("{round}@example.com"), true);
        }
    });
}

#[test]
fn an_order_placed_during_a_sign_in_belongs_to_whoever_signed_in() {
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..2 * ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart(json!({
                "currency": "EUR", "country": "DE", "shippingAddress": address(),
                "lineItems": [{ "sku": "SKU-1", "quantity": 1 }],
            }));
            let email = format!("{round}@example.com");
            let replies = together(2, |caller| match caller {
                0 => guest.sign_up(&email, PASSWORD),
                _ => guest.at(&second).order_my_cart(&cart),
            });
            statuses(&replies);
            let signed_up = replies[0].clone().expect(201);
            let customer = text(&signed_up, "/customer/id");
            let orders = shop
                .backend()
                .find("/orders", &format!("cart(id=\"{}\")", text(&cart, "/id")));
            let now = seen_by_the_shop(shop, &cart);
            assert_eq!(now["customerId"], customer);
            if replies[1].status == 201 {
                assert_eq!(orders.len(), 1);
                assert_eq!(orders[0]["customerId"], customer);
                assert_eq!(now["cartState"], "Ordered");
                assert_eq!(signed_up["cart"], Value::Null);
            } else {
                replies[1].clone().refused(401, "invalid_token");
                assert_eq!(orders.len(), 0);
                assert_eq!(signed_up["cart"]["id"], cart["id"]);
                assert_eq!(now["cartState"], "Active");
            }
            assert_eq!(left_behind(shop, "/orders", &guest), 0);
        }
    });
}

#[test]
fn a_guest_who_signs_in_twice_at_once_signs_in_once() {
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart_with("SKU-1", 2);
            let callers = [(ALICE, &guest.api), (BOB, &guest.at(&second))]
                .map(|(email, api)| (email, api.clone()));
            let replies = together(4, |caller| {
                let (email, api) = &callers[caller % 2];
                api.sign_in(email, PASSWORD)
            });
            assert_eq!(statuses(&replies), BTreeMap::from([(200, 1), (401, 3)]));
            let winner = replies
                .iter()
                .position(|reply| reply.status == 200)
                .unwrap();
            let owner = &replies[winner].body["customer"];
            assert_eq!(owner["email"], callers[winner % 2].0);
            let now = seen_by_the_shop(shop, &cart);
            // The customer of an earlier round has a cart already: then the guest's was merged into it.
            assert_eq!(now["customerId"], owner["id"]);
            assert!(["Active", "Merged"].contains(&now["cartState"].as_str().unwrap()));
        }
    });
}

#[test]
fn guests_who_become_the_same_customer_at_once_bring_all_they_have() {
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..ROUNDS {
            let email = format!("{round}@example.com");
            let draft = json!({ "email": email, "password": PASSWORD });
            shop.backend().post("/customers", draft).expect(201);
            let skus = ["SKU-1", "SKU-2", "SKU-14", "SKU-1015"];
            let guests: Vec<(Guest, Value)> = skus
                .iter()
                .map(|sku| {
                    let guest = shop.guest(&format!("phone-{round}-{sku}"));
                    let cart = guest.my_cart_with(sku, 3);
                    (guest, cart)
                })
                .collect();
            let replies = together(skus.len(), |caller| {
                let api = &guests[caller].0.api;
                let api = if caller % 2 == 0 {
                    api.clone()
                } else {
                    api.at(&second)
                };
                api.sign_in(&email, PASSWORD)
            });
            assert_eq!(statuses(&replies), BTreeMap::from([(200, 4)]));
            let customer = shop.customer(&email);
            let active = customer.get("/me/active-cart").expect(200);
            let mut lines: Vec<(String, i64)> = active["lineItems"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| (text(line, "/variant/sku"), number(line, "/quantity")))
                .collect();
            lines.sort();
            let mut wanted = skus.map(|sku| (sku.to_owned(), 3));
            wanted.sort();
            assert_eq!(lines, wanted, "one of the carts took in the other three");
            let carts = customer.get("/me/carts").expect(200);
            assert_eq!(carts["total"], 4);
        }
    });
}

#[test]
fn a_customer_who_shops_while_a_guest_becomes_them_loses_nothing() {
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            guest.my_cart_with("SKU-2", 1);
            let alice = shop.alice();
            let own = alice.my_cart_with("SKU-14", 1);
            let replies = together(2, |caller| match caller {
                0 => guest.sign_in(ALICE, PASSWORD),
                _ => {
                    let add = json!([{ "action": "addLineItem", "sku": "SKU-1" }]);
                    alice.at(&second).change_my_cart(&own, add)
                }
            });
            statuses(&replies);
            assert_eq!(replies[0].status, 200, "{:?}", replies[0]);
            let now = alice.my_cart_again(&own);
            let mut skus: Vec<String> = now["lineItems"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| text(line, "/variant/sku"))
                .collect();
            skus.sort();
            if replies[1].status == 200 {
                assert_eq!(skus, ["SKU-1", "SKU-14", "SKU-2"]);
            } else {
                replies[1].clone().refused(409, "ConcurrentModification");
                assert_eq!(skus, ["SKU-14", "SKU-2"]);
            }
            alice
                .delete(
                    &format!("/me/carts/{}", text(&now, "/id")),
                    number(&now, "/version"),
                )
                .expect(200);
        }
    });
}

#[test]
fn a_refresh_during_a_sign_up_leaves_no_living_token() {
    on_each_database(|shop| {
        for round in 0..2 * ROUNDS {
            let guest = shop.guest(&format!("phone-{round}"));
            let email = format!("{round}@example.com");
            let replies = together(4, |caller| match caller {
                0 => guest.sign_up(&email, PASSWORD),
                _ => shop.refresh(&guest.refresh_token),
            });
            statuses(&replies);
            assert_eq!(replies[0].status, 201, "{:?}", replies[0]);
            for refreshed in &replies[1..] {
                if refreshed.status != 200 {
                    refreshed.clone().refused(400, "invalid_grant");
                    continue;
                }
                let late = shop.api_with(&text(&refreshed.body, "/access_token"));
                late.get("/me/carts").refused(401, "invalid_token");
                let next = text(&refreshed.body, "/refresh_token");
                shop.refresh(&next).refused(400, "invalid_grant");
            }
        }
    });
}

#[test]
fn a_session_that_starts_with_the_old_password_does_not_outlive_it() {
    on_each_database(|shop| {
        let mut password = PASSWORD.to_owned();
        for round in 0..2 * ROUNDS {
            let alice = shop.ask_for_customer(ALICE, &password).expect(200);
            let alice = shop.api_with(&text(&alice, "/access_token"));
            let version = alice.get("/me").expect(200)["version"].clone();
            let next = format!("secret-{round}");
            let change = json!({
                "version": version, "currentPassword": password, "newPassword": next,
            });
            let replies = together(5, |caller| match caller {
                0 => alice.post("/me/password", change.clone()),
                _ => shop.ask_for_customer(ALICE, &password),
            });
            statuses(&replies);
            assert_eq!(replies[0].status, 200, "{:?}", replies[0]);
            for started in &replies[1..] {
                if started.status == 200 {
                    let late = shop.api_with(&text(&started.body, "/access_token"));
                    late.get("/me").refused(401, "invalid_token");
                    let next = text(&started.body, "/refresh_token");
                    shop.refresh(&next).refused(400, "invalid_grant");
                }
            }
            password = next;
        }
    });
}

#[test]
fn a_guest_who_signs_in_while_the_password_changes_is_in_or_out_but_never_half() {
    on_each_database(|shop| {
        let mut password = PASSWORD.to_owned();
        for round in 0..ROUNDS {
            let alice = shop.ask_for_customer(ALICE, &password).expect(200);
            let alice = shop.api_with(&text(&alice, "/access_token"));
            let version = alice.get("/me").expect(200)["version"].clone();
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart(json!({ "currency": "USD" }));
            let next = format!("secret-{round}");
            let change = json!({
                "version": version, "currentPassword": password, "newPassword": next,
            });
            let replies = together(2, |caller| match caller {
                0 => alice.post("/me/password", change.clone()),
                _ => guest.sign_in(ALICE, &password),
            });
            statuses(&replies);
            assert_eq!(replies[0].status, 200, "{:?}", replies[0]);
            if replies[1].status == 200 {
                guest.get("/me/carts").refused(401, "invalid_token");
                assert!(seen_by_the_shop(shop, &cart)["customerId"].is_string());
            } else {
                replies[1].clone().refused(400, "InvalidCredentials");
                assert_eq!(guest.my_cart_again(&cart), cart);
            }
            password = next;
        }
    });
}

#[test]
fn a_one_time_token_is_spent_once() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for _ in 0..ROUNDS {
            let draft = json!({ "email": ALICE });
            let token = backend.post("/customers/password-token", draft).expect(200);
            let replies = together(6, |caller| {
                let new = format!("secret-{caller}");
                let draft = json!({ "tokenValue": token["value"], "newPassword": new });
                backend.post("/customers/password/reset", draft)
            });
            assert_eq!(statuses(&replies), BTreeMap::from([(200, 1), (404, 5)]));
            let winner = replies
                .iter()
                .position(|reply| reply.status == 200)
                .unwrap();
            shop.ask_for_customer(ALICE, &format!("secret-{winner}"))
                .expect(200);
        }
    });
}

#[test]
fn a_customer_who_is_deleted_while_signing_in_is_gone_or_was_there() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for round in 0..ROUNDS {
            let email = format!("{round}@example.com");
            let draft = json!({ "email": email, "password": PASSWORD });
            let made = backend.post("/customers", draft).expect(201);
            let path = format!("/customers/{}", text(&made, "/customer/id"));
            let guest = shop.guest(&format!("phone-{round}"));
            let cart = guest.my_cart_with("SKU-1", 1);
            let replies = together(3, |caller| match caller {
                0 => backend.delete(&path, 1),
                1 => guest.sign_in(&email, PASSWORD),
                _ => shop.ask_for_customer(&email, PASSWORD),
            });
            statuses(&replies);
            assert_eq!(replies[0].status, 200, "{:?}", replies[0]);
            if replies[1].status == 200 {
                guest.get("/me/carts").refused(401, "invalid_token");
            } else {
                replies[1].clone().refused(400, "InvalidCredentials");
                assert_eq!(guest.my_cart_again(&cart), cart);
            }
            if replies[2].status == 200 {
                let late = shop.api_with(&text(&replies[2].body, "/access_token"));
                late.get("/me/carts").refused(401, "invalid_token");
            }
        }
    });
}

#[test]
fn whoever_else_is_at_work_a_changed_password_ends_every_session() {
    on_each_database(|shop| {
        let second = shop.another_api();
        let mut password = PASSWORD.to_owned();
        for round in 0..ROUNDS {
            let sessions: Vec<Api> = (0..4)
                .map(|_| {
                    let answer = shop.ask_for_customer(ALICE, &password).expect(200);
                    shop.api_with(&text(&answer, "/access_token"))
                })
                .collect();
            let me = sessions[0].get("/me").expect(200);
            let next = format!("secret-{round}");
            let rename = json!([{ "action": "setFirstName", "firstName": next }]);
            let change = json!({
                "version": me["version"], "currentPassword": password, "newPassword": next,
            });
            let update = json!({ "version": me["version"], "actions": rename });
            let replies = together(4, |caller| match caller {
                0 => sessions[0].post("/me/password", change.clone()),
                1 => sessions[1].at(&second).post("/me", update.clone()),
                2 => sessions[2].post("/me/password", change.clone()),
                _ => sessions[3]
                    .at(&second)
                    .post("/me/carts", json!({ "currency": "EUR" })),
            });
            statuses(&replies);
            let changed = [0, 2].iter().any(|caller| replies[*caller].status == 200);
            if !changed {
                assert_eq!(replies[1].status, 200, "somebody was first: {replies:#?}");
                sessions[3].get("/me").expect(200);
                continue;
            }
            for session in &sessions {
                session.get("/me").refused(401, "invalid_token");
            }
            password = next;
        }
    });
}

#[test]
fn an_account_is_deleted_once_however_often_that_is_asked() {
    on_each_database(|shop| {
        for round in 0..ROUNDS {
            let email = format!("{round}@example.com");
            let draft = json!({ "email": email, "password": PASSWORD });
            shop.backend().post("/customers", draft).expect(201);
            let sessions: Vec<Api> = (0..2).map(|_| shop.customer(&email).api).collect();
            let replies = together(6, |caller| sessions[caller % 2].delete("/me", 1));
            let counts = statuses(&replies);
            assert_eq!(counts[&200], 1, "{counts:?}");
            assert!(
                counts
                    .keys()
                    .all(|status| [200, 401, 404, 409].contains(status)),
                "{counts:?}"
            );
            for session in &sessions {
                session.get("/me").refused(401, "invalid_token");
            }
        }
    });
}
