//! Which shipping methods match a cart or a place.

use serde_json::{Value, json};

use crate::support::{Backend, address, on_each_database, text, together};

/// Names of the methods in an answer, in order.
fn names(page: &Value) -> Vec<String> {
    let results = page["results"].as_array().expect("results");
    assert_eq!(page["count"], results.len());
    results.iter().map(|method| text(method, "/name")).collect()
}

/// The prices of the rates that match.
fn matching_cents(method: &Value) -> Vec<i64> {
    let zones = method["zoneRates"].as_array().into_iter().flatten();
    zones
        .flat_map(|zone| zone["shippingRates"].as_array().into_iter().flatten())
        .filter(|rate| rate["isMatching"] == true)
        .filter_map(|rate| rate["price"]["centAmount"].as_i64())
        .collect()
}

/// Beside the shop's own method: two to the USA, one of them off, one for a store, one with a predicate.
fn more_methods(admin: &Backend) {
    let zone = json!({ "key": "us", "name": "us", "locations": [{ "country": "US" }] });
    admin.post("/zones", zone).expect(201);
    let rates = |zone: &str, cents: i64| {
        let rate = |currency: &str, cents: i64| json!({ "price": { "currencyCode": currency, "centAmount": cents } });
        json!({
            "zone": { "typeId": "zone", "key": zone },
            "shippingRates": [rate("EUR", cents), rate("USD", cents + 1)],
        })
    };
    for (name, more) in [
        (
            "express",
            json!({ "zoneRates": [rates("us", 1500), rates("de", 900)] }),
        ),
        (
            "off",
            json!({ "zoneRates": [rates("de", 1)], "active": false }),
        ),
        (
            "store",
            json!({ "zoneRates": [rates("de", 2)], "stores": [{ "typeId": "store", "key": "de-store" }] }),
        ),
        (
            "some",
            json!({ "zoneRates": [rates("us", 3)], "predicate": "1 = 2" }),
        ),
    ] {
        let mut draft = json!({
            "name": name, "isDefault": false,
            "taxCategory": { "typeId": "tax-category", "key": "std" },
        });
        let members = more.as_object().unwrap().clone();
        draft.as_object_mut().unwrap().extend(members);
        admin.post("/shipping-methods", draft).expect(201);
    }
}

#[test]
fn a_cart_is_told_the_methods_it_can_have_with_their_rate() {
    on_each_database(|shop| {
        let admin = shop.admin();
        more_methods(&admin);
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let path = format!(
            "/shipping-methods/matching-cart?cartId={}",
            text(&cart, "/id")
        );
        guest.get(&path).refused(400, "InvalidOperation");
        let to = json!([{ "action": "setShippingAddress", "address": address() }]);
        let cart = guest.change_my_cart(&cart, to).expect(200);
        for api in [&guest.api, &admin.api, &shop.backend().api] {
            let page = api.get(&path).expect(200);
            assert_eq!(names(&page), ["standard", "express"]);
            assert_eq!(
                page["results"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(matching_cents)
                    .collect::<Vec<_>>(),
                [[490], [900]]
            );
        }
        assert_eq!(guest.head(&path).status, 200);
        let method = json!({ "typeId": "shipping-method", "id": guest.get(&path).expect(200)["results"][1]["id"] });
        let choose = json!([{ "action": "setShippingMethod", "shippingMethod": method }]);
        let cart = guest.change_my_cart(&cart, choose).expect(200);
        assert_eq!(cart["shippingInfo"]["price"]["centAmount"], 900);
        assert!(
            cart["shippingInfo"]["shippingRate"]
                .get("isMatching")
                .is_none()
        );
        let elsewhere = format!(
            "/shipping-methods/matching-cart-location?cartId={}&country=US",
            text(&cart, "/id")
        );
        assert_eq!(names(&guest.get(&elsewhere).expect(200)), ["express"]);
    });
}

#[test]
fn the_carts_of_others_have_no_matching_methods() {
    on_each_database(|shop| {
        let (guest, thief) = (shop.guest("phone-123"), shop.guest("phone-666"));
        let cart = guest.my_cart_with("SKU-1", 1);
        let path = format!(
            "/shipping-methods/matching-cart?cartId={}",
            text(&cart, "/id")
        );
        let unknown = "/shipping-methods/matching-cart?cartId=7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";
        thief.get(&path).refused(404, "ResourceNotFound");
        thief.get(unknown).refused(404, "ResourceNotFound");
        shop.admin().get(unknown).refused(404, "ResourceNotFound");
        guest
            .get("/shipping-methods/matching-cart")
            .refused(400, "InvalidInput");
        let nobodys = shop.token_of(&shop.new_api_client("manage_my_orders:demo"));
        nobodys.get(&path).refused(403, "insufficient_scope");
        guest.sign_in("alice@example.com", "secret").expect(200);
        guest.get(&path).refused(401, "invalid_token");
    });
}

#[test]
fn a_cart_of_a_store_gets_the_methods_of_the_store() {
    on_each_database(|shop| {
        let admin = shop.admin();
        more_methods(&admin);
        let draft = json!({ "currency": "EUR", "shippingAddress": address() });
        let cart = admin
            .post("/in-store/key=de-store/carts", draft)
            .expect(201);
        let path = |store: &str| {
            format!(
                "/in-store/key={store}/shipping-methods/matching-cart?cartId={}",
                text(&cart, "/id")
            )
        };
        let page = admin.get(&path("de-store")).expect(200);
        assert_eq!(names(&page), ["standard", "express", "store"]);
        admin
            .get(&path("us-store"))
            .refused(404, "ResourceNotFound");
    });
}

#[test]
fn a_place_has_the_methods_that_ship_there() {
    on_each_database(|shop| {
        let admin = shop.admin();
        more_methods(&admin);
        let ask = |query: &str| admin.get(&format!("/shipping-methods/matching-location?{query}"));
        assert_eq!(
            names(&ask("country=DE").expect(200)),
            ["standard", "express"]
        );
        let page = ask("country=US&state=NY").expect(200);
        assert_eq!(names(&page), ["express"]);
        assert_eq!(matching_cents(&page["results"][0]), [1500, 1501]);
        let page = ask("country=US&currency=USD").expect(200);
        assert_eq!(matching_cents(&page["results"][0]), [1501]);
        assert_eq!(names(&ask("country=FR").expect(200)), Vec::<String>::new());
        ask("").refused(400, "InvalidInput");
        ask("country=DE&currency=x").refused(400, "InvalidInput");
    });
}

fn draft(name: &str, is_default: bool) -> Value {
    json!({
        "key": name, "name": name, "isDefault": is_default, "zoneRates": [],
        "taxCategory": { "typeId": "tax-category", "key": "std" },
    })
}

fn defaults(admin: &Backend) -> Vec<String> {
    names(
        &admin
            .get("/shipping-methods?where=isDefault%3Dtrue")
            .expect(200),
    )
}

#[test]
fn a_new_default_takes_the_place_of_the_old_one() {
    on_each_database(|shop| {
        let admin = shop.admin();
        assert_eq!(defaults(&admin), ["standard"]);
        let express = admin
            .post("/shipping-methods", draft("express", true))
            .expect(201);
        assert_eq!(express["version"], 1);
        assert_eq!(defaults(&admin), ["express"]);
        let standard = admin.get("/shipping-methods/key=standard").expect(200);
        assert_eq!(standard["isDefault"], false);
        assert_eq!(standard["version"], 2);
        admin
            .post("/shipping-methods", draft("courier", false))
            .expect(201);
        assert_eq!(defaults(&admin), ["express"]);
        let back = json!([{ "action": "changeIsDefault", "isDefault": true }]);
        let standard = admin
            .update("/shipping-methods", &standard, back)
            .expect(200);
        assert_eq!(standard["isDefault"], true);
        assert_eq!(defaults(&admin), ["standard"]);
        let none = json!([{ "action": "changeIsDefault", "isDefault": false }]);
        admin
            .update("/shipping-methods", &standard, none)
            .expect(200);
        assert!(defaults(&admin).is_empty());
    });
}

#[test]
fn of_two_methods_that_become_the_default_at_once_one_does() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let methods: Vec<Value> = (1..=6)
            .map(|number| {
                let draft = draft(&format!("method-{number}"), false);
                admin.post("/shipping-methods", draft).expect(201)
            })
            .collect();
        let statuses = together(methods.len(), |caller| {
            let become_it = json!([{ "action": "changeIsDefault", "isDefault": true }]);
            admin
                .update("/shipping-methods", &methods[caller], become_it)
                .status
        });
        assert_eq!(statuses, [200; 6]);
        assert_eq!(defaults(&admin).len(), 1);
    });
}

fn for_members(admin: &Backend, predicate: &str) -> crate::support::Reply {
    let mut draft = draft("members", false);
    draft["predicate"] = predicate.into();
    draft["zoneRates"] = json!([{
        "zone": { "typeId": "zone", "key": "de" },
        "shippingRates": [{ "price": { "currencyCode": "EUR", "centAmount": 100 } }],
    }]);
    admin.post("/shipping-methods", draft)
}

#[test]
fn a_predicate_that_says_nothing_is_refused_when_it_is_written() {
    on_each_database(|shop| {
        let admin = shop.admin();
        for_members(&admin, "totalPrice >=").refused(400, "SyntaxError");
        for_members(&admin, "colour = \"red\"").refused(400, "SemanticError");
        let standard = admin.get("/shipping-methods/key=standard").expect(200);
        let set = json!([{ "action": "setPredicate", "predicate": "country = " }]);
        admin
            .update("/shipping-methods", &standard, set)
            .refused(400, "SyntaxError");
    });
}

#[test]
fn a_method_is_for_the_carts_that_its_predicate_describes() {
    on_each_database(|shop| {
        let predicate =
            "customer.email = \"me@example.com\" and lineItemCount(sku = \"SKU-1\") > 1";
        for_members(&shop.admin(), predicate).expect(201);
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 2 }],
        }));
        let matching = format!(
            "/shipping-methods/matching-cart?cartId={}",
            text(&cart, "/id")
        );
        assert_eq!(names(&guest.get(&matching).expect(200)), ["standard"]);
        let choose = json!({
            "action": "setShippingMethod",
            "shippingMethod": { "typeId": "shipping-method", "key": "members" },
        });
        guest
            .change_my_cart(&cart, json!([choose]))
            .refused(400, "InvalidOperation");
        let email = |email: &str| json!({ "action": "setCustomerEmail", "email": email });
        let cart = guest
            .change_my_cart(&cart, json!([email("me@example.com"), choose]))
            .expect(200);
        assert_eq!(cart["shippingInfo"]["shippingMethodState"], "MatchesCart");
        assert_eq!(
            names(&guest.get(&matching).expect(200)),
            ["standard", "members"]
        );
        let cart = guest
            .change_my_cart(&cart, json!([email("you@example.com")]))
            .expect(200);
        assert_eq!(
            cart["shippingInfo"]["shippingMethodState"],
            "DoesNotMatchCart"
        );
        guest
            .order_my_cart(&cart)
            .refused(400, "ShippingMethodDoesNotMatchCart");
        let cart = guest
            .change_my_cart(&cart, json!([email("me@example.com")]))
            .expect(200);
        guest.order_my_cart(&cart).expect(201);
    });
}
