//! Tokens for API clients.

use auth_server::app_state::Behaviour;
use domain::identity::{principal::Subject, scope::Narrowing};
use serde_json::json;

use crate::support::{
    ISSUER, MOBILE, START, form_request, on_every_database, on_every_database_with,
    with_two_instances,
};

#[actix_web::test]
async fn a_client_gets_all_its_scopes_for_two_days_and_no_refresh_token() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let answer = app
            .post(&client, "/oauth/token", "grant_type=client_credentials")
            .await;
        assert_eq!(answer.status, 200);
        let token = answer.access_token();
        assert_eq!(
            answer.json(),
            json!({ "access_token": token, "token_type": "Bearer", "expires_in": 172_800, "scope": MOBILE })
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        let verified = app.state.verifier.verify(&token).await.expect("a token");
        let claims = &verified.claims;
        assert_eq!(claims.iss, ISSUER);
        assert_eq!(claims.aud, ["urn:commerce:shop"]);
        assert_eq!(claims.sub, format!("client:{}", client.id));
        assert_eq!(claims.exp - claims.iat, 172_800);
        assert_eq!(claims.iat, START.seconds());
        assert_eq!(verified.principal.subject, Subject::Client);
        assert_eq!(claims.sid, None);
    })
    .await;
}

#[actix_web::test]
async fn parameters_may_come_in_the_query_with_no_body_at_all() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let path = "/oauth/token?grant_type=client_credentials&scope=view_products:shop%20manage_my_orders:shop";
        let request = actix_web::test::TestRequest::post()
            .uri(path)
            .insert_header(("authorization", client.basic()));
        let answer = app.send(request).await;
        assert_eq!(answer.member("scope"), "view_products:shop manage_my_orders:shop");
        assert_eq!(answer.header("deprecation"), None);
    })
    .await;
}

#[actix_web::test]
async fn a_client_may_ask_for_less_than_it_has_in_its_own_order() {
    on_every_database(async |app| {
        let client = app
            .client("manage_project:shop view_api_clients:shop")
            .await;
        let answer = app
            .client_token(
                &client,
                "view_types:shop view_orders:shop:berlin view_types:shop",
            )
            .await;
        assert_eq!(
            answer.member("scope"),
            "view_types:shop view_orders:shop:berlin"
        );
        let refused = app.client_token(&client, "manage_api_clients:shop").await;
        assert_eq!(refused.error(), "invalid_scope");
    })
    .await;
}

#[actix_web::test]
async fn literal_narrowing_allows_the_held_scopes_only() {
    let behaviour = Behaviour {
        narrowing: Narrowing::Literal,
        ..Behaviour::default()
    };
    on_every_database_with(behaviour, async |app| {
        let client = app.client("manage_project:shop").await;
        let refused = app.client_token(&client, "view_types:shop").await;
        assert_eq!(refused.json()["message"], "Permissions exceeded.");
        assert_eq!(
            app.client_token(&client, "manage_project:shop")
                .await
                .status,
            200
        );
    })
    .await;
}

#[actix_web::test]
async fn an_opaque_client_gets_tokens_that_only_the_database_knows() {
    on_every_database(async |app| {
        let draft = r#"{"name":"o","scope":"view_products:shop","accessTokenFormat":"opaque","accessTokenValiditySeconds":3600}"#;
        let (client, _) = app.client_with(draft).await;
        let answer = app
            .post(&client, "/oauth/token", "grant_type=client_credentials")
            .await;
        let token = answer.access_token();
        assert_eq!(token.len(), 43);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(answer.json()["expires_in"], 3600);
        assert!(app.is_active(&client, &token).await);
        app.clock.advance_seconds(3_631);
        assert!(!app.is_active(&client, &token).await);
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_would_be_too_long_for_a_header_is_opaque() {
    on_every_database(async |app| {
        let stores: Vec<String> = (0..60)
            .map(|n| format!("view_orders:shop:store-number-{n}"))
            .collect();
        let client = app.client(&stores.join(" ")).await;
        let token = app
            .post(&client, "/oauth/token", "grant_type=client_credentials")
            .await
            .access_token();
        assert_eq!(token.len(), 43);
        assert!(app.is_active(&client, &token).await);
    })
    .await;
}

#[actix_web::test]
async fn a_deleted_client_is_unknown_everywhere_within_a_second() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        assert_eq!(
            two.client_token(&client, "view_products:shop").await.status,
            200
        );
        let admin = one.client("manage_api_clients:shop").await;
        let token = one
            .client_token(&admin, "manage_api_clients:shop")
            .await
            .access_token();
        let delete = actix_web::test::TestRequest::delete()
            .uri(&format!("/shop/api-clients/{}", client.id))
            .insert_header(("authorization", format!("Bearer {token}")));
        assert_eq!(one.send(delete).await.status, 200);
        assert_eq!(
            one.client_token(&client, "view_products:shop").await.status,
            401
        );
        two.clock.advance_seconds(1);
        assert_eq!(
            two.client_token(&client, "view_products:shop").await.status,
            401
        );
    })
    .await;
}

#[actix_web::test]
async fn a_client_past_its_time_is_no_client() {
    on_every_database(async |app| {
        let draft = r#"{"name":"short","scope":"create_anonymous_token:shop manage_my_orders:shop","deleteDaysAfterCreation":1}"#;
        let (client, _) = app.client_with(draft).await;
        let guest = app.guest(&client).await;
        app.clock.advance_seconds(86_369);
        assert_eq!(app.refresh(&client, &guest.refresh_token()).await.status, 200);
        app.clock.advance_seconds(31);
        assert_eq!(app.refresh(&client, &guest.refresh_token()).await.status, 401);
        app.housekeep().await;
        let watcher = app.client("introspect_oauth_tokens:shop").await;
        assert!(!app.is_active(&watcher, &guest.access_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn the_day_of_the_last_use_is_noted_in_the_background() {
    on_every_database(async |app| {
        let (client, stored) = app
            .client_with(&format!(r#"{{"name":"n","scope":"{MOBILE}"}}"#))
            .await;
        assert_eq!(stored.last_used_on, None);
        let request = form_request("/oauth/token", "grant_type=client_credentials")
            .insert_header(("authorization", client.basic()));
        assert_eq!(app.send(request).await.status, 200);
        for _ in 0..200 {
            app.clock.advance_seconds(1);
            let seen = app
                .state
                .clients
                .find(&stored.id)
                .await
                .expect("the client");
            if seen
                .and_then(|client| client.last_used_on.clone())
                .as_deref()
                == Some("2026-01-31")
            {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("the use of the client was never noted");
    })
    .await;
}
