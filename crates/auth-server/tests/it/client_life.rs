//! The end of an API client: its date, and its deletion while others ask for tokens.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use auth_server::{
    app_state::AppState,
    grants::{
        GrantError,
        anonymous_session::{self, AnonymousRequest},
        clients as administration,
        refresh_token::{RefreshRequest, Refreshed, refresh},
    },
    model::{client::Client, error::OAuthError},
    store::clients,
};
use domain::identity::{
    ids::ClientId,
    scope::{DeviceScopes, Narrowing},
};
use shared::db::{DbError, statement::Statement};

use crate::support::{MOBILE, TestApp, on_every_database, with_two_instances};

const DAY: i64 = 86_400;

#[actix_web::test]
async fn a_client_past_its_date_is_none_and_neither_are_its_tokens() {
    with_two_instances(async |one, two| {
        for format in ["jwt", "opaque"] {
            let draft = format!(
                r#"{{"name":"n","scope":"{MOBILE}","deleteDaysAfterCreation":1,"accessTokenFormat":"{format}"}}"#
            );
            let (client, _) = one.client_with(&draft).await;
            let auditor = one.client("introspect_oauth_tokens:shop").await;
            one.clock.advance_seconds(DAY - 3_600);
            let guest = one.guest(&client).await;
            let own = two.client_token(&client, "view_products:shop").await;
            for answer in [&guest, &own] {
                // Who checks a token grants 30 seconds, which must not outlive the client.
                assert_eq!(answer.json()["expires_in"], 3_570);
            }
            one.clock.advance_seconds(3_569);
            let last = two.guest(&client).await;
            assert_eq!(last.json()["expires_in"], 1);
            let form = format!("token={}", last.access_token());
            let about = two.post(&auditor, "/oauth/introspect", &form).await.json();
            let seconds = |name: &str| about[name].as_i64().expect("a time");
            assert_eq!(seconds("exp") - seconds("iat"), 1);
            one.clock.advance_seconds(1);
            let rows = one.count("sessions").await;
            for app in [&one, &two] {
                let own = app.client_token(&client, "view_products:shop").await;
                let refreshed = app.refresh(&client, &guest.refresh_token()).await;
                for refused in [app.guest(&client).await, own, refreshed] {
                    assert_eq!(refused.error(), "invalid_client", "nothing is left to issue");
                }
            }
            assert_eq!(one.count("sessions").await, rows);
            one.clock.advance_seconds(29);
            let tokens = [guest.access_token(), own.access_token(), last.access_token()];
            for token in &tokens {
                assert!(two.is_active(&auditor, token).await);
            }
            one.clock.advance_seconds(1);
            for app in [&one, &two] {
                for token in &tokens {
                    assert!(!app.is_active(&auditor, token).await);
                }
                assert_eq!(app.guest(&client).await.error(), "invalid_client");
                let refresh = app.refresh(&client, &guest.refresh_token()).await;
                assert_eq!(refresh.error(), "invalid_client");
            }
            one.housekeep().await;
            let deleted = one
                .state
                .database
                .read_blocking::<_, DbError>(|tx| {
                    clients::find(tx, &ClientId::new(&client.id))
                })
                .expect("an answer");
            assert_eq!(deleted, None);
        }
        assert_eq!(one.count("sessions WHERE state = 'revoked' AND state_reason = 'client-deleted'").await, 4);
        assert_eq!(one.count("sessions WHERE state = 'active'").await, 0);
        assert_eq!(one.count("audit_events WHERE event = 'client_deleted'").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_starts_while_its_client_ends_is_refused() {
    on_every_database(async |app| {
        let draft = format!(r#"{{"name":"n","scope":"{MOBILE}","deleteDaysAfterCreation":1}}"#);
        let (_, client) = app.client_with(&draft).await;
        app.clock.advance_seconds(DAY);
        // The client was let in a moment before its end.
        assert!(matches!(
            start(&app.state, &client),
            Err(GrantError::Refused(OAuthError::InvalidClient))
        ));
        assert_eq!(app.count("sessions").await, 0);
        assert_eq!(app.count("refresh_tokens").await, 0);
    })
    .await;
}

/// As the endpoint does; answers the refresh token.
fn start(state: &AppState, client: &Client) -> Result<String, GrantError> {
    let request = AnonymousRequest {
        scope: None,
        anonymous_id: None,
        store: None,
        with_refresh_token: true,
        narrowing: Narrowing::Implied,
        key_thumbprint: None,
        devices: DeviceScopes::Any,
    };
    let guest = anonymous_session::prepare(&state.mint, client, &request)?;
    let (_, token) = state
        .database
        .write_blocking(|tx| anonymous_session::store(tx, guest))?;
    Ok(token.expect("a refresh token"))
}

/// Refreshes until it is refused.
fn keep_refreshing(state: &AppState, client: &Client, mut token: String) {
    loop {
        let refreshed = state.database.write_blocking(|tx| {
            let asked = RefreshRequest {
                presented: &token,
                scope: None,
                key_thumbprint: None,
            };
            refresh(tx, &state.mint, client, asked, &|_session| Ok(()))
        });
        match refreshed {
            Ok(Refreshed::Tokens { refresh_token, .. }) => token = refresh_token,
            Ok(Refreshed::Reused) => panic!("nobody else has the token"),
            Err(GrantError::Overtaken | GrantError::Database(DbError::Busy(_))) => {}
            Err(GrantError::Refused(OAuthError::RefreshTokenNotFound)) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Starts sessions until the client is gone; answers how many.
fn keep_starting(state: &AppState, client: &Client) -> usize {
    let mut started = 0;
    loop {
        match start(state, client) {
            Ok(_) => started += 1,
            Err(GrantError::Database(DbError::Busy(_))) => {}
            Err(GrantError::Refused(OAuthError::InvalidClient)) => return started,
            Err(error) => panic!("{error}"),
        }
    }
}

fn delete(state: &AppState, client: &Client) {
    let deleted = state
        .database
        .write_blocking::<_, DbError>(|tx| {
            administration::delete(tx, &state.mint, &client.project, &client.id)
        })
        .expect("a deletion");
    assert!(deleted.is_some());
}

async fn live_sessions(app: &TestApp, client: &Client) -> usize {
    let id = client.id.to_string();
    app.state
        .database
        .write::<_, DbError, _>(move |tx| {
            // Touches the rows rather than counting them, so that nothing in flight is missed.
            Ok(Statement::new(
                "UPDATE sessions SET generation = generation WHERE state <> 'revoked' AND client_id = ",
            )
            .text(id)
            .run(tx.connection())?)
        })
        .await
        .expect("a count")
}

/// One round: two instances start and refresh sessions of a client while it is deleted.
async fn race(one: &TestApp, two: &TestApp, end: fn(&AppState, &Client)) {
    let (_, client) = one
        .client_with(&format!(
            r#"{{"name":"n","scope":"{MOBILE}","deleteDaysAfterCreation":36500}}"#
        ))
        .await;
    let client = Arc::new(client);
    let tokens = [
        start(&one.state, &client).expect("a session"),
        start(&two.state, &client).expect("a session"),
    ];
    let barrier = Barrier::new(5);
    thread::scope(|scope| {
        for (app, token) in [one, two].into_iter().zip(tokens) {
            let (state, client, barrier) = (&*app.state, &*client, &barrier);
            scope.spawn(move || {
                barrier.wait();
                keep_starting(state, client)
            });
            scope.spawn(move || {
                barrier.wait();
                keep_refreshing(state, client, token);
            });
        }
        let (state, client, barrier) = (&*one.state, &*client, &barrier);
        scope.spawn(move || {
            barrier.wait();
            end(state, client);
        });
    });
    assert_eq!(live_sessions(one, &client).await, 0);
}

#[actix_web::test]
async fn no_session_outlives_a_client_that_is_deleted_while_sessions_start_and_refresh() {
    with_two_instances(async |one, two| {
        for _round in 0..60 {
            race(&one, &two, delete).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn the_day_of_the_last_use_is_written_once_a_day_whoever_notes_it() {
    with_two_instances(async |one, two| {
        let (_, client) = one
            .client_with(r#"{"name":"n","scope":"view_products:shop"}"#)
            .await;
        let note = async |app: &TestApp, day: &'static str| {
            let id = client.id.clone();
            app.state
                .database
                .write::<_, DbError, _>(move |tx| clients::note_use(tx, &id, day))
                .await
                .expect("an answer")
        };
        assert!(note(&one, "2026-01-31").await);
        assert!(!note(&one, "2026-01-31").await);
        assert!(!note(&two, "2026-01-31").await);
        assert!(note(&two, "2026-02-01").await);
        // The clock of another instance may be behind.
        assert!(!note(&one, "2026-01-31").await);
    })
    .await;
}
