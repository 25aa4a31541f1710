//! `auth-server token explain`.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use auth_server::app_state::Behaviour;
use serde_json::Value;
use shared::db::statement::Statement;
use testkit::databases;

use crate::{
    handoff::device,
    support::{ISSUER, MOBILE, TestApp},
};

fn explain(url: &str, issuer: &str, token: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .args(["token", "explain", "-", "--json"])
        .env_clear()
        .env("DATABASE_URL", url)
        .env("AUTH_PUBLIC_URL", issuer)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("standard input");
    stdin.write_all(token.as_bytes()).expect("the token");
    drop(stdin);
    child.wait_with_output().expect("its end")
}

/// The reasons, none for an active token.
#[track_caller]
fn reasons(url: &str, issuer: &str, token: &str) -> Vec<String> {
    let output = explain(url, issuer, token);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"));
    assert!(!text.contains(token), "{text}");
    assert_eq!(report["active"], output.status.success());
    let reasons = report["about"]["reasons"].as_array().expect("reasons");
    let word = |value: &Value| value.as_str().expect("a text").to_owned();
    reasons.iter().map(word).collect()
}

#[actix_web::test]
async fn every_reason_why_a_token_is_not_active_is_named() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let url = database.url.as_str();
        let say = |token: &str| reasons(url, ISSUER, token).join("; ");
        for format in ["jwt", "opaque"] {
            let draft =
                format!(r#"{{"name":"n","scope":"{MOBILE}","accessTokenFormat":"{format}"}}"#);
            let (client, _) = app.client_with(&draft).await;
            let guest = app.guest(&client).await;
            let (access, refresh) = (guest.access_token(), guest.refresh_token());
            assert_eq!(say(&access), "");
            assert_eq!(say(&refresh), "");
            let elsewhere = reasons(url, "https://other.example", &access).join("; ");
            assert!(
                elsewhere.contains(&format!("issued by {ISSUER}")),
                "{elsewhere}"
            );

            let form = format!("token={access}");
            app.post(&client, "/oauth/token/revoke", &form).await;
            assert_eq!(say(&access), "it was revoked, alone");
            let next = app.refresh(&client, &refresh).await;
            app.refresh(&client, &next.refresh_token()).await;
            assert!(say(&refresh).contains("and so was its successor"));
            let form = format!("token={}", next.refresh_token());
            app.post(&client, "/oauth/token/revoke", &form).await;
            let dead = say(&next.access_token());
            assert!(
                dead.starts_with("its session is revoked (revocation-request) since "),
                "{dead}"
            );

            let lonely = app.guest(&client).await.access_token();
            app.execute(Statement::new("DELETE FROM sessions")).await;
            app.execute(Statement::new("DELETE FROM api_clients")).await;
            let gone = say(&lonely);
            assert_eq!(gone, "its client is deleted; its session is deleted");
        }
        assert!(say("shop:unknown").contains("it is not known"));
        assert!(say("never-seen").contains("no token that is known here"));
    }
}

#[actix_web::test]
async fn a_signature_that_does_not_fit_and_a_key_that_is_gone_are_named() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let url = database.url.as_str();
        let client = app.client(MOBILE).await;
        let token = app.guest(&client).await.access_token();
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let forged = format!("{signed}.{other}{}", &signature[1..]);
        let [reason] = reasons(url, ISSUER, &forged)
            .try_into()
            .expect("one reason");
        assert!(reason.contains("does not fit"), "{reason}");
        app.execute(Statement::new("UPDATE signing_keys SET state = 'removed'"))
            .await;
        let gone = reasons(url, ISSUER, &token).join("; ");
        assert!(gone.contains("was removed or revoked"), "{gone}");
    }
}

#[actix_web::test]
async fn a_refresh_token_that_would_be_refused_is_never_called_active() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let url = database.url.as_str();
        let say = |token: &str| reasons(url, ISSUER, token).join("; ");
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await.refresh_token();
        let desktop = device(&app, &client, &phone).await.refresh_token();
        assert_eq!((say(&phone), say(&desktop)), (String::new(), String::new()));

        let idle = Statement::new("UPDATE session_families SET idle_expires_at = 1000");
        app.execute(idle).await;
        let refused = app.refresh(&client, &desktop).await;
        assert_eq!(refused.error(), "invalid_grant");
        assert_eq!(
            say(&desktop),
            "it was not used in time, which ended at 1970-01-01T00:00:01.000Z"
        );
        assert_eq!(say(&phone), "", "the other device has its own time");

        let longest = Statement::new("UPDATE sessions SET absolute_expires_at = 1000");
        app.execute(longest).await;
        let refused = app.refresh(&client, &phone).await;
        assert_eq!(refused.error(), "invalid_grant");
        assert_eq!(
            say(&phone),
            "the longest life of its session ended at 1970-01-01T00:00:01.000Z"
        );
    }
}

#[actix_web::test]
async fn tokens_of_a_client_past_its_date_say_so_before_housekeeping_deletes_it() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        app.execute(Statement::new("UPDATE api_clients SET delete_at = 1000"))
            .await;
        for token in [guest.access_token(), guest.refresh_token()] {
            assert_eq!(
                reasons(&database.url, ISSUER, &token),
                ["its client ended at 1970-01-01T00:00:01.000Z"]
            );
        }
    }
}
