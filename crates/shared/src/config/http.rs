//! Where a server listens, and how it stops.

use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use super::Problems;

/// Longest time between SIGTERM and the end of accepting, in seconds.
const MAX_DRAIN_SECONDS: u64 = 300;

/// Flags and environment variables about stopping, the same for both servers.
#[derive(Clone, Debug, clap::Args)]
pub struct DrainArgs {
    /// Seconds between SIGTERM, when readiness fails at once, and the end of accepting: time for the gateway to notice.
    #[arg(long, env = "DRAIN_SECONDS", default_value = "5")]
    pub drain_seconds: String,
}

impl DrainArgs {
    /// The setting, or a note in `problems`.
    pub fn settings(&self, problems: &mut Problems) -> Option<Duration> {
        let seconds = self.drain_seconds.parse::<u64>().ok();
        problems.take(
            "DRAIN_SECONDS",
            seconds
                .filter(|seconds| *seconds <= MAX_DRAIN_SECONDS)
                .map(Duration::from_secs)
                .ok_or_else(|| {
                    format!(
                        "must be a number from 0 to {MAX_DRAIN_SECONDS}, found `{}`",
                        self.drain_seconds
                    )
                }),
        )
    }
}

/// Most connections that can be asked for.
const MAX_CONNECTIONS: usize = 60_000;

/// The flag and environment variable about connections, the same for both servers.
#[derive(Clone, Debug, clap::Args)]
pub struct ConnectionArgs {
    /// Most connections of clients at once, 1 to 60000; more wait. Fewer, if the process may not open so many files.
    #[arg(long, env = "MAX_CONNECTIONS", default_value = "4096")]
    max_connections: String,
}

impl ConnectionArgs {
    /// The setting, or a note in `problems`.
    pub fn settings(&self, problems: &mut Problems) -> Option<usize> {
        let given = number_within(&self.max_connections, 1..=MAX_CONNECTIONS);
        problems.take("MAX_CONNECTIONS", given)
    }
}

/// A whole number within a range.
///
/// # Errors
/// A text that says what is allowed.
pub fn number_within(text: &str, range: RangeInclusive<usize>) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            format!(
                "must be a number from {} to {}, found `{text}`",
                range.start(),
                range.end()
            )
        })
}

/// The address of a listener that need not be there, or a note in `problems` about the setting `name`.
pub fn optional_address(
    problems: &mut Problems,
    name: &str,
    text: Option<&str>,
) -> Option<Option<SocketAddr>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Some(None);
    };
    let address = text.parse().map(Some).map_err(|_not_one| {
        format!("must be an address and a port such as 127.0.0.1:9090, found `{text}`")
    });
    problems.take(name, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(seconds: &str) -> Result<Option<Duration>, String> {
        let mut problems = Problems::default();
        let args = DrainArgs {
            drain_seconds: seconds.to_owned(),
        };
        let settings = args.settings(&mut problems);
        problems.finish().map(|()| settings)
    }

    #[test]
    fn the_drain_lasts_from_nothing_to_five_minutes() {
        assert_eq!(drain("0"), Ok(Some(Duration::ZERO)));
        assert_eq!(drain("300"), Ok(Some(Duration::from_secs(300))));
        for text in ["301", "-1", "5s", ""] {
            let problem = drain(text).expect_err("a problem");
            assert!(
                problem.starts_with("DRAIN_SECONDS: ") && problem.ends_with(&format!("`{text}`")),
                "{problem}"
            );
        }
    }

    #[test]
    fn a_number_outside_of_its_range_is_named() {
        assert_eq!(number_within("1", 1..=60_000), Ok(1));
        for text in ["0", "60001", "-1", "many", ""] {
            assert_eq!(
                number_within(text, 1..=60_000),
                Err(format!("must be a number from 1 to 60000, found `{text}`"))
            );
        }
    }

    #[test]
    fn a_listener_without_an_address_is_not_opened() {
        let mut problems = Problems::default();
        assert_eq!(optional_address(&mut problems, "X", None), Some(None));
        assert_eq!(optional_address(&mut problems, "X", Some("")), Some(None));
        assert_eq!(
            optional_address(&mut problems, "X", Some("127.0.0.1:1")),
            Some(Some(SocketAddr::from(([127, 0, 0, 1], 1))))
        );
        assert_eq!(optional_address(&mut problems, "X", Some("here")), None);
    }
}
