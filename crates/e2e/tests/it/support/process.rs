//! A server as a process of its own, from the real binary.

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::{Arc, Mutex, OnceLock, PoisonError, mpsc},
    time::SystemTime,
};

const PROGRAMS: [&str; 2] = ["auth-server", "commerce-api"];
/// Lines of the log that are kept for the case that it dies by itself.
const KEPT_LINES: usize = 40;

type Log = Arc<Mutex<VecDeque<String>>>;

/// A running server. It is killed when it is dropped.
pub struct Process {
    child: Child,
    /// Where it answers, without a trailing slash.
    pub url: String,
    log: Log,
}

impl Process {
    /// Starts `auth-server serve` or `commerce-api serve` with this environment only; it listens when this returns.
    pub fn serve(program: &str, environment: &[(&str, String)]) -> Self {
        let variables = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let mut child = Command::new(binary(program))
            .args(["serve", "--bind", "127.0.0.1:0"])
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let log = Log::default();
        let listening = follow(child.stderr.take().expect("its log"), Arc::clone(&log));
        let Ok(url) = listening.recv() else {
            let status = child.wait();
            panic!(
                "{program} ended before it listened: {status:?}\n{}",
                told(&log)
            );
        };
        Self { child, url, log }
    }

    /// SIGKILL: it gets no chance to finish anything.
    pub fn kill(mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            panic!("it had ended by itself: {status}\n{}", self.log());
        }
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is gone");
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        told(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A failing test must not leave it behind; killing it twice does nothing.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn told(log: &Log) -> String {
    let lines = log.lock().unwrap_or_else(PoisonError::into_inner);
    lines
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads the log to its end; sends the URL when it appears.
fn follow(stderr: ChildStderr, log: Log) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut sender = Some(sender);
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Some((_, url)) = line.split_once("listening on ")
                && let Some(sender) = sender.take()
            {
                let end = url.find(',').unwrap_or(url.len());
                // Whoever waited may have given up.
                let _unheard = sender.send(url[..end].to_owned());
            }
            let mut lines = log.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == KEPT_LINES {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    });
    receiver
}

/// A program of this workspace, built from the sources as they are now.
///
/// `cargo test --workspace` has built it before; after `cargo test -p e2e` it may be missing or old, then cargo builds it.
fn binary(program: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let test = std::env::current_exe().expect("the path of this program");
        // target/debug/deps/it-…
        let folder = test.ancestors().nth(2).expect("the folder of the profile");
        if PROGRAMS
            .iter()
            .any(|program| is_missing_or_old(&folder.join(program)))
        {
            build(folder);
        }
        folder.to_owned()
    });
    folder.join(program)
}

/// Whether it is not there, or older than something that cargo says it is made of.
fn is_missing_or_old(program: &Path) -> bool {
    let changed = |file: &Path| -> Option<SystemTime> { fs::metadata(file).ok()?.modified().ok() };
    let Some(built) = changed(program) else {
        return true;
    };
    let made_of = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    // Spaces within a path are escaped.
    let sources = made_of.trim_end().replace("\\ ", "\0");
    let (_, sources) = sources.split_once(": ").unwrap_or_default();
    let is_newer =
        |source: &str| changed(Path::new(&source.replace('\0', " "))).is_none_or(|at| at > built);
    sources
        .split(' ')
        .filter(|source| !source.is_empty())
        .any(is_newer)
}

fn build(folder: &Path) {
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--profile", profile, "--target-dir"])
        .arg(folder.parent().expect("the target folder"))
        .args(PROGRAMS.iter().flat_map(|program| ["-p", program]))
        .current_dir(workspace.expect("the workspace"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the servers do not build");
}
