//! `/{projectKey}`: the project's settings.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{kind::Kind, project::ProjectAction, resource::decode_actions};
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, LIST_AND_CREATE, at},
};
use crate::{
    access::Verb,
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
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let by = OwnedBy::Id(call.request.project.as_str().to_owned());
    let body = resources::read(&call.state, &call.request, Kind::Project, by).await?;
    call.document(StatusCode::OK, body).await
}

async fn update(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let update = call
        .update(payload, decode_actions::<ProjectAction>)
        .await?;
    let project = call.write(|work| projects::update(work, update)).await?;
    call.resource(StatusCode::OK, &project).await
}
