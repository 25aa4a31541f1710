//! Readiness, metrics, and what happens when too much is asked.

use std::{future::poll_fn, sync::Arc, task::Poll};

use actix_web::{body::to_bytes, test::TestRequest, web};
use auth_server::{
    app_state::{AppState, Behaviour, Parts},
    http,
};
use serde_json::json;
use shared::{
    clock::{Clock as _, FrozenClock, SystemClock},
    db::{Dialect, statement::Statement},
    password::{Party, PasswordCost},
    random::SystemRandomness,
    secret::Secret,
    token::{keys::SigningAlgorithm, sealing::SealingKey},
};

use crate::support::{ISSUER, MOBILE, TestApp, form_request, on_every_database};

/// An answer of the admin listener.
async fn admin(app: &TestApp, path: &str) -> (u16, String) {
    let application = http::admin_application(web::Data::from(Arc::clone(&app.state)));
    let service = actix_web::test::init_service(application).await;
    let request = TestRequest::get().uri(path).to_request();
    let response = actix_web::test::call_service(&service, request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[actix_web::test]
async fn a_server_that_cannot_open_the_signing_key_is_not_ready() {
    for database in testkit::databases() {
        let good = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        assert_eq!(
            good.send(TestRequest::get().uri("/health/ready"))
                .await
                .status,
            200
        );
        let clock = FrozenClock::at(SystemClock.now());
        let state = AppState::new(Parts {
            database: database.second_instance(),
            clock: clock.clone(),
            randomness: Arc::new(SystemRandomness::new()),
            issuer: ISSUER.to_owned(),
            sealing_key: SealingKey::new(&[8; 32]).expect("a sealing key"),
            secret_pepper: Secret::new([9; 32]),
            signing_algorithm: SigningAlgorithm::Es256,
            password_cost: PasswordCost::CHEAP,
            behaviour: Behaviour::default(),
        });
        let bad = TestApp::over(Arc::new(state.expect("a state")), clock).await;
        let answer = bad.send(TestRequest::get().uri("/health/ready")).await;
        let failing = json!({ "status": "not ready", "failing": [
            { "check": "signing_key", "reason": "there is no signing key that can be used" }
        ] });
        assert_eq!((answer.status, answer.json()), (503, failing));
        assert_eq!(
            bad.send(TestRequest::get().uri("/health/alive"))
                .await
                .status,
            200
        );
    }
}

#[actix_web::test]
async fn a_server_that_is_about_to_stop_is_not_ready_but_serves() {
    for database in testkit::databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let client = app.client(MOBILE).await;
        app.state.draining.begin();
        let failing = json!({ "status": "not ready", "failing": [
            { "check": "draining", "reason": "the server is about to stop" }
        ] });
        let answer = app.send(TestRequest::get().uri("/health/ready")).await;
        assert_eq!((answer.status, answer.json()), (503, failing.clone()));
        let (status, text) = admin(&app, "/health/ready").await;
        assert_eq!((status, text), (503, failing.to_string()));
        assert_eq!(app.guest(&client).await.status, 200);
    }
}

#[actix_web::test]
async fn a_server_is_ready_when_the_database_is_migrated_and_alive_anyway() {
    for database in testkit::databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let get = async |path| app.send(TestRequest::get().uri(path)).await;
        assert_eq!(
            get("/health/ready").await.json(),
            json!({ "status": "ready" })
        );
        app.execute(Statement::new("DELETE FROM __diesel_schema_migrations"))
            .await;
        let failing = json!({ "status": "not ready", "failing": [
            { "check": "database", "reason": "migrations are pending" }
        ] });
        let answer = get("/health/ready").await;
        assert_eq!((answer.status, answer.json()), (503, failing));
        assert_eq!(get("/health/alive").await.status, 200);
    }
}

#[actix_web::test]
async fn a_clock_far_from_the_databases_is_noticed_where_the_database_has_one() {
    on_every_database(async |app| {
        // The clock of the tests shows another time than PostgreSQL's.
        let answer = app.send(TestRequest::get().uri("/health/ready")).await;
        let expected = match app.state.database.dialect() {
            Dialect::Sqlite => json!({ "status": "ready" }),
            Dialect::Postgres => json!({ "status": "not ready", "failing": [
                { "check": "clock", "reason": "the clock differs too much from the database's" }
            ] }),
        };
        assert_eq!(answer.json(), expected);
    })
    .await;
}

#[actix_web::test]
async fn the_version_and_the_metrics_are_for_operators_only() {
    on_every_database(async |app| {
        for path in ["/version", "/metrics"] {
            assert_eq!(
                app.send(TestRequest::get().uri(path)).await.status,
                404,
                "{path}"
            );
        }
        let version = json!({
            "program": "auth-server", "version": env!("CARGO_PKG_VERSION"), "commit": build_info::COMMIT
        });
        assert_eq!(admin(&app, "/version").await, (200, version.to_string()));
        assert_eq!(admin(&app, "/health/alive").await.0, 200);
        assert_eq!(admin(&app, "/oauth/token").await.0, 404);
    })
    .await;
}

#[actix_web::test]
async fn requests_are_counted_by_route_grant_and_outcome_and_never_by_path() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        let first = app.guest(&client).await.refresh_token();
        let second = app.refresh(&client, &first).await.refresh_token();
        app.refresh(&client, &first).await;
        app.refresh(&client, &second).await;
        assert_eq!(app.refresh(&client, &first).await.error(), "invalid_grant");
        let form = "grant_type=password&username=anna@example.com&password=";
        app.post(&client, "/oauth/shop/customers/token", &format!("{form}wrong")).await;
        app.post(&client, "/oauth/shop/customers/token", &format!("{form}right")).await;
        app.post(&client, "/oauth/token", "grant_type=magic").await;
        app.send(TestRequest::get().uri("/secret-path/x/y")).await;
        let (status, text) = admin(&app, "/metrics").await;
        assert_eq!(status, 200);
        for line in [
            r#"auth_requests_total{endpoint="/oauth/{project}/anonymous/token",grant="client_credentials",outcome="ok"} 1"#,
            r#"auth_requests_total{endpoint="/oauth/token",grant="refresh_token",outcome="ok"} 3"#,
            r#"auth_requests_total{endpoint="/oauth/token",grant="refresh_token",outcome="invalid_grant"} 1"#,
            r#"auth_requests_total{endpoint="/oauth/{project}/customers/token",grant="password",outcome="ok"} 1"#,
            r#"auth_requests_total{endpoint="/oauth/{project}/customers/token",grant="password",outcome="invalid_customer_account_credentials"} 1"#,
            r#"auth_requests_total{endpoint="/oauth/token",grant="other",outcome="unsupported_grant_type"} 1"#,
            r#"auth_requests_total{endpoint="none",grant="none",outcome="ResourceNotFound"} 1"#,
            r#"auth_request_seconds_count{endpoint="/oauth/{project}/customers/token",grant="password"} 2"#,
            r#"auth_refresh_replays_total{result="repeated"} 1"#,
            r#"auth_refresh_replays_total{result="reuse"} 1"#,
            "auth_reuse_detected_total 1",
            "auth_hash_seconds_count 2",
            "auth_hash_queue_depth 0",
            r#"auth_sessions{kind="anonymous",state="revoked"} 1"#,
            r#"auth_sessions{kind="customer",state="active"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        for name in ["auth_db_pool_in_use{", "auth_db_pool_wait_seconds_count ", "auth_clock_skew_seconds ", "auth_key_age_seconds{"] {
            assert!(text.lines().any(|found| found.starts_with(name)), "{name} is not in\n{text}");
        }
        assert!(!text.contains("secret-path") && !text.contains("magic") && !text.contains("anna"), "{text}");
    })
    .await;
}

#[actix_web::test]
async fn a_flood_of_sign_ins_is_turned_away_and_starves_no_other_grant() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        let passwords = &app.state.passwords;
        let capacity = passwords.capacity();
        // The flood comes from the address that requests of tests come from.
        let flooder = Party::Address([127, 0, 0, 1].into());
        let mut turns = Vec::new();
        for _ in 0..capacity.running {
            turns.push(passwords.turn(&flooder).await.expect("a turn"));
        }
        let mut flood: Vec<_> = (0..capacity.waiting)
            .map(|_| Box::pin(async { passwords.turn(&flooder).await.map(drop) }))
            .collect();
        for (index, one) in flood.iter_mut().enumerate() {
            begins_to_wait(&mut one.as_mut(), passwords, index + 1).await;
        }
        let form = "grant_type=password&username=anna@example.com&password=right";
        let sign_in = |address: &str| {
            let address: std::net::SocketAddr = format!("{address}:1234").parse().expect("one");
            let request = form_request("/oauth/shop/customers/token", form)
                .insert_header(("authorization", client.basic()))
                .peer_addr(address);
            app.send(request)
        };
        let refused = sign_in("127.0.0.1").await;
        let body = r#"{"statusCode":503,"message":"The server is over capacity. Please retry later.","errors":[{"code":"OverCapacity","message":"The server is over capacity. Please retry later."}],"error":"OverCapacity","error_description":"The server is over capacity. Please retry later."}"#;
        assert_eq!((refused.status, refused.text.as_str()), (503, body));
        assert_eq!(refused.header("retry-after"), Some("1"));
        // Somebody else gets a place: the last one of the flood makes room.
        let mut shopper = Box::pin(sign_in("198.51.100.1"));
        let last = flood.len() - 1;
        poll_fn(|context| {
            assert!(shopper.as_mut().poll(context).is_pending());
            flood[last].as_mut().poll(context).map(|pushed_out| assert!(pushed_out.is_err()))
        })
        .await;
        flood.truncate(last);
        // Everything else goes on, the database included: those who wait hold no connection.
        let guest = app.guest(&client).await;
        assert_eq!(guest.status, 200);
        assert_eq!(app.refresh(&client, &guest.refresh_token()).await.status, 200);
        assert!(app.is_active(&client, &guest.access_token()).await);
        // Once the client's use is noted, which happens beside the requests.
        while app.state.database.pool_use().iter().any(|pool| pool.in_use > 0) {
            actix_web::rt::task::yield_now().await;
        }
        drop(turns);
        drop(flood);
        assert_eq!(shopper.await.status, 200);
        assert_eq!(passwords.queue_depth(), 0);
        assert_eq!(sign_in("127.0.0.1").await.status, 200);
        let unused = form_request("/oauth/token", "");
        assert_eq!(app.send(unused).await.status, 401);
    })
    .await;
}

/// Drives a sign-in until it waits for its turn.
async fn begins_to_wait<F: Future>(
    sign_in: &mut std::pin::Pin<&mut F>,
    passwords: &shared::password::Passwords,
    depth: usize,
) {
    poll_fn(|context| {
        assert!(sign_in.as_mut().poll(context).is_pending());
        if passwords.queue_depth() == depth {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
