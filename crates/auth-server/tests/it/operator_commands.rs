//! What the binary's commands tell an operator, and what they refuse.

use std::process::{Command, Output};

use serde_json::{Value, json};
use testkit::{TestDatabase, databases};

use crate::command_line::{CREATE, json, run, text};

/// A command with these variables beside `DATABASE_URL`, and the two secrets unless they are among them.
fn run_with(url: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("KEY_ENCRYPTION_KEY", "11".repeat(32))
        .env("SECRET_PEPPER", "22".repeat(32))
        .envs(environment.iter().copied())
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `client create`, as JSON.
fn created(url: &str, more: &[&str]) -> Value {
    assert!(
        run(url, &[&CREATE[..], &["--if-missing"]].concat())
            .status
            .success()
    );
    let create = [
        "client",
        "create",
        "--project",
        "demo",
        "--name",
        "n",
        "--json",
    ];
    json(&run(url, &[&create[..], more].concat()))
}

#[test]
fn a_pepper_that_is_not_the_databases_is_refused_until_it_is_adopted() {
    for database in databases() {
        let url = database.url.as_str();
        let client = created(url, &["--template", "mobile"]);
        let rotate = [
            "client",
            "rotate-secret",
            client["id"].as_str().expect("an id"),
        ];
        let other = "33".repeat(32);
        let other = [("SECRET_PEPPER", other.as_str())];
        let serve = ["serve", "--bind", "127.0.0.1:0"];
        for command in [&rotate[..], &["check-config"], &serve] {
            let refused = run_with(url, &other, command);
            assert!(!refused.status.success(), "{command:?}");
            let said = text(&refused);
            assert!(
                said.contains("SECRET_PEPPER is not the one"),
                "{command:?}: {said}"
            );
            assert!(said.contains("adopt-pepper"), "{command:?}: {said}");
        }
        assert!(run(url, &["check-config"]).status.success());
        let adopt = ["client", "adopt-pepper"];
        assert!(run_with(url, &other, &adopt).status.success());
        assert!(run_with(url, &other, &rotate).status.success());
        assert!(run_with(url, &other, &["check-config"]).status.success());
        assert!(!run(url, &["check-config"]).status.success());
    }
}

#[test]
fn a_variable_that_is_almost_a_setting_is_refused_with_all_other_problems() {
    let database = TestDatabase::sqlite();
    let url = database.url.as_str();
    let wrong = [
        ("RATE_LIMIT", "off"),
        ("require_tls", "off"),
        ("AUTH_BIND", "here"),
    ];
    let said = text(&run_with(url, &wrong, &["check-config"]));
    for problem in [
        "RATE_LIMIT: unknown setting; `RATE_LIMITS` is one",
        "require_tls: unknown setting; `REQUIRE_TLS` is one",
        "AUTH_BIND: must be an address",
    ] {
        assert!(said.contains(problem), "{said}");
    }
    let typed = [("DATABASE_URI", "sqlite://elsewhere.db")];
    let said = text(&run_with(url, &typed, &["migrate"]));
    assert!(said.contains("`DATABASE_URL` is one"), "{said}");
}

#[test]
fn settings_of_the_other_server_and_of_other_programs_are_no_typing_errors() {
    let database = TestDatabase::sqlite();
    let others = [
        ("API_BIND", "127.0.0.1:1"),
        ("API_ADMIN_BIND", "127.0.0.1:2"),
        ("API_WORKERS", "2"),
        ("PASSWORD_COST", "cheap"),
        ("AUTH_PORT", "1"),
        ("MAIL_DIR", "/mail"),
        ("HOME", "/"),
    ];
    let checked = run_with(&database.url, &others, &["check-config"]);
    assert!(checked.status.success(), "{checked:?}");
    assert!(text(&checked).contains("AUTH_PORT: unknown setting, ignored"));
}

#[test]
fn it_does_not_serve_a_database_that_was_not_migrated_and_says_what_to_do() {
    let folder = format!(
        "{}/unmigrated-{}",
        env!("CARGO_TARGET_TMPDIR"),
        std::process::id()
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    let url = format!("sqlite://{folder}/empty.db");
    let refused = run(&url, &["serve", "--bind", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused);
    assert!(said.contains("run `auth-server migrate` first"), "{said}");
    assert!(!said.contains("listening"), "{said}");
}

#[test]
fn a_file_that_is_no_database_and_a_folder_that_is_not_there_are_named_with_what_helps() {
    let folder = format!(
        "{}/damaged-{}",
        env!("CARGO_TARGET_TMPDIR"),
        std::process::id()
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = format!("{folder}/damaged.db");
    std::fs::write(
        &file,
        "this is no database, but long enough to be one".repeat(40),
    )
    .expect("a file");
    for (url, problem, advice) in [
        (
            format!("sqlite://{file}"),
            "file is not a database",
            "move it away",
        ),
        (
            format!("sqlite://{folder}/no/such/folder.db"),
            "unable to open",
            "mkdir -p",
        ),
    ] {
        let said = text(&run(&url, &["migrate"]));
        assert!(said.contains(problem) && said.contains(advice), "{said}");
    }
}

#[test]
fn migrations_are_pending_then_applied_and_those_of_a_newer_program_are_fine() {
    let folder = format!(
        "{}/migrations-{}",
        env!("CARGO_TARGET_TMPDIR"),
        std::process::id()
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    let url = format!("sqlite://{folder}/fresh.db");
    let states = |output: &Output| -> Vec<String> {
        let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let all = all.as_array().expect("a list").iter();
        all.map(|one| one["state"].as_str().expect("a word").to_owned())
            .collect()
    };
    let status = ["migrate", "--status", "--json"];
    let before = run(&url, &status);
    assert_eq!(before.status.code(), Some(1));
    assert!(text(&before).contains("pending: run `auth-server migrate`"));
    assert!(states(&before).iter().all(|state| state == "pending"));
    assert!(run(&url, &["migrate"]).status.success());
    let after = run(&url, &status);
    assert!(after.status.success() && states(&after).iter().all(|state| state == "applied"));
    let listed = stdout(&run(&url, &["migrate", "--status"]));
    assert!(
        listed.starts_with("applied  2026-11-20-000001_create_auth_tables\n"),
        "{listed}"
    );
    assert!(run(&url, &["check-config"]).status.success());
}

#[test]
fn projects_are_listed_and_shown() {
    for database in databases() {
        let url = database.url.as_str();
        assert!(run(url, &["migrate"]).status.success());
        assert_eq!(json(&run(url, &["project", "list", "--json"])), json!([]));
        assert!(run(url, &CREATE).status.success());
        let list = run(url, &["project", "list"]);
        assert_eq!(stdout(&list), "demo\tEUR,USD\tDE,US\ten,de\tdemo\n");
        let shown = json(&run(url, &["project", "show", "demo", "--json"]));
        assert_eq!(
            (&shown["key"], &shown["countries"]),
            (&json!("demo"), &json!(["DE", "US"]))
        );
        let unknown = run(url, &["project", "show", "other"]);
        assert!(text(&unknown).contains("there is no project `other`"));
    }
}

#[test]
fn a_client_is_changed_in_what_was_given_and_never_in_what_it_may_do() {
    for database in databases() {
        let url = database.url.as_str();
        let client = created(
            url,
            &[
                "--template",
                "mobile",
                "--redirect-uri",
                "com.example.app:/cb",
            ],
        );
        let id = client["id"].as_str().expect("an id");
        let update =
            |more: &[&str]| run(url, &[&["client", "update", id, "--json"], more].concat());
        let changed = json(&update(&[
            "--name",
            "app",
            "--access-token-seconds",
            "3600",
            "--allowed-origin",
            "https://shop.example",
        ]));
        assert_eq!(changed["name"], "app");
        assert_eq!(changed["accessTokenValiditySeconds"], 3600);
        assert_eq!(changed["allowedOrigins"], json!(["https://shop.example"]));
        assert_eq!(changed["redirectUris"], client["redirectUris"]);
        assert_eq!(changed["scope"], client["scope"]);
        let opened = json(&update(&["--any-origin"]));
        assert_eq!(
            (opened.get("allowedOrigins"), &opened["name"]),
            (None, &json!("app"))
        );
        for (more, problem) in [
            (&["--access-token-seconds", "1"][..], "3600..=604800"),
            (&["--allowed-origin", "shop"], "allowedOrigins"),
            (&["--name", ""], "name"),
            (&[], "nothing is to be changed"),
        ] {
            let refused = update(more);
            assert!(
                !refused.status.success() && text(&refused).contains(problem),
                "{refused:?}"
            );
        }
        let unknown = run(url, &["client", "update", "unknown", "--name", "n"]);
        assert!(text(&unknown).contains("there is no API client `unknown`"));
    }
}

#[test]
fn the_version_names_the_commit() {
    let version = stdout(&run("sqlite://unused", &["--version"]));
    let expected = format!(
        "auth-server {} ({})\n",
        build_info::VERSION,
        build_info::COMMIT
    );
    assert_eq!(version, expected);
}
