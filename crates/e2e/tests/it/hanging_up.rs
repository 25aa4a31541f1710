//! Who waits for a password hash and hangs up leaves the line, at either server.

use std::{
    io::Write as _,
    net::{Shutdown, TcpStream},
};

use actix_web::rt::System;
use serde_json::json;
use shared::password::{Party, Passwords};

use crate::support::{PASSWORD, on_each_database};

const ALICE: &str = "alice@example.com";

/// Sends a request and leaves the connection open.
fn ask(url: &str, path: &str, authorization: &str, kind: &str, body: &str) -> TcpStream {
    let host = url.strip_prefix("http://").expect("plain HTTP");
    let mut stream = TcpStream::connect(host).expect("a connection");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {authorization}\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    stream
}

/// Nobody gets a turn while `ask` is asked twice; one of them goes away.
fn one_of_two_hangs_up(passwords: &Passwords, ask: impl Fn() -> TcpStream) {
    let somebody = Party::Operator;
    let taken: Vec<_> = System::new().block_on(async {
        let mut turns = Vec::new();
        for _ in 0..passwords.capacity().running {
            turns.push(passwords.turn(&somebody).await.expect("a turn"));
        }
        turns
    });
    let until = |waiting: usize| {
        while passwords.queue_depth() != waiting {
            std::thread::yield_now();
        }
    };
    let stays = ask();
    until(1);
    let leaves = ask();
    until(2);
    leaves.shutdown(Shutdown::Both).expect("hung up");
    drop(leaves);
    until(1);
    drop(taken);
    until(0);
    drop(stays);
}

#[test]
fn who_hangs_up_leaves_the_line() {
    on_each_database(|shop| {
        let (auth, auth_state) = shop.another_auth_with_limits();
        let (api, api_state) = shop.another_api_with_limits();
        let mobile = &shop.clients.mobile;
        let device = format!("Bearer {}", shop.token_of(mobile).api.token);
        let form = format!("grant_type=password&username={ALICE}&password={PASSWORD}");
        one_of_two_hangs_up(&auth_state.passwords, || {
            let kind = "application/x-www-form-urlencoded";
            let path = "/oauth/demo/customers/token";
            ask(&auth.url, path, &mobile.basic(), kind, &form)
        });
        let body = json!({ "email": ALICE, "password": PASSWORD }).to_string();
        one_of_two_hangs_up(&api_state.passwords, || {
            ask(
                &api.url,
                "/demo/me/login",
                &device,
                "application/json",
                &body,
            )
        });
    });
}
