//! Every route of the server.

use actix_cors::Cors;
use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE},
    web::{self, ServiceConfig},
};
use shared::http::{correlation::CORRELATION_ID, health};

use super::{
    api_clients, authorize, discovery, errors::HttpError, handoff, idempotency, introspect,
    operations, revoke, token,
};
use crate::{app_state::Behaviour, model::api_error::ApiError};

const PREFLIGHT_SECONDS: usize = 7_200;

/// A resource that answers one method, and 405 to all others.
macro_rules! only {
    ($path:literal, $allowed:literal, $($route:expr),+) => {
        web::resource($path)
            $(.route($route))+
            .default_service(web::to(|request| method_not_allowed(request, $allowed)))
    };
}

/// Adds every route to an application.
pub fn configure(service: &mut ServiceConfig) {
    service
        .service(only!(
            "/oauth/token",
            "POST",
            web::post().to(token::client_token)
        ))
        .service(only!(
            "/oauth/authorize",
            "GET, POST",
            web::get().to(authorize::authorize),
            web::post().to(authorize::authorize)
        ))
        .service(only!(
            "/oauth/introspect",
            "POST",
            web::post().to(introspect::introspect)
        ))
        .service(only!(
            "/oauth/token/revoke",
            "POST",
            web::post().to(revoke::revoke)
        ))
        .service(only!(
            "/oauth/{project}/anonymous/token",
            "POST",
            web::post().to(token::anonymous_token)
        ))
        .service(only!(
            "/oauth/{project}/anonymous/handoff",
            "POST",
            web::post().to(handoff::start)
        ))
        .service(only!(
            "/oauth/{project}/customers/token",
            "POST",
            web::post().to(token::customer_token)
        ))
        .service(only!(
            "/oauth/{project}/in-store/key={store}/anonymous/token",
            "POST",
            web::post().to(token::store_anonymous_token)
        ))
        .service(only!(
            "/oauth/{project}/in-store/key={store}/customers/token",
            "POST",
            web::post().to(token::store_customer_token)
        ))
        .configure(public)
        .configure(administration)
        .default_service(web::to(path_not_found));
}

fn public(service: &mut ServiceConfig) {
    service
        .service(only!(
            "/.well-known/jwks.json",
            "GET, HEAD",
            web::get().to(discovery::jwks),
            web::head().to(discovery::jwks)
        ))
        .service(only!(
            "/.well-known/oauth-authorization-server",
            "GET, HEAD",
            web::get().to(discovery::metadata),
            web::head().to(discovery::metadata)
        ))
        .service(only!("/health/alive", "GET", web::get().to(health::alive)))
        .service(only!(
            "/health/ready",
            "GET",
            web::get().to(operations::ready)
        ));
}

fn administration(service: &mut ServiceConfig) {
    service
        .service(only!(
            "/{project}/api-clients",
            "GET, HEAD, POST",
            web::get().to(api_clients::list),
            web::head().to(api_clients::exists),
            web::post().to(api_clients::create)
        ))
        .service(only!(
            "/{project}/api-clients/{id}",
            "GET, HEAD, DELETE",
            web::get().to(api_clients::get),
            web::head().to(api_clients::get),
            web::delete().to(api_clients::delete)
        ));
}

async fn method_not_allowed(
    request: HttpRequest,
    allowed: &'static str,
) -> Result<&'static str, HttpError> {
    Err(ApiError::MethodNotAllowed {
        method: request.method().to_string(),
        allowed,
    }
    .into())
}

async fn path_not_found(request: HttpRequest) -> Result<&'static str, HttpError> {
    Err(ApiError::PathNotFound {
        path: request.path().to_owned(),
    }
    .into())
}

/// What browsers on other origins may do: everything but send cookies.
pub fn cors(behaviour: &Behaviour) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["POST", "GET", "HEAD", "DELETE", "OPTIONS"])
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, CORRELATION_ID])
        .allow_any_header()
        .expose_headers([
            WWW_AUTHENTICATE,
            HeaderName::from_static("dpop-nonce"),
            RETRY_AFTER,
            CORRELATION_ID,
            idempotency::REPLAYED,
        ])
        .block_on_origin_mismatch(false)
        .max_age(PREFLIGHT_SECONDS);
    match &behaviour.allowed_origins {
        None => cors = cors.allow_any_origin().send_wildcard(),
        Some(origins) => {
            for origin in origins {
                cors = cors.allowed_origin(origin);
            }
        }
    }
    cors
}
