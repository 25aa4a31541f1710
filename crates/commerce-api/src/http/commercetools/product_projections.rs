//! `/product-projections`.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{
    error::DomainError, identity::scope::ScopeName, money::Currency, pricing::PriceScope,
};

use super::{
    render,
    resource_routes::{Answer, Naming, READ, State, at, expanded},
};
use crate::{
    access::{Audience, PROJECTIONS, Permission},
    error::CommerceError,
    http::extract::{authorized::authorize, query::Parameters},
    request::RequestContext,
    service::{
        expansion,
        product_projections::{self, View},
    },
};

const PUBLISHED: Permission = Permission {
    any_of: PROJECTIONS,
    audience: Audience::Backend,
};
const STAGED: Permission = Permission {
    any_of: &[ScopeName::ViewProducts],
    audience: Audience::Backend,
};

/// The routes; below a store only single projections are served.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = format!("{prefix}/product-projections");
    config.service(
        at(&path, READ)
            .route(web::get().to(list))
            .route(web::head().to(exists)),
    );
    for naming in [Naming::Key, Naming::Id] {
        config.service(
            at(&format!("{path}/{}", naming.pattern()), READ)
                .route(web::get().to(move |state, http| get(state, http, naming)))
                .route(web::head().to(move |state, http| head(state, http, naming))),
        );
    }
}

async fn authorized(
    state: &State,
    http: &HttpRequest,
) -> Result<(RequestContext, Parameters, View), CommerceError> {
    let parameters = Parameters::parse(http.query_string());
    // Staged data needs the stronger scope; a malformed flag is reported to those who may ask at all.
    let staged = parameters.boolean("staged");
    let permission = if matches!(staged, Ok(Some(true))) {
        STAGED
    } else {
        PUBLISHED
    };
    let request = authorize(state, http, permission).await?;
    let view = View {
        staged: staged?.unwrap_or(false),
        prices: price_scope(&parameters)?,
        locales: parameters
            .all("localeProjection")
            .map(str::to_owned)
            .collect(),
        store: parameters.last("storeProjection").map(str::to_owned),
    };
    Ok((request, parameters, view))
}

fn price_scope(parameters: &Parameters) -> Result<Option<PriceScope>, DomainError> {
    let text = |name: &str| parameters.last(name).map(str::to_owned);
    let Some(currency) = parameters.last("priceCurrency") else {
        let others = ["priceCountry", "priceCustomerGroup", "priceChannel"];
        return match others.iter().find(|name| parameters.last(name).is_some()) {
            Some(name) => Err(DomainError::input(format!(
                "Malformed parameter: {name}: it needs `priceCurrency` too"
            ))),
            None => Ok(None),
        };
    };
    let currency = Currency::parse(currency).ok_or_else(|| {
        DomainError::input(format!(
            "Malformed parameter: priceCurrency: `{currency}` is no currency code of ISO 4217"
        ))
    })?;
    let mut groups: Vec<String> = text("priceCustomerGroup").into_iter().collect();
    groups.extend(
        parameters
            .all("priceCustomerGroupAssignments")
            .map(str::to_owned),
    );
    Ok(Some(PriceScope {
        currency,
        country: text("priceCountry"),
        customer_groups: groups,
        channel: text("priceChannel"),
    }))
}

async fn list(state: State, http: HttpRequest) -> Answer {
    let (request, parameters, view) = authorized(&state, &http).await?;
    let query = parameters.listing()?;
    let mut page = product_projections::page(&state, &request, &query, view).await?;
    page.bodies = expansion::expand_all(&state, &request, page.bodies, parameters.expand()).await?;
    Ok(render::page(&query, &page))
}

async fn exists(state: State, http: HttpRequest) -> Answer {
    let (request, parameters, view) = authorized(&state, &http).await?;
    let mut query = parameters.listing()?;
    (query.limit, query.with_total) = (1, false);
    let page = product_projections::page(&state, &request, &query, view).await?;
    Ok(render::head(!page.bodies.is_empty()))
}

async fn get(state: State, http: HttpRequest, naming: Naming) -> Answer {
    let (request, _, view) = authorized(&state, &http).await?;
    let body = product_projections::read(&state, &request, naming.of(&http), view).await?;
    expanded(&state, &request, &http, StatusCode::OK, body).await
}

async fn head(state: State, http: HttpRequest, naming: Naming) -> Answer {
    let (request, _, view) = authorized(&state, &http).await?;
    match product_projections::read(&state, &request, naming.of(&http), view).await {
        Ok(_) => Ok(render::head(true)),
        Err(CommerceError::Domain(DomainError::ResourceNotFound { .. })) => Ok(render::head(false)),
        Err(error) => Err(error.into()),
    }
}
