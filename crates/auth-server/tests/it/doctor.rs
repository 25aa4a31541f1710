//! `auth-server doctor`.

use std::process::{Command, Output};

use auth_server::app_state::Behaviour;
use serde_json::Value;
use shared::db::statement::Statement;
use testkit::{TestDatabase, databases};

use crate::{
    command_line::run,
    support::{MOBILE, TestApp},
};

const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const PEPPER: &str = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

fn doctor(url: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .arg("doctor")
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("KEY_ENCRYPTION_KEY", KEY)
        .env("SECRET_PEPPER", PEPPER)
        .env("AUTH_PUBLIC_URL", "https://auth.shop.example")
        .env("TRUSTED_PROXIES", "10.0.0.0/8")
        .env("CORS_ORIGINS", "https://shop.example")
        .env("ACCEPT_SECRETS_IN_QUERY", "off")
        .envs(environment.iter().copied())
        .output()
        .expect("the binary runs")
}

/// Whether it exits well, and verdict and text of everything it says about `check`.
fn findings(
    database: &TestDatabase,
    environment: &[(&str, &str)],
    check: &str,
) -> (bool, Vec<(String, String)>) {
    let output = doctor(&database.url, environment, &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["healthy"], output.status.success());
    let found = report["findings"].as_array().expect("findings").iter();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = found
        .filter(|one| one["check"] == check)
        .map(|one| {
            assert_eq!(one["advice"].is_null(), one["verdict"] == "ok", "{one}");
            (word(&one["verdict"]), word(&one["found"]))
        })
        .collect();
    (output.status.success(), found)
}

#[track_caller]
fn expect(
    database: &TestDatabase,
    environment: &[(&str, &str)],
    check: &str,
    verdict: &str,
    part: &str,
) {
    let (is_healthy, found) = findings(database, environment, check);
    assert!(
        found
            .iter()
            .any(|(given, text)| given == verdict && text.contains(part)),
        "{check} does not say {verdict} `{part}` but {found:?}"
    );
    assert_eq!(is_healthy, verdict != "problem", "{found:?}");
}

/// A file that keeps what it is told, unlike the tests' other ones.
fn durable(database: &TestDatabase) -> String {
    database.url.replace("?synchronous=off", "")
}

#[test]
fn a_fresh_installation_with_good_settings_is_healthy() {
    for database in databases() {
        let output = doctor(&durable(&database), &[], &[]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let bad = ["WARNING", "PROBLEM"].map(|word| text.matches(word).count());
        // The tests' PostgreSQL may be one that forgets, to be fast.
        let settings = ["fsync", "full_page_writes", "synchronous_commit"];
        let are_off = |name: &&str| text.contains(&format!("{name} = off"));
        let forgetful = settings.into_iter().filter(are_off).count();
        assert_eq!(bad, [0, forgetful], "{text}");
        assert_eq!(output.status.success(), forgetful == 0, "{text}");
        assert!(text.contains("reachable, schema up to date"), "{text}");
        assert!(!text.contains(KEY) && !text.contains(PEPPER));
    }
}

#[test]
fn what_cannot_be_read_or_reached_is_a_problem_with_advice() {
    let nowhere = [("DATABASE_URL", "postgres://x:y@127.0.0.1:1/z")];
    let database = TestDatabase::sqlite();
    expect(&database, &nowhere, "database", "problem", "unavailable");
    let broken = [("AUTH_BIND", "here"), ("REQUIRE_TLS", "maybe")];
    expect(&database, &broken, "settings", "problem", "AUTH_BIND");
    expect(&database, &broken, "settings", "problem", "REQUIRE_TLS");
}

#[test]
fn a_database_that_was_not_migrated_is_a_problem() {
    let database = TestDatabase::sqlite();
    let directory = tempfile();
    let url = format!("sqlite://{directory}/empty.db");
    expect(
        &database,
        &[("DATABASE_URL", &url)],
        "database",
        "problem",
        "not up to date",
    );
}

/// A folder that the operating system clears away with the test's target folder.
fn tempfile() -> String {
    let folder = format!(
        "{}/doctor-{}",
        env!("CARGO_TARGET_TMPDIR"),
        std::process::id()
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Settings, and what `doctor` says about them: check, verdict, a part of the text.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, &'a str);

#[test]
fn settings_that_hurt_are_found() {
    for database in databases() {
        let zeros = "0".repeat(64);
        let cases: [Case<'_>; 10] = [
            (
                &[("AUTH_PUBLIC_URL", "http://shop.example")],
                "public URL",
                "problem",
                "http://",
            ),
            (
                &[("AUTH_PUBLIC_URL", "http://127.0.0.1:8080")],
                "public URL",
                "warning",
                "127",
            ),
            (
                &[("TRUSTED_PROXIES", "")],
                "gateway",
                "warning",
                "TRUSTED_PROXIES is empty",
            ),
            (
                &[("REQUIRE_TLS", "off")],
                "gateway",
                "warning",
                "REQUIRE_TLS",
            ),
            (&[("CORS_ORIGINS", "*")], "browsers", "hint", "`*`"),
            (&[("RATE_LIMITS", "off")], "limits", "warning", "off"),
            (&[("DRAIN_SECONDS", "4")], "stopping", "hint", "is 4"),
            (
                &[("SECRET_PEPPER", &zeros)],
                "secrets",
                "problem",
                "SECRET_PEPPER",
            ),
            (&[("SECRET_PEPPER", KEY)], "secrets", "warning", "the same"),
            (
                &[("MAX_REFRESH_TOKENS_PER_PROJECT", "0")],
                "sessions",
                "hint",
                "is 0",
            ),
        ];
        let url = durable(&database);
        for (environment, check, verdict, part) in cases {
            let environment = [environment, &[("DATABASE_URL", url.as_str())]].concat();
            let (_, found) = findings(&database, &environment, check);
            assert!(
                found
                    .iter()
                    .any(|(given, text)| given == verdict && text.contains(part)),
                "{check}: {found:?}"
            );
        }
    }
}

#[test]
fn a_sqlite_file_that_may_forget_is_a_warning() {
    let database = TestDatabase::sqlite();
    expect(&database, &[], "durability", "warning", "synchronous");
}

#[actix_web::test]
async fn a_key_that_the_configured_secret_does_not_open_is_a_problem() {
    for database in databases() {
        TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        expect(
            &database,
            &[],
            "sealed keys",
            "problem",
            "does not open the active key",
        );
        let right = "07".repeat(32);
        let (_, found) = findings(&database, &[("KEY_ENCRYPTION_KEY", &right)], "sealed keys");
        assert_eq!(found[0].0, "ok", "{found:?}");
    }
}

#[test]
fn a_pepper_that_the_clients_secrets_were_not_made_with_is_a_problem() {
    for database in databases() {
        let (_, found) = findings(&database, &[], "pepper");
        assert_eq!(found, [("ok".to_owned(), "none was used yet".to_owned())]);
        let create = [
            "project",
            "create",
            "demo",
            "--currencies",
            "EUR",
            "--countries",
            "DE",
            "--languages",
            "de",
        ];
        assert!(run(&database.url, &create).status.success());
        let admin = [
            "client",
            "create",
            "--project",
            "demo",
            "--name",
            "n",
            "--template",
            "admin",
        ];
        assert!(run(&database.url, &admin).status.success());
        expect(
            &database,
            &[],
            "pepper",
            "problem",
            "SECRET_PEPPER is not the one",
        );
        let right = "22".repeat(32);
        let right = [("SECRET_PEPPER", right.as_str())];
        let (_, found) = findings(&database, &right, "pepper");
        assert_eq!(found[0].0, "ok", "{found:?}");
        // The client that the template made is fine.
        for check in ["device scopes", "unused clients", "refresh tokens"] {
            let (_, found) = findings(&database, &right, check);
            assert_eq!(found[0].0, "ok", "{check}: {found:?}");
        }
    }
}

#[actix_web::test]
async fn clients_that_are_forgotten_or_too_strong_are_warned_of() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let unopened = "07".repeat(32);
        let key = [("KEY_ENCRYPTION_KEY", unopened.as_str())];
        let say = |check: &str| {
            let (_, found) = findings(&database, &key, check);
            found
        };
        let plain = app.client(MOBILE).await;
        assert_eq!(say("device scopes")[0].0, "ok");
        assert_eq!(say("refresh tokens")[0].0, "ok");
        assert_eq!(say("unused clients")[0].0, "ok");
        let strong = format!("{MOBILE} manage_project:shop");
        let draft = format!(
            r#"{{"name":"app","scope":"{strong}","refreshTokenMode":"reusable","deleteDaysAfterCreation":3}}"#
        );
        let (app_client, _) = app.client_with(&draft).await;
        // What a backend's client may do itself hurts nobody.
        assert_eq!(say("device scopes")[0].0, "ok");
        assert_eq!(app.guest(&app_client).await.status, 200);
        app.execute(
            Statement::new("UPDATE api_clients SET last_used_on = '2020-01-31' WHERE id = ")
                .text(&plain.id),
        )
        .await;
        app.execute(
            Statement::new("INSERT INTO client_secrets (client_id, tag, created_at) SELECT ")
                .text(&plain.id)
                .sql(", '1:old', 1"),
        )
        .await;
        for (check, verdict, id, part) in [
            (
                "device scopes",
                "warning",
                &app_client.id,
                "manage_project:shop",
            ),
            ("refresh tokens", "warning", &app_client.id, "never change"),
            ("unused clients", "warning", &plain.id, "2020-01-31"),
            ("client secrets", "warning", &app_client.id, "is deleted at"),
            ("client secrets", "hint", &plain.id, "more than one secret"),
        ] {
            let found = say(check);
            let is_said = found.iter().any(|(given, text)| {
                given == verdict && text.contains(id.as_str()) && text.contains(part)
            });
            assert!(is_said, "{check}: {found:?}");
        }
    }
}

#[actix_web::test]
async fn housekeeping_that_fails_or_stands_still_is_found_and_so_is_a_full_house() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let key = "07".repeat(32);
        let key = ("KEY_ENCRYPTION_KEY", key.as_str());
        let say = |environment: &[(&str, &str)], check: &str| {
            findings(&database, &[environment, &[key]].concat(), check).1
        };
        assert_eq!(say(&[], "housekeeping")[0].0, "hint");
        app.housekeep().await;
        assert_eq!(say(&[], "housekeeping")[0].0, "ok");
        app.execute(Statement::new(
            "UPDATE job_leases SET due_at = 1 WHERE job = 'tidy-sessions'",
        ))
        .await;
        let late = say(&[], "housekeeping");
        assert_eq!(late[0].0, "warning", "{late:?}");
        app.execute(Statement::new(
            "UPDATE job_leases SET failure = 'disk full' WHERE job = 'tidy-sessions'",
        ))
        .await;
        let failed = say(&[], "housekeeping");
        assert_eq!(
            failed[0],
            (
                "problem".to_owned(),
                "tidy-sessions failed: disk full".to_owned()
            )
        );
        let client = app.client(MOBILE).await;
        for _ in 0..4 {
            app.guest(&client).await;
        }
        let cap = [("MAX_REFRESH_TOKENS_PER_PROJECT", "5")];
        let full = say(&cap, "sessions");
        assert_eq!(
            full[0],
            (
                "warning".to_owned(),
                "project shop has 4 of at most 5 sessions".to_owned()
            )
        );
    }
}
