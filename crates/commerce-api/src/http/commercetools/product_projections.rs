//! `/product-projections`.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::identity::scope::ScopeName;

use super::{
    call::{Answer, Call, State, found},
    endpoint::{Naming, READ, at},
    price_selection::price_scope,
    render,
    routes::not_found,
};
use crate::{
    access::{Audience, PROJECTIONS, Permission},
    error::CommerceError,
    http::extract::query::Parameters,
    service::product_projections::{self, View},
};

const PUBLISHED: Permission = Permission {
    any_of: PROJECTIONS,
    audience: Audience::Backend,
};
const STAGED: Permission = Permission {
    any_of: &[ScopeName::ViewProducts],
    audience: Audience::Backend,
};

/// The routes of a whole project.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    config.service(
        at(&collection(prefix), READ)
            .route(web::get().to(list))
            .route(web::head().to(exists)),
    );
    // Words that are no ids. Searching is not part of this release.
    for word in ["search", "suggest"] {
        let path = format!("{}/{word}", collection(prefix));
        config.service(web::resource(path).default_service(web::to(not_found)));
    }
    register_single(config, prefix);
}

/// The routes of single projections: all there are below a store.
pub fn register_single(config: &mut web::ServiceConfig, prefix: &str) {
    for naming in [Naming::Key, Naming::Id] {
        let path = format!("{}/{}", collection(prefix), naming.pattern());
        config.service(
            at(&path, READ)
                .route(web::get().to(move |state, http| get(state, http, naming)))
                .route(web::head().to(move |state, http| head(state, http, naming))),
        );
    }
}

fn collection(prefix: &str) -> String {
    format!("{prefix}/product-projections")
}

async fn authorized(state: State, http: &HttpRequest) -> Result<(Call, View), CommerceError> {
    // Staged data needs the stronger scope; a malformed flag is reported to those who may ask at all.
    let staged =
        Parameters::parse(http.query_string()).and_then(|parameters| parameters.boolean("staged"));
    let permission = if matches!(staged, Ok(Some(true))) {
        STAGED
    } else {
        PUBLISHED
    };
    let call = Call::begin(state, http, permission).await?;
    let parameters = &call.parameters;
    let view = View {
        staged: call.valid(staged).await?.unwrap_or(false),
        prices: call.valid(price_scope(parameters)).await?,
        locales: call.valid(parameters.list("localeProjection")).await?,
        store: parameters.last("storeProjection").map(str::to_owned),
    };
    Ok((call, view))
}

async fn list(state: State, http: HttpRequest) -> Answer {
    let (call, view) = authorized(state, &http).await?;
    let query = call.valid(call.parameters.listing()).await?;
    let page = product_projections::page(&call.state, &call.request, &query, view).await?;
    call.page(&query, page).await
}

async fn exists(state: State, http: HttpRequest) -> Answer {
    let (call, view) = authorized(state, &http).await?;
    let query = call.valid(call.parameters.listing()).await?.for_existence();
    let page = product_projections::page(&call.state, &call.request, &query, view).await?;
    Ok(render::head(!page.bodies.is_empty()))
}

async fn get(state: State, http: HttpRequest, naming: Naming) -> Answer {
    let (call, view) = authorized(state, &http).await?;
    let by = naming.of(&http);
    let body = product_projections::read(&call.state, &call.request, by, view).await?;
    call.document(StatusCode::OK, body).await
}

async fn head(state: State, http: HttpRequest, naming: Naming) -> Answer {
    let (call, view) = authorized(state, &http).await?;
    let by = naming.of(&http);
    found(product_projections::read(&call.state, &call.request, by, view).await)
}
