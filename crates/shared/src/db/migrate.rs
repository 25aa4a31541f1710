//! The embedded migrations of both databases.

use diesel::{backend::Backend, migration::MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{DbConnection, DbError};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Two servers that start together must not migrate at the same time.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_lock(7311957205314117)";
const POSTGRES_UNLOCK: &str = "SELECT pg_advisory_unlock(7311957205314117)";

/// Leaves the connection without limits for its statements.
pub(super) fn run_pending(connection: &mut DbConnection) -> Result<Vec<String>, DbError> {
    use diesel::connection::SimpleConnection as _;
    match connection {
        DbConnection::Postgres(postgres) => {
            postgres.batch_execute(POSTGRES_LOCK)?;
            postgres.batch_execute("SET statement_timeout = 0")?;
            let ran = postgres
                .run_pending_migrations(POSTGRES)
                .map(names)
                .map_err(failed);
            postgres.batch_execute(POSTGRES_UNLOCK)?;
            ran
        }
        DbConnection::Sqlite(sqlite) => sqlite.exclusive_transaction(|sqlite| {
            sqlite
                .run_pending_migrations(SQLITE)
                .map(names)
                .map_err(failed)
        }),
    }
}

pub(super) fn is_current(connection: &mut DbConnection) -> Result<bool, DbError> {
    let pending = match connection {
        DbConnection::Postgres(postgres) => postgres.has_pending_migration(POSTGRES),
        DbConnection::Sqlite(sqlite) => sqlite.has_pending_migration(SQLITE),
    };
    pending.map(|pending| !pending).map_err(failed)
}

/// A migration, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its name; of one that this program does not know, its version.
    pub name: String,
    /// Whether it was run.
    pub state: MigrationState,
}

/// What became of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// It was run.
    Applied,
    /// It is to be run.
    Pending,
    /// It was run by a newer program.
    Newer,
}

impl MigrationState {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Newer => "newer",
        }
    }
}

pub(super) fn all(connection: &mut DbConnection) -> Result<Vec<Migration>, DbError> {
    match connection {
        DbConnection::Postgres(postgres) => status(postgres, POSTGRES),
        DbConnection::Sqlite(sqlite) => status(sqlite, SQLITE),
    }
}

/// Those of this program, oldest first, and then those that only the database knows.
fn status<DB: Backend>(
    connection: &mut impl MigrationHarness<DB>,
    source: impl MigrationSource<DB>,
) -> Result<Vec<Migration>, DbError> {
    let mut applied = connection.applied_migrations().map_err(failed)?;
    let mut known = source.migrations().map_err(failed)?;
    known.sort_unstable_by_key(|migration| migration.name().version().as_owned());
    let mut all: Vec<Migration> = known
        .iter()
        .map(|migration| {
            let version = migration.name().version().as_owned();
            let before = applied.len();
            applied.retain(|one| *one != version);
            Migration {
                name: migration.name().to_string(),
                state: if applied.len() < before {
                    MigrationState::Applied
                } else {
                    MigrationState::Pending
                },
            }
        })
        .collect();
    applied.sort_unstable();
    all.extend(applied.iter().map(|version| Migration {
        name: version.to_string(),
        state: MigrationState::Newer,
    }));
    Ok(all)
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> DbError {
    DbError::Migration(error.to_string())
}
