//! The real binary, serving.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Server {
    child: Child,
    /// Lines of the log, read by a thread: a full pipe would stop the server.
    lines: Receiver<String>,
    log: String,
    pub main: SocketAddr,
    pub admin: SocketAddr,
}

impl Server {
    pub fn start(url: &str, drain_seconds: &str) -> Self {
        let keys = ["11".repeat(32), "22".repeat(32)];
        Self::start_with(
            url,
            &["--drain-seconds", drain_seconds],
            &[
                ("KEY_ENCRYPTION_KEY", &keys[0]),
                ("SECRET_PEPPER", &keys[1]),
            ],
        )
    }

    pub fn start_with(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
            .args([
                "serve",
                "--bind",
                "127.0.0.1:0",
                "--admin-bind",
                "127.0.0.1:0",
            ])
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", url)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let lines = lines(child.stderr.take().expect("a log"));
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self {
            child,
            lines,
            log: String::new(),
            main: unknown,
            admin: unknown,
        };
        server.main = server.address("] listening on http://");
        server.admin = server.address("] admin: listening on http://");
        // It listens before it waits for signals, and answers only afterwards.
        assert_eq!(get(server.main, "/health/alive"), Some(200));
        server
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    pub fn wait_for_log(&mut self, text: &str) {
        while !self.next_line().contains(text) {}
    }

    /// Its exit status, and all of its log.
    pub fn ended(mut self) -> (ExitStatus, String) {
        while let Ok(line) = self.lines.recv() {
            self.log.push_str(&line);
        }
        let status = self.child.wait().expect("its status");
        (status, std::mem::take(&mut self.log))
    }

    fn next_line(&mut self) -> String {
        let line = self.lines.recv();
        let line = line.unwrap_or_else(|_| panic!("the log ended:\n{}", self.log));
        self.log.push_str(&line);
        line
    }

    fn address(&mut self, before: &str) -> SocketAddr {
        loop {
            let line = self.next_line();
            if let Some((_, rest)) = line.split_once(before) {
                let end = rest.find([',', '\n']).expect("the end of the address");
                return rest[..end].parse().expect("an address");
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failing test must not leave it behind; it is gone where the test waited for its end.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn lines(log: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut log = BufReader::new(log);
        let mut line = Vec::new();
        while matches!(log.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

pub fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The status of a GET, or `None` if nobody listens.
pub fn get(address: SocketAddr, path: &str) -> Option<u16> {
    exchange(address, "GET", path, &[], "").map(|(status, _)| status)
}

/// Status and body of any request, or `None` if nobody listens.
pub fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<(u16, String)> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").expect("a header");
    }
    if !body.is_empty() {
        write!(request, "content-length: {}\r\n", body.len()).expect("a header");
    }
    request.push_str("\r\n");
    request.push_str(body);
    let mut stream = connect(address).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Some((status, body.to_owned()))
}
