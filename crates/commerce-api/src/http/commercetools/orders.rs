//! Orders beyond the shared life cycle: placing one from a cart, finding one by its number.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    kind::Kind,
    order::{MyOrderFromCartDraft, Order, OrderFromCartDraft},
    resource::decode_draft,
};

use super::resource_routes::{
    Answer, Codec, Endpoint, LIST_AND_CREATE, Naming, POST, READ, State, at, changed, collection,
    create_route, item, item_with_changes, write,
};
use crate::{
    access::Verb,
    http::extract::{authorized::authorize, json_body},
    service::orders,
};

const BACKEND: Endpoint = Endpoint::backend(Kind::Order);
const MINE: Endpoint = Endpoint::shopper(Kind::Order);

/// The routes for backends.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = BACKEND.collection(prefix);
    config
        .service(collection(BACKEND, &path, LIST_AND_CREATE).route(web::post().to(place)))
        .service(
            at(&format!("{path}/import"), POST)
                .route(create_route(BACKEND, Codec::<Order>::backend())),
        );
    for naming in [Naming::OrderNumber, Naming::Id] {
        config.service(item_with_changes(
            BACKEND,
            &path,
            naming,
            Codec::<Order>::backend(),
        ));
    }
}

/// The routes for shoppers: they place and read orders, no more.
pub fn register_mine(config: &mut web::ServiceConfig, prefix: &str) {
    let path = MINE.collection(prefix);
    config
        .service(collection(MINE, &path, LIST_AND_CREATE).route(web::post().to(place_mine)))
        .service(item(MINE, &path, Naming::Id, READ));
}

async fn place(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, BACKEND.permission(Verb::Manage)).await?;
    let draft: OrderFromCartDraft =
        decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let order = write(&state, &request, |tx, state, request| {
        orders::place(tx, state, request, draft)
    })
    .await?;
    changed(&state, &request, &http, StatusCode::CREATED, &order).await
}

async fn place_mine(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, MINE.permission(Verb::Manage)).await?;
    let draft: MyOrderFromCartDraft =
        decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let order = write(&state, &request, |tx, state, request| {
        orders::place(tx, state, request, draft.into())
    })
    .await?;
    changed(&state, &request, &http, StatusCode::CREATED, &order).await
}
