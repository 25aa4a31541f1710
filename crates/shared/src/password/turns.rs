//! Who may make a hash now, and who waits: no longer than it is likely to take, by how long the last hashes took.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::{
    Capacity, PasswordError,
    line::{Line, Party, Ticket},
};
use crate::http::presence::has_hung_up;

/// Whoever would probably have to wait longer is refused at once.
const WAIT: Duration = Duration::from_secs(8);
/// Who waits can be overtaken by parties that have less, and hashes can take longer than the last ones did: nobody waits
/// longer than this.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// So often those who wait are looked after: who has hung up leaves the line.
const LOOK: Duration = Duration::from_millis(500);
/// A crowd of so many per thread may wait the longest wait: how long hashes took, on a machine that was busy just then, says
/// little about what a crowd will need.
const CROWD: u64 = 125;
/// By how much the last hash changes what is thought of the next: one part in so many.
const MEMORY: u64 = 8;

/// The turns of a process.
pub(super) struct Turns {
    capacity: Capacity,
    state: Mutex<State>,
}

struct State {
    /// Turns that nobody has; while there are any, nobody waits.
    free: usize,
    line: Line<oneshot::Sender<Permit>>,
    /// How long a hash takes, in nanoseconds: a moving average.
    pace: u64,
}

/// One turn. Whoever is next gets it when it is dropped.
pub(super) struct Permit(Option<Arc<Turns>>);

impl Turns {
    /// Turns for hashes of which one took so long.
    pub(super) fn new(capacity: Capacity, took: Duration) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            state: Mutex::new(State {
                free: capacity.running,
                line: Line::new(),
                pace: nanos(took),
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().line.len()
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.lock().free
    }

    /// A hash took so long.
    pub(super) fn note(&self, took: Duration) {
        let mut state = self.lock();
        let kept = state.pace.saturating_sub(state.pace / MEMORY);
        state.pace = kept.saturating_add(nanos(took) / MEMORY);
    }

    /// How many can wait: as many as can be served in time.
    fn places(&self, pace: u64) -> usize {
        let running = u64::try_from(self.capacity.running).unwrap_or(u64::MAX);
        let within = |wait| nanos(wait) / pace.max(1);
        let per_thread = within(WAIT).max(within(LONGEST_WAIT).min(CROWD));
        usize::try_from(per_thread.saturating_mul(running))
            .unwrap_or(usize::MAX)
            .clamp(1, self.capacity.waiting.max(1))
    }

    /// Waits for a turn. Who stops waiting gives up the place.
    pub(super) async fn take(self: &Arc<Self>, party: &Party) -> Result<Permit, PasswordError> {
        let mut place = match self.take_or_join(party)? {
            Ok(permit) => return Ok(permit),
            Err(place) => place,
        };
        let mut waited = Duration::ZERO;
        while waited < LONGEST_WAIT {
            match timeout(LOOK, &mut place.turn).await {
                // Who has hung up lets the next one have it.
                Ok(Ok(permit)) if !has_hung_up() => return Ok(permit),
                // Pushed out by somebody whose party has less; or gone.
                Ok(_) => break,
                Err(_elapsed) if has_hung_up() => break,
                Err(_elapsed) => waited = waited.saturating_add(LOOK),
            }
        }
        Err(PasswordError::OverCapacity)
    }

    fn take_or_join<'a>(
        self: &Arc<Self>,
        party: &'a Party,
    ) -> Result<Result<Permit, Place<'a>>, PasswordError> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free = state.free.saturating_sub(1);
            return Ok(Ok(Permit(Some(Arc::clone(self)))));
        }
        let (grant, turn) = oneshot::channel();
        let places = self.places(state.pace);
        let joined = state.line.join(party, places, grant);
        drop(state);
        let joined = joined.ok_or(PasswordError::OverCapacity)?;
        // Hears of it by the end of its channel.
        drop(joined.pushed_out);
        Ok(Err(Place {
            turns: Arc::clone(self),
            party,
            ticket: joined.ticket,
            turn,
        }))
    }

    fn hand_over(self: &Arc<Self>) {
        loop {
            let mut state = self.lock();
            let Some(next) = state.line.next() else {
                state.free = state.free.saturating_add(1);
                return;
            };
            drop(state);
            match next.send(Permit(Some(Arc::clone(self)))) {
                Ok(()) => return,
                // Gone already: this turn is still to be had.
                Err(mut unclaimed) => unclaimed.0 = None,
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.hand_over();
        }
    }
}

/// A place in the line, which is left when this is dropped. A turn that was given meanwhile goes on to the next with it.
struct Place<'a> {
    turns: Arc<Turns>,
    party: &'a Party,
    ticket: Ticket,
    turn: oneshot::Receiver<Permit>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turns.lock().line.leave(self.party, self.ticket);
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(running: usize, waiting: usize, took: Duration) -> usize {
        let turns = Turns::new(Capacity { running, waiting }, took);
        let pace = turns.lock().pace;
        turns.places(pace)
    }

    #[test]
    fn as_many_wait_as_can_be_served_in_eight_seconds_and_a_crowd_in_sixteen() {
        let of = |running, millis| places(running, 1_000, Duration::from_millis(millis));
        assert_eq!((of(1, 20), of(2, 20), of(2, 40)), (400, 800, 400));
        assert_eq!((of(2, 80), of(2, 128), of(2, 160)), (250, 250, 200));
        // One may wait in any case, and memory is bounded.
        assert_eq!((of(1, 60_000), of(8, 1)), (1, 1_000));
    }

    #[test]
    fn the_last_hashes_say_how_long_the_next_will_take() {
        let capacity = Capacity {
            running: 2,
            waiting: 1_000,
        };
        let turns = Turns::new(capacity, Duration::from_millis(20));
        for _ in 0..100 {
            turns.note(Duration::from_millis(80));
        }
        let pace = turns.lock().pace;
        assert!((79_000_000..=80_000_000).contains(&pace), "{pace}");
        assert_eq!(turns.places(pace), 250);
    }
}
