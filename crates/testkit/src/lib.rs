//! For tests only: a database of its own for every test, on both backends; proofs; and how long is long enough.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, a broken environment should stop the test"
)]

pub mod database;
pub mod dpop;
pub mod rounds;

pub use database::{Template, TestDatabase, databases};
pub use rounds::rounds;
