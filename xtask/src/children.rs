//! Programs that we start and must not leave behind.

use crate::failure::{Failure, Outcome, While};
use crate::interrupt;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const TAIL_LINES: usize = 30;
const PAUSE: Duration = Duration::from_millis(20);

/// A server with its log. It ends with us, even when we are killed.
#[derive(Debug)]
pub struct Server {
    pub name: &'static str,
    pub log: PathBuf,
    child: Child,
    guard: Child,
    polite: &'static str,
}

impl Server {
    /// Starts the program with its output in `log`; `polite` is the signal that asks it to stop.
    ///
    /// It gets a process group of its own: Ctrl-C is for us, and we stop it in order.
    pub fn start(
        name: &'static str,
        mut command: Command,
        log: PathBuf,
        polite: &'static str,
    ) -> Outcome<Self> {
        let output = File::create(&log).doing(|| format!("cannot write {}", log.display()))?;
        let errors = output
            .try_clone()
            .doing(|| format!("cannot write {}", log.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0);
        let child = command.spawn().doing(|| format!("cannot start {name}"))?;
        let guard = guard(child.id(), polite)?;
        Ok(Self {
            name,
            log,
            child,
            guard,
            polite,
        })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error with the end of the log if the server is not running any more.
    pub fn check_alive(&mut self) -> Outcome<()> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.death(status)),
            Err(error) => Err(Failure::server_died(format!(
                "cannot watch {}: {error}",
                self.name
            ))),
        }
    }

    /// Asks the server to stop, and after `patience` (or a second Ctrl-C) makes it stop.
    pub fn stop(&mut self, patience: Duration) {
        let deadline = Instant::now() + patience;
        if self.running() {
            signal(self.polite, &self.child.id().to_string());
        }
        while self.running() && Instant::now() < deadline && interrupt::count() < 2 {
            std::thread::sleep(PAUSE);
        }
        if self.running() {
            eprintln!("{} did not stop when asked; killing it", self.name);
            signal("KILL", &format!("-{}", self.child.id()));
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }

    fn running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn death(&self, status: ExitStatus) -> Failure {
        Failure::server_died(format!(
            "{} died ({status}). The end of {}:\n{}",
            self.name,
            self.log.display(),
            tail(&self.log)
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop(Duration::from_secs(10));
    }
}

/// A shell that waits for the end of a pipe which only we hold open. If we are killed without a
/// chance to tidy up, the pipe breaks and the shell stops the server.
fn guard(process: u32, polite: &str) -> Outcome<Child> {
    Command::new("sh")
        .args([
            "-c",
            r#"read -r _; kill -s "$1" -- "$2" 2>/dev/null"#,
            "guard",
            polite,
        ])
        .arg(process.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .doing(|| "cannot start sh".to_owned())
}

/// Sends a signal by the shell's own `kill`: the standard library can only kill outright.
pub fn signal(name: &str, target: &str) {
    let sent = Command::new("sh")
        .args([
            "-c",
            r#"kill -s "$1" -- "$2" 2>/dev/null"#,
            "signal",
            name,
            target,
        ])
        .status();
    if let Err(error) = sent {
        eprintln!("cannot send SIG{name} to {target}: {error}");
    }
}

/// The last lines of a log.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(TAIL_LINES);
    lines.get(start..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::SERVER_DIED;
    use crate::temporary::TemporaryFolder;

    fn shell(script: &str) -> (Server, TemporaryFolder) {
        let folder = TemporaryFolder::create("guestcart-child").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let log = folder.path.join("server.log");
        (
            Server::start("the server", command, log, "TERM").unwrap(),
            folder,
        )
    }

    fn wait_for(condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !condition() && Instant::now() < deadline {
            std::thread::sleep(PAUSE);
        }
        assert!(condition());
    }

    fn process_exists(id: u32) -> bool {
        Path::new(&format!("/proc/{id}/stat")).exists()
    }

    #[test]
    fn a_server_that_dies_is_reported_with_the_end_of_its_log() {
        let (mut server, _folder) = shell("echo all is well; echo no such table >&2; exit 7");
        let failure = loop {
            if let Err(failure) = server.check_alive() {
                break failure;
            }
            std::thread::sleep(PAUSE);
        };
        assert_eq!(failure.status, SERVER_DIED);
        assert!(
            failure.message.contains("exit status: 7"),
            "{}",
            failure.message
        );
        assert!(
            failure.message.ends_with("all is well\nno such table"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn a_server_that_does_not_listen_is_killed() {
        let (mut server, folder) = shell("trap '' TERM; echo deaf; while :; do sleep 1; done");
        wait_for(|| tail(&folder.path.join("server.log")) == "deaf");
        let id = server.child.id();
        server.stop(Duration::from_millis(100));
        assert!(!process_exists(id));
    }

    #[test]
    fn a_server_stops_when_nobody_is_left_to_stop_it() {
        let (mut server, folder) =
            shell("trap 'echo stopped; exit 0' TERM; echo up; while :; do sleep 0.1; done");
        let log = folder.path.join("server.log");
        wait_for(|| tail(&log) == "up");
        // What the end of this process would do to the pipe.
        drop(server.guard.stdin.take());
        wait_for(|| tail(&log) == "up\nstopped");
    }
}
