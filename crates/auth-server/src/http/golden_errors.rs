//! Every error there is, to the letter: clients compare codes and texts. A new error does not compile before it stands here.

mod client_endpoints;

use actix_web::{ResponseError as _, body::to_bytes};

use super::errors::HttpError;
use crate::model::error::OAuthError;

/// Status, code and message of each error; how many there are is what [`place`] says.
#[expect(clippy::too_many_lines, reason = "a table")]
fn oauth_errors() -> Vec<(OAuthError, u16, &'static str, &'static str)> {
    use OAuthError as E;
    vec![
        (
            E::InvalidClient,
            401,
            "invalid_client",
            "Please provide valid client credentials using HTTP Basic Authentication.",
        ),
        (
            E::UnsupportedResponseType,
            400,
            "unsupported_response_type",
            "Invalid parameter: response_type: It must be code.",
        ),
        (
            E::CustomerRequired,
            403,
            "access_denied",
            "Only a customer who is signed in can authorize a client.",
        ),
        (
            E::AuthorizationCodeNotFound,
            400,
            "invalid_grant",
            "The authorization code was not found. It may have expired.",
        ),
        (
            E::UnauthorizedClient,
            400,
            "unauthorized_client",
            "This client may not use this grant type.",
        ),
        (
            E::OriginNotAllowed,
            403,
            "unauthorized_client",
            "This API client may not be used from this origin.",
        ),
        (
            E::MissingParameter { name: "grant_type" },
            400,
            "invalid_request",
            "Missing required parameter: grant_type.",
        ),
        (
            E::RepeatedParameter {
                name: "scope".to_owned(),
            },
            400,
            "invalid_request",
            "Repeated parameter: scope.",
        ),
        (
            E::MalformedRequest { message: "Broken." },
            400,
            "invalid_request",
            "Broken.",
        ),
        (
            E::TooLarge {
                message: "Too large.",
            },
            413,
            "invalid_request",
            "Too large.",
        ),
        (
            E::IdempotencyKeyMalformed,
            400,
            "invalid_request",
            "Malformed header: Idempotency-Key: must be one value of 16 to 128 visible ASCII characters.",
        ),
        (
            E::IdempotencyKeyTaken,
            400,
            "invalid_request",
            "The Idempotency-Key header was used before with other parameters.",
        ),
        (
            E::IdempotencyKeySpent,
            400,
            "invalid_request",
            "The session of this Idempotency-Key header was refreshed or is over. Use a new key for a new session.",
        ),
        (
            E::AnonymousIdInUse,
            400,
            "invalid_request",
            "The anonymousId is already in use.",
        ),
        (
            E::AnonymousIdMalformed,
            400,
            "invalid_request",
            "Malformed parameter: anonymous_id: Invalid anonymous id.",
        ),
        (
            E::UnsupportedGrantType {
                value: "dance".to_owned(),
            },
            400,
            "unsupported_grant_type",
            "Invalid parameter: grant_type: Invalid grant type: dance",
        ),
        (
            E::ScopeMalformed,
            400,
            "invalid_scope",
            "Malformed parameter: scope: Invalid scope.",
        ),
        (
            E::ScopeExceeded,
            400,
            "invalid_scope",
            "Permissions exceeded.",
        ),
        (
            E::RefreshTokenNotFound,
            400,
            "invalid_grant",
            "The refresh token was not found. It may have expired.",
        ),
        (
            E::GuestTokenNotFound,
            400,
            "invalid_grant",
            "The anonymous_token was not found. It may have expired.",
        ),
        (
            E::SignInModeMalformed,
            400,
            "invalid_request",
            "Malformed parameter: anonymous_cart_sign_in_mode: It must be MergeWithExistingCustomerCart or UseAsNewActiveCustomerCart.",
        ),
        (
            E::GuestNotTakenOver {
                reason: "No \"stock\".".to_owned(),
            },
            400,
            "invalid_request",
            "The guest cannot become the customer: No stock.",
        ),
        (
            E::HandoffCodeNotFound,
            400,
            "invalid_grant",
            "The handoff code was not found. It may have expired or been used.",
        ),
        (
            E::CustomerCredentials,
            400,
            "invalid_customer_account_credentials",
            "Customer account with the given credentials not found.",
        ),
        (
            E::InsufficientScope {
                names: vec!["manage_orders", "manage_my_orders"],
            },
            403,
            "insufficient_scope",
            "Insufficient scope. One of the following scopes is missing: manage_orders, manage_my_orders.",
        ),
        (E::InvalidToken, 401, "invalid_token", "invalid_token"),
        (E::BoundTokenInvalid, 401, "invalid_token", "invalid_token"),
        (
            E::AccessTokenMissing,
            401,
            "access_denied",
            "This endpoint requires an access token. You can get one from the authorization server.",
        ),
        (
            E::DpopProof {
                message: "The proof is old.".to_owned(),
            },
            400,
            "invalid_dpop_proof",
            "The proof is old.",
        ),
        (
            E::DpopNonce {
                nonce: "n".to_owned(),
            },
            400,
            "use_dpop_nonce",
            "The server requires its nonce in the DPoP proof.",
        ),
        (
            E::TooManyRequests {
                retry_after_seconds: 7,
            },
            429,
            "too_many_requests",
            "Too many requests.",
        ),
        (
            E::HttpsRequired,
            400,
            "invalid_request",
            "This server can only be reached with HTTPS.",
        ),
        (
            E::OverCapacity,
            503,
            "OverCapacity",
            "The server is over capacity. Please retry later.",
        ),
        (E::Internal, 500, "General", "An internal error occurred."),
        (
            E::BodyTooSlow,
            408,
            "invalid_request",
            "The request body did not come in time.",
        ),
        (
            E::UnsupportedEncoding {
                coding: "br".to_owned(),
            },
            415,
            "invalid_request",
            "The content coding 'br' of the request body is not supported.",
        ),
    ]
}

/// Where an error stands in the table. No wildcard: whoever adds an error must say where.
const fn place(error: &OAuthError) -> usize {
    use OAuthError as E;
    match error {
        E::InvalidClient => 0,
        E::UnsupportedResponseType => 1,
        E::CustomerRequired => 2,
        E::AuthorizationCodeNotFound => 3,
        E::UnauthorizedClient => 4,
        E::OriginNotAllowed => 5,
        E::MissingParameter { .. } => 6,
        E::RepeatedParameter { .. } => 7,
        E::MalformedRequest { .. } => 8,
        E::TooLarge { .. } => 9,
        E::IdempotencyKeyMalformed => 10,
        E::IdempotencyKeyTaken => 11,
        E::IdempotencyKeySpent => 12,
        E::AnonymousIdInUse => 13,
        E::AnonymousIdMalformed => 14,
        E::UnsupportedGrantType { .. } => 15,
        E::ScopeMalformed => 16,
        E::ScopeExceeded => 17,
        E::RefreshTokenNotFound => 18,
        E::GuestTokenNotFound => 19,
        E::SignInModeMalformed => 20,
        E::GuestNotTakenOver { .. } => 21,
        E::HandoffCodeNotFound => 22,
        E::CustomerCredentials => 23,
        E::InsufficientScope { .. } => 24,
        E::InvalidToken => 25,
        E::BoundTokenInvalid => 26,
        E::AccessTokenMissing => 27,
        E::DpopProof { .. } => 28,
        E::DpopNonce { .. } => 29,
        E::TooManyRequests { .. } => 30,
        E::HttpsRequired => 31,
        E::OverCapacity => 32,
        E::Internal => 33,
        E::BodyTooSlow => 34,
        E::UnsupportedEncoding { .. } => 35,
    }
}

/// Status, headers that belong to errors, and body.
async fn rendered(error: HttpError) -> (u16, Vec<(String, String)>, String) {
    let response = error.error_response();
    let status = response.status().as_u16();
    let mut headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "content-type")
        .map(|(name, value)| (name.to_string(), value.to_str().expect("a text").to_owned()))
        .collect();
    headers.sort();
    let body = to_bytes(response.into_body()).await.expect("a body");
    (status, headers, String::from_utf8_lossy(&body).into_owned())
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[actix_web::test]
async fn every_error_of_oauth_has_its_body_and_its_headers() {
    for (at, (error, status, code, message)) in oauth_errors().into_iter().enumerate() {
        assert_eq!(place(&error), at, "{error:?}");
        let described = if code == "invalid_token" {
            String::new()
        } else {
            format!(r#","error_description":"{message}""#)
        };
        let expected = format!(
            r#"{{"statusCode":{status},"message":"{message}","errors":[{{"code":"{code}","message":"{message}"}}],"error":"{code}"{described}}}"#
        );
        let mut headers = vec![header("cache-control", "no-store")];
        match code {
            "invalid_client" => headers.push(header("www-authenticate", r#"Basic realm="oauth""#)),
            "use_dpop_nonce" => headers.push(header("dpop-nonce", "n")),
            "too_many_requests" => headers.push(header("retry-after", "7")),
            "OverCapacity" => headers.push(header("retry-after", "1")),
            _ => {}
        }
        let found = rendered(error.into()).await;
        assert_eq!(found, (status, headers, expected));
    }
}

#[actix_web::test]
async fn an_endpoint_that_takes_access_tokens_challenges_for_a_better_one() {
    let missing = r#"Bearer realm="shop""#;
    let invalid = r#"Bearer realm="shop", error="invalid_token""#;
    let weak = r#"Bearer realm="shop", error="insufficient_scope", scope="view_api_clients:shop""#;
    let algorithms = r#"algs="ES256 EdDSA Ed25519""#;
    let bound = format!(r#"DPoP realm="shop", error="invalid_token", {algorithms}"#);
    let proof = format!(r#"DPoP realm="shop", error="invalid_dpop_proof", {algorithms}"#);
    for (error, status, challenge) in [
        (OAuthError::AccessTokenMissing, 401, missing),
        (OAuthError::InvalidToken, 401, invalid),
        (OAuthError::BoundTokenInvalid, 401, bound.as_str()),
        (
            OAuthError::DpopProof {
                message: "Old.".to_owned(),
            },
            401,
            proof.as_str(),
        ),
        (
            OAuthError::InsufficientScope {
                names: vec!["view_api_clients"],
            },
            403,
            weak,
        ),
    ] {
        let realm = "shop".to_owned();
        let (found, headers, _) = rendered(HttpError::Bearer { error, realm }).await;
        assert_eq!(found, status);
        assert!(
            headers.contains(&header("www-authenticate", challenge)),
            "{headers:?}"
        );
    }
}
