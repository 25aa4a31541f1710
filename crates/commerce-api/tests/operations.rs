//! What supervisors and operators ask of the API server, and how it stops.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, body::MessageBody, dev::ServiceResponse, http::ConnectionType, test as requests, web::Data,
};
use commerce_api::{
    app_state::AppState,
    cli::assemble,
    http::{operations, server},
    service::workbench::ShoppingListMigration,
};
use serde_json::{Value, json};
use shared::{
    clock::{Clock as _, SystemClock},
    db::{Database, DbError, WriteTx, statement::Statement},
    password::PasswordCost,
    random::SystemRandomness,
    token::{
        key_life::{KeyKeeper, KeyTimes},
        keys::{KeyError, SigningAlgorithm},
        sealing::SealingKey,
    },
};

fn state(database: &Database) -> Data<AppState> {
    let state = assemble(
        database.clone(),
        "http://127.0.0.1:8080",
        PasswordCost::CHEAP,
        ShoppingListMigration::Manual,
    );
    Data::new(state.expect("a state"))
}

/// What the auth server does when it starts.
fn publish_key(database: &Database) {
    let keeper = KeyKeeper {
        seal: Arc::new(SealingKey::new(&[7; 32]).expect("a key")),
        algorithm: SigningAlgorithm::Es256,
        times: KeyTimes::default(),
        randomness: Arc::new(SystemRandomness::new()),
    };
    let made: Result<_, KeyError> = database
        .write_blocking(|tx| keeper.rotate_now(tx, SigningAlgorithm::Es256, SystemClock.now()));
    made.expect("a signing key");
}

async fn text<B: MessageBody>(response: ServiceResponse<B>) -> (u16, String) {
    let status = response.status().as_u16();
    let body = requests::read_body(response).await;
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// A GET as clients send it.
async fn get(state: &Data<AppState>, path: &str) -> (u16, String) {
    let service = requests::init_service(server::application(state.clone())).await;
    let request = requests::TestRequest::get().uri(path).to_request();
    text(requests::call_service(&service, request).await).await
}

/// A GET at the admin listener.
async fn admin(state: &Data<AppState>, path: &str) -> (u16, String) {
    let application = App::new()
        .app_data(state.clone())
        .configure(operations::configure_admin);
    let service = requests::init_service(application).await;
    let request = requests::TestRequest::get().uri(path).to_request();
    text(requests::call_service(&service, request).await).await
}

fn not_ready(check: &str, reason: &str) -> (u16, Value) {
    let failing = json!([{ "check": check, "reason": reason }]);
    (503, json!({ "status": "not ready", "failing": failing }))
}

async fn readiness(state: &Data<AppState>) -> (u16, Value) {
    let (status, text) = get(state, "/health/ready").await;
    assert_eq!(admin(state, "/health/ready").await, (status, text.clone()));
    (status, serde_json::from_str(&text).expect("JSON"))
}

#[actix_web::test]
async fn it_is_ready_with_a_key_to_check_tokens_with_until_it_is_told_to_stop() {
    for database in testkit::databases() {
        let state = state(&database.database);
        assert_eq!(
            readiness(&state).await,
            not_ready(
                "verification_key",
                "the auth server has not made a signing key yet"
            )
        );
        publish_key(&database.database);
        assert_eq!(readiness(&state).await, (200, json!({ "status": "ready" })));
        state.draining.begin();
        assert_eq!(
            readiness(&state).await,
            not_ready("draining", "the server is about to stop")
        );
        assert_eq!(get(&state, "/health/alive").await.0, 200);
    }
}

#[actix_web::test]
async fn while_it_drains_each_answer_is_the_last_of_its_connection() {
    let database = testkit::databases().swap_remove(0);
    let state = state(&database.database);
    let service = requests::init_service(server::application(state.clone())).await;
    let closes = async |path: &str| {
        let request = requests::TestRequest::get().uri(path).to_request();
        let response = requests::call_service(&service, request).await;
        response.response().head().connection_type() == ConnectionType::Close
    };
    for path in ["/health/alive", "/shop/carts", "/nowhere"] {
        assert!(!closes(path).await, "{path}");
    }
    state.draining.begin();
    for path in ["/health/alive", "/shop/carts", "/nowhere"] {
        assert!(closes(path).await, "{path}");
    }
}

#[actix_web::test]
async fn it_is_not_ready_before_the_database_is_migrated() {
    for database in testkit::databases() {
        let state = state(&database.database);
        publish_key(&database.database);
        let forgotten: Result<_, DbError> = database.database.write_blocking(|tx| {
            let statement = Statement::new("DELETE FROM __diesel_schema_migrations");
            Ok(statement.run(tx.connection())?)
        });
        assert!(forgotten.is_ok());
        assert_eq!(
            readiness(&state).await,
            not_ready("database", "migrations are pending")
        );
    }
}

#[actix_web::test]
async fn it_is_not_ready_while_the_disk_is_full_and_ready_once_there_is_room() {
    let database = testkit::TestDatabase::sqlite();
    let state = state(&database.database);
    publish_key(&database.database);
    let run = |statement: Statement| -> Result<usize, DbError> {
        let done = |tx: &mut WriteTx<'_>| Ok(statement.run(tx.connection())?);
        database.database.write_blocking(done)
    };
    run(Statement::new("PRAGMA max_page_count = 1")).expect("limited");
    let large = Statement::new("INSERT INTO write_trials (id, filler) VALUES ('a', ")
        .text("x".repeat(200_000))
        .sql(")");
    assert!(matches!(run(large), Err(DbError::Storage(..))));
    assert_eq!(
        readiness(&state).await,
        not_ready("database", "the disk of the database is full")
    );
    run(Statement::new("PRAGMA max_page_count = 1000000")).expect("room");
    assert_eq!(readiness(&state).await, (200, json!({ "status": "ready" })));
}

#[actix_web::test]
async fn requests_are_counted_by_route_method_and_status_and_never_by_path() {
    for database in testkit::databases() {
        let state = state(&database.database);
        for path in [
            "/shop/carts/secret-1",
            "/shop/carts/secret-2",
            "/shop/me/carts",
        ] {
            assert_eq!(get(&state, path).await.0, 401, "{path}");
        }
        assert_eq!(get(&state, "/secret/way/to/nowhere").await.0, 404);
        for path in ["/metrics", "/version"] {
            let (status, text) = get(&state, path).await;
            assert!(
                status >= 400 && !text.contains("api_"),
                "{path} {status} {text}"
            );
        }
        let (status, text) = admin(&state, "/metrics").await;
        assert_eq!(status, 200);
        for line in [
            r#"api_requests_total{endpoint="/{project}/carts/{id}",method="GET",outcome="401"} 2"#,
            r#"api_requests_total{endpoint="/{project}/me/carts",method="GET",outcome="401"} 1"#,
            r#"api_request_seconds_count{endpoint="/{project}/carts/{id}",method="GET"} 2"#,
            "api_hash_queue_depth 0",
            "api_clock_skew_seconds 0",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        assert!(text.contains("\napi_db_pool_in_use{pool="), "{text}");
        assert!(!text.contains("secret"), "{text}");
        let version = json!({
            "program": "commerce-api", "version": env!("CARGO_PKG_VERSION"), "commit": build_info::COMMIT
        });
        assert_eq!(admin(&state, "/version").await, (200, version.to_string()));
    }
}

fn status_of(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

#[test]
fn after_sigterm_it_is_unready_at_once_serves_on_and_ends_well() {
    let database = testkit::databases().swap_remove(0);
    publish_key(&database.database);
    let mut child = Command::new(env!("CARGO_BIN_EXE_commerce-api"))
        .args([
            "serve",
            "--bind",
            "127.0.0.1:0",
            "--admin-bind",
            "127.0.0.1:0",
        ])
        .args(["--drain-seconds", "2"])
        .env_clear()
        .env("DATABASE_URL", &database.url)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut log = BufReader::new(child.stderr.take().expect("a log"));
    let mut after = |mark: &str| {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(
                log.read_line(&mut line).expect("the log") > 0,
                "no `{mark}`"
            );
            if let Some((_, rest)) = line.split_once(mark) {
                return rest.trim().to_owned();
            }
        }
    };
    let main: SocketAddr = after("listening on http://").parse().expect("an address");
    let admin: SocketAddr = after("admin: listening on http://")
        .parse()
        .expect("an address");
    assert_eq!(status_of(main, "/health/ready"), Some(200));
    let told = Command::new("kill")
        .args(["-s", "TERM", &child.id().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
    after("serving on for 2 s");
    assert_eq!(status_of(main, "/health/ready"), Some(503));
    assert_eq!(status_of(admin, "/health/ready"), Some(503));
    assert_eq!(status_of(main, "/health/alive"), Some(200));
    after("stopped");
    assert_eq!(child.wait().expect("its status").code(), Some(0));
    assert_eq!(status_of(main, "/health/alive"), None);
}

/// A command of the binary, with these variables only.
fn run(environment: &[(&str, &str)], arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_commerce-api"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .expect("the binary runs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
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
    let environment = [("DATABASE_URL", url.as_str())];
    let (is_good, said) = run(&environment, &["serve", "--bind", "127.0.0.1:0"]);
    assert!(
        !is_good && said.contains("run `commerce-api migrate` first"),
        "{said}"
    );
    let (is_good, said) = run(&environment, &["migrate", "--status"]);
    assert!(
        !is_good && said.contains("pending: run `commerce-api migrate`"),
        "{said}"
    );
    assert!(run(&environment, &["migrate"]).0);
    let (is_good, said) = run(&environment, &["migrate", "--status"]);
    assert!(
        is_good && said.starts_with("applied  2026-11-20-000001_"),
        "{said}"
    );
}

#[test]
fn a_variable_that_is_almost_a_setting_is_refused_and_one_of_the_auth_server_is_not() {
    let wrong = [("RATE_LIMIT", "off"), ("API_BNID", "127.0.0.1:1")];
    let (is_good, said) = run(&wrong, &["check-config"]);
    assert!(
        !is_good && said.contains("`RATE_LIMITS` is one") && said.contains("`API_BIND` is one"),
        "{said}"
    );
    let others = [
        ("AUTH_BIND", "127.0.0.1:1"),
        ("AUTH_ADMIN_BIND", "127.0.0.1:2"),
        ("RATE_LIMIT_GUESTS_PER_SECOND", "1"),
        ("REQUIRE_TLS", "off"),
        ("CORS_ORIGINS", "*"),
        ("KEY_ENCRYPTION_KEY", "0"),
        ("SECRET_PEPPER", "0"),
        ("SESSION_RETENTION", "1d"),
    ];
    let (is_good, said) = run(&others, &["check-config"]);
    assert!(is_good && !said.contains("unknown setting"), "{said}");
}

#[test]
fn the_version_names_the_commit() {
    let expected = format!(
        "commerce-api {} ({})\n",
        build_info::VERSION,
        build_info::COMMIT
    );
    assert_eq!(run(&[], &["--version"]), (true, expected));
}
