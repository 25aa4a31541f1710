//! How a command ends badly: what to tell, and the exit status.

use std::fmt::Display;

/// Exit status when a server died.
pub const SERVER_DIED: u8 = 3;
/// Exit status after Ctrl-C or SIGTERM, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// A message for the person at the keyboard and the status for the script.
#[derive(Debug)]
pub struct Failure {
    pub status: u8,
    pub message: String,
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            status: 1,
            message: message.into(),
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            status: 2,
            message: message.into(),
        }
    }

    pub fn server_died(message: impl Into<String>) -> Self {
        Self {
            status: SERVER_DIED,
            message: message.into(),
        }
    }

    pub fn interrupted() -> Self {
        Self {
            status: INTERRUPTED,
            message: "interrupted".to_owned(),
        }
    }
}

/// Says what was being done when something outside this program went wrong.
pub trait While<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: Display> While<T> for Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Failure::new(format!("{}: {error}", what())))
    }
}
