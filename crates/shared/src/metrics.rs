//! Numbers for Prometheus: one registry per server, names with the server's prefix and the unit at the end.

use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};

use crate::db::Database;

pub use prometheus;

/// Upper bounds in seconds, from a cached answer to a request that gave up.
const SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The content type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A name was used twice, or is no name.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// The numbers of one server.
pub struct Metrics {
    registry: Registry,
    prefix: &'static str,
}

impl Metrics {
    /// Without any number; every name will begin with `prefix` and an underscore.
    #[must_use]
    pub fn new(prefix: &'static str) -> Self {
        Self {
            registry: Registry::new(),
            prefix,
        }
    }

    /// Counters by label. The name ends with `_total`.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn counters(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, MetricsError> {
        self.register(IntCounterVec::new(self.options(name, help), labels)?)
    }

    /// Counters by label without the server's prefix: of what happens to the shop, whichever server sees it.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn counters_of_the_shop(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, MetricsError> {
        self.register(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    /// A counter. The name ends with `_total`.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter, MetricsError> {
        self.register(IntCounter::with_opts(self.options(name, help))?)
    }

    /// A number that goes up and down.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, MetricsError> {
        self.register(IntGauge::with_opts(self.options(name, help))?)
    }

    /// Numbers that go up and down, by label.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn gauges(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntGaugeVec, MetricsError> {
        self.register(IntGaugeVec::new(self.options(name, help), labels)?)
    }

    /// Durations. The name ends with `_seconds`.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn durations(&self, name: &str, help: &str) -> Result<Histogram, MetricsError> {
        self.register(Histogram::with_opts(self.histogram_options(name, help))?)
    }

    /// Durations by label. The name ends with `_seconds`.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn durations_by(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<HistogramVec, MetricsError> {
        self.register(HistogramVec::new(
            self.histogram_options(name, help),
            labels,
        )?)
    }

    /// Everything, in Prometheus' text format.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn render(&self) -> Result<String, MetricsError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn options(&self, name: &str, help: &str) -> Opts {
        Opts::new(format!("{}_{name}", self.prefix), help)
    }

    fn histogram_options(&self, name: &str, help: &str) -> HistogramOpts {
        HistogramOpts::from(self.options(name, help)).buckets(SECONDS.to_vec())
    }

    fn register<C: Collector + Clone + 'static>(&self, collector: C) -> Result<C, MetricsError> {
        self.registry.register(Box::new(collector.clone()))?;
        Ok(collector)
    }
}

/// How busy the connections to the database are.
pub struct PoolMetrics {
    in_use: IntGaugeVec,
    size: IntGaugeVec,
    wait_seconds: Histogram,
}

impl PoolMetrics {
    /// `db_pool_in_use`, `db_pool_size` and `db_pool_wait_seconds`.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn new(metrics: &Metrics) -> Result<Self, MetricsError> {
        Ok(Self {
            in_use: metrics.gauges(
                "db_pool_in_use",
                "Database connections that somebody works with.",
                &["pool"],
            )?,
            size: metrics.gauges(
                "db_pool_size",
                "Database connections there may be.",
                &["pool"],
            )?,
            wait_seconds: metrics.durations(
                "db_pool_wait_seconds",
                "How long work waited for a database connection.",
            )?,
        })
    }

    /// Lets the database tell how long work waits.
    pub fn observe(&self, database: &Database) {
        database.observe_waits(&self.wait_seconds);
    }

    /// Looks at the pools.
    pub fn refresh(&self, database: &Database) {
        for one in database.pool_use() {
            let pool = &[one.pool];
            self.in_use
                .with_label_values(pool)
                .set(i64::from(one.in_use));
            self.size.with_label_values(pool).set(i64::from(one.size));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn names_have_the_prefix_of_the_server_and_are_given_once() {
        let metrics = Metrics::new("auth");
        let counters = metrics
            .counters("refusals_total", "Refused requests.", &["cause"])
            .expect("a new name");
        counters.with_label_values(&["late"]).inc_by(3);
        assert_eq!(
            metrics.render().expect("text"),
            "# HELP auth_refusals_total Refused requests.\n# TYPE auth_refusals_total counter\n\
             auth_refusals_total{cause=\"late\"} 3\n"
        );
        assert!(metrics.gauge("refusals_total", "Again.").is_err());
    }
}
