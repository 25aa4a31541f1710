//! What supervisors and operators ask: health on every listener, version and metrics on the admin listener only.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use shared::{
    http::{
        admin,
        health::{self, Failing},
    },
    token::keys::KeyError,
};

use crate::app_state::AppState;

/// Adds the routes of the admin listener.
pub fn configure_admin(service: &mut ServiceConfig) {
    service
        .route("/health/alive", web::get().to(health::alive))
        .route("/health/ready", web::get().to(ready))
        .route("/version", web::get().to(version))
        .route("/metrics", web::get().to(metrics));
}

/// `GET /health/ready`: 200 when tokens can be issued, else 503 with what fails.
pub async fn ready(state: web::Data<AppState>) -> HttpResponse {
    let clock = &state.mint.clock;
    let mut failing = health::common_checks(&state.draining, &state.database, clock).await;
    if !failing.iter().any(|one| one.check == "database") {
        failing.extend(check_signing_key(&state).await);
    }
    health::readiness(&failing)
}

async fn check_signing_key(state: &AppState) -> Option<Failing> {
    let error = state.signing.key().await.err()?;
    log::error!("not ready: {error}");
    let reason = match error {
        KeyError::Db(_) => "the signing key cannot be read",
        KeyError::Unusable | KeyError::Sealed { .. } => "there is no signing key that can be used",
    };
    Some(Failing::new("signing_key", reason))
}

async fn version() -> HttpResponse {
    admin::version(
        env!("CARGO_PKG_NAME"),
        build_info::VERSION,
        build_info::COMMIT,
    )
}

async fn metrics(state: web::Data<AppState>) -> HttpResponse {
    state.metrics.refresh(&state).await;
    admin::render(&state.metrics.all)
}
