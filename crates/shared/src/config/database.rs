//! Which database, and how many connections.

pub(crate) mod postgres_url;

use std::{path::PathBuf, str::FromStr, time::Duration};

use crate::{db::Dialect, secret::Secret};

/// Where the data lives.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// `sqlite://path/to/file.db`, with `?synchronous=normal` for speed at the price of the last commits on a power cut.
    Sqlite(SqliteUrl),
    /// `postgres://user:password@host:port/name`.
    Postgres(Secret<String>),
}

/// A SQLite database.
#[derive(Clone, Debug)]
pub struct SqliteUrl {
    /// The file.
    pub path: PathBuf,
    /// How much survives a power cut.
    pub synchronous: Synchronous,
}

/// SQLite's `synchronous` setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Every acknowledged commit survives a power cut.
    Full,
    /// The last commits may be lost on a power cut; the file is never damaged.
    Normal,
    /// For throw-away data only.
    Off,
}

impl Synchronous {
    pub(crate) const fn pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
            Self::Off => "OFF",
        }
    }
}

impl DatabaseUrl {
    /// Which SQL it speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Secret::new(text.to_owned())));
        }
        let Some(rest) = text.strip_prefix("sqlite://") else {
            return Err("must start with `sqlite://` or `postgres://`".to_owned());
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if path.is_empty() {
            return Err(
                "`sqlite://` needs the path of a file, such as `sqlite://data/guestcart.db`"
                    .to_owned(),
            );
        }
        let synchronous = match query {
            "" | "synchronous=full" => Synchronous::Full,
            "synchronous=normal" => Synchronous::Normal,
            "synchronous=off" => Synchronous::Off,
            other => {
                return Err(format!(
                    "unknown SQLite option `{other}`; known: `synchronous=full|normal|off`"
                ));
            }
        };
        Ok(Self::Sqlite(SqliteUrl {
            path: PathBuf::from(path),
            synchronous,
        }))
    }
}

/// A database with the size of its pool.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where.
    pub url: DatabaseUrl,
    /// Connections per process (PostgreSQL; SQLite always has one writer and a few readers).
    pub pool_size: u32,
    /// Connections besides for reads that look at whole collections (PostgreSQL; SQLite always has one).
    pub scan_pool_size: u32,
    /// Between a request's question to the database and its answer, waiting included. Then the request is answered with
    /// 503, and on PostgreSQL the connection is cut. A third of it may be spent waiting for a connection.
    pub deadline: Duration,
}

/// Flags and environment variables for the database, part of every command that needs one.
#[derive(Clone, Debug, clap::Args)]
pub struct DatabaseArgs {
    /// Where the data lives: `sqlite://FILE[?synchronous=full|normal|off]` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://data/guestcart.db",
        hide_env_values = true
    )]
    pub database_url: String,
    /// Connections per process to PostgreSQL, 1 to 500.
    #[arg(long, env = "DATABASE_POOL_SIZE", default_value = "16")]
    pub database_pool_size: String,
    /// Connections per process to PostgreSQL, besides those, for queries that look at a whole collection, 1 to 100.
    #[arg(long, env = "DATABASE_SCAN_POOL_SIZE", default_value = "2")]
    pub database_scan_pool_size: String,
    /// Longest time in seconds until the database answers or the request fails with 503, 3 to 60.
    #[arg(long, env = "DATABASE_DEADLINE_SECONDS", default_value = "15")]
    pub database_deadline_seconds: String,
}

impl DatabaseArgs {
    /// The settings, or notes in `problems`.
    pub fn settings(&self, problems: &mut super::Problems) -> Option<DatabaseSettings> {
        let url = problems.take("DATABASE_URL", self.database_url.parse::<DatabaseUrl>());
        let pool_size = problems.take(
            "DATABASE_POOL_SIZE",
            number(&self.database_pool_size, 1, 500),
        );
        let scan_pool_size = problems.take(
            "DATABASE_SCAN_POOL_SIZE",
            number(&self.database_scan_pool_size, 1, 100),
        );
        let deadline = problems.take(
            "DATABASE_DEADLINE_SECONDS",
            number(&self.database_deadline_seconds, 3, 60),
        );
        Some(DatabaseSettings {
            url: url?,
            pool_size: pool_size?,
            scan_pool_size: scan_pool_size?,
            deadline: Duration::from_secs(deadline?.into()),
        })
    }
}

fn number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    text.parse::<u32>()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("must be a number from {least} to {most}, found `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn a_mistyped_scheme_is_refused_instead_of_creating_a_file() {
        assert!("postgresql:typo".parse::<DatabaseUrl>().is_err());
        assert!("host=localhost".parse::<DatabaseUrl>().is_err());
        assert!("sqlite://".parse::<DatabaseUrl>().is_err());
    }

    #[test]
    fn a_password_in_the_url_is_not_printed() {
        let url: DatabaseUrl = "postgres://shop:hunter2@localhost/shop"
            .parse()
            .expect("a URL");
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
