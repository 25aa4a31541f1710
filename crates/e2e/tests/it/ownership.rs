//! Nobody sees, changes or orders what belongs to somebody else.

use serde_json::{Value, json};

use crate::support::{
    Api, CustomerClient, Guest, Shop, address, assert_shows, on_each_database, text,
};

const UNKNOWN: &str = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";

/// A cart with one line and an address: it can be ordered.
fn orderable_cart(api: &Api) -> Value {
    api.my_cart(json!({
        "currency": "EUR", "country": "DE", "shippingAddress": address(),
        "lineItems": [{ "sku": "SKU-1", "quantity": 2 }],
    }))
}

fn path(collection: &str, resource: &Value) -> String {
    format!("{collection}/{}", text(resource, "/id"))
}

fn total(api: &Api, collection: &str) -> Value {
    api.get(collection).expect(200)["total"].clone()
}

/// The error about `id`, as somebody reads it who asks for a resource of the same kind that does not exist.
fn as_if_unknown(mut error: Value, id: &str) -> Value {
    let message = text(&error, "/message").replace(id, UNKNOWN);
    error["message"] = message.into();
    error
}

#[test]
fn a_foreign_cart_looks_like_one_that_does_not_exist() {
    on_each_database(|shop| {
        let (owner, stranger) = (shop.guest("phone-123"), shop.guest("phone-456"));
        let cart = owner.my_cart(json!({ "currency": "EUR", "country": "DE" }));
        let (found, unknown) = (path("/me/carts", &cart), format!("/me/carts/{UNKNOWN}"));
        let change =
            json!({ "version": 1, "actions": [{ "action": "setCountry", "country": "US" }] });
        for ask in [
            |api: &Api, path: &str, _: &Value| api.get(path),
            |api: &Api, path: &str, change: &Value| api.post(path, change.clone()),
            |api: &Api, path: &str, _: &Value| api.delete(path, 1),
        ] {
            let refused = ask(&stranger, &found, &change).refused(404, "ResourceNotFound");
            let absent = ask(&stranger, &unknown, &change).refused(404, "ResourceNotFound");
            assert_eq!(as_if_unknown(refused, &text(&cart, "/id")), absent);
        }
        assert_eq!(stranger.head(&found).status, 404);
        stranger
            .get("/me/active-cart")
            .refused(404, "ResourceNotFound");
        assert_eq!(owner.my_cart_again(&cart), cart);
    });
}

#[test]
fn a_stale_version_or_a_broken_body_tells_nothing_about_a_foreign_cart() {
    on_each_database(|shop| {
        let (owner, stranger) = (shop.guest("phone-123"), shop.guest("phone-456"));
        let found = path("/me/carts", &owner.my_cart(json!({ "currency": "EUR" })));
        for body in [
            r#"{"version":9,"actions":[]}"#,
            r#"{"version":1,"actions":[{"action":"flyAway"}]}"#,
            r#"{"version":"#,
            "",
        ] {
            stranger
                .post_text(&found, body)
                .refused(404, "ResourceNotFound");
        }
        stranger.delete(&found, 9).refused(404, "ResourceNotFound");
        let no_version = stranger.call("DELETE", &found, &[], None);
        no_version.refused(404, "ResourceNotFound");
    });
}

#[test]
fn predicates_reach_only_the_callers_own_carts() {
    on_each_database(|shop| {
        let (owner, stranger) = (shop.guest("phone-123"), shop.guest("phone-456"));
        let foreign = text(&owner.my_cart(json!({ "currency": "EUR" })), "/id");
        let own = stranger.my_cart(json!({ "currency": "EUR" }));
        let ask = |predicate: &str| {
            let parameters = [("where", predicate), ("sort", "id asc"), ("limit", "500")];
            let page = stranger.query("/me/carts", &parameters).expect(200);
            (page["total"].clone(), page["results"].clone())
        };
        assert_eq!(ask(&format!("id=\"{foreign}\"")), (json!(0), json!([])));
        assert_eq!(ask("anonymousId=\"phone-123\""), (json!(0), json!([])));
        for wide in [
            "anonymousId=\"phone-123\" or id is defined",
            "not(anonymousId=\"phone-456\" and id is not defined)",
            "anonymousId is defined) or (id is defined",
        ] {
            let page = stranger.query("/me/carts", &[("where", wide)]);
            if page.status == 400 {
                continue;
            }
            assert_eq!(ask(wide), (json!(1), json!([own])), "{wide}");
        }
    });
}

/// A draft with a reference to `cart` in a custom field.
fn with_reference_to(cart: &str) -> Value {
    json!({
        "currency": "EUR",
        "custom": {
            "type": { "typeId": "type", "key": "with-reference" },
            "fields": { "ref": { "typeId": "cart", "id": cart } },
        },
    })
}

/// The reference of an own cart, expanded.
fn expanded(api: &Api, own: &Value) -> Value {
    let expand = [("expand", "custom.fields.ref")];
    let read = api.query(&path("/me/carts", own), &expand).expect(200);
    read["custom"]["fields"]["ref"].clone()
}

#[test]
fn expansion_shows_only_the_callers_own_carts() {
    on_each_database(|shop| {
        let kind = json!({
            "key": "with-reference", "name": { "en": "With reference" },
            "resourceTypeIds": ["order"],
            "fieldDefinitions": [{
                "name": "ref", "label": { "en": "Reference" }, "required": false,
                "type": { "name": "Reference", "referenceTypeId": "cart" },
            }],
        });
        shop.admin().post("/types", kind).expect(201);
        let (alice, bob) = (shop.alice(), shop.bob());
        let hers = text(&orderable_cart(&alice), "/id");
        let his = text(&orderable_cart(&bob), "/id");
        bob.post("/me/carts", with_reference_to(&hers))
            .refused(400, "ReferencedResourceNotFound");
        let mut draft = with_reference_to(&hers);
        draft["customerId"] = bob.id.as_str().into();
        let foreign = shop.admin().post("/carts", draft).expect(201);
        assert_eq!(
            expanded(&bob, &foreign),
            json!({ "typeId": "cart", "id": hers }),
            "no `obj`"
        );
        let own = bob.my_cart(with_reference_to(&his));
        assert_eq!(expanded(&bob, &own)["obj"]["customerId"], bob.id);
    });
}

#[test]
fn nobody_orders_a_foreign_cart() {
    on_each_database(|shop| {
        let (owner, stranger) = (shop.guest("phone-123"), shop.guest("phone-456"));
        let cart = orderable_cart(&owner);
        stranger
            .order_my_cart(&cart)
            .refused(404, "ResourceNotFound");
        assert_eq!(owner.my_cart_again(&cart)["cartState"], "Active");
        owner.order_my_cart(&cart).expect(201);
    });
}

fn replicate(api: &Api, kind: &str, source: &Value) -> crate::support::Reply {
    let reference = json!({ "reference": { "typeId": kind, "id": source["id"] } });
    api.post("/me/carts/replicate", reference)
}

#[test]
fn nobody_replicates_a_foreign_cart_or_order() {
    on_each_database(|shop| {
        let (alice, bob) = (shop.alice(), shop.bob());
        let cart = orderable_cart(&alice);
        let order = alice.order_my_cart(&cart).expect(201);
        for (kind, source) in [("order", &order), ("cart", &cart)] {
            replicate(&bob, kind, source).refused(404, "ResourceNotFound");
            let copy = replicate(&alice, kind, source).expect(201);
            assert_eq!(copy["customerId"], alice.id, "{kind}");
        }
        assert_eq!(total(&bob, "/me/carts"), 0);
    });
}

#[test]
fn a_foreign_order_is_not_found() {
    on_each_database(|shop| {
        let (alice, bob) = (shop.alice(), shop.bob());
        let guest = shop.guest("phone-123");
        let order = alice.order_my_cart(&orderable_cart(&alice)).expect(201);
        let path = path("/me/orders", &order);
        assert_eq!(alice.get(&path).expect(200), order);
        for stranger in [&bob.api, &guest.api] {
            stranger.get(&path).refused(404, "ResourceNotFound");
            assert_eq!(stranger.head(&path).status, 404);
            assert_eq!(total(stranger, "/me/orders"), 0);
            assert_eq!(stranger.head("/me/orders").status, 404);
        }
    });
}

#[test]
fn foreign_payments_and_shopping_lists_are_not_found() {
    on_each_database(|shop| {
        let (owner, stranger) = (shop.guest("phone-123"), shop.guest("phone-456"));
        let payment = json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 4192 } });
        for (collection, draft) in [
            ("/me/payments", payment),
            ("/me/shopping-lists", json!({ "name": { "en": "wishes" } })),
        ] {
            let made = owner.post(collection, draft).expect(201);
            assert_eq!(made["anonymousId"], "phone-123");
            let path = path(collection, &made);
            stranger.get(&path).refused(404, "ResourceNotFound");
            let nothing = json!({ "version": 1, "actions": [] });
            stranger
                .post(&path, nothing)
                .refused(404, "ResourceNotFound");
            stranger.delete(&path, 1).refused(404, "ResourceNotFound");
            assert_eq!(total(&stranger, collection), 0);
            assert_eq!(owner.get(&path).expect(200), made);
        }
    });
}

#[test]
fn a_foreign_payment_cannot_be_put_on_a_cart() {
    on_each_database(|shop| {
        let (owner, stranger) = (shop.guest("phone-123"), shop.guest("phone-456"));
        let draft = json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 4192 } });
        let payment = owner.post("/me/payments", draft).expect(201);
        assert_shows(
            &payment,
            json!({ "anonymousId": "phone-123", "interfaceInteractions": null, "customer": null }),
        );
        let add = json!([{
            "action": "addPayment", "payment": { "typeId": "payment", "id": payment["id"] },
        }]);
        let cart = stranger.my_cart(json!({ "currency": "EUR" }));
        let error = stranger
            .change_my_cart(&cart, add.clone())
            .refused(400, "ReferencedResourceNotFound");
        assert_shows(&error, json!({ "typeId": "payment", "id": payment["id"] }));
        let cart = owner.my_cart(json!({ "currency": "EUR" }));
        let paid = owner.change_my_cart(&cart, add).expect(200);
        assert_eq!(paid["paymentInfo"]["payments"][0]["id"], payment["id"]);
    });
}

#[test]
fn shoppers_see_less_of_a_payment_even_expanded_on_a_cart() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let draft = json!({
            "amountPlanned": { "currencyCode": "EUR", "centAmount": 4192 },
            "anonymousId": "phone-123", "interfaceId": "secret-of-the-psp",
        });
        let payment = shop.admin().post("/payments", draft).expect(201);
        let cart = guest.my_cart(json!({ "currency": "EUR" }));
        let add = json!([{
            "action": "addPayment", "payment": { "typeId": "payment", "id": payment["id"] },
        }]);
        guest.change_my_cart(&cart, add).expect(200);
        let expand = [("expand", "paymentInfo.payments[*]")];
        let read = guest.query(&path("/me/carts", &cart), &expand).expect(200);
        assert_shows(
            &read["paymentInfo"]["payments"][0]["obj"],
            json!({ "id": payment["id"], "interfaceId": null, "interfaceInteractions": null }),
        );
    });
}

#[test]
fn project_wide_collections_stay_closed_to_shoppers() {
    on_each_database(|shop| {
        let alice = shop.alice();
        for path in ["/carts", "/orders"] {
            let reply = alice.get(path);
            let challenge = reply.headers["www-authenticate"].clone();
            assert!(challenge.contains("insufficient_scope"), "{challenge}");
            let body = reply.clone().expect(403);
            assert_eq!(body["error"], "insufficient_scope");
            let error = reply.refused(403, "insufficient_scope");
            let message = text(&error, "/message");
            assert!(message.contains("view_orders:demo"), "{message}");
        }
    });
}

#[test]
fn a_backend_has_nothing_of_its_own() {
    on_each_database(|shop| {
        let backend = shop.backend();
        for path in ["/me", "/me/carts", "/me/orders", "/me/shopping-lists"] {
            backend.get(path).refused(403, "insufficient_scope");
        }
        // Whoever may do everything still has no subject.
        let error = shop
            .admin()
            .get("/me/carts")
            .refused(403, "insufficient_scope");
        let message = text(&error, "/message");
        assert!(message.contains("customer_id") && message.contains("anonymous_id"));
    });
}

#[test]
fn who_may_only_view_cannot_write() {
    on_each_database(|shop| {
        let viewer = shop.token_of(&shop.new_api_client("view_orders:demo"));
        viewer.get("/carts").expect(200);
        let draft = json!({ "currency": "EUR" });
        viewer
            .post("/carts", draft)
            .refused(403, "insufficient_scope");
    });
}

#[test]
fn a_guest_has_no_profile() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let error = guest.get("/me").refused(403, "insufficient_scope");
        assert!(text(&error, "/message").contains("customer_id"));
    });
}

/// Alice with less than the phone may do.
fn alice_with(shop: &Shop, scope: &str) -> Api {
    let form = [
        ("grant_type", "password"),
        ("username", "alice@example.com"),
        ("password", "secret"),
        ("scope", scope),
    ];
    let answer = shop.ask_auth(&shop.clients.mobile, "/oauth/demo/customers/token", &form);
    shop.api_with(&text(&answer.expect(200), "/access_token"))
}

#[test]
fn each_part_of_me_needs_its_own_scope() {
    on_each_database(|shop| {
        let scopes = [
            ("manage_my_profile:demo", "/me"),
            ("manage_my_orders:demo", "/me/carts"),
            ("manage_my_shopping_lists:demo", "/me/shopping-lists"),
            ("manage_my_payments:demo", "/me/payments"),
        ];
        for (held, _) in scopes {
            let alice = alice_with(shop, held);
            for (needed, path) in scopes {
                let wanted = if held == needed { 200 } else { 403 };
                assert_eq!(alice.get(path).status, wanted, "{held} at {path}");
            }
        }
    });
}

#[test]
fn a_store_token_opens_only_its_store() {
    on_each_database(|shop| {
        let scope = "create_anonymous_token:demo manage_my_orders:demo";
        let client = shop.new_api_client(scope);
        let form = [("grant_type", "client_credentials")];
        let wide = shop
            .ask_auth(&client, "/oauth/demo/anonymous/token", &form)
            .expect(200);
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &text(&wide, "/refresh_token")),
            ("scope", "manage_my_orders:demo:de-store"),
        ];
        let narrow = shop.ask_auth(&client, "/oauth/token", &form).expect(200);
        let wide = shop.api_with(&text(&wide, "/access_token"));
        let narrow = shop.api_with(&text(&narrow, "/access_token"));

        let (german, american) = (
            "/in-store/key=de-store/me/carts",
            "/in-store/key=us-store/me/carts",
        );
        let cart = narrow
            .post(german, json!({ "currency": "EUR" }))
            .expect(201);
        assert_eq!(
            cart["store"],
            json!({ "typeId": "store", "key": "de-store" })
        );
        narrow.get(american).refused(403, "insufficient_scope");
        narrow.get("/me/carts").refused(403, "insufficient_scope");
        narrow.get(&path(german, &cart)).expect(200);
        wide.get(&path(american, &cart))
            .refused(404, "ResourceNotFound");
        assert_eq!(total(&wide, american), 0);
        wide.get(&path(german, &cart)).expect(200);
        wide.get(&path("/me/carts", &cart)).expect(200);
    });
}

#[test]
fn projects_do_not_know_each_other() {
    on_each_database(|shop| {
        let scopes = [
            "create_anonymous_token",
            "manage_my_orders",
            "manage_orders",
        ];
        let other = shop.other_project("other", &scopes);
        let (here, there) = (shop.guest("phone-123"), other.guest("phone-123"));
        let cart = there.my_cart(json!({ "currency": "EUR" }));

        assert_eq!(total(&here, "/me/carts"), 0);
        let not_here = path("/me/carts", &cart);
        here.get(&not_here).refused(404, "ResourceNotFound");
        let not_here = path("/carts", &cart);
        shop.backend()
            .get(&not_here)
            .refused(404, "ResourceNotFound");
        for token in [&shop.alice().token, &here.token, &shop.admin().token] {
            for path in ["/me/carts", "/carts", ""] {
                shop.api_of("other", token)
                    .get(path)
                    .refused(403, "insufficient_scope");
                shop.api_of("nowhere", token)
                    .get(path)
                    .refused(404, "ResourceNotFound");
            }
        }
        other.backend().get(&path("/carts", &cart)).expect(200);
        shop.api_with(&there.token)
            .get("/me/carts")
            .refused(403, "insufficient_scope");
    });
}

#[test]
fn what_already_belongs_to_a_customer_is_hidden_from_the_guest_who_made_it() {
    on_each_database(|shop| {
        let (guest, alice) = (shop.guest("phone-123"), shop.alice());
        // As after a sign-in, but the session still lives.
        let draft = json!({
            "currency": "EUR", "country": "DE", "customerId": alice.id, "anonymousId": "phone-123",
            "shippingAddress": address(), "lineItems": [{ "sku": "SKU-1", "quantity": 1 }],
        });
        let cart = shop.backend().post("/carts", draft).expect(201);
        let own = path("/me/carts", &cart);
        guest.get(&own).refused(404, "ResourceNotFound");
        guest.delete(&own, 1).refused(404, "ResourceNotFound");
        guest.order_my_cart(&cart).refused(404, "ResourceNotFound");
        assert_eq!(total(&guest, "/me/carts"), 0);
        assert_eq!(alice.get(&own).expect(200), cart);
    });
}

fn sign_in(guest: &Guest, alice: &CustomerClient) -> Value {
    let result = guest.sign_in("alice@example.com", "secret").expect(200);
    assert_eq!(result["customer"]["id"], alice.id);
    result
}

#[test]
fn what_a_guest_brought_belongs_to_one_customer_alone() {
    on_each_database(|shop| {
        let (guest, alice, bob) = (shop.guest("phone-123"), shop.alice(), shop.bob());
        let ordered = orderable_cart(&guest);
        let order = guest.order_my_cart(&ordered).expect(201);
        let cart = guest.my_cart_with("SKU-1", 2);
        assert_eq!(sign_in(&guest, &alice)["cart"]["id"], cart["id"]);
        for brought in [
            path("/me/carts", &cart),
            path("/me/carts", &ordered),
            path("/me/orders", &order),
        ] {
            alice.get(&brought).expect(200);
            bob.get(&brought).refused(404, "ResourceNotFound");
            guest.get(&brought).refused(401, "invalid_token");
        }
    });
}
