//! What both servers are told about limits, and about the proxies by whose word callers are known.

use super::{Problems, switch};
use crate::{http::client_address::TrustedProxies, limits::LimitSettings};

/// Flags and environment variables about limits and proxies, the same for both servers.
#[derive(Clone, Debug, clap::Args)]
pub struct LimitArgs {
    /// Gateways whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses and CIDR ranges, separated by commas.
    #[arg(long, env = "TRUSTED_PROXIES", default_value = "")]
    trusted_proxies: String,
    /// Whether it is limited how often somebody may ask: `on` or `off`.
    #[arg(long, env = "RATE_LIMITS", default_value = "on")]
    rate_limits: String,
    /// Your own servers that speak for many shoppers; limits per address are not for them: addresses and CIDR ranges.
    #[arg(long, env = "RATE_LIMIT_EXEMPT", default_value = "")]
    rate_limit_exempt: String,
}

impl LimitArgs {
    /// The proxies, or a note in `problems`.
    pub fn trusted_proxies(&self, problems: &mut Problems) -> Option<TrustedProxies> {
        problems.take("TRUSTED_PROXIES", self.trusted_proxies.parse())
    }

    /// The limits, or notes in `problems`.
    pub fn limits(&self, problems: &mut Problems) -> Option<LimitSettings> {
        let are_on = problems.take("RATE_LIMITS", switch(&self.rate_limits));
        let exempt = problems.take("RATE_LIMIT_EXEMPT", self.rate_limit_exempt.parse());
        Some(LimitSettings {
            are_on: are_on?,
            exempt: exempt?,
        })
    }
}
