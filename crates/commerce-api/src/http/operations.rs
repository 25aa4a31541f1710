//! What supervisors and operators ask: health on every listener, version and metrics on the admin listener only.

use actix_web::{
    HttpResponse,
    web::{self, Data, ServiceConfig},
};
use shared::{
    http::{
        admin,
        health::{self, Failing},
    },
    token::keys,
};

use crate::app_state::AppState;

/// Adds the routes of the admin listener.
pub fn configure_admin(config: &mut ServiceConfig) {
    config
        .route("/health/alive", web::get().to(health::alive))
        .route("/health/ready", web::get().to(ready))
        .route("/version", web::get().to(version))
        .route("/metrics", web::get().to(metrics));
}

/// `GET /health/ready`: 200 when requests can be answered, else 503 with what fails.
pub async fn ready(state: Data<AppState>) -> HttpResponse {
    let mut failing = health::common_checks(&state.draining, &state.database, &state.clock).await;
    if !failing.iter().any(|one| one.check == "database") {
        failing.extend(check_verification_key(&state).await);
    }
    health::readiness(&failing)
}

/// Without a key every token would be refused, and guests would believe that their session is lost.
async fn check_verification_key(state: &AppState) -> Option<Failing> {
    let reason = match state.database.read(keys::public_keys).await {
        Ok(keys) if keys.is_empty() => "the auth server has not made a signing key yet",
        Ok(_) => return None,
        Err(error) => {
            log::error!("not ready: {error}");
            "the keys of the auth server cannot be read"
        }
    };
    Some(Failing::new("verification_key", reason))
}

async fn version() -> HttpResponse {
    admin::version(
        env!("CARGO_PKG_NAME"),
        build_info::VERSION,
        build_info::COMMIT,
    )
}

async fn metrics(state: Data<AppState>) -> HttpResponse {
    state.metrics.refresh(&state).await;
    admin::render(&state.metrics.all)
}
