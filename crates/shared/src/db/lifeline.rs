//! What ends work on a connection that takes too long, whatever the server does.

use std::{
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::socket::{Search, Socket};

/// Belongs to a connection to PostgreSQL and is watched from outside.
pub(super) struct Lifeline {
    search: Search,
    socket: OnceLock<Socket>,
    backend: OnceLock<Backend>,
    /// Until when the work that goes on now may last. Held while cutting: meanwhile the connection goes to nobody else.
    deadline: Mutex<Option<Instant>>,
    was_cut: AtomicBool,
}

/// The server's process at the other end.
#[derive(Clone, Debug)]
pub(super) struct Backend {
    /// Its number.
    pub(super) pid: i64,
    /// When it started, in the server's words: numbers are used again.
    pub(super) started: String,
}

impl Lifeline {
    /// For a connection that is about to be opened, by `deadline`.
    pub(super) fn connecting(url: &str, deadline: Instant) -> Self {
        Self {
            search: Search::begin(url),
            socket: OnceLock::new(),
            backend: OnceLock::new(),
            deadline: Mutex::new(Some(deadline)),
            was_cut: AtomicBool::new(false),
        }
    }

    /// Remembers the socket that has been opened; before anybody else opens one.
    pub(super) fn is_open(&self) {
        match self.search.found() {
            Some(socket) => {
                self.socket.get_or_init(|| socket);
            }
            None => log::debug!("the socket of a connection to the database was not found"),
        }
    }

    /// Remembers who is at the other end.
    pub(super) fn leads_to(&self, backend: Backend) {
        self.backend.get_or_init(|| backend);
    }

    /// Work begins that may last until `deadline`.
    pub(super) fn begin(&self, deadline: Instant) {
        *self.lock() = Some(deadline);
    }

    /// The work is over. Answers whether the connection was cut, now or earlier.
    pub(super) fn end(&self) -> bool {
        *self.lock() = None;
        self.was_cut()
    }

    /// Whether the connection was cut and is of no use any more.
    pub(super) fn was_cut(&self) -> bool {
        self.was_cut.load(Ordering::Acquire)
    }

    /// Cuts the connection if its work has lasted too long; answers whom to stop at the server.
    pub(super) fn look(&self, now: Instant) -> Option<Backend> {
        let mut deadline = self.lock();
        if deadline.is_none_or(|deadline| now < deadline) {
            return None;
        }
        *deadline = None;
        log::warn!("the database does not answer: a connection is cut");
        self.cut();
        self.backend.get().cloned()
    }

    /// Cuts the connection.
    pub(super) fn cut(&self) {
        self.was_cut.store(true, Ordering::Release);
        if let Some(socket) = self.socket.get() {
            socket.shut_down();
        } else if let Some(socket) = self.search.found() {
            socket.shut_down();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
