//! Nothing secret travels in the clear: plain HTTP is for this machine, and for proxies that took the request over HTTPS.

use std::sync::Once;

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use super::errors::HttpError;
use crate::{app_state::AppState, model::error::OAuthError};

/// Probes of an orchestrator come over plain HTTP from another machine, and carry nothing.
const EXEMPT: &str = "/health/";

/// Middleware: refuses what came over plain HTTP from another machine, if the operator says so.
///
/// # Errors
/// What the inner service answers.
pub async fn refuse_plain_http<B: MessageBody>(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let network = &state.behaviour.network;
    let is_fine = !network.require_tls
        || network
            .trusted_proxies
            .client(request.peer_addr(), request.headers())
            .is_private
        || request.path().starts_with(EXEMPT);
    if is_fine {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    tell_the_operator();
    let refusal = HttpError::from(OAuthError::HttpsRequired);
    Ok(request.error_response(refusal).map_into_right_body())
}

fn tell_the_operator() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        log::warn!(
            "refused a request over plain HTTP from another machine: name the gateway in TRUSTED_PROXIES and let it send \
             X-Forwarded-Proto, or set REQUIRE_TLS=off"
        );
    });
}
