//! Customers, by e-mail address and password.

use shared::{
    db::statement::Statement,
    password::{PasswordCost, Passwords},
};

use crate::support::{GUEST, MOBILE, on_every_database};

const GLOBAL: &str = "/oauth/shop/customers/token";

fn form(email: &str, password: &str) -> String {
    format!("grant_type=password&username={email}&password={password}")
}

#[actix_web::test]
async fn a_customer_gets_a_session_whatever_the_case_of_the_address() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "p%ss w\u{f6}rd")
            .await;
        let answer = app
            .post(
                &client,
                GLOBAL,
                &form("Anna@EXAMPLE.com", "p%25ss%20w%C3%B6rd"),
            )
            .await;
        assert_eq!(answer.member("scope"), format!("{GUEST} customer_id:c1"));
        let verified = app
            .state
            .verifier
            .verify(&answer.access_token())
            .await
            .expect("a token");
        assert_eq!(verified.claims.sub, "customer:c1");
        let refreshed = app.refresh(&client, &answer.refresh_token()).await;
        assert_eq!(refreshed.member("scope"), answer.member("scope"));
    })
    .await;
}

#[actix_web::test]
async fn addresses_are_compared_as_the_resource_api_compares_them() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "i\u{307}stanbul@example.com", "right")
            .await;
        for spelling in [
            "%C4%B0STANBUL@example.com",
            "%20i%CC%87stanbul@example.com%0A",
        ] {
            let answer = app.post(&client, GLOBAL, &form(spelling, "right")).await;
            assert_eq!(answer.member("scope"), format!("{GUEST} customer_id:c1"));
        }
        let other = form("istanbul@example.com", "right");
        assert_eq!(app.post(&client, GLOBAL, &other).await.status, 400);
    })
    .await;
}

#[actix_web::test]
async fn a_customer_of_a_store_signs_in_there_and_the_token_is_bound_to_it() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", Some("berlin"), "otto@example.com", "right")
            .await;
        let path = "/oauth/shop/in-store/key=berlin/customers/token";
        let answer = app
            .post(&client, path, &form("otto@example.com", "right"))
            .await;
        assert_eq!(answer.member("scope"), format!("{GUEST} customer_id:c1"));
        let verified = app
            .state
            .verifier
            .verify(&answer.access_token())
            .await
            .expect("a token");
        assert_eq!(verified.claims.store.as_deref(), Some("berlin"));
    })
    .await;
}

#[actix_web::test]
async fn a_customer_may_do_without_a_refresh_token_and_ask_for_less() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        let form = format!(
            "{}&refresh_token=false&scope=manage_my_orders:shop",
            form("anna@example.com", "right")
        );
        let answer = app.post(&client, GLOBAL, &form).await;
        assert_eq!(
            answer.member("scope"),
            "manage_my_orders:shop customer_id:c1"
        );
        assert_eq!(answer.json().get("refresh_token"), None);
        let query = format!("{GLOBAL}?{form}");
        let answer = app.post(&client, &query, "").await;
        assert_eq!(answer.header("deprecation"), Some("true"));
    })
    .await;
}

#[actix_web::test]
async fn a_hash_with_old_parameters_is_made_anew_at_the_next_sign_in() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "other").await;
        let old = Passwords::new(
            PasswordCost {
                memory_kib: 16,
                passes: 2,
            },
            app.state.mint.randomness.clone(),
        )
        .expect("a hasher");
        let hash = old.hash_blocking("right").expect("a hash");
        assert!(hash.contains("m=16,t=2"));
        app.execute(Statement::new("UPDATE customer_credentials SET password_hash = ").text(hash))
            .await;
        for _ in 0..2 {
            let answer = app
                .post(&client, GLOBAL, &form("anna@example.com", "right"))
                .await;
            assert_eq!(answer.status, 200);
        }
        // It is the new hash that is there now: the old one is gone.
        app.execute(
            Statement::new("DELETE FROM customer_credentials WHERE password_hash LIKE ")
                .text("%m=16,t=2%"),
        )
        .await;
        let answer = app
            .post(&client, GLOBAL, &form("anna@example.com", "right"))
            .await;
        assert_eq!(answer.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn the_legacy_password_grant_of_the_plain_token_endpoint_is_not_served() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        let answer = app
            .post(&client, "/oauth/token", &form("anna@example.com", "right"))
            .await;
        assert_eq!(answer.error(), "unsupported_grant_type");
    })
    .await;
}
