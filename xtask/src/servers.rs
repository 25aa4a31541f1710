//! Both servers with one database: migrated, set up, started, watched and stopped together.

use crate::children::{Server, tail};
use crate::clients::PROJECT;
use crate::env_file;
use crate::failure::{Failure, Outcome, While};
use crate::interrupt;
use crate::loopback;
use crate::workspace::Binaries;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// Everything the servers and their command lines are configured with.
#[derive(Debug)]
pub struct Setup {
    pub binaries: Binaries,
    pub data: PathBuf,
    pub database_url: String,
    environment: Vec<(String, String)>,
}

impl Setup {
    /// Makes the data folder ready; its secrets are made once and kept.
    pub fn new(
        binaries: Binaries,
        data: PathBuf,
        database_url: String,
        rate_limits: bool,
    ) -> Outcome<Self> {
        let logs = data.join("logs");
        fs::create_dir_all(&logs).doing(|| format!("cannot create {}", logs.display()))?;
        let mut environment = vec![
            ("DATABASE_URL".to_owned(), database_url.clone()),
            (
                "RATE_LIMITS".to_owned(),
                if rate_limits { "on" } else { "off" }.to_owned(),
            ),
        ];
        if std::env::var_os("DRAIN_SECONDS").is_none() {
            // No gateway has to notice that we stop.
            environment.push(("DRAIN_SECONDS".to_owned(), "0".to_owned()));
        }
        if std::env::var_os("RUST_LOG").is_none() {
            environment.push(("RUST_LOG".to_owned(), "info".to_owned()));
        }
        environment.extend(secrets(&data.join("secrets.env"))?);
        Ok(Self {
            binaries,
            data,
            database_url,
            environment,
        })
    }

    /// Migrates, creates the project if it is missing, and fills the catalog if asked to.
    pub fn prepare_database(&self, seed_demo: bool) -> Outcome<()> {
        self.auth_command(&["migrate"])?;
        self.auth_command(&[
            "project",
            "create",
            PROJECT,
            "--if-missing",
            "--currencies",
            "EUR,USD",
            "--countries",
            "DE,US",
            "--languages",
            "en,de",
        ])?;
        let seed = if seed_demo { "demo" } else { "empty" };
        self.api_command(&["seed", seed, "--project", PROJECT])?;
        self.adopt_secrets()
    }

    /// A database that was set up from another data folder has signing keys that our secrets do not open, and client secrets
    /// made with another pepper. It gets ours; tokens signed by the old key stay good until they expire.
    fn adopt_secrets(&self) -> Outcome<()> {
        let file = self.data.join("secrets.env");
        let mut adopted = 0;
        while let Err(failure) = self.auth_command(&["check-config"]) {
            let is = |name: &str| failure.message.contains(&format!("{name} is not the one"));
            let (what, command) = if is("KEY_ENCRYPTION_KEY") {
                ("making a new signing key", ["keys", "rotate"])
            } else if is("SECRET_PEPPER") {
                (
                    "its API clients so far are refused from now on",
                    ["client", "adopt-pepper"],
                )
            } else {
                return Err(failure);
            };
            adopted += 1;
            if adopted > 2 {
                return Err(failure);
            }
            eprintln!(
                "The database was set up with other secrets than those in {}: {what}.",
                file.display()
            );
            self.auth_command(&command)?;
        }
        Ok(())
    }

    /// Runs a command of the auth server to its end and returns what it printed.
    pub fn auth_command(&self, arguments: &[&str]) -> Outcome<String> {
        self.command("auth-server", &self.binaries.auth_server, arguments)
    }

    /// Runs a command of the commerce API to its end and returns what it printed.
    pub fn api_command(&self, arguments: &[&str]) -> Outcome<String> {
        self.command("commerce-api", &self.binaries.commerce_api, arguments)
    }

    fn command(&self, name: &str, program: &Path, arguments: &[&str]) -> Outcome<String> {
        interrupt::refuse_if_interrupted()?;
        let output = self
            .configured(program)
            .args(arguments)
            .output()
            .doing(|| format!("cannot run {}", program.display()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let first_words: Vec<&str> = arguments
            .iter()
            .copied()
            .take_while(|word| !word.starts_with('-'))
            .collect();
        Err(Failure::new(format!(
            "`{name} {}` failed ({}):\n{}{}",
            first_words.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )))
    }

    /// A program with the servers' settings in its environment.
    pub fn configured(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.stdin(std::process::Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Both servers, running. Dropping them stops them.
#[derive(Debug)]
pub struct Running {
    pub auth_port: u16,
    pub api_port: u16,
    auth: Server,
    api: Server,
}

impl Running {
    /// Starts both and returns when both are ready.
    pub fn start(setup: &Setup, ports: Ports) -> Outcome<Self> {
        let (auth_port, api_port) = (ports.auth_port, ports.api_port);
        // Held until here so that nobody else takes them; the servers bind them next.
        drop(ports);
        let issuer = format!("http://127.0.0.1:{auth_port}");
        let start = |name, program: &Path, bind: (&str, u16)| {
            let mut command = setup.configured(program);
            command.arg("serve");
            command
                .env(bind.0, format!("127.0.0.1:{}", bind.1))
                .env("AUTH_PUBLIC_URL", &issuer);
            Server::start(name, command, log_file(&setup.data, name)?, "TERM")
        };
        let auth = start(
            "auth-server",
            &setup.binaries.auth_server,
            ("AUTH_BIND", auth_port),
        )?;
        let api = start(
            "commerce-api",
            &setup.binaries.commerce_api,
            ("API_BIND", api_port),
        )?;
        let mut running = Self {
            auth_port,
            api_port,
            auth,
            api,
        };
        running.wait_until_ready()?;
        Ok(running)
    }

    /// An error with the end of its log if one of them died.
    pub fn check_alive(&mut self) -> Outcome<()> {
        self.auth.check_alive()?;
        self.api.check_alive()
    }

    /// The logs, in the order in which the servers were started.
    pub fn logs(&self) -> [&Path; 2] {
        [&self.auth.log, &self.api.log]
    }

    /// The failure, with what the auth server has to say about it.
    pub fn with_log(&self, failure: Failure) -> Failure {
        let log = &self.auth.log;
        let message = format!(
            "{}. The end of {}:\n{}",
            failure.message,
            log.display(),
            tail(log)
        );
        Failure { message, ..failure }
    }

    /// Stops both; the API first, because it leans on the other's keys.
    pub fn stop(&mut self) {
        self.api.stop(STOP_WITHIN);
        self.auth.stop(STOP_WITHIN);
    }

    fn wait_until_ready(&mut self) -> Outcome<()> {
        let deadline = Instant::now() + READY_WITHIN;
        for port in [self.auth_port, self.api_port] {
            loop {
                self.check_alive()?;
                interrupt::refuse_if_interrupted()?;
                let answer = loopback::get(port, "/health/ready");
                if answer == Ok(200) {
                    break;
                }
                if Instant::now() > deadline {
                    return Err(Failure::server_died(format!(
                        "http://127.0.0.1:{port}/health/ready is not ready after {} s ({answer:?}); \
                         see the logs in {}",
                        READY_WITHIN.as_secs(),
                        self.auth.log.parent().unwrap_or(Path::new(".")).display()
                    )));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }
}

/// Two ports, taken until the servers start.
#[derive(Debug)]
pub struct Ports {
    auth_port: u16,
    api_port: u16,
    _held: [TcpListener; 2],
}

impl Ports {
    /// Checks that both ports are free; 0 finds a free one.
    pub fn take(auth: u16, api: u16) -> Outcome<Self> {
        let (auth_listener, auth_port) = take(auth, "--auth-port")?;
        let (api_listener, api_port) = take(api, "--api-port")?;
        Ok(Self {
            auth_port,
            api_port,
            _held: [auth_listener, api_listener],
        })
    }
}

fn take(port: u16, option: &str) -> Outcome<(TcpListener, u16)> {
    let listener = loopback::listen(port).doing(|| {
        format!(
            "port {port} is not free; choose another with `{option} N`, or `{option} 0` for any free one"
        )
    })?;
    let address = listener
        .local_addr()
        .doing(|| format!("cannot use port {port}"))?;
    Ok((listener, address.port()))
}

fn log_file(data: &Path, name: &str) -> Outcome<PathBuf> {
    let log = data.join("logs").join(format!("{name}.log"));
    if log.exists() {
        let previous = log.with_extension("previous.log");
        fs::rename(&log, &previous).doing(|| format!("cannot rename {}", log.display()))?;
    }
    Ok(log)
}

/// The keys that seal signing keys and pepper hashed secrets. They belong to the database: without
/// them its tokens and clients are worth nothing, so they are kept beside it.
fn secrets(file: &Path) -> Outcome<Vec<(String, String)>> {
    const NAMES: [&str; 2] = ["KEY_ENCRYPTION_KEY", "SECRET_PEPPER"];
    if file.exists() {
        let mut known = env_file::read(file)?;
        return NAMES
            .iter()
            .map(|name| match known.remove(*name) {
                Some(value) if is_key(&value) => Ok(((*name).to_owned(), value)),
                _ => Err(Failure::new(format!(
                    "{} is damaged: {name} must be 64 hexadecimal digits. The database needs the one it was made with. Put \
                     it back; or delete the file, then the database gets new secrets and its API clients new ones",
                    file.display()
                ))),
            })
            .collect();
    }
    let mut made = Vec::new();
    for name in NAMES {
        made.push((name.to_owned(), env_file::random_hex(32)?));
    }
    let lines: Vec<(&str, &str)> = made
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let heading = "Secrets of this development database. Keep them with it.";
    env_file::write(file, heading, &lines)?;
    Ok(made)
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporary::TemporaryFolder;

    #[test]
    fn secrets_are_made_once_and_damaged_ones_are_not_replaced() {
        let folder = TemporaryFolder::create("guestcart-secrets").unwrap();
        let file = folder.path.join("secrets.env");
        let made = secrets(&file).unwrap();
        assert_eq!(secrets(&file).unwrap(), made);
        let text = fs::read_to_string(&file).unwrap();
        for damaged in [
            text.replace("SECRET_PEPPER", "SECRET_PEPER"),
            text.replace(&made[1].1, "0"),
            String::new(),
        ] {
            fs::write(&file, &damaged).unwrap();
            let failure = secrets(&file).unwrap_err();
            assert!(
                failure.message.contains("is damaged"),
                "{}",
                failure.message
            );
            assert_eq!(fs::read_to_string(&file).unwrap(), damaged);
        }
    }
}
