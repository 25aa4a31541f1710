//! A migrated database per test: a SQLite file, or a copy of a PostgreSQL template.

use std::{path::Path, sync::OnceLock};

use diesel::{Connection as _, PgConnection, RunQueryDsl as _, connection::SimpleConnection as _};
use shared::{
    config::database::DatabaseSettings,
    db::Database,
    random::{SystemRandomness, short_id},
};

/// Connections per PostgreSQL test database; parallel requests of a test share them.
const POOL_SIZE: u32 = 8;
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
        let name = format!("guestcart_test_{}", lowercase_id());
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
                admin
                    .batch_execute(&format!(
                        r#"ALTER DATABASE "{name}" ALLOW_CONNECTIONS false"#
                    ))
                    .expect("close the database");
                wait_until_unused(&mut admin, name);
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
    })
    .expect("open the test database")
}

fn lowercase_id() -> String {
    let id = short_id(&SystemRandomness::new()).to_lowercase();
    format!("{}_{}", std::process::id(), id.replace('-', "x"))
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

/// Made once per test process, under a lock, so that test binaries that start together do not collide.
fn postgres_template(admin_url: &str) -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("guestcart_template_{}", std::process::id());
        let mut admin = PgConnection::establish(admin_url).expect("connect to TEST_DATABASE_URL");
        admin
            .batch_execute("SELECT pg_advisory_lock(4711)")
            .expect("lock the templates");
        diesel::sql_query(format!(r#"DROP DATABASE IF EXISTS "{name}""#))
            .execute(&mut admin)
            .expect("drop a stale template");
        admin
            .batch_execute(&format!(r#"CREATE DATABASE "{name}""#))
            .expect("create the template");
        let database = open(&with_database(admin_url, &name));
        database.migrate().expect("migrate the PostgreSQL template");
        drop(database);
        wait_until_unused(&mut admin, &name);
        admin
            .batch_execute("SELECT pg_advisory_unlock(4711)")
            .expect("unlock the templates");
        name
    })
}

/// A template cannot be copied while somebody is connected to it, and pools close their connections in the background.
fn wait_until_unused(admin: &mut PgConnection, name: &str) {
    let closed = diesel::sql_query(format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    closed
        .execute(admin)
        .expect("close the connections to the template");
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
