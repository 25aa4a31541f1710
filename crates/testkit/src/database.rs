//! A migrated database per test: a SQLite file, or a copy of a PostgreSQL template.

use std::{
    path::Path,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _,
    connection::SimpleConnection as _,
    dsl::sql,
    sql_types::{Bool, Text},
};
use shared::{
    config::database::DatabaseSettings,
    db::Database,
    random::{SystemRandomness, short_id},
};

/// Connections per PostgreSQL test database; parallel requests of a test share them.
const POOL_SIZE: u32 = 8;
/// Begins the names of all test databases.
const PREFIX: &str = "guestcart_tests_";
/// Name of a SQLite test database in its own directory.
const SQLITE_FILE: &str = "test.db";

/// A database that belongs to one test and vanishes with it.
pub struct TestDatabase {
    /// Its pools.
    pub database: Database,
    /// Its URL, to open it a second time (another instance of a server).
    pub url: String,
    cleanup: Cleanup,
}

/// A database to copy: migrated, and filled with whatever the tests of one binary have in common.
pub enum Template {
    /// The bytes of the file.
    Sqlite(Vec<u8>),
    /// A database that nobody may connect to.
    Postgres {
        /// Of the server.
        admin_url: String,
        /// Of the database.
        name: String,
    },
}

impl Template {
    /// A database of its own with the same content.
    #[must_use]
    pub fn copy(&self) -> TestDatabase {
        match self {
            Self::Sqlite(content) => TestDatabase::from_sqlite_file(content),
            Self::Postgres { admin_url, name } => TestDatabase::from_postgres(admin_url, name),
        }
    }
}

enum Cleanup {
    Directory(tempfile::TempDir),
    Postgres { admin_url: String, name: String },
}

/// One fresh database of each kind that is available: SQLite always, PostgreSQL if `TEST_DATABASE_URL` is set.
#[must_use]
pub fn databases() -> Vec<TestDatabase> {
    let mut all = vec![TestDatabase::sqlite()];
    all.extend(TestDatabase::postgres());
    all
}

impl TestDatabase {
    /// A fresh SQLite file.
    #[must_use]
    pub fn sqlite() -> Self {
        static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
        Self::from_sqlite_file(TEMPLATE.get_or_init(migrated_sqlite_file))
    }

    fn from_sqlite_file(content: &[u8]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join(SQLITE_FILE);
        let url = format!("sqlite://{}?synchronous=off", path.display());
        std::fs::write(&path, content).expect("write the database file");
        let database = open(&url);
        Self {
            database,
            url,
            cleanup: Cleanup::Directory(directory),
        }
    }

    /// A fresh PostgreSQL database on the server of `TEST_DATABASE_URL`, or `None` without it.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        let admin_url = std::env::var("TEST_DATABASE_URL").ok()?;
        let template = postgres_template(&admin_url);
        Some(Self::from_postgres(&admin_url, template))
    }

    fn from_postgres(admin_url: &str, template: &str) -> Self {
        static COPIES: AtomicU32 = AtomicU32::new(1);
        let copy = COPIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{copy}", owner(admin_url).prefix);
        let mut admin = PgConnection::establish(admin_url).expect("connect to TEST_DATABASE_URL");
        admin
            .batch_execute(&format!(
                r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#
            ))
            .expect("create the test database");
        let url = with_database(admin_url, &name);
        let database = open(&url);
        let admin_url = admin_url.to_owned();
        Self {
            database,
            url,
            cleanup: Cleanup::Postgres { admin_url, name },
        }
    }

    /// Keeps what is in it now, to be copied. Servers that use it have been stopped.
    #[must_use]
    pub fn freeze(self) -> Template {
        match &self.cleanup {
            Cleanup::Directory(directory) => {
                let frozen = directory.path().join("frozen.db");
                let path = directory.path().join(SQLITE_FILE);
                vacuum_into(&path, &frozen);
                Template::Sqlite(std::fs::read(frozen).expect("read the frozen database"))
            }
            Cleanup::Postgres { admin_url, name } => {
                let mut admin =
                    PgConnection::establish(admin_url).expect("connect to TEST_DATABASE_URL");
                close(&mut admin, name);
                let (admin_url, name) = (admin_url.clone(), name.clone());
                // It lives as long as the process: statics are not dropped.
                std::mem::forget(self);
                Template::Postgres { admin_url, name }
            }
        }
    }

    /// Opens it once more, as another instance of a server would.
    #[must_use]
    pub fn second_instance(&self) -> Database {
        open(&self.url)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Cleanup::Postgres { admin_url, name } = &self.cleanup {
            let Ok(mut admin) = PgConnection::establish(admin_url) else {
                return;
            };
            let dropped = admin.batch_execute(&format!(r#"DROP DATABASE "{name}" WITH (FORCE)"#));
            if let Err(error) = dropped {
                eprintln!("test database {name} stays: {error}");
            }
        }
    }
}

fn open(url: &str) -> Database {
    let url = url.parse().expect("a database URL");
    Database::open(&DatabaseSettings {
        url,
        pool_size: POOL_SIZE,
        scan_pool_size: 1,
        deadline: Duration::from_secs(15),
    })
    .expect("open the test database")
}

fn migrated_sqlite_file() -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("template.db");
    let database = open(&format!("sqlite://{}?synchronous=off", path.display()));
    database.migrate().expect("migrate the SQLite template");
    drop(database);
    let folded = directory.path().join("folded.db");
    vacuum_into(&path, &folded);
    std::fs::read(folded).expect("read the SQLite template")
}

/// Writes all of a database, its log included, into a new file.
fn vacuum_into(source: &Path, target: &Path) {
    let text = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
    let mut connection = diesel::SqliteConnection::establish(&text(source)).expect("reopen");
    connection
        .batch_execute(&format!("VACUUM INTO '{}'", text(target)))
        .expect("copy the database");
}

/// What this process made on the server of `TEST_DATABASE_URL` is named after it and goes when it is gone.
struct Owner {
    /// Begins the names of all its databases.
    prefix: String,
    /// Holds a lock on `prefix` as long as the process lives; whoever can take it may drop those databases.
    _lock: Mutex<PgConnection>,
}

fn owner(admin_url: &str) -> &'static Owner {
    static OWNER: OnceLock<Owner> = OnceLock::new();
    OWNER.get_or_init(|| {
        let id = short_id(&SystemRandomness::new()).to_lowercase();
        let prefix = format!("{PREFIX}{}", id.replace(['-', '_'], "x"));
        let mut lock = PgConnection::establish(admin_url).expect("connect to TEST_DATABASE_URL");
        lock.batch_execute(&format!("SELECT pg_advisory_lock(hashtext('{prefix}'))"))
            .expect("lock the name of this process");
        drop_what_nobody_owns(&mut lock);
        Owner {
            prefix,
            _lock: Mutex::new(lock),
        }
    })
}

/// Templates outlive their process, because statics are not dropped; the next process clears them away.
fn drop_what_nobody_owns(admin: &mut PgConnection) {
    let list = format!("SELECT datname::text FROM pg_database WHERE datname LIKE '{PREFIX}%'");
    let names: Vec<String> = sql::<Text>(&list)
        .load(admin)
        .expect("list the test databases");
    for name in names {
        let Some(end) = name[PREFIX.len()..].find('_') else {
            continue;
        };
        let lock = format!("advisory_lock(hashtext('{}'))", &name[..PREFIX.len() + end]);
        let is_orphan: bool = sql::<Bool>(&format!("SELECT pg_try_{lock}"))
            .get_result(admin)
            .expect("ask for its owner");
        if !is_orphan {
            continue;
        }
        // Another process may be clearing up, too.
        let drop = format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#);
        if let Err(error) = admin.batch_execute(&drop) {
            eprintln!("test database {name} stays: {error}");
        }
        let unlock = lock.replace("advisory_lock", "SELECT pg_advisory_unlock");
        admin.batch_execute(&unlock).expect("unlock the name");
    }
}

/// Migrated once per test process.
fn postgres_template(admin_url: &str) -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("{}_template", owner(admin_url).prefix);
        let mut admin = PgConnection::establish(admin_url).expect("connect to TEST_DATABASE_URL");
        admin
            .batch_execute(&format!(r#"CREATE DATABASE "{name}""#))
            .expect("create the template");
        let database = open(&with_database(admin_url, &name));
        database.migrate().expect("migrate the PostgreSQL template");
        drop(database);
        close(&mut admin, &name);
        name
    })
}

/// A template cannot be copied while somebody is connected to it, and pools close their connections in the background.
fn close(admin: &mut PgConnection, name: &str) {
    admin
        .batch_execute(&format!(
            r#"ALTER DATABASE "{name}" ALLOW_CONNECTIONS false;
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"#
        ))
        .expect("close the template");
}

fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, ""), |(base, query)| (base, query));
    let authority_end = base.find("://").map_or(0, |at| at + 3);
    let path_start = base[authority_end..]
        .find('/')
        .map_or(base.len(), |at| authority_end + at);
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    };
    format!("{}/{name}{query}", &base[..path_start])
}
