//! `/custom-objects`: create or replace, by container and key.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{
    custom_object::{CustomObject, CustomObjectDraft},
    error::DomainError,
    kind::Kind,
};
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State, found},
    endpoint::{Endpoint, LIST_AND_CREATE, READ, at},
    render,
    resource_routes::collection,
};
use crate::{
    access::Verb,
    http::extract::path,
    service::{
        custom_objects::{self, Written},
        listing::{self, Query},
        resources::{self, OwnedBy},
    },
};

const ENDPOINT: Endpoint = Endpoint::backend(Kind::CustomObject);

/// The routes.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = ENDPOINT.collection(prefix);
    config
        .service(
            collection(ENDPOINT, &path, LIST_AND_CREATE).route(web::post().to(create_or_replace)),
        )
        .service(
            at(
                &format!("{path}/{{container}}/{{key}}"),
                "GET, HEAD, DELETE",
            )
            .route(web::get().to(get))
            .route(web::head().to(head))
            .route(web::delete().to(delete)),
        )
        .service(
            at(&format!("{path}/{{container}}"), READ)
                .route(web::get().to(list_container))
                .route(web::head().to(container_exists)),
        );
}

fn named(http: &HttpRequest) -> (String, OwnedBy) {
    let path = CustomObject::path(
        &path::parameter(http, "container"),
        &path::parameter(http, "key"),
    );
    (path.clone(), OwnedBy::Unique(CustomObject::NAMESPACE, path))
}

async fn create_or_replace(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let draft: CustomObjectDraft = call.draft(payload).await?;
    let (written, object) = call
        .write(|work| custom_objects::write(work, draft))
        .await?;
    let status = match written {
        Written::Created => StatusCode::CREATED,
        Written::Replaced => StatusCode::OK,
    };
    call.resource(status, &object).await
}

async fn get(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let by = named(&http).1;
    let body = resources::read(&call.state, &call.request, Kind::CustomObject, by).await?;
    call.document(StatusCode::OK, body).await
}

async fn head(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let by = named(&http).1;
    found(resources::read(&call.state, &call.request, Kind::CustomObject, by).await)
}

async fn delete(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let version = call
        .valid(call.parameters.integer("version", i64::MIN, i64::MAX))
        .await?;
    let path = named(&http).0;
    let object = call
        .write(move |work| custom_objects::delete(work, &path, version))
        .await?;
    call.resource(StatusCode::OK, &object).await
}

/// The input variable that carries the container; a client's variable of this name is overruled.
const CONTAINER: &str = "guestcartContainer";

fn within_container(call: &Call, http: &HttpRequest) -> Result<Query, DomainError> {
    let mut query = call.parameters.listing()?;
    query.filters.push(format!("container = :{CONTAINER}"));
    query.variables.insert(
        CONTAINER.to_owned(),
        vec![path::parameter(http, "container")],
    );
    Ok(query)
}

async fn list_container(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let query = call.valid(within_container(&call, &http)).await?;
    let page = listing::page(&call.state, &call.request, Kind::CustomObject, &query).await?;
    call.page(&query, page).await
}

async fn container_exists(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let query = call
        .valid(within_container(&call, &http))
        .await?
        .for_existence();
    let page = listing::page(&call.state, &call.request, Kind::CustomObject, &query).await?;
    Ok(render::head(!page.bodies.is_empty()))
}
