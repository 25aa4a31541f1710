//! How often passwords may be tried, at either server.

use std::cell::RefCell;

use actix_web::rt::System;
use serde_json::{Value, json};
use shared::limits::Exchange;

use crate::support::{
    Credentials, PASSWORD, Reply, Running, Shop, assert_shows, on_each_database, text,
};

/// More instances of both servers, with limits. They believe that callers are who the tests say.
struct Limited<'a> {
    shop: &'a Shop,
    api: Running,
    auth: Running,
    exchanges: RefCell<Vec<Exchange>>,
}

fn with_limits(test: impl Fn(&Limited<'_>)) {
    on_each_database(|shop| {
        let (auth, auth_state) = shop.another_auth_with_limits();
        let (api, api_state) = shop.another_api_with_limits();
        let exchanges = [
            auth_state
                .limits
                .exchange(&auth_state.database, &auth_state.mint.randomness),
            api_state
                .limits
                .exchange(&api_state.database, &api_state.bench.randomness),
        ];
        let limited = Limited {
            shop,
            api,
            auth,
            exchanges: RefCell::new(exchanges.into_iter().flatten().collect()),
        };
        limited.tell_each_other();
        test(&limited);
    });
}

impl Limited<'_> {
    /// What happens every second: each tells, then each has heard.
    fn tell_each_other(&self) {
        let mut exchanges = self.exchanges.take();
        System::new().block_on(async {
            for _ in 0..2 {
                for exchange in &mut exchanges {
                    exchange.round().await.expect("a round");
                }
            }
        });
        self.exchanges.replace(exchanges);
    }

    fn post(&self, token: &str, address: &str, path: &str, body: Value) -> Reply {
        let headers = [
            ("authorization", format!("Bearer {token}")),
            ("content-type", "application/json".to_owned()),
            ("x-forwarded-for", address.to_owned()),
        ];
        let url = format!("{}/demo{path}", self.api.url);
        self.shop
            .http
            .send("POST", &url, &headers, Some(body.to_string()))
    }

    /// A device's own token: nobody's.
    fn device(&self) -> String {
        let token = self.shop.token_of(&self.shop.clients.mobile);
        token.api.token
    }

    fn sign_in(&self, token: &str, address: &str, email: &str, password: &str) -> Reply {
        let body = json!({ "email": email, "password": password });
        self.post(token, address, "/me/login", body)
    }

    fn ask_for_token(&self, client: &Credentials, address: &str, password: &str) -> Reply {
        let headers = [
            ("authorization", client.basic()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("x-forwarded-for", address.to_owned()),
        ];
        let url = format!("{}/oauth/demo/customers/token", self.auth.url);
        let form = format!("grant_type=password&username=alice@example.com&password={password}");
        self.shop.http.send("POST", &url, &headers, Some(form))
    }
}

const ALICE: &str = "alice@example.com";

#[test]
fn an_account_is_protected_at_whichever_server_somebody_knocks() {
    with_limits(|limited| {
        let (device, mobile) = (limited.device(), &limited.shop.clients.mobile);
        for host in 0..5 {
            let address = format!("198.51.{host}.1");
            limited
                .sign_in(&device, &address, ALICE, "wrong")
                .refused(400, "InvalidCredentials");
            limited
                .ask_for_token(mobile, &address, "wrong")
                .refused(400, "invalid_customer_account_credentials");
            limited.tell_each_other();
        }
        let wrong = limited.sign_in(&device, "203.0.113.1", ALICE, "wrong");
        let right = limited.sign_in(&device, "203.0.113.2", "ALICE@example.com", PASSWORD);
        assert_eq!(wrong.headers["retry-after"], "30");
        assert_eq!(right.headers["retry-after"], "30");
        assert_eq!(wrong.body, right.body);
        wrong.refused(429, "TooManyRequests");
        limited
            .ask_for_token(mobile, "203.0.113.3", PASSWORD)
            .refused(429, "too_many_requests");
        // Others sign in as before.
        limited
            .sign_in(&device, "203.0.113.1", "bob@example.com", PASSWORD)
            .expect(200);
    });
}

#[test]
fn right_passwords_use_nothing_up() {
    with_limits(|limited| {
        let (device, mobile) = (limited.device(), &limited.shop.clients.mobile);
        for host in 0..15 {
            let address = format!("198.51.100.{host}");
            limited
                .sign_in(&device, &address, ALICE, PASSWORD)
                .expect(200);
            limited
                .ask_for_token(mobile, &address, PASSWORD)
                .expect(200);
        }
        limited.tell_each_other();
        limited
            .sign_in(&device, "203.0.113.1", ALICE, "wrong")
            .refused(400, "InvalidCredentials");
    });
}

#[test]
fn shoppers_are_limited_by_address_and_backends_are_not() {
    with_limits(|limited| {
        let (device, backend) = (limited.device(), limited.shop.backend().api.token);
        let email = |number: usize| format!("nobody-{number}@example.com");
        for number in 0..30 {
            limited
                .sign_in(&device, "198.51.100.1", &email(number), "wrong")
                .refused(400, "InvalidCredentials");
        }
        limited
            .sign_in(&device, "198.51.100.1", &email(31), "wrong")
            .refused(429, "TooManyRequests");
        let sign_up = json!({ "email": "new@example.com", "password": "n3w" });
        limited
            .post(&device, "198.51.100.1", "/me/signup", sign_up.clone())
            .refused(429, "TooManyRequests");
        let reset = json!({ "tokenValue": "guess", "newPassword": "n3w" });
        limited
            .post(&device, "198.51.100.1", "/me/password/reset", reset)
            .refused(429, "TooManyRequests");
        limited
            .post(&device, "198.51.100.2", "/me/signup", sign_up)
            .expect(201);

        // One account from one address: five wrong passwords, thirty right ones.
        for attempt in 0..31 {
            let reply = limited.sign_in(&device, "198.51.100.3", ALICE, PASSWORD);
            let expected = if attempt < 30 { 200 } else { 429 };
            assert_eq!(reply.status, expected, "{attempt}");
        }
        for attempt in 0..6 {
            let reply = limited.sign_in(&device, "198.51.100.4", ALICE, "wrong");
            let expected = if attempt < 5 { 400 } else { 429 };
            assert_eq!(reply.status, expected, "{attempt}");
        }
        for _ in 0..40 {
            let body = json!({ "email": ALICE, "password": PASSWORD });
            limited
                .post(&backend, "198.51.100.1", "/login", body)
                .expect(200);
        }
    });
}

#[test]
fn a_backend_guesses_no_passwords_either() {
    with_limits(|limited| {
        let backend = limited.shop.backend().api.token;
        let alice = limited.shop.alice();
        let guess = |path: &str, body: Value| limited.post(&backend, "198.51.100.1", path, body);
        for _ in 0..5 {
            guess("/login", json!({ "email": ALICE, "password": "wrong" }))
                .refused(400, "InvalidCredentials");
            let change = json!({
                "id": alice.id, "version": 1, "currentPassword": "wrong", "newPassword": "n3w",
            });
            guess("/customers/password", change).refused(400, "InvalidCurrentPassword");
        }
        guess("/login", json!({ "email": ALICE, "password": PASSWORD }))
            .refused(429, "TooManyRequests");
        let own = json!({ "version": 1, "currentPassword": PASSWORD, "newPassword": "n3w" });
        limited
            .post(&alice.token, "203.0.113.1", "/me/password", own)
            .refused(429, "TooManyRequests");
    });
}

#[test]
fn a_customer_gets_so_many_tokens_for_a_new_password_and_no_more() {
    with_limits(|limited| {
        let backend = limited.shop.backend().api.token;
        let ask = |email: &str| {
            let path = "/customers/password-token";
            limited.post(&backend, "198.51.100.1", path, json!({ "email": email }))
        };
        let mut token = Value::Null;
        for _ in 0..10 {
            token = ask(ALICE).expect(200);
        }
        ask("Alice@Example.com").refused(429, "TooManyRequests");
        ask("bob@example.com").expect(200);
        // What was sent is good, and nobody's password was tried.
        let reset = json!({ "tokenValue": text(&token, "/value"), "newPassword": "n3w" });
        let done = limited.post(&backend, "198.51.100.1", "/customers/password/reset", reset);
        assert_shows(&done.expect(200), json!({ "version": 2 }));
        let device = limited.device();
        limited
            .sign_in(&device, "203.0.113.1", ALICE, "n3w")
            .expect(200);
    });
}

#[test]
fn an_account_that_is_attacked_is_open_at_both_servers_where_it_was_used_at_one() {
    with_limits(|limited| {
        let (device, mobile) = (limited.device(), &limited.shop.clients.mobile);
        let backend = limited.shop.backend().api.token;
        limited
            .ask_for_token(mobile, "203.0.113.7", PASSWORD)
            .expect(200);
        let login = || {
            let body = json!({ "email": ALICE, "password": PASSWORD });
            limited.post(&backend, "192.0.2.200", "/login", body)
        };
        login().expect(200);
        limited.tell_each_other();
        for network in 0..12 {
            let stranger = format!("198.51.{network}.1");
            let _refused_or_not = limited.sign_in(&device, &stranger, ALICE, "wrong");
        }
        limited.tell_each_other();
        for _ in 0..10 {
            limited
                .sign_in(&device, "203.0.113.7", ALICE, PASSWORD)
                .expect(200);
            limited
                .ask_for_token(mobile, "203.0.113.7", PASSWORD)
                .expect(200);
            login().expect(200);
        }
        limited
            .sign_in(&device, "203.0.113.8", ALICE, PASSWORD)
            .refused(429, "TooManyRequests");
        limited
            .ask_for_token(mobile, "203.0.113.8", PASSWORD)
            .refused(429, "too_many_requests");
    });
}
