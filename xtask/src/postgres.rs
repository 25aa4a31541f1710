//! A PostgreSQL to test on: the one that `TEST_DATABASE_URL` names, or a private cluster that
//! lives in a temporary folder for as long as the tests run.

use crate::children::{Server, tail};
use crate::env_file;
use crate::failure::{Failure, Outcome, While};
use crate::interrupt;
use crate::loopback;
use crate::temporary::TemporaryFolder;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const READY_WITHIN: Duration = Duration::from_secs(30);
/// Nobody needs the data of tests after a crash.
const THROW_AWAY: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

#[derive(Debug)]
pub enum Postgres {
    Found(PostgresServer),
    Missing { why: String },
}

/// A server and a role on it that may create databases.
#[derive(Debug)]
pub struct PostgresServer {
    /// Of the database to connect to first; tests create their own beside it.
    pub url: String,
    psql: PathBuf,
    /// Stopped, and its folder removed, when this is dropped. In this order.
    cluster: Option<(Server, TemporaryFolder)>,
}

impl Postgres {
    pub fn server(&self) -> Option<&PostgresServer> {
        match self {
            Self::Found(server) => Some(server),
            Self::Missing { .. } => None,
        }
    }
}

/// `TEST_DATABASE_URL` first, then an installed `initdb`.
pub fn find_or_start() -> Outcome<Postgres> {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(url) if !url.is_empty() => {
            return Ok(Postgres::Found(PostgresServer {
                url,
                psql: "psql".into(),
                cluster: None,
            }));
        }
        _ => {}
    }
    match find_programs() {
        Some(programs) => start(&programs, &THROW_AWAY).map(Postgres::Found),
        None => Ok(Postgres::Missing {
            why: "TEST_DATABASE_URL is not set and no `initdb` is in PATH or /usr/lib/postgresql/*/bin".to_owned(),
        }),
    }
}

/// A private cluster with these settings.
pub fn start_private(settings: &[&str]) -> Outcome<PostgresServer> {
    match find_programs() {
        Some(programs) => start(&programs, settings),
        None => Err(Failure::new(
            "PostgreSQL is needed: no `initdb` is in PATH or /usr/lib/postgresql/*/bin",
        )),
    }
}

impl PostgresServer {
    /// Another program of the same installation.
    pub fn program(&self, name: &str) -> PathBuf {
        self.psql.with_file_name(name)
    }

    /// The process that all others of a private cluster come from.
    pub fn process(&self) -> Option<u32> {
        self.cluster.as_ref().map(|(server, _)| server.id())
    }

    /// The URL of another database of this server.
    pub fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// Runs SQL and returns what it selected: a line for each row, tabs between columns.
    pub fn query(&self, url: &str, sql: &str) -> Outcome<String> {
        let output = Command::new(&self.psql)
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--field-separator=\t", "--set=ON_ERROR_STOP=1"])
            .args(["--dbname", url, "--command", sql])
            .stdin(Stdio::null())
            .output()
            .doing(|| "cannot run psql".to_owned())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Failure::new(format!("psql: {errors}")))
    }

    /// Runs `work` with the URL of a new, empty database and drops the database afterwards.
    pub fn with_scratch_database<T>(
        &self,
        name: &str,
        work: impl FnOnce(&str) -> Outcome<T>,
    ) -> Outcome<T> {
        let name = format!("{name}_{}", std::process::id());
        self.execute(&format!("CREATE DATABASE {name}"))?;
        let outcome = work(&with_database(&self.url, &name));
        let dropped = self.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        let value = outcome?;
        dropped.map(|()| value)
    }

    fn execute(&self, statement: &str) -> Outcome<()> {
        self.query(&self.url, statement).map(drop)
    }
}

/// The folder with `initdb`, `postgres` and `psql`.
fn find_programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join("initdb"));
    // A link in the PATH may stand alone; its neighbours are where it points to.
    let in_path = in_path.filter_map(|initdb| initdb.canonicalize().ok());
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/initdb")))
        .collect();
    // Newest first: 15 before 9.6.
    installed.sort_by_key(|initdb| std::cmp::Reverse(major_version(initdb)));
    in_path
        .chain(installed)
        .filter_map(|initdb| Some(initdb.parent()?.to_path_buf()))
        .find(|folder| {
            ["initdb", "postgres", "psql"]
                .iter()
                .all(|program| folder.join(program).is_file())
        })
}

fn major_version(initdb: &Path) -> u32 {
    let folder = initdb.ancestors().nth(2).and_then(Path::file_name);
    let name = folder
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    name.split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .unwrap_or(0)
}

fn start(programs: &Path, settings: &[&str]) -> Outcome<PostgresServer> {
    let folder = TemporaryFolder::create("guestcart-postgres")?;
    let user = unprivileged_user(&folder.path)?;
    if let Some((uid, gid)) = user {
        chown(&folder.path, Some(uid), Some(gid))
            .doing(|| format!("cannot chown {}", folder.path.display()))?;
    }
    let command = |program: &str| {
        let mut command = Command::new(programs.join(program));
        command.current_dir(&folder.path).stdin(Stdio::null());
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        command
    };
    let password = env_file::random_hex(16)?;
    initialize(command("initdb"), &folder.path, &password, user)?;
    let port = free_port()?;
    let mut postgres = command("postgres");
    postgres
        .arg("-D")
        .arg(folder.path.join("cluster"))
        .arg("-k")
        .arg(&folder.path);
    let port_setting = format!("port={port}");
    let always = [
        port_setting.as_str(),
        "listen_addresses=127.0.0.1",
        "max_connections=200",
    ];
    for setting in always.iter().chain(settings) {
        postgres.args(["-c", setting]);
    }
    let mut server = Server::start(
        "PostgreSQL",
        postgres,
        folder.path.join("postgres.log"),
        "INT",
    )?;
    let url = format!("postgres://guestcart:{password}@127.0.0.1:{port}/postgres");
    let probe = PostgresServer {
        url: url.clone(),
        psql: programs.join("psql"),
        cluster: None,
    };
    wait_until_ready(&mut server, &probe)?;
    Ok(PostgresServer {
        cluster: Some((server, folder)),
        ..probe
    })
}

fn initialize(
    mut initdb: Command,
    folder: &Path,
    password: &str,
    user: Option<(u32, u32)>,
) -> Outcome<()> {
    let password_file = folder.join("password");
    fs::write(&password_file, password)
        .doing(|| "cannot write the cluster's password".to_owned())?;
    if let Some((uid, gid)) = user {
        chown(&password_file, Some(uid), Some(gid))
            .doing(|| "cannot chown the cluster's password".to_owned())?;
    }
    let output = initdb
        .args([
            "--auth=scram-sha-256",
            "--username=guestcart",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ])
        .arg("--pwfile")
        .arg(&password_file)
        .arg("-D")
        .arg(folder.join("cluster"))
        .output()
        .doing(|| "cannot run initdb".to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::new(format!(
        "initdb failed ({}):\n{errors}",
        output.status
    )))
}

fn wait_until_ready(server: &mut Server, probe: &PostgresServer) -> Outcome<()> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        server.check_alive()?;
        interrupt::refuse_if_interrupted()?;
        match probe.execute("SELECT 1") {
            Ok(()) => return Ok(()),
            Err(failure) if Instant::now() > deadline => {
                return Err(Failure::new(format!(
                    "{}\n{}",
                    failure.message,
                    tail(&server.log)
                )));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// PostgreSQL refuses to run as root. Then it runs as `postgres`, or as `nobody`.
///
/// Whether we are root shows in the owner of a folder that we have just made.
fn unprivileged_user(ours: &Path) -> Outcome<Option<(u32, u32)>> {
    let owner = fs::metadata(ours)
        .doing(|| format!("cannot read {}", ours.display()))?
        .uid();
    if owner != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").doing(|| "cannot read /etc/passwd".to_owned())?;
    let found = ["postgres", "nobody"]
        .iter()
        .find_map(|name| user_ids(&users, name));
    found.map(Some).ok_or_else(|| {
        Failure::new("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
    })
}

fn user_ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = passwd
        .lines()
        .map(|line| line.split(':'))
        .find(|fields| fields.clone().next() == Some(name))?;
    Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
}

pub fn free_port() -> Outcome<u16> {
    loopback::listen(0)
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .doing(|| "cannot find a free port".to_owned())
}

/// The same server, another database: `postgres://host/old?x=1` becomes `postgres://host/new?x=1`.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let authority_at = address.find("://").map_or(0, |at| at + 3);
    let end = address
        .get(authority_at..)
        .and_then(|rest| rest.find('/'))
        .map_or(address.len(), |at| authority_at + at);
    format!(
        "{}/{name}{parameters}",
        address.get(..end).unwrap_or(address)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scratch_database_is_on_the_same_server_with_the_same_parameters() {
        assert_eq!(
            with_database("postgres://u:p@h:5/postgres?a=b", "x"),
            "postgres://u:p@h:5/x?a=b"
        );
        assert_eq!(with_database("postgres://h", "x"), "postgres://h/x");
        assert_eq!(
            with_database("postgres:///old?host=/run/pg", "x"),
            "postgres:///x?host=/run/pg"
        );
    }

    #[test]
    fn user_and_group_are_read_from_the_users_line() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/sh\n";
        assert_eq!(user_ids(passwd, "postgres"), Some((101, 104)));
        assert_eq!(user_ids(passwd, "nobody"), None);
    }

    #[test]
    fn newer_installations_are_preferred_by_number() {
        assert_eq!(
            major_version(Path::new("/usr/lib/postgresql/15/bin/initdb")),
            15
        );
        assert_eq!(
            major_version(Path::new("/usr/lib/postgresql/9.6/bin/initdb")),
            9
        );
    }
}
