//! How often tests repeat themselves that could go on for ever.

use std::time::{Duration, Instant};

/// For so many seconds such a test goes on, on each database. `cargo xtask test --long` sets it.
const LONG_SECONDS: &str = "GUESTCART_LONG_SECONDS";

/// Numbers of rounds from 0: `ordinary` many, and where there is more time, as many as begin within it.
pub fn rounds(ordinary: u64) -> impl Iterator<Item = u64> {
    let seconds = std::env::var(LONG_SECONDS).map_or(0, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{LONG_SECONDS} must be whole seconds, found `{text}`"))
    });
    let (begin, time) = (Instant::now(), Duration::from_secs(seconds));
    (0..).take_while(move |round| *round < ordinary || begin.elapsed() < time)
}
