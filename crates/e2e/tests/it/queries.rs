//! Finding things: pages, predicates, sorting, keys, expansion.

use serde_json::{Value, json};

use crate::support::{Api, address, assert_shows, on_each_database, text};

fn ids(resources: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = resources.iter().map(|found| text(found, "/id")).collect();
    ids.sort();
    ids
}

/// What `predicate` finds among the carts, by key.
#[track_caller]
fn keys(api: &Api, collection: &str, predicate: &str) -> Vec<String> {
    let found = api.find(collection, predicate);
    let mut keys: Vec<String> = found.iter().map(|found| text(found, "/key")).collect();
    keys.sort();
    keys
}

fn cart(api: &Api, key: &str, more: Value) -> Value {
    let mut draft = json!({ "currency": "EUR", "country": "DE", "key": key });
    for (name, value) in more.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    api.post("/carts", draft).expect(201)
}

#[test]
fn pages_have_limit_offset_and_total() {
    on_each_database(|shop| {
        let api = shop.backend();
        let made: Vec<Value> = (0..25)
            .map(|number| cart(&api, &format!("c-{number:02}"), json!({})))
            .collect();
        let page = |parameters: &[(&str, &str)]| api.query("/carts", parameters);
        let third = [
            ("limit", "10"),
            ("offset", "20"),
            ("sort", "createdAt desc"),
        ];
        let third = page(&third).expect(200);
        assert_shows(
            &third,
            json!({ "limit": 10, "offset": 20, "count": 5, "total": 25 }),
        );
        assert_eq!(page(&[]).expect(200)["limit"], 20);
        let without = page(&[("withTotal", "false"), ("limit", "3")]).expect(200);
        assert_shows(&without, json!({ "count": 3, "total": null }));
        let none = page(&[("limit", "0")]).expect(200);
        assert_shows(
            &none,
            json!({ "limit": 0, "count": 0, "total": 25, "results": [] }),
        );

        let mut seen = Vec::new();
        for offset in (0..25).step_by(7) {
            let next = [
                ("limit", "7"),
                ("offset", &offset.to_string()),
                ("sort", "key desc"),
            ];
            seen.extend(
                page(&next).expect(200)["results"]
                    .as_array()
                    .unwrap()
                    .clone(),
            );
        }
        let wanted: Vec<&Value> = made.iter().rev().collect();
        assert_eq!(
            seen.iter().collect::<Vec<_>>(),
            wanted,
            "no gaps, no repeats"
        );
    });
}

#[test]
fn paging_parameters_out_of_range_are_refused() {
    on_each_database(|shop| {
        let api = shop.backend();
        for (name, value) in [
            ("limit", "501"),
            ("limit", "-1"),
            ("limit", "ten"),
            ("limit", "99999999999999999999"),
            ("offset", "10001"),
            ("offset", "-1"),
            ("withTotal", "maybe"),
            ("sort", "nonsense desc"),
            ("sort", "createdAt sideways"),
        ] {
            let error = api
                .query("/carts", &[(name, value)])
                .refused(400, "InvalidInput");
            let message = text(&error, "/message");
            let start = format!("Malformed parameter: {name}");
            assert!(message.starts_with(&start), "{name}={value}: {message}");
        }
        api.query("/carts", &[("limit", "500"), ("offset", "10000")])
            .expect(200);
        api.query("/carts", &[("unheardOf", "1")]).expect(200);
    });
}

#[test]
fn a_nested_predicate_holds_for_one_element() {
    on_each_database(|shop| {
        let api = shop.backend();
        let lines = json!([
            { "sku": "SKU-1", "quantity": 1 },
            { "sku": "SKU-2", "quantity": 9 },
        ]);
        cart(&api, "two-lines", json!({ "lineItems": lines }));
        let find = |predicate: &str| keys(&api, "/carts", predicate);
        let none: [&str; 0] = [];
        assert_eq!(
            find("lineItems(variant(sku=\"SKU-1\") and quantity > 5)"),
            none
        );
        assert_eq!(
            find("lineItems(variant(sku=\"SKU-2\") and quantity > 5)"),
            ["two-lines"]
        );
        assert_eq!(
            find("lineItems(variant(sku=\"SKU-1\")) and lineItems(quantity > 5)"),
            ["two-lines"]
        );
    });
}

#[test]
fn variables_stand_for_values() {
    on_each_database(|shop| {
        let api = shop.backend();
        let [a, b, _] = ["c-a", "c-b", "c-c"].map(|key| text(&cart(&api, key, json!({})), "/id"));
        let page = api
            .query(
                "/carts",
                &[("where", "id in :ids"), ("var.ids", &a), ("var.ids", &b)],
            )
            .expect(200);
        let mut wanted = vec![a.clone(), b.clone()];
        wanted.sort();
        assert_eq!(ids(page["results"].as_array().unwrap()), wanted);
        let page = api
            .query(
                "/carts",
                &[("where", "id in (:a, :b)"), ("var.a", &a), ("var.b", &b)],
            )
            .expect(200);
        assert_eq!(page["total"], 2);
        let hostile = [
            ("where", "key = :key"),
            ("var.key", "c-a\" or id is defined"),
        ];
        assert_eq!(api.query("/carts", &hostile).expect(200)["total"], 0);
        let error = api
            .query("/carts", &[("where", "anonymousId=:a")])
            .refused(400, "InvalidInput");
        assert!(text(&error, "/message").contains('a'));
        let unused = [("where", "id is defined"), ("var.unused", "x")];
        assert_eq!(api.query("/carts", &unused).expect(200)["total"], 3);
    });
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a table of predicates and what they find"
)]
fn operators_on_carts_find_exactly_what_they_say() {
    on_each_database(|shop| {
        let (api, alice) = (shop.backend(), shop.alice());
        cart(&api, "plain", json!({}));
        cart(
            &api,
            "american",
            json!({ "country": "US", "currency": "USD" }),
        );
        cart(&api, "of-alice", json!({ "customerId": alice.id }));
        let lines = json!([{ "sku": "SKU-1", "quantity": 2 }]);
        cart(&api, "dear", json!({ "lineItems": lines }));
        let one = json!([{ "sku": "SKU-14", "quantity": 1 }]);
        let frozen = cart(&api, "frozen", json!({ "lineItems": one }));
        let freeze = json!([{ "action": "freezeCart" }]);
        api.update("/carts", &frozen, freeze).expect(200);

        let all = ["american", "dear", "frozen", "of-alice", "plain"];
        let cases: &[(&str, &[&str])] = &[
            (
                "customerId is not defined and not (country = \"US\")",
                &["dear", "frozen", "plain"],
            ),
            ("customerId is defined", &["of-alice"]),
            ("cartState in (\"Active\",\"Frozen\")", &all),
            ("cartState = \"Frozen\"", &["frozen"]),
            (
                "cartState not in (\"Frozen\")",
                &["american", "dear", "of-alice", "plain"],
            ),
            (
                "totalPrice(centAmount >= 2468 and currencyCode = \"EUR\")",
                &["dear"],
            ),
            (
                "totalPrice(centAmount < 1)",
                &["american", "of-alice", "plain"],
            ),
            ("createdAt > \"2020-01-01T00:00:00.000Z\"", &all),
            ("createdAt < \"2020-01-01T01:00:00+01:00\"", &[]),
            ("country != \"DE\"", &["american"]),
            (
                "country <> \"DE\" or key = \"plain\" and version = 1",
                &["american", "plain"],
            ),
            ("lineItems is empty", &["american", "of-alice", "plain"]),
            ("lineItems is not empty", &["dear", "frozen"]),
            ("COUNTRY = \"DE\"", &[]),
            ("key IN (\"plain\") AND NOT(version > 1)", &["plain"]),
        ];
        for (predicate, wanted) in cases {
            if predicate.starts_with("COUNTRY") {
                let refused = api.query("/carts", &[("where", predicate)]);
                refused.refused(400, "InvalidInput");
                continue;
            }
            assert_eq!(keys(&api, "/carts", predicate), *wanted, "{predicate}");
        }
        let both = [
            ("where", "country = \"DE\""),
            ("where", "customerId is defined"),
        ];
        assert_eq!(api.query("/carts", &both).expect(200)["total"], 1);
    });
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a table of predicates and what they find"
)]
fn operators_on_channels_and_customers_find_exactly_what_they_say() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let channel = |key: &str, roles: Value, place: Value| {
            let mut draft = json!({ "key": key, "roles": roles });
            if !place.is_null() {
                draft["geoLocation"] = json!({ "type": "Point", "coordinates": place });
            }
            admin.post("/channels", draft).expect(201);
        };
        channel(
            "gate",
            json!(["InventorySupply", "Primary"]),
            json!([13.37770, 52.51627]),
        );
        channel("near", json!(["Primary"]), json!([13.37629, 52.51860]));
        channel("far", json!(["OrderExport"]), json!([13.41053, 52.52437]));
        channel("nowhere", json!(["InventorySupply"]), Value::Null);
        let cases: &[(&str, &[&str])] = &[
            (
                "geoLocation within circle(13.37770, 52.51627, 1000.0)",
                &["gate", "near"],
            ),
            (
                "geoLocation within circle(13.37770, 52.51627, 1)",
                &["gate"],
            ),
            (
                "roles contains any (\"InventorySupply\",\"Primary\")",
                &["gate", "near", "nowhere"],
            ),
            (
                "roles contains all (\"InventorySupply\",\"Primary\")",
                &["gate"],
            ),
            ("roles = \"OrderExport\"", &["far"]),
        ];
        for (predicate, wanted) in cases {
            assert_eq!(keys(&admin, "/channels", predicate), *wanted, "{predicate}");
        }

        let kind = json!({
            "key": "loyal", "name": { "en": "Loyal" }, "resourceTypeIds": ["customer"],
            "fieldDefinitions": [{
                "name": "loyalty-id", "label": { "en": "Id" }, "required": false,
                "type": { "name": "String" },
            }],
        });
        admin.post("/types", kind).expect(201);
        let customer = |key: &str, id: &str| {
            let draft = json!({
                "email": format!("{key}@Example.com"), "password": "secret", "key": key,
                "custom": {
                    "type": { "typeId": "type", "key": "loyal" }, "fields": { "loyalty-id": id },
                },
            });
            admin.post("/customers", draft).expect(201);
        };
        customer("cust-x", "x");
        customer("cust-y", "y");
        for predicate in [
            "custom(fields(`loyalty-id` = \"x\"))",
            "lowercaseEmail = \"cust-x@example.com\"",
            "email = \"cust-x@Example.com\"",
        ] {
            assert_eq!(
                keys(&admin, "/customers", predicate),
                ["cust-x"],
                "{predicate}"
            );
        }
        let other_case = admin.find("/customers", "email = \"cust-x@example.com\"");
        assert_eq!(other_case, Vec::<Value>::new());
    });
}

#[test]
fn a_bad_predicate_is_explained_and_harms_nobody() {
    on_each_database(|shop| {
        let api = shop.backend();
        let refused = |predicate: &str| {
            let reply = api.query("/carts", &[("where", predicate)]);
            text(&reply.refused(400, "InvalidInput"), "/message")
        };
        assert_eq!(
            refused("foo=\"x\""),
            "Malformed parameter: where: The field 'foo' does not exist."
        );
        for bad in [
            "id=",
            "",
            "id",
            "= \"x\"",
            "id=\"x",
            "id=\"x\"'; DROP TABLE carts;--",
            "id=\"x\" and",
            "(id=\"x\"",
            "id=\"x\")",
            "id in ()",
            "lineItems(quantity > \"many\")",
            "version = \"one\"",
            "version contains any (1)",
            "createdAt > \"yesterday\"",
            "id within circle(1, 2, 3)",
            "\u{1F600} = 1",
            "version = 1e999",
            "version = 99999999999999999999999999999999999999",
        ] {
            let reply = api.query("/carts", &[("where", bad)]);
            if bad.contains("9999") && reply.status == 200 {
                continue;
            }
            let message = text(&reply.refused(400, "InvalidInput"), "/message");
            assert!(
                message.starts_with("Malformed parameter: where:"),
                "{bad}: {message}"
            );
        }
        let deep = "not(".repeat(5_000) + "id is defined" + &")".repeat(5_000);
        let long = format!("id = \"{}\"", "x".repeat(33_000));
        for bad in [deep, long] {
            let reply = api.query("/carts", &[("where", &bad)]);
            assert!([400, 414].contains(&reply.status), "{}", reply.status);
        }
        api.get("/carts").expect(200);
    });
}

#[test]
fn head_says_whether_there_is_something() {
    on_each_database(|shop| {
        let api = shop.backend();
        let made = cart(&api, "c-1", json!({ "anonymousId": "some" }));
        let by_id = format!("/carts/{}", text(&made, "/id"));
        for (path, wanted) in [
            (by_id.as_str(), 200),
            ("/carts/key=c-1", 200),
            ("/carts", 200),
            ("/carts?where=anonymousId=%22some%22", 200),
            ("/carts/7f3d2f0a-1c2b-4d5e-8f90-0123456789ab", 404),
            ("/carts/key=c-2", 404),
            ("/carts?where=anonymousId=%22none%22", 404),
            ("/carts?where=nonsense", 400),
            ("/carts?limit=501", 400),
        ] {
            let reply = api.head(path);
            assert_eq!((reply.status, reply.body), (wanted, json!("")), "{path}");
        }
    });
}

#[test]
fn keys_are_unique_and_name_a_resource() {
    on_each_database(|shop| {
        let api = shop.backend();
        let made = cart(&api, "c-1", json!({}));
        assert_eq!(api.get("/carts/key=c-1").expect(200), made);
        let twice = api.post("/carts", json!({ "currency": "EUR", "key": "c-1" }));
        let error = twice.refused(400, "DuplicateField");
        assert_shows(&error, json!({ "field": "key", "duplicateValue": "c-1" }));
        for unknown in ["/carts/key=zzz", "/carts/not-a-uuid", "/carts/key="] {
            api.get(unknown).refused(404, "ResourceNotFound");
        }
        let change =
            json!({ "version": 1, "actions": [{ "action": "setCountry", "country": "US" }] });
        let changed = api.post("/carts/key=c-1", change).expect(200);
        assert_shows(
            &changed,
            json!({ "id": made["id"], "version": 2, "country": "US" }),
        );
        api.delete("/carts/key=c-1", 2).expect(200);
        cart(&api, "c-1", json!({}));
        for bad in ["a", "has space", "ünïcode", &"k".repeat(257)] {
            let refused = api.post("/carts", json!({ "currency": "EUR", "key": bad }));
            assert_eq!(refused.status, 400, "{bad}");
        }
    });
}

#[test]
fn a_key_in_a_path_is_decoded_once() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let draft = json!({ "container": "c", "key": "a~b.c", "value": 1 });
        let made = admin.post("/custom-objects", draft).expect(201);
        for path in ["/custom-objects/c/a~b.c", "/custom-objects/c/a%7Eb%2Ec"] {
            assert_eq!(admin.get(path).expect(200), made, "{path}");
        }
        admin
            .get("/custom-objects/c/a%257Eb.c")
            .refused(404, "ResourceNotFound");
        admin
            .get("/carts/key%3Dnone")
            .refused(404, "ResourceNotFound");
    });
}

#[test]
fn plus_and_percent_20_are_spaces() {
    on_each_database(|shop| {
        let api = shop.backend();
        cart(&api, "c-1", json!({ "anonymousId": "two words" }));
        for escaped in [
            "anonymousId%20%3D%20%22two%20words%22",
            "anonymousId+%3D+%22two+words%22",
        ] {
            let page = api.get(&format!("/carts?where={escaped}")).expect(200);
            assert_eq!(page["total"], 1, "{escaped}");
        }
    });
}

#[test]
fn references_are_expanded_on_demand() {
    on_each_database(|shop| {
        let (guest, api) = (shop.guest("phone-123"), shop.backend());
        let cart = guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 1 }],
        }));
        let order = guest.order_my_cart(&cart).expect(201);
        let path = format!("/orders/{}", text(&order, "/id"));
        let read = api
            .query(
                &path,
                &[
                    ("expand", "cart"),
                    ("expand", "lineItems[*].state[*].state"),
                ],
            )
            .expect(200);
        assert_eq!(read["cart"]["obj"]["cartState"], "Ordered");
        assert_eq!(
            read["lineItems"][0]["state"][0]["state"]["obj"]["key"],
            "Initial"
        );
        for ignored in [
            "nonsense.path",
            "",
            "cart.nonsense",
            "lineItems[7].state",
            "[*]",
            "cart[0]",
            "...",
        ] {
            let read = api.query(&path, &[("expand", ignored)]).expect(200);
            assert_eq!(read["lineItems"], order["lineItems"], "{ignored}");
        }
        let through = [
            ("expand", "lineItems[0].productType"),
            ("expand", "cart.lineItems[*].productType"),
        ];
        let read = api.query(&path, &through).expect(200);
        assert_eq!(read["lineItems"][0]["productType"]["obj"]["key"], "article");
        assert_eq!(
            read["cart"]["obj"]["lineItems"][0]["productType"]["obj"]["key"],
            "article"
        );
        let page = api.query("/orders", &[("expand", "cart")]).expect(200);
        assert_eq!(page["results"][0]["cart"]["obj"]["id"], cart["id"]);
        let mine = format!("/me/orders/{}", text(&order, "/id"));
        let read = guest.query(&mine, &[("expand", "cart")]).expect(200);
        assert_eq!(read["cart"]["obj"]["id"], cart["id"]);
    });
}

#[test]
fn writes_are_answered_expanded_too() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let expand = [("expand", "lineItems[*].productType")];
        let draft = json!({ "currency": "EUR", "lineItems": [{ "sku": "SKU-1" }] });
        let made = guest
            .call("POST", "/me/carts", &expand, Some(draft.to_string()))
            .expect(201);
        let expanded = "/lineItems/0/productType/obj/key";
        assert_eq!(text(&made, expanded), "article");
        let path = format!("/me/carts/{}", text(&made, "/id"));
        let change =
            json!({ "version": 1, "actions": [{ "action": "setCountry", "country": "DE" }] });
        let changed = guest
            .call("POST", &path, &expand, Some(change.to_string()))
            .expect(200);
        assert_eq!(text(&changed, expanded), "article");
        let stored = guest.get(&path).expect(200);
        assert_eq!(stored["lineItems"][0]["productType"]["obj"], Value::Null);
    });
}
