//! Administration of API clients.

use actix_web::{http::Method, test::TestRequest};
use serde_json::{Value, json};

use crate::support::{Answer, MOBILE, TestApp, on_every_database};

async fn call(app: &TestApp, token: &str, method: Method, path: &str, body: &str) -> Answer {
    app.send(
        TestRequest::default()
            .method(method)
            .uri(path)
            .insert_header(("authorization", format!("Bearer {token}")))
            .insert_header(("content-type", "application/json"))
            .set_payload(body.to_owned()),
    )
    .await
}

async fn admin(app: &TestApp) -> String {
    let client = app.client("manage_api_clients:shop").await;
    app.client_token(&client, "manage_api_clients:shop")
        .await
        .access_token()
}

#[actix_web::test]
async fn a_client_is_made_shown_listed_and_deleted_and_its_secret_shown_once() {
    on_every_database(async |app| {
        let token = admin(&app).await;
        let draft = r#"{"name":"app","scope":"view_products:shop  manage_my_orders:shop","accessTokenValiditySeconds":3600,
            "deleteDaysAfterCreation":2,"refreshTokenMode":"reusable","graceSeconds":60,"accessTokenFormat":"opaque","x":1}"#;
        let created = call(&app, &token, Method::POST, "/shop/api-clients", draft).await;
        assert_eq!(created.status, 201);
        let (id, secret) = (created.member("id"), created.member("secret"));
        assert_eq!(secret.len(), 43);
        let mut expected = json!({
            "id": id, "name": "app", "scope": "view_products:shop manage_my_orders:shop",
            "createdAt": "2026-01-31T09:15:00.000Z", "deleteAt": "2026-02-02T09:15:00.000Z",
            "accessTokenValiditySeconds": 3600, "refreshTokenMode": "reusable", "accessTokenFormat": "opaque",
            "graceSeconds": 60
        });
        let path = format!("/shop/api-clients/{id}");
        let shown = call(&app, &token, Method::GET, &path, "").await;
        assert_eq!((shown.status, shown.json()), (200, expected.clone()));
        let head = call(&app, &token, Method::HEAD, &path, "").await;
        assert_eq!(head.status, 200);
        let list = call(&app, &token, Method::GET, "/shop/api-clients?limit=1&offset=1", "").await.json();
        assert_eq!((&list["count"], &list["total"], &list["offset"]), (&json!(1), &json!(2), &json!(1)));
        assert_eq!(list["results"].as_array().map(Vec::len), Some(1));
        let short = call(&app, &token, Method::GET, "/shop/api-clients?withTotal=false", "").await.json();
        assert_eq!((short.get("total"), &short["count"], &short["limit"]), (None, &json!(2), &json!(20)));
        let deleted = call(&app, &token, Method::DELETE, &path, "").await;
        expected["id"] = json!(id);
        assert_eq!((deleted.status, deleted.json()), (200, expected));
        for method in [Method::GET, Method::DELETE] {
            let gone = call(&app, &token, method, &path, "").await;
            assert_eq!((gone.status, &gone.json()["errors"][0]["code"]), (404, &json!("ResourceNotFound")));
        }
    })
    .await;
}

#[actix_web::test]
async fn deleting_a_client_kills_its_sessions_and_tokens() {
    on_every_database(async |app| {
        let token = admin(&app).await;
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let own = app
            .client_token(&client, "view_products:shop")
            .await
            .access_token();
        let auditor = app.client("introspect_oauth_tokens:shop").await;
        assert!(app.is_active(&auditor, &guest.access_token()).await);
        let path = format!("/shop/api-clients/{}", client.id);
        assert_eq!(
            call(&app, &token, Method::DELETE, &path, "").await.status,
            200
        );
        assert_eq!(
            app.refresh(&client, &guest.refresh_token()).await.error(),
            "invalid_client"
        );
        for dead in [guest.access_token(), own] {
            assert!(!app.is_active(&auditor, &dead).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn drafts_are_refused_with_the_field_and_the_reason() {
    on_every_database(async |app| {
        let token = admin(&app).await;
        let cases: [(&str, &str, Option<&str>); 12] = [
            ("", "InvalidJsonInput", None),
            ("[]", "InvalidJsonInput", None),
            (r#"{"name":1,"scope":"x"}"#, "InvalidJsonInput", None),
            (r#"{"scope":"view_products:shop"}"#, "RequiredField", Some("name")),
            (r#"{"name":"n","scope":null}"#, "RequiredField", Some("scope")),
            (r#"{"name":"n","scope":" "}"#, "RequiredField", Some("scope")),
            (r#"{"name":"n","scope":"dance:shop"}"#, "InvalidField", Some("scope")),
            (r#"{"name":"n","scope":"view_products:other"}"#, "InvalidField", Some("scope")),
            (r#"{"name":"n","scope":"anonymous_id:x"}"#, "InvalidField", Some("scope")),
            (
                r#"{"name":"n","scope":"view_products:shop","accessTokenValiditySeconds":3599}"#,
                "InvalidField",
                Some("accessTokenValiditySeconds"),
            ),
            (
                r#"{"name":"n","scope":"view_products:shop","refreshTokenValiditySeconds":31536001}"#,
                "InvalidField",
                Some("refreshTokenValiditySeconds"),
            ),
            (
                r#"{"name":"n","scope":"view_products:shop","refreshTokenMode":"sliding"}"#,
                "InvalidField",
                Some("refreshTokenMode"),
            ),
        ];
        for (draft, code, field) in cases {
            let answer = call(&app, &token, Method::POST, "/shop/api-clients", draft).await;
            let body = answer.json();
            assert_eq!((answer.status, body["errors"][0]["code"].as_str()), (400, Some(code)), "{draft}");
            assert_eq!(body["errors"][0]["field"].as_str(), field, "{draft}");
            assert_eq!(body["message"], body["errors"][0]["message"]);
            assert_eq!(body.get("error"), None);
        }
        for query in ["limit=501", "limit=x", "offset=10001", "where=secret%3D%22n%22"] {
            let path = format!("/shop/api-clients?{query}");
            let answer = call(&app, &token, Method::GET, &path, "").await;
            assert_eq!(answer.status, 400, "{query}");
            assert_eq!(answer.json()["errors"][0]["code"], "InvalidInput");
        }
    })
    .await;
}

#[actix_web::test]
async fn callers_without_a_good_token_or_scope_are_refused() {
    on_every_database(async |app| {
        let missing = app.send(TestRequest::get().uri("/shop/api-clients")).await;
        assert_eq!(missing.status, 401);
        assert_eq!(missing.error(), "access_denied");
        assert_eq!(missing.header("www-authenticate"), Some(r#"Bearer realm="shop""#));
        assert_eq!(
            missing.json()["message"],
            "This endpoint requires an access token. You can get one from the authorization server."
        );
        let bad = call(&app, "x", Method::GET, "/shop/api-clients", "").await;
        assert_eq!(
            bad.text,
            r#"{"statusCode":401,"message":"invalid_token","errors":[{"code":"invalid_token","message":"invalid_token"}],"error":"invalid_token"}"#
        );
        assert_eq!(
            bad.header("www-authenticate"),
            Some(r#"Bearer realm="shop", error="invalid_token""#)
        );
        let project = app.client("manage_project:shop view_api_clients:shop").await;
        let token = app.client_token(&project, "manage_project:shop").await.access_token();
        let weak = call(&app, &token, Method::POST, "/shop/api-clients", "{}").await;
        assert_eq!((weak.status, weak.error().as_str()), (403, "insufficient_scope"));
        assert_eq!(
            weak.json()["message"],
            "Insufficient scope. One of the following scopes is missing: manage_api_clients."
        );
        let viewer = app.client_token(&project, "view_api_clients:shop").await.access_token();
        assert_eq!(call(&app, &viewer, Method::GET, "/shop/api-clients", "").await.status, 200);
        assert_eq!(call(&app, &viewer, Method::POST, "/shop/api-clients", "{}").await.status, 403);
        let other: Value = call(&app, &viewer, Method::GET, "/other/api-clients", "").await.json();
        assert_eq!(other["error"], "invalid_token");
        let form = format!("token={viewer}");
        app.post(&project, "/oauth/token/revoke", &form).await;
        assert_eq!(call(&app, &viewer, Method::GET, "/shop/api-clients", "").await.status, 401);
    })
    .await;
}

#[actix_web::test]
async fn clients_of_other_projects_are_not_there() {
    on_every_database(async |app| {
        let token = admin(&app).await;
        let (other, _) = app
            .client_of("other", r#"{"name":"n","scope":"view_products:other"}"#)
            .await;
        let path = format!("/shop/api-clients/{}", other.id);
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(call(&app, &token, method, &path, "").await.status, 404);
        }
        assert_eq!(
            call(&app, &token, Method::GET, "/shop/api-clients/%00", "")
                .await
                .status,
            404
        );
    })
    .await;
}
