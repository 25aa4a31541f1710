//! Guests.

use serde_json::json;
use shared::db::statement::Statement;

use crate::support::{GUEST, MOBILE, on_every_database, with_two_instances};

const PATH: &str = "/oauth/shop/anonymous/token";

#[actix_web::test]
async fn a_guest_gets_a_session_with_a_generated_id() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let answer = app.guest(&client).await;
        let (access, refresh, scope) = (
            answer.access_token(),
            answer.refresh_token(),
            answer.member("scope"),
        );
        assert_eq!(
            answer.json(),
            json!({
                "access_token": access, "token_type": "Bearer", "expires_in": 172_800,
                "refresh_token": refresh, "scope": scope
            })
        );
        let id = scope
            .strip_prefix(&format!("{GUEST} anonymous_id:"))
            .expect(&scope);
        assert_eq!(id.len(), 36);
        let random = refresh.strip_prefix("shop:").expect(&refresh);
        assert_eq!(random.len(), 43);
        let verified = app.state.verifier.verify(&access).await.expect("a token");
        let session = verified.claims.sid.clone().expect("a session");
        assert_eq!(verified.claims.sub, format!("anonymous:{session}"));
        assert_ne!(app.guest(&client).await.member("scope"), scope);
    })
    .await;
}

#[actix_web::test]
async fn a_guest_may_bring_an_id_and_scopes_and_do_without_a_refresh_token() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let form = "grant_type=client_credentials&scope=manage_my_orders:shop create_anonymous_token:shop&anonymous_id=a:b!&refresh_token=false";
        let answer = app.post(&client, PATH, form).await;
        assert_eq!(
            answer.member("scope"),
            "manage_my_orders:shop create_anonymous_token:shop anonymous_id:a:b!"
        );
        assert_eq!(answer.json().get("refresh_token"), None);
    })
    .await;
}

#[actix_web::test]
async fn an_id_is_never_handed_out_twice_whatever_became_of_the_session() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let form = "grant_type=client_credentials&anonymous_id=once";
        let first = app.post(&client, PATH, form).await;
        let revoke = format!("token={}", first.refresh_token());
        assert_eq!(
            app.post(&client, "/oauth/token/revoke", &revoke)
                .await
                .status,
            200
        );
        app.clock.advance_seconds(400 * 86_400);
        let again = app.post(&client, PATH, form).await;
        assert_eq!(
            again.json()["message"],
            "The anonymousId is already in use."
        );
    })
    .await;
}

#[actix_web::test]
async fn an_id_that_a_backend_wrote_on_a_resource_or_that_was_generated_is_taken() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.execute(
            Statement::new("INSERT INTO anonymous_ids (project_key, anonymous_id, origin) SELECT ")
                .text("shop")
                .sql(", ")
                .text("from-backend")
                .sql(", 'resource'"),
        )
        .await;
        let generated = app.guest(&client).await.member("scope");
        let generated = generated.rsplit("anonymous_id:").next().expect("an id");
        for id in ["from-backend", generated] {
            let form = format!("grant_type=client_credentials&anonymous_id={id}");
            let answer = app.post(&client, PATH, &form).await;
            assert_eq!(
                answer.json()["message"],
                "The anonymousId is already in use.",
                "{id}"
            );
        }
        let (other, _) = app
            .client_of(
                "other",
                r#"{"name":"n","scope":"create_anonymous_token:other view_products:other"}"#,
            )
            .await;
        let form = "grant_type=client_credentials&anonymous_id=from-backend";
        let elsewhere = app.post(&other, "/oauth/other/anonymous/token", form).await;
        assert_eq!(elsewhere.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn an_id_under_which_guests_of_other_dialects_are_shown_is_refused() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        for (id, status) in [
            ("gl~AAAAAAAAAAAAAAAAAAAAAA", 400),
            ("sc~x", 400),
            ("gl~", 400),
            ("gl-x", 200),
            ("x-sc~", 200),
        ] {
            let form = format!("grant_type=client_credentials&anonymous_id={id}");
            let answer = app.post(&client, PATH, &form).await;
            assert_eq!(answer.status, status, "{id}: {answer:?}");
            if status == 400 {
                assert_eq!(
                    answer.json()["message"],
                    "Malformed parameter: anonymous_id: Invalid anonymous id."
                );
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn of_parallel_requests_for_one_id_exactly_one_gets_the_session() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let requests: Vec<_> = (0..16)
            .map(|n| {
                let app = if n % 2 == 0 { one.clone() } else { two.clone() };
                let client = client.clone();
                actix_web::rt::spawn(async move {
                    let form = "grant_type=client_credentials&anonymous_id=contested";
                    app.post(&client, PATH, form).await.status
                })
            })
            .collect();
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.await.expect("an answer"));
        }
        statuses.sort_unstable();
        let mut expected = vec![200];
        expected.extend([400; 15]);
        assert_eq!(statuses, expected);
    })
    .await;
}

#[actix_web::test]
async fn a_guest_of_a_store_owns_things_of_that_store_only() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let path = "/oauth/shop/in-store/key=berlin/anonymous/token";
        let answer = app
            .post(&client, path, "grant_type=client_credentials")
            .await;
        let scope = answer.member("scope");
        assert!(
            scope.starts_with("view_products:shop manage_my_orders:shop:berlin anonymous_id:"),
            "{scope}"
        );
        let verified = app
            .state
            .verifier
            .verify(&answer.access_token())
            .await
            .expect("a token");
        assert_eq!(verified.claims.store.as_deref(), Some("berlin"));
        let form = format!(
            "grant_type=refresh_token&refresh_token={}",
            answer.refresh_token()
        );
        let refreshed = app.post(&client, path, &form).await;
        assert_eq!(refreshed.member("scope"), scope);
    })
    .await;
}

#[actix_web::test]
async fn a_project_administrator_may_start_sessions_without_the_scope_for_it() {
    on_every_database(async |app| {
        let client = app.client("manage_project:shop").await;
        let answer = app.guest(&client).await;
        assert!(
            answer
                .member("scope")
                .starts_with("manage_project:shop anonymous_id:")
        );
    })
    .await;
}
