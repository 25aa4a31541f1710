//! The server's numbers for Prometheus.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use shared::{
    db::DbError,
    http::{health::skew_seconds, request_metrics::RequestMetrics},
    metrics::{
        Metrics, MetricsError, PoolMetrics,
        prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec},
    },
};

use crate::{app_state::AppState, http::labels, store::statistics};

/// Sessions are counted at most so often: it reads the whole table.
const COUNT_SESSIONS_EVERY: Duration = Duration::from_secs(300);

/// Every number of this server.
pub struct AuthMetrics {
    /// All of them, to be shown.
    pub all: Metrics,
    /// Requests by endpoint, grant and outcome.
    pub requests: RequestMetrics,
    /// Requests that a limit refused, by bucket.
    pub rate_limited: IntCounterVec,
    /// Refresh tokens that were presented again, by what came of it.
    pub replays: IntCounterVec,
    /// Sessions that were revoked because two parties held their tokens.
    pub reuse_detected: IntCounter,
    /// Tokens for devices that may do what no device should.
    pub device_scope_warnings: IntCounter,
    /// Refused refreshes of guests who own something in the shop, by cause.
    pub guests_lost: IntCounterVec,
    pools: PoolMetrics,
    hash_queue_depth: IntGauge,
    sessions: IntGaugeVec,
    sessions_counted_at: Mutex<Option<Duration>>,
    key_age_seconds: IntGaugeVec,
    clock_skew_seconds: IntGauge,
}

impl AuthMetrics {
    /// All at zero.
    ///
    /// # Errors
    /// [`MetricsError`] if a name is used twice.
    pub fn new() -> Result<Self, MetricsError> {
        let all = Metrics::new("auth");
        Ok(Self {
            requests: RequestMetrics::new(&all, "grant", labels::grant, labels::outcome)?,
            rate_limited: all.counters(
                "rate_limited_total",
                "Requests that a limit refused.",
                &["bucket"],
            )?,
            replays: all.counters(
                "refresh_replays_total",
                "Refresh tokens that were presented again.",
                &["result"],
            )?,
            reuse_detected: all.counter(
                "reuse_detected_total",
                "Sessions that were revoked because two parties held their tokens.",
            )?,
            device_scope_warnings: all.counter(
                "device_scope_warnings_total",
                "Tokens for guests and customers that may do what no device should.",
            )?,
            guests_lost: all.counters_of_the_shop(
                "guest_lost_total",
                "Refused refreshes of guests with an active cart or an order.",
                &["cause"],
            )?,
            pools: PoolMetrics::new(&all)?,
            hash_queue_depth: all
                .gauge("hash_queue_depth", "Passwords that wait for their turn.")?,
            sessions: all.gauges(
                "sessions",
                "Stored sessions; counted every five minutes at most.",
                &["kind", "state"],
            )?,
            sessions_counted_at: Mutex::new(None),
            key_age_seconds: all.gauges(
                "key_age_seconds",
                "For how long published signing keys have been signing.",
                &["kid", "state"],
            )?,
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
        if let Err(error) = self.refresh_from_database(state).await {
            log::warn!("metrics from the database are old: {error}");
        }
    }

    async fn refresh_from_database(&self, state: &AppState) -> Result<(), DbError> {
        let skew = skew_seconds(&state.database, &state.mint.clock).await?;
        self.clock_skew_seconds.set(skew);
        let keys = state.database.read(statistics::keys).await?;
        let now = state.mint.now().millis();
        self.key_age_seconds.reset();
        for key in keys {
            let age = now.saturating_sub(key.since) / 1_000;
            self.key_age_seconds
                .with_label_values(&[key.kid.as_str(), key.state.as_str()])
                .set(age);
        }
        if !self.sessions_are_due(state.mint.clock.elapsed()) {
            return Ok(());
        }
        let counts = state.database.read(statistics::sessions).await?;
        self.sessions.reset();
        for one in counts {
            self.sessions
                .with_label_values(&[one.kind.as_str(), one.state.as_str()])
                .set(one.count);
        }
        Ok(())
    }

    /// Claims the next count, where it is time for it.
    fn sessions_are_due(&self, now: Duration) -> bool {
        let mut counted_at = self
            .sessions_counted_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = counted_at.is_none_or(|at| now.saturating_sub(at) >= COUNT_SESSIONS_EVERY);
        if is_due {
            *counted_at = Some(now);
        }
        is_due
    }
}
