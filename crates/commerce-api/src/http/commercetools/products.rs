//! `/products`: with the scope for published data only, their list shows no more than that.

use actix_web::{HttpRequest, web};
use domain::{identity::scope::ScopeName, kind::Kind, product::Product};

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, Handling, LIST_AND_CREATE, Naming, at},
    price_selection::price_scope,
    resource_routes::{create_route, exists, item_with_changes},
};
use crate::{
    access::{Audience, PROJECTIONS, Permission},
    service::products,
};

const ENDPOINT: Endpoint = Endpoint::backend(Kind::Product);
const LIST: Permission = Permission {
    any_of: PROJECTIONS,
    audience: Audience::Backend,
};

/// The routes.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = ENDPOINT.collection(prefix);
    let handling = Handling::<Product>::backend();
    config.service(
        at(&path, LIST_AND_CREATE)
            .route(web::get().to(list))
            .route(web::head().to(|state, http| exists(state, http, ENDPOINT)))
            .route(create_route(ENDPOINT, handling)),
    );
    for naming in [Naming::Key, Naming::Id] {
        config.service(item_with_changes(ENDPOINT, &path, naming, handling));
    }
}

async fn list(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, LIST).await?;
    let sees_staged = call.request.allows(ScopeName::ViewProducts, None);
    let view = products::View {
        prices: call.valid(price_scope(&call.parameters)).await?,
        published_only: !sees_staged,
    };
    let query = call.valid(call.parameters.listing()).await?;
    let page = products::page(&call.state, &call.request, &query, view).await?;
    call.page(&query, page).await
}
