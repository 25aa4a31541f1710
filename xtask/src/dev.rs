//! `cargo xtask dev`: both real servers with a demo project, for hands or for one command.

use crate::arguments::Arguments;
use crate::children;
use crate::clients::{ADMIN_SCOPES, DemoClients, PROJECT};
use crate::env_file;
use crate::failure::{Failure, INTERRUPTED, Outcome, While};
use crate::fresh;
use crate::interrupt;
use crate::servers::{Ports, Running, Setup};
use crate::workspace;
use std::fs::{self, File, TryLockError};
use std::io::IsTerminal;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

const WATCH_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug, Clone)]
pub struct Options {
    pub release: bool,
    /// SQLite in the data folder when absent.
    pub database: Option<String>,
    pub auth_port: u16,
    pub api_port: u16,
    pub data: PathBuf,
    /// Start empty again.
    pub fresh: bool,
    pub seed_demo: bool,
    pub limits: bool,
    pub exec: Option<String>,
}

impl Options {
    pub fn parse(mut arguments: Arguments) -> Outcome<Self> {
        let port = "a port number from 0 to 65535";
        let options = Self {
            release: arguments.take_flag("--release"),
            database: arguments.take_value("--database")?,
            auth_port: arguments.take_parsed("--auth-port", port)?.unwrap_or(8080),
            api_port: arguments.take_parsed("--api-port", port)?.unwrap_or(8081),
            data: arguments
                .take_value("--data")?
                .unwrap_or_else(|| "data".to_owned())
                .into(),
            fresh: arguments.take_flag("--fresh"),
            seed_demo: match arguments.take_value("--seed")?.as_deref() {
                None | Some("demo") => true,
                Some("empty") => false,
                Some(other) => {
                    return Err(Failure::usage(format!(
                        "`--seed` must be demo or empty, found `{other}`"
                    )));
                }
            },
            limits: arguments.take_flag("--limits"),
            exec: arguments.take_value("--exec")?,
        };
        arguments.finish()?;
        if let (true, Some(url)) = (options.fresh, &options.database) {
            return Err(Failure::usage(format!(
                "`--fresh` empties only the SQLite database that `dev` made under `--data`; empty {} with the database's own \
                 tools (`dropdb`, `createdb`)",
                without_password(url)
            )));
        }
        Ok(options)
    }
}

/// Returns the exit status: that of the `--exec` command, or 0 after Ctrl-C.
pub fn run(options: &Options) -> Outcome<u8> {
    interrupt::listen()?;
    let (data, _lock) = claim(&options.data)?;
    let ports = Ports::take(options.auth_port, options.api_port)?;
    if options.fresh {
        fresh::empty(&data)?;
    }
    let database_url = match &options.database {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", fresh::database(&data).display()),
    };
    let binaries = workspace::build_servers(options.release, needs_tls(&database_url));
    interrupt::refuse_if_interrupted()?;
    if options.database.is_none() {
        fresh::note_who_makes_it(&data)?;
    }
    let setup = Setup::new(binaries?, data, database_url, options.limits)?;
    setup
        .prepare_database(options.seed_demo)
        .map_err(|failure| with_way_out(failure, options))?;
    let mut running = Running::start(&setup, ports)?;
    let credentials = setup.data.join("credentials.env");
    let clients = DemoClients::find_or_create(&setup, running.auth_port, &credentials)
        .map_err(|failure| running.with_log(failure))?;
    let environment = environment(&running, &clients);
    let lines: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    env_file::write(
        &credentials,
        "For development only. Written by `cargo xtask dev`.",
        &lines,
    )?;
    print_banner(&setup, &running, &clients, options.seed_demo);
    let status = match &options.exec {
        Some(command) => execute(command, &lines, &mut running),
        None => {
            eprintln!("Ctrl-C stops both servers. `cargo xtask dev --fresh` starts empty again.");
            stay(&mut running)
        }
    };
    running.stop();
    status
}

/// A damaged database of our own need not be repaired.
fn with_way_out(failure: Failure, options: &Options) -> Failure {
    if options.database.is_some() || !failure.message.contains("it is damaged") {
        return failure;
    }
    Failure {
        message: format!(
            "{}\n`cargo xtask dev --fresh` starts with an empty database.",
            failure.message.trim_end()
        ),
        ..failure
    }
}

/// The data folder, created and locked: two pairs of servers in one folder would overwrite each
/// other's credentials.
fn claim(folder: &Path) -> Outcome<(PathBuf, File)> {
    let elsewhere = |failure: Failure| Failure {
        message: format!(
            "{}; choose another folder with `--data DIR`",
            failure.message
        ),
        ..failure
    };
    fs::create_dir_all(folder)
        .doing(|| format!("cannot create {}", folder.display()))
        .map_err(elsewhere)?;
    let data = folder
        .canonicalize()
        .doing(|| format!("cannot open {}", folder.display()))
        .map_err(elsewhere)?;
    let lock = data.join("dev.lock");
    let file = File::create(&lock)
        .doing(|| format!("cannot write {}", lock.display()))
        .map_err(elsewhere)?;
    match file.try_lock() {
        Ok(()) => Ok((data, file)),
        Err(TryLockError::WouldBlock) => Err(Failure::new(format!(
            "another `cargo xtask dev` is running with {}; stop it, or choose another folder with `--data DIR`",
            data.display()
        ))),
        Err(TryLockError::Error(error)) => Err(Failure::new(format!(
            "cannot lock {}: {error}",
            lock.display()
        ))),
    }
}

fn needs_tls(database_url: &str) -> bool {
    ["sslmode=require", "sslmode=verify-"]
        .iter()
        .any(|mode| database_url.contains(mode))
}

fn environment(running: &Running, clients: &DemoClients) -> Vec<(&'static str, String)> {
    vec![
        (
            "CTP_AUTH_URL",
            format!("http://127.0.0.1:{}", running.auth_port),
        ),
        (
            "CTP_API_URL",
            format!("http://127.0.0.1:{}", running.api_port),
        ),
        ("CTP_PROJECT_KEY", PROJECT.to_owned()),
        ("CTP_CLIENT_ID", clients.admin.id.clone()),
        ("CTP_CLIENT_SECRET", clients.admin.secret.clone()),
        ("CTP_SCOPES", ADMIN_SCOPES.to_owned()),
        ("MOBILE_CLIENT_ID", clients.mobile.id.clone()),
        ("MOBILE_CLIENT_SECRET", clients.mobile.secret.clone()),
        ("OPAQUE_CLIENT_ID", clients.opaque.id.clone()),
        ("OPAQUE_CLIENT_SECRET", clients.opaque.secret.clone()),
    ]
}

fn stay(running: &mut Running) -> Outcome<u8> {
    while interrupt::count() == 0 {
        running.check_alive()?;
        std::thread::sleep(WATCH_EVERY);
    }
    eprintln!("stopping …");
    Ok(0)
}

/// Runs the command to its end, unless a server dies or we are interrupted first.
fn execute(command: &str, environment: &[(&str, &str)], running: &mut Running) -> Outcome<u8> {
    // At a terminal the command shares our process group, or it could not read from the keyboard.
    // Elsewhere it gets its own, so that a signal reaches all it started.
    let own_group = !std::io::stdin().is_terminal();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(command)
        .envs(environment.iter().copied());
    if own_group {
        shell.process_group(0);
    }
    let mut child = shell.spawn().doing(|| "cannot start sh".to_owned())?;
    let mut told = 0;
    loop {
        if let Some(status) = child
            .try_wait()
            .doing(|| "cannot watch the command".to_owned())?
        {
            return Ok(if told > 0 {
                INTERRUPTED
            } else {
                exit_status(status)
            });
        }
        if let Err(death) = running.check_alive() {
            end(&child, "TERM", own_group);
            let _ = child.wait();
            return Err(death);
        }
        if interrupt::count() > told {
            told = interrupt::count();
            end(&child, if told > 1 { "KILL" } else { "TERM" }, own_group);
        }
        std::thread::sleep(WATCH_EVERY);
    }
}

fn end(child: &Child, signal: &str, own_group: bool) {
    let sign = if own_group { "-" } else { "" };
    children::signal(signal, &format!("{sign}{}", child.id()));
}

fn exit_status(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

fn print_banner(setup: &Setup, running: &Running, clients: &DemoClients, seeded: bool) {
    let Running {
        auth_port,
        api_port,
        ..
    } = running;
    let [auth_log, api_log] = running.logs();
    let catalog = if seeded {
        "with a demo catalog"
    } else {
        "without a catalog"
    };
    eprintln!(
        "
Guestcart is running. Project `{PROJECT}`, {catalog}.

  auth server    http://127.0.0.1:{auth_port}    log: {auth_log}
  commerce API   http://127.0.0.1:{api_port}    log: {api_log}
  database       {database}

  client         id / secret (also in {credentials})
  admin          {admin_id} / {admin_secret}
  mobile         {mobile_id} / {mobile_secret}
  opaque tokens  {opaque_id} / {opaque_secret}

A guest's token, the way a storefront asks for it:

  curl http://127.0.0.1:{auth_port}/oauth/{PROJECT}/anonymous/token \\
    --basic --user '{mobile_id}:{mobile_secret}' -d grant_type=client_credentials
",
        auth_log = auth_log.display(),
        api_log = api_log.display(),
        database = without_password(&setup.database_url),
        credentials = setup.data.join("credentials.env").display(),
        admin_id = clients.admin.id,
        admin_secret = clients.admin.secret,
        mobile_id = clients.mobile.id,
        mobile_secret = clients.mobile.secret,
        opaque_id = clients.opaque.id,
        opaque_secret = clients.opaque.secret,
    );
}

fn without_password(url: &str) -> String {
    let masked = || {
        let (scheme, rest) = url.split_once("://")?;
        let (login, host) = rest.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{host}"))
    };
    masked().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_contract_has_these_defaults() {
        let options = Options::parse(Arguments::new([""; 0])).unwrap();
        assert_eq!((options.auth_port, options.api_port), (8080, 8081));
        assert_eq!(options.data, PathBuf::from("data"));
        assert!(options.seed_demo && !options.limits && !options.release);
        assert!(options.exec.is_none() && options.database.is_none());
    }

    #[test]
    fn only_a_database_of_its_own_is_started_afresh() {
        let parse = |words: &[&str]| Options::parse(Arguments::new(words.iter().copied()));
        assert!(parse(&["--fresh"]).unwrap().fresh);
        let refused = parse(&["--fresh", "--database", "postgres://a:secret@db/shop"]).unwrap_err();
        assert_eq!(refused.status, 2);
        assert!(
            refused.message.contains("postgres://a:***@db/shop"),
            "{}",
            refused.message
        );
    }

    #[test]
    fn a_damaged_database_has_a_way_out() {
        let options = Options::parse(Arguments::new([""; 0])).unwrap();
        let way_out = |message: &str| with_way_out(Failure::new(message), &options).message;
        assert!(way_out("file is not a database (it is damaged, or …)").contains("dev --fresh"));
        assert_eq!(way_out("something else"), "something else");
    }

    #[test]
    fn a_database_that_demands_tls_is_noticed() {
        assert!(needs_tls("postgres://db/shop?sslmode=verify-full"));
        assert!(needs_tls(
            "postgres://db/shop?connect_timeout=3&sslmode=require"
        ));
        assert!(!needs_tls("postgres://db/shop?sslmode=prefer"));
        assert!(!needs_tls("sqlite:///tmp/a.db"));
    }

    #[test]
    fn the_banner_hides_the_database_password() {
        assert_eq!(
            without_password("postgres://shop:p@ss@db:5432/shop"),
            "postgres://shop:***@db:5432/shop"
        );
        assert_eq!(
            without_password("sqlite:///tmp/a b.db"),
            "sqlite:///tmp/a b.db"
        );
    }
}
