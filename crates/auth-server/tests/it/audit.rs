//! What the audit trail says afterwards.

use auth_server::jobs::Housekeeping;
use diesel::{
    RunQueryDsl as _,
    sql_types::{Nullable, Text},
};
use serde_json::{Value, json};
use shared::db::{DbError, statement::Statement};

use crate::support::{CAREFUL, Credentials, TestApp, on_every_database};

/// An event: what, which session, what else.
type Event = (String, Option<String>, Value);

/// Every event about sessions and sign-ins, oldest first.
async fn trail(app: &TestApp) -> Vec<Event> {
    let rows = app.state.database.read::<_, DbError, _>(|tx| {
        let rows: Vec<(String, Option<String>, String)> = Statement::new(
            "SELECT event, session_id, detail FROM audit_events \
             WHERE event NOT IN ('client_created', 'key_changed') ORDER BY created_at, id",
        )
        .rows::<(Text, Nullable<Text>, Text)>()
        .load(tx.connection())?;
        Ok(rows)
    });
    let rows = rows.await.expect("the trail").into_iter();
    rows.map(|(event, session, detail)| {
        let detail = match detail.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).expect("JSON"),
        };
        (event, session, detail)
    })
    .collect()
}

/// The names alone.
async fn names(app: &TestApp) -> Vec<String> {
    let trail = trail(app).await.into_iter();
    trail.map(|(event, _, _)| event).collect()
}

async fn revoke(app: &TestApp, client: &Credentials, token: &str) {
    let answer = app
        .post(client, "/oauth/token/revoke", &format!("token={token}"))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn sign_in(app: &TestApp, client: &Credentials, email: &str, password: &str) -> u16 {
    let form = format!("grant_type=password&username={email}&password={password}");
    app.post(client, "/oauth/shop/customers/token", &form)
        .await
        .status
}

#[actix_web::test]
async fn a_guest_whose_tokens_are_taken_back_is_an_event_with_the_life_of_the_session() {
    on_every_database(async |app| {
        let client = app.client(CAREFUL).await;
        let guest = app.guest(&client).await;
        app.clock.advance_seconds(60);
        let next = app.refresh(&client, &guest.refresh_token()).await;
        assert_eq!(next.status, 200);
        app.clock.advance_seconds(60);
        revoke(&app, &client, &next.refresh_token()).await;
        revoke(&app, &client, &next.refresh_token()).await;
        let mut trail = trail(&app).await;
        trail.retain(|(event, _, _)| event != "session_refreshed");
        let start = crate::support::START.millis();
        let [(event, session, detail)] = trail.as_slice() else {
            panic!("{trail:?}");
        };
        assert_eq!(event, "anonymous_session_revoked");
        assert!(session.is_some());
        assert_eq!(
            *detail,
            json!({
                "reason": "revocation-request", "startedAt": start,
                "lastUsedAt": start + 60_000, "generation": 1,
            })
        );
    })
    .await;
}

#[actix_web::test]
async fn the_start_of_a_guest_is_no_row_of_its_own() {
    on_every_database(async |app| {
        let client = app.client(CAREFUL).await;
        assert_eq!(app.guest(&client).await.status, 200);
        assert_eq!(names(&app).await, [""; 0]);
    })
    .await;
}

#[actix_web::test]
async fn one_refresh_in_sixteen_is_written_down() {
    for mode in ["rotating", "reusable"] {
        on_every_database(async |app| {
            let draft =
                format!(r#"{{"name":"n","scope":"{CAREFUL}","refreshTokenMode":"{mode}"}}"#);
            let (client, _) = app.client_with(&draft).await;
            let mut token = app.guest(&client).await.refresh_token();
            for _ in 0..48 {
                app.clock.advance_seconds(1);
                token = app.refresh(&client, &token).await.refresh_token();
            }
            assert_eq!(names(&app).await, ["session_refreshed"; 3], "{mode}");
        })
        .await;
    }
}

#[actix_web::test]
async fn a_replaced_successor_and_a_stolen_token_are_always_written_down() {
    on_every_database(async |app| {
        let client = app.client(CAREFUL).await;
        let first = app.guest(&client).await.refresh_token();
        app.refresh(&client, &first).await.refresh_token();
        app.clock.advance_seconds(301);
        let replaced = app.refresh(&client, &first).await.refresh_token();
        app.refresh(&client, &replaced).await.refresh_token();
        app.clock.advance_seconds(1);
        assert_eq!(app.refresh(&client, &first).await.status, 400);
        let mut names = names(&app).await;
        names.retain(|name| name != "session_refreshed");
        // Theft and end have the same time.
        names[1..].sort();
        assert_eq!(
            names,
            [
                "refresh_token_replaced",
                "anonymous_session_revoked",
                "reuse_detected"
            ]
        );
    })
    .await;
}

#[actix_web::test]
async fn sign_ins_are_written_down_without_the_e_mail_address() {
    on_every_database(async |app| {
        let client = app.client(CAREFUL).await;
        app.customer("anna", None, "anna@example.com", "right")
            .await;
        assert_eq!(
            sign_in(&app, &client, "anna@example.com", "right").await,
            200
        );
        for email in ["anna@example.com", "ANNA@example.com", "bert@example.com"] {
            app.clock.advance_seconds(1);
            assert_eq!(sign_in(&app, &client, email, "wrong").await, 400);
        }
        let trail = trail(&app).await;
        let [ok, wrong, upper_case, nobody] = trail.as_slice() else {
            panic!("{trail:?}");
        };
        assert_eq!(ok.0, "login_succeeded");
        assert!(ok.1.is_some());
        assert_eq!(ok.2, json!({ "customer": "anna" }));
        for failed in [wrong, upper_case, nobody] {
            assert_eq!(failed.0, "login_failed");
            assert_eq!(failed.1, None);
        }
        assert_eq!(wrong.2, upper_case.2);
        assert_ne!(wrong.2, nobody.2);
        assert!(!format!("{trail:?}").to_lowercase().contains("example.com"));
    })
    .await;
}

#[actix_web::test]
async fn sessions_of_a_deleted_client_end_with_an_event_each() {
    on_every_database(async |app| {
        let (client, made) = app
            .client_with(&format!(r#"{{"name":"n","scope":"{CAREFUL}"}}"#))
            .await;
        app.customer("anna", None, "anna@example.com", "right")
            .await;
        app.guest(&client).await;
        app.guest(&client).await;
        assert_eq!(
            sign_in(&app, &client, "anna@example.com", "right").await,
            200
        );
        let mint = app.state.mint.clone();
        app.state
            .database
            .write::<_, DbError, _>(move |tx| {
                auth_server::grants::clients::delete(tx, &mint, &made.project, &made.id)
            })
            .await
            .expect("deleted");
        let mut names = names(&app).await;
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "anonymous_session_revoked",
                "anonymous_session_revoked",
                "client_deleted",
                "login_succeeded",
                "session_revoked"
            ]
        );
    })
    .await;
}

#[actix_web::test]
async fn expiry_and_eviction_are_events() {
    on_every_database(async |app| {
        let draft =
            format!(r#"{{"name":"n","scope":"{CAREFUL}","refreshTokenValiditySeconds":1000}}"#);
        let (brief, _) = app.client_with(&draft).await;
        let client = app.client(CAREFUL).await;
        app.guest(&brief).await;
        app.guest(&client).await;
        app.clock.advance_seconds(7_200);
        app.guest(&client).await;
        app.housekeep_with(Housekeeping {
            most_refresh_tokens: Some(1),
            ..Housekeeping::default()
        })
        .await;
        let trail = trail(&app).await;
        let mut found: Vec<(&str, &Value)> = trail
            .iter()
            .map(|(event, _, detail)| (event.as_str(), &detail["reason"]))
            .collect();
        found.sort_unstable_by_key(|(event, _)| *event);
        assert_eq!(
            found,
            [
                ("session_evicted", &json!("project-cap")),
                ("session_expired", &json!("unused"))
            ]
        );
    })
    .await;
}

#[actix_web::test]
async fn a_purged_guest_is_still_known_to_the_trail_by_the_anonymous_id() {
    on_every_database(async |app| {
        let client = app.client(CAREFUL).await;
        let form = "grant_type=client_credentials&anonymous_id=chosen";
        let path = "/oauth/shop/anonymous/token";
        let chosen = app.post(&client, path, form).await;
        revoke(&app, &client, &chosen.refresh_token()).await;
        revoke(&app, &client, &app.guest(&client).await.refresh_token()).await;
        app.clock.advance_seconds(31 * 86_400);
        app.housekeep().await;
        assert_eq!(app.count("sessions").await, 0);
        let linked = "anonymous_ids i JOIN audit_events e ON e.session_id = i.session_id \
                      WHERE e.event = 'anonymous_session_revoked'";
        assert_eq!(app.count(linked).await, 2);
    })
    .await;
}

#[actix_web::test]
async fn the_trail_says_who_changed_a_key() {
    on_every_database(async |app| {
        let by = "audit_events WHERE event = 'key_changed' AND detail LIKE '%\"by\":\"schedule\"%'";
        assert_eq!(app.count(by).await, 1);
    })
    .await;
}
