//! What is said to those who ask wrongly, to the letter; and that a refused request leaves nothing behind.

use serde_json::{Value, json};

use crate::support::{Api, Credentials, Guest, Reply, Shop, on_each_database, text};

const UNKNOWN: &str = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";

/// The whole body of a refusal with one error.
fn refusal(status: u16, code: &str, message: &str, more: Value) -> Value {
    let mut error = json!({ "code": code, "message": message });
    for (name, value) in more.as_object().into_iter().flatten() {
        error[name] = value.clone();
    }
    json!({ "statusCode": status, "message": message, "errors": [error] })
}

fn new_cart(guest: &Guest) -> Value {
    guest.my_cart(json!({ "currency": "EUR", "country": "DE" }))
}

#[test]
fn a_resource_that_is_not_there() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let by_id = format!("The Resource with ID '{UNKNOWN}' was not found.");
        let by_key = "The Resource with key 'none' was not found.";
        for collection in [
            "/carts",
            "/customers",
            "/products",
            "/stores",
            "/shopping-lists",
        ] {
            let reply = admin.get(&format!("{collection}/{UNKNOWN}"));
            assert_eq!(
                reply.headers["content-type"],
                "application/json; charset=utf-8"
            );
            let found = reply.expect(404);
            let message = text(&found, "/message");
            assert_eq!(message.replace('\'', ""), by_id.replace('\'', ""));
            assert_eq!(found, refusal(404, "ResourceNotFound", &message, json!({})));
            let found = admin.get(&format!("{collection}/key=none")).expect(404);
            assert_eq!(found, refusal(404, "ResourceNotFound", by_key, json!({})));
        }
    });
}

#[test]
fn a_path_that_is_not_there() {
    on_each_database(|shop| {
        let admin = shop.admin();
        for path in [
            "/nonsense",
            "/carts/a/b/c",
            "/me/nonsense",
            "/in-store/key=de-store/zones",
        ] {
            let found = admin.get(path).expect(404);
            assert_eq!(found["statusCode"], 404, "{path}");
            assert_eq!(found["message"], format!("URI not found: /demo{path}"));
        }
    });
}

#[test]
fn a_method_that_a_path_does_not_have() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        for (api, method, path, allowed) in [
            (&admin.api, "PUT", "/carts", "GET, HEAD, POST"),
            (&admin.api, "DELETE", "/carts", "GET, HEAD, POST"),
            (&admin.api, "PATCH", "/carts/x", "GET, HEAD, POST, DELETE"),
            (&admin.api, "GET", "/login", "POST"),
            (&admin.api, "POST", "/messages", "GET, HEAD"),
            (&guest.api, "POST", "/me/orders/x", "GET, HEAD"),
            (&guest.api, "DELETE", "/me/orders/x", "GET, HEAD"),
            (&guest.api, "GET", "/me/signup", "POST"),
        ] {
            let reply = api.call(method, path, &[], None);
            assert_eq!(reply.headers["allow"], allowed, "{method} {path}");
            let message = format!("The method {method} is not allowed for this resource.");
            let wanted = refusal(405, "InvalidOperation", &message, json!({}));
            assert_eq!(reply.expect(405), wanted);
        }
    });
}

#[test]
fn a_body_that_is_too_large() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let big = format!(
            r#"{{"currency":"EUR","x":"{}"}}"#,
            "y".repeat(5 * 1024 * 1024)
        );
        let reply = guest.post_text("/me/carts", &big);
        reply.refused(413, "ResourceSizeLimitExceeded");
        assert_eq!(guest.get("/me/carts").expect(200)["total"], 0);
    });
}

/// The detail of a refusal of the body.
#[track_caller]
fn bad_json(reply: Reply) -> String {
    let body = reply.expect(400);
    let detail = text(&body, "/errors/0/detailedErrorMessage");
    let message = "Request body does not contain valid JSON.";
    let more = json!({ "detailedErrorMessage": detail });
    assert_eq!(body, refusal(400, "InvalidJsonInput", message, more));
    detail
}

#[test]
fn a_body_that_is_no_json() {
    on_each_database(|shop| {
        let (guest, backend) = (shop.guest("phone-123"), shop.backend());
        for body in [
            "",
            " ",
            "{",
            r#"{"currency":"#,
            r#"{"currency":"EUR"} x"#,
            r#"{"currency":"EUR"}{"currency":"EUR"}"#,
            "{'currency':'EUR'}",
            r#"{"currency":"\ud800"}"#,
            r#"{"currency":"EUR","n":01}"#,
            r#"{"currency":"EUR","n":NaN}"#,
            "[]",
            "null",
            "\"EUR\"",
            "7",
            "{}",
        ] {
            bad_json(guest.post_text("/me/carts", body));
            bad_json(backend.post_text("/carts", body));
        }
        assert_eq!(guest.get("/me/carts").expect(200)["total"], 0);
    });
}

#[test]
fn a_member_of_the_wrong_type_is_named() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        for (body, named) in [
            (json!({ "currency": 7 }), "currency"),
            (json!({ "currency": "EUR", "lineItems": {} }), "lineItems"),
            (
                json!({ "currency": "EUR", "lineItems": [{ "sku": "SKU-1", "quantity": "2" }] }),
                "quantity",
            ),
            (
                json!({ "currency": "EUR", "shippingAddress": { "city": "Berlin" } }),
                "country",
            ),
            (
                json!({ "currency": "EUR", "inventoryMode": "Sideways" }),
                "inventoryMode",
            ),
        ] {
            let detail = bad_json(guest.post("/me/carts", body.clone()));
            assert!(detail.contains(named), "{body}: {detail}");
        }
    });
}

#[test]
fn members_that_nobody_knows_and_null_are_ignored() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({
            "currency": "EUR", "country": null, "unheardOf": { "a": [1] }, "lineItems": null,
        }));
        assert_eq!(cart["country"], Value::Null);
        assert_eq!(cart["unheardOf"], Value::Null);
    });
}

#[test]
fn an_unknown_action_is_named_with_its_place() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = new_cart(&guest);
        let fine = json!({ "action": "setCountry", "country": "US" });
        for (actions, named) in [
            (json!([{ "action": "flyAway" }]), "actions[0]"),
            (json!([fine, { "action": "flyAway" }]), "actions[1]"),
            (json!([fine, fine, { "country": "DE" }]), "actions[2]"),
            (json!([fine, "setCountry"]), "actions[1]"),
            (json!([{ "action": 7 }]), "actions[0]"),
            (
                json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": "x" }]),
                "actions[0]",
            ),
            // What a backend may do but a shopper may not is as unknown.
            (
                json!([{ "action": "setCustomerId", "customerId": UNKNOWN }]),
                "actions[0]",
            ),
            (json!([{ "action": "setKey", "key": "mine" }]), "actions[0]"),
        ] {
            let reply = guest.change_my_cart(&cart, actions.clone());
            let error = reply.refused(400, "InvalidJsonInput");
            let detail = text(&error, "/detailedErrorMessage");
            assert!(detail.contains(named), "{actions}: {detail}");
        }
        let body = guest
            .change_my_cart(&cart, json!([{ "action": "flyAway" }]))
            .expect(400);
        let message =
            "The update action at actions[0] cannot be applied: `flyAway` is not supported here.";
        let more = json!({ "detailedErrorMessage": "actions[0]: `flyAway` is not supported here" });
        assert_eq!(body, refusal(400, "InvalidJsonInput", message, more));
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        for body in [
            json!({ "actions": [] }),
            json!({ "version": 1 }),
            json!({ "version": "1", "actions": [] }),
            json!({ "version": 1.5, "actions": [] }),
            json!({ "version": 1, "actions": {} }),
        ] {
            bad_json(guest.post(&path, body));
        }
        assert_eq!(guest.my_cart_again(&cart), cart);
    });
}

#[test]
fn the_character_nul_is_refused_wherever_it_stands() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        let cart = new_cart(&guest);
        bad_json(guest.post(
            "/me/carts",
            json!({ "currency": "EUR", "locale": "d\u{0}e" }),
        ));
        bad_json(guest.post("/me/carts", json!({ "currency": "EUR", "x\u{0}": 1 })));
        let email = json!([{ "action": "setCustomerEmail", "email": "a\u{0}b" }]);
        bad_json(guest.change_my_cart(&cart, email));
        let object = json!({ "container": "c", "key": "k", "value": { "a": ["\u{0}"] } });
        bad_json(admin.post("/custom-objects", object));
        bad_json(guest.sign_in("a\u{0}@example.com", "secret"));
        for path in [
            "/carts/a%00b",
            "/carts/key=a%00b",
            "/in-store/key=a%00b/carts",
            "/carts?where=key%3D%22a%00%22",
            "/carts?sort=%00",
            "/carts?expand=%00",
            "/carts?var.x=%00",
            "/custom-objects/a%00/b",
            "/customers/password-token=%00",
        ] {
            let reply = admin.get(path);
            assert!([400, 404].contains(&reply.status), "{path}: {}", reply.body);
            reply
                .clone()
                .refused(reply.status, text(&reply.body, "/errors/0/code").as_str());
        }
        // The same character, escaped as a predicate writes it.
        let escaped = admin.query("/carts", &[("where", r#"key = "a\u0000b""#)]);
        assert!([200, 400].contains(&escaped.status), "{}", escaped.body);
    });
}

#[test]
fn numbers_too_large_or_too_exact_are_refused_or_kept() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        let cart = new_cart(&guest);
        for number in [
            "1e999",
            "-1e999",
            &format!("1{}", "0".repeat(400)),
            &format!("0.{}", "1".repeat(400)),
        ] {
            for body in [
                format!(r#"{{"container":"c","key":"k","value":{number}}}"#),
                format!(r#"{{"container":"c","key":"k","value":{{"deep":[{number}]}}}}"#),
            ] {
                let reply = admin.post_text("/custom-objects", &body);
                assert!(
                    [200, 201, 400].contains(&reply.status),
                    "{body}: {}",
                    reply.body
                );
            }
        }
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        for version in ["9223372036854775808", "-9223372036854775809", "1e3", "1.0"] {
            let body = format!(r#"{{"version":{version},"actions":[]}}"#);
            bad_json(guest.post_text(&path, &body));
        }
        for version in ["9223372036854775807", "-1", "0"] {
            let body = format!(r#"{{"version":{version},"actions":[]}}"#);
            guest
                .post_text(&path, &body)
                .refused(409, "ConcurrentModification");
        }
        for version in ["9223372036854775808", "x", "", "1.0"] {
            let reply = guest.call("DELETE", &path, &[("version", version)], None);
            reply.refused(400, "InvalidInput");
        }
        for days in ["0", "365251", "9223372036854775807", "-1"] {
            let body = format!(r#"{{"currency":"EUR","deleteDaysAfterLastModification":{days}}}"#);
            assert_eq!(guest.post_text("/me/carts", &body).status, 400, "{days}");
        }
    });
}

#[test]
fn json_that_nests_for_ever_is_refused() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        for depth in [200, 5_000, 100_000] {
            for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
                let deep = open.repeat(depth) + "1" + &close.repeat(depth);
                bad_json(guest.post_text("/me/carts", &deep));
                let body = format!(r#"{{"container":"c","key":"k","value":{deep}}}"#);
                bad_json(admin.post_text("/custom-objects", &body));
            }
        }
        admin
            .get("/custom-objects/c/k")
            .refused(404, "ResourceNotFound");
    });
}

#[test]
fn texts_of_every_script_come_back_as_they_were_sent() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        let odd = "Ünï \"quoted\" \\ back\u{1}\u{7f}\n\t日本語 \u{1F6D2} \u{202e}\u{feff} '; DROP TABLE documents;--";
        let cart = new_cart(&guest);
        let set = json!([{ "action": "setCustomerEmail", "email": odd }]);
        let changed = guest.change_my_cart(&cart, set).expect(200);
        assert_eq!(changed["customerEmail"], odd);
        assert_eq!(guest.my_cart_again(&cart)["customerEmail"], odd);
        let found = admin.query("/carts", &[("where", "customerEmail = :e"), ("var.e", odd)]);
        assert_eq!(found.expect(200)["total"], 1);
    });
}

#[test]
fn the_correlation_id_comes_back_whatever_the_answer() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = format!("{}/me/carts/{}", guest.base, text(&new_cart(&guest), "/id"));
        let bearer = ("authorization", format!("Bearer {}", guest.token));
        let stale = r#"{"version":7,"actions":[]}"#;
        let unknown = format!("{}/me/carts/{UNKNOWN}", guest.base);
        let cases: [(&str, &str, Option<&str>, bool, u16); 6] = [
            ("GET", &cart, None, true, 200),
            ("GET", &cart, None, false, 401),
            ("GET", &unknown, None, true, 404),
            ("PUT", &cart, None, true, 405),
            ("POST", &cart, Some(stale), true, 409),
            ("GET", "/nonsense", None, true, 404),
        ];
        for (method, url, body, with_token, status) in cases {
            let url = if url.starts_with('/') {
                format!("{}{url}", guest.base)
            } else {
                url.to_owned()
            };
            let send = |id: Option<&str>| {
                let mut headers: Vec<_> = with_token.then(|| bearer.clone()).into_iter().collect();
                headers.extend(id.map(|id| ("x-correlation-id", id.to_owned())));
                let reply = guest
                    .http
                    .send(method, &url, &headers, body.map(str::to_owned));
                assert_eq!(reply.status, status, "{method} {url}: {}", reply.body);
                reply.headers["x-correlation-id"].clone()
            };
            assert_eq!(send(Some("abc-1")), "abc-1");
            assert_eq!(send(Some("projects-a:b/c.d_e")), "projects-a:b/c.d_e");
            let made = send(None);
            assert!(!made.is_empty() && made != send(None), "{made}");
            for bad in ["has space", "ä", &"x".repeat(257), "<script>"] {
                assert_ne!(send(Some(bad)), bad);
            }
        }
    });
}

#[test]
fn what_a_draft_refers_to_must_exist() {
    on_each_database(|shop| {
        let (guest, backend) = (shop.guest("phone-123"), shop.backend());
        let no_sku = json!({ "currency": "EUR", "lineItems": [{ "sku": "NOPE" }] });
        let reply = guest.post("/me/carts", no_sku);
        assert_eq!(reply.status, 400, "{}", reply.body);
        let draft = json!({ "currency": "EUR", "customerId": UNKNOWN });
        let error = backend
            .post("/carts", draft)
            .refused(400, "ReferencedResourceNotFound");
        assert_eq!(
            (&error["typeId"], &error["id"]),
            (&json!("customer"), &json!(UNKNOWN))
        );
        let draft = json!({ "currency": "EUR", "store": { "typeId": "store", "key": "none" } });
        let error = backend
            .post("/carts", draft)
            .refused(400, "ReferencedResourceNotFound");
        assert_eq!(
            (&error["typeId"], &error["key"]),
            (&json!("store"), &json!("none"))
        );
        let draft = json!({ "cart": { "typeId": "cart", "id": UNKNOWN }, "version": 1 });
        let error = backend
            .post("/orders", draft)
            .refused(400, "ReferencedResourceNotFound");
        let message = format!(
            "The referenced object of type 'cart' with identifier '{UNKNOWN}' was not found. It either doesn't exist, \
             or it can't be accessed from this endpoint (e.g., if the endpoint filters by store or customer account)."
        );
        assert_eq!(text(&error, "/message"), message);
    });
}

#[test]
fn a_resource_that_is_still_used_cannot_be_deleted() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let kind = admin.get("/product-types/key=article").expect(200);
        let path = "/product-types/key=article";
        let error = admin
            .delete(path, kind["version"].as_i64().unwrap())
            .refused(400, "ReferenceExists");
        assert_eq!(error["referencedBy"], "product");
        assert_eq!(admin.get(path).expect(200), kind);
    });
}

#[test]
fn refused_requests_leave_nothing_behind() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        let cart = new_cart(&guest);
        let count = |collection: &str| admin.get(collection).expect(200)["total"].clone();
        let collections = [
            "/carts",
            "/orders",
            "/customers",
            "/messages",
            "/custom-objects",
        ];
        let before = collections.map(count);
        let no_price = json!({ "currency": "USD", "lineItems": [{ "sku": "SKU-2" }] });
        guest
            .post("/me/carts", no_price)
            .refused(400, "MatchingPriceNotFound");
        guest.order_my_cart(&cart).refused(400, "InvalidOperation");
        guest
            .sign_up("alice@example.com", "x")
            .refused(400, "DuplicateField");
        let index =
            json!({ "email": "new@example.com", "password": "x", "defaultShippingAddress": 3 });
        assert_eq!(guest.post("/me/signup", index).status, 400);
        guest
            .sign_in("alice@example.com", "wrong")
            .refused(400, "InvalidCredentials");
        let stale = json!({ "container": "c", "key": "k", "value": 1, "version": 3 });
        admin
            .post("/custom-objects", stale)
            .refused(409, "ConcurrentModification");
        let key = json!({ "email": "new@example.com", "password": "x", "key": "a b" });
        assert_eq!(admin.post("/customers", key).status, 400);
        assert_eq!(collections.map(count), before);
        // The address of the customer who was refused is free.
        guest.sign_up("new@example.com", "secret").expect(201);
    });
}

fn token_request(shop: &Shop, authorization: &[String], body: &str) -> Reply {
    let mut headers: Vec<_> = authorization
        .iter()
        .map(|value| ("authorization", value.clone()))
        .collect();
    headers.push((
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    ));
    let host = shop.auth_api_with("").base.replace("/demo", "");
    shop.http.send(
        "POST",
        &format!("{host}/oauth/token"),
        &headers,
        Some(body.to_owned()),
    )
}

#[test]
fn broken_client_credentials_get_one_answer() {
    on_each_database(|shop| {
        let client = &shop.clients.mobile;
        let with = |id: &str, secret: &str| {
            let credentials = Credentials {
                id: id.to_owned(),
                secret: secret.to_owned(),
            };
            vec![credentials.basic()]
        };
        let message = "Please provide valid client credentials using HTTP Basic Authentication.";
        let mut wanted = refusal(401, "invalid_client", message, json!({}));
        wanted["error"] = json!("invalid_client");
        wanted["error_description"] = json!(message);
        let grant = "grant_type=client_credentials";
        for broken in [
            vec![],
            vec!["Basic".to_owned()],
            vec!["Basic ".to_owned()],
            vec!["Basic %%%".to_owned()],
            vec!["Basic bm9jb2xvbg==".to_owned()],
            vec!["Basic /////w==".to_owned()],
            vec!["Basic AAAA".to_owned()],
            vec![format!("Bearer {}", client.secret)],
            with(&client.id, "wrong"),
            with("wrong", &client.secret),
            with(&client.id, ""),
            with("", ""),
            with("a\u{0}b", "c"),
            with(&"x".repeat(4_000), "y"),
            vec![client.basic(), client.basic()],
        ] {
            let reply = token_request(shop, &broken, grant);
            let challenge = reply.headers.get("www-authenticate").cloned();
            assert_eq!(
                challenge.as_deref(),
                Some(r#"Basic realm="oauth""#),
                "{broken:?}"
            );
            assert_eq!(reply.expect(401), wanted, "{broken:?}");
        }
    });
}

#[test]
fn repeated_and_malformed_form_parameters_are_refused() {
    on_each_database(|shop| {
        let basic = [shop.clients.mobile.basic()];
        for form in [
            "grant_type=client_credentials&grant_type=client_credentials",
            "grant_type=client_credentials&scope=view_products:demo&scope=view_products:demo",
            "grant_type=refresh_token&refresh_token=a&refresh_token=b",
            "grant_type=client_credentials&x=1&x=2",
            "",
            "grant_type",
            "grant_type=",
            "=client_credentials",
            "&&&",
            "grant_type=client_credentials&scope=%00",
            "grant_type=client_credentials&scope=%ff%fe",
            "grant_type=client_credentials%00",
            "grant_type=refresh_token&refresh_token=%00",
            "grant_type=refresh_token&refresh_token=demo:%ff",
            "{\"grant_type\":\"client_credentials\"}",
        ] {
            let reply = token_request(shop, &basic, form);
            reply.refused(400, "invalid_request");
        }
        for (form, code) in [
            ("grant_type=client_credentials&scope=%22", "invalid_scope"),
            (
                "grant_type=client_credentials&scope=dance:demo",
                "invalid_scope",
            ),
            ("grant_type=dance", "unsupported_grant_type"),
            (
                "grant_type=refresh_token&refresh_token=demo:none",
                "invalid_grant",
            ),
        ] {
            token_request(shop, &basic, form).refused(400, code);
        }
    });
}

#[test]
fn a_tampered_token_opens_nothing() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let parts: Vec<&str> = guest.token.split('.').collect();
        let other = shop.guest("phone-456");
        let others: Vec<&str> = other.token.split('.').collect();
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
        let tampered = [
            format!("{}.{}.{}", parts[0], others[1], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], others[2]),
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{}.", guest.token),
            format!(".{}", guest.token),
            guest.token.to_uppercase(),
            guest.token[..guest.token.len() - 1].to_owned(),
            format!("{}=", guest.token),
            guest.refresh_token.clone(),
            "x".repeat(7_000),
        ];
        for token in &tampered {
            let reply = shop.api_with(token).get("/me/carts");
            let body = reply.refused(401, "invalid_token");
            assert_eq!(
                body,
                json!({ "code": "invalid_token", "message": "invalid_token" })
            );
        }
        for token in [
            format!("{}x", guest.refresh_token),
            guest.refresh_token.replace("demo:", "other:"),
            guest.refresh_token.replace("demo:", ""),
            guest.token.clone(),
        ] {
            shop.refresh(&token).refused(400, "invalid_grant");
        }
        guest.get("/me/carts").expect(200);
        shop.refresh(&guest.refresh_token).expect(200);
    });
}

#[test]
fn the_servers_are_well_after_all_that() {
    on_each_database(|shop| {
        let hosts: Vec<String> = [shop.api_with(""), shop.auth_api_with("")]
            .iter()
            .map(|api: &Api| api.base.replace("/demo", ""))
            .collect();
        for host in hosts {
            for probe in ["alive", "ready"] {
                let url = format!("{host}/health/{probe}");
                assert_eq!(shop.http.send("GET", &url, &[], None).status, 200, "{url}");
            }
            let reply = shop.http.send("GET", &format!("{host}/"), &[], None);
            assert_eq!(reply.status, 404);
            let odd = shop
                .http
                .send("GET", &format!("{host}/%ff/%2e%2e/%00"), &[], None);
            assert!((400..500).contains(&odd.status), "{}", odd.status);
        }
    });
}
