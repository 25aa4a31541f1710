//! For tests only: a database of its own for every test, on both backends.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, a broken environment should stop the test"
)]

pub mod database;
pub mod dpop;

pub use database::{Template, TestDatabase, databases};
