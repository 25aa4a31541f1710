//! Runs jobs when they are due, unless another instance does.

use std::{sync::Arc, time::Duration};

use domain::timestamp::Timestamp;
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{
    Batch, Job, JobError, Next, Turn,
    lease::{self, End},
};
use crate::{
    clock::SharedClock,
    db::{Database, DbError},
    random::{Randomness, bytes, identifier},
};

/// How often an instance looks whether a job is due.
const LOOK: Duration = Duration::from_secs(15);
/// Between two batches others get at the database.
const PAUSE: Duration = Duration::from_millis(20);
/// Rows per transaction: none holds its locks for long.
const BATCH_ROWS: i64 = 500;
/// A failed job is tried again after at most so long.
const RETRY: Duration = Duration::from_secs(60);

/// What came of looking at a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not due, or another instance works on it.
    NotNow,
    /// Everything is done.
    Finished {
        /// Rows that were changed or deleted.
        rows: usize,
    },
    /// Another instance took over, or this one stops.
    Interrupted,
    /// A batch failed.
    Failed,
}

/// Runs jobs in the background.
pub struct Runner {
    database: Database,
    clock: SharedClock,
    holder: String,
    jobs: Vec<Arc<dyn Job>>,
    first_look: Duration,
}

impl Runner {
    /// A runner of `jobs` over `database`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        randomness: &dyn Randomness,
        jobs: Vec<Arc<dyn Job>>,
    ) -> Self {
        let [dice] = bytes::<1>(randomness);
        Self {
            database,
            clock,
            holder: identifier(randomness),
            jobs,
            // Instances that start together need not look together.
            first_look: LOOK.saturating_mul(u32::from(dice)) / 256,
        }
    }

    /// Starts the work; it goes on until [`Running::stop`].
    #[must_use]
    pub fn start(self) -> Running {
        let (stop, stopped) = watch::channel(false);
        let runner = Arc::new(self);
        let tasks = runner.jobs.iter().map(|job| {
            let (runner, job) = (Arc::clone(&runner), Arc::clone(job));
            tokio::spawn(runner.attend_for_ever(job, stopped.clone()))
        });
        Running {
            tasks: tasks.collect(),
            stop,
        }
    }

    /// Runs every job that is due and free, one after the other; answers what came of each.
    pub async fn run_due(&self) -> Vec<(&'static str, Outcome)> {
        let (_stop, stopped) = watch::channel(false);
        let mut outcomes = Vec::new();
        for job in &self.jobs {
            outcomes.push((job.name(), self.attend(job, &stopped).await));
        }
        outcomes
    }

    async fn attend_for_ever(
        self: Arc<Self>,
        job: Arc<dyn Job>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut wait = self.first_look;
        loop {
            tokio::select! {
                _ = stopped.changed() => return,
                () = sleep(wait) => {}
            }
            self.attend(&job, &stopped).await;
            wait = LOOK;
        }
    }

    async fn attend(&self, job: &Arc<dyn Job>, stopped: &watch::Receiver<bool>) -> Outcome {
        let name = job.name();
        match self.take(name).await {
            Ok(None) => Outcome::NotNow,
            Ok(Some(position)) => self.work(job, position, stopped).await,
            Err(error) => {
                log::warn!("job {name}: {error}");
                Outcome::Failed
            }
        }
    }

    async fn take(&self, name: &'static str) -> Result<Option<Option<String>>, DbError> {
        let now = self.clock.now();
        let is_free = self
            .database
            .read(move |tx| lease::is_free(tx, name, now))
            .await?;
        if !is_free {
            return Ok(None);
        }
        let holder = self.holder.clone();
        self.database
            .write(move |tx| lease::take(tx, name, &holder, now))
            .await
    }

    async fn work(
        &self,
        job: &Arc<dyn Job>,
        mut position: Option<String>,
        stopped: &watch::Receiver<bool>,
    ) -> Outcome {
        let name = job.name();
        let mut rows = 0_usize;
        loop {
            match self.batch(job, position.clone()).await {
                Ok(None) => {
                    log::warn!("job {name}: another instance took over");
                    return Outcome::Interrupted;
                }
                Ok(Some(done)) => {
                    rows = rows.saturating_add(done.rows);
                    match done.next {
                        Next::Finished => break,
                        Next::Again => {}
                        Next::From(next) => position = Some(next),
                    }
                }
                Err(error) => {
                    log::warn!("job {name}: {error}");
                    let retry = self.after(RETRY.min(job.period()));
                    self.give_back(name, End::Failed(retry, error.to_string()))
                        .await;
                    return Outcome::Failed;
                }
            }
            if *stopped.borrow() {
                self.give_back(name, End::Stopped).await;
                return Outcome::Interrupted;
            }
            sleep(PAUSE).await;
        }
        if rows > 0 {
            log::info!("job {name}: {rows} rows");
        }
        self.give_back(name, End::Finished(self.after(job.period())))
            .await;
        Outcome::Finished { rows }
    }

    /// One batch and the lease, in one transaction. `None` if the lease was lost.
    async fn batch(
        &self,
        job: &Arc<dyn Job>,
        position: Option<String>,
    ) -> Result<Option<Batch>, JobError> {
        let (job, holder, now) = (Arc::clone(job), self.holder.clone(), self.clock.now());
        self.database
            .write_unhurried(move |tx| {
                if !lease::keep(tx, job.name(), &holder, now)? {
                    return Ok(None);
                }
                let turn = Turn {
                    now,
                    limit: BATCH_ROWS,
                    position: position.as_deref(),
                };
                let done = job.run(tx, &turn)?;
                if let Next::From(next) = &done.next {
                    lease::mark(tx, job.name(), next)?;
                }
                Ok(Some(done))
            })
            .await
    }

    fn after(&self, period: Duration) -> Timestamp {
        let seconds = i64::try_from(period.as_secs()).unwrap_or(i64::MAX);
        self.clock.now().plus_seconds(seconds)
    }

    /// A lease that cannot be given back runs out by itself.
    async fn give_back(&self, name: &'static str, end: End) {
        let now = self.clock.now();
        let holder = self.holder.clone();
        let given = self
            .database
            .write(move |tx| lease::give_back(tx, name, &holder, now, end))
            .await;
        if let Err(error) = given {
            let error: DbError = error;
            log::warn!("job {name}: the lease runs out by itself: {error}");
        }
    }
}

/// Jobs at work.
pub struct Running {
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Running {
    /// Lets every batch come to its end, and gives the leases back.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                log::warn!("a job did not stop cleanly: {error}");
            }
        }
    }
}
