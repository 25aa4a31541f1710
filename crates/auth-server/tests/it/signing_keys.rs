//! Signing keys while requests come in.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use actix_web::test::TestRequest;
use shared::token::{
    key_life::KeyChange,
    keys::{KeyError, SigningAlgorithm},
};

use crate::support::{Credentials, TestApp, on_every_database, with_two_instances};

const DAY: i64 = 86_400;
const ADMIN: &str = "manage_api_clients:shop view_products:shop";

async fn rotate_now(app: &TestApp, algorithm: SigningAlgorithm) {
    let (keeper, now) = (app.state.signing.keeper().clone(), app.state.mint.now());
    let changed: Result<Vec<KeyChange>, KeyError> = app
        .state
        .database
        .write(move |tx| keeper.rotate_now(tx, algorithm, now))
        .await;
    changed.expect("rotated");
    // Instances look again after five seconds.
    app.clock.advance_seconds(5);
}

async fn published(app: &TestApp) -> Vec<String> {
    let answer = app
        .send(TestRequest::get().uri("/.well-known/jwks.json"))
        .await;
    let json = answer.json();
    let keys = json["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("an id").to_owned())
        .collect()
}

fn kid(token: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = URL_SAFE_NO_PAD
        .decode(token.split('.').next().expect("a header"))
        .expect("base64url");
    let header: serde_json::Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("an id").to_owned()
}

/// Gets tokens at one instance and shows old and new ones at the other, until told to stop.
async fn load(
    issuer: TestApp,
    verifier: TestApp,
    client: Credentials,
    stop: Arc<AtomicBool>,
    shown: Arc<AtomicUsize>,
) {
    let first = issuer.client_token(&client, ADMIN).await.access_token();
    while !stop.load(Ordering::SeqCst) {
        let token = issuer.client_token(&client, ADMIN).await.access_token();
        for token in [&first, &token] {
            let list = TestRequest::get()
                .uri("/shop/api-clients")
                .insert_header(("authorization", format!("Bearer {token}")));
            let answer = verifier.send(list).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            shown.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[actix_web::test]
async fn a_rotation_under_load_costs_nobody_a_token() {
    with_two_instances(async |one, two| {
        let client = one.client(ADMIN).await;
        let stop = Arc::new(AtomicBool::new(false));
        let shown = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let (issuer, verifier) = if n % 2 == 0 {
                    (&one, &two)
                } else {
                    (&two, &one)
                };
                actix_web::rt::spawn(load(
                    issuer.clone(),
                    verifier.clone(),
                    client.clone(),
                    Arc::clone(&stop),
                    Arc::clone(&shown),
                ))
            })
            .collect();
        for algorithm in [SigningAlgorithm::EdDsa, SigningAlgorithm::Es256] {
            let before = shown.load(Ordering::SeqCst);
            while shown.load(Ordering::SeqCst) < before + 50 {
                tokio::task::yield_now().await;
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            rotate_now(&one, algorithm).await;
        }
        let before = shown.load(Ordering::SeqCst);
        while shown.load(Ordering::SeqCst) < before + 50 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        stop.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.expect("no request was refused");
        }
        assert_eq!(published(&one).await.len(), 3);
    })
    .await;
}

#[actix_web::test]
async fn keys_follow_each_other_by_themselves_and_the_next_one_is_published_a_day_before() {
    on_every_database(async |app| {
        let client = app.client(ADMIN).await;
        let token = app.client_token(&client, ADMIN).await.access_token();
        let first = published(&app).await;
        assert_eq!(first, [kid(&token)]);
        app.clock.advance_seconds(89 * DAY);
        app.housekeep().await;
        let both = published(&app).await;
        assert_eq!((both.len(), &both[0]), (2, &first[0]));
        let token = app.client_token(&client, ADMIN).await.access_token();
        assert_eq!(kid(&token), first[0]);
        app.clock.advance_seconds(DAY);
        app.housekeep().await;
        let token = app.client_token(&client, ADMIN).await.access_token();
        assert_eq!(kid(&token), both[1]);
        assert_eq!(published(&app).await, both);
        app.clock.advance_seconds(8 * DAY);
        app.housekeep().await;
        assert_eq!(published(&app).await, [both[1].clone()]);
        let changes = "audit_events WHERE event = 'key_changed' AND detail LIKE '%retired%'";
        assert_eq!(app.count(changes).await, 1);
    })
    .await;
}
