//! Where the server listens, and how it stops.

use std::{net::SocketAddr, time::Duration};

use shared::config::{
    Problems,
    http::{ConnectionArgs, DrainArgs, number_within, optional_address},
    switch,
};

const BYTES_PER_MIB: usize = 1024 * 1024;

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
    /// Memory for large requests and answers, all together, in MiB, 64 to 65536: beyond it they are answered with 503.
    #[arg(long, env = "REQUEST_MEMORY", default_value = "256")]
    request_memory: String,
    /// Whether answers are compressed for clients that ask for it: `on` or `off`.
    #[arg(long, env = "COMPRESSION", default_value = "on")]
    compression: String,
    #[command(flatten)]
    connections: ConnectionArgs,
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
    /// Most connections at once.
    pub max_connections: usize,
    /// Memory for large requests and answers, in bytes.
    pub request_memory: usize,
    /// Whether answers are compressed.
    pub compresses: bool,
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
        let memory = number_within(&self.request_memory, 64..=65_536);
        let memory = problems.take("REQUEST_MEMORY", memory);
        let compresses = problems.take("COMPRESSION", switch(&self.compression));
        let max_connections = self.connections.settings(problems);
        let drain = self.drain.settings(problems);
        Some(Listeners {
            bind: bind?,
            admin_bind: admin_bind?,
            workers: workers?,
            max_connections: max_connections?,
            request_memory: memory?.saturating_mul(BYTES_PER_MIB),
            compresses: compresses?,
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
