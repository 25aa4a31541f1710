//! Connection pools.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, OnceLock, atomic::Ordering},
    time::{Duration, Instant},
};

use prometheus::Histogram;

use super::{
    DbConnection, DbError,
    crew::Crew,
    held::{Held, Manager, Open, Signs},
    writability::Writability,
};
use crate::config::database::{DatabaseSettings, DatabaseUrl};

/// Whoever got a thread late still has so long for opening a connection.
const LEAST_WAIT: Duration = Duration::from_secs(1);
/// Looking whether a connection still works may take so long.
const LONGEST_LOOK: Duration = Duration::from_secs(3);
/// SQLite has one writer; a few readers beside it never wait for it.
const SQLITE_READERS: u32 = 4;
/// One look through a whole file at a time leaves the other processors to those who know what they want.
const SQLITE_SCANNERS: u32 = 1;

/// Connections, and as many threads to work with them.
pub(super) struct Pool {
    connections: r2d2::Pool<Manager>,
    /// Where requests work; a thread never waits for a connection, unless somebody took one by [`Pool::get`].
    pub(super) crew: Crew,
    /// Where waiting times go, once somebody wants to know.
    waits: OnceLock<Histogram>,
    signs: Arc<Signs>,
    /// How long somebody waits for a connection.
    patience: Duration,
}

/// A connection that somebody works with, until a deadline.
pub(super) struct Pooled {
    connection: r2d2::PooledConnection<Manager>,
    signs: Arc<Signs>,
}

/// How busy a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// `all`, or `readers` and `writers` where they are apart; `scans` for looks at whole collections.
    pub pool: &'static str,
    /// Connections that somebody works with now.
    pub in_use: u32,
    /// Connections there may be.
    pub size: u32,
}

impl Pool {
    /// A connection to work with for `time`.
    pub(super) fn get(&self, time: Duration) -> Result<Pooled, DbError> {
        let now = Instant::now();
        self.get_for(now, now + time)
    }

    /// A connection for somebody who has waited since `asked` already and works until `deadline`.
    pub(super) fn get_for(&self, asked: Instant, deadline: Instant) -> Result<Pooled, DbError> {
        let connection = self.living(asked, deadline);
        if let Some(waits) = self.waits.get() {
            waits.observe(asked.elapsed().as_secs_f64());
        }
        connection
    }

    /// A connection that was not cut, as far as is known. Looking costs a round trip, so it is done only after a loss.
    fn living(&self, asked: Instant, deadline: Instant) -> Result<Pooled, DbError> {
        loop {
            let losses = self.signs.losses.load(Ordering::Acquire);
            let silences = self.signs.silences.load(Ordering::Acquire);
            let left = self
                .patience
                .saturating_sub(asked.elapsed())
                .max(LEAST_WAIT);
            let mut held = Pooled {
                connection: self
                    .connections
                    .get_timeout(left)
                    .map_err(|error| DbError::Unavailable(error.to_string()))?,
                signs: Arc::clone(&self.signs),
            };
            if held.opened_after < silences {
                // Looking at each of them would take its time, too. Dropped here, so the pool opens another one.
                held.condemn();
            } else if held.looked_at_after >= losses {
                held.begin(deadline);
                return Ok(held);
            } else {
                held.begin(deadline.min(Instant::now() + LONGEST_LOOK));
                if held.is_well() {
                    held.looked_at_after = losses;
                    held.begin(deadline);
                    return Ok(held);
                }
                held.condemn();
            }
        }
    }

    /// Has every connection looked at before it is used again.
    pub(super) fn suspect_all(&self) {
        self.signs.losses.fetch_add(1, Ordering::AcqRel);
    }

    /// Tells every waiting time to `histogram` from now on; only the first caller is heard.
    pub(super) fn observe_waits(&self, histogram: Histogram) {
        if self.waits.set(histogram).is_err() {
            log::debug!("the waiting times of a pool are observed already");
        }
    }

    pub(super) fn usage(&self, pool: &'static str) -> PoolUse {
        let state = self.connections.state();
        PoolUse {
            pool,
            in_use: state.connections.saturating_sub(state.idle_connections),
            size: self.connections.max_size(),
        }
    }
}

impl Pooled {
    /// The connection, for diesel.
    pub(super) fn connection(&mut self) -> &mut DbConnection {
        &mut self.connection.connection
    }

    /// After work that failed: a connection that was cut, or that only reads since a failover, must not go to anybody
    /// else.
    pub(super) fn inspect(&mut self) {
        if !self.notes.take_failure() {
            return;
        }
        if self.notes.is_read_only() {
            self.is_read_only();
        } else if !self.is_well() {
            log::warn!("a connection to the database was lost");
            self.condemn();
            self.signs.losses.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// It does not write: nobody else gets it.
    pub(super) fn is_read_only(&mut self) {
        self.condemn();
        self.signs.note_read_only();
    }
}

impl Deref for Pooled {
    type Target = Held;

    fn deref(&self) -> &Held {
        &self.connection
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Held {
        &mut self.connection
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        // Those that were opened before may hang as well.
        if self.connection.end_silent() {
            self.signs.silences.fetch_add(1, Ordering::AcqRel);
            self.signs.losses.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// All the pools of a database.
pub(super) struct Pools {
    pub(super) readers: Arc<Pool>,
    pub(super) writers: Arc<Pool>,
    pub(super) scanners: Arc<Pool>,
}

pub(super) fn open(
    settings: &DatabaseSettings,
    writability: &Arc<Writability>,
) -> Result<Pools, DbError> {
    let open = Open::new(&settings.url)?;
    let deadline = settings.deadline;
    let build = |size, scans| {
        let manager = Manager::new(open.clone(), scans, deadline, writability);
        build(manager, size, deadline / 3)
    };
    match &settings.url {
        DatabaseUrl::Postgres(_) => {
            let pool = Arc::new(build(settings.pool_size, false)?);
            Ok(Pools {
                readers: Arc::clone(&pool),
                writers: pool,
                scanners: Arc::new(build(settings.scan_pool_size, true)?),
            })
        }
        DatabaseUrl::Sqlite(_) => {
            // The writer first: it creates the file and switches it to WAL before a reader opens it.
            let writers = Arc::new(build(1, false)?);
            Ok(Pools {
                readers: Arc::new(build(SQLITE_READERS, false)?),
                writers,
                scanners: Arc::new(build(SQLITE_SCANNERS, true)?),
            })
        }
    }
}

fn build(manager: Manager, size: u32, patience: Duration) -> Result<Pool, DbError> {
    let signs = manager.signs();
    let scans = manager.scans();
    if !scans {
        // Fail at once with the database's own words instead of r2d2's time-out.
        let first = r2d2::ManageConnection::connect(&manager)
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        drop(first);
    }
    let connections = r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(u32::from(!scans)))
        .test_on_check_out(false)
        .connection_timeout(patience)
        .error_handler(Box::new(LogErrors))
        .build(manager)
        .map_err(|error| DbError::Unavailable(error.to_string()))?;
    let threads = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(Pool {
        connections,
        crew: Crew::new(threads, patience),
        waits: OnceLock::new(),
        signs,
        patience,
    })
}

#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<super::connect::ConnectError> for LogErrors {
    fn handle_error(&self, error: super::connect::ConnectError) {
        log::warn!("database connection failed: {error}");
    }
}
