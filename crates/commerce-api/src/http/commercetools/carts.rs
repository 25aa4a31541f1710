//! Carts beyond the shared life cycle: the active one, replicating, merging.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    cart::{Cart, sign_in::SignInMode},
    identity::ids::{AnonymousId, CustomerId},
    kind::Kind,
    reference::{Reference, ResourceIdentifier},
    resource::decode_draft,
};
use serde::Deserialize;

use super::{
    me::cart_codec,
    render,
    resource_routes::{
        Answer, Codec, Endpoint, Naming, POST, READ, State, at, changed, collection_with_create,
        expanded, item_with_changes, register as register_resource, write,
    },
};
use crate::{
    access::Verb,
    error::CommerceError,
    http::extract::{authorized::authorize, json_body, path},
    service::{carts, sign_in::SignIn},
};

const BACKEND: Endpoint = Endpoint::backend(Kind::Cart);
const MINE: Endpoint = Endpoint::shopper(Kind::Cart);

/// The routes for backends.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = BACKEND.collection(prefix);
    config
        .service(
            at(&format!("{path}/replicate"), POST).route(
                web::post().to(|state, http, payload| replicate(state, http, payload, BACKEND)),
            ),
        )
        .service(
            at(&format!("{path}/customer-id={{customerId}}"), READ)
                .route(web::get().to(active_of_customer))
                .route(web::head().to(active_of_customer)),
        )
        .service(
            at(&format!("{path}/customer-id={{customerId}}/merge"), POST)
                .route(web::post().to(merge)),
        );
    register_resource::<Cart>(config, prefix, BACKEND, Codec::backend());
}

/// The routes for shoppers.
pub fn register_mine(config: &mut web::ServiceConfig, prefix: &str) {
    let path = MINE.collection(prefix);
    let codec = cart_codec();
    config
        .service(
            at(&format!("{prefix}/me/active-cart"), READ)
                .route(web::get().to(active))
                .route(web::head().to(active)),
        )
        .service(
            at(&format!("{path}/replicate"), POST).route(
                web::post().to(|state, http, payload| replicate(state, http, payload, MINE)),
            ),
        )
        .service(collection_with_create(MINE, &path, codec))
        .service(item_with_changes(MINE, &path, Naming::Id, codec));
}

async fn active(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, MINE.permission(Verb::View)).await?;
    let seen = request.visibility();
    let body = carts::active(&state, &request, seen).await?;
    if http.method() == actix_web::http::Method::HEAD {
        return Ok(render::head(true));
    }
    expanded(&state, &request, &http, StatusCode::OK, body).await
}

async fn active_of_customer(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, BACKEND.permission(Verb::View)).await?;
    let mut seen = request.visibility();
    let customer = CustomerId::new(path::parameter(&http, "customerId"));
    seen.owner = domain::identity::principal::Subject::Customer(customer);
    let body = carts::active(&state, &request, seen).await?;
    if http.method() == actix_web::http::Method::HEAD {
        return Ok(render::head(true));
    }
    expanded(&state, &request, &http, StatusCode::OK, body).await
}

#[derive(Deserialize)]
struct ReplicateCartDraft {
    reference: Reference,
    key: Option<String>,
}

async fn replicate(
    state: State,
    http: HttpRequest,
    payload: Payload,
    endpoint: Endpoint,
) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::Manage)).await?;
    let wanted: ReplicateCartDraft =
        decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let cart = write(&state, &request, move |tx, state, request| {
        carts::replicate(tx, state, request, &wanted.reference, wanted.key)
    })
    .await?;
    changed(&state, &request, &http, StatusCode::CREATED, &cart).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MergeCartDraft {
    anonymous_cart: Option<ResourceIdentifier>,
    anonymous_id: Option<String>,
    #[serde(default)]
    merge_mode: SignInMode,
    #[serde(default)]
    update_product_data: bool,
}

async fn merge(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, BACKEND.permission(Verb::Manage)).await?;
    let wanted: MergeCartDraft = decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let customer = CustomerId::new(path::parameter(&http, "customerId"));
    let sign_in = SignIn {
        guest: wanted.anonymous_id.map(AnonymousId::new),
        cart: wanted.anonymous_cart,
        mode: wanted.merge_mode,
        update_product_data: wanted.update_product_data,
    };
    let cart = write(&state, &request, move |tx, state, request| {
        carts::merge_into_customer(tx, state, request, &customer, sign_in)
    })
    .await
    .map_err(CommerceError::from)?;
    changed(&state, &request, &http, StatusCode::OK, &cart).await
}
