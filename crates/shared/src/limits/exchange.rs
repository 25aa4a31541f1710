//! Instances tell each other, once a second, whom they let through. No request waits for it: while the database is away
//! each instance goes on by what it saw itself.

use std::{sync::Arc, time::Duration};

use domain::timestamp::Timestamp;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use super::{
    Limits,
    keys::Key,
    known_places,
    reports::{self, Body, Report},
};
use crate::{
    clock::SharedClock,
    db::{Database, DbError, server_secret::server_secret},
    random::{SharedRandomness, identifier},
};

/// Name of the secret that keys are made with.
const SECRET: &str = "rate-limits";
const EVERY: Duration = Duration::from_secs(1);
/// Who starts listens to what was told so long ago: longer than any burst takes to be paid for.
const HISTORY_SECONDS: i64 = 600;
/// Reports that are read at a time …
const PAGE: i64 = 100;
/// … and so many times a second. Who is further behind catches up later.
const MOST_PAGES: usize = 20;

/// Tells the other instances of the shared buckets, and listens to them.
pub struct Exchange {
    limits: Arc<Limits>,
    database: Database,
    clock: SharedClock,
    randomness: SharedRandomness,
    /// Who we are, in reports.
    reporter: String,
    /// The last report that was read.
    heard: Option<i64>,
}

impl Exchange {
    /// Touches nothing yet.
    #[must_use]
    pub fn new(limits: Arc<Limits>, database: Database, randomness: SharedRandomness) -> Self {
        Self {
            clock: Arc::clone(&limits.clock),
            limits,
            database,
            reporter: identifier(randomness.as_ref()),
            randomness,
            heard: None,
        }
    }

    /// Tells what this instance let through since it last told, and listens to what the others did. Nothing is written if
    /// nothing happened.
    ///
    /// # Errors
    /// [`DbError`]. What was to be told may be lost then; what was not heard will be.
    pub async fn round(&mut self) -> Result<(), DbError> {
        self.agree_on_keys().await?;
        let told = self.tell().await;
        let heard = self.listen().await;
        told.and(heard)
    }

    async fn agree_on_keys(&self) -> Result<(), DbError> {
        if self.limits.keys.are_agreed() {
            return Ok(());
        }
        let secret = server_secret(&self.database, &self.randomness, SECRET).await;
        // With other keys, or without others to tell, the notes are worth nothing.
        for bucket in &self.limits.shared {
            drop(bucket.untold());
        }
        self.limits.keys.agree(&secret?);
        Ok(())
    }

    async fn tell(&self) -> Result<(), DbError> {
        let mut body = Body::new();
        for bucket in &self.limits.shared {
            let counts = bucket.untold();
            if !counts.is_empty() {
                let written = |(key, count): (Key, i64)| (format!("{key:032x}"), count);
                let counts = counts.into_iter().map(written).collect();
                body.insert(bucket.name().to_owned(), counts);
            }
        }
        let places = self.limits.known.pending();
        if body.is_empty() && places.is_empty() {
            return Ok(());
        }
        let counts =
            serde_json::to_string(&body).map_err(|error| DbError::Corrupt(error.to_string()))?;
        let (reporter, now) = (self.reporter.clone(), self.clock.now());
        let to_write = places.clone();
        self.database
            .write::<_, DbError, _>(move |tx| {
                reports::wait_for_the_one_before(tx)?;
                if !body.is_empty() {
                    reports::tell(tx, &reporter, &counts, now)?;
                }
                known_places::remember(tx, &to_write, now)
            })
            .await?;
        self.limits.known.written(&places, now);
        Ok(())
    }

    async fn listen(&mut self) -> Result<(), DbError> {
        let now = self.clock.now();
        for _ in 0..MOST_PAGES {
            let first = now.plus_seconds(-HISTORY_SECONDS).millis();
            let heard = *self.heard.get_or_insert(first);
            let page = self
                .database
                .read::<_, DbError, _>(move |tx| reports::after(tx, heard, PAGE))
                .await?;
            for report in &page {
                self.heard = Some(report.number);
                if report.reporter != self.reporter {
                    self.hear(report, now);
                }
            }
            if i64::try_from(page.len()).is_ok_and(|read| read < PAGE) {
                break;
            }
        }
        Ok(())
    }

    fn hear(&self, report: &Report, now: Timestamp) {
        let counts: Body = match serde_json::from_str(&report.counts) {
            Ok(counts) => counts,
            Err(error) => {
                log::warn!("rate limits: report {}: {error}", report.number);
                return;
            }
        };
        // An instance whose clock is ahead tells of the future.
        let age = u64::try_from(now.millis().saturating_sub(report.number)).unwrap_or(0);
        for bucket in &self.limits.shared {
            for (key, count) in counts.get(bucket.name()).into_iter().flatten() {
                if let Ok(key) = Key::from_str_radix(key, 16) {
                    bucket.hear(key, *count, Duration::from_millis(age));
                }
            }
        }
    }

    /// A round every second until [`Running::stop`].
    #[must_use]
    pub fn start(self) -> Running {
        let (stop, stopped) = watch::channel(false);
        Running {
            task: tokio::spawn(self.go_on(stopped)),
            stop,
        }
    }

    async fn go_on(mut self, mut stopped: watch::Receiver<bool>) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_well = true;
        loop {
            let is_last = tokio::select! {
                _ = stopped.changed() => true,
                _ = ticks.tick() => false,
            };
            let round = self.round().await;
            match &round {
                Ok(()) if !is_well => log::info!("rate limits are shared again"),
                Err(error) if is_well => {
                    log::warn!("rate limits: each instance counts for itself: {error}");
                }
                Ok(()) | Err(_) => {}
            }
            is_well = round.is_ok();
            if is_last {
                return;
            }
        }
    }
}

/// An exchange at work.
pub struct Running {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Running {
    /// Tells the others what is left to tell.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            log::warn!("rate limits: the exchange did not stop cleanly: {error}");
        }
    }
}
