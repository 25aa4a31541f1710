//! How the binary stops.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use testkit::databases;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    main: SocketAddr,
    admin: SocketAddr,
}

impl Server {
    fn start(url: &str, drain_seconds: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
            .args([
                "serve",
                "--bind",
                "127.0.0.1:0",
                "--admin-bind",
                "127.0.0.1:0",
            ])
            .args(["--drain-seconds", drain_seconds])
            .env_clear()
            .env("DATABASE_URL", url)
            .env("KEY_ENCRYPTION_KEY", "11".repeat(32))
            .env("SECRET_PEPPER", "22".repeat(32))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut log = BufReader::new(child.stderr.take().expect("a log"));
        let main = address(&mut log, "] listening on http://");
        let admin = address(&mut log, "] admin: listening on http://");
        Self {
            child,
            log,
            main,
            admin,
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    fn wait_for_log(&mut self, text: &str) {
        let mut seen = String::new();
        while !seen.contains(text) {
            let read = self.log.read_line(&mut seen).expect("the log");
            assert!(read > 0, "`{text}` is not in\n{seen}");
        }
    }

    /// Its exit status, and the rest of its log.
    fn ended(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).expect("the log");
        (self.child.wait().expect("its status"), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failing test must not leave it behind; it is gone where the test waited for its end.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn address(log: &mut BufReader<ChildStderr>, before: &str) -> SocketAddr {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(
            log.read_line(&mut line).expect("the log") > 0,
            "it ended before it listened"
        );
        if let Some((_, rest)) = line.split_once(before) {
            let end = rest.find([',', '\n']).expect("the end of the address");
            return rest[..end].parse().expect("an address");
        }
    }
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The status of a GET, or `None` if nobody listens.
fn get(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

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
