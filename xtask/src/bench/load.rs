//! wrk, pgbench and the signing process: running them and reading what they say.

use super::CONNECTIONS;
use crate::failure::{Failure, Outcome, While};
use crate::workspace;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// One run of one contender. Numbers are floating point because they are only ever compared.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    pub per_second: f64,
    /// The 99th percentile in milliseconds; none for work without requests.
    pub p99_millis: Option<f64>,
    /// Answers that were no success, and connections that failed.
    pub failed: f64,
    /// Processor time per request in microseconds: of the server (or the signing process).
    pub server_micros: Option<f64>,
    /// The same of PostgreSQL, all its processes together.
    pub postgres_micros: Option<f64>,
}

/// What a load program counted.
#[derive(Debug, PartialEq)]
pub struct Counted {
    pub requests: f64,
    pub seconds: f64,
    pub p99_millis: f64,
    pub failed: f64,
}

/// An early word, before minutes of building and filling.
pub fn require_wrk() -> Outcome<()> {
    match Command::new("wrk")
        .arg("--version")
        .stdin(Stdio::null())
        .output()
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(
            "`wrk` makes the load and is not installed: `apt-get install wrk`, or see https://github.com/wg/wrk",
        )),
        Err(error) => Err(Failure::new(format!("cannot run wrk: {error}"))),
    }
}

/// Starts wrk with a script of `benches/wrk` and the data that was prepared in `data`.
pub fn start_wrk(
    port: u16,
    script: &str,
    data: &Path,
    connections: u32,
    seconds: u32,
) -> Outcome<Child> {
    let scripts = workspace::root().join("benches/wrk");
    Command::new("wrk")
        .args(["-t1", "--latency", "--timeout", "60s"])
        .arg(format!("-c{connections}"))
        .arg(format!("-d{seconds}s"))
        .arg("-s")
        .arg(scripts.join(script))
        .arg(format!("http://127.0.0.1:{port}"))
        .env("BENCH_WRK", &scripts)
        .env("BENCH_DATA", data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .doing(|| "cannot run wrk".to_owned())
}

/// Waits for its end.
pub fn finish_wrk(wrk: Child) -> Outcome<Counted> {
    let output = wrk
        .wait_with_output()
        .doing(|| "cannot run wrk".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    wrk_counts(&text)
        .filter(|counted| counted.requests > 0.0)
        .ok_or_else(|| Failure::new(format!("wrk measured nothing:\n{text}{errors}")))
}

/// The line that `benches/wrk/report.lua` writes; its times are in microseconds.
fn wrk_counts(text: &str) -> Option<Counted> {
    let line = text.lines().find_map(|line| line.strip_prefix("BENCH "))?;
    let value = |name: &str| {
        let mut pairs = line
            .split_ascii_whitespace()
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(known, _)| *known == name)?
            .1
            .parse::<f64>()
            .ok()
    };
    Some(Counted {
        requests: value("requests")?,
        seconds: value("duration")? / 1e6,
        p99_millis: value("p99")? / 1e3,
        failed: value("status")? + value("socket")?,
    })
}

/// Runs a script of `benches/pgbench` with prepared statements.
pub fn pgbench(
    program: &Path,
    url: &str,
    script: &str,
    variables: &[(String, String)],
    seconds: u32,
) -> Outcome<Counted> {
    let logs = tempfile_folder()?;
    let mut command = Command::new(program);
    command
        .args([
            "--no-vacuum",
            "--protocol=prepared",
            "--jobs=1",
            "--log",
            "--sampling-rate=0.2",
        ])
        .arg(format!("--client={CONNECTIONS}"))
        .arg(format!("--time={seconds}"))
        .arg("--file")
        .arg(workspace::root().join("benches/pgbench").join(script))
        .current_dir(&logs.path)
        .stdin(Stdio::null());
    for (name, value) in variables {
        command.arg("--define").arg(format!("{name}={value}"));
    }
    let output = command.arg(url).output().map_err(|error| {
        Failure::new(format!(
            "cannot run {}, which comes with PostgreSQL: {error}",
            program.display()
        ))
    })?;
    let (text, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if !output.status.success() || errors.contains("aborted") {
        return Err(Failure::new(format!(
            "pgbench failed with {script}:\n{text}{errors}"
        )));
    }
    let number = |line: &str| line.split_ascii_whitespace().next()?.parse::<f64>().ok();
    let after = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let requests = after("number of transactions actually processed: ").and_then(number);
    let rate = after("tps = ").and_then(number);
    let (Some(requests), Some(rate)) = (requests, rate) else {
        return Err(Failure::new(format!("pgbench says no numbers:\n{text}")));
    };
    Ok(Counted {
        requests,
        seconds: requests / rate,
        p99_millis: percentile_99(&logs.path)?,
        failed: 0.0,
    })
}

fn tempfile_folder() -> Outcome<crate::temporary::TemporaryFolder> {
    crate::temporary::TemporaryFolder::create("guestcart-pgbench")
}

/// The third column of pgbench's logs is the time of a transaction in microseconds.
fn percentile_99(folder: &Path) -> Outcome<f64> {
    let mut micros = Vec::new();
    for entry in fs::read_dir(folder).doing(|| format!("cannot list {}", folder.display()))? {
        let path = entry
            .doing(|| format!("cannot list {}", folder.display()))?
            .path();
        let text = fs::read_to_string(&path).doing(|| format!("cannot read {}", path.display()))?;
        let times = text.lines().filter_map(|line| line.split(' ').nth(2));
        micros.extend(times.filter_map(|time| time.parse::<u64>().ok()));
    }
    micros.sort_unstable();
    let at = micros.len().saturating_mul(99) / 100;
    let found = micros
        .get(at)
        .or(micros.last())
        .and_then(|micros| micros.to_string().parse::<f64>().ok());
    found
        .map(|micros| micros / 1e3)
        .ok_or_else(|| Failure::new("pgbench logged no transaction"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrks_line_is_read_whatever_wrk_prints_around_it() {
        let text = "Running 5s test\n  1 threads\nBENCH requests=1000 duration=2000000 p50=5 p99=2500 max=9 status=3 socket=1\n";
        assert_eq!(
            wrk_counts(text),
            Some(Counted {
                requests: 1000.0,
                seconds: 2.0,
                p99_millis: 2.5,
                failed: 4.0
            })
        );
        assert_eq!(wrk_counts("unable to connect"), None);
    }
}
