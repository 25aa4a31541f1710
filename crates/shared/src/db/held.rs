//! What a pool keeps: connections with what is known about them. The URL's scheme decides the database: diesel's own
//! guess could create a stray SQLite file.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{
    Connection as _,
    connection::{InstrumentationEvent, SimpleConnection as _},
    r2d2::R2D2Connection as _,
};

use super::{
    DbConnection, DbError,
    connect::{self, ConnectError, Opener},
    error::{self, Sort, StorageTrouble},
    lifeline::Lifeline,
    scan_end::{self, Deadline},
    watchdog,
    writability::Writability,
};
use crate::config::database::{DatabaseUrl, SqliteUrl};

/// After connections turned read-only, the others are looked at, once in this time at most.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// A connection.
pub(super) struct Held {
    pub(super) connection: DbConnection,
    /// PostgreSQL only: nothing ends work on a file from outside.
    lifeline: Option<Arc<Lifeline>>,
    /// For those statements on a file that look at it.
    deadline: Deadline,
    pub(super) notes: Arc<Notes>,
    /// How many silences there had been when it was opened.
    pub(super) opened_after: u64,
    /// How many losses there had been when it was last looked at.
    pub(super) looked_at_after: u64,
    is_condemned: bool,
}

/// What befell the connections of a pool.
#[derive(Default)]
pub(super) struct Signs {
    /// How often a connection was found dead: what was opened before is looked at before it is used again.
    pub(super) losses: AtomicU64,
    /// How often the server fell silent: what was opened before is not used again.
    pub(super) silences: AtomicU64,
    read_only: Mutex<Option<Instant>>,
}

impl Signs {
    /// A connection turned out to be read-only. Others may still write, and a database may stay read-only for long: they
    /// are not all opened anew for every write that fails.
    pub(super) fn note_read_only(&self) {
        let mut last = self
            .read_only
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() > BETWEEN_LOOKS) {
            *last = Some(Instant::now());
            self.losses.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// What diesel tells about the statements of a connection.
#[derive(Default)]
pub(super) struct Notes {
    failed: AtomicBool,
    read_only: AtomicBool,
}

impl Notes {
    /// Whether a statement failed since the last time somebody asked.
    pub(super) fn take_failure(&self) -> bool {
        self.failed.swap(false, Ordering::AcqRel)
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.read_only.load(Ordering::Acquire)
    }

    fn hear(&self, error: &diesel::result::Error, writability: &Writability) {
        self.failed.store(true, Ordering::Release);
        if let Sort::Storage(trouble) = error::sort(error) {
            writability.note(trouble);
            if trouble == StorageTrouble::ReadOnly {
                self.read_only.store(true, Ordering::Release);
            }
        }
    }
}

impl Held {
    /// Work begins that may last until `deadline`.
    pub(super) fn begin(&self, deadline: Instant) {
        self.deadline.set(Some(deadline));
        if let Some(lifeline) = &self.lifeline {
            lifeline.begin(deadline);
        }
    }

    /// The work is over. Answers whether it was cut because the server did not answer.
    pub(super) fn end_silent(&self) -> bool {
        self.deadline.set(None);
        self.lifeline
            .as_ref()
            .is_some_and(|lifeline| lifeline.end())
            && !self.is_condemned
    }

    /// Lets the pool throw the connection away when it comes back.
    pub(super) fn condemn(&mut self) {
        let Some(lifeline) = &self.lifeline else {
            self.is_condemned = true;
            return;
        };
        if !lifeline.was_cut() {
            self.is_condemned = true;
            // libpq says good-bye before it closes, which could take as long as everything else.
            lifeline.cut();
        }
    }

    /// Whether it works, and writes: a server that was degraded to a standby answers, but is the wrong one.
    pub(super) fn is_well(&mut self) -> bool {
        if self.is_spoiled() {
            return false;
        }
        match &mut self.connection {
            DbConnection::Postgres(_) => {
                writes(&mut self.connection).unwrap_or(false) && !self.is_spoiled()
            }
            DbConnection::Sqlite(sqlite) => sqlite.ping().is_ok(),
        }
    }

    fn is_spoiled(&mut self) -> bool {
        self.is_condemned
            || self
                .lifeline
                .as_ref()
                .is_some_and(|lifeline| lifeline.was_cut())
            || self.connection.is_broken()
    }
}

/// Whether transactions of this connection may write.
pub(super) fn writes(connection: &mut DbConnection) -> Result<bool, DbError> {
    use diesel::{RunQueryDsl as _, sql_types::Text};
    if matches!(connection, DbConnection::Sqlite(_)) {
        return Ok(true);
    }
    let rows: Vec<(String,)> =
        super::statement::Statement::new("SELECT current_setting('transaction_read_only')")
            .rows::<(Text,)>()
            .load(connection)?;
    Ok(rows.iter().all(|(read_only,)| read_only == "off"))
}

/// How connections are opened.
#[derive(Clone)]
pub(super) enum Open {
    Postgres(Arc<Opener>),
    Sqlite(SqliteUrl),
}

impl Open {
    /// The way to a database; connections to a server are watched from now on.
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self, DbError> {
        Ok(match url {
            DatabaseUrl::Sqlite(url) => Self::Sqlite(url.clone()),
            DatabaseUrl::Postgres(url) => {
                let opener = Arc::new(Opener::new(url));
                watchdog::start(&opener).map_err(|error| {
                    DbError::Unavailable(format!("a thread could not be started: {error}"))
                })?;
                Self::Postgres(opener)
            }
        })
    }
}

/// Opens the connections of one pool.
pub(super) struct Manager {
    open: Open,
    scans: bool,
    deadline: Duration,
    signs: Arc<Signs>,
    writability: Arc<Writability>,
}

impl Manager {
    /// Statements of requests have a part of `deadline`.
    pub(super) fn new(
        open: Open,
        scans: bool,
        deadline: Duration,
        writability: &Arc<Writability>,
    ) -> Self {
        Self {
            open,
            scans,
            deadline,
            signs: Arc::default(),
            writability: Arc::clone(writability),
        }
    }

    pub(super) fn signs(&self) -> Arc<Signs> {
        Arc::clone(&self.signs)
    }

    pub(super) const fn scans(&self) -> bool {
        self.scans
    }

    fn connect_any(&self) -> Result<(DbConnection, Option<Arc<Lifeline>>), ConnectError> {
        match &self.open {
            Open::Postgres(opener) => {
                let limits = if self.scans {
                    connect::limits_of_scans(self.deadline)
                } else {
                    connect::usual_limits(self.deadline)
                };
                let (connection, lifeline) = opener.connect(&limits)?;
                Ok((DbConnection::Postgres(connection), Some(lifeline)))
            }
            Open::Sqlite(url) => {
                let mut connection = connect::sqlite(url)?;
                if self.scans {
                    // A look through everything would only drive out what it looks at next.
                    connection.batch_execute("PRAGMA cache_size = -2000")?;
                }
                Ok((DbConnection::Sqlite(connection), None))
            }
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Held;
    type Error = ConnectError;

    fn connect(&self) -> Result<Held, ConnectError> {
        let looked_at_after = self.signs.losses.load(Ordering::Acquire);
        let opened_after = self.signs.silences.load(Ordering::Acquire);
        let (mut connection, lifeline) = self.connect_any()?;
        let notes = Arc::new(Notes::default());
        let (heard, writability) = (Arc::clone(&notes), Arc::clone(&self.writability));
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::FinishQuery {
                error: Some(error), ..
            } = event
            {
                heard.hear(error, &writability);
            }
        });
        let deadline = Deadline::default();
        if let DbConnection::Sqlite(sqlite) = &mut connection {
            scan_end::register(sqlite, deadline.clone())?;
        }
        Ok(Held {
            connection,
            lifeline,
            deadline,
            notes,
            opened_after,
            looked_at_after,
            is_condemned: false,
        })
    }

    fn is_valid(&self, held: &mut Held) -> Result<(), ConnectError> {
        Ok(held.connection.ping()?)
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        std::thread::panicking() || held.is_spoiled()
    }
}
