//! The server's numbers for Prometheus.

use shared::{
    http::{
        health::skew_seconds,
        request_metrics::{RequestMetrics, method, status},
    },
    metrics::{
        Metrics, MetricsError, PoolMetrics,
        prometheus::{IntCounterVec, IntGauge},
    },
};

use crate::app_state::AppState;

/// Every number of this server.
pub struct ApiMetrics {
    /// All of them, to be shown.
    pub all: Metrics,
    /// Requests by endpoint, method and status.
    pub requests: RequestMetrics,
    /// Requests that a limit refused, by bucket.
    pub rate_limited: IntCounterVec,
    pools: PoolMetrics,
    hash_queue_depth: IntGauge,
    clock_skew_seconds: IntGauge,
}

impl ApiMetrics {
    /// All at zero.
    ///
    /// # Errors
    /// [`MetricsError`] if a name is used twice.
    pub fn new() -> Result<Self, MetricsError> {
        let all = Metrics::new("api");
        Ok(Self {
            requests: RequestMetrics::new(&all, "method", method, status)?,
            rate_limited: all.counters(
                "rate_limited_total",
                "Requests that a limit refused.",
                &["bucket"],
            )?,
            pools: PoolMetrics::new(&all)?,
            hash_queue_depth: all
                .gauge("hash_queue_depth", "Passwords that wait for their turn.")?,
            clock_skew_seconds: all.gauge(
                "clock_skew_seconds",
                "By how much the clock is ahead of the database's.",
            )?,
            all,
        })
    }

    /// Lets the parts of the state tell their durations.
    ///
    /// # Errors
    /// [`MetricsError`] if a name is used twice.
    pub fn observe(&self, state: &AppState) -> Result<(), MetricsError> {
        self.pools.observe(&state.database);
        state.passwords.observe_durations(
            self.all
                .durations("hash_seconds", "How long password hashes take.")?,
        );
        Ok(())
    }

    /// Brings everything up to date that is measured when it is looked at.
    pub async fn refresh(&self, state: &AppState) {
        self.pools.refresh(&state.database);
        let waiting = i64::try_from(state.passwords.queue_depth()).unwrap_or(i64::MAX);
        self.hash_queue_depth.set(waiting);
        match skew_seconds(&state.database, &state.clock).await {
            Ok(seconds) => self.clock_skew_seconds.set(seconds),
            Err(error) => log::warn!("metrics from the database are old: {error}"),
        }
    }
}
