//! Who may call what: every family of routes with every kind of token.

use serde_json::{Value, json};

use crate::support::{Api, Reply, Shop, on_each_database, text};

/// Who must stand behind the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// Nobody: the endpoints of backends.
    Any,
    /// A guest or a customer.
    Shopper,
    /// A customer.
    Customer,
}

/// An endpoint, which scopes open it, and what it answers to those it is open to.
struct Rule {
    method: &'static str,
    path: &'static str,
    any_of: &'static [&'static str],
    subject: Subject,
    open: Open,
}

/// What an endpoint answers to a request that is allowed, says nothing useful, and names what does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// 200
    Page,
    /// 404
    NotFound,
    /// 400, for `{}` is neither a draft nor an update.
    BadBody,
}

impl Open {
    fn check(self, reply: &Reply, context: &str) {
        let wanted = match self {
            Self::Page => 200,
            Self::NotFound => 404,
            Self::BadBody => 400,
        };
        assert_eq!(reply.status, wanted, "{context}: {}", reply.body);
    }
}

const ID: &str = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";

const VIEW_ORDERS: &[&str] = &["view_orders", "manage_orders"];
const VIEW_CUSTOMERS: &[&str] = &["view_customers", "manage_customers"];
const VIEW_LISTS: &[&str] = &["view_shopping_lists", "manage_shopping_lists"];
const VIEW_PROJECTIONS: &[&str] = &[
    "view_published_products",
    "view_products",
    "manage_products",
];
const MY_ORDERS: &[&str] = &["manage_my_orders"];
const MY_PROFILE: &[&str] = &["manage_my_profile"];
const MY_LISTS: &[&str] = &["manage_my_shopping_lists"];
const MY_PAYMENTS: &[&str] = &["manage_my_payments"];

/// Resources with the same routes: collection, who views them, who manages them.
const RESOURCES: &[(&str, &[&str], &[&str])] = &[
    ("/carts", VIEW_ORDERS, &["manage_orders"]),
    ("/orders", VIEW_ORDERS, &["manage_orders"]),
    ("/customers", VIEW_CUSTOMERS, &["manage_customers"]),
    ("/shopping-lists", VIEW_LISTS, &["manage_shopping_lists"]),
    (
        "/payments",
        &["view_payments", "manage_payments"],
        &["manage_payments"],
    ),
    (
        "/products",
        &["view_products", "manage_products"],
        &["manage_products"],
    ),
    (
        "/inventory",
        &["view_products", "manage_products"],
        &["manage_products"],
    ),
    (
        "/product-types",
        &["view_product_types", "view_products"],
        &["manage_product_types", "manage_products"],
    ),
    (
        "/categories",
        &["view_categories", "view_products"],
        &["manage_categories", "manage_products"],
    ),
    (
        "/tax-categories",
        &["view_tax_categories", "view_products"],
        &["manage_tax_categories", "manage_products"],
    ),
    (
        "/channels",
        &["view_channels", "view_products"],
        &["manage_channels", "manage_products"],
    ),
    (
        "/customer-groups",
        &["view_customer_groups", "view_customers"],
        &["manage_customer_groups", "manage_customers"],
    ),
    (
        "/shipping-methods",
        &["view_shipping_methods", "view_orders", "manage_my_orders"],
        &["manage_shipping_methods", "manage_orders"],
    ),
    (
        "/zones",
        &["view_zones", "view_orders"],
        &["manage_zones", "manage_orders"],
    ),
    ("/types", &["view_types", "manage_types"], &["manage_types"]),
    (
        "/states",
        &["view_states", "manage_states"],
        &["manage_states"],
    ),
    (
        "/stores",
        &["view_stores", "manage_stores"],
        &["manage_stores"],
    ),
    (
        "/custom-objects",
        &[
            "view_products",
            "view_orders",
            "view_customers",
            "view_key_value_documents",
        ],
        &[
            "manage_products",
            "manage_orders",
            "manage_customers",
            "manage_key_value_documents",
        ],
    ),
];

/// Everything else: method, path, any one of these scopes, subject, what it answers.
const FURTHER: &[Rule] = {
    use Open::{BadBody, NotFound, Page};
    use Subject::{Any, Customer, Shopper};
    const fn rule(
        method: &'static str,
        path: &'static str,
        any_of: &'static [&'static str],
        subject: Subject,
        open: Open,
    ) -> Rule {
        Rule {
            method,
            path,
            any_of,
            subject,
            open,
        }
    }
    const MANAGE_ORDERS: &[&str] = &["manage_orders"];
    const MANAGE_CUSTOMERS: &[&str] = &["manage_customers"];
    &[
        rule(
            "GET",
            "",
            &["view_project_settings", "manage_project_settings"],
            Any,
            Page,
        ),
        rule("POST", "", &["manage_project_settings"], Any, BadBody),
        rule("GET", "/messages", &["view_messages"], Any, Page),
        rule("GET", "/messages/{id}", &["view_messages"], Any, NotFound),
        rule("GET", "/custom-objects/box", &["view_orders"], Any, Page),
        rule(
            "GET",
            "/custom-objects/box/key",
            &["view_customers"],
            Any,
            NotFound,
        ),
        rule(
            "DELETE",
            "/custom-objects/box/key",
            &["manage_orders"],
            Any,
            NotFound,
        ),
        rule("GET", "/product-projections", VIEW_PROJECTIONS, Any, Page),
        rule(
            "GET",
            "/product-projections/{id}",
            VIEW_PROJECTIONS,
            Any,
            NotFound,
        ),
        rule(
            "GET",
            "/product-projections/key=none",
            VIEW_PROJECTIONS,
            Any,
            NotFound,
        ),
        rule("GET", "/carts/customer-id={id}", VIEW_ORDERS, Any, NotFound),
        rule(
            "POST",
            "/carts/customer-id={id}/merge",
            MANAGE_ORDERS,
            Any,
            BadBody,
        ),
        rule("POST", "/carts/replicate", MANAGE_ORDERS, Any, BadBody),
        rule("POST", "/orders/import", MANAGE_ORDERS, Any, BadBody),
        rule(
            "GET",
            "/orders/order-number=none",
            VIEW_ORDERS,
            Any,
            NotFound,
        ),
        rule(
            "POST",
            "/orders/order-number=none",
            MANAGE_ORDERS,
            Any,
            NotFound,
        ),
        rule(
            "DELETE",
            "/orders/order-number=none?version=1",
            MANAGE_ORDERS,
            Any,
            NotFound,
        ),
        rule("POST", "/login", MANAGE_CUSTOMERS, Any, BadBody),
        rule(
            "POST",
            "/customers/email-token",
            MANAGE_CUSTOMERS,
            Any,
            BadBody,
        ),
        rule(
            "GET",
            "/customers/email-token=none",
            VIEW_CUSTOMERS,
            Any,
            NotFound,
        ),
        rule(
            "POST",
            "/customers/email/confirm",
            MANAGE_CUSTOMERS,
            Any,
            BadBody,
        ),
        rule(
            "POST",
            "/customers/password",
            MANAGE_CUSTOMERS,
            Any,
            BadBody,
        ),
        rule(
            "POST",
            "/customers/password-token",
            MANAGE_CUSTOMERS,
            Any,
            BadBody,
        ),
        rule(
            "GET",
            "/customers/password-token=none",
            VIEW_CUSTOMERS,
            Any,
            NotFound,
        ),
        rule(
            "POST",
            "/customers/password/reset",
            MANAGE_CUSTOMERS,
            Any,
            BadBody,
        ),
        rule("GET", "/me", MY_PROFILE, Customer, Page),
        rule("POST", "/me", MY_PROFILE, Customer, BadBody),
        rule("POST", "/me/password", MY_PROFILE, Customer, BadBody),
        rule("GET", "/me/active-cart", MY_ORDERS, Shopper, NotFound),
        rule("GET", "/me/carts", MY_ORDERS, Shopper, Page),
        rule("POST", "/me/carts", MY_ORDERS, Shopper, BadBody),
        rule("POST", "/me/carts/replicate", MY_ORDERS, Shopper, BadBody),
        rule("GET", "/me/carts/{id}", MY_ORDERS, Shopper, NotFound),
        rule("POST", "/me/carts/{id}", MY_ORDERS, Shopper, NotFound),
        rule(
            "DELETE",
            "/me/carts/{id}?version=1",
            MY_ORDERS,
            Shopper,
            NotFound,
        ),
        rule("GET", "/me/orders", MY_ORDERS, Shopper, Page),
        rule("POST", "/me/orders", MY_ORDERS, Shopper, BadBody),
        rule("GET", "/me/orders/{id}", MY_ORDERS, Shopper, NotFound),
        rule("GET", "/me/shopping-lists", MY_LISTS, Shopper, Page),
        rule("POST", "/me/shopping-lists", MY_LISTS, Shopper, BadBody),
        rule(
            "GET",
            "/me/shopping-lists/{id}",
            MY_LISTS,
            Shopper,
            NotFound,
        ),
        rule(
            "POST",
            "/me/shopping-lists/{id}",
            MY_LISTS,
            Shopper,
            NotFound,
        ),
        rule(
            "DELETE",
            "/me/shopping-lists/{id}?version=1",
            MY_LISTS,
            Shopper,
            NotFound,
        ),
        rule(
            "GET",
            "/me/shopping-lists/key=none",
            MY_LISTS,
            Shopper,
            NotFound,
        ),
        rule("GET", "/me/payments", MY_PAYMENTS, Shopper, Page),
        rule("POST", "/me/payments", MY_PAYMENTS, Shopper, BadBody),
        rule("GET", "/me/payments/{id}", MY_PAYMENTS, Shopper, NotFound),
        rule("POST", "/me/payments/{id}", MY_PAYMENTS, Shopper, NotFound),
        rule(
            "DELETE",
            "/me/payments/{id}?version=1",
            MY_PAYMENTS,
            Shopper,
            NotFound,
        ),
        // Anybody's: whoever signs in or up need not be somebody yet, and a one-time token is its own proof.
        rule("POST", "/me/signup", MY_PROFILE, Any, BadBody),
        rule("POST", "/me/login", MY_PROFILE, Any, BadBody),
        rule("POST", "/me/password/reset", MY_PROFILE, Any, BadBody),
        rule("POST", "/me/email/confirm", MY_PROFILE, Any, BadBody),
    ]
};

/// Every rule of the API, whose paths are complete.
fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (collection, view, manage) in RESOURCES {
        let mut add = |method, path: String, any_of: &'static [_], open| {
            rules.push(Rule {
                method,
                path: path.leak(),
                any_of,
                subject: Subject::Any,
                open,
            });
        };
        add("GET", (*collection).to_owned(), view, Open::Page);
        add(
            "HEAD",
            (*collection).to_owned() + "?where=id=\"none\"",
            view,
            Open::NotFound,
        );
        add("POST", (*collection).to_owned(), manage, Open::BadBody);
        if *collection == "/custom-objects" {
            continue;
        }
        let mut names = vec![ID];
        if *collection != "/orders" {
            names.push("key=none");
        }
        for name in names {
            let item = format!("{collection}/{name}");
            add("GET", item.clone(), view, Open::NotFound);
            add("HEAD", item.clone(), view, Open::NotFound);
            add("POST", item.clone(), manage, Open::NotFound);
            add("DELETE", item + "?version=1", manage, Open::NotFound);
        }
    }
    rules.extend(FURTHER.iter().map(|rule| Rule {
        path: rule.path.replace("{id}", ID).leak(),
        ..*rule
    }));
    rules
}

fn ask(api: &Api, rule: &Rule) -> Reply {
    let body = (rule.method == "POST").then(|| "{}".to_owned());
    api.call(rule.method, rule.path, &[], body)
}

/// 401 or 403 in the shape of both worlds; HEAD has no body.
fn check_refusal(reply: &Reply, rule: &Rule, status: u16, code: &str, context: &str) {
    let context = format!("{context}: {} {}", rule.method, rule.path);
    assert_eq!(reply.status, status, "{context}: {}", reply.body);
    let challenge = reply.headers.get("www-authenticate");
    let challenge = challenge.unwrap_or_else(|| panic!("{context}: no challenge"));
    assert_eq!(
        challenge.contains("error="),
        code != "access_denied",
        "{context}: {challenge}"
    );
    if rule.method == "HEAD" {
        assert_eq!(reply.body, "", "{context}");
        return;
    }
    let body = &reply.body;
    assert_eq!(body["statusCode"], status, "{context}: {body}");
    assert_eq!(body["error"], code, "{context}: {body}");
    assert_eq!(body["errors"][0]["code"], code, "{context}: {body}");
    assert_eq!(body["errors"][0]["message"], body["message"], "{context}");
}

/// The token of an API client with only these scopes.
fn with_scopes(shop: &Shop, scopes: &str) -> Api {
    shop.token_of(&shop.new_api_client(scopes)).api
}

/// A request without an `Authorization` header.
fn ask_without_token(api: &Api, rule: &Rule) -> Reply {
    let body = (rule.method == "POST").then(|| "{}".to_owned());
    let url = format!("{}{}", api.base, rule.path.replace('"', "%22"));
    api.http.send(rule.method, &url, &[], body)
}

#[test]
fn without_a_good_token_every_door_is_shut() {
    on_each_database(|shop| {
        let ended = shop.guest("phone-123");
        ended.sign_in("bob@example.com", "secret").expect(200);
        let changed = shop.alice();
        let change = json!({ "version": 1, "currentPassword": "secret", "newPassword": "n3w" });
        changed.post("/me/password", change).expect(200);
        let other = shop.other_project("other", &["manage_project"]).backend();
        let bad = [
            ("garbage", "garbage".to_owned()),
            ("three parts", "a.b.c".to_owned()),
            ("a tampered token", tampered(&shop.admin().token)),
            ("an ended session", ended.token.clone()),
            ("a customer whose password changed", changed.token.clone()),
        ];
        for rule in rules() {
            let reply = ask_without_token(&shop.api_with(""), &rule);
            check_refusal(&reply, &rule, 401, "access_denied", "no token");
            for (what, token) in &bad {
                let reply = ask(&shop.api_with(token), &rule);
                check_refusal(&reply, &rule, 401, "invalid_token", what);
            }
            let reply = ask(&shop.api_with(&other.token), &rule);
            check_refusal(
                &reply,
                &rule,
                403,
                "insufficient_scope",
                "another project's",
            );
        }
    });
}

/// Another signature.
fn tampered(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("a JWT");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{first}{}", &signature[1..])
}

#[test]
fn tokens_expire() {
    on_each_database(|shop| {
        let tokens = [
            shop.admin().token.clone(),
            shop.guest("phone-123").token.clone(),
            shop.alice().token.clone(),
        ];
        shop.wait_hours(47);
        for (token, path) in tokens.iter().zip(["/carts", "/me/carts", "/me/carts"]) {
            shop.api_with(token).get(path).expect(200);
        }
        shop.wait_hours(2);
        for token in &tokens {
            for rule in rules() {
                let reply = ask(&shop.api_with(token), &rule);
                check_refusal(&reply, &rule, 401, "invalid_token", "an expired token");
            }
        }
    });
}

#[test]
fn any_one_of_the_scopes_opens_an_endpoint_of_backends() {
    on_each_database(|shop| {
        for rule in rules().iter().filter(|rule| rule.subject == Subject::Any) {
            for scope in rule.any_of {
                let api = with_scopes(shop, &format!("{scope}:demo"));
                let context = format!("{} {} with {scope}", rule.method, rule.path);
                rule.open.check(&ask(&api, rule), &context);
            }
            let admin = shop.admin();
            let context = format!("{} {} with manage_project", rule.method, rule.path);
            rule.open.check(&ask(&admin, rule), &context);
        }
    });
}

/// Scopes of the same family as `needed` that are not enough, and some that have nothing to do with it.
const UNRELATED: &str = "view_reviews:demo view_project_settings:demo create_anonymous_token:demo";

#[test]
fn without_one_of_the_scopes_an_endpoint_stays_shut() {
    on_each_database(|shop| {
        let unrelated = with_scopes(shop, UNRELATED);
        for rule in rules() {
            if rule.any_of.contains(&"view_project_settings") {
                continue;
            }
            let reply = ask(&unrelated, &rule);
            check_refusal(&reply, &rule, 403, "insufficient_scope", "unrelated scopes");
            if rule.method != "HEAD" {
                let named = text(&reply.body, "/message");
                assert!(
                    named.contains(&format!("{}:demo", strongest(&rule))),
                    "{named}"
                );
            }
        }
    });
}

/// A scope that the refusal must name.
fn strongest(rule: &Rule) -> &'static str {
    rule.any_of
        .iter()
        .find(|scope| {
            rule.method == "POST" || !scope.starts_with("manage_") || scope.contains("_my_")
        })
        .or(rule.any_of.last())
        .expect("a scope")
}

#[test]
fn viewing_is_not_managing() {
    on_each_database(|shop| {
        for (collection, view, manage) in RESOURCES {
            let viewer: Vec<String> = view
                .iter()
                .filter(|scope| scope.starts_with("view_"))
                .map(|scope| format!("{scope}:demo"))
                .collect();
            let viewer = with_scopes(shop, &viewer.join(" "));
            for rule in rules() {
                let family =
                    rule.path == *collection || rule.path.starts_with(&format!("{collection}/"));
                if family && rule.any_of == *manage && matches!(rule.method, "POST" | "DELETE") {
                    let reply = ask(&viewer, &rule);
                    check_refusal(&reply, &rule, 403, "insufficient_scope", "a viewer");
                }
            }
        }
    });
}

#[test]
fn shoppers_open_what_is_theirs_and_what_their_phone_may_view() {
    // What the phone's client holds, and what follows from it.
    const HELD: &[&str] = &[
        "view_products",
        "view_published_products",
        "manage_my_orders",
        "manage_my_profile",
        "manage_my_shopping_lists",
        "manage_my_payments",
    ];
    on_each_database(|shop| {
        let callers = [
            ("a guest", shop.guest("phone-123").api, false),
            ("a customer", shop.alice().api, true),
        ];
        for rule in rules() {
            let in_scope = rule.any_of.iter().any(|scope| HELD.contains(scope));
            for (who, api, is_customer) in &callers {
                let reply = ask(api, &rule);
                if in_scope && (*is_customer || rule.subject != Subject::Customer) {
                    rule.open
                        .check(&reply, &format!("{who}: {} {}", rule.method, rule.path));
                } else {
                    check_refusal(&reply, &rule, 403, "insufficient_scope", who);
                }
            }
        }
    });
}

#[test]
fn who_has_no_subject_has_no_me() {
    on_each_database(|shop| {
        let mine = "manage_my_orders:demo manage_my_profile:demo manage_my_shopping_lists:demo \
            manage_my_payments:demo";
        let api = with_scopes(shop, mine);
        for rule in rules().iter().filter(|rule| rule.subject != Subject::Any) {
            let reply = ask(&api, rule);
            check_refusal(
                &reply,
                rule,
                403,
                "insufficient_scope",
                "a client without subject",
            );
            let message = text(&reply.body, "/message");
            assert!(message.contains("customer_id"), "{message}");
            assert_eq!(
                message.contains("anonymous_id"),
                rule.subject == Subject::Shopper,
                "{message}"
            );
        }
    });
}

/// Families that are also served below a store, for backends.
const IN_STORE: &[(&str, &str, &str, Open)] = &[
    ("GET", "/carts", "view_orders", Open::Page),
    ("POST", "/carts", "manage_orders", Open::BadBody),
    ("GET", "/carts/{id}", "view_orders", Open::NotFound),
    ("POST", "/carts/{id}", "manage_orders", Open::NotFound),
    (
        "DELETE",
        "/carts/{id}?version=1",
        "manage_orders",
        Open::NotFound,
    ),
    (
        "GET",
        "/carts/customer-id={id}",
        "view_orders",
        Open::NotFound,
    ),
    (
        "POST",
        "/carts/customer-id={id}/merge",
        "manage_orders",
        Open::BadBody,
    ),
    ("POST", "/carts/replicate", "manage_orders", Open::BadBody),
    ("GET", "/orders", "view_orders", Open::Page),
    ("POST", "/orders", "manage_orders", Open::BadBody),
    ("GET", "/orders/{id}", "view_orders", Open::NotFound),
    (
        "GET",
        "/orders/order-number=none",
        "view_orders",
        Open::NotFound,
    ),
    ("GET", "/customers", "view_customers", Open::Page),
    ("POST", "/customers", "manage_customers", Open::BadBody),
    ("GET", "/customers/{id}", "view_customers", Open::NotFound),
    (
        "DELETE",
        "/customers/{id}?version=1",
        "manage_customers",
        Open::NotFound,
    ),
    (
        "POST",
        "/customers/password",
        "manage_customers",
        Open::BadBody,
    ),
    (
        "POST",
        "/customers/password-token",
        "manage_customers",
        Open::BadBody,
    ),
    (
        "POST",
        "/customers/password/reset",
        "manage_customers",
        Open::BadBody,
    ),
    (
        "POST",
        "/customers/email-token",
        "manage_customers",
        Open::BadBody,
    ),
    (
        "POST",
        "/customers/email/confirm",
        "manage_customers",
        Open::BadBody,
    ),
    ("POST", "/login", "manage_customers", Open::BadBody),
    ("GET", "/shopping-lists", "view_shopping_lists", Open::Page),
    (
        "POST",
        "/shopping-lists",
        "manage_shopping_lists",
        Open::BadBody,
    ),
    (
        "GET",
        "/shopping-lists/{id}",
        "view_shopping_lists",
        Open::NotFound,
    ),
];

fn in_store(store: &str, method: &'static str, path: &str, open: Open) -> Rule {
    Rule {
        method,
        path: format!("/in-store/key={store}{}", path.replace("{id}", ID)).leak(),
        any_of: &[],
        subject: Subject::Any,
        open,
    }
}

#[test]
fn a_stores_scope_opens_that_store_and_nothing_else() {
    on_each_database(|shop| {
        for (method, path, scope, open) in IN_STORE {
            let narrow = with_scopes(shop, &format!("{scope}:demo:de-store"));
            let wide = with_scopes(shop, &format!("{scope}:demo"));
            let german = in_store("de-store", method, path, *open);
            for api in [&narrow, &wide] {
                open.check(&ask(api, &german), &format!("{method} {}", german.path));
            }
            let american = in_store("us-store", method, path, *open);
            check_refusal(
                &ask(&narrow, &american),
                &american,
                403,
                "insufficient_scope",
                "de-store's",
            );
            open.check(
                &ask(&wide, &american),
                &format!("{method} {}", american.path),
            );
            let everywhere = Rule {
                path: path.replace("{id}", ID).leak(),
                ..american
            };
            check_refusal(
                &ask(&narrow, &everywhere),
                &everywhere,
                403,
                "insufficient_scope",
                "de-store's",
            );
        }
    });
}

#[test]
fn a_store_that_does_not_exist_is_not_found() {
    on_each_database(|shop| {
        let (admin, guest) = (shop.admin(), shop.guest("phone-123"));
        for (path, draft) in [
            ("/carts", json!({ "currency": "EUR" })),
            ("/orders", json!({ "id": ID, "version": 1 })),
            (
                "/customers",
                json!({ "email": "a@example.com", "password": "secret" }),
            ),
            ("/shopping-lists", json!({ "name": { "en": "x" } })),
            (
                "/login",
                json!({ "email": "alice@example.com", "password": "secret" }),
            ),
        ] {
            let path = format!("/in-store/key=no-store{path}");
            admin.post(&path, draft).refused(404, "ResourceNotFound");
            if !path.ends_with("login") {
                admin.get(&path).refused(404, "ResourceNotFound");
            }
        }
        for (path, draft) in [
            ("/carts", json!({ "currency": "EUR" })),
            (
                "/signup",
                json!({ "email": "a@example.com", "password": "secret" }),
            ),
            (
                "/login",
                json!({ "email": "alice@example.com", "password": "secret" }),
            ),
        ] {
            let path = format!("/in-store/key=no-store/me{path}");
            guest.post(&path, draft).refused(404, "ResourceNotFound");
        }
        guest.get("/me/carts").expect(200);
    });
}

#[test]
fn api_clients_are_not_part_of_manage_project() {
    on_each_database(|shop| {
        let at = |token: &str| shop.auth_api_with(token);
        let draft = json!({ "name": "n", "scope": "view_orders:demo" });
        let unknown = format!("/api-clients/{ID}");
        let cases: [(&str, [u16; 4]); 4] = [
            ("manage_project:demo", [403, 403, 403, 403]),
            ("view_api_clients:demo", [200, 403, 404, 403]),
            // Who manages clients cannot hand out what it does not hold itself.
            ("manage_api_clients:demo", [200, 403, 404, 404]),
            (
                "manage_api_clients:demo view_orders:demo",
                [200, 201, 404, 404],
            ),
        ];
        for (scope, wanted) in cases {
            let api = at(&with_scopes(shop, scope).token);
            let found = [
                api.get("/api-clients").status,
                api.post("/api-clients", draft.clone()).status,
                api.get(&unknown).status,
                api.call("DELETE", &unknown, &[], None).status,
            ];
            assert_eq!(found, wanted, "{scope}");
        }
        for api in [at(&shop.guest("phone-123").token), at(&shop.alice().token)] {
            api.get("/api-clients").refused(403, "insufficient_scope");
        }
        at("garbage")
            .get("/api-clients")
            .refused(401, "invalid_token");
    });
}

#[test]
fn a_bearer_token_comes_in_one_well_formed_header() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let url = format!("{}/carts", admin.base);
        let send = |values: &[&str]| {
            let headers: Vec<_> = values
                .iter()
                .map(|value| ("authorization", value.replace("{}", &admin.token)))
                .collect();
            admin.http.send("GET", &url, &headers, None)
        };
        for good in ["Bearer {}", "bearer {}", "BEARER {}"] {
            send(&[good]).expect(200);
        }
        for bad in [
            "Bearer",
            "Bearer ",
            "Basic {}",
            "{}",
            "Bearer {} {}",
            "Token {}",
        ] {
            let reply = send(&[bad]);
            assert_eq!(reply.status, 401, "{bad}");
            assert!(reply.headers.contains_key("www-authenticate"), "{bad}");
        }
        send(&["Bearer {}", "Bearer {}"]).refused(401, "invalid_token");
        let in_query = format!("{url}?access_token={}", admin.token);
        let reply = admin.http.send("GET", &in_query, &[], None);
        reply.refused(401, "access_denied");
    });
}

#[test]
fn a_deleted_api_client_is_locked_out_with_all_its_sessions() {
    on_each_database(|shop| {
        let client = shop
            .new_api_client("create_anonymous_token:demo manage_my_orders:demo view_orders:demo");
        let backend = shop.token_of(&client);
        let form = [("grant_type", "client_credentials")];
        let guest = shop
            .ask_auth(&client, "/oauth/demo/anonymous/token", &form)
            .expect(200);
        let guest = shop.api_with(&text(&guest, "/access_token"));
        guest.get("/me/carts").expect(200);
        let admin = shop.auth_api_with(&shop.admin().token);
        let path = format!("/api-clients/{}", client.id);
        let deleted: Value = admin.call("DELETE", &path, &[], None).expect(200);
        assert_eq!(deleted["id"], client.id);
        guest.get("/me/carts").refused(401, "invalid_token");
        // Tokens without a session may be a second behind: only the token endpoint is at once.
        let form = [("grant_type", "client_credentials")];
        let refused = shop.ask_auth(&client, "/oauth/token", &form);
        assert_eq!(refused.expect(401)["error"], "invalid_client");
        shop.wait_hours(1);
        backend.get("/carts").refused(401, "invalid_token");
    });
}
