//! How often somebody may ask.

use std::{net::SocketAddr, num::NonZeroU32};

use actix_web::test::TestRequest;
use auth_server::{
    app_state::{Behaviour, Network},
    limits::LimitSettings,
};
use shared::limits::Exchange;

use crate::support::{
    Answer, Credentials, MOBILE, TestApp, form_request, on_every_database_with,
    with_two_instances_with,
};

const GUEST: &str = "/oauth/shop/anonymous/token";
const CUSTOMER: &str = "/oauth/shop/customers/token";
const TOO_MANY: &str = r#"{"statusCode":429,"message":"Too many requests.","errors":[{"code":"too_many_requests","message":"Too many requests."}],"error":"too_many_requests","error_description":"Too many requests."}"#;

fn limited() -> Behaviour {
    Behaviour {
        limits: LimitSettings {
            are_on: true,
            exempt: "10.7.0.0/16".parse().expect("ranges"),
            guests_per_client: NonZeroU32::new(200),
        },
        network: Network {
            trusted_proxies: "192.0.2.0/24".parse().expect("ranges"),
            require_tls: false,
        },
        ..Behaviour::default()
    }
}

fn from(address: &str, path: &str, form: &str) -> TestRequest {
    let address: SocketAddr = format!("{address}:1234").parse().expect("an address");
    form_request(path, form).peer_addr(address)
}

async fn ask(app: &TestApp, client: &Credentials, request: TestRequest) -> Answer {
    app.send(request.insert_header(("authorization", client.basic())))
        .await
}

async fn guest_from(app: &TestApp, client: &Credentials, address: &str) -> Answer {
    ask(
        app,
        client,
        from(address, GUEST, "grant_type=client_credentials"),
    )
    .await
}

async fn sign_in_from(
    app: &TestApp,
    client: &Credentials,
    address: &str,
    password: &str,
) -> Answer {
    let form = format!("grant_type=password&username=anna@example.com&password={password}");
    ask(app, client, from(address, CUSTOMER, &form)).await
}

/// Everything that a client can see but the correlation id.
fn visible(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| name != "x-correlation-id");
    headers.sort();
    (answer.status, headers, answer.text.clone())
}

#[actix_web::test]
async fn guests_beyond_the_limit_wait_and_no_other_address_does() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        for _ in 0..60 {
            assert_eq!(guest_from(&app, &client, "198.51.100.1").await.status, 200);
        }
        let refused = guest_from(&app, &client, "198.51.100.1").await;
        assert_eq!((refused.status, refused.text.as_str()), (429, TOO_MANY));
        assert_eq!(refused.header("retry-after"), Some("2"));
        assert_eq!(refused.header("cache-control"), Some("no-store"));
        assert_eq!(guest_from(&app, &client, "198.51.100.2").await.status, 200);
        app.clock.advance_seconds(2);
        assert_eq!(guest_from(&app, &client, "198.51.100.1").await.status, 200);
        assert_eq!(guest_from(&app, &client, "198.51.100.1").await.status, 429);
        // A client's own tokens are no guests.
        let own = from(
            "198.51.100.1",
            "/oauth/token",
            "grant_type=client_credentials",
        );
        assert_eq!(ask(&app, &client, own).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn behind_a_gateway_the_shopper_is_limited_and_not_the_gateway() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        let guest = async |gateway: &str, forwarded_for: &str| {
            let request = from(gateway, GUEST, "grant_type=client_credentials")
                .insert_header(("x-forwarded-for", forwarded_for));
            ask(&app, &client, request).await.status
        };
        for invented in 0..60 {
            let forwarded_for = format!("203.0.113.{invented}, 198.51.100.1");
            assert_eq!(guest("192.0.2.1", &forwarded_for).await, 200);
        }
        assert_eq!(guest("192.0.2.1", "203.0.113.99, 198.51.100.1").await, 429);
        assert_eq!(guest("192.0.2.1", "198.51.100.2").await, 200);
        app.clock.advance_seconds(1);
        // Who is no gateway of ours cannot invent addresses to escape.
        for invented in 0..60 {
            let status = guest("198.51.100.9", &format!("203.0.113.{invented}")).await;
            assert_eq!(status, 200);
        }
        assert_eq!(guest("198.51.100.9", "203.0.113.200").await, 429);
        // A server of the operator speaks for many shoppers.
        for _ in 0..70 {
            assert_eq!(guest("10.7.1.1", "").await, 200);
        }
    })
    .await;
}

#[actix_web::test]
async fn an_exhausted_account_answers_the_same_to_the_right_and_to_a_wrong_password() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        for host in 0..10 {
            let refused = sign_in_from(&app, &client, &format!("198.51.{host}.1"), "wrong").await;
            assert_eq!(refused.error(), "invalid_customer_account_credentials");
        }
        let wrong = sign_in_from(&app, &client, "203.0.113.1", "wrong").await;
        let right = sign_in_from(&app, &client, "203.0.113.2", "right").await;
        assert_eq!((wrong.status, wrong.text.as_str()), (429, TOO_MANY));
        assert_eq!(wrong.header("retry-after"), Some("30"));
        assert_eq!(visible(&wrong), visible(&right));
        // It is a pause, never a lock.
        app.clock.advance_seconds(30);
        assert_eq!(
            sign_in_from(&app, &client, "203.0.113.2", "right")
                .await
                .status,
            200
        );
    })
    .await;
}

#[actix_web::test]
async fn right_passwords_do_not_use_the_failures_of_an_account_up() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        for host in 0..40 {
            let answer = sign_in_from(&app, &client, &format!("198.51.100.{host}"), "right").await;
            assert_eq!(answer.status, 200, "{host}");
        }
        // From one address an account is signed in to thirty times a minute.
        for attempt in 0..31 {
            let answer = sign_in_from(&app, &client, "203.0.113.1", "right").await;
            let expected = if attempt < 30 { 200 } else { 429 };
            assert_eq!(answer.status, expected, "{attempt}");
        }
    })
    .await;
}

#[actix_web::test]
async fn whoever_guesses_from_one_address_locks_nobody_out() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        let mut guesses = 0;
        for round in 0..100 {
            let wrong = sign_in_from(&app, &client, "198.51.100.66", "wrong").await;
            guesses += u32::from(wrong.status == 400);
            if wrong.status == 429 {
                let seconds = wrong.header("retry-after").map(str::parse::<u64>);
                assert!(matches!(seconds, Some(Ok(1..=120))), "{seconds:?}");
            }
            let elsewhere = format!("203.0.{round}.1");
            let right = sign_in_from(&app, &client, &elsewhere, "right").await;
            assert_eq!(right.status, 200, "{round}");
            app.clock.advance_seconds(4);
        }
        // Five, and one every two minutes.
        assert_eq!(guesses, 5 + 396 / 120);
    })
    .await;
}

#[actix_web::test]
async fn an_account_that_is_attacked_from_everywhere_is_open_where_it_was_used_before() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        let mut exchanges = exchanges(&[&app]).await;
        assert_eq!(
            sign_in_from(&app, &client, "203.0.113.7", "right")
                .await
                .status,
            200
        );
        tell_each_other(&mut exchanges).await;
        for network in 0..20 {
            let stranger = format!("198.18.{network}.1");
            sign_in_from(&app, &client, &stranger, "wrong").await;
        }
        for _ in 0..20 {
            let at_home = sign_in_from(&app, &client, "203.0.113.7", "right").await;
            assert_eq!(at_home.status, 200);
        }
        let elsewhere = sign_in_from(&app, &client, "203.0.113.8", "right").await;
        assert_eq!((elsewhere.status, elsewhere.text.as_str()), (429, TOO_MANY));
        // An account that does not exist answers as one that does, to strangers.
        let nobody = async |address: String| {
            let form = "grant_type=password&username=nobody@example.com&password=wrong";
            ask(&app, &client, from(&address, CUSTOMER, form)).await
        };
        for network in 0..20 {
            nobody(format!("198.18.{network}.1")).await;
        }
        assert_eq!(
            visible(&nobody("203.0.113.8".to_owned()).await),
            visible(&elsewhere)
        );
    })
    .await;
}

#[actix_web::test]
async fn a_flood_of_guests_leaves_room_for_new_ones_and_reaches_no_session() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        let token = guest_from(&app, &client, "203.0.113.1")
            .await
            .refresh_token();
        let mut flooded = 0;
        for request in 0..400 {
            let address = format!("198.18.{}.1", request % 50);
            flooded += u32::from(guest_from(&app, &client, &address).await.status == 200);
        }
        assert!(flooded < 200, "{flooded}");
        assert_eq!(guest_from(&app, &client, "203.0.113.2").await.status, 200);
        assert_eq!(app.refresh(&client, &token).await.status, 200);
        // Behind one address, too, whoever is told apart.
        app.clock.advance_seconds(1);
        for _ in 0..70 {
            guest_from(&app, &client, "198.51.100.1").await;
        }
        let flood = guest_from(&app, &client, "198.51.100.1").await;
        assert_eq!(flood.status, 429);
        let shopper = from("198.51.100.1", GUEST, "grant_type=client_credentials")
            .insert_header(("user-agent", "another browser"));
        assert_eq!(ask(&app, &client, shopper).await.status, 200);
        assert_eq!(app.refresh(&client, &token).await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn guessing_client_secrets_is_limited_and_the_right_secret_is_not() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        let guess = Credentials {
            id: client.id.clone(),
            secret: "guess".to_owned(),
        };
        for _ in 0..20 {
            assert_eq!(
                guest_from(&app, &guess, "198.51.100.1").await.error(),
                "invalid_client"
            );
        }
        let refused = guest_from(&app, &guess, "198.51.100.1").await;
        assert_eq!((refused.status, refused.text.as_str()), (429, TOO_MANY));
        let foreign = from(
            "198.51.100.1",
            "/oauth/other/anonymous/token",
            "grant_type=client_credentials",
        );
        assert_eq!(ask(&app, &client, foreign).await.status, 429);
        assert_eq!(guest_from(&app, &client, "198.51.100.1").await.status, 200);
        assert_eq!(guest_from(&app, &guess, "198.51.100.2").await.status, 401);
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_refreshes_in_a_loop_pauses_and_lives_on() {
    on_every_database_with(limited(), async |app| {
        let client = app.client(MOBILE).await;
        let mut token = app.guest(&client).await.refresh_token();
        for _ in 0..30 {
            token = app.refresh(&client, &token).await.refresh_token();
        }
        let refused = app.refresh(&client, &token).await;
        assert_eq!((refused.status, refused.text.as_str()), (429, TOO_MANY));
        assert_eq!(refused.header("retry-after"), Some("5"));
        let other = app.guest(&client).await.refresh_token();
        assert_eq!(app.refresh(&client, &other).await.status, 200);
        app.clock.advance_seconds(5);
        // The refused attempt did not spend the token.
        assert_ne!(app.refresh(&client, &token).await.refresh_token(), token);
        let metrics = app.state.metrics.all.render().expect("text");
        assert!(
            metrics.contains("auth_rate_limited_total{bucket=\"refresh_session\"} 1\n"),
            "{metrics}"
        );
    })
    .await;
}

#[actix_web::test]
async fn questions_about_tokens_are_limited_by_client() {
    let behaviour = limited();
    let database = testkit::databases().swap_remove(0);
    let app = TestApp::of_today(database.database.clone(), behaviour).await;
    let client = app.client(MOBILE).await;
    let mut refused = 0;
    for _ in 0..2_010 {
        let answer = app.post(&client, "/oauth/token/revoke", "token=x").await;
        refused += u32::from(answer.status == 429);
    }
    assert_eq!(refused, 10);
    assert_eq!(
        app.post(&client, "/oauth/introspect", "token=x")
            .await
            .status,
        429
    );
    let other = app.client(MOBILE).await;
    assert_eq!(
        app.post(&other, "/oauth/introspect", "token=x")
            .await
            .status,
        200
    );
}

/// One exchange between all instances: each tells, then each has heard.
async fn tell_each_other(exchanges: &mut [Exchange]) {
    for _ in 0..2 {
        for exchange in exchanges.iter_mut() {
            exchange.round().await.expect("a round");
        }
    }
}

async fn exchanges(apps: &[&TestApp]) -> Vec<Exchange> {
    let of = |app: &&TestApp| {
        let state = &app.state;
        state
            .limits
            .exchange(&state.database, &state.mint.randomness)
    };
    let mut exchanges: Vec<Exchange> = apps.iter().filter_map(of).collect();
    tell_each_other(&mut exchanges).await;
    exchanges
}

#[actix_web::test]
async fn guessing_at_two_instances_in_turn_gets_no_further_than_at_one() {
    with_two_instances_with(limited(), async |one, two| {
        let client = one.client(MOBILE).await;
        one.customer("c1", None, "anna@example.com", "right").await;
        let mut exchanges = exchanges(&[&one, &two]).await;
        let mut wrong = 0;
        for host in 0..20 {
            let app = if host % 2 == 0 { &one } else { &two };
            let answer = sign_in_from(app, &client, &format!("198.51.{host}.1"), "wrong").await;
            wrong += u32::from(answer.status == 400);
            tell_each_other(&mut exchanges).await;
        }
        assert_eq!(wrong, 10);
        for app in [&one, &two] {
            let right = sign_in_from(app, &client, "203.0.113.1", "right").await;
            assert_eq!((right.status, right.text.as_str()), (429, TOO_MANY));
        }
    })
    .await;
}

#[actix_web::test]
async fn right_passwords_at_one_instance_use_nothing_up_at_another() {
    with_two_instances_with(limited(), async |one, two| {
        let client = one.client(MOBILE).await;
        one.customer("c1", None, "anna@example.com", "right").await;
        let mut exchanges = exchanges(&[&one, &two]).await;
        for host in 0..40 {
            let address = format!("198.51.100.{host}");
            assert_eq!(
                sign_in_from(&one, &client, &address, "right").await.status,
                200
            );
            tell_each_other(&mut exchanges).await;
        }
        for host in 0..10 {
            let address = format!("203.0.{host}.1");
            let answer = sign_in_from(&two, &client, &address, "wrong").await;
            assert_eq!(answer.error(), "invalid_customer_account_credentials");
        }
    })
    .await;
}

#[actix_web::test]
async fn guests_and_refreshes_are_counted_wherever_they_come() {
    with_two_instances_with(limited(), async |one, two| {
        let client = one.client(MOBILE).await;
        let mut token = one.guest(&client).await.refresh_token();
        let mut exchanges = exchanges(&[&one, &two]).await;
        for _ in 0..60 {
            assert_eq!(guest_from(&one, &client, "198.51.100.1").await.status, 200);
        }
        for _ in 0..30 {
            token = one.refresh(&client, &token).await.refresh_token();
        }
        tell_each_other(&mut exchanges).await;
        assert_eq!(guest_from(&two, &client, "198.51.100.1").await.status, 429);
        assert_eq!(two.refresh(&client, &token).await.status, 429);
        assert_eq!(guest_from(&two, &client, "198.51.100.2").await.status, 200);
    })
    .await;
}
