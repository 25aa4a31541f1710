//! The longest life of a session, however often it is refreshed.

use auth_server::app_state::Behaviour;

use crate::support::{
    Credentials, MOBILE, START, TestApp, on_every_database, on_every_database_with,
};

const DAY: i64 = 86_400;

fn two_days() -> Behaviour {
    Behaviour {
        longest_session_seconds: Some(2 * DAY),
        ..Behaviour::default()
    }
}

/// Until when a refresh token is good, in seconds after the start of the test.
async fn deadline(app: &TestApp, client: &Credentials, token: &str) -> i64 {
    let form = format!("token={token}");
    let answer = app.post(client, "/oauth/introspect", &form).await.json();
    answer["exp"].as_i64().expect("a time") - START.seconds()
}

async fn client_with_idle(app: &TestApp, seconds: i64) -> Credentials {
    let draft =
        format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":{seconds}}}"#);
    app.client_with(&draft).await.0
}

#[actix_web::test]
async fn no_use_carries_a_session_beyond_its_longest_life() {
    on_every_database_with(two_days(), async |app| {
        let client = client_with_idle(&app, DAY).await;
        let mut token = app.guest(&client).await.refresh_token();
        assert_eq!(deadline(&app, &client, &token).await, DAY);
        app.clock.advance_seconds(DAY - 1);
        token = app.refresh(&client, &token).await.refresh_token();
        assert_eq!(deadline(&app, &client, &token).await, 2 * DAY - 1);
        app.clock.advance_seconds(DAY - 1);
        token = app.refresh(&client, &token).await.refresh_token();
        assert_eq!(deadline(&app, &client, &token).await, 2 * DAY);
        app.clock.advance_seconds(1);
        let last = app.refresh(&client, &token).await;
        assert_eq!(
            deadline(&app, &client, &last.refresh_token()).await,
            2 * DAY
        );
        app.clock.advance_seconds(1);
        let late = app.refresh(&client, &last.refresh_token()).await;
        assert_eq!((late.status, late.error().as_str()), (400, "invalid_grant"));
        assert!(!app.is_active(&client, &last.refresh_token()).await);
        // The access token has its own time.
        assert!(app.is_active(&client, &last.access_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn the_idle_deadline_of_a_new_session_is_never_beyond_its_longest_life() {
    on_every_database_with(two_days(), async |app| {
        let client = client_with_idle(&app, 30 * DAY).await;
        let token = app.guest(&client).await.refresh_token();
        assert_eq!(deadline(&app, &client, &token).await, 2 * DAY);
        let beyond = "sessions WHERE idle_expires_at > absolute_expires_at";
        assert_eq!(app.count(beyond).await, 0);
        app.clock.advance_seconds(2 * DAY);
        assert_eq!(app.refresh(&client, &token).await.error(), "invalid_grant");
    })
    .await;
}

#[actix_web::test]
async fn without_the_setting_a_session_lives_as_long_as_it_is_used() {
    on_every_database(async |app| {
        let client = client_with_idle(&app, DAY).await;
        let mut token = app.guest(&client).await.refresh_token();
        for _ in 0..10 {
            app.clock.advance_seconds(DAY - 1);
            token = app.refresh(&client, &token).await.refresh_token();
        }
        assert_eq!(
            app.count("sessions WHERE absolute_expires_at IS NULL")
                .await,
            1
        );
    })
    .await;
}
