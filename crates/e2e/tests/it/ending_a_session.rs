//! A guest signs up or signs in: everything becomes the customer's, and the guest's tokens die.

use serde_json::{Value, json};

use crate::support::{
    CustomerClient, Guest, PASSWORD, Reply, Shop, address, assert_shows, number, on_each_database,
    on_each_database_with_moving_lists, price_change, quantities, text, together, unpublish,
};

const ALICE: &str = "alice@example.com";
const CAROL: &str = "carol@example.com";

/// Orders a cart of its own; answers the order.
fn an_order_of(guest: &Guest) -> Value {
    let cart = guest.my_cart(json!({
        "currency": "EUR", "country": "DE", "shippingAddress": address(),
        "lineItems": [{ "sku": "SKU-1", "quantity": 3 }],
    }));
    guest.order_my_cart(&cart).expect(201)
}

fn ids(page: Reply) -> Vec<String> {
    let page = page.expect(200);
    let results = page["results"].as_array().expect("results");
    let mut ids: Vec<String> = results.iter().map(|one| text(one, "/id")).collect();
    ids.sort();
    ids
}

fn total(page: Reply) -> i64 {
    number(&page.expect(200), "/total")
}

/// The cart as the shop's own server sees it.
fn seen_by_the_shop(shop: &Shop, cart: &Value) -> Value {
    let path = format!("/carts/{}", text(cart, "/id"));
    shop.backend().get(&path).expect(200)
}

#[test]
fn signing_up_answers_the_customer_and_the_active_cart() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        an_order_of(&guest);
        let cart = guest.my_cart_with("SKU-2", 1);
        let draft = json!({
            "firstName": "Carol", "lastName": "Doe", "email": CAROL, "password": PASSWORD,
        });
        let answer = guest.post("/me/signup", draft).expect(201);
        assert_shows(
            &answer,
            json!({
                "customer": {
                    "version": 1, "email": CAROL, "firstName": "Carol", "lastName": "Doe",
                    "isEmailVerified": false, "stores": [], "addresses": [],
                    "authenticationMode": "Password",
                },
                "cart": {
                    "id": cart["id"], "cartState": "Active",
                    "customerId": answer["customer"]["id"], "anonymousId": "phone-123",
                    "createdBy": { "anonymousId": "phone-123" },
                },
            }),
        );
        let members: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["customer", "cart"], "no tokens");
        assert_ne!(answer["customer"]["password"], PASSWORD);
    });
}

#[test]
fn the_guests_tokens_are_dead_when_the_answer_is_there() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        guest.sign_up(CAROL, PASSWORD).expect(201);
        for reply in [
            guest.get("/me/carts"),
            guest.order_my_cart(&cart),
            guest.sign_in(ALICE, PASSWORD),
        ] {
            let challenge = reply.headers.get("www-authenticate").cloned();
            assert!(
                challenge.is_some_and(|one| one.starts_with("Bearer")),
                "{reply:?}"
            );
            assert_eq!(reply.body["error"], "invalid_token");
            reply.refused(401, "invalid_token");
        }
        shop.refresh(&guest.refresh_token)
            .refused(400, "invalid_grant");
        let again = shop.ask_for_guest(Some("phone-123"));
        let refusal = again.refused(400, "invalid_request");
        assert_eq!(refusal["message"], "The anonymousId is already in use.");
    });
}

#[test]
fn the_guests_tokens_are_dead_at_every_instance_and_in_every_format() {
    on_each_database(|shop| {
        let opaque = shop.new_api_client_from(json!({
            "name": "opaque", "accessTokenFormat": "opaque",
            "scope": "create_anonymous_token:demo manage_my_orders:demo manage_my_profile:demo",
        }));
        let elsewhere = shop.another_api();
        for (client, email) in [(&shop.clients.mobile, CAROL), (&opaque, "dan@example.com")] {
            let guest = shop.guest_of(client, email);
            let there = guest.at(&elsewhere);
            there.get("/me/carts").expect(200);
            guest.sign_up(email, PASSWORD).expect(201);
            there.get("/me/carts").refused(401, "invalid_token");
            guest.get("/me/carts").refused(401, "invalid_token");
        }
    });
}

#[test]
fn the_new_customer_sees_what_the_guest_left() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let order = an_order_of(&guest);
        guest.my_cart_with("SKU-2", 1);
        let carts_before = ids(guest.get("/me/carts"));
        guest.sign_up(CAROL, PASSWORD).expect(201);

        let carol = shop.customer(CAROL);
        assert_eq!(ids(carol.get("/me/carts")), carts_before);
        assert_eq!(ids(carol.get("/me/orders")), [text(&order, "/id")]);
        for path in ["/me/carts", "/me/orders"] {
            let page = carol.get(path).expect(200);
            for one in page["results"].as_array().expect("results") {
                let owner = json!({ "customerId": carol.id, "anonymousId": "phone-123" });
                assert_shows(one, owner);
            }
        }
        let new = carol.my_cart(json!({ "currency": "EUR" }));
        assert_shows(&new, json!({ "customerId": carol.id, "anonymousId": null }));
    });
}

#[test]
fn a_migrated_order_leaves_a_message() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let order = an_order_of(&guest);
        let answer = guest.sign_up(CAROL, PASSWORD).expect(201);
        let messages = shop
            .admin()
            .find("/messages", r#"type = "OrderCustomerSet""#);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_shows(
            &messages[0],
            json!({
                "resource": { "typeId": "order", "id": order["id"] },
                "customer": { "typeId": "customer", "id": answer["customer"]["id"] },
            }),
        );
    });
}

#[test]
fn payments_move_with_the_orders_they_pay() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let amount = json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 4192 } });
        let payment = guest.post("/me/payments", amount).expect(201);
        assert_shows(
            &payment,
            json!({ "anonymousId": "phone-123", "interfaceInteractions": null }),
        );
        guest.sign_up(CAROL, PASSWORD).expect(201);
        let carol = shop.customer(CAROL);
        assert_eq!(ids(carol.get("/me/payments")), [text(&payment, "/id")]);
    });
}

#[test]
fn a_failed_sign_up_leaves_the_session_as_it_was() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 2);
        let reply = guest.sign_up("ALICE@example.com", PASSWORD);
        let refusal = reply.refused(400, "DuplicateField");
        let said = json!({ "field": "email", "duplicateValue": "ALICE@example.com" });
        assert_shows(&refusal, said);
        assert_eq!(guest.my_cart_again(&cart), cart);
        shop.refresh(&guest.refresh_token).expect(200);
    });
}

#[test]
fn a_failed_sign_in_leaves_the_session_as_it_was_and_does_not_tell_who_exists() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 2);
        let wrong_password = guest.sign_in(ALICE, "wrong");
        let unknown = guest.sign_in("nobody@example.com", PASSWORD);
        assert_eq!(wrong_password.body, unknown.body);
        assert_eq!(wrong_password.status, unknown.status);
        let refusal = unknown.refused(400, "InvalidCredentials");
        let message = "Account with the given credentials not found.";
        assert_eq!(refusal["message"], message);
        assert_eq!(guest.my_cart_again(&cart), cart);
        shop.refresh(&guest.refresh_token).expect(200);
    });
}

#[test]
fn a_customer_without_cart_takes_the_guests() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let before = alice.get("/me").expect(200);
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 2);
        let answer = guest.sign_in("Alice@Example.com", PASSWORD).expect(200);
        assert_eq!(
            answer["customer"], before,
            "signing in does not change the customer"
        );
        let owned = json!({
            "id": cart["id"], "cartState": "Active", "customerId": alice.id,
            "anonymousId": "phone-123",
            "lineItems": [{ "id": cart["lineItems"][0]["id"], "quantity": 2 }],
        });
        assert_shows(&answer["cart"], owned);
        assert_eq!(alice.get("/me/active-cart").expect(200), answer["cart"]);
    });
}

#[test]
fn the_cart_of_a_migrated_guest_is_that_customers_only() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 2);
        guest.sign_in(ALICE, PASSWORD).expect(200);
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        shop.alice().get(&path).expect(200);
        shop.bob().get(&path).refused(404, "ResourceNotFound");
        shop.guest("phone-456")
            .get(&path)
            .refused(404, "ResourceNotFound");
    });
}

#[test]
fn signing_in_takes_prices_as_they_are_now_and_keeps_product_data() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        guest.my_cart_with("SKU-1", 2);
        price_change(shop, "SKU-1", 1500);
        rename(shop, "sku-1", "Renamed");
        let answer = guest.sign_in(ALICE, PASSWORD).expect(200);
        let now = json!({
            "totalPrice": { "centAmount": 3000 },
            "lineItems": [{
                "name": { "en": "SKU-1" }, "price": { "value": { "centAmount": 1500 } },
            }],
        });
        assert_shows(&answer["cart"], now);
    });
}

#[test]
fn signing_in_refreshes_product_data_when_asked() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        guest.my_cart_with("SKU-1", 2);
        rename(shop, "sku-1", "Renamed");
        let wanted = json!({ "email": ALICE, "password": PASSWORD, "updateProductData": true });
        let answer = guest.post("/me/login", wanted).expect(200);
        assert_eq!(answer["cart"]["lineItems"][0]["name"]["en"], "Renamed");
    });
}

fn rename(shop: &Shop, product: &str, name: &str) {
    let admin = shop.admin();
    let product = admin.get(&format!("/products/key={product}")).expect(200);
    let actions = json!([
        { "action": "changeName", "name": { "en": name } },
        { "action": "publish" },
    ]);
    admin.update("/products", &product, actions).expect(200);
}

#[test]
fn products_that_are_no_longer_sold_drop_out_at_sign_in() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        guest.my_cart(json!({
            "currency": "EUR", "country": "DE",
            "lineItems": [{ "sku": "SKU-1" }, { "sku": "SKU-2" }],
        }));
        unpublish(shop, "SKU-2");
        let answer = guest.sign_in(ALICE, PASSWORD).expect(200);
        assert_eq!(quantities(&answer["cart"]), [("SKU-1".to_owned(), 1)]);
        assert_eq!(number(&answer, "/cart/totalPrice/centAmount"), 1234);
    });
}

#[test]
fn a_cart_that_can_no_longer_be_priced_stops_the_sign_in_and_nothing_has_happened() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-2", 1);
        let admin = shop.admin();
        let product = admin.get("/products/key=sku-2").expect(200);
        let price = &product["masterData"]["current"]["masterVariant"]["prices"][0]["id"];
        let actions =
            json!([{ "action": "removePrice", "priceId": price }, { "action": "publish" }]);
        admin.update("/products", &product, actions).expect(200);
        let reply = guest.sign_in(ALICE, PASSWORD);
        reply.refused(400, "MatchingPriceNotFound");
        assert_eq!(guest.my_cart_again(&cart), cart);
        assert_eq!(total(shop.alice().get("/me/carts")), 0);
    });
}

#[test]
fn all_carts_of_the_session_move_and_the_one_changed_last_is_active() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let older = guest.my_cart_with("SKU-1", 1);
        let newer = guest.my_cart_with("SKU-2", 1);
        let answer = guest.sign_in(ALICE, PASSWORD).expect(200);
        assert_eq!(answer["cart"]["id"], newer["id"]);
        let alice = shop.alice();
        assert_eq!(alice.my_cart_again(&older)["cartState"], "Active");
        assert_eq!(total(alice.get("/me/carts")), 2);
        assert_eq!(alice.get("/me/active-cart").expect(200)["id"], newer["id"]);
    });
}

#[test]
fn a_backend_that_creates_a_customer_hands_over_what_an_anonymous_id_has() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let draft = json!({ "currency": "USD", "country": "US", "anonymousId": "foobar" });
        let cart = backend.post("/carts", draft).expect(201);
        let dan = json!({
            "email": "dan@example.com", "password": PASSWORD, "anonymousId": "foobar",
        });
        let answer = backend.post("/customers", dan).expect(201);
        let owned = json!({
            "id": cart["id"], "anonymousId": "foobar", "customerId": answer["customer"]["id"],
        });
        assert_shows(&answer["cart"], owned);
    });
}

#[test]
fn a_backend_that_signs_a_guest_in_ends_the_guests_session() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let wanted = json!({ "email": ALICE, "password": PASSWORD, "anonymousId": "phone-123" });
        let answer = shop.backend().post("/login", wanted).expect(200);
        assert_eq!(answer["cart"]["id"], cart["id"]);
        guest.get("/me/carts").refused(401, "invalid_token");
        shop.refresh(&guest.refresh_token)
            .refused(400, "invalid_grant");
    });
}

#[test]
fn a_cart_and_an_anonymous_id_that_do_not_belong_together_assign_nothing() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let draft = json!({ "currency": "USD", "anonymousId": "foobar" });
        let cart = backend.post("/carts", draft).expect(201);
        let wanted = json!({
            "email": ALICE, "password": PASSWORD, "anonymousId": "other",
            "anonymousCart": { "typeId": "cart", "id": cart["id"] },
        });
        backend
            .post("/login", wanted)
            .refused(400, "InvalidOperation");
        assert_eq!(seen_by_the_shop(shop, &cart), cart);
    });
}

fn a_shopping_list_of(guest: &Guest) -> Value {
    let list = guest.post("/me/shopping-lists", json!({ "name": { "en": "Wishes" } }));
    list.expect(201)
}

#[test]
fn shopping_lists_stay_until_the_application_moves_them() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let list = a_shopping_list_of(&guest);
        guest.sign_in(ALICE, PASSWORD).expect(200);
        let (alice, backend) = (shop.alice(), shop.backend());
        assert_eq!(total(alice.get("/me/shopping-lists")), 0);
        let left = backend.find("/shopping-lists", r#"anonymousId = "phone-123""#);
        assert_eq!(left, [list]);

        let hand_over = json!([{
            "action": "setCustomer", "customer": { "typeId": "customer", "id": alice.id },
        }]);
        let moved = backend
            .update("/shopping-lists", &left[0], hand_over)
            .expect(200);
        assert_eq!(moved["customer"]["id"], json!(alice.id));
        assert_eq!(ids(alice.get("/me/shopping-lists")), [text(&moved, "/id")]);
        let back = json!([{ "action": "setAnonymousId", "anonymousId": "x" }]);
        let reply = backend.update("/shopping-lists", &moved, back);
        reply.refused(400, "InvalidOperation");
    });
}

#[test]
fn shopping_lists_move_too_where_the_operator_says_so() {
    on_each_database_with_moving_lists(|shop| {
        let guest = shop.guest("phone-123");
        let list = a_shopping_list_of(&guest);
        guest.sign_in(ALICE, PASSWORD).expect(200);
        assert_eq!(
            ids(shop.alice().get("/me/shopping-lists")),
            [text(&list, "/id")]
        );
    });
}

#[test]
fn custom_objects_do_not_care_who_signs_in() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let draft = json!({
            "container": "guest", "key": "phone-123", "value": { "recent": ["SKU-1"] },
        });
        let object = admin.post("/custom-objects", draft).expect(201);
        shop.guest("phone-123").sign_in(ALICE, PASSWORD).expect(200);
        let now = admin.get("/custom-objects/guest/phone-123").expect(200);
        assert_eq!(now, object);
    });
}

#[test]
fn a_customer_who_signs_in_again_keeps_tokens_and_moves_nothing() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let bob = shop.bob();
        let answer = bob.sign_in(ALICE, PASSWORD).expect(200);
        assert_eq!(answer["cart"], Value::Null);
        bob.get("/me/carts").expect(200);
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn of_two_customers_who_sign_in_at_once_exactly_one_gets_the_cart() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 2);
        let customers: [CustomerClient; 2] = [shop.alice(), shop.bob()];
        let emails = [ALICE, "bob@example.com"];
        let replies = together(2, |caller| guest.sign_in(emails[caller], PASSWORD));
        let winners: Vec<usize> = (0..2)
            .filter(|caller| replies[*caller].body["cart"]["id"] == cart["id"])
            .collect();
        let [winner] = winners[..] else {
            panic!("{replies:#?}");
        };
        assert_eq!(replies[winner].status, 200);
        let loser = replies[1 - winner].clone();
        loser.refused(401, "invalid_token");
        assert_eq!(
            seen_by_the_shop(shop, &cart)["customerId"],
            json!(customers[winner].id)
        );
    });
}

#[test]
fn nothing_a_guest_does_during_the_sign_in_is_left_behind() {
    const SHOPPERS: usize = 6;
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let replies = together(SHOPPERS, |caller| match caller {
            0 => guest.sign_in(ALICE, PASSWORD),
            1 => guest.change_my_cart(
                &cart,
                json!([{ "action": "addLineItem", "sku": "SKU-2", "quantity": 1 }]),
            ),
            _ => guest.post("/me/carts", json!({ "currency": "EUR" })),
        });
        assert_eq!(replies[0].status, 200, "{:?}", replies[0]);
        let mut written = Vec::new();
        for reply in &replies[1..] {
            match reply.status {
                401 => {}
                200 | 201 => written.push(text(&reply.body, "/id")),
                _ => panic!("{reply:?}"),
            }
        }
        written.push(text(&cart, "/id"));
        let alice = shop.alice();
        let owned = ids(alice.get("/me/carts"));
        assert!(
            written.iter().all(|id| owned.contains(id)),
            "{written:?} in {owned:?}"
        );
        let everything = shop
            .backend()
            .find("/carts", r#"anonymousId = "phone-123""#);
        assert_eq!(everything.len(), owned.len());
        let added = replies[1].status == 200;
        let lines = number(&alice.my_cart_again(&cart), "/totalLineItemQuantity");
        assert_eq!(lines, if added { 2 } else { 1 });
    });
}

#[test]
fn a_refresh_during_the_sign_in_gives_no_token_that_lives_on() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let replies = together(2, |caller| match caller {
            0 => guest.sign_in(ALICE, PASSWORD),
            _ => shop.refresh(&guest.refresh_token),
        });
        replies[0].clone().expect(200);
        let refreshed = &replies[1];
        if refreshed.status == 200 {
            let token = text(&refreshed.body, "/access_token");
            let late = shop.api_with(&token).get("/me/carts");
            late.refused(401, "invalid_token");
            let next = text(&refreshed.body, "/refresh_token");
            shop.refresh(&next).refused(400, "invalid_grant");
        } else {
            refreshed.clone().refused(400, "invalid_grant");
        }
    });
}

#[test]
fn a_guest_of_one_store_signs_in_there_and_takes_everything_along() {
    on_each_database(|shop| {
        let store = "/in-store/key=de-store";
        let customer = json!({ "email": "eve@example.com", "password": PASSWORD });
        let customers = format!("{store}/customers");
        let eve = shop.backend().post(&customers, customer).expect(201);
        let guest = shop.guest("phone-123");
        let draft = json!({ "currency": "EUR", "country": "DE" });
        let in_store = guest
            .post(&format!("{store}/me/carts"), draft.clone())
            .expect(201);
        let elsewhere = guest.my_cart(draft);

        let credentials = json!({ "email": "eve@example.com", "password": PASSWORD });
        let reply = guest.post("/me/login", credentials.clone());
        reply.refused(400, "InvalidCredentials");
        let login = format!("{store}/me/login");
        let answer = guest.post(&login, credentials).expect(200);
        assert_eq!(answer["customer"]["id"], eve["customer"]["id"]);
        assert_eq!(answer["cart"]["id"], in_store["id"]);
        for cart in [&in_store, &elsewhere] {
            let seen = seen_by_the_shop(shop, cart);
            assert_eq!(seen["customerId"], eve["customer"]["id"]);
        }
        guest.get("/me/carts").refused(401, "invalid_token");
    });
}

#[test]
fn of_guests_who_sign_up_at_once_with_one_email_exactly_one_does() {
    const GUESTS: usize = 5;
    on_each_database(|shop| {
        let guests: Vec<Guest> = (0..GUESTS)
            .map(|number| shop.guest(&format!("phone-{number}")))
            .collect();
        for guest in &guests {
            guest.my_cart_with("SKU-1", 1);
        }
        let replies = together(GUESTS, |caller| guests[caller].sign_up(CAROL, PASSWORD));
        let winners = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(winners, 1, "{replies:#?}");
        for (guest, reply) in guests.iter().zip(replies) {
            match reply.status {
                201 => {
                    guest.get("/me/carts").refused(401, "invalid_token");
                }
                409 => {
                    reply.refused(409, "LockedField");
                    assert_eq!(total(guest.get("/me/carts")), 1);
                }
                _ => {
                    reply.refused(400, "DuplicateField");
                    assert_eq!(total(guest.get("/me/carts")), 1);
                }
            }
        }
        assert_eq!(total(shop.customer(CAROL).get("/me/carts")), 1);
    });
}

#[test]
fn a_lost_answer_to_a_sign_in_costs_nothing() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 2);
        guest.sign_in(ALICE, PASSWORD).expect(200);
        let again = guest.sign_in(ALICE, PASSWORD);
        again.refused(401, "invalid_token");
        assert_eq!(shop.alice().my_cart_again(&cart)["cartState"], "Active");
    });
}
