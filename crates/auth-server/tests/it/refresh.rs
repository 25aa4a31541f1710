//! Refreshing: no lost answer costs a guest the cart, and two holders of one token are found out.

use std::collections::BTreeSet;

use crate::support::{MOBILE, on_every_database, with_two_instances};

const NOT_FOUND: &str = "The refresh token was not found. It may have expired.";

#[actix_web::test]
async fn a_refresh_answers_like_the_start_with_a_new_pair_of_tokens() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        app.clock.advance_seconds(10);
        let refreshed = app.refresh(&client, &guest.refresh_token()).await;
        assert_eq!(refreshed.member("scope"), guest.member("scope"));
        assert_eq!(refreshed.json()["expires_in"], 172_800);
        assert_eq!(refreshed.json()["token_type"], "Bearer");
        assert_ne!(refreshed.refresh_token(), guest.refresh_token());
        assert_ne!(refreshed.access_token(), guest.access_token());
        assert!(app.is_active(&client, &guest.access_token()).await);
        assert!(app.is_active(&client, &refreshed.access_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn a_quick_retry_gets_the_same_successor_again() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let first = app.guest(&client).await.refresh_token();
        let second = app.refresh(&client, &first).await.refresh_token();
        for _ in 0..3 {
            app.clock.advance_seconds(99);
            assert_eq!(app.refresh(&client, &first).await.refresh_token(), second);
        }
        let third = app.refresh(&client, &second).await.refresh_token();
        assert_eq!(app.refresh(&client, &second).await.refresh_token(), third);
    })
    .await;
}

#[actix_web::test]
async fn after_the_grace_a_lost_answer_gets_another_successor_and_the_lost_one_is_poison() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let first = guest.refresh_token();
        let lost = app.refresh(&client, &first).await.refresh_token();
        app.clock.advance_seconds(300);
        let second = app.refresh(&client, &first).await.refresh_token();
        assert_ne!(second, lost);
        // The grace starts anew with the new successor.
        app.clock.advance_seconds(299);
        assert_eq!(app.refresh(&client, &first).await.refresh_token(), second);
        assert!(app.is_active(&client, &second).await);
        let theft = app.refresh(&client, &lost).await;
        assert_eq!(
            (theft.status, theft.json()["message"].as_str()),
            (400, Some(NOT_FOUND))
        );
        for token in [&first, &second] {
            assert_eq!(app.refresh(&client, token).await.status, 400);
        }
        assert!(!app.is_active(&client, &guest.access_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn a_client_that_repeats_its_first_token_for_ever_keeps_its_guest() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        for _ in 0..20 {
            app.clock.advance_seconds(172_800);
            let refreshed = app.refresh(&client, &guest.refresh_token()).await;
            assert_eq!(refreshed.member("scope"), guest.member("scope"));
        }
    })
    .await;
}

#[actix_web::test]
async fn a_spent_token_after_its_successor_was_used_revokes_the_family() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let second = app.refresh(&client, &guest.refresh_token()).await;
        let third = app.refresh(&client, &second.refresh_token()).await;
        let reuse = app.refresh(&client, &guest.refresh_token()).await;
        assert_eq!(
            (
                reuse.status,
                reuse.json()["message"].as_str(),
                reuse.error().as_str()
            ),
            (400, Some(NOT_FOUND), "invalid_grant")
        );
        for answer in [&guest, &second, &third] {
            assert_eq!(
                app.refresh(&client, &answer.refresh_token()).await.status,
                400
            );
            assert!(!app.is_active(&client, &answer.access_token()).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn parallel_refreshes_on_two_instances_all_get_one_successor() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let mut token = one.guest(&client).await.refresh_token();
        for round in 0..6 {
            if round % 2 == 1 {
                // Past the grace, so that the spent token is replaced rather than repeated.
                one.clock.advance_seconds(301);
            }
            let requests: Vec<_> = (0..12)
                .map(|n| {
                    let app = if n % 2 == 0 { one.clone() } else { two.clone() };
                    let (client, token) = (client.clone(), token.clone());
                    actix_web::rt::spawn(async move {
                        let answer = app.refresh(&client, &token).await;
                        (answer.refresh_token(), answer.access_token())
                    })
                })
                .collect();
            let (mut successors, mut access) = (BTreeSet::new(), BTreeSet::new());
            for request in requests {
                let (refresh_token, access_token) = request.await.expect("an answer");
                successors.insert(refresh_token);
                access.insert(access_token);
            }
            assert_eq!(successors.len(), 1, "round {round}");
            assert_eq!(access.len(), 12);
            if round % 2 == 1 {
                token = successors.pop_first().expect("a successor");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_token_of_another_client_is_not_found_and_stays_good() {
    on_every_database(async |app| {
        let (owner, other) = (app.client(MOBILE).await, app.client(MOBILE).await);
        let first = app.guest(&owner).await.refresh_token();
        assert_eq!(
            app.refresh(&other, &first).await.json()["message"],
            NOT_FOUND
        );
        let second = app.refresh(&owner, &first).await.refresh_token();
        assert_eq!(app.refresh(&other, &second).await.status, 400);
        assert_eq!(app.refresh(&other, &first).await.status, 400);
        assert_eq!(app.refresh(&owner, &first).await.refresh_token(), second);
    })
    .await;
}

#[actix_web::test]
async fn every_use_moves_the_idle_deadline() {
    on_every_database(async |app| {
        let draft =
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":1000}}"#);
        let (client, _) = app.client_with(&draft).await;
        let mut token = app.guest(&client).await.refresh_token();
        for _ in 0..3 {
            app.clock.advance_seconds(999);
            token = app.refresh(&client, &token).await.refresh_token();
        }
        let access = app.refresh(&client, &token).await.access_token();
        app.clock.advance_seconds(1_000);
        assert_eq!(
            app.refresh(&client, &token).await.json()["message"],
            NOT_FOUND
        );
        // The access token has its own time.
        assert!(app.is_active(&client, &access).await);
    })
    .await;
}

#[actix_web::test]
async fn a_reusable_token_comes_back_every_time() {
    on_every_database(async |app| {
        let draft = format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenMode":"reusable"}}"#);
        let (client, _) = app.client_with(&draft).await;
        let token = app.guest(&client).await.refresh_token();
        for _ in 0..3 {
            app.clock.advance_seconds(10_000);
            assert_eq!(app.refresh(&client, &token).await.refresh_token(), token);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_refresh_may_narrow_its_access_token_but_not_the_session() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let identity = guest
            .member("scope")
            .rsplit(' ')
            .next()
            .expect("an identity")
            .to_owned();
        let ask = async |token: &str, scope: &str| {
            let form = format!("grant_type=refresh_token&refresh_token={token}&scope={scope}");
            app.post(&client, "/oauth/token", &form).await
        };
        let narrow = ask(&guest.refresh_token(), "view_published_products:shop").await;
        assert_eq!(
            narrow.member("scope"),
            format!("view_published_products:shop {identity}")
        );
        let next = narrow.refresh_token();
        let wider = ask(&next, "manage_products:shop").await;
        assert_eq!(wider.json()["message"], "Permissions exceeded.");
        let foreign = ask(&next, "view_products:shop anonymous_id:other").await;
        assert_eq!(foreign.error(), "invalid_scope");
        let malformed = ask(&next, "view_products").await;
        assert_eq!(malformed.error(), "invalid_scope");
        // The refusals did not use the token up.
        assert_eq!(
            app.refresh(&client, &next).await.member("scope"),
            guest.member("scope")
        );
    })
    .await;
}

#[actix_web::test]
async fn a_guest_may_refresh_where_the_session_started() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        let form = format!(
            "grant_type=refresh_token&refresh_token={}",
            guest.refresh_token()
        );
        for path in ["/oauth/shop/anonymous/token", "/oauth/shop/customers/token"] {
            assert_eq!(
                app.post(&client, path, &form).await.member("scope"),
                guest.member("scope")
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn refreshed_tokens_of_an_opaque_client_are_opaque_and_active() {
    on_every_database(async |app| {
        let draft = format!(r#"{{"name":"n","scope":"{MOBILE}","accessTokenFormat":"opaque"}}"#);
        let (client, _) = app.client_with(&draft).await;
        let guest = app.guest(&client).await;
        assert_eq!(guest.access_token().len(), 43);
        let refreshed = app.refresh(&client, &guest.refresh_token()).await;
        assert_eq!(refreshed.access_token().len(), 43);
        assert!(app.is_active(&client, &refreshed.access_token()).await);
    })
    .await;
}
