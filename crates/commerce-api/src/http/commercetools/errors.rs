//! Errors in commercetools' shape: `{ statusCode, message, errors: [{ code, message, … }] }`.
//!
//! Source: <https://docs.commercetools.com/api/errors>.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ACCEPT_ENCODING, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use domain::error::DomainError;
use serde_json::{Map, Value, json};
use shared::{
    http::access_token::dpop_challenge,
    token::dpop::{NONCE_HEADER, ProofError},
};

use crate::error::CommerceError;

/// Who asks for a token, in challenges.
const REALM: &str = "commerce-api";

/// An error in this dialect.
#[derive(Debug)]
pub struct ApiError(pub CommerceError);

impl<E: Into<CommerceError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl actix_web::ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        described(&self.0).0
    }

    fn error_response(&self) -> HttpResponse {
        respond(&self.0)
    }
}

/// Status, code and further members of an error.
fn described(error: &CommerceError) -> (StatusCode, &'static str, Vec<(&'static str, Value)>) {
    match error {
        CommerceError::Domain(error) => domain(error),
        CommerceError::TokenMissing => (StatusCode::UNAUTHORIZED, "access_denied", vec![]),
        CommerceError::TokenInvalid | CommerceError::BoundTokenInvalid => {
            (StatusCode::UNAUTHORIZED, "invalid_token", vec![])
        }
        CommerceError::ProofRefused(error) => (StatusCode::UNAUTHORIZED, error.code(), vec![]),
        CommerceError::InsufficientScope { .. } | CommerceError::SubjectMissing { .. } => {
            (StatusCode::FORBIDDEN, "insufficient_scope", vec![])
        }
        CommerceError::NoSuchPath { .. } => (StatusCode::NOT_FOUND, "ResourceNotFound", vec![]),
        CommerceError::MethodNotAllowed { .. } => {
            (StatusCode::METHOD_NOT_ALLOWED, "InvalidOperation", vec![])
        }
        CommerceError::PayloadTooLarge { .. } => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "ResourceSizeLimitExceeded",
            vec![],
        ),
        CommerceError::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, "InvalidInput", vec![]),
        CommerceError::UnsupportedEncoding { .. } => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "InvalidInput", vec![])
        }
        CommerceError::TooManyRequests { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", vec![])
        }
        CommerceError::OverCapacity => (StatusCode::SERVICE_UNAVAILABLE, "OverCapacity", vec![]),
        CommerceError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "General", vec![]),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one line for each rule that can be broken"
)]
fn domain(error: &DomainError) -> (StatusCode, &'static str, Vec<(&'static str, Value)>) {
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    match error {
        DomainError::InvalidInput { .. } => (BAD, "InvalidInput", vec![]),
        DomainError::InvalidJson { detail } => (
            BAD,
            "InvalidJsonInput",
            vec![("detailedErrorMessage", json!(detail))],
        ),
        DomainError::UnknownAction { at, problem } => (
            BAD,
            "InvalidJsonInput",
            vec![(
                "detailedErrorMessage",
                json!(format!("actions[{at}]: {problem}")),
            )],
        ),
        DomainError::InvalidField {
            field,
            value,
            allowed,
        } => {
            let mut members = vec![("field", json!(field)), ("invalidValue", value.clone())];
            if !allowed.is_empty() {
                members.push(("allowedValues", json!(allowed)));
            }
            (BAD, "InvalidField", members)
        }
        DomainError::RequiredField { field } => {
            (BAD, "RequiredField", vec![("field", json!(field))])
        }
        DomainError::DuplicateField { field, value } => (
            BAD,
            "DuplicateField",
            vec![("field", json!(field)), ("duplicateValue", value.clone())],
        ),
        DomainError::DuplicateEmail { email } => (
            BAD,
            "DuplicateField",
            vec![("field", json!("email")), ("duplicateValue", json!(email))],
        ),
        DomainError::ResourceNotFound { .. } => (StatusCode::NOT_FOUND, "ResourceNotFound", vec![]),
        DomainError::ReferencedResourceNotFound { kind, identifier } => {
            let mut members = vec![("typeId", json!(kind.type_id()))];
            members.extend(identifier.id.as_ref().map(|id| ("id", json!(id))));
            members.extend(identifier.key.as_ref().map(|key| ("key", json!(key))));
            (BAD, "ReferencedResourceNotFound", members)
        }
        DomainError::ReferenceExists { referenced_by, .. } => (
            BAD,
            "ReferenceExists",
            vec![("referencedBy", json!(referenced_by.type_id()))],
        ),
        DomainError::InvalidOperation { .. } => (BAD, "InvalidOperation", vec![]),
        DomainError::ConcurrentModification { actual, .. } => (
            StatusCode::CONFLICT,
            "ConcurrentModification",
            vec![("currentVersion", json!(actual))],
        ),
        DomainError::InvalidCredentials => (BAD, "InvalidCredentials", vec![]),
        DomainError::InvalidCurrentPassword => (BAD, "InvalidCurrentPassword", vec![]),
        DomainError::ExpiredCustomerEmailToken => (BAD, "ExpiredCustomerEmailToken", vec![]),
        DomainError::ExpiredCustomerPasswordToken => (BAD, "ExpiredCustomerPasswordToken", vec![]),
        DomainError::AnonymousIdAlreadyInUse => (BAD, "AnonymousIdAlreadyInUse", vec![]),
        DomainError::MatchingPriceNotFound {
            product_id,
            variant_id,
            currency,
            country,
            customer_group,
            channel,
        } => {
            let mut members = vec![
                ("productId", json!(product_id)),
                ("variantId", json!(variant_id)),
                ("currency", json!(currency)),
            ];
            members.extend(country.as_ref().map(|country| ("country", json!(country))));
            members.extend(customer_group.as_ref().map(|id| {
                (
                    "customerGroup",
                    json!({ "typeId": "customer-group", "id": id }),
                )
            }));
            members.extend(
                channel
                    .as_ref()
                    .map(|id| ("channel", json!({ "typeId": "channel", "id": id }))),
            );
            (BAD, "MatchingPriceNotFound", members)
        }
        DomainError::MissingTaxRateForCountry {
            tax_category_id,
            country,
            state,
        } => {
            let mut members = vec![
                ("taxCategoryId", json!(tax_category_id)),
                ("country", json!(country)),
            ];
            members.extend(state.as_ref().map(|state| ("state", json!(state))));
            (BAD, "MissingTaxRateForCountry", members)
        }
        DomainError::DiscountCodeNonApplicable { code, reason, id } => {
            let mut members = vec![("discountCode", json!(code))];
            members.extend(reason.map(|reason| ("reason", json!(reason))));
            members.extend(id.as_ref().map(|id| ("discountCodeId", json!(id))));
            (BAD, "DiscountCodeNonApplicable", members)
        }
        DomainError::ShippingMethodDoesNotMatchCart => {
            (BAD, "ShippingMethodDoesNotMatchCart", vec![])
        }
        DomainError::InvalidItemShippingDetails {
            subject, item_id, ..
        } => (
            BAD,
            "InvalidItemShippingDetails",
            vec![("subject", json!(subject)), ("itemId", json!(item_id))],
        ),
        DomainError::OutOfStock { line_items, skus } => (
            BAD,
            "OutOfStock",
            vec![("lineItems", json!(line_items)), ("skus", json!(skus))],
        ),
        DomainError::PriceChanged {
            line_items,
            shipping,
        } => (
            BAD,
            "PriceChanged",
            vec![
                ("lineItems", json!(line_items)),
                ("shipping", json!(shipping)),
            ],
        ),
        DomainError::CountryNotConfiguredInStore {
            store_countries,
            country,
            ..
        } => (
            BAD,
            "CountryNotConfiguredInStore",
            vec![
                ("storeCountries", json!(store_countries)),
                ("country", json!(country)),
            ],
        ),
        DomainError::LineItemQuantityAboveLimit { quantity, maximum } => (
            BAD,
            "LineItemQuantityAboveLimit",
            vec![
                ("quantity", json!(quantity)),
                ("maxCartQuantity", json!(maximum)),
            ],
        ),
        DomainError::LineItemQuantityBelowLimit { quantity, minimum } => (
            BAD,
            "LineItemQuantityBelowLimit",
            vec![
                ("quantity", json!(quantity)),
                ("minCartQuantity", json!(minimum)),
            ],
        ),
        DomainError::DuplicatePriceScope {
            conflicting_price, ..
        } => (
            BAD,
            "DuplicatePriceScope",
            vec![("conflictingPrice", conflicting_price.clone())],
        ),
        DomainError::DuplicatePriceKey {
            conflicting_price, ..
        } => (
            BAD,
            "DuplicatePriceKey",
            vec![("conflictingPrice", conflicting_price.clone())],
        ),
        DomainError::OverlappingPriceValidity { conflicting_price } => (
            BAD,
            "OverlappingPriceValidity",
            vec![("conflictingPrice", conflicting_price.clone())],
        ),
        DomainError::Constraint { code, members, .. } => (BAD, code, members.clone()),
        DomainError::MissingRoleOnChannel { role, .. } => (
            BAD,
            "MissingRoleOnChannel",
            vec![("missingRole", json!(role))],
        ),
        DomainError::ProjectNotConfiguredForLanguages { languages } => (
            BAD,
            "ProjectNotConfiguredForLanguages",
            vec![("languages", json!(languages))],
        ),
        DomainError::LanguageUsedInStores { .. } => (BAD, "LanguageUsedInStores", vec![]),
        DomainError::PredicateSyntax { .. } => (BAD, "SyntaxError", vec![]),
        DomainError::PredicateSemantics { .. } => (BAD, "SemanticError", vec![]),
        DomainError::MoneyOverflow => (BAD, "MoneyOverflow", vec![]),
        DomainError::MaxResourceLimitExceeded { exceeded, .. } => (
            BAD,
            "MaxResourceLimitExceeded",
            vec![("exceededResource", json!(exceeded))],
        ),
        DomainError::ResourceSizeLimitExceeded { place, .. } => (
            BAD,
            "ResourceSizeLimitExceeded",
            place.iter().map(|place| ("field", json!(place))).collect(),
        ),
        DomainError::World(_) => (StatusCode::INTERNAL_SERVER_ERROR, "General", vec![]),
    }
}

/// Renders an error.
pub fn respond(error: &CommerceError) -> HttpResponse {
    let (status, code, members) = described(error);
    if let CommerceError::Internal(cause) = error {
        log::error!("internal error: {cause}");
    }
    let message = error.to_string();
    let mut object = Map::new();
    object.insert("code".to_owned(), json!(code));
    object.insert("message".to_owned(), json!(message));
    object.extend(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    let mut body = json!({
        "statusCode": status.as_u16(),
        "message": message,
        "errors": [Value::Object(object)],
    });
    let mut response = HttpResponse::build(status);
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        oauth_members(&mut body, error, code, &message);
        if let Some(challenge) = challenge(error) {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
    }
    if let CommerceError::ProofRefused(ProofError::Nonce { nonce }) = error {
        response.insert_header((NONCE_HEADER, nonce.as_str()));
    }
    if let CommerceError::MethodNotAllowed { allowed, .. } = error {
        response.insert_header((ALLOW, *allowed));
    }
    if let CommerceError::TooManyRequests {
        retry_after_seconds,
    } = error
    {
        response.insert_header((RETRY_AFTER, retry_after_seconds.to_string()));
    }
    if status == StatusCode::REQUEST_TIMEOUT {
        // What may still come of the body is no request.
        response.force_close();
    }
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // RFC 7694: which codings would do.
        response.insert_header((ACCEPT_ENCODING, "identity"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, "1"));
    }
    response
        .content_type("application/json; charset=utf-8")
        .body(body.to_string())
}

/// 401 and 403 carry the members of RFC 6749 too; a bare `invalid_token` has no description.
fn oauth_members(body: &mut Value, error: &CommerceError, code: &str, message: &str) {
    let Value::Object(members) = body else { return };
    members.insert("error".to_owned(), json!(code));
    if !matches!(
        error,
        CommerceError::TokenInvalid | CommerceError::BoundTokenInvalid
    ) {
        members.insert("error_description".to_owned(), json!(message));
    }
}

/// RFC 6750 §3: no error attribute when the request carried no token.
fn challenge(error: &CommerceError) -> Option<String> {
    match error {
        CommerceError::TokenMissing => Some(format!(r#"Bearer realm="{REALM}""#)),
        CommerceError::TokenInvalid => {
            Some(format!(r#"Bearer realm="{REALM}", error="invalid_token""#))
        }
        CommerceError::BoundTokenInvalid => Some(dpop_challenge(REALM, "invalid_token")),
        CommerceError::ProofRefused(error) => Some(dpop_challenge(REALM, error.code())),
        CommerceError::InsufficientScope { missing, project } => {
            let scopes: Vec<String> = missing
                .iter()
                .map(|scope| format!("{}:{project}", scope.as_str()))
                .collect();
            // The project key comes from the path: only what fits a quoted string goes out.
            let scopes: String = scopes
                .join(" ")
                .chars()
                .filter(|c| c.is_ascii_graphic() && *c != '"' && *c != '\\' || *c == ' ')
                .collect();
            Some(format!(
                r#"Bearer realm="{REALM}", error="insufficient_scope", scope="{scopes}""#
            ))
        }
        CommerceError::SubjectMissing { .. } => Some(format!(
            r#"Bearer realm="{REALM}", error="insufficient_scope""#
        )),
        _ => None,
    }
}
