//! Requests that were refused though they may have been fine, 429 and 5xx, in the log: a line each, with the correlation id; of
//! a flood a few lines a second, and how many more there were.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Of one kind, so many have a line of their own within a second.
const MOST_LINES: u32 = 5;
const SECOND: Duration = Duration::from_secs(1);

/// A kind of refusal: from a small set, with nothing of the client in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// The method.
    pub method: &'static str,
    /// The route pattern.
    pub endpoint: String,
    /// The status.
    pub status: u16,
    /// The word by which the answer is counted.
    pub outcome: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", self.method, self.endpoint, self.status)?;
        // Not every server has a better word than the status.
        if self.outcome != self.status.to_string() {
            write!(out, " {}", self.outcome)?;
        }
        Ok(())
    }
}

/// What was refused within the last second.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<Refusal, Window>>);

struct Window {
    began: Instant,
    lines: u32,
    /// How many have no line.
    more: u64,
}

/// What is to be done about a refusal.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// A line of its own.
    Aloud,
    /// It is counted; the first one for which somebody must say so later.
    CountedFirst,
    /// It is counted.
    Counted,
}

impl Refusals {
    /// Somebody was refused, now.
    pub fn note(self: &Arc<Self>, refusal: Refusal, now: Instant) {
        match self.count(&refusal, now) {
            Said::Aloud => log::warn!(target: "refused", "{refusal}"),
            Said::Counted => {}
            Said::CountedFirst => {
                let refusals = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep(SECOND).await;
                    let more = refusals.take(&refusal);
                    log::warn!(target: "refused", "{refusal}: {more} more within a second");
                });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Refusal, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, refusal: &Refusal, now: Instant) -> Said {
        let mut windows = self.lock();
        let window = windows.entry(refusal.clone()).or_insert(Window {
            began: now,
            lines: 0,
            more: 0,
        });
        if now.saturating_duration_since(window.began) >= SECOND {
            window.began = now;
            window.lines = 0;
        }
        if window.lines < MOST_LINES {
            window.lines = window.lines.saturating_add(1);
            return Said::Aloud;
        }
        window.more = window.more.saturating_add(1);
        if window.more == 1 {
            Said::CountedFirst
        } else {
            Said::Counted
        }
    }

    fn take(&self, refusal: &Refusal) -> u64 {
        let mut windows = self.lock();
        windows
            .get_mut(refusal)
            .map_or(0, |window| std::mem::take(&mut window.more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(endpoint: &str) -> Refusal {
        Refusal {
            method: "POST",
            endpoint: endpoint.to_owned(),
            status: 429,
            outcome: "too_many_requests".to_owned(),
        }
    }

    #[test]
    fn a_flood_has_a_few_lines_a_second_and_a_count_and_others_have_theirs() {
        let (refusals, began) = (Refusals::default(), Instant::now());
        let flood = refusal("/oauth/token");
        let said = |at: Duration| refusals.count(&flood, began + at);
        for _ in 0..5 {
            assert_eq!(said(Duration::ZERO), Said::Aloud);
        }
        assert_eq!(said(Duration::from_millis(1)), Said::CountedFirst);
        for millis in 2..900 {
            assert_eq!(said(Duration::from_millis(millis)), Said::Counted);
        }
        assert_eq!(refusals.count(&refusal("/other"), began), Said::Aloud);
        // A second later there are lines again; the count goes on until it is taken.
        assert_eq!(said(SECOND), Said::Aloud);
        assert_eq!(refusals.take(&flood), 899);
        for _ in 0..4 {
            assert_eq!(said(SECOND), Said::Aloud);
        }
        assert_eq!(said(SECOND), Said::CountedFirst);
    }

    #[test]
    fn the_word_of_the_answer_is_named_where_there_is_one() {
        let mut refusal = refusal("/oauth/{project}/anonymous/token");
        assert_eq!(
            refusal.to_string(),
            "POST /oauth/{project}/anonymous/token 429 too_many_requests"
        );
        refusal.outcome = "429".to_owned();
        assert_eq!(
            refusal.to_string(),
            "POST /oauth/{project}/anonymous/token 429"
        );
    }
}
