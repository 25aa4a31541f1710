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

fn somebody() -> Party {
    Party::Address([198, 51, 100, 7].into())
}

async fn verdict(passwords: &Passwords, password: &str, stored: Option<&String>) -> Verdict {
    let turn = passwords.turn(&somebody()).await.expect("a turn");
    let checked = turn.verify(password.to_owned(), stored.cloned()).await;
    checked.expect("a verdict")
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
    let stored = passwords
        .hash(&somebody(), "right".to_owned())
        .await
        .expect("a hash");
    let of =
        async |password: &str, stored: Option<&String>| verdict(&passwords, password, stored).await;
    assert_eq!(of("right", Some(&stored)).await, Verdict::Right);
    assert_eq!(of("wrong", Some(&stored)).await, Verdict::Wrong);
    assert_eq!(of("no such account", None).await, Verdict::Wrong);
}

const COMPOSED: &str = "caf\u{e9}";
const DECOMPOSED: &str = "cafe\u{301}";

#[tokio::test]
async fn a_password_fits_however_a_device_composes_it() {
    let passwords = passwords(1, 1);
    for (made, typed) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)] {
        let stored = passwords
            .hash(&somebody(), made.to_owned())
            .await
            .expect("a hash");
        for text in [made, typed] {
            assert_eq!(
                verdict(&passwords, text, Some(&stored)).await,
                Verdict::Right
            );
        }
        assert_eq!(
            verdict(&passwords, "cafe", Some(&stored)).await,
            Verdict::Wrong
        );
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
    let outdated = verdict(&passwords, DECOMPOSED, Some(&made.to_string())).await;
    assert_eq!(outdated, Verdict::RightButOutdated);
}

#[tokio::test]
async fn a_password_has_1_to_1024_bytes() {
    let passwords = passwords(1, 1);
    let longest = "x".repeat(MAX_PASSWORD_BYTES);
    let stored = passwords
        .hash(&somebody(), longest.clone())
        .await
        .expect("a hash");
    for text in [String::new(), format!("{longest}x")] {
        let refused = passwords.hash(&somebody(), text.clone()).await;
        assert!(matches!(refused, Err(PasswordError::Length)), "{refused:?}");
        assert_eq!(
            verdict(&passwords, &text, Some(&stored)).await,
            Verdict::Wrong
        );
    }
    assert_eq!(
        verdict(&passwords, &longest, Some(&stored)).await,
        Verdict::Right
    );
}

/// Asks for a turn, waits for it, and has it for a moment.
async fn waits(passwords: &Passwords, party: Party) -> Result<(), PasswordError> {
    passwords.turn(&party).await.map(drop)
}

fn shopper(number: u8) -> Party {
    Party::Address([203, 0, 113, number].into())
}

#[tokio::test]
async fn who_comes_when_the_line_is_full_is_refused_at_once() {
    let passwords = passwords(1, 2);
    let turn = passwords.turn(&somebody()).await.expect("the first turn");
    let mut second = pin!(waits(&passwords, somebody()));
    let mut third = pin!(waits(&passwords, somebody()));
    begins_to_wait(&mut second).await;
    begins_to_wait(&mut third).await;
    assert_eq!(passwords.queue_depth(), 2);
    let fourth = waits(&passwords, somebody()).await;
    assert!(matches!(fourth, Err(PasswordError::OverCapacity)));
    drop(turn);
    assert!(second.await.is_ok());
    assert!(third.await.is_ok());
    assert_eq!((passwords.queue_depth(), passwords.turns.free()), (0, 1));
}

#[tokio::test]
async fn a_flood_from_one_address_pushes_nobody_else_out() {
    let passwords = passwords(1, 3);
    let turn = passwords.turn(&somebody()).await.expect("the first turn");
    let mut flood: Vec<_> = (0..3)
        .map(|_| Box::pin(waits(&passwords, somebody())))
        .collect();
    for one in &mut flood {
        begins_to_wait(&mut one.as_mut()).await;
    }
    let mut shopper = pin!(waits(&passwords, shopper(1)));
    begins_to_wait(&mut shopper).await;
    // The last of the flood had to make room, and hears of it at once.
    let last = flood.pop().expect("three").await;
    assert!(matches!(last, Err(PasswordError::OverCapacity)));
    drop(turn);
    // The shopper comes second, whoever else waits.
    assert!(flood.remove(0).await.is_ok());
    assert!(shopper.await.is_ok());
    assert!(flood.remove(0).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_longest_wait() {
    let passwords = passwords(1, 2);
    let _turn = passwords.turn(&somebody()).await.expect("the first turn");
    let began = tokio::time::Instant::now();
    let second = waits(&passwords, somebody()).await;
    assert!(matches!(second, Err(PasswordError::OverCapacity)));
    assert_eq!(began.elapsed(), turns::LONGEST_WAIT);
    assert_eq!(passwords.queue_depth(), 0);
}

#[tokio::test]
async fn who_goes_away_leaves_the_line() {
    let passwords = passwords(1, 1);
    let turn = passwords.turn(&somebody()).await.expect("the first turn");
    {
        let mut second = pin!(waits(&passwords, somebody()));
        begins_to_wait(&mut second).await;
        assert_eq!(passwords.queue_depth(), 1);
    }
    assert_eq!(passwords.queue_depth(), 0);
    drop(turn);
    assert!(waits(&passwords, somebody()).await.is_ok());
}

#[tokio::test]
async fn a_turn_that_was_given_to_somebody_who_went_away_goes_on_to_the_next() {
    let passwords = passwords(1, 2);
    let turn = passwords.turn(&somebody()).await.expect("the first turn");
    let mut third = pin!(waits(&passwords, shopper(2)));
    {
        let mut second = pin!(waits(&passwords, shopper(1)));
        begins_to_wait(&mut second).await;
        begins_to_wait(&mut third).await;
        // The second has it now, and never looks.
        drop(turn);
    }
    assert!(third.await.is_ok());
    assert_eq!(passwords.turns.free(), 1);
}

#[tokio::test]
async fn a_hash_that_nobody_waits_for_still_counts_until_it_is_made() {
    let passwords = passwords(1, 1);
    let (begun, wait_for_beginning) = std::sync::mpsc::channel();
    let (finish, wait_for_end) = std::sync::mpsc::channel::<()>();
    let turn = passwords.turn(&somebody()).await.expect("a turn");
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
    assert_eq!(passwords.turns.free(), 0);
    finish.send(()).expect("the work goes on");
    // The next one gets the turn when the abandoned work is over.
    assert!(waits(&passwords, somebody()).await.is_ok());
}

#[test]
fn there_are_as_many_threads_as_processors_and_memory_is_bounded() {
    let capacity = Capacity::of_this_machine(PasswordCost::STANDARD);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    // 13 times 19 MiB are less than 256 MiB.
    assert_eq!(capacity.running, processors.min(13));
    assert_eq!(capacity.waiting, 1_000);
    let huge = PasswordCost {
        memory_kib: 1_048_576,
        passes: 1,
    };
    assert_eq!(Capacity::of_this_machine(huge).running, 1);
}
