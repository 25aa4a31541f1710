//! The embedded migrations of both databases.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{DbConnection, DbError};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Two servers that start together must not migrate at the same time.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_lock(7311957205314117)";
const POSTGRES_UNLOCK: &str = "SELECT pg_advisory_unlock(7311957205314117)";

pub(super) fn run_pending(connection: &mut DbConnection) -> Result<Vec<String>, DbError> {
    use diesel::connection::SimpleConnection as _;
    match connection {
        DbConnection::Postgres(postgres) => {
            postgres.batch_execute(POSTGRES_LOCK)?;
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

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> DbError {
    DbError::Migration(error.to_string())
}
