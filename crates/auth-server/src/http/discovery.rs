//! What verifiers and clients find out by themselves: public keys (RFC 7517) and metadata (RFC 8414).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    web,
};
use serde_json::{Value, json};
use shared::{
    random::fingerprint,
    token::{dpop, keys},
};

use super::{errors::HttpError, handoff};
use crate::app_state::AppState;

const CACHEABLE: &str = "public, max-age=3600";

/// `GET /.well-known/jwks.json`.
pub async fn jwks(
    state: web::Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    // There is a key from the first request on, also before the first token.
    state.signing.key().await?;
    let keys = state.database.read(keys::public_keys).await?;
    let jwks: Vec<Value> = keys.into_iter().map(|key| key.jwk).collect();
    let body = json!({ "keys": jwks }).to_string();
    let etag = format!("\"{}\"", fingerprint(&body));
    let is_known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.split(',').any(|one| one.trim() == etag));
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((CACHE_CONTROL, CACHEABLE))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ETAG, etag));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .body(body))
}

/// `GET /.well-known/oauth-authorization-server`.
pub async fn metadata(state: web::Data<AppState>) -> HttpResponse {
    let issuer = &state.mint.issuer;
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, CACHEABLE))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .json(json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}/oauth/token"),
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "introspection_endpoint": format!("{issuer}/oauth/introspect"),
            "revocation_endpoint": format!("{issuer}/oauth/token/revoke"),
            "authorization_endpoint": format!("{issuer}/oauth/authorize"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "grant_types_supported": ["client_credentials", "refresh_token", "password", "authorization_code", handoff::GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
            "dpop_signing_alg_values_supported": dpop::ALGORITHMS,
            "anonymous_token_endpoint_template": format!("{issuer}/oauth/{{projectKey}}/anonymous/token"),
            "anonymous_handoff_endpoint_template": format!("{issuer}/oauth/{{projectKey}}/anonymous/handoff"),
            "customer_token_endpoint_template": format!("{issuer}/oauth/{{projectKey}}/customers/token"),
        }))
}
