//! The threads that database work runs on, one for each connection.
//!
//! Not the runtime's blocking threads: every HTTP worker has hundreds of its own, which would queue for the few
//! connections. With 32 clients on two cores, these took 40 % of the processor time from a small read (from 90 to 50 µs)
//! and two thirds of the memory from a busy server.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use tokio::{
    sync::oneshot::{self, error::RecvError},
    time::{timeout, timeout_at},
};

use super::DbError;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take work in the order in which it comes. They start as they are needed and end with this value.
pub(super) struct Crew {
    shared: Arc<Shared>,
    size: usize,
    patience: Duration,
}

#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Threads without work. The last one to finish is the first to get work again: its caches are warm, and so are
    /// those of the connection it had.
    idle: Vec<Thread>,
    threads: usize,
    is_closed: bool,
}

impl Crew {
    /// At most `size` threads; work that has not begun after `patience` is refused.
    pub(super) fn new(size: usize, patience: Duration) -> Self {
        Self {
            shared: Arc::default(),
            size,
            patience,
        }
    }

    /// Runs `work` on one of the threads. Work whose caller has gone before it begins is dropped. Whoever made the work
    /// sees to it that it ends soon after `deadline`: the caller waits no longer.
    ///
    /// # Errors
    /// What `work` answers; [`DbError::Unavailable`] if all threads stay busy, [`DbError::TimedOut`] if it does not end
    /// in time, [`DbError::Interrupted`] if it panics.
    pub(super) async fn run<T, E>(
        &self,
        deadline: Instant,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, mut answer) = oneshot::channel();
        // Taken by whoever is first: the thread that begins, or the caller who gives up.
        let taken = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&taken);
        self.submit(Box::new(move || {
            if reply.is_closed() || begins.swap(true, Ordering::AcqRel) {
                return;
            }
            if reply.send(work()).is_err() {
                log::debug!("the caller of some database work left before it was done");
            }
        }));
        match timeout(self.patience, &mut answer).await {
            Ok(answer) => settled(answer),
            Err(_elapsed) if taken.swap(true, Ordering::AcqRel) => {
                match timeout_at(deadline.into(), answer).await {
                    Ok(answer) => settled(answer),
                    Err(_elapsed) => {
                        Err(DbError::TimedOut("no answer before the deadline".to_owned()).into())
                    }
                }
            }
            Err(_elapsed) => Err(DbError::Unavailable(format!(
                "all {} connections were busy for {} s",
                self.size,
                self.patience.as_secs()
            ))
            .into()),
        }
    }

    fn submit(&self, job: Job) {
        let mut state = self.shared.lock();
        state.waiting.push_back(job);
        let idle = state.idle.pop();
        let starts = idle.is_none() && state.threads < self.size;
        if starts {
            state.threads = state.threads.saturating_add(1);
        }
        drop(state);
        if let Some(thread) = idle {
            thread.unpark();
        } else if starts {
            let shared = Arc::clone(&self.shared);
            let thread = thread::Builder::new().name("database".to_owned());
            if let Err(error) = thread.spawn(move || shared.work()) {
                log::error!("a thread for database work could not be started: {error}");
                self.shared.forget_a_thread();
            }
        }
    }
}

fn settled<T, E: From<DbError>>(answer: Result<Result<T, E>, RecvError>) -> Result<T, E> {
    match answer {
        Ok(result) => result,
        // The work took its end of the channel with it.
        Err(_gone) => Err(DbError::Interrupted("it panicked".to_owned()).into()),
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_closed = true;
        for thread in state.idle.drain(..) {
            thread.unpark();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a thread.
    fn work(&self) {
        loop {
            let mut state = self.lock();
            if let Some(job) = state.waiting.pop_front() {
                drop(state);
                // The panic was reported by the panic hook, and the caller hears of it.
                let _reported = catch_unwind(AssertUnwindSafe(job));
            } else if state.is_closed {
                return;
            } else {
                state.idle.push(thread::current());
                drop(state);
                thread::park();
                // Only a thread that woke by itself is still among them.
                let me = thread::current().id();
                self.lock().idle.retain(|thread| thread.id() != me);
            }
        }
    }

    /// Without any thread, nobody would ever answer those who wait.
    fn forget_a_thread(&self) {
        let mut state = self.lock();
        state.threads = state.threads.saturating_sub(1);
        if state.threads == 0 {
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            drop(waiting);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier, Mutex, mpsc};
    use std::time::Duration;

    use super::{Crew, DbError, Instant};

    const LONG: Duration = Duration::from_secs(60);

    fn late() -> Instant {
        Instant::now() + LONG
    }

    #[actix_web::test]
    async fn as_many_run_at_once_as_there_are_threads() {
        let crew = Crew::new(2, LONG);
        let both = Arc::new(Barrier::new(2));
        let other = Arc::clone(&both);
        // Neither can end before the other has begun.
        let (one, two) = tokio::join!(
            crew.run::<_, DbError>(late(), move || Ok(both.wait().is_leader())),
            crew.run::<_, DbError>(late(), move || Ok(other.wait().is_leader())),
        );
        assert_ne!(one.unwrap(), two.unwrap());
    }

    #[actix_web::test]
    async fn work_waits_in_the_order_in_which_it_came() {
        let crew = Crew::new(1, LONG);
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |number: i32| {
            let order = Arc::clone(&order);
            crew.run::<_, DbError>(late(), move || {
                order.lock().unwrap().push(number);
                Ok(())
            })
        };
        let (one, two, three) = tokio::join!(note(1), note(2), note(3));
        assert_eq!([one.unwrap(), two.unwrap(), three.unwrap()], [(), (), ()]);
        assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
    }

    #[actix_web::test]
    async fn a_panic_is_answered_and_the_thread_goes_on() {
        let crew = Crew::new(1, LONG);
        let answer = crew
            .run::<(), DbError>(late(), || panic!("on purpose"))
            .await;
        assert!(matches!(answer, Err(DbError::Interrupted(_))), "{answer:?}");
        assert_eq!(crew.run::<_, DbError>(late(), || Ok(7)).await.unwrap(), 7);
    }

    #[actix_web::test]
    async fn work_that_cannot_begin_in_time_is_refused_and_never_begins() {
        let crew = Crew::new(1, Duration::from_millis(20));
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel::<()>();
        let (busy, refused) = tokio::join!(
            // It has begun, so it is waited for, however long it takes.
            crew.run::<_, DbError>(late(), move || Ok(released.recv().is_ok())),
            async {
                let refused = crew
                    .run::<_, DbError>(late(), move || Ok(begun.send(()).is_ok()))
                    .await;
                release.send(()).unwrap();
                refused
            }
        );
        assert!(busy.unwrap());
        assert!(
            matches!(refused, Err(DbError::Unavailable(_))),
            "{refused:?}"
        );
        assert_eq!(crew.run::<_, DbError>(late(), || Ok(7)).await.unwrap(), 7);
        assert!(has_begun.try_recv().is_err());
    }

    #[actix_web::test]
    async fn work_whose_caller_has_gone_does_not_begin() {
        let crew = Crew::new(1, LONG);
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel::<()>();
        let busy = crew.run::<_, DbError>(late(), move || Ok(released.recv().is_ok()));
        let mut busy = std::pin::pin!(busy);
        {
            let waiting = crew.run::<_, DbError>(late(), move || Ok(begun.send(()).is_ok()));
            let mut waiting = std::pin::pin!(waiting);
            let soon = Duration::from_millis(20);
            assert!(tokio::time::timeout(soon, &mut busy).await.is_err());
            assert!(tokio::time::timeout(soon, &mut waiting).await.is_err());
        }
        release.send(()).unwrap();
        assert!(busy.await.unwrap());
        assert_eq!(crew.run::<_, DbError>(late(), || Ok(7)).await.unwrap(), 7);
        assert!(has_begun.try_recv().is_err());
    }

    #[actix_web::test]
    async fn whoever_waits_for_an_answer_waits_until_the_deadline() {
        let crew = Crew::new(1, Duration::from_millis(10));
        let (release, released) = mpsc::channel::<()>();
        let soon = Instant::now() + Duration::from_millis(30);
        let answer = crew
            .run::<_, DbError>(soon, move || Ok(released.recv().is_ok()))
            .await;
        assert!(matches!(answer, Err(DbError::TimedOut(_))), "{answer:?}");
        // The thread goes on with other work once it is free.
        release.send(()).unwrap();
        assert_eq!(crew.run::<_, DbError>(late(), || Ok(7)).await.unwrap(), 7);
    }
}
