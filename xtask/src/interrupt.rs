//! Ctrl-C and SIGTERM: noticed here, acted on by whoever waits.

use crate::failure::{Failure, Outcome, While};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);
static INSTALLED: OnceLock<()> = OnceLock::new();

/// From now on an interrupt is counted instead of ending this process at once.
pub fn listen() -> Outcome<()> {
    if INSTALLED.set(()).is_err() {
        return Ok(());
    }
    ctrlc::set_handler(|| {
        INTERRUPTS.fetch_add(1, Ordering::SeqCst);
    })
    .doing(|| "cannot listen for Ctrl-C".to_owned())
}

/// How often we were asked to stop; twice means now.
pub fn count() -> usize {
    INTERRUPTS.load(Ordering::SeqCst)
}

pub fn refuse_if_interrupted() -> Outcome<()> {
    if count() > 0 {
        Err(Failure::interrupted())
    } else {
        Ok(())
    }
}
