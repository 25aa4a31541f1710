//! Introspection (RFC 7662).

use auth_server::app_state::{Behaviour, ExpUnit};
use serde_json::json;
use shared::db::statement::Statement;

use crate::support::{
    Credentials, ISSUER, MOBILE, START, TestApp, on_every_database, on_every_database_with,
};

async fn ask(app: &TestApp, client: &Credentials, token: &str) -> serde_json::Value {
    let answer = app
        .post(client, "/oauth/introspect", &format!("token={token}"))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

#[actix_web::test]
async fn a_client_sees_what_its_own_token_means() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let token = app.client_token(&client, "view_products:shop").await.access_token();
        let claims = app.state.verifier.verify(&token).await.expect("a token").claims.clone();
        let now = START.seconds();
        assert_eq!(
            ask(&app, &client, &token).await,
            json!({
                "active": true, "scope": "view_products:shop", "exp": now + 172_800, "client_id": client.id,
                "token_type": "Bearer", "iat": now, "nbf": now, "sub": format!("client:{}", client.id),
                "aud": ["urn:commerce:shop"], "iss": ISSUER, "jti": claims.jti
            })
        );
    })
    .await;
}

#[actix_web::test]
async fn a_guest_token_tells_whose_it_is_and_its_refresh_token_until_when() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let form = "grant_type=client_credentials&anonymous_id=guest-7";
        let guest = app.post(&client, "/oauth/shop/anonymous/token", form).await;
        let access = ask(&app, &client, &guest.access_token()).await;
        assert_eq!(access["anonymous_id"], "guest-7");
        let refresh = ask(&app, &client, &guest.refresh_token()).await;
        assert_eq!(
            refresh,
            json!({
                "active": true, "scope": guest.member("scope"), "exp": START.seconds() + 17_280_000,
                "client_id": client.id, "token_type": "refresh_token", "anonymous_id": "guest-7"
            })
        );
        // Asking is no use: the token is not spent and its deadline has not moved.
        app.clock.advance_seconds(100);
        assert_eq!(ask(&app, &client, &guest.refresh_token()).await, refresh);
    })
    .await;
}

#[actix_web::test]
async fn foreign_tokens_are_shown_to_holders_of_the_scope_in_the_same_project_only() {
    on_every_database(async |app| {
        let owner = app.client(MOBILE).await;
        let guest = app.guest(&owner).await;
        let stranger = app.client(MOBILE).await;
        let auditor = app.client("introspect_oauth_tokens:shop").await;
        let draft = r#"{"name":"n","scope":"introspect_oauth_tokens:other"}"#;
        let (elsewhere, _) = app.client_of("other", draft).await;
        let inactive = json!({ "active": false });
        assert_eq!(ask(&app, &stranger, &guest.access_token()).await, inactive);
        assert_eq!(ask(&app, &elsewhere, &guest.access_token()).await, inactive);
        assert_eq!(
            ask(&app, &auditor, &guest.access_token()).await["active"],
            true
        );
        for client in [&stranger, &auditor, &elsewhere] {
            assert_eq!(ask(&app, client, &guest.refresh_token()).await, inactive);
        }
    })
    .await;
}

#[actix_web::test]
async fn whatever_is_no_good_token_is_inactive_and_nothing_else() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let good = guest.access_token();
        let (head, signature) = good.rsplit_once('.').expect("a signed token");
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.";
        let mut tampered = format!("{head}.{signature}");
        tampered.replace_range(head.len() + 1..=head.len() + 1, "A");
        let tampered = if tampered == good {
            format!("{head}.B{}", &signature[1..])
        } else {
            tampered
        };
        for token in [
            "x",
            "a.b.c",
            "shop:unknown",
            unsigned,
            tampered.as_str(),
            "%20",
            "shop:",
        ] {
            assert_eq!(
                ask(&app, &client, token).await,
                json!({ "active": false }),
                "{token}"
            );
        }
        app.execute(Statement::new("UPDATE sessions SET state = ").text("ended"))
            .await;
        assert!(!app.is_active(&client, &good).await);
        assert!(!app.is_active(&client, &guest.refresh_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn an_expired_session_honours_its_access_tokens_to_their_own_end() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        app.execute(Statement::new("UPDATE sessions SET state = ").text("evicted"))
            .await;
        assert!(app.is_active(&client, &guest.access_token()).await);
        assert!(!app.is_active(&client, &guest.refresh_token()).await);
        app.clock.advance_seconds(172_831);
        assert!(!app.is_active(&client, &guest.access_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn the_unit_of_the_expiry_is_a_setting() {
    let behaviour = Behaviour {
        introspection_exp_unit: ExpUnit::Milliseconds,
        ..Behaviour::default()
    };
    on_every_database_with(behaviour, async |app| {
        let client = app.client(MOBILE).await;
        let token = app
            .client_token(&client, "view_products:shop")
            .await
            .access_token();
        let answer = ask(&app, &client, &token).await;
        assert_eq!(answer["exp"], (START.seconds() + 172_800) * 1000);
        assert_eq!(answer["iat"], START.seconds());
    })
    .await;
}
