//! Authorization codes: a customer who is signed in lets an app in, and nobody else is.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;
use shared::db::statement::Statement;
use url::Url;

use crate::support::{
    Answer, Credentials, ISSUER, MOBILE, TestApp, form_request, on_every_database,
    with_two_instances,
};

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const CALLBACK: &str = "https://app.example/cb?x=1";
/// What the app may do.
pub const APP: &str = "view_published_products:shop manage_my_orders:shop manage_my_profile:shop";
/// What the customer's own token may do, too.
const GRANTED: &str = "view_published_products:shop manage_my_orders:shop customer_id:jane";

/// A storefront where a customer is signed in, and an app without a secret.
pub struct Scene {
    pub server: TestApp,
    pub storefront: Credentials,
    pub app: Credentials,
    /// The customer's token at the storefront.
    pub token: String,
}

impl Scene {
    pub async fn new(server: TestApp) -> Self {
        server
            .customer("jane", None, "jane@example.com", "secret")
            .await;
        let storefront = server.client(MOBILE).await;
        let app = Self::app(&server).await;
        let token = sign_in(&server, &storefront).await.access_token();
        Self {
            server,
            storefront,
            app,
            token,
        }
    }

    /// An app without a secret.
    pub async fn app(server: &TestApp) -> Credentials {
        app_with(server, &[CALLBACK]).await
    }

    /// Asks for a code; `changes` replace parameters of a request that is right, or leave them out.
    pub async fn authorize(&self, changes: &[(&str, Option<&str>)]) -> Answer {
        let query = self.query(changes);
        self.server
            .send(self.bearer(TestRequest::get().uri(&format!("/oauth/authorize?{query}"))))
            .await
    }

    fn query(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut parameters = vec![
            ("response_type", owned("code")),
            ("client_id", self.app.id.clone()),
            ("redirect_uri", owned(CALLBACK)),
            ("state", owned("s t&/")),
            ("code_challenge", owned(CHALLENGE)),
            ("code_challenge_method", owned("S256")),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if let Some(value) = value {
                parameters.push((name, owned(value)));
            }
        }
        encoded(&parameters)
    }

    fn bearer(&self, request: TestRequest) -> TestRequest {
        request.insert_header(("authorization", format!("Bearer {}", self.token)))
    }

    /// A code for the app.
    pub async fn code(&self) -> String {
        code_of(&self.authorize(&[]).await)
    }

    /// Exchanges a code, when the app has a secret.
    pub async fn exchange_with_secret(&self, code: &str) -> Answer {
        let form = encoded(&[
            ("grant_type", owned("authorization_code")),
            ("code", owned(code)),
            ("redirect_uri", owned(CALLBACK)),
            ("code_verifier", owned(VERIFIER)),
        ]);
        self.server.post(&self.app, "/oauth/token", &form).await
    }

    /// Exchanges a code; `changes` as above.
    pub async fn exchange(&self, code: &str, changes: &[(&str, Option<&str>)]) -> Answer {
        exchange_at(&self.server, &self.app, code, changes).await
    }
}

pub fn owned(text: &str) -> String {
    text.to_owned()
}

pub fn encoded(parameters: &[(&str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

async fn exchange_at(
    server: &TestApp,
    app: &Credentials,
    code: &str,
    changes: &[(&str, Option<&str>)],
) -> Answer {
    let mut parameters = vec![
        ("grant_type", owned("authorization_code")),
        ("client_id", app.id.clone()),
        ("code", owned(code)),
        ("redirect_uri", owned(CALLBACK)),
        ("code_verifier", owned(VERIFIER)),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        if let Some(value) = value {
            parameters.push((name, owned(value)));
        }
    }
    server
        .send(form_request("/oauth/token", &encoded(&parameters)))
        .await
}

async fn app_with(server: &TestApp, redirect_uris: &[&str]) -> Credentials {
    let draft = json!({
        "name": "app", "public": true, "scope": APP, "redirectUris": redirect_uris,
    });
    server.client_with(&draft.to_string()).await.0
}

pub async fn sign_in(server: &TestApp, client: &Credentials) -> Answer {
    let form = "grant_type=password&username=jane%40example.com&password=secret";
    server
        .post(client, "/oauth/shop/customers/token", form)
        .await
}

/// Where an answer sends the customer.
#[track_caller]
pub fn target(answer: &Answer) -> Url {
    assert_eq!(answer.status, 302, "{answer:?}");
    Url::parse(answer.header("location").expect("a location")).expect("a URL")
}

pub fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

#[track_caller]
pub fn code_of(answer: &Answer) -> String {
    parameter(&target(answer), "code").unwrap_or_else(|| panic!("no code: {answer:?}"))
}

const NOT_FOUND: &str = r#"{"statusCode":400,"message":"The authorization code was not found. It may have expired.","errors":[{"code":"invalid_grant","message":"The authorization code was not found. It may have expired."}],"error":"invalid_grant","error_description":"The authorization code was not found. It may have expired."}"#;

/// The one answer about codes that are no good.
#[track_caller]
pub fn assert_not_found(answer: &Answer) {
    assert_eq!((answer.status, answer.text.as_str()), (400, NOT_FOUND));
}

#[actix_web::test]
async fn a_customer_lets_an_app_in_and_it_gets_a_session_of_its_own() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let answer = scene.authorize(&[]).await;
        let to = target(&answer);
        assert!(to.as_str().starts_with("https://app.example/cb?x=1&code="));
        assert_eq!(parameter(&to, "state").as_deref(), Some("s t&/"));
        assert_eq!(parameter(&to, "iss").as_deref(), Some(ISSUER));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));

        let code = code_of(&answer);
        assert_eq!(code.len(), 43);
        let tokens = scene.exchange(&code, &[]).await;
        assert_eq!(tokens.member("scope"), GRANTED);
        assert_eq!(tokens.header("cache-control"), Some("no-store"));
        let knower = scene.server.client("introspect_oauth_tokens:shop").await;
        assert!(
            scene
                .server
                .is_active(&knower, &tokens.access_token())
                .await
        );
        let form = format!(
            "grant_type=refresh_token&client_id={}&refresh_token={}",
            scene.app.id,
            tokens.refresh_token()
        );
        let refreshed = scene.server.send(form_request("/oauth/token", &form)).await;
        assert_eq!(refreshed.member("scope"), GRANTED);
        assert_eq!(
            scene
                .server
                .count("audit_events WHERE event = 'login_succeeded'")
                .await,
            2,
            "at the storefront, and in the app"
        );
        assert_eq!(
            scene
                .server
                .count(format!("authorization_codes WHERE hash = '{code}'"))
                .await,
            0,
            "a code is stored as a hash"
        );
    })
    .await;
}

#[actix_web::test]
async fn a_client_with_a_secret_needs_secret_and_verifier() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let draft = json!({ "name": "web", "scope": APP, "redirectUris": [CALLBACK] });
        scene.app = scene.server.client_with(&draft.to_string()).await.0;
        let code = scene.code().await;
        assert_eq!(scene.exchange(&code, &[]).await.error(), "invalid_client");
        let tokens = scene.exchange_with_secret(&code).await;
        assert_eq!(tokens.member("scope"), GRANTED);
    })
    .await;
}

#[actix_web::test]
async fn a_request_may_be_posted_and_scripts_get_the_target_instead_of_a_redirect() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let posted = scene
            .server
            .send(scene.bearer(form_request("/oauth/authorize", &scene.query(&[]))))
            .await;
        assert_eq!(code_of(&posted).len(), 43);
        for (accept, is_json) in [
            ("application/json", true),
            ("application/json, text/plain, */*", true),
            ("text/html, application/json;q=0.9", false),
            ("*/*", false),
        ] {
            let uri = format!("/oauth/authorize?{}", scene.query(&[]));
            let request = scene.bearer(TestRequest::get().uri(&uri));
            let answer = scene
                .server
                .send(request.insert_header(("accept", accept)))
                .await;
            if is_json {
                let to = Url::parse(&answer.member("redirectTo")).expect("a URL");
                assert_eq!(answer.status, 200);
                assert!(parameter(&to, "code").is_some());
                assert_eq!(answer.header("cache-control"), Some("no-store"));
                assert_eq!(answer.header("location"), None);
            } else {
                assert_eq!(code_of(&answer).len(), 43, "{accept}");
            }
        }
        let refused = scene.query(&[("scope", Some("manage_project:shop"))]);
        let request = TestRequest::get().uri(&format!("/oauth/authorize?{refused}"));
        let request = scene
            .bearer(request)
            .insert_header(("accept", "application/json"));
        let answer = scene.server.send(request).await;
        let to = Url::parse(&answer.member("redirectTo")).expect("a URL");
        assert_eq!(parameter(&to, "error").as_deref(), Some("invalid_scope"));
    })
    .await;
}

#[actix_web::test]
async fn browsers_may_ask_from_other_origins() {
    on_every_database(async |server| {
        let preflight = TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/oauth/authorize")
            .insert_header(("origin", "https://shop.example"))
            .insert_header(("access-control-request-method", "GET"))
            .insert_header(("access-control-request-headers", "authorization,dpop"));
        let answer = server.send(preflight).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let methods = answer
            .header("access-control-allow-methods")
            .expect("methods");
        assert!(methods.contains("GET") && methods.contains("POST"));
    })
    .await;
}

#[actix_web::test]
async fn nobody_is_sent_anywhere_before_client_and_redirect_uri_are_proven() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let none = scene.storefront.id.clone();
        for changes in [
            [("client_id", None)],
            [("client_id", Some("unknown"))],
            [("client_id", Some(none.as_str()))],
            [("redirect_uri", Some("https://evil.example/"))],
            [("redirect_uri", Some("https://app.example/cb"))],
            [("redirect_uri", Some("https://app.example/cb?x=1&y=2"))],
            [("redirect_uri", Some("https://app.example/cb?x=1#"))],
            [(
                "redirect_uri",
                Some("https://app.example@evil.example/cb?x=1"),
            )],
            [(
                "redirect_uri",
                Some("https://app.example\\@evil.example/cb?x=1"),
            )],
            [("redirect_uri", Some("HTTPS://app.example/cb?x=1"))],
            [("redirect_uri", Some("//app.example/cb?x=1"))],
            [("redirect_uri", Some("javascript:alert(1)"))],
            [("redirect_uri", Some("https://app.example/cb?x=1\r\nx: y"))],
        ] {
            let answer = scene.authorize(&changes).await;
            assert_eq!(
                (
                    answer.status,
                    answer.error().as_str(),
                    answer.header("location")
                ),
                (400, "invalid_request", None),
                "{changes:?}"
            );
        }
        let repeated = format!("/oauth/authorize?{}&state=again", scene.query(&[]));
        let answer = scene
            .server
            .send(scene.bearer(TestRequest::get().uri(&repeated)))
            .await;
        assert_eq!((answer.status, answer.header("location")), (400, None));
        // With several registered ones the request must say which.
        scene.app = app_with(&scene.server, &[CALLBACK, "com.example.app:/cb"]).await;
        let answer = scene.authorize(&[("redirect_uri", None)]).await;
        assert_eq!((answer.status, answer.header("location")), (400, None));
        assert_eq!(scene.server.count("authorization_codes").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn nobody_is_sent_anywhere_without_a_live_token() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let uri = format!("/oauth/authorize?{}", scene.query(&[]));
        let without = scene.server.send(TestRequest::get().uri(&uri)).await;
        assert_eq!((without.status, without.header("location")), (401, None));
        assert_eq!(
            without.header("www-authenticate"),
            Some(r#"Bearer realm="shop""#)
        );

        let signed_in = sign_in(&scene.server, &scene.storefront).await;
        let form = format!("token={}", signed_in.refresh_token());
        scene
            .server
            .post(&scene.storefront, "/oauth/token/revoke", &form)
            .await;
        let (elsewhere, _) = scene
            .server
            .client_of("other", r#"{"name":"n","scope":"view_products:other"}"#)
            .await;
        let form = "grant_type=client_credentials";
        let foreign = scene.server.post(&elsewhere, "/oauth/token", form).await;
        for token in ["x", &signed_in.access_token(), &foreign.access_token()] {
            token.clone_into(&mut scene.token);
            // Refused for the token, whatever else is wrong.
            for changes in [&[][..], &[("scope", Some("manage_project:shop"))]] {
                let answer = scene.authorize(changes).await;
                assert_eq!(
                    (
                        answer.status,
                        answer.error().as_str(),
                        answer.header("location")
                    ),
                    (401, "invalid_token", None)
                );
            }
        }
        assert_eq!(scene.server.count("authorization_codes").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn only_a_customer_can_let_an_app_in() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let guest = scene.server.guest(&scene.storefront).await;
        let own = scene
            .server
            .client_token(&scene.storefront, "view_products:shop")
            .await;
        for token in [guest.access_token(), own.access_token()] {
            scene.token = token;
            let to = target(&scene.authorize(&[]).await);
            assert_eq!(parameter(&to, "error").as_deref(), Some("access_denied"));
            assert_eq!(parameter(&to, "state").as_deref(), Some("s t&/"));
            assert_eq!(parameter(&to, "code"), None);
        }
    })
    .await;
}

#[actix_web::test]
async fn every_other_refusal_goes_to_the_app_with_state_and_issuer() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        for (name, value, error) in [
            ("response_type", None, "invalid_request"),
            ("response_type", Some("token"), "unsupported_response_type"),
            (
                "response_type",
                Some("code id_token"),
                "unsupported_response_type",
            ),
            ("code_challenge", None, "invalid_request"),
            ("code_challenge", Some("short"), "invalid_request"),
            ("code_challenge_method", None, "invalid_request"),
            ("code_challenge_method", Some("plain"), "invalid_request"),
            ("code_challenge_method", Some("s256"), "invalid_request"),
            ("scope", Some("dance:shop"), "invalid_scope"),
            ("scope", Some("view_products:other"), "invalid_scope"),
            ("scope", Some("customer_id:joe"), "invalid_scope"),
            ("scope", Some("\"\\"), "invalid_scope"),
            ("scope", Some("manage_my_payments:shop"), "invalid_scope"),
            // The app has it, the customer's token has it not; and the other way round.
            ("scope", Some("manage_my_profile:shop"), "invalid_scope"),
            (
                "scope",
                Some("create_anonymous_token:shop"),
                "invalid_scope",
            ),
        ] {
            let to = target(&scene.authorize(&[(name, value)]).await);
            assert!(to.as_str().starts_with("https://app.example/cb?x=1&error="));
            assert_eq!(
                parameter(&to, "error").as_deref(),
                Some(error),
                "{name} {value:?}"
            );
            assert!(parameter(&to, "error_description").is_some());
            assert_eq!(parameter(&to, "state").as_deref(), Some("s t&/"));
            assert_eq!(parameter(&to, "iss").as_deref(), Some(ISSUER));
        }
        assert_eq!(scene.server.count("authorization_codes").await, 0);
        let to = target(&scene.authorize(&[("state", None)]).await);
        assert_eq!(parameter(&to, "state"), None);
    })
    .await;
}

/// The scope that an app with `app` gets of a customer's token with `token`, asking for `asked`.
async fn granted(scene: &mut Scene, app: &str, token: &str, asked: Option<&str>) -> String {
    let draft = json!({ "name": "app", "scope": app, "redirectUris": [CALLBACK] });
    scene.app = scene.server.client_with(&draft.to_string()).await.0;
    let storefront = scene.server.client(token).await;
    scene.token = sign_in(&scene.server, &storefront).await.access_token();
    let to = target(&scene.authorize(&[("scope", asked)]).await);
    match parameter(&to, "code") {
        Some(code) => scene.exchange_with_secret(&code).await.member("scope"),
        None => parameter(&to, "error").unwrap_or_default(),
    }
}

#[actix_web::test]
async fn an_app_gets_what_both_it_and_the_customers_token_may_do_and_never_more() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let (all, orders, profile) = (
            "manage_project:shop",
            "manage_my_orders:shop",
            "manage_my_profile:shop",
        );
        let both = format!("{orders} {profile}");
        let jane = |scope: &str| format!("{scope} customer_id:jane");
        for (app, token, asked, expected) in [
            (orders, orders, None, jane(orders)),
            (&both, orders, None, jane(orders)),
            (orders, &both, None, jane(orders)),
            (all, orders, None, jane(orders)),
            (orders, all, None, jane(orders)),
            (all, orders, Some(orders), jane(orders)),
            (orders, all, Some(all), "invalid_scope".to_owned()),
            (all, orders, Some(all), "invalid_scope".to_owned()),
            (all, orders, Some(profile), "invalid_scope".to_owned()),
            (profile, orders, None, "invalid_scope".to_owned()),
            (&both, &both, Some(profile), jane(profile)),
        ] {
            let scope = granted(&mut scene, app, token, asked).await;
            assert_eq!(scope, expected, "{app} | {token} | {asked:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn an_app_is_let_into_the_store_that_the_customer_is_in() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let server = &scene.server;
        server
            .customer("bea", Some("berlin"), "bea@example.com", "secret")
            .await;
        let path = "/oauth/shop/in-store/key=berlin/customers/token";
        let form = "grant_type=password&username=bea%40example.com&password=secret";
        scene.token = server
            .post(&scene.storefront, path, form)
            .await
            .access_token();
        let tokens = scene.exchange(&scene.code().await, &[]).await;
        assert_eq!(
            tokens.member("scope"),
            "view_published_products:shop manage_my_orders:shop customer_id:bea"
        );
        let bound = "sessions WHERE store_key = 'berlin' AND client_id = ";
        assert_eq!(
            scene
                .server
                .count(format!("{bound}'{}'", scene.app.id))
                .await,
            1
        );
    })
    .await;
}

#[actix_web::test]
async fn a_code_without_all_that_belongs_to_it_is_not_found_and_used_up() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let other = app_with(&scene.server, &[CALLBACK]).await;
        let wrong_verifier = "x".repeat(43);
        for (name, value) in [
            ("code_verifier", Some(wrong_verifier.as_str())),
            ("code_verifier", Some("short")),
            ("code_verifier", Some(CHALLENGE)),
            ("redirect_uri", None),
            ("redirect_uri", Some("https://app.example/cb")),
            ("redirect_uri", Some("https://evil.example/")),
            ("client_id", Some(other.id.as_str())),
        ] {
            let code = scene.code().await;
            assert_not_found(&scene.exchange(&code, &[(name, value)]).await);
            // Who had the code without the rest has it from somebody else: it is worth nothing any more.
            assert_not_found(&scene.exchange(&code, &[]).await);
        }
        for code in ["x", CHALLENGE] {
            assert_not_found(&scene.exchange(code, &[]).await);
        }
        let of_the_app = format!("sessions WHERE client_id = '{}'", scene.app.id);
        assert_eq!(scene.server.count(of_the_app).await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_request_that_is_none_uses_no_code_up() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let code = scene.code().await;
        for name in ["code", "code_verifier"] {
            let answer = scene.exchange(&code, &[(name, None)]).await;
            assert_eq!(
                answer.json()["message"],
                format!("Missing required parameter: {name}.")
            );
            // What is in a URL is in somebody's log.
            let in_url = format!(
                "/oauth/token?{name}={}",
                if name == "code" { &code } else { VERIFIER }
            );
            let rest = if name == "code" {
                format!("code_verifier={VERIFIER}")
            } else {
                format!("code={code}")
            };
            let form = format!(
                "grant_type=authorization_code&client_id={}&{rest}",
                scene.app.id
            );
            let answer = scene.server.send(form_request(&in_url, &form)).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (400, "invalid_request")
            );
        }
        assert_eq!(
            scene.exchange(&code, &[("client_id", None)]).await.status,
            401
        );
        assert_eq!(scene.exchange(&code, &[]).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_code_is_good_for_a_minute() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let (early, late) = (scene.code().await, scene.code().await);
        scene.server.clock.advance_seconds(59);
        assert_eq!(scene.exchange(&early, &[]).await.status, 200);
        scene.server.clock.advance_seconds(1);
        assert_not_found(&scene.exchange(&late, &[]).await);
    })
    .await;
}

#[actix_web::test]
async fn a_code_that_comes_again_ends_the_session_that_came_of_it() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let code = scene.code().await;
        let tokens = scene.exchange(&code, &[]).await;
        let knower = scene.server.client("introspect_oauth_tokens:shop").await;
        let access_token = tokens.access_token();
        assert!(scene.server.is_active(&knower, &access_token).await);
        scene.server.clock.advance_seconds(3_600);
        assert_not_found(
            &scene
                .exchange(&code, &[("code_verifier", Some("wrong"))])
                .await,
        );
        assert!(!scene.server.is_active(&knower, &access_token).await);
        let noted = format!(
            "audit_events WHERE event = 'reuse_detected' AND client_id = '{}'",
            scene.app.id
        );
        assert_eq!(scene.server.count(noted.clone()).await, 1);
        assert_not_found(&scene.exchange(&code, &[]).await);
        assert_eq!(scene.server.count(noted).await, 1, "it ended once");
        // The customer at the storefront is no part of it.
        assert!(scene.server.is_active(&knower, &scene.token).await);
    })
    .await;
}

#[actix_web::test]
async fn of_parallel_exchanges_on_two_instances_one_wins_and_its_session_does_not_last() {
    with_two_instances(async |one, two| {
        let scene = Scene::new(one).await;
        for _ in 0..5 {
            let code = scene.code().await;
            let exchange =
                async |server: &TestApp| exchange_at(server, &scene.app, &code, &[]).await;
            let here = &scene.server;
            let (a, b, c, d) = tokio::join!(
                exchange(here),
                exchange(&two),
                exchange(here),
                exchange(&two)
            );
            let (won, lost): (Vec<_>, Vec<_>) = [a, b, c, d]
                .into_iter()
                .partition(|answer| answer.status == 200);
            assert_eq!((won.len(), lost.len()), (1, 3));
            lost.iter().for_each(assert_not_found);
            let knower = two.client("introspect_oauth_tokens:shop").await;
            let token = won.first().expect("a winner").access_token();
            assert!(!two.is_active(&knower, &token).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_code_dies_with_the_session_that_allowed_it() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        for reason in ["password_changed", "customer_deleted"] {
            let code = scene.code().await;
            // What the commerce API does when a password changes, or the customer goes.
            scene
                .server
                .execute(
                    Statement::new("UPDATE sessions SET state = 'revoked', state_reason = ")
                        .text(reason)
                        .sql(" WHERE customer_id = 'jane'"),
                )
                .await;
            assert_not_found(&scene.exchange(&code, &[]).await);
            scene.token = sign_in(&scene.server, &scene.storefront)
                .await
                .access_token();
        }
        let gone = app_with(&scene.server, &[CALLBACK]).await;
        scene.app = gone;
        let code = scene.code().await;
        let delete = Statement::new("DELETE FROM api_clients WHERE id = ").text(&scene.app.id);
        scene.server.execute(delete).await;
        assert_eq!(scene.exchange(&code, &[]).await.error(), "invalid_client");
    })
    .await;
}

#[actix_web::test]
async fn a_program_on_the_customers_machine_takes_any_free_port() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        scene.app = app_with(&scene.server, &["http://127.0.0.1/cb"]).await;
        let here = ("redirect_uri", Some("http://127.0.0.1:51004/cb"));
        let answer = scene.authorize(&[here]).await;
        assert!(
            target(&answer)
                .as_str()
                .starts_with("http://127.0.0.1:51004/cb?code=")
        );
        let code = code_of(&answer);
        let elsewhere = ("redirect_uri", Some("http://127.0.0.1:51005/cb"));
        assert_not_found(&scene.exchange(&code, &[elsewhere]).await);
        let code = code_of(&scene.authorize(&[here]).await);
        assert_eq!(scene.exchange(&code, &[here]).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn the_only_redirect_uri_may_be_left_out_in_both_requests() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let left_out = ("redirect_uri", None);
        let answer = scene.authorize(&[left_out]).await;
        assert!(target(&answer).as_str().starts_with(CALLBACK));
        assert_eq!(
            scene.exchange(&code_of(&answer), &[left_out]).await.status,
            200
        );
        let answer = scene.authorize(&[left_out]).await;
        assert_eq!(scene.exchange(&code_of(&answer), &[]).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn an_app_may_do_without_a_refresh_token() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let code = scene.code().await;
        let tokens = scene
            .exchange(&code, &[("refresh_token", Some("false"))])
            .await;
        assert_eq!(
            (tokens.status, tokens.json().get("refresh_token")),
            (200, None)
        );
    })
    .await;
}

#[actix_web::test]
async fn codes_are_remembered_for_a_day_after_their_time() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let used = scene.code().await;
        assert_eq!(scene.exchange(&used, &[]).await.status, 200);
        scene.code().await;
        scene.server.clock.advance_seconds(60 + 86_400);
        scene.server.housekeep().await;
        assert_eq!(scene.server.count("authorization_codes").await, 2);
        scene.server.clock.advance_seconds(1);
        scene.server.housekeep().await;
        assert_eq!(scene.server.count("authorization_codes").await, 0);
        assert_not_found(&scene.exchange(&used, &[]).await);
    })
    .await;
}
