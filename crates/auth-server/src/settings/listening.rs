//! Listeners, the network in front of them, and limits.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use shared::config::{
    Problems,
    http::{ConnectionArgs, DrainArgs, optional_address},
    limits::LimitArgs,
    switch,
};

use crate::{app_state::Network, limits::LimitSettings};

/// Most new guests of one client per second that can be asked for.
const MAX_GUESTS_PER_SECOND: u32 = 1_000_000;

/// Flags and environment variables about the network.
#[derive(Clone, Debug, clap::Args)]
pub struct ListeningArgs {
    /// Address and port of the admin listener: health, version and metrics, for operators only. None if not given.
    #[arg(long, env = "AUTH_ADMIN_BIND")]
    admin_bind: Option<String>,
    /// Whether plain HTTP from other machines is refused, unless a trusted proxy says it was HTTPS up to there: `on` or `off`.
    #[arg(long, env = "REQUIRE_TLS", default_value = "on")]
    require_tls: String,
    #[command(flatten)]
    limits: LimitArgs,
    /// New guests of one client per second, 1 to 1000000; `0` is any number.
    #[arg(long, env = "RATE_LIMIT_GUESTS_PER_SECOND", default_value = "200")]
    rate_limit_guests_per_second: String,
    #[command(flatten)]
    connections: ConnectionArgs,
    #[command(flatten)]
    drain: DrainArgs,
}

/// Listeners beside the main one, and how they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listening {
    /// For operators.
    pub admin_bind: Option<SocketAddr>,
    /// Most connections at once.
    pub max_connections: usize,
    /// Between SIGTERM and the end of accepting.
    pub drain: Duration,
}

impl ListeningArgs {
    /// The listeners, or notes in `problems`.
    pub fn listening(&self, problems: &mut Problems) -> Option<Listening> {
        let admin_bind = optional_address(problems, "AUTH_ADMIN_BIND", self.admin_bind.as_deref());
        let max_connections = self.connections.settings(problems);
        let drain = self.drain.settings(problems);
        Some(Listening {
            admin_bind: admin_bind?,
            max_connections: max_connections?,
            drain: drain?,
        })
    }

    /// The network, or notes in `problems`.
    pub fn network(&self, problems: &mut Problems) -> Option<Network> {
        let trusted_proxies = self.limits.trusted_proxies(problems);
        let require_tls = problems.take("REQUIRE_TLS", switch(&self.require_tls));
        Some(Network {
            trusted_proxies: trusted_proxies?,
            require_tls: require_tls?,
        })
    }

    /// The limits, or notes in `problems`.
    pub fn limits(&self, problems: &mut Problems) -> Option<LimitSettings> {
        let common = self.limits.limits(problems);
        let guests = self.rate_limit_guests_per_second.parse::<u32>().ok();
        let guests = guests
            .filter(|guests| *guests <= MAX_GUESTS_PER_SECOND)
            .ok_or_else(|| {
                format!(
                    "must be a number from 0 to {MAX_GUESTS_PER_SECOND}, found `{}`",
                    self.rate_limit_guests_per_second
                )
            });
        let guests = problems.take("RATE_LIMIT_GUESTS_PER_SECOND", guests);
        let (common, guests) = (common?, guests?);
        Some(LimitSettings {
            are_on: common.are_on,
            exempt: common.exempt,
            guests_per_client: NonZeroU32::new(guests),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use shared::http::client_address::TrustedProxies;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        listening: ListeningArgs,
    }

    fn parse(arguments: &[&str]) -> ListeningArgs {
        let words = std::iter::once("serve").chain(arguments.iter().copied());
        Command::parse_from(words).listening
    }

    #[test]
    fn without_settings_the_network_is_not_trusted_and_limits_are_on() {
        let mut problems = Problems::default();
        let args = parse(&[]);
        let network = args.network(&mut problems).expect("a network");
        assert!(network.require_tls);
        assert_eq!(network.trusted_proxies, TrustedProxies::default());
        let limits = args.limits(&mut problems).expect("limits");
        assert!(limits.are_on);
        assert_eq!(limits.guests_per_client, NonZeroU32::new(200));
        let listening = Listening {
            admin_bind: None,
            max_connections: 4_096,
            drain: Duration::from_secs(5),
        };
        assert_eq!(args.listening(&mut problems), Some(listening));
        assert_eq!(problems.finish(), Ok(()));
    }

    #[test]
    fn every_problem_is_named() {
        let args = parse(&[
            "--admin-bind=here",
            "--trusted-proxies=gateway",
            "--require-tls=maybe",
            "--rate-limits=some",
            "--rate-limit-exempt=10.0.0.1/8",
            "--rate-limit-guests-per-second=-1",
            "--max-connections=none",
            "--drain-seconds=soon",
        ]);
        let mut problems = Problems::default();
        assert!(args.listening(&mut problems).is_none());
        assert!(args.network(&mut problems).is_none());
        assert!(args.limits(&mut problems).is_none());
        let text = problems.finish().expect_err("problems");
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(
            names,
            [
                "AUTH_ADMIN_BIND",
                "MAX_CONNECTIONS",
                "DRAIN_SECONDS",
                "TRUSTED_PROXIES",
                "REQUIRE_TLS",
                "RATE_LIMITS",
                "RATE_LIMIT_EXEMPT",
                "RATE_LIMIT_GUESTS_PER_SECOND"
            ]
        );
    }
}
