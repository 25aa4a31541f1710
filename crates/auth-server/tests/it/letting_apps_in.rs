//! Who may let an app in, and for how long: a session that nobody signed in to lets nobody in, and no app stays longer than
//! who let it in.

use std::net::SocketAddr;

use actix_web::test::TestRequest;
use auth_server::{app_state::Behaviour, limits::LimitSettings};
use serde_json::json;

use crate::{
    authorization_code::{APP, CALLBACK, Scene, assert_not_found, parameter, sign_in, target},
    support::{Answer, MOBILE, START, TestApp, on_every_database, on_every_database_with},
};

const DAY: i64 = 86_400;

/// A scene whose app has a secret.
async fn with_secret(server: TestApp) -> Scene {
    let mut scene = Scene::new(server).await;
    let draft = json!({ "name": "web", "scope": APP, "redirectUris": [CALLBACK] });
    scene.app = scene.server.client_with(&draft.to_string()).await.0;
    scene
}

#[track_caller]
fn assert_denied(answer: &Answer) {
    let to = target(answer);
    assert_eq!(parameter(&to, "error").as_deref(), Some("access_denied"));
    let text = parameter(&to, "error_description");
    assert_eq!(
        text.as_deref(),
        Some("Only a customer who is signed in can authorize a client.")
    );
    assert_eq!(parameter(&to, "state").as_deref(), Some("s t&/"));
    assert_eq!(parameter(&to, "code"), None);
}

#[actix_web::test]
async fn an_app_that_keeps_no_secret_lets_no_app_in_not_even_itself() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let code = scene.code().await;
        scene.token = scene.exchange(&code, &[]).await.access_token();
        assert_denied(&scene.authorize(&[]).await);
        assert_eq!(scene.server.count("authorization_codes").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn an_app_with_a_secret_that_was_let_in_lets_nobody_in_even_when_its_code_is_forgotten() {
    on_every_database(async |server| {
        let mut scene = with_secret(server).await;
        let code = scene.code().await;
        scene.token = scene.exchange_with_secret(&code).await.access_token();
        assert_denied(&scene.authorize(&[]).await);
        scene.server.clock.advance_seconds(DAY + 61);
        scene.server.housekeep().await;
        assert_eq!(scene.server.count("authorization_codes").await, 0);
        assert_denied(&scene.authorize(&[]).await);
        // A dead token is nobody's word, not even for a refusal.
        scene.server.delete_client(&scene.app).await;
        scene.app = Scene::app(&scene.server).await;
        assert_eq!(scene.authorize(&[]).await.status, 401);
    })
    .await;
}

fn two_days() -> Behaviour {
    Behaviour {
        longest_session_seconds: Some(2 * DAY),
        ..Behaviour::default()
    }
}

#[actix_web::test]
async fn an_app_stays_no_longer_than_the_session_that_let_it_in() {
    on_every_database_with(two_days(), async |server| {
        let mut scene = with_secret(server).await;
        let draft = json!({ "name": "s", "scope": MOBILE, "accessTokenValiditySeconds": 7 * DAY });
        let storefront = scene.server.client_with(&draft.to_string()).await.0;
        scene.token = sign_in(&scene.server, &storefront).await.access_token();
        scene.server.clock.advance_seconds(DAY);
        let code = scene.code().await;
        let refresh_token = scene.exchange_with_secret(&code).await.refresh_token();
        let form = format!("token={refresh_token}");
        let about = scene
            .server
            .post(&scene.app, "/oauth/introspect", &form)
            .await;
        assert_eq!(about.json()["exp"], START.seconds() + 2 * DAY);
        scene.server.clock.advance_seconds(DAY);
        let late = scene.server.refresh(&scene.app, &refresh_token).await;
        assert_eq!(late.error(), "invalid_grant");
        // The customer's access token lives on; what it allows does not.
        let code = scene.code().await;
        assert_not_found(&scene.exchange_with_secret(&code).await);
    })
    .await;
}

#[actix_web::test]
async fn clients_are_not_guessed_at_the_authorization_endpoint_either() {
    let limited = Behaviour {
        limits: LimitSettings {
            are_on: true,
            ..LimitSettings::off()
        },
        ..Behaviour::default()
    };
    on_every_database_with(limited, async |server| {
        let ask = async |host: &str| {
            let address: SocketAddr = format!("{host}:1234").parse().expect("an address");
            let uri = "/oauth/authorize?response_type=code&client_id=unknown";
            let answer = server.send(TestRequest::get().uri(uri).peer_addr(address));
            answer.await.status
        };
        for _ in 0..20 {
            assert_eq!(ask("198.51.100.1").await, 400);
        }
        assert_eq!(ask("198.51.100.1").await, 429);
        assert_eq!(ask("198.51.100.2").await, 400);
    })
    .await;
}
