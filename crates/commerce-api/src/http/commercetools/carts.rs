//! Carts beyond the shared life cycle: the active one, replicating, merging.

use actix_web::{
    HttpRequest,
    http::{Method, StatusCode},
    web,
};
use domain::{
    cart::{Cart, sign_in::SignInMode},
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    kind::Kind,
    reference::{Reference, ResourceIdentifier},
};
use serde::Deserialize;
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State, found},
    endpoint::{Endpoint, Handling, Naming, POST, READ, at},
    me::cart_handling,
    resource_routes::{collection_with_create, item_with_changes, register as register_resource},
};
use crate::{
    access::Verb,
    http::extract::path,
    service::{carts, sign_in::SignIn},
    store::visibility::Visibility,
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
    register_resource::<Cart>(config, prefix, BACKEND, Handling::backend());
}

/// The routes for shoppers.
pub fn register_mine(config: &mut web::ServiceConfig, prefix: &str) {
    let path = MINE.collection(prefix);
    let handling = cart_handling();
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
        .service(collection_with_create(MINE, &path, handling))
        .service(item_with_changes(MINE, &path, Naming::Id, handling));
}

async fn active(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, MINE.permission(Verb::View)).await?;
    let seen = call.request.visibility();
    show_active(&call, &http, seen).await
}

async fn active_of_customer(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, BACKEND.permission(Verb::View)).await?;
    let mut seen = call.request.visibility();
    seen.owner = Subject::Customer(CustomerId::new(path::parameter(&http, "customerId")));
    show_active(&call, &http, seen).await
}

async fn show_active(call: &Call, http: &HttpRequest, seen: Visibility) -> Answer {
    let body = carts::active(&call.state, &call.request, seen).await;
    if http.method() == Method::HEAD {
        return found(body);
    }
    call.document(StatusCode::OK, body?).await
}

#[derive(Deserialize)]
struct ReplicateCartDraft {
    reference: Reference,
    key: Option<String>,
}

async fn replicate(state: State, http: HttpRequest, payload: Body, endpoint: Endpoint) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::Manage)).await?;
    let wanted: ReplicateCartDraft = call.draft(payload).await?;
    let cart = call
        .write(move |work| carts::replicate(work, &wanted.reference, wanted.key))
        .await?;
    call.resource(StatusCode::CREATED, &cart).await
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

async fn merge(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, BACKEND.permission(Verb::Manage)).await?;
    let wanted: MergeCartDraft = call.draft(payload).await?;
    let customer = CustomerId::new(path::parameter(&http, "customerId"));
    let sign_in = SignIn {
        guest: wanted.anonymous_id.map(AnonymousId::new),
        cart: wanted.anonymous_cart,
        mode: wanted.merge_mode,
        update_product_data: wanted.update_product_data,
    };
    let cart = call
        .write(move |work| carts::merge_into_customer(work, &customer, &sign_in))
        .await?;
    call.resource(StatusCode::OK, &cart).await
}
