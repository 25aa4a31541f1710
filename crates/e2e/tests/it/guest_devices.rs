//! One guest on several devices: one cart, and whoever is closed is out at once.

use serde_json::{Value, json};

use crate::support::{Api, Credentials, Guest, Reply, Shop, on_each_database, text, together};

const GRANT: &str = "urn:guestcart:params:oauth:grant-type:handoff";

fn redeem(shop: &Shop, client: &Credentials, code: &str) -> Reply {
    let form = [("grant_type", GRANT), ("handoff_code", code)];
    shop.ask_auth(client, "/oauth/demo/anonymous/token", &form)
}

/// Another device of the guest, with the API as it sees it and its refresh token.
fn device(shop: &Shop, client: &Credentials, guest: &Guest) -> (Api, String) {
    let form = [("anonymous_token", guest.token.as_str())];
    let path = "/oauth/demo/anonymous/handoff";
    let offered = shop.ask_auth(&shop.clients.mobile, path, &form).expect(200);
    let answer = redeem(shop, client, &text(&offered, "/handoff_code")).expect(200);
    let api = shop.api_with(&text(&answer, "/access_token"));
    (api, text(&answer, "/refresh_token"))
}

fn one_more(cart: &Value) -> Value {
    json!({ "version": cart["version"], "actions": [{ "action": "addLineItem", "sku": "SKU-2" }] })
}

fn revoke(shop: &Shop, refresh_token: &str) {
    let form = [("token", refresh_token)];
    shop.ask_auth(&shop.clients.mobile, "/oauth/token/revoke", &form)
        .expect(200);
}

#[test]
fn a_guest_has_one_cart_on_every_device() {
    on_each_database(|shop| {
        let web = shop
            .new_api_client("create_anonymous_token:demo view_products:demo manage_my_orders:demo");
        let phone = shop.guest("phone-1");
        let cart = phone.my_cart_with("SKU-1", 1);
        let (desktop, _) = device(shop, &web, &phone);
        assert_eq!(desktop.get("/me/active-cart").expect(200), cart);
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        let changed = desktop.post(&path, one_more(&cart)).expect(200);
        assert_eq!(phone.my_cart_again(&cart), changed);
        assert_eq!(changed["anonymousId"], "phone-1");
        let order = desktop.order_my_cart(&changed);
        // The cart has no address yet: the shop's rules are the same for both.
        assert_eq!(order.status, phone.order_my_cart(&changed).status);
    });
}

#[test]
fn a_closed_device_neither_reads_nor_writes_and_the_others_do() {
    on_each_database(|shop| {
        let phone = shop.guest("phone-1");
        let cart = phone.my_cart_with("SKU-1", 1);
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        let (kiosk, refresh_token) = device(shop, &shop.clients.mobile, &phone);
        let cart = kiosk.post(&path, one_more(&cart)).expect(200);
        let elsewhere = shop.another_api();
        revoke(shop, &refresh_token);
        for api in [kiosk.clone(), kiosk.at(&elsewhere)] {
            api.get(&path).refused(401, "invalid_token");
            api.get("/me/active-cart").refused(401, "invalid_token");
            api.post(&path, one_more(&cart))
                .refused(401, "invalid_token");
            api.post("/me/carts", json!({ "currency": "EUR" }))
                .refused(401, "invalid_token");
            api.sign_in("alice@example.com", "secret")
                .refused(401, "invalid_token");
        }
        phone.post(&path, one_more(&cart)).expect(200);
    });
}

#[test]
fn a_sign_in_on_one_device_ends_the_guest_on_all() {
    on_each_database(|shop| {
        let phone = shop.guest("phone-1");
        phone.my_cart_with("SKU-1", 2);
        let (desktop, refresh_token) = device(shop, &shop.clients.mobile, &phone);
        desktop.sign_in("alice@example.com", "secret").expect(200);
        for api in [&desktop, &phone.api] {
            api.get("/me/carts").refused(401, "invalid_token");
        }
        for token in [&refresh_token, &phone.refresh_token] {
            shop.refresh(token).refused(400, "invalid_grant");
        }
        let cart = shop.alice().get("/me/active-cart").expect(200);
        assert_eq!(cart["lineItems"][0]["quantity"], 2);
    });
}

#[test]
fn a_guest_who_signs_in_while_a_code_is_redeemed_is_gone_on_both_devices_or_neither_joined() {
    on_each_database(|shop| {
        for round in 0..5 {
            let phone = shop.guest(&format!("phone-{round}"));
            phone.my_cart_with("SKU-1", 1);
            let form = [("anonymous_token", phone.token.as_str())];
            let path = "/oauth/demo/anonymous/handoff";
            let offered = shop.ask_auth(&shop.clients.mobile, path, &form).expect(200);
            let code = text(&offered, "/handoff_code");
            let replies = together(2, |caller| match caller {
                0 => phone.sign_in("alice@example.com", "secret"),
                _ => redeem(shop, &shop.clients.mobile, &code),
            });
            assert_eq!(replies[0].status, 200);
            let joined = replies.into_iter().nth(1).expect("two replies");
            if joined.status == 200 {
                let desktop = shop.api_with(&text(&joined.body, "/access_token"));
                desktop.get("/me/carts").refused(401, "invalid_token");
            } else {
                joined.refused(400, "invalid_grant");
            }
        }
    });
}
