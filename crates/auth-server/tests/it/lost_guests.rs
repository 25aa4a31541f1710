//! `guest_lost_total`: baskets that nobody comes back to.

use auth_server::{grants::clients as administration, jobs::Housekeeping};
use shared::db::{DbError, statement::Statement};

use crate::support::{Credentials, MOBILE, TestApp, on_every_database};

/// A guest with this id, and what it left in the shop; answers the refresh token.
async fn guest_with(
    app: &TestApp,
    client: &Credentials,
    id: &str,
    kind: &str,
    state: &str,
) -> String {
    let form = format!("grant_type=client_credentials&anonymous_id={id}");
    let guest = app.post(client, "/oauth/shop/anonymous/token", &form).await;
    app.execute(
        Statement::new(
            "INSERT INTO documents (project_key, kind, id, version, anonymous_id, state, created_at, last_modified_at, \
             modification_sequence, body) SELECT 'shop', ",
        )
        .text(kind)
        .sql(", ")
        .text(format!("{kind}-of-{id}"))
        .sql(", 1, ")
        .text(id)
        .sql(", ")
        .text(state)
        .sql(", 1, 1, 1, '{}'"),
    )
    .await;
    guest.refresh_token()
}

/// What the metric says of each cause.
fn lost(app: &TestApp) -> Vec<(&'static str, u64)> {
    let causes = ["expired", "reuse", "evicted", "revoked", "client_deleted"];
    let counted = causes.map(|cause| {
        let counter = app.state.metrics.guests_lost.with_label_values(&[cause]);
        (cause, counter.get())
    });
    counted
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect()
}

async fn refused(app: &TestApp, client: &Credentials, token: &str) {
    assert_eq!(app.refresh(client, token).await.error(), "invalid_grant");
}

#[actix_web::test]
async fn a_guest_with_a_basket_who_was_away_for_too_long_is_lost() {
    on_every_database(async |app| {
        let draft =
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":1000}}"#);
        let (client, _) = app.client_with(&draft).await;
        let cart = guest_with(&app, &client, "anna", "cart", "Active").await;
        let order = guest_with(&app, &client, "bert", "order", "Open").await;
        app.clock.advance_seconds(1_000);
        refused(&app, &client, &cart).await;
        app.housekeep().await;
        refused(&app, &client, &order).await;
        assert_eq!(lost(&app), [("expired", 2)]);
    })
    .await;
}

#[actix_web::test]
async fn every_other_way_to_lose_a_basket_has_its_cause() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let stolen = guest_with(&app, &client, "anna", "cart", "Active").await;
        let next = app.refresh(&client, &stolen).await.refresh_token();
        app.refresh(&client, &next).await.refresh_token();
        refused(&app, &client, &stolen).await;
        assert_eq!(lost(&app), [("reuse", 1)]);

        let revoked = guest_with(&app, &client, "bert", "cart", "Active").await;
        let form = format!("token={revoked}");
        app.post(&client, "/oauth/token/revoke", &form).await;
        refused(&app, &client, &revoked).await;
        assert_eq!(lost(&app), [("reuse", 1), ("revoked", 1)]);

        let evicted = guest_with(&app, &client, "carl", "cart", "Active").await;
        app.clock.advance_seconds(3_601);
        guest_with(&app, &client, "dora", "cart", "Active").await;
        let housekeeping = Housekeeping {
            most_refresh_tokens: Some(1),
            ..Housekeeping::default()
        };
        app.housekeep_with(housekeeping).await;
        refused(&app, &client, &evicted).await;
        assert_eq!(lost(&app), [("reuse", 1), ("evicted", 1), ("revoked", 1)]);
    })
    .await;
}

#[actix_web::test]
async fn a_client_that_goes_takes_its_guests_along() {
    on_every_database(async |app| {
        let (client, made) = app
            .client_with(&format!(r#"{{"name":"n","scope":"{MOBILE}"}}"#))
            .await;
        let token = guest_with(&app, &client, "anna", "cart", "Active").await;
        let mint = app.state.mint.clone();
        let deleted = app.state.database.write::<_, DbError, _>(move |tx| {
            administration::delete(tx, &mint, &made.project, &made.id)
        });
        deleted.await.expect("deleted");
        // The client may be believed for another second.
        refused(&app, &client, &token).await;
        assert_eq!(lost(&app), [("client_deleted", 1)]);
    })
    .await;
}

#[actix_web::test]
async fn nobody_is_lost_who_left_nothing_or_became_a_customer_or_was_never_here() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let empty = app.guest(&client).await.refresh_token();
        let merged = guest_with(&app, &client, "anna", "cart", "Merged").await;
        for token in [&empty, &merged] {
            let form = format!("token={token}");
            app.post(&client, "/oauth/token/revoke", &form).await;
            refused(&app, &client, token).await;
        }
        let signed_in = guest_with(&app, &client, "bert", "cart", "Active").await;
        app.execute(Statement::new(
            "UPDATE sessions SET state = 'ended', state_reason = 'login:c1' WHERE anonymous_id = 'bert'",
        ))
        .await;
        refused(&app, &client, &signed_in).await;
        refused(&app, &client, "shop:unknown").await;
        // Somebody else's token: its guest has it still.
        let other = app.client(MOBILE).await;
        let theirs = guest_with(&app, &other, "carl", "cart", "Active").await;
        refused(&app, &client, &theirs).await;
        assert_eq!(lost(&app), []);
        assert_eq!(app.refresh(&other, &theirs).await.status, 200);
    })
    .await;
}
