//! `/login`: sign-in by a backend; and the answer that every sign-in and sign-up gives.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    cart::sign_in::SignInMode, identity::ids::AnonymousId, kind::Kind,
    reference::ResourceIdentifier,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, POST, at},
    errors::ApiError,
    render,
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

async fn login(state: State, http: HttpRequest, payload: Payload) -> Answer {
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
    sign_in_result(StatusCode::OK, &result)
}

/// Renders `{ customer, cart? }`.
pub(super) fn sign_in_result(
    status: StatusCode,
    result: &SignInResult,
) -> Result<HttpResponse, ApiError> {
    let json = |error: serde_json::Error| CommerceError::Internal(error.to_string());
    let mut body = Map::new();
    body.insert(
        "customer".to_owned(),
        serde_json::to_value(&result.customer).map_err(json)?,
    );
    if let Some(cart) = &result.cart {
        body.insert("cart".to_owned(), serde_json::to_value(cart).map_err(json)?);
    }
    Ok(render::value(status, &Value::Object(body)))
}
