//! `cargo xtask check`: what CI looks at first, cheapest first.

use crate::failure::Outcome;
use crate::test::status_of;
use crate::tidy;
use crate::workspace;

/// Stops at the first step that fails, with its status.
pub fn run() -> Outcome<u8> {
    println!("== rustfmt");
    let mut format = workspace::cargo();
    format.args(["fmt", "--all", "--check"]);
    let status = status_of(format)?;
    if status != 0 {
        return Ok(status);
    }
    println!("== tidy");
    let status = tidy::run()?;
    if status != 0 {
        return Ok(status);
    }
    println!("== clippy");
    let mut clippy = workspace::cargo();
    clippy.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    status_of(clippy)
}
