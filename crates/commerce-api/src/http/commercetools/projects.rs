//! `/{projectKey}`: the project's settings.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    kind::Kind,
    project::Project,
    resource::{Resource, decode_actions},
};

use super::{
    render,
    resource_routes::{Answer, Endpoint, LIST_AND_CREATE, State, at, write},
};
use crate::{
    access::Verb,
    http::extract::{authorized::authorize, json_body},
    service::{
        projects,
        resources::{self, OwnedBy},
    },
};

const ENDPOINT: Endpoint = Endpoint::backend(Kind::Project);

/// The routes.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    config.service(
        at(prefix, LIST_AND_CREATE)
            .route(web::get().to(get))
            .route(web::head().to(get))
            .route(web::post().to(update)),
    );
}

async fn get(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::View)).await?;
    let by = OwnedBy::Id(request.project.as_str().to_owned());
    let body = resources::read(&state, &request, Kind::Project, by).await?;
    Ok(render::stored(StatusCode::OK, body))
}

async fn update(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let update = json_body::parse_update(
        &json_body::read(payload).await?,
        decode_actions::<<Project as Resource>::Action>,
    );
    let project = write(&state, &request, |tx, state, request| {
        projects::update(tx, state, request, update)
    })
    .await?;
    render::resource(StatusCode::OK, &project)
}
