//! Asking for the same guest again.

use std::{collections::HashSet, sync::Barrier, thread};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use auth_server::{
    app_state::AppState,
    grants::{
        GrantError,
        anonymous_session::{self, AnonymousRequest},
        guest_once::{GuestTokens, Once},
    },
    model::{
        client::Client,
        idempotency::{AskedFor, IdempotencyKey},
    },
};
use domain::identity::scope::{DeviceScopes, Narrowing};
use shared::db::DbError;

use crate::support::{
    Answer, Credentials, MOBILE, TestApp, form_request, on_every_database, with_two_instances,
};

const KEY: &str = "1f0e2d3c-guest-of-today";
const PATH: &str = "/oauth/shop/anonymous/token";
const FORM: &str = "grant_type=client_credentials";

async fn ask_at(app: &TestApp, client: &Credentials, path: &str, form: &str, key: &str) -> Answer {
    app.send(
        form_request(path, form)
            .insert_header(("authorization", client.basic()))
            .insert_header(("idempotency-key", key)),
    )
    .await
}

async fn ask(app: &TestApp, client: &Credentials, form: &str, key: &str) -> Answer {
    ask_at(app, client, PATH, form, key).await
}

#[track_caller]
fn assert_new(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("idempotent-replayed"), None);
}

#[track_caller]
fn assert_replays(answer: &Answer, first: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("idempotent-replayed"), Some("true"));
    let (again, first) = (answer.json(), first.json());
    for member in ["refresh_token", "scope", "expires_in", "token_type"] {
        assert_eq!(again[member], first[member], "{member}");
    }
    assert_ne!(again["access_token"], first["access_token"]);
}

#[track_caller]
fn assert_refused(answer: &Answer, message: &str) {
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (400, "invalid_request")
    );
    assert_eq!(answer.json()["message"], message);
}

const TAKEN: &str = "The Idempotency-Key header was used before with other parameters.";
const SPENT: &str = "The session of this Idempotency-Key header was refreshed or is over. Use a new key for a new session.";

#[actix_web::test]
async fn a_repeat_gets_the_same_session_at_any_instance() {
    with_two_instances(async |one, two| {
        for format in ["jwt", "opaque"] {
            let draft =
                format!(r#"{{"name":"n","scope":"{MOBILE}","accessTokenFormat":"{format}"}}"#);
            let (client, _) = one.client_with(&draft).await;
            for form in [
                FORM.to_owned(),
                format!("{FORM}&anonymous_id={format}&scope=view_products:shop"),
                format!("{FORM}&refresh_token=false"),
            ] {
                let key = format!("{KEY}-{}", form.len());
                let first = ask(&one, &client, &form, &key).await;
                assert_new(&first);
                let again = ask(&two, &client, &form, &key).await;
                assert_replays(&again, &first);
                one.clock.advance_seconds(1);
                let later = ask(&one, &client, &form, &key).await;
                assert_replays(&later, &first);
                for answer in [&first, &again, &later] {
                    assert!(two.is_active(&client, &answer.access_token()).await);
                }
            }
        }
        assert_eq!(one.count("sessions").await, 6);
        assert_eq!(one.count("refresh_tokens").await, 4);
    })
    .await;
}

#[actix_web::test]
async fn a_key_is_good_for_ten_minutes_and_then_for_another_guest() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = ask(&app, &client, FORM, KEY).await;
        app.clock.advance_seconds(599);
        assert_replays(&ask(&app, &client, FORM, KEY).await, &first);
        app.clock.advance_seconds(1);
        let other = ask(&app, &client, FORM, KEY).await;
        assert_new(&other);
        assert_ne!(other.refresh_token(), first.refresh_token());
        assert_replays(&ask(&app, &client, FORM, KEY).await, &other);
        app.clock.advance_seconds(600 + 61);
        app.housekeep().await;
        assert_eq!(app.count("idempotency_keys").await, 0);
        assert_eq!(app.count("sessions WHERE state = 'active'").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn a_key_with_another_request_is_refused_and_changes_nothing() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = ask(&app, &client, FORM, KEY).await;
        for form in [
            "grant_type=client_credentials&scope=view_products:shop",
            "grant_type=client_credentials&anonymous_id=mine",
            "grant_type=client_credentials&refresh_token=false",
        ] {
            assert_refused(&ask(&app, &client, form, KEY).await, TAKEN);
        }
        let path = "/oauth/shop/in-store/key=berlin/anonymous/token";
        assert_refused(&ask_at(&app, &client, path, FORM, KEY).await, TAKEN);
        assert_replays(&ask(&app, &client, FORM, KEY).await, &first);
        assert_eq!(app.count("sessions").await, 1);
        assert_eq!(app.count("anonymous_ids").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_key_means_nothing_to_another_client() {
    on_every_database(async |app| {
        let (mine, theirs) = (app.client(MOBILE).await, app.client(MOBILE).await);
        let first = ask(&app, &mine, FORM, KEY).await;
        let other = ask(&app, &theirs, FORM, KEY).await;
        assert_new(&other);
        assert_ne!(other.refresh_token(), first.refresh_token());
        let stranger = Credentials {
            secret: "wrong".to_owned(),
            ..mine
        };
        let refused = ask(&app, &stranger, FORM, KEY).await;
        assert_eq!(refused.error(), "invalid_client");
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_moved_on_is_not_handed_out_again_and_not_harmed() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = ask(&app, &client, FORM, KEY).await;
        let second = app.refresh(&client, &first.refresh_token()).await;
        assert_refused(&ask(&app, &client, FORM, KEY).await, SPENT);
        let third = app.refresh(&client, &second.refresh_token()).await;
        assert_eq!(third.status, 200);

        let revoked = ask(&app, &client, FORM, "another-key-for-this").await;
        let form = format!("token={}", revoked.refresh_token());
        app.post(&client, "/oauth/token/revoke", &form).await;
        let refused = ask(&app, &client, FORM, "another-key-for-this").await;
        assert_refused(&refused, SPENT);

        let draft = format!(
            r#"{{"name":"n","scope":"{MOBILE}","refreshTokenMode":"reusable","refreshTokenValiditySeconds":30}}"#
        );
        let (reusing, _) = app.client_with(&draft).await;
        let first = ask(&app, &reusing, FORM, KEY).await;
        assert_eq!(app.refresh(&reusing, &first.refresh_token()).await.status, 200);
        assert_replays(&ask(&app, &reusing, FORM, KEY).await, &first);
        app.clock.advance_seconds(30);
        assert_refused(&ask(&app, &reusing, FORM, KEY).await, SPENT);
    })
    .await;
}

#[actix_web::test]
async fn a_refusal_is_not_remembered() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let form = "grant_type=client_credentials&anonymous_id=mine";
        assert_eq!(app.post(&client, PATH, form).await.status, 200);
        let refused = ask(&app, &client, form, KEY).await;
        assert_refused(&refused, "The anonymousId is already in use.");
        let refused = ask(
            &app,
            &client,
            "grant_type=client_credentials&scope=dance:shop",
            KEY,
        )
        .await;
        assert_eq!(refused.error(), "invalid_scope");
        assert_eq!(app.count("idempotency_keys").await, 0);
        assert_new(&ask(&app, &client, FORM, KEY).await);
    })
    .await;
}

#[actix_web::test]
async fn a_malformed_key_is_refused_with_its_limits_and_other_grants_ignore_it() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let message = "Malformed header: Idempotency-Key: must be one value of 16 to 128 visible ASCII characters.";
        for key in ["", "fifteen-letters", &"x".repeat(129), "with a space in it"] {
            assert_refused(&ask(&app, &client, FORM, key).await, message);
        }
        let twice = form_request(PATH, FORM)
            .insert_header(("authorization", client.basic()))
            .append_header(("idempotency-key", KEY))
            .append_header(("idempotency-key", KEY));
        assert_refused(&app.send(twice).await, message);
        assert_eq!(app.count("sessions").await, 0);
        let guest = app.guest(&client).await;
        let refresh = format!("grant_type=refresh_token&refresh_token={}", guest.refresh_token());
        assert_new(&ask(&app, &client, &refresh, "short").await);
        assert_new(&ask_at(&app, &client, "/oauth/token", FORM, "short").await);
    })
    .await;
}

#[actix_web::test]
async fn who_has_the_database_has_neither_the_key_nor_the_token() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = ask(&app, &client, FORM, KEY).await;
        let token = first.refresh_token();
        let secret = token.rsplit(':').next().expect("a secret").to_owned();
        let stored = app
            .state
            .database
            .read::<_, DbError, _>(|tx| {
                use diesel::{RunQueryDsl as _, sql_types::Text};
                let rows: Vec<(String, String)> = shared::db::statement::Statement::new(
                    "SELECT hash, response FROM idempotency_keys",
                )
                .rows::<(Text, Text)>()
                .load(tx.connection())?;
                Ok(rows)
            })
            .await
            .expect("rows");
        let [(hash, response)] = stored.as_slice() else {
            panic!("one row: {stored:?}");
        };
        let row = format!("{hash} {response}");
        assert!(!row.contains(KEY) && !row.contains(&secret));
        assert_ne!(*hash, shared::random::fingerprint(KEY));
    })
    .await;
}

#[actix_web::test]
async fn browsers_may_send_the_key_and_see_whether_it_was_known() {
    on_every_database(async |app| {
        let preflight = TestRequest::default()
            .method(Method::OPTIONS)
            .uri(PATH)
            .insert_header(("origin", "https://shop.example"))
            .insert_header(("access-control-request-method", "POST"))
            .insert_header((
                "access-control-request-headers",
                "authorization,idempotency-key",
            ));
        let answer = app.send(preflight).await;
        assert_eq!(answer.status, 200);
        let allowed = answer
            .header("access-control-allow-headers")
            .unwrap_or_default();
        assert!(
            allowed.to_ascii_lowercase().contains("idempotency-key"),
            "{allowed}"
        );
        let client = app.client(MOBILE).await;
        let guest = form_request(PATH, FORM)
            .insert_header(("authorization", client.basic()))
            .insert_header(("origin", "https://shop.example"));
        let guest = app.send(guest).await;
        let exposed = guest
            .header("access-control-expose-headers")
            .unwrap_or_default();
        assert!(exposed.contains("idempotent-replayed"), "{exposed}");
    })
    .await;
}

/// As the endpoint does.
fn start(state: &AppState, client: &Client, key: &str) -> Result<GuestTokens, GrantError> {
    let wanted = AnonymousRequest {
        scope: None,
        anonymous_id: None,
        store: None,
        with_refresh_token: true,
        narrowing: Narrowing::Implied,
        key_thumbprint: None,
        devices: DeviceScopes::Any,
    };
    let asked_for = AskedFor {
        store: None,
        anonymous_id: None,
        scope: None,
        with_refresh_token: true,
        key_thumbprint: None,
    };
    let key = IdempotencyKey::parse(key.as_bytes()).expect("a key");
    let once = Once {
        key: key.of_client(client, &state.pepper)?,
        asked_for: asked_for.fingerprint().expect("text"),
    };
    let guest = anonymous_session::prepare(&state.mint, client, &wanted)?;
    state
        .database
        .write_blocking(|tx| once.store(tx, &state.mint, client, guest))
}

#[actix_web::test]
async fn parallel_repeats_at_two_instances_start_one_session() {
    with_two_instances(async |one, two| {
        let (_, client) = one
            .client_with(&format!(r#"{{"name":"n","scope":"{MOBILE}"}}"#))
            .await;
        for round in 0..30 {
            let key = format!("{KEY}-{round}");
            let barrier = Barrier::new(6);
            let tokens: Vec<GuestTokens> = thread::scope(|scope| {
                let ask = |app: &TestApp| {
                    let state = app.state.clone();
                    let (client, key, barrier) = (&client, &key, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        start(&state, client, key)
                    })
                };
                let asked = [&one, &two, &one, &two, &one, &two].map(ask);
                asked
                    .map(|thread| thread.join().expect("a thread").expect("tokens"))
                    .into_iter()
                    .collect()
            });
            let new = tokens.iter().filter(|tokens| !tokens.is_replayed).count();
            let refresh_tokens: HashSet<_> =
                tokens.iter().map(|tokens| &tokens.refresh_token).collect();
            assert_eq!((new, refresh_tokens.len()), (1, 1));
        }
        assert_eq!(one.count("sessions").await, 30);
        assert_eq!(one.count("refresh_tokens").await, 30);
    })
    .await;
}
