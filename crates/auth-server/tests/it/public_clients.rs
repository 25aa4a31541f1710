//! Clients without a secret: what they may do by saying their name, and what not.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};

use crate::support::{
    Answer, CAREFUL, CAREFUL_GUEST, Credentials, TestApp, form_request, on_every_database,
};

/// Sends a form without any `Authorization`.
async fn post(app: &TestApp, path: &str, form: &str) -> Answer {
    app.send(form_request(path, form)).await
}

/// A public client for a mobile app.
async fn public_client(app: &TestApp) -> Credentials {
    let draft = format!(r#"{{"name":"app","public":true,"scope":"{CAREFUL}"}}"#);
    app.client_with(&draft).await.0
}

async fn guest(app: &TestApp, client: &Credentials) -> Answer {
    let form = format!("grant_type=client_credentials&client_id={}", client.id);
    post(app, "/oauth/shop/anonymous/token", &form).await
}

async fn refresh(app: &TestApp, client: &Credentials, token: &str) -> Answer {
    let form = format!(
        "grant_type=refresh_token&refresh_token={token}&client_id={}",
        client.id
    );
    post(app, "/oauth/token", &form).await
}

#[actix_web::test]
async fn a_public_client_starts_guests_refreshes_and_revokes_them_by_its_name_alone() {
    on_every_database(async |app| {
        let client = public_client(&app).await;
        let started = guest(&app, &client).await;
        assert!(started.member("scope").starts_with(CAREFUL_GUEST));
        let rotated = refresh(&app, &client, &started.refresh_token()).await;
        assert_ne!(rotated.refresh_token(), started.refresh_token());
        let form = format!("client_id={}&token={}", client.id, rotated.refresh_token());
        let revoked = post(&app, "/oauth/token/revoke", &form).await;
        assert_eq!((revoked.status, revoked.text.as_str()), (200, ""));
        let dead = refresh(&app, &client, &rotated.refresh_token()).await;
        assert_eq!((dead.status, dead.error().as_str()), (400, "invalid_grant"));
    })
    .await;
}

#[actix_web::test]
async fn what_a_secret_must_vouch_for_is_refused_to_a_public_client() {
    on_every_database(async |app| {
        let client = public_client(&app).await;
        app.customer("c1", None, "jane@example.com", "secret").await;
        let id = &client.id;
        for (path, form, status, error) in [
            (
                "/oauth/token",
                "grant_type=client_credentials",
                400,
                "unauthorized_client",
            ),
            (
                "/oauth/shop/customers/token",
                "grant_type=password&username=jane%40example.com&password=secret",
                400,
                "unauthorized_client",
            ),
            ("/oauth/introspect", "token=x", 401, "invalid_client"),
            (
                "/oauth/other/anonymous/token",
                "grant_type=client_credentials",
                401,
                "invalid_client",
            ),
        ] {
            let answer = post(&app, path, &format!("{form}&client_id={id}")).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (status, error),
                "{path} {form}"
            );
        }
        let without = app
            .client_with(r#"{"name":"app","public":true,"scope":"manage_my_orders:shop"}"#)
            .await
            .0;
        let refused = guest(&app, &without).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (403, "insufficient_scope")
        );
    })
    .await;
}

#[actix_web::test]
async fn a_public_client_is_refused_with_a_secret_and_any_other_without_one() {
    on_every_database(async |app| {
        let public = public_client(&app).await;
        let confidential = app.client(CAREFUL).await;
        let path = "/oauth/shop/anonymous/token";
        let form = "grant_type=client_credentials";
        for secret in ["x", "0", &confidential.secret] {
            let wrong = Credentials {
                id: public.id.clone(),
                secret: secret.to_owned(),
            };
            assert_eq!(app.post(&wrong, path, form).await.error(), "invalid_client");
        }
        for more in [
            format!("&client_id={}", confidential.id),
            format!(
                "&client_id={}&client_secret={}",
                confidential.id, confidential.secret
            ),
            format!("&client_id={}&client_secret=x", public.id),
            "&client_id=unknown".to_owned(),
            "&client_id=".to_owned(),
            String::new(),
        ] {
            let answer = post(&app, path, &format!("{form}{more}")).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (401, "invalid_client"),
                "{more}"
            );
        }
        let in_the_url = format!("{path}?client_id={}", public.id);
        assert_eq!(post(&app, &in_the_url, form).await.status, 401);
        let two = format!("{form}&client_id={}", public.id);
        let answer = app.post(&confidential, path, &two).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request")
        );
    })
    .await;
}

#[actix_web::test]
async fn tokens_of_a_public_client_are_its_own() {
    on_every_database(async |app| {
        let (one, other) = (public_client(&app).await, public_client(&app).await);
        let started = guest(&app, &one).await;
        let stolen = refresh(&app, &other, &started.refresh_token()).await;
        assert_eq!(stolen.error(), "invalid_grant");
        let form = format!("client_id={}&token={}", other.id, started.refresh_token());
        assert_eq!(post(&app, "/oauth/token/revoke", &form).await.status, 200);
        assert_eq!(
            refresh(&app, &one, &started.refresh_token()).await.status,
            200
        );
    })
    .await;
}

async fn create(app: &TestApp, draft: &Value) -> Answer {
    let admin = app.client("manage_api_clients:shop").await;
    let token = app
        .client_token(&admin, "manage_api_clients:shop")
        .await
        .access_token();
    app.send(
        TestRequest::default()
            .method(Method::POST)
            .uri("/shop/api-clients")
            .insert_header(("authorization", format!("Bearer {token}")))
            .insert_header(("content-type", "application/json"))
            .set_payload(draft.to_string()),
    )
    .await
}

#[actix_web::test]
async fn a_public_client_is_made_without_a_secret_and_with_its_redirect_uris() {
    on_every_database(async |app| {
        let uris = ["https://app.example/cb", "com.example.app:/cb"];
        let draft = json!({
            "name": "app", "scope": CAREFUL, "public": true,
            "redirectUris": [uris[0], uris[1], uris[0]],
        });
        let created = create(&app, &draft).await;
        assert_eq!(created.status, 201, "{created:?}");
        let body = created.json();
        assert_eq!(body.get("secret"), None);
        assert_eq!(
            (&body["public"], &body["redirectUris"]),
            (&json!(true), &json!(uris))
        );

        let confidential = create(
            &app,
            &json!({ "name": "web", "scope": CAREFUL, "redirectUris": ["https://web.example/"] }),
        )
        .await
        .json();
        assert_eq!(confidential["secret"].as_str().map(str::len), Some(43));
        assert_eq!(
            confidential["redirectUris"],
            json!(["https://web.example/"])
        );
        assert_eq!(confidential.get("public"), None);

        let plain = create(
            &app,
            &json!({ "name": "n", "scope": CAREFUL, "public": false }),
        )
        .await;
        let body = plain.json();
        assert_eq!((body.get("public"), body.get("redirectUris")), (None, None));
    })
    .await;
}

#[actix_web::test]
async fn a_public_client_holds_nothing_that_only_a_secret_should_vouch_for() {
    on_every_database(async |app| {
        let draft = |scope: &str, public| json!({ "name": "app", "scope": scope, "public": public });
        for name in [
            "manage_project",
            "manage_api_clients",
            "view_api_clients",
            "introspect_oauth_tokens",
            "manage_orders",
            "view_customers",
            "view_products",
            "view_discount_codes",
        ] {
            let scope = format!("{CAREFUL} {name}:shop");
            let refused = create(&app, &draft(&scope, true)).await;
            assert_eq!(refused.status, 400, "{name}");
            let error = refused.json()["errors"][0].clone();
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("InvalidField"), &json!("scope"))
            );
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains(&format!("`{name}:shop`")), "{message}");
            assert_eq!(create(&app, &draft(&scope, false)).await.status, 201);
        }
        let shopper = "create_anonymous_token:shop view_published_products:shop manage_my_profile:shop:berlin";
        assert_eq!(create(&app, &draft(shopper, true)).await.status, 201);
        assert_eq!(app.count("api_clients WHERE is_public").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_draft_that_would_leak_codes_or_tokens_is_refused_by_field_and_limit() {
    on_every_database(async |app| {
        let long = format!("https://app.example/{}", "x".repeat(2_100));
        let many: Vec<String> = (0..11)
            .map(|n| format!("https://app.example/{n}"))
            .collect();
        for (more, field, limit) in [
            (
                json!({ "redirectUris": many }),
                "redirectUris",
                "at most 10",
            ),
            (
                json!({ "redirectUris": [long] }),
                "redirectUris",
                "at most 2048 characters",
            ),
            (
                json!({ "redirectUris": ["https://app.example/#x"] }),
                "redirectUris",
                "fragment",
            ),
            (
                json!({ "redirectUris": ["http://app.example/"] }),
                "redirectUris",
                "127.0.0.1",
            ),
            (
                json!({ "redirectUris": ["javascript:alert(1)"] }),
                "redirectUris",
                "scheme",
            ),
            (
                json!({ "redirectUris": ["/cb"] }),
                "redirectUris",
                "absolute",
            ),
            (
                json!({ "refreshTokenMode": "reusable" }),
                "refreshTokenMode",
                "`rotating`",
            ),
        ] {
            let mut draft = json!({ "name": "app", "scope": CAREFUL, "public": true });
            for (name, value) in more.as_object().expect("an object") {
                draft[name] = value.clone();
            }
            let answer = create(&app, &draft).await;
            let error = answer.json()["errors"][0].clone();
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("InvalidField"), &json!(field))
            );
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains(limit), "{message}");
        }
        for wrong in [
            json!({ "redirectUris": "https://app.example/" }),
            json!({ "redirectUris": [1] }),
            json!({ "public": "yes" }),
        ] {
            let mut draft = json!({ "name": "app", "scope": CAREFUL });
            for (name, value) in wrong.as_object().expect("an object") {
                draft[name] = value.clone();
            }
            let answer = create(&app, &draft).await;
            assert_eq!(
                (answer.status, &answer.json()["errors"][0]["code"]),
                (400, &json!("InvalidJsonInput"))
            );
        }
    })
    .await;
}
