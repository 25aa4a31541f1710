//! Seeds without signatures.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Seed;

pub(crate) fn headers() -> Vec<Seed> {
    let basic = |name, pair: &str| {
        (
            "basic_header",
            name,
            format!("Basic {}", STANDARD.encode(pair)),
        )
    };
    let other = |name, text: &str| ("basic_header", name, text.to_owned());
    let bearer = |name, text: &str| ("authorization_header", name, text.to_owned());
    vec![
        basic("accepted-pair", "client:secret"),
        basic("accepted-colon-in-secret", "id:s:t"),
        basic("accepted-letters-beyond-ascii", "käufer:geheim"),
        other("accepted-no-padding-and-capitals", "BASIC aWQ6cw"),
        basic("accepted-escaped", "a%2Db:s%5Ft%25"),
        basic("accepted-stray-percent", "id:100%"),
        basic("refused-escaped-null-in-id", "i%00d:s"),
        basic("refused-escapes-of-no-text", "id:%ff"),
        basic("refused-empty-secret", "id:"),
        basic("refused-empty-id", ":secret"),
        basic("refused-null-in-id", "i\0d:s"),
        other("refused-no-base64", "Basic %%%"),
        other("refused-bearer", "Bearer aWQ6czp0"),
        other("refused-nothing", ""),
        bearer("accepted-bearer", "Bearer eyJ.eyJ.c2ln"),
        bearer("accepted-dpop-in-capitals", "DPOP   b3BhcXVl "),
        bearer("refused-basic", "Basic aWQ6czp0"),
        bearer("refused-scheme-alone", "Bearer "),
        bearer("refused-token-alone", "eyJ.eyJ.c2ln"),
    ]
}

pub(crate) fn proof_urls() -> Vec<Seed> {
    let seed = |name, htu: &str, path: &str| ("dpop_url", name, format!("{htu}\n{path}"));
    vec![
        seed(
            "accepted-same",
            "https://api.shop.example/v1/demo/me/carts",
            "/demo/me/carts",
        ),
        seed(
            "accepted-capitals-and-port",
            "HTTPS://API.shop.example:443/v1/demo",
            "/demo",
        ),
        seed(
            "accepted-escapes",
            "https://api.shop.example/v1/key=a%2db",
            "/key=a-b",
        ),
        seed(
            "accepted-dots-and-query",
            "https://api.shop.example/v1/x/../me?a=b#c",
            "/me",
        ),
        seed(
            "refused-other-path",
            "https://api.shop.example/v1/me/orders",
            "/me/carts",
        ),
        seed(
            "refused-escaped-slash",
            "https://api.shop.example/v1/me%2Fcarts",
            "/me/carts",
        ),
        seed(
            "refused-user",
            "https://api.shop.example@evil.example/v1/me",
            "/me",
        ),
        seed("refused-plain-http", "http://api.shop.example/v1/me", "/me"),
        seed("refused-relative", "/v1/me", "/me"),
    ]
}

pub(crate) fn forms() -> Vec<Seed> {
    let seed = |name, query: &str, body: &str| ("form", name, format!("{query}\n{body}"));
    vec![
        seed(
            "accepted-client-credentials",
            "",
            "grant_type=client_credentials&scope=manage_project:demo",
        ),
        seed(
            "accepted-query-and-body",
            "grant_type=password",
            "username=anna%40example.com&password=a+b%2B%26",
        ),
        seed(
            "accepted-raw-spaces",
            "",
            "scope=view_products:demo manage_my_orders:demo",
        ),
        seed("accepted-empty-values", "", "scope=&&=&refresh_token=x"),
        seed(
            "accepted-names-in-escapes",
            "",
            "gr%61nt_type=x&%C3%A4=%F0%9F%98%80",
        ),
        seed("refused-twice", "scope=a", "scope=b"),
        seed("refused-no-text", "", "username=%ff"),
        seed("refused-null", "", "username=a%00"),
        seed(
            "refused-33-parameters",
            "",
            &(0..33).map(|n| format!("p{n}=1&")).collect::<String>(),
        ),
    ]
}

pub(crate) fn bodies() -> Vec<Seed> {
    let seed = |name, body: &str| ("json_body", name, body.to_owned());
    vec![
        seed(
            "accepted-cart-draft",
            r#"{"currency":"EUR","country":"DE","lineItems":[{"sku":"cup","quantity":2}]}"#,
        ),
        seed(
            "accepted-nulls-mean-absent",
            r#"{"currency":"EUR","country":null,"shippingAddress":{"country":"DE","city":null}}"#,
        ),
        seed(
            "accepted-actions",
            r#"{"version":1,"actions":[{"action":"changeLineItemQuantity","lineItemId":"l-1","quantity":3},{"action":"setCountry"}]}"#,
        ),
        seed(
            "accepted-custom-fields",
            r#"{"currency":"EUR","custom":{"type":{"typeId":"type","key":"gift"},"fields":{"note":"\u00e4\ud83d\ude00","n":1.25e-7}}}"#,
        ),
        seed(
            "accepted-spelled-null-character",
            r#"{"currency":"EUR","key":"a\\u0000"}"#,
        ),
        seed(
            "refused-unknown-action",
            r#"{"version":1,"actions":[{"action":"winLottery"}]}"#,
        ),
        seed(
            "refused-null-character",
            r#"{"currency":"EUR","key":"a\u0000"}"#,
        ),
        seed(
            "refused-number-out-of-range",
            r#"{"currency":"EUR","x":1e999}"#,
        ),
        seed("refused-half-a-surrogate", r#"{"currency":"\ud83d"}"#),
        seed("refused-null", "null"),
        seed("refused-deep", &"[".repeat(200)),
        seed("refused-text-behind", r#"{"currency":"EUR"} {}"#),
    ]
}

pub(crate) fn predicates() -> Vec<Seed> {
    let seed = |name, text: &str| ("predicate", name, text.to_owned());
    vec![
        seed("accepted-comparison", r#"anonymousId = "anna""#),
        seed(
            "accepted-joined",
            r#"version > 1 and (cartState = "Active" or not(id in ("a", "b")))"#,
        ),
        seed(
            "accepted-nested",
            "lineItems(quantity >= 2 and name(en is defined)) and totalPrice(centAmount < 2000)",
        ),
        seed(
            "accepted-variables",
            "anonymousId = :who or customerId in :who",
        ),
        seed(
            "accepted-quoted-names-and-escapes",
            r#"`and` contains any ("q\" b\\ \u00e4\ud83d\ude00", -12.50, true)"#,
        ),
        seed(
            "accepted-circle",
            "geoLocation within circle(13.37, 52.5, 1000)",
        ),
        seed(
            "accepted-deep",
            &format!("{}a=1{}", "(".repeat(32), ")".repeat(32)),
        ),
        seed(
            "refused-deeper",
            &format!("{}a=1{}", "(".repeat(33), ")".repeat(33)),
        ),
        seed("refused-open-string", r#"id = "x"#),
        seed("refused-injection", "id=\"x\"'; DROP TABLE carts;--"),
        seed("refused-sort", "createdAt desc"),
    ]
}

pub(crate) fn scopes() -> Vec<Seed> {
    let seed = |name, held: &str, requested: &str| ("scope", name, format!("{held}\n{requested}"));
    vec![
        seed(
            "accepted-all-and-less",
            "manage_project:demo",
            "view_products:demo manage_my_orders:demo:berlin",
        ),
        seed(
            "accepted-identity-is-kept",
            "manage_my_orders:demo anonymous_id:phone-123",
            "manage_my_orders:demo",
        ),
        seed(
            "accepted-identity-is-not-requestable",
            "manage_project:demo",
            "customer_id:u-1",
        ),
        seed(
            "accepted-other-project",
            "manage_project:demo",
            "manage_project:other",
        ),
        seed(
            "accepted-white-space-and-twins",
            "view_products:demo\t view_products:demo",
            "",
        ),
        seed(
            "accepted-odd-identity",
            "anonymous_id:a:b:c!~[]",
            "manage_api_clients:demo create_anonymous_token:demo",
        ),
        seed("refused-unknown", "rule_the_world:demo", ""),
        seed("refused-no-project", "manage_project", ""),
        seed("refused-store-form", "manage_project:demo:berlin", ""),
        seed("refused-quote-in-identity", "anonymous_id:a\"b", ""),
    ]
}
