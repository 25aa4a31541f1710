//! Writes the seeds of the fuzzers' corpora: inputs whose meaning is known, by names that say what becomes of them.
//!
//! `cargo run -p fuzz-targets --example write_seeds -- fuzz/corpus`. Files that exist stay as they are, because some
//! signatures differ from run to run.
#![allow(clippy::expect_used, reason = "an example stops where it cannot go on")]

mod texts;
mod tokens;

use std::{fs, path::PathBuf};

/// Target, name of the file, content.
type Seed = (&'static str, &'static str, String);

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let groups = [
        tokens::access_tokens(),
        tokens::access_token_claims(),
        tokens::proofs(),
        tokens::proof_claims(),
        tokens::successors(),
        texts::headers(),
        texts::proof_urls(),
        texts::forms(),
        texts::bodies(),
        texts::predicates(),
        texts::scopes(),
    ];
    for (target, name, data) in groups.into_iter().flatten() {
        let folder = folder.join(target);
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(name);
        if !file.exists() {
            fs::write(file, data).expect("a file");
        }
    }
}
