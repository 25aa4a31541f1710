//! The routes that every resource has, generic over the resource.

use actix_web::{HttpRequest, Resource as Paths, http::StatusCode, web};
use domain::resource::Resource;
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State, found},
    endpoint::{Endpoint, Handling, LIST_AND_CREATE, Naming, READ_AND_CHANGE, at},
    render,
    view::View,
};
use crate::{
    access::Verb,
    service::{listing, resources},
};

/// `GET` and `HEAD` of a collection, and what the caller adds.
pub fn collection(endpoint: Endpoint, path: &str, methods: &'static str) -> Paths {
    at(path, methods)
        .route(web::get().to(move |state: State, http: HttpRequest| list(state, http, endpoint)))
        .route(web::head().to(move |state: State, http: HttpRequest| exists(state, http, endpoint)))
}

/// [`collection`] and `POST` of a draft.
pub fn collection_with_create<R: Resource>(
    endpoint: Endpoint,
    path: &str,
    handling: Handling<R>,
) -> Paths {
    collection(endpoint, path, LIST_AND_CREATE).route(create_route(endpoint, handling))
}

/// `POST` of a draft.
pub fn create_route<R: Resource>(endpoint: Endpoint, handling: Handling<R>) -> actix_web::Route {
    web::post().to(move |state: State, http: HttpRequest, payload: Body| {
        create(state, http, payload, endpoint, handling)
    })
}

/// `GET` and `HEAD` of one resource, and what the caller adds.
pub fn item(endpoint: Endpoint, collection: &str, naming: Naming, methods: &'static str) -> Paths {
    at(&format!("{collection}/{}", naming.pattern()), methods)
        .route(
            web::get()
                .to(move |state: State, http: HttpRequest| get(state, http, endpoint, naming)),
        )
        .route(
            web::head()
                .to(move |state: State, http: HttpRequest| head(state, http, endpoint, naming)),
        )
}

/// [`item`], `POST` of an update and `DELETE`.
pub fn item_with_changes<R: Resource>(
    endpoint: Endpoint,
    collection: &str,
    naming: Naming,
    handling: Handling<R>,
) -> Paths {
    item(endpoint, collection, naming, READ_AND_CHANGE)
        .route(
            web::post().to(move |state: State, http: HttpRequest, payload: Body| {
                update(state, http, payload, (endpoint, naming), handling)
            }),
        )
        .route(web::delete().to(move |state: State, http: HttpRequest| {
            delete(state, http, (endpoint, naming), handling)
        }))
}

/// All eight routes of a resource below `prefix`.
pub fn register<R: Resource>(
    config: &mut web::ServiceConfig,
    prefix: &str,
    endpoint: Endpoint,
    handling: Handling<R>,
) {
    let path = endpoint.collection(prefix);
    config
        .service(collection_with_create(endpoint, &path, handling))
        .service(item_with_changes(endpoint, &path, Naming::Key, handling))
        .service(item_with_changes(endpoint, &path, Naming::Id, handling));
}

async fn list(state: State, http: HttpRequest, endpoint: Endpoint) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::View)).await?;
    let view = call.valid(View::of(endpoint, &call.parameters)).await?;
    let query = call.valid(call.parameters.listing()).await?;
    let mut page = listing::page(&call.state, &call.request, endpoint.kind, &query).await?;
    page.bodies = view.show(&call, page.bodies).await?;
    call.page(&query, page).await
}

/// `HEAD` of a collection: whether anything matches.
pub async fn exists(state: State, http: HttpRequest, endpoint: Endpoint) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::View)).await?;
    let query = call.valid(call.parameters.listing()).await?.for_existence();
    let page = listing::page(&call.state, &call.request, endpoint.kind, &query).await?;
    Ok(render::head(!page.bodies.is_empty()))
}

async fn get(state: State, http: HttpRequest, endpoint: Endpoint, naming: Naming) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::View)).await?;
    let view = call.valid(View::of(endpoint, &call.parameters)).await?;
    let by = naming.of(&http);
    let body = resources::read(&call.state, &call.request, endpoint.kind, by).await?;
    let body = view.show_one(&call, body).await?;
    call.document(StatusCode::OK, body).await
}

async fn head(state: State, http: HttpRequest, endpoint: Endpoint, naming: Naming) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::View)).await?;
    let by = naming.of(&http);
    found(resources::read(&call.state, &call.request, endpoint.kind, by).await)
}

async fn create<R: Resource>(
    state: State,
    http: HttpRequest,
    payload: Body,
    endpoint: Endpoint,
    handling: Handling<R>,
) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::Manage)).await?;
    let view = call.valid(View::of(endpoint, &call.parameters)).await?;
    let draft = call.decoded(payload, handling.draft).await?;
    let made: R = call
        .write(move |work| (handling.create)(work, draft))
        .await?;
    view.answer(&call, StatusCode::CREATED, &made).await
}

async fn update<R: Resource>(
    state: State,
    http: HttpRequest,
    payload: Body,
    (endpoint, naming): (Endpoint, Naming),
    handling: Handling<R>,
) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::Manage)).await?;
    let view = call.valid(View::of(endpoint, &call.parameters)).await?;
    let update = call.update(payload, handling.actions).await?;
    let by = naming.of(&http);
    let changed = call
        .write(move |work| (handling.update)(work, by.as_by(), update))
        .await?;
    view.answer(&call, StatusCode::OK, &changed).await
}

async fn delete<R: Resource>(
    state: State,
    http: HttpRequest,
    (endpoint, naming): (Endpoint, Naming),
    handling: Handling<R>,
) -> Answer {
    let call = Call::begin(state, &http, endpoint.permission(Verb::Manage)).await?;
    let view = call.valid(View::of(endpoint, &call.parameters)).await?;
    let (deletion, by) = (call.deletion(), naming.of(&http));
    let deleted = call
        .write(move |work| (handling.delete)(work, by.as_by(), deletion))
        .await?;
    view.answer(&call, StatusCode::OK, &deleted).await
}
