//! `cargo xtask fuzz`: libFuzzer on everything that reads strangers' bytes.
//!
//! The fuzzers need neither the nightly toolchain nor cargo-fuzz: without a sanitizer, what libFuzzer wants of the compiler
//! is a pass that stable knows too. A C++ compiler builds libFuzzer itself.

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::interrupt;
use crate::test::status_of;
use crate::workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const DEFAULT_SECONDS: u64 = 60;

/// What makes the compiler tell libFuzzer which code ran and what was compared, as cargo-fuzz sets it.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

#[derive(Debug, Clone)]
pub struct Options {
    /// Only this target; all when absent.
    pub target: Option<String>,
    /// How long each target runs.
    pub seconds: u64,
    /// Whether what was found goes into the corpus afterwards, as far as it reaches code that nothing else reaches.
    pub keep: bool,
}

impl Options {
    pub fn parse(mut arguments: Arguments) -> Outcome<Self> {
        let options = Self {
            seconds: arguments
                .take_parsed("--seconds", "a number of seconds")?
                .unwrap_or(DEFAULT_SECONDS),
            keep: arguments.take_flag("--keep"),
            target: arguments.command(),
        };
        arguments.finish()?;
        Ok(options)
    }
}

/// Runs every target; 0 when no property was broken.
pub fn run(options: &Options) -> Outcome<u8> {
    interrupt::listen()?;
    let folder = workspace::root().join("fuzz");
    let targets = targets(&folder, options.target.as_deref())?;
    let programs = build(&folder)?;
    let mut broken = Vec::new();
    for target in &targets {
        println!("== {target}, {} s", options.seconds);
        let fuzzer = Fuzzer::of(&folder, &programs, target)?;
        if fuzzer.run(options.seconds)? != 0 {
            broken.push(format!(
                "{target}: the input is in {}",
                fuzzer.artifacts.display()
            ));
        } else if options.keep {
            fuzzer.keep()?;
        }
    }
    for line in &broken {
        println!("BROKEN  {line}");
    }
    println!("{} targets, {} broken", targets.len(), broken.len());
    Ok(u8::from(!broken.is_empty()))
}

/// The named target, or all there are.
fn targets(folder: &Path, wanted: Option<&str>) -> Outcome<Vec<String>> {
    let sources = folder.join("fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&sources).doing(|| format!("cannot list {}", sources.display()))? {
        let path = entry
            .doing(|| format!("cannot list {}", sources.display()))?
            .path();
        names.extend(
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    match wanted {
        None => Ok(names),
        Some(name) if names.iter().any(|known| known == name) => Ok(vec![name.to_owned()]),
        Some(name) => Err(Failure::usage(format!(
            "there is no fuzz target `{name}`, but: {}",
            names.join(", ")
        ))),
    }
}

/// Builds all fuzzers and returns the folder they are in.
fn build(folder: &Path) -> Outcome<PathBuf> {
    let host = host()?;
    let target_folder = folder.join("target");
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--release", "--target", &host])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target_folder)
        .env("RUSTFLAGS", FLAGS);
    match status_of(cargo)? {
        0 => Ok(target_folder.join(host).join("release")),
        _ => Err(Failure::new(
            "the fuzzers could not be built; besides the Rust toolchain they need a C++ compiler (Debian: `g++`) for \
             libFuzzer",
        )),
    }
}

/// The platform of this machine. Named, so that the flags are for the fuzzers only and not for build scripts.
fn host() -> Outcome<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .stdin(Stdio::null())
        .output()
        .doing(|| "cannot run rustc".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("`rustc -vV` names no host: {text}")))
}

/// One target's program and folders.
struct Fuzzer {
    program: PathBuf,
    corpus: PathBuf,
    /// What is found on the way; not part of the repository.
    found: PathBuf,
    artifacts: PathBuf,
}

impl Fuzzer {
    fn of(folder: &Path, programs: &Path, target: &str) -> Outcome<Self> {
        let fuzzer = Self {
            program: programs.join(target),
            corpus: folder.join("corpus").join(target),
            found: folder.join("target/found").join(target),
            artifacts: folder.join("artifacts").join(target),
        };
        for folder in [&fuzzer.found, &fuzzer.artifacts] {
            fs::create_dir_all(folder).doing(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(fuzzer)
    }

    fn run(&self, seconds: u64) -> Outcome<u8> {
        let mut command = Command::new(&self.program);
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", self.artifacts.display()))
            .args(["-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"])
            .args(["-print_final_stats=1"])
            .args([&self.found, &self.corpus])
            .stdin(Stdio::null());
        status_of(command)
    }

    /// Adds to the corpus what reaches code that the corpus does not.
    fn keep(&self) -> Outcome<()> {
        let mut command = Command::new(&self.program);
        command
            .args(["-merge=1", "-verbosity=0"])
            .args([&self.corpus, &self.found])
            .stdin(Stdio::null());
        match status_of(command)? {
            0 => Ok(()),
            status => Err(Failure::new(format!(
                "libFuzzer could not merge into {} (status {status})",
                self.corpus.display()
            ))),
        }
    }
}
