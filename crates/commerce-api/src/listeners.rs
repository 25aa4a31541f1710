//! Where the server listens, and how it stops.

use std::{net::SocketAddr, time::Duration};

use shared::config::{
    Problems,
    http::{DrainArgs, optional_address},
};

/// Flags and environment variables about listeners.
#[derive(Clone, Debug, clap::Args)]
pub struct ListenerArgs {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "API_BIND", default_value = "127.0.0.1:8081")]
    pub bind: String,
    /// Address and port of the admin listener: health, version and metrics, for operators only. None if not given.
    #[arg(long, env = "API_ADMIN_BIND")]
    admin_bind: Option<String>,
    /// Worker threads, 1 to 256; one per processor if not given.
    #[arg(long, env = "API_WORKERS")]
    workers: Option<String>,
    #[command(flatten)]
    drain: DrainArgs,
}

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub struct Listeners {
    /// For clients.
    pub bind: SocketAddr,
    /// For operators.
    pub admin_bind: Option<SocketAddr>,
    /// Threads for clients; one per processor if `None`.
    pub workers: Option<usize>,
    /// Between SIGTERM and the end of accepting.
    pub drain: Duration,
}

impl ListenerArgs {
    /// The listeners, or notes in `problems`.
    pub fn read(&self, problems: &mut Problems) -> Option<Listeners> {
        let bind = problems.take(
            "API_BIND",
            self.bind.parse().map_err(|_invalid| {
                format!(
                    "must be an address and port such as `0.0.0.0:8081`, found `{}`",
                    self.bind
                )
            }),
        );
        let admin_bind = optional_address(problems, "API_ADMIN_BIND", self.admin_bind.as_deref());
        let workers = problems.take("API_WORKERS", workers(self.workers.as_deref()));
        let drain = self.drain.settings(problems);
        Some(Listeners {
            bind: bind?,
            admin_bind: admin_bind?,
            workers: workers?,
            drain: drain?,
        })
    }
}

fn workers(text: Option<&str>) -> Result<Option<usize>, String> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(count) if (1..=256).contains(&count) => Ok(Some(count)),
        _ => Err(format!("must be a number from 1 to 256, found `{text}`")),
    }
}
