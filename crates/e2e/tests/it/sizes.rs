//! What resources, pages and expansions may grow to.

use serde_json::{Value, json};

use crate::support::{Guest, on_each_database, text};

const LONGEST_TEXT: usize = 262_144;

fn addresses(count: usize, street: usize) -> Vec<Value> {
    let address = |key| json!({ "key": format!("a{key}"), "country": "DE", "streetName": "x".repeat(street) });
    (0..count).map(address).collect()
}

/// A cart of about 2.4 MB.
fn large_cart(guest: &Guest) -> Value {
    let draft = json!({ "currency": "EUR", "itemShippingAddresses": addresses(12, 200_000) });
    guest.post("/me/carts", draft).expect(201)
}

fn ids(page: &Value) -> Vec<String> {
    let results = page["results"].as_array().expect("results");
    results.iter().map(|found| text(found, "/id")).collect()
}

#[test]
fn a_text_that_is_too_long_is_refused_by_name_and_changes_nothing() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "EUR" }));
        let add = |street: usize| {
            json!([{
                "action": "addItemShippingAddress",
                "address": { "key": "home", "country": "DE", "streetName": "x".repeat(street) },
            }])
        };
        let refused = guest
            .change_my_cart(&cart, add(3_900_000))
            .refused(400, "ResourceSizeLimitExceeded");
        assert_eq!(
            refused["message"],
            "The cart is too large: 'itemShippingAddresses.streetName' has more than 262144 bytes."
        );
        assert_eq!(refused["field"], "itemShippingAddresses.streetName");
        assert_eq!(guest.my_cart_again(&cart), cart);
        guest.change_my_cart(&cart, add(LONGEST_TEXT)).expect(200);
    });
}

#[test]
fn a_cart_that_grows_by_many_actions_stops_at_4_mib() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let draft = json!({ "currency": "EUR", "itemShippingAddresses": addresses(15, 250_000) });
        let cart = guest.post("/me/carts", draft).expect(201);
        let more = json!([
            { "action": "addItemShippingAddress", "address": { "key": "b1", "country": "DE", "city": "y".repeat(250_000) } },
            { "action": "addItemShippingAddress", "address": { "key": "b2", "country": "DE", "city": "y".repeat(250_000) } },
        ]);
        let refused = guest
            .change_my_cart(&cart, more)
            .refused(400, "ResourceSizeLimitExceeded");
        assert_eq!(
            refused["message"],
            "The cart is too large: it has more than 4194304 bytes."
        );
        let seen = guest.my_cart_again(&cart);
        assert_eq!(seen["version"], cart["version"]);
        // What makes it smaller goes on.
        let less = json!([{ "action": "removeItemShippingAddress", "addressKey": "a0" }]);
        guest.change_my_cart(&cart, less).expect(200);
    });
}

#[test]
fn the_addresses_of_a_customer_are_counted() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let add = || {
            let action = json!({ "action": "addAddress", "address": { "country": "DE" } });
            vec![action; 500]
        };
        let mut version = alice.get("/me").expect(200)["version"].clone();
        let mut change = |actions: Vec<Value>| {
            let reply = alice.post("/me", json!({ "version": version, "actions": actions }));
            if reply.status == 200 {
                version = reply.body["version"].clone();
            }
            reply
        };
        change(add()).expect(200);
        let refused = change([add(), add()].concat()[..600].to_vec());
        refused.refused(400, "InvalidInput");
        let most = 500
            - alice.get("/me").expect(200)["addresses"]
                .as_array()
                .map_or(0, Vec::len)
                % 500;
        change(add()[..most].to_vec()).expect(200);
        let refused = change(add()[..1].to_vec()).refused(400, "MaxResourceLimitExceeded");
        assert_eq!(
            refused["message"],
            "Maximum number of addresses has been reached: 1000."
        );
        assert_eq!(refused["exceededResource"], "addresses");
    });
}

#[test]
fn a_unique_value_that_no_index_takes_is_refused_by_name() {
    on_each_database(|shop| {
        // Text that does not compress: an index could not shorten it.
        let mut seed: u64 = 42;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{:08x}", seed >> 32)
        };
        let long: String = (0..1_000).map(|_| next()).collect();
        let admin = shop.admin();
        let draft = json!({ "email": format!("{long}@example.com"), "password": "secret" });
        let refused = admin
            .post("/customers", draft)
            .refused(400, "ResourceSizeLimitExceeded");
        assert_eq!(
            refused["message"],
            "The customer is too large: 'email' has more than 1024 bytes."
        );
        let list = json!({ "name": { "en": "Wishes" } });
        admin.post("/shopping-lists", list).expect(201);
    });
}

#[test]
fn a_page_ends_before_8_mib_and_the_next_ones_have_the_rest() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let made: Vec<String> = (0..5).map(|_| text(&large_cart(&guest), "/id")).collect();
        let page = |parameters: &[(&str, &str)]| {
            let all = [&[("limit", "500"), ("sort", "id asc")], parameters].concat();
            guest.query("/me/carts", &all).expect(200)
        };
        let first = page(&[]);
        assert_eq!((&first["count"], &first["total"]), (&json!(3), &json!(5)));
        assert_eq!(first["limit"], 500);
        let second = page(&[("offset", "3")]);
        assert_eq!((&second["count"], &second["total"]), (&json!(2), &json!(5)));
        let mut seen = ids(&first);
        seen.extend(ids(&second));
        // The same by the id of the last one.
        let after = format!(r#"id > "{}""#, seen[2]);
        assert_eq!(ids(&page(&[("where", &after)])), ids(&second));
        let mut made = made;
        made.sort();
        assert_eq!(seen, made);
    });
}

#[test]
fn small_documents_between_large_ones_keep_their_order() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let small = || guest.my_cart(json!({ "currency": "EUR" }));
        let made = [
            small(),
            large_cart(&guest),
            small(),
            large_cart(&guest),
            small(),
        ];
        let page = guest
            .query("/me/carts", &[("limit", "500"), ("sort", "createdAt asc")])
            .expect(200);
        let expected: Vec<String> = made.iter().map(|cart| text(cart, "/id")).collect();
        assert_eq!(ids(&page), expected);
        assert_eq!(page["results"][1], made[1]);
        assert_eq!(page["total"], 5);
    });
}

#[test]
fn expansion_stops_before_an_answer_grows_without_end() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let names = ["aa", "bb", "cc"];
        let fields: Vec<Value> = names
            .iter()
            .map(|name| {
                json!({
                    "name": name, "label": { "en": "About" }, "required": false,
                    "type": { "name": "Reference", "referenceTypeId": "key-value-document" },
                })
            })
            .collect();
        let draft = json!({
            "key": "about", "name": { "en": "About" }, "resourceTypeIds": ["order"], "fieldDefinitions": fields,
        });
        admin.post("/types", draft).expect(201);
        let mut references = serde_json::Map::new();
        for name in names {
            let object =
                json!({ "container": "notes", "key": name, "value": "n".repeat(3_900_000) });
            let id = admin.post("/custom-objects", object).expect(201)["id"].clone();
            references.insert(
                name.to_owned(),
                json!({ "typeId": "key-value-document", "id": id }),
            );
        }
        let draft = json!({
            "currency": "EUR", "custom": { "type": { "typeId": "type", "key": "about" }, "fields": references },
        });
        let cart = admin.post("/carts", draft).expect(201);
        let expand: Vec<(&str, &str)> =
            ["custom.fields.aa", "custom.fields.bb", "custom.fields.cc"]
                .map(|path| ("expand", path))
                .to_vec();
        let path = format!("/carts/{}", text(&cart, "/id"));
        let shown = admin.query(&path, &expand).expect(200);
        let is_expanded = |name: &str| shown["custom"]["fields"][name].get("obj").is_some();
        assert_eq!(names.map(is_expanded), [true, true, false]);
        assert_eq!(shown["custom"]["fields"]["cc"], references["cc"]);
    });
}

#[test]
fn the_messages_of_one_request_are_bounded() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let product_type =
            admin.get("/product-types?limit=1").expect(200)["results"][0]["id"].clone();
        let long = || json!({ "en": "x".repeat(250_000), "de": "y".repeat(250_000) });
        let draft = json!({
            "productType": { "typeId": "product-type", "id": product_type },
            "name": long(), "slug": { "en": "long-story" }, "description": long(),
            "metaTitle": long(), "metaDescription": long(),
        });
        let product = admin.post("/products", draft).expect(201);
        // Publishing what did not change says nothing.
        let publish: Vec<Value> = (0..30)
            .flat_map(|turn| {
                let title =
                    json!({ "action": "setMetaTitle", "metaTitle": { "en": turn.to_string() } });
                [title, json!({ "action": "publish" })]
            })
            .collect();
        let refused = admin
            .update("/products", &product, publish.into())
            .refused(400, "ResourceSizeLimitExceeded");
        assert_eq!(
            refused["message"],
            "The message is too large: it has more than 33554432 bytes."
        );
        let once = json!([{ "action": "publish" }]);
        admin.update("/products", &product, once).expect(200);
    });
}

#[test]
fn a_guest_with_many_large_carts_takes_all_of_them_along() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let mut made: Vec<String> = (0..4).map(|_| text(&large_cart(&guest), "/id")).collect();
        let signed_up = guest.sign_up("new@example.com", "secret").expect(201);
        // The latest one is the one to go on with.
        assert_eq!(text(&signed_up, "/cart/id"), made[3]);
        let customer = text(&signed_up, "/customer/id");
        let owned = format!(r#"customerId = "{customer}""#);
        let admin = shop.admin();
        let page = |offset: &str| {
            let query = [
                ("where", owned.as_str()),
                ("sort", "id"),
                ("offset", offset),
            ];
            ids(&admin.query("/carts", &query).expect(200))
        };
        let mut seen = page("0");
        seen.extend(page("3"));
        made.sort();
        assert_eq!(seen, made);
    });
}
