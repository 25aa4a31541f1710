//! A token of one store stays in that store.

use serde_json::{Value, json};

use crate::support::{Api, Backend, PASSWORD, Shop, on_each_database, text};

const US: &str = "/in-store/key=us-store";
const DE: &str = "/in-store/key=de-store";

/// A backend of the store `us-store`, and of no other.
fn american(shop: &Shop) -> Backend {
    let scopes = ["manage_orders", "manage_customers", "manage_shopping_lists"];
    let scopes: Vec<String> = scopes
        .iter()
        .map(|name| format!("{name}:demo:us-store"))
        .collect();
    shop.token_of(&shop.new_api_client(&scopes.join(" ")))
}

fn store(key: &str) -> Value {
    json!({ "typeId": "store", "key": key })
}

fn new_customer(email: &str, stores: Option<Value>) -> Value {
    let mut draft = json!({ "email": email, "password": PASSWORD });
    draft["stores"] = stores.unwrap_or(Value::Null);
    draft
}

fn import(store: Option<Value>) -> Value {
    let mut draft = json!({
        "totalPrice": { "currencyCode": "USD", "centAmount": 1 },
        "customLineItems": [{
            "name": { "en": "x" }, "slug": "gift-wrap", "quantity": 1,
            "money": { "currencyCode": "USD", "centAmount": 1 },
        }],
    });
    draft["store"] = store.unwrap_or(Value::Null);
    draft
}

#[test]
fn whatever_a_draft_says_it_makes_things_in_its_store_only() {
    on_each_database(|shop| {
        let (admin, api) = (shop.admin(), american(shop));
        let stores = |made: &Value| made["customer"]["stores"].clone();
        for (at, named) in [None, Some(json!([])), Some(json!([store("us-store")]))]
            .into_iter()
            .enumerate()
        {
            let draft = new_customer(&format!("c{at}@example.com"), named);
            let made = api.post(&format!("{US}/customers"), draft).expect(201);
            assert_eq!(stores(&made), json!([store("us-store")]));
        }
        for named in [
            json!([store("de-store")]),
            json!([store("us-store"), store("de-store")]),
        ] {
            let draft = new_customer("d@example.com", Some(named));
            api.post(&format!("{US}/customers"), draft)
                .refused(400, "InvalidOperation");
        }
        let cart = json!({ "currency": "USD" });
        let mut german = cart.clone();
        german["store"] = store("de-store");
        let list = json!({ "name": { "en": "x" } });
        let mut german_list = list.clone();
        german_list["store"] = store("de-store");
        for (path, own, foreign) in [
            ("carts", cart, german),
            ("shopping-lists", list, german_list),
            (
                "orders/import",
                import(None),
                import(Some(store("de-store"))),
            ),
        ] {
            let made = api.post(&format!("{US}/{path}"), own).expect(201);
            assert_eq!(made["store"], store("us-store"), "{path}");
            api.post(&format!("{US}/{path}"), foreign)
                .refused(400, "InvalidOperation");
        }
        assert_eq!(admin.get("/customers").expect(200)["total"], 5);
        let elsewhere = r#"store is not defined or store(key != "us-store")"#;
        assert!(admin.find("/orders", elsewhere).is_empty());
    });
}

#[test]
fn a_store_of_the_path_counts_for_tokens_of_the_project_too() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        let made = |named: Value, email: &str| {
            let draft = new_customer(email, Some(named));
            admin.post(&format!("{US}/customers"), draft).expect(201)["customer"]["stores"].clone()
        };
        assert_eq!(made(json!([]), "a@example.com"), json!([store("us-store")]));
        assert_eq!(
            made(json!([store("de-store")]), "b@example.com"),
            json!([store("us-store"), store("de-store")])
        );
        let draft = new_customer("c@example.com", Some(json!([])));
        let signed_up = guest.post(&format!("{US}/me/signup"), draft).expect(201);
        assert_eq!(signed_up["customer"]["stores"], json!([store("us-store")]));
        admin
            .post(
                &format!("{US}/orders/import"),
                import(Some(store("de-store"))),
            )
            .refused(400, "InvalidOperation");
        let order = admin
            .post(&format!("{US}/orders/import"), import(None))
            .expect(201);
        let list = json!({ "name": { "en": "x" } });
        let list = admin
            .post(&format!("{US}/shopping-lists"), list)
            .expect(201);
        for (path, made) in [("orders", &order), ("shopping-lists", &list)] {
            for to in [Some(store("de-store")), None] {
                let mut action = json!({ "action": "setStore" });
                action["store"] = to.unwrap_or(Value::Null);
                admin
                    .update(&format!("{US}/{path}"), made, json!([action]))
                    .refused(400, "InvalidOperation");
            }
            let action = json!([{ "action": "setStore", "store": store("de-store") }]);
            let moved = admin.update(&format!("/{path}"), made, action).expect(200);
            assert_eq!(moved["store"], store("de-store"));
        }
    });
}

#[test]
fn a_guest_of_one_store_signs_up_there() {
    on_each_database(|shop| {
        let phone = shop.new_api_client(
            "create_anonymous_token:demo manage_my_profile:demo:us-store manage_my_orders:demo:us-store",
        );
        let guest = shop.guest_of(&phone, "tablet-1");
        let path = format!("{US}/me/signup");
        let abroad = new_customer(
            "c@example.com",
            Some(json!([store("us-store"), store("de-store")])),
        );
        guest.post(&path, abroad).refused(400, "InvalidOperation");
        let nowhere = new_customer("c@example.com", Some(json!([])));
        let signed_up = guest.post(&path, nowhere).expect(201);
        assert_eq!(signed_up["customer"]["stores"], json!([store("us-store")]));
    });
}

#[test]
fn it_moves_no_customer_into_other_stores_or_out_of_its_own() {
    on_each_database(|shop| {
        let (admin, api) = (shop.admin(), american(shop));
        let customers = format!("{US}/customers");
        let draft = new_customer(
            "c@example.com",
            Some(json!([store("us-store"), store("de-store")])),
        );
        let customer = admin.post("/customers", draft).expect(201)["customer"].clone();
        for action in [
            json!({ "action": "setStores", "stores": [] }),
            json!({ "action": "setStores" , "stores": [store("us-store")] }),
            json!({ "action": "setStores" , "stores": [store("de-store")] }),
            json!({ "action": "removeStore", "store": store("us-store") }),
            json!({ "action": "removeStore", "store": store("de-store") }),
        ] {
            api.update(&customers, &customer, json!([action]))
                .refused(400, "InvalidOperation");
        }
        let own = api
            .post(&customers, new_customer("d@example.com", None))
            .expect(201)["customer"]
            .clone();
        for action in [
            json!({ "action": "addStore", "store": store("de-store") }),
            json!({ "action": "setStores", "stores": [] }),
            json!({ "action": "removeStore", "store": store("us-store") }),
        ] {
            api.update(&customers, &own, json!([action]))
                .refused(400, "InvalidOperation");
        }
        let renamed = json!([{ "action": "setFirstName", "firstName": "Dan" }]);
        api.update(&customers, &own, renamed).expect(200);
        let mut both = "manage_customers:demo:us-store manage_customers:demo:de-store".to_owned();
        let both = shop.token_of(&shop.new_api_client(&std::mem::take(&mut both)));
        let actions = json!([{ "action": "removeStore", "store": store("de-store") }]);
        let moved = both.update(&customers, &customer, actions).expect(200);
        assert_eq!(moved["stores"], json!([store("us-store")]));
    });
}

#[test]
fn it_signs_in_guests_of_its_store_only() {
    on_each_database(|shop| {
        let api = american(shop);
        let cart = json!({ "currency": "USD" });
        let carol = new_customer("carol@example.com", None);
        let carol = api.post(&format!("{US}/customers"), carol).expect(201);
        let merge = format!(
            "{US}/carts/customer-id={}/merge",
            text(&carol, "/customer/id")
        );
        let ways = |id: &str| {
            [
                (
                    format!("{US}/login"),
                    json!({ "email": "carol@example.com", "password": PASSWORD, "anonymousId": id }),
                ),
                (
                    format!("{US}/customers"),
                    json!({ "email": "new@example.com", "password": PASSWORD, "anonymousId": id }),
                ),
                (merge.clone(), json!({ "anonymousId": id })),
            ]
        };
        for (id, prefix) in [("of-germany", DE), ("of-the-project", "")] {
            let guest = shop.guest(id);
            let own = guest
                .post(&format!("{US}/me/carts"), cart.clone())
                .expect(201);
            guest
                .post(&format!("{prefix}/me/carts"), cart.clone())
                .expect(201);
            for (path, body) in ways(id) {
                api.post(&path, body).refused(400, "InvalidOperation");
            }
            assert_eq!(guest.get("/me/carts").expect(200)["total"], 2);
            assert!(guest.my_cart_again(&own).get("customerId").is_none());
        }
        let listed = shop.guest("with-a-list");
        let list = json!({ "name": { "en": "x" } });
        listed
            .post(&format!("{DE}/me/shopping-lists"), list)
            .expect(201);
        let (path, body) = ways("with-a-list")[0].clone();
        api.post(&path, body).refused(400, "InvalidOperation");
        for (id, at) in [("one", 0), ("two", 1), ("three", 2)] {
            let guest = shop.guest(id);
            guest
                .post(&format!("{US}/me/carts"), cart.clone())
                .expect(201);
            let (path, body) = ways(id)[at].clone();
            let reply = api.post(&path, body);
            assert!([200, 201].contains(&reply.status), "{path}: {}", reply.body);
            guest.get("/me/carts").refused(401, "invalid_token");
        }
    });
}

#[test]
fn a_session_that_is_bound_to_another_store_is_not_its_to_end() {
    on_each_database(|shop| {
        let api = american(shop);
        let phone = shop.new_api_client("create_anonymous_token:demo manage_my_orders:demo");
        let form = [
            ("grant_type", "client_credentials"),
            ("anonymous_id", "tablet-1"),
        ];
        let path = "/oauth/demo/in-store/key=de-store/anonymous/token";
        let guest = shop.ask_auth(&phone, path, &form).expect(200);
        let guest = shop.api_with(&text(&guest, "/access_token"));
        let draft =
            json!({ "email": "new@example.com", "password": PASSWORD, "anonymousId": "tablet-1" });
        api.post(&format!("{US}/customers"), draft)
            .refused(400, "InvalidOperation");
        guest.get(&format!("{DE}/me/carts")).expect(200);
    });
}

#[test]
fn it_knows_nothing_of_carts_elsewhere() {
    on_each_database(|shop| {
        let (admin, api) = (shop.admin(), american(shop));
        let german = admin
            .post(
                &format!("{DE}/carts"),
                json!({ "currency": "EUR", "key": "german" }),
            )
            .expect(201);
        let carol = new_customer("c@example.com", None);
        api.post(&format!("{US}/customers"), carol).expect(201);
        for reference in [
            json!({ "typeId": "cart", "id": german["id"] }),
            json!({ "typeId": "order", "id": german["id"] }),
        ] {
            api.post(
                &format!("{US}/carts/replicate"),
                json!({ "reference": reference }),
            )
            .refused(404, "ResourceNotFound");
        }
        let order = json!({ "cart": { "typeId": "cart", "key": "german" }, "version": 1 });
        api.post(&format!("{US}/orders"), order)
            .refused(400, "ReferencedResourceNotFound");
        for cart in [json!({ "key": "german" }), json!({ "id": german["id"] })] {
            let draft =
                json!({ "email": "c@example.com", "password": PASSWORD, "anonymousCart": cart });
            api.post(&format!("{US}/login"), draft)
                .refused(400, "ReferencedResourceNotFound");
        }
    });
}

#[test]
fn a_customer_that_a_store_does_not_know_is_an_invalid_input_of_its_carts() {
    on_each_database(|shop| {
        let (admin, api) = (shop.admin(), american(shop));
        let bob = new_customer("b@example.com", Some(json!([store("de-store")])));
        let bob = admin.post("/customers", bob).expect(201)["customer"].clone();
        let carol = new_customer("c@example.com", None);
        let carol = api.post(&format!("{US}/customers"), carol).expect(201)["customer"].clone();
        let own = api
            .post(&format!("{US}/carts"), json!({ "currency": "USD" }))
            .expect(201);
        let unknown = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";
        let alice = shop.alice().id;
        for id in [text(&bob, "/id"), alice.clone(), unknown.to_owned()] {
            let draft = json!({ "currency": "USD", "customerId": id });
            api.post(&format!("{US}/carts"), draft)
                .refused(400, "InvalidInput");
            let action = json!([{ "action": "setCustomerId", "customerId": id }]);
            api.update(&format!("{US}/carts"), &own, action)
                .refused(400, "InvalidInput");
            let mut draft = import(None);
            draft["customerId"] = id.as_str().into();
            api.post(&format!("{US}/orders/import"), draft)
                .refused(400, "ReferencedResourceNotFound");
            let draft =
                json!({ "name": { "en": "x" }, "customer": { "typeId": "customer", "id": id } });
            api.post(&format!("{US}/shopping-lists"), draft)
                .refused(400, "ReferencedResourceNotFound");
        }
        let draft = json!({ "currency": "USD", "customerId": carol["id"] });
        let made = api.post(&format!("{US}/carts"), draft).expect(201);
        assert_eq!(made["customerId"], carol["id"]);
        // Elsewhere it is a reference to nothing, and a token of the project names whom it likes.
        let draft = |id: &str| json!({ "currency": "EUR", "customerId": id });
        admin
            .post("/carts", draft(unknown))
            .refused(400, "ReferencedResourceNotFound");
        admin
            .post(&format!("{DE}/carts"), draft(unknown))
            .refused(400, "InvalidInput");
        admin
            .post(&format!("{DE}/carts"), draft(&alice))
            .expect(201);
    });
}

#[test]
fn it_is_refused_at_paths_of_the_project_and_of_other_stores() {
    on_each_database(|shop| {
        let api = american(shop);
        let body = json!({});
        let refused = |api: &Api, path: &str| {
            api.post(path, body.clone())
                .refused(403, "insufficient_scope");
        };
        for prefix in ["", DE] {
            for path in [
                "carts",
                "carts/replicate",
                "carts/customer-id=x/merge",
                "carts/x",
                "orders",
                "orders/import",
                "orders/x",
                "customers",
                "customers/x",
                "customers/password",
                "customers/password/reset",
                "customers/password-token",
                "customers/email-token",
                "customers/email/confirm",
                "shopping-lists",
                "shopping-lists/x",
                "login",
            ] {
                refused(&api, &format!("{prefix}/{path}"));
            }
            for path in ["carts", "orders", "customers", "shopping-lists"] {
                api.get(&format!("{prefix}/{path}"))
                    .refused(403, "insufficient_scope");
            }
        }
    });
}

#[test]
fn tokens_for_customers_of_other_stores_are_neither_made_nor_taken() {
    on_each_database(|shop| {
        let (admin, api) = (shop.admin(), american(shop));
        let draft = new_customer("b@example.com", Some(json!([store("de-store")])));
        let bob = admin.post("/customers", draft).expect(201)["customer"].clone();
        let wanted = json!({ "email": "b@example.com", "ttlMinutes": 10 });
        api.post(&format!("{US}/customers/password-token"), wanted.clone())
            .refused(404, "ResourceNotFound");
        let email = json!({ "id": bob["id"], "ttlMinutes": 10 });
        api.post(&format!("{US}/customers/email-token"), email.clone())
            .refused(404, "ResourceNotFound");
        let token = admin
            .post(&format!("{DE}/customers/password-token"), wanted)
            .expect(200);
        let value = text(&token, "/value");
        let reset = json!({ "tokenValue": value, "newPassword": "another" });
        api.post(&format!("{US}/customers/password/reset"), reset)
            .refused(404, "ResourceNotFound");
        api.get(&format!("{US}/customers/password-token={value}"))
            .refused(404, "ResourceNotFound");
        let token = admin
            .post(&format!("{DE}/customers/email-token"), email)
            .expect(200);
        let confirm = json!({ "tokenValue": token["value"] });
        api.post(&format!("{US}/customers/email/confirm"), confirm)
            .refused(404, "ResourceNotFound");
        let change = json!({ "id": bob["id"], "version": 1, "currentPassword": PASSWORD, "newPassword": "another" });
        api.post(&format!("{US}/customers/password"), change)
            .refused(404, "ResourceNotFound");
    });
}
