//! How the binary stops.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use testkit::databases;

use crate::support::process::{PATIENCE, Server, connect, get};

#[test]
fn after_sigterm_it_is_unready_at_once_serves_on_and_ends_well() {
    for database in databases() {
        let mut server = Server::start(&database.url, "2");
        let (main, admin) = (server.main, server.admin);
        assert_eq!(get(main, "/health/ready"), Some(200));
        assert_eq!(get(admin, "/health/ready"), Some(200));
        let mut idle = connect(main).expect("a connection");
        server.signal("TERM");
        let told_at = Instant::now();
        server.wait_for_log("serving on for 2 s");
        // Ready says no at both listeners, while tokens would still be issued.
        assert_eq!(get(main, "/health/ready"), Some(503));
        assert_eq!(get(admin, "/health/ready"), Some(503));
        assert_eq!(get(main, "/.well-known/jwks.json"), Some(200));
        assert_eq!(get(admin, "/metrics"), Some(200));
        let (status, log) = server.ended();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(
            told_at.elapsed() >= Duration::from_secs(2),
            "{:?}",
            told_at.elapsed()
        );
        assert!(log.contains("stopped"), "{log}");
        assert_eq!(get(main, "/health/alive"), None);
        // An idle connection was closed, not forgotten.
        assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
    }
}

/// The head of the answer to a GET on a connection that the client keeps.
fn head_of_get(stream: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let (mut answer, mut piece) = (Vec::new(), [0; 4_096]);
    while !String::from_utf8_lossy(&answer).contains("\r\n\r\n") {
        let size = stream.read(&mut piece).expect("an answer");
        assert_ne!(size, 0, "cut off after {answer:?}");
        answer.extend_from_slice(&piece[..size]);
    }
    let answer = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    let (head, _) = answer.split_once("\r\n\r\n").expect("a head");
    head.to_owned()
}

#[test]
fn while_it_drains_each_answer_is_the_last_of_its_connection_old_or_new() {
    let database = databases().swap_remove(0);
    let mut server = Server::start(&database.url, "300");
    let mut kept = connect(server.main).expect("a connection");
    for _ in 0..2 {
        let head = head_of_get(&mut kept, "/health/alive");
        assert!(!head.contains("connection: close"), "{head}");
    }
    server.signal("TERM");
    server.wait_for_log("serving on for 300 s");
    let mut new = connect(server.main).expect("it still accepts");
    for stream in [&mut kept, &mut new] {
        let head = head_of_get(stream, "/.well-known/jwks.json");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("\r\nconnection: close"), "{head}");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("an orderly end");
    }
}

#[test]
fn a_request_under_way_is_finished() {
    let database = databases().swap_remove(0);
    let mut server = Server::start(&database.url, "0");
    let mut stream = connect(server.main).expect("a connection");
    let head = "POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 29\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\ngrant_type=";
    stream.write_all(head.as_bytes()).expect("half a request");
    // Once another request was answered, the worker has seen the first half.
    for _ in 0..8 {
        assert_eq!(get(server.main, "/health/alive"), Some(200));
    }
    server.signal("TERM");
    server.wait_for_log("finishing the requests under way");
    stream
        .write_all(b"client_credentials")
        .expect("the other half");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the answer");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let database = databases().swap_remove(0);
    for (first, second, code) in [("TERM", "TERM", 143), ("TERM", "INT", 130)] {
        let mut server = Server::start(&database.url, "300");
        server.signal(first);
        server.wait_for_log("serving on for 300 s");
        let told_at = Instant::now();
        server.signal(second);
        let (status, log) = server.ended();
        assert_eq!(status.code(), Some(code), "{log}");
        assert!(told_at.elapsed() < PATIENCE, "{:?}", told_at.elapsed());
    }
}

#[test]
fn somebody_at_the_keyboard_does_not_wait_for_the_gateway() {
    let database = databases().swap_remove(0);
    let server = Server::start(&database.url, "300");
    server.signal("INT");
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
}
