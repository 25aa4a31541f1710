//! API clients for pages of some origins only.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;

use crate::support::{Answer, Credentials, MOBILE, TestApp, form_request, on_every_database};

const SHOP: &str = "https://shop.example";

async fn ask(app: &TestApp, client: &Credentials, path: &str, form: &str, origin: &str) -> Answer {
    app.send(
        form_request(path, form)
            .insert_header(("authorization", client.basic()))
            .insert_header(("origin", origin)),
    )
    .await
}

async fn page_client(app: &TestApp) -> Credentials {
    let draft = format!(
        r#"{{"name":"n","scope":"{MOBILE}","allowedOrigins":["{SHOP}","http://localhost:3000"]}}"#
    );
    app.client_with(&draft).await.0
}

#[actix_web::test]
async fn a_page_of_another_origin_gets_nothing_and_may_not_even_read_the_refusal() {
    on_every_database(async |app| {
        let client = page_client(&app).await;
        let guest = app.guest(&client).await;
        let refresh = format!(
            "grant_type=refresh_token&refresh_token={}",
            guest.refresh_token()
        );
        let token = format!("token={}", guest.refresh_token());
        let requests = [
            (
                "/oauth/shop/anonymous/token",
                "grant_type=client_credentials",
            ),
            ("/oauth/token", "grant_type=client_credentials"),
            ("/oauth/introspect", token.as_str()),
            ("/oauth/token", refresh.as_str()),
            ("/oauth/token/revoke", token.as_str()),
        ];
        for (path, form) in requests {
            for origin in [
                "https://evil.example",
                "null",
                "https://shop.example.evil.example",
                "http://shop.example",
            ] {
                let refused = ask(&app, &client, path, form, origin).await;
                assert_eq!(
                    (refused.status, refused.error().as_str()),
                    (403, "unauthorized_client")
                );
                assert_eq!(
                    refused.json()["message"],
                    "This API client may not be used from this origin."
                );
                assert_eq!(refused.header("access-control-allow-origin"), None);
            }
        }
        for (path, form) in requests {
            let answer = ask(&app, &client, path, form, SHOP).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        }
        let local = ask(
            &app,
            &client,
            "/oauth/token",
            "grant_type=client_credentials",
            "http://localhost:3000",
        )
        .await;
        assert_eq!(local.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_stranger_learns_nothing_about_the_origins_and_a_client_without_them_serves_any_page() {
    on_every_database(async |app| {
        let client = page_client(&app).await;
        let stranger = Credentials {
            secret: "wrong".to_owned(),
            ..client
        };
        let form = "grant_type=client_credentials";
        let refused = ask(
            &app,
            &stranger,
            "/oauth/token",
            form,
            "https://evil.example",
        )
        .await;
        assert_eq!(refused.error(), "invalid_client");
        let open = app.client(MOBILE).await;
        let answer = ask(&app, &open, "/oauth/token", form, "https://any.example").await;
        assert_eq!(answer.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn origins_are_shown_and_bad_ones_refused() {
    on_every_database(async |app| {
        let admin = app.client("manage_api_clients:shop").await;
        let token = app.client_token(&admin, "").await.access_token();
        let create = async |origins: serde_json::Value| {
            let draft =
                json!({ "name": "n", "scope": "view_products:shop", "allowedOrigins": origins });
            app.send(
                TestRequest::default()
                    .method(Method::POST)
                    .uri("/shop/api-clients")
                    .insert_header(("authorization", format!("Bearer {token}")))
                    .set_payload(draft.to_string()),
            )
            .await
        };
        let fifty: Vec<String> = (0..50)
            .map(|n| format!("https://shop{n}.example"))
            .collect();
        let made = create(json!(fifty)).await;
        assert_eq!(
            (made.status, &made.json()["allowedOrigins"]),
            (201, &json!(fifty))
        );
        assert_eq!(create(json!(null)).await.json().get("allowedOrigins"), None);
        let mut more = fifty.clone();
        more.push(SHOP.to_owned());
        for origins in [
            json!([]),
            json!(more),
            json!(["https://shop.example/"]),
            json!(["http://shop.example"]),
            json!(["*"]),
        ] {
            let refused = create(origins.clone()).await;
            assert_eq!(refused.status, 400);
            let error = refused.json()["errors"][0].clone();
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("InvalidField"), &json!("allowedOrigins"))
            );
            assert_eq!(error["invalidValue"], origins);
        }
        for origins in [json!("https://shop.example"), json!([1])] {
            assert_eq!(
                create(origins).await.json()["errors"][0]["code"],
                "InvalidJsonInput"
            );
        }
    })
    .await;
}
