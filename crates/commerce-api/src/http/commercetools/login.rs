//! `/login`: sign-in by a backend; and the answer that every sign-in and sign-up gives.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{
    cart::sign_in::SignInMode,
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    kind::Kind,
    reference::ResourceIdentifier,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, POST, at},
};
use crate::{
    access::Verb,
    error::CommerceError,
    service::sign_in::{self, Credentials, SignIn, SignInResult},
};

/// The routes.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    config.service(at(&format!("{prefix}/login"), POST).route(web::post().to(login)));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomerSignin {
    email: String,
    password: String,
    anonymous_cart_id: Option<String>,
    anonymous_cart: Option<ResourceIdentifier>,
    #[serde(default)]
    anonymous_cart_sign_in_mode: SignInMode,
    anonymous_id: Option<String>,
    #[serde(default)]
    update_product_data: bool,
}

async fn login(state: State, http: HttpRequest, payload: Body) -> Answer {
    let permission = Endpoint::backend(Kind::Customer).permission(Verb::Manage);
    let call = Call::begin(state, &http, permission).await?;
    let wanted: CustomerSignin = call.draft(payload).await?;
    let sign_in = SignIn {
        guest: wanted.anonymous_id.map(AnonymousId::new),
        cart: wanted
            .anonymous_cart
            .or(wanted.anonymous_cart_id.map(ResourceIdentifier::by_id)),
        mode: wanted.anonymous_cart_sign_in_mode,
        update_product_data: wanted.update_product_data,
    };
    let credentials = Credentials {
        email: wanted.email,
        password: wanted.password,
        caller: None,
    };
    let result = sign_in::sign_in(&call.state, &call.request, credentials, sign_in).await?;
    sign_in_result(call, StatusCode::OK, &result).await
}

/// Answers `{ customer, cart? }` with the references the request wants expanded: on `/me` those that the customer reads, who
/// is nobody else from now on.
pub(super) async fn sign_in_result(
    mut call: Call,
    status: StatusCode,
    result: &SignInResult,
) -> Answer {
    let json = |error: serde_json::Error| CommerceError::Internal(error.to_string());
    let mut body = Map::new();
    body.insert(
        "customer".to_owned(),
        serde_json::to_value(&result.customer).map_err(json)?,
    );
    if let Some(cart) = &result.cart {
        body.insert("cart".to_owned(), serde_json::to_value(cart).map_err(json)?);
    }
    if call.request.acting_for != Subject::Client {
        call.request.acting_for = Subject::Customer(CustomerId::new(result.customer.id.as_str()));
    }
    call.document(status, Value::Object(body).to_string()).await
}
