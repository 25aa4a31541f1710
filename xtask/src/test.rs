//! `cargo xtask test`: every test there is, on every database there is.

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::interrupt;
use crate::node;
use crate::postgres::{self, Postgres};
use crate::workspace;
use std::process::Command;
use std::time::Instant;

/// Random cases of each property in a long run. They are about pure functions: thousands take seconds.
const LONG_CASES: &str = "4096";
/// Minutes of a long run without a number.
const LONG_MINUTES: u64 = 3;

#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub require_postgres: bool,
    pub require_node: bool,
    /// Many more random cases, and so many minutes for every test that could go on for ever, on each database.
    pub long: Option<u64>,
}

impl Options {
    pub fn parse(mut arguments: Arguments) -> Outcome<Self> {
        let options = Self {
            require_postgres: arguments.take_flag("--require-postgres"),
            require_node: arguments.take_flag("--require-node"),
            long: arguments.take_flag_or_parsed("--long", LONG_MINUTES, "a number of minutes")?,
        };
        arguments.finish()?;
        Ok(options)
    }
}

/// Runs everything even when something fails, so that one run tells the whole story.
pub fn run(options: &Options) -> Outcome<u8> {
    interrupt::listen()?;
    let postgres = postgres::find_or_start()?;
    if let Postgres::Missing { why } = &postgres {
        let line = format!("PostgreSQL skipped: {why}");
        if options.require_postgres {
            return Err(Failure::new(line));
        }
        println!("{line}");
    }
    let node = node::find();
    if let (Err(why), true) = (&node, options.require_node) {
        return Err(Failure::new(format!(
            "vendor SDK and OAuth client tests skipped: {why}"
        )));
    }
    let mut report = Report::default();
    report.step("Rust tests", || rust_tests(&postgres, options.long));
    match node {
        Ok(()) => node_tests(&mut report, &postgres),
        Err(why) => report.skipped("vendor SDK and OAuth client tests", &why),
    }
    if let Postgres::Missing { why } = &postgres {
        report.skipped("PostgreSQL", why);
    }
    interrupt::refuse_if_interrupted()?;
    report.print();
    Ok(u8::from(report.failed))
}

fn node_tests(report: &mut Report, postgres: &Postgres) {
    for suite in node::SUITES {
        let name = suite.name;
        if !report.step(&format!("{name} packages"), || suite.install()) {
            continue;
        }
        report.step(&format!("{name} tests on SQLite"), || suite.run(None));
        if let Some(server) = postgres.server() {
            report.step(&format!("{name} tests on PostgreSQL"), || {
                server
                    .with_scratch_database("guestcart_node", |url| suite.run(Some(url.to_owned())))
            });
        }
    }
}

fn rust_tests(postgres: &Postgres, long: Option<u64>) -> Outcome<u8> {
    let mut command = workspace::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    match postgres.server() {
        Some(server) => command.env("TEST_DATABASE_URL", &server.url),
        None => command.env_remove("TEST_DATABASE_URL"),
    };
    if let Some(minutes) = long {
        let seconds = minutes.saturating_mul(60).to_string();
        command
            .env("PROPTEST_CASES", LONG_CASES)
            .env("GUESTCART_LONG_SECONDS", seconds)
            .args(["--", "--include-ignored"]);
    }
    status_of(command)
}

/// Runs the program to its end, with its output shown.
pub fn status_of(mut command: Command) -> Outcome<u8> {
    let program = command.get_program().display().to_string();
    let status = command.status().doing(|| format!("cannot run {program}"))?;
    interrupt::refuse_if_interrupted()?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

/// What ran, how it ended and how long it took.
#[derive(Debug, Default)]
struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome<u8>) -> bool {
        if interrupt::count() > 0 {
            return false;
        }
        println!("== {name}");
        let start = Instant::now();
        let outcome = work();
        let verdict = match &outcome {
            Ok(0) => "ok".to_owned(),
            Ok(status) => format!("FAILED (status {status})"),
            Err(failure) => format!("FAILED ({})", failure.message),
        };
        let passed = matches!(outcome, Ok(0));
        self.failed |= !passed;
        self.lines.push(format!(
            "{name}: {verdict}, {} s",
            start.elapsed().as_secs()
        ));
        passed
    }

    fn skipped(&mut self, name: &str, why: &str) {
        self.lines.push(format!("{name}: skipped, {why}"));
    }

    fn print(&self) {
        println!("\n== Summary");
        for line in &self.lines {
            println!("{line}");
        }
    }
}
