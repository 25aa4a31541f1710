//! For tests only: what must hold for any bytes that strangers send.
//!
//! One function per target: it takes bytes, panics if a property does not hold, and says whether the bytes were accepted.
//! libFuzzer calls them from `fuzz/`; `tests/corpus.rs` calls them with every file of `fuzz/corpus` and with random changes
//! of those, so that the same properties run wherever `cargo test` does.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a property that does not hold must stop the fuzzer"
)]

pub mod access_token;
pub mod access_token_claims;
pub mod authorization_header;
pub mod basic_header;
pub mod dpop_proof;
pub mod dpop_proof_claims;
pub mod dpop_url;
pub mod form;
pub mod json_body;
pub mod keys;
pub mod predicate;
pub mod refresh_successor;
pub mod scope;
mod tampering;

/// What became of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They mean something.
    Accepted,
    /// They are refused.
    Refused,
}

impl From<bool> for Verdict {
    fn from(is_accepted: bool) -> Self {
        if is_accepted {
            Self::Accepted
        } else {
            Self::Refused
        }
    }
}

/// A property of one reader of foreign bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the binary in `fuzz/fuzz_targets` and of the folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Panics if the property does not hold for these bytes.
    pub check: fn(&[u8]) -> Verdict,
}

/// A target is a module of its own name with a function `check`.
macro_rules! targets {
    ($($name:ident)+) => {
        /// All targets.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), check: $name::check }),+];
    };
}

targets! {
    access_token access_token_claims authorization_header basic_header dpop_proof dpop_proof_claims dpop_url form json_body
    predicate refresh_successor scope
}

/// The first line and the rest: targets with two inputs take them so.
fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    let mut halves = data.splitn(2, |byte| *byte == b'\n');
    let first = halves.next().unwrap_or_default();
    (first, halves.next().unwrap_or_default())
}
