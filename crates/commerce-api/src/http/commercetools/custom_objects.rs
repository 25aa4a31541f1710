//! `/custom-objects`: create or replace, by container and key.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    custom_object::{CustomObject, CustomObjectDraft},
    error::DomainError,
    kind::Kind,
    resource::decode_draft,
};

use super::{
    errors::ApiError,
    render,
    resource_routes::{
        Answer, Endpoint, LIST_AND_CREATE, READ, State, at, changed, collection, expanded, write,
    },
};
use crate::{
    access::Verb,
    error::CommerceError,
    http::extract::{authorized::authorize, json_body, path, query::Parameters},
    service::{
        custom_objects::{self, Written},
        listing,
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
                .route(web::head().to(list_container)),
        );
}

fn named(http: &HttpRequest) -> (String, OwnedBy) {
    let path = CustomObject::path(
        &path::parameter(http, "container"),
        &path::parameter(http, "key"),
    );
    (path.clone(), OwnedBy::Unique(CustomObject::NAMESPACE, path))
}

async fn create_or_replace(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let draft: CustomObjectDraft =
        decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let (written, object) = write(&state, &request, |tx, state, request| {
        custom_objects::write(tx, state, request, draft)
    })
    .await?;
    let status = match written {
        Written::Created => StatusCode::CREATED,
        Written::Replaced => StatusCode::OK,
    };
    changed(&state, &request, &http, status, &object).await
}

async fn get(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::View)).await?;
    let body = resources::read(&state, &request, Kind::CustomObject, named(&http).1).await?;
    expanded(&state, &request, &http, StatusCode::OK, body).await
}

async fn head(state: State, http: HttpRequest) -> Answer {
    match get(state, http).await {
        Ok(_) => Ok(render::head(true)),
        Err(ApiError(CommerceError::Domain(DomainError::ResourceNotFound { .. }))) => {
            Ok(render::head(false))
        }
        Err(error) => Err(error),
    }
}

async fn delete(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let version = Parameters::parse(http.query_string())
        .integer("version", i64::MIN, i64::MAX)
        .map_err(CommerceError::from)?;
    let path = named(&http).0;
    let object = write(&state, &request, move |tx, state, request| {
        custom_objects::delete(tx, state, request, &path, version)
    })
    .await?;
    changed(&state, &request, &http, StatusCode::OK, &object).await
}

async fn list_container(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::View)).await?;
    let mut query = Parameters::parse(http.query_string())
        .listing()
        .map_err(ApiError::from)?;
    query
        .filters
        .push("container = :guestcartContainer".to_owned());
    query.variables.insert(
        "guestcartContainer".to_owned(),
        vec![path::parameter(&http, "container")],
    );
    let page = listing::page(&state, &request, Kind::CustomObject, &query).await?;
    Ok(render::page(&query, &page))
}
