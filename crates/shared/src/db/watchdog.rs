//! Two threads per PostgreSQL database: one cuts connections whose work takes too long, one stops that work at the server.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};

use super::{
    connect::Opener,
    lifeline::{Backend, Lifeline},
};

/// How late a connection may be cut.
const TICK: Duration = Duration::from_millis(250);
/// As many processes of the server wait to be stopped; it notices by itself, too, that nobody listens any more.
const MOST_TO_STOP: usize = 64;
/// How long stopping them may take.
const STOPPING: Duration = Duration::from_secs(10);

/// The connections that are watched.
#[derive(Default)]
pub(super) struct Watch(Mutex<Vec<Weak<Lifeline>>>);

impl Watch {
    /// Watches one more, until it is dropped.
    pub(super) fn add(&self, lifeline: &Arc<Lifeline>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::downgrade(lifeline));
    }

    fn living(&self) -> Vec<Arc<Lifeline>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut living = Vec::with_capacity(all.len());
        all.retain(|lifeline| {
            lifeline.upgrade().is_some_and(|one| {
                living.push(one);
                true
            })
        });
        living
    }
}

/// Watches what the opener opens, as long as somebody has the opener.
///
/// # Errors
/// If a thread cannot be started.
pub(super) fn start(opener: &Arc<Opener>) -> io::Result<()> {
    let (stop, to_stop) = sync_channel(MOST_TO_STOP);
    let (watched, stopper) = (Arc::downgrade(opener), Arc::downgrade(opener));
    thread::Builder::new()
        .name("database-stop".to_owned())
        .spawn(move || stop_all(&stopper, &to_stop))?;
    thread::Builder::new()
        .name("database-watch".to_owned())
        .spawn(move || watch_all(&watched, &stop))?;
    Ok(())
}

fn watch_all(opener: &Weak<Opener>, stop: &SyncSender<Backend>) {
    loop {
        thread::park_timeout(TICK);
        let Some(opener) = opener.upgrade() else {
            return;
        };
        let now = Instant::now();
        for lifeline in opener.watch().living() {
            if let Some(backend) = lifeline.look(now)
                && stop.try_send(backend).is_err()
            {
                log::debug!("many statements wait to be stopped: one is left to the server");
            }
        }
    }
}

fn stop_all(opener: &Weak<Opener>, to_stop: &Receiver<Backend>) {
    while let Ok(backend) = to_stop.recv() {
        let Some(opener) = opener.upgrade() else {
            return;
        };
        // Whoever waits beside it goes over the same connection.
        let mut all = vec![backend];
        all.extend(to_stop.try_iter());
        if let Err(error) = stop_these(&opener, &all) {
            log::debug!("statements that took too long could not be stopped: {error}");
        }
    }
}

fn stop_these(opener: &Opener, all: &[Backend]) -> Result<(), String> {
    let (mut connection, lifeline) = opener.open().map_err(|error| error.to_string())?;
    lifeline.begin(Instant::now() + STOPPING);
    for backend in all {
        diesel::sql_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE pid = $1 AND backend_start::text = $2",
        )
        .bind::<BigInt, _>(backend.pid)
        .bind::<Text, _>(&backend.started)
        .execute(&mut connection)
        .map_err(|error| error.to_string())?;
    }
    Ok(())
}
