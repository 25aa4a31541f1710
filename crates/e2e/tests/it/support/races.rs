//! Threads that start at the same moment.

use std::sync::Barrier;

/// Runs `act` on as many threads as there are `actors`, all at once; answers what each came back with, in order.
pub fn together<A, T>(actors: impl IntoIterator<Item = A>, act: impl Fn(A) -> T + Sync) -> Vec<T>
where
    A: Send,
    T: Send,
{
    let actors: Vec<A> = actors.into_iter().collect();
    let start = Barrier::new(actors.len());
    let (start, act) = (&start, &act);
    std::thread::scope(|scope| {
        let threads: Vec<_> = actors
            .into_iter()
            .map(|actor| {
                scope.spawn(move || {
                    start.wait();
                    act(actor)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
