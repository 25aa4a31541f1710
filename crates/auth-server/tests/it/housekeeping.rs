//! What housekeeping deletes, and what it must leave alone.

use auth_server::jobs::Housekeeping;
use serde_json::json;
use shared::{clock::Clock as _, db::statement::Statement};
use testkit::dpop::ProofKey;

use crate::support::{Credentials, ISSUER, MOBILE, TestApp, on_every_database, with_two_instances};

const DAY: i64 = 86_400;

#[actix_web::test]
async fn expired_tokens_revocations_and_secrets_are_purged() {
    on_every_database(async |app| {
        let draft = r#"{"name":"o","scope":"view_products:shop","accessTokenFormat":"opaque","accessTokenValiditySeconds":3600}"#;
        let (client, _) = app.client_with(draft).await;
        let token = app
            .client_token(&client, "view_products:shop")
            .await
            .access_token();
        let revoked = app
            .post(&client, "/oauth/token/revoke", &format!("token={token}"))
            .await;
        assert_eq!(revoked.status, 200);
        app.housekeep().await;
        assert!(!app.is_active(&client, &token).await);
        app.clock.advance_seconds(3_661);
        app.housekeep().await;
        assert_eq!(app.count("opaque_access_tokens").await, 0);
        assert_eq!(app.count("revoked_tokens").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_used_proof_is_remembered_until_no_instance_would_take_it() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let path = "/oauth/shop/anonymous/token";
        let made_ahead = app.clock.now().seconds() + 60;
        let proof = [key.proof("POST", &format!("{ISSUER}{path}"), made_ahead)];
        let ask = async || {
            let form = "grant_type=client_credentials";
            app.post_with(&client, path, form, &proof).await
        };
        assert_eq!(ask().await.status, 200);
        app.clock.advance_seconds(120);
        app.housekeep().await;
        assert_eq!(
            ask().await.json()["message"],
            "The DPoP proof was used before."
        );
        app.clock.advance_seconds(121);
        app.housekeep().await;
        assert_eq!(app.count("dpop_proofs").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn an_unused_session_is_expired_and_its_access_token_keeps_its_own_time() {
    on_every_database(async |app| {
        let draft =
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":1000}}"#);
        let (client, _) = app.client_with(&draft).await;
        let guest = app.guest(&client).await;
        app.clock.advance_seconds(999);
        app.housekeep().await;
        assert_eq!(app.count("sessions WHERE state = 'active'").await, 1);
        app.clock.advance_seconds(1);
        app.housekeep().await;
        let expired = "sessions WHERE state = 'expired' AND closed_at IS NOT NULL";
        assert_eq!(app.count(expired).await, 1);
        assert!(app.is_active(&client, &guest.access_token()).await);
        assert_eq!(
            app.refresh(&client, &guest.refresh_token()).await.status,
            400
        );
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_has_just_expired_can_be_revoked_in_the_same_millisecond() {
    on_every_database(async |app| {
        let draft =
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":1000}}"#);
        let (client, _) = app.client_with(&draft).await;
        let guest = app.guest(&client).await;
        app.clock.advance_seconds(1_000);
        app.housekeep().await;
        let form = format!("token={}", guest.refresh_token());
        let revoked = app.post(&client, "/oauth/token/revoke", &form).await;
        assert_eq!(revoked.status, 200, "{}", revoked.text);
        assert!(!app.is_active(&client, &guest.access_token()).await);
        assert_eq!(
            app.count("audit_events WHERE session_id IS NOT NULL AND event LIKE '%expired'")
                .await,
            1
        );
        assert_eq!(
            app.count("audit_events WHERE session_id IS NOT NULL AND event LIKE '%revoked'")
                .await,
            1
        );
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_is_over_goes_after_the_retention_but_its_anonymous_id_stays_taken() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let generated = guest.member("scope");
        let generated = generated.rsplit(':').next().expect("an id").to_owned();
        let other = app.guest(&client).await;
        let form = format!("token={}", guest.refresh_token());
        app.post(&client, "/oauth/token/revoke", &form).await;
        app.clock.advance_seconds(30 * DAY);
        app.housekeep().await;
        assert_eq!(app.count("sessions").await, 2);
        app.clock.advance_seconds(1);
        app.housekeep().await;
        app.housekeep().await;
        assert_eq!(app.count("sessions").await, 1);
        assert_eq!(app.count("refresh_tokens").await, 1);
        assert_eq!(
            app.refresh(&client, &other.refresh_token()).await.status,
            200
        );
        let path = "/oauth/shop/anonymous/token";
        let form = format!("grant_type=client_credentials&anonymous_id={generated}");
        let again = app.post(&client, path, &form).await;
        assert_eq!(
            again.json()["message"],
            json!("The anonymousId is already in use.")
        );
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_another_server_ended_counts_from_the_day_it_was_seen() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.guest(&client).await;
        app.execute(Statement::new("UPDATE sessions SET state = 'ended'"))
            .await;
        app.clock.advance_seconds(100 * DAY);
        app.housekeep().await;
        app.clock.advance_seconds(30 * DAY);
        app.housekeep().await;
        assert_eq!(app.count("sessions").await, 1);
        app.clock.advance_seconds(1);
        app.housekeep().await;
        assert_eq!(app.count("sessions").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn replaced_refresh_tokens_go_a_day_after_the_longest_grace() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = app.guest(&client).await.refresh_token();
        let second = app.refresh(&client, &first).await.refresh_token();
        let third = app.refresh(&client, &second).await.refresh_token();
        app.clock.advance_seconds(DAY + 900);
        app.housekeep().await;
        assert_eq!(app.count("refresh_tokens").await, 3);
        app.clock.advance_seconds(1);
        app.housekeep().await;
        app.housekeep().await;
        // The leaf, and the token that gets it again if the answer was lost.
        assert_eq!(app.count("refresh_tokens").await, 2);
        assert_eq!(app.refresh(&client, &first).await.status, 400);
        assert_eq!(app.refresh(&client, &third).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_lost_answer_is_made_good_however_often_housekeeping_was_done() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = app.guest(&client).await.refresh_token();
        let second = app.refresh(&client, &first).await.refresh_token();
        app.refresh(&client, &second).await;
        for _ in 0..4 {
            app.clock.advance_seconds(40 * DAY);
            app.housekeep().await;
            assert_eq!(app.refresh(&client, &second).await.status, 200);
        }
        // The presented token and its last successor; the ones that were never used are gone.
        app.clock.advance_seconds(2 * DAY);
        app.housekeep().await;
        assert_eq!(app.count("refresh_tokens").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_was_retired_a_moment_ago_is_still_poison() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = app.guest(&client).await.refresh_token();
        let lost = app.refresh(&client, &first).await.refresh_token();
        app.clock.advance_seconds(40 * DAY);
        let successor = app.refresh(&client, &first).await.refresh_token();
        app.housekeep().await;
        assert_eq!(app.refresh(&client, &lost).await.status, 400);
        assert_eq!(app.refresh(&client, &successor).await.status, 400);
    })
    .await;
}

/// Three guests, used one after the other: the first has a cart.
async fn three_guests(app: &TestApp, client: &Credentials) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let guest = app.guest(client).await;
        if tokens.is_empty() {
            let scope = guest.member("scope");
            let id = scope.rsplit(':').next().expect("an id").to_owned();
            app.execute(
                Statement::new(
                    "INSERT INTO documents (project_key, kind, id, version, anonymous_id, created_at, \
                     last_modified_at, modification_sequence, body) SELECT 'shop', 'cart', 'c', 1, ",
                )
                .text(id)
                .sql(", 0, 0, 0, '{}'"),
            )
            .await;
        }
        tokens.push(guest.refresh_token());
        app.clock.advance_seconds(60);
    }
    tokens
}

async fn refreshes(app: &TestApp, client: &Credentials, tokens: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for token in tokens {
        statuses.push(app.refresh(client, token).await.status);
    }
    statuses
}

fn capped(most: i64) -> Housekeeping {
    Housekeeping {
        most_refresh_tokens: Some(most),
        ..Housekeeping::default()
    }
}

#[actix_web::test]
async fn above_the_cap_the_longest_unused_guests_go_and_those_without_a_cart_first() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let tokens = three_guests(&app, &client).await;
        app.housekeep_with(capped(1)).await;
        assert_eq!(app.count("sessions WHERE state = 'active'").await, 3);
        app.clock.advance_seconds(3_600);
        app.housekeep_with(capped(2)).await;
        assert_eq!(refreshes(&app, &client, &tokens).await, [200, 400, 200]);
        app.clock.advance_seconds(3_601);
        app.housekeep_with(capped(1)).await;
        assert_eq!(refreshes(&app, &client, &tokens).await, [200, 400, 400]);
    })
    .await;
}

#[actix_web::test]
async fn a_guest_with_a_cart_goes_only_when_nobody_else_is_left() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let tokens = three_guests(&app, &client).await;
        app.clock.advance_seconds(3_600);
        app.housekeep_with(capped(0)).await;
        assert_eq!(app.count("sessions WHERE state = 'evicted'").await, 3);
        assert_eq!(refreshes(&app, &client, &tokens).await, [400, 400, 400]);
    })
    .await;
}

#[actix_web::test]
async fn sessions_without_a_refresh_token_do_not_count() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let form = "grant_type=client_credentials&refresh_token=false";
        for _ in 0..3 {
            app.post(&client, "/oauth/shop/anonymous/token", form).await;
        }
        app.clock.advance_seconds(3_601);
        app.housekeep_with(capped(1)).await;
        assert_eq!(app.count("sessions WHERE state = 'active'").await, 3);
    })
    .await;
}

#[actix_web::test]
async fn two_instances_share_the_work() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        for _ in 0..3 {
            let guest = one.guest(&client).await;
            let form = format!("token={}", guest.refresh_token());
            one.post(&client, "/oauth/token/revoke", &form).await;
        }
        one.clock.advance_seconds(31 * DAY);
        let (first, second) = (
            auth_server::jobs::runner(&one.state, Housekeeping::default()),
            auth_server::jobs::runner(&two.state, Housekeeping::default()),
        );
        let (first, second) = tokio::join!(first.run_due(), second.run_due());
        let rows: usize = first
            .iter()
            .chain(&second)
            .map(|(_, outcome)| match outcome {
                shared::jobs::Outcome::Finished { rows } => *rows,
                _ => 0,
            })
            .sum();
        assert_eq!(rows, 3);
        assert_eq!(one.count("sessions").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn audit_events_are_kept_for_their_own_time() {
    const CREATED: &str = "audit_events WHERE event = 'client_created'";
    on_every_database(async |app| {
        app.client(MOBILE).await;
        let kept = Housekeeping {
            audit_seconds: 10 * DAY,
            ..Housekeeping::default()
        };
        app.clock.advance_seconds(10 * DAY);
        app.housekeep_with(kept).await;
        assert_eq!(app.count(CREATED).await, 1);
        app.clock.advance_seconds(1);
        app.housekeep_with(kept).await;
        assert_eq!(app.count(CREATED).await, 0);
    })
    .await;
}
