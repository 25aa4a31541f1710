//! Counts and times requests, by route pattern: never by path, which is the client's text. Says in the log which ones were
//! refused without a fault of theirs.

use std::{borrow::Cow, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};
use prometheus::{HistogramVec, IntCounterVec};

use super::refusals::{Refusal, Refusals};
use crate::metrics::{Metrics, MetricsError};

/// Names what a request is counted under besides its route, from a small set of words.
pub type Kind = fn(&HttpRequest) -> &'static str;

/// Names the outcome of a request from a small set of words: by the status, and the error where there was one.
pub type Outcome = fn(StatusCode, Option<&Error>) -> Cow<'static, str>;

/// The counters and timers of requests.
#[derive(Clone)]
pub struct RequestMetrics {
    total: IntCounterVec,
    seconds: HistogramVec,
    refusals: Arc<Refusals>,
    kind: Kind,
    outcome: Outcome,
}

impl RequestMetrics {
    /// `requests_total{endpoint,KIND,outcome}` and `request_seconds{endpoint,KIND}`, where `label` is the name of KIND.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn new(
        metrics: &Metrics,
        label: &str,
        kind: Kind,
        outcome: Outcome,
    ) -> Result<Self, MetricsError> {
        Ok(Self {
            total: metrics.counters(
                "requests_total",
                "Requests that were answered.",
                &["endpoint", label, "outcome"],
            )?,
            seconds: metrics.durations_by(
                "request_seconds",
                "From the request's head to the answer's head.",
                &["endpoint", label],
            )?,
            refusals: Arc::default(),
            kind,
            outcome,
        })
    }

    fn count(&self, request: &HttpRequest, status: StatusCode, error: Option<&Error>, at: Instant) {
        let pattern = endpoint(request);
        let kind = (self.kind)(request);
        let outcome = (self.outcome)(status, error);
        self.total
            .with_label_values(&[pattern.as_str(), kind, outcome.as_ref()])
            .inc();
        self.seconds
            .with_label_values(&[pattern.as_str(), kind])
            .observe(at.elapsed().as_secs_f64());
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let refusal = Refusal {
                method: method(request),
                endpoint: pattern,
                status: status.as_u16(),
                outcome: outcome.into_owned(),
            };
            self.refusals.note(refusal, Instant::now());
        }
    }
}

fn endpoint(request: &HttpRequest) -> String {
    if request.method() == actix_web::http::Method::OPTIONS {
        return "preflight".to_owned();
    }
    // Every path that nobody serves is one endpoint.
    request.match_pattern().unwrap_or_else(|| "none".to_owned())
}

/// A [`Kind`]: the method, where it is one that somebody serves; others are the client's text.
#[must_use]
pub fn method(request: &HttpRequest) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// An [`Outcome`]: the status.
#[must_use]
pub fn status(status: StatusCode, _error: Option<&Error>) -> Cow<'static, str> {
    Cow::Owned(status.as_str().to_owned())
}

/// Middleware: counts every request in the application's [`RequestMetrics`].
///
/// # Errors
/// What the inner service answers.
pub async fn measure<B: MessageBody>(
    metrics: web::Data<RequestMetrics>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let response = next.call(request).await?;
    metrics.count(
        response.request(),
        response.status(),
        response.response().error(),
        began,
    );
    Ok(response)
}
