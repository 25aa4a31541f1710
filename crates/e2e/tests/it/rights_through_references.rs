//! References open nothing: what a token could not read by itself it can neither name nor have shown.

use serde_json::{Value, json};

use crate::support::{Api, Backend, Shop, address, on_each_database, text};

const NO_ID: &str = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";

/// The token of a new API client with only these scopes.
fn with(shop: &Shop, scopes: &str) -> Backend {
    shop.token_of(&shop.new_api_client(scopes))
}

/// What is found at a path whose references may be expanded.
fn obj(value: &Value, pointer: &str) -> Value {
    let found = value.pointer(pointer).and_then(|found| found.get("obj"));
    found.cloned().unwrap_or(Value::Null)
}

fn payment(more: Value) -> Value {
    let mut draft = json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 } });
    for (name, value) in more.as_object().into_iter().flatten() {
        draft[name] = value.clone();
    }
    draft
}

/// Custom fields of a cart with one field for each kind, named like it.
fn reference_fields(admin: &Api, kinds: &[&str]) -> Value {
    let fields: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            json!({
                "name": kind, "label": { "en": "About" }, "required": false,
                "type": { "name": "Reference", "referenceTypeId": kind },
            })
        })
        .collect();
    let draft = json!({
        "key": "about", "name": { "en": "About" }, "resourceTypeIds": ["order"],
        "fieldDefinitions": fields,
    });
    admin.post("/types", draft).expect(201)
}

#[test]
fn a_backend_gets_expanded_what_its_scopes_let_it_read() {
    on_each_database(|shop| {
        let (admin, alice) = (shop.admin(), shop.alice());
        let customer = json!({ "typeId": "customer", "id": alice.id });
        let paid = payment(json!({ "customer": customer }));
        let paid = admin.post("/payments", paid).expect(201);
        let cart = alice.my_cart_with("SKU-1", 1);
        let (payments, carts) = (
            format!("/payments/{}", text(&paid, "/id")),
            format!("/carts/{}", text(&cart, "/id")),
        );
        for (scopes, path, expand, pointer, sees) in [
            (
                "view_payments:demo",
                &payments,
                "customer",
                "/customer",
                false,
            ),
            (
                "view_payments:demo view_customers:demo",
                &payments,
                "customer",
                "/customer",
                true,
            ),
            // Alice belongs to no store.
            (
                "view_payments:demo view_customers:demo:de-store",
                &payments,
                "customer",
                "/customer",
                false,
            ),
            (
                "view_orders:demo",
                &carts,
                "createdBy.customer",
                "/createdBy/customer",
                false,
            ),
            (
                "view_orders:demo manage_customers:demo",
                &carts,
                "createdBy.customer",
                "/createdBy/customer",
                true,
            ),
            (
                "view_orders:demo",
                &carts,
                "lineItems[0].productType",
                "/lineItems/0/productType",
                true,
            ),
        ] {
            let api = with(shop, scopes);
            let shown = api.query(path, &[("expand", expand)]).expect(200);
            let told = obj(&shown, pointer);
            assert_eq!(told != Value::Null, sees, "{scopes} {expand}: {told:#}");
        }
    });
}

#[test]
fn messages_show_resources_to_those_who_may_read_them() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let settings = json!([{
            "action": "changeMessagesConfiguration",
            "messagesConfiguration": { "enabled": true, "deleteDaysAfterCreation": 15 },
        }]);
        let project = admin.get("").expect(200);
        let update = json!({ "version": project["version"], "actions": settings });
        admin.post("", update).expect(200);
        let draft = json!({ "email": "carol@example.com", "password": "secret" });
        admin.post("/customers", draft).expect(201);
        for (scopes, sees) in [
            ("view_messages:demo", false),
            ("view_messages:demo view_orders:demo", false),
            ("view_messages:demo view_customers:demo", true),
        ] {
            let api = with(shop, scopes);
            let query = [
                ("where", r#"type = "CustomerCreated""#),
                ("expand", "resource"),
            ];
            let page = api.query("/messages", &query).expect(200);
            let told = obj(&page, "/results/0/resource");
            assert_eq!(told != Value::Null, sees, "{scopes}: {told:#}");
        }
    });
}

fn named(action: &str, kind: &str, by: &str, name: &Value) -> Value {
    let mut reference = json!({ "typeId": kind });
    reference[by] = name.clone();
    let member = if kind == "payment" {
        "payment"
    } else {
        "shoppingList"
    };
    let mut update = json!({ "action": action });
    update[member] = reference;
    update
}

/// What a refusal says of a name, whichever it is.
#[track_caller]
fn refusal(api: &Api, cart: (&str, &Value), name: &str, action: impl Fn(&str) -> Value) -> String {
    let (collection, cart) = cart;
    let refused = api.update(collection, cart, json!([action(name)]));
    let error = refused.refused(400, "ReferencedResourceNotFound");
    error.to_string().replace(name, "NAME")
}

#[test]
fn nobody_names_what_could_not_be_read_and_the_answer_is_that_of_nothing() {
    on_each_database(|shop| {
        let (admin, alice, bob) = (shop.admin(), shop.alice(), shop.bob());
        let paid = payment(json!({ "key": "known" }));
        admin.post("/payments", paid).expect(201);
        let about = reference_fields(&admin, &["customer", "cart"]);
        let cart = json!({ "currency": "EUR", "key": "known", "customerId": bob.id });
        admin.post("/carts", cart).expect(201);
        let customer = json!({ "email": "c@example.com", "password": "secret", "key": "known" });
        admin.post("/customers", customer).expect(201);
        let new = json!({ "currency": "EUR" });
        let american = admin.post("/in-store/key=us-store/carts", new.clone());
        let (american, own) = (american.expect(201), alice.my_cart(new.clone()));
        let free = admin.post("/carts", new).expect(201);
        let store = with(shop, "manage_orders:demo:us-store");
        let narrow = with(shop, "manage_orders:demo");
        for (api, cart, kinds) in [
            (
                &store.api,
                ("/in-store/key=us-store/carts", &american),
                &["customer", "cart"][..],
            ),
            (&alice.api, ("/me/carts", &own), &["customer", "cart"]),
            // Whoever manages all carts may name one.
            (&narrow.api, ("/carts", &free), &["customer"]),
        ] {
            for action in ["addPayment", "removePayment"] {
                let payment = |name: &str| named(action, "payment", "key", &json!(name));
                assert_eq!(
                    refusal(api, cart, "known", payment),
                    refusal(api, cart, "nothing", payment)
                );
            }
            for kind in kinds {
                let field = |name: &str| {
                    json!({
                        "action": "setCustomType",
                        "type": { "typeId": "type", "id": about["id"] },
                        "fields": { *kind: { "typeId": kind, "key": name } },
                    })
                };
                assert_eq!(
                    refusal(api, cart, "known", field),
                    refusal(api, cart, "nothing", field)
                );
            }
        }
    });
}

#[test]
fn whoever_may_read_payments_and_lists_names_them_and_an_id_in_sight_may_be_said() {
    on_each_database(|shop| {
        let (admin, bob) = (shop.admin(), shop.bob());
        let paid = payment(json!({ "key": "known" }));
        admin.post("/payments", paid).expect(201);
        let customer = json!({ "typeId": "customer", "id": bob.id });
        let list = json!({ "name": { "en": "Bob's" }, "customer": customer });
        let list = admin.post("/shopping-lists", list).expect(201);
        let free = json!({ "currency": "EUR" });
        let free = admin.post("/carts", free).expect(201);
        let narrow = with(shop, "manage_orders:demo");
        let whole = named("addShoppingList", "shopping-list", "id", &list["id"]);
        narrow
            .update("/carts", &free, json!([whole]))
            .refused(400, "ReferencedResourceNotFound");
        with(shop, "manage_payments:demo")
            .post("/payments", payment(json!({ "customer": customer })))
            .refused(400, "ReferencedResourceNotFound");
        let wide = "manage_orders:demo view_payments:demo view_shopping_lists:demo";
        let wide = with(shop, wide);
        let add = named("addPayment", "payment", "key", &json!("known"));
        let paid = wide.update("/carts", &free, json!([add, whole]));
        let paid = paid.expect(200);
        let id = &paid["paymentInfo"]["payments"][0]["id"];
        let expand = [("expand", "paymentInfo.payments[*]")];
        let path = format!("/carts/{}", text(&free, "/id"));
        let shown = narrow.query(&path, &expand).expect(200);
        assert_eq!(obj(&shown, "/paymentInfo/payments/0"), Value::Null);
        let shown = wide.query(&path, &expand).expect(200);
        assert_eq!(obj(&shown, "/paymentInfo/payments/0")["id"], *id);
        let remove = named("removePayment", "payment", "id", id);
        narrow.update("/carts", &paid, json!([remove])).expect(200);
    });
}

#[test]
fn imported_orders_have_payments_that_exist_and_can_be_read() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let paid = admin.post("/payments", payment(json!({}))).expect(201);
        let draft = |id: &Value| {
            json!({
                "totalPrice": { "currencyCode": "EUR", "centAmount": 1 },
                "customLineItems": [{
                    "name": { "en": "x" }, "slug": "gift-wrap", "quantity": 1,
                    "money": { "currencyCode": "EUR", "centAmount": 1 },
                }],
                "paymentInfo": { "payments": [{ "typeId": "payment", "id": id }] },
            })
        };
        let order = admin.post("/orders/import", draft(&paid["id"])).expect(201);
        assert_eq!(order["paymentInfo"]["payments"][0]["id"], paid["id"]);
        admin
            .post("/orders/import", draft(&json!(NO_ID)))
            .refused(400, "ReferencedResourceNotFound");
        with(shop, "manage_orders:demo")
            .post("/orders/import", draft(&paid["id"]))
            .refused(400, "ReferencedResourceNotFound");
    });
}

/// What checkouts of storefronts have expanded, and where it lies.
const SHOWN: [(&str, &str); 7] = [
    ("paymentInfo.payments[*]", "/paymentInfo/payments/0"),
    ("lineItems[*].productType", "/lineItems/0/productType"),
    ("lineItems[*].state[*].state", "/lineItems/0/state/0/state"),
    (
        "shippingInfo.shippingMethod",
        "/shippingInfo/shippingMethod",
    ),
    ("shippingInfo.taxCategory", "/shippingInfo/taxCategory"),
    ("custom.type", "/custom/type"),
    (
        "custom.fields.shipping-method",
        "/custom/fields/shipping-method",
    ),
];

#[test]
fn a_guest_gets_expanded_what_a_checkout_shows() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let about = reference_fields(&admin, &["shipping-method"]);
        // A phone that may do no more than shop.
        let phone = shop.new_api_client(
            "create_anonymous_token:demo manage_my_orders:demo manage_my_payments:demo",
        );
        let (guest, other) = (
            shop.guest_of(&phone, "tablet-1"),
            shop.guest_of(&phone, "tablet-2"),
        );
        let paid = guest.post("/me/payments", payment(json!({}))).expect(201);
        let draft = json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "shippingMethod": { "typeId": "shipping-method", "key": "standard" },
            "lineItems": [{ "sku": "SKU-1" }],
            "custom": {
                "type": { "typeId": "type", "key": "about" },
                "fields": { "shipping-method": { "typeId": "shipping-method", "key": "standard" } },
            },
        });
        let cart = guest.my_cart(draft);
        let add = json!([{ "action": "addPayment", "payment": { "typeId": "payment", "id": paid["id"] } }]);
        let expand: Vec<(&str, &str)> = SHOWN.iter().map(|(path, _)| ("expand", *path)).collect();
        let update = json!({ "version": cart["version"], "actions": add }).to_string();
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        let answered = guest.call("POST", &path, &expand, Some(update)).expect(200);
        let read = guest.query(&path, &expand).expect(200);
        for shown in [&answered, &read] {
            for (expanded, pointer) in SHOWN {
                assert!(
                    obj(shown, pointer)["id"].is_string(),
                    "{expanded}: {shown:#}"
                );
            }
            assert!(
                obj(shown, "/paymentInfo/payments/0")
                    .get("interfaceInteractions")
                    .is_none()
            );
        }
        assert_eq!(obj(&read, "/custom/type")["id"], about["id"]);
        // The order leads back to the cart, and from there to what it was paid with.
        let order = guest.order_my_cart(&answered).expect(201);
        let path = format!("/me/orders/{}", text(&order, "/id"));
        let deep = [("expand", "cart.paymentInfo.payments[*]")];
        let shown = guest.query(&path, &deep).expect(200);
        let found = shown.pointer("/cart/obj/paymentInfo/payments/0/obj/id");
        assert_eq!(found, Some(&paid["id"]), "{shown:#}");
        let foreign = other.my_cart_with("SKU-1", 1);
        let add = json!([{ "action": "addPayment", "payment": { "typeId": "payment", "id": paid["id"] } }]);
        other
            .change_my_cart(&foreign, add)
            .refused(400, "ReferencedResourceNotFound");
    });
}

#[test]
fn a_customers_data_is_expanded_for_whoever_may_read_the_profile() {
    on_each_database(|shop| {
        let form = |scope: &'static str| {
            [
                ("grant_type", "password"),
                ("username", "alice@example.com"),
                ("password", "secret"),
                ("scope", scope),
            ]
        };
        for (scope, sees) in [
            ("manage_my_orders:demo", false),
            ("manage_my_orders:demo manage_my_profile:demo", true),
        ] {
            let answer = shop
                .ask_auth(
                    &shop.clients.mobile,
                    "/oauth/demo/customers/token",
                    &form(scope),
                )
                .expect(200);
            let alice = shop.api_with(&text(&answer, "/access_token"));
            let cart = alice.my_cart_with("SKU-1", 1);
            let path = format!("/me/carts/{}", text(&cart, "/id"));
            let query = [("expand", "createdBy.customer")];
            let shown = alice.query(&path, &query).expect(200);
            let told = obj(&shown, "/createdBy/customer");
            assert_eq!(
                told["email"] == "alice@example.com",
                sees,
                "{scope}: {told:#}"
            );
        }
    });
}

#[test]
fn sign_in_and_sign_up_answer_with_what_was_asked_to_be_expanded() {
    on_each_database(|shop| {
        let (admin, guest, other) = (
            shop.admin(),
            shop.guest("phone-123"),
            shop.guest("phone-456"),
        );
        let paid = guest.post("/me/payments", payment(json!({}))).expect(201);
        let cart = guest.my_cart_with("SKU-1", 1);
        let add = json!([{ "action": "addPayment", "payment": { "typeId": "payment", "id": paid["id"] } }]);
        guest.change_my_cart(&cart, add).expect(200);
        let expand = [
            ("expand", "cart.lineItems[*].productType"),
            ("expand", "cart.paymentInfo.payments[*]"),
            ("expand", "cart.createdBy.customer"),
        ];
        let body = json!({ "email": "alice@example.com", "password": "secret" });
        let signed_in = guest
            .call("POST", "/me/login", &expand, Some(body.to_string()))
            .expect(200);
        assert_eq!(
            obj(&signed_in, "/cart/lineItems/0/productType")["key"],
            "article"
        );
        assert_eq!(
            obj(&signed_in, "/cart/paymentInfo/payments/0")["id"],
            paid["id"]
        );
        other.my_cart_with("SKU-1", 1);
        let new = json!({ "email": "carol@example.com", "password": "secret" });
        let signed_up = other
            .call("POST", "/me/signup", &expand, Some(new.to_string()))
            .expect(201);
        assert_eq!(
            obj(&signed_up, "/cart/lineItems/0/productType")["key"],
            "article"
        );
        // A backend that manages customers reads neither carts nor payments by that.
        let narrow = with(shop, "manage_customers:demo");
        let by_backend = narrow
            .call("POST", "/login", &expand, Some(body.to_string()))
            .expect(200);
        assert_eq!(
            obj(&by_backend, "/cart/lineItems/0/productType")["key"],
            "article"
        );
        assert_eq!(
            obj(&by_backend, "/cart/paymentInfo/payments/0"),
            Value::Null
        );
        let by_admin = admin
            .call("POST", "/login", &expand, Some(body.to_string()))
            .expect(200);
        assert_eq!(
            obj(&by_admin, "/cart/paymentInfo/payments/0")["id"],
            paid["id"]
        );
    });
}

#[test]
fn a_cart_that_could_not_be_read_is_not_taken_at_sign_in() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let draft = json!({ "currency": "EUR", "key": "lonely" });
        let cart = admin.post("/carts", draft).expect(201);
        let narrow = with(shop, "manage_customers:demo");
        let wide = with(shop, "manage_customers:demo view_orders:demo");
        let login = |cart: Value| json!({ "email": "alice@example.com", "password": "secret", "anonymousCart": cart });
        let by_key = json!({ "typeId": "cart", "key": "lonely" });
        for named in [&by_key, &json!({ "typeId": "cart", "id": cart["id"] })] {
            narrow
                .post("/login", login(named.clone()))
                .refused(400, "ReferencedResourceNotFound");
        }
        let new = json!({ "email": "c@example.com", "password": "secret", "anonymousCartId": cart["id"] });
        narrow
            .post("/customers", new)
            .refused(400, "ReferencedResourceNotFound");
        assert!(
            admin
                .find("/customers", r#"email = "c@example.com""#)
                .is_empty()
        );
        let signed_in = wide.post("/login", login(by_key)).expect(200);
        assert_eq!(signed_in["cart"]["id"], cart["id"]);
    });
}

#[test]
fn custom_objects_need_a_scope_of_their_own() {
    on_each_database(|shop| {
        let object = json!({ "container": "secrets", "key": "a", "value": "hidden" });
        shop.admin()
            .post("/custom-objects", object.clone())
            .expect(201);
        let related = "manage_products:demo manage_orders:demo manage_customers:demo";
        for api in [&with(shop, related).api, &shop.guest("phone-123").api] {
            for path in [
                "/custom-objects",
                "/custom-objects/secrets",
                "/custom-objects/secrets/a",
            ] {
                api.get(path).refused(403, "insufficient_scope");
            }
            api.post("/custom-objects", object.clone())
                .refused(403, "insufficient_scope");
        }
        let own = with(shop, "view_key_value_documents:demo");
        assert_eq!(
            own.get("/custom-objects/secrets/a").expect(200)["value"],
            "hidden"
        );
    });
}

#[test]
fn shipping_methods_are_matched_with_no_foreign_cart_on_a_device() {
    on_each_database(|shop| {
        let draft = json!({ "currency": "EUR", "country": "DE", "shippingAddress": address() });
        let foreign = shop.bob().my_cart(draft.clone());
        let phone = shop.new_api_client(
            "create_anonymous_token:demo view_shipping_methods:demo manage_my_orders:demo",
        );
        let guest = shop.guest_of(&phone, "tablet-1");
        let own = guest.my_cart(draft);
        let path = |cart: &Value| {
            format!(
                "/shipping-methods/matching-cart?cartId={}",
                text(cart, "/id")
            )
        };
        assert_eq!(guest.get(&path(&own)).expect(200)["count"], 1);
        guest.get(&path(&foreign)).refused(404, "ResourceNotFound");
        let backend = with(shop, "view_shipping_methods:demo");
        assert_eq!(backend.get(&path(&foreign)).expect(200)["count"], 1);
    });
}
