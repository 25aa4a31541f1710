//! A client's secret is changed without an outage.

use std::{sync::Arc, thread};

use auth_server::{
    app_state::AppState,
    grants::{
        client_secrets::{RotationError, rotate},
        clients::create,
    },
    model::{client_draft::ClientDraft, secret_rotation::OldSecrets},
};
use domain::identity::ids::{ClientId, ProjectKey};
use shared::db::DbError;

use crate::support::{Credentials, MOBILE, TestApp, on_every_database, with_two_instances};

const WEEK: i64 = 7 * 86_400;

const A_WEEK: OldSecrets = OldSecrets {
    good_for_seconds: WEEK,
    retire_oldest: false,
};

/// As the command does; answers the client with its new secret.
fn rotated(
    state: &AppState,
    client: &Credentials,
    old: OldSecrets,
) -> Result<Credentials, RotationError> {
    let id = ClientId::new(&client.id);
    let (_, secret) = state
        .database
        .write_blocking(|tx| rotate(tx, &state.mint, &state.pepper, &id, old))?;
    Ok(Credentials {
        id: client.id.clone(),
        secret,
    })
}

async fn is_good(app: &TestApp, client: &Credentials) -> bool {
    let answer = app.client_token(client, "view_products:shop").await;
    if answer.status != 200 {
        assert_eq!(answer.error(), "invalid_client");
    }
    answer.status == 200
}

#[actix_web::test]
async fn both_secrets_are_good_until_the_old_one_ends_and_sessions_live_on() {
    with_two_instances(async |one, two| {
        let old = one.client(MOBILE).await;
        let guest = two.guest(&old).await;
        let new = rotated(&one.state, &old, A_WEEK).expect("a secret");
        assert_ne!(new.secret, old.secret);
        // Clients are remembered for a second.
        one.clock.advance_seconds(1);
        for app in [&one, &two] {
            assert!(is_good(app, &old).await);
            assert!(is_good(app, &new).await);
        }
        let refreshed = two.refresh(&new, &guest.refresh_token()).await;
        assert_eq!(refreshed.status, 200);
        assert!(one.is_active(&old, &guest.access_token()).await);
        one.clock.advance_seconds(WEEK - 2);
        assert!(is_good(&two, &old).await);
        one.clock.advance_seconds(1);
        for app in [&one, &two] {
            assert!(!is_good(app, &old).await);
            assert!(is_good(app, &new).await);
        }
        let again = one.refresh(&new, &refreshed.refresh_token()).await;
        assert_eq!(again.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn without_a_delay_every_old_secret_ends_within_a_second() {
    with_two_instances(async |one, two| {
        let first = one.client(MOBILE).await;
        assert!(is_good(&two, &first).await);
        let second = rotated(&one.state, &first, A_WEEK).expect("a secret");
        let at_once = OldSecrets {
            good_for_seconds: 0,
            ..A_WEEK
        };
        let third = rotated(&one.state, &first, at_once).expect("a secret");
        one.clock.advance_seconds(1);
        for app in [&one, &two] {
            assert!(!is_good(app, &first).await);
            assert!(!is_good(app, &second).await);
            assert!(is_good(app, &third).await);
        }
        assert_eq!(one.count("client_secrets").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_third_secret_needs_the_oldest_to_end() {
    on_every_database(async |app| {
        let first = app.client(MOBILE).await;
        let second = rotated(&app.state, &first, A_WEEK).expect("a secret");
        let refused = rotated(&app.state, &first, A_WEEK).expect_err("a refusal");
        assert_eq!(
            refused.to_string(),
            format!(
                "API client `{}` gets no other secret: it has 2 secrets already, one of them until 2026-02-07T09:15:00.000Z",
                first.id
            )
        );
        let retire = OldSecrets {
            retire_oldest: true,
            ..A_WEEK
        };
        let third = rotated(&app.state, &first, retire).expect("a secret");
        app.clock.advance_seconds(1);
        assert!(!is_good(&app, &first).await);
        assert!(is_good(&app, &second).await);
        assert!(is_good(&app, &third).await);
        let rotations = "audit_events WHERE event = 'client_secret_rotated' AND detail LIKE '%2026-02-07T%'";
        assert_eq!(app.count(rotations).await, 2);
    })
    .await;
}

#[actix_web::test]
async fn parallel_rotations_leave_two_secrets_at_most() {
    on_every_database(async |app| {
        for _round in 0..10 {
            let client = app.client(MOBILE).await;
            let state: &Arc<AppState> = &app.state;
            let made: Vec<Credentials> = thread::scope(|scope| {
                let rotations = [(); 4].map(|()| scope.spawn(|| rotated(state, &client, A_WEEK)));
                let answers = rotations.map(|rotation| rotation.join().expect("a thread"));
                answers.into_iter().filter_map(Result::ok).collect()
            });
            assert_eq!(made.len(), 1);
            app.clock.advance_seconds(1);
            assert!(is_good(&app, &client).await);
            assert!(is_good(&app, &made[0]).await);
        }
        assert_eq!(app.count("client_secrets").await, 20);
    })
    .await;
}

#[actix_web::test]
async fn a_secret_that_is_over_is_deleted_and_never_the_one_that_is_good() {
    on_every_database(async |app| {
        let old = app.client(MOBILE).await;
        let new = rotated(&app.state, &old, A_WEEK).expect("a secret");
        app.clock.advance_seconds(WEEK);
        app.housekeep().await;
        assert_eq!(app.count("client_secrets").await, 2);
        app.clock.advance_seconds(61);
        app.housekeep().await;
        assert_eq!(app.count("client_secrets").await, 1);
        assert!(is_good(&app, &new).await);
    })
    .await;
}

#[actix_web::test]
async fn a_client_that_is_gone_or_over_gets_no_secret() {
    on_every_database(async |app| {
        let unknown = Credentials {
            id: "unknown".to_owned(),
            secret: String::new(),
        };
        let draft = format!(r#"{{"name":"n","scope":"{MOBILE}","deleteDaysAfterCreation":1}}"#);
        let (over, _) = app.client_with(&draft).await;
        app.clock.advance_seconds(86_400);
        for client in [unknown, over] {
            let refused = rotated(&app.state, &client, A_WEEK).expect_err("a refusal");
            assert_eq!(
                refused.to_string(),
                format!("there is no API client `{}`", client.id)
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn a_public_client_gets_no_secret() {
    on_every_database(async |app| {
        let draft = ClientDraft::from_json(
            &ProjectKey::new("shop"),
            br#"{"name":"n","scope":"view_published_products:shop","public":true}"#,
        )
        .expect("a draft");
        let (client, _) = app
            .state
            .database
            .write_blocking::<_, DbError>(|tx| {
                let (mint, pepper) = (&app.state.mint, &app.state.pepper);
                create(tx, mint, pepper, &ProjectKey::new("shop"), draft)
            })
            .expect("a client");
        let refused = app
            .state
            .database
            .write_blocking(|tx| rotate(tx, &app.state.mint, &app.state.pepper, &client.id, A_WEEK))
            .expect_err("a refusal");
        assert_eq!(
            refused.to_string(),
            format!("API client `{}` is public and has no secret", client.id)
        );
        assert_eq!(app.count("client_secrets").await, 0);
    })
    .await;
}
