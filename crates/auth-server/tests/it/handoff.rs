//! Handing a guest over: several devices in one session, and none of them loses the guest for the others.

use std::num::NonZeroU32;

use auth_server::{app_state::Behaviour, limits::LimitSettings};
use serde_json::json;
use shared::{db::statement::Statement, http::client_address::TrustedProxies};

use crate::support::{
    Answer, Credentials, GUEST, MOBILE, TestApp, on_every_database, on_every_database_with,
    with_two_instances,
};

const HANDOFF: &str = "/oauth/shop/anonymous/handoff";
const ANONYMOUS: &str = "/oauth/shop/anonymous/token";
const GRANT: &str = "grant_type=urn:guestcart:params:oauth:grant-type:handoff";
const NO_CODE: &str = "The handoff code was not found. It may have expired or been used.";
const NO_GUEST: &str = "The anonymous_token was not found. It may have expired.";

async fn hand_over(app: &TestApp, client: &Credentials, token: &str) -> Answer {
    app.post(client, HANDOFF, &format!("anonymous_token={token}"))
        .await
}

async fn code(app: &TestApp, client: &Credentials, token: &str) -> String {
    hand_over(app, client, token).await.member("handoff_code")
}

async fn redeem(app: &TestApp, client: &Credentials, code: &str) -> Answer {
    let form = format!("{GRANT}&handoff_code={code}");
    app.post(client, ANONYMOUS, &form).await
}

/// Another device of the guest who has `token`.
pub async fn device(app: &TestApp, client: &Credentials, token: &str) -> Answer {
    let code = code(app, client, token).await;
    redeem(app, client, &code).await
}

#[track_caller]
fn is_refused(answer: &Answer, message: &str) {
    let found = (
        answer.status,
        answer.error(),
        answer.json()["message"].clone(),
    );
    assert_eq!(found, (400, "invalid_grant".to_owned(), json!(message)));
}

async fn can_refresh(app: &TestApp, client: &Credentials, device: &Answer) -> bool {
    app.refresh(client, &device.refresh_token()).await.status == 200
}

async fn revoke(app: &TestApp, client: &Credentials, device: &Answer) {
    let form = format!("token={}", device.refresh_token());
    let answer = app.post(client, "/oauth/token/revoke", &form).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn a_code_gets_another_device_tokens_of_its_own_for_the_same_guest() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        // Either of the guest's tokens will do, and neither is used up.
        for token in [phone.access_token(), phone.refresh_token()] {
            let offered = hand_over(&app, &client, &token).await;
            assert_eq!(offered.json()["expires_in"], 60);
            assert_eq!(offered.header("cache-control"), Some("no-store"));
            let code = offered.member("handoff_code");
            assert_eq!(code.len(), 43, "256 bits");
            let desktop = redeem(&app, &client, &code).await;
            assert_eq!(desktop.member("scope"), phone.member("scope"));
            assert_eq!(desktop.json()["token_type"], "Bearer");
            assert_ne!(desktop.access_token(), phone.access_token());
            assert_ne!(desktop.refresh_token(), phone.refresh_token());
            for token in [desktop.access_token(), desktop.refresh_token()] {
                assert!(app.is_active(&client, &token).await);
            }
        }
        assert!(app.is_active(&client, &phone.access_token()).await);
        assert!(can_refresh(&app, &client, &phone).await);
        assert_eq!(app.count("sessions").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn devices_refresh_independently_and_never_look_like_theft_to_each_other() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let first = one.guest(&client).await;
        let second = device(&one, &client, &first.access_token()).await;
        let (mut phone, mut desktop) = (first.refresh_token(), second.refresh_token());
        for round in 0..8 {
            one.clock
                .advance_seconds(if round % 3 == 0 { 400 } else { 1 });
            let next = one.refresh(&client, &phone).await.refresh_token();
            if round % 2 == 0 {
                // A lost answer on one of them.
                two.refresh(&client, &desktop).await.refresh_token();
                assert_eq!(one.refresh(&client, &phone).await.refresh_token(), next);
            }
            desktop = two.refresh(&client, &desktop).await.refresh_token();
            phone = next;
        }
        let (phone, desktop) = (phone.as_str(), desktop.as_str());
        let requests: Vec<_> = (0..10)
            .map(|n| {
                let app = if n % 2 == 0 { one.clone() } else { two.clone() };
                let token = if n % 4 < 2 { phone } else { desktop }.to_owned();
                let client = client.clone();
                actix_web::rt::spawn(async move { app.refresh(&client, &token).await.status })
            })
            .collect();
        for request in requests {
            assert_eq!(request.await.expect("an answer"), 200);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_code_redeemed_on_two_instances_at_once_makes_one_device() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let phone = one.guest(&client).await;
        for _ in 0..5 {
            let code = code(&one, &client, &phone.access_token()).await;
            let requests: Vec<_> = (0..6)
                .map(|n| {
                    let app = if n % 2 == 0 { one.clone() } else { two.clone() };
                    let (client, code) = (client.clone(), code.clone());
                    actix_web::rt::spawn(async move { redeem(&app, &client, &code).await })
                })
                .collect();
            let mut answers = Vec::new();
            for request in requests {
                answers.push(request.await.expect("an answer"));
            }
            let (good, refused): (Vec<_>, Vec<_>) =
                answers.into_iter().partition(|answer| answer.status == 200);
            assert_eq!(good.len(), 1);
            for answer in &refused {
                is_refused(answer, NO_CODE);
            }
            // The code was in more hands than one: what came of it is closed, and the phone goes on.
            assert!(!two.is_active(&client, &good[0].access_token()).await);
            assert!(!can_refresh(&two, &client, &good[0]).await);
            assert!(one.is_active(&client, &phone.access_token()).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn nobody_joins_from_a_device_that_is_closed_at_the_same_moment() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let phone = one.guest(&client).await;
        for _ in 0..20 {
            let desktop = device(&one, &client, &phone.access_token()).await;
            let code = code(&one, &client, &desktop.access_token()).await;
            let joining = {
                let (app, client) = (one.clone(), client.clone());
                actix_web::rt::spawn(async move { redeem(&app, &client, &code).await })
            };
            let closing = {
                let (app, client) = (two.clone(), client.clone());
                actix_web::rt::spawn(async move { revoke(&app, &client, &desktop).await })
            };
            closing.await.expect("an answer");
            let joined = joining.await.expect("an answer");
            if joined.status == 200 {
                assert!(!one.is_active(&client, &joined.access_token()).await);
                assert!(!can_refresh(&two, &client, &joined).await);
            } else {
                is_refused(&joined, NO_CODE);
            }
            assert!(one.is_active(&client, &phone.access_token()).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_code_is_good_for_sixty_seconds_and_once() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let late = code(&app, &client, &phone.access_token()).await;
        let early = code(&app, &client, &phone.access_token()).await;
        app.clock.advance_seconds(59);
        let desktop = redeem(&app, &client, &early).await;
        assert_eq!(desktop.status, 200);
        app.clock.advance_seconds(1);
        is_refused(&redeem(&app, &client, &late).await, NO_CODE);
        is_refused(&redeem(&app, &client, "never-was").await, NO_CODE);
        let tablet = device(&app, &client, &desktop.access_token()).await;
        assert!(app.is_active(&client, &tablet.access_token()).await);
        // The second use closes the device of the first, and what that one handed on.
        is_refused(&redeem(&app, &client, &early).await, NO_CODE);
        for device in [&desktop, &tablet] {
            assert!(!app.is_active(&client, &device.access_token()).await);
            assert!(!app.is_active(&client, &device.refresh_token()).await);
            assert!(!can_refresh(&app, &client, device).await);
        }
        assert!(can_refresh(&app, &client, &phone).await);
        let reuse = "audit_events WHERE event = 'reuse_detected'";
        assert_eq!(app.count(reuse).await, 1);
        is_refused(&redeem(&app, &client, &early).await, NO_CODE);
        assert_eq!(app.count(reuse).await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_code_dies_with_its_session_and_with_the_device_that_made_it() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        for state in ["ended", "revoked", "evicted", "expired"] {
            let phone = app.guest(&client).await;
            let code = code(&app, &client, &phone.access_token()).await;
            app.execute(
                Statement::new("UPDATE sessions SET state = ")
                    .text(state)
                    .sql(" WHERE state = 'active'"),
            )
            .await;
            is_refused(&redeem(&app, &client, &code).await, NO_CODE);
            let offered = hand_over(&app, &client, &phone.access_token()).await;
            is_refused(&offered, NO_GUEST);
        }
        let phone = app.guest(&client).await;
        let desktop = device(&app, &client, &phone.access_token()).await;
        let offered = code(&app, &client, &desktop.access_token()).await;
        revoke(&app, &client, &desktop).await;
        is_refused(&redeem(&app, &client, &offered).await, NO_CODE);
        assert_eq!(
            app.count("session_families WHERE closed_at IS NULL").await,
            0
        );
    })
    .await;
}

#[actix_web::test]
async fn only_a_guest_s_own_client_can_offer_the_guest() {
    on_every_database(async |app| {
        let (client, other) = (app.client(MOBILE).await, app.client(MOBILE).await);
        app.customer("anna", None, "anna@example.com", "right")
            .await;
        let phone = app.guest(&client).await;
        let form = "grant_type=password&username=anna@example.com&password=right";
        let anna = app.post(&client, "/oauth/shop/customers/token", form).await;
        let own = app.client_token(&client, "view_products:shop").await;
        let replaced = phone.refresh_token();
        let next = app.refresh(&client, &replaced).await.refresh_token();
        app.refresh(&client, &next).await.refresh_token();
        for (client, token) in [
            (&other, phone.access_token()),
            (&other, phone.refresh_token()),
            (&client, anna.access_token()),
            (&client, anna.refresh_token()),
            (&client, own.access_token()),
            (&client, replaced.clone()),
            (&client, "shop:nonsense".to_owned()),
            (&client, "nonsense".to_owned()),
        ] {
            is_refused(&hand_over(&app, client, &token).await, NO_GUEST);
        }
        let missing = app.post(&client, HANDOFF, "").await;
        assert_eq!(
            missing.json()["message"],
            "Missing required parameter: anonymous_token."
        );
        // Showing a replaced token here is no use of it, and no theft.
        assert!(app.is_active(&client, &phone.access_token()).await);
        assert_eq!(app.count("handoff_codes").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_device_of_another_client_gets_what_both_clients_may_do() {
    on_every_database(async |app| {
        let phone_client = app.client(MOBILE).await;
        let scope = "create_anonymous_token:shop manage_my_orders:shop manage_my_profile:shop";
        let web_client = app.client(scope).await;
        let weak = app.client("manage_my_orders:shop").await;
        let foreign = "create_anonymous_token:other manage_my_orders:other";
        let draft = format!(r#"{{"name":"n","scope":"{foreign}"}}"#);
        let (foreign, _) = app.client_of("other", &draft).await;
        let phone = app.guest(&phone_client).await;
        let identity = phone.member("scope").replace(GUEST, "");
        let offered = code(&app, &phone_client, &phone.access_token()).await;

        let refused = redeem(&app, &weak, &offered).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (403, "insufficient_scope")
        );
        let form = format!("{GRANT}&handoff_code={offered}");
        let elsewhere = app
            .post(&foreign, "/oauth/other/anonymous/token", &form)
            .await;
        is_refused(&elsewhere, NO_CODE);
        let too_much = format!("{form}&scope=view_products:shop");
        let exceeded = app.post(&web_client, ANONYMOUS, &too_much).await;
        assert_eq!(exceeded.error(), "invalid_scope");

        // None of the refusals used the code up.
        let web = redeem(&app, &web_client, &offered).await;
        assert_eq!(
            web.member("scope"),
            format!("manage_my_orders:shop{identity}")
        );
        // Each device is its own client's.
        assert!(!can_refresh(&app, &phone_client, &web).await);
        assert!(!app.is_active(&phone_client, &web.access_token()).await);
        let refreshed = app.refresh(&web_client, &web.refresh_token()).await;
        assert_eq!(refreshed.member("scope"), web.member("scope"));
        assert!(app.is_active(&web_client, &refreshed.access_token()).await);
        is_refused(
            &hand_over(&app, &phone_client, &web.access_token()).await,
            NO_GUEST,
        );
    })
    .await;
}

#[actix_web::test]
async fn a_device_cannot_get_more_than_the_token_that_offered_the_guest() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let form = format!(
            "grant_type=refresh_token&refresh_token={}&scope=view_products:shop",
            phone.refresh_token()
        );
        let narrow = app.post(&client, "/oauth/token", &form).await;
        let desktop = device(&app, &client, &narrow.access_token()).await;
        assert_eq!(desktop.member("scope"), narrow.member("scope"));
        let refreshed = app.refresh(&client, &desktop.refresh_token()).await;
        assert_eq!(refreshed.member("scope"), narrow.member("scope"));
    })
    .await;
}

#[actix_web::test]
async fn theft_on_one_device_closes_it_and_what_came_of_it_and_leaves_the_guest_the_others() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let tablet = device(&app, &client, &phone.access_token()).await;
        let desktop = device(&app, &client, &phone.access_token()).await;
        let thief = device(&app, &client, &desktop.access_token()).await;
        let next = app.refresh(&client, &desktop.refresh_token()).await;
        app.refresh(&client, &next.refresh_token())
            .await
            .refresh_token();
        let reuse = app.refresh(&client, &desktop.refresh_token()).await;
        assert_eq!(
            (reuse.status, reuse.error().as_str()),
            (400, "invalid_grant")
        );
        for closed in [&desktop, &next, &thief] {
            assert!(!app.is_active(&client, &closed.access_token()).await);
            assert!(!can_refresh(&app, &client, closed).await);
        }
        for open in [&phone, &tablet] {
            assert!(app.is_active(&client, &open.access_token()).await);
            assert!(can_refresh(&app, &client, open).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn theft_on_the_first_device_and_its_revocation_end_the_session_on_all() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        for is_theft in [true, false] {
            let phone = app.guest(&client).await;
            let desktop = device(&app, &client, &phone.access_token()).await;
            if is_theft {
                let next = app.refresh(&client, &phone.refresh_token()).await;
                app.refresh(&client, &next.refresh_token())
                    .await
                    .refresh_token();
                assert_eq!(
                    app.refresh(&client, &phone.refresh_token()).await.status,
                    400
                );
            } else {
                revoke(&app, &client, &phone).await;
            }
            for device in [&phone, &desktop] {
                assert!(!app.is_active(&client, &device.access_token()).await);
                assert!(!can_refresh(&app, &client, device).await);
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_revoked_device_leaves_and_the_guest_stays() {
    with_two_instances(async |one, two| {
        let client = one.client(MOBILE).await;
        let phone = one.guest(&client).await;
        let kiosk = device(&one, &client, &phone.access_token()).await;
        revoke(&two, &client, &kiosk).await;
        assert!(!one.is_active(&client, &kiosk.access_token()).await);
        assert!(!can_refresh(&one, &client, &kiosk).await);
        assert!(one.is_active(&client, &phone.access_token()).await);
        assert!(can_refresh(&two, &client, &phone).await);
    })
    .await;
}

#[actix_web::test]
async fn the_sixth_device_takes_the_place_of_the_one_that_was_unused_for_longest() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let mut devices = Vec::new();
        for _ in 0..4 {
            app.clock.advance_seconds(10);
            devices.push(device(&app, &client, &phone.access_token()).await);
        }
        app.clock.advance_seconds(10);
        assert!(can_refresh(&app, &client, &devices[0]).await);
        app.clock.advance_seconds(10);
        // The second is the longest unused, but it is the one that hands over: the third goes.
        let sixth = device(&app, &client, &devices[1].access_token()).await;
        assert!(app.is_active(&client, &sixth.access_token()).await);
        assert!(app.is_active(&client, &phone.access_token()).await);
        let mut open = Vec::new();
        for device in &devices {
            open.push(app.is_active(&client, &device.access_token()).await);
        }
        assert_eq!(open, [true, true, false, true]);
    })
    .await;
}

#[actix_web::test]
async fn deleting_a_client_closes_its_devices_with_what_came_of_them_and_no_others() {
    on_every_database(async |app| {
        let (phone_client, kiosk_client) = (app.client(MOBILE).await, app.client(MOBILE).await);
        let phone = app.guest(&phone_client).await;
        let offered = code(&app, &phone_client, &phone.access_token()).await;
        let kiosk = redeem(&app, &kiosk_client, &offered).await;
        let handed_on = code(&app, &kiosk_client, &kiosk.access_token()).await;
        let tablet = redeem(&app, &phone_client, &handed_on).await;
        let offered = code(&app, &phone_client, &phone.access_token()).await;
        let inspector = app.client("introspect_oauth_tokens:shop").await;
        assert!(app.is_active(&inspector, &kiosk.access_token()).await);
        app.delete_client(&kiosk_client).await;
        for closed in [&kiosk, &tablet] {
            assert!(!app.is_active(&inspector, &closed.access_token()).await);
        }
        assert!(!can_refresh(&app, &phone_client, &tablet).await);
        assert_eq!(redeem(&app, &kiosk_client, &offered).await.status, 401);
        assert!(app.is_active(&inspector, &phone.access_token()).await);
        assert!(can_refresh(&app, &phone_client, &phone).await);
    })
    .await;
}

#[actix_web::test]
async fn each_device_is_kept_as_long_as_its_client_says() {
    on_every_database(async |app| {
        let draft = |seconds: i64| {
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":{seconds}}}"#)
        };
        let (phone_client, _) = app.client_with(&draft(10_000)).await;
        let (kiosk_client, _) = app.client_with(&draft(100)).await;
        let phone = app.guest(&phone_client).await;
        let offered = code(&app, &phone_client, &phone.access_token()).await;
        let kiosk = redeem(&app, &kiosk_client, &offered).await;
        app.clock.advance_seconds(99);
        let kiosk = app.refresh(&kiosk_client, &kiosk.refresh_token()).await;
        assert!(app.is_active(&kiosk_client, &kiosk.refresh_token()).await);
        app.clock.advance_seconds(100);
        assert!(!can_refresh(&app, &kiosk_client, &kiosk).await);
        // The short life of the kiosk did not shorten the guest's.
        app.housekeep().await;
        app.clock.advance_seconds(9_000);
        app.housekeep().await;
        assert!(can_refresh(&app, &phone_client, &phone).await);
    })
    .await;
}

#[actix_web::test]
async fn the_first_device_does_not_live_on_the_time_of_another() {
    on_every_database(async |app| {
        let draft = |seconds: i64| {
            format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenValiditySeconds":{seconds}}}"#)
        };
        let (kiosk_client, _) = app.client_with(&draft(100)).await;
        let (phone_client, _) = app.client_with(&draft(10_000)).await;
        for refreshes in [false, true] {
            let kiosk = app.guest(&kiosk_client).await;
            let offered = code(&app, &kiosk_client, &kiosk.access_token()).await;
            let phone = redeem(&app, &phone_client, &offered).await;
            app.clock.advance_seconds(50);
            assert!(app.is_active(&kiosk_client, &kiosk.refresh_token()).await);
            let mut last = kiosk.refresh_token();
            if refreshes {
                last = app.refresh(&kiosk_client, &last).await.refresh_token();
                app.clock.advance_seconds(50);
            }
            let phone = app.refresh(&phone_client, &phone.refresh_token()).await;
            app.clock.advance_seconds(50);
            assert!(!app.is_active(&kiosk_client, &last).await);
            assert_eq!(app.refresh(&kiosk_client, &last).await.status, 400);
            app.housekeep().await;
            app.clock.advance_seconds(9_000);
            app.housekeep().await;
            assert!(can_refresh(&app, &phone_client, &phone).await);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_code_may_be_redeemed_without_a_refresh_token_and_with_less_scope() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let offered = code(&app, &client, &phone.access_token()).await;
        let form = format!(
            "{GRANT}&handoff_code={offered}&refresh_token=false&scope=view_published_products:shop"
        );
        let screen = app.post(&client, ANONYMOUS, &form).await;
        assert!(screen.json().get("refresh_token").is_none());
        let granted = screen.member("scope");
        assert!(
            granted.starts_with("view_published_products:shop anonymous_id:"),
            "{granted}"
        );
        assert!(app.is_active(&client, &screen.access_token()).await);
        let in_store = "/oauth/shop/in-store/key=berlin/anonymous/token";
        let offered = code(&app, &client, &phone.access_token()).await;
        let form = format!("{GRANT}&handoff_code={offered}");
        let answer = app.post(&client, in_store, &form).await;
        assert_eq!(answer.error(), "unsupported_grant_type");
        let missing = app.post(&client, ANONYMOUS, GRANT).await;
        assert_eq!(
            missing.json()["message"],
            "Missing required parameter: handoff_code."
        );
    })
    .await;
}

#[actix_web::test]
async fn handing_over_counts_as_refreshing() {
    let limited = Behaviour {
        limits: LimitSettings {
            are_on: true,
            exempt: TrustedProxies::default(),
            guests_per_client: NonZeroU32::new(200),
        },
        ..Behaviour::default()
    };
    on_every_database_with(limited, async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let desktop = device(&app, &client, &phone.access_token()).await;
        let mut codes = Vec::new();
        for _ in 0..27 {
            codes.push(code(&app, &client, &phone.access_token()).await);
        }
        assert_eq!(redeem(&app, &client, &codes[0]).await.status, 200);
        assert_eq!(redeem(&app, &client, &codes[1]).await.status, 429);
        let refused = hand_over(&app, &client, &phone.access_token()).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (429, "too_many_requests")
        );
        // What one device may is not used up by another.
        assert!(can_refresh(&app, &client, &desktop).await);
        // A refusal used nothing up.
        app.clock.advance_seconds(5);
        assert_eq!(redeem(&app, &client, &codes[1]).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn codes_and_closed_devices_are_tidied_away() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let phone = app.guest(&client).await;
        let desktop = device(&app, &client, &phone.access_token()).await;
        let tablet = device(&app, &client, &desktop.access_token()).await;
        revoke(&app, &client, &desktop).await;
        app.clock.advance_seconds(86_400);
        app.housekeep().await;
        // A second use would still be noticed.
        assert_eq!(app.count("handoff_codes").await, 2);
        app.clock.advance_seconds(121);
        app.housekeep().await;
        assert_eq!(app.count("handoff_codes").await, 0);
        assert_eq!(app.count("session_families").await, 2);
        app.clock.advance_seconds(31 * 86_400);
        // Leaves first, then what they came of.
        app.housekeep().await;
        app.housekeep().await;
        assert_eq!(app.count("session_families").await, 0);
        assert_eq!(app.count("refresh_tokens").await, 1);
        assert!(!can_refresh(&app, &client, &tablet).await);
        let other = device(&app, &client, &phone.refresh_token()).await;
        assert!(can_refresh(&app, &client, &other).await);
        revoke(&app, &client, &phone).await;
        app.clock.advance_seconds(31 * 86_400);
        app.housekeep().await;
        app.clock.advance_seconds(31 * 86_400);
        app.housekeep().await;
        assert_eq!(app.count("sessions").await, 0);
        assert_eq!(app.count("session_families").await, 0);
        assert_eq!(app.count("refresh_tokens").await, 0);
    })
    .await;
}
