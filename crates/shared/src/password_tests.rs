use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use super::*;
use crate::random::SystemRandomness;

fn passwords(running: usize, waiting: usize) -> Passwords {
    let capacity = Capacity { running, waiting };
    let randomness = Arc::new(SystemRandomness::new());
    Passwords::with_capacity(PasswordCost::CHEAP, capacity, randomness).expect("a hasher")
}

/// Lets a future begin, and asserts that it waits.
async fn begins_to_wait<F: Future<Output: std::fmt::Debug>>(future: &mut std::pin::Pin<&mut F>) {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Pending => Poll::Ready(()),
        Poll::Ready(done) => panic!("it did not wait: {done:?}"),
    })
    .await;
}

#[tokio::test]
async fn a_hash_fits_its_password_and_no_other() {
    let passwords = passwords(1, 1);
    let stored = passwords.hash("right".to_owned()).await.expect("a hash");
    let verdict = async |password: &str, stored: Option<&String>| {
        passwords
            .verify(password.to_owned(), stored.cloned())
            .await
            .expect("a verdict")
    };
    assert_eq!(verdict("right", Some(&stored)).await, Verdict::Right);
    assert_eq!(verdict("wrong", Some(&stored)).await, Verdict::Wrong);
    assert_eq!(verdict("no such account", None).await, Verdict::Wrong);
}

const COMPOSED: &str = "caf\u{e9}";
const DECOMPOSED: &str = "cafe\u{301}";

#[tokio::test]
async fn a_password_fits_however_a_device_composes_it() {
    let passwords = passwords(1, 1);
    for (made, typed) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)] {
        let stored = passwords.hash(made.to_owned()).await.expect("a hash");
        for text in [made, typed] {
            let verdict = passwords
                .verify(text.to_owned(), Some(stored.clone()))
                .await;
            assert_eq!(verdict.expect("a verdict"), Verdict::Right);
        }
        let other = passwords.verify("cafe".to_owned(), Some(stored)).await;
        assert_eq!(other.expect("a verdict"), Verdict::Wrong);
    }
}

#[tokio::test]
async fn a_hash_of_a_text_as_it_was_typed_fits_it_and_is_made_anew() {
    let passwords = passwords(1, 1);
    let made = PasswordCost::CHEAP
        .argon2()
        .expect("a cost")
        .hash_password_with_salt(DECOMPOSED.as_bytes(), &[7; 16])
        .expect("a hash");
    let verdict = passwords.verify(DECOMPOSED.to_owned(), Some(made.to_string()));
    assert_eq!(verdict.await.expect("a verdict"), Verdict::RightButOutdated);
}

#[tokio::test]
async fn a_password_has_1_to_1024_bytes() {
    let passwords = passwords(1, 1);
    let longest = "x".repeat(MAX_PASSWORD_BYTES);
    let stored = passwords.hash(longest.clone()).await.expect("a hash");
    for text in [String::new(), format!("{longest}x")] {
        let refused = passwords.hash(text.clone()).await;
        assert!(matches!(refused, Err(PasswordError::Length)), "{refused:?}");
        let verdict = passwords.verify(text, Some(stored.clone())).await;
        assert_eq!(verdict.expect("a verdict"), Verdict::Wrong);
    }
    let verdict = passwords.verify(longest, Some(stored)).await;
    assert_eq!(verdict.expect("a verdict"), Verdict::Right);
}

#[tokio::test]
async fn who_comes_when_the_queue_is_full_is_refused_at_once() {
    let passwords = passwords(1, 2);
    let turn = passwords.turn().await.expect("the first turn");
    let mut second = pin!(passwords.hash("b".to_owned()));
    let mut third = pin!(passwords.hash("c".to_owned()));
    begins_to_wait(&mut second).await;
    begins_to_wait(&mut third).await;
    assert_eq!(passwords.queue_depth(), 2);
    let fourth = passwords.hash("d".to_owned()).await;
    assert!(matches!(fourth, Err(PasswordError::OverCapacity)));
    drop(turn);
    assert!(second.await.is_ok());
    assert!(third.await.is_ok());
    assert_eq!(passwords.queue_depth(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_is_refused() {
    let passwords = passwords(1, 2);
    let _turn = passwords.turn().await.expect("the first turn");
    let began = tokio::time::Instant::now();
    let second = passwords.hash("b".to_owned()).await;
    assert!(matches!(second, Err(PasswordError::OverCapacity)));
    assert_eq!(began.elapsed(), WAIT);
    assert_eq!(passwords.queue_depth(), 0);
}

#[tokio::test]
async fn who_goes_away_leaves_the_queue() {
    let passwords = passwords(1, 1);
    let turn = passwords.turn().await.expect("the first turn");
    {
        let mut second = pin!(passwords.turn());
        begins_to_wait_for_turn(&mut second).await;
        assert_eq!(passwords.queue_depth(), 1);
    }
    assert_eq!(passwords.queue_depth(), 0);
    drop(turn);
    assert!(passwords.turn().await.is_ok());
}

async fn begins_to_wait_for_turn<'a, F>(future: &mut std::pin::Pin<&mut F>)
where
    F: Future<Output = Result<Turn<'a>, PasswordError>>,
{
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn a_hash_that_nobody_waits_for_still_counts_until_it_is_made() {
    let passwords = passwords(1, 1);
    let (begun, wait_for_beginning) = std::sync::mpsc::channel();
    let (finish, wait_for_end) = std::sync::mpsc::channel::<()>();
    let turn = passwords.turn().await.expect("a turn");
    {
        let mut work = Box::pin(turn.run(move || {
            begun.send(()).expect("somebody listens");
            wait_for_end.recv().map_err(PasswordError::of)
        }));
        begins_to_wait(&mut work.as_mut()).await;
        tokio::task::spawn_blocking(move || wait_for_beginning.recv())
            .await
            .expect("no panic")
            .expect("the work has begun");
    }
    drop(turn);
    assert_eq!(passwords.running.available_permits(), 0);
    finish.send(()).expect("the work goes on");
    // The next one gets the turn when the abandoned work is over.
    assert!(passwords.turn().await.is_ok());
}

#[test]
fn one_processor_is_left_for_everything_else_and_memory_is_bounded() {
    let capacity = Capacity::of_this_machine(PasswordCost::STANDARD);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    assert!(capacity.running >= 1 && capacity.running <= processors.saturating_sub(1).max(1));
    assert_eq!(capacity.waiting, capacity.running * 8);
    let huge = PasswordCost {
        memory_kib: 1_048_576,
        passes: 1,
    };
    assert_eq!(Capacity::of_this_machine(huge).running, 1);
}
