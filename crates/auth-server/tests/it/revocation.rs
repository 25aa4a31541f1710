//! Revocation (RFC 7009).

use crate::support::{Answer, Credentials, MOBILE, TestApp, on_every_database, with_two_instances};

async fn revoke(app: &TestApp, client: &Credentials, form: &str) -> Answer {
    app.post(client, "/oauth/token/revoke", form).await
}

#[actix_web::test]
async fn revoking_an_access_token_takes_that_token_only() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let other = app.refresh(&client, &guest.refresh_token()).await;
        // The wrong hint, twice: the second time it is dead already.
        for _ in 0..2 {
            let form = format!(
                "token={}&token_type_hint=refresh_token",
                guest.access_token()
            );
            let answer = revoke(&app, &client, &form).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, ""));
        }
        assert!(!app.is_active(&client, &guest.access_token()).await);
        assert!(app.is_active(&client, &other.access_token()).await);
        assert_eq!(
            app.refresh(&client, &other.refresh_token()).await.status,
            200
        );
    })
    .await;
}

#[actix_web::test]
async fn revoking_any_generation_of_a_refresh_token_ends_the_whole_session_at_once() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let first = one.guest(&client).await;
        let second = one.refresh(&client, &first.refresh_token()).await;
        let third = one.refresh(&client, &second.refresh_token()).await;
        assert!(two.is_active(&client, &third.access_token()).await);
        let form = format!("token={}", first.refresh_token());
        assert_eq!(revoke(&one, &client, &form).await.status, 200);
        for answer in [&first, &second, &third] {
            assert!(!two.is_active(&client, &answer.access_token()).await);
            assert_eq!(
                two.refresh(&client, &answer.refresh_token()).await.error(),
                "invalid_grant"
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn tokens_of_others_and_no_tokens_are_left_alone_with_the_same_answer() {
    on_every_database(async |app| {
        let (owner, other) = (app.client(MOBILE).await, app.client(MOBILE).await);
        let guest = app.guest(&owner).await;
        for token in [
            guest.access_token(),
            guest.refresh_token(),
            "x".to_owned(),
            "shop:x".to_owned(),
        ] {
            let answer = revoke(&app, &other, &format!("token={token}")).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, ""));
        }
        assert!(app.is_active(&owner, &guest.access_token()).await);
        assert_eq!(
            app.refresh(&owner, &guest.refresh_token()).await.status,
            200
        );
        let missing = revoke(&app, &other, "token_type_hint=access_token").await;
        assert_eq!(
            missing.json()["message"],
            "Missing required parameter: token."
        );
    })
    .await;
}

#[actix_web::test]
async fn an_opaque_and_a_client_token_can_be_revoked_too() {
    on_every_database(async |app| {
        let draft = r#"{"name":"o","scope":"view_products:shop","accessTokenFormat":"opaque"}"#;
        let (opaque, _) = app.client_with(draft).await;
        let plain = app.client("view_products:shop").await;
        for client in [&opaque, &plain] {
            let token = app
                .client_token(client, "view_products:shop")
                .await
                .access_token();
            assert!(app.is_active(client, &token).await);
            revoke(&app, client, &format!("token={token}")).await;
            assert!(!app.is_active(client, &token).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_session_past_its_idle_deadline_can_still_be_revoked() {
    on_every_database(async |app| {
        let draft =
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":30}}"#);
        let (client, _) = app.client_with(&draft).await;
        let guest = app.guest(&client).await;
        app.clock.advance_seconds(60);
        assert!(app.is_active(&client, &guest.access_token()).await);
        revoke(&app, &client, &format!("token={}", guest.refresh_token())).await;
        assert!(!app.is_active(&client, &guest.access_token()).await);
    })
    .await;
}
