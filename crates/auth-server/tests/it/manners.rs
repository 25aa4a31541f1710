//! What holds for every path: methods, unknown paths, CORS, correlation ids, discovery.

use actix_web::{http::Method, test::TestRequest};
use serde_json::json;

use crate::support::{ISSUER, MOBILE, on_every_database};

#[actix_web::test]
async fn another_method_is_refused_with_the_allowed_ones() {
    on_every_database(async |app| {
        for (path, allowed) in [
            ("/oauth/token", "POST"),
            ("/oauth/authorize", "GET, POST"),
            ("/oauth/introspect", "POST"),
            ("/oauth/token/revoke", "POST"),
            ("/oauth/shop/anonymous/token", "POST"),
            ("/oauth/shop/customers/token", "POST"),
            ("/oauth/shop/in-store/key=berlin/customers/token", "POST"),
            ("/.well-known/jwks.json", "GET, HEAD"),
            ("/shop/api-clients", "GET, HEAD, POST"),
            ("/shop/api-clients/x", "GET, HEAD, DELETE"),
        ] {
            let answer = app
                .send(TestRequest::default().method(Method::PUT).uri(path))
                .await;
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, Some(allowed)),
                "{path}"
            );
            assert_eq!(answer.json()["statusCode"], 405);
        }
    })
    .await;
}

#[actix_web::test]
async fn an_unknown_path_is_not_found_in_the_usual_shape() {
    on_every_database(async |app| {
        for path in [
            "/",
            "/oauth",
            "/oauth/shop/token",
            "/shop/carts",
            "/oauth/token/",
        ] {
            let answer = app.send(TestRequest::post().uri(path)).await;
            let message = format!("URI not found: {path}");
            assert_eq!(
                (answer.status, answer.json()),
                (
                    404,
                    json!({
                        "statusCode": 404, "message": message,
                        "errors": [{ "code": "ResourceNotFound", "message": message }]
                    })
                )
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn browsers_may_call_from_anywhere_without_cookies() {
    on_every_database(async |app| {
        let preflight = TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/oauth/shop/anonymous/token")
            .insert_header(("origin", "https://shop.example"))
            .insert_header(("access-control-request-method", "POST"))
            .insert_header((
                "access-control-request-headers",
                "authorization,content-type,x-correlation-id,user-agent",
            ));
        let answer = app.send(preflight).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("access-control-max-age"), Some("7200"));
        let headers = answer
            .header("access-control-allow-headers")
            .expect("headers")
            .to_lowercase();
        for header in [
            "authorization",
            "content-type",
            "x-correlation-id",
            "user-agent",
        ] {
            assert!(headers.contains(header), "{headers}");
        }
        let refused = TestRequest::post()
            .uri("/oauth/token")
            .insert_header(("origin", "https://shop.example"));
        let answer = app.send(refused).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let exposed = answer
            .header("access-control-expose-headers")
            .expect("exposed")
            .to_lowercase();
        assert!(exposed.contains("x-correlation-id") && exposed.contains("www-authenticate"));
    })
    .await;
}

#[actix_web::test]
async fn a_correlation_id_comes_back_and_is_made_where_it_is_missing() {
    on_every_database(async |app| {
        let request = TestRequest::post()
            .uri("/oauth/token")
            .insert_header(("x-correlation-id", "project/1234567-abc"));
        let answer = app.send(request).await;
        assert_eq!(
            answer.header("x-correlation-id"),
            Some("project/1234567-abc")
        );
        let answer = app.send(TestRequest::get().uri("/nowhere")).await;
        assert!(
            answer
                .header("x-correlation-id")
                .is_some_and(|id| id.len() > 20)
        );
    })
    .await;
}

#[actix_web::test]
async fn the_public_keys_are_published_without_their_private_halves() {
    on_every_database(async |app| {
        let answer = app
            .send(TestRequest::get().uri("/.well-known/jwks.json"))
            .await;
        assert_eq!(answer.status, 200);
        let keys = answer.json();
        let key = &keys["keys"][0];
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"]),
            (&json!("EC"), &json!("P-256"), &json!("ES256"))
        );
        assert_eq!(key.get("d"), None);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let client = app.client(MOBILE).await;
        let token = app
            .client_token(&client, "view_products:shop")
            .await
            .access_token();
        let header = token.split('.').next().expect("a header");
        let header =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
        let header: serde_json::Value =
            serde_json::from_slice(&header.expect("base64url")).expect("JSON");
        assert_eq!(
            header,
            json!({ "typ": "at+jwt", "alg": "ES256", "kid": key["kid"] })
        );
        let etag = answer.header("etag").expect("an etag").to_owned();
        let again = TestRequest::get()
            .uri("/.well-known/jwks.json")
            .insert_header(("if-none-match", etag));
        assert_eq!(app.send(again).await.status, 304);
    })
    .await;
}

#[actix_web::test]
async fn the_metadata_names_the_issuer_and_every_endpoint() {
    on_every_database(async |app| {
        let path = "/.well-known/oauth-authorization-server";
        let answer = app.send(TestRequest::get().uri(path)).await;
        let metadata = answer.json();
        assert_eq!(metadata["issuer"], ISSUER);
        assert_eq!(metadata["token_endpoint"], format!("{ISSUER}/oauth/token"));
        assert_eq!(
            metadata["authorization_endpoint"],
            format!("{ISSUER}/oauth/authorize")
        );
        assert_eq!(metadata["response_types_supported"], json!(["code"]));
        assert_eq!(
            metadata["code_challenge_methods_supported"],
            json!(["S256"])
        );
        assert_eq!(
            metadata["authorization_response_iss_parameter_supported"],
            true
        );
        let has = |list: &str, word: &str| {
            metadata[list]
                .as_array()
                .is_some_and(|words| words.iter().any(|known| known == word))
        };
        assert!(has("grant_types_supported", "authorization_code"));
        assert!(has("token_endpoint_auth_methods_supported", "none"));
        assert!(!has(
            "introspection_endpoint_auth_methods_supported",
            "none"
        ));
        assert_eq!(
            metadata["anonymous_token_endpoint_template"],
            format!("{ISSUER}/oauth/{{projectKey}}/anonymous/token")
        );
    })
    .await;
}
