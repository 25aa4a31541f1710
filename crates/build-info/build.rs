//! Finds the commit: what `GUESTCART_COMMIT` says (an image is built without the repository), else what the repository's files
//! say. Needs neither git nor a network.

use std::{
    fs,
    path::{Path, PathBuf},
};

const VARIABLE: &str = "GUESTCART_COMMIT";

#[expect(
    clippy::disallowed_methods,
    reason = "the house rule about the environment is for the servers"
)]
fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    println!("cargo::rerun-if-changed=build.rs");
    let given = std::env::var(VARIABLE).ok();
    let commit = given
        .filter(|text| is_hash(text.trim()))
        .or_else(|| checked_out(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git")))
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env={VARIABLE}={}", commit.trim());
}

/// What `HEAD` is, by the files of the repository.
fn checked_out(git: &Path) -> Option<String> {
    let folder = folder(git)?;
    // Grows with every commit and checkout.
    watched(&folder.join("logs/HEAD"));
    let head = watched(&folder.join("HEAD"))?;
    let Some(reference) = head.trim().strip_prefix("ref: ") else {
        return Some(head).filter(|text| is_hash(text.trim()));
    };
    // A worktree has a HEAD of its own, and its branches with all the others.
    let common = fs::read_to_string(folder.join("commondir"))
        .map_or_else(|_| folder.clone(), |text| folder.join(text.trim()));
    let loose = fs::read_to_string(common.join(reference)).ok();
    let hash = loose.or_else(|| packed(&common.join("packed-refs"), reference))?;
    Some(hash).filter(|text| is_hash(text.trim()))
}

/// The repository's folder; of a worktree, `.git` is a file that names it.
fn folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = watched(git)?;
    let path = text.trim().strip_prefix("gitdir: ")?;
    Some(git.parent()?.join(path))
}

fn packed(file: &Path, reference: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| {
        line.split_once(' ')
            .is_some_and(|(_, name)| name == reference)
    })?;
    line.split_once(' ').map(|(hash, _)| hash.to_owned())
}

/// The text of a file that is there; when it changes, this runs again.
fn watched(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    println!("cargo::rerun-if-changed={}", file.display());
    Some(text)
}

fn is_hash(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
