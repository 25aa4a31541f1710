//! One connection type over both databases.
#![expect(
    clippy::disallowed_methods,
    reason = "the derived `establish` is never called: `pool` connects"
)]

use diesel::{PgConnection, SqliteConnection};

/// A connection to either database. Statements are written once against it; where diesel cannot, match on the variant.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Which SQL a database speaks, for the few statements that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}
