//! Bodies that are not what the API documents, and names that it knows in more than one way.

use serde_json::{Value, json};

use crate::support::{PROJECT, Reply, on_each_database, text};

#[track_caller]
fn message(reply: Reply, status: u16, code: &str) -> String {
    text(&reply.refused(status, code), "/message")
}

#[test]
fn arrays_are_not_taken_for_objects() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        for (path, body, place) in [
            (
                "/me/carts",
                json!({ "currency": "EUR", "lineItems": [[null, null, null, "SKU-1", 2]] }),
                "lineItems[0]",
            ),
            (
                "/me/carts",
                json!({ "currency": "EUR", "shippingAddress": [null, null, null, "DE"] }),
                "shippingAddress",
            ),
            (
                "/me/signup",
                json!({ "email": "a@example.com", "password": "secret", "addresses": [["DE"]] }),
                "addresses[0]",
            ),
        ] {
            let error = guest.post(path, body).refused(400, "InvalidJsonInput");
            let detail = text(&error, "/detailedErrorMessage");
            assert!(
                detail.starts_with(&format!("`{place}`: invalid type: sequence")),
                "{detail}"
            );
        }
        let fields = |field_type: Value| {
            json!({
                "key": "t", "name": { "en": "t" }, "resourceTypeIds": ["order"], "fieldDefinitions": [{
                    "name": "n", "label": { "en": "n" }, "required": false, "type": field_type }],
            })
        };
        for field_type in [
            json!({ "name": "Enum", "values": [["key", "label"]] }),
            json!({ "name": "Set", "elementType": ["String"] }),
            json!(["String"]),
        ] {
            admin
                .post("/types", fields(field_type))
                .refused(400, "InvalidJsonInput");
        }
        let cart = guest.my_cart_with("SKU-1", 1);
        let action = json!([{ "action": "setShippingAddress", "address": ["DE"] }]);
        guest
            .change_my_cart(&cart, action)
            .refused(400, "InvalidJsonInput");
    });
}

#[test]
fn the_message_names_an_action_that_is_not_there() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        for (action, problem) in [
            (
                json!({ "action": "flyToTheMoon" }),
                "`flyToTheMoon` is not supported here",
            ),
            (
                json!({ "action": "setCustomerId" }),
                "`setCustomerId` is not supported here",
            ),
            (json!({ "code": "SUMMER" }), "it has no `action`"),
            (json!({ "action": 5 }), "its `action` is 5, not a string"),
            (json!(["recalculate"]), "it is not an object"),
        ] {
            let actions = json!([{ "action": "recalculate" }, action]);
            let error = guest
                .change_my_cart(&cart, actions)
                .refused(400, "InvalidJsonInput");
            assert_eq!(
                text(&error, "/message"),
                format!("The update action at actions[1] cannot be applied: {problem}.")
            );
            assert_eq!(
                text(&error, "/detailedErrorMessage"),
                format!("actions[1]: {problem}")
            );
        }
    });
}

#[test]
fn coded_bodies_are_refused_by_name() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let headers = |coding: &str, token: &str| {
            [
                ("authorization", format!("Bearer {token}")),
                ("content-type", "application/json".to_owned()),
                ("content-encoding", coding.to_owned()),
            ]
        };
        let body = || Some(json!({ "currency": "EUR" }).to_string());
        let url = format!("{}/me/carts", guest.base);
        let send = |coding| {
            guest
                .http
                .send("POST", &url, &headers(coding, &guest.token), body())
        };
        for coding in ["gzip", "br", "deflate", "gzip, br"] {
            let refused = send(coding);
            assert_eq!(refused.headers["accept-encoding"], "identity");
            assert_eq!(
                message(refused, 415, "InvalidInput"),
                format!(
                    "The content coding '{coding}' of the request body is not supported; send it as it is."
                )
            );
        }
        send("identity").expect(201);

        let client = shop.new_api_client(&format!("manage_api_clients:{PROJECT}"));
        let token = shop.token_of(&client).token.clone();
        let url = shop.auth_url(&format!("/{PROJECT}/api-clients"));
        let draft = json!({ "name": "n", "scope": format!("view_products:{PROJECT}") });
        let made = guest.http.send(
            "POST",
            &url,
            &headers("br", &token),
            Some(draft.to_string()),
        );
        assert_eq!(made.expect(415)["error"], "invalid_request");
        let url = shop.auth_url("/oauth/token");
        let form = Some("grant_type=client_credentials".to_owned());
        let mut headers = headers("br", "").to_vec();
        headers[0].1 = client.basic();
        headers[1].1 = "application/x-www-form-urlencoded".to_owned();
        let refused = guest.http.send("POST", &url, &headers, form).expect(415);
        assert_eq!(refused["error"], "invalid_request");
    });
}

#[test]
fn paths_below_an_unknown_project_do_not_exist() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        let (host, _) = admin.base.rsplit_once('/').expect("a project");
        for token in [&guest.token, &admin.token] {
            for path in [
                "/invalid-uri-404",
                "/invalid-uri-404/carts",
                "/nope/in-store/key=a/me/carts",
            ] {
                let headers = [("authorization", format!("Bearer {token}"))];
                let reply = guest
                    .http
                    .send("GET", &format!("{host}{path}"), &headers, None);
                assert_eq!(
                    message(reply, 404, "ResourceNotFound"),
                    format!("URI not found: {path}")
                );
            }
        }
        let without = guest
            .http
            .send("GET", &format!("{host}/invalid-uri-404"), &[], None);
        assert_eq!(without.status, 401);
    });
}

#[test]
fn of_an_id_and_a_key_the_id_counts() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let product = admin.get("/products/key=sku-1").expect(200);
        let draft = |id: &str| {
            json!({
                "key": "both", "name": { "en": "both" }, "slug": { "en": "both" },
                "productType": { "typeId": "product-type", "id": id, "key": "no-such-key" },
            })
        };
        let made = admin
            .post("/products", draft(&text(&product, "/productType/id")))
            .expect(201);
        assert_eq!(made["productType"]["id"], product["productType"]["id"]);
        let name = "n".repeat(256);
        let custom = |name: &str| {
            json!({
                "key": "long", "name": { "en": "long" }, "resourceTypeIds": ["order"], "fieldDefinitions": [{
                    "name": name, "label": { "en": "n" }, "required": false, "type": { "name": "String" } }],
            })
        };
        admin
            .post("/types", custom(&format!("{name}n")))
            .refused(400, "InvalidField");
        admin.post("/types", custom(&name)).expect(201);
    });
}
