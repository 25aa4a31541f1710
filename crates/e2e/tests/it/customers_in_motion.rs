//! Changes of a customer that reach further than the customer: passwords, stores, sessions.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Shop, on_each_database, text};

const DE_STORE: &str = "/in-store/key=de-store";

/// Alice as the shop's own server sees her.
fn alice_of(shop: &Shop) -> Value {
    let found = shop
        .backend()
        .find("/customers", r#"email = "alice@example.com""#);
    found[0].clone()
}

#[test]
fn another_authentication_mode_takes_the_password_away_and_ends_sessions() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let seen = alice_of(shop);
        let actions = json!([{ "action": "setAuthenticationMode", "authMode": "ExternalAuth" }]);
        let changed = backend.update("/customers", &seen, actions).expect(200);
        assert_eq!(changed["authenticationMode"], "ExternalAuth");
        assert!(changed.get("password").is_none());
        assert_eq!(changed["version"], 2);
        alice.get("/me").refused(401, "invalid_token");
        assert_eq!(shop.refresh(&alice.refresh_token).status, 400);
        shop.ask_for_customer("alice@example.com", PASSWORD)
            .expect(400);
        let login = json!({ "email": "alice@example.com", "password": PASSWORD });
        backend
            .post("/login", login)
            .refused(400, "InvalidCredentials");
    });
}

#[test]
fn a_password_given_with_the_authentication_mode_replaces_the_old_one() {
    on_each_database(|shop| {
        let (backend, alice) = (shop.backend(), shop.alice());
        let seen = alice_of(shop);
        let mode = |password: Value| json!([{ "action": "setAuthenticationMode", "authMode": "Password", "password": password }]);
        backend
            .update("/customers", &seen, mode(Value::Null))
            .refused(400, "RequiredField");
        alice.get("/me").expect(200);
        let changed = backend.update("/customers", &seen, mode(json!("n3w")));
        assert_eq!(changed.expect(200)["version"], 2);
        alice.get("/me").refused(401, "invalid_token");
        shop.ask_for_customer("alice@example.com", PASSWORD)
            .expect(400);
        shop.ask_for_customer("alice@example.com", "n3w")
            .expect(200);
        let told = shop
            .admin()
            .find("/messages", r#"type = "CustomerPasswordUpdated""#);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["reset"], false);
    });
}

#[test]
fn a_stale_version_changes_no_password() {
    on_each_database(|shop| {
        let mut seen = alice_of(shop);
        seen["version"] = json!(7);
        let actions = json!([
            { "action": "setAuthenticationMode", "authMode": "Password", "password": "n3w" },
        ]);
        shop.backend()
            .update("/customers", &seen, actions)
            .refused(409, "ConcurrentModification");
        shop.ask_for_customer("alice@example.com", PASSWORD)
            .expect(200);
    });
}

fn in_store_token(shop: &Shop, store: &str) -> crate::support::Reply {
    let form = [
        ("grant_type", "password"),
        ("username", "carol@example.com"),
        ("password", "c4rol"),
    ];
    let path = format!("/oauth/demo/in-store/key={store}/customers/token");
    shop.ask_auth(&shop.clients.mobile, &path, &form)
}

#[test]
fn who_leaves_a_store_loses_the_sessions_there_and_no_others() {
    on_each_database(|shop| {
        let backend = shop.backend();
        let stores = json!([
            { "typeId": "store", "key": "de-store" },
            { "typeId": "store", "key": "us-store" },
        ]);
        let draft = json!({
            "email": "carol@example.com", "password": "c4rol", "stores": stores,
        });
        let carol = backend.post("/customers", draft).expect(201)["customer"].clone();
        let [german, american] = ["de-store", "us-store"].map(|store| {
            let answer = in_store_token(shop, store).expect(200);
            shop.api_with(&text(&answer, "/access_token"))
        });
        let leave = json!([
            { "action": "removeStore", "store": { "typeId": "store", "key": "de-store" } },
        ]);
        backend.update("/customers", &carol, leave).expect(200);
        german
            .get(&format!("{DE_STORE}/me/carts"))
            .refused(401, "invalid_token");
        american.get("/in-store/key=us-store/me/carts").expect(200);
        in_store_token(shop, "de-store").expect(400);
        in_store_token(shop, "us-store").expect(200);
    });
}

#[test]
fn another_customer_group_means_other_prices_in_the_active_cart() {
    on_each_database(|shop| {
        let (admin, alice) = (shop.admin(), shop.alice());
        let group = json!({ "groupName": "Friends", "key": "friends" });
        admin.post("/customer-groups", group).expect(201);
        let friends = json!({ "typeId": "customer-group", "key": "friends" });
        let product = admin.get("/products/key=sku-2").expect(200);
        let price = json!({
            "value": { "currencyCode": "EUR", "centAmount": 1500 }, "customerGroup": friends,
        });
        let actions = json!([
            { "action": "addPrice", "variantId": 1, "price": price }, { "action": "publish" },
        ]);
        admin.update("/products", &product, actions).expect(200);
        let older = alice.my_cart_with("SKU-2", 1);
        let active = alice.my_cart_with("SKU-2", 2);
        let join = json!([{ "action": "setCustomerGroup", "customerGroup": friends }]);
        let seen = admin
            .update("/customers", &alice_of(shop), join)
            .expect(200);
        let repriced = alice.my_cart_again(&active);
        assert_eq!(repriced["totalPrice"]["centAmount"], 3000);
        assert_eq!(repriced["customerGroup"], seen["customerGroup"]);
        assert_eq!(repriced["version"], 2);
        assert_eq!(alice.my_cart_again(&older), older);
        let leave = json!([{ "action": "setCustomerGroup" }]);
        let seen = admin.update("/customers", &seen, leave).expect(200);
        let again = alice.my_cart_again(&active);
        assert_eq!(again["totalPrice"]["centAmount"], 3998);
        assert!(again.get("customerGroup").is_none());
        // What has nothing to do with groups leaves the cart alone.
        let name = json!([{ "action": "setFirstName", "firstName": "Alicia" }]);
        admin.update("/customers", &seen, name).expect(200);
        assert_eq!(alice.my_cart_again(&active)["version"], 3);
    });
}
