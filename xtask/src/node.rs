//! Clients that other people wrote, in JavaScript, against the running servers.

use crate::dev;
use crate::failure::Outcome;
use crate::temporary::TemporaryFolder;
use crate::test::status_of;
use crate::workspace;
use std::fs;
use std::process::{Command, Stdio};
use std::time::SystemTime;

const OLDEST_MAJOR: u32 = 20;

/// Whether the SDK tests can run here, or why not.
pub fn find() -> Result<(), String> {
    let version = version_of("node").ok_or("no `node` found")?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_MAJOR) {
        return Err(format!(
            "Node.js {OLDEST_MAJOR} or newer is needed, found {version}"
        ));
    }
    version_of("npm")
        .map(|_| ())
        .ok_or_else(|| "no `npm` found".to_owned())
}

/// A folder with tests and a package of its own.
#[derive(Debug, Clone, Copy)]
pub struct Suite {
    /// Whose clients they are, for the report.
    pub name: &'static str,
    folder: &'static str,
}

/// All of them.
pub const SUITES: [Suite; 2] = [
    Suite {
        name: "vendor SDK",
        folder: "tests/sdk",
    },
    Suite {
        name: "OAuth client",
        folder: "tests/oauth",
    },
];

impl Suite {
    /// Installs exactly the locked packages, unless that has been done.
    pub fn install(self) -> Outcome<u8> {
        let folder = workspace::root().join(self.folder);
        let modified = |file: &str| -> Option<SystemTime> {
            fs::metadata(folder.join(file)).ok()?.modified().ok()
        };
        if modified("node_modules/.package-lock.json") >= modified("package-lock.json") {
            return Ok(0);
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .stdin(Stdio::null());
        status_of(npm)
    }

    /// Starts both servers on free ports with fresh data and runs the tests against them.
    ///
    /// `database`: an empty PostgreSQL database; SQLite when absent.
    pub fn run(self, database: Option<String>) -> Outcome<u8> {
        let mut data = TemporaryFolder::create("guestcart-node")?;
        let folder = workspace::root().join(self.folder).display().to_string();
        let options = dev::Options {
            release: false,
            database,
            auth_port: 0,
            api_port: 0,
            data: data.path.clone(),
            fresh: false,
            seed_demo: true,
            limits: false,
            exec: Some(format!(
                "cd '{}' && npm test",
                folder.replace('\'', r"'\''")
            )),
        };
        let outcome = dev::run(&options);
        if !matches!(outcome, Ok(0)) {
            data.keep();
            eprintln!(
                "the servers' logs are kept in {}",
                data.path.join("logs").display()
            );
        }
        outcome
    }
}

fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
