//! Counts and times requests, by route pattern: never by path, which is the client's text.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};
use prometheus::{HistogramVec, IntCounterVec};

use crate::metrics::{Metrics, MetricsError};

/// What a request is counted under besides its route; handlers leave it in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Kind(pub &'static str);

/// Names the outcome of a request: from the status, and the error where there was one.
pub type Outcome = fn(StatusCode, Option<&Error>) -> String;

/// The counters and timers of requests.
#[derive(Clone)]
pub struct RequestMetrics {
    total: IntCounterVec,
    seconds: HistogramVec,
    outcome: Outcome,
}

impl RequestMetrics {
    /// `requests_total{endpoint,KIND,outcome}` and `request_seconds{endpoint,KIND}`.
    ///
    /// `kind` is the name of the second label, filled with the [`Kind`] that the handler left or else with the method.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn new(metrics: &Metrics, kind: &str, outcome: Outcome) -> Result<Self, MetricsError> {
        Ok(Self {
            total: metrics.counters(
                "requests_total",
                "Requests that were answered.",
                &["endpoint", kind, "outcome"],
            )?,
            seconds: metrics.durations_by(
                "request_seconds",
                "From the request's head to the answer's head.",
                &["endpoint", kind],
            )?,
            outcome,
        })
    }

    fn count(&self, request: &HttpRequest, status: StatusCode, error: Option<&Error>, at: Instant) {
        let pattern = endpoint(request);
        let kind = request.extensions().get::<Kind>().map(|kind| kind.0);
        let kind = kind.unwrap_or_else(|| method(request));
        let outcome = (self.outcome)(status, error);
        self.total
            .with_label_values(&[pattern.as_str(), kind, outcome.as_str()])
            .inc();
        self.seconds
            .with_label_values(&[pattern.as_str(), kind])
            .observe(at.elapsed().as_secs_f64());
    }
}

fn endpoint(request: &HttpRequest) -> String {
    if request.method() == actix_web::http::Method::OPTIONS {
        return "preflight".to_owned();
    }
    // Every path that nobody serves is one endpoint.
    request.match_pattern().unwrap_or_else(|| "none".to_owned())
}

/// Methods are the client's text too.
fn method(request: &HttpRequest) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
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
