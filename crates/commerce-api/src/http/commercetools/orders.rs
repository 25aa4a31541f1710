//! Orders beyond the shared life cycle: placing one from a cart, finding one by its number.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{
    kind::Kind,
    order::{MyOrderFromCartDraft, Order, OrderFromCartDraft, OrderImportDraft},
};
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, Handling, LIST_AND_CREATE, Naming, POST, READ, at},
    resource_routes::{collection, item, item_with_changes},
};
use crate::{access::Verb, service::orders};

const BACKEND: Endpoint = Endpoint::backend(Kind::Order);
const MINE: Endpoint = Endpoint::shopper(Kind::Order);

/// The routes for backends.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = BACKEND.collection(prefix);
    config
        .service(collection(BACKEND, &path, LIST_AND_CREATE).route(web::post().to(place)))
        .service(at(&format!("{path}/import"), POST).route(web::post().to(import)));
    for naming in [Naming::OrderNumber, Naming::Id] {
        config.service(item_with_changes(
            BACKEND,
            &path,
            naming,
            Handling::<Order>::backend(),
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

async fn import(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, BACKEND.permission(Verb::Manage)).await?;
    let draft: OrderImportDraft = call.draft(payload).await?;
    let order = call.write(|work| orders::import(work, draft)).await?;
    call.resource(StatusCode::CREATED, &order).await
}

async fn place(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, BACKEND.permission(Verb::Manage)).await?;
    let draft: OrderFromCartDraft = call.draft(payload).await?;
    let order = call.write(|work| orders::place(work, draft)).await?;
    call.resource(StatusCode::CREATED, &order).await
}

async fn place_mine(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, MINE.permission(Verb::Manage)).await?;
    let draft: MyOrderFromCartDraft = call.draft(payload).await?;
    let order = call.write(|work| orders::place(work, draft.into())).await?;
    call.resource(StatusCode::CREATED, &order).await
}
